//! What a parser hands out: the value, and everything wrong with the bytes or odd about them.

use std::ops::Range;

use crate::table::record_codes::Fault;

/// How many findings a record is told of at most: a stranger may fill 64 KiB with nothing else.
const FINDINGS: usize = 64;

/// Something wrong with a record, or odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub fault: Fault,
    /// The bytes of the record that it is about.
    pub span: Range<usize>,
    /// Whether the record cannot be used for it.
    pub fatal: bool,
}

/// What became of the bytes of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// What they say, as far as they could be read; whether it counts says [`Parsed::is_valid`].
    /// None only where nothing could be.
    pub value: Option<T>,
    /// In the order of the bytes; the first 64, with the first fatal one among them.
    pub findings: Vec<Finding>,
}

impl<T> Parsed<T> {
    /// Why the record cannot be used; none where it can.
    pub fn fault(&self) -> Option<Fault> {
        let fatal = self.findings.iter().find(|finding| finding.fatal);
        fatal.map(|finding| finding.fault)
    }

    /// Whether the record can be used as its RFC says.
    pub fn is_valid(&self) -> bool {
        self.value.is_some() && self.fault().is_none()
    }
}

/// What a parser found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Takes down something that the record can be used in spite of.
    pub(super) fn odd(&mut self, fault: Fault, span: Range<usize>) {
        self.add(fault, span, false);
    }

    /// Takes down something that the record cannot be used for.
    pub(super) fn fatal(&mut self, fault: Fault, span: Range<usize>) {
        self.add(fault, span, true);
    }

    /// Takes down something; runs of the same are one finding if nothing is between them.
    pub(super) fn add(&mut self, fault: Fault, span: Range<usize>, fatal: bool) {
        if let Some(last) = self.0.last_mut()
            && (last.fault, last.fatal, last.span.end) == (fault, fatal, span.start)
            && last.span.start < span.start
        {
            last.span.end = span.end;
            return;
        }
        self.0.push(Finding { fault, span, fatal });
    }

    /// What is handed out.
    pub(super) fn with<T>(mut self, value: Option<T>) -> Parsed<T> {
        self.0
            .sort_by_key(|finding| (finding.span.start, finding.span.end));
        let fatal = self.0.iter().position(|finding| finding.fatal);
        if let Some(fatal) = fatal.filter(|position| *position >= FINDINGS) {
            self.0.swap(FINDINGS - 1, fatal);
        }
        self.0.truncate(FINDINGS);
        Parsed {
            value,
            findings: self.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_in_the_order_of_the_bytes() {
        let mut findings = Findings::default();
        findings.odd(Fault::UnknownTag, 5..7);
        findings.fatal(Fault::Syntax, 0..1);
        findings.fatal(Fault::Syntax, 1..2);
        let parsed = findings.with(Some(()));
        let spans: Vec<_> = parsed.findings.iter().map(|f| f.span.clone()).collect();
        assert_eq!(spans, [0..2, 5..7]);
        assert_eq!(parsed.fault(), Some(Fault::Syntax));
        assert!(!parsed.is_valid());
    }

    #[test]
    fn the_first_fatal_one_is_never_cut_off() {
        let mut findings = Findings::default();
        for at in 0..100 {
            findings.odd(Fault::UnknownTag, 3 * at..3 * at + 1);
        }
        findings.fatal(Fault::Missing, 400..400);
        let parsed = findings.with(Some(()));
        assert_eq!(parsed.findings.len(), FINDINGS);
        assert_eq!(parsed.fault(), Some(Fault::Missing));
    }
}
