//! The report for people: lines of at most 100 columns, and nothing of strangers that acts.

use std::fmt::Write;

use super::change::Changes;
use super::counts::Figures;
use super::figures::{Comparison, Named, PointFigures, ProfileFigures, Report};
use crate::text::{count, one_line};

/// Columns of a line.
const WIDTH: usize = 100;
/// Groups that are shown; the others are in the files.
const SHOWN: usize = 40;

/// Checks that stand for a group or a survey on one line, with the head of their column.
const HEADLINES: [(&str, &str); 6] = [
    ("starttls", "STARTTLS"),
    ("dnssec_domain", "DNSSEC"),
    ("dane_valid", "DANE"),
    ("mta_sts", "MTA-STS"),
    ("spf", "SPF"),
    ("dmarc", "DMARC"),
];

/// The whole text.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    head(&mut text, report);
    checks(&mut text, report);
    for (name, profile) in &report.profiles.0 {
        points(&mut text, name, profile);
    }
    if let Some(by) = &report.by {
        groups(&mut text, by, report);
    }
    operators(&mut text, report);
    for one in &report.comparisons {
        comparison(&mut text, one, report);
    }
    if report.series.len() > 1 {
        series(&mut text, report);
    }
    text.push_str(
        "\nshare = pass / of, of = pass + fail; unknown could not be measured, n/a does not apply\n",
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
            cut(&identity.dir, 40),
            cut(&identity.date, 10),
            count(all.domains),
            count(all.receiving)
        ),
    );
    listed(text, "class: ", &counts(&all.classes));
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
            "{:<24}{:>11}{:>11}{:>9}{:>11}{:>11}{:>12}",
            "check", "pass", "of", "share", "unknown", "n/a", "of all mail"
        ),
    );
    for (name, figures) in &report.all.checks.0 {
        if report.not_measured.contains(&name.as_str()) {
            continue;
        }
        let tally = &figures.tally;
        let mut row = format!(
            "{name:<24}{:>11}{:>11}{:>9}{:>11}{:>11}{:>12}",
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
    if !report.not_measured.is_empty() {
        listed(text, "not measured yet: ", &report.not_measured);
    }
}

fn margin(row: &mut String, figures: &Figures, sample: bool) {
    if let Some(margin) = figures.margin.filter(|_| sample) {
        let _ = write!(row, "  ±{:.1}", margin * 100.0);
    }
}

fn points(text: &mut String, name: &str, profile: &ProfileFigures) {
    line(text, "");
    line(
        text,
        &cut(
            &format!(
                "{name}, version {}, {}: {}",
                profile.version, profile.status, profile.title
            ),
            WIDTH,
        ),
    );
    line(
        text,
        &format!(
            "{:<14}{:<9}{:>9}{:>9}{:>9}{:>9}{:>9}",
            "point", "level", "pass", "of", "share", "unknown", "n/a"
        ),
    );
    for (id, point) in &profile.points.0 {
        if point.observable != "no" {
            line(text, &point_line(id, point));
        }
    }
    told(text, profile, "overdue: ", |point| point.duty.overdue);
    told(text, profile, "to be justified: ", |point| {
        point.duty.to_be_justified
    });
    told(text, profile, "justified: ", |point| point.duty.justified);
    let hidden = profile
        .points
        .0
        .iter()
        .filter(|(_, point)| point.observable == "no");
    let hidden: Vec<_> = hidden.map(|(id, _)| one_line(id)).collect();
    if !hidden.is_empty() {
        listed(text, "not seen from outside: ", &hidden);
    }
}

fn point_line(id: &str, point: &PointFigures) -> String {
    let tally = &point.figures.tally;
    format!(
        "{:<14}{:<9}{:>9}{:>9}{:>9}{:>9}{:>9}  {}",
        cut(id, 13),
        point.level,
        count(tally.pass),
        count(tally.of()),
        percent(point.figures.share),
        count(tally.unknown),
        count(tally.not_applicable),
        cut(&point.title, 28)
    )
}

/// The points of which something is to be told, each with how many domains.
fn told(text: &mut String, profile: &ProfileFigures, what: &str, of: fn(&PointFigures) -> u64) {
    let points = profile.points.0.iter();
    let some = points.filter(|(_, point)| of(point) > 0);
    let some: Vec<_> = some
        .map(|(id, point)| format!("{} of {}", count(of(point)), one_line(id)))
        .collect();
    if !some.is_empty() {
        listed(text, what, &some);
    }
}

fn groups(text: &mut String, by: &str, report: &Report) {
    line(text, "");
    let mut head = format!("{:<28}{:>10}{:>10}", cut(by, 27), "domains", "take mail");
    headline(&mut head);
    line(text, &head);
    for group in report.groups.iter().take(SHOWN) {
        let name = match group.holds {
            0 | 1 => cut(&group.group, 27),
            holds => cut(&format!("{} ({} groups)", group.group, count(holds)), 27),
        };
        let (domains, receiving) = (count(group.part.domains), count(group.part.receiving));
        let mut row = format!("{}{domains:>10}{receiving:>10}", padded(&name, 28));
        shares(&mut row, |check| group.part.checks.get(check)?.share);
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

fn headline(row: &mut String) {
    for (at, (_, head)) in HEADLINES.iter().enumerate() {
        let width = if at == 0 { 9 } else { 8 };
        let _ = write!(row, "{head:>width$}");
    }
}

fn shares(row: &mut String, of: impl Fn(&str) -> Option<f64>) {
    for (at, (check, _)) in HEADLINES.iter().enumerate() {
        let width = if at == 0 { 9 } else { 8 };
        let _ = write!(row, "{:>width$}", percent(of(check)));
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

fn comparison(text: &mut String, one: &Comparison, report: &Report) {
    line(text, "");
    line(
        text,
        &format!(
            "since {} ({}): {} domains in both, {} new, {} gone",
            cut(&one.against.dir, 40),
            cut(&one.against.date, 10),
            count(one.compared),
            count(one.new),
            count(one.gone)
        ),
    );
    line(
        text,
        &format!(
            "{:<24}{:>10}{:>10}{:>11}{:>10}{:>10}{:>10}{:>10}",
            "check", "adopted", "regressed", "unknown", "known", "applies", "n/a", "same"
        ),
    );
    for (name, changes) in &one.checks.0 {
        if !report.not_measured.contains(&name.as_str()) {
            line(text, &change_line(name, changes));
        }
    }
    for (profile, points) in &one.profiles.0 {
        for (id, changes) in &points.0 {
            line(text, &change_line(&format!("{profile} {id}"), changes));
        }
    }
}

fn change_line(name: &str, changes: &Changes) -> String {
    let mut row = padded(&cut(name, 23), 24);
    for (at, changed) in changes.counts().into_iter().enumerate() {
        let width = if at == 2 { 11 } else { 10 };
        let _ = write!(row, "{:>width$}", count(changed));
    }
    row
}

fn series(text: &mut String, report: &Report) {
    line(text, "");
    let mut head = format!("{:<38}{:>10}", "survey", "domains");
    headline(&mut head);
    line(text, &head);
    for moment in &report.series {
        let name = format!("{} {}", cut(&moment.date, 10), cut(&moment.dir, 26));
        let mut row = format!("{}{:>10}", padded(&name, 38), count(moment.domains));
        shares(&mut row, |check| moment.checks.get(check)?.share);
        line(text, &row);
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// Words behind a head, wrapped.
fn listed(text: &mut String, head: &str, words: &[impl AsRef<str>]) {
    let mut row = head.to_owned();
    let mut first = true;
    for word in words {
        let word = cut(word.as_ref(), 60);
        let comma = if first { "" } else { ", " };
        if !first && width(&row) + comma.len() + width(&word) + 1 > WIDTH {
            line(text, &format!("{row},"));
            row = format!("  {word}");
        } else {
            row.push_str(comma);
            row.push_str(&word);
        }
        first = false;
    }
    line(text, &row);
}

fn line(text: &mut String, row: &str) {
    text.push_str(row.trim_end());
    text.push('\n');
}

/// Columns that a text takes at the most: letters beyond the alphabets of Europe may take two.
fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

fn columns(letter: char) -> usize {
    if u32::from(letter) < 0x1100 { 1 } else { 2 }
}

/// Text of strangers in so many columns at the most.
fn cut(text: &str, limit: usize) -> String {
    // Not all of 64 KiB is looked at.
    let few: String = text.chars().take(limit + 1).collect();
    let shown = one_line(&few);
    if width(&shown) <= limit {
        return shown;
    }
    let mut kept = String::new();
    let mut room = limit - 1;
    for letter in shown.chars() {
        if columns(letter) > room {
            break;
        }
        room -= columns(letter);
        kept.push(letter);
    }
    kept + "…"
}

/// Text with blanks behind it.
fn padded(text: &str, wanted: usize) -> String {
    let blanks = wanted.saturating_sub(width(text));
    format!("{text}{:blanks$}", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_its_columns() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("漢字漢字", 6), "漢字…");
        assert_eq!(cut("a\u{1b}[2J", 20), "a\\x1b[2J");
        assert_eq!(cut(&"x".repeat(65_536), 10), "xxxxxxxxx…");
        assert_eq!(padded("漢", 4), "漢  ");
    }

    #[test]
    fn a_list_is_wrapped() {
        let words: Vec<_> = (0..40).map(|number| format!("word{number}")).collect();
        let mut text = String::new();
        listed(&mut text, "words: ", &words);
        assert!(text.lines().count() > 2);
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert!(
            text.lines()
                .all(|line| line.ends_with(',') || line.ends_with("word39"))
        );
    }
}
