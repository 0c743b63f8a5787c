//! Records by the grammars of their RFCs, with what people get wrong and with bytes that nobody meant:
//! the same ones for the same seed.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reading::{Kind, Record};

/// What records of a kind are made of: most of them, and a few.
#[derive(Deserialize)]
struct Pool {
    versions: Vec<String>,
    odd_versions: Vec<String>,
    words: Vec<String>,
    odd_words: Vec<String>,
}

/// Pools by the name of the kind.
type Pools = BTreeMap<String, Pool>;

fn pools() -> Pools {
    serde_json::from_str(include_str!("../data/records/words.json")).expect("words")
}

/// Of 32 records, how many are of each kind, and how many words they have at most.
const SHARES: &[(Kind, u64, usize)] = &[
    (Kind::Spf, 11, 6),
    (Kind::Dmarc, 8, 4),
    (Kind::Dkim, 2, 3),
    (Kind::MtaSts, 3, 2),
    (Kind::MtaStsPolicy, 3, 2),
    (Kind::TlsRpt, 3, 2),
    (Kind::Bimi, 2, 2),
];

/// Characters that mean something somewhere.
const CHARACTERS: &[u8] = b" \t\r\n;:=/.,-_%{}~+?!@\"\\'0129azAZ\0\x7f\xc3\xa4\xff*";

/// Random numbers of a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another one.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("less than a usize")
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// The first records of a seed; those of a larger count begin with those of a smaller one.
pub fn records(seed: u64, count: usize) -> Vec<Record> {
    let pools = pools();
    let mut random = Random(seed);
    (0..count).map(|_| record(&mut random, &pools)).collect()
}

fn record(random: &mut Random, pools: &Pools) -> Record {
    let (kind, most) = kind(random);
    let pool = &pools[kind.name()];
    let mut bytes = match kind {
        Kind::MtaStsPolicy => policy(random, pool, most),
        Kind::Spf => joined(random, pool, " ", most),
        _ => joined(random, pool, ";", most),
    };
    if random.one_in(8) {
        mutate(random, &mut bytes);
    }
    Record { kind, bytes }
}

fn kind(random: &mut Random) -> (Kind, usize) {
    let total: u64 = SHARES.iter().map(|(_, share, _)| share).sum();
    let mut at = random.next() % total;
    for (kind, share, most) in SHARES {
        if at < *share {
            return (*kind, *most);
        }
        at -= share;
    }
    unreachable!("the shares end at their sum")
}

/// A word of a pool; one in five is odd.
fn word<'a>(random: &mut Random, pool: &'a Pool) -> &'a str {
    let odd = random.one_in(5);
    let words = if odd { &pool.odd_words } else { &pool.words };
    random.pick::<String>(words)
}

/// Words to follow a text, so many at most: hardly any has a name that is there, and `all` is the last
/// one most of the time.
fn words<'a>(random: &mut Random, pool: &'a Pool, most: usize, text: &str) -> Vec<&'a str> {
    let mut names = format!(";{}=", text.to_ascii_lowercase().replace(' ', ""));
    let mut words = Vec::new();
    for _ in 0..most {
        let word = word(random, pool);
        let name = word.split_once('=').map(|(name, _)| name);
        let name = name.map(|name| format!(";{}=", name.trim().to_ascii_lowercase()));
        let known = name.as_ref().is_some_and(|name| names.contains(name));
        if !known || random.one_in(4) {
            names.extend(name);
            words.push(word);
        }
    }
    if !random.one_in(4) {
        words.sort_by_key(|word| word.to_ascii_lowercase().ends_with("all"));
    }
    words
}

/// A version, words, and the separator between them, with space here and there.
fn joined(random: &mut Random, pool: &Pool, separator: &str, most: usize) -> Vec<u8> {
    let odd = random.one_in(16);
    let versions = if odd {
        &pool.odd_versions
    } else {
        &pool.versions
    };
    let mut text = random.pick(versions).clone();
    let spaced = random.one_in(2);
    let count = 1 + random.below(most);
    for word in words(random, pool, count, &text) {
        text.push_str(separator);
        if spaced || random.one_in(12) {
            text.push(' ');
        }
        text.push_str(word);
    }
    if random.one_in(6) {
        text.push_str(separator);
    }
    text.into_bytes()
}

/// A policy has each of its fields once, most of the time, and what else there is behind them.
fn policy(random: &mut Random, pool: &Pool, most: usize) -> Vec<u8> {
    let end = *random.pick(&["\n", "\r\n"]);
    let mut lines = vec![pool.versions[0].as_str()];
    for field in ["mode", "max_age", "mx"] {
        let own = pool.words.iter().filter(|word| word.starts_with(field));
        let own: Vec<_> = own.map(String::as_str).collect();
        let strange = random.one_in(8);
        lines.push(if strange {
            word(random, pool)
        } else {
            random.pick::<&str>(&own)
        });
    }
    for _ in 0..random.below(most + 1) {
        lines.push(word(random, pool));
    }
    if random.one_in(6) {
        let (one, other) = (random.below(lines.len()), random.below(lines.len()));
        lines.swap(one, other);
    }
    let last = ["", "\r", end, end, end, end, end, end];
    format!("{}{}", lines.join(end), random.pick(&last)).into_bytes()
}

/// Some bytes are others, twice there, or missing.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        let end = (at + 1 + random.below(4)).min(bytes.len());
        match random.below(4) {
            0 => bytes.insert(at, *random.pick(CHARACTERS)),
            1 if at < bytes.len() => bytes[at] = *random.pick(CHARACTERS),
            2 if at < end => drop(bytes.drain(at..end)),
            _ => {
                let twice = bytes[at.min(end)..end].to_vec();
                bytes.splice(at..at, twice);
            }
        }
    }
}
