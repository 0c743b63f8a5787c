//! STARTTLS and the handshake behind it.

use super::every::{Says, behind_starttls, every};
use super::{NOT_MEASURED, NOT_SEEN};
use crate::table::rows::Finding;
use crate::verdict::case::{Case, Endpoint, MailHost};
use crate::verdict::facts::{Answered, Version};
use crate::verdict::parameters::Parameters;

/// What is not there where no server has STARTTLS.
pub const NO_STARTTLS: &str = "no_starttls";

/// Passes when every mail server offers STARTTLS (RFC 3207) and a handshake completes.
pub fn starttls(case: &Case<'_>, parameters: &Parameters) -> Finding {
    every(case, parameters, NO_STARTTLS, |_, one| has_starttls(one))
}

/// What one server says of STARTTLS.
pub fn has_starttls(endpoint: &Endpoint<'_>) -> Says {
    match endpoint.server.starttls {
        Answered::Works => Says::Yes("starttls"),
        none if none.is_none() => Says::No(none.as_str()),
        open => Says::Open(open.as_str()),
    }
}

fn over_tls<'a>(
    case: &Case<'a>,
    parameters: &Parameters,
    ask: impl Fn(&MailHost<'a>, &Endpoint<'a>) -> Says,
) -> Finding {
    every(case, parameters, NO_STARTTLS, behind_starttls(ask))
}

/// Passes when every mail server accepts TLS 1.2 or newer. A handshake with less than was offered
/// shows the newest that the server has.
pub fn tls_1_2(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, |_, one| at_least(one, Version::Tls12))
}

/// Passes when every mail server accepts TLS 1.3 (RFC 8446).
pub fn tls_1_3(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, |_, one| at_least(one, Version::Tls13))
}

/// What one server says of a version, if it has STARTTLS.
pub fn at_least(endpoint: &Endpoint<'_>, wanted: Version) -> Says {
    match endpoint.server.version {
        Some(version) if version >= wanted => Says::Yes(version.as_str()),
        Some(version) => Says::No(version.as_str()),
        None => Says::Open(NOT_SEEN),
    }
}

/// Passes when every handshake used ephemeral keys, (EC)DHE. Whether RSA key exchange is refused
/// only a deep survey can tell.
pub fn forward_secrecy(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, |_, one| {
        match one.server.forward_secrecy {
            Some(true) if parameters.only => Says::Open("depth"),
            Some(true) => Says::Yes("ephemeral"),
            Some(false) => Says::No("static_key_exchange"),
            None => Says::Open(NOT_SEEN),
        }
    })
}

/// Passes when every handshake used a hybrid post-quantum group. Informational.
pub fn pq_key_exchange(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, |_, one| match one.server.hybrid {
        Some(true) => Says::Yes("hybrid"),
        Some(false) => Says::No("classical"),
        None => Says::Open(NOT_SEEN),
    })
}

/// A check by a bare hello, which no survey sends yet.
pub fn bare_hello(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, parameters, |_, _| Says::Open(NOT_MEASURED))
}

/// A check against a list, for which all suites or groups have to be known.
pub fn within(case: &Case<'_>, parameters: &Parameters, list: &[String]) -> Finding {
    let why = if list.is_empty() {
        "no_list"
    } else {
        NOT_MEASURED
    };
    over_tls(case, parameters, |_, _| Says::Open(why))
}
