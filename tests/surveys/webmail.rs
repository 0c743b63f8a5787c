//! Webmail: how each host is asked, what is asked once more, and what the checks make of it.

use std::slice::from_ref;

use mailcensus::table::client_codes::WebAnswer;
use mailcensus::table::record_codes::Fault;
use mailcensus::table::rows::{DomainRow, HostRow, WebPort, WebmailRow};

use super::*;
use crate::lab::https::{Filtered, Manner as Web, page};

const HSTS: &str = "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n";

fn says(status: &str, fields: &str) -> Web {
    Web::Says(page(status, fields, "<html></html>"))
}

fn moved(to: &str) -> Web {
    says("301 Moved Permanently", &format!("Location: {to}\r\n"))
}

fn port(port: &WebPort) -> String {
    let or_dash = |of: Option<String>| of.unwrap_or("-".to_owned());
    format!(
        "{} {} {} {} {}",
        port.answer,
        or_dash(port.status.map(|status| status.to_string())),
        or_dash(port.redirect.clone()),
        or_dash(port.error.map(|error| error.to_string())),
        port.connections
    )
}

fn judged(row: &VerdictRow) -> [String; 2] {
    [&row.webmail_https, &row.webmail_hsts].map(in_words)
}

/// A webmail host, and what is expected of it.
struct Case {
    name: &'static str,
    /// Manners in the clear and by HTTPS; nobody listens where there are none.
    manners: [Vec<Web>; 2],
    /// In the clear and by HTTPS.
    ports: [&'static str; 2],
    checks: [&'static str; 2],
}

fn cases() -> Vec<Case> {
    let hsts = || says("200 OK", HSTS);
    let to_https = || moved("https://webmail.good.cz/login?a=b");
    let case = |name, clear: &[Web], secure: &[Web], ports, checks| Case {
        name,
        manners: [clear.to_vec(), secure.to_vec()],
        ports,
        checks,
    };
    let good = "to_https 301 https://webmail.good.cz - 1";
    let pages = "page 200 - - 1";
    vec![
        case(
            "good",
            &[to_https()],
            &[hsts()],
            [good, pages],
            ["pass redirect", "pass hsts"],
        ),
        // The clear port refuses, and the first of two fields counts (RFC 6797 8.1).
        case(
            "closed",
            &[],
            &[says(
                "302 Found",
                &format!("Location: /login\r\n{HSTS}Strict-Transport-Security: max-age=0\r\n"),
            )],
            [
                "closed - - refused 1",
                "to_https 302 https://webmail.closed.cz - 1",
            ],
            ["pass closed", "pass hsts"],
        ),
        case(
            "plain",
            &[says("200 OK", "")],
            &[says("200 OK", "Strict-Transport-Security: max-age=0\r\n")],
            ["page 200 - - 2", "page 200 - - 2"],
            ["fail http_200", "fail max_age_zero"],
        ),
        // Where it leads then is not followed.
        case(
            "loop",
            &[says(
                "307 Temporary Redirect",
                "Location: http://webmail.loop.cz/\r\n",
            )],
            &[says("200 OK", "")],
            ["redirect 307 http://webmail.loop.cz - 2", "page 200 - - 2"],
            ["fail redirect_not_https", "fail no_hsts"],
        ),
        case(
            "twice",
            &[says(
                "308 Permanent Redirect",
                "Location: //other.example/x\r\n",
            )],
            &[says(
                "200 OK",
                "Strict-Transport-Security: max-age=1; max-age=1\r\n",
            )],
            ["redirect 308 http://other.example - 2", "page 200 - - 2"],
            ["fail redirect_not_https", "fail hsts_duplicate"],
        ),
        case(
            "fickle",
            &[says("200 OK", ""), to_https()],
            &[says("200 OK", ""), hsts()],
            ["page 200 - - 2", "page 200 - - 2"],
            ["unknown inconsistent", "unknown inconsistent"],
        ),
        case(
            "unwell",
            &[says("503 Service Unavailable", "")],
            &[says("502 Bad Gateway", "")],
            ["page 503 - - 2", "page 502 - - 2"],
            ["unknown http_503", "unknown http_502"],
        ),
        case(
            "flood",
            &[Web::Endless("HTTP/1.1 200 OK\r\nX-Long: ".to_owned())],
            &[Web::Alert(112)],
            ["failed - - protocol_error 2", "failed - - tls_alert 2"],
            ["unknown protocol_error", "unknown tls_alert"],
        ),
        case(
            "resets",
            &[Web::Resets],
            &[says("429 Too Many Requests", HSTS), hsts()],
            ["failed - - reset 2", pages_after_busy()],
            ["unknown reset", "pass hsts"],
        ),
        case(
            "nobody",
            &[],
            &[],
            ["closed - - refused 1", "closed - - refused 2"],
            ["not_applicable no_webmail", "not_applicable no_webmail"],
        ),
    ]
}

/// The attempt that got furthest is shown.
fn pages_after_busy() -> &'static str {
    "page 200 - - 2"
}

/// A mail server, and a host of webmail.
async fn add(net: &mut Net, number: u8, case: &Case) {
    let (name, ip) = (case.name, [127, 36, 22, number]);
    net.add(name, [127, 36, 21, number], &[Manner::Polite])
        .await;
    net.with_webmail(name, Some(ip));
    let [clear, secure] = &case.manners;
    if !clear.is_empty() {
        net.serve_in_the_clear(name, ip, clear).await;
    }
    if !secure.is_empty() {
        net.serve(
            name,
            ip,
            secure,
            (&format!("webmail.{name}.cz"), Flaw::None),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_webmail_is_asked_and_judged() {
    let mut net = Net::new().await;
    net.args = vec!["--clients".to_owned()];
    let cases = cases();
    for (number, case) in (1..).zip(&cases) {
        add(&mut net, number, case).await;
    }
    // Without a webmail host, and behind a firewall that eats packets to port 80.
    net.add("none", [127, 36, 21, 60], &[Manner::Polite]).await;
    let filtered = [127, 36, 22, 61];
    net.add("filtered", [127, 36, 21, 61], &[Manner::Polite])
        .await;
    net.with_webmail("filtered", Some(filtered));
    let _filtered = Filtered::start(SocketAddr::from((filtered, 80))).await;
    let certified = ("webmail.filtered.cz", Flaw::Expired);
    let secure = says("401 Unauthorized", HSTS);
    net.serve("filtered", filtered, from_ref(&secure), certified)
        .await;

    let surveyed = net.survey(2).await;
    let out = net.out();
    let rows = keyed(&out, |row: &WebmailRow| row.domain.clone());
    let domains = keyed(&out, |row: &DomainRow| row.domain.clone());
    assert_eq!(rows.len(), cases.len() + 1);
    for case in &cases {
        let row = &rows[&format!("{}.cz", case.name)];
        assert_eq!(
            [&row.http, &row.https].map(port),
            case.ports,
            "{}",
            case.name
        );
        let checks = judged(&surveyed.verdicts[case.name]);
        assert_eq!(checks, case.checks, "{}", case.name);
        let web = &domains[&row.domain].web;
        assert_eq!(*web, row.web(), "{}", case.name);
    }
    let filtered = &rows["filtered.cz"];
    assert_eq!(port(&filtered.http), "closed - - timeout 2");
    assert_eq!(port(&filtered.https), "page 401 - - 1");
    let checks = judged(&surveyed.verdicts["filtered"]);
    assert_eq!(checks, ["pass closed", "pass hsts"]);
    let checks = judged(&surveyed.verdicts["none"]);
    assert_eq!(checks, ["not_applicable no_webmail"; 2]);
    assert_eq!(domains["none.cz"].web.host, None);

    let good = &rows["good.cz"];
    assert_eq!(good.hsts_max_age, Some(31_536_000));
    assert_eq!(good.hsts_include_subdomains, Some(true));
    assert_eq!((good.chain.len(), good.hsts_count), (1, 1));
    assert_eq!(
        (rows["closed.cz"].hsts_count, rows["closed.cz"].hsts_max_age),
        (2, Some(31_536_000))
    );
    let twice = &rows["twice.cz"];
    assert_eq!(
        (twice.hsts_fault, twice.hsts_max_age),
        (Some(Fault::Duplicate), None)
    );
    assert_eq!(rows["nobody.cz"].http.answer, WebAnswer::Closed);
    asked_with_nothing_but_a_name(&net);
    let hosts = keyed(&out, |row: &HostRow| row.host.clone());
    assert_eq!(
        hosts["webmail.good.cz"].tlsa.base, None,
        "no TLSA for webmail"
    );
    explained(&net).await;
    resumed(&net, &rows, &domains).await;
}

/// No credentials, no cookies, and who asks.
fn asked_with_nothing_but_a_name(net: &Net) {
    for log in [net.web("good").log(), net.clear("good").log()] {
        assert_eq!(log.connections, 1);
        let request = log.requests[0].to_ascii_lowercase();
        let mut lines: Vec<_> = request.lines().filter(|line| !line.is_empty()).collect();
        lines.sort_unstable();
        assert_eq!(
            lines[..3],
            [
                "connection: close",
                "get / http/1.1",
                "host: webmail.good.cz"
            ]
        );
        assert!(
            lines[3].starts_with("user-agent: mailcensus/"),
            "{}",
            lines[3]
        );
        assert_eq!(lines.len(), 4);
    }
}

async fn explained(net: &Net) {
    let mut command = Command::new(MAILCENSUS);
    command.arg("explain").arg(net.out()).arg("closed.cz");
    let ran = tokio::task::spawn_blocking(move || run(&mut command));
    let ran = ran.await.unwrap().expect(0);
    for words in [
        "Mail clients",
        "webmail: webmail.closed.cz port 443, by name",
        "Webmail at webmail.closed.cz",
        "closed, refused",
        "to https://webmail.closed.cz",
        "max-age 31536000 s; includeSubDomains; the first of 2",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
}

/// The same command again asks nobody.
async fn resumed(
    net: &Net,
    rows: &BTreeMap<String, WebmailRow>,
    domains: &BTreeMap<String, DomainRow>,
) {
    let connections = net.web("good").log().connections;
    let again = net.survey(2).await;
    assert_eq!(net.web("good").log().connections, connections);
    assert_eq!(again.verdicts.len(), domains.len());
    let after = keyed(&net.out(), |row: &WebmailRow| row.domain.clone());
    assert_eq!(after, *rows);
}
