//! GnuTLS, whose ways differ from those of OpenSSL.

use super::peers::gnutls;
use super::*;

#[tokio::test]
async fn gnutls_is_read_as_openssl_is() {
    let old = "NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1:-KX-ALL:+RSA:%COMPAT";
    let peer = gnutls("rsa:2048", old);
    let flight = accepted(asked(peer.address, &Hello::of(HelloKind::Legacy)).await);
    assert_eq!(flight.version, "TLS 1.1");
    assert_eq!(flight.cipher, "TLS_RSA_WITH_AES_256_CBC_SHA");
    assert_eq!((flight.group, flight.chain.len()), (None, 1));

    let peer = gnutls(
        "rsa:2048",
        "NONE:+VERS-TLS1.2:+ARCFOUR-128:+SHA1:+MD5:+RSA:+COMP-NULL:+SIGN-ALL:+CTYPE-X509",
    );
    let flight = accepted(asked(peer.address, &Hello::of(HelloKind::Weak)).await);
    assert_eq!(flight.cipher, "TLS_RSA_WITH_RC4_128_SHA");

    let peer = gnutls("rsa:2048", "NORMAL:-KX-ALL:+DHE-RSA:-VERS-ALL:+VERS-TLS1.2");
    let flight = accepted(asked(peer.address, &Hello::of(HelloKind::All)).await);
    assert!(flight.cipher.starts_with("TLS_DHE_RSA_WITH_"), "{flight:?}");
    // Its own primes are those of RFC 7919, and the hello did not ask for one.
    assert_eq!(flight.dh_bits, Some(2048));
    assert_eq!(flight.group.as_deref(), Some("ffdhe2048"));
    assert_eq!(flight.extended_master_secret, Some(true));
    for kind in [HelloKind::Legacy, HelloKind::Ssl3] {
        let answer = asked(peer.address, &Hello::of(kind)).await;
        assert_eq!(answer.outcome, HelloOutcome::Refused, "{kind}: {answer:?}");
        assert!(answer.alert.is_some(), "{kind}: {answer:?}");
    }

    let peer = gnutls("ec:P-256", "NORMAL:-GROUP-ALL:+GROUP-X448:+GROUP-FFDHE3072");
    let hello = Hello::up_to(HelloKind::Groups, Version::Tls1_3);
    let flight = accepted(asked(peer.address, &hello).await);
    assert_eq!(flight.version, "TLS 1.3");
    assert_eq!(flight.group.as_deref(), Some("x448"));
}
