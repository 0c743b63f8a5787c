//! Conversations with mail servers that misbehave: what is recorded, and how long it took.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mailcensus::pace::{self, Back, Journal, Limits, Pace, Past, Rules, Ruling, Target};
use mailcensus::probe::smtp::{Conversation, Patience, Plan, talk};
use mailcensus::probe::tls;
use mailcensus::stop::Stop;
use mailcensus::table::codes::ErrorCode;
use mailcensus::table::row::Moment;
use tokio::time::Instant;

use crate::lab::smtp::{Manner, Server};
use crate::lab::tls::HOST;

/// A step that is meant to run out of time gets this long.
const SHORT: Duration = Duration::from_millis(400);
/// Any other step gets this long, so that a busy machine changes no outcome.
const LONG: Duration = Duration::from_secs(20);
/// No conversation with one short step takes longer.
const BOUND: Duration = Duration::from_secs(8);

fn long() -> Patience {
    Patience {
        greeting: LONG,
        command: LONG,
        handshake: LONG,
        quit: LONG,
        session: LONG,
    }
}

fn plan(patience: Patience) -> Plan {
    Plan {
        ehlo: "census.example".to_owned(),
        sni: Some(HOST.to_owned()),
        patience,
    }
}

fn fast() -> Limits {
    Limits {
        rate: 1_000_000,
        operator_rate: 1_000_000,
        prefix_rate: 1_000_000,
        ..Limits::default()
    }
}

fn paced(limits: Limits) -> (Arc<Pace>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = Journal::open(dir.path(), Moment::now()).unwrap();
    let rules = Rules::new(vec!["127.0.0.0/8".parse().unwrap()], true);
    (Pace::new(limits, rules, journal, &Past::new()), dir)
}

fn target<T>(address: SocketAddr, load: T) -> Target<T> {
    Target {
        address,
        operator: Arc::from(pace::operator_of(address.ip())),
        load,
    }
}

/// One conversation by way of the queues.
async fn talk_to(address: SocketAddr, patience: Patience) -> (Conversation, Duration) {
    let (pace, _dir) = paced(fast());
    let (mut rulings, backs, task) = pace::start(pace, vec![target(address, ())], Stop::default());
    let Some(Ruling::Go(clearance, _)) = rulings.recv().await else {
        panic!("no permission for {address}")
    };
    let start = Instant::now();
    let seen = talk(clearance, &plan(patience), &tls::Client::default()).await;
    let elapsed = start.elapsed();
    assert!(backs.send(Back::Done).is_ok());
    task.await.unwrap().unwrap();
    (seen, elapsed)
}

/// A conversation in one line: each step that was reached, and how it ended.
fn told(seen: &Conversation) -> String {
    let code = |code: Option<u16>| code.map_or("-".to_owned(), |code| code.to_string());
    let error = |error: Option<ErrorCode>| error.map_or(String::new(), |error| format!("/{error}"));
    format!(
        "tcp {}{} greeting {} ehlo {} starttls {} {}{} tls {}{} ehlo {} quit {}",
        seen.tcp.outcome,
        error(seen.tcp.error),
        code(seen.banner_code),
        code(seen.ehlo.code),
        code(seen.starttls.code),
        seen.starttls.outcome,
        error(seen.starttls.error),
        seen.tls.outcome,
        error(seen.tls.error),
        code(seen.ehlo_tls.code),
        code(seen.quit_code),
    )
}

const ALL_IS_WELL: &str = "tcp connected greeting 220 ehlo 250 starttls 220 accepted \
                           tls completed ehlo 250 quit 221";

/// Holds a conversation with each server, and compares.
async fn expect(cases: &[(Manner, &str)]) {
    for (manner, expected) in cases {
        let server = Server::start(*manner).await;
        let (seen, elapsed) = talk_to(server.address, long()).await;
        assert_eq!(told(&seen), *expected, "{manner:?}");
        assert!(elapsed < BOUND, "{manner:?} took {elapsed:?}");
        let log = server.finished().await;
        assert_eq!(log.connections, 1, "{manner:?}");
        assert!(
            !log.hasty,
            "{manner:?}: did not wait for the answer to QUIT"
        );
    }
}

/// The same with servers that use up the patience of one step.
async fn expect_late(cases: &[(Manner, Patience, &str)]) {
    for (manner, patience, expected) in cases {
        let server = Server::start(*manner).await;
        let (seen, elapsed) = talk_to(server.address, *patience).await;
        assert_eq!(told(&seen), *expected, "{manner:?}");
        assert!(elapsed >= SHORT, "{manner:?} took only {elapsed:?}");
        assert!(elapsed < BOUND, "{manner:?} took {elapsed:?}");
        assert!(u128::from(seen.elapsed_ms) >= SHORT.as_millis());
        drop(server.finished().await);
    }
}

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
             tls completed ehlo - quit -",
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
    let command = Patience {
        command: SHORT,
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
             tls completed ehlo - quit -",
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_server_ever_sees_two_connections_at_a_time() {
    let mut servers = Vec::new();
    for last in 1..=10 {
        servers.push(Server::start_at([127, 0, 1, last], Manner::Polite).await);
    }
    let limits = Limits {
        prefix_open: 16,
        in_window: 10,
        in_survey: 10,
        ..fast()
    };
    let (pace, _dir) = paced(limits);
    let targets = (0..100)
        .map(|number| target(servers[number % servers.len()].address, ()))
        .collect();
    let start = Instant::now();
    let (mut rulings, backs, task) = pace::start(pace, targets, Stop::default());
    let client = Arc::new(tls::Client::default());
    while let Some(ruling) = rulings.recv().await {
        let Ruling::Go(clearance, target) = ruling else {
            panic!("a target was turned down")
        };
        let (backs, client) = (backs.clone(), client.clone());
        tokio::spawn(async move {
            let seen = talk(clearance, &plan(long()), &client).await;
            assert_eq!(told(&seen), ALL_IS_WELL, "{}", target.address);
            assert!(backs.send(Back::Done).is_ok());
        });
    }
    task.await.unwrap().unwrap();
    assert!(start.elapsed() < Duration::from_secs(60));
    for server in &servers {
        let log = server.finished().await;
        assert_eq!((log.connections, log.most_open), (10, 1));
    }
}

#[tokio::test]
async fn the_fourth_dial_of_an_address_waits_for_the_window() {
    let server = Server::start(Manner::Greets(554)).await;
    let window = Duration::from_secs(2);
    let limits = Limits { window, ..fast() };
    let (pace, _dir) = paced(limits);
    let targets = vec![target(server.address, ())];
    let (mut rulings, backs, task) = pace::start(pace, targets, Stop::default());
    let client = tls::Client::default();
    let mut dialled = Vec::new();
    for round in 1..=4 {
        let Some(Ruling::Go(clearance, target)) = rulings.recv().await else {
            panic!("turned down in round {round}")
        };
        dialled.push(Instant::now());
        let seen = talk(clearance, &plan(long()), &client).await;
        assert_eq!(seen.banner_code, Some(554));
        let back = match round {
            4 => Back::Done,
            _ => Back::Again(target, Instant::now()),
        };
        assert!(backs.send(back).is_ok());
    }
    task.await.unwrap().unwrap();
    // The budget counts from the moment of permission, a little before the dial.
    let waited = dialled[3] - dialled[0];
    assert!(waited > window - Duration::from_millis(500), "{waited:?}");
    assert!(waited < window + BOUND, "{waited:?}");
    assert_eq!(server.finished().await.connections, 4);
}

#[tokio::test]
async fn a_target_that_must_wait_holds_up_no_other_of_its_operator() {
    let busy = Server::start_at([127, 0, 2, 1], Manner::Greets(554)).await;
    let idle = Server::start_at([127, 0, 2, 2], Manner::Greets(554)).await;
    let limits = Limits {
        in_window: 1,
        window: Duration::from_secs(30),
        ..fast()
    };
    let (pace, _dir) = paced(limits);
    let targets = vec![
        target(busy.address, 0),
        target(busy.address, 1),
        target(idle.address, 2),
    ];
    let (mut rulings, backs, task) = pace::start(pace, targets, Stop::default());
    let client = tls::Client::default();
    let start = Instant::now();
    for load in [0, 2] {
        let Some(Ruling::Go(clearance, target)) = rulings.recv().await else {
            panic!("turned down")
        };
        assert_eq!(target.load, load);
        talk(clearance, &plan(long()), &client).await;
        assert!(backs.send(Back::Done).is_ok());
    }
    assert!(start.elapsed() < BOUND);
    drop((rulings, backs));
    task.await.unwrap().unwrap();
}
#[tokio::test]
async fn a_target_that_comes_back_is_not_held_up_by_one_that_must_wait() {
    let busy = Server::start_at([127, 0, 3, 1], Manner::Greets(554)).await;
    let idle = Server::start_at([127, 0, 3, 2], Manner::Greets(554)).await;
    let limits = Limits {
        in_window: 2,
        window: Duration::from_secs(30),
        ..fast()
    };
    let (pace, _dir) = paced(limits);
    // The third one has to wait for the window.
    let mut targets = vec![target(idle.address, "idle")];
    targets.extend((0..3).map(|_| target(busy.address, "busy")));
    let (mut rulings, backs, task) = pace::start(pace, targets, Stop::default());
    let client = tls::Client::default();
    let mut idle_target = None;
    for _ in 0..3 {
        let Some(Ruling::Go(clearance, target)) = rulings.recv().await else {
            panic!("turned down")
        };
        talk(clearance, &plan(long()), &client).await;
        match target.load {
            "idle" => idle_target = Some(target),
            _ => assert!(backs.send(Back::Done).is_ok()),
        }
    }
    // By now the queue knows that the third one cannot go before the window ends.
    tokio::time::sleep(SHORT).await;
    let start = Instant::now();
    let again = Back::Again(idle_target.unwrap(), start + SHORT);
    assert!(backs.send(again).is_ok());
    let ruling = tokio::time::timeout(BOUND, rulings.recv()).await;
    let Ok(Some(Ruling::Go(clearance, target))) = ruling else {
        panic!("held up")
    };
    assert_eq!(target.load, "idle");
    assert!(start.elapsed() >= SHORT);
    drop((clearance, rulings, backs));
    task.await.unwrap().unwrap();
}

#[tokio::test]
async fn after_a_stop_nobody_is_dialled() {
    let server = Server::start(Manner::Greets(554)).await;
    let limits = Limits {
        in_window: 100,
        in_survey: 100,
        ..fast()
    };
    let (pace, _dir) = paced(limits);
    let targets = (0..50).map(|_| target(server.address, ())).collect();
    let stop = Stop::default();
    let (mut rulings, backs, task) = pace::start(pace, targets, stop.clone());
    let Some(Ruling::Go(clearance, _)) = rulings.recv().await else {
        panic!("turned down")
    };
    stop.request(mailcensus::error::Error::Interrupted);
    let start = Instant::now();
    talk(clearance, &plan(long()), &tls::Client::default()).await;
    // Whoever took it back first may be gone already.
    let _ = backs.send(Back::Done);
    assert!(rulings.recv().await.is_none(), "another permission");
    task.await.unwrap().unwrap();
    assert!(start.elapsed() < BOUND, "took {:?}", start.elapsed());
    assert_eq!(server.finished().await.connections, 1);
}

#[tokio::test]
async fn an_address_outside_the_lab_is_never_dialled() {
    let (pace, _dir) = paced(fast());
    let outside = vec![target("192.0.2.1:25".parse().unwrap(), ())];
    let (mut rulings, _backs, task) = pace::start(pace, outside, Stop::default());
    let Some(Ruling::Never(error, _)) = rulings.recv().await else {
        panic!("a permission")
    };
    assert_eq!(error, ErrorCode::SpecialPurpose);
    task.await.unwrap().unwrap();
}
