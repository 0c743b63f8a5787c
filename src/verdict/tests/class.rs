//! The classes, which every domain is in one of, and what a row of verdicts says besides.

use super::super::verdict;
use super::*;
use crate::table::codes::Class;
use crate::verdict::class::class;

fn of(facts: &Facts) -> Class {
    class(&facts.case())
}

#[test]
fn every_domain_is_in_a_class() {
    let implicit = |server| of_kind(Some(MxKind::Implicit), &[host("example.cz", &[server])]);
    let special = silent(ErrorCode::SpecialPurpose);
    let open = nowhere("mx1.example.cz", Outcome::Failed);
    for (facts, class) in [
        (with(&[mx1(&[late()])]), Class::ExplicitMx),
        (with(&[mx1(&[special])]), Class::MxUnusable),
        (with(&[open]), Class::Unknown),
        (implicit(works()), Class::ImplicitMx),
        (implicit(late()), Class::ImplicitUnknown),
        (implicit(silent(ErrorCode::Refused)), Class::WebOnly),
        (takes_none(), Class::NullMx),
        (of_kind(Some(MxKind::None), &[]), Class::NoMail),
        (of_kind(None, &[]), Class::Unknown),
        (gone(), Class::Nonexistent),
        (lost(), Class::Unknown),
    ] {
        assert_eq!(of(&facts), class);
    }
    let bare = with(&[mx1(&[works()])]);
    let bare = bare.but(|it| it.domain.existence = Existence::Undelegated);
    assert_eq!(of(&bare), Class::Undelegated, "whatever else");
}

#[test]
fn a_row_has_every_check_and_counts_addresses() {
    let facts = with(&[mx1(&[works(), late()]), mx2(&[works()])]);
    let row = verdict(&facts.case());
    assert_eq!((row.endpoints, row.endpoints_reached), (3, 2));
    assert_eq!(
        (row.class, row.mx_kind),
        (Class::ExplicitMx, Some(MxKind::Explicit))
    );
    assert_eq!(row.non_sending, None, "nobody asked for SPF");
    for check in CheckId::ALL {
        assert_eq!(said(row.finding(*check)), facts.says(*check), "{check}");
        assert!(!row.finding(*check).reason.is_empty(), "{check}");
    }
    assert_eq!(verdict(&gone().case()).non_sending, None);
    let null = verdict(&takes_none().case());
    assert_eq!(null.non_sending, Some(true));
}
