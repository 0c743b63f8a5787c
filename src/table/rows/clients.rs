//! What `domains` says of the hosts that mail clients use.

use crate::table::client_codes::{ClientService, ClientSource};
use crate::table::codes::{ErrorCode, Outcome};

crate::row! {
    /// A host that the mail clients of a domain may use for a service.
    pub struct ClientHost {
        /// The service.
        pub service: ClientService,
        /// Host name: A-labels in lower case without the final dot; `.` where an SRV record says that
        /// the service is not offered (RFC 6186 3.4).
        pub host: String,
        /// TCP port; 0 beside `.`.
        pub port: u16,
        /// How the host is known.
        pub source: ClientSource,
    }
}

crate::row! {
    /// What became of the search for the hosts of one protocol.
    pub struct Searched {
        /// Found: they are in `clients`. Absent: every question was answered, and there are none.
        /// Failed: a question has no answer, so that it is not known whom clients use. Not attempted:
        /// nobody asked, or the domain takes no mail.
        pub outcome: Outcome,
        /// Why that is not known.
        pub error: Option<ErrorCode>,
    }
}

crate::row! {
    /// What became of the search for the hosts that mail clients use.
    pub struct ClientSearch {
        /// IMAP, both services.
        pub imap: Searched,
        /// POP3, both services.
        pub pop3: Searched,
        /// Submission, both services.
        pub submission: Searched,
        /// Webmail.
        pub webmail: Searched,
        /// Whether a name below the domain that nobody has leads somewhere, so that usual names only
        /// count where they lead elsewhere; null where nobody had to ask.
        pub wildcard: Option<bool>,
        /// Whether there are more hosts of a service than the four kept.
        pub truncated: bool,
    }
}
