//! Up to EHLO: polite servers, slow ones, and those that do not want us.

use mailcensus::probe::smtp::Patience;

use super::*;
use crate::lab::smtp::{Manner, Server};
use crate::lab::tls::HOST;

#[tokio::test]
async fn a_polite_server_hears_four_commands_and_no_more() {
    let server = Server::start(Manner::Polite).await;
    let (seen, elapsed) = talk_to(server.address, long()).await;
    assert_eq!(told(&seen), ALL_IS_WELL);
    assert!(elapsed < BOUND, "took {elapsed:?}");
    assert_eq!(seen.banner.as_deref(), Some("mail.example.cz ESMTP"));
    assert_eq!(seen.ehlo.capabilities, ["SIZE 1000000", "STARTTLS"]);
    assert_eq!(seen.ehlo_tls.capabilities, ["AUTH PLAIN"]);
    assert_eq!(seen.tls.version.as_deref(), Some("TLS 1.3"));
    assert_eq!(seen.tls.group.as_deref(), Some("X25519MLKEM768"));
    assert_eq!(seen.tls.sni.as_deref(), Some(HOST));
    assert_eq!(seen.tls.signature_valid, Some(true));
    assert_eq!(seen.chain.len(), 1);
    let log = server.finished().await;
    assert_eq!(
        log.lines,
        [
            "EHLO census.example",
            "STARTTLS",
            "tls EHLO census.example",
            "tls QUIT"
        ]
    );
    assert!(!log.hasty, "closed before the answer to QUIT");
    assert!(log.parted, "never closed");
}

#[tokio::test]
async fn a_server_without_tls_1_3_gets_1_2() {
    let server = Server::start(Manner::Tls12Only).await;
    let (seen, _) = talk_to(server.address, long()).await;
    assert_eq!(told(&seen), ALL_IS_WELL);
    assert_eq!(seen.tls.version.as_deref(), Some("TLS 1.2"));
    assert_eq!(seen.tls.signature_valid, Some(true));
}

#[tokio::test]
async fn a_server_that_takes_its_time_is_waited_for() {
    let server = Server::start(Manner::GreetsSlowly(SHORT)).await;
    let (seen, elapsed) = talk_to(server.address, long()).await;
    assert_eq!(told(&seen), ALL_IS_WELL);
    assert!(elapsed >= SHORT, "took only {elapsed:?}");
    assert!(elapsed < BOUND, "took {elapsed:?}");
}

#[tokio::test]
async fn greetings_that_never_come_run_out_of_time() {
    let late = "tcp connected greeting - ehlo - starttls - not_attempted/greeting_timeout \
                tls not_attempted ehlo - quit -";
    let greeting = Patience {
        greeting: SHORT,
        ..long()
    };
    let session = Patience {
        session: SHORT,
        ..long()
    };
    expect_late(&[
        (Manner::Silent, greeting, late),
        (Manner::DripsForever, greeting, late),
        (Manner::DripsForever, session, late),
        (Manner::GreetsSlowly(4 * SHORT), greeting, late),
    ])
    .await;
}

#[tokio::test]
async fn greetings_that_break_off_say_how() {
    expect(&[
        (
            Manner::HangsUp,
            "tcp connected greeting - ehlo - starttls - not_attempted/closed \
             tls not_attempted ehlo - quit -",
        ),
        (
            Manner::HangsUpInGreeting,
            "tcp connected greeting - ehlo - starttls - not_attempted/closed \
             tls not_attempted ehlo - quit -",
        ),
        (
            Manner::Resets,
            "tcp connected greeting - ehlo - starttls - not_attempted/reset \
             tls not_attempted ehlo - quit -",
        ),
        (
            Manner::HangsUpAfterGreeting,
            "tcp connected greeting 220 ehlo - starttls - not_attempted/closed \
             tls not_attempted ehlo - quit -",
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_reply_is_a_protocol_error_or_too_large() {
    let large = "tcp connected greeting - ehlo - starttls - not_attempted/too_large \
                 tls not_attempted ehlo - quit -";
    let wrong = "tcp connected greeting - ehlo - starttls - not_attempted/protocol_error \
                 tls not_attempted ehlo - quit -";
    expect(&[
        (Manner::EndlessBanner, large),
        (Manner::EndlessMultilineBanner, large),
        (
            Manner::EndlessEhlo,
            "tcp connected greeting 220 ehlo - starttls - not_attempted/too_large \
             tls not_attempted ehlo - quit -",
        ),
        (Manner::NotSmtp, wrong),
        (Manner::MixedCodes, wrong),
    ])
    .await;
}

#[tokio::test]
async fn servers_that_do_not_want_us_get_a_goodbye() {
    for (code, error) in [(450, "temp_reject"), (421, "temp_reject"), (554, "blocked")] {
        let server = Server::start(Manner::Greets(code)).await;
        let (seen, elapsed) = talk_to(server.address, long()).await;
        assert_eq!(
            told(&seen),
            format!(
                "tcp connected greeting {code} ehlo - starttls - not_attempted/{error} \
                 tls not_attempted ehlo - quit 221"
            )
        );
        assert_eq!(seen.banner.as_deref(), Some("not now"));
        assert!(elapsed < BOUND, "took {elapsed:?}");
        let log = server.finished().await;
        assert_eq!(log.lines, ["QUIT"]);
        assert!(!log.hasty && log.parted);
    }
}

#[tokio::test]
async fn banners_are_cut_and_escaped() {
    let server = Server::start(Manner::LongLine).await;
    let (seen, _) = talk_to(server.address, long()).await;
    assert_eq!(told(&seen), ALL_IS_WELL);
    assert_eq!(seen.banner, Some("x".repeat(512)));
    let server = Server::start(Manner::BinaryBanner).await;
    let (seen, _) = talk_to(server.address, long()).await;
    assert_eq!(told(&seen), ALL_IS_WELL);
    assert_eq!(seen.banner.as_deref(), Some(r"\x1b[2J\x07\xff\\"));
}
