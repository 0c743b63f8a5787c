//! Bare ClientHellos: what a server says to a hello that rustls would not send, read from its first
//! flight. No key is ever agreed on.
//!
//! [`Hello`] is what is offered, [`ask`] sends it and reads the [`Answer`].

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::table::codes::ErrorCode;
use crate::table::tls_codes::{HelloKind, HelloOutcome};

/// What is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// Which of the usual ones it is.
    pub kind: HelloKind,
    /// Whether it has extensions. SSL 2.0 and 3.0 know none.
    pub extensions: bool,
}

impl Hello {
    /// One of the usual hellos.
    pub fn of(kind: HelloKind) -> Self {
        Self {
            kind,
            extensions: true,
        }
    }
}

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Accepted, refused, or nothing that says something.
    pub outcome: HelloOutcome,
    /// Why it says nothing, or how it was refused without an alert: `closed`, `reset`.
    pub error: Option<ErrorCode>,
    /// Number of the fatal alert.
    pub alert: Option<u8>,
    /// The server's first flight, as far as it came.
    pub flight: Option<Flight>,
}

/// The server's first flight: ServerHello or HelloRetryRequest and, before TLS 1.3, Certificate and
/// ServerKeyExchange.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flight {
    /// Version of the ServerHello, as the columns spell it.
    pub version: String,
    /// Suite by its IANA name.
    pub cipher: String,
    /// Group of the key exchange by its IANA name.
    pub group: Option<String>,
    /// Size of the prime of a DHE key exchange, in bits.
    pub dh_bits: Option<u16>,
    /// Scheme of the signature of the key exchange by its IANA name.
    pub signature_scheme: Option<String>,
    /// Whether compression was chosen; none for TLS 1.3.
    pub compression: Option<bool>,
    /// Whether secure renegotiation is signalled (RFC 5746); none for TLS 1.3.
    pub secure_renegotiation: Option<bool>,
    /// Whether the extended master secret was accepted (RFC 7627); none for TLS 1.3.
    pub extended_master_secret: Option<bool>,
    /// Whether the heartbeat extension was accepted (RFC 6520); none for TLS 1.3.
    pub heartbeat: Option<bool>,
    /// The certificates sent, leaf first, in DER; empty for TLS 1.3.
    pub chain: Vec<Vec<u8>>,
}

/// Sends a hello, with a server name if one is given, and reads the first flight.
pub async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    _stream: &mut S,
    _hello: &Hello,
    _sni: Option<&str>,
    _deadline: Instant,
) -> Answer {
    Answer::default()
}
