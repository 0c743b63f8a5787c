//! The report as one flat table. `docs/report.md` says which section fills which columns.

use std::fmt::Display;
use std::io;

use super::change::Changes;
use super::counts::Figures;
use super::figures::{Comparison, Named, Part, Report};
use super::points::Duty;
use crate::text::cell;

/// The columns of the report.
pub const COLUMNS: [&str; 32] = [
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
    "receiving_unknown",
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
    "kind",
];

/// The table on its way, with the row that is being filled.
struct Table<W: io::Write> {
    writer: csv::Writer<W>,
    row: [String; COLUMNS.len()],
}

impl<W: io::Write> Table<W> {
    /// Begins a row.
    fn row(&mut self, section: &str, group: &str, what: &str) -> &mut Self {
        self.row.iter_mut().for_each(String::clear);
        self.text("section", section)
            .text("group", group)
            .text("check_or_point", what)
    }

    fn text(&mut self, column: &str, text: &str) -> &mut Self {
        self.set(column, cell(text))
    }

    fn count(&mut self, column: &str, count: u64) -> &mut Self {
        self.set(column, count)
    }

    fn share(&mut self, column: &str, share: Option<f64>) -> &mut Self {
        match share {
            Some(share) => self.set(column, share),
            None => self,
        }
    }

    fn set(&mut self, column: &str, value: impl Display) -> &mut Self {
        let mut cells = COLUMNS.iter().zip(&mut self.row);
        if let Some((_, cell)) = cells.find(|(name, _)| **name == column) {
            *cell = value.to_string();
        }
        self
    }

    fn figures(&mut self, figures: &Figures) -> &mut Self {
        self.count("pass", figures.tally.pass)
            .count("fail", figures.tally.fail)
            .count("not_applicable", figures.tally.not_applicable)
            .count("unknown", figures.tally.unknown)
            .share("share", figures.share)
            .share("margin", figures.margin)
            .count("receiving_pass", figures.receiving_pass)
            .count("receiving_unknown", figures.receiving_unknown)
            .share("share_of_receiving", figures.share_of_receiving)
            .share("margin_of_receiving", figures.margin_of_receiving)
    }

    fn duty(&mut self, duty: &Duty) -> &mut Self {
        self.count("due", duty.due)
            .count("overdue", duty.overdue)
            .count("to_be_justified", duty.to_be_justified)
            .count("justified", duty.justified)
    }

    fn changes(&mut self, changes: &Changes) -> &mut Self {
        for (column, count) in COLUMNS[23..30].iter().zip(changes.counts()) {
            self.count(column, count);
        }
        self
    }

    /// Ends the row.
    fn end(&mut self) -> io::Result<()> {
        Ok(self.writer.write_record(&self.row)?)
    }
}

/// Writes the whole table, a row at a time.
///
/// # Errors
/// When it cannot be written.
pub fn table(report: &Report, to: impl io::Write) -> io::Result<()> {
    let mut table = Table {
        writer: csv::Writer::from_writer(to),
        row: Default::default(),
    };
    table.writer.write_record(COLUMNS)?;
    let date = &report.survey.identity.date;
    table.row("survey", "", "").text("date", date).end()?;
    table.part("", "", &report.all)?;
    table.versions(report)?;
    for (name, profile) in &report.profiles.0 {
        for (id, point) in &profile.points.0 {
            let what = format!("{name}/{id}");
            table.row("point", "", &what).text("level", point.level);
            table.point("", &what, &point.figures, &point.duty)?;
        }
    }
    for group in &report.groups {
        table.part(&group.group, group.kind.as_str(), &group.part)?;
        let profiles = report.profiles.0.iter().zip(&group.profiles.0);
        for ((name, profile), (_, points)) in profiles {
            // A group has every point of the profile, in its order.
            for ((id, whole), (_, point)) in profile.points.0.iter().zip(&points.0) {
                let what = format!("{name}/{id}");
                table
                    .row("point", &group.group, &what)
                    .text("level", whole.level);
                table.point(&group.group, &what, &point.figures, &point.duty)?;
            }
        }
    }
    table.operators(report)?;
    table.countries(report)?;
    for one in &report.comparisons {
        table.comparison(one)?;
    }
    table.series(report)?;
    table.writer.flush()
}

impl<W: io::Write> Table<W> {
    fn part(&mut self, group: &str, kind: &str, part: &Part) -> io::Result<()> {
        self.row("domains", group, "")
            .text("kind", kind)
            .count("domains", part.domains)
            .count("receiving", part.receiving)
            .share("value", Some(part.weight))
            .end()?;
        for (class, domains) in &part.classes.0 {
            let share = part.class_shares.get(class).copied();
            self.row("class", group, class)
                .count("domains", *domains)
                .share("share", share)
                .end()?;
        }
        for (what, domains) in &part.non_sending.0 {
            self.row("non_sending", group, what)
                .count("domains", *domains)
                .end()?;
        }
        for (check, figures) in &part.checks.0 {
            self.row("check", group, check).figures(figures).end()?;
            self.reasons(group, check, figures)?;
        }
        Ok(())
    }

    fn versions(&mut self, report: &Report) -> io::Result<()> {
        for one in &report.versions {
            let both = one
                .domains
                .results()
                .into_iter()
                .zip(one.addresses.results());
            for ((result, domains), (_, addresses)) in both {
                self.row("version", "", one.version)
                    .text("result", result)
                    .count("domains", domains)
                    .count("value", addresses)
                    .end()?;
            }
        }
        Ok(())
    }

    /// Ends the row of a point that was begun.
    fn point(&mut self, group: &str, what: &str, figures: &Figures, duty: &Duty) -> io::Result<()> {
        self.figures(figures).duty(duty).end()?;
        self.reasons(group, what, figures)
    }

    fn reasons(&mut self, group: &str, what: &str, figures: &Figures) -> io::Result<()> {
        let by = &figures.reasons;
        let results = [
            ("fail", &by.fail),
            ("unknown", &by.unknown),
            ("not_applicable", &by.not_applicable),
        ];
        for (result, words) in results {
            for (word, domains) in words.iter() {
                self.row("reason", group, what)
                    .text("result", result)
                    .text("reason", word)
                    .count("domains", domains)
                    .end()?;
            }
        }
        Ok(())
    }

    fn operators(&mut self, report: &Report) -> io::Result<()> {
        let all = &report.operators;
        for (what, domains) in [
            ("domains", all.domains),
            ("without_operator", all.without_operator),
        ] {
            self.row("concentration", "", what)
                .count("domains", domains)
                .end()?;
        }
        for (what, column, value) in [
            ("operators", "value", Some(all.operators as f64)),
            ("top_5_share", "share", all.top_5_share),
            ("hhi", "value", all.hhi),
        ] {
            self.row("concentration", "", what)
                .share(column, value)
                .end()?;
        }
        for one in &all.top {
            self.row("operator", &one.operator, "")
                .count("domains", one.domains)
                .share("share", Some(one.share))
                .end()?;
        }
        for one in &all.dane {
            self.row("operator", &one.operator, "dane_valid")
                .count("domains", one.domains)
                .end()?;
        }
        Ok(())
    }

    fn countries(&mut self, report: &Report) -> io::Result<()> {
        let Some(all) = &report.countries else {
            return Ok(());
        };
        for (what, domains) in [("domains", all.domains), ("several_dane", all.several_dane)] {
            self.row("countries", "", what)
                .count("domains", domains)
                .end()?;
        }
        self.row("countries", "", "several")
            .count("domains", all.several)
            .share("share", all.several_share)
            .end()?;
        for (word, domains) in &all.without_country.0 {
            self.row("countries", "", "without_country")
                .text("reason", word)
                .count("domains", *domains)
                .end()?;
        }
        self.row("countries", "", "countries")
            .share("value", Some(all.countries as f64))
            .end()?;
        for one in &all.top {
            self.row("country", &one.country, "")
                .count("domains", one.domains)
                .share("share", Some(one.share))
                .end()?;
        }
        for one in &all.dane {
            self.row("country", &one.country, "dane_valid")
                .count("domains", one.domains)
                .end()?;
        }
        Ok(())
    }

    fn comparison(&mut self, one: &Comparison) -> io::Result<()> {
        let (dir, date) = (&one.against.dir, &one.against.date);
        for (what, domains) in [
            ("compared", one.compared),
            ("new", one.new),
            ("gone", one.gone),
        ] {
            self.row("compared", dir, what)
                .text("date", date)
                .count("domains", domains)
                .end()?;
        }
        let mut add = |prefix: &str, all: &Named<Changes>| {
            all.0.iter().try_for_each(|(id, changes)| {
                self.row("change", dir, &format!("{prefix}{id}"))
                    .text("date", date)
                    .changes(changes)
                    .end()
            })
        };
        add("", &one.checks)?;
        for (name, points) in &one.profiles.0 {
            add(&format!("{name}/"), points)?;
        }
        Ok(())
    }

    fn series(&mut self, report: &Report) -> io::Result<()> {
        for moment in &report.series {
            for (check, point) in &moment.checks.0 {
                self.row("series", &moment.dir, check)
                    .text("date", &moment.date)
                    .count("pass", point.pass)
                    .count("fail", point.of - point.pass)
                    .count("unknown", point.unknown)
                    .share("share", point.share)
                    .share("margin", point.margin)
                    .count("receiving_pass", point.receiving_pass)
                    .count("receiving_unknown", point.receiving_unknown)
                    .share("share_of_receiving", point.share_of_receiving)
                    .share("margin_of_receiving", point.margin_of_receiving)
                    .end()?;
            }
        }
        Ok(())
    }
}
