//! Certificates and TLS servers that take them.

use std::sync::{Arc, LazyLock};

use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, SignatureScheme, SupportedProtocolVersion, version};
use tokio_rustls::TlsAcceptor;

use super::old_tls::{Certificates, Chains, Key, Library, MODERN, Repertoire};

/// The name in every leaf.
pub const HOST: &str = "mail.example.cz";

/// A server's side of handshakes.
#[derive(Clone)]
pub struct Side {
    /// What the library does.
    pub acceptor: TlsAcceptor,
    /// Certificates for what it does not do.
    pub chains: Arc<Chains>,
}

/// A server with one self-signed certificate.
pub fn server() -> Side {
    of(&MODERN)
}

/// A server that stayed with TLS 1.2.
pub fn only_1_2() -> Side {
    build(&MODERN, Library::Tls12, 1)
}

/// A server that sends a leaf and many certificates that have nothing to do with it.
pub fn huge_chain(certificates: usize) -> Side {
    build(&MODERN, Library::Hybrid, certificates)
}

/// A server with self-signed certificates and this repertoire.
pub fn of(repertoire: &Repertoire) -> Side {
    build(repertoire, repertoire.library, 1)
}

/// A server whose certificates somebody else chooses, and that speaks no old TLS.
pub fn chosen(certificates: Arc<dyn ResolvesServerCert>) -> Side {
    Side {
        acceptor: TlsAcceptor::from(Arc::new(config(Library::Hybrid, certificates))),
        chains: Arc::new(|_, _| None),
    }
}

fn build(repertoire: &Repertoire, library: Library, certificates: usize) -> Side {
    let keys = Arc::new(Keys::of(repertoire, certificates));
    let resolver = keys.clone();
    Side {
        acceptor: TlsAcceptor::from(Arc::new(config(library, resolver))),
        chains: Arc::new(move |key, name| {
            let found = keys.of_kind(key, name)?;
            Some(found.cert.iter().map(|der| der.to_vec()).collect())
        }),
    }
}

/// The library, with these certificates.
pub fn config(library: Library, certificates: Arc<dyn ResolvesServerCert>) -> ServerConfig {
    let (versions, provider): (&[&SupportedProtocolVersion], _) = match library {
        Library::None | Library::Tls12 => (&[&version::TLS12], default_provider()),
        Library::Hybrid => (&[&version::TLS13, &version::TLS12], default_provider()),
        Library::Classical => {
            let provider = CryptoProvider {
                kx_groups: vec![kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1],
                ..default_provider()
            };
            (&[&version::TLS13, &version::TLS12], provider)
        }
    };
    ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(certificates)
}

/// The keys of a server and their certificates.
#[derive(Debug)]
struct Keys {
    ecdsa: Option<Arc<CertifiedKey>>,
    rsa: Option<Arc<CertifiedKey>>,
    /// Whether there is one by ECDSA for every name.
    per_name: bool,
}

impl Keys {
    fn of(repertoire: &Repertoire, certificates: usize) -> Self {
        let (ecdsa, rsa) = repertoire.keys();
        let ecdsa = ecdsa.then(|| certify(&KeyPair::generate().unwrap(), HOST, certificates));
        Self {
            ecdsa,
            rsa: rsa.then(|| certify(&RSA, HOST, certificates)),
            per_name: repertoire.certificates == Certificates::PerName,
        }
    }

    fn of_kind(&self, key: Key, name: Option<&str>) -> Option<Arc<CertifiedKey>> {
        match (key, name) {
            (Key::Ecdsa, Some(name)) if self.per_name => {
                Some(certify(&KeyPair::generate().unwrap(), name, 1))
            }
            (Key::Ecdsa, _) => self.ecdsa.clone(),
            (Key::Rsa, _) => self.rsa.clone(),
            (Key::None, _) => None,
        }
    }
}

impl ResolvesServerCert for Keys {
    /// The one by ECDSA where the client takes it.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let takes = hello.signature_schemes();
        let ecdsa = takes.contains(&SignatureScheme::ECDSA_NISTP256_SHA256);
        let kinds = [ecdsa.then_some(Key::Ecdsa), Some(Key::Rsa)];
        let name = hello.server_name();
        let mut found = kinds
            .into_iter()
            .flatten()
            .filter_map(|kind| self.of_kind(kind, name));
        found.next()
    }
}

/// The one RSA key of all servers: making one takes a while.
pub static RSA: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap());

/// A self-signed certificate for these names.
pub fn certify_all(pair: &KeyPair, names: &[String]) -> Arc<CertifiedKey> {
    let params = CertificateParams::new(names).unwrap();
    let leaf = params.self_signed(pair).unwrap().der().clone();
    certified(pair, vec![leaf])
}

/// A chain and the key of its leaf.
pub fn certified(pair: &KeyPair, chain: Vec<CertificateDer<'static>>) -> Arc<CertifiedKey> {
    let key = PrivateKeyDer::try_from(pair.serialize_der()).unwrap();
    Arc::new(CertifiedKey::new(chain, any_supported_type(&key).unwrap()))
}

fn certify(pair: &KeyPair, name: &str, certificates: usize) -> Arc<CertifiedKey> {
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    let mut chain = vec![params.self_signed(pair).unwrap().der().clone()];
    chain.extend((1..certificates).map(stranger));
    certified(pair, chain)
}

fn stranger(number: usize) -> CertificateDer<'static> {
    let params = CertificateParams::new([format!("stranger-{number}.example")]).unwrap();
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().der().clone()
}
