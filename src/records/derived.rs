//! The derived columns of a record, from what its parser says: whether it can be used, why not, and
//! everything odd about it.

use super::{Finding, Parsed};
use crate::table::record_codes::Fault;
use crate::table::rows::{RecordFinding, TxtColumns};

/// Findings kept of one record.
const FINDINGS: usize = 16;

/// Fills the derived columns: by the first record of a kind, and by how many there are. Without a
/// record they are null.
pub fn fill<T>(columns: &mut impl TxtColumns, parsed: Option<&Parsed<T>>, count: u16) {
    let Some(parsed) = parsed else {
        columns.set_derived(None, None, Vec::new());
        return;
    };
    let (valid, fault) = match count {
        0 | 1 => (parsed.is_valid(), parsed.fault()),
        _ => (false, Some(Fault::SeveralRecords)),
    };
    columns.set_derived(Some(valid), fault, findings(&parsed.findings));
}

/// The findings that are kept: the first ones, and the reason why a record cannot be used wherever it
/// stands.
pub fn findings(all: &[Finding]) -> Vec<RecordFinding> {
    let mut kept: Vec<&Finding> = all.iter().take(FINDINGS).collect();
    if let Some(first) = all.iter().find(|finding| finding.fatal)
        && !kept.contains(&first)
    {
        kept.pop();
        kept.push(first);
    }
    kept.into_iter().map(row_of).collect()
}

fn row_of(finding: &Finding) -> RecordFinding {
    let column = |at| u16::try_from(at).unwrap_or(u16::MAX);
    RecordFinding {
        fault: finding.fault,
        start: column(finding.span.start),
        end: column(finding.span.end),
        fatal: finding.fatal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::dmarc::{self, Rules};
    use crate::records::{mta_sts, spf};
    use crate::table::rows::{Dmarc, MtaSts, Spf};
    use crate::text;

    #[test]
    fn there_is_one_record_that_can_be_used_or_a_reason() {
        let table: [(&[u8], u16, bool, Option<Fault>); 4] = [
            (b"v=spf1 -all", 1, true, None),
            (b"v=spf1 -all", 2, false, Some(Fault::SeveralRecords)),
            (
                b"v=spf1 nonsense -all",
                1,
                false,
                Some(Fault::UnknownMechanism),
            ),
            (b"v=spf1 ip4:1.2.3 -all", 1, false, Some(Fault::BadAddress)),
        ];
        for (record, count, valid, fault) in table {
            let mut row = Spf::default();
            fill(&mut row, Some(&spf::parse(record)), count);
            assert_eq!((row.valid, row.fault), (Some(valid), fault), "{row:?}");
            let is_fatal = row.findings.iter().any(|finding| finding.fatal);
            assert_eq!(is_fatal, !valid && count == 1, "{row:?}");
            // What was there goes.
            fill::<()>(&mut row, None, 0);
            assert_eq!(row, Spf::default());
        }
        let mut row = MtaSts::default();
        fill(&mut row, Some(&mta_sts::parse(b"v=STSv1; id=1;")), 1);
        assert_eq!((row.valid, row.fault), (Some(true), None));
    }

    #[test]
    fn what_the_tables_keep_comes_to_the_same() {
        for record in [
            &b"v=DMARC1; p=reject; rua=mailto:a@b.cz"[..],
            b"v=DMARC1; p=\xff\\x41; sp=none; p=none",
            b"v=DMARC1\0; p=none",
        ] {
            let (mut seen, mut stored) = (Dmarc::default(), Dmarc::default());
            let parse = |record: &[u8]| dmarc::parse(record, Rules::Rfc9989);
            fill(&mut seen, Some(&parse(record)), 1);
            let text = text::escape(record, record.len()).0;
            fill(&mut stored, Some(&parse(&text::unescape(&text))), 1);
            assert_eq!(seen, stored);
        }
    }

    #[test]
    fn findings_are_bounded_and_lie_within_the_record() {
        let record = format!("v=spf1 {}-all", "nonsense ".repeat(1_000));
        let mut row = Spf::default();
        fill(&mut row, Some(&spf::parse(record.as_bytes())), 1);
        assert_eq!((row.valid, row.findings.len()), (Some(false), FINDINGS));
        for finding in &row.findings {
            assert!(finding.start < finding.end && usize::from(finding.end) <= record.len());
        }
        // The reason is kept, wherever it stands. No record is longer than a message; a span that
        // were would end at the last column.
        let record = format!("v=spf1 {}nonsense", "ptr ".repeat(20_000));
        fill(&mut row, Some(&spf::parse(record.as_bytes())), 1);
        assert_eq!(row.fault, Some(Fault::UnknownMechanism));
        assert_eq!(row.findings.len(), FINDINGS);
        let last = row
            .findings
            .last()
            .map(|finding| (finding.fatal, finding.end));
        assert_eq!(last, Some((true, u16::MAX)));
    }
}
