//! DKIM without a message: does a domain have keys, and which?
//!
//! A domain does not list its selectors. So `_domainkey` is asked for first, and where it is there,
//! the likeliest selector; without a key at it, a name beside `_domainkey` that nobody has: does a
//! name that does not exist look otherwise (RFC 8020)? Then come the selectors of whoever handles the
//! mail and those that anybody may have, until one has a live key. A key found before any selector
//! was denied is compared with what stands at a selector that nobody has.
//!
//! Both names that nobody has are a hash of the domain, so that a survey that goes on asks the same:
//! `_mc<hash>.<domain>` and `mc<hash>._domainkey.<domain>`.

mod keys;

use hickory_resolver::proto::rr::RecordType;

use self::keys::{is_live, keys_of, texts};
use super::answer::{self, Answer};
use super::denying::Denying;
use super::forward::Client;
use super::name::name_of;
use super::selectors::{Guess, Selectors};
use crate::table::codes::{Denial, ErrorCode, MxKind, Outcome, Security};
use crate::table::record_codes::DkimExistence;
use crate::table::rows::{Asked, Dkim, Mx, Spf};
use crate::text;

/// Queries for one domain, retries included.
const BUDGET: u32 = 12;
/// What a question takes that fails: SERVFAIL, the same with CD set, and SERVFAIL again. None is
/// asked for which that is not left.
const FAILING: u32 = 3;
/// Selectors of the provider that are asked for although `_domainkey` does not exist: some name
/// servers deny names that only have others below (RFC 8020 1).
const ANYWAY: usize = 3;
/// Bytes kept of what a wildcard says.
const WILDCARD_VALUE: usize = 8 << 10;

/// Asks what is not known yet of a domain, by its MX and SPF records; says how many queries that
/// took. Most answers are denials: also says how the zone of the domain gives them, if it is one.
pub async fn ask(
    client: &Client,
    domain: &str,
    (mx, spf): (&Mx, &Spf),
    dkim: &mut Dkim,
) -> (u32, Denying) {
    if !is_open(dkim) {
        return (0, Denying::default());
    }
    let guess = guess(domain, mx, spf);
    dkim.provider = guess.provider.map(str::to_owned);
    let mut search = Search {
        client,
        domain,
        dkim,
        queries: 0,
        error: None,
        nobody: Nobody::Open,
        denying: Denying::default(),
    };
    search.run(&guess).await;
    let asked = (search.queries, search.denying);
    let error = search.error;
    // A live key tells, whatever else failed.
    dkim.error = error.filter(|_| !dkim.keys.iter().any(is_live));
    dkim.existence = existence(dkim);
    asked
}

/// Whether a question without an answer could tell more.
pub fn has_failed(dkim: &Dkim) -> bool {
    dkim.subtree.outcome != Outcome::NotAttempted && dkim.error.is_some()
}

fn is_open(dkim: &Dkim) -> bool {
    dkim.subtree.outcome == Outcome::NotAttempted || has_failed(dkim)
}

/// What the answers come to. A key tells, whatever else failed; so does a subtree where names that
/// do not exist are denied.
fn existence(dkim: &Dkim) -> DkimExistence {
    let denied = |asked: &Asked| asked.denial == Some(Denial::Nxdomain);
    let compact = |asked: &Asked| asked.denial == Some(Denial::Compact);
    if !dkim.keys.is_empty() {
        return DkimExistence::KeyFound;
    }
    if dkim.wildcard_value.is_some() {
        return DkimExistence::Wildcard;
    }
    let there = is_answered(&dkim.subtree) && !denied(&dkim.subtree) && !compact(&dkim.subtree);
    if there && is_answered(&dkim.control) && denied(&dkim.control) {
        return DkimExistence::SubtreeExists;
    }
    if dkim.error.is_some() {
        return DkimExistence::Unknown;
    }
    if denied(&dkim.subtree) {
        return DkimExistence::Absent;
    }
    match compact(&dkim.subtree) || compact(&dkim.control) {
        true => DkimExistence::CompactDenial,
        false => DkimExistence::Wildcard,
    }
}

/// What is known of a selector that nobody has.
#[derive(Debug, PartialEq, Eq)]
enum Nobody {
    /// Nothing, yet.
    Open,
    /// It does not exist.
    Denied,
    /// It exists, with these texts.
    There(Vec<Vec<u8>>),
}

struct Search<'a> {
    client: &'a Client,
    domain: &'a str,
    dkim: &'a mut Dkim,
    queries: u32,
    error: Option<ErrorCode>,
    nobody: Nobody,
    denying: Denying,
}

impl Search<'_> {
    async fn run(&mut self, guess: &Guess<'_>) {
        let all: Vec<&str> = guess.own.iter().chain(&guess.common).copied().collect();
        let first = guess.own.len().min(ANYWAY);
        if !is_answered(&self.dkim.subtree) {
            self.dkim.subtree = asked(&self.question("_domainkey").await);
        }
        if self.is_there() {
            // The likeliest selector costs as much as the control, and a key makes that needless.
            self.selectors(&all, first, 1).await;
            self.control().await;
        }
        let worth = match self.reach().await {
            Reach::Nothing => 0,
            Reach::First => first,
            Reach::All => all.len(),
        };
        self.selectors(&all, first, worth).await;
    }

    /// Whether `_domainkey` exists, as far as its own answer tells.
    fn is_there(&self) -> bool {
        let denial = self.dkim.subtree.denial;
        let is_denied = matches!(denial, Some(Denial::Nxdomain | Denial::Compact));
        is_answered(&self.dkim.subtree) && !is_denied
    }

    /// The name beside `_domainkey`, unless it is known already what its answer would lead to.
    async fn control(&mut self) {
        let is_told = self.is_found() || self.dkim.wildcard_value.is_some();
        if !is_told && !is_answered(&self.dkim.control) {
            let label = format!("_mc{}", hash(self.domain));
            let answer = self.question(&label).await;
            self.dkim.control = asked(&answer);
            // Nobody has names below it: that it has no records means that it is not there.
            if answer.has_nothing() {
                self.dkim.control.denial = Some(Denial::Compact);
            }
        }
    }

    fn is_found(&self) -> bool {
        self.dkim.keys.iter().any(is_live)
    }

    /// Asks for the selectors up to one until there is a live key or the budget is used up; the
    /// first of them even where every selector exists.
    async fn selectors(&mut self, all: &[&str], first: usize, worth: usize) {
        for (at, selector) in all.iter().take(worth).enumerate() {
            // A key takes one more question, for the selector that nobody has.
            let is_left = self.queries + FAILING < BUDGET;
            // Where every selector exists, few have something of their own.
            let is_late = at >= first && matches!(self.nobody, Nobody::There(_));
            if !is_left || self.is_found() || is_late {
                return;
            }
            if !self.dkim.selectors.iter().any(|known| known == selector) {
                self.selector(selector).await;
            }
        }
    }

    /// How many selectors are worth a question.
    async fn reach(&mut self) -> Reach {
        let (subtree, control) = (&self.dkim.subtree, &self.dkim.control);
        if !is_answered(subtree) {
            return Reach::First;
        }
        match (subtree.denial, control.denial) {
            // A denial that validates proves that nothing is below, either (RFC 4035 5.4, RFC 5155
            // 8.4): no name server breaks it.
            (Some(Denial::Nxdomain), _) if subtree.security == Security::Secure => Reach::Nothing,
            (Some(Denial::Nxdomain | Denial::Compact), _) => Reach::First,
            (_, Some(Denial::Nxdomain | Denial::Compact)) => Reach::All,
            _ if !is_answered(control) => Reach::First,
            // Every name exists. Below a name that is really there, a wildcard beside it makes
            // none (RFC 4592 2.2.1).
            _ => {
                if self.nobody == Nobody::Open {
                    self.ask_nobody().await;
                }
                Reach::All
            }
        }
    }

    async fn selector(&mut self, selector: &str) {
        let answer = self.question(&format!("{selector}._domainkey")).await;
        if is_lost(&answer) {
            return;
        }
        if answer.is_nxdomain() && self.nobody == Nobody::Open {
            self.nobody = Nobody::Denied;
        }
        let texts = texts(&answer);
        // A signature tells a name from a wildcard; that of an alias is about another name.
        let is_own = answer.names.len() == 1 && answer.synthesised() == Some(false);
        if !texts.is_empty() && !is_own && self.nobody == Nobody::Open {
            self.ask_nobody().await;
            if self.nobody == Nobody::Open {
                return;
            }
        }
        self.dkim.selectors.push(selector.to_owned());
        let same = matches!(&self.nobody, Nobody::There(others) if *others == texts);
        if !same {
            self.dkim.keys.extend(keys_of(selector, &answer, &texts));
        }
    }

    async fn ask_nobody(&mut self) {
        let label = format!("mc{}._domainkey", hash(self.domain));
        let answer = self.question(&label).await;
        if is_lost(&answer) {
            return;
        }
        let texts = texts(&answer);
        let value = texts
            .first()
            .map(|text| text::escape(text, WILDCARD_VALUE).0);
        self.dkim.wildcard_value = value;
        self.nobody = match answer.is_nxdomain() {
            true => Nobody::Denied,
            false => Nobody::There(texts),
        };
    }

    /// Asks for the TXT records of a name below the domain.
    async fn question(&mut self, labels: &str) -> Answer {
        let answer = match name_of(&format!("{labels}.{}", self.domain)) {
            Some(name) => self.client.ask(&name, RecordType::TXT).await,
            // Too long to exist.
            None => Answer::nonexistent(),
        };
        self.queries += answer.queries;
        self.denying.note(&answer, self.domain);
        if is_lost(&answer) {
            self.error = self.error.or(answer.error);
        }
        answer
    }
}

/// How many selectors are asked for.
enum Reach {
    /// None.
    Nothing,
    /// The first of the provider.
    First,
    /// Those of the provider and those that anybody may have.
    All,
}

/// Under which names the domain may have keys, by its mail hosts and its SPF record.
fn guess(domain: &str, mx: &Mx, spf: &Spf) -> Guess<'static> {
    let implicit = mx.kind == Some(MxKind::Implicit);
    let hosts = mx.records.iter().map(|record| record.host.as_str());
    let hosts = hosts.chain(implicit.then_some(domain));
    let targets = spf.includes.iter().chain(&spf.redirect);
    Selectors::shipped().guess(hosts, targets.map(String::as_str))
}

/// Part of a label that nobody has: of a survey's own making, and the same whenever it asks.
pub fn hash(domain: &str) -> String {
    let mut hash = text::sha256_of(domain.as_bytes());
    hash.drain(.."sha256:".len());
    hash.truncate(16);
    hash
}

/// An alias exists even where its target does not.
fn asked(answer: &Answer) -> Asked {
    let mut asked = Asked::from(answer);
    if answer.names.len() > 1 && asked.denial == Some(Denial::Nxdomain) {
        asked.denial = Some(Denial::Nodata);
    }
    asked
}

fn is_answered(asked: &Asked) -> bool {
    !answer::is_open(asked.outcome, asked.error)
}

fn is_lost(answer: &Answer) -> bool {
    answer::has_failed(answer.outcome, answer.error)
}
