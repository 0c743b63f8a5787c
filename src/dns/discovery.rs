//! What is asked to find out which DMARC record applies: at the domain itself, and at names above
//! it, which are shared with its neighbours, so that a top-level domain is asked once.

use std::sync::Arc;

use hickory_resolver::proto::rr::RecordType;

use super::fact::Fact;
use super::forward::Client;
use super::policies::Texts;
use crate::records::dmarc::{self, Answer, Discovery};
use crate::records::version::Kind;
use crate::table::codes::{ErrorCode, Outcome};

/// What was asked for one domain.
pub struct Asked<'a> {
    domain: &'a str,
    /// The answer at the domain itself.
    pub own: Texts,
    /// The names above, as far as they were asked, and what became of that.
    above: Vec<(String, Arc<Fact>)>,
    /// Queries sent.
    pub queries: u32,
}

impl<'a> Asked<'a> {
    /// Nothing above the domain was asked yet.
    pub fn new(domain: &'a str, own: Texts) -> Self {
        Self {
            domain,
            queries: own.queries,
            own,
            above: Vec::new(),
        }
    }

    /// Asks one name after the other until it is known which record applies, and where the
    /// organisation ends.
    pub async fn walk(&mut self, client: &Client) -> Discovery {
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
    pub fn registrable<'b>(&self, registrable: Option<&'b str>) -> Option<&'b str> {
        let is_open = self.own_answer().is_ok_and(|records| records.is_empty());
        registrable.filter(|name| is_open && *name != self.domain)
    }

    /// By the public suffix list: at the domain itself, and where its record may apply at that name.
    pub async fn by_suffix(&mut self, client: &Client, org: Option<&str>) -> Discovery {
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

    /// The answer at a name above.
    pub fn fact(&self, name: &str) -> Option<&Arc<Fact>> {
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
    pub fn why(&self) -> ErrorCode {
        let why = self.failed().and_then(|fact| fact.error());
        why.unwrap_or(ErrorCode::InternalError)
    }

    /// The first answer above the domain that failed.
    pub fn failed(&self) -> Option<&Fact> {
        let mut facts = self.above.iter().map(|(_, fact)| fact.as_ref());
        facts.find(|fact| fact.has_failed())
    }

    /// The answers above the domain, up to the one at a name; all of them for a name that is none of
    /// theirs, none for the domain itself.
    pub fn up_to(&self, name: &str) -> impl Iterator<Item = &Arc<Fact>> {
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
    pub fn outcome<'b>(
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
