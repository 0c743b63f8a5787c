//! STARTTLS and the handshake behind it.

use CheckId as C;

use super::*;

fn one(server: Server) -> Facts {
    with(&[mx1(&[server])])
}

#[test]
fn starttls_is_what_the_server_said() {
    for (answer, says) in [
        (Answered::Works, "pass starttls:1/1"),
        (Answered::NotOffered, "fail not_offered:1/1"),
        (Answered::Stripped, "fail stripped:1/1"),
        (Answered::Refused, "fail refused:1/1"),
        (Answered::Vantage, "unknown vantage:1/1"),
        (Answered::Broken, "unknown handshake:1/1"),
        (Answered::Inconsistent, "unknown inconsistent:1/1"),
        (Answered::Unconfirmed, "unknown unconfirmed:1/1"),
        (
            Answered::Unknown(ErrorCode::TempReject),
            "unknown temp_reject:1/1",
        ),
    ] {
        assert_eq!(one(server(answer)).says(C::Starttls), says);
    }
}

#[test]
fn starttls_fails_where_one_server_has_none() {
    let no = server(Answered::Refused);
    let facts = with(&[mx1(&[works()]), mx2(&[no])]);
    assert_eq!(facts.says(C::Starttls), "fail refused:2/2");
    let facts = with(&[mx1(&[server(Answered::Unconfirmed)]), mx2(&[no])]);
    assert_eq!(facts.says(C::Starttls), "fail refused:2/2");
    let facts = with(&[mx1(&[works()]), mx2(&[server(Answered::Inconsistent)])]);
    assert_eq!(facts.says(C::Starttls), "unknown inconsistent:2/2");
}

#[test]
fn a_version_is_the_newest_that_the_server_has() {
    let has = |version| one(Server { version, ..works() });
    for (version, tls_1_2, tls_1_3) in [
        (Version::Tls13, "pass tls_1_3:1/1", "pass tls_1_3:1/1"),
        (Version::Tls12, "pass tls_1_2:1/1", "fail tls_1_2:1/1"),
        (Version::Tls11, "fail tls_1_1:1/1", "fail tls_1_1:1/1"),
        (Version::Tls10, "fail tls_1_0:1/1", "fail tls_1_0:1/1"),
        (Version::Ssl3, "fail ssl_3_0:1/1", "fail ssl_3_0:1/1"),
        (Version::Ssl2, "fail ssl_2_0:1/1", "fail ssl_2_0:1/1"),
    ] {
        let facts = has(Some(version));
        assert_eq!(facts.says(C::Tls12), tls_1_2);
        assert_eq!(facts.says(C::Tls13), tls_1_3);
    }
    assert_eq!(has(None).says(C::Tls12), "unknown not_seen:1/1");
    assert_eq!(has(None).says(C::Tls13), "unknown not_seen:1/1");
}

#[test]
fn versions_are_known_by_the_words_of_the_column() {
    for (text, version) in [
        ("SSL 2.0", Version::Ssl2),
        ("SSL 3.0", Version::Ssl3),
        ("TLS 1.0", Version::Tls10),
        ("TLS 1.1", Version::Tls11),
        ("TLS 1.2", Version::Tls12),
        ("TLS 1.3", Version::Tls13),
    ] {
        assert_eq!(Version::of(text), Some(version));
    }
    assert_eq!(Version::of("TLS 2.0"), None);
}

#[test]
fn keys_are_ephemeral_or_static() {
    let has = |forward_secrecy| {
        one(Server {
            forward_secrecy,
            ..works()
        })
    };
    let only = "only = true";
    let yes = has(Some(true));
    assert_eq!(yes.says(C::ForwardSecrecy), "pass ephemeral:1/1");
    assert_eq!(yes.says_with(C::ForwardSecrecy, only), "unknown depth:1/1");
    let no = has(Some(false));
    let fails = "fail static_key_exchange:1/1";
    assert_eq!(no.says(C::ForwardSecrecy), fails);
    assert_eq!(no.says_with(C::ForwardSecrecy, only), fails);
    assert_eq!(has(None).says(C::ForwardSecrecy), "unknown not_seen:1/1");
}

#[test]
fn groups_are_hybrid_or_classical() {
    let has = |hybrid| one(Server { hybrid, ..works() }).says(C::PqKeyExchange);
    assert_eq!(has(Some(true)), "pass hybrid:1/1");
    assert_eq!(has(Some(false)), "fail classical:1/1");
    assert_eq!(has(None), "unknown not_seen:1/1");
}

#[test]
fn bare_hellos_are_not_sent_yet() {
    for check in [C::NoSsl, C::NoTls10Or11, C::NoWeakCiphers] {
        assert_eq!(one(works()).says(check), "unknown not_measured:1/1");
        let none = one(server(Answered::NotOffered));
        assert_eq!(none.says(check), "not_applicable no_starttls");
        assert_eq!(one(late()).says(check), "unknown timeout:0/1");
        assert_eq!(takes_none().says(check), "not_applicable no_mail");
    }
}

#[test]
fn a_check_against_a_list_wants_one() {
    for (check, list) in [
        (C::CiphersWithin, "suites = [\"TLS_AES_128_GCM_SHA256\"]"),
        (C::GroupsWithin, "groups = [\"x25519\"]"),
    ] {
        let facts = one(works());
        assert_eq!(facts.says(check), "unknown no_list:1/1");
        assert_eq!(facts.says_with(check, list), "unknown not_measured:1/1");
        let none = one(server(Answered::Refused));
        assert_eq!(none.says(check), "not_applicable no_starttls");
    }
}
