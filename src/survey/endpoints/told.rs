//! What an address said to one bare hello.

use crate::probe::hello::{Answer, Hello};
use crate::probe::smtp::Conversation;
use crate::table::codes::{ErrorCode, TlsOutcome};
use crate::table::row::Moment;
use crate::table::rows;
use crate::table::tls_codes::{HelloKind, HelloOutcome};
use crate::tls_names::Version;
use crate::tls_names::alert::PROTOCOL_VERSION;

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
        Self {
            kind: hello.kind,
            version: hello.version,
            extensions: hello.extensions,
            observed_at: seen.observed_at,
            answer: answer(seen),
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

    /// Whether it was refused in so many words for its version, the newest that it offers, and all
    /// older ones with it. Whoever knows no TLS 1.3 refuses its suites by alert 40 instead, and so
    /// does whoever speaks it otherwise than we do.
    pub fn is_wrong_version(&self) -> bool {
        self.answer.outcome == HelloOutcome::Refused && self.answer.alert == Some(PROTOCOL_VERSION)
    }

    /// The row.
    pub fn row(&self) -> rows::Hello {
        row(self.kind, self.observed_at, &self.answer)
    }
}

/// What a conversation says of its hello. One that was not said has no answer: the steps before it
/// did not go as they had gone before.
pub fn answer(seen: Conversation) -> Answer {
    let error = seen.tcp.error.or(seen.starttls.error);
    seen.hello.unwrap_or_else(|| Answer {
        error: error.or(Some(ErrorCode::ProtocolError)),
        ..Answer::default()
    })
}

/// The row of a hello.
pub fn row(kind: HelloKind, observed_at: Moment, answer: &Answer) -> rows::Hello {
    let flight = answer.flight.as_ref();
    rows::Hello {
        observed_at,
        kind,
        outcome: answer.outcome,
        error: answer.error,
        alert: answer.alert,
        version: flight.map(|flight| flight.version.clone()),
        cipher: flight.map(|flight| flight.cipher.clone()),
        group: flight.and_then(|flight| flight.group.clone()),
    }
}

/// The first flight to a hello that has everything takes the place of a handshake that broke; what
/// broke it stays. Says whether it does: a flight that an alert or a close cut short is no proof that
/// hands could be shaken.
pub fn takes_place(tls: &mut rows::Tls, answer: &Answer) -> bool {
    let is_whole = answer.outcome == HelloOutcome::Accepted && answer.error.is_none();
    if let Some(flight) = answer.flight.as_ref().filter(|_| is_whole) {
        tls.outcome = TlsOutcome::HelloOnly;
        tls.version = Some(flight.version.clone());
        tls.cipher = Some(flight.cipher.clone());
        tls.group.clone_from(&flight.group);
        tls.signature_scheme.clone_from(&flight.signature_scheme);
        tls.extended_master_secret = flight.extended_master_secret;
    }
    is_whole
}
