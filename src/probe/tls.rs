//! The full handshake by rustls, with a verifier that records and accepts.
//!
//! Trust, names and dates are judged afterwards from what was recorded; here everything is taken
//! that the protocol allows.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use ::aws_lc_rs::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, SupportedKxGroup, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, ProtocolVersion, SignatureScheme, SupportedCipherSuite,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::pace::error_of;
use crate::table::codes::{ErrorCode, TlsOutcome};
use crate::table::rows::{CERTIFICATES, Tls};
use crate::text;
use crate::tls_names;
use crate::tls_names::alert::PROTOCOL_VERSION;
use crate::trace;

/// Characters of the library's explanation that are kept.
const DETAIL: usize = 200;

/// Shakes hands.
pub struct Client {
    provider: Arc<CryptoProvider>,
    /// The only kind of signature that is offered; none offers every kind.
    keys: Option<Keys>,
}

/// Kinds of keys by the signatures that they make: a server may have a certificate of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keys {
    /// RSA.
    Rsa,
    /// ECDSA, Ed25519.
    Elliptic,
}

impl Keys {
    /// The kind of a leaf's key by the word for it in tables.
    pub fn of(key_type: Option<&str>) -> Option<Self> {
        match key_type {
            Some("rsa") => Some(Self::Rsa),
            Some("ecdsa" | "ed25519" | "ed448") => Some(Self::Elliptic),
            _ => None,
        }
    }

    /// The other kind.
    pub fn other(self) -> Self {
        match self {
            Self::Rsa => Self::Elliptic,
            Self::Elliptic => Self::Rsa,
        }
    }

    /// Whether keys of this kind make such signatures (RFC 8446 4.2.3).
    fn sign(self, scheme: SignatureScheme) -> bool {
        let is_rsa = matches!(
            u16::from(scheme),
            0x0201 | 0x0401 | 0x0501 | 0x0601 | 0x0804..=0x0806 | 0x0809..=0x080b
        );
        is_rsa == (self == Self::Rsa)
    }

    /// Whether a suite is for keys of this kind; those of TLS 1.3 are for every one.
    fn fit(self, suite: SupportedCipherSuite) -> bool {
        match suite {
            SupportedCipherSuite::Tls12(suite) => suite.sign.iter().all(|one| self.sign(*one)),
            SupportedCipherSuite::Tls13(_) => true,
        }
    }
}

/// What a handshake left behind.
pub struct Handshake<S> {
    /// What became of it.
    pub tls: Tls,
    /// The certificates sent, leaf first, in DER.
    pub chain: Vec<Vec<u8>>,
    /// Whether it broke for want of something in common.
    pub nothing_common: Option<NothingCommon>,
    /// The stream, if it was completed.
    pub stream: Option<TlsStream<S>>,
}

/// What client and server have no choice of in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NothingCommon {
    /// The server says that it has neither TLS 1.3 nor 1.2.
    Version,
    /// A suite, a group, a scheme of signatures, or who knows what: some servers just close or reset
    /// the connection. That, and an alert, counts before any certificate came.
    Other,
}

impl Default for Client {
    fn default() -> Self {
        // A hybrid post-quantum group first; rustls sends its classical half as a share of its own.
        let mut groups = vec![aws_lc_rs::kx_group::X25519MLKEM768];
        groups.extend(CLASSICAL);
        Self::of(groups, None)
    }
}

/// Groups that servers have had for long.
const CLASSICAL: [&dyn SupportedKxGroup; 3] = [
    aws_lc_rs::kx_group::X25519,
    aws_lc_rs::kx_group::SECP256R1,
    aws_lc_rs::kx_group::SECP384R1,
];

impl Client {
    /// One that offers no hybrid group, whose share makes a ClientHello of more than one segment.
    pub fn classical() -> Self {
        Self::of(CLASSICAL.to_vec(), None)
    }

    /// One that takes certificates with keys of one kind only: the other one that a server may have
    /// is not shown to it.
    pub fn only(keys: Keys) -> Self {
        Self::of(CLASSICAL.to_vec(), Some(keys))
    }

    fn of(kx_groups: Vec<&'static dyn SupportedKxGroup>, keys: Option<Keys>) -> Self {
        let mut provider = CryptoProvider {
            kx_groups,
            ..aws_lc_rs::default_provider()
        };
        if let Some(keys) = keys {
            provider.cipher_suites.retain(|suite| keys.fit(*suite));
        }
        Self {
            provider: Arc::new(provider),
            keys,
        }
    }

    /// Shakes hands on a stream, with a server name if one is given.
    pub async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        sni: Option<&str>,
        deadline: Instant,
    ) -> Handshake<S> {
        let mut tls = Tls {
            outcome: TlsOutcome::Failed,
            ..Tls::default()
        };
        let recorder = Arc::new(Recorder::new(self.provider.clone(), self.keys));
        let config = match self.config(recorder.clone()) {
            Ok(config) => config,
            Err(err) => {
                note_failure(&mut tls, &err);
                return Handshake {
                    tls,
                    chain: Vec::new(),
                    nothing_common: None,
                    stream: None,
                };
            }
        };
        let name = sni.and_then(|name| ServerName::try_from(name.to_owned()).ok());
        tls.sni = sni.filter(|_| name.is_some()).map(str::to_owned);
        // For an address rustls sends no server name at all.
        let nameless = ServerName::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let start = Instant::now();
        let connect =
            TlsConnector::from(Arc::new(config)).connect(name.unwrap_or(nameless), stream);
        let mut nothing_common = None;
        let stream = match timeout_at(deadline, connect).await {
            Ok(Ok(stream)) => {
                note_success(&mut tls, &stream, start);
                Some(stream)
            }
            Ok(Err(err)) => {
                note_broken(&mut tls, &err);
                nothing_common = of_library(&err).and_then(nothing_in_common);
                None
            }
            Err(_) => {
                tls.error = Some(ErrorCode::Timeout);
                None
            }
        };
        let seen = recorder.seen();
        tls.signature_scheme = seen
            .scheme
            .map(|scheme| tls_names::scheme(u16::from(scheme)));
        tls.signature_valid = seen.signature_valid;
        let left = matches!(tls.error, Some(ErrorCode::Closed | ErrorCode::Reset));
        match (seen.chain.is_empty(), tls.alert) {
            (true, _) if left => nothing_common = Some(NothingCommon::Other),
            // Who has shown a certificate had found suite and group, and says no to something else:
            // a client without a certificate, perhaps.
            (false, Some(_)) => nothing_common = None,
            _ => {}
        }
        trace::line(|| words(&tls, &seen.chain));
        Handshake {
            tls,
            nothing_common,
            chain: seen.chain,
            stream,
        }
    }

    fn config(&self, recorder: Arc<Recorder>) -> Result<ClientConfig, rustls::Error> {
        let mut config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .dangerous()
            .with_custom_certificate_verifier(recorder)
            .with_no_client_auth();
        // Every server is met once.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }
}

/// The facts of a handshake as one line of a trace.
fn words(tls: &Tls, chain: &[Vec<u8>]) -> String {
    let facts = [
        &tls.version,
        &tls.cipher,
        &tls.group,
        &tls.signature_scheme,
        &tls.detail,
    ];
    let mut words = vec![format!("TLS {}", tls.outcome.as_str())];
    words.extend(tls.error.map(|error| error.as_str().to_owned()));
    words.extend(facts.into_iter().flatten().cloned());
    words.push(match &tls.sni {
        Some(sni) => format!("SNI {sni}"),
        None => "no SNI".to_owned(),
    });
    words.push(format!("{} certificates", chain.len()));
    words.extend(chain.first().map(|leaf| {
        let hash = digest(&SHA256, leaf);
        format!("leaf SHA-256 {}", text::hex(hash.as_ref()))
    }));
    words.join(", ")
}

fn note_success<S>(tls: &mut Tls, stream: &TlsStream<S>, start: Instant) {
    let (_, session) = stream.get_ref();
    tls.outcome = TlsOutcome::Completed;
    tls.handshake_ms = u32::try_from(start.elapsed().as_millis()).ok();
    tls.version = session.protocol_version().map(version_name);
    tls.cipher = session.negotiated_cipher_suite().map(suite_name);
    tls.group = session.negotiated_key_exchange_group().map(group_name);
}

fn suite_name(suite: SupportedCipherSuite) -> String {
    // The registry's name of a TLS 1.3 suite starts like all others.
    format!("{:?}", suite.suite()).replacen("TLS13_", "TLS_", 1)
}

fn group_name(group: &dyn SupportedKxGroup) -> String {
    let name = format!("{:?}", group.name());
    if name.contains("MLKEM") {
        name
    } else {
        name.to_ascii_lowercase()
    }
}

/// Whether a handshake without a hybrid group offers this suite of TLS 1.3 and this group.
pub fn can_shake_hands(suite: &str, group: &str) -> bool {
    let suites = aws_lc_rs::default_provider().cipher_suites;
    let mut suites = suites.into_iter().filter(|one| one.tls13().is_some());
    suites.any(|one| suite_name(one) == suite)
        && CLASSICAL.iter().any(|one| group_name(*one) == group)
}

fn note_broken(tls: &mut Tls, err: &std::io::Error) {
    match of_library(err) {
        Some(inner) => note_failure(tls, inner),
        None => tls.error = Some(error_of(err)),
    }
}

/// Why a stream of TLS broke after the handshake.
pub fn broken(err: &std::io::Error) -> ErrorCode {
    of_library(err).map_or_else(|| error_of(err), failure)
}

/// What the TLS library has against what came, if it is that.
fn of_library(err: &std::io::Error) -> Option<&rustls::Error> {
    err.get_ref()?.downcast_ref()
}

fn failure(err: &rustls::Error) -> ErrorCode {
    match err {
        rustls::Error::AlertReceived(_) => ErrorCode::TlsAlert,
        rustls::Error::FailedToGetRandomBytes | rustls::Error::General(_) => {
            ErrorCode::InternalError
        }
        _ => ErrorCode::ProtocolError,
    }
}

/// Alerts of servers that find nothing they could agree to: handshake_failure, illegal_parameter,
/// insufficient_security, internal_error, inappropriate_fallback, missing_extension,
/// unsupported_extension (RFC 8446 6.2, RFC 7507); protocol_version apart.
const NOTHING_IN_COMMON: [u8; 7] = [40, 47, 71, 80, 86, 109, 110];

/// What it was that a broken handshake found nothing in common of, if it broke of that.
fn nothing_in_common(err: &rustls::Error) -> Option<NothingCommon> {
    use rustls::PeerIncompatible::{
        ServerDoesNotSupportTls12Or13, ServerTlsVersionIsDisabledByOurConfig,
    };
    use rustls::PeerMisbehaved::{
        SelectedUnofferedCipherSuite, SelectedUnofferedKxGroup,
        SignedHandshakeWithUnadvertisedSigScheme, SignedKxWithWrongAlgorithm,
    };
    match err {
        rustls::Error::AlertReceived(alert) => match u8::from(*alert) {
            PROTOCOL_VERSION => Some(NothingCommon::Version),
            other => NOTHING_IN_COMMON
                .contains(&other)
                .then_some(NothingCommon::Other),
        },
        // The server answered with a version of its own, which is older.
        rustls::Error::PeerIncompatible(
            ServerDoesNotSupportTls12Or13 | ServerTlsVersionIsDisabledByOurConfig,
        ) => Some(NothingCommon::Version),
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::PeerMisbehaved(
            SelectedUnofferedCipherSuite
            | SelectedUnofferedKxGroup
            | SignedHandshakeWithUnadvertisedSigScheme
            | SignedKxWithWrongAlgorithm,
        ) => Some(NothingCommon::Other),
        _ => None,
    }
}

fn note_failure(tls: &mut Tls, err: &rustls::Error) {
    tls.error = Some(failure(err));
    tls.alert = match err {
        rustls::Error::AlertReceived(alert) => Some(u8::from(*alert)),
        _ => None,
    };
    tls.detail = Some(err.to_string().chars().take(DETAIL).collect());
}

fn version_name(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLS 1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLS 1.3".to_owned(),
        other => format!("0x{:04x}", u16::from(other)),
    }
}

/// Takes every certificate and every signature, and remembers them.
#[derive(Debug)]
struct Recorder {
    provider: Arc<CryptoProvider>,
    keys: Option<Keys>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    chain: Vec<Vec<u8>>,
    scheme: Option<SignatureScheme>,
    signature_valid: Option<bool>,
}

impl Recorder {
    fn new(provider: Arc<CryptoProvider>, keys: Option<Keys>) -> Self {
        Self {
            provider,
            keys,
            seen: Mutex::default(),
        }
    }

    fn seen(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(
        &self,
        signature: &DigitallySignedStruct,
        result: &Result<HandshakeSignatureValid, rustls::Error>,
    ) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.scheme = Some(signature.scheme);
        // The library says "bad signature" also of keys that are too small for it, so that only a
        // success tells.
        seen.signature_valid = result.as_ref().ok().map(|_| true);
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let chain = [end_entity].into_iter().chain(intermediates);
        seen.chain = chain.take(CERTIFICATES).map(|der| der.to_vec()).collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.note(dss, &verify_tls12_signature(message, cert, dss, algorithms));
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.note(dss, &verify_tls13_signature(message, cert, dss, algorithms));
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self
            .provider
            .signature_verification_algorithms
            .supported_schemes();
        // Old servers sign with nothing else; what they sign with is a fact worth having.
        schemes.extend([
            SignatureScheme::ECDSA_SHA1_Legacy,
            SignatureScheme::RSA_PKCS1_SHA1,
        ]);
        schemes.retain(|scheme| self.keys.is_none_or(|keys| keys.sign(*scheme)));
        schemes
    }
}
