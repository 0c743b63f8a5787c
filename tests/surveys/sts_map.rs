//! Policies of domains that are named, as a table for Postfix: asked for now, and of nobody else.

use super::*;
use crate::lab::https::{Manner as Web, page};

fn policy(mode: &str, mx: &str) -> Web {
    let body = format!("version: STSv1\nmode: {mode}\n{mx}max_age: 604800\n");
    Web::Says(page("200 OK", "Content-Type: text/plain\r\n", &body))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_are_asked_for_now_and_no_mail_server_is() {
    let mut net = Net::new().await;
    let cases = [
        ("good", policy("enforce", "mx: mx.good.cz\nmx: *.good.cz\n")),
        ("dane", policy("enforce", "mx: mx.dane.cz\n")),
        ("keyword", policy("enforce", "mx: nexthop\n")),
        ("inject", policy("enforce", "mx: a.cz match=b.cz\n")),
        ("tested", policy("testing", "mx: mx.tested.cz\n")),
        ("off", policy("none", "")),
        (
            "gone",
            Web::Says(page("404 Not Found", "Content-Type: text/plain\r\n", "")),
        ),
    ];
    for (number, (name, manner)) in (1..).zip(&cases) {
        net.add(name, [127, 37, 1, number], &[Manner::Polite]).await;
        let host = format!("mta-sts.{name}.cz");
        let manners = [manner.clone(), manner.clone()];
        let certificate = (host.as_str(), Flaw::None);
        net.with_policy(name, [127, 37, 2, number], &manners, certificate)
            .await;
    }
    net.with_wrong_tlsa("dane");
    let state = net.dir.path().join("state");
    let mut command = net.asking("sts-map", 2);
    command.arg("--state").arg(state);
    command.args(cases.iter().map(|(name, _)| format!("{name}.cz")));
    let ran = tokio::task::spawn_blocking(move || run(&mut command));
    let ran = ran.await.unwrap().expect(1);
    let lines = ran.stdout.lines();
    let lines: Vec<_> = lines.filter(|line| line.contains(".cz")).collect();
    let left = "no line, the default level should be dane";
    let expected = [
        format!("# dane.cz: has TLSA records, not compared with certificates (budget:0/1); {left}"),
        "# gone.cz: no policy (http_404)".to_owned(),
        "good.cz    secure match=mx.good.cz:.good.cz servername=hostname".to_owned(),
        "# inject.cz: no policy (policy_bad_value)".to_owned(),
        "# keyword.cz: its policy has a name that cannot stand in a table; no line".to_owned(),
        "# off.cz: no policy (mode_none)".to_owned(),
        "# tested.cz: its policy is only tested".to_owned(),
    ];
    assert_eq!(lines, expected, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("keyword.cz cannot be written"),
        "{}",
        ran.stderr
    );
    for (name, _) in &cases {
        assert_eq!(net.server(name).log().connections, 0, "{name}");
    }
    assert_eq!(net.web("good").log().connections, 1);
}
