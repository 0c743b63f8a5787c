//! A certificate as a row of `certificates`: [`row`].

use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::asn1_rs::Tag;
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{
    AlgorithmIdentifier, AttributeTypeAndValue, SubjectPublicKeyInfo, X509Name,
};

use super::parse::{certificate, dns_names, sha256, validity};
use super::signature::{EC, ED448, ED25519, PSS, RSA, curve, rsa_bits, self_signed};
use crate::table::row::Bytes;
use crate::table::rows::CertificateRow;
use crate::text::{escape, hex};

/// Bytes of a name that are kept.
const NAME_BYTES: usize = 1024;
/// SAN entries that are kept.
const DNS_NAMES: usize = 1000;

/// The row of a certificate (RFC 5280 4.1): digest and DER always, the rest if it can be parsed.
pub fn row(der: &[u8]) -> CertificateRow {
    let Some(parsed) = certificate(der) else {
        return unparsed(der);
    };
    let key = parsed.public_key();
    let (key_type, key_bits) = key_kind(key);
    let dates = validity(&parsed);
    CertificateRow {
        spki_sha256: Some(hex(&sha256(key.raw))),
        subject: Some(line(parsed.subject())),
        issuer: Some(line(parsed.issuer())),
        serial: Some(serial(parsed.raw_serial())),
        not_before: dates.map(|(start, _)| start),
        not_after: dates.map(|(_, end)| end),
        dns_names: names(&parsed),
        key_type: Some(key_type.to_owned()),
        key_bits,
        curve: (key_type == "ecdsa")
            .then(|| curve(key))
            .flatten()
            .map(curve_name),
        signature_hash: hash(&parsed.signature_algorithm).map(str::to_owned),
        signature_algorithm: Some(algorithm(
            &parsed.signature_algorithm.algorithm.to_id_string(),
        )),
        self_signed: self_signed(&parsed),
        is_ca: Some(parsed.is_ca()),
        ..unparsed(der)
    }
}

/// The row of bytes that are no certificate.
fn unparsed(der: &[u8]) -> CertificateRow {
    CertificateRow {
        sha256: hex(&sha256(der)),
        der: Bytes(der.to_vec()),
        ..CertificateRow::default()
    }
}

/// SAN dNSName entries in lower case, escaped.
fn names(parsed: &X509Certificate<'_>) -> Vec<String> {
    dns_names(parsed)
        .into_iter()
        .take(DNS_NAMES)
        .map(|name| escape(&name.to_ascii_lowercase(), NAME_BYTES).0)
        .collect()
}

/// A serial number in hex, without the byte that only keeps it positive (RFC 5280 4.1.2.2).
fn serial(raw: &[u8]) -> String {
    match raw {
        [0, rest @ ..] if !rest.is_empty() => hex(rest),
        _ => hex(raw),
    }
}

/// A name in one line: relative names apart by commas, in the order of the certificate.
fn line(name: &X509Name<'_>) -> String {
    let mut bytes = Vec::new();
    for relative in name.iter_rdn() {
        if !bytes.is_empty() {
            bytes.extend_from_slice(b", ");
        }
        for (at, attribute) in relative.iter().enumerate() {
            if at > 0 {
                bytes.extend_from_slice(b" + ");
            }
            push(&mut bytes, attribute);
        }
    }
    escape(&bytes, NAME_BYTES).0
}

/// One attribute: its short name or OID, and its value.
fn push(bytes: &mut Vec<u8>, attribute: &AttributeTypeAndValue<'_>) {
    match oid2abbrev(attribute.attr_type(), oid_registry()) {
        Ok(short) => bytes.extend_from_slice(short.as_bytes()),
        Err(_) => bytes.extend_from_slice(attribute.attr_type().to_id_string().as_bytes()),
    }
    bytes.push(b'=');
    let value = attribute.as_slice();
    if attribute.attr_value().tag() == Tag::BmpString {
        let (pairs, _) = value.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        bytes.extend_from_slice(String::from_utf16_lossy(&units).as_bytes());
    } else {
        bytes.extend_from_slice(value);
    }
}

/// Kind and size of a key. The Edwards curves count the bits of an encoded point (RFC 8032).
fn key_kind(key: &SubjectPublicKeyInfo<'_>) -> (&'static str, Option<u32>) {
    match key.algorithm.algorithm.to_id_string().as_str() {
        RSA | PSS => ("rsa", rsa_bits(key)),
        EC => ("ecdsa", curve(key).and_then(|curve| curve_bits(&curve))),
        ED25519 => ("ed25519", Some(256)),
        ED448 => ("ed448", Some(456)),
        _ => ("other", None),
    }
}

/// Size of a named curve (RFC 5480 2.1.1.1, RFC 5639 3, SEC 2).
fn curve_bits(oid: &str) -> Option<u32> {
    Some(match oid {
        "1.2.840.10045.3.1.1" => 192,
        "1.3.132.0.33" => 224,
        "1.2.840.10045.3.1.7" | "1.3.132.0.10" | "1.3.36.3.3.2.8.1.1.7" => 256,
        "1.3.36.3.3.2.8.1.1.9" => 320,
        "1.3.132.0.34" | "1.3.36.3.3.2.8.1.1.11" => 384,
        "1.3.36.3.3.2.8.1.1.13" => 512,
        "1.3.132.0.35" => 521,
        _ => return None,
    })
}

/// Name of a curve (RFC 5480 2.1.1.1, RFC 5639 3, SEC 2), or its OID.
fn curve_name(oid: String) -> String {
    match oid.as_str() {
        "1.2.840.10045.3.1.1" => "P-192",
        "1.3.132.0.33" => "P-224",
        "1.2.840.10045.3.1.7" => "P-256",
        "1.3.132.0.34" => "P-384",
        "1.3.132.0.35" => "P-521",
        "1.3.132.0.10" => "secp256k1",
        "1.3.36.3.3.2.8.1.1.7" => "brainpoolP256r1",
        "1.3.36.3.3.2.8.1.1.9" => "brainpoolP320r1",
        "1.3.36.3.3.2.8.1.1.11" => "brainpoolP384r1",
        "1.3.36.3.3.2.8.1.1.13" => "brainpoolP512r1",
        _ => return oid,
    }
    .to_owned()
}

/// Hash of a signature. PSS names it in its parameters, SHA-1 where it has none (RFC 4055 3.1).
fn hash(signature: &AlgorithmIdentifier<'_>) -> Option<&'static str> {
    let oid = signature.algorithm.to_id_string();
    if oid == PSS {
        let Some(parameters) = signature.parameters.as_ref() else {
            return Some("sha1");
        };
        let parameters = RsaSsaPssParams::try_from(parameters).ok()?;
        return Some(
            match parameters.hash_algorithm_oid().to_id_string().as_str() {
                "1.3.14.3.2.26" => "sha1",
                "2.16.840.1.101.3.4.2.4" => "sha224",
                "2.16.840.1.101.3.4.2.1" => "sha256",
                "2.16.840.1.101.3.4.2.2" => "sha384",
                "2.16.840.1.101.3.4.2.3" => "sha512",
                _ => return None,
            },
        );
    }
    let name = algorithm(&oid).to_ascii_lowercase();
    ["md2", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
        .into_iter()
        .find(|hash| name.starts_with(hash) || name.ends_with(hash))
}

/// Name of a signature algorithm (RFC 3279, 4055, 5758, 8410), or its OID.
fn algorithm(oid: &str) -> String {
    match oid {
        "1.2.840.113549.1.1.2" => "md2WithRSAEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        PSS => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.113549.1.1.14" => "sha224WithRSAEncryption",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.1" => "ecdsa-with-SHA224",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.2.840.10040.4.3" => "dsa-with-SHA1",
        "2.16.840.1.101.3.4.3.2" => "dsa-with-SHA256",
        ED25519 => "ed25519",
        ED448 => "ed448",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixtures::{Ca, YEAR, file, moment, params, patched, self_signed};
    use super::*;

    #[test]
    fn a_leaf_becomes_a_row() {
        let row = row(&Ca::root("A root").leaf());
        assert_eq!(row.subject.as_deref(), Some("CN=a leaf"));
        assert_eq!(row.issuer.as_deref(), Some("CN=A root"));
        assert_eq!(row.dns_names, ["mx.example.org"]);
        assert_eq!(row.key_type.as_deref(), Some("ecdsa"));
        assert_eq!(row.key_bits, Some(256));
        assert_eq!(
            row.signature_algorithm.as_deref(),
            Some("ecdsa-with-SHA256")
        );
        assert_eq!((row.self_signed, row.is_ca), (Some(false), Some(false)));
        assert_eq!(row.not_before, Some(moment(YEAR.0)));
        assert_eq!(row.not_after, Some(moment(YEAR.1)));
        assert_eq!(row.spki_sha256.map(|sum| sum.len()), Some(64));
        assert!(row.serial.is_some_and(|serial| !serial.is_empty()));
    }

    #[test]
    fn a_self_signature_is_verified() {
        let root = Ca::root("root");
        assert_eq!(row(&root.der).self_signed, Some(true));
        assert_eq!(row(&root.der).is_ca, Some(true));
        let forged = self_signed(&params("before", &["mx.example.org"], YEAR));
        let forged = patched(&forged, b"mx.example.org", b"mx.example.net");
        assert_eq!(row(&forged).self_signed, Some(false));
    }

    #[test]
    fn every_kind_of_key_and_signature_has_its_name() {
        type Expected = (
            &'static str,
            &'static str,
            Option<u32>,
            &'static str,
            Option<bool>,
        );
        let expected: [Expected; 8] = [
            (
                "root-1024",
                "rsa",
                Some(1024),
                "sha256WithRSAEncryption",
                Some(true),
            ),
            (
                "root-512",
                "rsa",
                Some(512),
                "sha256WithRSAEncryption",
                None,
            ),
            (
                "leaf-sha1",
                "rsa",
                Some(2048),
                "sha1WithRSAEncryption",
                Some(false),
            ),
            (
                "self-signed-v1",
                "rsa",
                Some(1024),
                "sha256WithRSAEncryption",
                Some(true),
            ),
            (
                "self-signed-md5",
                "rsa",
                Some(1024),
                "md5WithRSAEncryption",
                None,
            ),
            (
                "self-signed-pss",
                "rsa",
                Some(2048),
                "RSASSA-PSS",
                Some(true),
            ),
            ("self-signed-ed448", "ed448", Some(456), "ed448", None),
            (
                "self-signed-brainpool",
                "ecdsa",
                Some(384),
                "ecdsa-with-SHA256",
                None,
            ),
        ];
        for (name, kind, bits, signature, signed) in expected {
            let row = row(&file(name));
            assert_eq!(row.key_type.as_deref(), Some(kind), "{name}");
            assert_eq!(row.key_bits, bits, "{name}");
            assert_eq!(
                row.signature_algorithm.as_deref(),
                Some(signature),
                "{name}"
            );
            assert_eq!(row.self_signed, signed, "{name}");
        }
    }

    #[test]
    fn curves_and_hashes_are_told_by_name() {
        let of = |name: &str| {
            let row = row(&file(name));
            (
                row.curve.unwrap_or_default(),
                row.signature_hash.unwrap_or_default(),
            )
        };
        for (name, curve, hash) in [
            ("self-signed-brainpool", "brainpoolP384r1", "sha256"),
            ("self-signed-pss", "", "sha256"),
            ("self-signed-md5", "", "md5"),
            ("leaf-sha1", "", "sha1"),
            ("root-1024", "", "sha256"),
            ("self-signed-ed448", "", ""),
        ] {
            assert_eq!(of(name), (curve.to_owned(), hash.to_owned()), "{name}");
        }
        let row = row(&Ca::root("root").leaf());
        assert_eq!(row.curve.as_deref(), Some("P-256"));
    }

    #[test]
    fn names_of_strangers_are_escaped_and_capped() {
        let long = "x".repeat(5000);
        let der = self_signed(&params(&long, &["mx.example.org-evil.test"], YEAR));
        let der = patched(&der, b".org-evil", b".org\0EVIL");
        let row = row(&der);
        assert_eq!(row.subject.map(|subject| subject.len()), Some(NAME_BYTES));
        assert_eq!(row.dns_names, ["mx.example.org\\x00evil.test"]);
    }

    #[test]
    fn names_are_kept_up_to_a_thousand() {
        let names: Vec<_> = (0..1100)
            .map(|number| format!("n{number}.example"))
            .collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert_eq!(
            row(&self_signed(&params("x", &names, YEAR)))
                .dns_names
                .len(),
            DNS_NAMES
        );
    }

    #[test]
    fn what_is_no_certificate_keeps_its_bytes() {
        let mut trailing = Ca::root("root").der;
        trailing.push(0);
        for der in [b"".as_slice(), b"junk", &trailing] {
            let row = row(der);
            assert_eq!(row, unparsed(der));
            assert_eq!((row.der.0.as_slice(), row.sha256.len()), (der, 64));
            assert_eq!(row.subject, None);
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(row(&bytes).der.0, bytes);
        }

        #[test]
        fn nothing_panics_on_a_damaged_certificate(at in 0_usize..475, byte: u8) {
            let mut der = file("self-signed-brainpool");
            der[at] = byte;
            prop_assert_eq!(row(&der).der.0, der);
        }
    }
}
