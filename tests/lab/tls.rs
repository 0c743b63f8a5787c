//! Certificates and TLS servers that take them.

use std::sync::Arc;

use rcgen::{CertificateParams, CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, SupportedProtocolVersion, version};
use tokio_rustls::TlsAcceptor;

/// The name in every leaf.
pub const HOST: &str = "mail.example.cz";

/// A server with one self-signed certificate.
pub fn server() -> TlsAcceptor {
    build(&[&version::TLS13, &version::TLS12], 1)
}

/// A server that stayed with TLS 1.2.
pub fn only_1_2() -> TlsAcceptor {
    build(&[&version::TLS12], 1)
}

/// A server that sends a leaf and many certificates that have nothing to do with it.
pub fn huge_chain(certificates: usize) -> TlsAcceptor {
    build(&[&version::TLS13, &version::TLS12], certificates)
}

fn build(versions: &[&'static SupportedProtocolVersion], certificates: usize) -> TlsAcceptor {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([HOST.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let mut chain = vec![cert.der().clone()];
    chain.extend((1..certificates).map(stranger));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

fn stranger(number: usize) -> CertificateDer<'static> {
    let params = CertificateParams::new([format!("stranger-{number}.example")]).unwrap();
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().der().clone()
}
