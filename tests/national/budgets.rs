//! Budgets as the servers see them: `connections.csv` of the country.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use super::country::Country;
use crate::real::program::run_within;

/// Of a survey of standard depth, to one address; two of them for asking once more.
const IN_SURVEY: usize = 7;
/// In a window, to one address.
const IN_WINDOW: usize = 3;
/// The clock of a server runs when it accepts, which may be a little later than the dial: two dials
/// a second apart can be seen closer together than that.
const JITTER: Duration = Duration::from_millis(250);

/// One connection.
#[derive(Debug, Clone, Copy)]
pub struct Connection {
    /// Microseconds since 1970.
    pub at: u64,
    pub server: Ipv4Addr,
}

/// Every connection so far, in the order they were accepted.
pub fn connections(path: &Path) -> Vec<Connection> {
    let text = std::fs::read_to_string(path).expect("connections.csv");
    let rows = text.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        let mut cell = || cells.next().expect("a cell");
        Connection {
            at: cell().parse().expect("a time"),
            server: cell().parse().expect("an address"),
        }
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|connection| connection.at);
    rows
}

/// The most connections of one group within any window, and which group that was.
pub fn busiest<K: Ord + Copy>(
    connections: &[Connection],
    window: Duration,
    group: impl Fn(Ipv4Addr) -> K,
) -> Option<(K, usize)> {
    let mut recent: BTreeMap<K, VecDeque<u64>> = BTreeMap::new();
    let mut most: Option<(K, usize)> = None;
    for connection in connections {
        let key = group(connection.server);
        let times = recent.entry(key).or_default();
        times.push_back(connection.at);
        while connection.at - times[0] >= window.as_micros() as u64 {
            times.pop_front();
        }
        if most.is_none_or(|(_, count)| times.len() > count) {
            most = Some((key, times.len()));
        }
    }
    most
}

fn prefix(ip: Ipv4Addr) -> [u8; 3] {
    let [a, b, c, _] = ip.octets();
    [a, b, c]
}

#[test]
fn a_window_slides() {
    let at = |seconds: u64, last: u8| Connection {
        at: seconds * 1_000_000,
        server: Ipv4Addr::new(127, 1, 1, last),
    };
    let rows = [at(0, 1), at(4, 1), at(5, 2), at(8, 1), at(10, 1), at(11, 1)];
    let window = Duration::from_secs(10);
    let of_one = busiest(&rows, window, |ip| ip);
    assert_eq!(
        of_one,
        Some((Ipv4Addr::new(127, 1, 1, 1), 4)),
        "4 to 11 s, the end apart"
    );
    assert_eq!(busiest(&rows, window, prefix), Some(([127, 1, 1], 5)));
    assert_eq!(busiest::<Ipv4Addr>(&[], window, |ip| ip), None);
}

#[test]
fn servers_see_no_more_than_the_default_budgets() {
    let country = Country::start(&["--domains", "400", "--seed", "3"]);
    let out = country.scratch("out");
    let mut survey = country.survey(&country.file("domains.txt"), &out);
    // The rates are the default ones; only the window is shorter, so that what follows a first
    // connection comes soon enough to be seen.
    survey.args(["--address-window", "6"]);
    run_within(&mut survey, Duration::from_secs(240)).expect(0);
    // The journal is written every second.
    std::thread::sleep(Duration::from_millis(1_500));
    let rows = connections(&country.file("connections.csv"));
    assert!(rows.len() > 50, "{} connections", rows.len());
    let most = |window: Duration| busiest(&rows, window, |ip| ip).expect("somebody").1;
    assert!(most(Duration::from_secs(86_400)) <= IN_SURVEY);
    assert!(most(Duration::from_secs(6) - JITTER) <= IN_WINDOW);
    let second = Duration::from_secs(1) - JITTER;
    // Two a second to a /24, and so to an operator: half a second apart.
    let (net, of_prefix) = busiest(&rows, second, prefix).expect("somebody");
    assert!(of_prefix <= 2, "{net:?}: {of_prefix} in a second");
    let (_, of_all) = busiest(&rows, second, |_| ()).expect("somebody");
    assert!(of_all <= 50, "{of_all} in a second");
}
