//! A policy of MTA-STS (RFC 8461 3.2), and whether it covers a mail host.

use std::collections::HashSet;
use std::ops::Range;

use super::super::finding::{Findings, Parsed};
use super::super::tags;
use crate::table::record_codes::Fault;

/// Longest policy that is read, in bytes (RFC 8461 3.3: 64 KB).
const LONGEST: usize = 64 * 1024;
/// Longest life of a policy, in seconds (RFC 8461 3.2).
const LONGEST_AGE: u32 = 31_557_600;

/// What a policy asks for (RFC 8461 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Not to deliver where a server does not match.
    Enforce,
    /// To report only.
    Testing,
    /// Nothing.
    None,
}

/// A policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// `version`, as it stands there.
    pub version: Option<String>,
    /// `mode`.
    pub mode: Option<Mode>,
    /// `max_age`, in seconds.
    pub max_age: Option<u32>,
    /// `mx`, in lower case.
    pub mx: Vec<String>,
}

/// Reads a policy (RFC 8461 3.2). Fields that the RFC does not know are ignored, and of a field that
/// is there twice, `mx` aside, the first one counts. Whatever else breaks the grammar is fatal.
pub fn parse_policy(body: &[u8]) -> Parsed<Policy> {
    let mut findings = Findings::default();
    if body.len() > LONGEST {
        findings.fatal(Fault::TooLong, LONGEST..body.len());
        return findings.with(None);
    }
    let mut policy = Policy::default();
    let mut seen: HashSet<&[u8]> = HashSet::new();
    for span in lines(body) {
        let Some((name, value)) = field(body, span.clone(), &mut findings) else {
            continue;
        };
        let name = &body[name];
        if !seen.insert(name) && name != b"mx" {
            findings.odd(Fault::Duplicate, span);
            continue;
        }
        take(&mut policy, name, body, value, &mut findings);
    }
    let mut required: Vec<&[u8]> = vec![b"version", b"mode", b"max_age"];
    if policy.mode != Some(Mode::None) {
        required.push(b"mx");
    }
    if required.iter().any(|name| !seen.contains(*name)) {
        findings.fatal(Fault::Missing, body.len()..body.len());
    }
    findings.with((!seen.is_empty()).then_some(policy))
}

/// The spans of the lines, without their ends; one that is empty is left out at the very end only.
fn lines(body: &[u8]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in body.split(|byte| *byte == b'\n') {
        let end = start + line.len();
        let terminated = end < body.len();
        let kept = match line.last() {
            Some(b'\r') if terminated => end - 1,
            _ => end,
        };
        if terminated || kept > start {
            lines.push(start..kept);
        }
        start = end + 1;
    }
    lines
}

/// The spans of the name and the value of a field: `name ":" *WSP value *WSP`.
fn field(
    body: &[u8],
    line: Range<usize>,
    findings: &mut Findings,
) -> Option<(Range<usize>, Range<usize>)> {
    let strange = strange(&body[line.clone()]);
    if !strange.is_empty() {
        for span in strange {
            findings.fatal(
                Fault::NotAscii,
                line.start + span.start..line.start + span.end,
            );
        }
        return None;
    }
    let colon = body[line.clone()].iter().position(|byte| *byte == b':');
    let spans = colon.map(|colon| {
        let colon = line.start + colon;
        let value = tags::trim(body, colon + 1..line.end, tags::is_wsp);
        (line.start..colon, value)
    });
    let sound = |(name, value): &(Range<usize>, Range<usize>)| {
        tags::is_extension_name(&body[name.clone()]) && !value.is_empty()
    };
    let spans = spans.filter(sound);
    if spans.is_none() {
        // An empty line has no bytes of its own but the end of the line.
        let end = line.end.max(line.start + 1).min(body.len());
        findings.fatal(Fault::Syntax, line.start..end);
    }
    spans
}

/// The spans of what no line may hold: control characters, and bytes that are no UTF-8. UTF-8 itself
/// may only stand in values, where no name has a place for it.
fn strange(line: &[u8]) -> Vec<Range<usize>> {
    let colon = line.iter().position(|byte| *byte == b':');
    let name_end = colon.unwrap_or(line.len());
    let mut spans = tags::not_ascii(line, 0..name_end, tags::is_wsp);
    let mut at = name_end;
    for chunk in line[name_end..].utf8_chunks() {
        for (offset, letter) in chunk.valid().char_indices() {
            if letter.is_ascii_control() && letter != '\t' {
                spans.push(at + offset..at + offset + 1);
            }
        }
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            spans.push(at..at + chunk.invalid().len());
            at += chunk.invalid().len();
        }
    }
    spans
}

fn take(
    policy: &mut Policy,
    name: &[u8],
    body: &[u8],
    span: Range<usize>,
    findings: &mut Findings,
) {
    let value = String::from_utf8_lossy(&body[span.clone()]);
    match name {
        b"version" => {
            if value != "STSv1" {
                findings.fatal(Fault::BadVersion, span);
            }
            policy.version = Some(value.into_owned());
        }
        b"mode" => {
            policy.mode = mode(&value);
            if policy.mode.is_none() {
                findings.fatal(Fault::BadValue, span);
            }
        }
        b"max_age" => {
            policy.max_age = max_age(&value);
            if policy.max_age.is_none_or(|age| age > LONGEST_AGE) {
                findings.fatal(Fault::BadValue, span);
            }
        }
        b"mx" if is_pattern(&value) => policy.mx.push(value.to_ascii_lowercase()),
        b"mx" => findings.fatal(Fault::BadValue, span),
        _ => findings.odd(Fault::UnknownTag, span),
    }
}

fn mode(value: &str) -> Option<Mode> {
    match value {
        "enforce" => Some(Mode::Enforce),
        "testing" => Some(Mode::Testing),
        "none" => Some(Mode::None),
        _ => None,
    }
}

/// `1*10(DIGIT)`.
fn max_age(value: &str) -> Option<u32> {
    let digits = value.len() <= 10 && value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|_| digits)
}

/// `["*."] Domain`, the latter as in RFC 5321 4.1.2.
fn is_pattern(value: &str) -> bool {
    let label = |label: &str| {
        matches!(label.len(), 1..=63)
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let domain = value.strip_prefix("*.").unwrap_or(value);
    domain.len() <= 253 && domain.split('.').all(label)
}

/// Whether a pattern covers a mail host: a wildcard stands for the leftmost label alone (RFC 8461
/// 4.1). Case and a dot at the end do not count.
pub fn covers(pattern: &str, host: &str) -> bool {
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    let host = host.strip_suffix('.').unwrap_or(host);
    match pattern.strip_prefix("*.") {
        Some(domain) => host.split_once('.').is_some_and(|(label, parent)| {
            !label.is_empty() && !domain.is_empty() && parent.eq_ignore_ascii_case(domain)
        }),
        None => !pattern.is_empty() && pattern.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
