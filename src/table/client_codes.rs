//! Vocabularies of the hosts that mail clients use: which service, and how the host is known.

use super::codes::Protocol;

crate::codes! {
    /// A service that mail clients use.
    pub enum ClientService {
        /// IMAP in the clear or by STARTTLS (RFC 9051); port 143 by itself.
        Imap = "imap",
        /// IMAP inside TLS (RFC 8314 3.2); port 993 by itself.
        Imaps = "imaps",
        /// POP3 in the clear or by STLS (RFC 1939, RFC 2595); port 110 by itself.
        Pop3 = "pop3",
        /// POP3 inside TLS (RFC 8314 3.1); port 995 by itself.
        Pop3s = "pop3s",
        /// Submission in the clear or by STARTTLS (RFC 6409); port 587 by itself.
        Submission = "submission",
        /// Submission inside TLS (RFC 8314 3.3); port 465 by itself.
        Submissions = "submissions",
        /// Mail in a browser.
        Webmail = "webmail",
    }
}

crate::codes! {
    /// How a host that mail clients use is known, surest first.
    pub enum ClientSource {
        /// An SRV record names it (RFC 6186, RFC 8314 5.1): of this service, or of the other one of
        /// the same protocol where this one has no record; then the port is the usual one.
        Srv = "srv",
        /// A usual name below the domain has an address, such as `imap.` or `mail.`; a wildcard's
        /// does not count.
        Name = "name",
        /// It is a mail host of the domain: no SRV record and no usual name leads elsewhere.
        Mx = "mx",
    }
}

crate::codes! {
    /// What a web server does with a request for `/`, or with the connection for it.
    pub enum WebAnswer {
        /// Nobody asked; `error` says why.
        NotAttempted = "not_attempted",
        /// It redirects to `https://`, at the same host or another one (RFC 9110 15.4).
        ToHttps = "to_https",
        /// It redirects, but not to `https://`; `redirect` says where.
        Redirect = "redirect",
        /// It answers with another status, in `status`.
        Page = "page",
        /// The port is closed: it refuses the connection, or says nothing although another port of the
        /// same address answers; `error` tells which.
        Closed = "closed",
        /// The host has no address.
        NoAddress = "no_address",
        /// There is no answer; `error` says why.
        Failed = "failed",
    }
}

impl ClientService {
    /// What is spoken; none for what is no protocol of mail.
    pub fn protocol(self) -> Option<Protocol> {
        Some(match self {
            Self::Imap => Protocol::Imap,
            Self::Imaps => Protocol::Imaps,
            Self::Pop3 => Protocol::Pop3,
            Self::Pop3s => Protocol::Pop3s,
            Self::Submission => Protocol::Submission,
            Self::Submissions => Protocol::Submissions,
            Self::Webmail => return None,
        })
    }
}
