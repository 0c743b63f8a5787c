//! In which countries mail is taken: [`places`], none where the survey had no table of countries.

use super::bar::Bar;
use super::lang::{Lang, fill};
use super::share::Teller;
use super::strange::short;
use crate::report::countries::{CountryFigures, CountryLeader};
use crate::report::figures::Report;
use crate::table::codes::CountryBasis;

/// Countries shown at the most; the others are in the JSON.
const SHOWN: usize = 50;

/// In which countries mail is taken.
pub struct Places {
    /// In sentences.
    pub sentences: Vec<String>,
    /// Domains whose country is not known: why in plain words, the word itself, and how many.
    pub unknown: Vec<(Option<&'static str>, String, String)>,
    /// The largest.
    pub top: Vec<CountryRow>,
    /// Those with most domains with DANE: the code, how many as people read it and for sorting.
    pub dane: Vec<(String, String, u64)>,
    /// What is not shown; empty where all is.
    pub rest: String,
}

/// A country.
pub struct CountryRow {
    /// Its code.
    pub code: String,
    /// Domains, as people read them and for sorting.
    pub domains: (String, u64),
    /// Its share, as people read it and for sorting.
    pub share: (String, f64),
    /// The share, drawn.
    pub bar: Bar,
}

/// The countries of a report.
pub fn places(report: &Report, teller: Teller) -> Option<Places> {
    let lang = teller.lang;
    let all = report.countries.as_ref()?;
    let dane = all.dane.iter().filter(|one| one.domains > 0).take(SHOWN);
    let dane = dane.map(|one| (short(&one.country), lang.count(one.domains), one.domains));
    let unknown = all.without_country.0.iter().map(|(word, domains)| {
        let plain = why(lang, word);
        (plain, short(word), lang.count(*domains))
    });
    Some(Places {
        sentences: sentences(all, lang),
        unknown: unknown.collect(),
        top: all
            .top
            .iter()
            .take(SHOWN)
            .map(|one| row(one, lang))
            .collect(),
        dane: dane.collect(),
        rest: rest(all, lang, report.k),
    })
}

fn row(leader: &CountryLeader, lang: Lang) -> CountryRow {
    let texts = lang.texts();
    let code = short(&leader.country);
    let part = |share: f64| (share * 10_000.0) as u64;
    let counts = [
        ("yes", texts.share, part(leader.share)),
        ("na", texts.others_of_it, part(1.0 - leader.share)),
    ];
    CountryRow {
        bar: Bar::of(lang, &code, &counts),
        code,
        domains: (lang.count(leader.domains), leader.domains),
        share: (lang.percent(leader.share), leader.share),
    }
}

fn sentences(all: &CountryFigures, lang: Lang) -> Vec<String> {
    let texts = lang.texts();
    let Some(several) = all.several_share else {
        return vec![texts.no_countries.to_owned()];
    };
    let (domains, countries) = (lang.count(all.domains), lang.count(all.countries));
    let [some, dane] = [all.several, all.several_dane].map(|domains| lang.count(domains));
    vec![
        fill(texts.countries_all, &[&domains, &countries]),
        fill(
            texts.countries_several,
            &[&some, &lang.percent(several), &dane],
        ),
    ]
}

fn rest(all: &CountryFigures, lang: Lang, k: u64) -> String {
    let shown = all.top.len().min(SHOWN) as u64;
    let counts = [shown, all.countries, k].map(|number| lang.count(number));
    match shown < all.countries {
        true => fill(
            lang.texts().countries_rest,
            &counts.each_ref().map(String::as_str),
        ),
        false => String::new(),
    }
}

/// Why a country is not known, in plain words.
fn why(lang: Lang, word: &str) -> Option<&'static str> {
    let texts = lang.texts();
    let words = [
        (CountryBasis::NotInTable, texts.country_not_in_table),
        (
            CountryBasis::AddressesUnknown,
            texts.country_addresses_unknown,
        ),
    ];
    let found = words.into_iter().find(|(basis, _)| basis.as_str() == word);
    found.map(|(_, plain)| plain)
}

#[cfg(test)]
mod tests {
    use crate::report::fixtures::Made;
    use crate::report::html::Lang;
    use crate::report::html::tests::{html, made_of, row, said};
    use crate::report::tests::{country, request, with_countries};

    fn section(html: &str) -> String {
        let (_, behind) = html.split_once("<section id=\"countries\"").expect("one");
        said(behind.split_once("</section>").expect("its end").0)
    }

    #[test]
    fn every_number_of_the_countries_is_on_the_page() {
        let report = made_of(&with_countries(), &request());
        let english = html(&report, Lang::En);
        for (code, domains, share) in [("CZ", 2, "50.0"), ("DE", 1, "25.0")] {
            let row = said(row(
                &english,
                "countries",
                &format!("<th scope=\"row\">{code}<"),
            ));
            let told = format!("{code} {domains} {share} %");
            assert!(row.starts_with(&told), "{row}");
        }
        let text = section(&english);
        for told in [
            "4 domains",
            "the machine itself may stand elsewhere",
            "several countries: 1 (25.0 %); with DANE: 1",
            "not_in_table 1",
            "Domains with DANE CZ 2 DE 1",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert!(english.contains("<a href=\"#countries\">"));
        let czech = section(&html(&report, Lang::Cs));
        assert!(czech.contains("ve více zemích: 1 (25,0 %)"), "{czech}");
        assert!(czech.contains("not_in_table 1"), "{czech}");
    }

    #[test]
    fn countries_that_are_not_named_are_counted() {
        let few = crate::report::Request { k: 2, ..request() };
        let text = section(&html(&made_of(&with_countries(), &few), Lang::En));
        assert!(text.contains("1 of 2 countries"), "{text}");
        assert!(!text.contains("DE"), "{text}");
    }

    #[test]
    fn without_a_table_there_is_no_section() {
        let page = html(&made_of(&country(), &request()), Lang::En);
        assert!(!page.contains("#countries") && !page.contains("id=\"countries\""));
        let nobody = Made::default();
        let text = section(&html(&made_of(&nobody, &request()), Lang::En));
        assert!(text.contains("no domain whose country is known"), "{text}");
    }
}
