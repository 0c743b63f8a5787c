//! Bare ClientHellos: what a server says to a hello that rustls would not send, read from its first
//! flight. No key is ever agreed on.
//!
//! [`Hello`] is what is offered, [`ask`] sends it and reads the [`Answer`]. [`decode`] reads an answer
//! from bytes, [`decode_in_pieces`] from bytes that come a few at a time.
//!
//! Inside, [`offers`] says what the usual hellos offer, [`encode`] makes their bytes, [`records`] and
//! [`flight`] read what comes back, and [`ssl2`] does both for SSL 2.0.

mod encode;
mod flight;
mod flow;
mod key_exchange;
mod offers;
mod reader;
mod records;
mod server_hello;
mod ssl2;
#[cfg(test)]
mod tests;

use crate::table::codes::ErrorCode;
use crate::table::tls_codes::{HelloKind, HelloOutcome};
use crate::tls_names::Version;

pub use flow::ask;

/// What is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// Which of the usual ones it is.
    pub kind: HelloKind,
    /// Whether it has extensions. SSL 2.0 and 3.0 know none, TLS 1.3 cannot do without.
    pub extensions: bool,
    /// The newest version. A hello for TLS 1.3 offers that alone, all others every older one, too.
    pub version: Version,
    /// Cipher suites in the order of preference; SSL 2.0 always offers all of its own.
    pub suites: Vec<u16>,
    /// Groups in the order of preference.
    pub groups: Vec<u16>,
    /// Signature schemes in the order of preference; before TLS 1.2 nobody asks.
    pub schemes: Vec<u16>,
}

impl Hello {
    /// One of the usual hellos.
    pub fn of(kind: HelloKind) -> Self {
        let version = match kind {
            HelloKind::Tls1_3 => Version::Tls1_3,
            HelloKind::Ssl2 => Version::Ssl2,
            HelloKind::Ssl3 => Version::Ssl3,
            HelloKind::Legacy => Version::Tls1_1,
            _ => Version::Tls1_2,
        };
        let mut hello = Self::up_to(kind, version);
        match kind {
            HelloKind::Weak => hello.suites.retain(|suite| offers::is_weak(*suite)),
            HelloKind::Sha1 => hello.schemes = offers::SHA1_SCHEMES.to_vec(),
            _ => {}
        }
        hello
    }

    /// A hello that offers all there is up to a version.
    pub fn up_to(kind: HelloKind, version: Version) -> Self {
        Self {
            kind,
            extensions: version > Version::Ssl3,
            version,
            suites: offers::suites(version),
            groups: offers::groups(version),
            schemes: offers::schemes(version),
        }
    }

    /// The suites that are sent: all, unless too many for a hello without extensions.
    pub fn sent_suites(&self) -> &[u16] {
        &self.suites[..encode::fitting(self)]
    }

    /// The handshake message, or the message of SSL 2.0, in the record that carries it. A server name
    /// goes along where there are extensions and it is a host name.
    pub fn encode(&self, sni: Option<&str>) -> Vec<u8> {
        match self.version {
            Version::Ssl2 => ssl2::encode(&rand::random()),
            _ => encode::record(self, sni, &rand::random()),
        }
    }

    /// Whether compression is offered: by every hello before TLS 1.3 that has extensions.
    fn offers_compression(&self) -> bool {
        self.extensions && self.version < Version::Tls1_3
    }
}

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Accepted, refused, or nothing that says something.
    pub outcome: HelloOutcome,
    /// Why it says nothing, or how it was refused without an alert: `closed`, `reset`; beside
    /// `accepted`, why the flight broke off.
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
    /// Suite by its IANA name; of SSL 2.0 the first of [`Self::ssl2_kinds`], empty where there is none.
    pub cipher: String,
    /// Group of the key exchange by its IANA name.
    pub group: Option<String>,
    /// Size of the prime of a DHE key exchange, in bits.
    pub dh_bits: Option<u16>,
    /// Scheme of the signature of the key exchange by its IANA name; none before TLS 1.2.
    pub signature_scheme: Option<String>,
    /// Whether compression was chosen; none where it was not offered, as for TLS 1.3.
    pub compression: Option<bool>,
    /// Whether secure renegotiation is signalled (RFC 5746); none for TLS 1.3.
    pub secure_renegotiation: Option<bool>,
    /// Whether the extended master secret was accepted (RFC 7627); none where it was not offered, as
    /// for TLS 1.3.
    pub extended_master_secret: Option<bool>,
    /// Whether the heartbeat extension was accepted (RFC 6520); none where it was not offered, as for
    /// TLS 1.3.
    pub heartbeat: Option<bool>,
    /// The certificates sent, leaf first, in DER, at most ten; empty for TLS 1.3.
    pub chain: Vec<Vec<u8>>,
    /// The suites of SSL 2.0 that the server shares with us; an old OpenSSL accepts them even where
    /// this is empty (CVE-2015-3197).
    pub ssl2_kinds: Vec<String>,
}

/// What an answer says that consists of these bytes and ends with the end of the connection.
pub fn decode(hello: &Hello, bytes: &[u8]) -> Answer {
    decode_in_pieces(hello, bytes, usize::MAX)
}

/// The same, of which so many bytes come at a time.
pub fn decode_in_pieces(hello: &Hello, bytes: &[u8], size: usize) -> Answer {
    let mut reading = flight::Reading::new(hello);
    let mut pieces = bytes.chunks(size.max(1));
    let answer = pieces.find_map(|piece| reading.feed(piece));
    answer.unwrap_or_else(|| reading.end(ErrorCode::Closed))
}
