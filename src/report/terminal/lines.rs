//! Lines of a terminal: cut, padded and wrapped.

use crate::text::{columns, one_line, width};

/// Columns of a line.
pub const WIDTH: usize = 100;

/// Words behind a head, wrapped.
pub fn listed(text: &mut String, head: &str, words: &[impl AsRef<str>]) {
    let mut row = head.to_owned();
    let mut first = true;
    for word in words {
        let word = cut(word.as_ref(), 60);
        let comma = if first { "" } else { ", " };
        if !first && width(&row) + comma.len() + width(&word) + 1 > WIDTH {
            line(text, &format!("{row},"));
            row = format!("  {word}");
        } else {
            row.push_str(comma);
            row.push_str(&word);
        }
        first = false;
    }
    line(text, &row);
}

/// Adds a line.
pub fn line(text: &mut String, row: &str) {
    text.push_str(row.trim_end());
    text.push('\n');
}

/// Text of strangers in so many columns at the most.
pub fn cut(text: &str, limit: usize) -> String {
    // Not all of 64 KiB is looked at.
    let few: String = text.chars().take(limit + 1).collect();
    let shown = one_line(&few);
    if width(&shown) <= limit {
        return shown;
    }
    let mut kept = String::new();
    let mut room = limit - 1;
    for letter in shown.chars() {
        if columns(letter) > room {
            break;
        }
        room -= columns(letter);
        kept.push(letter);
    }
    kept + "…"
}

/// Text with blanks behind it.
pub fn padded(text: &str, wanted: usize) -> String {
    let blanks = wanted.saturating_sub(width(text));
    format!("{text}{:blanks$}", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_its_columns() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("漢字漢字", 6), "漢字…");
        assert_eq!(cut("a\u{1b}[2J", 20), "a\\x1b[2J");
        assert_eq!(cut(&"x".repeat(65_536), 10), "xxxxxxxxx…");
        assert_eq!(padded("漢", 4), "漢  ");
    }

    #[test]
    fn a_list_is_wrapped() {
        let words: Vec<_> = (0..40).map(|number| format!("word{number}")).collect();
        let mut text = String::new();
        listed(&mut text, "words: ", &words);
        assert!(text.lines().count() > 2);
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert!(
            text.lines()
                .all(|line| line.ends_with(',') || line.ends_with("word39"))
        );
    }
}
