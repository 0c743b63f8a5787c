//! One of several shards of a list: a range of the order of work.
//!
//! Hands out `Shard`. Shards 1 to N of one seed hold every domain exactly once, so that several
//! machines can share a list.

use std::fmt;
use std::str::FromStr;

/// Shard `number` of `of`, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u32,
    of: u32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u32>().ok();
        text.split_once('/')
            .and_then(|(shard, of)| Some((number(shard)?, number(of)?)))
            .filter(|(shard, of)| (1..=*of).contains(shard))
            .map(|(number, of)| Self { number, of })
            .ok_or_else(|| "give I/N, the first is 1/N and the last N/N".to_owned())
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// Whether a place in the order of work belongs to it.
    pub fn holds(self, hash: u64) -> bool {
        let shard = (u128::from(hash) * u128::from(self.of)) >> 64;
        shard + 1 == u128::from(self.number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_shard_is_written_i_of_n() {
        assert_eq!("2/4".parse::<Shard>().unwrap().to_string(), "2/4");
        for text in ["", "1", "0/4", "5/4", "1/0", "a/4", "1/4/4", "-1/4"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_place_is_in_one_shard(
            hash in prop_oneof![any::<u64>(), Just(0), Just(u64::MAX), Just(u64::MAX / 3)],
            of in 1..=300_u32,
        ) {
            let holding = (1..=of).filter(|number| Shard { number: *number, of }.holds(hash));
            prop_assert_eq!(holding.count(), 1);
        }
    }
}
