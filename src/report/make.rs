//! From what was counted to the numbers of the report.

use super::change::Changes;
use super::compare::{Compared, Log, compare};
use super::counts::{Counts, Figures, Of};
use super::figures::{
    Comparison, GroupFigures, GroupPoint, Moment, Named, Part, Point, PointFigures, ProfileFigures,
    Report, Survey,
};
use super::groups::Group;
use super::judged::{Identity, Judged};
use super::points::PointCounts;
use super::population::Population;
use super::tally::{Request, Tallied, tally};
use super::versions::versions;
use crate::error::Result;
use crate::table::rows::CheckId;

/// Makes a report of a survey, compared with older ones. Every check that changed goes to `log`.
///
/// # Errors
/// When a table cannot be read, is not as this program makes it, or lacks what is asked for.
pub fn report(
    judged: &Judged,
    against: &[Judged],
    request: &Request,
    mut log: Option<&mut Log<'_>>,
) -> Result<Report> {
    let tallied = tally(judged, request)?;
    let mut comparisons = Vec::new();
    let mut series = vec![(&judged.identity, moment(&judged.identity, &tallied.checks))];
    for older in against {
        let compared = compare(judged, older, &request.profiles, log.as_deref_mut())?;
        series.push((&older.identity, moment(&older.identity, &compared.older)));
        comparisons.push(comparison(older, &tallied.points, &compared));
    }
    // Surveys of one day come in the order in which they began.
    series.sort_by_key(|(identity, _)| (&identity.started_at, &identity.dir));
    let groups = tallied.grouping.groups.iter().enumerate();
    Ok(Report {
        mailcensus: env!("CARGO_PKG_VERSION"),
        survey: Survey {
            identity: judged.identity.clone(),
            sample: tallied.checks.is_sample(),
        },
        all: part(&tallied, Of::All),
        not_measured: not_measured(&tallied.checks).collect(),
        versions: versions(&judged.store)?,
        profiles: Named(tallied.points.iter().map(profile).collect()),
        operators: tallied.operators.concentration(request.k, request.top),
        countries: tallied.countries.figures(request.k, request.top),
        by: request.by.as_ref().map(ToString::to_string),
        k: request.k,
        groups: groups
            .map(|(number, group)| group_figures(&tallied, group, number as u32))
            .collect(),
        comparisons,
        series: series.into_iter().map(|(_, moment)| moment).collect(),
    })
}

fn part(tallied: &Tallied, of: Of) -> Part {
    let populations = &tallied.populations;
    let population = match of {
        Of::All => populations
            .iter()
            .fold(Population::default(), Population::plus),
        Of::Group(group) => populations.get(group as usize).cloned().unwrap_or_default(),
    };
    let weight = tallied.checks.weight(of);
    let classes = || population.classes();
    let counts = classes().map(|(word, domains, _)| (word.to_owned(), domains));
    let share = |sum: f64| if weight > 0.0 { sum / weight } else { 0.0 };
    let shares = classes().map(|(word, _, sum)| (word.to_owned(), share(sum)));
    let sending = ["true", "false", "unknown"].map(str::to_owned);
    Part {
        domains: tallied.checks.domains(of),
        weight,
        receiving: tallied.checks.receiving(of),
        classes: Named(counts.collect()),
        class_shares: Named(shares.collect()),
        non_sending: Named(sending.into_iter().zip(population.non_sending).collect()),
        checks: Named(checks(&tallied.checks, of).collect()),
    }
}

fn checks(counts: &Counts, of: Of) -> impl Iterator<Item = (String, Figures)> {
    let checks = CheckId::ALL.iter().enumerate();
    checks.map(move |(at, check)| (check.as_str().to_owned(), counts.figures(at, of)))
}

/// Checks of which nothing measures who passes.
fn not_measured(counts: &Counts) -> impl Iterator<Item = &'static str> {
    let checks = CheckId::ALL.iter().enumerate();
    let none = checks.filter(|(at, _)| !counts.has_share(*at));
    none.map(|(_, check)| check.as_str())
}

fn moment(identity: &Identity, counts: &Counts) -> Moment {
    let without: Vec<_> = not_measured(counts).collect();
    let measured = checks(counts, Of::All).filter(|(name, _)| !without.contains(&name.as_str()));
    let point = |figures: Figures| Point {
        pass: figures.tally.pass,
        of: figures.tally.of(),
        unknown: figures.tally.unknown,
        share: figures.share,
        margin: figures.margin,
        receiving_pass: figures.receiving_pass,
        receiving_unknown: figures.receiving_unknown,
        share_of_receiving: figures.share_of_receiving,
        margin_of_receiving: figures.margin_of_receiving,
    };
    Moment {
        dir: identity.dir.clone(),
        date: identity.date.clone(),
        domains: counts.domains(Of::All),
        receiving: counts.receiving(Of::All),
        sample: counts.is_sample(),
        checks: Named(
            measured
                .map(|(name, figures)| (name, point(figures)))
                .collect(),
        ),
    }
}

fn profile(counted: &PointCounts) -> (String, ProfileFigures) {
    let profile = &counted.points.profile;
    let points = profile.points.iter().enumerate();
    let points = points.map(|(at, point)| {
        let figures = PointFigures {
            level: point.level.as_str(),
            title: point.title.clone(),
            title_original: point.title_original.clone(),
            observable: point.observable.as_str(),
            figures: counted.counts.figures(at, Of::All),
            duty: counted.duty(at, Of::All),
        };
        (point.id.to_string(), figures)
    });
    let figures = ProfileFigures {
        version: profile.version.to_string(),
        title: profile.title.clone(),
        title_original: profile.title_original.clone(),
        language: profile.language.clone(),
        status: profile.status.words().to_owned(),
        sha256: profile.sha256.clone(),
        note: profile.note.clone(),
        points: Named(points.collect()),
    };
    (profile.name.clone(), figures)
}

fn group_figures(tallied: &Tallied, group: &Group, number: u32) -> GroupFigures {
    let of = Of::Group(number);
    let profiles = tallied.points.iter().map(|counted| {
        let profile = &counted.points.profile;
        let points = profile.points.iter().enumerate().map(|(at, point)| {
            let figures = GroupPoint {
                figures: counted.counts.figures(at, of),
                duty: counted.duty(at, of),
            };
            (point.id.to_string(), figures)
        });
        (profile.name.clone(), Named(points.collect()))
    });
    GroupFigures {
        group: group.name.clone(),
        kind: group.kind,
        holds: group.holds,
        part: part(tallied, of),
        profiles: Named(profiles.collect()),
    }
}

fn comparison(older: &Judged, counted: &[PointCounts], compared: &Compared) -> Comparison {
    let checks = CheckId::ALL.iter().zip(&compared.checks);
    let checks = checks.map(|(check, changes)| (check.as_str().to_owned(), *changes));
    let profiles = counted.iter().zip(&compared.points);
    let profiles = profiles.map(|(counted, changes)| {
        let profile = &counted.points.profile;
        let points = profile.points.iter().zip(changes);
        let points = points.map(|(point, changes)| (point.id.to_string(), *changes));
        (profile.name.clone(), Named::<Changes>(points.collect()))
    });
    Comparison {
        against: older.identity.clone(),
        compared: compared.both,
        new: compared.new,
        gone: compared.gone,
        checks: Named(checks.collect()),
        profiles: Named(profiles.collect()),
    }
}
