//! Whether a certificate signed itself: [`self_signed`], for every algorithm that aws-lc knows.

use aws_lc_rs::signature::{self as aws, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::parse::self_issued;

/// OID of rsaEncryption (RFC 3279 2.3.1).
pub(super) const RSA: &str = "1.2.840.113549.1.1.1";
/// OID of RSASSA-PSS, as signature and as kind of key (RFC 4055 3).
pub(super) const PSS: &str = "1.2.840.113549.1.1.10";
/// OID of an EC public key (RFC 5480 2.1.1).
pub(super) const EC: &str = "1.2.840.10045.2.1";
/// OID of Ed25519 (RFC 8410 3).
pub(super) const ED25519: &str = "1.3.101.112";
/// OID of Ed448 (RFC 8410 3).
pub(super) const ED448: &str = "1.3.101.113";

type Algorithm = &'static dyn VerificationAlgorithm;

/// Whether subject and issuer are equal and the signature verifies under the certificate's own key
/// (RFC 5280 3.2). None: the names are equal, but the algorithm cannot be verified here.
pub(super) fn self_signed(certificate: &X509Certificate<'_>) -> Option<bool> {
    if !self_issued(certificate) {
        return Some(false);
    }
    let key = certificate.public_key();
    let algorithm = algorithm(&certificate.signature_algorithm, key)?;
    let verified = UnparsedPublicKey::new(algorithm, key.subject_public_key.data.as_ref())
        .verify(
            certificate.tbs_certificate.as_ref(),
            certificate.signature_value.data.as_ref(),
        )
        .is_ok();
    // A PSS signature with another length of salt fails here without being wrong.
    let certain = certificate.signature_algorithm.algorithm.to_id_string() != PSS;
    (verified || certain).then_some(verified)
}

/// Bits of the modulus of an RSA key (RFC 8017 A.1.1).
pub(super) fn rsa_bits(key: &SubjectPublicKeyInfo<'_>) -> Option<u32> {
    let (_, rsa) = RSAPublicKey::from_der(&key.subject_public_key.data).ok()?;
    let first = rsa.modulus.iter().position(|&byte| byte != 0)?;
    let (&top, below) = rsa.modulus[first..].split_first()?;
    u32::try_from(below.len() * 8)
        .ok()?
        .checked_add(8 - top.leading_zeros())
}

/// OID of the curve of an EC key (RFC 5480 2.1.1.1).
pub(super) fn curve(key: &SubjectPublicKeyInfo<'_>) -> Option<String> {
    let parameters = key.algorithm.parameters.as_ref()?;
    Some(parameters.as_oid().ok()?.to_id_string())
}

/// How a signature under a key is verified.
fn algorithm(
    signature: &AlgorithmIdentifier<'_>,
    key: &SubjectPublicKeyInfo<'_>,
) -> Option<Algorithm> {
    let name = signature.algorithm.to_id_string();
    match key.algorithm.algorithm.to_id_string().as_str() {
        RSA | PSS if name == PSS => pss(signature, rsa_bits(key)?),
        RSA => pkcs1(&name, rsa_bits(key)?),
        EC => ecdsa(&name, &curve(key)?),
        ED25519 if name == ED25519 => Some(&aws::ED25519),
        _ => None,
    }
}

/// RSA with PKCS #1 1.5 padding (RFC 4055 5).
fn pkcs1(signature: &str, bits: u32) -> Option<Algorithm> {
    if bits > 8192 {
        return None;
    }
    Some(match (signature, bits) {
        ("1.2.840.113549.1.1.5", 1024..) => &aws::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        ("1.2.840.113549.1.1.11", 1024..) => &aws::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        ("1.2.840.113549.1.1.12", 2048..) => &aws::RSA_PKCS1_2048_8192_SHA384,
        ("1.2.840.113549.1.1.13", 1024..) => &aws::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        _ => return None,
    })
}

/// RSA with PSS padding (RFC 4055 3.1).
fn pss(signature: &AlgorithmIdentifier<'_>, bits: u32) -> Option<Algorithm> {
    if !(2048..=8192).contains(&bits) {
        return None;
    }
    let parameters = RsaSsaPssParams::try_from(signature.parameters.as_ref()?).ok()?;
    Some(
        match parameters.hash_algorithm_oid().to_id_string().as_str() {
            "2.16.840.1.101.3.4.2.1" => &aws::RSA_PSS_2048_8192_SHA256,
            "2.16.840.1.101.3.4.2.2" => &aws::RSA_PSS_2048_8192_SHA384,
            "2.16.840.1.101.3.4.2.3" => &aws::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        },
    )
}

/// ECDSA (RFC 5758 3.2, RFC 3279 2.2.3).
fn ecdsa(signature: &str, curve: &str) -> Option<Algorithm> {
    const P256: &str = "1.2.840.10045.3.1.7";
    const P384: &str = "1.3.132.0.34";
    const P521: &str = "1.3.132.0.35";
    const K256: &str = "1.3.132.0.10";
    Some(match (curve, signature) {
        (P256, "1.2.840.10045.4.1") => &aws::ECDSA_P256_SHA1_ASN1,
        (P256, "1.2.840.10045.4.3.2") => &aws::ECDSA_P256_SHA256_ASN1,
        (P256, "1.2.840.10045.4.3.3") => &aws::ECDSA_P256_SHA384_ASN1,
        (P256, "1.2.840.10045.4.3.4") => &aws::ECDSA_P256_SHA512_ASN1,
        (P384, "1.2.840.10045.4.3.2") => &aws::ECDSA_P384_SHA256_ASN1,
        (P384, "1.2.840.10045.4.3.3") => &aws::ECDSA_P384_SHA384_ASN1,
        (P384, "1.2.840.10045.4.3.4") => &aws::ECDSA_P384_SHA512_ASN1,
        (P521, "1.2.840.10045.4.1") => &aws::ECDSA_P521_SHA1_ASN1,
        (P521, "1.2.840.10045.4.3.2") => &aws::ECDSA_P521_SHA256_ASN1,
        (P521, "1.2.840.10045.4.3.3") => &aws::ECDSA_P521_SHA384_ASN1,
        (P521, "1.2.840.10045.4.3.4") => &aws::ECDSA_P521_SHA512_ASN1,
        (K256, "1.2.840.10045.4.3.2") => &aws::ECDSA_P256K1_SHA256_ASN1,
        _ => return None,
    })
}
