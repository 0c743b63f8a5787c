//! What holds for any answer to a hello. The target of fuzz/ calls it, too, by the path of this file.

use mailcensus::probe::hello::{Answer, Hello, decode, decode_in_pieces};
use mailcensus::table::codes::ErrorCode;
use mailcensus::table::tls_codes::{HelloKind, HelloOutcome};
use mailcensus::tls_names::{self, Version};

/// The first byte says what was offered, the second how many bytes come at a time.
pub fn tls_server_flight(bytes: &[u8]) {
    let [kind, pieces, flight @ ..] = bytes else {
        return;
    };
    let hello = hello(*kind);
    let answer = decode(&hello, flight);
    let pieces = usize::from(*pieces).max(1);
    assert_eq!(decode_in_pieces(&hello, flight, pieces), answer);
    sane(&hello, &answer);
}

fn hello(kind: u8) -> Hello {
    let kinds = [
        HelloKind::All,
        HelloKind::Weak,
        HelloKind::Legacy,
        HelloKind::Ssl3,
        HelloKind::Ssl2,
    ];
    match kinds.get(usize::from(kind) % 6) {
        Some(kind) => Hello::of(*kind),
        None => Hello::up_to(HelloKind::Groups, Version::Tls1_3),
    }
}

/// Nothing is believed that was not offered, and every outcome has its reason.
fn sane(hello: &Hello, answer: &Answer) {
    let is_accepted = answer.outcome == HelloOutcome::Accepted;
    assert_eq!(is_accepted, answer.flight.is_some());
    match answer.outcome {
        HelloOutcome::Accepted => {}
        HelloOutcome::Refused => assert!(answer.alert.is_some() != answer.error.is_some()),
        HelloOutcome::Unknown => assert!(answer.error.is_some() && answer.alert.is_none()),
    }
    let Some(flight) = &answer.flight else {
        return;
    };
    assert_ne!(answer.error, Some(ErrorCode::Timeout));
    let version = Version::of_name(&flight.version).expect("a version");
    assert!(version <= hello.version);
    assert!(flight.chain.len() <= 10);
    if version == Version::Ssl2 {
        assert_eq!(
            flight.ssl2_kinds.first().cloned().unwrap_or_default(),
            flight.cipher
        );
        return;
    }
    let suite = tls_names::suite_number(&flight.cipher).expect("a suite");
    assert!(hello.suites.contains(&suite));
    let is_1_3 = version == Version::Tls1_3;
    assert_eq!(is_1_3, flight.secure_renegotiation.is_none());
    assert!(!is_1_3 || flight.compression.is_none() && flight.heartbeat.is_none());
    assert!(flight.dh_bits.is_none() || flight.cipher.contains("_DH"));
    assert!(flight.signature_scheme.is_none() || version == Version::Tls1_2);
}
