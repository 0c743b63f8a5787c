//! SPF: what the graph of a record leads to, whatever the record and its includes are.

use hickory_resolver::proto::rr::RecordType;
use mailcensus::table::codes::{ErrorCode, Outcome};
use mailcensus::table::record_codes::{Fault, SpfAll};
use mailcensus::table::rows::Spf;

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, a, mx, txt};

async fn spf_of(records: &[&[&str]]) -> (Spf, Resolver) {
    let resolver = domain().await;
    has_txt(&resolver, ZONE, records);
    let row = walk(&resolver).await.row;
    (row.spf, resolver)
}

#[tokio::test]
async fn a_graph_is_followed_to_its_ends() {
    let resolver = domain().await;
    let hosts = [mx(ZONE, 10, "m1.example.cz"), mx(ZONE, 20, "m2.example.cz")];
    resolver.says(ZONE, RecordType::MX, Reply::found(hosts));
    for (host, ip) in [
        ("m1.example.cz", "192.0.2.1"),
        ("m2.example.cz", "192.0.2.2"),
    ] {
        resolver.says(host, RecordType::A, Reply::found([a(host, ip)]));
    }
    has_txt(
        &resolver,
        ZONE,
        &[&["v=spf1 mx include:_a.big.cz redirect=_r.big.cz"]],
    );
    has_txt(
        &resolver,
        "_a.big.cz",
        &[&["v=spf1 ip4:198.51.100.0/24 include:none.big.cz ?all"]],
    );
    has_txt(
        &resolver,
        "_r.big.cz",
        &[&["v=spf1 ip4:198.51.100.0/25 -all"]],
    );
    has_txt(&resolver, "none.big.cz", &[&["other=1"]]);
    let seen = walk(&resolver).await;
    let spf = &seen.row.spf;
    assert_eq!((spf.valid, spf.all), (Some(true), Some(SpfAll::None)));
    assert_eq!(spf.effective_all, Some(SpfAll::Fail));
    assert_eq!((spf.lookups, spf.void_lookups), (Some(4), Some(0)));
    assert_eq!(spf.mx_names, Some(2));
    assert_eq!(spf.redirect.as_deref(), Some("_r.big.cz"));
    assert_eq!(spf.includes, ["_a.big.cz"]);
    assert_eq!(spf.dangling, ["none.big.cz"]);
    assert_eq!(spf.ipv4_addresses, Some(258));
    assert_eq!(
        (spf.graph_error, spf.graph_fault),
        (None, Some(Fault::NoRecord))
    );
    assert!(!seen.has_failed());
    let log = asked_for(
        &resolver,
        &["big.cz", "m1.example.cz", "m2.example.cz", "MX example.cz"],
    );
    let expected = [
        "A m1.example.cz",
        "A m2.example.cz",
        "AAAA m1.example.cz",
        "AAAA m2.example.cz",
        "MX example.cz",
        "TXT _a.big.cz",
        "TXT _r.big.cz",
        "TXT none.big.cz",
    ];
    assert_eq!(log, expected, "the domain's own MX records are known");
}

#[tokio::test]
async fn what_many_domains_include_is_asked_for_once() {
    let resolver = domain().await;
    has_txt(&resolver, "_spf.big.cz", &[&["v=spf1 a:out.big.cz -all"]]);
    let out = "out.big.cz";
    resolver.says(out, RecordType::A, Reply::found([a(out, "192.0.2.1")]));
    let names: Vec<_> = (0..50).map(|number| format!("d{number}.cz")).collect();
    for name in &names {
        is_zone(&resolver, name);
        has_txt(&resolver, name, &[&["v=spf1 include:_spf.big.cz ~all"]]);
    }
    let client = client(&resolver, LONG).await;
    let walks: Vec<_> = names.iter().map(|name| walk_to(name, &client)).collect();
    let walks = futures_util::future::join_all(walks).await;
    let queries: u32 = walks.iter().map(|walk| walk.row.queries).sum();
    assert_eq!(queries as usize, resolver.log().len());
    for walk in &walks {
        let spf = &walk.row.spf;
        assert_eq!((spf.lookups, spf.ipv4_addresses), (Some(2), Some(1)));
    }
    let log = asked_for(&resolver, &["big.cz", "TXT _dmarc.cz"]);
    let expected = [
        "A out.big.cz",
        "AAAA out.big.cz",
        "TXT _dmarc.cz",
        "TXT _spf.big.cz",
    ];
    assert_eq!(log, expected);
}

#[tokio::test]
async fn an_include_that_fails_is_unknown_and_asked_once_more() {
    let resolver = domain().await;
    has_txt(
        &resolver,
        ZONE,
        &[&["v=spf1 ip4:192.0.2.1 include:_spf.big.cz include:_b.big.cz -all"]],
    );
    has_txt(&resolver, "_b.big.cz", &[&["v=spf1 ip4:192.0.2.2 -all"]]);
    breaks_txt(&resolver, "_spf.big.cz");
    let client = client(&resolver, LONG).await;
    let mut seen = walk_to(ZONE, &client).await;
    let spf = &seen.row.spf;
    assert_eq!(
        (spf.outcome, spf.error, spf.valid),
        (Outcome::Found, None, Some(true))
    );
    assert_eq!(spf.graph_error, Some(ErrorCode::Servfail));
    assert_eq!(spf.graph_fault, None, "a failure is no fault");
    assert_eq!(spf.graph_fault_at.as_deref(), Some("_spf.big.cz"));
    assert!(spf.dangling.is_empty());
    assert!(seen.has_failed());
    resolver.take_log();

    has_txt(&resolver, "_spf.big.cz", &[&["v=spf1 ip4:192.0.2.3 -all"]]);
    let before = seen.row.queries;
    client.next_pass();
    seen.ask(&client).await;
    assert_eq!(resolver.take_log(), ["TXT _spf.big.cz"]);
    assert_eq!(seen.row.queries, before + 1);
    assert_eq!(seen.row.spf.graph_error, None);
    assert_eq!(seen.row.spf.graph_fault_at, None);
    assert_eq!(seen.row.spf.ipv4_addresses, Some(3));
    assert!(!seen.has_failed());
}

#[tokio::test]
async fn an_include_that_does_not_validate_is_unknown() {
    let resolver = domain().await;
    has_txt(&resolver, ZONE, &[&["v=spf1 include:_spf.big.cz -all"]]);
    let record = txt("_spf.big.cz", &["v=spf1 +all"]);
    let bogus = Manner::ServfailThenCd(Some(6), Reply::found([record]));
    resolver.on("_spf.big.cz", RecordType::TXT, bogus);
    let seen = walk(&resolver).await;
    assert_eq!(seen.row.spf.graph_error, Some(ErrorCode::Bogus));
    assert_eq!(seen.row.spf.includes_all, Some(false));
    assert!(seen.has_failed());
}

#[tokio::test]
async fn loops_and_hundreds_of_includes_end() {
    let resolver = domain().await;
    has_txt(&resolver, ZONE, &[&["v=spf1 include:_a.cz -all"]]);
    has_txt(&resolver, "_a.cz", &[&["v=spf1 include:_b.cz -all"]]);
    has_txt(&resolver, "_b.cz", &[&["v=spf1 include:_a.cz -all"]]);
    let seen = walk(&resolver).await;
    assert_eq!(seen.row.spf.graph_fault, Some(Fault::Loop));
    assert_eq!(seen.row.spf.graph_error, None);
    assert_eq!(
        asked_for(&resolver, &["_a.cz", "_b.cz"]),
        ["TXT _a.cz", "TXT _b.cz"]
    );

    let includes: Vec<_> = (0..500)
        .map(|number| format!("include:i{number}.big.cz "))
        .collect();
    let strings: Vec<_> = includes.chunks(10).map(<[String]>::concat).collect();
    let strings = std::iter::once("v=spf1 ").chain(strings.iter().map(String::as_str));
    let strings: Vec<_> = strings.chain(["-all"]).collect();
    let reply = Reply::found([txt(ZONE, &strings)]);
    resolver.on(ZONE, RecordType::TXT, Manner::TruncatesUdp(reply));
    let seen = walk(&resolver).await;
    let spf = &seen.row.spf;
    assert_eq!((spf.valid, spf.includes.len()), (Some(true), 500));
    assert_eq!(spf.lookups, Some(20));
    let asked = asked_for(&resolver, &["big.cz"]);
    assert!(asked.len() <= 20, "{asked:?}");
}

#[tokio::test]
async fn a_record_that_leads_to_too_many_questions_is_not_followed_to_the_end() {
    let resolver = domain().await;
    let terms: Vec<_> = (0..20)
        .map(|number| format!("mx:m{number}.big.cz"))
        .collect();
    let record = format!("v=spf1 {} -all", terms.join(" "));
    let strings: Vec<_> = record.as_bytes().chunks(255).collect();
    let strings: Vec<_> = strings
        .iter()
        .map(|part| std::str::from_utf8(part).unwrap())
        .collect();
    has_txt(&resolver, ZONE, &[&strings]);
    for number in 0..20 {
        let name = format!("m{number}.big.cz");
        let hosts = (0..10).map(|host| mx(&name, host, &format!("h{host}.{name}")));
        resolver.says(&name, RecordType::MX, Reply::found(hosts));
    }
    let seen = walk(&resolver).await;
    assert_eq!(seen.row.spf.graph_error, Some(ErrorCode::Budget));
    assert!(!seen.has_failed(), "it would be too much once more");
    let asked = asked_for(&resolver, &["big.cz"]);
    assert!(asked.len() <= 240, "{}", asked.len());
}

#[tokio::test]
async fn a_record_of_its_own_that_cannot_be_used_has_no_graph() {
    let table: [(&[&[&str]], Fault); 4] = [
        (
            &[&["v=spf1 include:_a.cz -all"], &["v=spf1 -all"]],
            Fault::SeveralRecords,
        ),
        (
            &[&["v=spf1 include:_a.cz nonsense -all"]],
            Fault::UnknownMechanism,
        ),
        (&[&["v=spf1 include:_a.cz x\0y -all"]], Fault::NotAscii),
        (&[&["v=spf1 include:_a.cz \u{10d} -all"]], Fault::NotAscii),
    ];
    for (records, fault) in table {
        let (spf, resolver) = spf_of(records).await;
        assert_eq!(
            (spf.valid, spf.fault),
            (Some(false), Some(fault)),
            "{records:?}"
        );
        assert_eq!(usize::from(spf.count), records.len());
        let graph = (spf.all, spf.effective_all, spf.lookups, spf.graph_error);
        assert_eq!(graph, (None, None, None, None), "{records:?}");
        assert_eq!(asked_for(&resolver, &["_a.cz"]), [""; 0], "{records:?}");
    }
}

#[tokio::test]
async fn strings_are_joined_wherever_they_are_split() {
    let parts = ["v=s", "pf1", " include:_a", ".cz ~a", "ll"];
    let (spf, resolver) = spf_of(&[&parts]).await;
    assert_eq!((spf.valid, spf.all), (Some(true), Some(SpfAll::Softfail)));
    assert_eq!(asked_for(&resolver, &["_a.cz"]), ["TXT _a.cz"]);

    // 255 strings of 255 bytes are as much as a record can hold.
    let filler = format!("x={}", "y".repeat(253));
    let mut strings = vec![filler.as_str(); 254];
    strings.insert(0, "v=spf1 ");
    let resolver = domain().await;
    let reply = Reply::found([txt(ZONE, &strings)]);
    resolver.on(ZONE, RecordType::TXT, Manner::TruncatesUdp(reply));
    let spf = walk(&resolver).await.row.spf;
    assert_eq!((spf.outcome, spf.count), (Outcome::Found, 1));
    assert!(spf.truncated);
    assert_eq!(spf.record.map(|record| record.len()), Some(8 << 10));
    assert!(spf.findings.len() <= 16);
}
