//! Whether and how a domain takes mail.

use CheckId::{MxIpv6, MxWellformed, ReceivesMail};

use super::*;

fn implicit(servers: &[Server]) -> Facts {
    of_kind(Some(MxKind::Implicit), &[host("example.cz", servers)])
}

fn refused() -> Server {
    silent(ErrorCode::Refused)
}

fn special() -> Server {
    silent(ErrorCode::SpecialPurpose)
}

/// A host of which one kind of addresses could not be learned.
fn half(at: At) -> At {
    at.but(|host| host.is_half = true)
}

/// A host with more addresses than were asked.
fn many(at: At) -> At {
    at.but(|host| host.truncated = true)
}

#[test]
fn mail_goes_where_an_mx_record_leads_to_an_address() {
    let says = |hosts: &[At]| with(hosts).says(ReceivesMail);
    assert_eq!(says(&[mx1(&[late()])]), "pass explicit_mx");
    let spared = silent(ErrorCode::Excluded);
    assert_eq!(says(&[mx1(&[spared])]), "pass explicit_mx");
    assert_eq!(says(&[mx1(&[special(), late()])]), "pass explicit_mx");
    assert_eq!(says(&[mx1(&[special()])]), "fail mx_unusable");
    assert_eq!(says(&[]), "fail mx_unusable");
    let absent = nowhere("mx2.example.cz", Outcome::Absent);
    assert_eq!(says(std::slice::from_ref(&absent)), "fail mx_unusable");
    assert_eq!(says(&[mx1(&[late()]), absent]), "pass explicit_mx");
}

#[test]
fn mx_records_of_which_not_all_is_known_are_not_unusable() {
    let says = |hosts: &[At]| with(hosts).says(ReceivesMail);
    for outcome in [Outcome::Failed, Outcome::NotAttempted] {
        let open = nowhere("mx2.example.cz", outcome);
        assert_eq!(
            says(&[mx1(&[special()]), open]),
            "unknown addresses_unknown"
        );
    }
    let never = At {
        facts: None,
        ..mx1(&[])
    };
    assert_eq!(says(&[never]), "unknown addresses_unknown");
    assert_eq!(says(&[mx1(&[])]), "unknown addresses_unknown");
    assert_eq!(
        says(&[half(mx1(&[special()]))]),
        "unknown addresses_unknown"
    );
    assert_eq!(
        says(&[many(mx1(&[special()]))]),
        "unknown addresses_truncated"
    );
    let more = with(&[mx1(&[special()])]).but(|it| it.domain.mx.truncated = true);
    assert_eq!(more.says(ReceivesMail), "unknown mx_truncated");
}

#[test]
fn a_domain_without_mx_takes_mail_where_its_address_greets() {
    let says = |servers: &[Server]| implicit(servers).says(ReceivesMail);
    let greets = server(Answered::NotOffered);
    assert_eq!(says(&[greets]), "pass implicit_mx");
    assert_eq!(says(&[refused(), greets]), "pass implicit_mx");
    assert_eq!(says(&[refused(), refused()]), "fail web_only");
    assert_eq!(says(&[refused(), special()]), "fail web_only");
    assert_eq!(says(&[refused(), late()]), "unknown implicit_mx_unreached");
    let blocked = silent(ErrorCode::Blocked);
    assert_eq!(says(&[blocked]), "unknown implicit_mx_unreached");
    let here = v6(silent(ErrorCode::NoIpv6Vantage));
    assert_eq!(says(&[refused(), here]), "unknown implicit_mx_unreached");
    assert_eq!(says(&[]), "unknown addresses_unknown");
}

#[test]
fn an_address_that_nobody_was_told_may_greet() {
    let of = |at| of_kind(Some(MxKind::Implicit), &[at]).says(ReceivesMail);
    let at = || host("example.cz", &[refused()]);
    assert_eq!(of(half(at())), "unknown addresses_unknown");
    assert_eq!(of(many(at())), "unknown addresses_truncated");
    let absent = nowhere("example.cz", Outcome::Absent);
    assert_eq!(
        of(absent),
        "unknown addresses_unknown",
        "the answers disagree"
    );
}

#[test]
fn some_domains_take_no_mail_and_some_are_not_there() {
    assert_eq!(takes_none().says(ReceivesMail), "fail null_mx");
    let none = of_kind(Some(MxKind::None), &[]);
    assert_eq!(none.says(ReceivesMail), "fail no_mx");
    let open = of_kind(None, &[]);
    assert_eq!(open.says(ReceivesMail), "unknown servfail");
    let wordless = of_kind(None, &[]).but(|it| it.domain.mx.error = None);
    assert_eq!(wordless.says(ReceivesMail), "unknown no_answer");
    assert_eq!(gone().says(ReceivesMail), "not_applicable nxdomain");
    assert_eq!(lost().says(ReceivesMail), "unknown servfail");
    let spared = lost().but(|it| it.domain.mx.error = Some(ErrorCode::Excluded));
    assert_eq!(spared.says(ReceivesMail), "unknown excluded");
}

#[test]
fn mx_records_name_hosts_with_addresses() {
    let says = |hosts: &[At]| with(hosts).says(MxWellformed);
    assert_eq!(says(&[mx1(&[late()])]), "pass wellformed:1/1");
    let alias = || mx2(&[works()]).but(|host| host.is_alias = true);
    assert_eq!(says(&[mx1(&[late()]), alias()]), "fail cname:1/2");
    assert_eq!(
        says(&[mx1(&[late(), special()])]),
        "fail special_purpose:1/1"
    );
    let absent = || nowhere("mx3.example.cz", Outcome::Absent);
    assert_eq!(says(&[alias(), absent(), absent()]), "fail no_address:2/3");
    for name in [
        "192.0.2.1",
        "[192.0.2.1]",
        "2001:db8::1",
        "[ipv6:2001:db8::1]",
    ] {
        let literal = nowhere(name, Outcome::Absent);
        let hosts = [absent(), literal, mx1(&[special()])];
        assert_eq!(says(&hosts), "fail ip_literal:1/3", "{name}");
    }
    let null = with(&[alias()]).but(|it| {
        it.domain.mx.records.push(MxRecord {
            preference: 0,
            host: ".".to_owned(),
        });
    });
    assert_eq!(null.says(MxWellformed), "fail null_mx_beside_others");
}

#[test]
fn mx_records_of_which_not_all_is_known_are_not_wellformed_either() {
    let says = |hosts: &[At]| with(hosts).says(MxWellformed);
    let open = || nowhere("mx2.example.cz", Outcome::Failed);
    assert_eq!(says(&[mx1(&[late()]), open()]), "unknown addresses_unknown");
    assert_eq!(
        says(&[mx1(&[special()]), open()]),
        "fail special_purpose:1/2"
    );
    assert_eq!(says(&[half(mx1(&[late()]))]), "unknown addresses_unknown");
    assert_eq!(says(&[many(mx1(&[late()]))]), "unknown addresses_truncated");
    let more = with(&[mx1(&[late()])]).but(|it| it.domain.mx.truncated = true);
    assert_eq!(more.says(MxWellformed), "unknown mx_truncated");
    let more = more.but(|it| it.hosts = vec![mx1(&[special()])]);
    assert_eq!(more.says(MxWellformed), "fail special_purpose:1/1");
}

#[test]
fn only_mx_records_can_be_malformed() {
    assert_eq!(takes_none().says(MxWellformed), "not_applicable null_mx");
    assert_eq!(
        implicit(&[late()]).says(MxWellformed),
        "not_applicable no_mx"
    );
    let none = of_kind(Some(MxKind::None), &[]);
    assert_eq!(none.says(MxWellformed), "not_applicable no_mx");
    assert_eq!(of_kind(None, &[]).says(MxWellformed), "unknown servfail");
    assert_eq!(gone().says(MxWellformed), "not_applicable nxdomain");
    let unusable = with(&[mx1(&[special()])]);
    assert_eq!(unusable.says(ReceivesMail), "fail mx_unusable");
    assert_eq!(unusable.says(MxWellformed), "fail special_purpose:1/1");
}

/// A host with IPv6, as the question for AAAA was answered.
fn six(servers: &[Server]) -> At {
    mx1(servers).but(|host| host.aaaa = Outcome::Found)
}

#[test]
fn ipv6_is_there_where_a_server_greets_over_it() {
    let says = |hosts: &[At]| with(hosts).says(MxIpv6);
    assert_eq!(says(&[six(&[works(), v6(works())])]), "pass ipv6:1/1");
    let more = [six(&[v6(late())]), mx2(&[v6(server(Answered::Broken))])];
    assert_eq!(says(&more), "pass ipv6:1/2");
    assert_eq!(says(&[mx1(&[works()])]), "fail no_aaaa");
    assert_eq!(says(&[six(&[works(), v6(refused())])]), "fail refused:0/1");
    assert_eq!(says(&[six(&[works(), v6(special())])]), "fail no_aaaa");
    assert_eq!(
        says(&[six(&[v6(refused()), v6(late())])]),
        "unknown timeout:0/2"
    );
    assert_eq!(takes_none().says(MxIpv6), "not_applicable no_mail");
}

#[test]
fn ipv6_is_not_known_where_nobody_could_look() {
    let says = |hosts: &[At]| with(hosts).says(MxIpv6);
    for (error, word) in [
        (ErrorCode::NoIpv6Vantage, "no_ipv6_vantage"),
        (ErrorCode::Excluded, "excluded"),
        (ErrorCode::RateCapped, "rate_capped"),
        (ErrorCode::LocalFault, "local_fault"),
    ] {
        let servers = [works(), v6(silent(error))];
        assert_eq!(says(&[six(&servers)]), format!("unknown {word}:0/1"));
    }
}

#[test]
fn ipv6_is_not_missing_where_an_address_may_be_hidden() {
    let says = |hosts: &[At]| with(hosts).says(MxIpv6);
    for outcome in [Outcome::Failed, Outcome::NotAttempted] {
        let at = mx1(&[works()]).but(|host| host.aaaa = outcome);
        assert_eq!(says(&[at]), "unknown addresses_unknown");
    }
    let open = nowhere("mx2.example.cz", Outcome::Failed);
    assert_eq!(says(&[mx1(&[works()]), open]), "unknown addresses_unknown");
    assert_eq!(says(&[six(&[works()])]), "unknown addresses_unknown");
    let cut = many(six(&[works()]));
    assert_eq!(says(&[cut]), "unknown addresses_truncated");
    let none = many(mx1(&[works()]));
    assert_eq!(says(&[none]), "fail no_aaaa", "all of them are IPv4");
    let more = with(&[mx1(&[works()])]).but(|it| it.domain.mx.truncated = true);
    assert_eq!(more.says(MxIpv6), "unknown mx_truncated");
    let more = more.but(|it| it.hosts = vec![six(&[v6(works())])]);
    assert_eq!(more.says(MxIpv6), "pass ipv6:1/1");
}
