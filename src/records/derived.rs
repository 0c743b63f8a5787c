//! The derived columns of a record, from its bytes: whether it can be used, why not, and everything
//! odd about it. Whoever has the bytes comes to the same columns: the crawler as they arrive,
//! judging from what the tables kept.

use super::dmarc::Rules;
use super::version::Kind;
use super::{Finding, Parsed, bimi, dmarc, mta_sts, spf, tls_rpt};
use crate::table::record_codes::Fault;
use crate::table::rows::{RecordFinding, TxtColumns};

/// Findings kept of one record.
const FINDINGS: usize = 16;

/// Fills the derived columns: by the first record of a kind, as raw bytes, and by how many there
/// are. Without a record they are null.
pub fn fill(columns: &mut impl TxtColumns, kind: Kind, record: Option<&[u8]>, count: u16) {
    let Some(record) = record else {
        columns.set_derived(None, None, Vec::new());
        return;
    };
    match kind {
        Kind::Spf => by_parser(columns, &spf::parse(record), count),
        Kind::Dmarc => by_parser(columns, &dmarc::parse(record, Rules::Rfc9989), count),
        Kind::MtaSts => by_parser(columns, &mta_sts::parse(record), count),
        Kind::TlsRpt => by_parser(columns, &tls_rpt::parse(record), count),
        Kind::Bimi => by_parser(columns, &bimi::parse(record), count),
    }
}

fn by_parser<T>(columns: &mut impl TxtColumns, parsed: &Parsed<T>, count: u16) {
    let (valid, fault) = match count {
        0 | 1 => (parsed.is_valid(), parsed.fault()),
        _ => (false, Some(Fault::SeveralRecords)),
    };
    let findings = parsed.findings.iter().take(FINDINGS).map(row_of).collect();
    columns.set_derived(Some(valid), fault, findings);
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
