//! Asked to stop, a survey stops in order; asked twice, at once. Either way it can go on.

use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use mailcensus::table::rows::{DomainRow, EndpointRow};

use super::lab::lab;
use super::program::{assert_nothing_lost, bare_survey, keyed, manifest, rows, run, survey_of};
use super::shared::alone;
use super::victim::Victim;

/// The longest that a conversation with a silent peer goes on.
const DEADLINE: Duration = Duration::from_secs(15);

fn dials(out: &Path) -> usize {
    dials_to(out, "")
}

/// Connections that an address may get in a survey, those for asking once more included.
const IN_ALL: usize = 7;

/// Reservations for an address.
fn dials_to(out: &Path, ip: &str) -> usize {
    let journal = fs::read_to_string(out.join("dials.journal")).unwrap_or_default();
    let lines = journal.lines().filter(|line| line.starts_with("dial "));
    let to = |line: &str| line.split(' ').nth(2).and_then(|to| to.parse().ok());
    lines
        .filter_map(to)
        .filter(|to: &SocketAddr| ip.is_empty() || to.ip().to_string() == ip)
        .count()
}

#[test]
fn a_survey_that_was_stopped_goes_on_where_it_was() {
    let out = lab().scratch("stopped").join("out");
    let _alone = alone();
    let command = || {
        let mut command = bare_survey(&lab().list(), &out);
        command.args(["--resolver", lab().env("RESOLVER"), "--dns-rate", "200"]);
        command.args(["--operator-rate", "5", "--address-window", "5"]);
        command
    };
    let begun = |out: &Path| out.join("spool/retry-dns.jsonl").exists();
    let mut first = Victim::start(&mut command(), &out, 0);
    assert!(first.wait_until(begun), "it asks the DNS");
    first.signal("-INT");
    assert_eq!(first.end_within(Duration::from_secs(3)), Some(3));

    let mut second = Victim::start(&mut command(), &out, 0);
    assert!(
        second.wait_until(|out| dials(out) >= 60),
        "it talks to servers"
    );
    second.signal("-TERM");
    assert_eq!(second.end_within(DEADLINE), Some(3));
    let dialled = dials(&out);
    let words = fs::read_to_string(out.with_extension("words")).expect("words");
    assert!(words.ends_with("mailcensus: interrupted; run the same command again to resume\n"));
    // A dial may have been reserved and given up, and many wait to be asked once more, or for SSL
    // 3.0: those that have said all they had to are not asked again.
    let known = keyed(&out, |row: &EndpointRow| format!("{} {}", row.host, row.ip));
    let committed = known.len();
    assert!(committed >= 3, "{committed} rows of {dialled} dialled");

    run(&mut command()).expect(0);
    let rows = keyed(&out, |row: &EndpointRow| format!("{} {}", row.host, row.ip));
    for (key, row) in rows.iter().filter(|(_, row)| row.connections > 0) {
        let (asked, dialled) = (usize::from(row.connections), dials_to(&out, &row.ip));
        // Whose dial was given up at the stop, or who waited for another, is asked anew, as far as
        // the connections to it go.
        let most = match known.contains_key(key) {
            true => asked,
            false => IN_ALL,
        };
        assert!((asked..=most).contains(&dialled), "{}: {dialled}", row.ip);
    }
    let domains = keyed(&out, |row: &DomainRow| row.domain.clone());
    assert_eq!(domains.len(), lab().truth().len());
    assert_nothing_lost(&out, domains.len());
    let manifest = manifest(&out);
    let ends: Vec<_> = manifest["runs"].as_array().expect("runs").iter().collect();
    let ends: Vec<_> = ends.iter().map(|run| run["end"].as_str()).collect();
    assert_eq!(
        ends,
        [Some("interrupted"), Some("interrupted"), Some("complete")]
    );
}

/// A list of one domain whose mail goes to a host of this class; and the address of that host.
fn leading_to(class: &str, dir: &Path) -> (PathBuf, String) {
    let hosts = lab().hosts();
    let host = hosts.iter().find(|host| host.class == class);
    let host = host.expect("in the lab");
    let truth = lab().truth();
    let leads = truth.iter().find(|truth| truth.mx.contains(&host.host));
    let list = dir.join("list");
    fs::write(&list, format!("{}\n", leads.expect("in the lab").domain)).expect("writes");
    (list, host.addresses[0].clone())
}

#[test]
fn a_stop_does_not_wait_for_a_connection_that_nobody_takes() {
    let dir = lab().scratch("nobody");
    let (list, out) = (leading_to("blackhole", &dir).0, dir.join("out"));
    let _alone = alone();
    let mut victim = Victim::start(&mut survey_of(&list, &out), &out, 0);
    assert!(victim.wait_until(|out| dials(out) == 1), "it dials");
    std::thread::sleep(Duration::from_millis(300));
    victim.signal("-TERM");
    assert_eq!(victim.end_within(Duration::from_secs(2)), Some(3));
    let journal = fs::read_to_string(out.join("dials.journal")).expect("a journal");
    assert!(!journal.contains("\nend "), "nobody knows: {journal}");
    assert!(!out.join("endpoints").exists() || rows_of(&out).is_empty());
    run(&mut survey_of(&list, &out)).expect(0);
    let rows = rows_of(&out);
    assert_eq!((rows.len(), rows[0].attempts.len()), (1, 2));
    assert_eq!(dials(&out), 3, "the doubtful one counts");
}

#[test]
fn a_second_signal_leaves_at_once() {
    let dir = lab().scratch("twice");
    let ((list, ip), out) = (leading_to("refused", &dir), dir.join("out"));
    let _alone = alone();
    // Somebody who takes the connection and says nothing keeps the conversation open.
    let program = format!(
        "import socket, time\ns = socket.create_server(('{ip}', 25))\nprint(flush=True)\n\
         time.sleep(600)"
    );
    let mut silent = lab().inside("python3");
    let mut silent = silent
        .args(["-c", &program])
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut ready = [0];
    let mut words = silent.stdout.take().expect("a pipe");
    words.read_exact(&mut ready).expect("it listens");
    let mut victim = Victim::start(&mut survey_of(&list, &out), &out, 0);
    assert!(victim.wait_until(|out| dials(out) == 1), "it dials");
    std::thread::sleep(Duration::from_millis(300));
    victim.signal("-TERM");
    std::thread::sleep(Duration::from_millis(500));
    let waits = victim.exited();
    victim.signal("-TERM");
    let left = victim.end_within(Duration::from_secs(1));
    silent.kill().expect("a child of ours");
    silent.wait().expect("a child of ours");
    assert_eq!(waits, None, "it lets the conversation end");
    assert_eq!(left, Some(3));
    run(&mut survey_of(&list, &out)).expect(0);
    assert_eq!(rows_of(&out).len(), 1);
    assert_eq!(dials(&out), 2, "the doubtful one counts");
}

fn rows_of(out: &Path) -> Vec<EndpointRow> {
    rows(out)
}
