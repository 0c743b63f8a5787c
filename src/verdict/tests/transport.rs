//! MTA-STS, TLS-RPT, and what keeps senders from falling back to clear text.

use CheckId as C;

use super::*;

fn with_sts(text: Text) -> Facts {
    with(&[mx1(&[works()])]).but(|it| it.domain.mta_sts = text)
}

#[test]
fn mta_sts_records_are_counted() {
    for (text, sts, enforced, covers) in [
        (
            texts(0),
            "fail no_record",
            "not_applicable no_mta_sts",
            "not_applicable no_mta_sts",
        ),
        (
            texts(1),
            "unknown not_measured",
            "unknown not_measured",
            "unknown not_measured",
        ),
        (
            texts(2),
            "fail several_records",
            "fail policy_broken",
            "not_applicable no_mta_sts",
        ),
        (
            no_text(),
            "unknown timeout",
            "unknown timeout",
            "unknown timeout",
        ),
    ] {
        let facts = with_sts(text);
        assert_eq!(facts.says(C::MtaSts), sts);
        assert_eq!(facts.says(C::MtaStsEnforced), enforced);
        assert_eq!(facts.says(C::MtaStsCoversMx), covers);
    }
}

#[test]
fn tls_rpt_records_are_counted() {
    for (text, says) in [
        (texts(0), "fail no_record"),
        (texts(1), "unknown not_measured"),
        (texts(2), "fail several_records"),
        (no_text(), "unknown timeout"),
        (Text::default(), "unknown no_answer"),
    ] {
        let facts = with(&[mx1(&[works()])]).but(|it| it.domain.tls_rpt = text);
        assert_eq!(facts.says(C::TlsRpt), says);
    }
}

#[test]
fn policies_of_domains_without_mail_do_not_count() {
    for check in [
        C::MtaSts,
        C::MtaStsEnforced,
        C::MtaStsCoversMx,
        C::TlsRpt,
        C::DowngradeProtected,
        C::RouteOriginValid,
    ] {
        assert_eq!(takes_none().says(check), "not_applicable no_mail");
        assert_eq!(gone().says(check), "not_applicable nxdomain");
        assert_eq!(of_kind(None, &[]).says(check), "unknown servfail");
    }
}

/// A domain without MTA-STS, whose host is so.
fn by_dane(at: At) -> Facts {
    with(&[at]).but(|it| it.domain.mta_sts = texts(0))
}

#[test]
fn dane_protects_whatever_mta_sts_does() {
    for text in [texts(0), texts(1), texts(2), no_text()] {
        assert_eq!(with_sts(text).says(C::DowngradeProtected), "pass dane");
    }
}

#[test]
fn neither_of_both_is_known_only_where_both_are() {
    let says = |facts: &Facts| facts.says(C::DowngradeProtected);
    let none = || mx1(&[works()]).but(|host| host.tlsa = Outcome::Absent);
    assert_eq!(says(&by_dane(none())), "fail neither");
    let silent = by_dane(mx1(&[late()]));
    assert_eq!(says(&silent), "unknown timeout:0/1");
    let several = by_dane(none()).but(|it| it.domain.mta_sts = texts(2));
    assert_eq!(says(&several), "fail neither");
    let one = by_dane(none()).but(|it| it.domain.mta_sts = texts(1));
    assert_eq!(says(&one), "unknown not_measured");
    let open = by_dane(none()).but(|it| it.domain.mta_sts = no_text());
    assert_eq!(says(&open), "unknown timeout");
    let both = by_dane(mx1(&[late()])).but(|it| it.domain.mta_sts = no_text());
    assert_eq!(says(&both), "unknown timeout:0/1");
}

#[test]
fn dane_without_dnssec_of_the_domain_protects_nobody() {
    let says = |facts: &Facts| facts.says(C::DowngradeProtected);
    let plain = by_dane(mx1(&[works()]));
    let plain = plain.but(|it| it.domain.mx.security = Security::Insecure);
    assert_eq!(says(&plain), "fail neither");
    let open = plain.but(|it| it.domain.mx.security = Security::NotChecked);
    assert_eq!(says(&open), "unknown not_checked");
    let wrong = mx1(&[server(Answered::NotOffered)]);
    assert_eq!(says(&by_dane(wrong)), "fail neither");
}

#[test]
fn routes_are_not_known() {
    let facts = with(&[mx1(&[works()])]);
    assert_eq!(facts.says(C::RouteOriginValid), "unknown no_routing_data");
}
