//! `hellos`: the bare hellos of deep surveys.

use crate::table::codes::ErrorCode;
use crate::table::row::Moment;
use crate::table::tls_codes::{HelloKind, HelloOutcome};

crate::row! {
    /// One bare hello of a deep survey, and what came back. What they add up to is in `endpoints`.
    pub struct HelloRow {
        /// Address in canonical text.
        pub ip: String,
        /// TCP port.
        pub port: u16,
        /// Its place among the deep hellos to that address, from 0.
        pub number: u16,
        /// When its connection was opened.
        pub observed_at: Moment,
        /// What it offered.
        pub kind: HelloKind,
        /// The newest version that it offered.
        pub offered: String,
        /// How many suites it offered.
        pub suites: u16,
        /// How many groups it offered.
        pub groups: u16,
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
        /// Size of the prime of a DHE key exchange, in bits.
        pub dh_bits: Option<u16>,
        /// Scheme of the signature of the key exchange by its IANA name.
        pub signature_scheme: Option<String>,
        /// Whether compression was chosen.
        pub compression: Option<bool>,
        /// Whether secure renegotiation is signalled (RFC 5746).
        pub secure_renegotiation: Option<bool>,
        /// Whether the heartbeat extension was accepted (RFC 6520).
        pub heartbeat: Option<bool>,
    }
}
