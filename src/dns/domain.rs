//! The questions about a domain, at most eight for one that exists and takes mail.
//!
//! MX and NS come first: NXDOMAIN ends the questions, and so does a zone that answers neither. What
//! failed stays open in the row, so that asking again asks only that.

use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::answer::{Answer, has_failed, is_open};
use super::forward::Client;
use super::name::{name_of, text_of};
use super::zone;
use crate::records::version::Kind;
use crate::table::codes::{Denial, ErrorCode, Existence, MxKind, Outcome};
use crate::table::row::Moment;
use crate::table::rows::{
    Delegation, Dmarc, DomainRow, MtaSts, Mx, MxRecord, Spf, TlsRpt, TxtAnswer, TxtColumns, ZoneRow,
};
use crate::text;

/// MX records kept, by preference.
pub const MX_LIMIT: usize = 10;
/// Bytes kept of one TXT record, and of all at one name.
const TXT_LIMIT: (usize, usize) = (8 << 10, 64 << 10);

/// A domain and its zone while they are asked about.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Walk {
    /// What is known of the domain.
    pub row: DomainRow,
    /// What is known of its zone, if it is one.
    pub zone: Option<ZoneRow>,
}

impl Walk {
    /// Nothing is known yet.
    pub fn new(domain: &str, unicode: String) -> Self {
        let row = DomainRow {
            domain: domain.to_owned(),
            domain_unicode: unicode,
            tld: domain.rsplit('.').next().unwrap_or(domain).to_owned(),
            registrable_domain: psl::domain_str(domain).map(str::to_owned),
            weight: 1.0,
            ..DomainRow::default()
        };
        Self { row, zone: None }
    }

    /// The row of a domain that is not to be asked about. What an earlier attempt may have learned
    /// goes: its verdicts are to say `excluded`, and nothing else.
    pub fn excluded(mut self) -> Self {
        let why = Some(ErrorCode::Excluded);
        let text = || TxtAnswer {
            error: why,
            ..TxtAnswer::default()
        };
        self.zone = None;
        let row = &mut self.row;
        if row.observed_at == Moment::default() {
            row.observed_at = Moment::now();
        }
        row.existence = Existence::Failed;
        row.zone = None;
        row.delegation = Delegation {
            error: why,
            ..Delegation::default()
        };
        row.mx = Mx {
            error: why,
            ..Mx::default()
        };
        (row.spf, row.dmarc) = (Spf::default(), Dmarc::default());
        (row.mta_sts, row.tls_rpt) = (MtaSts::default(), TlsRpt::default());
        row.spf.set_answer(text());
        row.dmarc.set_answer(text());
        row.mta_sts.set_answer(text());
        row.tls_rpt.set_answer(text());
        self
    }

    /// Whether a question is worth asking once more.
    pub fn has_failed(&self) -> bool {
        let row = &self.row;
        has_failed(row.mx.outcome, row.mx.error)
            || has_failed(row.delegation.outcome, row.delegation.error)
            || row
                .policies()
                .into_iter()
                .any(|(outcome, error)| has_failed(outcome, error))
            || (row.mx.outcome == Outcome::Absent && row.mx.kind.is_none())
            || self.zone.as_ref().is_some_and(zone::has_failed)
    }

    /// Asks everything that has no answer yet.
    pub async fn ask(&mut self, client: &Client) {
        let Some(name) = name_of(&self.row.domain) else {
            return;
        };
        let start = tokio::time::Instant::now();
        if self.row.observed_at == Moment::default() {
            self.row.observed_at = Moment::now();
        }
        self.ask_all(client, &name).await;
        let elapsed = u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX);
        self.row.elapsed_ms = self.row.elapsed_ms.saturating_add(elapsed);
    }

    async fn ask_all(&mut self, client: &Client, name: &Name) {
        let was_gone = self.row.existence == Existence::Nxdomain;
        if was_gone {
            // Should it be there after all, its addresses are to be asked for.
            self.row.mx.kind = None;
        }
        let gone = self.ask_first(client, name, was_gone).await;
        let row = &mut self.row;
        let lost = |outcome| outcome == Outcome::Failed;
        if gone {
            row.existence = Existence::Nxdomain;
            row.mx.kind = Some(MxKind::None);
            return;
        }
        if lost(row.mx.outcome) && lost(row.delegation.outcome) {
            row.existence = Existence::Failed;
            return;
        }
        if row.delegation.outcome == Outcome::Found {
            row.zone = Some(row.domain.clone());
            let fresh = ZoneRow {
                zone: row.domain.clone(),
                ..ZoneRow::default()
            };
            let zone = self.zone.get_or_insert(fresh);
            let (queries, ()) =
                tokio::join!(zone::ask(client, zone), row_questions(client, name, row));
            row.queries += queries;
        } else {
            row_questions(client, name, row).await;
        }
        row.existence = existence(row);
    }

    /// MX and NS; says whether the name does not exist. Some servers answer NXDOMAIN for types they
    /// do not know: where one answer shows that the name is there, the other's NXDOMAIN is no more
    /// than an absence.
    async fn ask_first(&mut self, client: &Client, name: &Name, was_gone: bool) -> bool {
        let row = &mut self.row;
        let wants_mx = is_open(row.mx.outcome, row.mx.error);
        let wants_ns = is_open(row.delegation.outcome, row.delegation.error);
        let (mx, ns) = tokio::join!(
            client.ask_if(name, RecordType::MX, wants_mx),
            client.ask_if(name, RecordType::NS, wants_ns),
        );
        // What an earlier answer said still holds.
        let mut says = [
            Says::earlier(row.mx.outcome, was_gone),
            Says::earlier(row.delegation.outcome, was_gone),
        ];
        if let Some(answer) = mx {
            row.queries += answer.queries;
            row.zone = row.zone.take().or_else(|| answer.zone());
            says[0] = Says::of(&answer);
            row.mx = mx_of(&answer);
        }
        if let Some(answer) = ns {
            row.queries += answer.queries;
            row.zone = answer.zone().or_else(|| row.zone.take());
            says[1] = Says::of(&answer);
            row.delegation = delegation_of(&answer, name);
        }
        says.contains(&Says::Gone) && !says.contains(&Says::There)
    }
}

/// What an answer says of the name itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Gone,
    There,
    Nothing,
}

impl Says {
    fn of(answer: &Answer) -> Self {
        match answer.outcome {
            _ if answer.is_nxdomain() => Self::Gone,
            Outcome::Found | Outcome::Absent => Self::There,
            Outcome::Failed | Outcome::NotAttempted => Self::Nothing,
        }
    }

    fn earlier(outcome: Outcome, was_gone: bool) -> Self {
        match outcome {
            Outcome::Absent if was_gone => Self::Gone,
            Outcome::Found | Outcome::Absent => Self::There,
            Outcome::Failed | Outcome::NotAttempted => Self::Nothing,
        }
    }
}

/// The TXT records, and the addresses where they decide how the domain takes mail.
async fn row_questions(client: &Client, name: &Name, row: &mut DomainRow) {
    let below = |label: &str| name_of(&format!("{label}.{}", row.domain));
    let (dmarc, mta_sts, tls_rpt) = (below("_dmarc"), below("_mta-sts"), below("_smtp._tls"));
    let implicit = row.mx.outcome == Outcome::Absent && row.mx.kind.is_none();
    let (spf, dmarc, mta_sts, tls_rpt, a, aaaa) = tokio::join!(
        client.ask_if(
            name,
            RecordType::TXT,
            is_open(row.spf.outcome, row.spf.error)
        ),
        ask_name(client, dmarc, is_open(row.dmarc.outcome, row.dmarc.error)),
        ask_name(
            client,
            mta_sts,
            is_open(row.mta_sts.outcome, row.mta_sts.error)
        ),
        ask_name(
            client,
            tls_rpt,
            is_open(row.tls_rpt.outcome, row.tls_rpt.error)
        ),
        client.ask_if(name, RecordType::A, implicit),
        client.ask_if(name, RecordType::AAAA, implicit),
    );
    let slots: [(&mut dyn TxtColumns, _, _); 4] = [
        (&mut row.spf, spf, Kind::Spf),
        (&mut row.dmarc, dmarc, Kind::Dmarc),
        (&mut row.mta_sts, mta_sts, Kind::MtaSts),
        (&mut row.tls_rpt, tls_rpt, Kind::TlsRpt),
    ];
    for (slot, answer, kind) in slots {
        if let Some(answer) = answer {
            row.queries += answer.queries;
            slot.set_answer(text_answer(&answer, kind));
        }
    }
    if let (Some(a), Some(aaaa)) = (a, aaaa) {
        row.queries += a.queries + aaaa.queries;
        row.mx.kind = match (a.outcome, aaaa.outcome) {
            (Outcome::Found, _) | (_, Outcome::Found) => Some(MxKind::Implicit),
            (Outcome::Absent, Outcome::Absent) => Some(MxKind::None),
            _ => None,
        };
    }
}

/// A name that would be too long cannot exist.
async fn ask_name(client: &Client, name: Option<Name>, wanted: bool) -> Option<Answer> {
    match (name, wanted) {
        (Some(name), true) => Some(client.ask(&name, RecordType::TXT).await),
        (None, true) => Some(Answer::nonexistent()),
        (_, false) => None,
    }
}

fn existence(row: &DomainRow) -> Existence {
    // What does not validate is signed somewhere: the name is delegated.
    let bogus = [row.mx.error, row.delegation.error].contains(&Some(ErrorCode::Bogus));
    let something = bogus
        || row.delegation.outcome == Outcome::Found
        || row.mx.outcome == Outcome::Found
        || row.mx.kind == Some(MxKind::Implicit)
        || row.spf.denial == Some(Denial::OtherTxt)
        || row
            .policies()
            .into_iter()
            .any(|(outcome, _)| outcome == Outcome::Found);
    let open = row.mx.outcome == Outcome::Failed
        || row.delegation.outcome == Outcome::Failed
        || row.mx.kind.is_none();
    match (something, open) {
        (true, _) => Existence::Exists,
        (false, true) => Existence::Failed,
        (false, false) => Existence::Undelegated,
    }
}

fn delegation_of(answer: &Answer, name: &Name) -> Delegation {
    // NS records at the end of a CNAME chain belong to another name.
    let own = answer.names.len() <= 1;
    let mut nameservers: Vec<String> = answer
        .data()
        .filter_map(|data| match data {
            RData::NS(target) if own => Some(text_of(&target.0)),
            _ => None,
        })
        .collect();
    nameservers.sort();
    let alias = answer.outcome == Outcome::Found && nameservers.is_empty();
    debug_assert!(!alias || !own, "NS without records at {name}");
    Delegation {
        outcome: if alias {
            Outcome::Absent
        } else {
            answer.outcome
        },
        denial: if alias {
            Some(Denial::Nodata)
        } else {
            answer.denial
        },
        error: answer.error,
        ede: answer.ede.clone(),
        security: answer.security,
        nameservers,
    }
}

fn mx_of(answer: &Answer) -> Mx {
    let mut records: Vec<MxRecord> = answer
        .data()
        .filter_map(|data| match data {
            RData::MX(mx) => Some(MxRecord {
                preference: mx.preference,
                host: text_of(&mx.exchange),
            }),
            _ => None,
        })
        .collect();
    records.sort_by(|a, b| (a.preference, &a.host).cmp(&(b.preference, &b.host)));
    records.dedup();
    let kind = match records.as_slice() {
        [] => None,
        [only] if only.host == "." => Some(MxKind::Null),
        _ => Some(MxKind::Explicit),
    };
    let truncated = records.len() > MX_LIMIT;
    records.truncate(MX_LIMIT);
    Mx {
        kind,
        outcome: answer.outcome,
        denial: answer.denial,
        error: answer.error,
        ede: answer.ede.clone(),
        security: answer.security,
        truncated,
        synthesised: answer.synthesised(),
        records,
    }
}

fn text_answer(answer: &Answer, kind: Kind) -> TxtAnswer {
    let texts: Vec<Vec<u8>> = answer
        .data()
        .filter_map(|data| match data {
            // The strings of one record are joined without anything between (RFC 7208 3.3).
            RData::TXT(txt) => Some(txt.txt_data.concat()),
            _ => None,
        })
        .collect();
    let mut claimed: Vec<&Vec<u8>> = texts.iter().filter(|text| kind.claims(text)).collect();
    // Resolvers rotate sets; the same set must give the same row.
    claimed.sort();
    let other = answer.outcome == Outcome::Found && claimed.is_empty();
    let mut truncated = false;
    let mut escape = |text: &Vec<u8>| {
        let (text, cut) = text::escape(text, TXT_LIMIT.0);
        truncated |= cut;
        text
    };
    let record = claimed.first().map(|text| escape(text));
    let mut kept: Vec<String> = texts.iter().map(&mut escape).collect();
    kept.sort();
    let mut bytes = 0;
    let all = kept.len();
    kept.retain(|text| {
        bytes += text.len();
        bytes <= TXT_LIMIT.1
    });
    TxtAnswer {
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
        count: u16::try_from(claimed.len()).unwrap_or(u16::MAX),
        truncated: truncated || kept.len() < all,
        texts: kept,
    }
}
