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
mod checks;
mod headlines;
mod lang;
mod share;
mod words;

#[cfg(test)]
mod tests;

use std::io;

use askama::Template;
use aws_lc_rs::digest;
use data_encoding::BASE64;

use self::checks::{CheckRow, rows, short};
use self::headlines::{Headline, headlines};
pub use self::lang::Lang;
use self::lang::fill;
use self::share::Teller;
use self::words::Texts;
use super::figures::Report;

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
    legend: String,
    headlines: Vec<Headline>,
    checks: Vec<CheckRow>,
    made_by: String,
}

/// Writes a report as one page of HTML.
///
/// # Errors
/// When it cannot be written.
pub fn page(report: &Report, lang: Lang, mut to: impl io::Write) -> io::Result<()> {
    let t = lang.texts();
    let teller = Teller {
        lang,
        sample: report.survey.sample,
    };
    let identity = &report.survey.identity;
    let day = lang.day(&identity.date);
    let domains = lang.some(report.all.domains, words::DOMAINS[lang as usize]);
    let page = Page {
        lang,
        t,
        policy: policy(),
        style: STYLE,
        script: SCRIPT,
        lead: fill(t.lead, &[&day, &domains, &lang.count(report.all.receiving)]),
        date: short(&identity.date),
        day,
        legend: fill(t.legend_all, &[&domains]),
        headlines: headlines(report, teller),
        checks: rows(report, teller),
        made_by: fill(t.made_by, &[report.mailcensus, &short(&identity.id)]),
    };
    page.write_into(&mut to)
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
