//! `--dry-run` says what would be done, and does none of it.

use std::fs;
use std::process::Command;

use mailcensus::table::rows::EndpointRow;

use crate::real::lab::lab;
use crate::real::program::{MAILCENSUS, rows, run, survey};
use crate::real::shared::shared;

#[test]
fn it_needs_no_resolver_no_name_and_sends_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let list = dir.path().join("list.txt");
    fs::write(&list, "example.cz\nexample.com\nexample.cz\nno domain\n").expect("writes");
    let out = dir.path().join("out");
    // A network of its own, whose kernel counts every packet that anybody sends.
    let script = "ip link set lo up && \"$@\" && cat /proc/net/snmp /proc/net/snmp6";
    let mut command = Command::new("unshare");
    command.args(["-n", "bash", "-c", script, "bash", MAILCENSUS, "survey"]);
    command.arg(&list).arg("--out").arg(&out).arg("--dry-run");
    let ran = run(command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"))
    .expect(0);
    let (plan, counters) = ran.stdout.split_once("\nIp: ").expect("counters");
    let lines: Vec<_> = plan.lines().collect();
    assert_eq!(
        lines[0],
        "4 lines: 2 domains, 1 duplicates, 1 rejects, 0 comments, 0 blank"
    );
    assert_eq!(
        lines[1],
        "DNS: some 24 queries, 0 s at the budget of the resolvers"
    );
    assert!(
        lines[2].starts_with("Mail servers: known after the stage hosts"),
        "{plan}"
    );
    assert_eq!(sent(&format!("Ip: {counters}")), [0, 0, 0], "{counters}");
    assert!(!out.exists(), "nothing was begun");
}

/// UDP datagrams and TCP connections of IPv4, and UDP datagrams of IPv6.
fn sent(counters: &str) -> [u64; 3] {
    let of = |protocol: &str, name: &str| {
        let mut lines = counters.lines().filter(|line| line.starts_with(protocol));
        let (names, values) = (lines.next().expect("names"), lines.next().expect("values"));
        let place = names
            .split(' ')
            .position(|word| word == name)
            .expect("a counter");
        values
            .split(' ')
            .nth(place)
            .expect("a value")
            .parse()
            .expect("a number")
    };
    let datagrams = counters
        .lines()
        .find_map(|line| line.strip_prefix("Udp6OutDatagrams"))
        .expect("a counter");
    [
        of("Udp:", "OutDatagrams"),
        of("Tcp:", "ActiveOpens"),
        datagrams.trim().parse().expect("a number"),
    ]
}

#[test]
fn after_the_hosts_it_names_the_busiest_operators() {
    let ahead = lab().scratch("planned");
    for stage in ["dns", "hosts"] {
        run(survey(&ahead).args(["--stage", stage])).expect(0);
    }
    let plan = run(survey(&ahead).arg("--dry-run")).expect(0).stdout;
    // What the same survey did in the end.
    let out = &shared().out;
    let dialled = |row: &&EndpointRow| row.connections > 0;
    let called = rows::<EndpointRow>(out);
    let called: Vec<_> = called.iter().filter(dialled).collect();
    let addresses = format!("{} addresses, 3 connections to each", called.len());
    assert!(plan.contains(&addresses), "{addresses} in {plan}");
    assert!(plan.contains("\nDNS: done\n"), "{plan}");
    let (_, operators) = plan.split_once("Connections by operator:\n").expect(&plan);
    let mut sum = 0;
    let mut shares = 0.0;
    for line in operators.lines() {
        let cells: Vec<_> = line.split_whitespace().collect();
        let [number, share, "%", operator] = cells[..] else {
            panic!("{line}");
        };
        let number: usize = number.parse().expect("a number");
        let of = called.iter().filter(|row| row.operator == operator).count();
        assert_eq!(number, 3 * of, "{operator}");
        sum += number;
        shares += share.parse::<f64>().expect("a share");
    }
    assert_eq!(sum, 3 * called.len(), "{plan}");
    assert!((shares - 100.0).abs() < 1.0, "{plan}");
    let plan = run(survey(out).arg("--dry-run")).expect(0).stdout;
    assert!(plan.ends_with("nobody is left to be asked\n"), "{plan}");
}
