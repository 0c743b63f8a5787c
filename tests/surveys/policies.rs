//! MTA-STS policies: how each is got, what is asked once more, and what the checks make of it.

use std::slice::from_ref;

use mailcensus::table::codes::{ErrorCode, Outcome};
use mailcensus::table::record_codes::{Fault, PolicyMode};

use super::*;
use crate::lab::https::{Manner as Web, page};

const TEXT: &str = "Content-Type: text/plain\r\n";
const POLICY: &str = "version: STSv1\nmode: enforce\nmx: *.cz\nmax_age: 604800\n";

fn says(status: &str, body: &str) -> Web {
    Web::Says(page(status, TEXT, body))
}

fn ok(body: &str) -> Web {
    says("200 OK", body)
}

/// A mail server, and a server of its policy with a certificate that is as it should be.
async fn add(net: &mut Net, name: &str, number: u8, manners: &[Web]) {
    let host = format!("mta-sts.{name}.cz");
    add_with(net, name, number, manners, (&host, Flaw::None)).await;
}

async fn add_with(
    net: &mut Net,
    name: &str,
    number: u8,
    manners: &[Web],
    certificate: (&str, Flaw),
) {
    net.add(name, [127, 36, 1, number], &[Manner::Polite]).await;
    net.with_policy(name, [127, 36, 2, number], manners, certificate)
        .await;
}

fn told(row: &StsPolicyRow) -> String {
    let or_dash = |of: Option<String>| of.unwrap_or("-".to_owned());
    format!(
        "{} {} {} {}",
        row.outcome,
        or_dash(row.http_status.map(|status| status.to_string())),
        or_dash(row.error.map(|error| error.to_string())),
        row.connections
    )
}

fn judged(row: &VerdictRow) -> String {
    in_words(&row.mta_sts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_policy_is_got_and_judged() {
    let mut net = Net::new().await;
    let script = "version: STSv1\nmode: <script>alert(1)</script>\nmax_age: 1\n";
    let crlf = POLICY.replace('\n', "\r\n");
    let html = Web::Says(page("200 OK", "Content-Type: text/html\r\n", POLICY));
    let moved = Web::Says(page("302 Found", "Location: https://good.cz/\r\n", ""));
    let off = "version: STSv1\nmode: none\nmax_age: 86400\n";
    let (gone, good) = (says("404 Not Found", ""), ok(POLICY));
    let cases: [(&str, &[Web], &str, &str); 9] = [
        ("good", from_ref(&good), "found 200 - 1", "pass enforce"),
        ("crlf", &[ok(&crlf)], "found 200 - 1", "pass enforce"),
        ("html", &[html], "found 200 - 1", "pass enforce"),
        (
            "script",
            &[ok(script)],
            "found 200 - 1",
            "fail policy_bad_value",
        ),
        ("off", &[ok(off)], "found 200 - 1", "fail mode_none"),
        ("gone", from_ref(&gone), "absent 404 - 2", "fail http_404"),
        ("moved", &[moved], "absent 302 - 2", "fail redirect"),
        (
            "fickle",
            &[gone.clone(), good.clone()],
            "found 200 - 2",
            "unknown inconsistent",
        ),
        (
            "alert",
            &[Web::Alert(112)],
            "failed - tls_alert 2",
            "unknown tls_alert",
        ),
    ];
    for (number, (name, manners, ..)) in (1..).zip(&cases) {
        add(&mut net, name, number, manners).await;
    }
    let certificates = [
        ("other", "mta-sts.good.cz", Flaw::None, "fail cert_mismatch"),
        (
            "expired",
            "mta-sts.expired.cz",
            Flaw::Expired,
            "fail cert_expired",
        ),
        (
            "self",
            "mta-sts.self.cz",
            Flaw::SelfSigned,
            "fail cert_self_signed",
        ),
    ];
    for (number, (name, certified, flaw, _)) in (31..).zip(&certificates) {
        add_with(&mut net, name, number, from_ref(&good), (certified, *flaw)).await;
    }
    let dialled_by_nobody = [
        ("bare", None, "absent - - 0", "fail host_no_address"),
        (
            "inside",
            Some([10, 0, 0, 1]),
            "not_attempted - special_purpose 0",
            "fail special_purpose",
        ),
        (
            "closed",
            Some([127, 36, 3, 1]),
            "failed - refused 2",
            "fail refused",
        ),
    ];
    for (number, (name, ip, ..)) in (61..).zip(&dialled_by_nobody) {
        net.add(name, [127, 36, 1, number], &[Manner::Polite]).await;
        net.with_record(name, *ip);
    }
    let surveyed = net.survey(2).await;
    let of = |name: &str| &surveyed.policies[name];
    let expected = cases
        .iter()
        .map(|(name, _, told, judged)| (name, told, judged));
    let others = dialled_by_nobody
        .iter()
        .map(|(name, _, told, judged)| (name, told, judged));
    for (name, expected, reason) in expected.chain(others) {
        assert_eq!(told(of(name)), *expected, "{name}");
        assert_eq!(judged(&surveyed.verdicts[*name]), *reason, "{name}");
    }
    for (name, _, _, reason) in certificates {
        assert_eq!(told(of(name)), "found 200 - 1", "{name}");
        assert_eq!(judged(&surveyed.verdicts[name]), reason, "{name}");
    }
    assert_eq!(surveyed.policies.len(), 15);
    let good = of("good");
    assert_eq!(good.mode, Some(PolicyMode::Enforce));
    assert_eq!(
        (good.max_age, good.mx.as_slice()),
        (Some(604_800), &["*.cz".to_owned()][..])
    );
    assert_eq!(
        good.raw.as_deref(),
        Some(POLICY.replace('\n', "\\x0a").as_str())
    );
    assert_eq!(good.ip.as_deref(), Some("127.36.2.1"));
    assert_eq!(surveyed.verdicts["good"].mta_sts_enforced.reason, "enforce");
    assert_eq!(of("html").content_type.as_deref(), Some("text/html"));
    assert_eq!(
        (of("script").mode, of("script").fault),
        (None, Some(Fault::BadValue))
    );
    let fickle: Vec<_> = of("fickle")
        .attempts
        .iter()
        .map(|one| one.outcome)
        .collect();
    assert_eq!(fickle, [Outcome::Absent, Outcome::Found]);
    assert!(
        of("closed")
            .attempts
            .iter()
            .all(|one| one.error == Some(ErrorCode::Refused))
    );
    assert_eq!(net.web("good").log().connections, 1);
    explained(&net).await;
}

/// What `explain` says of a policy.
async fn explained(net: &Net) {
    let mut command = Command::new(MAILCENSUS);
    command.arg("explain").arg(net.out()).arg("gone.cz");
    let ran = tokio::task::spawn_blocking(move || run(&mut command));
    let ran = ran.await.unwrap().expect(0);
    for words in [
        "MTA-STS policy of mta-sts.gone.cz",
        "absent, HTTP 404",
        "attempts",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
}
