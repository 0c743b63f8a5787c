//! TXT records of one kind at a name: what became of the question, and what they say. MTA-STS and
//! TLS-RPT need no more than that.

use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::answer::{Answer, is_open};
use super::forward::Client;
use super::name::name_of;
use crate::records::version::Kind;
use crate::records::{Parsed, derived, mta_sts, tls_rpt};
use crate::table::codes::{Denial, Outcome};
use crate::table::rows::{MtaSts, TlsRpt, TxtAnswer, TxtColumns};
use crate::text;

/// Bytes kept of one TXT record, and of all at one name.
const TXT_LIMIT: (usize, usize) = (8 << 10, 64 << 10);

/// The TXT records at a name.
#[derive(Debug, Default)]
pub struct Texts {
    /// What the columns say of them.
    pub answer: TxtAnswer,
    /// Those with the version tag, raw and sorted.
    pub records: Vec<Vec<u8>>,
    /// Queries sent.
    pub queries: u32,
}

impl Texts {
    /// Fills the columns that every kind has; hands out what the record says, where there is exactly
    /// one.
    pub fn fill<T>(
        &self,
        columns: &mut impl TxtColumns,
        parse: impl FnOnce(&[u8]) -> Parsed<T>,
    ) -> Option<T> {
        columns.set_answer(self.answer.clone());
        let first = self.records.first().map(|record| parse(record));
        derived::fill(columns, first.as_ref(), self.answer.count);
        first.filter(|_| self.records.len() == 1)?.value
    }
}

/// Asks for the TXT records of a kind. A name that would be too long cannot exist.
pub async fn ask(client: &Client, name: Option<Name>, kind: Kind) -> Texts {
    let answer = match name {
        Some(name) => client.ask(&name, RecordType::TXT).await,
        None => Answer::nonexistent(),
    };
    texts_of(&answer, kind)
}

/// A name below a domain; none where it would be too long.
pub fn below(label: &str, domain: &str) -> Option<Name> {
    name_of(&format!("{label}.{domain}"))
}

/// Asks for the record at `_mta-sts`, unless it is known; says how many queries that took.
pub async fn ask_mta_sts(client: &Client, domain: &str, row: &mut MtaSts) -> u32 {
    if !is_open(row.outcome, row.error) {
        return 0;
    }
    let texts = ask(client, below("_mta-sts", domain), Kind::MtaSts).await;
    let record = texts.fill(row, mta_sts::parse);
    row.id = record.map(|record| record.id).filter(|id| !id.is_empty());
    texts.queries
}

/// Asks for the record at `_smtp._tls`, unless it is known; says how many queries that took.
pub async fn ask_tls_rpt(client: &Client, domain: &str, row: &mut TlsRpt) -> u32 {
    if !is_open(row.outcome, row.error) {
        return 0;
    }
    let texts = ask(client, below("_smtp._tls", domain), Kind::TlsRpt).await;
    let record = texts.fill(row, tls_rpt::parse);
    let uris = record.into_iter().flat_map(|record| record.rua);
    row.rua = uris.map(|uri| uri.text).collect();
    texts.queries
}

/// A record as it is stored, and whether it was cut.
pub fn stored(record: &[u8]) -> (String, bool) {
    text::escape(record, TXT_LIMIT.0)
}

fn texts_of(answer: &Answer, kind: Kind) -> Texts {
    let all: Vec<Vec<u8>> = answer
        .data()
        .filter_map(|data| match data {
            // The strings of one record are joined without anything between (RFC 7208 3.3).
            RData::TXT(txt) => Some(txt.txt_data.concat()),
            _ => None,
        })
        .collect();
    let mut truncated = false;
    let mut escape = |text: &Vec<u8>| {
        let (text, cut) = stored(text);
        truncated |= cut;
        text
    };
    let mut kept: Vec<String> = all.iter().map(&mut escape).collect();
    let mut records = all;
    records.retain(|text| kind.claims(text));
    // Resolvers rotate sets; the same set must give the same row.
    records.sort();
    kept.sort();
    let record = records.first().map(&mut escape);
    let other = answer.outcome == Outcome::Found && records.is_empty();
    let mut bytes = 0;
    let many = kept.len();
    kept.retain(|text| {
        bytes += text.len();
        bytes <= TXT_LIMIT.1
    });
    let answer_of = TxtAnswer {
        outcome: if other {
            Outcome::Absent
        } else {
            answer.outcome
        },
        denial: if other {
            Some(Denial::OtherTxt)
        } else {
            answer.denial
        },
        error: answer.error,
        ede: answer.ede.clone(),
        security: answer.security,
        synthesised: answer.synthesised(),
        record,
        count: u16::try_from(records.len()).unwrap_or(u16::MAX),
        truncated: truncated || kept.len() < many,
        texts: kept,
    };
    Texts {
        answer: answer_of,
        records,
        queries: answer.queries,
    }
}
