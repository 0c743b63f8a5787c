//! `--depth deep`: what is found out about servers whose configuration is known, over how many
//! connections, and across a crash.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use mailcensus::table::rows::HelloRow;
use mailcensus::table::tls_codes::{Depth, HelloKind, HelloOutcome};

use super::*;
use crate::hello::peers::{Peer, openssl};
use crate::lab::old_tls::MODERN;
use crate::real::program::{files, rows};

/// Seconds in which an address gets three connections.
const WINDOW: u32 = 1;
/// The same for a survey that is to be killed in the middle: rows are committed every ten seconds.
const SLOW: u32 = 3;
/// Hellos of a deep survey to one address.
const BUDGET: usize = 60;

/// A server by its options of `openssl s_server`, and what it is to be found to accept: suites,
/// groups, whether its order counts, and versions from SSL 2.0 to TLS 1.3.
struct Case {
    name: &'static str,
    key: &'static str,
    options: &'static [&'static str],
    suites: &'static [&'static str],
    groups: &'static [&'static str],
    own_order: Option<bool>,
    versions: &'static str,
}

const CASES: [Case; 3] = [
    Case {
        name: "modern",
        key: "rsa:2048",
        options: &[
            "-cipher",
            "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:AES128-SHA",
            "-ciphersuites",
            "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384",
            "-groups",
            "P-384:X25519",
            "-min_protocol",
            "TLSv1.2",
            "-serverpref",
        ],
        suites: &[
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
        ],
        groups: &["secp384r1", "x25519"],
        own_order: Some(true),
        versions: "i---++",
    },
    Case {
        name: "old",
        key: "rsa:2048",
        options: &[
            "-cipher",
            "DHE-RSA-AES128-SHA:AES256-SHA:AES128-SHA:AES128-GCM-SHA256:@SECLEVEL=0",
            "-no_tls1_3",
            "-no_tls1_1",
        ],
        suites: &[
            "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_RSA_WITH_AES_256_CBC_SHA",
        ],
        groups: &[],
        own_order: Some(false),
        // No suite that was chosen rules SSL 2.0 out, so that it was asked for.
        versions: "--+-+-",
    },
    Case {
        name: "anonymous",
        key: "ec:P-256",
        options: &[
            "-cipher",
            "ECDHE-ECDSA-AES256-GCM-SHA384:AECDH-AES128-SHA:AECDH-NULL-SHA:@SECLEVEL=0",
            "-tls1_2",
        ],
        suites: &[
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
            "TLS_ECDH_anon_WITH_NULL_SHA",
        ],
        groups: &["secp256r1", "x25519"],
        own_order: Some(false),
        versions: "i---+-",
    },
];

fn sorted(names: &[String]) -> Vec<&str> {
    let mut names: Vec<_> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// The hellos to the only address of a domain.
fn said(net: &Net, row: &EndpointRow) -> Vec<HelloRow> {
    let mut said = rows::<HelloRow>(&net.out());
    said.retain(|hello| hello.ip == row.ip);
    said.sort_by_key(|hello| hello.number);
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_openssl_was_configured_for_is_found() {
    let mut net = Net::new().await;
    net.args.push("--depth=deep".to_owned());
    let mut peers: Vec<Peer> = Vec::new();
    for (number, case) in (1..).zip(&CASES) {
        // It answers every line, so that nobody waits for an answer to EHLO.
        let peer = openssl(case.key, &[case.options, &["-rev"]].concat());
        net.add(
            case.name,
            [127, 44, number, 1],
            &[Manner::Forwards(peer.address)],
        )
        .await;
        peers.push(peer);
    }
    let surveyed = net.survey(WINDOW).await;
    assert_eq!(surveyed.manifest["configuration"]["depth"], "deep");
    for case in &CASES {
        let (name, row) = (case.name, &surveyed.endpoints[case.name]);
        let said = said(&net, row);
        let told = || format!("{name}: {row:#?}\n{said:#?}");
        assert_eq!(row.depth, Depth::Deep, "{name}");
        assert_eq!(sorted(&row.ciphers.accepted), case.suites, "{}", told());
        assert!(row.ciphers.complete, "{}", told());
        assert_eq!(row.ciphers.server_preference, case.own_order, "{}", told());
        let groups: Vec<_> = sorted(&row.groups.accepted);
        for group in case.groups {
            assert!(groups.contains(group), "{}", told());
        }
        assert_eq!(versions(row), case.versions, "{}", told());
        let sha1 = said.iter().find(|hello| hello.kind == HelloKind::Sha1);
        let sha1 = sha1.map(|hello| hello.outcome);
        println!("{name}: {} hellos, SHA-1 {sha1:?}, {groups:?}", said.len());
        assert_ne!(sha1, Some(HelloOutcome::Unknown), "{}", told());
        let log = net.server(name).finished().await;
        assert_eq!(usize::from(row.connections), log.connections, "{name}");
        assert!(said.len() <= BUDGET && log.most_open == 1, "{name}");
        spread(&log.accepted[log.connections - said.len()..]);
    }
    let modern = &surveyed.endpoints["modern"];
    assert!(modern.groups.complete);
    assert_eq!(sorted(&modern.groups.accepted), ["secp384r1", "x25519"]);
}

/// Deep hellos to one address are a 59th of 36 windows apart.
fn spread(accepted: &[Instant]) {
    let apart = Duration::from_secs(u64::from(WINDOW)) * 36 / 59;
    // From our packet to the server's accept: a busy machine.
    let slack = Duration::from_millis(300);
    for two in accepted.windows(2) {
        assert!(two[1] - two[0] + slack >= apart, "{:?}", two[1] - two[0]);
    }
    if let (Some(first), Some(last)) = (accepted.first(), accepted.last()) {
        let gaps = u32::try_from(accepted.len() - 1).unwrap();
        assert!(*last - *first + slack >= apart * gaps);
    }
}

/// Starts a survey, and kills it once hellos were committed.
fn killed(net: &Net, window: u32) {
    let mut command = net.begun(window);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child: Child = command.spawn().unwrap();
    let start = Instant::now();
    let is_there = || net.out().join("hellos").exists() && !files(&net.out(), "hellos").is_empty();
    while !is_there() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        assert!(start.elapsed() < Duration::from_secs(120), "no hello");
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deep_survey_goes_on_after_a_crash() {
    let mut net = Net::new().await;
    net.args.push("--depth=deep".to_owned());
    net.add("modern", [127, 45, 1, 1], &[Manner::Speaks(&MODERN)])
        .await;
    tokio::task::block_in_place(|| killed(&net, SLOW));
    let before = net.server("modern").log().connections;
    let surveyed = net.survey(SLOW).await;
    let row = &surveyed.endpoints["modern"];
    let said = said(&net, row);
    for (number, hello) in said.iter().enumerate() {
        assert_eq!(usize::from(hello.number), number, "{said:#?}");
    }
    let log = net.server("modern").finished().await;
    // What was said and not committed when it was killed was said again, and counted.
    let lost = log.connections - usize::from(row.connections);
    println!(
        "{before} connections before, {} in all, {lost} lost",
        log.connections
    );
    assert!(before > 3 && before < log.connections);
    assert!(lost < before - 3, "nothing was gone on with");
    assert!(log.connections <= 7 + BUDGET);
    assert!(row.ciphers.complete && row.groups.complete, "{said:#?}");
    assert_eq!(
        sorted(&row.groups.accepted),
        ["X25519MLKEM768", "secp256r1", "secp384r1", "x25519"]
    );
    let suites = sorted(&row.ciphers.accepted);
    assert_eq!(suites.len(), 6, "{suites:?}");
    assert_eq!(versions(row), "i---++");
}
