use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::sync::Barrier;

use super::*;
use crate::dns::Data;
use crate::table::codes::{ErrorCode, Outcome};
use crate::table::rows::Asked;

/// An answer of that many bytes.
fn fact(outcome: Outcome, bytes: usize) -> Fact {
    Fact {
        asked: Asked {
            outcome,
            error: (outcome == Outcome::Failed).then_some(ErrorCode::Servfail),
            ..Asked::default()
        },
        data: Data::Texts([vec![b'x'; bytes].into()].into()),
        ..Fact::default()
    }
}

async fn get(shared: &Shared, name: &str, asked: &AtomicUsize, answer: Fact) -> Arc<Fact> {
    let ask = async {
        asked.fetch_add(1, Ordering::Relaxed);
        answer
    };
    shared.get(name, RecordType::TXT, ask).await
}

/// How many are in the index and in the queue, and the bytes of the latter.
fn sizes(shared: &Shared) -> (usize, usize, usize) {
    let table = shared.table();
    (table.index.len(), table.queue.len(), table.bytes)
}

#[tokio::test(start_paused = true)]
async fn what_many_want_is_asked_for_once() {
    for outcome in [Outcome::Found, Outcome::Absent, Outcome::Failed] {
        let shared = Arc::new(Shared::default());
        let asked = Arc::new(AtomicUsize::new(0));
        let barrier = Arc::new(Barrier::new(100));
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let (shared, asked, barrier) = (shared.clone(), asked.clone(), barrier.clone());
                tokio::spawn(async move {
                    barrier.wait().await;
                    let ask = async {
                        asked.fetch_add(1, Ordering::Relaxed);
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        fact(outcome, 1)
                    };
                    shared.get("a.cz", RecordType::TXT, ask).await
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap().asked.outcome, outcome);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1, "{outcome}");
        get(&shared, "a.cz", &asked, fact(outcome, 1)).await;
        assert_eq!(asked.load(Ordering::Relaxed), 1, "{outcome}");
        assert_eq!((sizes(&shared).0, sizes(&shared).1), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_holds_for_a_minute_and_never_for_another_pass() {
    let (shared, asked) = (Shared::default(), AtomicUsize::new(0));
    let fails = || get(&shared, "a.cz", &asked, fact(Outcome::Failed, 1));
    fails().await;
    tokio::time::advance(Duration::from_secs(59)).await;
    fails().await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    tokio::time::advance(Duration::from_secs(2)).await;
    fails().await;
    assert_eq!(asked.load(Ordering::Relaxed), 2, "a minute later");
    shared.next_pass();
    let again = get(&shared, "a.cz", &asked, fact(Outcome::Found, 1)).await;
    assert_eq!(again.asked.outcome, Outcome::Found);
    shared.next_pass();
    fails().await;
    assert_eq!(asked.load(Ordering::Relaxed), 3, "what was found holds");
    assert_eq!(sizes(&shared).0, 1);
}

#[tokio::test]
async fn a_type_is_not_taken_for_another() {
    let (shared, asked) = (Shared::default(), AtomicUsize::new(0));
    get(&shared, "a.cz", &asked, fact(Outcome::Found, 1)).await;
    let other = async { fact(Outcome::Absent, 1) };
    let mx = shared.get("a.cz", RecordType::MX, other).await;
    assert_eq!(mx.asked.outcome, Outcome::Absent);
}

#[tokio::test]
async fn who_waits_for_one_that_gave_up_asks_in_its_place() {
    let shared = Arc::new(Shared::default());
    let (first, second) = (shared.clone(), shared.clone());
    let never = tokio::spawn(async move {
        let ask = std::future::pending();
        first.get("a.cz", RecordType::TXT, ask).await
    });
    tokio::task::yield_now().await;
    let waits = tokio::spawn(async move {
        let ask = async { fact(Outcome::Found, 1) };
        second.get("a.cz", RecordType::TXT, ask).await
    });
    tokio::task::yield_now().await;
    never.abort();
    assert_eq!(waits.await.unwrap().asked.outcome, Outcome::Found);
    let never = async { std::future::pending().await };
    let gave_up = shared.get("b.cz", RecordType::TXT, never);
    let timeout = tokio::time::timeout(Duration::from_millis(1), gave_up);
    assert!(timeout.await.is_err());
    assert_eq!(sizes(&shared).0, 1, "what nobody waits for is forgotten");
}

#[tokio::test]
async fn what_is_kept_is_bounded_and_what_is_used_stays() {
    let asked = AtomicUsize::new(0);
    let shared = Shared::of(10, usize::MAX);
    for number in 0..100 {
        get(&shared, "used.cz", &asked, fact(Outcome::Found, 1)).await;
        let name = format!("{number}.cz");
        get(&shared, &name, &asked, fact(Outcome::Absent, 1)).await;
        let failed = format!("failed{number}.cz");
        get(&shared, &failed, &asked, fact(Outcome::Failed, 1)).await;
        let (index, queue, _) = sizes(&shared);
        assert!(index == queue && queue <= 10, "{index} {queue}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 201, "once for what is used");

    let shared = Shared::of(usize::MAX, 100_000);
    for number in 0..20 {
        let name = format!("{number}.cz");
        get(&shared, &name, &asked, fact(Outcome::Found, 30_000)).await;
        assert!(sizes(&shared).2 <= 100_000);
    }
    assert_eq!(sizes(&shared).1, 3);
    // Too much for itself alone: it is handed out, and not kept.
    let huge = get(&shared, "huge.cz", &asked, fact(Outcome::Found, 200_000)).await;
    assert_eq!(huge.asked.outcome, Outcome::Found);
    assert_eq!(sizes(&shared), (0, 0, 0));
}
