//! MTA-STS, TLS-RPT, and what keeps senders from falling back to clear text.

use CheckId as C;

use super::*;

/// A domain with this record, and this policy behind it.
fn with_sts(record: Text, policy: Policy) -> Facts {
    with(&[mx1(&[works()])]).but(|it| {
        it.domain.mta_sts = record;
        it.policy = Some(policy);
    })
}

/// A domain with this policy.
fn with_policy(change: impl FnOnce(&mut Policy)) -> Facts {
    let mut policy = policy();
    change(&mut policy);
    with_sts(records(1), policy)
}

fn said_of(facts: &Facts) -> [String; 3] {
    [C::MtaSts, C::MtaStsEnforced, C::MtaStsCoversMx].map(|check| facts.says(check))
}

#[test]
fn there_is_exactly_one_mta_sts_record_that_can_be_used() {
    let broken = Text {
        valid: Some(false),
        fault: Some(Fault::Missing),
        ..records(1)
    };
    let unread = Text {
        valid: None,
        ..records(1)
    };
    for (record, says) in [
        (
            records(0),
            [
                "fail no_record",
                "not_applicable no_mta_sts",
                "not_applicable no_mta_sts",
            ],
        ),
        (
            records(1),
            ["pass enforce", "pass enforce", "pass covered:1/1"],
        ),
        (
            records(2),
            [
                "fail several_records",
                "fail policy_broken",
                "not_applicable no_mta_sts",
            ],
        ),
        (
            broken,
            [
                "fail missing",
                "fail policy_broken",
                "not_applicable no_mta_sts",
            ],
        ),
        (unread, ["unknown not_measured"; 3]),
        (no_record(), ["unknown timeout"; 3]),
    ] {
        assert_eq!(said_of(&with_sts(record, policy())), says);
    }
    let unasked = with_sts(records(1), policy()).but(|it| it.policy = None);
    assert_eq!(said_of(&unasked), ["unknown not_measured"; 3]);
}

#[test]
fn each_step_to_a_policy_has_its_reason() {
    use ErrorCode::{Excluded, Refused, SpecialPurpose, Timeout, TooLarge};
    for (fetched, says) in [
        (Fetched::NoAddress, "fail host_no_address"),
        (Fetched::Status(404), "fail http_404"),
        (Fetched::Status(302), "fail redirect"),
        (Fetched::Broken(Refused), "fail refused"),
        (Fetched::Broken(TooLarge), "fail too_large"),
        (Fetched::Broken(SpecialPurpose), "fail special_purpose"),
        (Fetched::Inconsistent, "unknown inconsistent"),
        (Fetched::Unconfirmed, "unknown unconfirmed"),
        (Fetched::Vantage, "unknown vantage"),
        (Fetched::Unknown(Timeout), "unknown timeout"),
        (Fetched::Unknown(Excluded), "unknown excluded"),
    ] {
        let facts = with_policy(|it| (it.fetched, it.certificate) = (fetched, None));
        let [sts, enforced, covers] = said_of(&facts);
        assert_eq!(sts, says);
        let (others, none) = match says.split_once(' ') {
            Some(("fail", _)) => ("fail policy_broken", "not_applicable no_mta_sts"),
            _ => (says, says),
        };
        assert_eq!([enforced, covers], [others, none]);
    }
}

#[test]
fn the_certificate_of_a_policy_has_to_be_good() {
    let says = |change: fn(&mut Certificate)| {
        let facts = with_policy(|it| change(it.certificate.as_mut().expect("one")));
        facts.says(C::MtaSts)
    };
    let untrusted = says(|it| it.trust = vec![("mozilla".to_owned(), Pkix::SelfSigned)]);
    assert_eq!(untrusted, "fail cert_self_signed");
    assert_eq!(
        says(|it| it.name_match = NameMatch::None),
        "fail cert_mismatch"
    );
    assert_eq!(says(|it| it.dates = Dates::Expired), "fail cert_expired");
    let malformed = says(|it| it.dates = Dates::Malformed);
    assert_eq!(malformed, "unknown cert_malformed");
    let unjudged = says(|it| it.trust.clear());
    assert_eq!(unjudged, "unknown cert_store_missing");
    // Senders look at the certificate first, and never see what is behind it.
    let both = with_policy(|it| {
        it.fetched = Fetched::Status(404);
        it.certificate = it.certificate.clone().map(|certificate| Certificate {
            name_match: NameMatch::None,
            ..certificate
        });
    });
    assert_eq!(both.says(C::MtaSts), "fail cert_mismatch");
    let none = with_policy(|it| it.certificate = None);
    assert_eq!(none.says(C::MtaSts), "unknown not_measured");
}

#[test]
fn what_a_policy_says_decides() {
    let fault = with_policy(|it| it.fault = Some(Fault::BadValue));
    assert_eq!(
        said_of(&fault),
        [
            "fail policy_bad_value",
            "fail policy_broken",
            "not_applicable no_mta_sts"
        ]
    );
    let none = with_policy(|it| it.mode = Some(PolicyMode::None));
    assert_eq!(
        said_of(&none),
        [
            "fail mode_none",
            "fail mode_none",
            "not_applicable no_mta_sts"
        ]
    );
    let testing = with_policy(|it| it.mode = Some(PolicyMode::Testing));
    assert_eq!(
        said_of(&testing),
        ["pass testing", "fail testing", "pass covered:1/1"]
    );
    for (age, says) in [(86_400, "pass enforce"), (86_399, "fail max_age")] {
        let facts = with_policy(|it| it.max_age = Some(age));
        assert_eq!(facts.says(C::MtaStsEnforced), says);
    }
}

#[test]
fn every_mail_host_has_to_be_covered() {
    for (pattern, says) in [
        ("mx1.example.cz", "pass covered:1/1"),
        ("*.example.cz", "pass covered:1/1"),
        ("mx2.example.cz", "fail not_covered:1/1"),
        ("*.cz", "fail not_covered:1/1"),
    ] {
        let facts = with_policy(|it| it.mx = vec![pattern.to_owned()]);
        assert_eq!(facts.says(C::MtaStsCoversMx), says, "{pattern}");
    }
}

#[test]
fn every_mail_server_has_to_show_a_certificate_that_senders_take() {
    let says = |at: At| {
        let facts = with(&[at]).but(|it| {
            it.domain.mta_sts = records(1);
            it.policy = Some(policy());
        });
        facts.says(C::MtaStsCoversMx)
    };
    let shown = |change: fn(&mut Chain)| {
        let mut chain = chain();
        change(&mut chain);
        says(mx1(&[works()]).showing(&[chain]))
    };
    assert_eq!(
        shown(|it| it.name_match = Some(NameMatch::None)),
        "fail mismatch:1/1"
    );
    assert_eq!(shown(|it| it.dates = Dates::Expired), "fail expired:1/1");
    let plain = mx1(&[server(Answered::NotOffered)]);
    assert_eq!(says(plain), "fail not_offered:1/1");
    assert_eq!(says(mx1(&[late()])), "unknown timeout:0/1");
}

#[test]
fn there_is_exactly_one_tls_rpt_record_that_can_be_used() {
    let broken = Text {
        valid: Some(false),
        fault: Some(Fault::BadUri),
        ..records(1)
    };
    for (record, says) in [
        (records(0), "fail no_record"),
        (records(1), "pass valid"),
        (records(2), "fail several_records"),
        (broken, "fail bad_uri"),
        (no_record(), "unknown timeout"),
        (Text::default(), "unknown no_answer"),
    ] {
        let facts = with(&[mx1(&[works()])]).but(|it| it.domain.tls_rpt = record);
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
    with(&[at]).but(|it| it.domain.mta_sts = records(0))
}

#[test]
fn dane_protects_whatever_mta_sts_does() {
    for record in [records(0), records(1), records(2), no_record()] {
        let facts = with_sts(record, policy());
        assert_eq!(facts.says(C::DowngradeProtected), "pass dane");
    }
}

#[test]
fn an_enforced_policy_that_covers_every_host_protects_too() {
    let without_dane = |facts: Facts| facts.but(|it| it.domain.mx.security = Security::Insecure);
    let says = |facts: Facts| without_dane(facts).says(C::DowngradeProtected);
    assert_eq!(says(with_policy(|_| {})), "pass mta_sts");
    let testing = with_policy(|it| it.mode = Some(PolicyMode::Testing));
    assert_eq!(says(testing), "fail neither");
    let uncovered = with_policy(|it| it.mx = vec!["mx.example.org".to_owned()]);
    assert_eq!(says(uncovered), "fail neither");
    let late = with_policy(|it| it.fetched = Fetched::Unknown(ErrorCode::Timeout));
    assert_eq!(says(late), "unknown timeout");
}

#[test]
fn neither_of_both_is_known_only_where_both_are() {
    let says = |facts: &Facts| facts.says(C::DowngradeProtected);
    let none = || mx1(&[works()]).but(|host| host.tlsa = Outcome::Absent);
    assert_eq!(says(&by_dane(none())), "fail neither");
    let silent = by_dane(mx1(&[late()]));
    assert_eq!(says(&silent), "unknown timeout:0/1");
    let several = by_dane(none()).but(|it| it.domain.mta_sts = records(2));
    assert_eq!(says(&several), "fail neither");
    let one = by_dane(none()).but(|it| it.domain.mta_sts = records(1));
    assert_eq!(says(&one), "unknown not_measured");
    let open = by_dane(none()).but(|it| it.domain.mta_sts = no_record());
    assert_eq!(says(&open), "unknown timeout");
    let both = by_dane(mx1(&[late()])).but(|it| it.domain.mta_sts = no_record());
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
