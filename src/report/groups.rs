//! Which domains are counted together: by TLD, operator, country or tag.
//!
//! Who is in which group is known only when all are counted: [`Grouping::read`] is a pass of its
//! own over a column or two. Groups that are too small for `--k` go into one that tells no names.

use std::collections::BTreeSet;
use std::path::Path;

use super::by::By;
use super::columns::{Columns, Remedy};
use super::countries::Places;
use crate::error::{Error, Result};
use crate::names::Names;
use crate::table::Store;
use crate::table::codes::CountryBasis;
use crate::table::rows::TableName;
use crate::text::{count, one_line};

/// Groups at the most: each has figures of its own for every check.
const GROUPS: usize = 10_000;

/// Name of the group of domains that nothing tells apart.
const NONE: &str = "(none)";
/// Name of all groups that have none of their own.
const OTHER: &str = "(other)";

/// What a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Domains with one value.
    Value,
    /// Domains without any, or without any that is known.
    None,
    /// All other domains.
    Other,
}

impl Kind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::None => "none",
            Self::Other => "other",
        }
    }
}

/// A group of domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What it is.
    pub kind: Kind,
    /// The value; `(none)` or `(other)`.
    pub name: String,
    /// How many groups it holds: more than one only where small ones were put together.
    pub holds: u64,
}

/// Who is in which group.
#[derive(Debug, Default)]
pub struct Grouping {
    by: Option<By>,
    names: Names,
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
        let mut names = Names::default();
        let (mut counts, mut none) = (Vec::new(), 0);
        let mut tags = BTreeSet::new();
        for batch in store.batches(TableName::Verdicts, wish.by.columns()) {
            let batch = batch?;
            let columns = Columns::of(&batch, remedy);
            for value in wish.by.values(&columns)? {
                match value {
                    None => none += 1,
                    Some(name) => {
                        let number = names.add(name) as usize;
                        counts.resize(names.len(), 0);
                        counts[number] += 1;
                    }
                }
            }
            if wish.by == By::Country {
                refuse_no_table(store.dir(), &Places::of(&columns)?)?;
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
    fn of(names: Names, counts: &[u64], none: u64, wish: &Wish) -> Result<Self> {
        let kept = kept(&names, counts, none, wish);
        if kept.len() > GROUPS {
            return Err(too_many(kept.len(), wish));
        }
        let other = kept.len() as u32;
        let mut made = Self {
            by: Some(wish.by.clone()),
            places: vec![other; counts.len()],
            none: other,
            groups: Vec::with_capacity(kept.len() + 1),
            names,
        };
        for (place, number) in (0..).zip(&kept) {
            let group = match number {
                Some(number) => {
                    made.places[*number as usize] = place;
                    let name = made.names.get(*number);
                    group(wish.by.kind(name), name, 1)
                }
                None => {
                    made.none = place;
                    group(Kind::None, NONE, 1)
                }
            };
            made.groups.push(group);
        }
        let all = counts.len() + usize::from(none > 0);
        if all > kept.len() {
            let rest = (all - kept.len()) as u64;
            made.groups.push(group(Kind::Other, OTHER, rest));
        }
        Ok(made)
    }

    /// The columns that tell the group; none where all domains are one.
    pub fn columns(&self) -> &'static [&'static str] {
        self.by.as_ref().map_or(&[], By::columns)
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

/// The names that have a group of their own, and none for the domains without a name: the largest
/// first, ties by name.
fn kept(names: &Names, counts: &[u64], none: u64, wish: &Wish) -> Vec<Option<u32>> {
    let count_of = |number: &Option<u32>| number.map_or(none, |number| counts[number as usize]);
    let name_of = |number: &Option<u32>| number.map_or(NONE, |number| names.get(number));
    let order = |a: &Option<u32>, b: &Option<u32>| {
        let larger = count_of(b).cmp(&count_of(a));
        let by_name = || name_of(a).cmp(name_of(b));
        larger.then_with(by_name).then_with(|| a.cmp(b))
    };
    let all = (0..counts.len() as u32).map(Some);
    let mut kept: Vec<_> = all.filter(|number| count_of(number) >= wish.k).collect();
    kept.sort_unstable_by(order);
    if wish.by == By::MailOperator {
        kept.truncate(wish.top);
    }
    if none >= wish.k.max(1) {
        kept.push(None);
        kept.sort_unstable_by(order);
    }
    kept
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

/// A survey without a table of countries knows none.
fn refuse_no_table(dir: &Path, places: &Places<'_>) -> Result<()> {
    let no_table = CountryBasis::NoTable.as_str();
    if (0..places.rows()).all(|row| places.basis(row) != no_table) {
        return Ok(());
    }
    let problem = "had no table of countries, so that it knows none; survey with --country-table, or \
                   an --asn-table that has countries, or leave --by country away";
    Err(Error::directory(dir, problem))
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
#[path = "groups_tests.rs"]
mod tests;
