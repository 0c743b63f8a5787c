//! What an address did, attempt by attempt, and whether it is asked once more.
//!
//! A negative that costs somebody is confirmed: no STARTTLS, a broken handshake, a chain that no
//! TLSA record wants, a dead host, a temporary refusal. A refused connection, a reset before
//! STARTTLS and a block list are answers, and nobody is asked again who gave one.

use crate::probe::smtp::Conversation;
use crate::survey::faults;
use crate::table::codes::{AttemptOutcome, ErrorCode, StarttlsOutcome, TcpOutcome, TlsOutcome};
use crate::table::row::Moment;
use crate::table::rows::Attempt;

/// Alert 112, unrecognized_name (RFC 6066 3): the server wants no server name, or another one.
const UNRECOGNIZED_NAME: u8 = 112;

/// What is known of an address so far.
#[derive(Default)]
pub struct Story {
    /// The attempts that are over, in their order.
    attempts: Vec<Conversation>,
    /// The first half of an attempt: the server wanted no server name.
    refused_name: Option<Conversation>,
    /// Connections opened.
    pub connections: u16,
    /// Whether it is greeted without a server name from now on.
    pub without_sni: bool,
    local_faults: u16,
}

/// What is to be done after a conversation.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the address is done with.
    Write,
    /// The same attempt goes on without a server name.
    WithoutName,
    /// This machine failed: the same once more.
    AfterLocalFault,
    /// Asked once more, later.
    Confirm,
}

impl Story {
    /// Takes in a conversation. `mismatch`: whether its chain is one that no TLSA record wants.
    pub fn take(&mut self, seen: Conversation, mismatch: bool) -> Next {
        if seen.tcp.error == Some(ErrorCode::LocalFault) && self.local_faults < faults::TRIES {
            self.local_faults += 1;
            return Next::AfterLocalFault;
        }
        if seen.tls.alert == Some(UNRECOGNIZED_NAME) && !self.without_sni {
            self.without_sni = true;
            self.refused_name = Some(seen);
            return Next::WithoutName;
        }
        // A connection without a name that got less far hides nothing of what the first one saw.
        let seen = match self.refused_name.take() {
            Some(named) if seen.tls.outcome == TlsOutcome::NotAttempted => named,
            _ => seen,
        };
        self.attempts.push(seen);
        match self.is_open(mismatch) {
            true => Next::Confirm,
            false => Next::Write,
        }
    }

    /// Takes in that no further connection is had.
    pub fn end(&mut self, error: ErrorCode) {
        if let Some(named) = self.refused_name.take() {
            self.attempts.push(named);
            return;
        }
        let mut seen = Conversation {
            observed_at: Moment::now(),
            ..Conversation::default()
        };
        seen.tcp.outcome = TcpOutcome::Failed;
        seen.tcp.error = Some(error);
        self.attempts.push(seen);
    }

    /// Whether to ask once more. One negative wants a second one; where the first attempt said
    /// nothing, the second one was the first to say no.
    fn is_open(&self, mismatch: bool) -> bool {
        match self.attempts.as_slice() {
            [only] => mismatch || costs(&attempt(only)),
            [first, second] => {
                attempt(first).answer().is_none() && attempt(second).answer() == Some(false)
            }
            _ => false,
        }
    }

    /// The attempts; empty when there was only one.
    pub fn attempts(&self) -> Vec<Attempt> {
        match self.attempts.as_slice() {
            [_] => Vec::new(),
            several => several.iter().map(attempt).collect(),
        }
    }

    /// The attempt that got furthest, the first of equals; then the others.
    pub fn furthest_first(&self) -> Vec<&Conversation> {
        let mut sorted: Vec<_> = self.attempts.iter().collect();
        sorted.sort_by_key(|seen| std::cmp::Reverse(attempt(seen).outcome));
        sorted
    }
}

/// An attempt in three words.
fn attempt(seen: &Conversation) -> Attempt {
    let outcome = match (seen.tls.outcome, seen.starttls.outcome) {
        (TlsOutcome::Completed | TlsOutcome::HelloOnly, _) => AttemptOutcome::Completed,
        (TlsOutcome::Failed, _) => AttemptOutcome::Broken,
        (_, StarttlsOutcome::NotOffered) => AttemptOutcome::NotOffered,
        (_, StarttlsOutcome::Stripped) => AttemptOutcome::Stripped,
        (_, StarttlsOutcome::Refused) => AttemptOutcome::Refused,
        (_, StarttlsOutcome::NotAttempted) => match seen.tcp.outcome {
            TcpOutcome::Connected => AttemptOutcome::Connected,
            _ => AttemptOutcome::Failed,
        },
        _ => AttemptOutcome::Unanswered,
    };
    Attempt {
        observed_at: seen.observed_at,
        outcome,
        error: seen.tcp.error.or(seen.starttls.error).or(seen.tls.error),
    }
}

/// Whether it is a negative that costs somebody.
fn costs(attempt: &Attempt) -> bool {
    use ErrorCode::{
        GreetingTimeout, InternalError, LocalFault, Reset, TempReject, Timeout, Unreachable,
    };
    match attempt.outcome {
        AttemptOutcome::Failed => matches!(attempt.error, Some(Timeout | Unreachable)),
        AttemptOutcome::Connected => {
            matches!(attempt.error, Some(GreetingTimeout | Timeout | TempReject))
        }
        AttemptOutcome::NotOffered | AttemptOutcome::Stripped | AttemptOutcome::Refused => true,
        AttemptOutcome::Unanswered => attempt.error != Some(Reset),
        AttemptOutcome::Broken => !matches!(attempt.error, Some(LocalFault | InternalError)),
        AttemptOutcome::Completed => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A conversation that ended like this.
    fn seen(tcp: TcpOutcome, starttls: StarttlsOutcome, tls: TlsOutcome) -> Conversation {
        let mut seen = Conversation::default();
        seen.tcp.outcome = tcp;
        seen.starttls.outcome = starttls;
        seen.tls.outcome = tls;
        seen
    }

    fn failed(error: ErrorCode) -> Conversation {
        let mut seen = Conversation::default();
        seen.tcp.outcome = TcpOutcome::Failed;
        seen.tcp.error = Some(error);
        seen
    }

    fn turned_away(error: ErrorCode) -> Conversation {
        let mut seen = connected(StarttlsOutcome::NotAttempted);
        seen.starttls.error = Some(error);
        seen
    }

    fn connected(starttls: StarttlsOutcome) -> Conversation {
        seen(TcpOutcome::Connected, starttls, TlsOutcome::NotAttempted)
    }

    fn tls(outcome: TlsOutcome, error: Option<ErrorCode>, alert: Option<u8>) -> Conversation {
        let mut seen = seen(TcpOutcome::Connected, StarttlsOutcome::Accepted, outcome);
        (seen.tls.error, seen.tls.alert) = (error, alert);
        seen
    }

    fn works() -> Conversation {
        tls(TlsOutcome::Completed, None, None)
    }

    fn after(first: Conversation) -> Next {
        Story::default().take(first, false)
    }

    #[test]
    fn negatives_that_cost_somebody_are_asked_once_more() {
        use ErrorCode::{GreetingTimeout, ProtocolError, Reset, TempReject, Timeout, Unreachable};
        for first in [
            connected(StarttlsOutcome::NotOffered),
            connected(StarttlsOutcome::Stripped),
            connected(StarttlsOutcome::Refused),
            failed(Timeout),
            failed(Unreachable),
            turned_away(GreetingTimeout),
            turned_away(TempReject),
            tls(TlsOutcome::Failed, Some(ProtocolError), None),
            tls(TlsOutcome::Failed, Some(Reset), None),
        ] {
            assert_eq!(after(first), Next::Confirm);
        }
        assert_eq!(Story::default().take(works(), true), Next::Confirm);
    }

    #[test]
    fn answers_and_what_is_no_negative_are_not() {
        use ErrorCode::{Blocked, Closed, ProtocolError, Refused, Reset, SpecialPurpose};
        for first in [
            works(),
            failed(Refused),
            failed(Reset),
            failed(SpecialPurpose),
            turned_away(Blocked),
            turned_away(Reset),
            turned_away(Closed),
            turned_away(ProtocolError),
        ] {
            assert_eq!(after(first), Next::Write);
        }
    }

    #[test]
    fn a_no_that_comes_second_is_confirmed_too_and_then_it_is_enough() {
        let mut story = Story::default();
        let no = || connected(StarttlsOutcome::NotOffered);
        let late = turned_away(ErrorCode::TempReject);
        assert_eq!(story.take(late, false), Next::Confirm);
        assert_eq!(story.take(no(), false), Next::Confirm);
        assert_eq!(story.take(no(), false), Next::Write);
        assert_eq!(story.attempts().len(), 3);
        let mut twice = Story::default();
        assert_eq!(twice.take(no(), false), Next::Confirm);
        assert_eq!(twice.take(failed(ErrorCode::Timeout), false), Next::Write);
        let outcomes: Vec<_> = twice.attempts().iter().map(|one| one.outcome).collect();
        assert_eq!(
            outcomes,
            [AttemptOutcome::NotOffered, AttemptOutcome::Failed]
        );
    }

    #[test]
    fn the_attempt_that_got_furthest_is_shown() {
        let mut story = Story::default();
        story.take(failed(ErrorCode::Timeout), false);
        story.take(works(), false);
        assert_eq!(story.furthest_first()[0].tls.outcome, TlsOutcome::Completed);
        let mut equal = Story::default();
        for observed_at in [Moment(1), Moment(2)] {
            let again = Conversation {
                observed_at,
                ..connected(StarttlsOutcome::NotOffered)
            };
            equal.take(again, false);
        }
        assert_eq!(equal.furthest_first()[0].observed_at, Moment(1));
    }

    #[test]
    fn an_attempt_without_a_server_name_is_no_confirmation() {
        let mut story = Story::default();
        let alert = || tls(TlsOutcome::Failed, Some(ErrorCode::TlsAlert), Some(112));
        assert_eq!(story.take(alert(), false), Next::WithoutName);
        assert_eq!(story.take(works(), false), Next::Write);
        assert!(story.attempts().is_empty(), "one attempt, two connections");
        let mut broken = Story::default();
        assert_eq!(broken.take(alert(), false), Next::WithoutName);
        assert_eq!(broken.take(alert(), false), Next::Confirm);
        let mut lost = Story::default();
        lost.take(alert(), false);
        lost.take(failed(ErrorCode::Timeout), false);
        assert_eq!(lost.furthest_first()[0].tls.alert, Some(112));
        let mut capped = Story::default();
        capped.take(alert(), false);
        capped.end(ErrorCode::RateCapped);
        assert!(capped.attempts().is_empty());
        assert_eq!(capped.furthest_first()[0].tls.alert, Some(112));
    }

    #[test]
    fn a_fault_of_this_machine_is_no_attempt_until_it_stays() {
        let mut story = Story::default();
        let fault = || failed(ErrorCode::LocalFault);
        assert_eq!(story.take(fault(), false), Next::AfterLocalFault);
        assert_eq!(story.take(fault(), false), Next::AfterLocalFault);
        assert_eq!(story.take(fault(), false), Next::Write);
    }
}
