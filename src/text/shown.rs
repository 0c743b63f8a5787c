//! Text of strangers on a screen, in a sheet and in JSON: it is shown, and does nothing.
//!
//! [`one_line`] and [`lines`] are for terminals, [`cell`] for spreadsheets, [`write_json`] for whoever
//! looks at JSON; [`width`] says how much room a text takes.

use std::fmt::Write;
use std::io;

use serde::Serialize;

/// Marks above or below one letter that are shown: alphabets need two, rarely three, and more of them
/// reach over the lines around.
const MARKS: usize = 3;

/// Whether a terminal would act on a letter, or show those around it in another order or not at all:
/// controls, separators of lines, marks of direction, of annotation, and what is to be ignored where
/// it is not known (Default_Ignorable_Code_Point of Unicode).
pub fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        )
        || matches!(letter, '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}')
        || matches!(letter, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}')
        || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}')
        || matches!(letter, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}')
        || matches!(letter, '\u{e0000}'..='\u{e0fff}')
}

/// Whether a letter is a mark above or below the one before it, of those that stand in piles in
/// what is no word of any language.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}')
        || matches!(letter, '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{6d6}'..='\u{6ed}')
        || matches!(letter, '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}')
        || matches!(letter, '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}')
        || matches!(letter, '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Letters one after the other: tells of each whether it is only shown.
#[derive(Default)]
struct Letters {
    /// Marks since the last letter that is none.
    marks: usize,
}

impl Letters {
    fn is_only_shown(&mut self, letter: char) -> bool {
        self.marks = if is_mark(letter) { self.marks + 1 } else { 0 };
        !acts(letter) && self.marks <= MARKS
    }
}

/// Text as one line: what a terminal would act on becomes `\xNN`, everything else stays.
pub fn one_line(words: &str) -> String {
    shown(words, |_| false)
}

/// The same for text of several lines, whose ends stay.
pub fn lines(words: &str) -> String {
    shown(words, |letter| letter == '\n')
}

fn shown(words: &str, stays: impl Fn(char) -> bool) -> String {
    let mut text = String::with_capacity(words.len());
    let mut letters = Letters::default();
    for letter in words.chars() {
        if letters.is_only_shown(letter) || stays(letter) {
            text.push(letter);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\x{:02x}", u32::from(letter));
        }
    }
    text
}

/// Columns that a text takes at the most: letters beyond the alphabets of Europe may take two.
pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Columns that a letter takes at the most.
pub fn columns(letter: char) -> usize {
    if u32::from(letter) < 0x1100 { 1 } else { 2 }
}

/// Text as a cell of a sheet: one line, and nothing that a spreadsheet takes for a formula. Many take
/// the semicolon for the end of a cell, whatever separates the cells of the file.
pub fn cell(text: &str) -> String {
    let line = one_line(text);
    let mut cell = String::with_capacity(line.len());
    for (at, part) in line.split(';').enumerate() {
        if at > 0 {
            cell.push(';');
        }
        if computes(part) {
            cell.push('\'');
        }
        cell.push_str(part);
    }
    cell
}

/// Whether a cell is computed, by some program: blanks and quotes before it are taken off by some, and
/// letters of double width are taken for the usual ones.
fn computes(cell: &str) -> bool {
    let bare = cell.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '"');
    let formula = [
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ];
    bare.starts_with(formula)
}

/// Writes a value as JSON for people and programs: in lines, and nothing in it acts in a terminal.
///
/// # Errors
/// When it cannot be written.
pub fn write_json(to: impl io::Write, value: &impl Serialize) -> io::Result<()> {
    let letters = Letters::default();
    let mut quiet = Quiet { to, letters };
    serde_json::to_writer_pretty(&mut quiet, value)?;
    quiet.to.write_all(b"\n")
}

/// JSON on its way, a number of whole letters at a time. Letters that a terminal acts on only occur
/// inside strings, where they may be escaped: around them JSON has none but line feeds.
struct Quiet<W: io::Write> {
    to: W,
    letters: Letters,
}

impl<W: io::Write> io::Write for Quiet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        let mut kept = 0;
        for (at, letter) in text.char_indices() {
            if self.letters.is_only_shown(letter) || letter == '\n' {
                continue;
            }
            self.to.write_all(&bytes[kept..at])?;
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(self.to, "\\u{unit:04x}")?;
            }
            kept = at + letter.len_utf8();
        }
        self.to.write_all(&bytes[kept..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_line_stays_a_line() {
        assert_eq!(one_line("a\tb\u{1b}[2Jč"), "a\\x09b\\x1b[2Jč");
        assert_eq!(one_line("a\u{202e}zc.\u{200b}b"), "a\\x202ezc.\\x200bb");
        assert_eq!(
            one_line("a\u{3164}\u{fe0f}\u{e0041}"),
            "a\\x3164\\xfe0f\\xe0041"
        );
        assert_eq!(lines("a\r\nb\u{1b}"), "a\\x0d\nb\\x1b");
        let twice = one_line("\u{9b}31m\\");
        assert_eq!(one_line(&twice), twice);
    }

    #[test]
    fn marks_stay_near_their_letter() {
        let pile = |marks: usize| format!("e{}x", "\u{301}".repeat(marks));
        assert_eq!(one_line(&pile(3)), pile(3));
        let shown = one_line(&pile(5));
        assert_eq!(shown, format!("e{}\\x301\\x301x", "\u{301}".repeat(3)));
        assert_eq!(
            one_line("ก\u{e47}\u{e48} \u{5e9}\u{5c1}\u{5b8}"),
            "ก\u{e47}\u{e48} \u{5e9}\u{5c1}\u{5b8}"
        );
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
    fn a_cell_does_not_act() {
        assert_eq!(cell("=cmd()"), "'=cmd()");
        assert_eq!(cell("+1"), "'+1");
        assert_eq!(cell("-1"), "'-1");
        assert_eq!(cell("@a"), "'@a");
        assert_eq!(cell("\u{ff1d}1"), "'\u{ff1d}1");
        assert_eq!(cell(" \"=1"), "' \"=1");
        assert_eq!(cell("\t=a\r\n"), "\\x09=a\\x0d\\x0a");
        assert_eq!(cell("a=b-č; c"), "a=b-č; c");
        assert_eq!(cell("a;=b; \"+c"), "a;'=b;' \"+c");
    }
}
