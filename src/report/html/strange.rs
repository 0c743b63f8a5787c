//! Text of strangers: one line that does not act, and not too much of it.

use crate::text::one_line;

/// Letters of a name that are shown.
const LETTERS: usize = 80;

/// A name, cut where it is long.
pub fn short(text: &str) -> String {
    cut(text, LETTERS)
}

/// A text of so many letters at the most.
pub fn cut(text: &str, limit: usize) -> String {
    let mut letters = text.chars();
    let kept: String = letters.by_ref().take(limit).collect();
    let line = one_line(&kept);
    match letters.next() {
        Some(_) => line + "…",
        None => line,
    }
}
