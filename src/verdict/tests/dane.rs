//! DANE for SMTP.

use CheckId::{DanePublished, DaneRollover, DaneValid};

use super::*;

const HOST_ONLY: &str = "host_only = true";

fn insecure(hosts: &[At]) -> Facts {
    with(hosts).but(|it| it.domain.mx.security = Security::Insecure)
}

fn good() -> At {
    mx1(&[works()])
}

fn none() -> At {
    mx2(&[works()]).but(|host| {
        (host.tlsa, host.usable) = (Outcome::Absent, 0);
    })
}

fn stranger() -> Chain {
    Chain {
        matches: 0,
        ..chain()
    }
}

/// The first mail host, which was shown these chains, each of them so often, and whose records were
/// asked for again with this outcome.
fn doubted(chains: &[Chain], seen: u8, again: Again) -> At {
    let seen = |chain: &Chain| Chain { seen, ..*chain };
    let chains: Vec<_> = chains.iter().map(seen).collect();
    mx1(&[works()]).showing(&chains).with(Named {
        again,
        ..Named::default()
    })
}

/// The same where a second handshake and the records agree with the first ones.
fn twice(chains: &[Chain]) -> At {
    doubted(chains, 2, Again::Found)
}

#[test]
fn records_are_published_where_the_whole_way_is_signed() {
    let says = |hosts: &[At]| with(hosts).says(DanePublished);
    assert_eq!(says(&[good(), mx2(&[works()])]), "pass tlsa:2/2");
    let absent = nowhere("mx2.example.cz", Outcome::Absent);
    assert_eq!(says(&[good(), absent]), "pass tlsa:1/2");
    assert_eq!(insecure(&[good()]).says(DanePublished), "fail mx_insecure");
    let open = with(&[good()]).but(|it| it.domain.mx.security = Security::NotChecked);
    assert_eq!(open.says(DanePublished), "unknown not_checked");
    for facts in [insecure(&[good()]), open] {
        assert_eq!(facts.says_with(DanePublished, HOST_ONLY), "pass tlsa:1/1");
    }
    assert_eq!(takes_none().says(DanePublished), "not_applicable no_mail");
    assert_eq!(gone().says(DanePublished), "not_applicable nxdomain");
    assert_eq!(lost().says(DanePublished), "unknown servfail");
}

#[test]
fn hosts_of_a_domain_of_which_nothing_is_known_decide_nothing() {
    let bare = mx1(&[Server {
        starttls: Answered::NotOffered,
        ..works()
    }]);
    let facts = with(&[bare]).but(|it| it.domain.existence = Existence::Failed);
    assert_eq!(facts.says_with(DaneValid, HOST_ONLY), "unknown no_answer");
}

#[test]
fn what_a_host_lacks_is_named() {
    let says = |change: &dyn Fn(&mut Host)| with(&[good().but(change)]).says(DanePublished);
    for (security, reason) in [
        (Security::Insecure, "fail host_insecure"),
        (Security::Bogus, "fail host_insecure"),
        (Security::NotChecked, "unknown not_checked"),
        (Security::Indeterminate, "unknown not_checked"),
    ] {
        assert_eq!(says(&|host| host.security = security), reason);
    }
    for (outcome, security, reason) in [
        (Outcome::Absent, Security::Secure, "fail no_tlsa"),
        (Outcome::Absent, Security::Bogus, "fail tlsa_bogus"),
        (Outcome::Found, Security::Bogus, "fail tlsa_bogus"),
        (Outcome::Found, Security::Insecure, "fail tlsa_insecure"),
        (Outcome::Found, Security::NotChecked, "unknown not_checked"),
        (
            Outcome::Found,
            Security::Indeterminate,
            "unknown not_checked",
        ),
        (
            Outcome::Failed,
            Security::NotChecked,
            "unknown tlsa_unknown",
        ),
        (
            Outcome::NotAttempted,
            Security::NotChecked,
            "unknown tlsa_unknown",
        ),
    ] {
        let change = |host: &mut Host| (host.tlsa, host.tlsa_security) = (outcome, security);
        assert_eq!(says(&change), reason, "{outcome} {security}");
    }
    assert_eq!(says(&|host| host.usable = 0), "fail tlsa_unusable");
}

#[test]
fn hosts_of_which_not_all_is_known_leave_it_open() {
    let says = |hosts: &[At]| with(hosts).says(DanePublished);
    let open = || nowhere("mx3.example.cz", Outcome::Failed);
    assert_eq!(says(&[good(), open()]), "unknown addresses_unknown");
    assert_eq!(
        says(&[open(), none()]),
        "fail no_tlsa",
        "what was seen decides"
    );
    let never = At {
        facts: None,
        ..mx2(&[])
    };
    assert_eq!(says(&[good(), never]), "unknown host_unknown");
    let more = with(&[good()]).but(|it| it.domain.mx.truncated = true);
    assert_eq!(more.says(DanePublished), "unknown mx_truncated");
    let more = more.but(|it| it.hosts = vec![none()]);
    assert_eq!(more.says(DanePublished), "fail no_tlsa");
}

#[test]
fn every_certificate_has_to_match_a_usable_record() {
    let says = |hosts: &[At]| with(hosts).says(DaneValid);
    assert_eq!(says(&[good()]), "pass matched:1/1");
    assert_eq!(says(&[mx1(&[works(), late()])]), "pass matched:1/2");
    assert_eq!(says(&[mx1(&[late()])]), "unknown timeout:0/1");
    let lax = with(&[good(), mx2(&[late()])]);
    assert_eq!(lax.says(DaneValid), "unknown timeout:1/2");
    let ignore = "unreached = \"ignore\"";
    assert_eq!(lax.says_with(DaneValid, ignore), "pass matched:1/2");
    assert_eq!(says(&[good().showing(&[])]), "unknown not_seen:1/1");
    let unusable = Chain {
        matches: 0b10,
        ..chain()
    };
    let at = twice(&[unusable]);
    assert_eq!(says(&[at]), "fail mismatch:1/1");
}

#[test]
fn a_mismatch_counts_when_it_was_seen_twice_and_the_records_are_still_those() {
    let says = |at: At| with(&[at]).says(DaneValid);
    let mismatch = "fail mismatch:1/1";
    assert_eq!(
        says(good().showing(&[stranger()])),
        "unknown unconfirmed:1/1"
    );
    assert_eq!(says(twice(&[stranger()])), mismatch);
    // Another certificate each time, and none that is wanted.
    let two = [stranger(), stranger()];
    assert_eq!(says(doubted(&two, 1, Again::Found)), mismatch);
    for (again, reason) in [
        (Again::NotAsked, "unknown unconfirmed:1/1"),
        (Again::Failed, "unknown tlsa_unknown:1/1"),
        (Again::Gone, "unknown tlsa_changed:1/1"),
    ] {
        assert_eq!(says(doubted(&[stranger()], 2, again)), reason);
    }
    let once = doubted(&[stranger()], 1, Again::Found);
    assert_eq!(says(once), "unknown unconfirmed:1/1");
    assert_eq!(
        says(good().showing(&[chain(), chain()])),
        "pass matched:1/1"
    );
    for chains in [[chain(), stranger()], [stranger(), chain()]] {
        let at = good().showing(&chains);
        assert_eq!(says(at), "unknown inconsistent:1/1");
    }
}

#[test]
fn records_that_were_changed_in_between_are_no_mismatch() {
    let says = |chains: &[Chain]| with(&[twice(chains)]).says(DaneValid);
    let rolled = Chain {
        matches_again: true,
        ..stranger()
    };
    assert_eq!(says(&[rolled]), "pass tlsa_changed:1/1");
    assert_eq!(says(&[rolled, rolled]), "pass tlsa_changed:1/1");
    assert_eq!(says(&[rolled, stranger()]), "unknown inconsistent:1/1");
    // What was right before is not right for ever.
    assert_eq!(says(&[chain()]), "fail mismatch:1/1");
}

#[test]
fn each_kind_of_key_needs_a_record() {
    let rsa = |chain: Chain| Chain {
        is_rsa: true,
        matches_again: chain.matches != 0,
        ..chain
    };
    let ecdsa = |chain: Chain| Chain {
        is_rsa: false,
        ..rsa(chain)
    };
    let says = |at: At| with(&[at]).says(DaneValid);
    let both = [rsa(chain()), ecdsa(chain())];
    assert_eq!(says(good().showing(&both)), "pass matched:1/1");
    for chains in [
        [rsa(chain()), ecdsa(stranger())],
        [rsa(stranger()), ecdsa(chain())],
    ] {
        assert_eq!(says(twice(&chains)), "fail mismatch:1/1");
        let once = good().showing(&chains);
        assert_eq!(says(once), "unknown unconfirmed:1/1");
    }
    let rolled = Chain {
        matches_again: true,
        ..rsa(stranger())
    };
    for chains in [[rolled, ecdsa(chain())], [ecdsa(chain()), rolled]] {
        assert_eq!(says(twice(&chains)), "pass tlsa_changed:1/1");
    }
}

#[test]
fn a_chain_that_somebody_else_was_shown_counts_only_where_it_matches() {
    let says = |chain| with(&[good().showing(&[chain])]).says(DaneValid);
    assert_eq!(says(shared()), "pass shared_chain:1/1");
    let other = Chain {
        matches: 0,
        ..shared()
    };
    assert_eq!(says(other), "unknown not_observed_for_name:1/1");
    let beyond = Named {
        unseen: Some(ErrorCode::SniBudget),
        ..Named::default()
    };
    let at = good().showing(&[other]).with(beyond);
    assert_eq!(with(&[at]).says(DaneValid), "unknown sni_budget:1/1");
}

#[test]
fn records_without_starttls_keep_mail_away() {
    let says = |answer| with(&[mx1(&[server(answer)])]).says(DaneValid);
    for none in [Answered::NotOffered, Answered::Refused, Answered::Stripped] {
        assert_eq!(says(none), "fail no_starttls:1/1");
    }
    assert_eq!(says(Answered::Vantage), "unknown vantage:1/1");
    assert_eq!(says(Answered::Unconfirmed), "unknown unconfirmed:1/1");
    assert_eq!(says(Answered::Broken), "unknown handshake:1/1");
    assert_eq!(says(Answered::Inconsistent), "unknown inconsistent:1/1");
}

#[test]
fn what_is_not_published_cannot_be_valid() {
    let says = |hosts: &[At]| with(hosts).says(DaneValid);
    assert_eq!(says(&[none()]), "not_applicable no_tlsa");
    let unusable = good().but(|host| host.usable = 0);
    assert_eq!(says(&[unusable]), "not_applicable no_tlsa");
    let plain = good().but(|host| host.security = Security::Insecure);
    assert_eq!(says(&[plain]), "not_applicable no_dnssec");
    let bogus = good().but(|host| host.tlsa_security = Security::Bogus);
    assert_eq!(says(&[bogus]), "not_applicable no_dnssec");
    let plain = insecure(&[good()]);
    assert_eq!(plain.says(DaneValid), "not_applicable no_dnssec");
    assert_eq!(plain.says_with(DaneValid, HOST_ONLY), "pass matched:1/1");
    let open = with(&[good()]).but(|it| it.domain.mx.security = Security::NotChecked);
    assert_eq!(open.says(DaneValid), "unknown not_checked");
    let lost = good().but(|host| host.tlsa = Outcome::Failed);
    assert_eq!(says(&[lost]), "unknown tlsa_unknown");
    assert_eq!(takes_none().says(DaneValid), "not_applicable no_mail");
    assert_eq!(gone().says(DaneValid), "not_applicable nxdomain");
}

#[test]
fn hosts_with_records_are_judged_beside_hosts_without() {
    let says = |hosts: &[At]| with(hosts).says(DaneValid);
    let bad = || twice(&[stranger()]);
    assert_eq!(says(&[good(), none()]), "not_applicable no_tlsa");
    assert_eq!(says(&[bad(), none()]), "fail mismatch:1/1");
    assert_eq!(says(&[mx1(&[late()]), none()]), "not_applicable no_tlsa");
    let open = || nowhere("mx3.example.cz", Outcome::Failed);
    assert_eq!(says(&[good(), open()]), "unknown addresses_unknown");
    assert_eq!(says(&[bad(), open()]), "fail mismatch:1/1");
    let plain = insecure(&[bad()]);
    assert_eq!(plain.says(DaneValid), "not_applicable no_dnssec");
}

#[test]
fn a_change_of_keys_is_prepared_by_a_record_more() {
    let records = |usable, anchors, matches| {
        let at = good().showing(&[Chain { matches, ..chain() }]);
        let at = at.but(|host| (host.usable, host.anchors) = (usable, anchors));
        with(&[at]).says(DaneRollover)
    };
    assert_eq!(records(0b01, 0, 0b01), "fail single_record");
    assert_eq!(records(0b11, 0b10, 0b11), "pass two_usages");
    assert_eq!(records(0b11, 0, 0b11), "fail all_in_use");
    assert_eq!(records(0b11, 0b11, 0b11), "fail all_in_use");
    let second = "unknown second_certificate_not_measured";
    assert_eq!(records(0b11, 0, 0b01), second);
    assert_eq!(records(0b11, 0b10, 0b01), second);
    let known = |matches| {
        let at = good().showing(&[Chain { matches, ..chain() }]).with(Named {
            knows_other_key: true,
            ..Named::default()
        });
        let at = at.but(|host| host.usable = 0b11);
        with(&[at]).says(DaneRollover)
    };
    assert_eq!(known(0b01), "pass next_key");
    assert_eq!(known(0b11), "fail all_in_use");
    assert_eq!(records(0b11, 0, 0), "unknown not_seen");
    assert_eq!(records(0b11, 0, 0b100), "unknown not_seen", "no usable one");
}

#[test]
fn a_change_of_keys_presupposes_records() {
    let says = |facts: Facts| facts.says(DaneRollover);
    assert_eq!(says(with(&[none()])), "not_applicable no_tlsa");
    assert_eq!(says(insecure(&[good()])), "not_applicable no_dnssec");
    let lost = good().but(|host| host.tlsa = Outcome::Failed);
    assert_eq!(says(with(&[lost])), "unknown tlsa_unknown");
    assert_eq!(says(takes_none()), "not_applicable no_mail");
    let plain = good().but(|host| host.security = Security::Bogus);
    assert_eq!(says(with(&[plain])), "not_applicable no_dnssec");
    let absent = nowhere("mx2.example.cz", Outcome::Absent);
    assert_eq!(says(with(&[absent, good()])), "fail single_record");
}
