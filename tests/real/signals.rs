//! Asked to stop, a survey stops in order; asked twice, at once. Either way it can go on.

use std::fs;
use std::path::Path;
use std::time::Duration;

use mailcensus::table::rows::{DomainRow, EndpointRow};

use super::lab::lab;
use super::program::{assert_nothing_lost, bare_survey, keyed, manifest, run, survey_of};
use super::shared::alone;
use super::victim::Victim;

/// The longest that a conversation with a silent peer goes on.
const DEADLINE: Duration = Duration::from_secs(15);

fn dials(out: &Path) -> usize {
    let journal = fs::read_to_string(out.join("dials.journal")).unwrap_or_default();
    journal
        .lines()
        .filter(|line| line.starts_with("dial "))
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
        second.wait_until(|out| dials(out) >= 10),
        "it talks to servers"
    );
    second.signal("-TERM");
    assert_eq!(second.end_within(DEADLINE), Some(3));
    let dialled = dials(&out);
    let words = fs::read_to_string(out.with_extension("words")).expect("words");
    assert!(words.ends_with("mailcensus: interrupted; run the same command again to resume\n"));
    // What those ten said is not asked again.
    let known = keyed(&out, |row: &EndpointRow| format!("{} {}", row.host, row.ip)).len();
    assert!(known >= 10, "{known} rows committed of {dialled} dialled");

    run(&mut command()).expect(0);
    let rows = keyed(&out, |row: &EndpointRow| format!("{} {}", row.host, row.ip));
    let connections: usize = rows.values().map(|row| usize::from(row.connections)).sum();
    assert_eq!(dials(&out), connections, "nobody was called twice");
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

#[test]
fn a_second_signal_leaves_at_once() {
    let dir = lab().scratch("twice");
    let (list, out) = (dir.join("list"), dir.join("out"));
    // Somebody who never answers keeps the conversation open.
    let hosts = lab().hosts();
    let silent = hosts
        .iter()
        .find(|host| host.class == "blackhole")
        .expect("in the lab");
    let truth = lab().truth();
    let leads = truth.iter().find(|truth| truth.mx.contains(&silent.host));
    fs::write(&list, format!("{}\n", leads.expect("in the lab").domain)).expect("writes");
    let _alone = alone();
    let mut victim = Victim::start(&mut survey_of(&list, &out), &out, 0);
    assert!(victim.wait_until(|out| dials(out) == 1), "it dials");
    victim.signal("-TERM");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(victim.exited(), None, "it lets the conversation end");
    victim.signal("-TERM");
    assert_eq!(victim.end_within(Duration::from_secs(1)), Some(3));
    run(&mut survey_of(&list, &out)).expect(0);
    let rows = keyed(&out, |row: &EndpointRow| row.host.clone());
    assert_eq!(rows.len(), 1);
    assert_eq!(dials(&out), 2, "the doubtful one counts");
}
