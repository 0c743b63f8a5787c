//! What strangers see of us: every byte sent to port 25 in a survey.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mailcensus::table::codes::{AttemptOutcome, TlsOutcome};
use mailcensus::table::rows::{Attempt, EndpointRow, Hello};
use mailcensus::table::tls_codes::HelloOutcome;

use super::pcap::{Connection, connections};
use super::program::{ADDRESS_WINDOW, rows};
use super::shared::shared;

/// Connections that an address may get in the window.
const IN_WINDOW: usize = 3;
/// Connections that it may get in all, those for asking once more included.
const IN_ALL: usize = 7;

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

/// Handshakes that were completed, also those of other attempts, and bare hellos that were answered.
fn begun(row: &EndpointRow) -> usize {
    let answered = |hello: &&Hello| hello.outcome != HelloOutcome::Unknown;
    completed(row) + row.hellos.iter().filter(answered).count()
}

fn completed(row: &EndpointRow) -> usize {
    if row.attempts.is_empty() {
        return usize::from(row.tls.outcome == TlsOutcome::Completed);
    }
    let completed = |attempt: &&Attempt| attempt.outcome == AttemptOutcome::Completed;
    row.attempts.iter().filter(completed).count()
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
    let begun: usize = rows::<EndpointRow>(&shared().out)
        .iter()
        .filter(|row| row.connections > 0)
        .map(|row| begun(&row))
        .sum();
    // Handshakes for the sake of one name, or of another kind of key, are in no column of their own.
    assert!(begun > 0 && begun <= with_tls, "{begun} of {with_tls}");
    assert!(in_clear > 0 && turned_away > 0, "the lab has such servers");
}

#[test]
fn everybody_who_talked_to_us_got_a_goodbye() {
    for row in rows::<EndpointRow>(&shared().out) {
        let talked = row.connections > 0 && row.banner_code == Some(220);
        if talked {
            assert_eq!(row.quit_code, Some(221), "{} {}", row.host, row.ip);
        }
    }
}

#[test]
fn addresses_get_what_the_table_says_and_never_two_at_a_time() {
    let connections = connections(&shared().pcap);
    let mut on_wire: BTreeMap<IpAddr, usize> = BTreeMap::new();
    let mut opened: BTreeMap<IpAddr, Vec<u64>> = BTreeMap::new();
    let mut busy_until: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for connection in &connections {
        let server = connection.server;
        *on_wire.entry(server).or_default() += 1;
        opened.entry(server).or_default().push(connection.opened);
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
    assert!(
        on_wire.values().all(|count| *count <= IN_ALL),
        "{on_wire:?}"
    );
    // Packets of two connections may be seen closer together than they were sent.
    let window = u64::from(ADDRESS_WINDOW) * 1_000_000 - 50_000;
    for (server, times) in opened {
        for four in times.windows(IN_WINDOW + 1) {
            let span = four[IN_WINDOW] - four[0];
            assert!(span >= window, "{server}: four within {span} µs");
        }
    }
}
