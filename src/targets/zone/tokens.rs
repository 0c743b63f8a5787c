//! The words of a master file (RFC 1035, section 5.1): a line at a time, over parentheses.
//!
//! Hands out `Record`, the words of one entry, and what a word is: a TTL, a class, a type.

use std::ops::Range;

/// Mnemonics of the IANA registry of record types, QTYPEs and meta types left out.
const TYPES: &str = "A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 \
    ISDN RT NSAP NSAP-PTR SIG KEY PX GPOS AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT A6 DNAME \
    SINK APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY DHCID NSEC3 NSEC3PARAM TLSA SMIMEA HIP NINFO \
    RKEY TALINK CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS DSYNC HHIT BRID SPF UINFO UID GID \
    UNSPEC NID L32 L64 LP EUI48 EUI64 NXNAME URI CAA AVC DOA AMTRELAY RESINFO WALLET CLA IPN TA \
    DLV";

/// The line is not written by the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// The words of an entry that may go over several lines.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Its lines, each with its newline.
    pub(super) text: Vec<u8>,
    /// Where the first line ends, behind its newline.
    pub(super) first: usize,
    words: Vec<Range<usize>>,
    open: u32,
}

impl Record {
    /// Empty again, for the next entry.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.words.clear();
        self.open = 0;
    }

    /// Adds a line, given without its newline.
    ///
    /// # Errors
    /// When a quote is not closed on the line, or a parenthesis was not opened.
    pub(super) fn add(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let start = self.text.len();
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
        if start == 0 {
            self.first = self.text.len();
        }
        self.split(start)
    }

    /// Whether a parenthesis is still open.
    pub(super) fn is_open(&self) -> bool {
        self.open > 0
    }

    /// The words in order, quotes taken off.
    pub(super) fn words(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.words.iter().map(|range| &self.text[range.clone()])
    }

    /// The word that the entry begins with; none where something else stands in front.
    pub(super) fn owner(&self) -> Option<&[u8]> {
        let word = self.words.first().filter(|range| range.start == 0)?;
        Some(&self.text[word.clone()])
    }

    /// Whether the entry has no owner of its own: it begins with white space.
    pub(super) fn owner_is_blank(&self) -> bool {
        self.text.first().is_some_and(|byte| is_space(*byte))
    }

    fn split(&mut self, start: usize) -> Result<(), Malformed> {
        let mut at = start;
        while at < self.text.len() {
            match self.text[at] {
                b';' => return Ok(()),
                b'(' => self.open += 1,
                b')' => self.open = self.open.checked_sub(1).ok_or(Malformed)?,
                b'"' => {
                    let end = closing_quote(&self.text, at + 1).ok_or(Malformed)?;
                    self.words.push(at + 1..end);
                    at = end;
                }
                byte if is_space(byte) => {}
                _ => {
                    let end = end_of_word(&self.text, at);
                    self.words.push(at..end);
                    at = end;
                    continue;
                }
            }
            at += 1;
        }
        Ok(())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn closing_quote(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match text.get(at)? {
            b'"' => return Some(at),
            b'\n' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn end_of_word(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' if text.get(at + 1).is_some_and(|next| *next != b'\n') => at += 2,
            b';' | b'(' | b')' | b'"' => break,
            byte if is_space(*byte) => break,
            _ => at += 1,
        }
    }
    at
}

/// Whether a word is a TTL: seconds, or BIND's numbers with units.
pub(super) fn is_ttl(word: &[u8]) -> bool {
    let unit = |byte: &u8| matches!(byte.to_ascii_lowercase(), b's' | b'm' | b'h' | b'd' | b'w');
    word.first().is_some_and(u8::is_ascii_digit)
        && word.iter().all(|byte| byte.is_ascii_digit() || unit(byte))
}

/// Whether a word is a class (RFC 1035, section 3.2.4; RFC 3597).
pub(super) fn is_class(word: &[u8]) -> bool {
    [b"IN", b"CH", b"HS", b"CS"]
        .iter()
        .any(|class| word.eq_ignore_ascii_case(*class))
        || is_numbered(word, b"CLASS")
}

/// Whether a word is a record type (the IANA registry; RFC 3597).
pub(super) fn is_type(word: &[u8]) -> bool {
    is_numbered(word, b"TYPE")
        || TYPES
            .split(' ')
            .any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
}

fn is_numbered(word: &[u8], prefix: &[u8]) -> bool {
    word.split_at_checked(prefix.len())
        .is_some_and(|(head, number)| {
            head.eq_ignore_ascii_case(prefix)
                && (1..=5).contains(&number.len())
                && number.iter().all(u8::is_ascii_digit)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(lines: &[&str]) -> Result<Vec<String>, Malformed> {
        let mut record = Record::default();
        for line in lines {
            record.add(line.as_bytes())?;
        }
        let word = |word: &[u8]| String::from_utf8(word.to_vec()).unwrap();
        Ok(record.words().map(word).collect())
    }

    #[test]
    fn words_are_split_by_the_rules() {
        let cases: [(&[&str], &[&str]); 6] = [
            (
                &["a 1h IN NS ns.cz. ; b"],
                &["a", "1h", "IN", "NS", "ns.cz."],
            ),
            (&["a TXT \"b; (c\" d\r"], &["a", "TXT", "b; (c", "d"]),
            (&["a TXT \"b\\\" c\"\"d\""], &["a", "TXT", "b\\\" c", "d"]),
            (&["a\\;b\\ c NS d\\("], &["a\\;b\\ c", "NS", "d\\("]),
            (
                &["@ SOA a b(1", "2 ; two", "", ")3"],
                &["@", "SOA", "a", "b", "1", "2", "3"],
            ),
            (&["  ; nothing"], &[]),
        ];
        for (lines, expected) in cases {
            assert_eq!(words(lines).unwrap(), expected, "{lines:?}");
        }
        for line in ["a TXT \"b", "a TXT \"b\\\"", "a NS b)", "a NS ())"] {
            assert_eq!(words(&[line]), Err(Malformed), "{line}");
        }
        assert_eq!(words(&["a NS b\\"]).unwrap(), ["a", "NS", "b\\"]);
    }

    #[test]
    fn a_word_is_known_for_what_it_is() {
        assert!(is_ttl(b"0") && is_ttl(b"1H30m") && !is_ttl(b"h1") && !is_ttl(b"1x"));
        assert!(is_class(b"in") && is_class(b"CLASS255") && !is_class(b"CLASS") && !is_class(b"I"));
        assert!(is_type(b"ns") && is_type(b"type65280") && is_type(b"NSAP-PTR"));
        assert!(!is_type(b"n") && !is_type(b"TYPE") && !is_type(b"example.cz.") && !is_type(b""));
    }
}
