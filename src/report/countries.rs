//! In which countries the mail of how many domains is taken.

use arrow::array::{Array, StringArray};
use serde::Serialize;

use super::columns::Columns;
use super::figures::Named;
use super::leaders::{Count, Leaders};
use crate::error::Result;
use crate::table::codes::CountryBasis;

/// The columns that are counted.
pub const COLUMNS: [&str; 2] = ["country", "country_basis"];

/// What is known of the country of each domain of a batch.
pub struct Places<'a> {
    countries: &'a StringArray,
    bases: &'a StringArray,
}

impl<'a> Places<'a> {
    /// Takes a batch apart.
    ///
    /// # Errors
    /// When a column is missing or not as this program makes it.
    pub fn of(columns: &Columns<'a>) -> Result<Self> {
        Ok(Self {
            countries: columns.text("country")?,
            bases: columns.text("country_basis")?,
        })
    }

    /// The country; none where it is not exactly one.
    pub fn country(&self, row: usize) -> Option<&'a str> {
        self.countries
            .is_valid(row)
            .then(|| self.countries.value(row))
    }

    /// How much is known of it.
    pub fn basis(&self, row: usize) -> &'a str {
        self.bases.value(row)
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.bases.len()
    }
}

/// The countries of domains that take mail, as they are counted.
#[derive(Debug, Default)]
pub struct Countries {
    one: Leaders,
    several: Count,
    /// Weight of both, summed in the order of the domains.
    weight: f64,
    without: Vec<(String, u64)>,
}

/// In which countries mail is taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CountryFigures {
    /// Domains that take mail and of which it is known where: in one country or in several.
    pub domains: u64,
    /// Domains that take mail and of which it is not known, by the word why; in none of the shares.
    pub without_country: Named<u64>,
    /// Countries that have a domain to themselves.
    pub countries: u64,
    /// The largest by share, among those with k domains or more.
    pub top: Vec<CountryLeader>,
    /// Domains whose mail is taken in several countries; in none of the countries.
    pub several: u64,
    /// Their share; null where there is none.
    pub several_share: Option<f64>,
    /// Those with most domains that pass `dane_valid`, among those with k domains or more.
    pub dane: Vec<CountryDane>,
    /// Domains in several countries that pass it.
    pub several_dane: u64,
}

/// A country and its domains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CountryLeader {
    /// Its code.
    pub country: String,
    /// Domains that take mail there.
    pub domains: u64,
    /// Their share, weighted.
    pub share: f64,
}

/// A country and its domains with DANE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountryDane {
    /// Its code.
    pub country: String,
    /// Domains that take mail there and pass `dane_valid`.
    pub domains: u64,
}

impl Countries {
    /// Counts a domain that takes mail.
    pub fn add(&mut self, country: Option<&str>, basis: &str, weight: f64, dane: bool) {
        match country {
            Some(country) => {
                self.weight += weight;
                self.one.add(country, weight, dane);
            }
            None if basis == CountryBasis::Several.as_str() => {
                self.weight += weight;
                self.several.add(weight, dane);
            }
            None => match self.without.iter_mut().find(|(word, _)| word == basis) {
                Some((_, domains)) => *domains += 1,
                None => self.without.push((basis.to_owned(), 1)),
            },
        }
    }

    /// What it comes to: the `top` largest by name, but only those of `k` domains or more. None where
    /// the survey had no table of countries.
    pub fn figures(&self, k: u64, top: usize) -> Option<CountryFigures> {
        let no_table = CountryBasis::NoTable.as_str();
        if self.without.iter().any(|(word, _)| word == no_table) {
            return None;
        }
        let counts = self.one.counts();
        let all = self.weight;
        let leader = |(name, count): (&str, Count)| CountryLeader {
            country: name.to_owned(),
            domains: count.domains,
            share: count.weight / all,
        };
        let dane = |(name, count): (&str, Count)| CountryDane {
            country: name.to_owned(),
            domains: count.dane,
        };
        let by_domains = self.one.largest(k, top, |one| one.weight);
        let by_dane = self.one.largest(k, top, |one| one.dane as f64);
        let mut without = self.without.clone();
        without.sort();
        Some(CountryFigures {
            domains: self.several.domains + counts.iter().map(|one| one.domains).sum::<u64>(),
            without_country: Named(without),
            countries: counts.len() as u64,
            top: by_domains.into_iter().map(leader).collect(),
            several: self.several.domains,
            several_share: (all > 0.0).then(|| self.several.weight / all),
            dane: by_dane.into_iter().map(dane).collect(),
            several_dane: self.several.dane,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted() -> Countries {
        let mut countries = Countries::default();
        for (country, domains, weight, dane) in
            [("DE", 2, 1.0, 2), ("CZ", 6, 1.0, 1), ("NZ", 1, 1.0, 1)]
        {
            for number in 0..domains {
                countries.add(Some(country), "one", weight, number < dane);
            }
        }
        countries.add(None, "several", 1.0, true);
        countries.add(None, "not_in_table", 1.0, true);
        countries.add(None, "addresses_unknown", 1.0, false);
        countries.add(None, "not_in_table", 1.0, true);
        countries
    }

    #[test]
    fn shares_are_of_domains_whose_country_is_known() {
        let found = counted().figures(1, 2).expect("a table");
        assert_eq!((found.domains, found.countries), (10, 3));
        let without = [("addresses_unknown", 1), ("not_in_table", 2)];
        let without = without.map(|(word, domains)| (word.to_owned(), domains));
        assert_eq!(found.without_country.0, without);
        let top = found.top.iter();
        let top = top.map(|one| (&*one.country, one.domains, one.share));
        assert_eq!(top.collect::<Vec<_>>(), [("CZ", 6, 0.6), ("DE", 2, 0.2)]);
        assert_eq!((found.several, found.several_share), (1, Some(0.1)));
        let dane = found.dane.iter().map(|one| (&*one.country, one.domains));
        assert_eq!(dane.collect::<Vec<_>>(), [("DE", 2), ("CZ", 1)]);
        assert_eq!(found.several_dane, 1);
    }

    #[test]
    fn a_small_country_counts_and_has_no_name() {
        let found = counted().figures(2, 9).expect("a table");
        assert_eq!((found.domains, found.countries), (10, 3));
        assert!(found.top.iter().all(|one| one.country != "NZ"));
        assert!(found.dane.iter().all(|one| one.country != "NZ"));
    }

    #[test]
    fn without_a_table_there_are_no_countries() {
        let mut countries = Countries::default();
        countries.add(None, "no_table", 1.0, false);
        assert_eq!(countries.figures(1, 9), None);
        let none = Countries::default().figures(1, 9).expect("nobody asked");
        assert_eq!((none.domains, none.several_share), (0, None));
    }
}
