//! SPF (RFC 7208): the record, what it includes and redirects to, and its limits. What the limits say
//! is the matter of `spf_lookups` alone.

use super::{Asked, NOT_MEASURED, Record};
use crate::records::spf::graph::LOOKUPS_COUNTED;
use crate::table::record_codes::{Fault, SpfAll};
use crate::table::rows::{Finding, IPV6_NETWORK};
use crate::verdict::case::{Case, fail, not_applicable, pass, unknown};
use crate::verdict::facts::Spf;
use crate::verdict::parameters::Parameters;

/// Terms that may ask the DNS, and names behind one `mx` (RFC 7208 4.6.4).
const LOOKUPS: u16 = 10;
/// Questions that may find nothing (RFC 7208 4.6.4).
const VOID_LOOKUPS: u16 = 2;
/// The reason where there are more, and of what lies behind those that are counted.
const TOO_MANY: &str = "too_many_lookups";

/// Passes when there is exactly one SPF record and it can be used, as can those that it includes and
/// redirects to (RFC 7208 4.5, 5.2, 6.1).
pub fn spf(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    let spf = &case.domain.spf;
    match (record(spf), spf.graph_fault, spf.graph_error) {
        (Record::Open(why), ..) => unknown(why),
        (Record::Unusable(why), ..) => fail(why),
        (Record::Usable, Some(fault), _) => fail(included(fault)),
        (Record::Usable, None, Some(error)) => unknown(error.as_str()),
        (Record::Usable, None, None) => pass("valid"),
    }
}

/// Passes when SPF keeps within the limits of RFC 7208 4.6.4. A part that has no answer can only add
/// to what was counted.
pub fn spf_lookups(case: &Case<'_>) -> Finding {
    behind(case, |spf| {
        let limits = [
            (spf.lookups, LOOKUPS, TOO_MANY),
            (spf.void_lookups, VOID_LOOKUPS, "too_many_void_lookups"),
            (spf.mx_names, LOOKUPS, "too_many_mx_names"),
        ];
        for (counted, most, what) in limits {
            if let Some(counted) = counted.filter(|counted| *counted > most) {
                return fail(format!("{what}:{counted}/{most}"));
            }
        }
        // Whoever goes round in it asks without end.
        if spf.graph_fault == Some(Fault::Loop) {
            return fail(Fault::Loop.as_str());
        }
        match (spf.graph_error, spf.lookups) {
            (Some(error), _) => unknown(error.as_str()),
            (None, None) => unknown(NOT_MEASURED),
            (None, Some(lookups)) => {
                // What an included record asks that depends on the sender is not in it.
                let what = match spf.depends_on_sender {
                    Some(true) => "lookups_without_sender",
                    _ => "lookups",
                };
                pass(format!("{what}:{lookups}/{LOOKUPS}"))
            }
        }
    })
}

/// Passes when the `all` that decides is `~all` or `-all`.
pub fn spf_restrictive(case: &Case<'_>) -> Finding {
    behind(case, |spf| ends_in(spf, &[SpfAll::Softfail, SpfAll::Fail]))
}

/// Passes when the `all` that decides is `-all`.
pub fn spf_hardfail(case: &Case<'_>) -> Finding {
    behind(case, |spf| ends_in(spf, &[SpfAll::Fail]))
}

/// Passes when no more addresses may send than the parameter allows: each of IPv4, and each network
/// of /64 of IPv6.
pub fn spf_narrow(case: &Case<'_>, parameters: &Parameters) -> Finding {
    behind(case, |spf| {
        if spf.effective_all == Some(SpfAll::Pass) {
            return fail(SpfAll::Pass.as_str());
        }
        if spf.includes_all == Some(true) {
            return fail("includes_all");
        }
        let networks = spf
            .ipv6_addresses
            .map(|all| (all / IPV6_NETWORK).ceil() as u64);
        let counted = spf.ipv4_addresses.unwrap_or(0);
        let counted = counted.saturating_add(networks.unwrap_or(0));
        let count = format!("addresses:{counted}/{}", parameters.addresses);
        if counted > parameters.addresses {
            return fail(count);
        }
        match unseen(spf) {
            Some(why) => unknown(why),
            None if spf.ipv4_addresses.is_none() || networks.is_none() => unknown(NOT_MEASURED),
            None => pass(count),
        }
    })
}

/// Whether the record of the domain itself can be used.
fn record(spf: &Spf) -> Record {
    let asked = Asked {
        outcome: spf.outcome,
        error: spf.error,
        count: spf.count,
        valid: spf.valid,
        fault: spf.fault,
    };
    asked.record()
}

/// A check of what the record says.
fn behind(case: &Case<'_>, judge: impl FnOnce(&Spf) -> Finding) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    let spf = &case.domain.spf;
    match record(spf) {
        Record::Open(why) => unknown(why),
        Record::Unusable(_) => not_applicable("no_spf"),
        Record::Usable => judge(spf),
    }
}

fn ends_in(spf: &Spf, allowed: &[SpfAll]) -> Finding {
    match spf.effective_all {
        Some(all) if allowed.contains(&all) => pass(all.as_str()),
        Some(SpfAll::None) => fail("no_all"),
        Some(all) => fail(all.as_str()),
        // It would stand behind a redirect.
        None => unknown(unseen(spf).unwrap_or(NOT_MEASURED)),
    }
}

/// Why a part of the graph was not looked at; none where all of it was.
fn unseen(spf: &Spf) -> Option<&'static str> {
    let is_cut = spf
        .lookups
        .is_some_and(|lookups| lookups >= LOOKUPS_COUNTED);
    match (spf.graph_error, spf.depends_on_sender) {
        (Some(error), _) => Some(error.as_str()),
        (None, Some(true)) => Some("depends_on_sender"),
        _ => is_cut.then_some(TOO_MANY),
    }
}

fn included(fault: Fault) -> String {
    format!("include_{fault}")
}
