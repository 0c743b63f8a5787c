//! DNSSEC of the domain and of its mail hosts (RFC 4035 4.3), and how strong it is.

use crate::table::codes::{CheckResult, Outcome, Security};
use crate::table::rows::Finding;
use crate::verdict::case::{Case, MailHost, fail, not_applicable, pass, unknown, word};
use crate::verdict::facts::{Zone, ZoneKeys};
use crate::verdict::parameters::Parameters;

/// Zones between a name and the root: as many as a name has labels (RFC 1035 2.3.4).
const DEPTH: usize = 128;
/// Algorithms whose keys have a size of their own: RSA (RFC 3110, RFC 5702).
const RSA: [u8; 5] = [1, 5, 7, 8, 10];

/// Passes when the MX answer, or its denial, is secure.
pub fn dnssec_domain(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    let mx = &case.domain.mx;
    match (mx.outcome, mx.security) {
        (Outcome::Failed | Outcome::NotAttempted, _) => unknown(word(mx.error)),
        (_, Security::Secure) => pass("secure"),
        (_, Security::Insecure) => fail("insecure"),
        (_, Security::Bogus) => fail("bogus"),
        (_, Security::Indeterminate | Security::NotChecked) => unknown("not_checked"),
    }
}

/// What a host adds to a check over all of them.
enum Adds {
    Good,
    Bad(&'static str),
    Open(&'static str),
    Nothing,
}

/// Passes when the answers about the addresses of every mail host, and about its TLSA records, are
/// secure.
pub fn dnssec_mail_hosts(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    let (mut good, mut bad, mut open) = (0, None, case.more_hosts());
    for host in &case.hosts {
        match security(host) {
            Adds::Good => good += 1,
            Adds::Bad(why) => bad = bad.or(Some(why)),
            Adds::Open(why) => open = open.or(Some(why)),
            Adds::Nothing => {}
        }
    }
    match (bad, open, good) {
        (Some(why), _, _) => fail(why),
        (None, Some(why), _) => unknown(why),
        (None, None, 0) => unknown("addresses_unknown"),
        (None, None, good) => pass(format!("secure:{good}/{}", case.hosts.len())),
    }
}

fn security(host: &MailHost<'_>) -> Adds {
    let Some(facts) = host.facts else {
        return Adds::Open("host_unknown");
    };
    match facts.addresses {
        // Nothing could be delivered there.
        Outcome::Absent => return Adds::Nothing,
        Outcome::Failed | Outcome::NotAttempted => return Adds::Open("addresses_unknown"),
        Outcome::Found => {}
    }
    match facts.security {
        Security::Secure => {}
        Security::Insecure => return Adds::Bad("host_insecure"),
        Security::Bogus => return Adds::Bad("host_bogus"),
        Security::NotChecked | Security::Indeterminate => return Adds::Open("not_checked"),
    }
    match (facts.tlsa, facts.tlsa_security) {
        (Outcome::NotAttempted, _) => Adds::Good,
        (Outcome::Failed, _) => Adds::Open("tlsa_unknown"),
        (_, Security::Bogus) => Adds::Bad("tlsa_bogus"),
        (_, Security::Secure) => Adds::Good,
        (_, Security::Insecure) => Adds::Bad("tlsa_insecure"),
        (_, Security::NotChecked | Security::Indeterminate) => Adds::Open("not_checked"),
    }
}

/// Passes when the algorithms, digests and key sizes of the zones that those answers come from, and
/// of all their parents, are among those allowed.
pub fn dnssec_algorithms(case: &Case<'_>, parameters: &Parameters) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    let domain = dnssec_domain(case);
    match domain.result {
        CheckResult::Pass => {}
        CheckResult::Fail => return not_applicable("no_dnssec"),
        CheckResult::Unknown | CheckResult::NotApplicable => return domain,
    }
    let mut open = None;
    for start in starts(case) {
        let mut is_whole = false;
        for zone in upwards(case, start) {
            let Some(zone) = zone.filter(|zone| zone.is_known) else {
                break;
            };
            match strength(keys_of(case, zone), parameters) {
                Strength::Weak(why) => return fail(why),
                Strength::Unknown => open = open.or(Some("key_unknown")),
                Strength::Strong => {}
            }
            is_whole = zone.parent.is_none();
        }
        if !is_whole {
            open = open.or(Some("zone_unknown"));
        }
    }
    let open = open.or_else(|| case.hosts.iter().find_map(leads_elsewhere));
    let open = open.or_else(|| case.more_hosts());
    open.map_or_else(|| pass("strong"), unknown)
}

/// Why the answers about a host may come from zones that nobody looked at; none where they do not.
fn leads_elsewhere(host: &MailHost<'_>) -> Option<&'static str> {
    let Some(facts) = host.facts else {
        return Some("addresses_unknown");
    };
    match (facts.addresses, facts.security) {
        (Outcome::Failed | Outcome::NotAttempted, _) => Some("addresses_unknown"),
        // It has no DNSSEC, or nothing could be delivered there.
        (Outcome::Absent, _) | (Outcome::Found, Security::Insecure | Security::Bogus) => None,
        (Outcome::Found, Security::NotChecked | Security::Indeterminate) => Some("not_checked"),
        // The zone at the end of an alias is not in the tables.
        (Outcome::Found, Security::Secure) => facts.is_alias.then_some("alias_zone"),
    }
}

/// The zone of the domain, and those of its mail hosts whose answers are secure. Of an
/// alias the answers do not always tell.
fn starts(case: &Case<'_>) -> Vec<Option<u32>> {
    let secure = case
        .hosts
        .iter()
        .filter_map(|host| host.facts)
        .filter(|facts| facts.addresses == Outcome::Found && facts.security == Security::Secure);
    let mut starts = vec![case.zone];
    for facts in secure {
        let is_told = facts.zone.is_some() || !facts.is_alias;
        if is_told && !starts.contains(&facts.zone) {
            starts.push(facts.zone);
        }
    }
    starts
}

/// A zone and its parents up to the root; `None` where a row is missing, which ends it.
fn upwards<'a>(case: &'a Case<'_>, start: Option<u32>) -> impl Iterator<Item = Option<&'a Zone>> {
    let at = |number: Option<u32>| number.and_then(|number| case.lists.zones.get(number as usize));
    let first = Some(at(start));
    std::iter::successors(first, move |zone| {
        let parent = (*zone)?.parent?;
        Some(at(Some(parent)))
    })
    .take(DEPTH)
}

fn keys_of<'a>(case: &'a Case<'_>, zone: &Zone) -> Option<&'a ZoneKeys> {
    case.lists.zone_keys.get(zone.keys as usize)
}

/// Whether DS and keys of a zone are among those allowed.
enum Strength {
    Strong,
    /// They are not, and which.
    Weak(String),
    /// The size of a key could not be read.
    Unknown,
}

fn strength(keys: Option<&ZoneKeys>, parameters: &Parameters) -> Strength {
    let Some(zone) = keys else {
        return Strength::Unknown;
    };
    if let Some(why) = weakness(zone, parameters) {
        return Strength::Weak(why);
    }
    let unread =
        |(algorithm, bits, _): &(u8, Option<u16>, bool)| RSA.contains(algorithm) && bits.is_none();
    match zone.keys.iter().any(unread) {
        true => Strength::Unknown,
        false => Strength::Strong,
    }
}

fn weakness(zone: &ZoneKeys, parameters: &Parameters) -> Option<String> {
    let algorithms = zone.ds.iter().map(|(algorithm, _)| algorithm);
    let algorithms = algorithms.chain(zone.keys.iter().map(|(algorithm, ..)| algorithm));
    for algorithm in algorithms {
        if !parameters.algorithms.contains(algorithm) {
            return Some(format!("algorithm_{algorithm}"));
        }
    }
    let digests = zone.ds.iter().map(|(_, digest)| digest);
    for digest in digests {
        if !parameters.digests.contains(digest) {
            return Some(format!("digest_{digest}"));
        }
    }
    zone.keys.iter().find_map(|(algorithm, bits, sep)| {
        let least = match sep {
            true => parameters.rsa_min_bits,
            false => parameters.zsk_rsa_min_bits,
        };
        let bits = bits.filter(|bits| RSA.contains(algorithm) && u32::from(*bits) < least)?;
        Some(format!("rsa_{bits}"))
    })
}
