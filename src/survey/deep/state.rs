//! What all answers so far add up to: what is accepted, what is refused, and what was asked in vain.

use std::collections::{HashMap, HashSet};

use super::exam::Said;
use super::known::Known;
use crate::probe::hello::Flight;
use crate::table::codes::ErrorCode;
use crate::table::tls_codes::{HelloKind, HelloOutcome};
use crate::tls_names::alert::PROTOCOL_VERSION;
use crate::tls_names::{Version, group_number, suite_number};

/// A question: the kind of its hellos, and the newest version that they offer.
pub type Question = (HelloKind, Version);

/// Alerts that say that nothing of what was offered will do: handshake_failure, protocol_version,
/// insufficient_security.
const CLEAR: [u8; 3] = [40, 70, 71];
/// Answers in a row that say nothing, or nothing clear, before a question is given up or taken for
/// refused.
const TRIES: u8 = 2;

/// Where a question stands.
#[derive(Debug, Default)]
struct Standing {
    /// Suites that were refused: none of them is accepted where one of them was offered alone, or with
    /// others that are not.
    suites: HashSet<u16>,
    /// The same of groups.
    groups: HashSet<u16>,
    /// Whether everything that was offered last was refused.
    refused: bool,
    /// Whether it was given up.
    given_up: bool,
    /// Answers in a row that were not clear.
    unclear: u8,
    /// Whether one of them said nothing at all.
    silent: bool,
}

/// What all answers so far add up to.
#[derive(Debug)]
pub struct State {
    /// With what was accepted, in the order of acceptance.
    pub known: Known,
    questions: HashMap<Question, Standing>,
    /// Hellos in a row that got no answer at all.
    pub silences: u8,
}

impl State {
    /// What was known, and what was said since.
    pub fn of(known: &Known, said: &[Said]) -> Self {
        let mut state = Self {
            known: known.clone(),
            questions: HashMap::new(),
            silences: 0,
        };
        for said in said {
            state.take(said);
        }
        state
    }

    /// Whether a question was given up.
    pub fn is_given_up(&self, question: Question) -> bool {
        self.questions
            .get(&question)
            .is_some_and(|standing| standing.given_up)
    }

    /// Whether a question was refused whole, or given up: there is no more to it.
    pub fn is_settled(&self, question: Question) -> bool {
        self.questions
            .get(&question)
            .is_some_and(|standing| standing.given_up || standing.refused)
    }

    /// Those of some suites that a question did not settle yet.
    pub fn open_suites(&self, question: Question, all: &[u16]) -> Vec<u16> {
        let is_accepted = |suite: &u16| self.known.suites.iter().any(|(_, known)| known == suite);
        let refused = self.questions.get(&question);
        let is_refused = |suite: &u16| refused.is_some_and(|known| known.suites.contains(suite));
        let open = all.iter().copied();
        open.filter(|suite| !is_accepted(suite) && !is_refused(suite))
            .collect()
    }

    /// The same of groups.
    pub fn open_groups(&self, question: Question, all: &[u16]) -> Vec<u16> {
        let refused = self.questions.get(&question);
        let is_refused = |group: &u16| refused.is_some_and(|known| known.groups.contains(group));
        let open = all.iter().copied();
        open.filter(|group| !self.known.groups.contains(group) && !is_refused(group))
            .collect()
    }

    fn take(&mut self, said: &Said) {
        let question = said.question();
        match said.answer.outcome {
            HelloOutcome::Accepted => self.accepted(question, said),
            HelloOutcome::Refused => {
                self.silences = 0;
                self.refused(question, said);
            }
            HelloOutcome::Unknown => {
                self.silences += 1;
                let standing = self.questions.entry(question).or_default();
                standing.unclear += 1;
                standing.silent = true;
                standing.given_up = standing.unclear >= TRIES;
            }
        }
    }

    fn accepted(&mut self, question: Question, said: &Said) {
        self.silences = 0;
        let standing = self.questions.entry(question).or_default();
        standing.unclear = 0;
        standing.silent = false;
        let Some(flight) = &said.answer.flight else {
            return;
        };
        let group = flight.group.as_deref().and_then(group_number);
        // One that chooses what was not offered would do so for ever.
        if question.0 == HelloKind::Groups
            && !group.is_some_and(|it| said.hello.groups.contains(&it))
        {
            standing.given_up = true;
        }
        self.learn(question, flight, group);
    }

    fn learn(&mut self, (kind, newest): Question, flight: &Flight, group: Option<u16>) {
        let known = &mut self.known;
        if let Some(version) = Version::of_name(&flight.version) {
            known.accept(version);
            if kind == HelloKind::Version {
                for newer in Version::ALL {
                    if newer > version && newer <= newest {
                        known.refuse(newer, newer, None);
                    }
                }
            }
            let pair = suite_number(&flight.cipher).map(|suite| (version, suite));
            let pair = pair.filter(|pair| !known.suites.contains(pair));
            known.suites.extend(pair);
        }
        let group = group.filter(|group| !known.groups.contains(group));
        known.groups.extend(group);
    }

    fn refused(&mut self, question: Question, said: &Said) {
        let answer = &said.answer;
        let standing = self.questions.entry(question).or_default();
        let is_clear = answer.alert.is_some_and(|alert| CLEAR.contains(&alert))
            // A word of SSL 2.0.
            || answer.error == Some(ErrorCode::Refused);
        standing.unclear += 1;
        if !is_clear && standing.unclear < TRIES {
            return;
        }
        if !is_clear && standing.silent {
            standing.given_up = true;
            return;
        }
        standing.unclear = 0;
        match question.0 {
            HelloKind::Groups => standing.groups.extend(&said.hello.groups),
            HelloKind::Suites => standing.suites.extend(said.hello.sent_suites()),
            _ => standing.refused = true,
        }
        let (kind, newest) = question;
        if matches!(kind, HelloKind::Version | HelloKind::Ssl2) {
            let oldest = newest.min(Version::Ssl3);
            self.known.refuse(oldest, newest, answer.alert);
        }
        // Alert 40 may be for a group or a scheme that TLS 1.3 is spoken with there.
        if question == (HelloKind::Suites, Version::Tls1_3)
            && answer.alert == Some(PROTOCOL_VERSION)
            && !self
                .known
                .suites
                .iter()
                .any(|(version, _)| *version == newest)
        {
            self.known.refuse(newest, newest, answer.alert);
        }
    }
}
