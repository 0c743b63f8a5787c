//! What a survey must find the policy records of a domain to be.

use super::super::Country;
use super::super::domain::{Dns, Domain, Mail, Odd, Text as Texts};
use super::super::hosts::is_answered;
use super::super::zones::Policy;
use super::dkim::{COMMON, Key, Kind as DkimKind};
use super::dmarc::applies::{Applies, by_suffix, by_walk};
use super::dmarc::record::{Dmarc as Record, Rua};
use super::spf::graph::{COUNTED, EXCHANGES, Graph, evaluate};
use super::sts::{Policy as Sts, Served};
use super::txt::shown;
use crate::lab::national::records::{
    Bimi, Caa, Dkim, Dmarc, Graph as GraphTruth, Key as KeyTruth, MtaSts, Spf, Target, Text, TlsRpt,
};
use crate::lab::national::truth;

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn word(word: Option<&str>) -> Option<String> {
    word.map(str::to_owned)
}

/// Whether anything is asked about its records.
fn is_asked(domain: &Domain) -> bool {
    domain.dns != Dns::Nxdomain && is_answered(domain)
}

impl Country {
    /// The answer where a policy of the domain stands.
    pub fn text_truth(&self, domain: &Domain, policy: Policy) -> Text {
        if !is_asked(domain) {
            return Text {
                outcome: "not_attempted".to_owned(),
                ..Text::default()
            };
        }
        let is_apex = policy.label().is_empty();
        let mut records = self.texts(domain, policy);
        let wildcard = self
            .wildcard(domain)
            .filter(|_| domain.has_zone() && !is_apex);
        if records.is_empty() {
            let is_policy = policy == Policy::Dmarc && domain.policies.wildcard_dmarc;
            records.extend(wildcard.map(|text| text.seen_as(is_policy)));
        }
        let mut claimed: Vec<_> = records.iter().filter(|text| text.claimed).collect();
        claimed.sort_by(|one, other| one.bytes.cmp(&other.bytes));
        let denial = match (claimed.len(), records.is_empty()) {
            (1.., _) => None,
            (0, false) => Some("other_txt"),
            (0, true) if is_apex => Some("nodata"),
            (0, true) if domain.odd == Odd::Compact => Some("compact"),
            (0, true) => Some("nxdomain"),
        };
        let mut texts: Vec<_> = records.iter().map(|text| shown(&text.bytes)).collect();
        texts.sort();
        Text {
            outcome: if claimed.is_empty() {
                "absent"
            } else {
                "found"
            }
            .to_owned(),
            denial: word(denial),
            count: claimed.len() as u16,
            record: claimed.first().map(|text| shown(&text.bytes)),
            texts,
            ..Text::default()
        }
    }

    /// The same with what is wrong with a single record.
    fn judged(&self, domain: &Domain, policy: Policy, fault: &[&str]) -> Text {
        let mut text = self.text_truth(domain, policy);
        let fault = if text.count > 1 {
            &["several_records"]
        } else {
            fault
        };
        if text.count > 0 {
            text.valid = Some(fault.is_empty());
            text.fault = words(fault);
        }
        text
    }

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

    /// The DMARC record that applies by the tree walk.
    pub fn dmarc_applies(&self, domain: &Domain) -> Applies {
        by_walk(&self.dmarc_steps(domain))
    }

    pub fn dmarc_truth(&self, domain: &Domain) -> Dmarc {
        if !is_asked(domain) {
            return not_asked();
        }
        let applies = self.dmarc_applies(domain);
        let mut truth = dmarc_truth(&applies);
        // Some that do not count stand at the name itself.
        let own = self.dmarc(domain);
        if let (None, Some(first)) = (&applies.record, own.first()) {
            truth.outcome = "found".to_owned();
            truth.record = Some(shown(&first.text));
            truth.valid = Some(false);
        }
        let usable = applies.usable();
        let effective = usable.map(|record| record.effective_9989(applies.is_own()));
        truth.effective_policy = word(effective);
        if let Some((record, _)) = &applies.record {
            truth.rua = record.rua.iter().map(|rua| rua.uri.clone()).collect();
            truth.ruf.clone_from(&record.ruf);
            let said = [
                record.p,
                record.sp,
                record.np,
                record.adkim,
                record.aspf,
                record.psd,
            ];
            truth.words = said.map(word);
            (truth.pct, truth.t) = (record.pct, record.t);
        }
        truth
    }

    pub fn dmarc_7489_truth(&self, domain: &Domain) -> Dmarc {
        if !is_asked(domain) {
            return not_asked();
        }
        let steps = self.dmarc_steps(domain);
        let org = domain.org().map(|_| &steps[steps.len() - 2]);
        let applies = by_suffix(&steps[0], org);
        let mut truth = dmarc_truth(&applies);
        if applies.count > 0 {
            truth.outcome = "found".to_owned();
        }
        let usable = applies.usable();
        let effective = usable.map(|record| record.effective(applies.is_own()));
        truth.effective_policy = word(effective);
        if let Some((record, _)) = &applies.record {
            truth.words = [record.p, record.sp, None, None, None, None].map(word);
            truth.pct = Some(record.pct.unwrap_or(100));
        }
        truth
    }

    pub fn dkim_truth(&self, domain: &Domain) -> Dkim {
        if !is_asked(domain) {
            return Dkim::default();
        }
        let keys = self.dkim_keys(domain);
        let is_everywhere = domain.has_zone() && domain.text == Texts::Wildcard;
        let kind = domain.policies.dkim;
        let below = domain.odd == Odd::Hollow && kind != DkimKind::Nothing;
        let hides = below || !domain.has_zone() || domain.security() == "bogus";
        let existence = match kind {
            // Whoever believes the denial asks for nothing below it.
            _ if hides => "absent",
            _ if !keys.is_empty() => "key_found",
            _ if domain.odd == Odd::Compact => "compact_denial",
            _ if !domain.has_zone() => "absent",
            DkimKind::Wildcard(_) => "wildcard",
            _ if is_everywhere => "wildcard",
            DkimKind::Nothing => "absent",
            _ => "subtree_exists",
        };
        Dkim {
            existence: Some(existence.to_owned()),
            keys,
            hides,
        }
    }

    fn dkim_keys(&self, domain: &Domain) -> Vec<KeyTruth> {
        let kind = domain.policies.dkim;
        if !domain.has_zone() {
            return Vec::new();
        }
        if kind == DkimKind::Alias {
            return vec![KeyTruth {
                canonical_name: Some(self.dkim_alias(domain)),
                ..key_truth(COMMON[1], Key::Rsa(2048))
            }];
        }
        let mut keys = Vec::new();
        for selector in COMMON {
            let here = kind.keys().into_iter().find(|(at, _)| *at == selector);
            let Some((_, key)) = here else { continue };
            keys.push(key_truth(selector, key));
            // One that is in use tells enough.
            if !matches!(key, Key::Revoked | Key::Broken) {
                break;
            }
        }
        keys
    }

    pub fn mta_sts_truth(&self, domain: &Domain) -> MtaSts {
        let record = domain.policies.sts;
        let text = self.judged(domain, Policy::MtaSts, record.fault());
        MtaSts {
            id: word(record.id().filter(|_| text.valid == Some(true))),
            text,
        }
    }

    /// What its policy is; none without exactly one record.
    pub fn policy_truth(&self, domain: &Domain) -> Option<truth::Policy> {
        let served = domain.policies.served;
        if self.text_truth(domain, Policy::MtaSts).count != 1 {
            return None;
        }
        let (outcome, error, http_status) = match served {
            Served::Status(status) => ("absent", None, Some(status)),
            Served::Moved => ("absent", None, Some(301)),
            Served::NoAddress => ("absent", None, None),
            Served::Refused => ("failed", Some("refused"), None),
            Served::Tarpit => ("failed", Some("timeout"), None),
            Served::Alert => ("failed", Some("tls_alert"), None),
            Served::TooLarge => ("failed", Some("too_large"), Some(200)),
            Served::Special => ("not_attempted", Some("special_purpose"), None),
            _ => ("found", None, Some(200)),
        };
        let policy = served.policy();
        let has_chain = http_status.is_some();
        let certificate = |bad: bool, is: &str, usual: &str| {
            let seen = if bad { is } else { usual };
            has_chain.then(|| seen.to_owned())
        };
        Some(truth::Policy {
            domain: domain.name.clone(),
            ips: self
                .sts_address(domain)
                .iter()
                .map(ToString::to_string)
                .collect(),
            canonical_name: self.sts_alias(domain),
            outcome: outcome.to_owned(),
            error: word(error),
            http_status,
            mode: policy
                .and_then(|policy| word(Some(policy.mode()).filter(|mode| *mode != "strict"))),
            mx: policy.map_or_else(Vec::new, |policy| self.sts_patterns(domain, policy)),
            max_age: policy.and_then(Sts::max_age),
            valid: (outcome == "found").then(|| policy.is_some_and(|one| one.fault().is_empty())),
            pkix: certificate(served == Served::SelfSigned, "self_signed", "valid"),
            dates: certificate(served == Served::Expired, "expired", "current"),
            name_match: certificate(served == Served::WrongName, "none", "san"),
        })
    }

    pub fn tls_rpt_truth(&self, domain: &Domain) -> TlsRpt {
        let record = domain.policies.tls_rpt;
        let text = self.judged(domain, Policy::TlsRpt, record.fault());
        TlsRpt {
            rua: match text.valid {
                Some(true) => record.uris(&domain.name),
                _ => Vec::new(),
            },
            text,
        }
    }

    pub fn bimi_truth(&self, domain: &Domain) -> Bimi {
        let policy = self.dmarc_truth(domain).effective_policy;
        let policies = domain.policies;
        let outcome = match policy.as_deref() {
            None | Some("none") => "not_attempted",
            // What is not there is not asked for a logo.
            _ if !domain.has_zone() => "not_attempted",
            _ if policies.bimi.txt(&domain.name).is_some() => "found",
            _ => "absent",
        };
        let found = outcome == "found";
        Bimi {
            outcome: outcome.to_owned(),
            location: policies.bimi.location(&domain.name).filter(|_| found),
            authority: policies.bimi.authority(&domain.name).filter(|_| found),
        }
    }

    pub fn caa_truth(&self, domain: &Domain) -> Caa {
        if domain.security() == "bogus" {
            return Caa::default();
        }
        let takes_mail = !matches!(domain.mail, Mail::Null | Mail::Nothing) && domain.has_zone();
        if !takes_mail {
            return Caa {
                outcome: "not_attempted".to_owned(),
                ..Caa::default()
            };
        }
        let steps = self.caa_steps(domain);
        let found = steps.into_iter().find(|(_, caa)| !caa.values().is_empty());
        let Some((found_at, caa)) = found else {
            return Caa {
                outcome: "absent".to_owned(),
                ..Caa::default()
            };
        };
        let of = |tag: &str| {
            let values = caa.values().iter().filter(|(is, _)| *is == tag);
            let mut values: Vec<_> = values.map(|(_, value)| (*value).to_owned()).collect();
            values.sort();
            values
        };
        Caa {
            outcome: "found".to_owned(),
            found_at: Some(found_at),
            values: ["issue", "issuewild", "issuemail"].map(of),
        }
    }
}

fn not_asked() -> Dmarc {
    Dmarc {
        outcome: "not_attempted".to_owned(),
        ..Dmarc::default()
    }
}

fn dmarc_truth(applies: &Applies) -> Dmarc {
    let record = applies.record.as_ref();
    let targets = record.map(|(record, _)| targets(record));
    Dmarc {
        outcome: if record.is_some() { "found" } else { "absent" }.to_owned(),
        count: applies.count,
        record: record.map(|(record, _)| shown(&record.text)),
        found_at: record.map(|(_, at)| at.clone()),
        org_domain: applies.org_domain.clone(),
        inherited: word(applies.inherited),
        valid: record.map(|_| applies.fault.is_empty()),
        fault: words(applies.fault),
        targets: targets.unwrap_or_default(),
        ..Dmarc::default()
    }
}

fn targets(record: &Record) -> Vec<Target> {
    let target = |rua: &Rua| Target {
        scheme: rua.scheme.to_owned(),
        host: rua.host.clone(),
        external: rua.external,
        authorised: rua.authorised.to_owned(),
    };
    record.rua.iter().map(target).collect()
}

fn key_truth(selector: &str, key: Key) -> KeyTruth {
    KeyTruth {
        selector: selector.to_owned(),
        canonical_name: None,
        key_type: key.kind().to_owned(),
        bits: key.bits(),
        revoked: key == Key::Revoked,
        testing: key == Key::Testing,
        fault: match key {
            Key::Broken => words(&["bad_key"]),
            _ => Vec::new(),
        },
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
