//! Lines of a list with a bound on their length.
//!
//! Hands out `Lines`. What turns out not to belong to a record can be given back, so that a quote
//! or a parenthesis that is never closed costs the line it stands on, not the rest of the list.

use std::io::{self, BufRead, Read};

/// Longest line, and longest record over several lines, of CSV and of zone files.
pub(super) const LONGEST_RECORD: usize = 64 * 1024;

/// Lines without their newline.
pub(super) struct Lines<'a> {
    reader: Box<dyn BufRead + 'a>,
    limit: usize,
    line: Vec<u8>,
    /// Lines given back, with their newlines, and how much of them was given out again.
    again: Vec<u8>,
    at: usize,
    number: u64,
    /// The last line had no newline.
    pub(super) unterminated: bool,
}

/// A line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Number of the line in the file, from 1.
    pub(super) number: u64,
    /// Its text; one byte more than allowed where it is too long.
    pub(super) text: &'a [u8],
    /// Whether it is longer than allowed.
    pub(super) too_long: bool,
}

impl<'a> Lines<'a> {
    /// Lines of which `limit` bytes at most are wanted.
    pub(super) fn new(reader: Box<dyn BufRead + 'a>, limit: usize) -> Self {
        Self {
            reader,
            limit,
            line: Vec::new(),
            again: Vec::new(),
            at: 0,
            number: 0,
            unterminated: false,
        }
    }

    /// The next line, of which one byte more than the limit is kept at most.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        if self.fill()? == 0 {
            return Ok(None);
        }
        let kept = self.line.len() - usize::from(self.line.ends_with(b"\n"));
        if kept > self.limit {
            self.skip()?;
        }
        self.number += 1;
        let kept = kept.min(self.limit + 1);
        Ok(Some(Line {
            number: self.number,
            text: &self.line[..kept],
            too_long: kept > self.limit,
        }))
    }

    /// Takes lines back, each with its newline, to be given out again.
    pub(super) fn give_back(&mut self, text: &[u8]) {
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        self.number -= lines as u64;
        self.again.drain(..self.at);
        self.at = 0;
        self.again.splice(..0, text.iter().copied());
    }

    /// Appends at most as many bytes as a line may have with its newline.
    fn fill(&mut self) -> io::Result<usize> {
        let limit = self.limit as u64 + 1;
        let mut again = &self.again[self.at..];
        if again.is_empty() {
            let mut reader = self.reader.by_ref().take(limit);
            let read = reader.read_until(b'\n', &mut self.line)?;
            if read > 0 {
                self.unterminated = !self.line.ends_with(b"\n");
            }
            return Ok(read);
        }
        let read = again
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut self.line)?;
        self.at += read;
        Ok(read)
    }

    /// Reads to the end of a line that is too long.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            self.line.truncate(self.limit + 1);
            if self.fill()? == 0 || self.line.ends_with(b"\n") {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(lines: &mut Lines<'_>) -> Option<(u64, String, bool)> {
        let line = lines.next().unwrap()?;
        let text = String::from_utf8(line.text.to_vec()).unwrap();
        Some((line.number, text, line.too_long))
    }

    #[test]
    fn lines_given_back_come_again_under_their_number() {
        let mut lines = Lines::new(Box::new(&b"a\nb\nc\nd"[..]), 3);
        let line = |number: u64, text: &str| Some((number, text.to_owned(), false));
        assert_eq!(next(&mut lines), line(1, "a"));
        assert_eq!(next(&mut lines), line(2, "b"));
        assert_eq!(next(&mut lines), line(3, "c"));
        lines.give_back(b"b\nc\n");
        assert_eq!(next(&mut lines), line(2, "b"));
        lines.give_back(b"b\n");
        assert_eq!(next(&mut lines), line(2, "b"));
        assert_eq!(next(&mut lines), line(3, "c"));
        assert_eq!(next(&mut lines), line(4, "d"));
        assert!(lines.unterminated);
        assert_eq!(next(&mut lines), None);
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_the_next_one_is_whole() {
        let mut lines = Lines::new(Box::new(&b"abcdefghij\nxyz\nabcd"[..]), 3);
        assert_eq!(next(&mut lines), Some((1, "abcd".to_owned(), true)));
        lines.give_back(b"abcd\n");
        assert_eq!(next(&mut lines), Some((1, "abcd".to_owned(), true)));
        assert_eq!(next(&mut lines), Some((2, "xyz".to_owned(), false)));
        assert_eq!(next(&mut lines), Some((3, "abcd".to_owned(), true)));
    }
}
