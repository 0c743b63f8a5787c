//! The country's certificate authority.

use std::time::SystemTime;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm,
};
use rustls::crypto::aws_lc_rs::sign::any_ecdsa_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::country::keys::{private, rsa_key};
use crate::lab::national::manners::Certificate;

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// A private CA.
pub struct Authority {
    seed: u64,
    issuer: Issuer<'static, KeyPair>,
    /// A CA below.
    below: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
    /// The root certificate.
    pub pem: String,
}

fn pair(seed: u64, whose: &str) -> (KeyPair, PrivateKeyDer<'static>) {
    let der = PrivateKeyDer::try_from(private(seed, whose)).expect("PKCS #8");
    (KeyPair::try_from(&der).expect("a key of P-256"), der)
}

fn params(name: &str, names: &[String]) -> CertificateParams {
    let mut params = CertificateParams::new(names).expect("DNS names");
    params.distinguished_name.push(DnType::CommonName, name);
    let now = SystemTime::now();
    params.not_before = (now - DAY).into();
    params.not_after = (now + 90 * DAY).into();
    params
}

/// A key by RSA that nobody has.
struct Rsa(Vec<u8>);

impl PublicKeyData for Rsa {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

fn ca(name: &str) -> CertificateParams {
    let mut params = params(name, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

impl Authority {
    /// The CA of a seed.
    pub fn new(seed: u64) -> Self {
        let params = ca("Lab CA");
        let (key, _) = pair(seed, "ca");
        let root = params.self_signed(&key).expect("a root");
        Self {
            seed,
            pem: root.pem(),
            root: root.der().clone(),
            issuer: Issuer::new(params, key),
            below: Issuer::new(ca("Lab CA below"), pair(seed, "ca below").0),
        }
    }

    /// A certificate for a name under a server's key, with its chain.
    pub fn certify(&self, server: &str, name: &str, kind: Certificate) -> CertifiedKey {
        let mut params = params(name, &[name.to_owned()]);
        if kind == Certificate::Expired {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let (key, der) = pair(self.seed, server);
        let leaf = match kind {
            Certificate::SelfSigned => params.self_signed(&key),
            Certificate::Alone => params.signed_by(&key, &self.below),
            _ => params.signed_by(&key, &self.issuer),
        };
        let mut chain = vec![leaf.expect("a certificate").der().clone()];
        if !matches!(kind, Certificate::SelfSigned | Certificate::Alone) {
            // DANE-TA wants it in the chain (RFC 7672 3.1.2).
            chain.push(self.root.clone());
        }
        CertifiedKey::new(chain, any_ecdsa_type(&der).expect("a key of P-256"))
    }

    /// The chain of a certificate for a name under a server's key by RSA.
    pub fn certify_rsa(&self, server: &str, name: &str, bits: usize) -> Vec<Vec<u8>> {
        let key = Rsa(rsa_key(self.seed, server, bits));
        let leaf = params(name, &[name.to_owned()]).signed_by(&key, &self.issuer);
        vec![
            leaf.expect("a certificate").der().to_vec(),
            self.root.to_vec(),
        ]
    }
}
