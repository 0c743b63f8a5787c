//! What the budgets let through, and what they hold back.

use super::*;

fn pace(limits: Limits, past: &Past) -> (Arc<Pace>, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let (journal, _) = Journal::open(dir.path(), Moment::now()).expect("opens");
    let lab = vec!["192.0.2.0/24".parse().expect("a prefix")];
    (Pace::new(limits, Rules::new(lab, true), journal, past), dir)
}

fn fast() -> Limits {
    Limits {
        rate: 1_000_000,
        operator_rate: 1_000_000,
        prefix_rate: 1_000_000,
        ..Limits::default()
    }
}

fn to(last: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, last], 25))
}

fn admit(pace: &Pace, to: SocketAddr) -> Verdict {
    // Governor's own clock needs a moment between two cells.
    std::thread::sleep(Duration::from_millis(1));
    pace.admit(to, &Arc::from("operator"), &mut Paid::default())
}

#[tokio::test]
async fn an_address_gets_one_connection_at_a_time_and_three_in_the_window() {
    let (pace, _dir) = pace(fast(), &Past::new());
    for _ in 0..3 {
        assert_eq!(admit(&pace, to(1)), Verdict::Go);
        assert!(
            matches!(admit(&pace, to(1)), Verdict::Later(_)),
            "two at a time"
        );
        drop(pace.clear(to(1)));
    }
    let Verdict::Later(at) = admit(&pace, to(1)) else {
        panic!("a fourth in the window")
    };
    assert!(at > Instant::now() + Duration::from_secs(590));
    assert_eq!(
        admit(&pace, to(2)),
        Verdict::Go,
        "another address is not concerned"
    );
}

#[tokio::test]
async fn a_prefix_gets_four_at_a_time() {
    let (pace, _dir) = pace(fast(), &Past::new());
    for last in 1..=4 {
        assert_eq!(admit(&pace, to(last)), Verdict::Go);
    }
    assert!(matches!(admit(&pace, to(5)), Verdict::Later(_)));
    drop(pace.clear(to(1)));
    assert_eq!(admit(&pace, to(5)), Verdict::Go);
}

#[tokio::test]
async fn what_crashes_used_up_is_rate_capped() {
    let past = Past::from([
        (to(1), vec![Moment::now(); 5]),
        (to(2), vec![Moment::now(); 3]),
    ]);
    let (pace, _dir) = pace(fast(), &past);
    assert_eq!(admit(&pace, to(1)), Verdict::Never(ErrorCode::RateCapped));
    assert!(matches!(admit(&pace, to(2)), Verdict::Later(_)));
}

#[tokio::test]
async fn operators_and_the_total_have_rates() {
    let limits = Limits {
        operator_rate: 2,
        ..fast()
    };
    let (operator, _dir) = pace(limits, &Past::new());
    assert_eq!(admit(&operator, to(1)), Verdict::Go);
    assert!(matches!(admit(&operator, to(2)), Verdict::OperatorBusy(_)));
    let (total, _dir) = pace(Limits { rate: 1, ..fast() }, &Past::new());
    assert_eq!(admit(&total, to(1)), Verdict::Go);
    assert!(matches!(admit(&total, to(2)), Verdict::AllBusy(_)));
}

#[tokio::test]
async fn outside_the_lab_nothing_is_dialled() {
    let (pace, _dir) = pace(fast(), &Past::new());
    let outside = "198.51.100.1:25".parse().expect("an address");
    assert_eq!(
        admit(&pace, outside),
        Verdict::Never(ErrorCode::SpecialPurpose)
    );
}
