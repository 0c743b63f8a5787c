//! The languages of the page, and how each of them writes numbers, shares and days.

use std::fmt::Display;
use std::str::FromStr;

use super::strange::short;
use super::words::{CS, EN, Texts};

/// Keeps a number in one piece.
const NBSP: char = '\u{a0}';

/// Less than any share of a domain: where sums of shares differ by it, they do not differ.
const NOTHING: f64 = 1e-9;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Czech.
    Cs,
}

impl FromStr for Lang {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|lang| lang.as_str() == text);
        known.ok_or_else(|| "give en or cs".to_owned())
    }
}

impl Display for Lang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Cs];

    /// Its tag (BCP 47).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Cs => "cs",
        }
    }

    /// Everything that the page says in it.
    pub fn texts(self) -> &'static Texts {
        match self {
            Self::En => &EN,
            Self::Cs => &CS,
        }
    }

    /// The one of two texts that is in this language.
    pub fn of(self, both: &Both) -> &'static str {
        match self {
            Self::En => both.0,
            Self::Cs => both.1,
        }
    }

    /// A whole number, thousands apart.
    pub fn count(self, number: u64) -> String {
        let between = match self {
            Self::En => ',',
            Self::Cs => NBSP,
        };
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() * 2);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(between);
            }
            text.push(digit);
        }
        text
    }

    /// A number with a fixed number of places.
    pub fn decimal(self, number: f64, places: usize) -> String {
        let text = format!("{number:.places$}");
        match self {
            Self::En => text,
            Self::Cs => text.replace('.', ","),
        }
    }

    /// A share in per cent with one place. What is nearly all or nearly nothing does not become
    /// all or nothing.
    pub fn percent(self, share: f64) -> String {
        let percent = share * 100.0;
        let (sign, shown) = match percent {
            few if few > 0.0 && few < 0.1 => ("< ", 0.1),
            // A sum of shares that are all together comes out a little beside it.
            most if share < 1.0 - NOTHING && most > 99.9 => ("> ", 99.9),
            usual => ("", usual),
        };
        let sign = sign.replace(' ', "\u{a0}");
        format!("{sign}{}{NBSP}%", self.decimal(shown, 1))
    }

    /// So many of something: the word for one, for two to four, and for more.
    pub fn some(self, number: u64, words: [&str; 3]) -> String {
        let word = match (self, number) {
            (_, 1) => words[0],
            (Self::Cs, 2..=4) => words[1],
            _ => words[2],
        };
        format!("{}{NBSP}{word}", self.count(number))
    }

    /// A day that is given as year-month-day; anything else as it is.
    pub fn day(self, date: &str) -> String {
        let Some((year, month, day)) = parts(date) else {
            return short(date);
        };
        match self {
            Self::En => format!("{day}{NBSP}{} {year}", MONTHS[month - 1].0),
            Self::Cs => format!("{day}.{NBSP}{} {year}", MONTHS[month - 1].1),
        }
    }

    /// The same in few letters, for drawings.
    pub fn short_day(self, date: &str) -> String {
        let Some((year, month, day)) = parts(date) else {
            return short(date);
        };
        match self {
            Self::En => format!("{day} {:.3} {year}", MONTHS[month - 1].0),
            Self::Cs => format!("{day}. {month}. {year}"),
        }
    }
}

/// Year, month and day.
fn parts(date: &str) -> Option<(usize, usize, usize)> {
    let mut parts = date.splitn(3, '-').map(str::parse::<usize>);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month @ 1..=12)), Some(Ok(day))) => Some((year, month, day)),
        _ => None,
    }
}

/// A text in English and in Czech.
pub type Both = (&'static str, &'static str);

/// The months, as a date has them.
const MONTHS: [Both; 12] = [
    ("January", "ledna"),
    ("February", "února"),
    ("March", "března"),
    ("April", "dubna"),
    ("May", "května"),
    ("June", "června"),
    ("July", "července"),
    ("August", "srpna"),
    ("September", "září"),
    ("October", "října"),
    ("November", "listopadu"),
    ("December", "prosince"),
];

/// A text with its places `{0}`, `{1}`, … filled.
pub fn fill(text: &str, parts: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((place, after)) = behind.split_once('}') else {
            rest = behind;
            break;
        };
        let part = place.parse().ok().and_then(|place: usize| parts.get(place));
        filled.push_str(part.copied().unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        assert_eq!(Lang::En.count(1_234_567), "1,234,567");
        assert_eq!(Lang::Cs.count(1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!(Lang::En.percent(0.1234), "12.3\u{a0}%");
        assert_eq!(Lang::Cs.percent(0.1234), "12,3\u{a0}%");
        assert_eq!(Lang::En.day("2026-01-31"), "31\u{a0}January 2026");
        assert_eq!(Lang::Cs.day("2026-01-31"), "31.\u{a0}ledna 2026");
        assert_eq!(Lang::En.short_day("2026-01-31"), "31 Jan 2026");
        assert_eq!(Lang::Cs.short_day("2026-01-31"), "31. 1. 2026");
        assert_eq!(Lang::En.day("2026-13-01"), "2026-13-01");
        assert_eq!(Lang::En.day("\u{202e}"), "\\x202e");
    }

    #[test]
    fn nearly_all_is_not_all() {
        assert_eq!(Lang::En.percent(0.999_99), ">\u{a0}99.9\u{a0}%");
        assert_eq!(Lang::En.percent(0.000_01), "<\u{a0}0.1\u{a0}%");
        assert_eq!(Lang::En.percent(1.0), "100.0\u{a0}%");
        let thirds: f64 = [0.7, 0.1, 0.1, 0.1].iter().sum();
        assert!(thirds < 1.0);
        assert_eq!(Lang::En.percent(thirds), "100.0\u{a0}%");
        assert_eq!(Lang::En.percent(0.0), "0.0\u{a0}%");
    }

    #[test]
    fn czech_has_three_numbers() {
        let words = ["doména", "domény", "domén"];
        let of = |number| Lang::Cs.some(number, words).replace(NBSP, " ");
        assert_eq!(of(1), "1 doména");
        assert_eq!(of(4), "4 domény");
        assert_eq!(of(5), "5 domén");
        assert_eq!(of(22), "22 domén");
        let words = ["domain", "domains", "domains"];
        assert_eq!(Lang::En.some(1, words), "1\u{a0}domain");
        assert_eq!(Lang::En.some(0, words), "0\u{a0}domains");
    }

    #[test]
    fn places_of_a_text_are_filled_once() {
        assert_eq!(fill("{1} of {0}{", &["{1}", "b"]), "b of {1}");
        assert_eq!(fill("none", &[]), "none");
    }
}
