//! DMARC: the record at the domain itself, and those above it that may apply instead, by the tree
//! walk of RFC 9989 (4.10) and by the public suffix list (RFC 7489 6.6.3).
//!
//! The domain's own name is asked for it alone; all above are shared with its neighbours, so that a
//! top-level domain is asked once.

use std::sync::Arc;

use hickory_resolver::proto::rr::RecordType;

use super::answer;
use super::fact::Fact;
use super::forward::Client;
use super::policies::{self, Texts, below, stored};
use super::reports::{self, Inside};
use crate::records::derived;
use crate::records::dmarc::{self, Answer, Discovery, Record, Rules, Uri};
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
    let uris = asked.take_walk(&mut fresh, walk);
    let uris_7489 = asked.take_suffix(&mut fresh, suffix, org.as_deref());
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
    let outcome = match records.is_empty() {
        true => Outcome::Absent,
        false => Outcome::Found,
    };
    let answer = TxtAnswer {
        outcome,
        error: None,
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

/// What was asked for one domain.
struct Asked<'a> {
    domain: &'a str,
    own: Texts,
    /// The names above, as far as they were asked, and what became of that.
    above: Vec<(String, Arc<Fact>)>,
    queries: u32,
}

impl<'a> Asked<'a> {
    fn new(domain: &'a str, own: Texts) -> Self {
        Self {
            domain,
            queries: own.queries,
            own,
            above: Vec::new(),
        }
    }

    /// Asks one name after the other until it is known which record applies, and where the
    /// organisation ends.
    async fn walk(&mut self, client: &Client) -> Discovery {
        let names = dmarc::walk(self.domain);
        let mut answers = vec![self.own_answer()];
        // What is not asked is not known.
        answers.resize(names.len().max(1), Err(ErrorCode::InternalError));
        if answers[0].is_ok() {
            for (at, name) in names.iter().enumerate().skip(1) {
                let known = dmarc::by_walk(self.domain, &answers);
                if known.error.is_none() && known.org_domain.is_some() {
                    return known;
                }
                answers[at] = answer_of(self.ask_above(client, name).await.as_ref());
            }
        }
        dmarc::by_walk(self.domain, &answers)
    }

    /// The organisational domain of RFC 7489 (3.2), where its record may apply.
    fn registrable<'b>(&self, registrable: Option<&'b str>) -> Option<&'b str> {
        let is_open = self.own_answer().is_ok_and(|records| records.is_empty());
        registrable.filter(|name| is_open && *name != self.domain)
    }

    async fn by_suffix(&mut self, client: &Client, org: Option<&str>) -> Discovery {
        let answer = match org {
            Some(name) => Some((name, answer_of(self.ask_above(client, name).await.as_ref()))),
            None => None,
        };
        let org = answer.as_ref().map(|(name, answer)| (*name, answer));
        dmarc::by_suffix(self.domain, &self.own_answer(), org)
    }

    /// Asks a name above, once.
    async fn ask_above(&mut self, client: &Client, name: &str) -> Arc<Fact> {
        if let Some(fact) = self.fact(name) {
            return fact.clone();
        }
        let question = format!("_dmarc.{name}");
        let (fact, queries) = client.ask_shared(&question, RecordType::TXT).await;
        self.queries += queries;
        self.above.push((name.to_owned(), fact.clone()));
        fact
    }

    fn fact(&self, name: &str) -> Option<&Arc<Fact>> {
        let mut above = self.above.iter();
        above.find(|(known, _)| known == name).map(|(_, fact)| fact)
    }

    /// What does not validate is data here, as in every column; the error beside it says so.
    fn own_answer(&self) -> Answer {
        let answer = &self.own.answer;
        match answer.outcome {
            Outcome::Failed => Err(answer.error.unwrap_or(ErrorCode::InternalError)),
            _ => Ok(self.own.records.clone()),
        }
    }

    /// Why a name above has no answer.
    fn why(&self) -> ErrorCode {
        let mut errors = self.above.iter().filter_map(|(_, fact)| fact.error());
        errors.next().unwrap_or(ErrorCode::InternalError)
    }

    fn take_walk(&self, row: &mut Dmarc, found: Discovery) -> Vec<Uri> {
        let mut answer = self.own.answer.clone();
        let at = found.found_at.as_deref();
        if let Some(fact) = at.and_then(|name| self.fact(name)) {
            answer.ede.clone_from(&fact.asked.ede);
            answer.security = fact.asked.security;
            answer.synthesised = fact.synthesised;
        }
        let consulted = self.up_to(at.unwrap_or_default());
        let are_there = !self.own.records.is_empty();
        (answer.outcome, answer.error) = self.outcome(&found, are_there, consulted);
        if found.error.is_some() && self.own.answer.outcome != Outcome::Failed {
            let failed = self.above.iter().find(|(_, fact)| fact.has_failed());
            answer.ede = failed.and_then(|(_, fact)| fact.asked.ede.clone());
        }
        answer.count = found.count;
        // Several records at the name itself are shown, though none of them counts.
        let record = found.record.as_ref().or(self.own.records.first());
        let record = record.filter(|_| answer.outcome == Outcome::Found);
        answer.record = record.map(|record| {
            let (text, cut) = stored(record);
            answer.truncated |= cut;
            text
        });
        row.set_answer(answer);
        derived::fill(row, Kind::Dmarc, record.map(Vec::as_slice), row.count);
        row.found_at = found.found_at;
        row.org_domain = found.org_domain;
        row.inherited = found.inherited;
        row.effective_policy = found.effective_policy;
        let parsed = found.record.map(|raw| dmarc::parse(&raw, Rules::Rfc9989));
        let value = parsed.and_then(|parsed| parsed.value);
        value.map_or_else(Vec::new, |record| take_tags(row, record))
    }

    fn take_suffix(&self, row: &mut Dmarc, found: Discovery, org: Option<&str>) -> Vec<Uri> {
        let consulted = org.and_then(|name| self.fact(name)).into_iter();
        let are_there = found.count > 0;
        (row.outcome_7489, row.error_7489) = self.outcome(&found, are_there, consulted);
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

    /// The answers above the domain, up to the one at a name; all of them for a name that is none of
    /// theirs, none for the domain itself.
    fn up_to(&self, name: &str) -> impl Iterator<Item = &Arc<Fact>> {
        let above = match name == self.domain {
            true => &[],
            false => self.above.as_slice(),
        };
        let at = above.iter().position(|(known, _)| known == name);
        let count = at.map_or(above.len(), |at| at + 1);
        above.iter().take(count).map(|(_, fact)| fact)
    }

    /// Found where a record applies, or where some are there all the same; with the error of data
    /// that does not validate, at the domain itself or among those that were consulted.
    fn outcome<'b>(
        &self,
        found: &Discovery,
        are_there: bool,
        mut consulted: impl Iterator<Item = &'b Arc<Fact>>,
    ) -> (Outcome, Option<ErrorCode>) {
        let own = &self.own.answer;
        if own.outcome == Outcome::Failed {
            return (Outcome::Failed, own.error);
        }
        if found.error.is_some() {
            return (Outcome::Failed, found.error);
        }
        let bogus = Some(ErrorCode::Bogus);
        let is_bogus = own.error == bogus || consulted.any(|fact| fact.asked.error == bogus);
        let outcome = match found.record.is_some() || are_there {
            true => Outcome::Found,
            false => Outcome::Absent,
        };
        (outcome, bogus.filter(|_| is_bogus))
    }
}

fn answer_of(fact: &Fact) -> Answer {
    match fact.asked.outcome {
        Outcome::Failed => Err(fact.asked.error.unwrap_or(ErrorCode::InternalError)),
        _ => Ok(fact.texts(Kind::Dmarc).map(<[u8]>::to_vec).collect()),
    }
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
