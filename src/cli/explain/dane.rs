//! What each TLSA record comes to at an address: which certificate it matches, or why it counts for
//! nothing (RFC 6698, RFC 7672 3.1).

use std::collections::BTreeMap;

use crate::table::codes::{ChainSource, Security};
use crate::table::rows::{CertificateRow, Chain, Tlsa, TlsaRecord};

/// Certificates by SHA-256.
type Known = BTreeMap<String, CertificateRow>;

/// What a record comes to: a word for programs, and words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Says {
    /// `matches_leaf`, `matches_ca`, `mismatch`, `not_seen`, `insecure`, `usage`, `selector`,
    /// `matching_type` or `data`.
    pub code: &'static str,
    /// The same in words.
    pub words: String,
}

fn says(code: &'static str, words: impl Into<String>) -> Says {
    Says {
        code,
        words: words.into(),
    }
}

/// What every record of a host comes to at an address that showed these chains, in their order.
pub fn records(tlsa: &Tlsa, chains: &[Chain], known: &Known) -> Vec<Says> {
    let records = tlsa.records.iter().enumerate();
    records
        .map(|(at, record)| {
            let place = u8::try_from(at).unwrap_or(u8::MAX);
            match record.usable && record.is_outweighed(&tlsa.records) {
                true => says("outweighed", OUTWEIGHED),
                false => one(record, place, tlsa.security, chains, known),
            }
        })
        .collect()
}

/// Of a record that senders do not look at.
const OUTWEIGHED: &str =
    "does not count: one of the same usage and selector has SHA-512 (RFC 7671 9)";

fn one(record: &TlsaRecord, at: u8, security: Security, chains: &[Chain], known: &Known) -> Says {
    if !record.usable {
        return unusable(record);
    }
    if security != Security::Secure {
        let words = format!("does not count: the answer is {security}, not secure");
        return says("insecure", words);
    }
    let mut matching = chains
        .iter()
        .filter(|chain| chain.tlsa_matches.contains(&at));
    if let Some(chain) = matching.next() {
        return matched(record, chain, known);
    }
    match chains
        .iter()
        .any(|chain| chain.source == ChainSource::Observed)
    {
        true => says("mismatch", "matches no certificate that the server showed"),
        false => says(
            "not_seen",
            "unknown: the server showed no certificate for this name",
        ),
    }
}

/// Why an SMTP client cannot use a record (RFC 7672 3.1.3).
fn unusable(record: &TlsaRecord) -> Says {
    match (record.usage, record.selector, record.matching_type) {
        (0 | 1, ..) => says(
            "usage",
            "not usable: usages 0 and 1 do not count for mail (RFC 7672 3.1.3)",
        ),
        (4.., ..) => says("usage", "not usable: unknown usage"),
        (_, 2.., _) => says("selector", "not usable: unknown selector"),
        (_, _, 3..) => says("matching_type", "not usable: unknown matching type"),
        _ => says("data", "not usable: the data is not what the numbers say"),
    }
}

fn matched(record: &TlsaRecord, chain: &Chain, known: &Known) -> Says {
    if record.usage == 3 {
        return says("matches_leaf", "matches the certificate of the server");
    }
    let is_it = |sha256: &&String| match (record.selector, record.matching_type) {
        (0, 1) => **sha256 == record.data,
        (1, 1) => {
            let row = known.get(*sha256);
            row.and_then(|row| row.spki_sha256.as_ref()) == Some(&record.data)
        }
        _ => false,
    };
    let issuer = chain.certificates.iter().find(is_it);
    let subject = issuer.and_then(|sha256| known.get(sha256)?.subject.clone());
    match subject {
        Some(subject) => says("matches_ca", format!("matches {subject} in the chain")),
        None => says("matches_ca", "matches an authority behind the chain"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(usage: u8, selector: u8, matching_type: u8, usable: bool) -> TlsaRecord {
        TlsaRecord {
            usage,
            selector,
            matching_type,
            data: "aa".to_owned(),
            usable,
        }
    }

    fn shown(matches: &[u8]) -> Chain {
        Chain {
            certificates: vec!["leaf".to_owned(), "aa".to_owned()],
            source: ChainSource::Observed,
            tlsa_matches: matches.to_vec(),
            ..Chain::default()
        }
    }

    fn of(record: TlsaRecord, security: Security, chains: &[Chain]) -> Says {
        let ca = CertificateRow {
            sha256: "aa".to_owned(),
            subject: Some("CN=Some CA".to_owned()),
            ..CertificateRow::default()
        };
        let tlsa = Tlsa {
            security,
            records: vec![record],
            ..Tlsa::default()
        };
        let known = Known::from([("aa".to_owned(), ca)]);
        records(&tlsa, chains, &known).remove(0)
    }

    #[test]
    fn a_record_says_what_it_matches_or_why_it_does_not_count() {
        use Security::{Insecure, Secure};
        let code = |record, security, chains: &[Chain]| of(record, security, chains).code;
        let good = || record(3, 1, 1, true);
        assert_eq!(code(good(), Secure, &[shown(&[0])]), "matches_leaf");
        assert_eq!(code(good(), Secure, &[shown(&[])]), "mismatch");
        assert_eq!(code(good(), Secure, &[]), "not_seen");
        assert_eq!(code(good(), Insecure, &[shown(&[0])]), "insecure");
        let anchor = of(record(2, 0, 1, true), Secure, &[shown(&[0])]);
        assert_eq!(anchor.words, "matches CN=Some CA in the chain");
        assert_eq!(
            code(record(2, 1, 0, true), Secure, &[shown(&[0])]),
            "matches_ca"
        );
        let mut shared = shown(&[]);
        shared.source = ChainSource::Shared;
        assert_eq!(code(good(), Secure, &[shared]), "not_seen");
    }

    #[test]
    fn a_record_that_mail_cannot_use_says_which_of_its_numbers_is_why() {
        let code = |usage, selector, matching_type| {
            of(
                record(usage, selector, matching_type, false),
                Security::Secure,
                &[],
            )
            .code
        };
        assert_eq!(code(1, 1, 1), "usage");
        assert_eq!(code(7, 1, 1), "usage");
        assert_eq!(code(3, 9, 1), "selector");
        assert_eq!(code(3, 1, 9), "matching_type");
        assert_eq!(code(3, 1, 1), "data");
    }
    #[test]
    fn a_record_beside_a_stronger_digest_does_not_count() {
        let tlsa = Tlsa {
            security: Security::Secure,
            records: vec![record(3, 1, 1, true), record(3, 1, 2, true)],
            ..Tlsa::default()
        };
        let told = records(&tlsa, &[shown(&[0])], &Known::new());
        let codes: Vec<_> = told.iter().map(|one| one.code).collect();
        assert_eq!(codes, ["outweighed", "mismatch"]);
    }
}
