//! What an operator looks at first: a line for each address of a mail host, and below it what each
//! TLSA record comes to there. The details follow on the page.

use std::collections::BTreeMap;

use super::Page;
use super::dane::{Says, records};
use super::facts::{Facts, MailHost, Seen};
use super::words::{cut, day};
use crate::table::codes::{
    AttemptOutcome, Dates, ErrorCode, NameMatch, Outcome, Pkix, StarttlsOutcome, TlsOutcome,
};
use crate::table::rows::{CertificateRow, Chain, EndpointRow, Tlsa, Versions};
use crate::table::tls_codes::VersionResult;
use crate::verdict::facts::Version;

/// The widest that host and address may be beside the words about them.
const WIDEST: usize = 52;
/// Letters of the data of a TLSA record that are shown here.
const DATA: usize = 12;

/// Certificates by SHA-256.
type Known = BTreeMap<String, CertificateRow>;

/// The lines of all mail hosts.
pub fn servers(page: &mut Page, facts: &Facts) {
    if facts.hosts.is_empty() {
        return;
    }
    page.gap();
    page.words(0, "Mail servers");
    let label = |host: &MailHost, seen: &Seen| format!("{} {}", host.name, seen.row.ip);
    let labels = facts.hosts.iter().flat_map(|host| {
        let seen = host.endpoints.iter();
        seen.map(|seen| label(host, seen).chars().count())
    });
    let column = labels.max().unwrap_or(0).min(WIDEST) + 4;
    for host in &facts.hosts {
        if host.endpoints.is_empty() {
            page.entry(2, &host.name, column, &nobody(host));
        }
        for seen in &host.endpoints {
            let tlsa = host.row.as_ref().map(|row| &row.tlsa);
            let words = server(seen, tlsa, &facts.certificates);
            page.entry(2, &label(host, seen), column, &words);
            for (label, says) in tlsa.iter().flat_map(|tlsa| named(tlsa, seen, facts)) {
                page.entry(4, &label, column, &says.words);
            }
        }
    }
}

fn named(tlsa: &Tlsa, seen: &Seen, facts: &Facts) -> Vec<(String, Says)> {
    let said = records(tlsa, &seen.row.chains, &facts.certificates);
    let label = |record: &crate::table::rows::TlsaRecord| {
        format!(
            "TLSA {} {} {} {}",
            record.usage,
            record.selector,
            record.matching_type,
            cut(&record.data, DATA)
        )
    };
    tlsa.records.iter().map(label).zip(said).collect()
}

/// Why a host has no line of its own.
fn nobody(host: &MailHost) -> String {
    let Some(row) = &host.row else {
        return "nothing is known of it".to_owned();
    };
    match (row.addresses.outcome, row.addresses.error) {
        (Outcome::Absent, _) => "no address".to_owned(),
        (_, Some(error)) => format!("addresses unknown: {error}"),
        _ => "not asked".to_owned(),
    }
}

/// An address in one line.
pub fn server(seen: &Seen, tlsa: Option<&Tlsa>, known: &Known) -> String {
    let row = seen.speaker.as_ref().unwrap_or(&seen.row);
    let mut parts = vec![starttls(row)];
    if row.tls.outcome == TlsOutcome::Completed || row.tls.outcome == TlsOutcome::HelloOnly {
        parts.push(versions(&row.versions));
        parts.push(match seen.row.chains.first() {
            Some(_) => certificates(&seen.row.chains, known),
            None => "certificate not seen".to_owned(),
        });
    }
    parts.extend(tlsa.map(|tlsa| dane(tlsa, seen, known)));
    parts.join("; ")
}

fn starttls(row: &EndpointRow) -> String {
    let error =
        |error: Option<ErrorCode>| error.map_or(String::new(), |error| format!(": {error}"));
    let once = match confirmed(row) {
        true => "",
        false => " (seen once)",
    };
    match (row.tls.outcome, row.starttls.outcome) {
        (TlsOutcome::Completed | TlsOutcome::HelloOnly, _) => "STARTTLS".to_owned(),
        (TlsOutcome::Failed, _) => format!("handshake breaks{}{once}", error(row.tls.error)),
        (_, StarttlsOutcome::NotOffered | StarttlsOutcome::Stripped) => {
            format!("no STARTTLS{once}")
        }
        (_, StarttlsOutcome::Refused) => format!("STARTTLS refused{once}"),
        _ if row.connections == 0 => format!("not asked{}", error(row.tcp.error)),
        _ => {
            let why = row.tcp.error.or(row.starttls.error);
            format!("not reached{}{once}", error(why))
        }
    }
}

/// Whether a negative was seen twice.
fn confirmed(row: &EndpointRow) -> bool {
    let asked = |outcome: AttemptOutcome, error: Option<ErrorCode>| {
        outcome != AttemptOutcome::Failed || error != Some(ErrorCode::Budget)
    };
    let mut attempts = row.attempts.iter();
    // Where there was one attempt, nothing had to be confirmed.
    attempts.all(|attempt| asked(attempt.outcome, attempt.error))
}

/// What is accepted, and what may be.
fn versions(versions: &Versions) -> String {
    let all = || Version::ALL.into_iter().zip(versions.list()).rev();
    let of = |result: VersionResult| {
        let some = all().filter(|(_, fact)| fact.result == result);
        let names = some.map(|(version, _)| version.as_str().trim_start_matches("TLS "));
        names.collect::<Vec<_>>().join(" ")
    };
    let (accepted, unknown) = (of(VersionResult::Accepted), of(VersionResult::Unknown));
    let unknown = match unknown.is_empty() {
        true => String::new(),
        false => format!(" (unknown: {unknown})"),
    };
    format!("TLS {accepted}{unknown}")
}

/// What is wrong with certificates, or until when they are good.
fn certificates(chains: &[Chain], known: &Known) -> String {
    let mut faults: Vec<String> = Vec::new();
    let mut note = |fault: String| {
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    };
    for chain in chains {
        if chain.dates != Dates::Current {
            note(chain.dates.to_string());
        }
        let is_expired = |pkix: &Pkix| *pkix == Pkix::Expired && chain.dates == Dates::Expired;
        let bad = chain.pkix.iter().filter(|(_, pkix)| **pkix != Pkix::Valid);
        for (store, pkix) in bad.filter(|(_, pkix)| !is_expired(pkix)) {
            note(format!("{pkix} ({store})"));
        }
        match chain.name_match {
            Some(NameMatch::San | NameMatch::SanWildcard) => {}
            Some(NameMatch::CnOnly) => note("names the host in its CN only".to_owned()),
            Some(NameMatch::None) => note("does not name the host".to_owned()),
            None => note("not seen for this name".to_owned()),
        }
    }
    if !faults.is_empty() {
        return format!("certificate {}", faults.join(", "));
    }
    let leaves = chains.iter().filter_map(|chain| chain.certificates.first());
    let ends = leaves.filter_map(|leaf| known.get(leaf)?.not_after);
    match ends.min() {
        Some(end) => format!("certificate good until {}", day(end)),
        None => "certificate good".to_owned(),
    }
}

/// What DANE comes to at an address.
fn dane(tlsa: &Tlsa, seen: &Seen, known: &Known) -> String {
    match (tlsa.outcome, tlsa.error) {
        (Outcome::Absent, _) => return "no TLSA".to_owned(),
        (Outcome::Found, _) => {}
        (_, Some(error)) => return format!("TLSA unknown: {error}"),
        (_, None) => return "TLSA not asked".to_owned(),
    }
    let said = records(tlsa, &seen.row.chains, known);
    let any = |code: &str| said.iter().any(|says| says.code == code);
    let words = if any("matches_leaf") || any("matches_ca") {
        "DANE matches"
    } else if any("mismatch") {
        match seen.row.tlsa_again {
            Some(_) => "DANE mismatch",
            None => "DANE mismatch (seen once)",
        }
    } else if any("insecure") {
        "TLSA insecure"
    } else if any("not_seen") {
        "DANE not seen"
    } else {
        "TLSA unusable"
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::rows::{Attempt, VersionFact};

    fn line(row: EndpointRow) -> String {
        let seen = Seen { row, speaker: None };
        server(&seen, None, &Known::new())
    }

    #[test]
    fn a_negative_that_was_seen_once_says_so() {
        let mut row = EndpointRow {
            connections: 1,
            ..EndpointRow::default()
        };
        row.starttls.outcome = StarttlsOutcome::NotOffered;
        let attempt = |outcome, error| Attempt {
            outcome,
            error,
            ..Attempt::default()
        };
        let no = attempt(AttemptOutcome::NotOffered, None);
        row.attempts = vec![
            no.clone(),
            attempt(AttemptOutcome::Failed, Some(ErrorCode::Budget)),
        ];
        assert_eq!(line(row.clone()), "no STARTTLS (seen once)");
        row.attempts = vec![no.clone(), no];
        assert_eq!(line(row), "no STARTTLS");
        let mut none = EndpointRow::default();
        none.tcp.error = Some(ErrorCode::Budget);
        assert_eq!(line(none), "not asked: budget");
    }

    #[test]
    fn versions_are_those_that_are_accepted_and_those_nobody_knows() {
        let fact = |result| VersionFact {
            result,
            ..VersionFact::default()
        };
        let some = Versions {
            tls1_3: fact(VersionResult::Accepted),
            tls1_2: fact(VersionResult::Accepted),
            tls1_1: fact(VersionResult::Refused),
            tls1_0: fact(VersionResult::Refused),
            ssl3: fact(VersionResult::Unknown),
            ssl2: fact(VersionResult::ImpliedRefused),
        };
        assert_eq!(versions(&some), "TLS 1.3 1.2 (unknown: SSL 3.0)");
    }

    #[test]
    fn a_certificate_has_its_faults_or_its_end() {
        let mut chain = Chain {
            name_match: Some(NameMatch::San),
            ..Chain::default()
        };
        chain.dates = Dates::Current;
        chain.pkix.insert("mozilla".to_owned(), Pkix::Valid);
        let of = |chain: &Chain| certificates(std::slice::from_ref(chain), &Known::new());
        assert_eq!(of(&chain), "certificate good");
        chain.dates = Dates::Expired;
        chain.pkix.insert("mozilla".to_owned(), Pkix::Expired);
        assert_eq!(of(&chain), "certificate expired");
        chain.dates = Dates::Current;
        chain.pkix.insert("mozilla".to_owned(), Pkix::SelfSigned);
        chain.name_match = Some(NameMatch::None);
        let both = "certificate self_signed (mozilla), does not name the host";
        assert_eq!(of(&chain), both);
    }
}
