//! Routes of the mail servers, and their countries.

use super::*;
use crate::table::codes::Rpki;
use crate::table::country::Country;
use crate::verdict::country::country;
use CheckId as C;

/// A server whose route is in this state.
fn routed(rpki: Option<Rpki>) -> Server {
    Server { rpki, ..works() }
}

/// What the check says of a survey with a table.
fn says(hosts: &[At]) -> String {
    let facts = with(hosts).but(|it| it.lists.has_rpki = true);
    facts.says(C::RouteOriginValid)
}

#[test]
fn without_a_table_nothing_is_known_of_routes() {
    let facts = with(&[mx1(&[works()])]);
    assert_eq!(facts.says(C::RouteOriginValid), "unknown no_routing_data");
    let facts = takes_none().but(|it| it.lists.has_rpki = true);
    assert_eq!(facts.says(C::RouteOriginValid), "not_applicable no_mail");
}

#[test]
fn every_address_counts_whether_it_was_reached_or_not() {
    let valid = || routed(Some(Rpki::Valid));
    let of = |rpki| Server {
        rpki,
        ..silent(ErrorCode::Timeout)
    };
    assert_eq!(says(&[mx1(&[valid(), valid()])]), "pass valid:2/2");
    for (rpki, word) in [
        (Some(Rpki::Invalid), "fail invalid:1/3"),
        (Some(Rpki::NotFound), "fail not_found:1/3"),
        (None, "unknown no_route:1/3"),
    ] {
        assert_eq!(says(&[mx1(&[valid(), of(rpki)]), mx2(&[valid()])]), word);
    }
    let both = [of(Some(Rpki::NotFound)), of(Some(Rpki::Invalid)), of(None)];
    assert_eq!(says(&[mx1(&both)]), "fail invalid:1/3");
    assert_eq!(
        says(&[mx1(&both[..1]), mx2(&both[2..])]),
        "fail not_found:1/2"
    );
    let special = silent(ErrorCode::SpecialPurpose);
    assert_eq!(says(&[mx1(&[valid(), special])]), "pass valid:1/1");
}

#[test]
fn addresses_that_nobody_told_leave_routes_open() {
    let valid = || routed(Some(Rpki::Valid));
    let lost = nowhere("mx2.example.cz", Outcome::Failed);
    assert_eq!(
        says(&[mx1(&[valid()]), lost.clone()]),
        "unknown addresses_unknown"
    );
    let wrong = routed(Some(Rpki::Invalid));
    assert_eq!(says(&[mx1(&[wrong]), lost]), "fail invalid:1/1");
    let none = nowhere("mx2.example.cz", Outcome::Absent);
    assert_eq!(says(&[mx1(&[valid()]), none]), "pass valid:1/1");
    let mut half = mx1(&[valid()]);
    half.facts.as_mut().expect("facts").is_half = true;
    assert_eq!(says(&[half]), "unknown addresses_unknown");
    let more = with(&[mx1(&[valid()])]).but(|it| {
        it.lists.has_rpki = true;
        it.domain.mx.truncated = true;
    });
    assert_eq!(more.says(C::RouteOriginValid), "unknown mx_truncated");
}

/// A server in a country; `-` stands for none.
fn at(code: &str) -> Server {
    Server {
        country: Country::parse(code),
        ..works()
    }
}

fn told(facts: &Facts) -> String {
    let (country, basis) = country(&facts.case());
    country.map_or_else(|| basis.to_string(), |country| country.to_string())
}

fn of(hosts: &[At]) -> String {
    told(&with(hosts).but(|it| it.lists.has_countries = true))
}

#[test]
fn the_smallest_preference_decides_the_country() {
    assert_eq!(of(&[mx1(&[at("CZ")]), mx2(&[at("DE")])]), "CZ");
    assert_eq!(of(&[mx1(&[at("CZ"), at("CZ")])]), "CZ");
    assert_eq!(of(&[mx1(&[at("CZ"), at("SK")])]), "several");
    let equal = with(&[mx1(&[at("CZ")]), mx2(&[at("DE")])]).but(|it| {
        it.lists.has_countries = true;
        it.domain
            .mx
            .records
            .iter_mut()
            .for_each(|record| record.preference = 10);
    });
    assert_eq!(told(&equal), "several");
    let implicit = of_kind(Some(MxKind::Implicit), &[host("example.cz", &[at("CZ")])])
        .but(|it| it.lists.has_countries = true);
    assert_eq!(told(&implicit), "CZ");
}

#[test]
fn what_is_not_known_of_the_country_is_told_apart() {
    assert_eq!(told(&with(&[mx1(&[at("CZ")])])), "no_table");
    assert_eq!(of(&[mx1(&[at("-")]), mx2(&[at("DE")])]), "not_in_table");
    assert_eq!(of(&[mx1(&[at("-"), at("CZ")])]), "CZ");
    let lost = nowhere("mx1.example.cz", Outcome::Failed);
    assert_eq!(of(&[lost, mx2(&[at("DE")])]), "addresses_unknown");
    let none = || nowhere("mx1.example.cz", Outcome::Absent);
    assert_eq!(of(&[none(), mx2(&[at("DE")])]), "DE");
    assert_eq!(of(&[none()]), "no_address");
    let special = Server {
        country: Country::parse("CZ"),
        ..silent(ErrorCode::SpecialPurpose)
    };
    assert_eq!(of(&[mx1(&[special]), mx2(&[at("DE")])]), "DE");
    assert_eq!(of(&[mx1(&[special])]), "no_address");
    assert_eq!(of(&[]), "no_mail_host");
}

#[test]
fn a_domain_of_which_nobody_answered_may_have_a_mail_host() {
    let told_of = |facts: Facts| told(&facts.but(|it| it.lists.has_countries = true));
    assert_eq!(told_of(lost()), "addresses_unknown");
    assert_eq!(told_of(of_kind(None, &[])), "addresses_unknown");
    assert_eq!(told_of(takes_none()), "no_mail_host");
    assert_eq!(told_of(gone()), "no_mail_host");
    assert_eq!(told_of(of_kind(Some(MxKind::None), &[])), "no_mail_host");
}

/// All of them with the same preference.
fn of_equals(hosts: &[At], truncated: bool) -> String {
    let facts = with(hosts).but(|it| {
        it.lists.has_countries = true;
        it.domain.mx.truncated = truncated;
        let records = it.domain.mx.records.iter_mut();
        records.for_each(|record| record.preference = 10);
    });
    told(&facts)
}

#[test]
fn one_country_is_only_said_where_every_address_is_known() {
    let cz = || mx1(&[at("CZ")]);
    let lost = || nowhere("mx2.example.cz", Outcome::Failed);
    assert_eq!(of_equals(&[cz(), lost()], false), "addresses_unknown");
    let none = nowhere("mx2.example.cz", Outcome::Absent);
    assert_eq!(of_equals(&[cz(), none], false), "CZ");
    let hidden_by: [fn(&mut Host); 2] =
        [|facts| facts.is_half = true, |facts| facts.truncated = true];
    for change in hidden_by {
        let hide = |mut at: At| {
            change(at.facts.as_mut().expect("facts"));
            at
        };
        assert_eq!(of(&[hide(cz()), mx2(&[at("CZ")])]), "addresses_unknown");
        assert_eq!(of(&[hide(mx1(&[at("-")]))]), "addresses_unknown");
        let special = silent(ErrorCode::SpecialPurpose);
        let special = hide(mx1(&[special]));
        assert_eq!(of(&[special, mx2(&[at("DE")])]), "addresses_unknown");
        // More of them would change nothing.
        assert_eq!(of(&[hide(mx1(&[at("CZ"), at("SK")]))]), "several");
        assert_eq!(of(&[cz(), hide(mx2(&[at("DE")]))]), "CZ");
    }
    assert_eq!(of(&[cz(), lost()]), "CZ");
}

#[test]
fn hosts_beyond_those_that_are_kept_count_where_they_may_be_equal() {
    let hosts = || [mx1(&[at("CZ")]), mx2(&[at("CZ")])];
    assert_eq!(of_equals(&hosts(), false), "CZ");
    assert_eq!(of_equals(&hosts(), true), "addresses_unknown");
    let [first, _] = hosts();
    let both = [first, mx2(&[at("DE")])];
    assert_eq!(of_equals(&both, true), "several");
    // Records are kept by preference: those that are not come after the last one.
    let later = with(&hosts()).but(|it| {
        it.lists.has_countries = true;
        it.domain.mx.truncated = true;
    });
    assert_eq!(told(&later), "CZ");
}
