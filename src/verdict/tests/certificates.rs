//! The certificates of mail servers.

use CheckId as C;

use super::*;

/// A domain with one server that shows these chains.
fn showing(chains: &[Chain]) -> Facts {
    with(&[mx1(&[works()]).showing(chains)])
}

/// What is said of a chain that somebody else was shown, and does not name the host.
const OTHER: &str = "unknown not_observed_for_name:1/1";

#[test]
fn trust_is_what_every_store_says() {
    let in_stores = |trust: &[(&str, Pkix)], wanted: &str| {
        let trust = trust.iter().map(|(name, pkix)| ((*name).to_owned(), *pkix));
        let facts = showing(&[chain()]).but(|it| it.lists.trust = vec![trust.collect()]);
        facts.says_with(C::CertTrusted, wanted)
    };
    let (mozilla, both) = (
        "stores = [\"mozilla\"]",
        "stores = [\"mozilla\", \"microsoft\"]",
    );
    let valid = ("mozilla", Pkix::Valid);
    assert_eq!(in_stores(&[valid], mozilla), "pass trusted:1/1");
    assert_eq!(in_stores(&[valid], both), "unknown store_missing:1/1");
    assert_eq!(in_stores(&[], mozilla), "unknown store_missing:1/1");
    let all = [valid, ("microsoft", Pkix::Valid)];
    assert_eq!(in_stores(&all, both), "pass trusted:1/1");
    let one = [valid, ("microsoft", Pkix::UnknownIssuer)];
    assert_eq!(in_stores(&one, both), "fail unknown_issuer:1/1");
    assert_eq!(in_stores(&one, mozilla), "pass trusted:1/1");
    let none = [("microsoft", Pkix::SelfSigned)];
    assert_eq!(in_stores(&none, both), "fail self_signed:1/1");
}

#[test]
fn what_the_verifier_cannot_judge_is_no_fault_of_the_server() {
    let of = |pkix| {
        let trust = vec![vec![("mozilla".to_owned(), pkix)]];
        showing(&[chain()]).but(|it| it.lists.trust = trust)
    };
    for open in [
        Pkix::UnsupportedAlgorithm,
        Pkix::PathBudget,
        Pkix::Malformed,
        Pkix::Other,
    ] {
        let says = format!("unknown {open}:1/1");
        assert_eq!(of(open).says(C::CertTrusted), says);
    }
    for fault in [
        Pkix::SelfSigned,
        Pkix::UnknownIssuer,
        Pkix::MissingIntermediate,
        Pkix::BadSignature,
        Pkix::WeakKey,
        Pkix::Expired,
        Pkix::NotForServers,
        Pkix::CaAsLeaf,
        Pkix::NameConstraint,
    ] {
        let says = format!("fail {fault}:1/1");
        assert_eq!(of(fault).says(C::CertTrusted), says);
    }
}

#[test]
fn a_name_that_was_not_asked_for_says_why() {
    let beyond = Named {
        unseen: Some(ErrorCode::SniBudget),
        ..Named::default()
    };
    let unnamed = Chain {
        name_match: None,
        ..shared()
    };
    let of = |chains: &[Chain]| with(&[mx1(&[works()]).showing(chains).with(beyond)]);
    for check in [C::CertName, C::CertTrusted, C::CertCurrent, C::CertStrong] {
        assert_eq!(of(&[unnamed]).says(check), "unknown sni_budget:1/1");
        assert_eq!(of(&[]).says(check), "unknown sni_budget:1/1");
        assert_eq!(of(&[shared()]).says(check), "pass shared_chain:1/1");
    }
}

#[test]
fn a_leaf_names_its_host_or_not() {
    for (name_match, says) in [
        (Some(NameMatch::San), "pass named:1/1"),
        (Some(NameMatch::SanWildcard), "pass named:1/1"),
        (Some(NameMatch::CnOnly), "fail cn_only:1/1"),
        (Some(NameMatch::None), "fail mismatch:1/1"),
        (None, OTHER),
    ] {
        let facts = showing(&[Chain {
            name_match,
            ..chain()
        }]);
        assert_eq!(facts.says(C::CertName), says);
    }
}

#[test]
fn a_chain_is_within_its_validity_or_not() {
    for (dates, says) in [
        (Dates::Current, "pass current:1/1"),
        (Dates::Expired, "fail expired:1/1"),
        (Dates::NotYetValid, "fail not_yet_valid:1/1"),
        (Dates::Malformed, "unknown malformed:1/1"),
    ] {
        let facts = showing(&[Chain { dates, ..chain() }]);
        assert_eq!(facts.says(C::CertCurrent), says);
    }
}

#[test]
fn a_chain_that_somebody_else_was_shown_counts_only_where_it_is_good() {
    let all = [C::CertTrusted, C::CertName, C::CertCurrent, C::CertStrong];
    for check in all {
        let says = showing(&[shared()]).says(check);
        assert_eq!(says, "pass shared_chain:1/1", "{check}");
        for name_match in [None, Some(NameMatch::CnOnly)] {
            let unnamed = Chain {
                name_match,
                ..shared()
            };
            assert_eq!(showing(&[unnamed]).says(check), OTHER, "{check}");
        }
    }
    let bad = Chain {
        dates: Dates::Expired,
        trust: 1,
        keys: 1,
        ..shared()
    };
    let facts = || showing(&[bad]).but(|it| it.lists.keys.push(vec![weak()]));
    assert_eq!(facts().says(C::CertCurrent), OTHER);
    assert_eq!(facts().says(C::CertStrong), OTHER);
    assert_eq!(facts().says(C::CertTrusted), OTHER);
}

#[test]
fn a_pass_that_leans_on_another_name_says_so() {
    let facts = with(&[mx1(&[works()]), mx2(&[works()]).showing(&[shared()])]);
    assert_eq!(facts.says(C::CertName), "pass shared_chain:2/2");
    let facts = with(&[mx1(&[works()]).showing(&[shared()]), mx2(&[works()])]);
    assert_eq!(facts.says(C::CertName), "pass shared_chain:2/2");
}

#[test]
fn every_chain_that_was_seen_has_to_be_right() {
    let late = Chain {
        dates: Dates::Expired,
        ..chain()
    };
    let odd = Chain {
        dates: Dates::Malformed,
        ..chain()
    };
    let says = |chains: &[Chain]| showing(chains).says(C::CertCurrent);
    assert_eq!(says(&[chain(), chain()]), "pass current:1/1");
    assert_eq!(says(&[chain(), late]), "fail expired:1/1");
    assert_eq!(says(&[late, chain()]), "fail expired:1/1");
    assert_eq!(says(&[odd, chain()]), "unknown malformed:1/1");
    assert_eq!(says(&[chain(), odd]), "unknown malformed:1/1");
    assert_eq!(says(&[odd, late]), "fail expired:1/1");
    assert_eq!(says(&[]), "unknown not_seen:1/1");
}

fn weak() -> Key {
    Key {
        kind: Some("rsa".to_owned()),
        bits: Some(1024),
        curve: None,
        ..key()
    }
}

/// What is said of a chain with these keys.
fn with_keys(keys: Vec<Key>, parameters: &str) -> String {
    let facts = showing(&[chain()]).but(|it| it.lists.keys = vec![keys]);
    facts.says_with(C::CertStrong, parameters)
}

#[test]
fn keys_have_a_kind_and_a_size() {
    let rsa = |bits| Key { bits, ..weak() };
    let curve = |curve: Option<&str>| Key {
        curve: curve.map(str::to_owned),
        ..key()
    };
    let kind = |kind: Option<&str>| Key {
        kind: kind.map(str::to_owned),
        ..key()
    };
    for (key, says) in [
        (rsa(Some(2048)), "pass strong:1/1"),
        (rsa(Some(2047)), "fail weak_key:1/1"),
        (rsa(None), "unknown malformed:1/1"),
        (curve(Some("P-521")), "pass strong:1/1"),
        (curve(Some("P-224")), "fail key_not_listed:1/1"),
        (curve(None), "unknown malformed:1/1"),
        (kind(Some("ed448")), "pass strong:1/1"),
        (kind(Some("other")), "unknown unknown_key:1/1"),
        (kind(None), "unknown malformed:1/1"),
    ] {
        assert_eq!(with_keys(vec![key.clone()], ""), says, "{key:?}");
    }
    let small = with_keys(vec![rsa(Some(2048))], "rsa_min_bits = 3072");
    assert_eq!(small, "fail weak_key:1/1");
    let only_rsa = with_keys(vec![key()], "key_types = [\"rsa\"]");
    assert_eq!(only_rsa, "fail key_not_listed:1/1");
    let other_curve = with_keys(vec![key()], "curves = [\"P-384\"]");
    assert_eq!(other_curve, "fail key_not_listed:1/1");
}

#[test]
fn signatures_have_a_hash_but_roots_are_not_asked_for_theirs() {
    let signed = |hash: Option<&str>, signature: Option<&str>| Key {
        hash: hash.map(str::to_owned),
        signature: signature.map(str::to_owned),
        ..key()
    };
    let sha1 = || signed(Some("sha1"), Some("sha1WithRSAEncryption"));
    let root = Key {
        is_self_signed: true,
        ..sha1()
    };
    let weak_root = Key {
        bits: Some(1024),
        kind: Some("rsa".to_owned()),
        ..root.clone()
    };
    for (keys, says) in [
        (vec![signed(Some("sha384"), None)], "pass strong:1/1"),
        (vec![sha1()], "fail weak_signature:1/1"),
        (vec![signed(None, Some("ed25519"))], "pass strong:1/1"),
        (vec![signed(None, Some("ed448"))], "pass strong:1/1"),
        (
            vec![signed(None, Some("1.2.3"))],
            "unknown unknown_signature:1/1",
        ),
        (vec![signed(None, None)], "unknown unknown_signature:1/1"),
        (vec![key(), root], "pass strong:1/1"),
        (vec![key(), weak_root], "fail weak_key:1/1"),
        (vec![signed(None, None), sha1()], "fail weak_signature:1/1"),
        (vec![Key::default(), key()], "unknown malformed:1/1"),
        (vec![], "unknown not_seen:1/1"),
    ] {
        assert_eq!(with_keys(keys.clone(), ""), says, "{keys:?}");
    }
    let strict = with_keys(vec![key()], "hashes = [\"sha512\"]");
    assert_eq!(strict, "fail weak_signature:1/1");
}

#[test]
fn certificates_are_behind_starttls() {
    for check in [C::CertTrusted, C::CertName, C::CertCurrent, C::CertStrong] {
        let none = with(&[mx1(&[server(Answered::NotOffered)])]);
        assert_eq!(none.says(check), "not_applicable no_starttls");
        let open = with(&[mx1(&[server(Answered::Broken)])]);
        assert_eq!(open.says(check), "unknown handshake:1/1");
        assert_eq!(takes_none().says(check), "not_applicable no_mail");
    }
}
