//! Domain names that domain-specs come to: which the DNS can have, and how they are written.

use std::fmt::Write;

use super::DomainSpec;

/// Longest name in characters, without the final dot (RFC 7208 7.3).
const LONGEST_NAME: usize = 253;
/// Longest label in octets (RFC 1035 2.3.4).
const LONGEST_LABEL: usize = 63;

/// Whether a domain-spec can come to a name that the DNS can have. With macros that depends on
/// what they stand for.
pub(super) fn is_possible(domain: &DomainSpec) -> bool {
    let name = domain.text.strip_suffix('.').unwrap_or(&domain.text);
    domain.text.contains('%') || name.len() <= LONGEST_NAME && has_good_labels(name)
}

/// The name that an expanded domain-spec stands for, as [`shortened`]; none where the DNS cannot
/// have it.
pub(super) fn target(expanded: &str) -> Option<&str> {
    let name = shortened(expanded);
    has_good_labels(name).then_some(name)
}

/// An expanded domain-spec without the final dot; as long as it is too long, it loses its first
/// label (RFC 7208 7.3). Of a single label that is too long the end is kept.
pub(super) fn shortened(expanded: &str) -> &str {
    let mut name = expanded.strip_suffix('.').unwrap_or(expanded);
    while let Some(excess) = name.len().checked_sub(LONGEST_NAME + 1) {
        let rest = name.split_once('.').map(|(_, rest)| rest);
        name = rest.or(name.get(excess + 1..)).unwrap_or_default();
    }
    name
}

fn has_good_labels(name: &str) -> bool {
    name.split('.')
        .all(|label| (1..=LONGEST_LABEL).contains(&label.len()))
}

/// Whether a name is another one, or below it.
pub(super) fn is_within(name: &str, domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let start = name.len().checked_sub(domain.len());
    let Some((above, same)) = start.and_then(|start| name.split_at_checked(start)) else {
        return false;
    };
    same.eq_ignore_ascii_case(domain) && (above.is_empty() || above.ends_with('.'))
}

/// A name as the tables write it: lower case; the backslash doubled, what is no visible ASCII as
/// `\DDD` (RFC 1035 5.1).
pub(super) fn written(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte.to_ascii_lowercase() {
            b'\\' => text.push_str("\\\\"),
            byte @ 0x21..=0x7e => text.push(char::from(byte)),
            // Writing to a String cannot fail.
            byte => drop(write!(text, "\\{byte:03}")),
        }
    }
    text
}
