//! What the country is made of: every share and every weight, in one place.

use super::changes::Change;
use super::domain::{Dns, Mail, Odd, Text};
use super::policies::dkim;
use super::policies::dkim::Key;
use super::policies::dmarc::kinds::Kind as Dmarc;
use super::policies::others::{Bimi, Caa, TlsRpt};
use super::policies::spf::kinds::Kind as Spf;
use super::policies::spf::library::ProviderSpf;
use super::policies::sts::{Policy as Sts, Record as StsRecord, Served};
use super::zones::Policy;

/// Domains to one hoster of name servers, on average.
pub const DOMAINS_PER_HOSTER: usize = 2_500;
/// Hosters of name servers: at least, at most.
pub const HOSTERS: (usize, usize) = (4, 200);
/// Domains to one mail provider, on average.
pub const DOMAINS_PER_PROVIDER: usize = 66;
/// Mail providers: at least, at most (each has a /24 of its own).
pub const PROVIDERS: (usize, usize) = (20, 15_000);
/// `mail.<domain>` names to one shared address, on average.
pub const NAMES_PER_SHARED: usize = 300;
/// The largest providers, which all work: one that is broken would break a tenth of the country.
pub const SOUND_PROVIDERS: usize = 10;

/// Top-level domains of the list.
pub const TLDS: [(&str, f64); 2] = [("cz", 0.97), ("nz", 0.03)];
/// Names with letters outside ASCII.
pub const IDN: f64 = 0.005;

/// Domains whose zone is signed.
pub const SIGNED: f64 = 0.60;
/// Signed zones that deny by NSEC3.
pub const NSEC3: f64 = 0.30;

/// What the DNS does for a domain. Dead name servers come on top, by `--dead-share`.
pub const DNS: [(Dns, f64); 11] = [
    (Dns::Works, 95.0),
    (Dns::Nxdomain, 1.5),
    (Dns::Undelegated, 0.5),
    (Dns::Lame, 0.6),
    (Dns::Servfail, 0.3),
    (Dns::WrongDs, 0.3),
    (Dns::Expired, 0.4),
    (Dns::ForgedMx, 0.4),
    (Dns::ForgedTlsa, 0.3),
    (Dns::Island, 0.4),
    (Dns::UnknownAlgorithm, 0.3),
];

/// Domains whose name servers deny in ways of their own.
pub const ODD: [(Odd, f64); 3] = [(Odd::No, 98.4), (Odd::Compact, 1.0), (Odd::Hollow, 0.6)];

/// How a domain takes mail.
pub const MAIL: [(Mail, f64); 12] = [
    (Mail::Provider, 76.0),
    (Mail::Own, 12.0),
    (Mail::Implicit, 2.0),
    (Mail::WebOnly, 2.5),
    (Mail::Null, 2.0),
    (Mail::Nothing, 3.5),
    (Mail::Alias, 0.5),
    (Mail::Literal, 0.3),
    (Mail::Missing, 0.5),
    (Mail::Many, 0.2),
    (Mail::Special, 0.3),
    (Mail::NullBeside, 0.2),
];

/// Domains with SPF, DMARC, MTA-STS and TLS-RPT.
pub const SPF: f64 = 0.75;
/// See [`SPF`].
pub const DMARC: f64 = 0.40;
/// See [`SPF`].
pub const MTA_STS: f64 = 0.04;
/// See [`SPF`].
pub const TLS_RPT: f64 = 0.03;

/// What is odd about the TXT records of a domain.
pub const TEXT: [(Text, f64); 8] = [
    (Text::Plain, 94.0),
    (Text::JunkAtDmarc, 1.2),
    (Text::TwoSpf, 0.8),
    (Text::TwoDmarc, 0.4),
    (Text::Large, 0.6),
    (Text::Wildcard, 1.0),
    (Text::Locked, 1.5),
    (Text::TwoSts, 0.5),
];

/// Domains of the list that are below an organisation's.
pub const SUBDOMAINS: f64 = 0.06;
/// Domains to one organisation, on average.
pub const DOMAINS_PER_ORG: usize = 100;
/// Organisations: at least, at most.
pub const ORGS: (usize, usize) = (14, 2_000);

/// What SPF records of domains that send mail are like.
#[rustfmt::skip] // a table
pub const SPF_KINDS: &[(Spf, f64)] = &[
    (Spf::Mx("~all"), 12.0), (Spf::Mx("-all"), 6.0), (Spf::Mx("?all"), 2.0),
    (Spf::Provider("~all"), 28.0), (Spf::Provider("-all"), 14.0), (Spf::Provider("?all"), 3.0),
    (Spf::TwoProviders, 6.0), (Spf::Redirect, 4.0), (Spf::Addresses, 3.0), (Spf::Names, 3.0),
    (Spf::Everybody, 0.6), (Spf::NoAll, 1.0), (Spf::Empty, 0.3),
    (Spf::Ten, 0.8), (Spf::Eleven, 0.8), (Spf::TwentyFive, 0.5), (Spf::ManyExchanges, 0.4),
    (Spf::Voids(2), 0.6), (Spf::Voids(3), 0.6),
    (Spf::IncludesGone, 1.0), (Spf::IncludesOther, 0.6), (Spf::IncludesWrong, 0.6),
    (Spf::IncludesTwo, 0.4), (Spf::IncludesBroken, 0.8),
    (Spf::RedirectsGone, 0.4), (Spf::RedirectsBroken, 0.3),
    (Spf::Itself, 0.4), (Spf::Loop, 0.4), (Spf::IncludesAll, 0.4),
    (Spf::Exists, 0.6), (Spf::Macro, 0.4), (Spf::OwnMacro, 0.3), (Spf::Ptr, 0.8),
    (Spf::Split, 0.8), (Spf::Shouts, 0.3), (Spf::AfterAll, 0.4), (Spf::Modifier, 0.3),
    (Spf::TwoRedirects, 0.3), (Spf::Misspelt, 0.3), (Spf::Other, 0.8),
    (Spf::Wrong(0), 0.3), (Spf::Wrong(1), 0.3), (Spf::Wrong(2), 0.3), (Spf::Wrong(3), 0.3),
    (Spf::Wrong(4), 0.4), (Spf::Wrong(5), 0.3), (Spf::Wrong(6), 0.3), (Spf::Wrong(7), 0.3),
    (Spf::Wrong(8), 0.3), (Spf::Wrong(9), 0.3),
];
/// What the SPF records of providers are like.
pub const PROVIDER_SPF: [(ProviderSpf, f64); 4] = [
    (ProviderSpf::Flat, 50.0),
    (ProviderSpf::Nested, 30.0),
    (ProviderSpf::Names, 15.0),
    (ProviderSpf::Heavy, 5.0),
];
/// See [`PROVIDER_SPF`].
pub const PROVIDER_ALL: [(&str, f64); 3] = [("~all", 60.0), ("-all", 35.0), ("?all", 5.0)];

/// What DMARC records are like.
#[rustfmt::skip] // a table
pub const DMARC_KINDS: &[(Dmarc, f64)] = &[
    (Dmarc::Plain("none"), 30.0), (Dmarc::Plain("quarantine"), 14.0), (Dmarc::Plain("reject"), 12.0),
    (Dmarc::Silent("none"), 8.0), (Dmarc::Silent("quarantine"), 2.0), (Dmarc::Silent("reject"), 3.0),
    (Dmarc::Reports("none"), 6.0), (Dmarc::Reports("reject"), 6.0),
    (Dmarc::Deaf, 2.0), (Dmarc::Unknown, 0.8), (Dmarc::OwnAndDeaf, 1.0),
    (Dmarc::UnknownAndReports, 0.6), (Dmarc::Web, 0.6),
    (Dmarc::WeakSub, 1.5), (Dmarc::StrictSub, 1.0), (Dmarc::WeakNonexistent, 0.6),
    (Dmarc::Percent(20), 1.0), (Dmarc::Percent(100), 1.0), (Dmarc::Percent(0), 0.4),
    (Dmarc::Tried("reject"), 1.0), (Dmarc::Tried("quarantine"), 0.6), (Dmarc::NotPublic, 0.6),
    (Dmarc::Everything, 0.8), (Dmarc::NoPolicy, 0.6), (Dmarc::Nothing, 0.6),
    (Dmarc::BadPolicy, 0.5), (Dmarc::BadPolicySilent, 0.5), (Dmarc::TwoPolicies, 0.4),
    (Dmarc::SmallVersion, 0.4), (Dmarc::Alias, 1.5), (Dmarc::Several, 0.6), (Dmarc::Junk, 1.0),
];

/// What stands below `_domainkey`.
#[rustfmt::skip] // a table
pub const DKIM_KINDS: &[(dkim::Kind, f64)] = &[
    (dkim::Kind::Nothing, 45.0),
    (dkim::Kind::Key(0, Key::Rsa(2048)), 12.0), (dkim::Kind::Key(0, Key::Rsa(1024)), 5.0),
    (dkim::Kind::Key(1, Key::Rsa(2048)), 8.0), (dkim::Kind::Key(2, Key::Rsa(1024)), 4.0),
    (dkim::Kind::Key(2, Key::Rsa(4096)), 1.0),
    (dkim::Kind::Key(0, Key::Rsa(512)), 1.0), (dkim::Kind::Key(1, Key::Ed25519), 1.0),
    (dkim::Kind::Key(1, Key::Testing), 1.5), (dkim::Kind::Key(0, Key::Revoked), 1.0),
    (dkim::Kind::Key(2, Key::Broken), 0.8),
    (dkim::Kind::Two(Key::Rsa(2048), Key::Ed25519), 1.0),
    (dkim::Kind::Two(Key::Revoked, Key::Rsa(1024)), 1.0),
    (dkim::Kind::Two(Key::Broken, Key::Rsa(2048)), 0.5),
    (dkim::Kind::Odd, 8.0), (dkim::Kind::Alias, 8.0),
    (dkim::Kind::Wildcard(Key::Rsa(2048)), 0.6), (dkim::Kind::Wildcard(Key::Revoked), 0.6),
];

/// What MTA-STS records are like.
pub const STS_RECORDS: [(StsRecord, f64); 5] = [
    (StsRecord::Good, 88.0),
    (StsRecord::Extended, 4.0),
    (StsRecord::NoId, 3.0),
    (StsRecord::BadId, 3.0),
    (StsRecord::LongId, 2.0),
];
/// What the server of the policy does.
#[rustfmt::skip] // a table
pub const STS_SERVED: [(Served, f64); 26] = [
    (Served::Policy(Sts::Mode("enforce")), 36.0), (Served::Policy(Sts::Mode("testing")), 16.0),
    (Served::Policy(Sts::Mode("none")), 4.0), (Served::Policy(Sts::Short), 2.0),
    (Served::Policy(Sts::Misses), 4.0), (Served::Policy(Sts::Wildcard), 5.0),
    (Served::Policy(Sts::DeepWildcard), 2.0), (Served::Policy(Sts::Html), 2.0),
    (Served::Policy(Sts::Lf), 3.0), (Served::Policy(Sts::NoVersion), 1.0),
    (Served::Policy(Sts::BadMode), 1.0), (Served::Policy(Sts::NoAge), 1.0),
    (Served::Policy(Sts::NoMx), 1.0),
    (Served::Status(404), 3.0), (Served::Status(500), 1.0), (Served::Moved, 2.0),
    (Served::WrongName, 3.0), (Served::Expired, 2.0), (Served::SelfSigned, 2.0),
    (Served::Refused, 2.0), (Served::Tarpit, 1.0), (Served::Alert, 1.0),
    (Served::NoAddress, 2.0), (Served::Special, 1.0), (Served::TooLarge, 1.0),
    (Served::Page, 1.0),
];
/// Policy hosts that are a CNAME.
pub const STS_ALIAS: f64 = 0.40;
/// What TLS-RPT records are like.
pub const TLS_RPT_KINDS: [(TlsRpt, f64); 6] = [
    (TlsRpt::Mail, 70.0),
    (TlsRpt::MailAndWeb, 10.0),
    (TlsRpt::NoRua, 5.0),
    (TlsRpt::BadUri, 5.0),
    (TlsRpt::NoUri, 4.0),
    (TlsRpt::Extended, 6.0),
];
/// What BIMI records are like.
pub const BIMI_KINDS: [(Bimi, f64); 4] = [
    (Bimi::Nothing, 85.0),
    (Bimi::Logo, 9.0),
    (Bimi::Evidence, 4.0),
    (Bimi::Declines, 2.0),
];
/// What CAA records are like.
pub const CAA_KINDS: [(Caa, f64); 4] = [
    (Caa::Nothing, 80.0),
    (Caa::Two, 10.0),
    (Caa::Nobody, 5.0),
    (Caa::Mail, 5.0),
];
/// Zones with a wildcard whose text is a DMARC record.
pub const WILDCARD_DMARC: f64 = 0.30;
/// Signed zones with CDS records.
pub const CDS: f64 = 0.10;

/// Providers whose zone is signed.
pub const PROVIDER_SIGNED: f64 = 0.70;
/// Signed providers with TLSA records; of these, so many are wrong, name the CA, or cannot be used.
pub const PROVIDER_TLSA: f64 = 0.35;
/// See [`PROVIDER_TLSA`].
pub const TLSA_WRONG: f64 = 0.06;
/// See [`PROVIDER_TLSA`].
pub const TLSA_CA: f64 = 0.10;
/// See [`PROVIDER_TLSA`].
pub const TLSA_UNUSABLE: f64 = 0.04;
/// See [`PROVIDER_TLSA`]: the server's key and the CA.
pub const TLSA_BOTH: f64 = 0.08;
/// See [`PROVIDER_TLSA`]: the server's key and one that is to come. Also of [`OWN_TLSA`].
pub const TLSA_NEXT: f64 = 0.08;
/// Signed zones of domains and of providers with a digest by SHA-1 besides in their parent.
pub const SHA1: f64 = 0.03;
/// Unsigned providers with TLSA records all the same, which say nothing.
pub const INSECURE_TLSA: f64 = 0.05;
/// Signed domains with a mail host of their own that publish TLSA for it.
pub const OWN_TLSA: f64 = 0.15;

/// Countries of networks; none where the table says that it knows none.
pub const COUNTRIES: [(Option<&str>, f64); 6] = [
    (Some("CZ"), 60.0),
    (Some("DE"), 14.0),
    (Some("SK"), 10.0),
    (Some("US"), 6.0),
    (Some("NZ"), 2.0),
    (None, 8.0),
];
/// What the RPKI says of routes; none where there is no route.
pub const ROUTES: [(Option<&str>, f64); 4] = [
    (Some("valid"), 70.0),
    (Some("not_found"), 20.0),
    (Some("invalid"), 6.0),
    (None, 4.0),
];

/// Mail hosts of a provider.
pub const PROVIDER_HOSTS: [(usize, f64); 3] = [(1, 40.0), (2, 45.0), (3, 15.0)];
/// Providers whose last host of several is older than the others.
pub const PROVIDER_UNEVEN: f64 = 0.08;
/// Mail hosts with a second address.
pub const SECOND_ADDRESS: f64 = 0.15;
/// Second addresses where nobody listens.
pub const SECOND_REFUSES: f64 = 0.10;
/// Providers with one certificate for `*.<provider>`.
pub const WILDCARD_CERTIFICATE: f64 = 0.20;
/// Shared addresses that have a certificate for each name asked for by SNI.
pub const SHARED_BY_SNI: f64 = 0.40;

/// Manners of providers and shared addresses, by the names of the table. Slow and dead ones come on
/// top, by `--slow-share` and `--dead-share`.
pub const MANNERS: [(&str, f64); 35] = [
    ("healthy", 30.0),
    ("classical", 18.0),
    ("legacy", 9.0),
    ("legacy_and_weak", 3.5),
    ("weak_suites", 1.5),
    ("ssl3", 1.0),
    ("rsa_only", 0.6),
    ("dhe_only", 0.5),
    ("tls10_only", 0.6),
    ("ssl2", 0.2),
    ("refuses_by_close", 2.0),
    ("refuses_by_reset", 1.0),
    ("extension_intolerant", 0.2),
    ("no_intermediate", 1.5),
    ("tls12_only", 8.0),
    ("no_starttls", 6.0),
    ("self_signed", 4.0),
    ("expired", 3.0),
    ("wrong_name", 3.0),
    ("starttls_454", 0.4),
    ("starttls_501", 0.4),
    ("stripped", 0.4),
    ("injected", 0.3),
    ("greets_421", 0.4),
    ("greets_450", 0.4),
    ("greets_554", 0.6),
    ("closes", 0.4),
    ("resets", 0.4),
    ("tls_alert", 0.4),
    ("tls_garbage", 0.3),
    ("tls_reset", 0.3),
    ("helo_only", 0.4),
    ("too_large", 0.2),
    ("many_lines", 0.2),
    ("refused", 0.5),
];
/// Manners of slow servers.
pub const SLOW: [(&str, f64); 4] = [
    ("greets_slowly", 70.0),
    ("tarpit", 20.0),
    ("silent", 10.0),
    ("silent_on_old_hello", 20.0),
];

/// Domains that a rule book obliges, and those whose sector the list says.
pub const OBLIGED: f64 = 0.05;
/// See [`OBLIGED`].
pub const SECTOR: f64 = 0.20;

/// What happened to the domains that changed between two surveys.
pub const CHANGES: [(Change, f64); 10] = [
    (Change::Signing, 20.0),
    (Change::Moved, 20.0),
    (Change::Record(Policy::Spf), 8.0),
    (Change::Record(Policy::Dmarc), 8.0),
    (Change::Record(Policy::MtaSts), 12.0),
    (Change::Record(Policy::TlsRpt), 12.0),
    (Change::OwnTlsa, 60.0),
    (Change::Silent, 5.0),
    (Change::Lame, 5.0),
    (Change::Mended, 5.0),
];
/// Domains that left the list, of those that changed.
pub const LEFT: f64 = 0.06;
/// Domains that joined it: so many for each that changed.
pub const JOINED: f64 = 0.06;
