//! Truth and table, row by row and column by column.

use std::fmt::Debug;

use mailcensus::table::codes::{ChainSource, CountryBasis, TcpOutcome};
use mailcensus::table::rows::{
    CheckId, DomainRow, EndpointRow, HostRow, TxtAnswer, VerdictRow, ZoneRow,
};

use crate::lab::national::records::Text;
use crate::lab::national::truth;

/// Everything that is not as it should be, and how much was compared.
#[derive(Default)]
pub struct Differences {
    found: Vec<String>,
    compared: usize,
}

/// Those shown when a test fails.
const SHOWN: usize = 60;

impl Differences {
    /// Compares one value of one row.
    pub fn check<T: PartialEq + Debug>(&mut self, row: &str, column: &str, truth: T, table: T) {
        self.compared += 1;
        if truth != table {
            let text = format!("{row}: {column} is {truth:?}, and not {table:?}");
            self.found.push(text);
        }
    }

    fn word(&mut self, row: &str, column: &str, truth: &str, table: &str) {
        self.check(row, column, truth, table);
    }

    /// Asserts that there are none.
    #[track_caller]
    pub fn assert_none(&self, least: usize) {
        let shown: Vec<_> = self.found.iter().take(SHOWN).map(String::as_str).collect();
        let all = self.found.len();
        assert!(all == 0, "{all} differences:\n{}", shown.join("\n"));
        assert!(self.compared >= least, "only {} values", self.compared);
        println!("{} values are as they should be", self.compared);
    }

    /// What the DNS says of a domain.
    pub fn domain(&mut self, truth: &truth::Domain, row: &DomainRow) {
        let name = &format!("{} ({})", truth.domain, truth.kind);
        self.word(name, "tld", &truth.tld, &row.tld);
        self.word(name, "existence", &truth.existence, row.existence.as_str());
        self.check(name, "zone", &truth.zone, &row.zone);
        let delegation = &row.delegation;
        self.word(
            name,
            "delegation",
            &truth.delegation,
            delegation.outcome.as_str(),
        );
        self.check(
            name,
            "nameservers",
            &truth.nameservers,
            &delegation.nameservers,
        );
        self.mx(name, truth, row);
        self.records(name, truth, row);
    }

    fn mx(&mut self, name: &str, truth: &truth::Domain, row: &DomainRow) {
        let (truth, row) = (&truth.mx, &row.mx);
        let kind = row.kind.map(|kind| kind.as_str());
        self.check(name, "mx.kind", truth.kind.as_deref(), kind);
        self.word(name, "mx.outcome", &truth.outcome, row.outcome.as_str());
        let denial = row.denial.map(|denial| denial.as_str());
        self.check(name, "mx.denial", truth.denial.as_deref(), denial);
        let error = row.error.map(|error| error.as_str());
        match truth.outcome.as_str() {
            // Which of the words for it depends on what the resolver says besides.
            "failed" => self.check(name, "mx.error is there", true, error.is_some()),
            _ => self.check(name, "mx.error", truth.error.as_deref(), error),
        }
        self.word(name, "mx.security", &truth.security, row.security.as_str());
        self.check(name, "mx.truncated", truth.truncated, row.truncated);
        let records = row.records.iter();
        let records = records.map(|record| (record.preference, record.host.clone()));
        self.check(name, "mx.records", &truth.records, &records.collect());
    }

    /// The answer to a question for TXT.
    pub fn text(&mut self, name: &str, column: &str, truth: &Text, row: &TxtAnswer) {
        let denial = row.denial.map(|denial| denial.as_str());
        let of = |what: &str| format!("{column}.{what}");
        self.word(name, &of("outcome"), &truth.outcome, row.outcome.as_str());
        self.check(name, &of("denial"), truth.denial.as_deref(), denial);
        self.check(name, &of("count"), truth.count, row.count);
        self.check(name, &of("record"), &truth.record, &row.record);
        self.check(name, &of("texts"), &truth.texts, &row.texts);
    }

    /// A signed zone.
    pub fn zone(&mut self, kind: &str, truth: &truth::Signed, row: &ZoneRow) {
        let name = &format!("{} ({kind})", row.zone);
        self.check(name, "cds", truth.cds, !row.cds.is_empty());
        if let Some(denial) = &truth.denial {
            self.word(name, "zone.denial", denial, row.denial.as_str());
        }
    }

    /// What the DNS says of a mail host.
    pub fn host(&mut self, truth: &truth::Host, row: &HostRow) {
        let name = &truth.host;
        let addresses = &row.addresses;
        self.check(name, "domains", truth.domains, row.domains);
        self.word(
            name,
            "addresses.outcome",
            &truth.outcome,
            addresses.outcome.as_str(),
        );
        let error = addresses.error.map(|error| error.as_str());
        self.check(name, "addresses.error", truth.error.as_deref(), error);
        self.word(
            name,
            "addresses.security",
            &truth.security,
            addresses.security.as_str(),
        );
        self.check(name, "addresses.ips", &truth.ips, &addresses.ips);
        let canonical = &addresses.canonical_name;
        self.check(
            name,
            "addresses.canonical_name",
            &truth.canonical_name,
            canonical,
        );
        self.word(name, "tlsa.outcome", &truth.tlsa, row.tlsa.outcome.as_str());
        self.word(
            name,
            "tlsa.security",
            &truth.tlsa_security,
            row.tlsa.security.as_str(),
        );
        let records = row.tlsa.records.iter().map(|record| truth::Tlsa {
            usage: record.usage,
            selector: record.selector,
            matching_type: record.matching_type,
            data: record.data.clone(),
        });
        // In whatever order they are answered.
        let (mut right, mut found) = (truth.tlsa_records.clone(), records.collect::<Vec<_>>());
        right.sort();
        found.sort();
        self.check(name, "tlsa.records", right, found);
    }

    /// What an address does for a host. A row that leans on another one of its address knows the
    /// chain only, and only what that says of this host.
    pub fn endpoint(&mut self, truth: &truth::Endpoint, row: &EndpointRow) {
        let name = &format!("{} {} ({})", truth.host, truth.ip, truth.manner);
        // Those who were given no tables know none of this.
        if row.country.is_some() || row.asn.is_some() {
            self.check(name, "asn", truth.asn, row.asn);
            self.check(name, "route", &truth.route, &row.route);
            let rpki = row.rpki.map(|rpki| rpki.as_str());
            self.check(name, "rpki", truth.rpki.as_deref(), rpki);
            self.check(name, "country", &truth.country, &row.country);
        }
        if row.tcp.outcome != TcpOutcome::NotAttempted {
            self.conversation(name, truth, row);
        }
        let Some(chain) = row.chains.first() else {
            return;
        };
        let pkix = chain.pkix.values().next().map(|pkix| pkix.as_str());
        self.check(name, "pkix", truth.pkix.as_deref(), pkix);
        self.check(
            name,
            "dates",
            truth.dates.as_deref(),
            Some(chain.dates.as_str()),
        );
        let is_own = chain.source == ChainSource::Observed;
        let names = chain.name_match.map(|names| names.as_str());
        if is_own || names.is_some() {
            self.check(name, "name_match", truth.name_match.as_deref(), names);
        }
        let matches = !chain.tlsa_matches.is_empty();
        if is_own || matches {
            self.check(
                name,
                "tlsa_match",
                truth.tlsa_match.unwrap_or(false),
                matches,
            );
        }
    }

    fn conversation(&mut self, name: &str, truth: &truth::Endpoint, row: &EndpointRow) {
        self.word(name, "tcp.outcome", &truth.tcp, row.tcp.outcome.as_str());
        self.check(name, "banner_code", truth.banner_code, row.banner_code);
        self.word(
            name,
            "starttls.outcome",
            &truth.starttls,
            row.starttls.outcome.as_str(),
        );
        self.word(name, "tls.outcome", &truth.tls, row.tls.outcome.as_str());
        self.check(name, "tls.version", &truth.version, &row.tls.version);
        let error = row.tcp.error.or(row.starttls.error).or(row.tls.error);
        let error = error.map(|error| error.as_str());
        self.check(name, "error", truth.error.as_deref(), error);
        self.check(name, "has a chain", truth.has_tls(), !row.chains.is_empty());
        if let Some(heard) = &truth.heard {
            self.heard(name, heard, row);
        }
    }

    /// What an address makes of hellos.
    fn heard(&mut self, name: &str, truth: &truth::Heard, row: &EndpointRow) {
        if truth.cipher.is_some() {
            self.check(name, "tls.cipher", &truth.cipher, &row.tls.cipher);
        }
        let versions = &row.versions;
        let versions = [
            ("ssl2", &versions.ssl2),
            ("ssl3", &versions.ssl3),
            ("tls1_0", &versions.tls1_0),
            ("tls1_1", &versions.tls1_1),
            ("tls1_2", &versions.tls1_2),
            ("tls1_3", &versions.tls1_3),
        ];
        for (version, fact) in versions {
            let right = one_of(&truth.versions[version], fact.result.as_str());
            let column = format!("versions.{version}");
            self.word(name, &column, right, fact.result.as_str());
        }
        self.check(name, "weak_cipher", &truth.weak_cipher, &row.weak_cipher);
        self.check(name, "pq_group", &truth.pq_group, &row.pq_group);
        self.check(name, "dh_bits", truth.dh_bits, row.dh_bits);
        self.check(name, "compression", truth.compression, row.compression);
        let renegotiation = (truth.secure_renegotiation, row.secure_renegotiation);
        self.check(
            name,
            "secure_renegotiation",
            renegotiation.0,
            renegotiation.1,
        );
        self.check(name, "heartbeat", truth.heartbeat, row.heartbeat);
    }

    /// What the checks make of a domain.
    pub fn verdict(&mut self, kind: &str, truth: &truth::Verdict, row: &VerdictRow) {
        let name = &format!("{} ({kind})", truth.domain);
        self.check(name, "endpoints", truth.endpoints, row.endpoints);
        self.check(
            name,
            "endpoints_reached",
            truth.endpoints_reached,
            row.endpoints_reached,
        );
        self.word(name, "class", &truth.class, row.class.as_str());
        if row.country_basis != CountryBasis::NoTable {
            let basis = row.country_basis.as_str();
            self.word(name, "country_basis", &truth.country_basis, basis);
            self.check(name, "country", &truth.country, &row.country);
        }
        self.check(name, "non_sending", truth.non_sending, row.non_sending);
        self.check(name, "checks", truth.checks.len(), CheckId::ALL.len());
        for check in CheckId::ALL {
            let finding = row.finding(*check);
            if finding.reason == "no_routing_data" {
                continue;
            }
            let truth = truth.checks.get(check.as_str());
            let truth = truth.map(Vec::as_slice).unwrap_or_default();
            let result = finding.result.as_str();
            let right = one_of(truth, result);
            let column = format!("{check} ({})", finding.reason);
            self.word(name, &column, right, result);
        }
    }
}

/// The right one of several, or the first one to show what was expected.
fn one_of<'a>(right: &'a [String], found: &str) -> &'a str {
    let same = right.iter().find(|right| *right == found);
    same.or(right.first()).map_or("nothing", String::as_str)
}
