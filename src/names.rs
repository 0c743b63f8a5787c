//! Many strings, each once and by number, with few bytes besides its own: [`Names`]. Millions of
//! them fit where a map of strings would not.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// Strings by number, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Names {
    text: String,
    ends: Vec<usize>,
    index: HashTable<u32>,
    hasher: RandomState,
}

impl Names {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The string of a number; empty where there is none.
    pub fn get(&self, number: u32) -> &str {
        text_at(&self.text, &self.ends, number)
    }

    /// The number of a string, if it is there.
    pub fn find(&self, name: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(name);
        let same = |number: &u32| self.get(*number) == name;
        self.index.find(hash, same).copied()
    }

    /// The number of a string, which is added if need be.
    pub fn add(&mut self, name: &str) -> u32 {
        if let Some(number) = self.find(name) {
            return number;
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(name);
        self.ends.push(self.text.len());
        let Self {
            text,
            ends,
            index,
            hasher,
        } = self;
        let rehash = |number: &u32| hasher.hash_one(text_at(text, ends, *number));
        index.insert_unique(hasher.hash_one(name), number, rehash);
        number
    }
}

fn text_at<'a>(text: &'a str, ends: &[usize], number: u32) -> &'a str {
    let at = number as usize;
    let start = at
        .checked_sub(1)
        .map_or(Some(0), |before| ends.get(before).copied());
    match (start, ends.get(at)) {
        (Some(start), Some(end)) => &text[start..*end],
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_string_has_one_number() {
        let mut names = Names::default();
        assert!(names.is_empty());
        let numbers: Vec<u32> = ["a.cz", "", "b.cz", "a.cz", ""]
            .iter()
            .map(|name| names.add(name))
            .collect();
        assert_eq!(numbers, [0, 1, 2, 0, 1]);
        assert_eq!(
            (names.get(0), names.get(1), names.get(2)),
            ("a.cz", "", "b.cz")
        );
        assert_eq!((names.find("b.cz"), names.find("c.cz")), (Some(2), None));
        assert_eq!((names.len(), names.get(3)), (3, ""));
        for number in 0..10_000 {
            names.add(&format!("d{number}.cz"));
        }
        assert_eq!(
            names.find("d9999.cz").map(|number| names.get(number)),
            Some("d9999.cz")
        );
    }
}
