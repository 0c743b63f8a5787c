//! `--trace-domain`: all that is said on the wire about one domain, and nothing about others.

use super::logged::events;
use crate::real::lab::lab;
use crate::real::program::{run, survey_of};
use crate::real::shared::alone;

/// A domain of the lab with mail servers that speak TLS.
const TRACED: &str = "secure-good.cz";
const OTHER: &str = "insecure-good.cz";

#[test]
fn the_dialogue_of_one_domain_is_on_the_screen_and_in_the_log() {
    let dir = lab().scratch("traced");
    let list = dir.join("list.txt");
    std::fs::write(&list, format!("{TRACED}\n{OTHER}\n")).expect("writes");
    let truth = lab().truth();
    let mx = &truth
        .iter()
        .find(|row| row.domain == TRACED)
        .expect("a row")
        .mx[0];
    let hosts = lab().hosts();
    let host = hosts.iter().find(|row| row.host == *mx).expect("a row");
    let address = format!("{}:25", host.addresses[0]);
    let out = dir.join("out");
    let ran = {
        let _alone = alone();
        run(survey_of(&list, &out).args(["--trace-domain", "Secure-Good.CZ."])).expect(0)
    };
    let resolver = lab().env("RESOLVER").to_owned();
    let dns = |question: &str| format!("{resolver}:53 udp {question}. > NOERROR AD; ");
    for words in [
        format!("{TRACED} {}{TRACED}. MX ", dns(&format!("MX {TRACED}"))),
        format!(
            "{TRACED} {mx} {}{mx}. A {}",
            dns(&format!("A {mx}")),
            host.addresses[0]
        ),
        format!("{TRACED} {mx} {}", dns(&format!("TLSA _25._tcp.{mx}"))),
        format!("{address} connected after "),
        format!("{address} < 220 {mx} ESMTP"),
        format!("{address} > EHLO survey.lab.invalid"),
        format!("{address} < 250-STARTTLS"),
        format!("{address} > STARTTLS"),
        format!("{address} TLS completed, TLS 1.3, "),
        format!("SNI {mx}, "),
        format!("{address} hello weak"),
        format!("{address} hello legacy"),
        format!("{address} > QUIT"),
        format!("{address} < 221 "),
    ] {
        let shown = |line: &str| line.starts_with("mailcensus: ") && line.contains(&words);
        assert!(
            ran.stderr.lines().any(shown),
            "no {words:?} in {}",
            ran.stderr
        );
        let written = |event: &(String, String)| event.0 == "trace" && event.1.contains(&words);
        assert!(events(&out).iter().any(written), "no {words:?} in the log");
    }
    assert!(!ran.stderr.contains(OTHER), "{}", ran.stderr);
    let log = std::fs::read_to_string(out.join("survey.log")).expect("a log");
    assert!(
        ran.stderr.contains("mailto:dmarc@"),
        "the lab publishes one"
    );
    assert!(
        !log.contains("mailto:dmarc@"),
        "a mailbox in the log: {log}"
    );
}

#[test]
fn a_name_that_is_none_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let list = dir.path().join("list.txt");
    std::fs::write(&list, "example.cz\n").expect("writes");
    let mut command = survey_of(&list, &dir.path().join("out"));
    let ran = run(command.args(["--trace-domain", "no domain"])).expect(2);
    assert!(
        ran.stderr.contains("--trace-domain no domain"),
        "{}",
        ran.stderr
    );
}
