//! A negative that costs somebody is asked once more, later, and both attempts are kept.

use std::time::Duration;

use mailcensus::table::codes::{CheckResult, ErrorCode};

use super::*;
use Manner::{AnswersStarttls, Greets, HangsUp, NoStarttls, Polite, Resets, TlsAlert, TlsHangsUp};

/// Each server by the manner of each of its connections, what its attempts say, and the verdict.
const CASES: [(&str, &[Manner], &str, &str); 14] = [
    ("good", &[Polite], "", "pass starttls:1/1"),
    (
        "none",
        &[NoStarttls],
        "not_offered not_offered",
        "fail not_offered:1/1",
    ),
    (
        "second",
        &[NoStarttls, Polite],
        "not_offered completed",
        "unknown inconsistent:1/1",
    ),
    (
        "lost",
        &[NoStarttls, HangsUp],
        "not_offered connected/closed",
        "unknown unconfirmed:1/1",
    ),
    (
        "no454",
        &[AnswersStarttls(454)],
        "refused/temp_reject refused/temp_reject",
        "fail refused:1/1",
    ),
    (
        "no502",
        &[AnswersStarttls(502)],
        "refused refused",
        "fail refused:1/1",
    ),
    (
        "one454",
        &[AnswersStarttls(454), Polite],
        "refused/temp_reject completed",
        "unknown inconsistent:1/1",
    ),
    (
        "grey",
        &[Greets(450), Polite],
        "connected/temp_reject completed",
        "pass starttls:1/1",
    ),
    (
        "greynone",
        &[Greets(450), NoStarttls],
        "connected/temp_reject not_offered not_offered",
        "fail not_offered:1/1",
    ),
    (
        "broken",
        &[TlsHangsUp],
        "broken/closed broken/closed",
        "fail handshake:1/1",
    ),
    (
        "onebroken",
        &[TlsHangsUp, TlsHangsUp, TlsHangsUp, Polite],
        "broken/closed completed",
        "unknown inconsistent:1/1",
    ),
    (
        "nameless",
        &[TlsAlert(112), Polite],
        "",
        "pass starttls:1/1",
    ),
    ("blocked", &[Greets(554)], "", "unknown blocked:0/1"),
    ("resets", &[Resets], "", "unknown reset:0/1"),
];

/// Connections that are no attempt of their own: alert 112 is answered without a server name.
const WITHOUT_NAME: [(&str, usize); 1] = [("nameless", 1)];

fn told(row: &EndpointRow) -> String {
    let one = |attempt: &mailcensus::table::rows::Attempt| {
        let error = attempt
            .error
            .map_or(String::new(), |error| format!("/{error}"));
        format!("{}{error}", attempt.outcome)
    };
    row.attempts.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn negatives_are_asked_once_more_and_disagreement_is_unknown() {
    let mut net = Net::new().await;
    for (number, (name, manners, ..)) in (1..).zip(CASES) {
        net.add(name, [127, 31, number, 1], manners).await;
    }
    let window = 3;
    let surveyed = net.survey(window).await;
    for (name, manners, attempts, expected) in CASES {
        let row = &surveyed.endpoints[name];
        assert_eq!(told(row), attempts, "{name}");
        assert_eq!(
            in_words(&surveyed.verdicts[name].starttls),
            expected,
            "{name}"
        );
        let log = net.server(name).finished().await;
        let more = WITHOUT_NAME.iter().find(|(other, _)| *other == name);
        let attempts = row.attempts.len().max(1) + more.map_or(0, |(_, more)| *more);
        // The last hello to one who was asked for anything in common may be beyond the budget.
        let said = |hello: &&mailcensus::table::rows::Hello| hello.error != Some(ErrorCode::Budget);
        let connections = attempts + row.hellos.iter().filter(said).count();
        assert_eq!(log.connections, connections, "{name}: {manners:?}");
        assert_eq!(usize::from(row.connections), connections, "{name}");
        assert_eq!(log.most_open, 1, "{name}");
        for two in row.attempts.windows(2) {
            let later = two[1].observed_at.0 - two[0].observed_at.0;
            let half = Duration::from_secs(u64::from(window)) / 2;
            assert!(later >= half.as_micros() as i64, "{name}: {later} µs later");
        }
    }
    // The row shows the attempt that got furthest, the first of equals.
    let second = &surveyed.endpoints["second"];
    assert_eq!(second.observed_at, second.attempts[1].observed_at);
    assert_eq!(second.chains.len(), 1);
    let none = &surveyed.endpoints["none"];
    assert_eq!(none.observed_at, none.attempts[0].observed_at);
    // 454 is a refusal for now, whatever was offered before.
    let bias = &surveyed.manifest["bias"];
    assert_eq!(bias["127.31.13.0/24"]["blocked"], 1, "{bias}");
    assert_eq!(bias["127.31.5.0/24"]["temp_reject"], 1, "{bias}");
    assert_eq!(bias.as_object().unwrap().len(), 2, "{bias}");
    let line = "turned away: 1 blocked, 1 temp_reject; 1 by 127.31.13.0/24, 1 by 127.31.5.0/24";
    assert!(
        surveyed.ran.stdout.contains(line),
        "{}",
        surveyed.ran.stdout
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_no_tlsa_record_wants_is_seen_twice() {
    let mut net = Net::new().await;
    net.add("wrong", [127, 32, 1, 1], &[Polite]).await;
    net.add("first", [127, 32, 2, 1], &[Polite, NoStarttls])
        .await;
    net.with_wrong_tlsa("wrong").with_wrong_tlsa("first");
    let surveyed = net.survey(2).await;
    let wrong = &surveyed.endpoints["wrong"];
    assert_eq!(told(wrong), "completed completed");
    assert_eq!(wrong.chains.len(), 1, "the same leaf twice");
    assert!(wrong.chains[0].tlsa_matches.is_empty());
    assert_eq!(
        in_words(&surveyed.verdicts["wrong"].starttls),
        "pass starttls:1/1"
    );
    // STARTTLS only the first time.
    let first = &surveyed.endpoints["first"];
    assert_eq!(told(first), "completed not_offered");
    assert_eq!(first.observed_at, first.attempts[0].observed_at);
    assert_eq!(
        in_words(&surveyed.verdicts["first"].starttls),
        "unknown inconsistent:1/1"
    );
    assert_eq!(
        surveyed.verdicts["first"].starttls.result,
        CheckResult::Unknown
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_that_greet_by_one_name_share_the_window_of_one() {
    let mut net = Net::new().await;
    let names = ["m1", "m2", "m3", "m4", "m5"];
    for (number, name) in (1..).zip(names) {
        net.add_as(name, "mx.provider.cz", [127, 33, number, 1], &[NoStarttls])
            .await;
    }
    let window = 2;
    let surveyed = net.survey(window).await;
    let mut again = Vec::new();
    for name in names {
        assert_eq!(told(&surveyed.endpoints[name]), "not_offered not_offered");
        again.push(net.server(name).finished().await.accepted[1]);
    }
    // Nobody could know of the first ones; of the second ones three go in a window.
    again.sort();
    let apart = again[3] - again[0];
    assert!(apart >= Duration::from_secs(u64::from(window)), "{apart:?}");
}
