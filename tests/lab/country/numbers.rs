//! What the country is made of: every share and every weight, in one place.

use super::changes::Change;
use super::domain::{Dns, Mail, Text};
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
pub const MANNERS: [(&str, f64); 22] = [
    ("healthy", 70.0),
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
pub const SLOW: [(&str, f64); 3] = [("greets_slowly", 70.0), ("tarpit", 20.0), ("silent", 10.0)];

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
