//! Bars of shares, and what each part of them is called.

use super::lang::{Lang, fill};
use crate::report::share::Tally;

/// A part of a bar, in per cent of its width.
pub struct Part {
    /// Its class in the style sheet.
    pub kind: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// How many it stands for, as people read it.
    pub count: String,
    /// Where it begins.
    pub x: String,
    /// How wide it is.
    pub width: String,
}

/// A bar.
pub struct Bar {
    /// Its parts from left to right; those of nobody have no width.
    pub parts: Vec<Part>,
    /// What it shows, in words.
    pub label: String,
}

impl Bar {
    /// A bar of counts, by class and name.
    pub fn of(lang: Lang, label: &str, counts: &[(&'static str, &'static str, u64)]) -> Self {
        let all: u64 = counts.iter().map(|(.., count)| count).sum();
        let mut before = 0;
        let parts = counts.iter().map(|&(kind, name, number)| {
            let (x, width) = (percent(before, all), percent(number, all));
            before += number;
            let count = lang.count(number);
            Part {
                kind,
                name,
                count,
                x,
                width,
            }
        });
        let parts: Vec<_> = parts.collect();
        let said: Vec<_> = parts
            .iter()
            .map(|part| format!("{} {}", part.name, part.count))
            .collect();
        Self {
            label: fill("{0}: {1}", &[label, &said.join(", ")]),
            parts,
        }
    }

    /// A bar of the four results.
    pub fn of_results(lang: Lang, label: &str, tally: &Tally) -> Self {
        let texts = lang.texts();
        let counts = [
            ("pass", texts.pass, tally.pass),
            ("fail", texts.fail, tally.fail),
            ("unknown", texts.unknown, tally.unknown),
            ("na", texts.not_applicable, tally.not_applicable),
        ];
        Self::of(lang, label, &counts)
    }
}

fn percent(part: u64, all: u64) -> String {
    match all {
        0 => "0".to_owned(),
        all => format!("{:.2}", part as f64 / all as f64 * 100.0),
    }
}
