//! The checks: pure functions of the evidence, each with one of four results and a reason.
//!
//! A failed measurement is never an absence: what could not be measured is `unknown`, unless what
//! was seen decides already. [`run`] knows every check by its id; [`every`] has the rule for checks
//! over all servers of a domain.

pub mod certificates;
pub mod clients;
pub mod dane;
pub mod dnssec;
pub mod every;
pub mod mail;
pub mod routes;
pub mod senders;
pub mod tls;
pub mod transport;
pub mod uniform;

use super::case::Case;
use super::parameters::Parameters;
use crate::table::rows::{CheckId, Finding};

/// The reason of what no survey measures yet.
const NOT_MEASURED: &str = "not_measured";
/// The reason of what this survey looked for, and did not see.
pub const NOT_SEEN: &str = "not_seen";

/// What a check makes of a domain.
pub fn run(check: CheckId, case: &Case<'_>, parameters: &Parameters) -> Finding {
    use CheckId as C;
    match check {
        C::ReceivesMail => case.mail.clone(),
        C::MxWellformed => mail::mx_wellformed(case),
        C::MxIpv6 => mail::mx_ipv6(case),
        C::MxUniform => uniform::mx_uniform(case),
        C::Starttls => tls::starttls(case, parameters),
        C::Tls12 => tls::tls_1_2(case, parameters),
        C::Tls13 => tls::tls_1_3(case, parameters),
        C::NoSsl => tls::no_ssl(case, parameters),
        C::NoTls10Or11 => tls::no_tls_1_0_1_1(case, parameters),
        C::NoWeakCiphers => tls::no_weak_ciphers(case, parameters),
        C::CiphersWithin => tls::ciphers_within(case, parameters),
        C::GroupsWithin => tls::groups_within(case, parameters),
        C::ForwardSecrecy => tls::forward_secrecy(case, parameters),
        C::PqKeyExchange => tls::pq_key_exchange(case, parameters),
        C::CertTrusted => certificates::cert_trusted(case, parameters),
        C::CertName => certificates::cert_name(case, parameters),
        C::CertCurrent => certificates::cert_current(case, parameters),
        C::CertStrong => certificates::cert_strong(case, parameters),
        C::DnssecDomain => dnssec::dnssec_domain(case),
        C::DnssecMailHosts => dnssec::dnssec_mail_hosts(case),
        C::DnssecAlgorithms => dnssec::dnssec_algorithms(case, parameters),
        C::DanePublished => dane::dane_published(case, parameters),
        C::DaneValid => dane::dane_valid(case, parameters),
        C::DaneRollover => dane::dane_rollover(case),
        C::MtaSts => transport::mta_sts(case),
        C::MtaStsEnforced => transport::mta_sts_enforced(case),
        C::MtaStsCoversMx => transport::mta_sts_covers_mx(case),
        C::TlsRpt => transport::tls_rpt(case),
        C::DowngradeProtected => transport::downgrade_protected(case),
        C::RouteOriginValid => routes::route_origin_valid(case),
        C::Spf => senders::spf(case),
        C::SpfLookups => senders::spf_lookups(case),
        C::SpfRestrictive => senders::spf_restrictive(case),
        C::SpfHardfail => senders::spf_hardfail(case),
        C::SpfNarrow => senders::spf_narrow(case, parameters),
        C::Dkim => senders::dkim(case),
        C::DkimKeys => senders::dkim_keys(case, parameters),
        C::Dmarc => senders::dmarc(case, parameters),
        C::DmarcEnforced => senders::dmarc_enforced(case, parameters),
        C::DmarcSampling => senders::dmarc_sampling(case, parameters),
        C::DmarcReject => senders::dmarc_reject(case, parameters),
        C::DmarcSubdomains => senders::dmarc_subdomains(case, parameters),
        C::DmarcReports => senders::dmarc_reports(case, parameters),
        C::NonSendingLocked => senders::non_sending_locked(case, parameters),
        C::ImapTlsOnly => clients::ports::imap_tls_only(case, parameters),
        C::Pop3TlsOnly => clients::ports::pop3_tls_only(case, parameters),
        C::SubmissionTlsOnly => clients::ports::submission_tls_only(case, parameters),
        C::ClientTls => clients::ports::client_tls(case, parameters),
        C::ClientCert => clients::ports::client_cert(case, parameters),
        C::WebmailHttps => clients::webmail::webmail_https(case),
        C::WebmailHsts => clients::webmail::webmail_hsts(case),
    }
}
