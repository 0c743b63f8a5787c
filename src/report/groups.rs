//! Which domains are counted together: by TLD, operator or tag.
//!
//! Who is in which group is known only when all are counted: [`Grouping::read`] is a pass of its
//! own over one column. Groups that are too small for `--k` go into one that tells no names.

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;

use arrow::array::StringArray;

use super::columns::{Columns, Remedy};
use super::interner::Interner;
use crate::error::{Error, Result};
use crate::table::Store;
use crate::table::rows::TableName;
use crate::text::{count, one_line};

/// Groups at the most: each has figures of its own for every check.
const GROUPS: usize = 10_000;

/// What makes a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The last label.
    Tld,
    /// Who runs the mail.
    MailOperator,
    /// A tag of the lists.
    Tag(String),
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "tld" => Ok(Self::Tld),
            None if text == "mail_operator" => Ok(Self::MailOperator),
            None if text == "country" => {
                Err("the tables do not say yet in which country a server \
                is; give tld, mail_operator or tag:NAME"
                    .to_owned())
            }
            Some(("tag", name)) if !name.is_empty() => Ok(Self::Tag(name.to_owned())),
            _ => Err("give tld, mail_operator or tag:NAME".to_owned()),
        }
    }
}

impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tld => f.write_str("tld"),
            Self::MailOperator => f.write_str("mail_operator"),
            Self::Tag(name) => write!(f, "tag:{name}"),
        }
    }
}

impl By {
    /// The column of `verdicts` that tells.
    pub fn column(&self) -> &'static str {
        match self {
            Self::Tld => "tld",
            Self::MailOperator => "mail_operator",
            Self::Tag(_) => "tags",
        }
    }

    /// What tells the group of each domain of a batch; none where nothing does.
    fn values<'a>(&self, columns: &Columns<'a>) -> Result<Vec<Option<&'a str>>> {
        let texts = |texts: &'a StringArray| texts.iter().collect();
        match self {
            Self::Tag(name) => columns.tag(name),
            _ => columns.text(self.column()).map(texts),
        }
    }
}

/// What a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Domains with one value.
    Value,
    /// Domains without any.
    None,
    /// All other domains.
    Other,
}

/// A group of domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What it is.
    pub kind: Kind,
    /// The value; `(none)` or `other`.
    pub name: String,
    /// How many groups it holds: more than one only where small ones were put together.
    pub holds: u64,
}

/// Who is in which group.
#[derive(Debug, Default)]
pub struct Grouping {
    by: Option<By>,
    names: Interner,
    /// The group of each name.
    places: Vec<u32>,
    /// The group of domains without a name.
    none: u32,
    /// The groups, the largest first, that of all others last; none where all are one.
    pub groups: Vec<Group>,
}

/// How groups are made.
#[derive(Debug, Clone)]
pub struct Wish {
    /// By what.
    pub by: By,
    /// Domains that a group has to have.
    pub k: u64,
    /// Operators that have a group of their own.
    pub top: usize,
}

impl Grouping {
    /// Counts the domains of each value, and makes groups.
    ///
    /// # Errors
    /// When the table cannot be read, no domain has the tag, or there are too many groups.
    pub fn read(store: &Store, remedy: &Remedy, wish: &Wish) -> Result<Self> {
        let mut names = Interner::default();
        let (mut counts, mut none) = (Vec::new(), 0);
        let mut tags = BTreeSet::new();
        for batch in store.batches(TableName::Verdicts, &[wish.by.column()]) {
            let batch = batch?;
            let columns = Columns::of(&batch, remedy);
            for value in wish.by.values(&columns)? {
                match value {
                    None => none += 1,
                    Some(name) => {
                        let number = names.number(name) as usize;
                        counts.resize(names.len(), 0);
                        counts[number] += 1;
                    }
                }
            }
            // Which tags there are is only told where the one asked for is not among them.
            if let (By::Tag(_), 0) = (&wish.by, names.len()) {
                tags.extend(columns.tag_names()?.map(str::to_owned).take(NAMED_TAGS));
            }
        }
        if let (By::Tag(name), 0) = (&wish.by, names.len()) {
            return Err(no_tag(store.dir(), name, &tags));
        }
        Self::of(names, &counts, none, wish)
    }

    /// Groups of names that so many domains have.
    fn of(names: Interner, counts: &[u64], none: u64, wish: &Wish) -> Result<Self> {
        let mut kept: Vec<u32> = (0..counts.len() as u32)
            .filter(|number| counts[*number as usize] >= wish.k)
            .collect();
        let largest = |number: &u32| (u64::MAX - counts[*number as usize], names.name(*number));
        kept.sort_unstable_by(|a, b| largest(a).cmp(&largest(b)));
        if wish.by == By::MailOperator {
            kept.truncate(wish.top);
        }
        if kept.len() > GROUPS {
            return Err(too_many(kept.len(), wish));
        }
        let has_none = none > 0 && none >= wish.k;
        let mut places = vec![u32::MAX; counts.len()];
        let mut groups = Vec::new();
        let mut none_at = u32::MAX;
        for number in &kept {
            if has_none && none_at == u32::MAX && none > counts[*number as usize] {
                none_at = groups.len() as u32;
                groups.push(group(Kind::None, "(none)", 1));
            }
            places[*number as usize] = groups.len() as u32;
            groups.push(group(Kind::Value, names.name(*number), 1));
        }
        if has_none && none_at == u32::MAX {
            none_at = groups.len() as u32;
            groups.push(group(Kind::None, "(none)", 1));
        }
        let other = groups.len() as u32;
        let rest = counts.len() - kept.len() + usize::from(none > 0 && !has_none);
        if rest > 0 {
            groups.push(group(Kind::Other, "other", rest as u64));
        }
        places
            .iter_mut()
            .for_each(|place| *place = (*place).min(other));
        Ok(Self {
            by: Some(wish.by.clone()),
            names,
            places,
            none: none_at.min(other),
            groups,
        })
    }

    /// The column that tells the group; none where all domains are one.
    pub fn column(&self) -> Option<&'static str> {
        self.by.as_ref().map(By::column)
    }

    /// The group of each domain of a batch.
    ///
    /// # Errors
    /// When the column is not there.
    pub fn places(&self, columns: &Columns<'_>, rows: usize) -> Result<Vec<u32>> {
        let Some(by) = &self.by else {
            return Ok(vec![0; rows]);
        };
        let place = |value: Option<&str>| match value {
            None => self.none,
            Some(name) => {
                let number = self.names.find(name);
                number.map_or(self.none, |number| self.places[number as usize])
            }
        };
        Ok(by.values(columns)?.into_iter().map(place).collect())
    }
}

fn group(kind: Kind, name: &str, holds: u64) -> Group {
    Group {
        kind,
        name: name.to_owned(),
        holds,
    }
}

/// Tags named in a complaint.
const NAMED_TAGS: usize = 100;

fn no_tag(dir: &Path, name: &str, tags: &BTreeSet<String>) -> Error {
    let tags: Vec<_> = tags.iter().take(20).map(|tag| one_line(tag)).collect();
    let name = one_line(name);
    let what = match tags.is_empty() {
        true => "its lists had none; leave --by tag away".to_owned(),
        false => format!("give one of {}", tags.join(", ")),
    };
    Error::directory(dir, format!("no domain has a tag {name}; {what}"))
}

fn too_many(groups: usize, wish: &Wish) -> Error {
    Error::Usage(format!(
        "--by {}: {} groups have {} domains or more, and {} are the most that are counted; raise --k",
        one_line(&wish.by.to_string()),
        count(groups as u64),
        count(wish.k),
        count(GROUPS as u64)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(by: &str, k: u64, top: usize) -> Wish {
        let by = by.parse().expect("a way to group");
        Wish { by, k, top }
    }

    /// Names of groups with how many they hold, and the group of each value and of none.
    fn grouped(values: &[(&str, u64)], none: u64, wish: &Wish) -> (Vec<(String, u64)>, Vec<u32>) {
        let mut names = Interner::default();
        for (name, _) in values {
            names.number(name);
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
        let expected = [("b", 1), ("d", 1), ("(none)", 1), ("c", 1), ("other", 2)];
        assert_eq!(groups, holding(&expected));
        assert_eq!(places, [4, 0, 3, 1, 4, 2]);
    }

    #[test]
    fn a_k_of_one_puts_none_together_and_few_without_a_value_are_few_too() {
        let values = [("a", 1), ("b", 2)];
        let (groups, _) = grouped(&values, 0, &wish("tag:x", 1, 1));
        assert_eq!(groups, holding(&[("b", 1), ("a", 1)]));
        let (groups, places) = grouped(&values, 1, &wish("tag:x", 2, 1));
        assert_eq!(groups, holding(&[("b", 1), ("other", 2)]));
        assert_eq!(places, [1, 0, 1]);
    }

    #[test]
    fn only_the_largest_operators_stand_alone() {
        let values = [("a", 7), ("b", 8), ("c", 9), ("d", 1)];
        let (groups, places) = grouped(&values, 10, &wish("mail_operator", 5, 2));
        let expected = [("(none)", 1), ("c", 1), ("b", 1), ("other", 2)];
        assert_eq!(groups, holding(&expected));
        assert_eq!(places, [3, 2, 1, 3, 0]);
    }

    #[test]
    fn names_of_our_own_are_no_values() {
        let values = [("other", 5), ("(none)", 5), ("x", 1)];
        let (groups, places) = grouped(&values, 5, &wish("tag:x", 5, 2));
        let expected = [("(none)", 1), ("other", 1), ("(none)", 1), ("other", 1)];
        assert_eq!(groups, holding(&expected));
        assert_eq!(places, [1, 0, 3, 2]);
    }

    #[test]
    fn what_does_not_group_is_refused() {
        let refused = |text: &str| text.parse::<By>().expect_err("refused");
        assert!(refused("country").contains("do not say yet"));
        for text in ["", "tag", "tag:", "TLD", "tld:cz", "operator"] {
            assert_eq!(
                refused(text),
                "give tld, mail_operator or tag:NAME",
                "{text}"
            );
        }
        assert_eq!("tag:a:b".parse(), Ok(By::Tag("a:b".to_owned())));
        let mut names = Interner::default();
        for number in 0..=GROUPS {
            names.number(&number.to_string());
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
}
