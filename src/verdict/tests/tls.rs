//! STARTTLS, and versions, suites and groups behind it.

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
        (Answered::Broken, "fail handshake:1/1"),
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
fn what_is_behind_a_handshake_that_breaks_is_not_known() {
    for check in [C::Tls12, C::Tls13, C::NoSsl, C::NoWeakCiphers, C::CertName] {
        let facts = one(server(Answered::Broken));
        assert_eq!(facts.says(check), "unknown handshake:1/1", "{check}");
    }
}

#[test]
fn a_version_is_the_newest_that_the_server_has() {
    let has = |version| one(only(version));
    for (version, tls_1_2, tls_1_3) in [
        (Version::Tls1_3, "pass tls_1_3:1/1", "pass tls_1_3:1/1"),
        (Version::Tls1_2, "pass tls_1_2:1/1", "fail tls_1_2:1/1"),
        (Version::Tls1_1, "fail tls_1_1:1/1", "fail tls_1_1:1/1"),
        (Version::Tls1_0, "fail tls_1_0:1/1", "fail tls_1_0:1/1"),
        (Version::Ssl3, "fail ssl_3_0:1/1", "fail ssl_3_0:1/1"),
        (Version::Ssl2, "fail ssl_2_0:1/1", "fail ssl_2_0:1/1"),
    ] {
        let facts = has(Some(version));
        assert_eq!(facts.says(C::Tls12), tls_1_2);
        assert_eq!(facts.says(C::Tls13), tls_1_3);
    }
    assert_eq!(has(None).says(C::Tls12), "unknown not_seen:1/1");
    assert_eq!(has(None).says(C::Tls13), "unknown not_seen:1/1");
    let none = one(behind(|tls| tls.versions = [VersionResult::Refused; 6]));
    assert_eq!(none.says(C::Tls12), "fail refused:1/1");
}

/// A server with these results, oldest version first: unknown, accepted, refused, implied.
fn of_versions(results: &str) -> Facts {
    let result = |letter| match letter {
        '?' => VersionResult::Unknown,
        '+' => VersionResult::Accepted,
        '-' => VersionResult::Refused,
        _ => VersionResult::ImpliedRefused,
    };
    let results: Vec<_> = results.chars().map(result).collect();
    let versions = results.try_into().expect("six");
    one(behind(|tls| {
        tls.versions = versions;
        tls.old = Gap::Failed(ErrorCode::Reset);
        tls.ssl2 = Gap::Depth;
    }))
}

#[test]
fn one_version_more_is_enough_for_the_version_or_newer() {
    // At standard depth a server with TLS 1.3 is not asked for TLS 1.2.
    assert_eq!(of_versions("i---?+").says(C::Tls12), "pass tls_1_3:1/1");
    assert_eq!(of_versions("----+?").says(C::Tls12), "pass tls_1_2:1/1");
    assert_eq!(of_versions("----+?").says(C::Tls13), "unknown not_seen:1/1");
    for open in ["???+-?", "???+?-", "??????"] {
        let says = of_versions(open).says(C::Tls12);
        assert_eq!(says, "unknown not_seen:1/1", "{open}");
    }
}

#[test]
fn old_versions_are_accepted_refused_or_not_known() {
    for (versions, no_ssl, no_old_tls) in [
        ("------", "pass refused:1/1", "pass refused:1/1"),
        ("i---?+", "pass ssl2_implied:1/1", "pass refused:1/1"),
        ("?---+-", "unknown depth:1/1", "pass refused:1/1"),
        ("i?+-+-", "unknown reset:1/1", "fail tls_1_0:1/1"),
        ("i??++-", "unknown reset:1/1", "fail tls_1_1:1/1"),
        ("i???+-", "unknown reset:1/1", "unknown reset:1/1"),
        ("?+---+", "fail ssl_3_0:1/1", "pass refused:1/1"),
        ("++--+-", "fail ssl_2_0:1/1", "pass refused:1/1"),
        ("-+++++", "fail ssl_3_0:1/1", "fail tls_1_0:1/1"),
        ("+?-?+?", "fail ssl_2_0:1/1", "unknown reset:1/1"),
    ] {
        let facts = of_versions(versions);
        assert_eq!(facts.says(C::NoSsl), no_ssl, "{versions}");
        assert_eq!(facts.says(C::NoTls10Or11), no_old_tls, "{versions}");
    }
}

#[test]
fn one_server_with_an_old_version_fails_the_domain() {
    let old = behind(|tls| tls.versions[Version::Tls1_0 as usize] = VersionResult::Accepted);
    let facts = with(&[mx1(&[works()]), mx2(&[works(), old])]);
    assert_eq!(facts.says(C::NoTls10Or11), "fail tls_1_0:3/3");
    assert_eq!(facts.says(C::NoSsl), "pass ssl2_implied:3/3");
    let open = behind(|tls| tls.versions = [VersionResult::Unknown; 6]);
    let facts = with(&[mx1(&[open]), mx2(&[old])]);
    assert_eq!(facts.says(C::NoTls10Or11), "fail tls_1_0:2/2");
    assert_eq!(facts.says(C::NoSsl), "unknown not_seen:2/2");
}

#[test]
fn versions_are_known_by_the_words_of_the_column() {
    for (text, version) in [
        ("SSL 2.0", Version::Ssl2),
        ("SSL 3.0", Version::Ssl3),
        ("TLS 1.0", Version::Tls1_0),
        ("TLS 1.1", Version::Tls1_1),
        ("TLS 1.2", Version::Tls1_2),
        ("TLS 1.3", Version::Tls1_3),
    ] {
        assert_eq!(Version::of_name(text), Some(version));
    }
    assert_eq!(Version::of_name("TLS 2.0"), None);
}

#[test]
fn weak_suites_are_accepted_refused_or_not_known() {
    let says = |weak| one(behind(|tls| tls.weak = weak)).says(C::NoWeakCiphers);
    assert_eq!(says(Weak::Refused), "pass refused:1/1");
    for (gap, word) in [
        (Gap::NotSeen, "not_seen"),
        (Gap::NotMeasured, "not_measured"),
        (Gap::Failed(ErrorCode::Timeout), "timeout"),
    ] {
        assert_eq!(says(Weak::Open(gap)), format!("unknown {word}:1/1"));
    }
    for (weakness, word) in [
        (Weakness::Null, "null"),
        (Weakness::Anonymous, "anonymous"),
        (Weakness::Export, "export"),
        (Weakness::Rc4, "rc4"),
        (Weakness::Des, "des"),
        (Weakness::TripleDes, "3des"),
        (Weakness::Md5, "md5"),
        (Weakness::Other, "weak"),
    ] {
        let says = says(Weak::Accepted(weakness));
        assert_eq!(says, format!("fail {word}:1/1"));
    }
}

#[test]
fn keys_are_ephemeral_or_static() {
    let has = |forward_secrecy| one(behind(|tls| tls.forward_secrecy = forward_secrecy));
    let yes = has(Some(true));
    assert_eq!(yes.says(C::ForwardSecrecy), "pass ephemeral:1/1");
    let no = has(Some(false));
    assert_eq!(no.says(C::ForwardSecrecy), STATIC);
    assert_eq!(no.says_with(C::ForwardSecrecy, ONLY), STATIC);
    assert_eq!(has(None).says(C::ForwardSecrecy), "unknown not_seen:1/1");
}

const ONLY: &str = "only = true";
const STATIC: &str = "fail static_key_exchange:1/1";

#[test]
fn that_only_ephemeral_keys_are_accepted_takes_a_deep_survey() {
    let says = |static_keys, gap| {
        let facts = one(behind(|tls| {
            (tls.static_keys, tls.suites.gap) = (static_keys, gap);
        }));
        facts.says_with(C::ForwardSecrecy, ONLY)
    };
    let depth = Some(Gap::Depth);
    assert_eq!(says(Some(false), depth), "unknown depth:1/1");
    assert_eq!(says(Some(false), None), "pass only_ephemeral:1/1");
    let late = Some(Gap::Failed(ErrorCode::Timeout));
    assert_eq!(says(Some(false), late), "unknown timeout:1/1");
    // A suite that was seen decides at any depth.
    assert_eq!(says(Some(true), depth), STATIC);
    assert_eq!(says(Some(true), None), STATIC);
    assert_eq!(says(None, None), "unknown not_seen:1/1");
    // Of the handshake it has to be known, too.
    let open = one(behind(|tls| {
        (tls.forward_secrecy, tls.suites.gap) = (None, None);
    }));
    let says = open.says_with(C::ForwardSecrecy, ONLY);
    assert_eq!(says, "unknown not_seen:1/1");
}

#[test]
fn groups_are_hybrid_or_classical() {
    let has = |hybrid| one(behind(|tls| tls.hybrid = hybrid)).says(C::PqKeyExchange);
    assert_eq!(has(Some(true)), "pass hybrid:1/1");
    assert_eq!(has(Some(false)), "fail classical:1/1");
    assert_eq!(has(None), "unknown not_seen:1/1");
}

#[test]
fn what_is_not_there_is_not_judged() {
    for check in [C::NoSsl, C::NoTls10Or11, C::NoWeakCiphers, C::CiphersWithin] {
        let none = one(server(Answered::NotOffered));
        assert_eq!(none.says(check), "not_applicable no_starttls");
        assert_eq!(one(late()).says(check), "unknown timeout:0/1");
        assert_eq!(takes_none().says(check), "not_applicable no_mail");
    }
}

#[test]
fn a_check_against_a_list_wants_one() {
    for check in [C::CiphersWithin, C::GroupsWithin] {
        let facts = one(works());
        assert_eq!(facts.says(check), "unknown no_list:1/1");
        let none = one(server(Answered::Refused));
        assert_eq!(none.says(check), "not_applicable no_starttls");
    }
}

#[test]
fn what_was_seen_outside_a_list_fails_and_only_all_of_it_passes() {
    let cases = [
        (C::CiphersWithin, "suites = [\"TLS_A\", \"TLS_B\"]", SUITES),
        (C::GroupsWithin, "groups = [\"TLS_A\", \"TLS_B\"]", GROUPS),
    ];
    for (check, list, place) in cases {
        let says = |accepted: &[&str], gap| {
            let facts = one(behind(|tls| (tls.suites.gap, tls.groups.gap) = (gap, gap)));
            let facts = facts.but(|it| it.lists.names[place as usize] = names(accepted));
            facts.says_with(check, list)
        };
        let depth = Some(Gap::Depth);
        assert_eq!(says(&["TLS_B", "TLS_A"], None), "pass within:1/1");
        assert_eq!(says(&[], None), "pass within:1/1");
        assert_eq!(says(&["TLS_B"], depth), "unknown depth:1/1");
        let reset = Some(Gap::Failed(ErrorCode::Reset));
        assert_eq!(says(&["TLS_B"], reset), "unknown reset:1/1");
        for gap in [depth, None] {
            let says = says(&["TLS_A", "TLS_C"], gap);
            assert_eq!(says, "fail not_in_list:1/1");
        }
    }
}
