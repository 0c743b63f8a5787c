//! One term of a record (RFC 7208 4.6.1): a directive (5) or a modifier (6).

use std::ops::Range;
use std::str::FromStr;

use super::macros::{self, Place};
use super::{Directive, DomainSpec, Mechanism, Qualifier};
use crate::table::record_codes::Fault;

/// Longest prefix of an IPv4 address.
pub(super) const IPV4_BITS: u8 = 32;
/// Longest prefix of an IPv6 address.
pub(super) const IPV6_BITS: u8 = 128;

/// A term that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    /// A mechanism, maybe with a qualifier.
    Directive(Directive),
    /// `redirect=`
    Redirect(DomainSpec),
    /// `exp=`
    Exp(DomainSpec),
    /// Another modifier: name and value.
    Unknown(String, String),
}

/// What is wrong, and where in the term.
pub(super) type Wrong = (Fault, Range<usize>);

/// A part of a term, and where in the term it begins.
#[derive(Clone, Copy)]
struct Part<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Part<'a> {
    /// What follows the first `length` bytes.
    fn skip(self, length: usize) -> Self {
        Self {
            text: &self.text[length..],
            at: self.at + length,
        }
    }

    /// What follows a colon; none without one.
    fn behind_colon(self) -> Option<Self> {
        self.text.starts_with(':').then(|| self.skip(1))
    }

    fn span(self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    fn wrong<T>(self, fault: Fault) -> Result<T, Wrong> {
        Err((fault, self.span()))
    }

    /// What is wrong with a place in this part.
    fn wrong_at(self, (fault, inner): Wrong) -> Wrong {
        (fault, self.at + inner.start..self.at + inner.end)
    }

    fn split_at(self, length: usize) -> (Part<'a>, Part<'a>) {
        let first = Part {
            text: &self.text[..length],
            at: self.at,
        };
        (first, self.skip(length))
    }
}

/// Reads a term of visible ASCII that stands at `span` of the record.
///
/// # Errors
/// What is wrong with it, and where in it.
pub(super) fn read(text: &str, span: &Range<usize>) -> Result<Term, Wrong> {
    let whole = Part { text, at: 0 };
    let qualifier = text.chars().next().and_then(Qualifier::of);
    let unqualified = whole.skip(usize::from(qualifier.is_some()));
    let length = name_length(unqualified.text);
    if length == 0 {
        return whole.wrong(Fault::Syntax);
    }
    let (name, rest) = unqualified.split_at(length);
    match rest.text.as_bytes().first() {
        Some(b'=') if qualifier.is_none() => modifier(name.text, rest.skip(1), whole),
        None | Some(b':' | b'/') => {
            let mechanism = mechanism(name, rest, whole)?;
            Ok(Term::Directive(Directive {
                qualifier: qualifier.unwrap_or(Qualifier::Pass),
                mechanism,
                span: span.clone(),
            }))
        }
        Some(_) => whole.wrong(Fault::Syntax),
    }
}

/// `name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )`: how long the name is that a text begins
/// with.
fn name_length(text: &str) -> usize {
    if !text.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return 0;
    }
    let is_inner = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    text.find(|letter| !is_inner(letter)).unwrap_or(text.len())
}

fn modifier(name: &str, value: Part<'_>, whole: Part<'_>) -> Result<Term, Wrong> {
    if name.eq_ignore_ascii_case("redirect") {
        return domain_spec(value, whole).map(Term::Redirect);
    }
    if name.eq_ignore_ascii_case("exp") {
        return domain_spec(value, whole).map(Term::Exp);
    }
    match macros::pieces(value.text, Place::Record) {
        Ok(_) => Ok(Term::Unknown(name.to_owned(), value.text.to_owned())),
        Err(inner) => Err(value.wrong_at((Fault::BadMacro, inner))),
    }
}

fn mechanism(name: Part<'_>, rest: Part<'_>, whole: Part<'_>) -> Result<Mechanism, Wrong> {
    match name.text.to_ascii_lowercase().as_str() {
        "all" if rest.text.is_empty() => Ok(Mechanism::All),
        "all" => rest.wrong(Fault::Syntax),
        "include" => needed(rest, whole).and_then(|value| domain(value, whole, Mechanism::Include)),
        "exists" => needed(rest, whole).and_then(|value| domain(value, whole, Mechanism::Exists)),
        "a" => hosts(rest, whole).map(|(domain, v4, v6)| Mechanism::A(domain, v4, v6)),
        "mx" => hosts(rest, whole).map(|(domain, v4, v6)| Mechanism::Mx(domain, v4, v6)),
        "ptr" if rest.text.is_empty() => Ok(Mechanism::Ptr(None)),
        "ptr" => needed(rest, whole)
            .and_then(|value| domain(value, whole, |domain| Mechanism::Ptr(Some(domain)))),
        "ip4" => needed(rest, whole)
            .and_then(|value| network(value, whole, IPV4_BITS))
            .map(|(address, bits)| Mechanism::Ip4(address, bits)),
        "ip6" => needed(rest, whole)
            .and_then(|value| network(value, whole, IPV6_BITS))
            .map(|(address, bits)| Mechanism::Ip6(address, bits)),
        _ => name.wrong(Fault::UnknownMechanism),
    }
}

/// What stands behind the colon of a mechanism that has to have one.
fn needed<'a>(rest: Part<'a>, whole: Part<'_>) -> Result<Part<'a>, Wrong> {
    match rest.behind_colon() {
        Some(value) => Ok(value),
        None if rest.text.is_empty() => whole.wrong(Fault::Missing),
        None => rest.wrong(Fault::Syntax),
    }
}

fn domain(
    value: Part<'_>,
    whole: Part<'_>,
    make: impl Fn(DomainSpec) -> Mechanism,
) -> Result<Mechanism, Wrong> {
    domain_spec(value, whole).map(make)
}

/// A domain-spec; where there is none, the whole term is wrong.
fn domain_spec(value: Part<'_>, whole: Part<'_>) -> Result<DomainSpec, Wrong> {
    if value.text.is_empty() {
        return whole.wrong(Fault::BadName);
    }
    macros::check_domain_spec(value.text).map_err(|wrong| value.wrong_at(wrong))?;
    let text = value.text.to_owned();
    Ok(DomainSpec { text })
}

/// `[ ":" domain-spec ] [ dual-cidr-length ]`
fn hosts(rest: Part<'_>, whole: Part<'_>) -> Result<(Option<DomainSpec>, u8, u8), Wrong> {
    let Some(value) = rest.behind_colon() else {
        return prefixes(rest).map(|(v4, v6)| (None, v4, v6));
    };
    let (name, _) = macros::split_prefixes(value.text)
        .map_err(|inner| value.wrong_at((Fault::BadMacro, inner)))?;
    let (name, lengths) = value.split_at(name.len());
    let domain = domain_spec(name, whole)?;
    let (v4, v6) = prefixes(lengths)?;
    Ok((Some(domain), v4, v6))
}

/// `[ "/" ip4-cidr-length ] [ "//" ip6-cidr-length ]`
fn prefixes(part: Part<'_>) -> Result<(u8, u8), Wrong> {
    let (v4, v6) = match part.text.split_once("//") {
        Some((v4, v6)) => (v4, prefix(v6, IPV6_BITS)),
        None => (part.text, Some(IPV6_BITS)),
    };
    let v4 = match v4.strip_prefix('/') {
        Some(digits) => prefix(digits, IPV4_BITS),
        None => v4.is_empty().then_some(IPV4_BITS),
    };
    v4.zip(v6).map_or_else(|| part.wrong(Fault::BadPrefix), Ok)
}

/// A number without leading zeros, up to `longest`.
fn prefix(digits: &str, longest: u8) -> Option<u8> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let has_zeros = digits.len() > 1 && digits.starts_with('0');
    let number: u8 = digits.parse().ok()?;
    (is_plain && !has_zeros && number <= longest).then_some(number)
}

/// An address and, behind a slash, a prefix length.
fn network<A: FromStr>(value: Part<'_>, whole: Part<'_>, longest: u8) -> Result<(A, u8), Wrong> {
    let slash = value.text.find('/').unwrap_or(value.text.len());
    let (address, rest) = value.split_at(slash);
    if address.text.is_empty() {
        return whole.wrong(Fault::BadAddress);
    }
    let Ok(parsed) = address.text.parse() else {
        return address.wrong(Fault::BadAddress);
    };
    match rest.text.strip_prefix('/') {
        None => Ok((parsed, longest)),
        Some(digits) => match prefix(digits, longest) {
            Some(bits) => Ok((parsed, bits)),
            None => rest.wrong(Fault::BadPrefix),
        },
    }
}
