//! The ports of IMAP, POP3 and submission: whether clients can only log in under TLS, and what that
//! TLS is like. No login was ever tried: what servers say they allow is what they allow.
//!
//! A host that was only guessed from the MX records counts where something answered.

use super::super::NOT_MEASURED;
use super::super::certificates::{all_of, is_current, is_trusted, names};
use super::super::every::Says;
use super::super::tls::{NO_STARTTLS, at_least, without_old_tls, without_ssl};
use super::super::transport::first_fault;
use crate::table::client_codes::ClientSource;
use crate::table::codes::{CheckResult, ErrorCode, Outcome, Protocol};
use crate::table::rows::{CheckId, ClientSearch, Finding, Searched};
use crate::verdict::case::{
    Case, Client, ClientEndpoint, fail, not_applicable, pass, unknown, word,
};
use crate::verdict::facts::{Behind, Chain, Reach, Tls, Version};
use crate::verdict::parameters::Parameters;

/// What there is not where nobody serves any protocol of clients.
const NO_CLIENTS: &str = "no_clients";

/// A protocol of mail clients: with STARTTLS, and inside TLS.
struct Service {
    clear: Protocol,
    implicit: Protocol,
    searched: fn(&ClientSearch) -> &Searched,
    /// What there is not where nobody serves it.
    nothing: &'static str,
}

const IMAP: Service = Service {
    clear: Protocol::Imap,
    implicit: Protocol::Imaps,
    searched: |search| &search.imap,
    nothing: "no_imap",
};
const POP3: Service = Service {
    clear: Protocol::Pop3,
    implicit: Protocol::Pop3s,
    searched: |search| &search.pop3,
    nothing: "no_pop3",
};
const SUBMISSION: Service = Service {
    clear: Protocol::Submission,
    implicit: Protocol::Submissions,
    searched: |search| &search.submission,
    nothing: "no_submission",
};

/// Passes when IMAP works inside TLS and lets nobody log in before it.
pub fn imap_tls_only(case: &Case<'_>, parameters: &Parameters) -> Finding {
    tls_only(case, parameters, &IMAP)
}

/// Passes when POP3 works inside TLS and lets nobody log in before it.
pub fn pop3_tls_only(case: &Case<'_>, parameters: &Parameters) -> Finding {
    tls_only(case, parameters, &POP3)
}

/// Passes when submission works inside TLS and lets nobody log in before it.
pub fn submission_tls_only(case: &Case<'_>, parameters: &Parameters) -> Finding {
    tls_only(case, parameters, &SUBMISSION)
}

/// Why the ports of a service cannot be judged; none where hosts are known.
fn unsearched(searched: &Searched, nothing: &'static str) -> Option<Finding> {
    match searched.outcome {
        Outcome::Found => None,
        Outcome::Absent => Some(not_applicable(nothing)),
        Outcome::Failed => Some(unknown(word(searched.error))),
        Outcome::NotAttempted => {
            let why = searched.error.map_or(NOT_MEASURED, ErrorCode::as_str);
            Some(unknown(why))
        }
    }
}

fn tls_only(case: &Case<'_>, parameters: &Parameters, service: &Service) -> Finding {
    let search = &case.domain.client_search;
    let finding = case
        .no_mail()
        .or_else(|| unsearched((service.searched)(search), service.nothing));
    if let Some(finding) = finding {
        return finding;
    }
    let clear = asked(case, service.clear);
    let implicit = asked(case, service.implicit);
    let open = |asked: &[Asked<'_>]| asked.iter().find_map(Asked::open);
    let served: Vec<_> = clear.iter().filter_map(Asked::served).collect();
    let login = |value| move |one: &&ClientEndpoint<'_>| one.port.login_before_tls == value;
    if served.iter().any(|one| login(Some(true))(one)) {
        return fail("login_before_tls");
    }
    if !parameters.starttls_allowed && !served.is_empty() {
        return fail("clear_text_port");
    }
    if let Some(why) = open(&clear) {
        return unknown(why);
    }
    if served.iter().any(|one| login(None)(one)) {
        return unknown("no_capabilities");
    }
    if implicit.iter().any(|one| one.served().is_some()) {
        return match search.truncated {
            true => unknown("clients_truncated"),
            false => pass("inside_tls"),
        };
    }
    match open(&implicit).or_else(|| filtered(case, service)) {
        Some(why) => unknown(why),
        None if served.is_empty() && search.truncated => unknown("clients_truncated"),
        None if served.is_empty() => not_applicable(service.nothing),
        None => fail("no_implicit_tls"),
    }
}

/// Why it is not known whether somebody serves at a port of a host that was named: one that is silent
/// may serve all the same.
fn filtered(case: &Case<'_>, service: &Service) -> Option<&'static str> {
    let protocols = [service.clear, service.implicit];
    let named = |client: &&Client<'_>| {
        protocols.contains(&client.protocol) && client.source != ClientSource::Mx
    };
    let mut ports = case.clients.iter().filter(named).flat_map(|one| &one.ports);
    ports.find_map(|one| match one.port.reach {
        Reach::Filtered(error) => Some(error.as_str()),
        _ => None,
    })
}

/// What became of a port that was to be asked.
enum Asked<'a> {
    /// Somebody serves there.
    Served(&'a ClientEndpoint<'a>),
    /// Somebody answered, and why that was not the protocol.
    Odd(&'a ClientEndpoint<'a>, ErrorCode),
    /// It is not known, and why.
    Open(&'static str),
}

impl<'a> Asked<'a> {
    fn served(&self) -> Option<&'a ClientEndpoint<'a>> {
        match self {
            Self::Served(one) => Some(one),
            _ => None,
        }
    }

    fn open(&self) -> Option<&'static str> {
        match self {
            Self::Served(_) => None,
            Self::Odd(_, error) => Some(error.as_str()),
            Self::Open(why) => Some(why),
        }
    }
}

/// The ports of a protocol that are not closed.
fn asked<'a>(case: &'a Case<'a>, protocol: Protocol) -> Vec<Asked<'a>> {
    let clients = case.clients.iter();
    let clients = clients.filter(|client| client.protocol == protocol);
    clients.flat_map(of_client).collect()
}

/// An address that gave no answer is left out where another one of its host gave one.
fn of_client<'a>(client: &'a Client<'a>) -> Vec<Asked<'a>> {
    let is_guess = client.source == ClientSource::Mx;
    if client.ports.is_empty() {
        let why = match client.addresses {
            Some(Outcome::Absent) => None,
            Some(Outcome::Found) => Some("not_asked"),
            Some(Outcome::Failed | Outcome::NotAttempted) => {
                Some("addresses_unknown").filter(|_| !is_guess)
            }
            None => Some("host_unknown"),
        };
        return why.map(Asked::Open).into_iter().collect();
    }
    let gave_answer = |one: &ClientEndpoint<'_>| {
        matches!(
            one.port.reach,
            Reach::Serves | Reach::Closed | Reach::Filtered(_) | Reach::Odd(_)
        )
    };
    let any_answer = client.ports.iter().any(gave_answer);
    let ports = client.ports.iter();
    ports
        .filter_map(|one| match one.port.reach {
            Reach::Serves => Some(Asked::Served(one)),
            Reach::Odd(error) => Some(Asked::Odd(one, error)),
            // In clear text that is as good as closed; where TLS is wanted, `filtered` asks.
            Reach::Closed | Reach::Filtered(_) | Reach::Special => None,
            Reach::Silent(_) if any_answer => None,
            Reach::Silent(ErrorCode::Timeout | ErrorCode::Unreachable) if is_guess => None,
            Reach::Silent(error) => Some(Asked::Open(error.as_str())),
        })
        .collect()
}

/// Passes when TLS of every port that clients use is as the parts ask for: `tls_1_2`, `no_ssl`,
/// `no_tls_1_0_1_1`.
pub fn client_tls(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, |_, one| {
        let tls = &one.port.tls;
        let parts = match parameters.parts.as_slice() {
            [] => &[CheckId::Tls12, CheckId::NoSsl, CheckId::NoTls10Or11][..],
            parts => parts,
        };
        worst(parts.iter().map(|part| part_of(*part, tls)))
    })
}

fn part_of(part: CheckId, tls: &Tls) -> Says {
    match part {
        CheckId::NoSsl => without_ssl(tls),
        CheckId::NoTls10Or11 => without_old_tls(tls),
        _ => at_least(tls, Version::Tls1_2),
    }
}

/// All have to say yes: the first that says no decides, else the first that is open.
fn worst(says: impl Iterator<Item = Says>) -> Says {
    let rank = |says: &Says| match says {
        Says::No(_) => 0,
        Says::Open(_) => 1,
        Says::Yes(_) | Says::Apart => 2,
    };
    says.min_by_key(rank).unwrap_or(Says::Apart)
}

/// Passes when every port that clients use shows a certificate that leads to a root of every store
/// asked for, names its host and was within its validity.
pub fn client_cert(case: &Case<'_>, parameters: &Parameters) -> Finding {
    over_tls(case, |client, one| {
        let judge = |chain: &Chain| {
            let trusted = is_trusted(chain, case.lists, parameters);
            let named = match (names(chain), client.source) {
                // Nobody published that name; users may have been told another one.
                (Says::No(_), ClientSource::Name) => Says::Open("guessed_name"),
                (says, _) => says,
            };
            first_fault([named, trusted, is_current(chain)])
        };
        all_of(one.chains, |usual| usual, &judge)
    })
}

/// Asks every port that has TLS.
fn over_tls<'a>(
    case: &'a Case<'a>,
    ask: impl Fn(&Client<'a>, &ClientEndpoint<'a>) -> Says,
) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    let search = &case.domain.client_search;
    let searches = [&search.imap, &search.pop3, &search.submission];
    let mut says: Vec<Says> = Vec::new();
    let (mut judged, mut in_clear) = (0, false);
    let of_each = |client| of_client(client).into_iter().map(move |one| (client, one));
    for (client, one) in case.clients.iter().flat_map(of_each) {
        let (endpoint, odd) = match one {
            Asked::Served(endpoint) => (endpoint, None),
            Asked::Odd(endpoint, error) => (endpoint, Some(error)),
            Asked::Open(why) => {
                says.push(Says::Open(why));
                continue;
            }
        };
        judged += usize::from(endpoint.port.behind == Behind::Tls);
        says.push(match (endpoint.port.behind, odd) {
            (Behind::Tls, _) => ask(client, endpoint),
            (Behind::None, None) => {
                in_clear = true;
                continue;
            }
            (Behind::None, Some(error)) => Says::Open(error.as_str()),
            (Behind::Broken, _) => Says::Open("handshake"),
            (Behind::Open, error) => Says::Open(word(error)),
        });
    }
    // What was seen decides, whatever is not known of other services.
    let mut searches = searches.into_iter();
    let open = searches.find_map(|one| unsearched(one, NO_CLIENTS).filter(is_unknown));
    let open = open.or_else(|| search.truncated.then(|| unknown("clients_truncated")));
    let total = says.len();
    let with_count = |word: &str| format!("{word}:{judged}/{total}");
    match worst(says.into_iter()) {
        Says::No(word) => fail(with_count(word)),
        Says::Open(word) => unknown(with_count(word)),
        Says::Yes(word) => open.unwrap_or_else(|| pass(with_count(word))),
        Says::Apart if in_clear => open.unwrap_or_else(|| not_applicable(NO_STARTTLS)),
        Says::Apart => open.unwrap_or_else(|| not_applicable(NO_CLIENTS)),
    }
}

fn is_unknown(finding: &Finding) -> bool {
    finding.result == CheckResult::Unknown
}
