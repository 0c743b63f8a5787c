//! Bytes of strangers as text that is safe to store and to print.

use std::fmt::Write;
use std::io;
use std::ops::Range;

use aws_lc_rs::digest;
use serde::Serialize;

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

/// Whether a terminal would act on a letter, or show those around it in another order or not at all.
pub fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(
            letter,
            '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}' | '\u{ad}'
        )
}

/// Text as one line: what a terminal would act on becomes `\xNN`, everything else stays.
pub fn one_line(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for letter in words.chars() {
        match acts(letter) {
            true => {
                let _ = write!(text, "\\x{:02x}", u32::from(letter));
            }
            false => text.push(letter),
        }
    }
    text
}

/// Writes a value as JSON for people and programs: in lines, and nothing in it acts in a terminal.
///
/// # Errors
/// When it cannot be written.
pub fn write_json(to: impl io::Write, value: &impl Serialize) -> io::Result<()> {
    let mut quiet = Quiet(to);
    serde_json::to_writer_pretty(&mut quiet, value)?;
    quiet.0.write_all(b"\n")
}

/// JSON on its way, a number of whole letters at a time. Letters that a terminal acts on only occur
/// inside strings, where they may be escaped: around them JSON has none but line feeds.
struct Quiet<W: io::Write>(W);

impl<W: io::Write> io::Write for Quiet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        let mut kept = 0;
        for (at, letter) in text.char_indices() {
            if letter == '\n' || !acts(letter) {
                continue;
            }
            self.0.write_all(&bytes[kept..at])?;
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(self.0, "\\u{unit:04x}")?;
            }
            kept = at + letter.len_utf8();
        }
        self.0.write_all(&bytes[kept..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
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
    use std::collections::BTreeMap;

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
    fn a_line_stays_a_line_and_a_mailbox_stays_private() {
        assert_eq!(one_line("a\tb\u{1b}[2Jč"), "a\\x09b\\x1b[2Jč");
        assert_eq!(one_line("a\u{202e}zc.\u{200b}b"), "a\\x202ezc.\\x200bb");
        assert_eq!(
            without_mailboxes("rua=mailto:jan.novak+d@example.cz,mailto:x@y.cz; no @ sign"),
            "rua=mailto:…@example.cz,mailto:…@y.cz; no @ sign"
        );
        assert_eq!(without_mailboxes("plain"), "plain");
    }

    #[test]
    fn json_keeps_every_letter_and_shows_none_that_acts() {
        let hostile = "a\u{1b}[2J\u{7f}\u{9b}\u{202e}\u{2028}č漢\n";
        let mut json = Vec::new();
        write_json(&mut json, &BTreeMap::from([(hostile, hostile)])).expect("written");
        let json = String::from_utf8(json).expect("a text");
        let shown = r"a\u001b[2J\u007f\u009b\u202e\u2028č漢\n";
        assert_eq!(json, format!("{{\n  \"{shown}\": \"{shown}\"\n}}\n"));
        let back: BTreeMap<String, String> = serde_json::from_str(&json).expect("JSON");
        assert_eq!(back[hostile], hostile);
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
