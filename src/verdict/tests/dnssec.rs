//! DNSSEC of the domain and of its mail hosts, and how strong it is.

use CheckId::{DnssecAlgorithms, DnssecDomain, DnssecMailHosts};

use super::*;

fn secure() -> Facts {
    with(&[mx1(&[works()])])
}

#[test]
fn dnssec_of_the_domain_is_the_status_of_the_mx_answer() {
    for (security, says) in [
        (Security::Secure, "pass secure"),
        (Security::Insecure, "fail insecure"),
        (Security::Bogus, "fail bogus"),
        (Security::Indeterminate, "unknown not_checked"),
        (Security::NotChecked, "unknown not_checked"),
    ] {
        for kind in [MxKind::Explicit, MxKind::None, MxKind::Null] {
            let facts = of_kind(Some(kind), &[]).but(|it| it.domain.mx.security = security);
            assert_eq!(facts.says(DnssecDomain), says);
        }
    }
    let open = of_kind(None, &[]);
    assert_eq!(open.says(DnssecDomain), "unknown servfail");
    let bogus = open.but(|it| it.domain.mx.security = Security::Bogus);
    assert_eq!(bogus.says(DnssecDomain), "unknown servfail");
    assert_eq!(gone().says(DnssecDomain), "not_applicable nxdomain");
    assert_eq!(lost().says(DnssecDomain), "unknown servfail");
}

#[test]
fn dnssec_of_the_hosts_is_that_of_their_addresses() {
    for (security, says) in [
        (Security::Secure, "pass secure:2/2"),
        (Security::Insecure, "fail host_insecure"),
        (Security::Bogus, "fail host_bogus"),
        (Security::Indeterminate, "unknown not_checked"),
        (Security::NotChecked, "unknown not_checked"),
    ] {
        let other = mx2(&[works()]).but(|host| host.security = security);
        assert_eq!(with(&[mx1(&[works()]), other]).says(DnssecMailHosts), says);
    }
    let says = |at| with(&[mx1(&[works()]), at]).says(DnssecMailHosts);
    let nowhere = |outcome| nowhere("mx2.example.cz", outcome);
    assert_eq!(says(nowhere(Outcome::Absent)), "pass secure:1/2");
    assert_eq!(says(nowhere(Outcome::Failed)), "unknown addresses_unknown");
    assert_eq!(
        says(nowhere(Outcome::NotAttempted)),
        "unknown addresses_unknown"
    );
    let never = At {
        facts: None,
        ..mx2(&[])
    };
    assert_eq!(says(never), "unknown host_unknown");
    let more = secure().but(|it| it.domain.mx.truncated = true);
    assert_eq!(more.says(DnssecMailHosts), "unknown mx_truncated");
}

#[test]
fn dnssec_of_the_hosts_is_that_of_their_tlsa_records_too() {
    use Outcome::{Absent, Failed, Found, NotAttempted};
    for (outcome, security, says) in [
        (Found, Security::Secure, "pass secure:1/1"),
        (Absent, Security::Secure, "pass secure:1/1"),
        (Found, Security::Insecure, "fail tlsa_insecure"),
        (Absent, Security::Insecure, "fail tlsa_insecure"),
        (Absent, Security::Bogus, "fail tlsa_bogus"),
        (Found, Security::Indeterminate, "unknown not_checked"),
        (Absent, Security::NotChecked, "unknown not_checked"),
        (Failed, Security::NotChecked, "unknown tlsa_unknown"),
        (NotAttempted, Security::NotChecked, "pass secure:1/1"),
    ] {
        let at = mx1(&[works()]);
        let at = at.but(|host| (host.tlsa, host.tlsa_security) = (outcome, security));
        assert_eq!(with(&[at]).says(DnssecMailHosts), says);
    }
}

#[test]
fn a_host_that_is_not_secure_decides_whatever_else_is_open() {
    let open = nowhere("mx2.example.cz", Outcome::Failed);
    let bad = mx1(&[works()]).but(|host| host.security = Security::Insecure);
    let facts = with(&[open, bad]);
    assert_eq!(facts.says(DnssecMailHosts), "fail host_insecure");
    assert_eq!(takes_none().says(DnssecMailHosts), "not_applicable no_mail");
    let gone = with(&[nowhere("mx1.example.cz", Outcome::Absent)]);
    assert_eq!(gone.says(DnssecMailHosts), "not_applicable no_mail");
}

/// The same facts where the zone of the domain has these DS and keys.
fn keyed(keys: ZoneKeys) -> Facts {
    secure().but(|it| it.lists.zone_keys[0] = keys)
}

#[test]
fn algorithms_digests_and_keys_are_within_the_lists() {
    for (ds, keys, says) in [
        (vec![(13, 2)], vec![(13, 256)], "pass strong"),
        (vec![(8, 4)], vec![(8, 2048)], "pass strong"),
        (vec![(5, 2)], vec![(8, 2048)], "fail algorithm_5"),
        (vec![(8, 2)], vec![(7, 2048)], "fail algorithm_7"),
        (vec![(8, 1)], vec![(8, 2048)], "fail digest_1"),
        (vec![(8, 1), (8, 2)], vec![(8, 2048)], "fail digest_1"),
        (vec![(8, 2)], vec![(8, 1024)], "fail rsa_1024"),
        (vec![(10, 2)], vec![(10, 2047)], "fail rsa_2047"),
    ] {
        let facts = keyed(zone_keys(&ds, &keys));
        assert_eq!(facts.says(DnssecAlgorithms), says, "{ds:?} {keys:?}");
    }
    let strict = keyed(zone_keys(&[(8, 2)], &[(8, 2048)]));
    let says = |parameters| strict.says_with(DnssecAlgorithms, parameters);
    assert_eq!(says("algorithms = [13]"), "fail algorithm_8");
    assert_eq!(says("digests = [4]"), "fail digest_2");
    assert_eq!(says("rsa_min_bits = 3072"), "fail rsa_2048");
    assert_eq!(
        says("zsk_rsa_min_bits = 3072"),
        "pass strong",
        "a key with SEP"
    );
}

#[test]
fn keys_without_sep_have_a_size_of_their_own() {
    let mut keys = zone_keys(&[(8, 2)], &[(8, 2048)]);
    keys.keys.push((8, Some(1024), false));
    let facts = keyed(keys);
    assert_eq!(facts.says(DnssecAlgorithms), "fail rsa_1024");
    let lax = facts.says_with(DnssecAlgorithms, "zsk_rsa_min_bits = 1024");
    assert_eq!(lax, "pass strong");
}

#[test]
fn a_key_whose_size_nobody_could_read_leaves_it_open() {
    let mut keys = zone_keys(&[(8, 2)], &[]);
    keys.keys.push((8, None, true));
    assert_eq!(
        keyed(keys.clone()).says(DnssecAlgorithms),
        "unknown key_unknown"
    );
    keys.keys.push((8, Some(512), false));
    assert_eq!(keyed(keys).says(DnssecAlgorithms), "fail rsa_512");
    let mut curve = zone_keys(&[(15, 2)], &[]);
    curve.keys.push((15, None, true));
    assert_eq!(keyed(curve).says(DnssecAlgorithms), "pass strong");
}

#[test]
fn parents_and_zones_of_hosts_count_up_to_the_root() {
    let weak = || zone_keys(&[(8, 1)], &[]);
    let root = secure().but(|it| it.lists.zone_keys[1] = weak());
    assert_eq!(root.says(DnssecAlgorithms), "fail digest_1");
    let elsewhere = |security| {
        let at = mx1(&[works()]).but(|host| {
            host.zone = Some(2);
            host.security = security;
        });
        with(&[at]).but(|it| {
            it.lists.zones.push(zone(Some(1), 2));
            it.lists.zone_keys.push(weak());
        })
    };
    let says = |security| elsewhere(security).says(DnssecAlgorithms);
    assert_eq!(says(Security::Secure), "fail digest_1");
    assert_eq!(says(Security::Insecure), "pass strong", "it has no DNSSEC");
    assert_eq!(says(Security::Bogus), "pass strong");
    assert_eq!(says(Security::NotChecked), "unknown not_checked");
    assert_eq!(says(Security::Indeterminate), "unknown not_checked");
}

#[test]
fn a_zone_that_is_not_known_leaves_it_open() {
    let unknown = "unknown zone_unknown";
    let lost = secure().but(|it| it.lists.zones[0].is_known = false);
    assert_eq!(lost.says(DnssecAlgorithms), unknown);
    let parent = secure().but(|it| it.lists.zones[1].is_known = false);
    assert_eq!(parent.says(DnssecAlgorithms), unknown);
    let missing = secure().but(|it| it.lists.zones[0].parent = Some(99));
    assert_eq!(missing.says(DnssecAlgorithms), unknown);
    let nowhere = secure().but(|it| it.zone = None);
    assert_eq!(nowhere.says(DnssecAlgorithms), unknown);
    let host = secure().but(|it| it.hosts = vec![mx1(&[works()]).but(|host| host.zone = None)]);
    assert_eq!(host.says(DnssecAlgorithms), unknown);
    let endless = secure().but(|it| it.lists.zones[1].parent = Some(0));
    assert_eq!(endless.says(DnssecAlgorithms), unknown);
    let weak = secure().but(|it| {
        it.zone = None;
        it.lists.zone_keys[0] = zone_keys(&[(5, 2)], &[]);
    });
    assert_eq!(
        weak.says(DnssecAlgorithms),
        "fail algorithm_5",
        "that of the host"
    );
}

#[test]
fn an_alias_leads_to_a_zone_that_nobody_named() {
    let alias =
        secure().but(|it| it.hosts = vec![mx1(&[works()]).but(|host| host.is_alias = true)]);
    assert_eq!(alias.says(DnssecAlgorithms), "unknown alias_zone");
}

#[test]
fn hosts_that_are_not_known_may_be_anywhere() {
    let says = |at| with(&[mx1(&[works()]), at]).says(DnssecAlgorithms);
    let open = nowhere("mx2.example.cz", Outcome::Failed);
    assert_eq!(says(open), "unknown addresses_unknown");
    assert_eq!(
        says(nowhere("mx2.example.cz", Outcome::Absent)),
        "pass strong"
    );
    assert_eq!(says(mx2(&[])), "pass strong", "its zone is known");
    let more = secure().but(|it| it.domain.mx.truncated = true);
    assert_eq!(more.says(DnssecAlgorithms), "unknown mx_truncated");
}

#[test]
fn algorithms_presuppose_mail_and_dnssec() {
    let says = |facts: Facts| facts.says(DnssecAlgorithms);
    let of = |security| secure().but(|it| it.domain.mx.security = security);
    assert_eq!(says(of(Security::Insecure)), "not_applicable no_dnssec");
    assert_eq!(says(of(Security::Bogus)), "not_applicable no_dnssec");
    assert_eq!(says(of(Security::NotChecked)), "unknown not_checked");
    assert_eq!(says(takes_none()), "not_applicable no_mail");
    assert_eq!(says(gone()), "not_applicable nxdomain");
    assert_eq!(says(lost()), "unknown servfail");
}
