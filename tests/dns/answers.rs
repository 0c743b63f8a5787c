//! One question, one answer: what each misbehaviour is recorded as.

use std::time::{Duration, Instant};

use hickory_resolver::proto::dnssec::rdata::{DNSSECRData, NSEC};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{RData, RecordType};
use mailcensus::dns::{Answer, Client, Settings, name_of};

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, cname, record, rrsig, signed, txt};

/// Asks for the TXT records of the zone, which are answered in this manner.
async fn ask(manner: Manner, patience: Duration) -> (Answer, Duration, Vec<String>) {
    let resolver = Resolver::start().await;
    resolver.on(ZONE, RecordType::TXT, manner);
    let client = client(&resolver, patience).await;
    let start = Instant::now();
    let answer = client.ask(&name_of(ZONE).unwrap(), RecordType::TXT).await;
    let elapsed = start.elapsed();
    let log = resolver.log();
    assert_eq!(answer.queries as usize, log.len(), "{log:?}");
    (answer, elapsed, log)
}

/// Asks in each manner, and compares the answer and the questions.
async fn expect(cases: Vec<(Manner, &str, &[&str])>) {
    for (manner, expected, questions) in cases {
        let label = format!("{manner:?}");
        let (answer, elapsed, log) = ask(manner, LONG).await;
        assert_eq!(told(&answer), expected, "{label}");
        assert!(elapsed < BOUND, "{label} took {elapsed:?}");
        assert_eq!(log, questions, "{label}");
    }
}

const PLAIN: &str = "TXT example.cz";
const CD: &str = "TXT example.cz +cd";
const TCP: &str = "TXT example.cz tcp";

#[tokio::test]
async fn honest_answers_need_one_question() {
    expect(vec![
        (Manner::Honest(here()), "found insecure", &[PLAIN]),
        (Manner::Honest(here().secure()), "found secure", &[PLAIN]),
        (
            Manner::Honest(Reply::nodata(ZONE).secure()),
            "absent/nodata secure",
            &[PLAIN],
        ),
        (
            Manner::Honest(Reply::nxdomain("cz")),
            "absent/nxdomain insecure",
            &[PLAIN],
        ),
        (
            Manner::Honest(Reply::code(ResponseCode::Refused)),
            "failed/refused not_checked",
            &[PLAIN],
        ),
        (
            Manner::Honest(Reply::code(ResponseCode::FormErr)),
            "failed/protocol_error not_checked",
            &[PLAIN],
        ),
    ])
    .await;
}

#[tokio::test]
async fn compact_denial_is_told_from_nodata() {
    let next = name_of(&format!("a.{ZONE}")).unwrap();
    let types = [RecordType::RRSIG, RecordType::NSEC, RecordType::from(128)];
    let nsec = NSEC::new(next, types);
    let proof = record(ZONE, RData::DNSSEC(DNSSECRData::NSEC(nsec)));
    let reply = Reply::nodata(ZONE).secure().proof(proof);
    expect(vec![(
        Manner::Honest(reply),
        "absent/compact secure",
        &[PLAIN],
    )])
    .await;
}

#[tokio::test]
async fn servfail_is_bogus_only_where_the_data_is_there() {
    for ede in 6..=10 {
        let manner = Manner::ServfailThenCd(Some(ede), here());
        let expected = format!("found/bogus bogus ede {ede}");
        expect(vec![(manner, &expected, &[PLAIN, CD])]).await;
    }
    expect(vec![
        (
            Manner::ServfailThenCd(Some(22), servfail(22)),
            "failed/unreachable not_checked ede 22",
            &[PLAIN, CD],
        ),
        (
            Manner::ServfailThenCd(Some(20), Reply::code(ResponseCode::ServFail)),
            "failed/lame not_checked ede 20",
            &[PLAIN, CD],
        ),
        (
            Manner::ServfailThenCd(None, Reply::code(ResponseCode::ServFail)),
            "failed/servfail not_checked",
            &[PLAIN, CD],
        ),
        (
            Manner::ServfailThenCd(None, here().ede(3)),
            "failed/servfail not_checked ede 3",
            &[PLAIN, CD],
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_resolver_that_gives_no_reason_makes_bogus_only_what_is_signed() {
    let denied = Reply::nxdomain("cz").proof(rrsig("cz", 0, u32::MAX));
    // The signature of an alias says nothing of what it leads to.
    let alias = Reply::found([
        cname(ZONE, "there.cz"),
        signed(ZONE, RecordType::CNAME, 2, ZONE),
        txt("there.cz", &["here"]),
    ]);
    let cases = [
        (None, here_signed(), "found/bogus bogus"),
        (None, denied, "absent/nxdomain/bogus bogus"),
        (Some(0), here_signed(), "found/bogus bogus ede 0"),
        (None, here(), "failed/servfail not_checked"),
        (None, alias, "failed/servfail not_checked"),
        (None, Reply::nxdomain("cz"), "failed/servfail not_checked"),
        (
            Some(22),
            here_signed(),
            "failed/unreachable not_checked ede 22",
        ),
        (Some(20), here_signed(), "failed/lame not_checked ede 20"),
    ];
    let cases = cases.map(|(ede, reply, told)| {
        let questions: &[&str] = &[PLAIN, CD, PLAIN];
        (Manner::ServfailThenCd(ede, reply), told, questions)
    });
    expect(cases.into()).await;
}

#[tokio::test]
async fn a_zone_that_is_only_slow_is_not_bogus() {
    // Signed or not, and however the resolver remembers what it said first.
    for unchecked in [here(), here_signed()] {
        expect(vec![(
            Manner::SlowOnce(here().secure(), unchecked),
            "found secure",
            &[PLAIN, CD, PLAIN],
        )])
        .await;
    }
}

#[tokio::test]
async fn stale_answers_are_failures() {
    expect(vec![
        (
            Manner::Honest(here().ede(3)),
            "failed/unreachable not_checked ede 3",
            &[PLAIN],
        ),
        (
            Manner::Honest(Reply::nxdomain("cz").ede(19)),
            "failed/unreachable not_checked ede 19",
            &[PLAIN],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_does_not_fit_a_datagram_comes_over_tcp() {
    let string = "x".repeat(255);
    let large = Reply::found([txt(ZONE, &[string.as_str(); 40])]).secure();
    let (answer, elapsed, log) = ask(Manner::TruncatesUdp(large), LONG).await;
    assert_eq!(told(&answer), "found secure");
    let Some(RData::TXT(txt)) = answer.data().next() else {
        panic!("no TXT")
    };
    assert_eq!(txt.txt_data.concat().len(), 40 * 255);
    assert_eq!(log, [PLAIN, TCP]);
    assert!(elapsed < BOUND, "took {elapsed:?}");
}

#[tokio::test]
async fn what_cannot_be_read_is_a_protocol_error_and_not_asked_again() {
    let wrong = "failed/protocol_error not_checked";
    expect(vec![
        (Manner::TruncatesBoth, wrong, &[PLAIN, TCP]),
        (Manner::MalformedRdata, wrong, &[PLAIN]),
    ])
    .await;
}

#[tokio::test]
async fn a_connection_that_broke_is_opened_again() {
    let (answer, elapsed, log) = ask(Manner::HangsTcpOnce(here()), SHORT).await;
    assert_eq!(told(&answer), "found insecure");
    assert!(
        log.starts_with(&[PLAIN, TCP, PLAIN, TCP].map(str::to_owned)),
        "{log:?}"
    );
    assert!(elapsed >= SHORT && elapsed < BOUND, "took {elapsed:?}");

    let resolver = Resolver::start().await;
    resolver.on(ZONE, RecordType::TXT, Manner::ClosesTcp(here()));
    let client = client(&resolver, LONG).await;
    let start = Instant::now();
    for _ in 0..3 {
        let answer = client.ask(&name_of(ZONE).unwrap(), RecordType::TXT).await;
        assert_eq!(told(&answer), "found insecure");
        // The end of the connection is to arrive before the next question.
        tokio::time::sleep(SHORT).await;
    }
    assert!(start.elapsed() < BOUND, "took {:?}", start.elapsed());
}

#[tokio::test]
async fn what_comes_the_second_time_is_judged_like_the_first() {
    expect(vec![
        (
            Manner::SlowOnce(Reply::code(ResponseCode::Refused), here()),
            "failed/refused not_checked",
            &[PLAIN, CD, PLAIN],
        ),
        (
            Manner::SlowOnce(here().ede(3), here()),
            "failed/unreachable not_checked ede 3",
            &[PLAIN, CD, PLAIN],
        ),
    ])
    .await;
}

#[tokio::test]
async fn stray_packets_are_ignored() {
    let stray = Reply::found([txt(ZONE, &["stray"])]).secure();
    let (answer, elapsed, log) = ask(Manner::StraysFirst(stray, here()), LONG).await;
    assert_eq!(told(&answer), "found insecure");
    let Some(RData::TXT(txt)) = answer.data().next() else {
        panic!("no TXT")
    };
    assert_eq!(txt.txt_data.concat(), b"here");
    assert_eq!(log, [PLAIN]);
    assert!(elapsed < BOUND, "took {elapsed:?}");
}

#[tokio::test]
async fn what_never_comes_is_asked_three_times() {
    for manner in [
        Manner::Silent,
        Manner::WrongId(here()),
        Manner::WrongQuestion(here()),
    ] {
        let label = format!("{manner:?}");
        let (answer, elapsed, log) = ask(manner, SHORT).await;
        assert_eq!(told(&answer), "failed/timeout not_checked", "{label}");
        assert_eq!(log, [PLAIN; 3], "{label}");
        assert!(elapsed >= 3 * SHORT, "{label} took only {elapsed:?}");
        assert!(elapsed < BOUND, "{label} took {elapsed:?}");
    }
}

#[tokio::test]
async fn what_was_dropped_is_found_by_asking_again() {
    let (answer, elapsed, log) = ask(Manner::DropsFirst(1, here()), SHORT).await;
    assert_eq!(told(&answer), "found insecure");
    assert!(log.len() >= 2, "{log:?}");
    assert!(elapsed >= SHORT && elapsed < BOUND, "took {elapsed:?}");
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_no_answer() {
    let free = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let settings = Settings {
        resolvers: vec![free.local_addr().unwrap()],
        rate: 0,
        patience: LONG,
        tries: 2,
    };
    drop(free);
    let client = Client::open(settings).await.unwrap();
    let start = Instant::now();
    let answer = client.ask(&name_of(ZONE).unwrap(), RecordType::TXT).await;
    assert_eq!(told(&answer), "failed/timeout not_checked");
    assert!(start.elapsed() < BOUND, "waited for what cannot come");
}

#[tokio::test]
async fn alias_chains_end_or_are_an_error() {
    let step = |number: usize| format!("n{number}.example.cz");
    let chain = |length: usize| {
        let mut records = vec![cname(ZONE, &step(1))];
        records.extend((1..length).map(|number| cname(&step(number), &step(number + 1))));
        records.push(txt(&step(length), &["here"]));
        Manner::Honest(Reply::found(records))
    };
    let looped = Reply::found([cname(ZONE, "a.example.cz"), cname("a.example.cz", ZONE)]);
    let wrong = "failed/protocol_error not_checked";
    expect(vec![
        (chain(12), "found insecure", &[PLAIN]),
        (chain(13), wrong, &[PLAIN]),
        (chain(60), wrong, &[PLAIN]),
        (Manner::Honest(looped), wrong, &[PLAIN]),
    ])
    .await;
    let (answer, ..) = ask(chain(12), LONG).await;
    assert_eq!(answer.names.len(), 13);
}
