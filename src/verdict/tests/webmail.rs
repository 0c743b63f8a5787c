//! Webmail.

use super::*;

const BOTH: [CheckId; 2] = [CheckId::WebmailHttps, CheckId::WebmailHsts];

/// A domain with webmail that was looked for with this outcome.
fn searched(outcome: Outcome, error: Option<ErrorCode>) -> Facts {
    with(&[mx1(&[works()])]).but(|it| {
        let webmail = &mut it.domain.client_search.webmail;
        (webmail.outcome, webmail.error) = (outcome, error);
    })
}

fn serving(http: Port, https: Port) -> [String; 2] {
    let facts = searched(Outcome::Found, None);
    let facts = facts.but(|it| it.webmail = Some(Webmail { http, https }));
    BOTH.map(|check| facts.says(check))
}

fn open(why: &'static str) -> Port {
    Port::Open(why.into())
}

fn no(why: &'static str) -> Port {
    Port::Unsound(why.into())
}

#[test]
fn where_no_webmail_was_found_there_is_nothing_to_judge() {
    for check in BOTH {
        let nobody_looked = with(&[mx1(&[works()])]);
        assert_eq!(nobody_looked.says(check), "unknown not_measured");
        assert_eq!(takes_none().says(check), "not_applicable no_mail");
        assert_eq!(gone().says(check), "not_applicable nxdomain");
        assert_eq!(lost().says(check), "unknown servfail");
        let none = searched(Outcome::Absent, None);
        assert_eq!(none.says(check), "not_applicable no_webmail");
        let failed = searched(Outcome::Failed, Some(ErrorCode::Timeout));
        assert_eq!(failed.says(check), "unknown timeout");
        let spared = searched(Outcome::NotAttempted, Some(ErrorCode::Excluded));
        assert_eq!(spared.says(check), "unknown excluded");
        let not_yet = searched(Outcome::Found, None);
        assert_eq!(not_yet.says(check), "unknown not_measured");
    }
}

#[test]
fn each_port_decides_about_its_own() {
    let (to_https, hsts) = (|| Port::Sound("redirect"), || Port::Sound("hsts"));
    for (http, https, expected) in [
        (to_https(), hsts(), ["pass redirect", "pass hsts"]),
        (Port::Closed, hsts(), ["pass closed", "pass hsts"]),
        (to_https(), no("no_hsts"), ["pass redirect", "fail no_hsts"]),
        (no("http_200"), hsts(), ["fail http_200", "pass hsts"]),
        (open("timeout"), hsts(), ["unknown timeout", "pass hsts"]),
        (
            to_https(),
            open("tls_alert"),
            ["pass redirect", "unknown tls_alert"],
        ),
        (to_https(), Port::Closed, ["pass redirect", "fail no_https"]),
        (
            no("http_200"),
            Port::Closed,
            ["fail http_200", "fail no_https"],
        ),
    ] {
        assert_eq!(
            serving(http.clone(), https.clone()),
            expected,
            "{http:?} {https:?}"
        );
    }
}

#[test]
fn where_both_ports_are_closed_there_is_no_webmail() {
    let none = "not_applicable no_webmail";
    assert_eq!(serving(Port::Closed, Port::Closed), [none, none]);
    // Whether somebody is there is not known.
    let late = "unknown timeout";
    assert_eq!(serving(Port::Closed, open("timeout")), [late, late]);
    assert_eq!(serving(open("timeout"), Port::Closed), [late, late]);
}
