//! What TLS is like behind a port: the handshake, bare hellos, and what they add up to.

use crate::table::codes::{ErrorCode, TlsOutcome};
use crate::table::row::Moment;
use crate::table::tls_codes::{HelloKind, HelloOutcome, VersionResult};

crate::row! {
    /// The full handshake; where the server shares no suite with it, what its first flight says.
    pub struct Tls {
        /// What became of it.
        pub outcome: TlsOutcome,
        /// Why it broke; of `hello_only` why the full handshake did.
        pub error: Option<ErrorCode>,
        /// Number of the alert received (RFC 8446 6).
        pub alert: Option<u8>,
        /// What the TLS library said of a broken handshake.
        pub detail: Option<String>,
        /// Negotiated version: `TLS 1.3`, `TLS 1.2`; older ones where only a hello was answered.
        pub version: Option<String>,
        /// Negotiated cipher suite by its IANA name.
        pub cipher: Option<String>,
        /// Negotiated group by its IANA name.
        pub group: Option<String>,
        /// Scheme of the server's signature by its IANA name.
        pub signature_scheme: Option<String>,
        /// True when that signature was verified under the leaf's key; null when it could not be
        /// (the library does not tell a wrong signature from a key too small for it).
        pub signature_valid: Option<bool>,
        /// Server name sent; null when none was.
        pub sni: Option<String>,
        /// Whether the extended master secret was negotiated (RFC 7627); null for TLS 1.3, and where
        /// no hello before TLS 1.3 was answered.
        pub extended_master_secret: Option<bool>,
        /// From the ClientHello to the end of the handshake, in milliseconds.
        pub handshake_ms: Option<u32>,
    }
}

crate::row! {
    /// What a server makes of one version.
    pub struct VersionFact {
        /// Accepted, refused or not known.
        pub result: VersionResult,
        /// Number of the alert that refused it; null where the connection was closed instead.
        pub alert: Option<u8>,
    }
}

crate::row! {
    /// What a server makes of every version.
    pub struct Versions {
        /// SSL 2.0.
        pub ssl2: VersionFact,
        /// SSL 3.0 (RFC 6101).
        pub ssl3: VersionFact,
        /// TLS 1.0 (RFC 2246).
        pub tls1_0: VersionFact,
        /// TLS 1.1 (RFC 4346).
        pub tls1_1: VersionFact,
        /// TLS 1.2 (RFC 5246).
        pub tls1_2: VersionFact,
        /// TLS 1.3 (RFC 8446).
        pub tls1_3: VersionFact,
    }
}

impl Versions {
    /// What is known of each version, oldest first.
    pub fn list(&self) -> [&VersionFact; 6] {
        let Self {
            ssl2,
            ssl3,
            tls1_0,
            tls1_1,
            tls1_2,
            tls1_3,
        } = self;
        [ssl2, ssl3, tls1_0, tls1_1, tls1_2, tls1_3]
    }
}

impl From<[VersionFact; 6]> for Versions {
    /// From what is known of each version, oldest first.
    fn from([ssl2, ssl3, tls1_0, tls1_1, tls1_2, tls1_3]: [VersionFact; 6]) -> Self {
        Self {
            ssl2,
            ssl3,
            tls1_0,
            tls1_1,
            tls1_2,
            tls1_3,
        }
    }
}

crate::row! {
    /// Cipher suites, or groups, that a server was seen to accept.
    pub struct Offer {
        /// By their IANA names; suites in the order of versions, newest first.
        pub accepted: Vec<String>,
        /// Whether everything was asked for, so that what is not listed is refused. False at
        /// standard depth.
        pub complete: bool,
        /// Whether the server's order counts, not the client's; null where nobody asked, or where
        /// fewer than two are accepted.
        pub server_preference: Option<bool>,
    }
}

crate::row! {
    /// A bare ClientHello: what it offered, and what came back.
    pub struct Hello {
        /// When its connection was opened.
        pub observed_at: Moment,
        /// What it offered.
        pub kind: HelloKind,
        /// What became of it.
        pub outcome: HelloOutcome,
        /// Why it says nothing, or how it was refused without an alert.
        pub error: Option<ErrorCode>,
        /// Number of the fatal alert.
        pub alert: Option<u8>,
        /// Version of the ServerHello.
        pub version: Option<String>,
        /// Suite of the ServerHello by its IANA name.
        pub cipher: Option<String>,
        /// Group of the key exchange by its IANA name.
        pub group: Option<String>,
    }
}
