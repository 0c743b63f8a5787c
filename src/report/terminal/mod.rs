//! The report for people: lines of at most 100 columns, and nothing of strangers that acts.

mod changes;
mod headlines;
mod lines;
mod points;

use std::cmp::Reverse;
use std::fmt::Write;

use self::changes::comparison;
use self::headlines::Headlines;
use self::lines::{cut, line, listed, padded};
use self::points::points;
use super::counts::Figures;
use super::figures::{Named, Report};
use super::versions::VersionFigures;
use crate::text::{count, percent};

/// Groups that are shown; the others are in the files.
const SHOWN: usize = 40;

/// The whole text.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    head(&mut text, report);
    checks(&mut text, report);
    versions(&mut text, report);
    for (name, profile) in &report.profiles.0 {
        points(&mut text, name, profile, report.survey.sample);
    }
    if let Some(by) = &report.by {
        groups(&mut text, by, report);
    }
    operators(&mut text, report);
    countries(&mut text, report);
    for one in &report.comparisons {
        comparison(&mut text, one, report);
    }
    if report.series.len() > 1 {
        series(&mut text, report);
    }
    text.push_str(
        "\nshare = pass / of, of = pass + fail; unknown could not be measured, n/a does not apply\n\
         of receiving, and DANE of a group or a survey: pass / all that take mail\n",
    );
    if report.survey.sample {
        text.push_str(
            "A sample: counts are of its domains, shares are weighted to the whole list, ± half of \
             their 95 %\ninterval\n",
        );
    }
    text
}

fn head(text: &mut String, report: &Report) {
    let all = &report.all;
    let identity = &report.survey.identity;
    line(
        text,
        &format!(
            "{}, begun on {}: {} domains, {} take mail",
            cut(&identity.dir, 36),
            cut(&identity.date, 10),
            count(all.domains),
            count(all.receiving)
        ),
    );
    let mut classes = all.classes.clone();
    classes.0.sort_by_key(|(_, domains)| Reverse(*domains));
    listed(text, "class: ", &counts(&classes));
    listed(
        text,
        "says that it sends no mail: ",
        &counts(&all.non_sending),
    );
}

fn counts(named: &Named<u64>) -> Vec<String> {
    let some = named.0.iter().filter(|(_, n)| *n > 0);
    some.map(|(name, n)| format!("{} {name}", count(*n)))
        .collect()
}

fn checks(text: &mut String, report: &Report) {
    line(text, "");
    line(
        text,
        &format!(
            "{:<24}{:>11}{:>11}{:>9}{:>11}{:>11}{:>13}",
            "check", "pass", "of", "share", "unknown", "n/a", "of receiving"
        ),
    );
    let unmeasured = |name: &str| report.not_measured.contains(&name);
    for (name, figures) in &report.all.checks.0 {
        if unmeasured(name) {
            continue;
        }
        let tally = &figures.tally;
        let mut row = format!(
            "{name:<24}{:>11}{:>11}{:>9}{:>11}{:>11}{:>13}",
            count(tally.pass),
            count(tally.of()),
            percent(figures.share),
            count(tally.unknown),
            count(tally.not_applicable),
            percent(figures.share_of_receiving)
        );
        margin(&mut row, figures, report.survey.sample);
        line(text, &row);
    }
    let lacking = report.all.checks.0.iter();
    let lacking = lacking.filter(|(name, figures)| unmeasured(name) && figures.tally.fail > 0);
    let lacking: Vec<_> = lacking
        .map(|(name, figures)| format!("{name} {}", count(figures.tally.fail)))
        .collect();
    if !lacking.is_empty() {
        listed(
            text,
            "fail for certain, who passes is not measured yet: ",
            &lacking,
        );
    }
    let none = report.not_measured.iter().filter(|name| {
        let figures = report.all.checks.get(name);
        figures.is_none_or(|figures| figures.tally.fail == 0)
    });
    let none: Vec<_> = none.collect();
    if !none.is_empty() {
        listed(text, "not measured yet: ", &none);
    }
}

/// Nothing where no server was seen to accept any.
fn versions(text: &mut String, report: &Report) {
    let seen = |one: &VersionFigures| one.addresses.accepted > 0;
    if !report.versions.iter().any(seen) {
        return;
    }
    line(text, "");
    let head = ["accept", "refuse", "unknown"].map(|word| format!("{word:>12}"));
    let head = head.concat();
    line(text, &format!("{:<16}{head}{head}", "version"));
    for one in &report.versions {
        let mut row = format!("{:<16}", one.version);
        for counted in [one.addresses, one.domains] {
            for (_, number) in counted.results() {
                let _ = write!(row, "{:>12}", count(number));
            }
        }
        line(text, &row);
    }
    line(
        text,
        "first three columns: addresses; then domains: one server accepts, all refuse, or neither is known",
    );
}

fn margin(row: &mut String, figures: &Figures, sample: bool) {
    if let Some(margin) = figures.margin.filter(|_| sample) {
        let _ = write!(row, "  ±{:.1}", margin * 100.0);
    }
}

fn groups(text: &mut String, by: &str, report: &Report) {
    line(text, "");
    let mut head = format!(
        "{}{:>11}{:>11}",
        padded(&cut(by, 25), 26),
        "domains",
        "take mail"
    );
    let headlines = Headlines::beside(&head, report);
    headlines.head(&mut head);
    line(text, &head);
    for group in report.groups.iter().take(SHOWN) {
        let name = match group.holds {
            0 | 1 => cut(&group.group, 25),
            holds => cut(&format!("{} ({} groups)", group.group, count(holds)), 25),
        };
        let (domains, receiving) = (count(group.part.domains), count(group.part.receiving));
        let mut row = format!("{}{domains:>11}{receiving:>11}", padded(&name, 26));
        headlines.shares(&mut row, |check| {
            let figures = group.part.checks.get(check)?;
            Some((figures.share, figures.share_of_receiving))
        });
        line(text, &row);
    }
    let more = report.groups.len().saturating_sub(SHOWN);
    if more > 0 {
        let more = count(more as u64);
        line(
            text,
            &format!("and {more} more groups, in the files of --json and --csv"),
        );
    }
}

fn operators(text: &mut String, report: &Report) {
    let all = &report.operators;
    line(text, "");
    let (known, without) = (count(all.domains), count(all.without_operator));
    line(
        text,
        &format!(
            "operators of mail: {} for {known} domains that take mail ({without} without one)",
            count(all.operators),
        ),
    );
    if let (Some(share), Some(hhi)) = (all.top_5_share, all.hhi) {
        let share = percent(Some(share));
        line(
            text,
            &format!("the five largest have {share}; sum of squared shares (HHI) {hhi:.4}"),
        );
    }
    for one in &all.top {
        let name = padded(&cut(&one.operator, 60), 62);
        let (domains, share) = (count(one.domains), percent(Some(one.share)));
        line(text, &format!("  {name}{domains:>12}{share:>10}"));
    }
    if !all.dane.is_empty() {
        line(text, "domains with DANE (dane_valid), by operator");
        for one in &all.dane {
            line(
                text,
                &format!("{:>12} {}", count(one.domains), cut(&one.operator, 80)),
            );
        }
    }
}

fn countries(text: &mut String, report: &Report) {
    let Some(all) = &report.countries else {
        return;
    };
    line(text, "");
    let without: u64 = all.without_country.0.iter().map(|(_, n)| n).sum();
    line(
        text,
        &format!(
            "countries of mail servers: {} for {} domains that take mail ({} without one)",
            count(all.countries),
            count(all.domains),
            count(without)
        ),
    );
    if without > 0 {
        listed(text, "without one: ", &counts(&all.without_country));
    }
    let several = (all.several > 0).then_some(("several", all.several, all.several_share));
    let named = all.top.iter();
    let named = named.map(|one| (one.country.as_str(), one.domains, Some(one.share)));
    for (name, domains, share) in named.chain(several) {
        let name = padded(&cut(name, 60), 62);
        let (domains, share) = (count(domains), percent(share));
        line(text, &format!("  {name}{domains:>12}{share:>10}"));
    }
    let several = (all.several_dane > 0).then_some(("several", all.several_dane));
    let named = all.dane.iter();
    let named = named.map(|one| (one.country.as_str(), one.domains));
    let mut dane = named.chain(several).peekable();
    if dane.peek().is_some() {
        line(text, "domains with DANE (dane_valid), by country");
    }
    for (name, domains) in dane {
        line(text, &format!("{:>12} {}", count(domains), cut(name, 80)));
    }
}

fn series(text: &mut String, report: &Report) {
    line(text, "");
    let mut head = format!("{:<26}{:>10}", "survey", "domains");
    let headlines = Headlines::beside(&head, report);
    headlines.head(&mut head);
    line(text, &head);
    for moment in &report.series {
        let name = format!("{} {}", cut(&moment.date, 10), cut(&moment.dir, 14));
        let mut row = format!("{}{:>10}", padded(&name, 26), count(moment.domains));
        headlines.shares(&mut row, |check| {
            let point = moment.checks.get(check)?;
            Some((point.share, point.share_of_receiving))
        });
        line(text, &row);
    }
}
