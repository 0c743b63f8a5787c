//! What a server makes of versions, suites and groups, and what its first flights show.

use super::words::when;
use crate::table::rows::{EndpointRow, Hello, Offer, VersionFact, Versions};
use crate::table::tls_codes::VersionResult;
use crate::verdict::facts::Version;

/// Lines about TLS beside the handshake: a label, and words.
pub fn lines(row: &EndpointRow) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if is_known(&row.versions) || !row.hellos.is_empty() {
        lines.push(("versions", versions(&row.versions)));
    }
    if let Some(suite) = &row.weak_cipher {
        lines.push(("weak suite", format!("{suite} accepted")));
    }
    lines.extend(offer(&row.ciphers).map(|words| ("suites", words)));
    lines.extend(groups(row).map(|words| ("groups", words)));
    if let Some(bits) = row.dh_bits {
        lines.push(("DHE", format!("prime of {bits} bits")));
    }
    let odd = odd(row);
    if !odd.is_empty() {
        lines.push(("odd", odd.join("; ")));
    }
    for (at, one) in row.hellos.iter().enumerate() {
        lines.push((if at == 0 { "hellos" } else { "" }, hello(one)));
    }
    lines
}

/// The versions by their names, newest first.
fn named(versions: &Versions) -> impl Iterator<Item = (&'static str, &VersionFact)> {
    let all = Version::ALL.into_iter().zip(versions.list()).rev();
    all.map(|(version, fact)| (version.as_str(), fact))
}

fn is_known(versions: &Versions) -> bool {
    named(versions).any(|(_, fact)| fact.result != VersionResult::Unknown)
}

fn versions(versions: &Versions) -> String {
    let words = named(versions).map(|(name, fact)| {
        let alert = fact.alert.map(|alert| format!(" (alert {alert})"));
        let result = match fact.result {
            VersionResult::ImpliedRefused => "implied refused",
            result => result.as_str(),
        };
        format!("{name} {result}{}", alert.unwrap_or_default())
    });
    words.collect::<Vec<_>>().join(", ")
}

/// What is accepted, and whether that is all; none where nobody asked.
fn offer(offer: &Offer) -> Option<String> {
    if offer.accepted.is_empty() {
        return offer.complete.then(|| "none".to_owned());
    }
    let names = offer.accepted.join(", ");
    let order = match offer.server_preference {
        Some(true) => "; the server's order counts",
        Some(false) => "; the client's order counts",
        None => "",
    };
    match offer.complete {
        true => Some(format!("{names}; all others are refused{order}")),
        false => Some(format!("{names}; others may be accepted{order}")),
    }
}

/// The same of groups, and why there is none.
fn groups(row: &EndpointRow) -> Option<String> {
    let words = offer(&row.groups)?;
    let suites = &row.ciphers;
    let mut names = suites.accepted.iter();
    let has_rsa_only = suites.complete
        && !suites.accepted.is_empty()
        && names.all(|suite| suite.starts_with("TLS_RSA_"));
    match row.groups.accepted.is_empty() && has_rsa_only {
        true => Some(format!("{words} (key exchange by RSA only)")),
        false => Some(words),
    }
}

/// What few servers do.
fn odd(row: &EndpointRow) -> Vec<&'static str> {
    let facts = [
        (
            row.compression == Some(true),
            "compression is negotiated (CVE-2012-4929)",
        ),
        (
            row.secure_renegotiation == Some(false),
            "no secure renegotiation (RFC 5746)",
        ),
        (
            row.tls.extended_master_secret == Some(false),
            "no extended master secret (RFC 7627)",
        ),
        (
            row.heartbeat == Some(true),
            "heartbeat is accepted (RFC 6520)",
        ),
    ];
    let seen = facts.into_iter().filter(|(seen, _)| *seen);
    seen.map(|(_, words)| words).collect()
}

fn hello(hello: &Hello) -> String {
    let mut parts = vec![hello.outcome.to_string()];
    parts.extend(hello.error.map(|error| error.to_string()));
    parts.extend(hello.alert.map(|alert| format!("alert {alert}")));
    let chosen = [&hello.version, &hello.cipher, &hello.group];
    parts.extend(chosen.into_iter().flatten().cloned());
    let (at, kind) = (when(hello.observed_at), hello.kind);
    format!("{at}, {kind}: {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asked_for_is_not_told() {
        assert_eq!(lines(&EndpointRow::default()), []);
    }

    #[test]
    fn an_offer_says_whether_it_is_all() {
        let of = |accepted: &[&str], complete, server_preference| {
            offer(&Offer {
                accepted: accepted.iter().map(|name| (*name).to_owned()).collect(),
                complete,
                server_preference,
            })
        };
        assert_eq!(of(&[], false, None), None);
        let words = |text: &str| Some(text.to_owned());
        assert_eq!(of(&["A"], false, None), words("A; others may be accepted"));
        assert_eq!(
            of(&["A", "B"], true, Some(true)),
            words("A, B; all others are refused; the server's order counts")
        );
        assert_eq!(of(&[], true, None), words("none"));
    }

    #[test]
    fn who_has_no_group_may_need_none() {
        let of = |suites: &[&str], complete| {
            let mut row = EndpointRow::default();
            row.groups.complete = true;
            row.ciphers.complete = complete;
            row.ciphers.accepted = suites.iter().map(|name| (*name).to_owned()).collect();
            groups(&row).expect("words")
        };
        let rsa = "TLS_RSA_WITH_AES_128_CBC_SHA";
        assert_eq!(of(&[rsa], true), "none (key exchange by RSA only)");
        let dhe = "TLS_DHE_RSA_WITH_AES_128_CBC_SHA";
        assert_eq!(of(&[rsa, dhe], true), "none");
        assert_eq!(of(&[rsa], false), "none");
        assert_eq!(of(&[], true), "none");
    }
}
