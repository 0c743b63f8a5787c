//! Conversations with mail servers that misbehave: what is recorded, and how long it took.

mod egress;
mod greetings;
mod hello;
pub mod invariants;
mod old_tls;
mod pacing;
mod starttls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mailcensus::pace::{
    self, Back, Clearance, Journal, Limits, Pace, Past, Queues, Rules, Ruling, Target,
};
use mailcensus::probe::smtp::{Conversation, Handshake, Patience, Plan, talk};
use mailcensus::probe::tls;
use mailcensus::stop::Stop;
use mailcensus::table::codes::ErrorCode;
use mailcensus::table::row::Moment;
use tokio::time::Instant;

use crate::lab::smtp::{Manner, Server};
use crate::lab::tls::HOST;

/// A step that is meant to run out of time gets this long.
pub(super) const SHORT: Duration = Duration::from_millis(400);
/// Any other step gets this long, so that a busy machine changes no outcome.
pub(super) const LONG: Duration = Duration::from_secs(20);
/// No conversation with one short step takes longer.
pub(super) const BOUND: Duration = Duration::from_secs(8);

pub(super) fn long() -> Patience {
    Patience {
        greeting: LONG,
        command: LONG,
        handshake: LONG,
        quit: LONG,
        session: LONG,
    }
}

pub(super) fn plan(patience: Patience) -> Plan {
    Plan {
        ehlo: "census.example".to_owned(),
        sni: Some(HOST.to_owned()),
        handshake: Handshake::Full,
        patience,
    }
}

pub(super) fn fast() -> Limits {
    Limits {
        rate: u32::MAX,
        operator_rate: u32::MAX,
        prefix_rate: u32::MAX,
        ..Limits::default()
    }
}

pub(super) fn paced(limits: Limits) -> (Arc<Pace>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = Journal::open(dir.path(), Moment::now()).unwrap();
    let rules = Rules::new(vec!["127.0.0.0/8".parse().unwrap()], true);
    let rates = Arc::new(|_: &str| None);
    let pace = Pace::new(limits, rules, rates, journal, &Past::default());
    (pace, dir)
}

pub(super) fn target<T>(address: SocketAddr, load: T) -> Target<T> {
    Target {
        address,
        operator: Arc::from(pace::prefix_of(address.ip()).to_string()),
        extra: false,
        more: 0,
        load,
    }
}

/// One conversation by way of the queues, and how long it took.
pub(super) async fn admitted<T>(
    address: SocketAddr,
    converse: impl AsyncFnOnce(Clearance) -> Option<T>,
) -> (T, Duration) {
    let (pace, _dir) = paced(fast());
    let Queues {
        mut rulings,
        backs,
        task,
        ..
    } = pace::start(pace, vec![target(address, ())], Stop::default());
    let Some(Ruling::Go(clearance, _)) = rulings.recv().await else {
        panic!("no permission for {address}")
    };
    let start = Instant::now();
    let seen = converse(clearance).await.expect("no stop");
    let elapsed = start.elapsed();
    assert!(backs.send(Back::Done).is_ok());
    task.await.unwrap().unwrap();
    (seen, elapsed)
}

/// One conversation with a mail server.
pub(super) async fn talk_to(address: SocketAddr, patience: Patience) -> (Conversation, Duration) {
    let (plan, client) = (plan(patience), tls::Client::default());
    admitted(address, async |clearance| {
        talk(clearance, &plan, &client).await
    })
    .await
}

/// A conversation in one line: each step that was reached, and how it ended.
pub(super) fn told(seen: &Conversation) -> String {
    let code = |code: Option<u16>| code.map_or("-".to_owned(), |code| code.to_string());
    let error = |error: Option<ErrorCode>| error.map_or(String::new(), |error| format!("/{error}"));
    format!(
        "tcp {}{} greeting {} ehlo {} starttls {} {}{} tls {}{} ehlo {}{} quit {}",
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
        error(seen.ehlo_tls.error),
        code(seen.quit_code),
    )
}

pub(super) const ALL_IS_WELL: &str = "tcp connected greeting 220 ehlo 250 starttls 220 accepted \
                           tls completed ehlo 250 quit 221";

/// Holds a conversation with each server, and compares.
pub(super) async fn expect(cases: &[(Manner, &str)]) {
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
pub(super) async fn expect_late(cases: &[(Manner, Patience, &str)]) {
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
