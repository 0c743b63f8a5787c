//! The list of domains: as text, and as CSV with what is known of them besides.

use super::draw::Draw;
use super::numbers;

/// The columns of `domains.csv`.
pub const HEADER: &str = "domain,rank,group,designated_at,sector\n";

/// Who is obliged, and since when: the words of the rule book nukib-2021. Whoever was designated
/// later has a date and no group.
const GROUPS: [(&str, f64); 4] = [
    ("presidency", 1.0),
    ("registered_later", 1.0),
    ("other", 2.0),
    ("", 2.0),
];
const SECTORS: [(&str, f64); 4] = [
    ("ministry", 1.0),
    ("hospital", 2.0),
    ("school", 5.0),
    ("bank", 1.0),
];

/// The line of a domain in `domains.csv`.
pub fn line(seed: u64, number: usize, listed: &str) -> String {
    let mut draw = Draw::of(seed, "list", number as u64);
    let (mut group, mut designated) = ("", String::new());
    if draw.chance(numbers::OBLIGED) {
        group = draw.pick(&GROUPS);
        if group.is_empty() {
            let mut one_of = |count: u64| 1 + draw.next() % count;
            let (year, month, day) = (2021 + one_of(5), one_of(12), one_of(28));
            designated = format!("{year}-{month:02}-{day:02}");
        }
    }
    let sector = match draw.chance(numbers::SECTOR) {
        true => draw.pick(&SECTORS),
        false => "",
    };
    let rank = number + 1;
    format!("{listed},{rank},{group},{designated},{sector}\n")
}
