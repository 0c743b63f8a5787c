//! What a port did, over at most two connections, and what it is asked next.
//!
//! First the full handshake with everything that is said before it and under it, then one bare hello.
//! A server that speaks TLS is asked for old versions; one that shares nothing with the handshake, for
//! anything it has.

use crate::probe::conversation::{Conversation, Handshake};
use crate::probe::hello::Hello;
use crate::probe::tls::NothingCommon;
use crate::survey::endpoints::told::{Told, takes_place};
use crate::survey::endpoints::versions::Shaken;
use crate::survey::faults;
use crate::table::codes::{ErrorCode, TcpOutcome, TlsOutcome};
use crate::table::row::Moment;
use crate::table::tls_codes::HelloKind;
use crate::tls_names::alert::UNRECOGNIZED_NAME;

/// What is known of a port so far.
#[derive(Default)]
pub struct Story {
    /// Connections opened.
    pub connections: u16,
    /// The conversations that are over, each with the hello it was for, if any.
    held: Vec<(Option<HelloKind>, Conversation)>,
    local_faults: u16,
}

/// What to do over a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The bare hello to send; none for the full handshake.
    pub hello: Option<HelloKind>,
    /// Whether a server name is sent.
    pub is_named: bool,
}

impl Ask {
    /// The same for the plan of a conversation.
    pub fn handshake(&self) -> Handshake {
        let bare = |kind| Handshake::Bare(Hello::of(kind));
        self.hello.map_or(Handshake::Full, bare)
    }
}

/// What is to be done after a conversation.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the port is done with.
    Write,
    /// This machine failed: the same once more.
    AfterLocalFault,
    /// There is one more thing to ask.
    Again,
}

impl Story {
    /// What to do over the connection that there is now; none where there is nothing left to ask.
    pub fn ask(&self) -> Option<Ask> {
        let Some((hello, first)) = self.held.first() else {
            return Some(Ask {
                hello: None,
                is_named: true,
            });
        };
        let is_over = self.held.len() > 1 || hello.is_some();
        if is_over {
            return None;
        }
        if let Some(ErrorCode::Timeout | ErrorCode::Unreachable) = first.tcp.error {
            return Some(Ask {
                hello: None,
                is_named: true,
            });
        }
        if first.tcp.outcome != TcpOutcome::Connected {
            return None;
        }
        let (hello, is_named) = match (first.tls.outcome, first.tls.alert) {
            (TlsOutcome::Completed, _) => (Some(HelloKind::Legacy), true),
            (TlsOutcome::Failed, Some(UNRECOGNIZED_NAME)) => (None, false),
            (TlsOutcome::Failed, _) if first.nothing_common.is_some() => {
                (Some(HelloKind::All), true)
            }
            _ => return None,
        };
        Some(Ask { hello, is_named })
    }

    /// Takes in a conversation about what was asked.
    pub fn take(&mut self, seen: Conversation) -> Next {
        if seen.tcp.error == Some(ErrorCode::LocalFault) && self.local_faults < faults::TRIES {
            self.local_faults += 1;
            return Next::AfterLocalFault;
        }
        self.note(seen);
        match self.ask() {
            Some(_) => Next::Again,
            None => Next::Write,
        }
    }

    /// Takes in that no further connection is had.
    pub fn end(&mut self, error: ErrorCode) {
        let mut seen = Conversation {
            observed_at: Moment::now(),
            ..Conversation::default()
        };
        seen.tcp.outcome = TcpOutcome::Failed;
        seen.tcp.error = Some(error);
        self.note(seen);
    }

    fn note(&mut self, seen: Conversation) {
        let hello = self.ask().and_then(|ask| ask.hello);
        self.held.push((hello, seen));
    }

    /// Whether nothing came from the port, so that it is asked once more after a while.
    pub fn is_silent(&self) -> bool {
        let silent = |(_, seen): &(_, Conversation)| seen.tcp.outcome != TcpOutcome::Connected;
        self.held.iter().all(silent)
    }

    /// What the full handshake saw, or the second one where the first did not come to one; none where
    /// nobody was asked.
    pub fn shown(&self) -> Conversation {
        let full = self.held.iter().filter(|(hello, _)| hello.is_none());
        let mut shown = full.map(|(_, seen)| seen);
        let first = shown.next().cloned().unwrap_or_default();
        let second = shown.find(|seen| {
            let is_first = first.tcp.outcome != TcpOutcome::Connected;
            let is_late = is_first && seen.tcp.outcome == TcpOutcome::Connected;
            is_late || seen.tls.outcome == TlsOutcome::Completed
        });
        let mut shown = second.cloned().unwrap_or(first);
        let all = self.hellos().find(|(kind, _)| *kind == HelloKind::All);
        if let Some(answer) = all.and_then(|(_, seen)| seen.hello.as_ref()) {
            takes_place(&mut shown.tls, answer);
        }
        shown
    }

    /// The conversations for a bare hello.
    fn hellos(&self) -> impl Iterator<Item = (HelloKind, &Conversation)> {
        let held = self.held.iter();
        held.filter_map(|(hello, seen)| Some(((*hello)?, seen)))
    }

    /// Every chain, that of the handshake first, with the conversation that showed it.
    pub fn chains(&self) -> impl Iterator<Item = (&Conversation, &[Vec<u8>])> {
        let held = self.held.iter().map(|(_, seen)| (seen, seen.chain()));
        held.filter(|(_, chain)| !chain.is_empty())
    }

    /// The full handshakes.
    pub fn handshakes(&self) -> Vec<Shaken<'_>> {
        let full = self.held.iter().filter(|(hello, _)| hello.is_none());
        full.map(|(_, seen)| {
            (
                &seen.tls,
                seen.nothing_common == Some(NothingCommon::Version),
            )
        })
        .collect()
    }

    /// What was said to bare hellos.
    pub fn told(&self) -> Vec<Told> {
        let told =
            |(kind, seen): (HelloKind, &Conversation)| Told::of(&Hello::of(kind), seen.clone());
        self.hellos().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::hello::{Answer, Flight};
    use crate::table::tls_codes::HelloOutcome;

    fn seen(outcome: TlsOutcome, error: Option<ErrorCode>, alert: Option<u8>) -> Conversation {
        let mut seen = Conversation::default();
        seen.tcp.outcome = TcpOutcome::Connected;
        (seen.tls.outcome, seen.tls.error, seen.tls.alert) = (outcome, error, alert);
        if alert == Some(40) {
            seen.nothing_common = Some(NothingCommon::Other);
        }
        seen
    }

    /// What a port is asked after its first connection.
    fn after(first: Conversation) -> Option<(Option<HelloKind>, bool)> {
        let mut story = Story::default();
        let next = story.take(first);
        let ask = story.ask();
        assert_eq!(next == Next::Again, ask.is_some());
        ask.map(|ask| (ask.hello, ask.is_named))
    }

    #[test]
    fn the_second_connection_depends_on_the_first() {
        use TlsOutcome::{Completed, Failed, NotAttempted};
        let shaken = |outcome, error, alert| after(seen(outcome, error, alert));
        let alert = |number| shaken(Failed, Some(ErrorCode::TlsAlert), Some(number));
        assert_eq!(
            shaken(Completed, None, None),
            Some((Some(HelloKind::Legacy), true))
        );
        assert_eq!(alert(40), Some((Some(HelloKind::All), true)));
        assert_eq!(alert(112), Some((None, false)));
        assert_eq!(shaken(Failed, Some(ErrorCode::Timeout), None), None);
        // Nobody offers STARTTLS there.
        assert_eq!(shaken(NotAttempted, None, None), None);
        assert_eq!(after(Conversation::default()), None);
        // Silence is asked about once more, a refusal is not.
        let failed = |error| {
            let mut seen = Conversation::default();
            seen.tcp.outcome = TcpOutcome::Failed;
            seen.tcp.error = Some(error);
            seen
        };
        assert_eq!(after(failed(ErrorCode::Timeout)), Some((None, true)));
        assert_eq!(after(failed(ErrorCode::Refused)), None);
        let mut late = Story::default();
        late.take(failed(ErrorCode::Timeout));
        late.take(seen(Completed, None, None));
        assert_eq!(late.shown().tls.outcome, Completed);
    }

    #[test]
    fn nobody_is_asked_more_than_twice() {
        let mut story = Story::default();
        let whole = || seen(TlsOutcome::Completed, None, None);
        assert_eq!(story.take(whole()), Next::Again);
        assert_eq!(story.take(whole()), Next::Write);
        let told = story.told();
        assert_eq!(told.len(), 1);
        assert_eq!(
            told[0].answer.error,
            Some(ErrorCode::ProtocolError),
            "no answer"
        );
        let mut late = Story::default();
        late.take(whole());
        late.end(ErrorCode::Budget);
        assert_eq!(late.told()[0].answer.error, Some(ErrorCode::Budget));
        assert_eq!(late.shown().tls.outcome, TlsOutcome::Completed);
    }

    #[test]
    fn a_hello_takes_the_place_of_the_handshake_where_that_broke() {
        let mut story = Story::default();
        let alert = seen(TlsOutcome::Failed, Some(ErrorCode::TlsAlert), Some(40));
        story.take(alert);
        let mut second = seen(TlsOutcome::NotAttempted, None, None);
        second.hello = Some(Answer {
            outcome: HelloOutcome::Accepted,
            flight: Some(Flight {
                version: "TLS 1.0".to_owned(),
                chain: vec![vec![1]],
                ..Flight::default()
            }),
            ..Answer::default()
        });
        assert_eq!(story.take(second), Next::Write);
        let shown = story.shown();
        assert_eq!(shown.tls.outcome, TlsOutcome::HelloOnly);
        assert_eq!(shown.tls.alert, Some(40), "what broke the handshake stays");
        assert_eq!(shown.tls.version.as_deref(), Some("TLS 1.0"));
        assert_eq!(story.chains().count(), 1);
    }
}
