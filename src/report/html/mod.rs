//! The report as one page for people who never saw DNS: [`page`] writes HTML that needs nothing else.
//!
//! Templates (askama: compiled, escaped) hold the structure, `words` the texts, the modules beside
//! them turn figures into what is shown. Charts are plain SVG drawn by the templates: charting crates
//! write colours into the drawing, which then suits neither dark nor light nor print, and give
//! neither titles nor patterns to those who do not see colours.
//!
//! A strict content security policy stands in the page: it fetches nothing, and only the style and
//! the script that are part of it, told by their hashes, have any effect. So no element has a `style`.

mod bar;
mod changes;
mod checks;
mod countries;
mod groups;
mod headlines;
mod lang;
mod operators;
mod policies;
mod population;
mod profiles;
mod series;
mod share;
mod strange;
mod versions;
mod words;

#[cfg(test)]
mod shares_tests;
#[cfg(test)]
mod tests;

use std::io;

use askama::Template;
use aws_lc_rs::digest;
use data_encoding::BASE64;

use self::changes::{ComparisonView, comparisons};
use self::checks::{CheckRow, rows};
use self::countries::{Places, places};
use self::groups::{Groups, groups};
use self::headlines::{Headline, headlines};
pub use self::lang::Lang;
use self::lang::fill;
use self::operators::{Hands, hands};
use self::policies::{Policy, policies};
use self::population::{KindRow, kinds, silent};
use self::profiles::{ProfileView, profiles};
use self::series::{Series, series};
use self::share::Teller;
use self::strange::{folder, short};
use self::versions::{VersionRow, versions};
use self::words::Texts;
use super::figures::Report;
use crate::table::rows::CheckId;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    lang: Lang,
    t: &'static Texts,
    policy: String,
    style: &'static str,
    script: &'static str,
    lead: String,
    date: String,
    day: String,
    sample: bool,
    empty: bool,
    legend: String,
    headlines: Vec<Headline>,
    policies: Vec<Policy>,
    versions: Vec<VersionRow>,
    hands: Hands,
    countries: Option<Places>,
    groups: Option<Groups>,
    profiles: Vec<ProfileView>,
    series: Option<Series>,
    series_lead: String,
    comparisons: Vec<ComparisonView>,
    comparisons_rest: String,
    checks: Vec<CheckRow>,
    kinds: Vec<KindRow>,
    silent: String,
    missing: Vec<(&'static str, &'static str)>,
    method_small: String,
    dir: String,
    id: String,
    started_at: String,
    ended_at: String,
    program: &'static str,
    made_by: String,
}

/// Writes a report as one page of HTML.
///
/// # Errors
/// When it cannot be written.
pub fn page(report: &Report, lang: Lang, mut to: impl io::Write) -> io::Result<()> {
    made(report, lang).write_into(&mut to)
}

fn made(report: &Report, lang: Lang) -> Page {
    let t = lang.texts();
    let teller = Teller {
        lang,
        sample: report.survey.sample,
    };
    let identity = &report.survey.identity;
    let day = lang.day(&identity.date);
    let domains = lang.some(report.all.domains, words::DOMAINS[lang as usize]);
    let series = series(report, teller);
    let (comparisons, comparisons_rest) = comparisons(report, teller);
    let ends = series.as_ref().map(|series| &series.ends);
    Page {
        lang,
        t,
        policy: policy(),
        style: STYLE,
        script: SCRIPT,
        lead: fill(t.lead, &[&day, &domains, &lang.count(report.all.receiving)]),
        date: short(&identity.date),
        day,
        sample: report.survey.sample,
        empty: report.all.domains == 0,
        legend: fill(t.legend_all, &[&domains]),
        headlines: headlines(report, teller),
        policies: policies(report, teller),
        versions: versions(report, teller),
        hands: hands(report, teller),
        countries: places(report, teller),
        groups: groups(report, teller),
        profiles: profiles(report, teller),
        series_lead: ends.map_or(String::new(), |(first, last)| {
            fill(t.series_lead, &[first, last])
        }),
        series,
        comparisons,
        comparisons_rest,
        checks: rows(report, teller),
        kinds: kinds(report, teller),
        silent: silent(report, teller),
        missing: missing(report, lang),
        method_small: fill(t.method_small, &[&lang.count(report.k)]),
        dir: folder(&identity.dir),
        id: short(&identity.id),
        started_at: short(&identity.started_at),
        ended_at: short(identity.ended_at.as_deref().unwrap_or(t.not_ended)),
        program: report.mailcensus,
        made_by: fill(t.made_by, &[report.mailcensus, &short(&identity.id)]),
    }
}

/// The checks without a share.
fn missing(report: &Report, lang: Lang) -> Vec<(&'static str, &'static str)> {
    let names = report.not_measured.iter().filter_map(|name| {
        let id = CheckId::named(name)?;
        Some((lang.of(&words::check(id).name), id.as_str()))
    });
    names.collect()
}

/// What the page may do: nothing but to use its own style and script.
fn policy() -> String {
    let hash =
        |text: &str| BASE64.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
