//! Questions to a resolver that misbehaves: what is recorded, what was asked, and how long it took.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hickory_resolver::proto::dnssec::rdata::{DNSSECRData, NSEC};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{RData, RecordType};
use mailcensus::dns::domain::Walk;
use mailcensus::dns::preflight::{self, Names};
use mailcensus::dns::{Answer, Client, Settings, host, name_of, zone};
use mailcensus::table::codes::{Denial, ErrorCode, Existence, MxKind, Outcome, Security};
use mailcensus::table::rows::HostRow;

use crate::lab::dns::{Manner, Reply, Resolver, a, aaaa, cname, mx, ns, record, tlsa, txt};

/// A question that gets no answer waits this long, three times.
const SHORT: Duration = Duration::from_millis(300);
/// Any other waits this long, so that a busy machine changes no outcome.
const LONG: Duration = Duration::from_secs(15);
/// Nothing takes longer.
const BOUND: Duration = Duration::from_secs(8);
const ZONE: &str = "example.cz";

async fn client(resolver: &Resolver, patience: Duration) -> Arc<Client> {
    let settings = Settings {
        resolvers: vec![resolver.address],
        rate: 0,
        patience,
        tries: 3,
    };
    Client::open(settings).await.unwrap()
}

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

/// An answer in one line.
fn told(answer: &Answer) -> String {
    let word = |word: Option<&str>| word.map_or(String::new(), |word| format!("/{word}"));
    let ede = answer.ede.as_ref();
    format!(
        "{}{}{} {}{}",
        answer.outcome,
        word(answer.denial.map(Denial::as_str)),
        word(answer.error.map(ErrorCode::as_str)),
        answer.security,
        ede.map_or(String::new(), |ede| format!(" ede {}", ede.code)),
    )
}

fn here() -> Reply {
    Reply::found([txt(ZONE, &["here"])])
}

fn nothing() -> Reply {
    Reply::default()
}

fn servfail(ede: u16) -> Reply {
    Reply::code(ResponseCode::ServFail).ede(ede)
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
            Manner::ServfailThenCd(None, here()),
            "found/bogus bogus",
            &[PLAIN, CD, PLAIN],
        ),
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
async fn a_zone_that_is_only_slow_is_not_bogus() {
    expect(vec![(
        Manner::SlowOnce(here().secure(), here()),
        "found secure",
        &[PLAIN, CD, PLAIN],
    )])
    .await;
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

/// A domain with a zone of its own that answers every question with "nothing of that type".
async fn domain() -> Resolver {
    let resolver = Resolver::start().await;
    for kind in ["MX", "TXT", "A", "AAAA", "DS", "DNSKEY"] {
        resolver.says(ZONE, kind.parse().unwrap(), Reply::nodata(ZONE));
    }
    resolver.says(
        ZONE,
        RecordType::NS,
        Reply::found([ns(ZONE, "ns.example.cz")]),
    );
    resolver
}

async fn walk(resolver: &Resolver) -> Walk {
    let mut walk = Walk::new(ZONE, ZONE.to_owned());
    walk.ask(&*client(resolver, LONG).await).await;
    walk
}

#[tokio::test]
async fn a_domain_is_asked_eight_questions_and_two_where_it_has_no_mx() {
    let resolver = domain().await;
    resolver.says(
        ZONE,
        RecordType::MX,
        Reply::found([mx(ZONE, 10, "mail.example.cz")]),
    );
    let seen = walk(&resolver).await;
    let eight = [
        "DNSKEY example.cz",
        "DS example.cz",
        "MX example.cz",
        "NS example.cz",
        "TXT _dmarc.example.cz",
        "TXT _mta-sts.example.cz",
        "TXT _smtp._tls.example.cz",
        "TXT example.cz",
    ];
    assert_eq!(resolver.take_log(), eight);
    assert_eq!(seen.row.queries, 8);
    assert_eq!(seen.row.existence, Existence::Exists);
    assert_eq!(seen.row.mx.kind, Some(MxKind::Explicit));
    assert!(!seen.has_failed());
    resolver.says(ZONE, RecordType::MX, Reply::nodata(ZONE));
    let seen = walk(&resolver).await;
    let log = resolver.take_log();
    assert_eq!(log[..2], ["A example.cz", "AAAA example.cz"]);
    assert_eq!(log[2..], eight);
    assert_eq!(seen.row.mx.kind, Some(MxKind::None));
}

#[tokio::test]
async fn txt_records_are_joined_counted_and_told_apart() {
    let resolver = domain().await;
    let records = [
        txt(ZONE, &["v=spf1 include:", "b.example", " -all"]),
        txt(ZONE, &["v=spf1 -all"]),
        txt(ZONE, &["verification=1"]),
    ];
    let dmarc = "_dmarc.example.cz";
    resolver.says(ZONE, RecordType::TXT, Reply::found(records));
    resolver.says(
        dmarc,
        RecordType::TXT,
        Reply::found([txt(dmarc, &["junk \x1b[m"])]),
    );
    let row = walk(&resolver).await.row;
    assert_eq!((row.spf.outcome, row.spf.count), (Outcome::Found, 2));
    assert_eq!(row.spf.record.as_deref(), Some("v=spf1 -all"));
    assert!(
        row.spf
            .texts
            .contains(&"v=spf1 include:b.example -all".to_owned())
    );
    assert_eq!(row.spf.texts.len(), 3);
    assert_eq!(row.dmarc.outcome, Outcome::Absent);
    assert_eq!(row.dmarc.denial, Some(Denial::OtherTxt));
    assert_eq!((row.dmarc.count, row.dmarc.record), (0, None));
    assert_eq!(row.dmarc.texts, [r"junk \x1b[m"]);
    assert_eq!(row.mta_sts.denial, Some(Denial::Nxdomain));
}

#[tokio::test]
async fn mx_sets_of_every_kind() {
    let resolver = domain().await;
    let null = mx(ZONE, 0, ".");
    resolver.says(ZONE, RecordType::MX, Reply::found([null.clone()]));
    let row = walk(&resolver).await.row;
    assert_eq!(row.mx.kind, Some(MxKind::Null));
    assert_eq!(row.existence, Existence::Exists);

    let beside = mx(ZONE, 10, "mail.example.cz");
    resolver.says(ZONE, RecordType::MX, Reply::found([beside, null]));
    let row = walk(&resolver).await.row;
    assert_eq!(row.mx.kind, Some(MxKind::Explicit));
    let hosts: Vec<&str> = row.mx.records.iter().map(|mx| mx.host.as_str()).collect();
    assert_eq!(hosts, [".", "mail.example.cz"]);

    let many = (0..12)
        .rev()
        .map(|number| mx(ZONE, number, &format!("m{number}.example.cz")));
    resolver.says(ZONE, RecordType::MX, Reply::found(many));
    let row = walk(&resolver).await.row;
    assert!(row.mx.truncated);
    let kept: Vec<u16> = row.mx.records.iter().map(|mx| mx.preference).collect();
    assert_eq!(kept, (0..10).collect::<Vec<u16>>());

    resolver.says(ZONE, RecordType::MX, Reply::nodata(ZONE));
    resolver.says(
        ZONE,
        RecordType::AAAA,
        Reply::found([aaaa(ZONE, "2001:db8::1")]),
    );
    let row = walk(&resolver).await.row;
    assert_eq!(row.mx.kind, Some(MxKind::Implicit));
}

#[tokio::test]
async fn nxdomain_and_a_lame_zone_end_the_questions() {
    let resolver = Resolver::start().await;
    let seen = walk(&resolver).await;
    assert_eq!(resolver.take_log(), ["MX example.cz", "NS example.cz"]);
    assert_eq!(seen.row.existence, Existence::Nxdomain);
    assert_eq!(seen.row.mx.kind, Some(MxKind::None));
    assert!(!seen.has_failed());

    let lame = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver.on(ZONE, RecordType::MX, lame.clone());
    resolver.on(ZONE, RecordType::NS, lame);
    let seen = walk(&resolver).await;
    assert_eq!(
        resolver.take_log(),
        [
            "MX example.cz",
            "MX example.cz +cd",
            "NS example.cz",
            "NS example.cz +cd"
        ]
    );
    assert_eq!(seen.row.existence, Existence::Failed);
    assert_eq!(seen.row.mx.error, Some(ErrorCode::Unreachable));
    assert_eq!(seen.row.spf.outcome, Outcome::NotAttempted);
    assert!(seen.has_failed());
}

#[tokio::test]
async fn an_alias_to_nowhere_exists() {
    let resolver = Resolver::start().await;
    for kind in ["MX", "NS", "TXT", "A", "AAAA"] {
        let reply = Reply::found([cname(ZONE, "nowhere.cz")]).but(ResponseCode::NXDomain);
        resolver.says(ZONE, kind.parse().unwrap(), reply);
    }
    let row = walk(&resolver).await.row;
    assert_eq!(row.existence, Existence::Undelegated);
    assert_eq!(row.mx.kind, Some(MxKind::None));
    assert_eq!(row.mx.denial, Some(Denial::Nxdomain));
    assert_eq!(row.spf.outcome, Outcome::Absent);
}

#[tokio::test]
async fn asking_again_asks_only_what_failed() {
    let resolver = domain().await;
    let broken = Manner::ServfailThenCd(None, Reply::code(ResponseCode::ServFail));
    resolver.says(
        ZONE,
        RecordType::MX,
        Reply::found([mx(ZONE, 10, "mail.example.cz")]),
    );
    resolver.on("_dmarc.example.cz", RecordType::TXT, broken.clone());
    resolver.on(ZONE, RecordType::DNSKEY, broken);
    let mut seen = walk(&resolver).await;
    assert!(seen.has_failed());
    assert_eq!(seen.row.dmarc.outcome, Outcome::Failed);
    assert_eq!(seen.row.dmarc.error, Some(ErrorCode::Servfail));
    resolver.take_log();

    let record = txt("_dmarc.example.cz", &["v=DMARC1; p=none"]);
    resolver.says("_dmarc.example.cz", RecordType::TXT, Reply::found([record]));
    resolver.says(ZONE, RecordType::DNSKEY, Reply::nodata(ZONE));
    let before = seen.row.queries;
    seen.ask(&*client(&resolver, LONG).await).await;
    assert_eq!(
        resolver.take_log(),
        ["DNSKEY example.cz", "TXT _dmarc.example.cz"]
    );
    assert_eq!(seen.row.queries, before + 2);
    assert_eq!(seen.row.dmarc.outcome, Outcome::Found);
    assert_eq!(seen.row.dmarc.error, None);
    assert_eq!(seen.row.mx.outcome, Outcome::Found);
    assert!(!seen.has_failed());
    seen.ask(&*client(&resolver, LONG).await).await;
    assert!(resolver.log().is_empty(), "asked though nothing was open");
}

#[tokio::test]
async fn a_name_that_does_not_exist_stays_so_while_ns_fails() {
    let resolver = Resolver::start().await;
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver.on(ZONE, RecordType::NS, broken);
    let mut seen = walk(&resolver).await;
    assert_eq!(seen.row.existence, Existence::Nxdomain);
    resolver.take_log();
    seen.ask(&*client(&resolver, LONG).await).await;
    assert_eq!(resolver.take_log(), ["NS example.cz", "NS example.cz +cd"]);
    assert_eq!(seen.row.existence, Existence::Nxdomain);
}

async fn ask_host(resolver: &Resolver) -> HostRow {
    let mut row = HostRow {
        host: "mail.example.cz".to_owned(),
        ..HostRow::default()
    };
    host::ask(&*client(resolver, LONG).await, &mut row, |_| true).await;
    row
}

#[tokio::test]
async fn tlsa_is_looked_for_at_the_end_of_a_secure_alias_first() {
    let alias = |more| Reply::found([cname("mail.example.cz", "mx.other.cz"), more]).secure();
    let resolver = Resolver::start().await;
    let (there, here) = ("_25._tcp.mx.other.cz", "_25._tcp.mail.example.cz");
    resolver
        .says(
            "mail.example.cz",
            RecordType::A,
            alias(a("mx.other.cz", "192.0.2.1")),
        )
        .says(
            "mail.example.cz",
            RecordType::AAAA,
            alias(aaaa("mx.other.cz", "2001:db8::1")),
        )
        .says(there, RecordType::TLSA, Reply::nodata("other.cz").secure())
        .says(here, RecordType::TLSA, Reply::found([tlsa(here)]).secure());
    let row = ask_host(&resolver).await;
    assert_eq!(
        resolver.log()[2..],
        [format!("TLSA {there}"), format!("TLSA {here}")]
    );
    assert_eq!(row.tlsa.base.as_deref(), Some("mail.example.cz"));
    assert_eq!(row.tlsa.records.len(), 1);
    assert_eq!(row.addresses.canonical_name.as_deref(), Some("mx.other.cz"));
    assert_eq!(row.addresses.security, Security::Secure);

    resolver.take_log();
    resolver.says(
        there,
        RecordType::TLSA,
        Reply::found([tlsa(there)]).secure(),
    );
    let row = ask_host(&resolver).await;
    assert_eq!(row.tlsa.base.as_deref(), Some("mx.other.cz"));
    assert_eq!(resolver.log()[2..], [format!("TLSA {there}")]);
}

#[tokio::test]
async fn tlsa_at_the_end_of_an_insecure_alias_is_not_looked_for() {
    let resolver = Resolver::start().await;
    let records = [
        cname("mail.example.cz", "mx.other.cz"),
        a("mx.other.cz", "192.0.2.1"),
    ];
    resolver.says("mail.example.cz", RecordType::A, Reply::found(records));
    let row = ask_host(&resolver).await;
    assert_eq!(resolver.log()[2..], ["TLSA _25._tcp.mail.example.cz"]);
    assert_eq!(row.addresses.ips, ["192.0.2.1"]);
}

#[tokio::test]
async fn one_family_that_fails_does_not_hide_the_other() {
    let resolver = Resolver::start().await;
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver
        .says(
            "mail.example.cz",
            RecordType::A,
            Reply::found([a("mail.example.cz", "192.0.2.1")]),
        )
        .on("mail.example.cz", RecordType::AAAA, broken);
    let row = ask_host(&resolver).await;
    assert_eq!(row.addresses.outcome, Outcome::Found);
    assert_eq!(row.addresses.error, Some(ErrorCode::Unreachable));
    assert_eq!(row.addresses.ips, ["192.0.2.1"]);
    assert_eq!(row.aaaa.outcome, Outcome::Failed);
    assert!(host::has_failed(&row));
}

#[tokio::test]
async fn asking_about_a_host_again_loses_nothing() {
    let resolver = Resolver::start().await;
    let mail = "mail.example.cz";
    let base = "_25._tcp.mail.example.cz";
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver
        .says(mail, RecordType::A, Reply::found([a(mail, "192.0.2.1")]))
        .says(base, RecordType::TLSA, Reply::found([tlsa(base)]))
        .on(mail, RecordType::AAAA, broken.clone());
    let mut row = ask_host(&resolver).await;
    assert!(host::has_failed(&row));
    resolver.take_log();

    resolver
        .on(mail, RecordType::A, broken.clone())
        .on(base, RecordType::TLSA, broken)
        .says(
            mail,
            RecordType::AAAA,
            Reply::found([aaaa(mail, "2001:db8::1")]),
        );
    host::ask(&*client(&resolver, LONG).await, &mut row, |_| true).await;
    assert_eq!(resolver.take_log(), ["AAAA mail.example.cz"]);
    assert_eq!(row.addresses.ips, ["192.0.2.1", "2001:db8::1"]);
    assert_eq!(row.addresses.outcome, Outcome::Found);
    assert_eq!(row.addresses.error, None);
    assert_eq!(row.a.outcome, Outcome::Found);
    assert_eq!(row.tlsa.records.len(), 1);
    assert!(!host::has_failed(&row));
}

#[tokio::test]
async fn an_alias_that_shows_itself_later_still_leads_to_its_tlsa() {
    let resolver = Resolver::start().await;
    let mail = "mail.example.cz";
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver
        .on(mail, RecordType::A, broken.clone())
        .on(mail, RecordType::AAAA, broken);
    let mut row = ask_host(&resolver).await;
    assert_eq!(row.addresses.outcome, Outcome::Failed);
    assert_eq!(row.tlsa.base.as_deref(), Some(mail));

    let there = "_25._tcp.mx.other.cz";
    let alias = [cname(mail, "mx.other.cz"), a("mx.other.cz", "192.0.2.1")];
    resolver
        .says(mail, RecordType::A, Reply::found(alias).secure())
        .says(mail, RecordType::AAAA, Reply::nodata("other.cz").secure())
        .says(
            there,
            RecordType::TLSA,
            Reply::found([tlsa(there)]).secure(),
        );
    host::ask(&*client(&resolver, LONG).await, &mut row, |_| true).await;
    assert_eq!(row.addresses.ips, ["192.0.2.1"]);
    assert_eq!(row.addresses.security, Security::Secure);
    assert_eq!(row.tlsa.base.as_deref(), Some("mx.other.cz"));
    assert!(!host::has_failed(&row));
}

#[tokio::test]
async fn a_zone_that_does_not_validate_is_bogus() {
    let resolver = Resolver::start().await;
    resolver
        .says(ZONE, RecordType::DS, Reply::nodata("cz").secure())
        .on(
            ZONE,
            RecordType::DNSKEY,
            Manner::ServfailThenCd(Some(9), Reply::nodata(ZONE)),
        );
    let (row, queries) = zone::survey(&*client(&resolver, LONG).await, ZONE).await;
    assert_eq!(queries, 3);
    assert_eq!(row.security, Security::Bogus);
    assert_eq!(row.error, Some(ErrorCode::Bogus));
    assert_eq!(row.parent.as_deref(), Some("cz"));
}

fn names() -> Names {
    Names {
        secure: "secure.cz".to_owned(),
        bogus: "bogus.cz".to_owned(),
        unsigned: "unsigned.cz".to_owned(),
    }
}

/// A resolver with these answers for the three names of the pre-flight check.
async fn judged(secure: Reply, bogus: Manner, unsigned: Reply) -> Resolver {
    let resolver = Resolver::start().await;
    resolver
        .says("secure.cz", RecordType::SOA, secure)
        .on("bogus.cz", RecordType::SOA, bogus)
        .says("unsigned.cz", RecordType::SOA, unsigned);
    resolver
}

/// What the pre-flight check says.
async fn verdict(resolver: &Resolver, patience: Duration) -> Result<(), String> {
    let client = client(resolver, patience).await;
    let start = Instant::now();
    let result = preflight::run(&client, &[resolver.address], &names()).await;
    let elapsed = start.elapsed();
    assert!(elapsed < BOUND, "took {elapsed:?}");
    result.map_err(|err| err.to_string())
}

#[tokio::test]
async fn a_resolver_that_validates_passes() {
    let bogus = Manner::ServfailThenCd(Some(9), nothing());
    let resolver = judged(nothing().secure(), bogus, nothing()).await;
    assert_eq!(verdict(&resolver, LONG).await, Ok(()));
}

#[tokio::test]
async fn resolvers_whose_word_counts_for_nothing_do_not_pass() {
    let bogus = Manner::ServfailThenCd(Some(9), nothing());
    let lets_all_through = Manner::Honest(nothing());
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    let cases = [
        (
            nothing(),
            lets_all_through.clone(),
            nothing(),
            "module-config",
        ),
        (
            nothing().secure(),
            lets_all_through,
            nothing(),
            "set up a validating resolver",
        ),
        (
            nothing().secure(),
            broken,
            nothing(),
            "--preflight bogus=NAME",
        ),
        (
            nothing().secure(),
            bogus.clone(),
            nothing().secure(),
            "--preflight unsigned=NAME",
        ),
        (
            Reply::code(ResponseCode::Refused),
            bogus,
            nothing(),
            "--preflight secure=NAME",
        ),
    ];
    for (secure, bogus, unsigned, advice) in cases {
        let resolver = judged(secure, bogus, unsigned).await;
        let said = verdict(&resolver, LONG).await.unwrap_err();
        assert!(said.contains(&resolver.address.to_string()), "{said}");
        assert!(said.contains(advice), "{said}");
    }
}

#[tokio::test]
async fn a_silent_resolver_does_not_pass() {
    let resolver = Resolver::start().await;
    resolver.set_silent(true);
    let said = verdict(&resolver, SHORT).await.unwrap_err();
    assert!(said.contains("does not answer"), "{said}");
    assert_eq!(resolver.log().len(), 2, "asked more than twice");
}

#[test]
fn only_resolvers_of_this_machine_are_admissible() {
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    let said = |text: &str, trust| {
        let result = preflight::admissible(address(text), trust);
        result.map_err(|err| err.to_string())
    };
    assert_eq!(said("127.0.0.1:53", false), Ok(()));
    assert!(
        said("192.0.2.1:53", false)
            .unwrap_err()
            .contains("--trust-ad")
    );
    assert_eq!(said("192.0.2.1:53", true), Ok(()));
    assert!(said("9.9.9.9:53", true).unwrap_err().contains("Unbound"));
}

#[tokio::test]
async fn a_resolver_that_falls_silent_pauses_the_questions_and_loses_none() {
    const QUESTIONS: usize = 40;
    let resolver = Resolver::start().await;
    let label = |number: usize| format!("d{number}.cz");
    for number in 0..QUESTIONS {
        let owner = label(number);
        let reply = Reply::found([txt(&owner, &["here"])]);
        resolver.says(&owner, RecordType::TXT, reply);
    }
    let client = client(&resolver, SHORT).await;
    resolver.set_silent(true);
    let start = Instant::now();
    let asking: Vec<_> = (0..QUESTIONS)
        .map(|number| {
            let (client, name) = (client.clone(), name_of(&label(number)).unwrap());
            tokio::spawn(async move { client.ask(&name, RecordType::TXT).await })
        })
        .collect();
    let trouble = tokio::time::timeout(BOUND, client.health().trouble()).await;
    assert!(trouble.is_ok(), "nobody noticed");
    assert!(start.elapsed() >= SHORT);
    tokio::time::sleep(4 * SHORT).await;
    assert!(!asking.iter().any(|task| task.is_finished()), "gave up");
    let during = resolver.log().len();
    tokio::time::sleep(4 * SHORT).await;
    assert_eq!(resolver.log().len(), during, "asked on during the pause");

    assert!(!preflight::answers(&client, 1, &names()).await);
    resolver.set_silent(false);
    resolver.says("secure.cz", RecordType::SOA, nothing().secure());
    assert!(preflight::answers(&client, 1, &names()).await);
    client.health().recovered();
    for (number, task) in asking.into_iter().enumerate() {
        let answer = tokio::time::timeout(BOUND, task).await.unwrap().unwrap();
        assert_eq!(told(&answer), "found insecure", "{}", label(number));
    }
    assert!(!client.health().is_paused());
}
