//! Bytes of strangers as text that is safe to store and to print. What is made of text for a screen, a
//! sheet and JSON is in [`shown`].

mod shown;

use std::fmt::Write;
use std::ops::Range;

use aws_lc_rs::digest;

pub use shown::{acts, cell, columns, lines, one_line, width, write_json};

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The line of a text, counted from 1, in which a span of its bytes begins.
pub fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().get(..span.start).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// A version of something, by what it holds.
pub fn sha256_of(bytes: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, bytes);
    format!("sha256:{}", hex(hash.as_ref()))
}

/// Printable ASCII as it is, the backslash doubled, everything else as `\xNN`; at most `limit`
/// bytes of input. The flag says whether something was cut off.
pub fn escape(bytes: &[u8], limit: usize) -> (String, bool) {
    let kept = &bytes[..bytes.len().min(limit)];
    let mut text = String::with_capacity(kept.len());
    for &byte in kept {
        match byte {
            b'\\' => text.push_str("\\\\"),
            0x20..=0x7e => text.push(char::from(byte)),
            _ => {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    (text, kept.len() < bytes.len())
}

/// The bytes that [`escape`] made a text of.
pub fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let (byte, behind) = match (first, behind) {
            (b'\\', [b'x', high, low, behind @ ..]) => (of_hex(*high) << 4 | of_hex(*low), behind),
            (b'\\', [byte, behind @ ..]) => (*byte, behind),
            (byte, behind) => (*byte, behind),
        };
        bytes.push(byte);
        rest = behind;
    }
    bytes
}

fn of_hex(digit: u8) -> u8 {
    let value = char::from(digit).to_digit(16).unwrap_or_default();
    u8::try_from(value).unwrap_or_default()
}

/// Text without the local parts of mail addresses (RFC 5321 4.1.2): who publishes one agreed to be
/// written to, not to be listed.
pub fn without_mailboxes(words: &str) -> String {
    let mut parts = words.split('@').peekable();
    let mut text = String::with_capacity(words.len());
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            text.push_str(part);
            break;
        }
        let local =
            |letter: char| letter.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(letter);
        let kept = part.trim_end_matches(local);
        text.push_str(kept);
        if kept.len() < part.len() {
            text.push('…');
        }
        text.push('@');
    }
    text
}

/// A number as people read it: thousands apart.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share as people read it.
pub fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// So many domains.
pub fn domains(number: u64) -> String {
    match number {
        1 => "1 domain".to_owned(),
        more => format!("{} domains", count(more)),
    }
}

/// Seconds as people say them.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_terminal_survives() {
        let (text, cut) = escape(b"a\x1b[31m\\\xff\n", 100);
        assert_eq!(text, "a\\x1b[31m\\\\\\xff\\x0a");
        assert!(!cut);
        assert_eq!(escape(b"abcdef", 3), ("abc".to_owned(), true));
    }

    #[test]
    fn what_was_escaped_comes_back() {
        let all: Vec<u8> = (0..=255).chain(*b"\\x41\\\\").collect();
        assert_eq!(unescape(&escape(&all, all.len()).0), all);
        assert_eq!(unescape("a\\"), b"a\\");
    }

    #[test]
    fn a_mailbox_stays_private() {
        assert_eq!(
            without_mailboxes("rua=mailto:jan.novak+d@example.cz,mailto:x@y.cz; no @ sign"),
            "rua=mailto:…@example.cz,mailto:…@y.cz; no @ sign"
        );
        assert_eq!(without_mailboxes("plain"), "plain");
    }

    #[test]
    fn seconds_become_minutes_and_hours() {
        assert_eq!(duration(119), "119 s");
        assert_eq!(duration(150), "2 min");
        assert_eq!(duration(9_000), "2 h 30 min");
    }

    #[test]
    fn numbers_are_as_people_read_them() {
        assert_eq!([domains(0), domains(1)], ["0 domains", "1 domain"]);
        assert_eq!(domains(1_234), "1,234 domains");
        assert_eq!(count(7), "7");
        assert_eq!(count(1_234), "1,234");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(percent(Some(0.123_456)), "12.3 %");
        assert_eq!(percent(None), "-");
    }
}
