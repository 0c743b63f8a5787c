//! What the lists say of a domain besides its name: the payload of the spool of domains.
//!
//! Hands out `Facts`, their compact JSON (nothing at all where nothing is known, so that a plain
//! list stays small), and `merged`, which folds the facts of a domain that is listed twice.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What is known of a domain before anything is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Its rank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// Its tags by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The stratum it was drawn from; none without sampling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stratum: Option<String>,
    /// How many domains it stands for.
    #[serde(default = "itself", skip_serializing_if = "is_itself")]
    pub weight: f64,
}

/// A domain that was not drawn stands for itself.
fn itself() -> f64 {
    1.0
}

#[expect(clippy::float_cmp, reason = "exactly what `itself` gives")]
fn is_itself(weight: &f64) -> bool {
    *weight == itself()
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            rank: None,
            tags: BTreeMap::new(),
            stratum: None,
            weight: itself(),
        }
    }
}

impl Facts {
    /// The payload: compact JSON, or nothing where nothing is known.
    ///
    /// # Errors
    /// Never for facts made here; a fault in this program.
    pub fn payload(&self) -> Result<String> {
        if *self == Self::default() {
            return Ok(String::new());
        }
        serde_json::to_string(self).map_err(|err| Error::Internal(err.to_string()))
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// When it is none of ours: the spool was changed by other hands.
    pub fn of(payload: &str) -> Result<Self> {
        if payload.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(payload).map_err(|err| {
            Error::Usage(format!(
                "a line of the spool is damaged ({err}); delete the folder spool and run the same \
                 command again"
            ))
        })
    }

    /// Adds what another line says and this one does not.
    fn complete(&mut self, other: Self) {
        self.rank = self.rank.or(other.rank);
        for (name, value) in other.tags {
            self.tags.entry(name).or_insert(value);
        }
    }
}

/// The payload of a domain that was listed more than once: the first line that gives a rank or a
/// tag decides it, so that lists of ranks and of tags can be put together.
///
/// # Errors
/// When a payload is damaged.
pub fn merged<'a>(payloads: &[&'a str]) -> Result<Cow<'a, str>> {
    let mut told = payloads.iter().filter(|payload| !payload.is_empty());
    let Some(first) = told.next() else {
        return Ok(Cow::Borrowed(""));
    };
    let mut facts: Option<Facts> = None;
    for other in told.filter(|other| *other != first) {
        let so_far = match &mut facts {
            Some(facts) => facts,
            None => facts.insert(Facts::of(first)?),
        };
        so_far.complete(Facts::of(other)?);
    }
    match facts {
        None => Ok(Cow::Borrowed(first)),
        Some(facts) => facts.payload().map(Cow::Owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(rank: Option<u32>, tags: &[(&str, &str)]) -> Facts {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Facts {
            rank,
            tags: tags.iter().map(pair).collect(),
            ..Facts::default()
        }
    }

    #[test]
    fn nothing_known_takes_no_room_and_everything_comes_back() {
        assert_eq!(Facts::default().payload().unwrap(), "");
        assert_eq!(Facts::of("").unwrap(), Facts::default());
        let all = Facts {
            stratum: Some("cz".to_owned()),
            weight: 10.0 / 3.0,
            ..facts(Some(7), &[("sector", "a\tb\n\"c\"")])
        };
        let payload = all.payload().unwrap();
        assert!(!payload.contains(['\t', '\n', '\r']), "{payload}");
        assert_eq!(Facts::of(&payload).unwrap(), all);
        assert!(Facts::of("{").is_err());
    }

    #[test]
    fn the_first_line_that_says_something_decides_it() {
        let first = facts(None, &[("sector", "bank")]).payload().unwrap();
        let second = facts(Some(3), &[("sector", "shop"), ("city", "Brno")]);
        let second = second.payload().unwrap();
        let third = facts(Some(9), &[]).payload().unwrap();
        let both = facts(Some(3), &[("sector", "bank"), ("city", "Brno")]);
        let fold = |payloads: &[&str]| merged(payloads).unwrap().into_owned();
        assert_eq!(
            fold(&["", &first, "", &second, &third]),
            both.payload().unwrap()
        );
        assert_eq!(fold(&["", &third, &third]), third);
        assert_eq!(fold(&["", ""]), "");
    }
}
