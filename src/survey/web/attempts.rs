//! What the addresses of a host did, attempt by attempt, and whether it is asked once more.
//!
//! An attempt goes from address to address until one takes a connection. A negative is confirmed; what
//! one is, the caller says: see [`Answers`].

use std::net::IpAddr;
use std::sync::Arc;

use super::hosts::Hidden;
use crate::probe::https::Exchange;
use crate::survey::faults;
use crate::table::codes::{ErrorCode, TcpOutcome, TlsOutcome};
use crate::table::row::Moment;

/// What somebody says of what was asked: yes, no, or nothing.
pub type Answers = fn(&Seen) -> Option<bool>;

/// What was seen at an address.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The address; none where none is known.
    pub ip: Option<IpAddr>,
    /// Whose budget was charged; none where nothing was dialled.
    pub operator: Option<Arc<str>>,
    /// What it did.
    pub exchange: Exchange,
}

impl Seen {
    /// Nothing was dialled.
    pub fn nothing(ip: Option<IpAddr>, error: ErrorCode) -> Self {
        let mut exchange = Exchange {
            observed_at: Moment::now(),
            error: Some(error),
            ..Exchange::default()
        };
        exchange.tcp.error = Some(error);
        Self {
            ip,
            operator: None,
            exchange,
        }
    }

    fn progress(&self) -> u8 {
        let seen = &self.exchange;
        match (seen.status, seen.error) {
            _ if seen.body.is_some() => 5,
            // A server that is not well says less than one that is.
            (Some(..500), None) => 4,
            (Some(_), _) => 3,
            _ if seen.tls.outcome == TlsOutcome::Completed => 2,
            _ => u8::from(seen.tcp.outcome == TcpOutcome::Connected),
        }
    }
}

/// What is known of a host so far.
#[derive(Default)]
pub struct Story {
    /// The attempts that are over, in their order.
    attempts: Vec<Seen>,
    /// What addresses of this attempt did that took no connection.
    unconnected: Vec<Seen>,
    /// What became of the connections of the last attempt, address by address: none where there was
    /// one.
    pub tried: Vec<(IpAddr, Option<ErrorCode>)>,
    /// Connections opened.
    pub connections: u16,
    local_faults: u16,
}

/// What is to be done after a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the host is done with.
    Write,
    /// The same attempt goes on at the next address.
    Elsewhere,
    /// This machine failed: the same once more.
    AfterLocalFault,
    /// Asked once more, later.
    Confirm,
}

impl Story {
    /// Takes in what an address did. `more`: whether there is another one to dial. `hidden`:
    /// one that there may be besides.
    pub fn take(
        &mut self,
        seen: Seen,
        more: bool,
        hidden: Option<Hidden>,
        answers: Answers,
    ) -> Next {
        let is_local = seen.exchange.tcp.error == Some(ErrorCode::LocalFault);
        if is_local && self.local_faults < faults::TRIES {
            self.local_faults += 1;
            return Next::AfterLocalFault;
        }
        let is_connected = seen.exchange.tcp.outcome == TcpOutcome::Connected;
        if self.unconnected.is_empty() {
            self.tried.clear();
        }
        self.tried
            .extend(seen.ip.map(|ip| (ip, seen.exchange.tcp.error)));
        self.unconnected.push(seen);
        if !is_connected && more {
            return Next::Elsewhere;
        }
        let mut tried = std::mem::take(&mut self.unconnected);
        if !is_connected {
            tried.extend(hidden.map(|(ip, error)| Seen::nothing(ip, error)));
            // Where one address says nothing, the host may well be there.
            tried.sort_by_key(|seen| answers(seen).is_some());
            tried.truncate(1);
        }
        self.attempts.extend(tried.pop());
        match self.is_open(answers) {
            true => Next::Confirm,
            false => Next::Write,
        }
    }

    /// Takes in that no connection is had.
    pub fn end(&mut self, ip: IpAddr, error: ErrorCode) {
        self.unconnected.clear();
        self.attempts.push(Seen::nothing(Some(ip), error));
    }

    /// One negative wants a second one; where the first attempt said nothing, the second one was the
    /// first to say no.
    fn is_open(&self, answers: Answers) -> bool {
        match self.attempts.as_slice() {
            [only] => answers(only) != Some(true) && was_asked(only),
            [first, second] => {
                let both = [first, second].map(answers);
                both == [None, Some(false)]
            }
            _ => false,
        }
    }

    /// The attempts; empty when there was only one.
    pub fn attempts(&self) -> &[Seen] {
        match self.attempts.as_slice() {
            [_] => &[],
            several => several,
        }
    }

    /// The attempt that got furthest, the first of equals.
    pub fn furthest(&self) -> Option<&Seen> {
        let attempts = self.attempts.iter();
        attempts.min_by_key(|seen| std::cmp::Reverse(seen.progress()))
    }
}

/// Whether it is theirs that there is no answer.
fn was_asked(seen: &Seen) -> bool {
    use ErrorCode::{
        Budget, Excluded, InternalError, LocalFault, NoIpv6Vantage, RateCapped, SpecialPurpose,
    };
    !matches!(
        seen.exchange.error,
        Some(
            Budget
                | Excluded
                | InternalError
                | LocalFault
                | NoIpv6Vantage
                | RateCapped
                | SpecialPurpose
        )
    )
}

#[cfg(test)]
mod tests {
    use ErrorCode::{LocalFault, NoIpv6Vantage, Refused, SpecialPurpose, Timeout};

    use super::*;

    const IP: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    fn failed(error: ErrorCode) -> Seen {
        Seen::nothing(IP, error)
    }

    fn status(status: u16) -> Seen {
        let mut exchange = Exchange {
            status: Some(status),
            body: (status == 200).then(Vec::new),
            ..Exchange::default()
        };
        exchange.tcp.outcome = TcpOutcome::Connected;
        Seen {
            ip: IP,
            operator: None,
            exchange,
        }
    }

    /// Whether there is a page.
    fn answers(seen: &Seen) -> Option<bool> {
        match (seen.exchange.status, seen.exchange.error) {
            (Some(status), _) => Some(status == 200),
            (None, Some(Refused | SpecialPurpose)) => Some(false),
            (None, _) => None,
        }
    }

    fn after(all: &[Seen]) -> (Vec<Next>, Story) {
        let mut story = Story::default();
        let next = |seen: &Seen| story.take(seen.clone(), false, None, answers);
        (all.iter().map(next).collect(), story)
    }

    fn shown(story: &Story) -> (Option<u16>, Option<ErrorCode>) {
        let seen = &story.furthest().expect("an attempt").exchange;
        (seen.status, seen.error)
    }

    #[test]
    fn negatives_are_asked_once_more_and_answers_are_not() {
        for first in [status(404), status(301), failed(Refused), failed(Timeout)] {
            assert_eq!(after(&[first]).0, [Next::Confirm]);
        }
        for first in [status(200), failed(SpecialPurpose), failed(NoIpv6Vantage)] {
            assert_eq!(after(&[first]).0, [Next::Write]);
        }
    }

    #[test]
    fn a_no_that_comes_second_is_confirmed_too_and_then_it_is_enough() {
        let (next, story) = after(&[failed(Timeout), status(404), status(404)]);
        assert_eq!(next, [Next::Confirm, Next::Confirm, Next::Write]);
        assert_eq!(story.attempts().len(), 3);
        let (next, story) = after(&[status(404), status(200)]);
        assert_eq!(next, [Next::Confirm, Next::Write]);
        assert_eq!(shown(&story), (Some(200), None));
        let (_, story) = after(&[status(404), failed(Timeout)]);
        assert_eq!(shown(&story), (Some(404), None));
    }

    #[test]
    fn addresses_are_tried_until_one_connects() {
        let mut story = Story::default();
        let first = story.take(failed(Refused), true, None, answers);
        assert_eq!(first, Next::Elsewhere);
        assert_eq!(story.take(status(200), true, None, answers), Next::Write);
        let tried: Vec<_> = story.tried.iter().map(|(_, error)| *error).collect();
        assert_eq!(tried, [Some(Refused), None]);
        assert_eq!(shown(&story), (Some(200), None));
        assert!(story.attempts().is_empty(), "one attempt, two addresses");
    }

    #[test]
    fn an_address_that_says_nothing_leaves_it_open() {
        let mut story = Story::default();
        story.take(failed(Refused), true, None, answers);
        let last = story.take(failed(Timeout), false, None, answers);
        assert_eq!(last, Next::Confirm);
        assert_eq!(shown(&story), (None, Some(Timeout)));
        let mut story = Story::default();
        let hidden = Some((IP, NoIpv6Vantage));
        let last = story.take(failed(Refused), false, hidden, answers);
        assert_eq!(last, Next::Write);
        assert_eq!(shown(&story), (None, Some(NoIpv6Vantage)));
    }

    #[test]
    fn a_fault_of_this_machine_is_no_attempt_until_it_stays() {
        let all = [failed(LocalFault), failed(LocalFault), failed(LocalFault)];
        let (next, _) = after(&all);
        let same = Next::AfterLocalFault;
        assert_eq!(next, [Next::AfterLocalFault, same, Next::Write]);
    }
}
