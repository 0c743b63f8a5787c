//! `verdicts`: what the checks make of the facts. [`CheckId`] has every check, in the order of the
//! columns.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::table::codes::{CheckResult, Class, CountryBasis, MxKind};

/// Declares every check once: its variant, its column, what a pass means.
macro_rules! checks {
    ($( $(#[doc = $doc:literal])* $variant:ident = $column:ident, $word:literal; )*) => {
        crate::row! {
            /// What the checks make of one domain.
            pub struct VerdictRow {
                /// The domain.
                pub domain: String,
                /// The last label.
                pub tld: String,
                /// Who runs its mail: `mail_operator` of `domains`.
                pub mail_operator: Option<String>,
                /// Country of the addresses of its mail hosts with the smallest preference that have
                /// any (ISO 3166-1 alpha-2), as far as the table knows them; null where they are in
                /// several, or none is known.
                pub country: Option<String>,
                /// How much is known of that.
                pub country_basis: CountryBasis,
                /// How the domain takes mail.
                pub mx_kind: Option<MxKind>,
                /// What kind of domain it is: every domain is in one class.
                pub class: Class,
                /// Whether it says that it sends no mail: null MX, neither MX nor address, or SPF
                /// exactly `v=spf1 -all`; null where that is not known.
                pub non_sending: Option<bool>,
                /// `tags` of `domains`.
                pub tags: BTreeMap<String, String>,
                /// How many domains the domain stands for; 1 without sampling.
                pub weight: f64,
                /// Addresses of the mail hosts, each pair of host and address once.
                pub endpoints: u32,
                /// Those that answered with a greeting.
                pub endpoints_reached: u32,
                $( $(#[doc = $doc])* pub $column: Finding, )*
            }
        }

        /// A check, by the name of its column in `verdicts`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CheckId {
            $( $(#[doc = $doc])* $variant, )*
        }

        impl CheckId {
            /// Every check, in the order of the columns.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// Name of the check and of its column.
            pub fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )*
                }
            }

            /// What it looks at, in one sentence.
            pub fn doc(self) -> &'static str {
                match self {
                    $( Self::$variant => concat!($($doc),*).trim_ascii(), )*
                }
            }
        }

        impl VerdictRow {
            /// What a check came to.
            pub fn finding(&self, check: CheckId) -> &Finding {
                match check {
                    $( CheckId::$variant => &self.$column, )*
                }
            }

            /// Where what a check came to is written.
            pub fn finding_mut(&mut self, check: CheckId) -> &mut Finding {
                match check {
                    $( CheckId::$variant => &mut self.$column, )*
                }
            }
        }
    };
}

checks! {
    /// Whether the domain takes mail.
    ReceivesMail = receives_mail, "receives_mail";
    /// Whether the MX records name hosts that can be used: no CNAME, no IP literal, no special-purpose address, no null MX beside others.
    MxWellformed = mx_wellformed, "mx_wellformed";
    /// Whether a mail server answers over IPv6.
    MxIpv6 = mx_ipv6, "mx_ipv6";
    /// Whether every mail host does as the one of the smallest preference does.
    MxUniform = mx_uniform, "mx_uniform";
    /// Whether every mail server offers STARTTLS and completes a handshake, or sends the whole first flight of one.
    Starttls = starttls, "starttls";
    /// Whether every mail server accepts TLS 1.2 or newer.
    Tls12 = tls_1_2, "tls_1_2";
    /// Whether every mail server accepts TLS 1.3.
    Tls13 = tls_1_3, "tls_1_3";
    /// Whether no mail server accepts SSLv2 or SSLv3.
    NoSsl = no_ssl, "no_ssl";
    /// Whether no mail server accepts TLS 1.0 or TLS 1.1.
    NoTls10Or11 = no_tls_1_0_1_1, "no_tls_1_0_1_1";
    /// Whether every mail server refuses a hello that offers only weak suites.
    NoWeakCiphers = no_weak_ciphers, "no_weak_ciphers";
    /// Whether no mail server accepts a suite outside a list; only a deep survey can tell that none does.
    CiphersWithin = ciphers_within, "ciphers_within";
    /// Whether no mail server accepts a group outside a list; only a deep survey can tell that none does.
    GroupsWithin = groups_within, "groups_within";
    /// Whether every handshake used ephemeral keys, (EC)DHE; with `only` whether no suite without them is accepted, which only a deep survey can tell.
    ForwardSecrecy = forward_secrecy, "forward_secrecy";
    /// Whether every handshake used a hybrid post-quantum group. Informational.
    PqKeyExchange = pq_key_exchange, "pq_key_exchange";
    /// Whether the chain of every mail server leads to a root of the stores.
    CertTrusted = cert_trusted, "cert_trusted";
    /// Whether the certificate of every mail server names its host.
    CertName = cert_name, "cert_name";
    /// Whether the chain of every mail server was within its validity when it was seen.
    CertCurrent = cert_current, "cert_current";
    /// Whether keys and signatures of every chain are strong.
    CertStrong = cert_strong, "cert_strong";
    /// Whether the MX answer is secure.
    DnssecDomain = dnssec_domain, "dnssec_domain";
    /// Whether the answers about every mail host are secure.
    DnssecMailHosts = dnssec_mail_hosts, "dnssec_mail_hosts";
    /// Whether the zones of those answers, and their parents, use strong algorithms, digests and keys.
    DnssecAlgorithms = dnssec_algorithms, "dnssec_algorithms";
    /// Whether every mail host has usable, secure TLSA records.
    DanePublished = dane_published, "dane_published";
    /// Whether every certificate seen matches a usable TLSA record.
    DaneValid = dane_valid, "dane_valid";
    /// Whether the TLSA records prepare a change of keys. Informational.
    DaneRollover = dane_rollover, "dane_rollover";
    /// Whether there is one valid MTA-STS record with a readable policy.
    MtaSts = mta_sts, "mta_sts";
    /// Whether the MTA-STS policy is enforced.
    MtaStsEnforced = mta_sts_enforced, "mta_sts_enforced";
    /// Whether the MTA-STS policy covers every mail host.
    MtaStsCoversMx = mta_sts_covers_mx, "mta_sts_covers_mx";
    /// Whether there is one valid TLS-RPT record.
    TlsRpt = tls_rpt, "tls_rpt";
    /// Whether DANE or MTA-STS keeps senders from falling back to clear text.
    DowngradeProtected = downgrade_protected, "downgrade_protected";
    /// Whether the addresses of the mail servers lie in prefixes whose origins are RPKI-valid.
    RouteOriginValid = route_origin_valid, "route_origin_valid";
    /// Whether there is one valid SPF record.
    Spf = spf, "spf";
    /// Whether SPF stays within its limits of lookups.
    SpfLookups = spf_lookups, "spf_lookups";
    /// Whether SPF ends in `~all` or `-all`.
    SpfRestrictive = spf_restrictive, "spf_restrictive";
    /// Whether SPF ends in `-all`.
    SpfHardfail = spf_hardfail, "spf_hardfail";
    /// Whether SPF authorises few addresses. Informational.
    SpfNarrow = spf_narrow, "spf_narrow";
    /// Whether there is a DKIM key.
    Dkim = dkim, "dkim";
    /// Whether every live DKIM key is strong.
    DkimKeys = dkim_keys, "dkim_keys";
    /// Whether one valid DMARC record applies.
    Dmarc = dmarc, "dmarc";
    /// Whether the DMARC policy is quarantine or reject.
    DmarcEnforced = dmarc_enforced, "dmarc_enforced";
    /// Whether the DMARC policy applies to all messages.
    DmarcSampling = dmarc_sampling, "dmarc_sampling";
    /// Whether the DMARC policy is reject.
    DmarcReject = dmarc_reject, "dmarc_reject";
    /// Whether DMARC is as strict for subdomains.
    DmarcSubdomains = dmarc_subdomains, "dmarc_subdomains";
    /// Whether DMARC reports reach somebody who wants them.
    DmarcReports = dmarc_reports, "dmarc_reports";
    /// Whether a domain that sends no mail says so in SPF and DMARC.
    NonSendingLocked = non_sending_locked, "non_sending_locked";
    /// Whether IMAP works only inside TLS.
    ImapTlsOnly = imap_tls_only, "imap_tls_only";
    /// Whether POP3 works only inside TLS.
    Pop3TlsOnly = pop3_tls_only, "pop3_tls_only";
    /// Whether submission works only inside TLS.
    SubmissionTlsOnly = submission_tls_only, "submission_tls_only";
    /// Whether the ports for clients use current versions of TLS.
    ClientTls = client_tls, "client_tls";
    /// Whether the certificates of the ports for clients are sound.
    ClientCert = client_cert, "client_cert";
    /// Whether webmail is served over HTTPS alone.
    WebmailHttps = webmail_https, "webmail_https";
    /// Whether webmail sends HSTS.
    WebmailHsts = webmail_hsts, "webmail_hsts";
}

impl CheckId {
    /// The check of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|check| check.as_str() == name)
    }

    /// Whether its fail is worth knowing and no fault.
    pub fn is_informational(self) -> bool {
        matches!(
            self,
            Self::PqKeyExchange | Self::DaneRollover | Self::SpfNarrow
        )
    }
}

impl std::fmt::Display for CheckId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

crate::row! {
    /// The result of one check.
    pub struct Finding {
        /// pass, fail, not_applicable or unknown.
        pub result: CheckResult,
        /// Why, machine-readable: a word, with numbers behind a colon where there are some.
        pub reason: Cow<'static, str>,
    }
}

/// Reasons that say what no survey measures yet, or not without more settings than this one had.
const UNMEASURED: [&str; 7] = [
    "cert_store_missing",
    "depth",
    "no_list",
    "no_routing_data",
    "not_measured",
    "not_observable",
    "store_missing",
];
/// Further reasons that stay whenever the servers are asked again.
const LASTING: [&str; 24] = [
    "addresses_truncated",
    "alias_zone",
    "cert_malformed",
    "cert_path_budget",
    "cert_unsupported_algorithm",
    "clients_truncated",
    "compact_denial",
    "depends_on_sender",
    "key_unknown",
    "malformed",
    "mx_truncated",
    "no_capabilities",
    "no_route",
    "not_observed_for_name",
    "path_budget",
    "second_certificate_not_measured",
    "selector_unknown",
    "sni_budget",
    "too_many_lookups",
    "unknown_key",
    "unknown_signature",
    "unsupported_algorithm",
    "unusable_key",
    "wildcard",
];

/// Whether the reason of an unknown result says that nothing measures it: `not_measured:1/1`, or for a
/// point `spf: not_measured`. Where only some results of a check can be told, counting those says
/// nothing of the others.
pub fn is_unmeasured(reason: &str) -> bool {
    let own = reason.rsplit_once(": ").map_or(reason, |(_, own)| own);
    UNMEASURED.contains(&word_of(own))
}

/// The word of a reason, without the numbers behind it.
fn word_of(reason: &str) -> &str {
    reason.split_once(':').map_or(reason, |(word, _)| word)
}

impl Finding {
    /// Whether an unknown result would stay so however often the servers were asked.
    pub fn is_beyond_asking(&self) -> bool {
        is_unmeasured(&self.reason) || LASTING.contains(&word_of(&self.reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_measures_is_told_from_what_failed() {
        for reason in [
            "not_measured",
            "not_measured:1/2",
            "spf: not_measured",
            "cert_trusted: store_missing:2/2",
            "cert_store_missing",
        ] {
            assert!(is_unmeasured(reason), "{reason}");
        }
        for reason in [
            "timeout:0/1",
            "spf: servfail",
            "not_observed_for_name:1/1",
            "",
        ] {
            assert!(!is_unmeasured(reason), "{reason}");
        }
        // The chain of a server, and that of a policy host.
        for reason in [
            "not_observed_for_name:1/1",
            "path_budget:1/1",
            "cert_path_budget",
        ] {
            let lasting = Finding {
                reason: reason.into(),
                ..Finding::default()
            };
            assert!(lasting.is_beyond_asking(), "{reason}");
        }
    }
}
