//! Tests of making groups.

use super::*;
use crate::names::Names;

fn wish(by: &str, k: u64, top: usize) -> Wish {
    let by = by.parse().expect("a way to group");
    Wish { by, k, top }
}

/// Names of groups with how many they hold, and the group of each value and of none.
fn grouped(values: &[(&str, u64)], none: u64, wish: &Wish) -> (Vec<(String, u64)>, Vec<u32>) {
    let mut names = Names::default();
    for (name, _) in values {
        names.add(name);
    }
    let counts: Vec<_> = values.iter().map(|(_, count)| *count).collect();
    let made = Grouping::of(names, &counts, none, wish).expect("groups");
    let groups = made.groups.into_iter();
    let mut places = made.places;
    places.push(made.none);
    (
        groups.map(|group| (group.name, group.holds)).collect(),
        places,
    )
}

fn holding(groups: &[(&str, u64)]) -> Vec<(String, u64)> {
    let own = |(name, holds): &(&str, u64)| ((*name).to_owned(), *holds);
    groups.iter().map(own).collect()
}

#[test]
fn the_largest_comes_first_and_the_small_ones_together() {
    let values = [("a", 4), ("b", 9), ("c", 5), ("d", 9), ("e", 1)];
    let (groups, places) = grouped(&values, 6, &wish("tld", 5, 1));
    let expected = [("b", 1), ("d", 1), ("(none)", 1), ("c", 1), ("(other)", 2)];
    assert_eq!(groups, holding(&expected));
    assert_eq!(places, [4, 0, 3, 1, 4, 2]);
}

#[test]
fn a_k_of_one_puts_none_together_and_few_without_a_value_are_few_too() {
    let values = [("a", 1), ("b", 2)];
    let (groups, _) = grouped(&values, 0, &wish("tag:x", 1, 1));
    assert_eq!(groups, holding(&[("b", 1), ("a", 1)]));
    let (groups, places) = grouped(&values, 1, &wish("tag:x", 2, 1));
    assert_eq!(groups, holding(&[("b", 1), ("(other)", 2)]));
    assert_eq!(places, [1, 0, 1]);
}

#[test]
fn only_the_largest_operators_stand_alone() {
    let values = [("a", 7), ("b", 8), ("c", 9), ("d", 1)];
    let (groups, places) = grouped(&values, 10, &wish("mail_operator", 5, 2));
    let expected = [("(none)", 1), ("c", 1), ("b", 1), ("(other)", 2)];
    assert_eq!(groups, holding(&expected));
    assert_eq!(places, [3, 2, 1, 3, 0]);
}

#[test]
fn names_of_our_own_are_no_values() {
    let values = [("other", 5), ("(none)", 5), ("x", 1)];
    let (groups, places) = grouped(&values, 5, &wish("tag:x", 5, 2));
    let expected = [("(none)", 1), ("(none)", 1), ("other", 1), ("(other)", 1)];
    assert_eq!(groups, holding(&expected));
    assert_eq!(places, [2, 1, 3, 0]);
}

#[test]
fn what_does_not_group_is_refused() {
    let refused = |text: &str| text.parse::<By>().expect_err("refused");
    assert_eq!("country".parse(), Ok(By::Country));
    for text in ["", "tag", "tag:", "TLD", "tld:cz", "operator"] {
        assert_eq!(
            refused(text),
            "give tld, mail_operator, country or tag:NAME",
            "{text}"
        );
    }
    assert_eq!("tag:a:b".parse(), Ok(By::Tag("a:b".to_owned())));
    let mut names = Names::default();
    for number in 0..=GROUPS {
        names.add(&number.to_string());
    }
    let counts = vec![5; names.len()];
    let problem = Grouping::of(names, &counts, 0, &wish("tag:x", 5, 1));
    assert!(
        problem
            .expect_err("too many")
            .to_string()
            .contains("raise --k")
    );
}
