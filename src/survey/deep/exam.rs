//! What a server is asked, one hello after the other: [`Exam::next`] is a pure function of what was
//! said so far, so that an examination goes on after a crash where it was.
//!
//! Suites and groups are found by elimination: all that were not accepted yet are offered, until
//! nothing is chosen any more.

use super::known::Known;
use super::preference;
use super::state::{Question, State};
use crate::pace::DEEP;
use crate::probe::hello::{Answer, Hello};
use crate::table::row::Moment;
use crate::table::tls_codes::{HelloKind, VersionResult};
use crate::tls_names::{self, Version};

/// Hellos in a row without any answer, after which nothing more is asked.
const SILENCES: u8 = 3;
/// Versions before TLS 1.3 whose suites are asked for, newest first.
const CLASSIC: [Version; 4] = [
    Version::Tls1_2,
    Version::Tls1_1,
    Version::Tls1_0,
    Version::Ssl3,
];

/// A hello and its answer.
#[derive(Debug, Clone)]
pub struct Said {
    /// What was offered.
    pub hello: Hello,
    /// When.
    pub observed_at: Moment,
    /// What came back, without certificates.
    pub answer: Answer,
}

impl Said {
    /// What it belongs to.
    pub fn question(&self) -> Question {
        (self.hello.kind, self.hello.version)
    }
}

/// The examination of one server.
#[derive(Debug, Clone, Default)]
pub struct Exam {
    /// What was known before.
    pub known: Known,
    /// What was said, in its order.
    pub said: Vec<Said>,
    /// Whether it cannot go on: what was said does not fit what would have been asked.
    pub is_over: bool,
}

/// What somebody wants to know; none where it is known, or cannot be.
type Goal = fn(&Exam, &State) -> Option<Hello>;

/// In the order of the hellos: what takes few comes first.
const GOALS: [Goal; 9] = [
    new_suites,
    new_groups,
    versions,
    ssl2,
    sha1,
    old_groups,
    order_of_old,
    old_suites,
    order_of_new,
];

impl Exam {
    /// The next hello; none when there is nothing more to ask.
    pub fn next(&self) -> Option<Hello> {
        let state = self.state();
        let is_tired = self.is_over || state.silences >= SILENCES;
        if is_tired || self.said.len() >= DEEP as usize {
            return None;
        }
        GOALS.iter().find_map(|goal| goal(self, &state))
    }

    /// What is known by now.
    pub fn state(&self) -> State {
        State::of(&self.known, &self.said)
    }

    /// Whether every suite was asked for that there is.
    pub fn has_all_suites(&self, state: &State) -> bool {
        let all = |version| {
            let question = (HelloKind::Suites, version);
            let all = Hello::up_to(HelloKind::Suites, version).suites;
            let is_refused = state.known.result(version) == VersionResult::Refused;
            is_refused
                || !state.is_given_up(question) && state.open_suites(question, &all).is_empty()
        };
        // SSL 2.0 names its suites by itself, but not in a column.
        let no_ssl2 = is_no(state.known.result(Version::Ssl2));
        // Of a version that nobody knows of, nobody knows the suites.
        let new = is_no(state.known.result(Version::Tls1_3))
            || accepts(state, Version::Tls1_3) && all(Version::Tls1_3) && self.hears_retries(state);
        no_ssl2 && new && CLASSIC.into_iter().all(all)
    }

    /// The same of groups.
    pub fn has_all_groups(&self, state: &State) -> bool {
        let all = |version| {
            let question = (HelloKind::Groups, version);
            let all = Hello::up_to(HelloKind::Groups, version).groups;
            !state.is_given_up(question) && state.open_groups(question, &all).is_empty()
        };
        let is_new = accepts(state, Version::Tls1_3);
        let no = |version| is_no(state.known.result(version));
        let new =
            no(Version::Tls1_3) || is_new && all(Version::Tls1_3) && self.hears_retries(state);
        // Of a version that nobody knows of, nobody knows the groups.
        let newest = CLASSIC.into_iter().find(|version| !no(*version));
        let old = newest.is_none_or(|version| {
            // A certificate on a curve wants the curve, which is not offered any more: a refusal may
            // be for that.
            let on_curve = |(_, suite): &(Version, u16)| {
                tls_names::suite(*suite).starts_with("TLS_ECDHE_ECDSA_")
            };
            let is_on_curve = state.known.suites.iter().any(on_curve);
            let is_asked = accepts(state, version) && self.known.extensions && all(version);
            is_asked && (is_new || !is_on_curve)
        });
        new && old
    }

    /// Whether refusals of TLS 1.3 are about what was offered: hellos without a key share were answered
    /// before. Who never answered one may want a share in it.
    fn hears_retries(&self, state: &State) -> bool {
        let answered =
            |said: &Said| said.hello.version == Version::Tls1_3 && said.answer.flight.is_some();
        !accepts(state, Version::Tls1_3) || self.said.iter().any(answered)
    }

    /// A hello up to a version that this server bears.
    fn hello(&self, kind: HelloKind, version: Version) -> Hello {
        let mut hello = Hello::up_to(kind, version);
        hello.extensions &= self.known.extensions || version == Version::Tls1_3;
        hello
    }

    fn suites(&self, state: &State, version: Version) -> Option<Hello> {
        let question = (HelloKind::Suites, version);
        if state.known.result(version) == VersionResult::Refused || state.is_settled(question) {
            return None;
        }
        let mut hello = self.hello(HelloKind::Suites, version);
        hello.suites = state.open_suites(question, &hello.suites);
        (!hello.suites.is_empty()).then_some(hello)
    }

    fn groups(&self, state: &State, version: Version) -> Option<Hello> {
        let question = (HelloKind::Groups, version);
        let mut hello = self.hello(HelloKind::Groups, version);
        if !hello.extensions || state.is_settled(question) {
            return None;
        }
        if version < Version::Tls1_3 {
            hello.suites.retain(|suite| {
                let name = tls_names::suite(*suite);
                name.starts_with("TLS_ECDHE_")
            });
        }
        hello.groups = state.open_groups(question, &hello.groups);
        (!hello.groups.is_empty()).then_some(hello)
    }
}

fn is_no(result: VersionResult) -> bool {
    use VersionResult::{ImpliedRefused, Refused};
    matches!(result, Refused | ImpliedRefused)
}

fn accepts(state: &State, version: Version) -> bool {
    state.known.result(version) == VersionResult::Accepted
}

/// The newest version before TLS 1.3 that is accepted.
fn newest_old(state: &State) -> Option<Version> {
    CLASSIC.into_iter().find(|version| accepts(state, *version))
}

fn new_suites(exam: &Exam, state: &State) -> Option<Hello> {
    exam.suites(state, Version::Tls1_3)
}

fn new_groups(exam: &Exam, state: &State) -> Option<Hello> {
    exam.groups(state, Version::Tls1_3)
        .filter(|_| accepts(state, Version::Tls1_3))
}

/// Each version of which nobody knows.
fn versions(exam: &Exam, state: &State) -> Option<Hello> {
    let is_open = |version: &Version| {
        let question = (HelloKind::Version, *version);
        state.known.result(*version) == VersionResult::Unknown && !state.is_settled(question)
    };
    let version = CLASSIC.into_iter().find(is_open)?;
    Some(exam.hello(HelloKind::Version, version))
}

fn ssl2(_: &Exam, state: &State) -> Option<Hello> {
    let is_open = state.known.result(Version::Ssl2) == VersionResult::Unknown
        && !state.is_settled((HelloKind::Ssl2, Version::Ssl2));
    is_open.then(|| Hello::of(HelloKind::Ssl2))
}

/// Signatures with SHA-1, which TLS 1.2 alone can be asked about: only suites whose key exchange is
/// signed.
fn sha1(exam: &Exam, state: &State) -> Option<Hello> {
    let question = (HelloKind::Sha1, Version::Tls1_2);
    let was_asked = exam
        .said
        .iter()
        .any(|said| said.question() == question && said.answer.flight.is_some());
    let is_open = exam.known.extensions
        && accepts(state, Version::Tls1_2)
        && !was_asked
        && !state.is_settled(question);
    let mut hello = Hello::of(HelloKind::Sha1);
    hello.suites.retain(|suite| {
        let name = tls_names::suite(*suite);
        name.starts_with("TLS_ECDHE_") || name.starts_with("TLS_DHE_")
    });
    is_open.then_some(hello)
}

fn old_groups(exam: &Exam, state: &State) -> Option<Hello> {
    newest_old(state).and_then(|version| exam.groups(state, version))
}

/// What is accepted, the other way round.
fn order_of_old(exam: &Exam, state: &State) -> Option<Hello> {
    newest_old(state).and_then(|version| preference::hello(exam, state, version))
}

fn order_of_new(exam: &Exam, state: &State) -> Option<Hello> {
    match newest_old(state) {
        None => preference::hello(exam, state, Version::Tls1_3),
        Some(_) => None,
    }
}

fn old_suites(exam: &Exam, state: &State) -> Option<Hello> {
    CLASSIC
        .into_iter()
        .find_map(|version| exam.suites(state, version))
}
