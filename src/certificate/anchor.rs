//! Valid paths to what a DANE-TA record describes: [`is_own_anchor`], [`verifies_to`],
//! [`leads_to_data`].

use rustls::pki_types::{CertificateDer, TrustAnchor};
use webpki::anchor_from_trusted_cert;
use x509_parser::der_parser::asn1_rs::Any;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::dates::dates;
use super::parse::{certificate, self_issued};
use super::path::{lenient, verify};
use super::signature::self_signed;
use crate::table::codes::Dates;
use crate::table::row::Moment;
use crate::table::rows::TlsaRecord;

/// Whether a leaf signed itself and is valid.
pub(super) fn is_own_anchor(leaf: &[u8], at: Moment) -> bool {
    let signed_itself = certificate(leaf).and_then(|parsed| self_signed(&parsed));
    signed_itself == Some(true) && is_current(leaf, at)
}

/// Whether a certificate is valid at a moment.
fn is_current(der: &[u8], at: Moment) -> bool {
    dates(&[der], at) == Dates::Current
}

/// Whether a path leads to the certificate as the only anchor, and it is valid itself where it is the
/// end of every path: one that somebody else issued is but a key with a name.
pub(super) fn verifies_to(anchor: &[u8], chain: &[&[u8]], at: Moment) -> bool {
    let is_end = certificate(anchor).is_none_or(|parsed| self_issued(&parsed));
    (!is_end || is_current(anchor, at))
        && anchor_from_trusted_cert(&CertificateDer::from(anchor))
            .is_ok_and(|anchor| verify(&[anchor], chain, at, lenient()).is_ok())
}

/// Whether a path leads to the certificate or key that stands in the record (`2 0 0`, `2 1 0`).
pub(super) fn leads_to_data(record: &TlsaRecord, chain: &[&[u8]], at: Moment) -> bool {
    if record.matching_type != 0 {
        return false;
    }
    let Some(data) = unhex(&record.data) else {
        return false;
    };
    match record.selector {
        // The leaf as its own anchor was looked at before.
        0 if chain.first().is_some_and(|leaf| **leaf == *data) => false,
        0 => verifies_to(&data, chain, at),
        _ => {
            let anchors = bare_key(&data, chain);
            verify(&anchors, chain, at, lenient()).is_ok()
        }
    }
}

/// A key without a certificate as an anchor: under the name of every issuer in the chain, since
/// the key itself has none (RFC 7671 5.2.3).
fn bare_key<'a>(spki: &'a [u8], chain: &[&'a [u8]]) -> Vec<TrustAnchor<'a>> {
    let Some(key) = content(spki) else {
        return Vec::new();
    };
    if SubjectPublicKeyInfo::from_der(spki).is_err() {
        return Vec::new();
    }
    let issuer = |der: &&'a [u8]| content(certificate(der)?.tbs_certificate.issuer.as_raw());
    let anchor = |issuer: &'a [u8]| TrustAnchor {
        subject: issuer.into(),
        subject_public_key_info: key.into(),
        name_constraints: None,
    };
    chain.iter().filter_map(issuer).map(anchor).collect()
}

/// What stands inside the outermost DER element.
fn content(der: &[u8]) -> Option<&[u8]> {
    let (rest, element) = Any::from_der(der).ok()?;
    rest.is_empty().then_some(element.data)
}

/// Bytes from lower-case hex.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let bytes = pairs.iter().map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    bytes.collect()
}
