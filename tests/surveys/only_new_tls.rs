//! Servers that speak TLS 1.3 only and share nothing with the full handshake, and handshakes that
//! break once certificates are there: what is claimed of them, and what is not.

use std::time::Duration;

use super::hellos::hellos;
use super::*;
use crate::hello::peers::{Peer, openssl};
use Manner::{Forwards, Greets, TlsAlert};

/// A name, a key and options of `openssl s_server`; then connections, what became of the handshake,
/// the versions from SSL 2.0 to TLS 1.3, the hellos, and the check `starttls`.
type Case = (
    &'static str,
    &'static str,
    &'static [&'static str],
    usize,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const ACCEPTS: &str = "all refused 70, tls1_3 accepted TLS 1.3, weak refused 70";

const CASES: [Case; 4] = [
    // No group in common.
    (
        "p521",
        "ec:P-256",
        &["-tls1_3", "-groups", "secp521r1"],
        4,
        "hello_only",
        "i----+ 70 70 70 70",
        ACCEPTS,
        "pass starttls:1/1",
    ),
    (
        "ffdhe",
        "rsa:2048",
        &["-tls1_3", "-groups", "ffdhe3072"],
        4,
        "hello_only",
        "i----+ 70 70 70 70",
        ACCEPTS,
        "pass starttls:1/1",
    ),
    // No signature; the group could have been that of the handshake, which is tried again.
    (
        "ed448",
        "ed448:",
        &["-tls1_3"],
        5,
        "hello_only",
        "i----+ 70 70 70 70",
        ACCEPTS,
        "pass starttls:1/1",
    ),
    // Shows its certificate, and shakes hands with nobody who has none.
    (
        "clients",
        "rsa:2048",
        &["-tls1_2", "-Verify", "1", "-verify_return_error"],
        2,
        "failed",
        "??????",
        "",
        "fail handshake:1/1",
    ),
];

/// A server by the manner of each of its connections, whose handshake always fails; then connections,
/// versions, hellos and the check, as above.
type Failing = (
    &'static str,
    &'static [Manner],
    usize,
    &'static str,
    &'static str,
    &'static str,
);

const MANNERS: [Failing; 3] = [
    (
        "lost",
        &[
            TlsAlert(40),
            TlsAlert(70),
            Greets(421),
            Greets(421),
            TlsAlert(40),
        ],
        5,
        "??????",
        "all refused 70, tls1_3 unknown temp_reject, tls1_3 unknown temp_reject",
        "unknown temp_reject:1/1",
    ),
    (
        "never",
        &[TlsAlert(40), TlsAlert(70), TlsAlert(40)],
        4,
        "??????",
        "all refused 70, tls1_3 refused 40",
        "fail handshake:1/1",
    ),
    (
        "versions",
        &[TlsAlert(70)],
        3,
        "????-- 70 70",
        "all refused 70",
        "fail handshake:1/1",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_tls_1_3_alone_is_not_taken_for_broken() {
    let mut net = Net::new().await;
    let mut peers: Vec<Peer> = Vec::new();
    for (number, (name, key, options, ..)) in (1..).zip(CASES) {
        let peer = openssl(key, &[options, &["-rev"]].concat());
        net.add(name, [127, 46, number, 1], &[Forwards(peer.address)])
            .await;
        peers.push(peer);
    }
    for (number, (name, manners, ..)) in (1..).zip(MANNERS) {
        net.add(name, [127, 47, number, 1], manners).await;
    }
    let surveyed = net.survey(2).await;
    let shown = |name: &str| {
        let row = &surveyed.endpoints[name];
        let tls = row.tls.outcome.as_str();
        let said = (versions_and_alerts(row), hellos(row));
        (
            usize::from(row.connections),
            tls,
            said,
            in_words(&surveyed.verdicts[name].starttls),
        )
    };
    let mut wrong = Vec::new();
    let mut compare = |name, wanted| {
        let seen = shown(name);
        if seen != wanted {
            wrong.push(format!("{name}: {seen:?}, not {wanted:?}"));
        }
    };
    for (name, _, _, connections, tls, versions, said, starttls) in CASES {
        let said = (versions.to_owned(), said.to_owned());
        compare(name, (connections, tls, said, starttls.to_owned()));
    }
    for (name, _, connections, versions, said, starttls) in MANNERS {
        let said = (versions.to_owned(), said.to_owned());
        compare(name, (connections, "failed", said, starttls.to_owned()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let p521 = &surveyed.endpoints["p521"].tls;
    assert_eq!(p521.version.as_deref(), Some("TLS 1.3"));
    assert_eq!(p521.group.as_deref(), Some("secp521r1"));
    assert_eq!(p521.cipher.as_deref(), Some("TLS_AES_128_GCM_SHA256"));
    // What is under TLS 1.3 nobody sees who does not get that far.
    let verdicts = &surveyed.verdicts["p521"];
    for (finding, wanted) in [
        (&verdicts.tls_1_3, "pass tls_1_3:1/1"),
        (&verdicts.no_tls_1_0_1_1, "pass refused:1/1"),
        (&verdicts.no_weak_ciphers, "pass refused:1/1"),
        (&verdicts.cert_trusted, "unknown tls_alert:1/1"),
        (&verdicts.cert_name, "unknown tls_alert:1/1"),
        (&verdicts.cert_current, "unknown tls_alert:1/1"),
        (&verdicts.cert_strong, "unknown tls_alert:1/1"),
    ] {
        assert_eq!(in_words(finding), wanted);
    }
    for name in ["p521", "ed448", "lost", "never"] {
        let log = net.server(name).finished().await;
        assert_eq!(
            log.connections,
            usize::from(surveyed.endpoints[name].connections)
        );
        for four in log.accepted.windows(4) {
            assert!(four[3] - four[0] >= Duration::from_secs(2), "{name}");
        }
    }
}

/// The versions, and the alerts that refused them.
fn versions_and_alerts(row: &EndpointRow) -> String {
    let alerts = row
        .versions
        .list()
        .into_iter()
        .filter_map(|fact| fact.alert);
    alerts.fold(versions(row), |words, alert| format!("{words} {alert}"))
}
