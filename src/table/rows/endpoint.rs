//! `endpoints`: what the mail servers do, and the servers that mail clients use.

use std::collections::BTreeMap;

use crate::table::codes::{
    AttemptOutcome, ChainSource, Dates, ErrorCode, Family, NameMatch, Outcome, Pkix, Protocol,
    Rpki, Security, StarttlsOutcome, TcpOutcome,
};
use crate::table::row::Moment;
use crate::table::rows::host::TlsaRecord;
use crate::table::rows::tls::{Hello, Offer, Tls, Versions};
use crate::table::tls_codes::{Depth, SecondCertificate};

/// Certificates of a chain that are kept, of more that a server may send.
pub const CERTIFICATES: usize = 10;

crate::row! {
    /// What one port of an address did for one host name: port 25 of mail hosts, and with
    /// `--clients` the ports of hosts that mail clients use. Where it was asked more than once, that is what the
    /// attempt saw that got furthest, the first of equals.
    pub struct EndpointRow {
        /// Host name.
        pub host: String,
        /// Address in canonical text.
        pub ip: String,
        /// IP version.
        pub family: Family,
        /// TCP port.
        pub port: u16,
        /// Protocol spoken.
        pub protocol: Protocol,
        /// When the connection was opened, or the row made.
        pub observed_at: Moment,
        /// From dialling to the close of the connection, in milliseconds.
        pub elapsed_ms: u32,
        /// Connections opened to the address, those of other attempts and for other host names
        /// included. 0: the row leans on another one of the same address and port, or nothing was
        /// dialled (`tcp.error` says why).
        pub connections: u16,
        /// How far a survey goes: `standard` or `deep`.
        pub depth: Depth,
        /// Operator whose budget the connection was charged to: by the operator table the one of
        /// the most used host that it knows; else the AS, with `--asn-table`; else the prefix.
        pub operator: String,
        /// Autonomous system that announces the address (RFC 1930); null without `--asn-table`, or
        /// where it does not say.
        pub asn: Option<u32>,
        /// The prefix that it announces; null where the AS table has ranges, which may be several.
        pub route: Option<String>,
        /// What the RPKI says of that route (RFC 6811); null without `--rpki-table`, or without
        /// route. Of several that announce it the worst.
        pub rpki: Option<Rpki>,
        /// Country in which the address is registered (ISO 3166-1 alpha-2), which need not be where
        /// the machine stands; null without `--country-table` and without countries in the AS table,
        /// or where the table does not say.
        pub country: Option<String>,
        /// The /24 or /56 around the address.
        pub prefix: String,
        /// The TCP connection.
        pub tcp: Tcp,
        /// Text of the greeting, escaped, cut at 512 bytes: of SMTP without its code, of IMAP and POP3
        /// with its first word.
        pub banner: Option<String> => personal,
        /// Reply code of the greeting; null for IMAP and POP3.
        pub banner_code: Option<u16>,
        /// EHLO, CAPABILITY or CAPA in clear text.
        pub ehlo: Ehlo,
        /// Whether mail clients may log in before TLS, where they are told so: on the clear-text ports of
        /// IMAP (no `LOGINDISABLED`, an `AUTH=` mechanism, or a PREAUTH greeting), of POP3 (`USER`, a
        /// SASL mechanism, or the timestamp of APOP in the greeting) and of submission (`AUTH`). Null on
        /// other ports, and where there is no list of capabilities. No login is ever tried.
        pub auth_before_tls: Option<bool> => derived,
        /// STARTTLS, or STLS. Not attempted where TLS begins with the first byte.
        pub starttls: Starttls,
        /// The full handshake. In a row that leans on another one: the handshake for this host name,
        /// if there was one; else `error` says why there was none, where one was wanted.
        pub tls: Tls,
        /// EHLO, CAPABILITY or CAPA inside TLS. Where TLS begins with the first byte, `error` also says
        /// why there was no greeting, or none that invites.
        pub ehlo_tls: Ehlo,
        /// Reply code to QUIT; null for IMAP and POP3, and when no command channel was left or no reply came.
        pub quit_code: Option<u16>,
        /// Chains of certificates for this host name: that of the attempt shown, then those of other
        /// attempts and of hellos with another leaf. A chain is shared with other names where all of
        /// them stand in its leaf, or where a name that does not is shown it, too.
        pub chains: Vec<Chain>,
        /// Whether there is a second certificate, with another kind of key: asked where TLSA records
        /// are left that no certificate seen matches.
        pub second_certificate: SecondCertificate,
        /// TLSA records as they were right after a second handshake, where the chain of the first one
        /// matched none of those in `hosts`; null where nobody asked again.
        pub tlsa_again: Option<TlsaAgain>,
        /// What the server makes of every version.
        pub versions: Versions,
        /// The suite accepted from the hello that offers only weak ones, by its IANA name; null where
        /// it was refused or not answered (`hellos` tells which).
        pub weak_cipher: Option<String>,
        /// Cipher suites.
        pub ciphers: Offer,
        /// Groups of the key exchange.
        pub groups: Offer,
        /// Size of the prime of a DHE key exchange, in bits: the smallest seen.
        pub dh_bits: Option<u16>,
        /// Whether TLS compression was negotiated (CVE-2012-4929), by a hello that offers it; null
        /// where no hello before TLS 1.3 was answered.
        pub compression: Option<bool>,
        /// Whether secure renegotiation is signalled (RFC 5746); null as before.
        pub secure_renegotiation: Option<bool>,
        /// Whether the heartbeat extension was accepted (RFC 6520); null as before.
        pub heartbeat: Option<bool>,
        /// Hybrid post-quantum group that was negotiated, by its IANA name; null where none was.
        pub pq_group: Option<String> => derived,
        /// Bare hellos in their order, at most 16.
        pub hellos: Vec<Hello>,
        /// Every attempt in its order where a negative was asked once more; empty when one was
        /// enough. A second connection because of alert 112 (unrecognized_name), without a server
        /// name, belongs to its attempt; and so do those that follow where the handshake has nothing
        /// in common with the server: a hello in its place, and the handshake without a hybrid group.
        pub attempts: Vec<Attempt>,
    }
}

crate::row! {
    /// TLSA records, asked for once more.
    pub struct TlsaAgain {
        /// When.
        pub observed_at: Moment,
        /// What became of the question at `hosts.tlsa.base`.
        pub outcome: Outcome,
        /// Why there is no usable answer.
        pub error: Option<ErrorCode>,
        /// Security status of the answer.
        pub security: Security,
        /// The records as answered.
        pub records: Vec<TlsaRecord>,
    }
}

crate::row! {
    /// One of several attempts to ask an address.
    pub struct Attempt {
        /// When its connection was opened, or given up.
        pub observed_at: Moment,
        /// How far it got.
        pub outcome: AttemptOutcome,
        /// What stopped it.
        pub error: Option<ErrorCode>,
    }
}

impl Attempt {
    /// What it says of TLS: yes, no, or nothing. A handshake that ran out of time may be ours to
    /// blame.
    pub fn answer(&self) -> Option<bool> {
        match (self.outcome, self.error) {
            (AttemptOutcome::Completed, _) => Some(true),
            (AttemptOutcome::Broken, Some(ErrorCode::Timeout | ErrorCode::LocalFault)) => None,
            (
                AttemptOutcome::NotOffered
                | AttemptOutcome::Stripped
                | AttemptOutcome::Refused
                | AttemptOutcome::Broken,
                _,
            ) => Some(false),
            _ => None,
        }
    }
}

crate::row! {
    /// A TCP connection.
    pub struct Tcp {
        /// What became of it.
        pub outcome: TcpOutcome,
        /// Why it was not established, or why nothing was dialled.
        pub error: Option<ErrorCode>,
        /// From SYN to established, in milliseconds.
        pub connect_ms: Option<u32>,
    }
}

crate::row! {
    /// What a server says it can do: answer to EHLO (RFC 5321 4.1.1.1), CAPABILITY (RFC 9051 6.1.1)
    /// or CAPA (RFC 2449 5).
    pub struct Ehlo {
        /// Reply code; null when EHLO was not sent or not answered, and for IMAP and POP3.
        pub code: Option<u16>,
        /// Why it was not answered; `refused` where CAPABILITY or CAPA was answered with no list.
        pub error: Option<ErrorCode>,
        /// Extensions as sent, upper-case keyword first; at most 64 lines, or 128 words of IMAP.
        pub capabilities: Vec<String>,
    }
}

crate::row! {
    /// STARTTLS (RFC 3207; RFC 9051 6.2.1), or STLS (RFC 2595 4).
    pub struct Starttls {
        /// What became of it.
        pub outcome: StarttlsOutcome,
        /// Reply code to the command; null for IMAP and POP3.
        pub code: Option<u16>,
        /// Why there was no reply, or why the conversation never got that far.
        pub error: Option<ErrorCode>,
    }
}

crate::row! {
    /// A chain of certificates.
    pub struct Chain {
        /// Kind of the leaf's key: `rsa`, `ecdsa`, `ed25519`, `ed448`, `other`.
        pub key_type: Option<String>,
        /// Server name sent when the chain was seen; null when none was.
        pub sni: Option<String>,
        /// SHA-256 of the certificates in hex, in the order sent (leaf first); at most ten.
        pub certificates: Vec<String>,
        /// Whether the handshake was for this host name.
        pub source: ChainSource,
        /// Per store: whether the chain leads to one of its roots at some moment of its validity.
        pub pkix: BTreeMap<String, Pkix> => derived,
        /// Whether `observed_at` lies within the validity of the chain: of a path to a root of any store, or
        /// else of what was sent of one.
        pub dates: Dates => derived,
        /// How the leaf names the host. Null when the chain is shared and does not name it: the
        /// server may have another one for that name.
        pub name_match: Option<NameMatch> => derived,
        /// Which TLSA records (positions in `hosts.tlsa.records`) this chain matches, also where
        /// senders do not look at one for a stronger digest beside it (RFC 7671 9). For a shared chain
        /// a missing match says nothing.
        pub tlsa_matches: Vec<u8> => derived,
        /// The same for `tlsa_again.records`.
        pub tlsa_again_matches: Vec<u8> => derived,
        /// Handshakes and bare hellos for this host name that were shown the leaf; 0 for a shared
        /// chain.
        pub seen: u8,
    }
}
