//! Whether a record of CSV keeps to RFC 4180, section 2, as far as quotes go.
//!
//! Hands out `Quotes`, which is told the record a line at a time. A reader of CSV takes a loose
//! quote as it comes; over several lines that could take every line up to the next one along.

/// Where in its record the text has got to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where a field begins.
    Start,
    /// In a field without quotes.
    Bare,
    /// Between the quotes of a field.
    Quoted,
    /// Behind a quote between quotes: the last one, or the first of two.
    Quote,
}

/// Follows the quotes of one record after another.
#[derive(Debug)]
pub(super) struct Quotes {
    delimiter: u8,
    place: Place,
    strict: bool,
}

impl Quotes {
    /// Those of a list with this delimiter.
    pub(super) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            place: Place::Start,
            strict: true,
        }
    }

    /// Begins a record.
    pub(super) fn begin(&mut self) {
        *self = Self::new(self.delimiter);
    }

    /// Adds a line, given with its newline; says whether nothing but a delimiter, a quote or the
    /// end of a line has stood behind a quote of a quoted field so far.
    pub(super) fn add(&mut self, line: &[u8]) -> bool {
        for byte in line {
            self.place = self.after(*byte);
        }
        self.strict
    }

    fn after(&mut self, byte: u8) -> Place {
        match (self.place, byte) {
            (Place::Start | Place::Quote, b'"') => Place::Quoted,
            (Place::Quoted, b'"') => Place::Quote,
            (Place::Quoted, _) => Place::Quoted,
            (_, byte) if byte == self.delimiter => Place::Start,
            (Place::Quote, b'\r' | b'\n') => Place::Quote,
            (Place::Quote, _) => {
                self.strict = false;
                Place::Bare
            }
            (Place::Start | Place::Bare, _) => Place::Bare,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_strict(lines: &[&str]) -> bool {
        let mut quotes = Quotes::new(b';');
        quotes.begin();
        lines
            .iter()
            .fold(true, |_, line| quotes.add(line.as_bytes()))
    }

    #[test]
    fn a_quote_is_followed_by_what_may_follow_it() {
        for strict in [
            &["a;\"b\";\"c\"\r\n"][..],
            &["\"\";\"\"\"\";\"a\"\"b\"\n"],
            &["a \"b\"; \"c\" d;e\"\n"],
            &["a;\"b\n", "c \"\"d\"\"\n", "\n", "e\"\r\n"],
            &["a;\"b\n", "c;d\n"],
        ] {
            assert!(is_strict(strict), "{strict:?}");
        }
        for loose in [
            &["\"a\"b\n"][..],
            &["\"a\" ;b\n"],
            &["\"a\",b\n"],
            &["a;\"b\n", "c;\"d\"\n"],
            &["\"a\"b;\"c\n", "d\"\n"],
            &["\"a\"\"\"b\n"],
        ] {
            assert!(!is_strict(loose), "{loose:?}");
        }
        let mut quotes = Quotes::new(b',');
        assert!(!quotes.add(b"\"a\"b,\"c\n"));
        quotes.begin();
        assert!(quotes.add(b"\"a\",b\n"), "the next record is another one");
    }
}
