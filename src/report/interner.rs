//! Names, each kept once: millions of operators in tens of bytes each. Exact: two names are never
//! taken for one.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Names by number, in the order in which they came.
#[derive(Debug, Default)]
pub struct Interner {
    /// All names, one after the other.
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
    numbers: HashTable<u32>,
    /// Keyed, so that strangers cannot choose names that collide.
    hasher: RandomState,
}

impl Interner {
    /// The number of a name, which is kept if it is new.
    pub fn number(&mut self, name: &str) -> u32 {
        let Self {
            text,
            ends,
            numbers,
            hasher,
        } = self;
        let hash = hasher.hash_one(name);
        let is_it = |number: &u32| named(text, ends, *number) == name;
        let again = |number: &u32| hasher.hash_one(named(text, ends, *number));
        match numbers.entry(hash, is_it, again) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let number = u32::try_from(ends.len()).expect("fewer than four billion names");
                entry.insert(number);
                text.push_str(name);
                ends.push(text.len());
                number
            }
        }
    }

    /// The number of a name, if it is kept.
    pub fn find(&self, name: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(name);
        let is_it = |number: &u32| self.name(*number) == name;
        self.numbers.find(hash, is_it).copied()
    }

    /// The name of a number that was handed out.
    pub fn name(&self, number: u32) -> &str {
        named(&self.text, &self.ends, number)
    }

    /// Names kept.
    pub fn len(&self) -> usize {
        self.ends.len()
    }
}

fn named<'a>(text: &'a str, ends: &[usize], number: u32) -> &'a str {
    let at = number as usize;
    let start = at.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start..ends[at]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_and_a_number_one_name() {
        let mut names = Interner::default();
        let long = "x".repeat(65_536);
        for round in 0..2 {
            for (number, name) in ["", "a", "ab", "b", &long].into_iter().enumerate() {
                assert_eq!(names.number(name) as usize, number, "round {round}");
                assert_eq!(names.name(number as u32), name);
            }
        }
        assert_eq!((names.len(), names.find("ba")), (5, None));
        assert_eq!(names.find("ab"), Some(2));
    }

    #[test]
    fn growing_loses_nothing() {
        let mut names = Interner::default();
        let name = |number: u32| format!("mx{number}.example");
        for number in 0..10_000 {
            assert_eq!(names.number(&name(number)), number);
        }
        assert!((0..10_000).all(|number| names.find(&name(number)) == Some(number)));
    }
}
