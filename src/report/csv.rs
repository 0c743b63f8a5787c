//! The report as one flat table. `docs/report.md` says which section fills which columns.

use std::collections::BTreeMap;

use super::change::Changes;
use super::counts::Figures;
use super::figures::{Comparison, Named, Part, Report};
use super::output::cell;
use super::points::Duty;
use crate::error::{Error, Result};

/// The columns of the report.
pub const COLUMNS: [&str; 30] = [
    "section",
    "group",
    "check_or_point",
    "level",
    "result",
    "reason",
    "date",
    "domains",
    "receiving",
    "pass",
    "fail",
    "not_applicable",
    "unknown",
    "share",
    "margin",
    "receiving_pass",
    "share_of_receiving",
    "margin_of_receiving",
    "due",
    "overdue",
    "to_be_justified",
    "justified",
    "adopted",
    "regressed",
    "became_unknown",
    "became_known",
    "became_applicable",
    "became_not_applicable",
    "unchanged",
    "value",
];

/// One row, by column.
#[derive(Default)]
struct Row(BTreeMap<&'static str, String>);

impl Row {
    fn new(section: &str, group: &str, what: &str) -> Self {
        Self::default()
            .text("section", section)
            .text("group", group)
            .text("check_or_point", what)
    }

    fn text(mut self, column: &'static str, text: &str) -> Self {
        self.0.insert(column, cell(text));
        self
    }

    fn count(mut self, column: &'static str, count: u64) -> Self {
        self.0.insert(column, count.to_string());
        self
    }

    fn share(mut self, column: &'static str, share: Option<f64>) -> Self {
        if let Some(share) = share {
            self.0.insert(column, share.to_string());
        }
        self
    }

    fn figures(self, figures: &Figures) -> Self {
        self.count("pass", figures.tally.pass)
            .count("fail", figures.tally.fail)
            .count("not_applicable", figures.tally.not_applicable)
            .count("unknown", figures.tally.unknown)
            .share("share", figures.share)
            .share("margin", figures.margin)
            .count("receiving_pass", figures.receiving_pass)
            .share("share_of_receiving", figures.share_of_receiving)
            .share("margin_of_receiving", figures.margin_of_receiving)
    }

    fn duty(self, duty: &Duty) -> Self {
        self.count("due", duty.due)
            .count("overdue", duty.overdue)
            .count("to_be_justified", duty.to_be_justified)
            .count("justified", duty.justified)
    }

    fn changes(self, changes: &Changes) -> Self {
        let columns = &COLUMNS[22..29];
        let counts = columns.iter().zip(changes.counts());
        counts.fold(self, |row, (column, count)| row.count(column, count))
    }
}

/// The whole table.
///
/// # Errors
/// Never for text that is made here; a fault in this program.
pub fn table(report: &Report) -> Result<String> {
    let mut rows = vec![Row::new("survey", "", "").text("date", &report.survey.identity.date)];
    part(&mut rows, "", &report.all);
    for (name, profile) in &report.profiles.0 {
        for (id, point) in &profile.points.0 {
            let what = format!("{name}/{id}");
            let row = Row::new("point", "", &what).text("level", point.level);
            rows.push(row.figures(&point.figures).duty(&point.duty));
            reasons(&mut rows, "", &what, &point.figures);
        }
    }
    for group in &report.groups {
        part(&mut rows, &group.group, &group.part);
        for (name, points) in &group.profiles.0 {
            for (id, point) in &points.0 {
                let what = format!("{name}/{id}");
                let row = Row::new("point", &group.group, &what);
                rows.push(row.figures(&point.figures).duty(&point.duty));
                reasons(&mut rows, &group.group, &what, &point.figures);
            }
        }
    }
    operators(&mut rows, report);
    for one in &report.comparisons {
        comparison(&mut rows, one);
    }
    series(&mut rows, report);
    written(rows)
}

fn part(rows: &mut Vec<Row>, group: &str, part: &Part) {
    let row = Row::new("domains", group, "").count("domains", part.domains);
    let row = row.count("receiving", part.receiving);
    rows.push(row.share("value", Some(part.weight)));
    for (class, domains) in &part.classes.0 {
        let row = Row::new("class", group, class).count("domains", *domains);
        rows.push(row.share("share", part.class_shares.get(class).copied()));
    }
    for (what, domains) in &part.non_sending.0 {
        rows.push(Row::new("non_sending", group, what).count("domains", *domains));
    }
    for (check, figures) in &part.checks.0 {
        rows.push(Row::new("check", group, check).figures(figures));
        reasons(rows, group, check, figures);
    }
}

fn reasons(rows: &mut Vec<Row>, group: &str, what: &str, figures: &Figures) {
    let by = &figures.reasons;
    let results = [
        ("fail", &by.fail),
        ("unknown", &by.unknown),
        ("not_applicable", &by.not_applicable),
    ];
    for (result, words) in results {
        for (word, domains) in words {
            let row = Row::new("reason", group, what).text("result", result);
            rows.push(row.text("reason", word).count("domains", *domains));
        }
    }
}

fn operators(rows: &mut Vec<Row>, report: &Report) {
    let all = &report.operators;
    let row = |what: &str| Row::new("concentration", "", what);
    rows.push(row("domains").count("domains", all.domains));
    rows.push(row("without_operator").count("domains", all.without_operator));
    rows.push(row("operators").share("value", Some(all.operators as f64)));
    rows.push(row("top_5_share").share("share", all.top_5_share));
    rows.push(row("hhi").share("value", all.hhi));
    for one in &all.top {
        let row = Row::new("operator", &one.operator, "").count("domains", one.domains);
        rows.push(row.share("share", Some(one.share)));
    }
    for one in &all.dane {
        let row = Row::new("operator", &one.operator, "dane_valid");
        rows.push(row.count("domains", one.domains));
    }
}

fn comparison(rows: &mut Vec<Row>, one: &Comparison) {
    let dir = &one.against.dir;
    for (what, domains) in [
        ("compared", one.compared),
        ("new", one.new),
        ("gone", one.gone),
    ] {
        let row = Row::new("compared", dir, what).text("date", &one.against.date);
        rows.push(row.count("domains", domains));
    }
    let mut add = |prefix: &str, all: &Named<Changes>| {
        for (id, changes) in &all.0 {
            let row = Row::new("change", dir, &format!("{prefix}{id}"));
            rows.push(row.text("date", &one.against.date).changes(changes));
        }
    };
    add("", &one.checks);
    for (name, points) in &one.profiles.0 {
        add(&format!("{name}/"), points);
    }
}

fn series(rows: &mut Vec<Row>, report: &Report) {
    for moment in &report.series {
        for (check, point) in &moment.checks.0 {
            let row = Row::new("series", &moment.dir, check)
                .text("date", &moment.date)
                .count("pass", point.pass)
                .count("fail", point.of - point.pass)
                .count("unknown", point.unknown);
            rows.push(
                row.share("share", point.share)
                    .share("margin", point.margin)
                    .share("share_of_receiving", point.share_of_receiving),
            );
        }
    }
}

fn written(rows: Vec<Row>) -> Result<String> {
    let failed = |err: &dyn std::fmt::Display| Error::Internal(format!("CSV: {err}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(|err| failed(&err))?;
    for row in rows {
        let cells = COLUMNS
            .iter()
            .map(|column| row.0.get(column).map_or("", String::as_str));
        writer.write_record(cells).map_err(|err| failed(&err))?;
    }
    let bytes = writer.into_inner().map_err(|err| failed(&err))?;
    String::from_utf8(bytes).map_err(|err| failed(&err))
}
