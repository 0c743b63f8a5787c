//! A page of text for people: at most 100 columns wide, and nothing in it acts in a terminal.

use crate::text::{columns, one_line, width};

/// Columns of a page.
const WIDTH: usize = 100;
/// Columns that words get at the least, however far they are indented.
const NARROW: usize = 20;

/// A page that grows line by line.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// An empty line; none at the top, and never two.
    pub fn gap(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }

    /// Words, wrapped and indented.
    pub fn words(&mut self, indent: usize, words: &str) {
        self.entry(indent, "", 0, words);
    }

    /// A label and beside it, from some column of the page on, words.
    pub fn entry(&mut self, indent: usize, label: &str, column: usize, words: &str) {
        let label = one_line(label);
        let column = column.max(indent);
        let lines = wrap(&one_line(words), Self::room(column));
        let first = lines.first().map_or("", String::as_str);
        let used = indent + width(&label);
        // A label that is too long has a line of its own.
        if !label.is_empty() && used >= column {
            for part in wrap(&label, Self::room(indent)) {
                self.push(indent, &part);
            }
            self.push(column, first);
        } else {
            let between = " ".repeat(column.saturating_sub(used));
            self.push(indent, &format!("{label}{between}{first}"));
        }
        for line in lines.iter().skip(1) {
            self.push(column, line);
        }
    }

    /// Columns that a line has from a column on.
    pub fn room(column: usize) -> usize {
        WIDTH.saturating_sub(column).max(NARROW)
    }

    /// A line as it is, spaces and all, that has room.
    pub fn line(&mut self, column: usize, line: &str) {
        self.push(column, &one_line(line));
    }

    fn push(&mut self, indent: usize, line: &str) {
        let line = line.trim_end();
        if line.is_empty() {
            return;
        }
        self.0.push_str(&" ".repeat(indent));
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Lines of at most so many columns, broken at spaces, and inside a word only where it is longer than
/// a line.
fn wrap(words: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in words.split(' ') {
        if used > 0 && used + 1 + width(word) > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for letter in word.chars() {
            if used + columns(letter) > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(letter);
            used += columns(letter);
        }
    }
    lines.push(line);
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_and_hang_under_their_first_line() {
        let mut page = Page::default();
        page.gap();
        page.entry(2, "label", 12, &"word ".repeat(30));
        page.gap();
        page.gap();
        page.words(0, "end");
        let text = page.into_text();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("  label     word word"), "{text}");
        assert!(lines[1].starts_with("            word"), "{text}");
        assert!(
            lines
                .iter()
                .all(|line| line.len() <= WIDTH && !line.ends_with(' '))
        );
        assert_eq!(lines[2..], ["", "end"]);
    }

    #[test]
    fn what_is_longer_than_a_line_is_cut_and_nothing_is_lost() {
        let mut page = Page::default();
        page.entry(2, "a-label-of-some-length", 10, "first");
        page.words(90, &"x".repeat(50));
        page.words(0, &"y".repeat(250));
        let text = page.into_text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[..2], ["  a-label-of-some-length", "          first"]);
        assert_eq!(text.matches('x').count(), 50);
        assert_eq!(text.matches('y').count(), 250);
        assert_eq!(wrap("a  b", 80), ["a  b"], "spaces of a record stay");
        assert_eq!(wrap("漢字漢字", 6), ["漢字漢", "字"], "two columns each");
        assert_eq!(wrap("", 80), [""; 0]);
    }

    #[test]
    fn nothing_acts_in_a_terminal() {
        let mut page = Page::default();
        page.entry(0, "\u{1b}[2J", 20, "a\u{9b}31m\nb\u{202e}c");
        assert_eq!(
            page.into_text(),
            "\\x1b[2J             a\\x9b31m\\x0ab\\x202ec\n"
        );
    }
}
