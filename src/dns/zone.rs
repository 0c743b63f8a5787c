//! The questions about a zone: DS at the parent, DNSKEY at the apex, and CDS where there are keys.

use hickory_resolver::proto::rr::RecordType;

use super::answer::{self, Answer, is_open};
use super::denying::Denying;
use super::forward::Client;
use super::keys::{digests_of, keys_of};
use super::name::name_of;
use crate::table::codes::{Denial, ErrorCode, Outcome, Security};
use crate::table::row::Moment;
use crate::table::rows::{Asked, ZoneRow};

/// Asks what the row does not know yet.
pub async fn ask(client: &Client, row: &mut ZoneRow) -> u32 {
    let Some(name) = name_of(&row.zone) else {
        return 0;
    };
    if row.observed_at == Moment::default() {
        row.observed_at = Moment::now();
    }
    // The root has no parent to ask, nor one to ask for anything.
    let is_open = |asked: &Asked| is_open(asked.outcome, asked.error);
    let wants_ds = is_open(&row.ds_answer) && !name.is_root();
    let (ds, keys) = tokio::join!(
        client.ask_if(&name, RecordType::DS, wants_ds),
        client.ask_if(&name, RecordType::DNSKEY, is_open(&row.dnskey_answer)),
    );
    let mut queries = 0;
    if let Some(answer) = ds {
        queries += answer.queries;
        take_ds(row, &answer);
    }
    if let Some(answer) = keys {
        queries += answer.queries;
        take_keys(row, &answer);
    }
    let wants_cds = is_open(&row.cds_answer) && !row.keys.is_empty() && !name.is_root();
    if let Some(answer) = client.ask_if(&name, RecordType::CDS, wants_cds).await {
        queries += answer.queries;
        take_cds(row, &answer);
    }
    judge(row);
    queries
}

/// Whether a question about the zone has no answer yet.
pub fn has_failed(row: &ZoneRow) -> bool {
    [&row.ds_answer, &row.dnskey_answer, &row.cds_answer]
        .into_iter()
        .any(|answer| answer::has_failed(answer.outcome, answer.error))
}

fn take_ds(row: &mut ZoneRow, answer: &Answer) {
    row.ds_answer = answer.into();
    row.parent = answer.zone();
    row.ds = digests_of(answer);
}

fn take_keys(row: &mut ZoneRow, answer: &Answer) {
    row.dnskey_answer = answer.into();
    row.signature_algorithms = answer.algorithms();
    row.keys = keys_of(answer);
    note(row, answer);
}

fn take_cds(row: &mut ZoneRow, answer: &Answer) {
    row.cds_answer = answer.into();
    row.cds = digests_of(answer);
    // The only record of its set (RFC 8078 4).
    let is_delete = matches!(row.cds.as_slice(), [only] if only.algorithm == 0);
    row.cds_delete = (!row.cds.is_empty()).then_some(is_delete);
    note(row, answer);
}

/// The zone is there, as its NS records show: that its name does not exist is a wrong answer, and no
/// absence.
pub fn exists(row: &mut ZoneRow) {
    for asked in [
        &mut row.ds_answer,
        &mut row.dnskey_answer,
        &mut row.cds_answer,
    ] {
        if asked.denial == Some(Denial::Nxdomain) && asked.error.is_none() {
            *asked = Asked {
                outcome: Outcome::Failed,
                error: Some(ErrorCode::ProtocolError),
                ede: asked.ede.take(),
                ..Asked::default()
            };
        }
    }
    judge(row);
}

/// An apex without the records asked for denies them itself.
fn note(row: &mut ZoneRow, answer: &Answer) {
    let mut seen = Denying::default();
    seen.note(answer, &row.zone);
    seen.fill(row);
}

/// The status of the zone. Keys tell by the status of their answer; a zone without keys is insecure
/// once it is known that its parent has no DS either.
fn judge(row: &mut ZoneRow) {
    let (ds, keys) = (&row.ds_answer, &row.dnskey_answer);
    let unsigned = keys.outcome == Outcome::Absent
        && ds.outcome == Outcome::Absent
        && ds.security == Security::Secure;
    row.security = if [ds.security, keys.security].contains(&Security::Bogus) {
        Security::Bogus
    } else if unsigned {
        Security::Insecure
    } else {
        keys.security
    };
    row.error = keys.error.or(ds.error);
    row.ede = keys.ede.clone().or_else(|| ds.ede.clone());
}
