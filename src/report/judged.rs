//! A survey that is judged: its tables and what its manifest says, or why no report can be made of it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::columns::Remedy;
use crate::error::{Error, Result};
use crate::table::Store;
use crate::table::manifest::{self, Manifest, ProfileRecord, profile_copy};
use crate::table::rows::TableName;
use crate::text::{count, one_line};
use crate::verdict::Profile;
use crate::verdict::profile;

/// A finished survey with a verdict on every domain.
pub struct Judged {
    /// Its tables.
    pub store: Store,
    /// What says which survey it is.
    pub identity: Identity,
    /// What mends its table of verdicts.
    pub remedy: Remedy,
    /// The profiles that it was judged by.
    profiles: BTreeMap<String, ProfileRecord>,
}

/// Which survey it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Directory, as given.
    pub dir: String,
    /// Its id in `survey.json`.
    pub id: String,
    /// The day on which it began, year-month-day.
    pub date: String,
    /// When it began.
    pub started_at: String,
    /// When it was complete.
    pub ended_at: Option<String>,
}

impl Judged {
    /// A survey whose stages are finished.
    ///
    /// # Errors
    /// When its verdicts are missing or are not those of its domains.
    pub fn new(store: Store, manifest: &Manifest) -> Result<Self> {
        let dir = store.dir().to_owned();
        let remedy = Remedy {
            command: format!("mailcensus verdict {}", dir.display()),
            dir: dir.clone(),
        };
        manifest.refuse_unjudged(&dir)?;
        for table in [TableName::Verdicts, TableName::Compliance] {
            let parts = store.parts(table).iter();
            if let Some(part) = parts
                .into_iter()
                .find(|part| !dir.join(&part.file).exists())
            {
                return Err(remedy.complain(format!("lacks its file {}", one_line(&part.file))));
            }
        }
        let domains = store.rows(TableName::Domains);
        let verdicts = store.rows(TableName::Verdicts);
        if domains != verdicts {
            let (domains, verdicts) = (count(domains), count(verdicts));
            let wrong = format!("has {verdicts} verdicts on {domains} domains");
            return Err(remedy.complain(wrong));
        }
        let identity = Identity {
            dir: dir.display().to_string(),
            id: manifest.survey.clone(),
            date: manifest.started_at.chars().take(10).collect(),
            started_at: manifest.started_at.clone(),
            ended_at: manifest.ended_at.clone(),
        };
        Ok(Self {
            store,
            identity,
            remedy,
            profiles: manifest.profiles.clone(),
        })
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        self.store.dir()
    }

    /// The day on which the survey began, as days since 1970-01-01.
    ///
    /// # Errors
    /// When the manifest has no such day.
    pub fn day(&self) -> Result<i32> {
        let day = profile::day_of(&self.identity.date);
        day.map(|day| profile::date_of(day).0).ok_or_else(|| {
            let problem = "does not say when the survey began; restore it from a copy";
            Error::directory(&self.dir().join(manifest::NAME), problem)
        })
    }

    /// The profile that its points were judged by: the copy beside the rows.
    ///
    /// # Errors
    /// When the survey was not judged by it.
    pub fn profile(&self, name: &str) -> Result<(Profile, Remedy)> {
        let remedy = Remedy {
            dir: self.dir().to_owned(),
            command: format!("{} --profile {}", self.remedy.command, one_line(name)),
        };
        let rows: u64 = self.store.compliance(name).map(|part| part.rows).sum();
        // A survey of nobody has no rows to be judged.
        let is_judged = rows > 0 || self.store.rows(TableName::Domains) == 0;
        let Some(record) = self.profiles.get(name).filter(|_| is_judged) else {
            let wrong = format!("was not judged by the profile {}", one_line(name));
            return Err(remedy.complain(wrong));
        };
        let copy = profile_copy(self.dir(), name);
        if !copy.is_file() {
            return Err(remedy.complain(format!("has no copy of the profile {}", one_line(name))));
        }
        let profile = profile::read(&copy)?;
        if profile.sha256 != record.sha256 {
            return Err(remedy.complain(format!(
                "was judged by another text of the profile {} than its copy has",
                one_line(name)
            )));
        }
        let expected = self.store.rows(TableName::Verdicts) * profile.points.len() as u64;
        if rows != expected {
            return Err(remedy.complain(format!(
                "has {} rows of the profile {} in place of {}",
                count(rows),
                one_line(name),
                count(expected)
            )));
        }
        Ok((profile, remedy))
    }
}
