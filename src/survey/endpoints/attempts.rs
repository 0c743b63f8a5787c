//! An attempt to get TLS in three words, and whether it is one to be confirmed.
//!
//! A negative that costs somebody is confirmed: no STARTTLS, a broken handshake, a dead host, a
//! temporary refusal. A refused connection, a reset before STARTTLS and a block list are answers,
//! and nobody is asked again who gave one.

use crate::probe::smtp::Conversation;
use crate::table::codes::{AttemptOutcome, ErrorCode, StarttlsOutcome, TcpOutcome, TlsOutcome};
use crate::table::rows::Attempt;

/// An attempt in three words.
pub fn attempt(seen: &Conversation) -> Attempt {
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
    let error = seen.tcp.error.or(seen.starttls.error).or(seen.tls.error);
    Attempt {
        observed_at: seen.observed_at,
        outcome,
        // What a hello mended stays in the row, but is no error of the attempt.
        error: error.filter(|_| outcome != AttemptOutcome::Completed),
    }
}

/// Whether it is a negative that costs somebody.
pub fn costs(attempt: &Attempt) -> bool {
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
