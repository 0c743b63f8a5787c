//! The parsed certificate, and the parts of it that several files read: [`certificate`],
//! [`dns_names`], [`validity`], [`sha256`].

use aws_lc_rs::digest::{self, SHA256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use crate::table::row::Moment;

/// Tag of dNSName in a GeneralName (RFC 5280 4.2.1.6).
const DNS_NAME: u32 = 2;

/// Parses a certificate (RFC 5280 4.1); bytes after its end make it unparsable.
pub(super) fn certificate(der: &[u8]) -> Option<X509Certificate<'_>> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    rest.is_empty().then_some(certificate)
}

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest::digest(&SHA256, bytes).as_ref());
    sum
}

/// SAN dNSName entries as the bytes they are (RFC 5280 4.2.1.6), also those that are no IA5String.
pub(super) fn dns_names<'a>(certificate: &'a X509Certificate<'_>) -> Vec<&'a [u8]> {
    let mut names = Vec::new();
    for extension in certificate.extensions() {
        let ParsedExtension::SubjectAlternativeName(san) = extension.parsed_extension() else {
            continue;
        };
        for name in &san.general_names {
            match name {
                GeneralName::DNSName(text) => names.push(text.as_bytes()),
                GeneralName::Invalid(tag, bytes) if tag.0 == DNS_NAME => names.push(bytes),
                _ => {}
            }
        }
    }
    names
}

/// Start and end of validity (RFC 5280 4.1.2.5), both inclusive.
pub(super) fn validity(certificate: &X509Certificate<'_>) -> Option<(Moment, Moment)> {
    let validity = certificate.validity();
    Some((moment(validity.not_before)?, moment(validity.not_after)?))
}

/// A time of a certificate as a point in time.
fn moment(time: ASN1Time) -> Option<Moment> {
    time.timestamp().checked_mul(1_000_000).map(Moment)
}

/// Whether subject and issuer are the same name (RFC 5280 6.1: self-issued).
pub(super) fn self_issued(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
}
