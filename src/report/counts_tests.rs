//! Tests of counting: from literals.

use super::super::reasons::Words;
use super::*;

use CheckResult::{Fail, NotApplicable, Pass, Unknown};

/// Counts of one subject from group, weight, whether the domain takes mail, result and reason.
fn counts(rows: &[(u32, f64, bool, CheckResult, &str)]) -> Counts {
    let mut counts = Counts::new(1);
    for (group, weight, receiving, result, reason) in rows {
        let place = counts.domain(*group, *weight, *receiving);
        counts.add(place, 0, *result, reason);
    }
    counts
}

fn reasons(pairs: &[(&str, u64)]) -> Words {
    Words::of(pairs.iter().map(|(word, count)| ((*word).into(), *count)))
}

#[test]
fn a_share_has_what_it_is_of_and_what_it_is_not() {
    let counts = counts(&[
        (0, 1.0, true, Pass, "starttls:2/2"),
        (0, 1.0, true, Pass, "starttls:1/2"),
        (0, 1.0, true, Fail, "not_offered:1/2"),
        (0, 1.0, true, Fail, "not_offered:2/2"),
        (0, 1.0, true, Fail, "refused:1/1"),
        (0, 1.0, true, Unknown, "timeout:0/1"),
        (0, 1.0, false, Pass, "odd"),
        (0, 1.0, false, Unknown, "servfail"),
        (0, 1.0, false, NotApplicable, "no_mail"),
    ]);
    let figures = counts.figures(0, Of::All);
    let tally = Tally {
        pass: 3,
        fail: 3,
        not_applicable: 1,
        unknown: 2,
    };
    assert_eq!(figures.tally, tally);
    assert_eq!((figures.share, figures.margin), (Some(0.5), Some(0.0)));
    assert_eq!((figures.receiving_pass, figures.receiving_unknown), (2, 1));
    assert_eq!(figures.share_of_receiving, Some(2.0 / 6.0));
    assert_eq!(
        figures.reasons.fail,
        reasons(&[("not_offered", 2), ("refused", 1)])
    );
    let unknown = [("servfail", 1), ("timeout", 1)];
    assert_eq!(figures.reasons.unknown, reasons(&unknown));
    assert_eq!(figures.reasons.not_applicable, reasons(&[("no_mail", 1)]));
    assert_eq!((counts.domains(Of::All), counts.receiving(Of::All)), (9, 6));
    assert!(!counts.is_sample());
}

#[test]
fn where_nobody_passes_or_fails_there_is_no_share() {
    let figures = counts(&[(0, 1.0, false, Unknown, "timeout")]).figures(0, Of::All);
    assert_eq!((figures.share, figures.margin), (None, None));
    assert_eq!(figures.share_of_receiving, None);
    assert_eq!(Counts::new(1).figures(0, Of::All), Figures::default());
    assert_eq!(Counts::new(1).figures(0, Of::Group(7)), Figures::default());
}

#[test]
fn weights_count_in_shares_and_not_in_counts() {
    let counts = counts(&[
        (0, 10.0, true, Pass, ""),
        (0, 10.0, true, Fail, "a"),
        (0, 1.0, true, Fail, "a"),
        (0, 1.0, true, Fail, "a"),
    ]);
    let figures = counts.figures(0, Of::All);
    assert_eq!((figures.tally.pass, figures.tally.fail), (1, 3));
    assert_eq!(figures.share, Some(10.0 / 22.0));
    assert_eq!(figures.share_of_receiving, Some(10.0 / 22.0));
    // One stratum is a sample of 2 of 20, the other one is whole. In the first: z = 1 - s and -s,
    // variance = 20² (1 - 2/20) s_z² / 2 with s_z² = 1/2.
    let variance: f64 = 400.0 * 0.9 * 0.5 / 2.0;
    let margin = figures.margin.expect("a margin");
    assert!(
        (margin - 1.96 * variance.sqrt() / 22.0).abs() < 1e-12,
        "{margin}"
    );
    assert_eq!(counts.weight(Of::All), 22.0);
    assert!(counts.is_sample());
}

#[test]
fn groups_add_up_to_all() {
    let counts = counts(&[
        (0, 1.0, true, Pass, ""),
        (2, 1.0, true, Fail, "a:1"),
        (2, 2.0, false, Fail, "a:2"),
        (2, 1.0, true, Pass, ""),
    ]);
    let of = |of| counts.figures(0, of).tally;
    assert_eq!((of(Of::Group(0)).pass, of(Of::Group(0)).fail), (1, 0));
    assert_eq!(of(Of::Group(1)), Tally::default());
    assert_eq!((of(Of::Group(2)).pass, of(Of::Group(2)).fail), (1, 2));
    assert_eq!((of(Of::All).pass, of(Of::All).fail), (2, 2));
    let two = counts.figures(0, Of::Group(2));
    assert_eq!(two.share, Some(0.25));
    assert_eq!(two.reasons.fail, reasons(&[("a", 2)]));
    assert_eq!(
        (counts.domains(Of::Group(2)), counts.receiving(Of::Group(2))),
        (3, 2)
    );
}

#[test]
fn the_interval_of_a_group_counts_with_the_stratum_it_is_drawn_from() {
    let mut rows = vec![(0, 25.0, true, Pass, ""); 90];
    rows.extend([(0, 5.0, true, Fail, "a"); 90]);
    let alone = counts(&rows).figures(0, Of::Group(0));
    rows.extend([(1, 25.0, true, Pass, ""); 900]);
    let beside = counts(&rows).figures(0, Of::Group(0));
    assert_eq!(alone.share, beside.share);
    assert!(
        beside.margin > alone.margin,
        "{:?} {:?}",
        beside.margin,
        alone.margin
    );
}

#[test]
fn those_that_certainly_fail_are_no_share_where_nothing_measures_who_passes() {
    let absent = (0, 1.0, true, Fail, "no_record");
    let unread = (1, 1.0, true, Unknown, "spf: not_measured:1/1");
    let figures = |rows: &[_], of| counts(rows).figures(0, of);
    for of in [Of::All, Of::Group(0), Of::Group(1)] {
        let figures = figures(&[absent, unread], of);
        assert_eq!((figures.share, figures.margin), (None, None));
        assert_eq!(figures.share_of_receiving, None);
    }
    // Somebody passes, so that it is measured; or it failed, and was not left out.
    let passes = (1, 1.0, true, Pass, "dane");
    let one = figures(&[absent, unread, passes], Of::Group(0));
    assert_eq!(one.share, Some(0.0));
    let late = figures(&[absent, (0, 1.0, true, Unknown, "servfail")], Of::All);
    assert_eq!(
        (late.share, late.share_of_receiving),
        (Some(0.0), Some(0.0))
    );
}
