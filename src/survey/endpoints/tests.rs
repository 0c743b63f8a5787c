//! Stories from their first connection to their last, with made-up answers.

use super::Job;
use super::agenda::{Ask, Purpose, ServerName, Wait, What};
use super::story::{Next, Story};
use crate::probe::hello::{Answer, Flight};
use crate::probe::smtp::Conversation;
use crate::probe::tls::NothingCommon;
use crate::table::codes::{AttemptOutcome, ErrorCode, StarttlsOutcome, TcpOutcome, TlsOutcome};
use crate::table::row::Moment;
use crate::table::tls_codes::{HelloKind, HelloOutcome};

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
    seen.nothing_common = match alert {
        Some(112) | None => None,
        Some(70) => Some(NothingCommon::Version),
        Some(_) => Some(NothingCommon::Other),
    };
    seen
}

fn works() -> Conversation {
    tls(TlsOutcome::Completed, None, None)
}

fn broken(alert: u8) -> Conversation {
    tls(TlsOutcome::Failed, Some(ErrorCode::TlsAlert), Some(alert))
}

/// What was answered to a bare hello.
fn said(outcome: HelloOutcome, error: Option<ErrorCode>, alert: Option<u8>) -> Conversation {
    let mut seen = connected(StarttlsOutcome::Accepted);
    let flight = (outcome == HelloOutcome::Accepted).then(|| Flight {
        version: "TLS 1.0".to_owned(),
        cipher: "TLS_RSA_WITH_AES_128_CBC_SHA".to_owned(),
        chain: vec![b"leaf".to_vec()],
        ..Flight::default()
    });
    seen.hello = Some(Answer {
        outcome,
        error,
        alert,
        flight,
    });
    seen
}

fn accepts() -> Conversation {
    said(HelloOutcome::Accepted, None, None)
}

fn refuses(alert: u8) -> Conversation {
    said(HelloOutcome::Refused, None, Some(alert))
}

/// What is asked, in a word: `full`, `plain` without a hybrid group, or the kind of hello; `-name`
/// without a server name, `-ext` without extensions; then how long it is put off, and `+` where it
/// may use the connections for asking once more.
fn word(ask: &Ask) -> String {
    let mut word = match &ask.what {
        What::Full { hybrid: true, .. } => "full".to_owned(),
        What::Full { .. } => "plain".to_owned(),
        What::Bare { hello, .. } if hello.extensions => hello.kind.to_string(),
        What::Bare { hello, .. } => format!("{}-ext", hello.kind),
    };
    let (What::Full { name, .. } | What::Bare { name, .. }) = &ask.what;
    word += if *name == ServerName::None {
        "-name"
    } else {
        ""
    };
    word += match ask.wait {
        Wait::AtOnce => "",
        Wait::Tenth => "/10",
        Wait::Half => "/2",
        Wait::Whole => "/1",
    };
    word + if ask.extra { "+" } else { "" }
}

/// Plays a story with these answers, and then the last one for ever; what was asked, and the story.
fn play(answers: &[Conversation]) -> (String, Story) {
    let mut story = Story::default();
    let mut words = Vec::new();
    let last = answers.last().unwrap();
    for answer in answers.iter().chain(std::iter::repeat(last)) {
        words.push(word(&story.ask()));
        story.connections += 1;
        if story.take(answer.clone(), false) == Next::Write {
            break;
        }
        assert!(words.len() < 10, "{words:?}");
    }
    (words.join(" "), story)
}

fn asked(answers: &[Conversation]) -> String {
    play(answers).0
}

fn outcomes(story: &Story) -> Vec<AttemptOutcome> {
    story.attempts().iter().map(|one| one.outcome).collect()
}

#[test]
fn a_healthy_server_gets_three_connections() {
    assert_eq!(
        asked(&[works(), refuses(40), refuses(70)]),
        "full weak legacy"
    );
    // However it says no.
    let closes = said(HelloOutcome::Refused, Some(ErrorCode::Closed), None);
    assert_eq!(asked(&[works(), closes]), "full weak legacy");
    assert_eq!(asked(&[works(), refuses(112)]), "full weak legacy");
    assert_eq!(
        asked(&[works(), accepts(), refuses(70)]),
        "full weak legacy"
    );
}

#[test]
fn who_speaks_an_old_version_is_asked_for_an_older_one_a_window_later() {
    let old = asked(&[works(), refuses(40), accepts(), refuses(40)]);
    assert_eq!(old, "full weak legacy ssl3-ext/1");
}

#[test]
fn who_has_no_tls_is_said_no_hello_to() {
    use ErrorCode::{Blocked, Closed, ProtocolError, Refused, Reset, SpecialPurpose};
    for first in [
        failed(Refused),
        failed(Reset),
        failed(SpecialPurpose),
        turned_away(Blocked),
        turned_away(Reset),
        turned_away(Closed),
        turned_away(ProtocolError),
    ] {
        assert_eq!(asked(&[first]), "full");
    }
}

#[test]
fn negatives_that_cost_somebody_are_asked_once_more() {
    use ErrorCode::{GreetingTimeout, TempReject, Timeout, Unreachable};
    for first in [
        connected(StarttlsOutcome::NotOffered),
        connected(StarttlsOutcome::Stripped),
        connected(StarttlsOutcome::Refused),
        failed(Timeout),
        failed(Unreachable),
        turned_away(GreetingTimeout),
        turned_away(TempReject),
    ] {
        assert_eq!(asked(&[first]), "full full/2+");
    }
    // A broken handshake without what is new.
    let broken = |error| tls(TlsOutcome::Failed, Some(error), None);
    assert_eq!(
        asked(&[broken(ErrorCode::ProtocolError)]),
        "full plain-name/2+"
    );
    // Silence is no word against the name: without it, another host's certificate may be shown.
    assert_eq!(asked(&[broken(ErrorCode::Timeout)]), "full plain/2+");
    // Hellos need not wait for the confirmation, but for STARTTLS.
    let mut mismatch = Story::default();
    let mut words = vec![word(&mismatch.ask())];
    while let Next::Ask(ask) = mismatch.take(
        match words.last().unwrap().as_str() {
            "weak" | "legacy" => refuses(40),
            _ => works(),
        },
        words.len() == 1,
    ) {
        words.push(word(&ask));
    }
    assert_eq!(words.join(" "), "full weak legacy full/2+");
    let late = asked(&[connected(StarttlsOutcome::NotOffered), works(), refuses(40)]);
    assert_eq!(late, "full full/2+ weak legacy");
}

#[test]
fn a_no_that_comes_second_is_confirmed_too_and_then_it_is_enough() {
    let no = || connected(StarttlsOutcome::NotOffered);
    let late = || turned_away(ErrorCode::TempReject);
    let (words, story) = play(&[late(), no()]);
    assert_eq!(words, "full full/2+ full/2+");
    assert_eq!(story.attempts().len(), 3);
    let (words, story) = play(&[no(), failed(ErrorCode::Timeout)]);
    assert_eq!(words, "full full/2+");
    assert_eq!(
        outcomes(&story),
        [AttemptOutcome::NotOffered, AttemptOutcome::Failed]
    );
}

#[test]
fn the_attempt_that_got_furthest_is_shown() {
    let (_, story) = play(&[failed(ErrorCode::Timeout), works(), refuses(40)]);
    assert_eq!(story.furthest().tls.outcome, TlsOutcome::Completed);
    let at = |observed_at| Conversation {
        observed_at,
        ..connected(StarttlsOutcome::NotOffered)
    };
    let (_, equal) = play(&[at(Moment(1)), at(Moment(2))]);
    assert_eq!(equal.furthest().observed_at, Moment(1));
}

#[test]
fn an_attempt_without_a_server_name_is_no_confirmation() {
    let (words, story) = play(&[broken(112), works(), refuses(40)]);
    assert_eq!(words, "full full-name/10 weak-name legacy-name");
    assert!(story.attempts().is_empty(), "one attempt, two connections");
    let (words, _) = play(&[broken(112)]);
    assert_eq!(words, "full full-name/10 plain-name/2+");
    let (_, lost) = play(&[broken(112), failed(ErrorCode::Timeout)]);
    assert_eq!(lost.furthest().tls.alert, Some(112));
    let mut capped = Story::default();
    capped.take(broken(112), false);
    capped.end(ErrorCode::RateCapped);
    assert_eq!(
        outcomes(&capped),
        [AttemptOutcome::Broken, AttemptOutcome::Failed],
        "not confirmed"
    );
    assert_eq!(capped.furthest().tls.alert, Some(112));
}

#[test]
fn a_fault_of_this_machine_is_no_attempt_until_it_stays() {
    let mut story = Story::default();
    let fault = || failed(ErrorCode::LocalFault);
    assert_eq!(story.take(fault(), false), Next::AfterLocalFault);
    assert_eq!(story.take(fault(), false), Next::AfterLocalFault);
    assert_eq!(story.take(fault(), false), Next::Write);
}

#[test]
fn where_nothing_is_in_common_a_hello_takes_the_place_of_the_handshake() {
    let (words, story) = play(&[broken(40), accepts(), refuses(40)]);
    assert_eq!(words, "full all weak legacy");
    assert!(story.attempts().is_empty(), "one attempt, two connections");
    let shown = story.furthest();
    assert_eq!(shown.tls.outcome, TlsOutcome::HelloOnly);
    assert_eq!(shown.tls.version.as_deref(), Some("TLS 1.0"));
    assert_eq!(shown.tls.alert, Some(40), "why");
    assert_eq!(story.chains().len(), 1);
    // Refused, too: it is broken, and confirmed.
    let (words, story) = play(&[broken(70), refuses(70), broken(70)]);
    assert_eq!(words, "full all plain-name/2+");
    assert_eq!(outcomes(&story), [AttemptOutcome::Broken; 2]);
    // What works without the new things is known by both attempts.
    let (words, _) = play(&[broken(80), refuses(80), refuses(80), works(), refuses(40)]);
    assert_eq!(words, "full all tls1_3 plain-name/2+ weak legacy");
}

#[test]
fn who_takes_a_suite_of_ours_is_offered_it_without_a_hybrid_group() {
    let takes = || {
        let mut seen = accepts();
        let flight = seen
            .hello
            .as_mut()
            .and_then(|answer| answer.flight.as_mut());
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".clone_into(&mut flight.unwrap().cipher);
        seen
    };
    let (words, story) = play(&[broken(80), takes(), works(), refuses(40)]);
    assert_eq!(words, "full all plain weak legacy");
    assert_eq!(story.furthest().tls.outcome, TlsOutcome::Completed);
    assert!(
        story.attempts().is_empty(),
        "one attempt, three connections"
    );
    // What the hello showed stays.
    let (words, story) = play(&[broken(80), takes(), broken(80), refuses(40)]);
    assert_eq!(words, "full all plain weak legacy");
    assert_eq!(story.furthest().tls.outcome, TlsOutcome::HelloOnly);
}

#[test]
fn alert_40_is_asked_again_without_extensions_only_where_none_ever_worked() {
    let (words, story) = play(&[broken(40), refuses(40), accepts(), refuses(40)]);
    assert_eq!(words, "full all all-ext weak-ext legacy-ext");
    assert_eq!(story.furthest().tls.outcome, TlsOutcome::HelloOnly);
    let (words, _) = play(&[
        broken(40),
        refuses(40),
        refuses(40),
        refuses(40),
        broken(40),
    ]);
    assert_eq!(words, "full all all-ext tls1_3 plain-name/2+");
    // A handshake proves that extensions are tolerated; and so does a hello.
    assert_eq!(asked(&[works(), refuses(40)]), "full weak legacy");
    assert_eq!(
        asked(&[broken(40), accepts(), refuses(40)]),
        "full all weak legacy"
    );
}

/// A hello answered with TLS 1.3, this suite of it and this group.
fn names(suite: &str, group: &str) -> Conversation {
    let mut seen = accepts();
    seen.hello.as_mut().expect("an answer").flight = Some(Flight {
        version: "TLS 1.3".to_owned(),
        cipher: suite.to_owned(),
        group: Some(group.to_owned()),
        ..Flight::default()
    });
    seen
}

#[test]
fn who_refuses_all_that_is_old_is_asked_for_tls_1_3_alone() {
    let p521 = || names("TLS_AES_256_GCM_SHA384", "secp521r1");
    let (words, story) = play(&[broken(40), refuses(70), p521(), refuses(70)]);
    assert_eq!(words, "full all tls1_3 weak");
    assert!(
        story.attempts().is_empty(),
        "one attempt, three connections"
    );
    let shown = story.furthest().tls;
    assert_eq!(shown.outcome, TlsOutcome::HelloOnly);
    assert_eq!(shown.version.as_deref(), Some("TLS 1.3"));
    assert_eq!(shown.group.as_deref(), Some("secp521r1"));
    // No certificate of its is seen.
    assert!(story.chains().is_empty());
    // However it refuses; what is older is asked for where no word about versions came.
    let closes = || said(HelloOutcome::Refused, Some(ErrorCode::Closed), None);
    let answers = [broken(40), closes(), p521(), refuses(40)];
    assert_eq!(asked(&answers), "full all tls1_3 weak legacy");
    // What a handshake without a hybrid group offers is not what it broke for want of.
    let shared = || names("TLS_AES_128_GCM_SHA256", "x25519");
    let answers = [broken(40), refuses(70), shared(), broken(40), refuses(70)];
    let (words, story) = play(&answers);
    assert_eq!(words, "full all tls1_3 plain weak");
    assert_eq!(story.furthest().tls.outcome, TlsOutcome::HelloOnly);
    let answers = [broken(40), refuses(70), shared(), works(), refuses(70)];
    let (_, story) = play(&answers);
    assert_eq!(story.furthest().tls.outcome, TlsOutcome::Completed);
    // Refused like all others: it is broken, and confirmed.
    let answers = [broken(40), refuses(70), refuses(40), broken(40)];
    let (words, story) = play(&answers);
    assert_eq!(words, "full all tls1_3 plain-name/2+");
    assert_eq!(outcomes(&story), [AttemptOutcome::Broken; 2]);
}

#[test]
fn what_may_take_the_place_of_the_handshake_is_said_once_more_first() {
    let late = || turned_away(ErrorCode::TempReject);
    let p521 = || names("TLS_AES_256_GCM_SHA384", "secp521r1");
    let (words, story) = play(&[broken(40), refuses(70), late(), p521(), refuses(70)]);
    assert_eq!(words, "full all tls1_3 tls1_3/2 weak");
    assert!(story.attempts().is_empty(), "one attempt");
    let (words, _) = play(&[broken(40), refuses(70), late(), late(), broken(40)]);
    assert_eq!(words, "full all tls1_3 tls1_3/2 plain-name/2+");
    // As it was said.
    let (words, story) = play(&[broken(40), refuses(40), late(), accepts(), refuses(40)]);
    assert_eq!(words, "full all all-ext all-ext/2 weak-ext legacy-ext");
    assert_eq!(story.furthest().tls.outcome, TlsOutcome::HelloOnly);
}

#[test]
fn one_hello_without_an_answer_is_said_once_more() {
    let silent = || said(HelloOutcome::Unknown, Some(ErrorCode::Timeout), None);
    let (words, story) = play(&[works(), refuses(40), silent(), refuses(70)]);
    assert_eq!(words, "full weak legacy legacy/2");
    assert!(story.works());
    let late = turned_away(ErrorCode::TempReject);
    assert_eq!(
        asked(&[works(), late, refuses(40)]),
        "full weak legacy weak/2"
    );
    // Once in all.
    assert_eq!(asked(&[works(), silent()]), "full weak legacy weak/2");
    // Five at the most.
    let words = asked(&[works(), silent(), accepts(), refuses(40)]);
    assert_eq!(words, "full weak legacy weak/2 ssl3-ext/1");
    let garbage = said(HelloOutcome::Unknown, Some(ErrorCode::ProtocolError), None);
    assert_eq!(asked(&[works(), garbage]), "full weak legacy");
}

#[test]
fn what_was_learned_stays_when_the_budget_ends() {
    let mut story = Story::default();
    story.take(works(), false);
    story.end(ErrorCode::Budget);
    assert_eq!(story.furthest().tls.outcome, TlsOutcome::Completed);
    let rows: Vec<_> = story.hellos().iter().map(|told| told.row()).collect();
    let kinds: Vec<_> = rows.iter().map(|row| row.kind).collect();
    assert_eq!(kinds, [HelloKind::Weak, HelloKind::Legacy]);
    for row in rows {
        assert_eq!(row.outcome, HelloOutcome::Unknown);
        assert_eq!(row.error, Some(ErrorCode::Budget));
    }
    let mut new = Story::default();
    new.end(ErrorCode::Excluded);
    assert_eq!(new.furthest().tcp.error, Some(ErrorCode::Excluded));
    assert!(new.hellos().is_empty());
}

#[test]
fn a_chain_is_kept_once() {
    let full = Conversation {
        chain: vec![b"leaf".to_vec()],
        ..works()
    };
    let (_, story) = play(&[full, accepts(), accepts(), refuses(40)]);
    assert_eq!(story.chains().len(), 1);
    let flights = story
        .hellos()
        .iter()
        .filter_map(|told| told.answer.flight.as_ref());
    assert!(flights.into_iter().all(|flight| flight.chain.is_empty()));
}

#[test]
fn an_attempt_begins_and_goes_on() {
    let mut story = Story::default();
    assert_eq!(story.ask().purpose, Purpose::Attempt);
    story.take(broken(112), false);
    assert_eq!(story.ask().purpose, Purpose::SameAttempt);
    story.take(works(), false);
    assert_eq!(story.ask().purpose, Purpose::Beside);
}

#[test]
fn a_job_that_waits_takes_little_room() {
    assert!(size_of::<Job>() <= 112);
}

#[test]
fn a_chain_of_a_hello_that_cannot_name_the_host_is_not_the_hosts() {
    let named = |mut seen: Conversation, leaf: &[u8]| {
        seen.tls.sni = Some("mail.example.cz".to_owned());
        seen.chain = vec![leaf.to_vec()];
        seen
    };
    let shown = |answers: &[Conversation]| {
        let (_, story) = play(answers);
        let leaf = |at: usize| story.chains()[at].chain[0].clone();
        let shown = story.sights.chains_of(ServerName::MostUsed).map(leaf);
        shown.collect::<Vec<_>>()
    };
    let mut legacy = accepts();
    legacy.tls.sni = Some("mail.example.cz".to_owned());
    let ssl3 = || {
        let mut seen = accepts();
        let flight = seen
            .hello
            .as_mut()
            .and_then(|answer| answer.flight.as_mut());
        flight.unwrap().chain = vec![b"default".to_vec()];
        seen
    };
    let own = named(works(), b"own");
    let all = [own, refuses(40), legacy, ssl3()];
    assert_eq!(shown(&all), [b"own".to_vec(), b"leaf".to_vec()]);
    // Where the host was asked for without a name, it is what the host shows.
    let mut nameless = works();
    nameless.chain = vec![b"own".to_vec()];
    let all = [nameless, refuses(40), accepts(), ssl3()];
    let expected = [b"own".to_vec(), b"leaf".to_vec(), b"default".to_vec()];
    assert_eq!(shown(&all), expected);
}
