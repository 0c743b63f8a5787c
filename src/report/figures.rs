//! The report: every number that it hands out, in the order in which the JSON has them.
//! `docs/report.md` says what each of them is.

use std::io;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::change::Changes;
use super::countries::CountryFigures;
use super::counts::Figures;
use super::groups::Kind;
use super::judged::Identity;
use super::operators::Concentration;
use super::points::Duty;
use super::versions::VersionFigures;
use crate::table::codes::Level;
use crate::text::write_json;

/// Things by name, in the order in which they came.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T>(pub Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<T> Named<T> {
    /// What has a name.
    pub fn get(&self, name: &str) -> Option<&T> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    }
}

/// A report.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Version of the program that made it.
    pub mailcensus: &'static str,
    /// The survey.
    pub survey: Survey,
    /// All domains.
    #[serde(flatten)]
    pub all: Part,
    /// Checks of which this version, or this survey, does not measure who passes: they have no share.
    pub not_measured: Vec<&'static str>,
    /// What mail servers make of each version of SSL and TLS, the newest first.
    pub versions: Vec<VersionFigures>,
    /// The profiles asked for.
    pub profiles: Named<ProfileFigures>,
    /// Who runs the mail.
    pub operators: Concentration,
    /// Where the mail is taken; null where the survey had no table of countries.
    pub countries: Option<CountryFigures>,
    /// What makes a group; null where none was asked for.
    pub by: Option<String>,
    /// Domains that a group, an operator or a country has to have so that it is named.
    pub k: u64,
    /// The groups.
    pub groups: Vec<GroupFigures>,
    /// The older surveys, as they were given.
    pub comparisons: Vec<Comparison>,
    /// The shares of every survey, in the order of their days.
    pub series: Vec<Moment>,
}

impl Report {
    /// Writes it as JSON of which nothing acts in a terminal.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn json(&self, to: impl io::Write) -> io::Result<()> {
        write_json(to, self)
    }

    /// Points of level must that somebody fails without a reason: profile, point, and how many.
    pub fn unmet(&self) -> Vec<(&str, &str, u64)> {
        let points = self.profiles.0.iter().flat_map(|(name, profile)| {
            let points = profile.points.0.iter();
            points.map(move |(id, point)| (name.as_str(), id.as_str(), point))
        });
        let must = points.filter(|(_, _, point)| point.level == Level::Must.as_str());
        let failing = must.map(|(name, id, point)| {
            let failing = point.figures.tally.fail - point.duty.justified;
            (name, id, failing)
        });
        failing.filter(|(_, _, failing)| *failing > 0).collect()
    }
}

/// The survey.
#[derive(Debug, Serialize)]
pub struct Survey {
    /// Which one.
    #[serde(flatten)]
    pub identity: Identity,
    /// Whether its domains stand for others, too.
    pub sample: bool,
}

/// Some of the domains.
#[derive(Debug, Serialize)]
pub struct Part {
    /// Domains.
    pub domains: u64,
    /// Domains of the list that they stand for.
    pub weight: f64,
    /// Domains that take mail.
    pub receiving: u64,
    /// Domains by class.
    pub classes: Named<u64>,
    /// Share of each class, weighted.
    pub class_shares: Named<f64>,
    /// Domains by whether they say that they send no mail: `true`, `false`, `unknown`.
    pub non_sending: Named<u64>,
    /// The checks.
    pub checks: Named<Figures>,
}

/// What the points of a profile come to.
#[derive(Debug, Serialize)]
pub struct ProfileFigures {
    /// Version that judged.
    pub version: String,
    /// Title in English.
    pub title: String,
    /// Title in the language of the authority; empty where that is English.
    pub title_original: String,
    /// That language (BCP 47).
    pub language: String,
    /// Whether the rule book is in force.
    pub status: String,
    /// SHA-256 of the profile.
    pub sha256: String,
    /// What a reader of the figures must know.
    pub note: String,
    /// The points.
    pub points: Named<PointFigures>,
}

/// What one point comes to.
#[derive(Debug, Serialize)]
pub struct PointFigures {
    /// must, should or guidance.
    pub level: &'static str,
    /// Title in English.
    pub title: String,
    /// Title in the language of the authority; empty where that is English.
    pub title_original: String,
    /// full, partial or no.
    pub observable: &'static str,
    /// Its results.
    #[serde(flatten)]
    pub figures: Figures,
    /// Who had to meet it, and who has to say why not.
    #[serde(flatten)]
    pub duty: Duty,
}

/// A group of domains.
#[derive(Debug, Serialize)]
pub struct GroupFigures {
    /// Its name.
    pub group: String,
    /// Whether the name is a value.
    pub kind: Kind,
    /// Groups in it.
    pub holds: u64,
    /// Its domains.
    #[serde(flatten)]
    pub part: Part,
    /// Profile → point.
    pub profiles: Named<Named<GroupPoint>>,
}

/// What a point comes to in a group.
#[derive(Debug, Serialize)]
pub struct GroupPoint {
    /// Its results.
    #[serde(flatten)]
    pub figures: Figures,
    /// Who had to meet it, and who has to say why not.
    #[serde(flatten)]
    pub duty: Duty,
}

/// What became of the domains since an older survey.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The older survey.
    pub against: Identity,
    /// Domains in both.
    pub compared: u64,
    /// Domains only in the newer one.
    pub new: u64,
    /// Domains only in the older one.
    pub gone: u64,
    /// The checks.
    pub checks: Named<Changes>,
    /// Profile → point.
    pub profiles: Named<Named<Changes>>,
}

/// The shares of one survey.
#[derive(Debug, Serialize)]
pub struct Moment {
    /// Its directory.
    pub dir: String,
    /// The day on which it began.
    pub date: String,
    /// Its domains.
    pub domains: u64,
    /// Those that take mail.
    pub receiving: u64,
    /// Whether its domains stand for others, too.
    pub sample: bool,
    /// Its checks, without those that it does not measure.
    pub checks: Named<Point>,
}

/// One share in a series.
#[derive(Debug, Serialize)]
pub struct Point {
    /// Domains that pass.
    pub pass: u64,
    /// Domains that pass or fail.
    pub of: u64,
    /// Domains that could not be measured.
    pub unknown: u64,
    /// The share.
    pub share: Option<f64>,
    /// Half of its 95 % interval.
    pub margin: Option<f64>,
    /// Domains that pass and take mail.
    pub receiving_pass: u64,
    /// Domains that could not be measured, and take mail.
    pub receiving_unknown: u64,
    /// Those that pass among all that take mail.
    pub share_of_receiving: Option<f64>,
    /// Half of its 95 % interval.
    pub margin_of_receiving: Option<f64>,
}
