//! `tlsa` against Postfix and Exim: what it prints is what openssl makes of their certificates, and
//! stands in a zone that other people's programs take.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::lab::lab;
use super::program::{Ran, call, run};
use super::shared::alone;

/// Runs the command inside, with budgets of its own.
fn tlsa(state: &Path, args: &[&str]) -> Ran {
    run(call("tlsa", state).args(args))
}

/// The lines that are records.
fn records(ran: &Ran) -> Vec<&str> {
    let lines = ran.stdout.lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with(';'))
        .collect()
}

/// What openssl made of the certificates when the lab was made: host and which, to the digest.
fn digests() -> BTreeMap<(String, String), String> {
    let text = fs::read_to_string(lab().dir.join("certs/digests")).expect("the digests");
    let lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    lines
        .map(|cells| {
            let key = (cells[0].to_owned(), format!("{} {}", cells[1], cells[2]));
            (key, cells[3].to_owned())
        })
        .collect()
}

#[test]
fn records_are_what_openssl_computes_and_a_zone_takes_them() {
    let _alone = alone();
    let dir = lab().scratch("tlsa");
    let hosts = [
        "mx-dane-ee.mailhost.cz",
        "mx-dane-wrong.mailhost.cz",
        "mx-dual.mailhost.cz",
        "postfix-dual.mailhost.cz",
        "mx-dane-wrongname.mailhost.cz",
    ];
    // Its two addresses are one machine, which has no connection left for the other kind of key.
    let ran = tlsa(&dir.join("state"), &hosts).expect(1);
    let digests = digests();
    let digest = |host: &str, which: &str| {
        let key = (host.to_owned(), which.to_owned());
        digests
            .get(&key)
            .cloned()
            .unwrap_or_else(|| by_openssl(host))
    };
    let mut expected = Vec::new();
    for host in hosts {
        let line = |digest: String| format!("_25._tcp.{host}. IN TLSA 3 1 1 {digest}");
        expected.push(line(digest(host, "own 1-1")));
        if host == "postfix-dual.mailhost.cz" {
            expected.push(line(digest(host, "rsa 1-1")));
        }
    }
    let mut made = records(&ran);
    made.sort_unstable();
    expected.sort_unstable();
    assert_eq!(made, expected, "{}", ran.stdout);
    for words in [
        "; Its addresses are secure (DNSSEC)",
        "; What is published does not match what it shows",
        "; Published, and nothing shows it now: 3 1 1 ",
        "; 192.0.2.108 has certificates with RSA and elliptic keys",
        "; 192.0.2.11 has a certificate with one kind of key only",
        "shown by 192.0.2.21, 2001:db8::21",
        "; NOT THE WHOLE: mx-dual.mailhost.cz at ",
    ] {
        assert!(ran.stdout.contains(words), "no {words:?} in {}", ran.stdout);
    }
    in_a_zone(&dir, &ran.stdout);
}

fn by_openssl(host: &str) -> String {
    let file = lab().dir.join(format!("certs/{host}.crt"));
    let pipe =
        "openssl x509 -in \"$1\" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum";
    let ran = run(Command::new("sh").args(["-c", pipe, "sh"]).arg(file)).expect(0);
    ran.stdout.split(' ').next().expect("a digest").to_owned()
}

/// A zone with the lines as they are passes BIND's and NLnet Labs' checks, signed, too.
fn in_a_zone(dir: &Path, lines: &str) {
    let zone = dir.join("mailhost.cz");
    let head = "$TTL 3600\nmailhost.cz. IN SOA ns.mailhost.cz. admin.mailhost.cz. 1 3600 900 604800 300\n\
                mailhost.cz. IN NS ns.mailhost.cz.\nns.mailhost.cz. IN A 192.0.2.1\n";
    fs::write(&zone, format!("{head}{lines}")).expect("writes");
    let ran = run(Command::new("named-checkzone")
        .arg("mailhost.cz")
        .arg(&zone))
    .expect(0);
    assert!(ran.stdout.ends_with("OK\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("warning"), "{}", ran.stdout);
    let sign = "set -e; cd \"$1\"; key=$(ldns-keygen -a ECDSAP256SHA256 mailhost.cz); \
                ldns-signzone -f signed mailhost.cz \"$key\"; ldns-verify-zone signed";
    run(Command::new("sh").args(["-c", sign, "sh"]).arg(dir)).expect(0);
}

#[test]
fn an_authority_is_named_where_the_server_sends_it() {
    let _alone = alone();
    let dir = lab().scratch("tlsa-ta");
    let args = ["--usage", "dane-ta", "--selector", "cert"];
    let mut hosts = vec!["mx-dane-ta.mailhost.cz"];
    hosts.extend(args);
    let ran = tlsa(&dir.join("state"), &hosts).expect(0);
    let ca = &digests()[&("-".to_owned(), "ca 0-1".to_owned())];
    let line = format!("_25._tcp.mx-dane-ta.mailhost.cz. IN TLSA 2 0 1 {ca}");
    assert_eq!(records(&ran), [line], "{}", ran.stdout);
    assert!(ran.stdout.contains("\n; Published\n"), "{}", ran.stdout);
    // A record beside a CNAME would spoil the zone.
    let ran = tlsa(&dir.join("state"), &["mx-dane-alias.mailhost.cz"]).expect(0);
    assert!(
        ran.stdout.contains("is an alias (RFC 7671"),
        "{}",
        ran.stdout
    );
    let owner = "_25._tcp.mx-dane-alias.mailhost.cz.";
    let made = records(&ran);
    assert!(made.len() == 1 && !made[0].starts_with(owner), "{made:?}");
    let mut hosts = vec!["mx-plain.mailhost.cz"];
    hosts.extend(args);
    let ran = tlsa(&dir.join("state"), &hosts).expect(1);
    assert!(records(&ran).is_empty(), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("sends no certificate of an authority"),
        "{}",
        ran.stderr
    );
}

#[test]
fn who_is_not_reached_is_named_and_the_rest_is_not_the_whole() {
    let _alone = alone();
    let dir = lab().scratch("tlsa-dead");
    let dead = [
        "mx-refused.mailhost.cz",
        "mx-nostarttls.mailhost.cz",
        "mx-noaddress.mailhost.cz",
        "mx-private.mailhost.cz",
    ];
    let ran = tlsa(&dir.join("state"), &dead).expect(1);
    assert!(records(&ran).is_empty(), "{}", ran.stdout);
    for (host, why) in dead.iter().zip([
        "(refused)",
        "(STARTTLS not_offered)",
        "has no address",
        "(not asked: special_purpose)",
    ]) {
        let mut lines = ran.stderr.lines();
        let said = lines.any(|line| line.contains(host) && line.contains(why));
        assert!(said, "{host} {why}: {}", ran.stderr);
    }
    assert_eq!(
        ran.stdout.matches("; NOT THE WHOLE: ").count(),
        4,
        "{}",
        ran.stdout
    );
}

#[test]
fn several_calls_open_no_more_connections_than_one() {
    let _alone = alone();
    let dir = lab().scratch("tlsa-budget");
    let ask = || tlsa(&dir.join("state"), &["mx-plain-exim.mailhost.cz"]);
    // Two connections, then the last of the three that an address may get.
    ask().expect(0);
    let second = ask().expect(1);
    assert!(
        second.stderr.contains("is not known (budget)"),
        "{}",
        second.stderr
    );
    let third = ask().expect(1);
    assert!(
        third.stderr.contains("(not asked: budget)"),
        "{}",
        third.stderr
    );
}
