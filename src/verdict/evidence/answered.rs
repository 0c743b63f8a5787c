//! What an address said to STARTTLS, all attempts together.

use serde::Deserialize;

use crate::error::Result;
use crate::table::Store;
use crate::table::codes::{AttemptOutcome, ErrorCode, Protocol, StarttlsOutcome, TlsOutcome};
use crate::table::preflight::{Aspect, Preflight, Trial, has_failed};
use crate::table::rows::{Attempt, Hello, Starttls, TableName};
use crate::table::tls_codes::{HelloKind, HelloOutcome};
use crate::tls_names::alert::PROTOCOL_VERSION;
use crate::verdict::facts::Answered;

/// What is known of the path from here: whether STARTTLS gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// It gets lost.
    Strips,
    /// It gets through: mail servers known to be good showed it, or nearly all others did.
    Clean,
    /// Neither is known.
    Unsure,
}

/// Of a hundred servers, those that must show STARTTLS untouched before the path counts as clean.
const CLEAN: u64 = 99;

/// What an address showed.
pub struct Seen<'a> {
    /// Why the connection was not established.
    pub tcp: Option<ErrorCode>,
    /// Connections opened.
    pub connections: u16,
    /// STARTTLS.
    pub starttls: &'a Starttls,
    /// The handshake: what became of it, and why it broke.
    pub tls: (TlsOutcome, Option<ErrorCode>),
    /// Number of the fatal alert that broke it.
    pub alert: Option<u8>,
    /// Every attempt, where there was more than one.
    pub attempts: &'a [Attempt],
    /// Bare hellos.
    pub hellos: &'a [Hello],
}

/// Why it is not known whether something else is in common with a server whose handshake broke; none
/// where every hello that tells was answered. The last one of each kind counts.
fn untold(seen: &Seen<'_>) -> Option<Answered> {
    let last = |kind| seen.hellos.iter().rfind(move |hello| hello.kind == kind);
    let (all, new) = (last(HelloKind::All), last(HelloKind::Tls1_3));
    let mut lost = [all, new].into_iter().flatten();
    if let Some(hello) = lost.find(|hello| hello.outcome == HelloOutcome::Unknown) {
        let error = hello.error.unwrap_or(ErrorCode::InternalError);
        return Some(Answered::Unknown(error));
    }
    // Whoever refuses TLS 1.2 and older for the version, and TLS 1.3 for something else, may speak
    // TLS 1.3 with something that the handshake lacks.
    let is_version = |alert| alert == Some(PROTOCOL_VERSION);
    let is_open = new.is_none() && !is_version(seen.alert);
    all.filter(|hello| is_open && is_version(hello.alert))
        .map(|_| Answered::Unconfirmed)
}

/// Attempts whose handshake broke, and not for want of time or by our own fault.
fn broken(attempts: &[Attempt]) -> usize {
    let broken = attempts.iter().filter(|attempt| {
        attempt.outcome == AttemptOutcome::Broken && attempt.answer() == Some(false)
    });
    broken.count()
}

/// What is known of the path: by the trial before the survey, else by what most servers showed.
pub fn path(store: &Store, preflight: &Preflight) -> Result<Path> {
    #[derive(Deserialize)]
    struct Row {
        protocol: Protocol,
        starttls: Outcome,
    }
    #[derive(Deserialize)]
    struct Outcome {
        outcome: StarttlsOutcome,
    }
    if has_failed(preflight, Aspect::Starttls) {
        return Ok(Path::Strips);
    }
    let tried = preflight.get(&Aspect::Starttls);
    if tried.is_some_and(|tried| tried.result == Trial::Pass) {
        return Ok(Path::Clean);
    }
    let (mut offered, mut stripped) = (0, 0);
    for batch in store.scan::<Row>(TableName::Endpoints, &["protocol", "starttls.outcome"]) {
        let rows = batch?.into_iter();
        for row in rows.filter(|row| row.protocol == Protocol::Smtp) {
            match row.starttls.outcome {
                StarttlsOutcome::Accepted | StarttlsOutcome::Refused => offered += 1,
                StarttlsOutcome::Stripped => stripped += 1,
                _ => {}
            }
        }
    }
    Ok(path_of(offered, stripped))
}

fn path_of(offered: u64, stripped: u64) -> Path {
    match offered * 100 >= (offered + stripped) * CLEAN && offered > 0 {
        true => Path::Clean,
        false => Path::Unsure,
    }
}

/// A negative counts when a second attempt said it too; a broken handshake, when a second one broke
/// and no hello that could have taken its place was left without an answer.
/// Attempts that say nothing decide nothing.
pub fn answered(seen: &Seen<'_>, path: Path) -> Answered {
    let answers = || seen.attempts.iter().filter_map(Attempt::answer);
    let negatives = answers().filter(|answer| !answer).count();
    if negatives > 0 && answers().any(|answer| answer) {
        return Answered::Inconsistent;
    }
    let why = seen
        .tcp
        .or(seen.starttls.error)
        .unwrap_or(ErrorCode::InternalError);
    match (seen.starttls.outcome, seen.tls.0) {
        (_, TlsOutcome::Completed | TlsOutcome::HelloOnly) => Answered::Works,
        (_, TlsOutcome::Failed) => match seen.tls.1 {
            Some(error @ (ErrorCode::Timeout | ErrorCode::LocalFault)) => Answered::Unknown(error),
            _ => match untold(seen) {
                Some(open) => open,
                None if broken(seen.attempts) < 2 => Answered::Unconfirmed,
                None => Answered::Broken,
            },
        },
        // Whether the server or the path did it can be told only from a path that is clean.
        (StarttlsOutcome::Stripped, _) if path != Path::Clean => Answered::Vantage,
        (StarttlsOutcome::NotOffered, _) if path == Path::Strips => Answered::Vantage,
        (StarttlsOutcome::NotOffered | StarttlsOutcome::Refused | StarttlsOutcome::Stripped, _)
            if negatives < 2 =>
        {
            Answered::Unconfirmed
        }
        (StarttlsOutcome::NotOffered, _) => Answered::NotOffered,
        (StarttlsOutcome::Stripped, _) => Answered::Stripped,
        (StarttlsOutcome::Refused, _) => Answered::Refused,
        // Nobody can be asked from here, so that nobody was.
        _ if seen.connections == 0 && why == ErrorCode::LocalFault => Answered::Vantage,
        _ => Answered::Unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is made of a row that shows this, with these attempts behind it.
    fn of_path(
        path: Path,
        starttls: StarttlsOutcome,
        error: Option<ErrorCode>,
        attempts: &[(AttemptOutcome, Option<ErrorCode>)],
    ) -> Answered {
        let tls = match starttls {
            StarttlsOutcome::Accepted => TlsOutcome::Completed,
            _ => TlsOutcome::NotAttempted,
        };
        let attempt = |(outcome, error): &(AttemptOutcome, Option<ErrorCode>)| Attempt {
            outcome: *outcome,
            error: *error,
            ..Attempt::default()
        };
        let attempts: Vec<_> = attempts.iter().map(attempt).collect();
        let seen = Seen {
            tcp: None,
            connections: 1,
            starttls: &Starttls {
                outcome: starttls,
                error,
                ..Starttls::default()
            },
            tls: (tls, None),
            alert: None,
            attempts: &attempts,
            hellos: &[],
        };
        answered(&seen, path)
    }

    fn of(
        starttls: StarttlsOutcome,
        error: Option<ErrorCode>,
        attempts: &[(AttemptOutcome, Option<ErrorCode>)],
    ) -> Answered {
        of_path(Path::Unsure, starttls, error, attempts)
    }

    #[test]
    fn an_overwritten_offer_counts_only_on_a_clean_path() {
        let twice = [(AttemptOutcome::Stripped, None); 2];
        let of = |path, attempts: &[_]| of_path(path, StarttlsOutcome::Stripped, None, attempts);
        assert_eq!(of(Path::Clean, &twice), Answered::Stripped);
        assert_eq!(of(Path::Clean, &twice[..1]), Answered::Unconfirmed);
        assert_eq!(of(Path::Unsure, &twice), Answered::Vantage);
        assert_eq!(of(Path::Strips, &twice), Answered::Vantage);
        let none = [(AttemptOutcome::NotOffered, None); 2];
        let none = |path| of_path(path, StarttlsOutcome::NotOffered, None, &none);
        assert_eq!(none(Path::Unsure), Answered::NotOffered);
        assert_eq!(none(Path::Strips), Answered::Vantage);
        assert_eq!(path_of(99, 1), Path::Clean);
        assert_eq!(path_of(98, 1), Path::Unsure);
        assert_eq!(path_of(0, 0), Path::Unsure);
    }

    #[test]
    fn a_handshake_counts_as_broken_when_it_broke_twice() {
        use AttemptOutcome::{Broken, Completed, Failed, NotOffered};
        use ErrorCode::{Closed, LocalFault, Timeout, TlsAlert};
        let says = |error, attempts: &[(AttemptOutcome, Option<ErrorCode>)]| {
            let attempt = |(outcome, error): &(AttemptOutcome, Option<ErrorCode>)| Attempt {
                outcome: *outcome,
                error: *error,
                ..Attempt::default()
            };
            let attempts: Vec<_> = attempts.iter().map(attempt).collect();
            let seen = Seen {
                tcp: None,
                connections: 2,
                starttls: &Starttls {
                    outcome: StarttlsOutcome::Accepted,
                    ..Starttls::default()
                },
                tls: (TlsOutcome::Failed, Some(error)),
                alert: None,
                attempts: &attempts,
                hellos: &[],
            };
            answered(&seen, Path::Clean)
        };
        let (alert, closed) = ((Broken, Some(TlsAlert)), (Broken, Some(Closed)));
        assert_eq!(says(TlsAlert, &[alert, alert]), Answered::Broken);
        assert_eq!(says(TlsAlert, &[alert, closed]), Answered::Broken);
        let (late, ours) = ((Broken, Some(Timeout)), (Broken, Some(LocalFault)));
        let dead = (Failed, Some(Timeout));
        for attempts in [
            &[][..],
            &[alert],
            &[alert, late],
            &[alert, ours],
            &[alert, dead],
            &[alert, (NotOffered, None)],
        ] {
            assert_eq!(
                says(TlsAlert, attempts),
                Answered::Unconfirmed,
                "{attempts:?}"
            );
        }
        assert_eq!(says(Timeout, &[late, late]), Answered::Unknown(Timeout));
        assert_eq!(
            says(LocalFault, &[ours, ours]),
            Answered::Unknown(LocalFault)
        );
        let then = [alert, (Completed, None)];
        assert_eq!(says(TlsAlert, &then), Answered::Inconsistent);
    }

    #[test]
    fn a_handshake_is_not_broken_while_a_hello_may_take_its_place() {
        use HelloKind::{All, Tls1_3};
        use HelloOutcome::{Refused, Unknown};
        let hello = |(kind, outcome, alert): &(HelloKind, HelloOutcome, Option<u8>)| Hello {
            kind: *kind,
            outcome: *outcome,
            error: (*outcome == Unknown).then_some(ErrorCode::Timeout),
            alert: *alert,
            ..Hello::default()
        };
        let says = |alert, hellos: &[_]| {
            let hellos: Vec<_> = hellos.iter().map(hello).collect();
            let broken = Attempt {
                outcome: AttemptOutcome::Broken,
                error: Some(ErrorCode::TlsAlert),
                ..Attempt::default()
            };
            let seen = Seen {
                tcp: None,
                connections: 4,
                starttls: &Starttls::default(),
                tls: (TlsOutcome::Failed, Some(ErrorCode::TlsAlert)),
                alert: Some(alert),
                attempts: &[broken.clone(), broken],
                hellos: &hellos,
            };
            answered(&seen, Path::Clean)
        };
        let (all, new) = (
            |alert| (All, Refused, Some(alert)),
            (Tls1_3, Refused, Some(40)),
        );
        let lost = |kind| (kind, Unknown, None);
        let late = Answered::Unknown(ErrorCode::Timeout);
        assert_eq!(says(40, &[]), Answered::Broken);
        assert_eq!(says(40, &[all(40), new]), Answered::Broken);
        assert_eq!(says(40, &[all(70), new]), Answered::Broken);
        assert_eq!(says(40, &[all(70), lost(Tls1_3)]), late);
        assert_eq!(says(40, &[all(70), lost(Tls1_3), new]), Answered::Broken);
        assert_eq!(says(40, &[lost(All)]), late);
        assert_eq!(says(40, &[all(40), lost(All)]), late, "without extensions");
        // Nobody asked for TLS 1.3 alone; who has neither says so.
        assert_eq!(says(40, &[all(70)]), Answered::Unconfirmed);
        assert_eq!(says(70, &[all(70)]), Answered::Broken);
        assert_eq!(says(40, &[all(40)]), Answered::Broken);
    }

    #[test]
    fn a_negative_counts_when_it_was_said_twice() {
        use AttemptOutcome::{Broken, Completed, Connected, Failed, NotOffered, Refused};
        use ErrorCode::{Budget, TempReject, Timeout};
        let no = (NotOffered, None);
        let late = (Failed, Some(Timeout));
        let grey = (Connected, Some(TempReject));
        let off = (Refused, Some(TempReject));
        let none = |attempts: &[_]| of(StarttlsOutcome::NotOffered, None, attempts);
        assert_eq!(none(&[no, no]), Answered::NotOffered);
        assert_eq!(none(&[grey, no, no]), Answered::NotOffered);
        for once in [
            &[][..],
            &[no, late],
            &[no, (Failed, Some(Budget))],
            &[grey, no, late],
        ] {
            assert_eq!(none(once), Answered::Unconfirmed, "{once:?}");
        }
        let refused = |attempts: &[_]| of(StarttlsOutcome::Refused, Some(TempReject), attempts);
        assert_eq!(refused(&[off, off]), Answered::Refused);
        assert_eq!(refused(&[off, late]), Answered::Unconfirmed);
        let works = |attempts: &[_]| of(StarttlsOutcome::Accepted, None, attempts);
        assert_eq!(works(&[]), Answered::Works);
        assert_eq!(works(&[late, (Completed, None)]), Answered::Works);
        assert_eq!(works(&[grey, (Completed, None)]), Answered::Works);
        assert_eq!(
            works(&[(Broken, Some(Timeout)), (Completed, None)]),
            Answered::Works
        );
        for other in [no, off, (Broken, Some(ErrorCode::TlsAlert))] {
            for attempts in [[other, (Completed, None)], [(Completed, None), other]] {
                assert_eq!(works(&attempts), Answered::Inconsistent, "{attempts:?}");
            }
        }
        let dead = of(StarttlsOutcome::NotAttempted, Some(Timeout), &[late, late]);
        assert_eq!(dead, Answered::Unknown(Timeout));
    }
}
