//! What strangers see of us: every byte sent to port 25 in a survey.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mailcensus::table::codes::{StarttlsOutcome, TlsOutcome};
use mailcensus::table::rows::EndpointRow;
use mailcensus::table::tls_codes::VersionResult;

use super::lab::lab;
use super::pcap::{Connection, connections};
use super::program::{ADDRESS_WINDOW, rows};
use super::shared::shared;

/// Connections that an address, and a machine with several, may get in the window.
const IN_WINDOW: usize = 3;
/// Connections to a server of today.
const HEALTHY: u16 = 3;
/// Connections to any server.
const AT_MOST: u16 = 5;
/// What comes on top where something is asked once more, and for a second certificate.
const EXTRA: u16 = 2;

/// What the client said before TLS: its lines, and whether TLS began.
fn spoken(connection: &Connection) -> (Vec<String>, bool) {
    let mut lines = Vec::new();
    let mut rest = connection.client.as_slice();
    while !rest.is_empty() {
        // A TLS record of a handshake.
        if rest[0] == 22 {
            return (lines, true);
        }
        let end = rest.windows(2).position(|two| two == b"\r\n");
        let end = end.unwrap_or_else(|| panic!("half a line: {connection:?}"));
        lines.push(String::from_utf8(rest[..end].to_vec()).expect("ASCII"));
        rest = &rest[end + 2..];
    }
    (lines, false)
}

/// The codes of the replies in clear text.
fn codes(connection: &Connection) -> Vec<String> {
    let text = String::from_utf8_lossy(&connection.replies);
    let clear = text.split('\u{16}').next().unwrap_or_default();
    let last = |line: &&str| line.as_bytes().get(3) == Some(&b' ');
    clear
        .lines()
        .filter(last)
        .map(|line| line[..3].to_owned())
        .collect()
}

#[test]
fn only_ehlo_starttls_and_quit_are_ever_said() {
    let connections = connections(&shared().pcap);
    let (mut in_clear, mut with_tls, mut turned_away) = (0, 0, 0);
    for connection in connections.iter().filter(|one| !one.replies.is_empty()) {
        let (lines, tls) = spoken(connection);
        let verbs: Vec<_> = lines
            .iter()
            .map(|line| line.split(' ').next().unwrap_or_default())
            .collect();
        let codes = codes(connection);
        let shown = format!("{}: {lines:?} {codes:?}", connection.server);
        match verbs.as_slice() {
            ["EHLO", "STARTTLS"] => {
                assert!(tls, "{shown}");
                assert_eq!(codes, ["220", "250", "220"], "{shown}");
                with_tls += 1;
            }
            ["EHLO", "QUIT"] => {
                assert!(!tls, "{shown}");
                assert_eq!(codes, ["220", "250", "221"], "{shown}");
                in_clear += 1;
            }
            // Who turns us away need not wait for our goodbye, and Exim does not.
            ["QUIT"] => {
                assert!(codes[0].starts_with('5'), "{shown}");
                assert!(matches!(
                    codes.get(1).map(String::as_str),
                    None | Some("221")
                ));
                turned_away += 1;
            }
            _ => panic!("{shown}"),
        }
    }
    println!("{with_tls} with TLS, {in_clear} in clear text, {turned_away} turned away");
    let offered: usize = rows::<EndpointRow>(&shared().out)
        .iter()
        .filter(|row| row.starttls.outcome == StarttlsOutcome::Accepted)
        .map(|row| usize::from(row.connections))
        .sum();
    assert_eq!(offered, with_tls, "nobody changed his mind in between");
    assert!(in_clear > 0 && turned_away > 0, "the lab has such servers");
}

#[test]
fn everybody_who_talked_to_us_got_a_goodbye() {
    for row in rows::<EndpointRow>(&shared().out) {
        let talked = row.connections > 0 && row.banner_code == Some(220);
        // Who broke the handshake hears nothing any more.
        let outcomes = [TlsOutcome::Completed, TlsOutcome::NotAttempted];
        if talked && outcomes.contains(&row.tls.outcome) {
            assert_eq!(row.quit_code, Some(221), "{} {}", row.host, row.ip);
        }
    }
}

#[test]
fn addresses_get_what_the_table_says_and_never_two_at_a_time() {
    let connections = connections(&shared().pcap);
    let mut on_wire: BTreeMap<IpAddr, usize> = BTreeMap::new();
    let mut busy_until: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for connection in &connections {
        let server = connection.server;
        *on_wire.entry(server).or_default() += 1;
        let until = busy_until.insert(server, connection.closed);
        assert!(
            until.is_none_or(|until| until <= connection.opened),
            "{server}: two at a time"
        );
    }
    let mut in_table: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for row in rows::<EndpointRow>(&shared().out) {
        let ip = row.ip.parse().expect("an address");
        *in_table.entry(ip).or_default() += usize::from(row.connections);
    }
    in_table.retain(|_, connections| *connections > 0);
    println!(
        "{} connections to {} addresses",
        connections.len(),
        on_wire.len()
    );
    assert_eq!(on_wire, in_table);
}

/// When each address was called, and each machine, in microseconds. Nobody knows what machine an
/// address is before it was called once: these calls count for the address only.
fn calls() -> BTreeMap<String, Vec<u64>> {
    let hosts = lab().hosts();
    let mut calls: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for connection in connections(&shared().pcap) {
        let ip = connection.server.to_string();
        let machine = hosts.iter().find(|host| host.addresses.contains(&ip));
        let machine = machine.unwrap_or_else(|| panic!("nobody is at {ip}"));
        let of_address = calls.entry(ip).or_default();
        let is_first = of_address.is_empty();
        of_address.push(connection.opened);
        if !is_first {
            let of_machine = calls.entry(machine.host.clone()).or_default();
            of_machine.push(connection.opened);
        }
    }
    calls
}

#[test]
fn a_machine_is_called_three_times_in_a_window_at_the_most() {
    // Packets of two connections may be seen closer together than they were sent.
    let window = u64::from(ADDRESS_WINDOW) * 1_000_000 - 50_000;
    for (machine, calls) in calls() {
        for some in calls.windows(IN_WINDOW + 1) {
            let apart = some[IN_WINDOW] - some[0];
            assert!(apart >= window, "{machine}: {calls:?}");
        }
    }
}

#[test]
fn a_healthy_server_gets_three_connections_and_no_other_more_than_five() {
    let mut table: BTreeMap<(bool, u16), usize> = BTreeMap::new();
    for row in rows::<EndpointRow>(&shared().out) {
        let old = [row.versions.tls1_0.result, row.versions.tls1_1.result];
        let is_healthy = row.tls.outcome == TlsOutcome::Completed
            && !old.contains(&VersionResult::Accepted)
            && row.attempts.is_empty()
            && row.chains.len() == 1;
        if is_healthy {
            assert_eq!(row.connections, HEALTHY, "{} {}", row.host, row.ip);
        }
        let asked_more = row.attempts.len() > 1 || row.chains.len() > 1;
        let most = AT_MOST + if asked_more { EXTRA } else { 0 };
        assert!(row.connections <= most, "{} {}", row.host, row.ip);
        *table.entry((is_healthy, row.connections)).or_default() += 1;
    }
    println!("healthy  connections  addresses");
    for ((healthy, connections), count) in &table {
        println!("{healthy:<7}  {connections:>11}  {count:>9}");
    }
    assert!(table[&(true, HEALTHY)] > 5, "the lab has healthy servers");
}
