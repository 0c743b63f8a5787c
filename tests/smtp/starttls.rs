//! STARTTLS and the handshake, kept, broken and misused.

use mailcensus::probe::smtp::Patience;

use super::*;
use crate::lab::smtp::{Manner, Server};

#[tokio::test]
async fn without_starttls_the_conversation_ends_in_clear_text() {
    expect(&[
        (
            Manner::NoStarttls,
            "tcp connected greeting 220 ehlo 250 starttls - not_offered \
             tls not_attempted ehlo - quit 221",
        ),
        (
            Manner::Stripped,
            "tcp connected greeting 220 ehlo 250 starttls - stripped \
             tls not_attempted ehlo - quit 221",
        ),
        (
            Manner::AnswersEhlo(502),
            "tcp connected greeting 220 ehlo 502 starttls - not_offered \
             tls not_attempted ehlo - quit 221",
        ),
        (
            Manner::AnswersEhlo(421),
            "tcp connected greeting 220 ehlo 421 starttls - not_attempted/temp_reject \
             tls not_attempted ehlo - quit 221",
        ),
        (
            Manner::AnswersEhlo(550),
            "tcp connected greeting 220 ehlo 550 starttls - not_attempted/blocked \
             tls not_attempted ehlo - quit 221",
        ),
        (Manner::LowerCase, ALL_IS_WELL),
    ])
    .await;
}

#[tokio::test]
async fn starttls_that_is_offered_and_not_given_is_refused() {
    expect(&[
        (
            Manner::AnswersStarttls(502),
            "tcp connected greeting 220 ehlo 250 starttls 502 refused \
             tls not_attempted ehlo - quit 221",
        ),
        (
            Manner::AnswersStarttls(454),
            "tcp connected greeting 220 ehlo 250 starttls 454 refused/temp_reject \
             tls not_attempted ehlo - quit 221",
        ),
        (
            Manner::HangsUpOnStarttls,
            "tcp connected greeting 220 ehlo 250 starttls - failed/closed \
             tls not_attempted ehlo - quit -",
        ),
    ])
    .await;
}

#[tokio::test]
async fn clear_text_behind_the_220_is_never_taken_for_tls() {
    let server = Server::start(Manner::InjectsAfter220).await;
    let (seen, elapsed) = talk_to(server.address, long()).await;
    assert_eq!(
        told(&seen),
        ALL_IS_WELL.replace("accepted", "injected"),
        "the handshake went on"
    );
    assert_eq!(seen.ehlo_tls.capabilities, ["AUTH PLAIN"]);
    assert!(elapsed < BOUND, "took {elapsed:?}");
}

#[tokio::test]
async fn handshakes_that_break_say_how() {
    expect(&[
        (
            Manner::StarttlsThenPlain,
            "tcp connected greeting 220 ehlo 250 starttls 220 accepted \
             tls failed/protocol_error ehlo - quit -",
        ),
        (
            Manner::TlsReset,
            "tcp connected greeting 220 ehlo 250 starttls 220 accepted \
             tls failed/reset ehlo - quit -",
        ),
        (
            Manner::TlsHangsUp,
            "tcp connected greeting 220 ehlo 250 starttls 220 accepted \
             tls failed/closed ehlo - quit -",
        ),
        (
            Manner::HandshakeThenHangsUp,
            "tcp connected greeting 220 ehlo 250 starttls 220 accepted \
             tls completed ehlo -/closed quit -",
        ),
    ])
    .await;
}

#[tokio::test]
async fn alerts_keep_their_number() {
    for number in [40, 70, 112] {
        let server = Server::start(Manner::TlsAlert(number)).await;
        let (seen, elapsed) = talk_to(server.address, long()).await;
        assert_eq!(
            told(&seen),
            "tcp connected greeting 220 ehlo 250 starttls 220 accepted \
             tls failed/tls_alert ehlo - quit -"
        );
        assert_eq!(seen.tls.alert, Some(number));
        assert!(elapsed < BOUND, "took {elapsed:?}");
    }
}

#[tokio::test]
async fn servers_that_fall_silent_later_run_out_of_time() {
    // A goodbye is said all the same, and waited for.
    let command = Patience {
        command: SHORT,
        quit: SHORT,
        ..long()
    };
    let handshake = Patience {
        handshake: SHORT,
        ..long()
    };
    let quit = Patience {
        quit: SHORT,
        ..long()
    };
    expect_late(&[
        (
            Manner::SilentAfterGreeting,
            command,
            "tcp connected greeting 220 ehlo - starttls - not_attempted/timeout \
             tls not_attempted ehlo - quit -",
        ),
        (
            Manner::SilentOnStarttls,
            command,
            "tcp connected greeting 220 ehlo 250 starttls - failed/timeout \
             tls not_attempted ehlo - quit -",
        ),
        (
            Manner::StarttlsThenSilence,
            handshake,
            "tcp connected greeting 220 ehlo 250 starttls 220 accepted \
             tls failed/timeout ehlo - quit -",
        ),
        (
            Manner::HandshakeThenSilence,
            command,
            "tcp connected greeting 220 ehlo 250 starttls 220 accepted \
             tls completed ehlo -/timeout quit -",
        ),
        (
            Manner::SilentOnQuit,
            quit,
            "tcp connected greeting 220 ehlo 250 starttls 220 accepted \
             tls completed ehlo 250 quit -",
        ),
    ])
    .await;
}

#[tokio::test]
async fn of_a_huge_chain_ten_certificates_are_kept() {
    let server = Server::start(Manner::HugeChain(13)).await;
    let (seen, elapsed) = talk_to(server.address, long()).await;
    assert_eq!(told(&seen), ALL_IS_WELL);
    assert_eq!(seen.chain.len(), 10);
    assert!(elapsed < BOUND, "took {elapsed:?}");
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (seen, elapsed) = talk_to(address, long()).await;
    assert_eq!(
        told(&seen),
        "tcp failed/refused greeting - ehlo - starttls - not_attempted \
         tls not_attempted ehlo - quit -"
    );
    assert!(elapsed < BOUND, "took {elapsed:?}");
}
