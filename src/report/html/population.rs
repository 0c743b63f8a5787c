//! What kinds of domains were asked.

use super::lang::{Both, fill};
use super::share::Teller;
use crate::report::figures::Report;

/// A kind of domains.
pub struct KindRow {
    /// What it is.
    pub name: String,
    /// Domains, as people read them and for sorting.
    pub domains: (String, u64),
    /// Their share, as people read it and for sorting.
    pub share: (String, f64),
}

/// The kinds that occur, the largest first.
pub fn kinds(report: &Report, teller: Teller) -> Vec<KindRow> {
    let lang = teller.lang;
    let mut classes: Vec<_> = report
        .all
        .classes
        .0
        .iter()
        .filter(|(_, n)| *n > 0)
        .collect();
    classes.sort_by(|a, b| b.1.cmp(&a.1));
    let rows = classes.into_iter().map(|(class, domains)| {
        let known = CLASSES.iter().find(|(word, _)| word == class);
        let share = report
            .all
            .class_shares
            .get(class)
            .copied()
            .unwrap_or_default();
        KindRow {
            name: known.map_or(class.clone(), |(_, both)| lang.of(both).to_owned()),
            domains: (lang.count(*domains), *domains),
            share: (lang.percent(share), share),
        }
    });
    rows.collect()
}

/// How many domains say that they send no mail.
pub fn silent(report: &Report, teller: Teller) -> String {
    let of = |word| {
        report
            .all
            .non_sending
            .get(word)
            .copied()
            .unwrap_or_default()
    };
    let counts = ["true", "false", "unknown"].map(|word| teller.lang.count(of(word)));
    let [silent, others, unknown] = &counts;
    fill(teller.lang.texts().silent, &[silent, others, unknown])
}

const CLASSES: [(&str, Both); 10] = [
    (
        "unknown",
        (
            "not known: a question remained without an answer",
            "nezjištěno: na některou otázku nepřišla odpověď",
        ),
    ),
    ("nonexistent", ("does not exist", "neexistuje")),
    (
        "undelegated",
        (
            "exists only as a name, with nothing behind it",
            "existuje jen jako jméno, nic za ním není",
        ),
    ),
    (
        "explicit_mx",
        ("names its mail servers", "uvádí své poštovní servery"),
    ),
    (
        "implicit_mx",
        (
            "names no mail server, but its own address takes mail",
            "poštovní server neuvádí, ale její adresa poštu přijímá",
        ),
    ),
    (
        "implicit_unknown",
        (
            "names no mail server; whether its own address takes mail is not known",
            "poštovní server neuvádí; zda její adresa poštu přijímá, se nepodařilo zjistit",
        ),
    ),
    (
        "web_only",
        (
            "names no mail server, and its own address refuses mail",
            "poštovní server neuvádí a její adresa poštu odmítá",
        ),
    ),
    (
        "null_mx",
        (
            "says that it takes no mail (null MX)",
            "oznamuje, že poštu nepřijímá (null MX)",
        ),
    ),
    (
        "no_mail",
        (
            "has neither a mail server nor an address",
            "nemá poštovní server ani adresu",
        ),
    ),
    (
        "mx_unusable",
        (
            "names mail servers of which none can be reached by anybody",
            "uvádí poštovní servery, z nichž žádný nelze použít",
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::codes::Class;

    #[test]
    fn every_class_has_words() {
        for class in Class::CODES {
            let known = CLASSES.iter().any(|(word, _)| *word == class.word);
            assert!(known, "{}", class.word);
        }
    }
}
