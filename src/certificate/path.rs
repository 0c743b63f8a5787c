//! The path search that trust and DANE share: [`verify`], with the algorithms of webpki or with
//! [`lenient`] ones, and [`is_date`].

use std::sync::LazyLock;

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    UnparsedPublicKey, VerificationAlgorithm,
};
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm,
    TrustAnchor, UnixTime, alg_id,
};
use webpki::{EndEntityCert, Error, KeyUsage};

use crate::table::row::Moment;

/// Algorithms for the signatures of a path.
pub(super) type Algorithms = [&'static dyn SignatureVerificationAlgorithm];

/// Searches a path (RFC 5280 6.1) for a TLS server from the first certificate through the others,
/// in any order, to an anchor; every certificate but the anchor has to be valid at `at`.
pub(super) fn verify(
    anchors: &[TrustAnchor<'_>],
    chain: &[&[u8]],
    at: Moment,
    algorithms: &Algorithms,
) -> Result<(), Error> {
    let (leaf, others) = chain.split_first().ok_or(Error::BadDer)?;
    let leaf = CertificateDer::from(*leaf);
    let others: Vec<_> = others
        .iter()
        .map(|der| CertificateDer::from(*der))
        .collect();
    let leaf = EndEntityCert::try_from(&leaf)?;
    let usage = KeyUsage::server_auth();
    let time = unix_time(at);
    leaf.verify_for_usage(algorithms, anchors, &others, time, usage, None, None)?;
    Ok(())
}

/// Whether a refusal is about dates alone.
pub(super) fn is_date(error: &Error) -> bool {
    matches!(
        error,
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } | Error::InvalidCertValidity
    )
}

/// The algorithms of webpki, and PKCS #1 1.5 signatures of RSA keys from 1024 bits on, which webpki
/// calls wrong whatever they are.
pub(super) fn lenient() -> &'static Algorithms {
    static LENIENT: LazyLock<Vec<&'static dyn SignatureVerificationAlgorithm>> =
        LazyLock::new(|| {
            // The first one that fits decides.
            let mut list: Vec<&'static dyn SignatureVerificationAlgorithm> =
                vec![&SMALL_SHA256, &SMALL_SHA512];
            list.extend_from_slice(webpki::ALL_VERIFICATION_ALGS);
            list
        });
    &LENIENT
}

/// The second of a moment, as webpki wants it.
fn unix_time(at: Moment) -> UnixTime {
    let seconds = u64::try_from(at.0.div_euclid(1_000_000)).unwrap_or(0);
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

static SMALL_SHA256: SmallRsa = SmallRsa {
    signature: alg_id::RSA_PKCS1_SHA256,
    verification: &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
};
static SMALL_SHA512: SmallRsa = SmallRsa {
    signature: alg_id::RSA_PKCS1_SHA512,
    verification: &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
};

/// PKCS #1 1.5 signatures of RSA keys from 1024 bits on.
#[derive(Debug)]
struct SmallRsa {
    signature: AlgorithmIdentifier,
    verification: &'static dyn VerificationAlgorithm,
}

impl SignatureVerificationAlgorithm for SmallRsa {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        UnparsedPublicKey::new(self.verification, public_key)
            .verify(message, signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}
