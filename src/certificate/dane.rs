//! TLSA records against a chain: [`usable`] and [`matches`].

use aws_lc_rs::digest::{SHA256, SHA512, digest};

use super::anchor::{is_own_anchor, leads_to_data, verifies_to};
use super::name::names_for_dane;
use super::parse::certificate;
use crate::table::row::Moment;
use crate::table::rows::TlsaRecord;
use crate::text::hex;

/// DANE-TA: the data names a trust anchor (RFC 6698 2.1.1).
const DANE_TA: u8 = 2;
/// DANE-EE: the data names the leaf (RFC 6698 2.1.1).
const DANE_EE: u8 = 3;

/// Whether an SMTP client can use the record: usage DANE-TA or DANE-EE (RFC 7672 3.1.3 for the
/// other two), selector and matching type known, data in lower-case hex and as long as a digest is,
/// or not empty (RFC 6698 2.1).
pub fn usable(record: &TlsaRecord) -> bool {
    let hex = record
        .data
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let length_is_right = match (record.matching_type, record.data.len()) {
        (0, length) => length > 0 && length.is_multiple_of(2),
        (1, length) => length == 2 * 32,
        (2, length) => length == 2 * 64,
        _ => false,
    };
    matches!(record.usage, DANE_TA | DANE_EE) && record.selector <= 1 && hex && length_is_right
}

/// Positions of the usable records that the chain, leaf first, satisfies at `at`.
///
/// - DANE-EE: the leaf is the certificate or has the key; names and dates do not count
///   (RFC 7671 5.1).
/// - DANE-TA: the leaf names one of the reference names (RFC 7672 3.2.2), and a path that is valid
///   at `at` leads from it to a certificate sent that the record describes, or to the certificate or
///   key that stands in the record itself (RFC 7671 5.2). A leaf is no anchor of its own, unless it
///   signed itself. An anchor that is a certificate which issued itself has to be valid at `at` like the
///   path, as it has to be for OpenSSL, and so for Postfix and Exim, though RFC 5280 6.1.1 does not ask
///   for it. RSA keys from 1024 bits on will do.
///
/// A client need not look at all of these, see [`TlsaRecord::is_outweighed`].
pub fn matches(
    records: &[TlsaRecord],
    chain: &[&[u8]],
    reference_names: &[&str],
    at: Moment,
) -> Vec<u8> {
    let Some(leaf) = chain.first() else {
        return Vec::new();
    };
    let named = reference_names
        .iter()
        .any(|name| names_for_dane(leaf, name));
    let satisfied = |record: &TlsaRecord| {
        usable(record)
            && match record.usage {
                DANE_EE => describes(record, leaf),
                _ => named && leads_to_anchor(record, chain, at),
            }
    };
    (0..=u8::MAX)
        .zip(records)
        .filter(|(_, record)| satisfied(record))
        .map(|(position, _)| position)
        .collect()
}

/// The record that describes a certificate; none where it has no key that can be read, or a number is
/// unknown (RFC 6698 2.1).
pub fn record(usage: u8, selector: u8, matching_type: u8, der: &[u8]) -> Option<TlsaRecord> {
    let mut record = TlsaRecord {
        usage,
        selector,
        matching_type,
        data: association(matching_type, selected(selector, der)?),
        usable: false,
    };
    record.usable = usable(&record);
    record.usable.then_some(record)
}

/// Whether a record describes a certificate: selector and matching type (RFC 6698 2.1.2, 2.1.3).
fn describes(record: &TlsaRecord, der: &[u8]) -> bool {
    let selected = selected(record.selector, der);
    selected.is_some_and(|bytes| record.data == association(record.matching_type, bytes))
}

/// What a selector takes of a certificate.
fn selected(selector: u8, der: &[u8]) -> Option<&[u8]> {
    match selector {
        0 => Some(der),
        1 => certificate(der).map(|parsed| parsed.tbs_certificate.subject_pki.raw),
        _ => None,
    }
}

/// The association data of some bytes, in hex.
fn association(matching_type: u8, bytes: &[u8]) -> String {
    match matching_type {
        1 => hex(digest(&SHA256, bytes).as_ref()),
        2 => hex(digest(&SHA512, bytes).as_ref()),
        _ => hex(bytes),
    }
}

/// Whether a valid path leads from the leaf to what a DANE-TA record describes.
fn leads_to_anchor(record: &TlsaRecord, chain: &[&[u8]], at: Moment) -> bool {
    let mut described = chain
        .iter()
        .enumerate()
        .filter(|(_, der)| describes(record, der));
    let by_chain = described.any(|(position, der)| match position {
        0 => is_own_anchor(der, at),
        _ => verifies_to(der, chain, at),
    });
    by_chain || leads_to_data(record, chain, at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use x509_parser::prelude::{FromDer, X509Certificate};

    use super::super::fixtures::{
        Ca, FUTURE, HOST, PAST, YEAR, file, leaf, now, params, patched, self_signed,
    };
    use super::*;

    fn record(usage: u8, selector: u8, matching_type: u8, der: &[u8]) -> TlsaRecord {
        let bytes = match selector {
            0 => der,
            _ => {
                X509Certificate::from_der(der)
                    .unwrap()
                    .1
                    .tbs_certificate
                    .subject_pki
                    .raw
            }
        };
        let made = super::record(usage, selector, matching_type, der);
        let by_hand = TlsaRecord {
            usage,
            selector,
            matching_type,
            data: association(matching_type, bytes),
            usable: true,
        };
        if matches!(usage, DANE_TA | DANE_EE) {
            assert_eq!(made, Some(by_hand.clone()));
        }
        by_hand
    }

    /// Whether one record matches a chain whose leaf is expected to name [`HOST`].
    fn is_match(record: TlsaRecord, chain: &[&[u8]]) -> bool {
        matches(&[record], chain, &[HOST], now()) == [0]
    }

    const FORMS: [(u8, u8); 6] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)];

    #[test]
    fn only_what_smtp_knows_is_usable() {
        let sound = |usage, selector, matching_type, length| {
            let data = "ab".repeat(length);
            usable(&TlsaRecord {
                usage,
                selector,
                matching_type,
                data,
                usable: false,
            })
        };
        assert!(sound(3, 1, 1, 32) && sound(2, 0, 2, 64) && sound(3, 0, 0, 1));
        for (usage, selector, matching_type, length) in [
            (0, 1, 1, 32),
            (1, 1, 1, 32),
            (4, 1, 1, 32),
            (255, 1, 1, 32),
            (3, 2, 1, 32),
            (3, 1, 3, 32),
            (3, 1, 1, 31),
            (3, 1, 1, 64),
            (3, 1, 2, 32),
            (3, 1, 0, 0),
        ] {
            assert!(
                !sound(usage, selector, matching_type, length),
                "{usage} {selector}"
            );
        }
        let with = |data: String| TlsaRecord {
            usage: 3,
            matching_type: 1,
            data,
            ..TlsaRecord::default()
        };
        assert!(!usable(&with("AB".repeat(32))));
        assert!(!usable(&with("xy".repeat(32))));
        assert!(!usable(&with("é".repeat(32))));
    }

    #[test]
    fn dane_ee_ignores_names_and_dates() {
        let root = Ca::root("root");
        let (good, other) = (root.leaf(), root.leaf());
        let old = self_signed(&params("x", &["other.example"], PAST));
        for (selector, matching_type) in FORMS {
            assert!(is_match(
                record(3, selector, matching_type, &good),
                &[&good]
            ));
            assert!(is_match(record(3, selector, matching_type, &old), &[&old]));
            assert!(!is_match(
                record(3, selector, matching_type, &other),
                &[&good]
            ));
            assert!(!is_match(
                record(3, selector, matching_type, &root.der),
                &[&good, &root.der]
            ));
        }
    }

    #[test]
    fn pkix_usages_never_match() {
        let root = Ca::root("root");
        let leaf = root.leaf();
        assert!(!is_match(record(1, 1, 1, &leaf), &[&leaf]));
        assert!(!is_match(record(0, 0, 1, &root.der), &[&leaf, &root.der]));
    }

    #[test]
    fn dane_ta_needs_a_path_and_a_name() {
        let root = Ca::root("root");
        let between = Ca::make("between", YEAR, Some(&root));
        let leaf = between.leaf();
        let chain: [&[u8]; 3] = [&leaf, &between.der, &root.der];
        for (selector, matching_type) in FORMS {
            for anchor in [&root.der, &between.der] {
                let record = record(2, selector, matching_type, anchor);
                assert!(
                    is_match(record.clone(), &chain),
                    "{selector} {matching_type}"
                );
                let records = [record];
                assert!(matches(&records, &chain, &["other.example"], now()).is_empty());
                assert!(matches(&records, &chain, &[], now()).is_empty());
                assert_eq!(
                    matches(&records, &chain, &["other.example", HOST], now()),
                    [0]
                );
            }
        }
        // Sent along, but no issuer of the leaf.
        let stranger = Ca::root("stranger");
        assert!(!is_match(
            record(2, 0, 1, &stranger.der),
            &[&leaf, &stranger.der]
        ));
        let namesake = Ca::root("between");
        assert!(!is_match(
            record(2, 1, 1, &namesake.der),
            &[&leaf, &namesake.der]
        ));
    }

    #[test]
    fn dane_ta_needs_current_dates() {
        let root = Ca::root("root");
        for validity in [PAST, FUTURE] {
            let leaf = root.sign(&leaf(validity));
            assert!(!is_match(record(2, 0, 1, &root.der), &[&leaf, &root.der]));
        }
    }

    #[test]
    fn the_anchor_has_dates_too_unless_it_is_a_bare_key() {
        for validity in [PAST, FUTURE] {
            let anchor = Ca::make("anchor", validity, None);
            let (leaf, der) = (anchor.leaf(), &anchor.der);
            assert!(!is_match(record(2, 1, 1, der), &[&leaf, der]));
            assert!(!is_match(record(2, 0, 0, der), &[&leaf]));
            assert!(is_match(record(2, 1, 0, der), &[&leaf]));
        }
    }

    #[test]
    fn an_anchor_that_another_issued_has_no_dates() {
        let root = Ca::root("root");
        for validity in [PAST, FUTURE] {
            let crossed = Ca::make("crossed", validity, Some(&root));
            let leaf = crossed.leaf();
            assert!(is_match(
                record(2, 1, 1, &crossed.der),
                &[&leaf, &crossed.der]
            ));
            // On the way to another anchor it has.
            let chain: [&[u8]; 3] = [&leaf, &crossed.der, &root.der];
            assert!(!is_match(record(2, 1, 1, &root.der), &chain));
        }
    }

    #[test]
    fn an_anchor_in_the_record_need_not_be_sent() {
        let root = Ca::root("root");
        let between = Ca::make("between", YEAR, Some(&root));
        let leaf = between.leaf();
        let chain: [&[u8]; 2] = [&leaf, &between.der];
        let other = Ca::root("root");
        for selector in [0, 1] {
            assert!(is_match(record(2, selector, 0, &root.der), &chain));
            assert!(is_match(record(2, selector, 0, &between.der), &[&leaf]));
            assert!(!is_match(record(2, selector, 0, &root.der), &[&leaf]));
            assert!(!is_match(record(2, selector, 0, &other.der), &chain));
            assert!(!is_match(record(2, selector, 1, &root.der), &chain));
        }
    }

    #[test]
    fn a_leaf_is_its_own_anchor_only_if_it_signed_itself() {
        let own = self_signed(&leaf(YEAR));
        let old = self_signed(&leaf(PAST));
        let issued = Ca::root("root").leaf();
        let forged = patched(&own, HOST.as_bytes(), HOST.to_uppercase().as_bytes());
        for (selector, matching_type) in FORMS {
            assert!(is_match(record(2, selector, matching_type, &own), &[&own]));
            for leaf in [&old, &issued, &forged] {
                assert!(!is_match(record(2, selector, matching_type, leaf), &[leaf]));
            }
        }
    }

    #[test]
    fn a_small_key_can_be_an_anchor() {
        let (leaf, root) = (file("leaf-under-1024"), file("root-1024"));
        assert!(is_match(record(2, 1, 1, &root), &[&leaf, &root]));
    }

    #[test]
    fn positions_are_those_of_the_answer() {
        let leaf = Ca::root("root").leaf();
        let good = record(3, 1, 1, &leaf);
        let mut short = good.clone();
        short.data.truncate(62);
        let records = [record(1, 1, 1, &leaf), good.clone(), short, good.clone()];
        assert_eq!(matches(&records, &[&leaf], &[], now()), [1, 3]);
        assert_eq!(matches(&vec![good; 300], &[&leaf], &[], now()).len(), 256);
        assert!(matches(&records, &[], &[HOST], now()).is_empty());
    }

    proptest! {
        #[test]
        fn usable_is_what_a_client_can_compare(
            usage in prop_oneof![0_u8..5, any::<u8>()],
            selector in prop_oneof![0_u8..3, any::<u8>()],
            matching_type in prop_oneof![0_u8..4, any::<u8>()],
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 32),
                prop::collection::vec(any::<u8>(), 64),
                prop::collection::vec(any::<u8>(), 0..70),
            ],
            other in "[0-9a-f]{0,3}[^0-9a-f].{0,60}|([0-9a-f]{2}){0,64}[0-9a-f]",
        ) {
            let with = |data| TlsaRecord { usage, selector, matching_type, data, usable: false };
            let whole = match matching_type {
                0 => !bytes.is_empty(),
                1 => bytes.len() == 32,
                2 => bytes.len() == 64,
                _ => false,
            };
            let expected = [2, 3].contains(&usage) && selector < 2 && whole;
            prop_assert_eq!(usable(&with(hex(&bytes))), expected);
            prop_assert!(!usable(&with(other)));
        }

        #[test]
        fn nothing_panics(
            usage in 0_u8..5,
            selector in 0_u8..3,
            matching_type in 0_u8..4,
            data in "[0-9a-f]{0,130}|.{0,9}",
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            at: i64,
        ) {
            let record = TlsaRecord { usage, selector, matching_type, data, usable: true };
            let root = file("root-512");
            for chain in [[bytes.as_slice(), &root], [&root, bytes.as_slice()]] {
                matches(std::slice::from_ref(&record), &chain, &["root-512"], Moment(at));
            }
        }
    }
}
