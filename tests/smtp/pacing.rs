//! The queues: who is dialled when, and who never.

use std::sync::Arc;
use std::time::Duration;

use mailcensus::pace::{self, Back, Limits, Queues, Ruling};
use mailcensus::probe::smtp::talk;
use mailcensus::probe::tls;
use mailcensus::stop::Stop;
use mailcensus::table::codes::ErrorCode;
use tokio::time::Instant;

use super::*;
use crate::lab::smtp::{Manner, Server};

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
    let Queues {
        mut rulings,
        backs,
        task,
        ..
    } = pace::start(pace, targets, Stop::default());
    let client = Arc::new(tls::Client::default());
    while let Some(ruling) = rulings.recv().await {
        let Ruling::Go(clearance, target) = ruling else {
            panic!("a target was turned down")
        };
        let (backs, client) = (backs.clone(), client.clone());
        tokio::spawn(async move {
            let seen = talk(clearance, &plan(long()), &client).await.unwrap();
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
    let Queues {
        mut rulings,
        backs,
        task,
        ..
    } = pace::start(pace, targets, Stop::default());
    let client = tls::Client::default();
    let mut dialled = Vec::new();
    for round in 1..=4 {
        let Some(Ruling::Go(clearance, target)) = rulings.recv().await else {
            panic!("turned down in round {round}")
        };
        dialled.push(Instant::now());
        let seen = talk(clearance, &plan(long()), &client).await.unwrap();
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
    let Queues {
        mut rulings,
        backs,
        task,
        ..
    } = pace::start(pace, targets, Stop::default());
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
    let Queues {
        mut rulings,
        backs,
        task,
        ..
    } = pace::start(pace, targets, Stop::default());
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
    let Queues {
        mut rulings,
        backs,
        task,
        ..
    } = pace::start(pace, targets, stop.clone());
    let Some(Ruling::Go(clearance, _)) = rulings.recv().await else {
        panic!("turned down")
    };
    stop.request(mailcensus::error::Error::Interrupted);
    let start = Instant::now();
    // Cleared before the stop, and not dialled after it.
    let seen = talk(clearance, &plan(long()), &tls::Client::default()).await;
    assert!(seen.is_none());
    // Whoever took it back first may be gone already.
    let _ = backs.send(Back::Done);
    assert!(rulings.recv().await.is_none(), "another permission");
    task.await.unwrap().unwrap();
    assert!(start.elapsed() < BOUND, "took {:?}", start.elapsed());
    assert_eq!(server.finished().await.connections, 0);
}

#[tokio::test]
async fn an_address_outside_the_lab_is_never_dialled() {
    let (pace, _dir) = paced(fast());
    let outside = vec![target("192.0.2.1:25".parse().unwrap(), ())];
    let Queues {
        mut rulings,
        backs: _backs,
        task,
        ..
    } = pace::start(pace, outside, Stop::default());
    let Some(Ruling::Never(error, _)) = rulings.recv().await else {
        panic!("a permission")
    };
    assert_eq!(error, ErrorCode::SpecialPurpose);
    task.await.unwrap().unwrap();
}
