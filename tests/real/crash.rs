//! Killed again and again, at instants spread over the whole road, and resumed each time by the
//! same command: nothing is lost, nothing is there twice, and nobody is called too often.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use mailcensus::table::codes::ErrorCode;
use mailcensus::table::rows::{
    CertificateRow, DomainRow, EndpointRow, HostRow, StsPolicyRow, VerdictRow, ZoneRow,
};
use mailcensus::table::tls_codes::SecondCertificate;

use super::lab::lab;
use super::pcap::{Capture, connections};
use super::program::{assert_nothing_lost, bare_survey, files, keyed, manifest, rows, run};
use super::shared::{alone, shared};
use super::victim::{STRETCHES, Victim};

const IN_SURVEY: usize = 5;
/// What comes on top of that for asking once more.
const EXTRA: usize = 2;
const IN_WINDOW: usize = 3;
const WINDOW: Duration = Duration::from_secs(10);
/// From the charge in the books to the SYN on the wire, on a busy machine.
const SLACK: Duration = Duration::from_millis(700);

/// Where to kill, how often, and after how many milliseconds there at the most.
const PLAN: [(&str, usize, u64); 7] = [
    ("dns", 5, 4_000),
    ("hosts", 3, 1_200),
    ("zones", 3, 150),
    ("probe", 6, 4_000),
    ("compaction", 1, 0),
    ("verdict", 1, 0),
    ("ending", 1, 0),
];

/// The lab's list with what lists of strangers bring along.
fn list(dir: &Path) -> PathBuf {
    let text = fs::read_to_string(lab().list()).expect("reads");
    let path = dir.join("list.txt");
    let rest = "# twice\n\nSECURE-GOOD.cz.\nno-mail.cz\nno domain\n..\n";
    fs::write(&path, text + rest).expect("writes");
    path
}

fn survey(list: &Path, out: &Path) -> Command {
    let mut command = bare_survey(list, out);
    command.args(["--resolver", lab().env("RESOLVER"), "--dns-rate", "100"]);
    command.args(["--operator-rate", "4", "--address-window", "10"]);
    command
}

/// Random numbers of a seed that is printed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below.max(1)
    }
}

fn seed() -> u64 {
    let given = std::env::var("MAILCENSUS_CRASH_SEED").ok();
    let given = given.map(|text| text.parse().expect("MAILCENSUS_CRASH_SEED is a number"));
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("a clock");
    given.unwrap_or(now.as_millis() as u64)
}

#[test]
fn twenty_kills_lose_nothing_and_break_no_budget() {
    let whole = &shared().out;
    let dir = lab().scratch("crash");
    let (list, out) = (list(&dir), dir.join("out"));
    let survey = || survey(&list, &out);
    let _alone = alone();
    let capture = Capture::start(&dir.join("mail.pcap"));
    let seed = seed();
    println!("MAILCENSUS_CRASH_SEED={seed}");
    let probed = rows::<EndpointRow>(whole).len() + rows::<StsPolicyRow>(whole).len();
    let kills = kill_along(survey, &out, Dice(seed), probed as u64);
    let begun = Instant::now();
    let ran = run(&mut survey());
    println!("the last run took {:?}", begun.elapsed());
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.stderr);
    let capture = capture.stop();

    let runs = manifest(&out)["runs"].as_array().expect("runs").clone();
    let ended = runs.iter().filter(|run| !run["end"].is_null()).count();
    println!("{kills} kills, {} runs in the manifest", runs.len());
    assert_eq!(ended, 1, "a killed run has no end: {runs:?}");
    assert_nothing_lost(&out, lab().truth().len());
    let capped = capped(&out);
    println!("{} addresses rate_capped", capped.len());
    assert_eq!(
        ran.code,
        Some(i32::from(!capped.is_empty())),
        "{}",
        ran.stderr
    );
    same_keys(whole, &out);
    budgets_held(&out, &capture, &capped);
}

/// Kills by the plan; asserts that every stretch was hit.
fn kill_along(survey: impl Fn() -> Command, out: &Path, mut dice: Dice, probed: u64) -> usize {
    let mut hit: BTreeMap<&str, usize> = BTreeMap::new();
    for (stretch, times, most) in PLAN {
        for _ in 0..times {
            let after = Duration::from_millis(dice.throw(most));
            let victim = Victim::start(&mut survey(), out, probed);
            let killed = victim.kill_in(stretch, after);
            let (place, age) = killed.unwrap_or_else(|| panic!("it ended before {stretch}"));
            println!("killed in {place}, {after:?} after {stretch} began, {age:?} old");
            *hit.entry(place).or_default() += 1;
        }
    }
    println!("kills by stretch: {hit:?}");
    for stretch in STRETCHES {
        assert!(hit.contains_key(stretch), "no kill hit {stretch}");
    }
    hit.values().sum()
}

/// Addresses whose connections the crashes used up.
fn capped(out: &Path) -> BTreeSet<String> {
    let capped = |row: &EndpointRow| row.tcp.error == Some(ErrorCode::RateCapped);
    let rows = rows::<EndpointRow>(out).into_iter().filter(capped);
    rows.map(|row| row.ip).collect()
}

fn same_keys(whole: &Path, out: &Path) {
    macro_rules! same {
        ($row:ty, $key:expr) => {
            let keys = |dir| keyed(dir, $key).into_keys().collect::<Vec<String>>();
            assert_eq!(keys(whole), keys(out), stringify!($row));
        };
    }
    same!(DomainRow, |row: &DomainRow| row.domain.clone());
    same!(ZoneRow, |row: &ZoneRow| row.zone.clone());
    same!(HostRow, |row: &HostRow| row.host.clone());
    same!(VerdictRow, |row: &VerdictRow| row.domain.clone());
    let key = |row: &EndpointRow| format!("{} {} {}", row.host, row.ip, row.port);
    same!(EndpointRow, key);
    same!(StsPolicyRow, |row: &StsPolicyRow| row.domain.clone());
    certificates_are_there(whole, out);
    for table in [
        "domains",
        "zones",
        "hosts",
        "endpoints",
        "certificates",
        "sts_policies",
        "verdicts",
    ] {
        assert_eq!(files(out, table).len(), 1, "{table} is compacted");
    }
}

/// What a row knows of certificates, and whether it says that somebody could not be asked for one.
struct Shown {
    certificates: BTreeSet<String>,
    says_more: bool,
}

/// Certificates are there when a server could be asked for them, and a row that has fewer of them says
/// that there may be more.
fn certificates_are_there(whole: &Path, out: &Path) {
    let (before, after) = (shown(whole), shown(out));
    for (key, after) in &after {
        let lost: Vec<_> = before[key]
            .certificates
            .difference(&after.certificates)
            .collect();
        if !lost.is_empty() {
            println!("not asked for at {key}: {lost:?}");
        }
        assert!(lost.is_empty() || after.says_more, "{key}: {lost:?}");
    }
    let wanted: BTreeSet<_> = after
        .into_values()
        .flat_map(|row| row.certificates)
        .collect();
    let there = keyed(out, |row: &CertificateRow| row.sha256.clone());
    assert_eq!(wanted, there.into_keys().collect());
}

fn shown(dir: &Path) -> BTreeMap<String, Shown> {
    let endpoints = rows::<EndpointRow>(dir).into_iter().map(of_endpoint);
    let policies = rows::<StsPolicyRow>(dir).into_iter().map(|row| {
        let shown = Shown {
            certificates: row.chain.into_iter().collect(),
            says_more: row.error == Some(ErrorCode::RateCapped),
        };
        (row.domain, shown)
    });
    endpoints.chain(policies).collect()
}

fn of_endpoint(row: EndpointRow) -> (String, Shown) {
    let not_asked = [ErrorCode::RateCapped, ErrorCode::SniBudget].map(Some);
    let attempts = row.attempts.iter().map(|attempt| attempt.error);
    let hellos = row.hellos.iter().map(|hello| hello.error);
    let mut errors = attempts.chain(hellos).chain([row.tcp.error, row.tls.error]);
    let says_more = errors.any(|error| not_asked.contains(&error))
        || row.second_certificate == SecondCertificate::Unknown;
    let chains = row.chains.into_iter();
    let shown = Shown {
        certificates: chains.flat_map(|chain| chain.certificates).collect(),
        says_more,
    };
    (format!("{} {} {}", row.host, row.ip, row.port), shown)
}

fn budgets_held(out: &Path, capture: &Path, capped: &BTreeSet<String>) {
    let journal = fs::read_to_string(out.join("dials.journal")).expect("a journal");
    let mut journalled: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for line in journal.lines().filter(|line| line.starts_with("dial ")) {
        let to = line.split(' ').nth(2).expect("an address");
        let to: SocketAddr = to.parse().expect("an address");
        *journalled.entry(to.ip()).or_default() += 1;
    }
    let mut dialled: BTreeMap<IpAddr, Vec<u64>> = BTreeMap::new();
    let mut busy_until: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for connection in connections(capture) {
        let to = connection.server;
        dialled.entry(to).or_default().push(connection.opened);
        let until = busy_until.insert(to, connection.closed);
        assert!(
            until.is_none_or(|until| until <= connection.opened),
            "{to}: two at a time"
        );
    }
    let mut by_count: BTreeMap<usize, usize> = BTreeMap::new();
    for (ip, times) in &dialled {
        *by_count.entry(times.len()).or_default() += 1;
        let reserved = journalled.get(ip).copied().unwrap_or(0);
        assert!(
            times.len() <= reserved,
            "{ip}: dialled without a reservation"
        );
        for four in times.windows(IN_WINDOW + 1) {
            let span = Duration::from_micros(four[IN_WINDOW] - four[0]);
            assert!(span + SLACK >= WINDOW, "{ip}: four within {span:?}");
        }
    }
    println!("connections on the wire: addresses with so many: {by_count:?}");
    for (ip, count) in &journalled {
        assert!(*count <= IN_SURVEY + EXTRA, "{ip}: {count} dials");
    }
    for ip in capped {
        let ip: IpAddr = ip.parse().expect("an address");
        assert!(journalled[&ip] >= IN_SURVEY, "{ip} was capped too early");
    }
}

#[test]
fn connections_that_crashes_used_up_are_not_opened() {
    let dir = lab().scratch("capped");
    let (list, out) = (dir.join("list.txt"), dir.join("out"));
    fs::write(&list, "several-mx.cz\n").expect("writes");
    for stage in ["dns", "hosts"] {
        run(survey(&list, &out).args(["--stage", stage])).expect(0);
    }
    let hosts = rows::<HostRow>(&out);
    let (first, second) = (&hosts[0].addresses.ips[0], &hosts[1].addresses.ips[0]);
    // What crashes leave: reservations whose end nobody noted. One is free for the second address.
    let mut journal = format!("dial 1 {first}:25\n").repeat(IN_SURVEY);
    journal += &format!("dial 1 {second}:25\nend 1 {second}:25\n").repeat(IN_SURVEY - 1);
    fs::write(out.join("dials.journal"), journal).expect("writes");
    let _alone = alone();
    let ran = run(&mut survey(&list, &out)).expect(1);
    assert!(ran.stderr.contains("they may get: 1\n"), "{}", ran.stderr);
    assert_eq!(capped(&out), BTreeSet::from([first.clone()]));
    assert_eq!(rows::<EndpointRow>(&out).len(), hosts.len());
}
