//! One line of a list as a domain name in its one canonical form: A-labels, lower case, no last dot.
//!
//! Hands out `parse` for lines, `normalise` for names alone, `rank` for what may stand beside one,
//! `unicode` for display.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// Longest line of a plain list that is looked at, in bytes without its newline.
pub const LONGEST_LINE: usize = 4096;
/// Longest name in octets without the last dot (RFC 1035).
const LONGEST_NAME: usize = 253;
/// Longest label in octets (RFC 1035).
const LONGEST_LABEL: usize = 63;
/// What UTS 46 takes for a dot besides the dot.
const IDEOGRAPHIC_DOTS: [char; 3] = ['\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// What a line of a list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line<T> {
    /// Nothing but white space.
    Blank,
    /// Nothing but a comment.
    Comment,
    /// What was made of the text.
    Said(T),
}

/// Why a line is not a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reject {
    /// The bytes are not UTF-8.
    NotUtf8,
    /// More than 4096 bytes, or more than 64 KiB in CSV and zone files.
    LineTooLong,
    /// Two dots in a row, a dot in front, or nothing but a dot.
    EmptyLabel,
    /// A label of more than 63 octets in its ASCII form.
    LabelTooLong,
    /// More than 253 octets in its ASCII form.
    NameTooLong,
    /// An ASCII character other than letter, digit, hyphen and dot.
    BadCharacter,
    /// A label that starts or ends with a hyphen.
    Hyphen,
    /// Not valid under IDNA (UTS 46, non-transitional), or an `xn--` that stands for nothing.
    Idna,
    /// An IPv4 or IPv6 address, or anything else whose last label is all digits.
    IpAddress,
    /// A name without a dot: a top-level domain or a host name of a local network.
    SingleLabel,
    /// A rank that is no unsigned integer of 32 bits.
    BadRank,
    /// More or fewer fields than the header has columns.
    FieldCount,
    /// A quote that is not closed within 64 KiB; the next line is read as a record of its own.
    UnclosedQuote,
    /// Not written by the rules of master files (RFC 1035, section 5), or a relative name before
    /// any `$ORIGIN`.
    ZoneSyntax,
    /// A delegation that is not below the apex of its zone.
    OutOfZone,
}

impl Reject {
    /// The reason as tables and `rejects.csv` spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not_utf8",
            Self::LineTooLong => "line_too_long",
            Self::EmptyLabel => "empty_label",
            Self::LabelTooLong => "label_too_long",
            Self::NameTooLong => "name_too_long",
            Self::BadCharacter => "bad_character",
            Self::Hyphen => "hyphen",
            Self::Idna => "idna",
            Self::IpAddress => "ip_address",
            Self::SingleLabel => "single_label",
            Self::BadRank => "bad_rank",
            Self::FieldCount => "field_count",
            Self::UnclosedQuote => "unclosed_quote",
            Self::ZoneSyntax => "zone_syntax",
            Self::OutOfZone => "out_of_zone",
        }
    }
}

/// Reads one line of a list, with or without its newline. A comment starts with `#` at the start
/// or after white space; what a comment says need not be UTF-8.
///
/// # Errors
/// When the line is too long or not UTF-8, and what `of` says of its text.
pub fn parse<T>(
    line: &[u8],
    of: impl FnOnce(&str) -> Result<T, Reject>,
) -> Result<Line<T>, Reject> {
    if line.strip_suffix(b"\n").unwrap_or(line).len() > LONGEST_LINE {
        return Err(Reject::LineTooLong);
    }
    let content = without_comment(line);
    let text = std::str::from_utf8(content).map_err(|_| Reject::NotUtf8)?;
    let text = text.trim();
    if text.starts_with('#') || text.is_empty() && content.len() < line.len() {
        return Ok(Line::Comment);
    }
    if text.is_empty() {
        return Ok(Line::Blank);
    }
    of(text).map(Line::Said)
}

/// A rank; none where nothing stands.
///
/// # Errors
/// When it is no unsigned integer of 32 bits.
pub fn rank(text: &str) -> Result<Option<u32>, Reject> {
    if text.is_empty() {
        return Ok(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reject::BadRank);
    }
    text.parse().map(Some).map_err(|_| Reject::BadRank)
}

/// Everything before a `#` that opens a comment.
fn without_comment(line: &[u8]) -> &[u8] {
    let opens = |at: usize| at == 0 || line[at - 1].is_ascii_whitespace();
    let comment = (0..line.len()).find(|&at| line[at] == b'#' && opens(at));
    &line[..comment.unwrap_or(line.len())]
}

/// The canonical form of a domain name: A-labels in lower case without a last dot.
///
/// # Errors
/// When it is not a domain name of at least two labels.
pub fn normalise(name: &str) -> Result<String, Reject> {
    if is_ipv6(name) {
        return Err(Reject::IpAddress);
    }
    let dotted = name.replace(IDEOGRAPHIC_DOTS, ".");
    let typed = dotted.strip_suffix('.').unwrap_or(&dotted);
    check_characters(typed)?;
    let ascii = if typed.split('.').any(needs_idna) {
        to_ascii(typed)?
    } else {
        typed.to_ascii_lowercase()
    };
    check_lengths(&ascii)?;
    Ok(ascii)
}

/// The name as its owner writes it, for people to read; as given where it is not valid IDNA.
pub fn unicode(domain: &str) -> String {
    let (name, valid) =
        Uts46::new().to_unicode(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow);
    match valid {
        Ok(()) => name.into_owned(),
        Err(_) => domain.to_owned(),
    }
}

fn is_ipv6(name: &str) -> bool {
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    bare.contains(':') && bare.parse::<Ipv6Addr>().is_ok()
}

fn needs_idna(label: &str) -> bool {
    let prefix = label.as_bytes().get(..4);
    !label.is_ascii() || prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"xn--"))
}

/// What can be said before IDNA maps anything, so that the reason is the precise one.
fn check_characters(name: &str) -> Result<(), Reject> {
    let allowed = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if !name.chars().all(allowed) {
        return Err(Reject::BadCharacter);
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Err(Reject::EmptyLabel);
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(Reject::Hyphen);
        }
    }
    Ok(())
}

/// Strict IDNA for the whole name, because the rule for right-to-left text looks at all labels.
/// Hyphens in the third and fourth place are refused in U-labels only: registries sold such
/// names before IDNA.
fn to_ascii(name: &str) -> Result<String, Reject> {
    let ascii = strict(name, Hyphens::CheckFirstLast)?;
    for label in ascii.split('.').filter(|label| needs_idna(label)) {
        strict(label, Hyphens::Check)?;
    }
    Ok(ascii.into_owned())
}

fn strict(name: &str, hyphens: Hyphens) -> Result<Cow<'_, str>, Reject> {
    Uts46::new()
        .to_ascii(
            name.as_bytes(),
            AsciiDenyList::STD3,
            hyphens,
            DnsLength::Ignore,
        )
        .map_err(|_| Reject::Idna)
}

fn check_lengths(ascii: &str) -> Result<(), Reject> {
    for label in ascii.split('.') {
        if label.is_empty() {
            return Err(Reject::EmptyLabel);
        }
        if label.len() > LONGEST_LABEL {
            return Err(Reject::LabelTooLong);
        }
    }
    if ascii.len() > LONGEST_NAME {
        return Err(Reject::NameTooLong);
    }
    let last = ascii.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reject::IpAddress);
    }
    if last.len() == ascii.len() {
        return Err(Reject::SingleLabel);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(line: &[u8]) -> Result<Line<String>, Reject> {
        super::parse(line, normalise)
    }

    fn name(line: &str) -> String {
        match parse(line.as_bytes()) {
            Ok(Line::Said(name)) => name,
            other => panic!("{line:?}: {other:?}"),
        }
    }

    #[test]
    fn names_get_their_canonical_form() {
        let long = format!("{}.cz", "a".repeat(63));
        let cases = [
            ("example.cz", "example.cz"),
            ("  EXAMPLE.cz.\r\n", "example.cz"),
            ("\u{a0}example.cz\u{3000}", "example.cz"),
            ("example.cz # the first", "example.cz"),
            ("example.cz\t#", "example.cz"),
            ("9.cz", "9.cz"),
            ("r3---sn.cz", "r3---sn.cz"),
            ("ab--cd.cz", "ab--cd.cz"),
            ("ab--cd.háčky.cz", "ab--cd.xn--hky-ela4t.cz"),
            ("háčkyčárky.cz", "xn--hkyrky-ptac70bc.cz"),
            ("HÁČKYČÁRKY。CZ。", "xn--hkyrky-ptac70bc.cz"),
            ("XN--HKYRKY-PTAC70BC.cz", "xn--hkyrky-ptac70bc.cz"),
            ("faß.de", "xn--fa-hia.de"),
            ("ｅｘａｍｐｌｅ．ｃｚ", "example.cz"),
            ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
            ("a.b.c.d.e", "a.b.c.d.e"),
            (long.as_str(), long.as_str()),
        ];
        for (line, expected) in cases {
            assert_eq!(name(line), expected, "{line:?}");
        }
    }

    #[test]
    fn blank_lines_and_comments_are_told_apart() {
        for line in ["", "\n", " \t\r\n", "\u{a0}"] {
            assert_eq!(parse(line.as_bytes()), Ok(Line::Blank), "{line:?}");
        }
        for line in ["#", "# example.cz", "  #x", "\u{a0}# x"] {
            assert_eq!(parse(line.as_bytes()), Ok(Line::Comment), "{line:?}");
        }
        assert_eq!(parse(b"# Latin 1: \xe8"), Ok(Line::Comment));
    }

    #[test]
    fn every_reject_has_its_reason() {
        let label = format!("{}.cz", "a".repeat(64));
        let u_label = format!("{}.cz", "ž".repeat(60));
        let whole = format!("{}cz", "a123456789.".repeat(23));
        let line = format!("example.cz {}", " ".repeat(LONGEST_LINE));
        let cases = [
            (line.as_str(), Reject::LineTooLong),
            (".", Reject::EmptyLabel),
            (".cz", Reject::EmptyLabel),
            ("a..cz", Reject::EmptyLabel),
            ("example.cz..", Reject::EmptyLabel),
            ("\u{ad}.cz", Reject::EmptyLabel),
            (label.as_str(), Reject::LabelTooLong),
            (u_label.as_str(), Reject::LabelTooLong),
            (whole.as_str(), Reject::NameTooLong),
            ("a b.cz", Reject::BadCharacter),
            ("a_b.cz", Reject::BadCharacter),
            ("1,example.cz", Reject::BadCharacter),
            ("https://example.cz/", Reject::BadCharacter),
            ("example.cz#x", Reject::BadCharacter),
            ("a\0.cz", Reject::BadCharacter),
            ("ž_.cz", Reject::BadCharacter),
            ("-a.cz", Reject::Hyphen),
            ("a-.cz", Reject::Hyphen),
            ("ž-.cz", Reject::Hyphen),
            ("xn--a.cz", Reject::Idna),
            ("xn--example-.cz", Reject::Hyphen),
            ("xn--zzzzzzzzzz99999.cz", Reject::Idna),
            ("ab--ž.cz", Reject::Idna),
            ("a\u{2488}.cz", Reject::Idna),
            ("1א.com", Reject::Idna),
            ("192.0.2.1", Reject::IpAddress),
            ("192.0.2.1.", Reject::IpAddress),
            ("１.２.３.４", Reject::IpAddress),
            ("example.42", Reject::IpAddress),
            ("2001:db8::1", Reject::IpAddress),
            ("[2001:db8::1]", Reject::IpAddress),
            ("::ffff:192.0.2.1", Reject::IpAddress),
            ("localhost", Reject::SingleLabel),
            ("cz.", Reject::SingleLabel),
        ];
        for (line, expected) in cases {
            assert_eq!(parse(line.as_bytes()), Err(expected), "{line:?}");
        }
        assert_eq!(parse(b"\xe8.cz"), Err(Reject::NotUtf8));
        let longest = format!("{}cz", "a123456789.".repeat(22));
        assert!(longest.len() < LONGEST_NAME && parse(longest.as_bytes()).is_ok());
    }

    #[test]
    fn people_read_unicode_and_nonsense_stays_as_it_is() {
        assert_eq!(unicode("xn--hkyrky-ptac70bc.cz"), "háčkyčárky.cz");
        assert_eq!(unicode("example.cz"), "example.cz");
        assert_eq!(unicode("xn--a.cz"), "xn--a.cz");
    }

    #[test]
    fn a_rank_is_a_number_or_nothing() {
        assert_eq!(rank(""), Ok(None));
        assert_eq!(rank("0017"), Ok(Some(17)));
        assert_eq!(rank("4294967295"), Ok(Some(u32::MAX)));
        for text in ["+1", "-1", "1.0", "1e3", "4294967296", "first", "１"] {
            assert_eq!(rank(text), Err(Reject::BadRank), "{text}");
        }
    }

    fn check_canonical(line: &[u8]) -> Result<(), TestCaseError> {
        if let Ok(Line::Said(name)) = parse(line) {
            prop_assert!(
                name.bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
            );
            prop_assert!(name.len() <= LONGEST_NAME && name.contains('.'));
            prop_assert_eq!(parse(name.as_bytes()), Ok(Line::Said(name.clone())));
            let shown = unicode(&name);
            prop_assert_eq!(parse(shown.as_bytes()), Ok(Line::Said(name)));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(line in prop::collection::vec(any::<u8>(), 0..300)) {
            check_canonical(&line)?;
        }

        #[test]
        fn what_is_accepted_is_canonical(
            labels in prop::collection::vec(prop::collection::vec(
                prop_oneof![
                    4 => prop::sample::select(b"abXN019---".to_vec()).prop_map(char::from),
                    2 => prop::sample::select("žßÁאعиｘｎ－中\u{200d}\u{ad}\u{3002}".chars().collect::<Vec<_>>()),
                    1 => any::<char>(),
                ], 1..8), 1..4),
            prefix in prop::sample::select(vec!["", "xn--", "XN--"]),
        ) {
            let labels: Vec<String> = labels.into_iter().map(|label| label.into_iter().collect()).collect();
            check_canonical(format!("{prefix}{}", labels.join(".")).as_bytes())?;
        }
    }
}
