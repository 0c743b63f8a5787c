//! Bare hellos behind STARTTLS.

use mailcensus::probe::hello::{Answer, Hello};
use mailcensus::table::tls_codes::{HelloKind, HelloOutcome};

use super::*;

/// One conversation with a bare hello, and what it says.
async fn said(server: &Server, hello: Hello, patience: Patience) -> Answer {
    let plan = Plan {
        handshake: Handshake::Bare(hello),
        ..plan(patience)
    };
    let client = tls::Client::default();
    let (seen, elapsed) = admitted(server.address, async |clearance| {
        talk(clearance, &plan, &client).await
    })
    .await;
    assert!(elapsed < BOUND, "took {elapsed:?}");
    assert_eq!(seen.tls.outcome.as_str(), "not_attempted");
    seen.hello.expect("a hello was sent")
}

fn told(answer: &Answer) -> String {
    let error = answer.error.map(|error| format!("/{error}"));
    let alert = answer.alert.map(|alert| format!(" alert {alert}"));
    [Some(answer.outcome.to_string()), error, alert]
        .into_iter()
        .flatten()
        .collect()
}

#[tokio::test]
async fn a_modern_server_refuses_what_is_old_and_answers_what_is_not() {
    let server = Server::start(Manner::Polite).await;
    for kind in [HelloKind::Weak, HelloKind::Legacy, HelloKind::Ssl3] {
        let answer = said(&server, Hello::of(kind), long()).await;
        assert_eq!(answer.outcome, HelloOutcome::Refused, "{kind}: {answer:?}");
        assert!(answer.alert.is_some(), "{kind}: {answer:?}");
    }
    let answer = said(&server, Hello::of(HelloKind::All), long()).await;
    let flight = answer.flight.expect("accepted");
    assert_eq!(flight.version, "TLS 1.2");
    assert_eq!(flight.chain.len(), 1);
    assert_eq!(flight.extended_master_secret, Some(true));
    // Nothing but SMTP in clear text, and nothing after STARTTLS.
    let log = server.finished().await;
    assert_eq!(log.connections, 4);
    assert_eq!(log.lines, ["EHLO census.example", "STARTTLS"].repeat(4));
}

#[tokio::test]
async fn every_way_to_say_no_has_its_word() {
    for (manner, expected) in [
        (Manner::TlsAlert(70), "refused alert 70"),
        (Manner::TlsAlert(40), "refused alert 40"),
        (Manner::TlsHangsUp, "refused/closed"),
        (Manner::TlsReset, "refused/reset"),
        (Manner::StarttlsThenPlain, "unknown/protocol_error"),
    ] {
        let server = Server::start(manner).await;
        let answer = said(&server, Hello::of(HelloKind::Legacy), long()).await;
        assert_eq!(told(&answer), expected, "{manner:?}");
    }
    let server = Server::start(Manner::StarttlsThenSilence).await;
    let patience = Patience {
        handshake: SHORT,
        ..long()
    };
    for kind in [HelloKind::Legacy, HelloKind::Ssl2] {
        let answer = said(&server, Hello::of(kind), patience).await;
        assert_eq!(told(&answer), "unknown/timeout", "{kind}");
    }
}
