//! What protects the domain as a sender: SPF with its graph, DMARC by both rules, what was seen of
//! DKIM.

use super::Page;
use super::domain::BESIDE;
use super::record::record;
use super::words::{meaning, or_dash, question};
use crate::table::codes::Outcome;
use crate::table::record_codes::{DkimExistence, Fault, Inherited, SpfAll};
use crate::table::rows::{Dkim, DkimKey, Dmarc, IPV6_NETWORK, ReportTarget, Spf};
use crate::text::count;

/// SPF, and what it comes to.
pub fn spf(page: &mut Page, spf: &Spf) {
    record(page, "SPF", spf);
    let mut fact = |label: &str, words: &str| page.entry(2, label, BESIDE, words);
    if let Some(all) = spf.effective_all {
        fact("ends in", &meaning(SpfAll::CODES, all.as_str()));
    }
    if !spf.includes.is_empty() {
        fact("includes", &spf.includes.join(", "));
    }
    if let Some(target) = &spf.redirect {
        fact("redirect", target);
    }
    if let Some(words) = lookups(spf) {
        fact("lookups", &words);
    }
    if let (Some(v4), Some(v6)) = (spf.ipv4_addresses, spf.ipv6_addresses) {
        let all = match spf.includes_all {
            Some(true) => "; an included record lets everybody send",
            _ => "",
        };
        let words = format!("{} of IPv4, {}{all}", count(v4), of_ipv6(v6));
        fact("addresses", &words);
    }
    if !spf.dangling.is_empty() {
        fact("without SPF", &spf.dangling.join(", "));
    }
    if spf.depends_on_sender == Some(true) {
        fact("sender", "a term depends on the sender and is not followed");
    }
    let at = spf.graph_fault_at.as_deref().unwrap_or("a record");
    if let Some(fault) = spf.graph_fault {
        let what = meaning(Fault::CODES, fault.as_str());
        fact("fault", &format!("at {at}: {what}"));
    }
    if let Some(error) = spf.graph_error {
        let words = format!("{error} at {at}; what is counted is the least that there is");
        fact("no answer", &words);
    }
}

fn lookups(spf: &Spf) -> Option<String> {
    let mut parts = vec![format!("{} of 10", spf.lookups?)];
    parts.extend(spf.void_lookups.map(|n| format!("{n} of 2 without data")));
    parts.extend(
        spf.mx_names
            .map(|n| format!("{n} of 10 names behind an mx")),
    );
    Some(parts.join(", "))
}

fn of_ipv6(addresses: f64) -> String {
    match addresses < IPV6_NETWORK {
        true => format!("{} of IPv6", count(addresses as u64)),
        false => format!(
            "{} networks of /64 of IPv6",
            count((addresses / IPV6_NETWORK).ceil() as u64)
        ),
    }
}

/// DMARC by both rules, and who gets reports.
pub fn dmarc(page: &mut Page, dmarc: &Dmarc) {
    record(page, "DMARC", dmarc);
    let mut fact = |label: &str, words: &str| page.entry(2, label, BESIDE, words);
    if let Some(org) = &dmarc.org_domain {
        fact("organisation", org);
    }
    if let Some(words) = by_walk(dmarc) {
        fact("RFC 9989", &words);
    }
    fact("RFC 7489", &by_suffix(dmarc));
    let other = dmarc.record_7489.as_ref();
    if let Some(other) = other.filter(|other| dmarc.record.as_ref() != Some(*other)) {
        page.words(BESIDE, other);
    }
    reports(page, "reports", &dmarc.rua_targets);
    if dmarc.rua_targets_7489 != dmarc.rua_targets {
        reports(page, "reports by 7489", &dmarc.rua_targets_7489);
    }
}

/// None where nothing applies; why says the line above.
fn by_walk(dmarc: &Dmarc) -> Option<String> {
    let found_at = dmarc.found_at.as_ref()?;
    let whose = match dmarc.inherited {
        Some(Inherited::Org) => " of its organisational domain",
        Some(Inherited::Psd) => " of a public suffix",
        Some(Inherited::Own) | None => " of its own",
    };
    let tags = tags(&[
        ("p", dmarc.p.map(|p| p.as_str().to_owned())),
        ("sp", dmarc.sp.map(|p| p.as_str().to_owned())),
        ("np", dmarc.np.map(|p| p.as_str().to_owned())),
        ("t", dmarc.t.map(|t| if t { "y" } else { "n" }.to_owned())),
        ("adkim", dmarc.adkim.map(|one| one.as_str().to_owned())),
        ("aspf", dmarc.aspf.map(|one| one.as_str().to_owned())),
        ("psd", dmarc.psd.map(|one| one.as_str().to_owned())),
    ]);
    let policy = or_dash(dmarc.effective_policy);
    Some(format!(
        "policy {policy}, by the record{whose} at _dmarc.{found_at}{tags}"
    ))
}

fn by_suffix(dmarc: &Dmarc) -> String {
    let Some(found_at) = &dmarc.found_at_7489 else {
        let error = dmarc.error_7489.map(|error| format!(", {error}"));
        let fault = dmarc.fault_7489.map(|fault| format!("; {fault}"));
        return format!(
            "{}{}{}",
            dmarc.outcome_7489,
            error.unwrap_or_default(),
            fault.unwrap_or_default()
        );
    };
    if let Some(fault) = dmarc.fault_7489 {
        return format!("the record at _dmarc.{found_at} cannot be used: {fault}");
    }
    let tags = tags(&[
        ("p", dmarc.p_7489.map(|p| p.as_str().to_owned())),
        ("sp", dmarc.sp_7489.map(|p| p.as_str().to_owned())),
        ("pct", dmarc.pct_7489.map(|pct| pct.to_string())),
    ]);
    let policy = or_dash(dmarc.effective_policy_7489);
    format!("policy {policy}, by the record at _dmarc.{found_at}{tags}")
}

/// The tags that there are: `: p=none, t=y`.
fn tags(all: &[(&str, Option<String>)]) -> String {
    let there = all
        .iter()
        .filter_map(|(tag, value)| Some(format!("{tag}={}", value.as_ref()?)));
    let there: Vec<_> = there.collect();
    match there.is_empty() {
        true => String::new(),
        false => format!(": {}", there.join(", ")),
    }
}

fn reports(page: &mut Page, label: &str, targets: &[ReportTarget]) {
    for (at, target) in targets.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        let allowed = match (target.external, target.authorised) {
            (false, _) => "inside the organisational domain".to_owned(),
            (true, Outcome::Found) => "outside, authorised".to_owned(),
            (true, Outcome::Absent) => "outside, not authorised".to_owned(),
            (true, outcome) => format!("outside, {outcome} {}", or_dash(target.error)),
        };
        let words = format!("{} {}: {allowed}", target.scheme, target.host);
        page.entry(2, label, BESIDE, &words);
    }
}

/// What was seen of DKIM.
pub fn dkim(page: &mut Page, dkim: &Dkim) {
    let error = dkim.error.map(|error| format!("; {error}"));
    let words = meaning(DkimExistence::CODES, dkim.existence.as_str());
    page.entry(
        0,
        "DKIM",
        BESIDE,
        &format!("{words}{}", error.unwrap_or_default()),
    );
    let mut fact = |label: &str, words: &str| page.entry(2, label, BESIDE, words);
    fact("_domainkey", &question(&dkim.subtree));
    fact("name beside it", &question(&dkim.control));
    if let Some(provider) = &dkim.provider {
        fact("provider", provider);
    }
    if !dkim.selectors.is_empty() {
        fact("asked for", &dkim.selectors.join(", "));
    }
    for found in &dkim.keys {
        fact(&found.selector, &key(found));
    }
    if let Some(value) = &dkim.wildcard_value {
        fact("any selector", value);
    }
}

fn key(key: &DkimKey) -> String {
    let bits = key.bits.map(|bits| format!(" {bits} bits"));
    let kind = or_dash(key.key_type.as_ref());
    let mut parts = vec![format!("{kind}{}", bits.unwrap_or_default())];
    if key.revoked {
        parts.push("revoked".to_owned());
    }
    if key.testing {
        parts.push("only for tests".to_owned());
    }
    parts.extend(key.fault.map(|fault| format!("cannot be used: {fault}")));
    parts.push(key.security.to_string());
    if let Some(name) = &key.canonical_name {
        parts.push(format!("an alias (CNAME) of {name}"));
    }
    parts.join(", ")
}
