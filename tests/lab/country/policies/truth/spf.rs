//! SPF.

use super::super::super::Country;
use super::super::super::domain::Domain;
use super::super::super::zones::Policy;
use super::super::spf::graph::{COUNTED, EXCHANGES, Graph, evaluate};
use super::{word, words};
use crate::lab::national::records::{Graph as GraphTruth, Spf};

impl Country {
    pub fn spf_truth(&self, domain: &Domain) -> Spf {
        let records = self.spf(domain);
        let [record] = records.as_slice() else {
            return Spf {
                text: self.judged(domain, Policy::Spf, &[]),
                ..Spf::default()
            };
        };
        let is_valid = record.fault().is_empty();
        Spf {
            text: self.judged(domain, Policy::Spf, record.fault()),
            all: is_valid.then(|| record.all().to_ascii_lowercase()),
            redirect: word(record.redirect()),
            includes: record.includes(),
            graph: self.spf_graph(domain).map(|graph| graph_truth(&graph)),
            vague: is_valid && self.spf_is_vague(domain),
        }
    }

    /// What its SPF comes to; none without a record that can be used.
    pub fn spf_graph(&self, domain: &Domain) -> Option<Graph> {
        let records = self.spf(domain);
        let [record] = records.as_slice() else {
            return None;
        };
        let own = self.as_sender(domain, &records);
        record
            .fault()
            .is_empty()
            .then(|| evaluate(&own, record, &self.library))
    }

    /// Whether a term asks for what does not validate: a receiver that validates gets no answer.
    pub fn spf_is_vague(&self, domain: &Domain) -> bool {
        [domain.security(), domain.mx_security()].contains(&"bogus")
    }
}

fn graph_truth(graph: &Graph) -> GraphTruth {
    // How far is counted beyond the limits, everybody may decide.
    let is_whole = graph.lookups <= COUNTED && usize::from(graph.mx_names) <= EXCHANGES;
    let fault = graph.fault.as_ref();
    let at = fault.map(|(_, at)| at).or(graph.failed.as_ref());
    GraphTruth {
        effective_all: word(graph.effective_all),
        lookups: graph.lookups.min(COUNTED),
        void_lookups: graph.voids,
        mx_names: graph.mx_names,
        dangling: graph.dangling.iter().cloned().collect(),
        depends_on_sender: graph.depends_on_sender,
        ipv4_addresses: is_whole.then(|| graph.ipv4_addresses()),
        ipv6_addresses: is_whole.then(|| graph.ipv6_addresses()),
        includes_all: graph.includes_all,
        failed: graph.failed.is_some(),
        fault: fault.map_or_else(Vec::new, |(fault, _)| words(fault)),
        fault_at: at.cloned(),
    }
}
