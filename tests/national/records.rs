//! Truth and table of policy records, column by column.

use mailcensus::table::record_codes::Fault;
use mailcensus::table::rows::{
    Bimi, Caa, Dkim, Dmarc, DomainRow, HostRow, ReportTarget, Spf, StsPolicyRow, TxtAnswer,
    TxtColumns,
};

use super::compare::Differences;
use crate::lab::national::records as truth;
use crate::lab::national::truth::{Domain, Policy};

/// Addresses of IPv6 are counted in floating point: the same up to this share.
const CLOSE: f64 = 1e-9;

/// What every kind of record has.
macro_rules! record {
    ($row:expr) => {
        ($row.answer(), $row.valid, $row.fault)
    };
}

macro_rules! word {
    ($value:expr) => {
        $value.map(|word| word.as_str())
    };
}

impl Differences {
    /// Everything about the records of a domain.
    pub fn records(&mut self, name: &str, truth: &Domain, row: &DomainRow) {
        self.record(name, "spf", &truth.spf.text, record!(row.spf));
        self.spf(name, &truth.spf, &row.spf);
        self.dmarc(name, truth, &row.dmarc);
        self.dkim(name, &truth.dkim, &row.dkim);
        self.record(name, "mta_sts", &truth.mta_sts.text, record!(row.mta_sts));
        self.check(name, "mta_sts.id", &truth.mta_sts.id, &row.mta_sts.id);
        self.record(name, "tls_rpt", &truth.tls_rpt.text, record!(row.tls_rpt));
        self.check(name, "tls_rpt.rua", &truth.tls_rpt.rua, &row.tls_rpt.rua);
        self.bimi(name, &truth.bimi, &row.bimi);
        self.caa(name, &truth.caa, &row.caa);
    }

    /// What came of asking for a policy, and the host that was asked.
    pub fn policy(&mut self, truth: &Policy, row: &StsPolicyRow, host: &HostRow) {
        let name = &format!("{} (policy, {})", truth.domain, truth.outcome);
        let addresses = &host.addresses;
        self.check(name, "addresses.ips", &truth.ips, &addresses.ips);
        let alias = &addresses.canonical_name;
        self.check(
            name,
            "addresses.canonical_name",
            &truth.canonical_name,
            alias,
        );
        self.check(
            name,
            "outcome",
            truth.outcome.as_str(),
            row.outcome.as_str(),
        );
        self.check(name, "error", truth.error.as_deref(), word!(row.error));
        self.check(name, "http_status", truth.http_status, row.http_status);
        self.check(name, "mode", truth.mode.as_deref(), word!(row.mode));
        self.check(name, "mx", &truth.mx, &row.mx);
        self.check(name, "max_age", truth.max_age, row.max_age);
        self.check(name, "valid", truth.valid, row.valid);
        let pkix = row.pkix.values().next().map(|pkix| pkix.as_str());
        self.check(name, "pkix", truth.pkix.as_deref(), pkix);
        self.check(name, "dates", truth.dates.as_deref(), word!(row.dates));
        self.check(
            name,
            "name_match",
            truth.name_match.as_deref(),
            word!(row.name_match),
        );
    }

    /// A column for which several words are right.
    fn fault(&mut self, name: &str, column: &str, right: &[String], is: Option<&str>) {
        let first = right.first().map(String::as_str);
        let right = right.iter().map(String::as_str);
        let right = right.into_iter().find(|word| Some(*word) == is).or(first);
        self.check(name, column, right, is);
    }

    fn record(
        &mut self,
        name: &str,
        column: &str,
        truth: &truth::Text,
        (answer, valid, fault): (TxtAnswer, Option<bool>, Option<Fault>),
    ) {
        self.text(name, column, truth, &answer);
        self.check(name, &format!("{column}.valid"), truth.valid, valid);
        self.fault(name, &format!("{column}.fault"), &truth.fault, word!(fault));
    }

    fn spf(&mut self, name: &str, truth: &truth::Spf, row: &Spf) {
        self.check(name, "spf.all", truth.all.as_deref(), word!(row.all));
        self.check(name, "spf.redirect", &truth.redirect, &row.redirect);
        self.check(name, "spf.includes", &truth.includes, &row.includes);
        let Some(graph) = &truth.graph else {
            self.check(name, "spf.lookups", None, row.lookups);
            self.check(name, "spf.effective_all", None, word!(row.effective_all));
            return;
        };
        if truth.vague {
            return;
        }
        self.graph(name, graph, row);
        let (Some(v4), Some(v6)) = (graph.ipv4_addresses, graph.ipv6_addresses) else {
            return;
        };
        self.check(name, "spf.ipv4_addresses", Some(v4), row.ipv4_addresses);
        let is_close = row
            .ipv6_addresses
            .is_some_and(|is| (is - v6).abs() <= v6 * CLOSE);
        let column = format!("spf.ipv6_addresses ({v6}, {:?})", row.ipv6_addresses);
        self.check(name, &column, true, is_close);
    }

    fn graph(&mut self, name: &str, graph: &truth::Graph, row: &Spf) {
        let all = graph.effective_all.as_deref();
        self.check(name, "spf.effective_all", all, word!(row.effective_all));
        self.check(name, "spf.lookups", Some(graph.lookups), row.lookups);
        let voids = Some(graph.void_lookups);
        self.check(name, "spf.void_lookups", voids, row.void_lookups);
        self.check(name, "spf.mx_names", Some(graph.mx_names), row.mx_names);
        self.check(name, "spf.dangling", &graph.dangling, &row.dangling);
        let depends = Some(graph.depends_on_sender);
        self.check(
            name,
            "spf.depends_on_sender",
            depends,
            row.depends_on_sender,
        );
        let includes_all = Some(graph.includes_all);
        self.check(name, "spf.includes_all", includes_all, row.includes_all);
        self.check(
            name,
            "spf.graph_error is there",
            graph.failed,
            row.graph_error.is_some(),
        );
        self.fault(
            name,
            "spf.graph_fault",
            &graph.fault,
            word!(row.graph_fault),
        );
        self.check(
            name,
            "spf.graph_fault_at",
            &graph.fault_at,
            &row.graph_fault_at,
        );
    }

    fn dmarc(&mut self, name: &str, domain: &Domain, row: &Dmarc) {
        let own = &domain.dmarc_text;
        let denial = word!(row.denial);
        self.check(name, "dmarc.denial", own.denial.as_deref(), denial);
        self.check(name, "dmarc.texts", &own.texts, &row.texts);
        let truth = &domain.dmarc;
        let outcome = row.outcome.as_str();
        self.check(name, "dmarc.outcome", truth.outcome.as_str(), outcome);
        self.check(name, "dmarc.count", truth.count, row.count);
        self.check(name, "dmarc.record", &truth.record, &row.record);
        self.check(name, "dmarc.found_at", &truth.found_at, &row.found_at);
        self.check(name, "dmarc.org_domain", &truth.org_domain, &row.org_domain);
        let inherited = truth.inherited.as_deref();
        self.check(name, "dmarc.inherited", inherited, word!(row.inherited));
        self.check(name, "dmarc.valid", truth.valid, row.valid);
        self.fault(name, "dmarc.fault", &truth.fault, word!(row.fault));
        let words = [
            word!(row.p),
            word!(row.sp),
            word!(row.np),
            word!(row.adkim),
            word!(row.aspf),
            word!(row.psd),
        ];
        let right = truth.words.each_ref().map(Option::as_deref);
        // Of a list of tags that is none, nobody needs to show any.
        if truth.found_at.is_some() {
            self.check(name, "dmarc: p, sp, np, adkim, aspf, psd", right, words);
            self.check(name, "dmarc.pct", truth.pct, row.pct);
            self.check(name, "dmarc.t", truth.t, row.t);
            self.check(name, "dmarc.rua", &truth.rua, &row.rua);
            self.check(name, "dmarc.ruf", &truth.ruf, &row.ruf);
        }
        self.targets(name, "dmarc.rua_targets", &truth.targets, &row.rua_targets);
        let effective = truth.effective_policy.as_deref();
        let is = word!(row.effective_policy);
        self.check(name, "dmarc.effective_policy", effective, is);
        self.dmarc_7489(name, &domain.dmarc_7489, row);
    }

    fn dmarc_7489(&mut self, name: &str, truth: &truth::Dmarc, row: &Dmarc) {
        let outcome = row.outcome_7489.as_str();
        self.check(name, "dmarc.outcome_7489", truth.outcome.as_str(), outcome);
        self.check(name, "dmarc.count_7489", truth.count, row.count_7489);
        self.check(name, "dmarc.record_7489", &truth.record, &row.record_7489);
        self.check(
            name,
            "dmarc.found_at_7489",
            &truth.found_at,
            &row.found_at_7489,
        );
        self.check(name, "dmarc.valid_7489", truth.valid, row.valid_7489);
        self.fault(
            name,
            "dmarc.fault_7489",
            &truth.fault,
            word!(row.fault_7489),
        );
        if truth.valid == Some(true) {
            let right = [truth.words[0].as_deref(), truth.words[1].as_deref()];
            let words = [word!(row.p_7489), word!(row.sp_7489)];
            self.check(name, "dmarc: p_7489, sp_7489", right, words);
            self.check(name, "dmarc.pct_7489", truth.pct, row.pct_7489);
        }
        let targets = &row.rua_targets_7489;
        self.targets(name, "dmarc.rua_targets_7489", &truth.targets, targets);
        let effective = truth.effective_policy.as_deref();
        let is = word!(row.effective_policy_7489);
        self.check(name, "dmarc.effective_policy_7489", effective, is);
    }

    fn targets(&mut self, name: &str, column: &str, right: &[truth::Target], row: &[ReportTarget]) {
        let row = row.iter().map(|target| truth::Target {
            scheme: target.scheme.as_str().to_owned(),
            host: target.host.clone(),
            external: target.external,
            authorised: target.authorised.as_str().to_owned(),
        });
        self.check(name, column, right, &row.collect::<Vec<_>>()[..]);
    }

    fn dkim(&mut self, name: &str, truth: &truth::Dkim, row: &Dkim) {
        if truth.hides {
            return;
        }
        let existence = truth.existence.as_deref().unwrap_or("unknown");
        self.check(name, "dkim.existence", existence, row.existence.as_str());
        let selectors = |selectors: Vec<&String>| format!("{selectors:?}");
        let right = selectors(truth.keys.iter().map(|key| &key.selector).collect());
        let is = selectors(row.keys.iter().map(|key| &key.selector).collect());
        self.check(name, "dkim.keys", right, is);
        for (truth, key) in truth.keys.iter().zip(&row.keys) {
            let alias = &key.canonical_name;
            self.check(name, "dkim: canonical_name", &truth.canonical_name, alias);
            let kind = key.key_type.as_deref();
            self.check(name, "dkim: key_type", Some(truth.key_type.as_str()), kind);
            self.check(name, "dkim: bits", truth.bits, key.bits);
            self.check(name, "dkim: revoked", truth.revoked, key.revoked);
            self.check(name, "dkim: testing", truth.testing, key.testing);
            self.fault(name, "dkim: fault", &truth.fault, word!(key.fault));
        }
    }

    fn bimi(&mut self, name: &str, truth: &truth::Bimi, row: &Bimi) {
        let outcome = row.outcome.as_str();
        self.check(name, "bimi.outcome", truth.outcome.as_str(), outcome);
        self.check(name, "bimi.location", &truth.location, &row.location);
        self.check(name, "bimi.authority", &truth.authority, &row.authority);
    }

    fn caa(&mut self, name: &str, truth: &truth::Caa, row: &Caa) {
        if truth.outcome.is_empty() {
            return;
        }
        self.check(
            name,
            "caa.outcome",
            truth.outcome.as_str(),
            row.outcome.as_str(),
        );
        self.check(name, "caa.found_at", &truth.found_at, &row.found_at);
        let values = [&row.issue, &row.issuewild, &row.issuemail];
        self.check(name, "caa: values", truth.values.each_ref(), values);
    }
}
