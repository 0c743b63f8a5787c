//! Whether those outside want the reports that a DMARC record sends to them.

use hickory_resolver::proto::rr::RecordType;
use mailcensus::dns::domain::Walk;
use mailcensus::table::codes::ErrorCode;
use mailcensus::table::rows::ReportTarget;

use super::*;
use crate::lab::dns::{Reply, Resolver};

/// The domain sends reports to these.
async fn sends_to(uris: &str) -> Resolver {
    let resolver = domain().await;
    let record = format!("v=DMARC1; p=none; rua={uris}");
    has_txt(&resolver, "_dmarc.example.cz", &[&[&record]]);
    resolver
}

fn told(targets: &[ReportTarget]) -> Vec<String> {
    let of = |target: &ReportTarget| {
        let external = if target.external { " external" } else { "" };
        let error = target.error.map_or("", ErrorCode::as_str);
        let words = format!(
            "{} {}{external} {} {error}",
            target.scheme, target.host, target.authorised
        );
        words.trim_end().to_owned()
    };
    targets.iter().map(of).collect()
}

fn asked(resolver: &Resolver) -> Vec<String> {
    let mut log = resolver.take_log();
    log.retain(|line| line.contains("._report._dmarc."));
    log
}

#[tokio::test]
async fn those_outside_are_asked_and_those_inside_are_not() {
    let uris = "mailto:a@example.cz,mailto:b@mail.example.cz,mailto:c@yes.cz,mailto:d@yes.cz,\
                mailto:e@no.cz,https://yes.cz/x,mailto:f@notexample.cz!10m";
    let resolver = sends_to(uris).await;
    let at = |host: &str| format!("example.cz._report._dmarc.{host}");
    has_txt(&resolver, &at("yes.cz"), &[&["v=DMARC1"]]);
    has_txt(&resolver, &at("no.cz"), &[&["something else"]]);
    let seen = walk(&resolver).await;
    let dmarc = &seen.row.dmarc;
    let expected = [
        "mailto example.cz not_attempted",
        "mailto mail.example.cz not_attempted",
        "mailto yes.cz external found",
        "mailto no.cz external absent",
        "https yes.cz external found",
        "mailto notexample.cz external absent",
    ];
    assert_eq!(told(&dmarc.rua_targets), expected);
    assert_eq!(dmarc.external_reports_authorised, Some(false));
    let names = ["no.cz", "notexample.cz", "yes.cz"].map(|host| format!("TXT {}", at(host)));
    assert_eq!(
        asked(&resolver),
        names,
        "each name once, for both sets of rules"
    );
    assert!(!seen.has_failed());
}

#[tokio::test]
async fn nobody_outside_is_no_answer_and_everybody_is_yes() {
    let resolver = sends_to("mailto:a@example.cz").await;
    let dmarc = walk(&resolver).await.row.dmarc;
    assert_eq!(dmarc.external_reports_authorised, None);
    let resolver = sends_to("mailto:a@yes.cz").await;
    has_txt(
        &resolver,
        "example.cz._report._dmarc.yes.cz",
        &[&["v=DMARC1; rua=mailto:x@yes.cz"]],
    );
    let dmarc = walk(&resolver).await.row.dmarc;
    assert_eq!(dmarc.external_reports_authorised, Some(true));
}

#[tokio::test]
async fn the_record_that_applies_is_whose_name_is_asked_for() {
    let resolver = sends_to("mailto:a@yes.cz,mailto:b@sister.example.cz").await;
    is_zone(&resolver, "a.example.cz");
    let client = client(&resolver, LONG).await;
    let dmarc = walk_to("a.example.cz", &client).await.row.dmarc;
    let expected = [
        "mailto yes.cz external absent",
        "mailto sister.example.cz not_attempted",
    ];
    assert_eq!(told(&dmarc.rua_targets), expected);
    assert_eq!(told(&dmarc.rua_targets_7489), expected);
    assert_eq!(asked(&resolver), ["TXT example.cz._report._dmarc.yes.cz"]);
}

#[tokio::test]
async fn a_target_that_fails_is_unknown_and_asked_once_more() {
    let resolver = sends_to("mailto:a@yes.cz,mailto:b@broken.cz").await;
    let broken = "example.cz._report._dmarc.broken.cz";
    has_txt(
        &resolver,
        "example.cz._report._dmarc.yes.cz",
        &[&["v=DMARC1"]],
    );
    breaks_txt(&resolver, broken);
    let mut seen = walk(&resolver).await;
    let dmarc = &seen.row.dmarc;
    let expected = [
        "mailto yes.cz external found",
        "mailto broken.cz external failed servfail",
    ];
    assert_eq!(told(&dmarc.rua_targets), expected);
    assert_eq!(told(&dmarc.rua_targets_7489), expected);
    assert_eq!(dmarc.external_reports_authorised, None);
    assert!(seen.has_failed());
    resolver.take_log();
    resolver.says(broken, RecordType::TXT, Reply::nxdomain("cz"));
    seen.ask(&*client(&resolver, LONG).await).await;
    assert_eq!(asked(&resolver), [format!("TXT {broken}")]);
    assert_eq!(seen.row.dmarc.external_reports_authorised, Some(false));
    assert!(!seen.has_failed());
}

#[tokio::test]
async fn no_more_than_ten_targets_are_asked() {
    let uris: Vec<_> = (0..30)
        .map(|number| format!("mailto:a@t{number}.cz"))
        .collect();
    let resolver = domain().await;
    let record = format!("v=DMARC1; p=none; rua={}", uris.join(","));
    let strings: Vec<_> = record.as_bytes().chunks(200).collect();
    let strings: Vec<_> = strings
        .iter()
        .map(|part| std::str::from_utf8(part).unwrap())
        .collect();
    has_txt(&resolver, "_dmarc.example.cz", &[&strings]);
    for number in 0..30 {
        let name = format!("example.cz._report._dmarc.t{number}.cz");
        has_txt(&resolver, &name, &[&["v=DMARC1"]]);
    }
    let seen: Walk = walk(&resolver).await;
    assert_eq!(seen.row.dmarc.rua.len(), 30);
    let dmarc = &seen.row.dmarc;
    for targets in [&dmarc.rua_targets, &dmarc.rua_targets_7489] {
        assert_eq!(targets.len(), 11);
        assert_eq!(
            told(&targets[9..]),
            [
                "mailto t9.cz external found",
                "mailto t10.cz external failed budget"
            ]
        );
    }
    assert_eq!(asked(&resolver).len(), 10);
    // Those that nobody asked may not want any.
    assert_eq!(dmarc.external_reports_authorised, None);
    assert!(!seen.has_failed());
}
