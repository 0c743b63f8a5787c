//! OpenSSL 3, with everything allowed that it was built with.

use super::peers::openssl;
use super::*;

/// Everything that the library can still do.
const ANYTHING: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

#[tokio::test]
async fn the_newest_version_up_to_that_of_the_hello_is_accepted() {
    let old = openssl("rsa:2048", &["-cipher", ANYTHING, "-tls1"]);
    for kind in [HelloKind::All, HelloKind::Legacy] {
        let flight = accepted(asked(old.address, &Hello::of(kind)).await);
        assert_eq!(flight.version, "TLS 1.0", "{kind}");
        assert_eq!(
            flight.cipher, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
            "{kind}"
        );
        assert_eq!(flight.group.as_deref(), Some("x25519"), "{kind}");
        assert_eq!(flight.signature_scheme, None, "{kind}");
        assert_eq!(flight.chain.len(), 1, "{kind}");
        assert_eq!(flight.secure_renegotiation, Some(true), "{kind}");
        assert_eq!(flight.extended_master_secret, Some(true), "{kind}");
        assert_eq!(flight.compression, Some(false), "{kind}");
        assert_eq!(flight.heartbeat, Some(false), "{kind}");
    }
    let newer = openssl("rsa:2048", &["-cipher", ANYTHING]);
    let flight = accepted(asked(newer.address, &Hello::of(HelloKind::All)).await);
    assert_eq!(flight.version, "TLS 1.2");
    assert_eq!(
        flight.signature_scheme.as_deref(),
        Some("rsa_pss_rsae_sha256")
    );
    let flight = accepted(asked(newer.address, &Hello::of(HelloKind::Legacy)).await);
    assert_eq!(flight.version, "TLS 1.1");
    let flight = accepted(asked(newer.address, &Hello::of(HelloKind::Weak)).await);
    assert!(
        mailcensus::tls_names::weakness(&flight.cipher).is_some(),
        "{flight:?}"
    );
}

#[tokio::test]
async fn healthy_servers_refuse_by_an_alert() {
    let modern = openssl("ec:P-256", &["-cipher", "ECDHE+AESGCM"]);
    for kind in [HelloKind::Weak, HelloKind::Legacy, HelloKind::Ssl3] {
        let answer = asked(modern.address, &Hello::of(kind)).await;
        assert_eq!(answer.outcome, HelloOutcome::Refused, "{kind}: {answer:?}");
        // No suite in common comes before no version in common.
        assert_eq!((answer.error, answer.alert), (None, Some(40)), "{kind}");
    }
    let answer = asked(modern.address, &Hello::of(HelloKind::Ssl2)).await;
    assert_eq!(answer.outcome, HelloOutcome::Refused, "{answer:?}");
}

#[tokio::test]
async fn tls_1_3_names_suite_and_group_without_a_key() {
    let modern = openssl("ec:P-256", &["-tls1_3", "-groups", "secp384r1"]);
    let hello = Hello::up_to(HelloKind::Groups, Version::Tls1_3);
    let flight = accepted(asked(modern.address, &hello).await);
    assert_eq!(flight.version, "TLS 1.3");
    assert_eq!(flight.cipher, "TLS_AES_128_GCM_SHA256");
    assert_eq!(flight.group.as_deref(), Some("secp384r1"));
    let answer = asked(modern.address, &Hello::of(HelloKind::All)).await;
    assert_eq!(answer.alert, Some(70), "{answer:?}");
}

#[tokio::test]
async fn key_exchanges_are_taken_apart() {
    for (cipher, expected, bits) in [
        ("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", None),
        (
            "DHE-RSA-AES128-SHA",
            "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
            Some(2048),
        ),
        (
            "ADH-AES128-SHA",
            "TLS_DH_anon_WITH_AES_128_CBC_SHA",
            // That is what the library makes of nobody at this level.
            Some(1024),
        ),
        (
            "AECDH-AES128-SHA",
            "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
            None,
        ),
        ("NULL-SHA", "TLS_RSA_WITH_NULL_SHA", None),
    ] {
        let options = ["-cipher", &format!("{cipher}:@SECLEVEL=0"), "-tls1_2"];
        let peer = openssl("rsa:2048", &options);
        let flight = accepted(asked(peer.address, &Hello::of(HelloKind::All)).await);
        assert_eq!(flight.cipher, expected);
        assert_eq!(flight.dh_bits, bits, "{cipher}");
        let is_anon = expected.contains("_anon_");
        assert_eq!(flight.chain.is_empty(), is_anon, "{cipher}");
    }
}

#[tokio::test]
async fn hellos_without_extensions_are_answered() {
    let peer = openssl("rsa:2048", &["-cipher", ANYTHING]);
    for kind in [HelloKind::All, HelloKind::Legacy, HelloKind::Weak] {
        let bare = Hello {
            extensions: false,
            ..Hello::of(kind)
        };
        let flight = accepted(asked(peer.address, &bare).await);
        assert_eq!(flight.extended_master_secret, None, "{kind}");
        assert_eq!(flight.secure_renegotiation, Some(true), "{kind}");
    }
}
