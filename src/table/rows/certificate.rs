//! `certificates`: every certificate seen, once.

use crate::table::row::{Bytes, Moment};

crate::row! {
    /// One X.509 certificate (RFC 5280). Fields are null where the DER could not be parsed.
    pub struct CertificateRow {
        /// SHA-256 of the DER in hex.
        pub sha256: String,
        /// SHA-256 of the SubjectPublicKeyInfo in hex.
        pub spki_sha256: Option<String>,
        /// Subject, one line, escaped. Those who sign for themselves often write a mailbox into it.
        pub subject: Option<String> => personal,
        /// Issuer, one line, escaped.
        pub issuer: Option<String> => personal,
        /// Serial number in hex.
        pub serial: Option<String>,
        /// Start of validity.
        pub not_before: Option<Moment>,
        /// End of validity.
        pub not_after: Option<Moment>,
        /// SAN dNSName entries in lower case, escaped; at most 1,000.
        pub dns_names: Vec<String>,
        /// Kind of key: `rsa`, `ecdsa`, `ed25519`, `ed448`, `other`.
        pub key_type: Option<String>,
        /// Size of the RSA modulus or of the curve, in bits.
        pub key_bits: Option<u32>,
        /// Curve of an ECDSA key: `P-256`, `P-384`, `P-521`, `brainpoolP256r1` …, or the OID.
        pub curve: Option<String>,
        /// Signature algorithm: its name, or the OID where it has none here.
        pub signature_algorithm: Option<String>,
        /// Hash of the signature: `sha256` …; null where the algorithm has none of its own to name
        /// (Ed25519, Ed448) or is not known here.
        pub signature_hash: Option<String>,
        /// Whether subject and issuer are equal and the signature verifies under its own key.
        pub self_signed: Option<bool>,
        /// Whether basicConstraints says CA.
        pub is_ca: Option<bool>,
        /// The certificate itself: old facts stay judgeable by new rules.
        pub der: Bytes => personal,
    }
}
