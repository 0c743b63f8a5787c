//! What an address said to one bare hello.

use crate::probe::hello::{Answer, Hello};
use crate::probe::smtp::Conversation;
use crate::table::codes::ErrorCode;
use crate::table::row::Moment;
use crate::table::rows;
use crate::table::tls_codes::{HelloKind, HelloOutcome};
use crate::tls_names::Version;

/// A bare hello that was said, or would have been.
pub struct Told {
    /// What was offered.
    pub kind: HelloKind,
    /// The newest version of it.
    pub version: Version,
    /// Whether it had extensions.
    pub extensions: bool,
    /// When its connection was opened, or given up.
    pub observed_at: Moment,
    /// What came back; where the conversation did not get that far, why. Its chain is with the
    /// others of the address.
    pub answer: Answer,
}

impl Told {
    /// What a conversation says of its hello.
    pub fn of(hello: &Hello, seen: Conversation) -> Self {
        let error = not_said(&seen);
        let never = || Answer {
            error: Some(error),
            ..Answer::default()
        };
        Self {
            kind: hello.kind,
            version: hello.version,
            extensions: hello.extensions,
            observed_at: seen.observed_at,
            answer: seen.hello.unwrap_or_else(never),
        }
    }

    /// Whether it was accepted.
    pub fn is_accepted(&self) -> bool {
        self.answer.outcome == HelloOutcome::Accepted
    }

    /// Whether there was no answer, and it may come another time. Garbage is how some servers are.
    pub fn is_lost(&self) -> bool {
        use ErrorCode::{Closed, GreetingTimeout, TempReject, Timeout};
        let error = self.answer.error;
        let may_come = matches!(error, Some(Closed | GreetingTimeout | TempReject | Timeout));
        self.answer.outcome == HelloOutcome::Unknown && may_come
    }

    /// The row.
    pub fn row(&self) -> rows::Hello {
        let flight = self.answer.flight.as_ref();
        rows::Hello {
            observed_at: self.observed_at,
            kind: self.kind,
            outcome: self.answer.outcome,
            error: self.answer.error,
            alert: self.answer.alert,
            version: flight.map(|flight| flight.version.clone()),
            cipher: flight.map(|flight| flight.cipher.clone()),
            group: flight.and_then(|flight| flight.group.clone()),
        }
    }
}

/// Why a hello was not said: the steps before it did not go as they had gone before.
fn not_said(seen: &Conversation) -> ErrorCode {
    let error = seen.tcp.error.or(seen.starttls.error);
    error.unwrap_or(ErrorCode::ProtocolError)
}
