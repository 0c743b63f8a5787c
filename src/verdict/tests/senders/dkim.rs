//! DKIM: what was found, and what that says.

use CheckId as C;
use DkimExistence as E;

use super::*;

fn having(dkim: Dkim) -> Facts {
    with(&[mx1(&[works()])]).but(|it| it.domain.dkim = dkim)
}

fn key(change: impl FnOnce(&mut DkimKey)) -> DkimKey {
    let mut key = dkim_key();
    change(&mut key);
    key
}

fn revoked() -> DkimKey {
    key(|key| (key.revoked, key.bits) = (true, None))
}

fn broken() -> DkimKey {
    key(|key| (key.fault, key.bits) = (Some(Fault::BadKey), None))
}

#[test]
fn what_was_seen_decides() {
    for (existence, says) in [
        (E::SubtreeExists, "pass subtree"),
        (E::Absent, "fail no_key"),
        (E::Wildcard, "unknown wildcard"),
        (E::CompactDenial, "unknown compact_denial"),
        (E::Unknown, "unknown not_measured"),
    ] {
        assert_eq!(having(dkim_seen(existence)).says(C::Dkim), says);
        let found = Dkim {
            keys: vec![revoked(), dkim_key()],
            ..dkim_seen(existence)
        };
        assert_eq!(having(found).says(C::Dkim), "pass key", "{existence}");
    }
    assert_eq!(having(dkim(&[dkim_key()])).says(C::Dkim), "pass key");
}

#[test]
fn a_question_without_an_answer_decides_nothing() {
    for existence in [E::KeyFound, E::Wildcard, E::CompactDenial, E::Unknown] {
        let open = Dkim {
            error: Some(ErrorCode::Timeout),
            keys: vec![revoked(), broken()],
            ..dkim_seen(existence)
        };
        let says = having(open).says(C::Dkim);
        assert_eq!(says, "unknown timeout", "{existence}");
    }
}

#[test]
fn keys_that_cannot_be_used_are_none() {
    let gone = ("fail revoked_only", "not_applicable no_dkim");
    let open = ("unknown unusable_key", "unknown unusable_key");
    for (keys, says) in [
        (vec![revoked()], gone),
        (vec![revoked(), revoked()], gone),
        (vec![broken()], open),
        (vec![revoked(), broken()], open),
    ] {
        let facts = having(dkim(&keys));
        assert_eq!(
            (
                facts.says(C::Dkim).as_str(),
                facts.says(C::DkimKeys).as_str()
            ),
            says
        );
    }
}

#[test]
fn an_empty_key_at_every_selector_takes_back_all() {
    let wildcard = |value: &str| Dkim {
        wildcard_value: Some(value.to_owned()),
        ..dkim_seen(E::Wildcard)
    };
    for value in ["v=DKIM1; p=", "v=DKIM1;p=;"] {
        assert_eq!(having(wildcard(value)).says(C::Dkim), "fail revoked_only");
    }
    // As the tables write it: the byte itself breaks the grammar.
    let strange = having(wildcard("v=DKIM1; n=\\xff; p="));
    assert_eq!(strange.says(C::Dkim), "unknown wildcard");
    let other = having(wildcard("v=spf1 -all"));
    assert_eq!(other.says(C::Dkim), "unknown wildcard");
}

#[test]
fn every_live_key_has_to_be_strong() {
    let ed25519 = || key(|key| (key.key_type, key.bits) = (Some("ed25519".into()), Some(256)));
    let short = |bits| key(|key| key.bits = Some(bits));
    let testing = || key(|key| key.testing = true);
    let unread = || key(|key| key.bits = None);
    for (keys, says) in [
        (vec![dkim_key()], "pass strong:1/1"),
        (vec![ed25519(), short(1024)], "pass strong:2/2"),
        (vec![short(1023), dkim_key()], "fail weak_key:1/2"),
        (vec![testing(), short(512)], "fail weak_key:1/2"),
        (vec![testing(), dkim_key()], "fail testing:1/2"),
        (vec![unread(), testing()], "fail testing:1/2"),
        (vec![unread(), dkim_key()], "unknown key_unknown:1/2"),
        (vec![dkim_key(), revoked(), broken()], "pass strong:1/1"),
        (
            vec![key(|key| key.key_type = Some("dsa".into()))],
            "fail weak_key:1/1",
        ),
        (
            vec![key(|key| key.key_type = None)],
            "unknown key_unknown:1/1",
        ),
    ] {
        assert_eq!(having(dkim(&keys)).says(C::DkimKeys), says);
    }
    let facts = having(dkim(&[short(1024)]));
    let says = facts.says_with(C::DkimKeys, "rsa_min_bits = 2048");
    assert_eq!(says, "fail weak_key:1/1");
}

#[test]
fn keys_that_nobody_has_seen_are_not_judged() {
    let says = |dkim| having(dkim).says(C::DkimKeys);
    assert_eq!(
        says(dkim_seen(E::SubtreeExists)),
        "unknown selector_unknown"
    );
    assert_eq!(says(dkim_seen(E::Absent)), "not_applicable no_dkim");
    assert_eq!(says(dkim_seen(E::Wildcard)), "unknown wildcard");
    let half = |key| Dkim {
        error: Some(ErrorCode::Timeout),
        ..dkim(&[key])
    };
    assert_eq!(says(half(dkim_key())), "unknown timeout");
    let weak = key(|key| key.bits = Some(512));
    assert_eq!(
        says(half(weak)),
        "fail weak_key:1/1",
        "what was seen decides"
    );
}
