//! The order of work: a keyed hash of each key.
//!
//! Hash order gives a permutation of the list, exact dedupe a bucket at a time, and resume by key.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

/// Number of buckets the spool is cut into.
pub const BUCKETS: usize = 256;

/// A keyed order (SipHash-1-3), the same on every machine for the same seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    seed: u64,
}

impl Order {
    /// The order that belongs to a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Place of a key in the order.
    pub fn hash(self, key: &str) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.seed, 0x6d61_696c_6365_6e73);
        hasher.write(key.as_bytes());
        hasher.finish()
    }

    /// Bucket of a hash: its first byte, so that buckets follow each other in the order.
    pub fn bucket(hash: u64) -> usize {
        usize::from(hash.to_be_bytes()[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_order_on_every_machine() {
        // Fixed forever: a survey begun by an older build must resume.
        assert_eq!(
            Order::new(7).hash("example.cz"),
            Order::new(7).hash("example.cz")
        );
        assert_ne!(
            Order::new(7).hash("example.cz"),
            Order::new(8).hash("example.cz")
        );
        assert_eq!(Order::bucket(0xab00_0000_0000_0001), 0xab);
    }
}
