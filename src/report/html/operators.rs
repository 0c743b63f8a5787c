//! Who runs the mail, and how much of it is in few hands.

use super::bar::Bar;
use super::lang::fill;
use super::share::Teller;
use super::strange::short;
use crate::report::figures::Report;

/// Operators shown at the most; the others are in the CSV.
const SHOWN: usize = 50;

/// Who runs the mail.
pub struct Hands {
    /// In sentences.
    pub sentences: Vec<String>,
    /// The largest.
    pub top: Vec<OperatorRow>,
    /// Those with most domains with DANE.
    pub dane: Vec<(String, String, u64)>,
    /// What is not shown; empty where all is.
    pub rest: String,
}

/// An operator.
pub struct OperatorRow {
    /// Its name.
    pub name: String,
    /// Domains, as people read them and for sorting.
    pub domains: (String, u64),
    /// Its share, as people read it and for sorting.
    pub share: (String, f64),
    /// The share, drawn.
    pub bar: Bar,
}

/// The operators of a report.
pub fn hands(report: &Report, teller: Teller) -> Hands {
    let (lang, texts) = (teller.lang, teller.lang.texts());
    let all = &report.operators;
    let top = all.top.iter().take(SHOWN).map(|leader| {
        let name = short(&leader.operator);
        let counts = [
            ("yes", texts.share, (leader.share * 10_000.0) as u64),
            (
                "na",
                texts.others_of_it,
                ((1.0 - leader.share) * 10_000.0) as u64,
            ),
        ];
        OperatorRow {
            bar: Bar::of(lang, &name, &counts),
            name,
            domains: (lang.count(leader.domains), leader.domains),
            share: (lang.percent(leader.share), leader.share),
        }
    });
    let dane = all.dane.iter().take(SHOWN);
    let dane = dane.map(|one| (short(&one.operator), lang.count(one.domains), one.domains));
    Hands {
        sentences: sentences(report, teller),
        top: top.collect(),
        dane: dane.collect(),
        rest: match all.top.len().min(SHOWN) as u64 {
            shown if shown < all.operators => fill(
                texts.operators_rest,
                &[
                    &lang.count(shown),
                    &lang.count(all.operators),
                    &lang.count(report.k),
                ],
            ),
            _ => String::new(),
        },
    }
}

fn sentences(report: &Report, teller: Teller) -> Vec<String> {
    let (lang, texts) = (teller.lang, teller.lang.texts());
    let all = &report.operators;
    let (Some(top_5), Some(hhi)) = (all.top_5_share, all.hhi) else {
        return vec![texts.no_operators.to_owned()];
    };
    vec![
        fill(
            texts.operators_all,
            &[
                &lang.count(all.operators),
                &lang.count(all.domains),
                &lang.count(all.without_operator),
            ],
        ),
        fill(texts.operators_top_5, &[&lang.percent(top_5)]),
        fill(texts.operators_hhi, &[&lang.decimal(hhi, 4)]),
    ]
}
