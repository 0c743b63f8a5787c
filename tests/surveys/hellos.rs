//! What bare hellos find out, what becomes of it in the tables, and how many connections that takes.

use std::time::Duration;

use mailcensus::table::tls_codes::Depth;

use super::*;
use crate::lab::old_tls::{
    DHE_ONLY, EXTENSION_INTOLERANT, LEGACY, Library, MODERN, REFUSES_BY_CLOSE, REFUSES_BY_RESET,
    RSA_KEY_EXCHANGE_ONLY, Repertoire, SILENT_ON_OLD_HELLO, SSL3, TLS10_ONLY, WEAK_SUITES,
};
use Manner::{Greets, NoStarttls, Speaks, TlsAlert};

const TLS12_ONLY: Repertoire = Repertoire {
    library: Library::Tls12,
    ..MODERN
};

/// A server by the manner of each of its connections; connections that it gets, what became of the
/// handshake, the versions from SSL 2.0 to TLS 1.3 (`+` accepted, `-` refused, `i` implied), and the
/// hellos.
type Case = (
    &'static str,
    &'static [Manner],
    usize,
    &'static str,
    &'static str,
    &'static str,
);

const CASES: [Case; 15] = [
    (
        "modern",
        &[Speaks(&MODERN)],
        3,
        "completed",
        "i---?+",
        "weak refused 40, legacy refused 70",
    ),
    (
        "tls12",
        &[Speaks(&TLS12_ONLY)],
        3,
        "completed",
        "i---+-",
        "weak refused 40, legacy refused 70",
    ),
    (
        "closes",
        &[Speaks(&REFUSES_BY_CLOSE)],
        3,
        "completed",
        "i---?+",
        "weak refused closed, legacy refused closed",
    ),
    (
        "resets",
        &[Speaks(&REFUSES_BY_RESET)],
        3,
        "completed",
        "i---?+",
        "weak refused reset, legacy refused reset",
    ),
    (
        "weak",
        &[Speaks(&WEAK_SUITES)],
        3,
        "completed",
        "i---++",
        "weak accepted TLS 1.2, legacy refused 70",
    ),
    (
        "legacy",
        &[Speaks(&LEGACY)],
        4,
        "completed",
        "i-?+?+",
        "weak refused 40, legacy accepted TLS 1.1, ssl3 refused 70",
    ),
    (
        "ssl3",
        &[Speaks(&SSL3)],
        4,
        "completed",
        "i+?+++",
        "weak accepted TLS 1.2, legacy accepted TLS 1.1, ssl3 accepted SSL 3.0",
    ),
    (
        "rsakx",
        &[Speaks(&RSA_KEY_EXCHANGE_ONLY)],
        4,
        "hello_only",
        "i---+?",
        "all accepted TLS 1.2, weak refused 40, legacy refused 70",
    ),
    (
        "dhe",
        &[Speaks(&DHE_ONLY)],
        5,
        "hello_only",
        "i-?++?",
        "all accepted TLS 1.2, weak refused 40, legacy accepted TLS 1.1, ssl3 refused 70",
    ),
    (
        "tls10",
        &[Speaks(&TLS10_ONLY)],
        5,
        "hello_only",
        "?-+--i",
        "all accepted TLS 1.0, weak accepted TLS 1.0, legacy accepted TLS 1.0, ssl3 refused 70",
    ),
    (
        "noext",
        &[Speaks(&EXTENSION_INTOLERANT)],
        5,
        "hello_only",
        "??+--i",
        "all refused 40, all accepted TLS 1.0, weak accepted TLS 1.0, legacy accepted TLS 1.0, ssl3 unknown budget",
    ),
    (
        "silent",
        &[Speaks(&SILENT_ON_OLD_HELLO)],
        4,
        "completed",
        "i????+",
        "weak unknown timeout, legacy unknown timeout, weak unknown timeout",
    ),
    (
        "alert40",
        &[TlsAlert(40)],
        5,
        "failed",
        "??????",
        "all refused 40, all refused 40, tls1_3 refused 40",
    ),
    (
        "busy",
        &[Speaks(&MODERN), Greets(421), Speaks(&MODERN)],
        4,
        "completed",
        "i---?+",
        "weak unknown temp_reject, legacy refused 70, weak refused 40",
    ),
    ("none", &[NoStarttls], 2, "not_attempted", "??????", ""),
];

/// The hellos of a row in words.
pub(super) fn hellos(row: &EndpointRow) -> String {
    let one = |hello: &mailcensus::table::rows::Hello| {
        let mut words = vec![hello.kind.to_string(), hello.outcome.to_string()];
        words.extend(hello.error.map(|error| error.to_string()));
        words.extend(hello.alert.map(|alert| alert.to_string()));
        words.extend(hello.version.clone());
        words.join(" ")
    };
    row.hellos.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hellos_tell_what_a_server_accepts_and_cost_few_connections() {
    let mut net = Net::new().await;
    for (number, (name, manners, ..)) in (1..).zip(CASES) {
        net.add(name, [127, 38, number, 1], manners).await;
    }
    let window = Duration::from_secs(2);
    let surveyed = net.survey(2).await;
    let mut wrong = Vec::new();
    for (name, _, connections, outcome, expected, said) in CASES {
        let row = &surveyed.endpoints[name];
        assert_eq!(row.depth, Depth::Standard);
        let log = net.server(name).finished().await;
        let seen = (
            log.connections,
            row.tls.outcome.as_str(),
            versions(row),
            hellos(row),
        );
        let wanted = (connections, outcome, expected.to_owned(), said.to_owned());
        if seen != wanted {
            wrong.push(format!("{name}: {seen:?}, not {wanted:?}"));
        }
        assert_eq!(usize::from(row.connections), log.connections, "{name}");
        assert_eq!(log.most_open, 1, "{name}");
        // Three in a window, whatever they are for.
        for four in log.accepted.windows(4) {
            assert!(four[3] - four[0] >= window, "{name}");
        }
        for line in &log.lines {
            let verb = line
                .trim_start_matches("tls ")
                .split(' ')
                .next()
                .unwrap_or_default();
            assert!(
                ["EHLO", "STARTTLS", "QUIT"].contains(&verb),
                "{name}: {line}"
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    facts(&surveyed);
    // The hello for SSL 3.0 comes a window after what made it worth saying.
    let ssl3 = &surveyed.endpoints["ssl3"].hellos;
    let apart = ssl3[2].observed_at.0 - ssl3[1].observed_at.0;
    assert!(apart >= window.as_micros() as i64, "{apart}");
}

/// The columns that hellos fill besides.
fn facts(surveyed: &Surveyed) {
    let row = |name: &str| &surveyed.endpoints[name];
    assert_eq!(row("modern").pq_group.as_deref(), Some("X25519MLKEM768"));
    assert_eq!(row("rsakx").pq_group, None);
    assert_eq!(row("modern").weak_cipher, None);
    let weak = row("weak").weak_cipher.as_deref();
    assert!(
        weak.is_some_and(|suite| suite.contains("3DES") || suite.contains("RC4")),
        "{weak:?}"
    );
    assert_eq!(row("dhe").dh_bits, Some(1_024));
    assert_eq!(row("modern").dh_bits, None);
    let old = row("tls10");
    assert_eq!((old.compression, old.heartbeat), (Some(true), Some(true)));
    assert_eq!(old.secure_renegotiation, Some(true));
    assert_eq!(old.tls.extended_master_secret, Some(false));
    assert_eq!(row("legacy").compression, Some(false));
    assert_eq!(row("modern").compression, None);
    // What broke the handshake stays beside what took its place.
    assert!(old.tls.error.is_some(), "{:?}", old.tls);
    assert_eq!(old.tls.version.as_deref(), Some("TLS 1.0"));
    // The chain of the hello is the chain of the server.
    let rsa = row("rsakx");
    assert_eq!(rsa.chains.len(), 1);
    assert_eq!(rsa.chains[0].sni.as_deref(), Some("mx.rsakx.cz"));
    assert_eq!(rsa.chains[0].key_type.as_deref(), Some("rsa"));
    assert!(
        rsa.tls
            .cipher
            .as_deref()
            .is_some_and(|suite| suite.starts_with("TLS_RSA_WITH"))
    );
    // Confirmed, and not by the same hello.
    let outcomes: Vec<_> = row("alert40")
        .attempts
        .iter()
        .map(|one| one.outcome.as_str())
        .collect();
    assert_eq!(outcomes, ["broken", "broken"]);
}
