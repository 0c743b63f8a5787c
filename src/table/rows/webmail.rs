//! `webmail`: how webmail is served, by HTTPS and in the clear; and what `domains` says of it.

use std::collections::BTreeMap;

use super::endpoint::Tcp;
use super::records::RecordFinding;
use super::tls::Tls;
use crate::table::client_codes::WebAnswer;
use crate::table::codes::{Dates, ErrorCode, NameMatch, Pkix};
use crate::table::record_codes::Fault;
use crate::table::row::Moment;

crate::row! {
    /// What the webmail host of a domain does: one request for `/` by HTTPS and one in the clear,
    /// nothing followed. What was asked once more shows the attempt that got furthest, the first of
    /// equals.
    pub struct WebmailRow {
        /// The domain.
        pub domain: String,
        /// The host: `webmail.` and the domain. What the DNS says of it is in `hosts`.
        pub host: String,
        /// `http://`, port 80.
        pub http: WebPort,
        /// `https://`, port 443.
        pub https: WebPort,
        /// The handshake. It is completed whatever the certificate.
        pub tls: Tls,
        /// SHA-256 of the certificates in hex, in the order sent (leaf first); at most ten.
        pub chain: Vec<String>,
        /// Per store: whether the chain leads to one of its roots at some moment of its validity.
        pub pkix: BTreeMap<String, Pkix> => derived,
        /// Whether the moment of the request lies within the validity of the chain; null without one.
        pub dates: Option<Dates> => derived,
        /// How the leaf names the host; null without a chain.
        pub name_match: Option<NameMatch> => derived,
        /// Strict-Transport-Security (RFC 6797) of the answer by HTTPS: the first of several, which is
        /// the one that counts (RFC 6797 8.1), escaped, cut at 1 KiB; null without one.
        pub hsts: Option<String> => personal,
        /// How many there are.
        pub hsts_count: u16,
        /// Whether browsers take it; null without one.
        pub hsts_valid: Option<bool> => derived,
        /// Why they do not; null where they do.
        pub hsts_fault: Option<Fault> => derived,
        /// Everything wrong with it or odd about it, in the order of its bytes; at most 16.
        pub hsts_findings: Vec<RecordFinding> => derived,
        /// `max-age` of one that is valid, in seconds.
        pub hsts_max_age: Option<u64> => derived,
        /// Whether one that is valid has `includeSubDomains`.
        pub hsts_include_subdomains: Option<bool> => derived,
        /// Whether one that is valid has `preload`, which is no part of RFC 6797.
        pub hsts_preload: Option<bool> => derived,
    }
}

crate::row! {
    /// What a port did.
    pub struct WebPort {
        /// What became of the request.
        pub answer: WebAnswer,
        /// Why there is no answer, or how the port is closed.
        pub error: Option<ErrorCode>,
        /// The address that was asked, in canonical text: the first that took a connection, else one
        /// that says why none did; null where there is none.
        pub ip: Option<String>,
        /// When the connection was opened; null where none was.
        pub observed_at: Option<Moment>,
        /// From dialling to the close of the connection, in milliseconds.
        pub elapsed_ms: u32,
        /// Connections opened, also those of other attempts and to other addresses.
        pub connections: u16,
        /// Operator whose budget the connection was charged to; null where nothing was dialled.
        pub operator: Option<String>,
        /// The TCP connection.
        pub tcp: Tcp,
        /// Status of the answer (RFC 9110 15).
        pub status: Option<u16>,
        /// Where a redirect leads: scheme, host and port of Location, no more; null where it is none,
        /// or one that cannot be read.
        pub redirect: Option<String>,
        /// Every attempt in its order where something was asked once more; empty when one was enough.
        pub attempts: Vec<WebAttempt>,
    }
}

crate::row! {
    /// One of several attempts.
    pub struct WebAttempt {
        /// When its connection was opened, or given up.
        pub observed_at: Moment,
        /// What became of the request.
        pub answer: WebAnswer,
        /// Why there is no answer.
        pub error: Option<ErrorCode>,
        /// Status of the answer.
        pub status: Option<u16>,
        /// `max-age` of a valid Strict-Transport-Security, in seconds.
        pub hsts_max_age: Option<u64>,
    }
}

crate::row! {
    /// Webmail in a few words; everything is in `webmail`.
    pub struct Web {
        /// The host; null where there is none, or nobody looked for it.
        pub host: Option<String>,
        /// What became of the request in the clear.
        pub http: WebAnswer,
        /// Why that has no answer, or how the port is closed.
        pub http_error: Option<ErrorCode>,
        /// Status of that answer.
        pub http_status: Option<u16>,
        /// Where it redirects: scheme, host and port.
        pub redirect: Option<String>,
        /// What became of the request by HTTPS.
        pub https: WebAnswer,
        /// Why that has no answer, or how the port is closed.
        pub https_error: Option<ErrorCode>,
        /// Status of that answer.
        pub https_status: Option<u16>,
        /// `max-age` of a valid Strict-Transport-Security (RFC 6797), in seconds.
        pub hsts_max_age: Option<u64>,
        /// Whether it has `includeSubDomains`.
        pub hsts_include_subdomains: Option<bool>,
        /// Whether it has `preload`.
        pub hsts_preload: Option<bool>,
    }
}

/// From here on a status says that the server is not well.
const SERVER_ERROR: u16 = 500;

impl WebAttempt {
    /// Whether whoever comes by `http://` ends up with HTTPS or with nothing; none where the attempt
    /// does not tell.
    pub fn is_https_only(&self) -> Option<bool> {
        match self.answer {
            _ if self.is_unwell() || self.is_turned_away() => None,
            WebAnswer::ToHttps | WebAnswer::Closed => Some(true),
            WebAnswer::Redirect | WebAnswer::Page => Some(false),
            _ => None,
        }
    }

    /// Whether browsers are told to use HTTPS alone; none where the attempt does not tell.
    pub fn has_hsts(&self) -> Option<bool> {
        match self.answer {
            _ if self.is_unwell() => None,
            WebAnswer::ToHttps | WebAnswer::Redirect | WebAnswer::Page => {
                let has = self.hsts_max_age.is_some_and(|age| age > 0);
                // Many servers add the field to what succeeds alone.
                (has || self.status.is_none_or(|status| status < 400)).then_some(has)
            }
            WebAnswer::Closed => Some(false),
            _ => None,
        }
    }

    /// Whether the server talks to others, but not to us.
    fn is_turned_away(&self) -> bool {
        matches!(self.status, Some(401 | 403 | 407 | 451))
    }

    fn is_unwell(&self) -> bool {
        self.status.is_some_and(|status| status >= SERVER_ERROR)
    }
}

impl WebmailRow {
    /// The same in a few words.
    pub fn web(&self) -> Web {
        Web {
            host: Some(self.host.clone()),
            http: self.http.answer,
            http_error: self.http.error,
            http_status: self.http.status,
            redirect: self.http.redirect.clone(),
            https: self.https.answer,
            https_error: self.https.error,
            https_status: self.https.status,
            hsts_max_age: self.hsts_max_age,
            hsts_include_subdomains: self.hsts_include_subdomains,
            hsts_preload: self.hsts_preload,
        }
    }
}
