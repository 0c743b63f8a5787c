//! "Every server", by the example of STARTTLS.

use CheckId::Starttls;

use super::*;

#[test]
fn an_address_that_was_not_reached_is_left_out_beside_one_that_was() {
    let facts = with(&[mx1(&[works(), late()])]);
    assert_eq!(facts.says(Starttls), "pass starttls:1/2");
    let facts = with(&[mx1(&[late(), works()])]);
    assert_eq!(facts.says(Starttls), "pass starttls:1/2");
    let here = with(&[mx1(&[works(), v6(silent(ErrorCode::NoIpv6Vantage))])]);
    assert_eq!(here.says(Starttls), "pass starttls:1/2");
}

#[test]
fn a_host_without_a_reached_address_leaves_it_open() {
    for (error, word) in [
        (ErrorCode::Timeout, "timeout"),
        (ErrorCode::Refused, "refused"),
        (ErrorCode::Excluded, "excluded"),
        (ErrorCode::RateCapped, "rate_capped"),
        (ErrorCode::Budget, "budget"),
        (ErrorCode::Blocked, "blocked"),
        (ErrorCode::NoIpv6Vantage, "no_ipv6_vantage"),
    ] {
        let facts = with(&[mx1(&[works()]), mx2(&[silent(error)])]);
        assert_eq!(facts.says(Starttls), format!("unknown {word}:1/2"));
    }
    let facts = with(&[mx1(&[late(), silent(ErrorCode::Refused)])]);
    assert_eq!(facts.says(Starttls), "unknown timeout:0/2", "the first one");
}

#[test]
fn what_was_seen_to_fail_decides() {
    let no = server(Answered::NotOffered);
    let facts = with(&[mx1(&[no]), mx2(&[late()])]);
    assert_eq!(facts.says(Starttls), "fail not_offered:1/2");
    let facts = with(&[mx1(&[late()]), mx2(&[no])]);
    assert_eq!(facts.says(Starttls), "fail not_offered:1/2");
    let facts = with(&[mx1(&[works(), no])]);
    assert_eq!(facts.says(Starttls), "fail not_offered:2/2");
    let two = with(&[mx1(&[no, server(Answered::Refused)])]);
    assert_eq!(two.says(Starttls), "fail not_offered:2/2", "the first one");
}

#[test]
fn hosts_that_were_not_reached_can_be_left_out() {
    let says = |hosts: &[At]| with(hosts).says_with(Starttls, "unreached = \"ignore\"");
    assert_eq!(
        says(&[mx1(&[works()]), mx2(&[late()])]),
        "pass starttls:1/2"
    );
    let no = server(Answered::NotOffered);
    assert_eq!(says(&[mx1(&[no]), mx2(&[late()])]), "fail not_offered:1/2");
    let open = server(Answered::Unconfirmed);
    assert_eq!(
        says(&[mx1(&[open]), mx2(&[late()])]),
        "unknown unconfirmed:1/2"
    );
    assert_eq!(says(&[mx1(&[late()])]), "unknown unreached:0/1");
}

#[test]
fn a_host_whose_addresses_are_not_known_leaves_it_open() {
    for outcome in [Outcome::Failed, Outcome::NotAttempted] {
        let facts = with(&[mx1(&[works()]), nowhere("mx2.example.cz", outcome)]);
        assert_eq!(facts.says(Starttls), "unknown addresses_unknown:1/1");
    }
    let never = At {
        facts: None,
        ..mx2(&[])
    };
    let facts = with(&[mx1(&[works()]), never]);
    assert_eq!(facts.says(Starttls), "unknown host_unknown:1/1");
    let facts = with(&[mx1(&[works()]), mx2(&[])]);
    assert_eq!(facts.says(Starttls), "unknown not_asked:1/1");
}

#[test]
fn a_host_without_address_takes_no_part() {
    let absent = nowhere("mx2.example.cz", Outcome::Absent);
    let facts = with(&[mx1(&[works()]), absent]);
    assert_eq!(facts.says(Starttls), "pass starttls:1/1");
}

#[test]
fn addresses_that_nobody_may_dial_do_not_count() {
    let special = silent(ErrorCode::SpecialPurpose);
    let facts = with(&[mx1(&[works(), special])]);
    assert_eq!(facts.says(Starttls), "pass starttls:1/1");
    let facts = with(&[mx1(&[works()]), mx2(&[special])]);
    assert_eq!(facts.says(Starttls), "pass starttls:1/1");
    let facts = with(&[mx1(&[special]), mx2(&[late()])]);
    assert_eq!(facts.says(Starttls), "unknown timeout:0/1");
}

#[test]
fn more_hosts_than_were_asked_about_are_like_hosts_that_were_not_reached() {
    let more = |servers: &[Server]| with(&[mx1(servers)]).but(|it| it.domain.mx.truncated = true);
    assert_eq!(more(&[works()]).says(Starttls), "unknown mx_truncated:1/1");
    let lax = more(&[works()]).says_with(Starttls, "unreached = \"ignore\"");
    assert_eq!(lax, "pass starttls:1/1");
    let no = more(&[server(Answered::NotOffered)]);
    assert_eq!(no.says(Starttls), "fail not_offered:1/1");
    let apart = more(&[server(Answered::NotOffered)]);
    assert_eq!(apart.says(CheckId::Tls12), "unknown mx_truncated:1/1");
}

#[test]
fn what_is_behind_starttls_takes_no_part_without() {
    let none = server(Answered::NotOffered);
    let facts = with(&[mx1(&[works()]), mx2(&[none])]);
    assert_eq!(facts.says(CheckId::Tls12), "pass tls_1_3:2/2");
    for none in [Answered::NotOffered, Answered::Stripped, Answered::Refused] {
        let facts = with(&[mx1(&[server(none)])]);
        assert_eq!(facts.says(CheckId::Tls12), "not_applicable no_starttls");
    }
    let facts = with(&[mx1(&[none]), mx2(&[late()])]);
    assert_eq!(facts.says(CheckId::Tls12), "unknown timeout:1/2");
    let facts = with(&[mx1(&[none]), mx2(&[server(Answered::Unconfirmed)])]);
    assert_eq!(facts.says(CheckId::Tls12), "unknown unconfirmed:2/2");
}

#[test]
fn domains_without_mail_are_not_asked() {
    assert_eq!(takes_none().says(Starttls), "not_applicable no_mail");
    assert_eq!(gone().says(Starttls), "not_applicable nxdomain");
    assert_eq!(lost().says(Starttls), "unknown servfail");
    let facts = of_kind(None, &[]);
    assert_eq!(facts.says(Starttls), "unknown servfail");
    let unreached = of_kind(Some(MxKind::Implicit), &[host("example.cz", &[late()])]);
    assert_eq!(unreached.says(Starttls), "unknown implicit_mx_unreached");
}
