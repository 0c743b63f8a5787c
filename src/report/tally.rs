//! One pass over the verdicts of a survey, with the points of its profiles beside them.

use arrow::array::Array;

use super::by::By;
use super::columns::Columns;
use super::countries::{self, Countries, Places};
use super::counts::Counts;
use super::groups::{Grouping, Wish};
use super::judged::Judged;
use super::operators::Operators;
use super::page::Pages;
use super::points::PointCounts;
use super::population::{self, Population};
use crate::error::Result;
use crate::table::codes::CheckResult;
use crate::table::rows::CheckId;

/// What a report is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Profiles whose points are counted.
    pub profiles: Vec<String>,
    /// What makes a group.
    pub by: Option<By>,
    /// Domains that a group, an operator or a country has to have so that it is named.
    pub k: u64,
    /// Operators, and countries, that are named.
    pub top: usize,
}

/// What was counted.
pub struct Tallied {
    /// The groups.
    pub grouping: Grouping,
    /// The checks, in the order of [`CheckId::ALL`].
    pub checks: Counts,
    /// Kinds of domains by group.
    pub populations: Vec<Population>,
    /// Who runs the mail.
    pub operators: Operators,
    /// Where the mail is taken.
    pub countries: Countries,
    /// The points of each profile.
    pub points: Vec<PointCounts>,
}

/// Counts a survey.
///
/// # Errors
/// When a table cannot be read, is not as this program makes it, or lacks what is asked for.
pub fn tally(judged: &Judged, request: &Request) -> Result<Tallied> {
    let points = request.profiles.iter();
    let points = points.map(|name| PointCounts::open(judged, name));
    let points = points.collect::<Result<Vec<_>>>()?;
    let wish = request.by.clone().map(|by| Wish {
        by,
        k: request.k,
        top: request.top,
    });
    let grouping = match &wish {
        Some(wish) => Grouping::read(&judged.store, &judged.remedy, wish)?,
        None => Grouping::default(),
    };
    let mut tallied = Tallied {
        grouping,
        checks: Counts::new(CheckId::ALL.len()),
        populations: Vec::new(),
        operators: Operators::default(),
        countries: Countries::default(),
        points,
    };
    tallied.read(judged)?;
    Ok(tallied)
}

impl Tallied {
    fn read(&mut self, judged: &Judged) -> Result<()> {
        let mut others = vec!["mail_operator"];
        others.extend(population::COLUMNS);
        others.extend(countries::COLUMNS);
        others.extend(self.grouping.columns());
        for page in Pages::of(judged, &others) {
            let (page, batch) = page?;
            let columns = Columns::of(&batch, &judged.remedy);
            let groups = self.grouping.places(&columns, page.rows())?;
            page.count(&groups, &mut self.checks);
            population::count(&columns, &page.weights, &groups, &mut self.populations)?;
            let operators = columns.text("mail_operator")?;
            let places = Places::of(&columns)?;
            for row in (0..page.rows()).filter(|row| page.receives(*row)) {
                let operator = operators.is_valid(row).then(|| operators.value(row));
                let dane = page.result(CheckId::DaneValid, row) == CheckResult::Pass;
                let weight = page.weights[row];
                self.operators.add(operator, weight, dane);
                let (country, basis) = (places.country(row), places.basis(row));
                self.countries.add(country, basis, weight, dane);
            }
            for points in &mut self.points {
                points.count(&page, &groups)?;
            }
        }
        Ok(())
    }
}
