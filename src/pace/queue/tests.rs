//! The queues over hours that pass at once.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use super::*;
use crate::error::Error;
use crate::pace::{Heard, Journal, Limits, Past, Rules, prefix_of};
use crate::table::row::Moment;

const SECOND: Duration = Duration::from_secs(1);

fn pace(limits: Limits) -> (Arc<Pace>, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let (journal, _) = Journal::open(dir.path(), Moment::now()).expect("opens");
    let rules = Rules::new(vec!["10.0.0.0/8".parse().expect("a prefix")], true);
    let pace = Pace::new(limits, rules, Arc::new(|_| None), journal, &Past::default());
    (pace, dir)
}

fn fast() -> Limits {
    Limits {
        rate: u32::MAX,
        operator_rate: u32::MAX,
        prefix_rate: u32::MAX,
        ..Limits::default()
    }
}

fn address(number: u32) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::from(0x0a00_0000 + number), 25))
}

fn target<T>(address: SocketAddr, operator: &Arc<str>, load: T) -> Target<T> {
    Target {
        address,
        operator: operator.clone(),
        extra: false,
        more: 0,
        load,
    }
}

/// Takes every ruling and lets each conversation end at once; gives when each dial was.
async fn all<T: Send + 'static>(queues: Queues<T>) -> Vec<(Instant, SocketAddr)> {
    let Queues {
        mut rulings,
        backs,
        task,
        ..
    } = queues;
    let mut dialled = Vec::new();
    while let Some(ruling) = rulings.recv().await {
        let Ruling::Go(clearance, _) = ruling else {
            panic!("turned down")
        };
        dialled.push((Instant::now(), clearance.address()));
        drop(clearance);
        assert!(backs.send(Back::Done).is_ok());
    }
    task.await.expect("ends").expect("ends well");
    dialled
}

/// A hundred thousand targets of one operator, of which every prefix has its own rate: looking at
/// all that wait at every step would take days.
#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_targets_of_one_operator_cost_no_more_than_their_steps() {
    let limits = Limits {
        prefix_rate: 2,
        ..fast()
    };
    let (pace, _dir) = pace(limits);
    let operator = Arc::from("big");
    // 400 prefixes, 250 addresses in each.
    let targets = (0..100_000_u32)
        .map(|number| target(address(number / 250 * 256 + number % 250), &operator, ()))
        .collect();
    let begun = Instant::now();
    let dialled = all(start(pace, targets, Stop::default())).await;
    assert_eq!(dialled.len(), 100_000);
    // 250 in each prefix, two a second.
    let took = begun.elapsed();
    assert!(took >= 124 * SECOND && took < 130 * SECOND, "{took:?}");
    let mut last: HashMap<_, Instant> = HashMap::new();
    for (at, to) in dialled {
        let before = last.insert(prefix_of(to.ip()), at);
        assert!(
            before.is_none_or(|before| at - before >= SECOND / 2),
            "{to}"
        );
    }
}

/// Who does not wait is told so at once, whether a moment is far away or the window is used up.
#[tokio::test(start_paused = true)]
async fn who_does_not_wait_for_a_window_is_turned_down_at_once() {
    let (pace, _dir) = pace(fast().without_waiting());
    let operator = Arc::from("operator");
    let begun = Instant::now();
    let targets = [1, 2].map(|number| target(address(number), &operator, number));
    let mut queues = start(pace.clone(), targets.into(), Stop::default());
    let (mut dialled, mut turned_down) = (HashMap::<u32, u32>::new(), Vec::new());
    while let Some(ruling) = queues.rulings.recv().await {
        match ruling {
            Ruling::Go(clearance, target) => {
                drop(clearance);
                *dialled.entry(target.load).or_default() += 1;
                // One is asked as often as it goes, the other once more a minute later.
                let wait = if target.load == 1 {
                    SECOND
                } else {
                    60 * SECOND
                };
                let again = Back::Again(target, Instant::now() + wait);
                assert!(queues.backs.send(again).is_ok());
            }
            Ruling::Never(error, target) => turned_down.push((target.load, error)),
        }
    }
    queues.task.await.expect("ends").expect("ends well");
    turned_down.sort();
    assert_eq!(
        turned_down,
        [(1, ErrorCode::Budget), (2, ErrorCode::Budget)]
    );
    assert_eq!(dialled, [(1, 3), (2, 1)].into());
    assert!(begun.elapsed() < 10 * SECOND, "{:?}", begun.elapsed());
    assert!(pace.rest(address(1), "") > 590 * SECOND);
    assert_eq!(pace.rest(address(2), ""), Duration::ZERO);
}

/// Every one of them has to come back at a moment of its own.
#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_that_wait_for_their_moment_cost_no_more_than_their_steps() {
    let mut lanes = Lanes::new();
    let (begun, operator) = (Instant::now(), Arc::from("big"));
    let moment = |number: u32| begun + SECOND * (number.wrapping_mul(2_654_435_761) % 100_000);
    for number in 0..100_000 {
        lanes.add(
            target(address(number), &operator, number),
            moment(number),
            begun,
        );
    }
    assert_eq!(lanes.latest(), (0..100_000).map(moment).max());
    let mut now = begun;
    let mut gone = 0;
    while lanes.left() > 0 {
        match lanes.step(now, |_, _, _| super::super::budget::Verdict::Go) {
            Step::Go(target) => {
                assert!(moment(target.load) <= now);
                gone += 1;
            }
            Step::Wait(Some(at)) => {
                assert!(at > now);
                now = at;
            }
            Step::Moved => {}
            Step::Wait(None) | Step::Never(..) => panic!("nobody left"),
        }
    }
    assert_eq!(gone, 100_000);
    assert!(now < begun + 100_000 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_operator_gets_its_rate_at_even_distances_and_holds_up_nobody() {
    let limits = Limits {
        operator_rate: 2,
        ..fast()
    };
    let (pace, _dir) = pace(limits);
    let (slow, other): (Arc<str>, Arc<str>) = (Arc::from("slow"), Arc::from("other"));
    let mut targets: Vec<_> = (0..20)
        .map(|n| target(address(n * 256), &slow, ()))
        .collect();
    targets.push(target(address(20 * 256), &other, ()));
    let begun = Instant::now();
    let dialled = all(start(pace, targets, Stop::default())).await;
    let (others, slow): (Vec<_>, Vec<_>) = dialled
        .into_iter()
        .partition(|(_, to)| *to == address(20 * 256));
    assert!(others[0].0 - begun < SECOND);
    for two in slow.windows(2) {
        assert!(two[1].0 - two[0].0 >= SECOND / 2, "a burst");
    }
    let took = begun.elapsed();
    assert!(took >= 19 * SECOND / 2 && took < 11 * SECOND, "{took:?}");
}

/// A hundred a second in all, three connections to each of a thousand: what is known of a target is
/// in memory from the first to the last.
#[tokio::test(start_paused = true)]
async fn who_was_begun_is_done_with_before_others_begin() {
    let limits = Limits {
        rate: 100,
        ..fast()
    };
    let (pace, _dir) = pace(limits);
    let target = |n: u32| {
        let operator = Arc::from(format!("operator {}", n % 300));
        target(address(n * 256), &operator, 0_u8)
    };
    let targets = (0..1_000).map(target).collect();
    let mut queues = start(pace, targets, Stop::default());
    let (mut open, mut most) = (std::collections::HashSet::new(), 0);
    while let Some(Ruling::Go(clearance, mut target)) = queues.rulings.recv().await {
        drop(clearance);
        open.insert(target.address);
        most = most.max(open.len());
        target.load += 1;
        let back = match target.load {
            3 => {
                open.remove(&target.address);
                Back::Done
            }
            _ => Back::Again(target, Instant::now() + SECOND),
        };
        assert!(queues.backs.send(back).is_ok());
    }
    queues.task.await.expect("ends").expect("ends well");
    // A second passes from each to the next, in which a hundred others are dialled at the most.
    assert!(open.is_empty() && most <= 220, "{most}");
}

#[tokio::test(start_paused = true)]
async fn the_queues_say_what_lies_ahead() {
    let limits = Limits {
        operator_rate: 2,
        ..fast()
    };
    let (pace, _dir) = pace(limits);
    let operator = Arc::from("operator");
    let targets = (0..101).map(|n| target(address(n), &operator, n)).collect();
    let mut queues = start(pace.clone(), targets, Stop::default());
    let Some(Ruling::Go(clearance, mut target)) = queues.rulings.recv().await else {
        panic!("turned down")
    };
    queues.ahead.changed().await.expect("says so");
    let told = *queues.ahead.borrow_and_update();
    assert_eq!((told.left, told.paused, told.seconds), (101, 0, 50));
    // Five refusals: slower by half each time, and paused for ten minutes.
    for _ in 0..5 {
        pace.heard(&operator, Heard::PutOff);
    }
    drop(clearance);
    tokio::time::sleep(2 * SECOND).await;
    let told = *queues.ahead.borrow_and_update();
    assert_eq!((told.left, told.paused), (101, 1));
    // 16 seconds from one to the next.
    assert!(
        told.seconds > 1_600 + 590 && told.seconds <= 1_600 + 600,
        "{told:?}"
    );
    let words = queues.notes.recv().await.expect("a note");
    assert_eq!(words, "operator operator: temporary refusals, slowed down");
    // Connections that will follow count, too.
    target.more = 99;
    assert!(
        queues
            .backs
            .send(Back::Again(target, Instant::now()))
            .is_ok()
    );
    tokio::time::sleep(2 * SECOND).await;
    let told = *queues.ahead.borrow_and_update();
    assert_eq!(told.left, 101);
    assert!(told.seconds > 3_200 + 580, "{told:?}");
    drop((queues.rulings, queues.backs));
    queues.task.await.expect("ends").expect("ends well");
}

#[tokio::test(start_paused = true)]
async fn what_was_cleared_before_a_stop_is_not_dialled_after_it() {
    let (pace, _dir) = pace(fast());
    let operator = Arc::from("operator");
    let targets = (0..64)
        .map(|n| target(address(n * 256), &operator, n))
        .collect();
    let stop = Stop::default();
    let mut queues = start(pace, targets, stop.clone());
    let Some(Ruling::Go(clearance, _)) = queues.rulings.recv().await else {
        panic!("turned down")
    };
    stop.request(Error::Interrupted);
    let begun = Instant::now();
    assert!(crate::pace::dial(clearance).await.is_none());
    while let Some(ruling) = queues.rulings.recv().await {
        let Ruling::Go(clearance, _) = ruling else {
            panic!("turned down")
        };
        assert!(crate::pace::dial(clearance).await.is_none());
    }
    assert!(begun.elapsed() < SECOND);
    queues.task.await.expect("ends").expect("ends well");
}
