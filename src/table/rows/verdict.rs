//! `verdicts`: what the checks make of the facts.

use crate::table::codes::{CheckResult, MxKind};

crate::row! {
    /// What the checks make of one domain.
    pub struct VerdictRow {
        /// The domain.
        pub domain: String,
        /// The last label.
        pub tld: String,
        /// Who runs its mail: `mail_operator` of `domains`.
        pub mail_operator: Option<String>,
        /// How the domain takes mail.
        pub mx_kind: Option<MxKind>,
        /// How many domains the domain stands for; 1 without sampling.
        pub weight: f64,
        /// Addresses of the mail hosts, each pair of host and address once.
        pub endpoints: u32,
        /// Those that answered with a greeting.
        pub endpoints_reached: u32,
        /// Whether the domain takes mail.
        pub receives_mail: Finding,
        /// Whether every mail server offers STARTTLS and completes a handshake.
        pub starttls: Finding,
        /// Whether the MX answer is secure.
        pub dnssec_domain: Finding,
        /// Whether every mail host has usable, secure TLSA records.
        pub dane_published: Finding,
    }
}

crate::row! {
    /// The result of one check.
    pub struct Finding {
        /// pass, fail, not_applicable or unknown.
        pub result: CheckResult,
        /// Why, machine-readable: a word, with numbers behind a colon where there are some.
        pub reason: String,
    }
}
