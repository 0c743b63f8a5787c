//! STARTTLS, and what is behind it: versions, suites, groups.
//!
//! Each check has a function of one server, which the ports for clients may be asked, too.

use super::NOT_SEEN;
use super::every::{Says, behind_starttls, every};
use crate::table::rows::Finding;
use crate::table::tls_codes::VersionResult;
use crate::verdict::case::{Case, Endpoint, MailHost};
use crate::verdict::facts::{Answered, Gap, Lists, Seen, Tls, Version, Weak};
use crate::verdict::parameters::Parameters;

/// What is not there where no server has STARTTLS.
pub const NO_STARTTLS: &str = "no_starttls";

/// Passes when every mail server offers STARTTLS (RFC 3207) and a handshake completes, or a server that
/// shares no suite with us answers with the whole of its first flight.
pub fn starttls(case: &Case<'_>, parameters: &Parameters) -> Finding {
    every(case, parameters, NO_STARTTLS, |_, one| has_starttls(one))
}

/// What one server says of STARTTLS.
pub fn has_starttls(endpoint: &Endpoint<'_>) -> Says {
    match endpoint.server.starttls {
        Answered::Works => Says::Yes("starttls"),
        Answered::Broken => Says::No(Answered::Broken.as_str()),
        none if none.is_none() => Says::No(none.as_str()),
        open => Says::Open(open.as_str()),
    }
}

fn over_tls<'a>(case: &Case<'a>, parameters: &Parameters, ask: impl Fn(&Tls) -> Says) -> Finding {
    let ask = |_: &MailHost<'a>, one: &Endpoint<'a>| ask(&one.server.tls);
    every(case, parameters, NO_STARTTLS, behind_starttls(ask))
}

/// Passes when every mail server accepts TLS 1.2 or newer.
pub fn tls_1_2(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, |tls| at_least(tls, Version::Tls1_2))
}

/// Passes when every mail server accepts TLS 1.3 (RFC 8446).
pub fn tls_1_3(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, |tls| at_least(tls, Version::Tls1_3))
}

/// Whether a version, or a newer one, is accepted. The reason has the newest that is.
pub fn at_least(tls: &Tls, wanted: Version) -> Says {
    let newest = tls.newest();
    let newer = || Version::ALL.into_iter().filter(|one| *one >= wanted);
    match newest {
        Some(version) if version >= wanted => Says::Yes(version.word()),
        _ if newer().any(|one| tls.accepts(one).is_none()) => Says::Open(NOT_SEEN),
        newest => Says::No(newest.map_or("refused", Version::word)),
    }
}

/// Passes when no mail server accepts SSL 2.0 (RFC 6176) or SSL 3.0 (RFC 7568).
pub fn no_ssl(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, without_ssl)
}

/// Whether SSL 2.0 and 3.0 are refused.
pub fn without_ssl(tls: &Tls) -> Says {
    let gaps = [(Version::Ssl2, tls.ssl2), (Version::Ssl3, tls.old)];
    match without(tls, &gaps) {
        Says::Yes(_) if tls.version(Version::Ssl2) == VersionResult::ImpliedRefused => {
            Says::Yes("ssl2_implied")
        }
        says => says,
    }
}

/// Passes when no mail server accepts TLS 1.0 or 1.1 (RFC 8996).
pub fn no_tls_1_0_1_1(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, without_old_tls)
}

/// Whether TLS 1.0 and 1.1 are refused.
pub fn without_old_tls(tls: &Tls) -> Says {
    let gaps = [(Version::Tls1_0, tls.old), (Version::Tls1_1, tls.old)];
    without(tls, &gaps)
}

/// Whether versions are refused; each with why that may not be known.
fn without(tls: &Tls, versions: &[(Version, Gap)]) -> Says {
    let mut accepted = versions
        .iter()
        .filter(|(version, _)| tls.accepts(*version) == Some(true));
    if let Some((version, _)) = accepted.next() {
        return Says::No(version.word());
    }
    let mut open = versions
        .iter()
        .filter(|(version, _)| tls.accepts(*version).is_none());
    match open.next() {
        Some((_, gap)) => Says::Open(gap.as_str()),
        None => Says::Yes("refused"),
    }
}

/// Passes when every mail server refuses the hello that offers only weak suites. Any other hello that
/// one was accepted from fails it as well.
pub fn no_weak_ciphers(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, |tls| match tls.weak {
        Weak::Accepted(weakness) => Says::No(weakness.as_str()),
        Weak::Refused => Says::Yes("refused"),
        Weak::Open(gap) => Says::Open(gap.as_str()),
    })
}

/// Passes when every handshake used ephemeral keys, (EC)DHE. With `only`, no other suite may be
/// accepted either: one that was seen fails it at any depth, only a deep survey passes it.
pub fn forward_secrecy(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, |tls| match tls.forward_secrecy {
        Some(false) => Says::No(STATIC),
        _ if parameters.only && tls.static_keys == Some(true) => Says::No(STATIC),
        None => Says::Open(NOT_SEEN),
        Some(true) if parameters.only => only_ephemeral(tls),
        Some(true) => Says::Yes("ephemeral"),
    })
}

const STATIC: &str = "static_key_exchange";

/// Whether no other suite is accepted, of a server that was not seen to accept one.
fn only_ephemeral(tls: &Tls) -> Says {
    match (tls.suites.gap, tls.static_keys) {
        (Some(gap), _) => Says::Open(gap.as_str()),
        (None, Some(false)) => Says::Yes("only_ephemeral"),
        (None, _) => Says::Open(NOT_SEEN),
    }
}

/// Passes when every handshake used a hybrid post-quantum group. Informational.
pub fn pq_key_exchange(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, |tls| match tls.hybrid {
        Some(true) => Says::Yes("hybrid"),
        Some(false) => Says::No("classical"),
        None => Says::Open(NOT_SEEN),
    })
}

/// Passes when no mail server accepts a suite outside the list, those of TLS 1.3 included.
pub fn ciphers_within(case: &Case<'_>, parameters: &Parameters) -> Finding {
    let list = &parameters.suites;
    over_tls(case, parameters, |tls| {
        within(&tls.suites, list, case.lists)
    })
}

/// Passes when no mail server accepts a group outside the list.
pub fn groups_within(case: &Case<'_>, parameters: &Parameters) -> Finding {
    let list = &parameters.groups;
    over_tls(case, parameters, |tls| {
        within(&tls.groups, list, case.lists)
    })
}

/// Whether all that is accepted is in a list. What was seen outside decides at any depth.
fn within(seen: &Seen, list: &[String], lists: &Lists) -> Says {
    if list.is_empty() {
        return Says::Open("no_list");
    }
    let accepted = lists.names.get(seen.accepted as usize);
    let mut accepted = accepted.into_iter().flatten();
    let is_listed = |name: &str| list.iter().any(|allowed| allowed == name);
    match seen.gap {
        _ if !accepted.all(|name| is_listed(name)) => Says::No("not_in_list"),
        Some(gap) => Says::Open(gap.as_str()),
        None => Says::Yes("within"),
    }
}
