//! DMARC: the record at the domain itself, and those above it that may apply instead, by the tree
//! walk of RFC 9989 (4.10) and by the public suffix list (RFC 7489 6.6.3).

use super::answer;
use super::discovery::Asked;
use super::forward::Client;
use super::policies::{self, Texts, below, stored};
use super::reports::{self, Inside};
use crate::records::derived;
use crate::records::dmarc::{self, Discovery, Record, Rules, Uri};
use crate::records::version::Kind;
use crate::table::codes::{ErrorCode, Outcome};
use crate::table::rows::{Dmarc, TxtAnswer, TxtColumns};
use crate::text::unescape;

/// Whether a question has no answer yet.
pub fn has_failed(row: &Dmarc) -> bool {
    let was_asked = matches!(row.outcome, Outcome::Found | Outcome::Absent);
    answer::has_failed(row.outcome, row.error)
        || answer::has_failed(row.outcome_7489, row.error_7489)
        || (was_asked && row.org_domain.is_none())
        || reports::have_failed(&row.rua_targets)
        || reports::have_failed(&row.rua_targets_7489)
}

/// Asks for what is not known of the DMARC of a domain; says how many queries that took.
pub async fn ask(client: &Client, domain: &str, registrable: Option<&str>, row: &mut Dmarc) -> u32 {
    if row.outcome != Outcome::NotAttempted && !has_failed(row) {
        return 0;
    }
    let own = match earlier(row) {
        Some(own) => own,
        None => policies::ask(client, below("_dmarc", domain), Kind::Dmarc).await,
    };
    let mut asked = Asked::new(domain, own);
    let walk = asked.walk(client).await;
    let org = asked.registrable(registrable).map(str::to_owned);
    let suffix = asked.by_suffix(client, org.as_deref()).await;
    let mut fresh = Dmarc::default();
    let uris = take_walk(&asked, &mut fresh, walk);
    let uris_7489 = take_suffix(&asked, &mut fresh, suffix, org.as_deref());
    let inside = Inside::Organisation(fresh.org_domain.as_deref().ok_or_else(|| asked.why()));
    let earlier = (row.found_at == fresh.found_at).then_some(&row.rua_targets);
    let earlier_7489 = (row.found_at_7489 == fresh.found_at_7489).then_some(&row.rua_targets_7489);
    let ((targets, sent), (targets_7489, sent_7489)) = tokio::join!(
        reports::ask(client, fresh.found_at.as_deref(), &uris, inside, earlier),
        reports::ask(
            client,
            fresh.found_at_7489.as_deref(),
            &uris_7489,
            Inside::Registrable,
            earlier_7489,
        ),
    );
    fresh.external_reports_authorised = reports::all_authorised(&targets);
    fresh.rua_targets = targets;
    fresh.rua_targets_7489 = targets_7489;
    *row = fresh;
    asked.queries + sent + sent_7489
}

/// The answer at the domain itself, where something else is open. Columns say what was there, unless
/// it was cut off or did not validate.
fn earlier(row: &Dmarc) -> Option<Texts> {
    let is_known = row.denial.is_some() || !row.texts.is_empty();
    if !is_known || row.truncated || row.error == Some(ErrorCode::Bogus) {
        return None;
    }
    let mut records: Vec<Vec<u8>> = row.texts.iter().map(|text| unescape(text)).collect();
    records.retain(|text| Kind::Dmarc.claims(text));
    records.sort();
    let outcome = match records.is_empty() {
        true => Outcome::Absent,
        false => Outcome::Found,
    };
    let answer = TxtAnswer {
        outcome,
        error: None,
        // Beside a failure it is that of the answer that failed.
        ede: row.ede.clone().filter(|_| row.outcome != Outcome::Failed),
        record: records.first().map(|record| stored(record).0),
        count: u16::try_from(records.len()).unwrap_or(u16::MAX),
        ..row.answer()
    };
    Some(Texts {
        answer,
        records,
        queries: 0,
    })
}

fn take_walk(asked: &Asked<'_>, row: &mut Dmarc, found: Discovery) -> Vec<Uri> {
    let mut answer = asked.own.answer.clone();
    let at = found.found_at.as_deref();
    if let Some(fact) = at.and_then(|name| asked.fact(name)) {
        answer.ede.clone_from(&fact.asked.ede);
        answer.security = fact.asked.security;
        answer.synthesised = fact.synthesised;
    }
    let consulted = asked.up_to(at.unwrap_or_default());
    let are_there = !asked.own.records.is_empty();
    (answer.outcome, answer.error) = asked.outcome(&found, are_there, consulted);
    if found.error.is_some() && asked.own.answer.outcome != Outcome::Failed {
        let failed = asked.failed();
        answer.ede = failed.and_then(|fact| fact.asked.ede.clone());
    }
    answer.count = found.count;
    // Several records at the name itself are shown, though none of them counts.
    let record = found.record.as_ref().or(asked.own.records.first());
    let record = record.filter(|_| answer.outcome == Outcome::Found);
    answer.record = record.map(|record| {
        let (text, cut) = stored(record);
        answer.truncated |= cut;
        text
    });
    row.set_answer(answer);
    let parsed = record.map(|raw| dmarc::parse(raw, Rules::Rfc9989));
    let count = row.count;
    derived::fill(row, parsed.as_ref(), count);
    row.found_at = found.found_at;
    row.org_domain = found.org_domain;
    row.inherited = found.inherited;
    row.effective_policy = found.effective_policy;
    // One of several that do not count says nothing.
    let applies = parsed.filter(|_| found.record.is_some());
    let value = applies.and_then(|parsed| parsed.value);
    value.map_or_else(Vec::new, |record| take_tags(row, record))
}

fn take_suffix(
    asked: &Asked<'_>,
    row: &mut Dmarc,
    found: Discovery,
    org: Option<&str>,
) -> Vec<Uri> {
    let consulted = org.and_then(|name| asked.fact(name)).into_iter();
    let are_there = found.count > 0;
    (row.outcome_7489, row.error_7489) = asked.outcome(&found, are_there, consulted);
    row.record_7489 = found.record.as_ref().map(|raw| {
        let (text, cut) = stored(raw);
        row.truncated |= cut;
        text
    });
    row.count_7489 = found.count;
    row.found_at_7489 = found.found_at;
    row.valid_7489 = found.valid;
    row.fault_7489 = found.fault;
    row.effective_policy_7489 = found.effective_policy;
    let parsed = found.record.map(|raw| dmarc::parse(&raw, Rules::Rfc7489));
    let Some(record) = parsed.and_then(|parsed| parsed.value) else {
        return Vec::new();
    };
    row.p_7489 = record.p;
    row.sp_7489 = record.sp;
    row.pct_7489 = Some(record.pct.unwrap_or(100));
    record.rua
}

/// Fills what the record says, and hands out where it sends aggregate reports.
fn take_tags(row: &mut Dmarc, record: Record) -> Vec<Uri> {
    row.p = record.p;
    row.sp = record.sp;
    row.np = record.np;
    row.pct = record.pct;
    row.t = record.t;
    row.adkim = record.adkim;
    row.aspf = record.aspf;
    row.psd = record.psd;
    row.rua = record.rua.iter().map(|uri| uri.text.clone()).collect();
    row.ruf = record.ruf.into_iter().map(|uri| uri.text).collect();
    record.rua
}
