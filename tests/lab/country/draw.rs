//! Randomness that a seed repeats on every machine: splitmix64, one stream per thing drawn for.

/// A stream of numbers.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// The stream of one thing: what it is, and which one.
    pub fn of(seed: u64, what: &str, which: u64) -> Self {
        let mut draw = Self(seed);
        for word in what.bytes().map(u64::from).chain([which]) {
            let mixed = draw.next() ^ word;
            draw = Self(mixed);
        }
        draw
    }

    /// The next 64 bits (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of the words, by weight.
    pub fn pick<T: Copy>(&mut self, weights: &[(T, f64)]) -> T {
        let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
        let mut left = self.unit() * sum;
        for (word, weight) in weights {
            left -= weight;
            if left < 0.0 {
                return *word;
            }
        }
        weights[weights.len() - 1].0
    }
}

/// Zipf's law with exponent 1: the thing of rank r is drawn 1/r as often as the first.
#[derive(Debug, Clone)]
pub struct Zipf(Vec<f64>);

impl Zipf {
    /// Over so many things.
    pub fn over(count: usize) -> Self {
        let mut sum = 0.0;
        let sums = (1..=count).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        Self(sums.collect())
    }

    /// A rank from 0.
    pub fn rank(&self, draw: &mut Draw) -> usize {
        let sum = self.0[self.0.len() - 1];
        let at = draw.unit() * sum;
        self.0
            .partition_point(|reached| *reached <= at)
            .min(self.0.len() - 1)
    }
}
