//! What the budgets let through, and what they hold back. The clock stands still but where a test
//! moves it.

use tokio::time::advance;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_secs(600);
const MARGIN: Duration = SECOND;

fn no_rates() -> OperatorRates {
    Arc::new(|_| None)
}

fn open(limits: Limits, past: &Past, rates: OperatorRates) -> (Arc<Pace>, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let (journal, _) = Journal::open(dir.path(), Moment::now()).expect("opens");
    let lab = ["192.0.2.0/24", "198.51.100.0/24"];
    let lab = lab.iter().map(|net| net.parse().expect("a prefix"));
    let rules = Rules::new(lab.collect(), true);
    (Pace::new(limits, rules, rates, journal, past), dir)
}

fn pace(limits: Limits) -> (Arc<Pace>, tempfile::TempDir) {
    open(limits, &Past::default(), no_rates())
}

/// Without rates, so that only what a test is about holds anything back.
fn fast() -> Limits {
    Limits {
        rate: u32::MAX,
        operator_rate: u32::MAX,
        prefix_rate: u32::MAX,
        ..Limits::default()
    }
}

fn to(last: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, last], 25))
}

fn admit(pace: &Pace, to: SocketAddr) -> Verdict {
    admit_of(pace, to, "operator")
}

fn admit_of(pace: &Pace, to: SocketAddr, operator: &str) -> Verdict {
    pace.admit(to, &Arc::from(operator), false)
}

fn clear(pace: &Arc<Pace>, to: SocketAddr) -> Clearance {
    pace.clear(to, &Arc::from("operator"), &Stop::default())
}

/// Dials and ends the conversation at once.
#[track_caller]
fn go(pace: &Arc<Pace>, to: SocketAddr) {
    assert_eq!(admit(pace, to), Verdict::Go, "{to}");
    drop(clear(pace, to));
}

fn later(pace: &Pace, to: SocketAddr) -> Duration {
    match admit(pace, to) {
        Verdict::Later(at) => at - Instant::now(),
        other => panic!("{to}: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_gets_one_connection_at_a_time_and_three_in_the_window() {
    let (pace, _dir) = pace(fast());
    for _ in 0..3 {
        assert_eq!(admit(&pace, to(1)), Verdict::Go);
        assert!(later(&pace, to(1)) >= SOON, "two at a time");
        drop(clear(&pace, to(1)));
        advance(SECOND).await;
    }
    assert_eq!(later(&pace, to(1)), WINDOW + MARGIN - 3 * SECOND);
    go(&pace, to(2));
    advance(WINDOW + MARGIN - 3 * SECOND).await;
    go(&pace, to(1));
    assert_eq!(later(&pace, to(1)), SECOND, "the window slides");
}

#[tokio::test(start_paused = true)]
async fn an_address_gets_five_in_a_survey_and_two_to_be_asked_once_more() {
    let (pace, _dir) = pace(fast());
    let operator: Arc<str> = Arc::from("operator");
    for _ in 0..5 {
        go(&pace, to(1));
        advance(WINDOW).await;
    }
    assert_eq!(admit(&pace, to(1)), Verdict::Never(ErrorCode::Budget));
    for _ in 0..2 {
        assert_eq!(pace.admit(to(1), &operator, true), Verdict::Go);
        drop(clear(&pace, to(1)));
        advance(WINDOW).await;
    }
    let verdict = pace.admit(to(1), &operator, true);
    assert_eq!(verdict, Verdict::Never(ErrorCode::Budget));
}

#[tokio::test(start_paused = true)]
async fn a_port_of_clients_gets_two_in_a_survey_and_none_to_be_asked_once_more() {
    let (pace, _dir) = pace(fast().clients());
    let operator: Arc<str> = Arc::from("operator");
    for _ in 0..2 {
        go(&pace, to(1));
    }
    for extra in [false, true] {
        let verdict = pace.admit(to(1), &operator, extra);
        assert_eq!(verdict, Verdict::Never(ErrorCode::Budget));
    }
}

#[tokio::test(start_paused = true)]
async fn a_prefix_gets_four_at_a_time() {
    let (pace, _dir) = pace(fast());
    for last in 1..=4 {
        assert_eq!(admit(&pace, to(last)), Verdict::Go);
    }
    assert!(matches!(admit(&pace, to(5)), Verdict::PrefixBusy(_)));
    drop(clear(&pace, to(1)));
    assert_eq!(admit(&pace, to(5)), Verdict::Go);
}

#[tokio::test(start_paused = true)]
async fn what_crashes_used_up_is_rate_capped() {
    let dials = HashMap::from([
        (to(1), vec![Moment::now(); 5]),
        (to(2), vec![Moment::now(); 3]),
    ]);
    let past = Past {
        dials,
        ..Past::default()
    };
    let (pace, _dir) = open(fast(), &past, no_rates());
    assert_eq!(admit(&pace, to(1)), Verdict::Never(ErrorCode::RateCapped));
    assert!(later(&pace, to(2)) > WINDOW - SECOND);
}

#[tokio::test(start_paused = true)]
async fn prefixes_operators_and_the_total_have_rates_at_even_distances() {
    let limits = |rate, operator_rate, prefix_rate| Limits {
        rate,
        operator_rate,
        prefix_rate,
        ..fast()
    };
    let half = Duration::from_millis(500);
    let (prefix, _dir) = pace(limits(u32::MAX, u32::MAX, 2));
    go(&prefix, to(1));
    let until = Instant::now() + half;
    assert_eq!(admit(&prefix, to(2)), Verdict::PrefixBusy(until));
    let elsewhere = SocketAddr::from(([198, 51, 100, 1], 25));
    assert_eq!(admit(&prefix, elsewhere), Verdict::Go);
    let (operator, _dir) = pace(limits(u32::MAX, 2, u32::MAX));
    go(&operator, to(1));
    assert_eq!(admit(&operator, to(2)), Verdict::OperatorBusy(until));
    assert_eq!(admit_of(&operator, to(2), "another"), Verdict::Go);
    let (total, _dir) = pace(limits(2, u32::MAX, u32::MAX));
    go(&total, to(1));
    assert_eq!(admit_of(&total, to(2), "another"), Verdict::AllBusy(until));
    // What was not used is lost.
    advance(100 * SECOND).await;
    for pace in [&prefix, &operator, &total] {
        go(pace, to(3));
        assert!(!matches!(admit(pace, to(4)), Verdict::Go), "a burst");
    }
}

#[tokio::test(start_paused = true)]
async fn an_operator_may_have_a_rate_of_its_own() {
    let rates: OperatorRates = Arc::new(|name| (name == "big").then_some(10));
    let limits = Limits {
        operator_rate: 1,
        ..fast()
    };
    let (pace, _dir) = open(limits, &Past::default(), rates);
    for (operator, interval) in [("big", SECOND / 10), ("small", SECOND)] {
        assert_eq!(admit_of(&pace, to(1), operator), Verdict::Go);
        drop(clear(&pace, to(1)));
        let busy = Verdict::OperatorBusy(Instant::now() + interval);
        assert_eq!(admit_of(&pace, to(2), operator), busy);
    }
}

#[tokio::test(start_paused = true)]
async fn outside_the_lab_nothing_is_dialled() {
    let (pace, _dir) = pace(fast());
    let outside = "203.0.113.1:25".parse().expect("an address");
    assert_eq!(
        admit(&pace, outside),
        Verdict::Never(ErrorCode::SpecialPurpose)
    );
}

/// An operator with two connections a second.
fn slow() -> (Arc<Pace>, tempfile::TempDir, Arc<str>) {
    let limits = Limits {
        operator_rate: 2,
        ..fast()
    };
    let (pace, dir) = pace(limits);
    (pace, dir, Arc::from("operator"))
}

/// How long after a connection the next one may go.
async fn distance(pace: &Arc<Pace>) -> Duration {
    advance(2 * WINDOW).await;
    go(pace, to(1));
    match admit(pace, to(2)) {
        Verdict::OperatorBusy(at) => at - Instant::now(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn each_refusal_halves_the_rate_and_ten_good_conversations_double_it() {
    let (pace, _dir, operator) = slow();
    let half = SECOND / 2;
    assert_eq!(distance(&pace).await, half);
    pace.heard(&operator, Heard::PutOff);
    assert_eq!(distance(&pace).await, 2 * half);
    pace.heard(&operator, Heard::Nothing);
    pace.heard(&operator, Heard::PutOff);
    assert_eq!(distance(&pace).await, 4 * half);
    for round in 1..=20 {
        pace.heard(&operator, Heard::Well);
        // The window of the address is over: it waits for its operator alone.
        let factor = match round {
            0..10 => 4,
            10..20 => 2,
            _ => 1,
        };
        let books = pace.books();
        assert_eq!(books.operators[&operator].interval(), factor * half);
    }
    let notes = pace.take_notes();
    let expected = [
        "operator operator: temporary refusals, slowed down",
        "operator operator: back at its usual rate",
    ];
    assert_eq!(notes, expected);
}

#[tokio::test(start_paused = true)]
async fn the_rate_never_falls_below_one_a_minute() {
    let (pace, _dir, operator) = slow();
    for _ in 0..4 {
        for _ in 0..4 {
            pace.heard(&operator, Heard::PutOff);
        }
        pace.heard(&operator, Heard::Well);
    }
    let books = pace.books();
    assert_eq!(books.operators[&operator].interval(), 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn five_refusals_in_a_row_pause_an_operator_longer_each_time_and_then_for_good() {
    let (pace, _dir, operator) = slow();
    for pause in [WINDOW, 2 * WINDOW, 4 * WINDOW] {
        for _ in 0..5 {
            pace.heard(&operator, Heard::PutOff);
        }
        // What was begun before the pause counts no more.
        pace.heard(&operator, Heard::PutOff);
        let until = Instant::now() + pause;
        assert_eq!(admit(&pace, to(1)), Verdict::OperatorBusy(until));
        assert_eq!(admit_of(&pace, to(2), "another"), Verdict::Go);
        drop(clear(&pace, to(2)));
        pace.tidy();
        advance(pause).await;
        go(&pace, to(1));
        advance(WINDOW + MARGIN).await;
    }
    for last in 2..=6 {
        go(&pace, to(last));
        pace.heard(&operator, Heard::PutOff);
        advance(WINDOW / 2).await;
        pace.tidy();
        assert!(pace.books().operators.contains_key(&operator), "forgotten");
    }
    assert_eq!(admit(&pace, to(9)), Verdict::Never(ErrorCode::Budget));
    let notes = pace.take_notes();
    let expected = [
        "temporary refusals, slowed down",
        "5 temporary refusals in a row, paused for 10 min",
        "asked again after its pause",
        "5 temporary refusals in a row, paused for 20 min",
        "asked again after its pause",
        "5 temporary refusals in a row, paused for 40 min",
        "asked again after its pause",
        "still refuses after 3 pauses; its remaining addresses are not asked",
    ];
    let expected = expected.map(|word| format!("operator operator: {word}"));
    assert_eq!(notes, expected);
}

#[tokio::test(start_paused = true)]
async fn one_good_conversation_forgives_the_pauses() {
    let (pace, _dir, operator) = slow();
    for _ in 0..6 {
        for _ in 0..5 {
            pace.heard(&operator, Heard::PutOff);
        }
        advance(WINDOW).await;
        assert!(pace.books().operators[&operator].next() <= Instant::now());
        pace.heard(&operator, Heard::Well);
    }
    assert_eq!(admit(&pace, to(1)), Verdict::Go);
}

#[tokio::test(start_paused = true)]
async fn books_that_are_as_usual_are_forgotten() {
    let (pace, _dir, operator) = slow();
    go(&pace, to(1));
    pace.heard(&Arc::from("unlucky"), Heard::PutOff);
    pace.tidy();
    assert_eq!(pace.books().operators.len(), 2, "its turn has not come");
    advance(2 * WINDOW).await;
    pace.tidy();
    let books = pace.books();
    assert!(!books.operators.contains_key(&operator));
    assert!(books.operators.contains_key("unlucky"));
    assert!(books.prefixes.is_empty());
    assert!(books.addresses[&to(1)].window.times().is_empty());
    assert_eq!(books.addresses[&to(1)].total, 1, "the total stays");
}

fn machine(name: &str) -> [MachineKey; 1] {
    [MachineKey::of_leaf(name)]
}

#[tokio::test(start_paused = true)]
async fn addresses_of_one_machine_share_three_in_the_window() {
    let (pace, _dir) = pace(fast());
    // Nobody knows yet that they are one.
    for last in 1..=5 {
        go(&pace, to(last));
        pace.same_machine(to(last), &machine("shared"));
        advance(SECOND).await;
    }
    // The last three count.
    assert_eq!(later(&pace, to(1)), WINDOW + MARGIN - 3 * SECOND);
    go(&pace, to(6));
    advance(WINDOW + MARGIN - 3 * SECOND).await;
    go(&pace, to(1));
    assert_eq!(later(&pace, to(2)), SECOND);
    go(&pace, to(7));
}

#[tokio::test(start_paused = true)]
async fn machines_hold_over_a_crash() {
    let dir = tempfile::tempdir().expect("a directory");
    let open = || {
        let (journal, past) = Journal::open(dir.path(), Moment::now()).expect("opens");
        let rules = Rules::new(vec!["192.0.2.0/24".parse().expect("a prefix")], true);
        Pace::new(fast(), rules, no_rates(), journal, &past)
    };
    let first = open();
    for last in 1..=3 {
        first
            .journal()
            .reserve(vec![to(last)])
            .await
            .expect("writes");
        go(&first, to(last));
        first.same_machine(to(last), &machine("shared"));
    }
    drop(first);
    let second = open();
    for last in 1..=3 {
        assert!(later(&second, to(last)) > WINDOW - 5 * SECOND, "{last}");
    }
    go(&second, to(4));
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_known_is_not_journalled_again() {
    let (pace, dir) = pace(fast());
    let [one, other] = ["one", "other"].map(MachineKey::of_leaf);
    for _ in 0..3 {
        pace.same_machine(to(1), &[one]);
        pace.same_machine(to(2), &[one]);
    }
    pace.same_machine(to(1), &[one, other]);
    pace.same_machine(to(2), &[other]);
    drop(pace);
    let lines = || {
        let journal = std::fs::read_to_string(dir.path().join("dials.journal"));
        journal.expect("a journal").matches("same ").count()
    };
    assert_eq!(lines(), 3, "each address, and one more key");
    let (journal, past) = Journal::open(dir.path(), Moment::now()).expect("opens");
    let rules = Rules::new(Vec::new(), true);
    let pace = Pace::new(fast(), rules, no_rates(), journal, &past);
    pace.same_machine(to(2), &[one, other]);
    drop(pace);
    assert_eq!(lines(), 3, "known from the journal");
}

#[tokio::test(start_paused = true)]
async fn windows_count_from_when_the_packet_leaves() {
    let (pace, _dir) = pace(fast());
    for _ in 0..3 {
        assert_eq!(admit(&pace, to(1)), Verdict::Go);
        let clearance = clear(&pace, to(1));
        // A disk that stalls, rulings that wait for the prober.
        advance(5 * SECOND).await;
        drop(clearance.depart());
    }
    assert_eq!(later(&pace, to(1)), WINDOW + MARGIN - 10 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn the_window_of_a_machine_counts_each_packet_when_it_leaves() {
    let (pace, _dir) = pace(fast());
    let mut cleared = Vec::new();
    for last in 1..=4 {
        pace.same_machine(to(last), &machine("shared"));
    }
    for last in 1..=3 {
        assert_eq!(admit(&pace, to(last)), Verdict::Go);
        cleared.push(clear(&pace, to(last)));
        advance(SECOND).await;
    }
    for clearance in cleared {
        advance(5 * SECOND).await;
        drop(clearance.depart());
    }
    assert_eq!(later(&pace, to(4)), WINDOW + MARGIN - 10 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_packet_that_leaves_late_holds_back_its_operator_and_prefix() {
    for (operator_rate, prefix_rate) in [(2, u32::MAX), (u32::MAX, 2)] {
        let (pace, _dir) = pace(Limits {
            operator_rate,
            prefix_rate,
            ..fast()
        });
        assert_eq!(admit(&pace, to(1)), Verdict::Go);
        let clearance = clear(&pace, to(1));
        advance(3 * SECOND).await;
        drop(clearance.depart());
        let until = Instant::now() + SECOND / 2;
        let busy = match prefix_rate {
            2 => Verdict::PrefixBusy(until),
            _ => Verdict::OperatorBusy(until),
        };
        assert_eq!(admit(&pace, to(2)), busy);
    }
}

#[tokio::test(start_paused = true)]
async fn a_resume_counts_from_when_the_packet_left() {
    let (pace, dir) = pace(fast());
    let reserved = pace.journal().reserve(vec![to(1)]).await;
    reserved.expect("writes");
    assert_eq!(admit(&pace, to(1)), Verdict::Go);
    let clearance = clear(&pace, to(1));
    std::thread::sleep(Duration::from_millis(2));
    let before = Moment::now();
    drop(clearance.depart());
    drop(pace);
    let (_, past) = Journal::open(dir.path(), Moment::now()).expect("opens");
    assert!(past.dials[&to(1)][0] >= before);
}

#[tokio::test(start_paused = true)]
async fn pauses_hold_over_a_stop() {
    let (first, dir) = pace(fast());
    for _ in 0..5 {
        first.heard(&Arc::from("Big Mail"), Heard::PutOff);
    }
    drop(first);
    let (_, mut past) = Journal::open(dir.path(), Moment::now()).expect("opens");
    past.pauses.insert("over".to_owned(), Moment(1));
    past.pauses.insert("clock".to_owned(), Moment(i64::MAX));
    let (second, _dir) = open(fast(), &past, no_rates());
    let left = |operator| match admit_of(&second, to(1), operator) {
        Verdict::OperatorBusy(at) => at - Instant::now(),
        other => panic!("{operator}: {other:?}"),
    };
    let rest = second.rest(to(9), "Big Mail");
    assert!(
        rest > WINDOW - 60 * SECOND,
        "its operator is paused: {rest:?}"
    );
    assert_eq!(second.rest(to(9), "over"), Duration::ZERO);
    let pause = left("Big Mail");
    assert!(
        pause > WINDOW - 60 * SECOND && pause <= WINDOW,
        "{pause:?} of it are left"
    );
    assert_eq!(left("clock"), 4 * WINDOW, "no longer than pauses are");
    assert_eq!(admit_of(&second, to(1), "over"), Verdict::Go);
}

#[tokio::test(start_paused = true)]
async fn dials_before_the_survey_count_in_windows_only() {
    let now = Moment::now();
    let ago = |seconds: i64| Moment(now.0 - seconds * 1_000_000);
    let past = Past {
        dials: HashMap::from([(to(1), vec![ago(300), ago(200), ago(100)])]),
        since: ago(50),
        ..Past::default()
    };
    let limits = Limits {
        in_survey: 3,
        ..fast()
    };
    let (pace, _dir) = open(limits.without_waiting(), &past, no_rates());
    assert_eq!(admit(&pace, to(1)), Verdict::Never(ErrorCode::Budget));
    let left = pace.rest(to(1), "");
    assert!(left > 290 * SECOND && left <= 302 * SECOND, "{left:?}");
    advance(303 * SECOND).await;
    // Two are left in the window, and none of them is of this survey.
    go(&pace, to(1));
    assert_eq!(admit(&pace, to(1)), Verdict::Never(ErrorCode::Budget));
}

#[tokio::test(start_paused = true)]
async fn who_asks_no_mail_server_dials_none() {
    let (pace, _dir) = open(fast().without_mail(), &Past::default(), no_rates());
    assert_eq!(admit(&pace, to(1)), Verdict::Never(ErrorCode::Budget));
}
