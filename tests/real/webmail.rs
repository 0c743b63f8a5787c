//! Webmail, as nginx serves it.

use std::fs;

use mailcensus::table::client_codes::WebAnswer;
use mailcensus::table::codes::{NameMatch, Pkix};
use mailcensus::table::rows::{DomainRow, VerdictRow, WebmailRow};

use super::lab::lab;
use super::program::{keyed, run, survey_of};
use super::shared::alone;

#[test]
fn webmail_that_nginx_serves_is_found_and_judged() {
    let dir = lab().scratch("webmail");
    let (list, out) = (dir.join("list.txt"), dir.join("out"));
    fs::write(&list, "secure-good.cz\ninsecure-good.cz\nnull-mx.cz\n").expect("writes");
    let _alone = alone();
    run(survey_of(&list, &out).arg("--clients")).expect(0);

    let rows = keyed(&out, |row: &WebmailRow| row.domain.clone());
    assert_eq!(rows.len(), 2);
    let (good, plain) = (&rows["secure-good.cz"], &rows["insecure-good.cz"]);
    let own = Some("https://webmail.secure-good.cz");
    let answer = (good.http.answer, good.http.status);
    assert_eq!(answer, (WebAnswer::ToHttps, Some(301)));
    assert_eq!(good.http.redirect.as_deref(), own);
    let answer = (good.https.answer, good.https.status);
    assert_eq!(answer, (WebAnswer::Page, Some(401)));
    assert_eq!((good.hsts_max_age, good.hsts_count), (Some(63_072_000), 1));
    let flags = (good.hsts_include_subdomains, good.hsts_preload);
    assert_eq!(flags, (Some(true), Some(true)));
    assert_eq!(good.name_match, Some(NameMatch::San));
    assert_eq!(good.pkix["mozilla"], Pkix::Valid, "by --extra-root");
    let answer = (plain.http.answer, plain.http.status);
    assert_eq!(answer, (WebAnswer::Page, Some(200)));
    // Another host of the same server answers there, without HSTS.
    assert_eq!((plain.https.answer, plain.hsts_count), (WebAnswer::Page, 0));

    let verdicts = keyed(&out, |row: &VerdictRow| row.domain.clone());
    for (domain, expected) in [
        ("secure-good.cz", ["pass redirect", "pass hsts"]),
        ("insecure-good.cz", ["fail http_200", "unknown http_403"]),
        ("null-mx.cz", ["not_applicable no_mail"; 2]),
    ] {
        let row = &verdicts[domain];
        let said = [&row.webmail_https, &row.webmail_hsts];
        let said = said.map(|of| format!("{} {}", of.result, of.reason));
        assert_eq!(said, expected, "{domain}");
    }
    let domains = keyed(&out, |row: &DomainRow| row.domain.clone());
    assert_eq!(domains["secure-good.cz"].web, good.web());
    assert_eq!(domains["null-mx.cz"].web.host, None);
    let clients = domains["secure-good.cz"].clients.iter();
    let hosts: Vec<_> = clients
        .map(|one| format!("{} {} {}", one.service, one.host, one.source))
        .collect();
    let webmail = "webmail webmail.secure-good.cz name".to_owned();
    assert!(hosts.contains(&webmail), "{hosts:?}");
}
