//! Whether and how a domain takes mail.

use std::net::IpAddr;

use super::every::hidden;
use crate::table::codes::{MxKind, Outcome};
use crate::table::rows::Finding;
use crate::verdict::case::{Case, MailHost, fail, not_applicable, pass, unknown, word};

/// Passes when the domain takes mail: an explicit MX with a target that can be dialled, or an
/// implicit MX that answers on port 25 (RFC 5321 5.1).
pub fn receives_mail(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    match case.domain.mx.kind {
        None => unknown(word(case.domain.mx.error)),
        Some(MxKind::Null) => fail("null_mx"),
        Some(MxKind::None) => fail("no_mx"),
        Some(MxKind::Explicit) => explicit(case),
        Some(MxKind::Implicit) => implicit(case),
    }
}

fn explicit(case: &Case<'_>) -> Finding {
    let hosts = &case.hosts;
    let mut endpoints = hosts.iter().flat_map(|host| &host.endpoints);
    if endpoints.any(|one| !one.server.special) {
        return pass("explicit_mx");
    }
    match case.more_hosts().or_else(|| hosts.iter().find_map(more)) {
        Some(why) => unknown(why),
        None => fail("mx_unusable"),
    }
}

fn implicit(case: &Case<'_>) -> Finding {
    let mut servers = case.endpoints().map(|one| one.server).peekable();
    let nobody = servers.peek().is_none();
    if case.endpoints().any(|one| one.server.reached) {
        pass("implicit_mx")
    } else if let Some(why) = case.hosts.iter().find_map(more) {
        unknown(why)
    } else if nobody {
        unknown("addresses_unknown")
    } else if servers.all(|server| server.refused || server.special) {
        fail("web_only")
    } else {
        unknown("implicit_mx_unreached")
    }
}

/// Why a host may have addresses that nobody was told; none where all are known.
pub fn more(host: &MailHost<'_>) -> Option<&'static str> {
    let facts = host.facts;
    if hidden(host).is_some() || facts.is_some_and(|facts| facts.is_half) {
        return Some("addresses_unknown");
    }
    facts
        .filter(|facts| facts.truncated)
        .map(|_| "addresses_truncated")
}

/// Whether a host shows a fault.
type Shows = fn(&MailHost<'_>) -> bool;

/// Passes when every MX record names a host with addresses that can be dialled: no CNAME (RFC 5321
/// 5.1), no IP literal, no special-purpose address, no null MX beside others (RFC 7505 3).
pub fn mx_wellformed(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    match case.domain.mx.kind {
        None => return unknown(word(case.domain.mx.error)),
        Some(MxKind::Null) => return not_applicable("null_mx"),
        Some(MxKind::None | MxKind::Implicit) => return not_applicable("no_mx"),
        Some(MxKind::Explicit) => {}
    }
    let records = &case.domain.mx.records;
    if records.iter().any(|record| record.host == ".") {
        return fail("null_mx_beside_others");
    }
    let all = case.hosts.len();
    let faults: [(&str, Shows); 4] = [
        ("ip_literal", is_literal),
        ("no_address", has_no_address),
        ("cname", |host| {
            host.facts.is_some_and(|facts| facts.is_alias)
        }),
        ("special_purpose", |host| {
            host.endpoints.iter().any(|one| one.server.special)
        }),
    ];
    for (fault, shows) in faults {
        match case.hosts.iter().filter(|host| shows(host)).count() {
            0 => {}
            some => return fail(format!("{fault}:{some}/{all}")),
        }
    }
    match case
        .more_hosts()
        .or_else(|| case.hosts.iter().find_map(more))
    {
        Some(why) => unknown(why),
        None => pass(format!("wellformed:{all}/{all}")),
    }
}

fn is_literal(host: &MailHost<'_>) -> bool {
    let name = host.name.trim_matches(['[', ']']);
    // RFC 5321 4.1.3; names come in lower case.
    let name = name.strip_prefix("ipv6:").unwrap_or(name);
    name.parse::<IpAddr>().is_ok()
}

fn has_no_address(host: &MailHost<'_>) -> bool {
    let facts = host.facts.filter(|_| !is_literal(host));
    facts.is_some_and(|facts| facts.addresses == Outcome::Absent)
}

/// Why a host may have IPv6 addresses that nobody was told, or that were not asked: IPv4 comes first,
/// and only so many addresses are kept.
fn more_ipv6(host: &MailHost<'_>) -> Option<&'static str> {
    if hidden(host).is_some() {
        return Some("addresses_unknown");
    }
    let facts = host
        .facts
        .filter(|facts| facts.addresses == Outcome::Found)?;
    match facts.aaaa {
        Outcome::Failed | Outcome::NotAttempted => Some("addresses_unknown"),
        Outcome::Found if facts.truncated => Some("addresses_truncated"),
        Outcome::Found => {
            let asked = host.endpoints.iter().any(|one| one.server.ipv6);
            (!asked).then_some("addresses_unknown")
        }
        Outcome::Absent => None,
    }
}

/// Passes when a mail server answers SMTP over IPv6.
pub fn mx_ipv6(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    let servers = || {
        let all = case.endpoints().map(|one| one.server);
        all.filter(|server| server.ipv6 && !server.special)
    };
    let (reached, total) = (
        servers().filter(|one| one.reached).count(),
        servers().count(),
    );
    if reached > 0 {
        return pass(format!("ipv6:{reached}/{total}"));
    }
    let mut hosts = case.hosts.iter();
    if let Some(why) = case.more_hosts().or_else(|| hosts.find_map(more_ipv6)) {
        return unknown(why);
    }
    match servers().find(|server| !server.refused) {
        Some(open) => unknown(format!("{}:0/{total}", open.starttls.as_str())),
        None if total == 0 => fail("no_aaaa"),
        None => fail(format!("refused:0/{total}")),
    }
}
