//! `survey.json`: what was done, by what, from where, with which settings.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::preflight::Preflight;
use super::{SCHEMA_VERSION, whole};
use crate::error::{Error, Result};
use crate::order::Order;
use crate::text::count;

/// Name of the file.
pub const NAME: &str = "survey.json";
/// Name of the folder with the texts of the profiles that a survey was judged by.
pub const PROFILES: &str = "profiles";
/// Key in [`Manifest::data`] of the table that countries of addresses are from.
pub const COUNTRY_TABLE: &str = "country table";
/// Key in [`Manifest::data`] of the table of who may announce which prefix.
pub const RPKI_TABLE: &str = "RPKI table";

/// What was read of one list: lines = blank + comments + others + rejects + names. A record over
/// several lines (quotes of CSV, parentheses of a zone file) counts as one line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSummary {
    /// Path as given, or `-`.
    pub name: String,
    /// SHA-256 of the bytes as they were read, in hex.
    pub sha256: String,
    /// Bytes read.
    pub bytes: u64,
    /// The format it was read in: plain, csv, tranco or zone.
    pub format: String,
    /// Lines.
    pub lines: u64,
    /// Empty lines.
    pub blank: u64,
    /// Comment lines.
    pub comments: u64,
    /// Lines that are there for another reason: the header of CSV; in a zone file directives,
    /// records that are no delegation, and further NS records of the same owner.
    pub others: u64,
    /// Refused lines; `rejects.csv` has them.
    pub rejects: u64,
    /// Lines with a domain name, duplicates included.
    pub names: u64,
    /// Whether the last line has no newline: the list may have been cut off.
    pub unterminated: bool,
}

/// What the survey reads: lines = blank + comments + others + rejects + duplicates + left_out +
/// domains.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Lines of all lists, or domains of the older survey.
    pub lines: u64,
    /// Empty lines.
    pub blank: u64,
    /// Comment lines.
    pub comments: u64,
    /// Headers, directives, and records that are no delegation.
    pub others: u64,
    /// Refused lines.
    pub rejects: u64,
    /// Names seen before.
    pub duplicates: u64,
    /// Domains that were not drawn, belong to another shard, or did not fail in the older survey.
    pub left_out: u64,
    /// Domains surveyed: rows of `domains`.
    pub domains: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} lines: {} domains, {} duplicates, {} rejects, {} comments, {} blank",
            count(self.lines),
            count(self.domains),
            count(self.duplicates),
            count(self.rejects),
            count(self.comments),
            count(self.blank)
        )?;
        for (number, what) in [(self.others, "others"), (self.left_out, "left out")] {
            if number > 0 {
                write!(f, ", {} {what}", count(number))?;
            }
        }
        Ok(())
    }
}

/// An older survey of which the failures are surveyed again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Older {
    /// Its directory, as given.
    pub dir: String,
    /// Its identity.
    pub survey: String,
}

/// One process that worked on the survey.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// When it began.
    pub started_at: String,
    /// When it ended; null after a crash.
    pub ended_at: Option<String>,
    /// Version of the program.
    pub version: String,
    /// Recursive resolvers it asked.
    pub resolvers: Vec<String>,
    /// New connections per second in all.
    pub rate: u32,
    /// DNS queries per second and resolver; 0 no limit.
    pub dns_rate: u32,
    /// Every setting of the command line with its value and where that came from.
    pub effective: BTreeMap<String, Setting>,
    /// Exclusion files, each with the SHA-256 of every version that was in force.
    pub exclusions: BTreeMap<String, Vec<String>>,
    /// How it ended: `complete`, `interrupted`, or the error.
    pub end: Option<String>,
}

/// One setting as it was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its value; null where none was given and none is usual.
    pub value: Value,
    /// Where it came from: `flag`, `environment`, `file` or `default`.
    pub source: String,
}

/// From where the survey looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vantage {
    /// Name of the machine.
    pub host: String,
    /// Addresses that connections come from, as strangers see them.
    pub source_addresses: Vec<String>,
    /// Whether the machine has IPv6.
    pub ipv6: bool,
    /// What was tried before the first packet to strangers.
    pub preflight: Preflight,
}

/// How many addresses of an operator turned us away, which biases what is known of its domains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bias {
    /// With a block list or its kin (5xx).
    pub blocked: u64,
    /// For now (4xx).
    pub temp_reject: u64,
}

/// The program that judged the domains last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedBy {
    /// When.
    pub at: String,
    /// Version of the program.
    pub version: String,
}

/// A profile that the survey was judged by; its text is in `profiles/NAME.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRecord {
    /// Version of the profile.
    pub version: String,
    /// SHA-256 of its text in hex.
    pub sha256: String,
    /// When its rows were made.
    pub judged_at: String,
    /// SHA-256 of the list of exceptions in hex; null without one.
    pub exceptions: Option<String>,
    /// Lists that the profile left open and was given, `suites` or `groups`: SHA-256 of each in hex.
    #[serde(default)]
    pub lists: BTreeMap<String, String>,
    /// Rows in `compliance`.
    pub rows: u64,
}

/// The manifest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the columns.
    pub schema_version: u32,
    /// Program that began the survey.
    pub tool: String,
    /// Identity of the survey: part of its file names.
    pub survey: String,
    /// Seed of the order of work, in hex.
    pub seed: String,
    /// When it began.
    pub started_at: String,
    /// When it was complete.
    pub ended_at: Option<String>,
    /// When a process last began to ask mail servers; null as long as none did.
    pub probed_at: Option<String>,
    /// Settings that belong to the survey and cannot change.
    pub configuration: BTreeMap<String, Value>,
    /// The lists.
    pub lists: Vec<ListSummary>,
    /// The survey that stands in for the lists, where its failures are surveyed again.
    pub only_failed: Option<Older>,
    /// What was read from them; null until all are read.
    pub counts: Option<Counts>,
    /// From where.
    pub vantage: Vantage,
    /// Versions of data the facts lean on: public suffix list, root store, tables of operators,
    /// routes and countries, list of DKIM selectors.
    pub data: BTreeMap<String, String>,
    /// Who turned us away, by operator; filled in when the survey is complete.
    pub bias: BTreeMap<String, Bias>,
    /// Every process that worked on it.
    pub runs: Vec<Run>,
    /// Who judged the domains; null until somebody did, and while somebody does.
    #[serde(default)]
    pub judged: Option<JudgedBy>,
    /// The profiles that the survey was judged by, by name.
    #[serde(default)]
    pub profiles: BTreeMap<String, ProfileRecord>,
}

impl Manifest {
    /// Reads the manifest of a directory; none if there is none.
    ///
    /// # Errors
    /// When it cannot be read, or a newer version wrote it.
    pub fn read(dir: &Path) -> Result<Option<Self>> {
        let path = dir.join(NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(Error::io("read", &path)(err)),
        };
        // The version first: a newer manifest may have other fields.
        let value: Value = serde_json::from_str(&text).map_err(|err| damaged(&path, &err))?;
        let version = value["schema_version"].as_u64().unwrap_or(0);
        if version > u64::from(SCHEMA_VERSION) {
            let problem = format!(
                "written by a newer mailcensus (schema version {version}, this one knows \
                 {SCHEMA_VERSION}); use that version, or choose another --out"
            );
            return Err(Error::directory(&path, problem));
        }
        if value.get("left_out").is_some() {
            let problem = "is that of a public copy, which other programs read; give the directory of \
                           the survey itself";
            return Err(Error::directory(&path, problem));
        }
        serde_json::from_value(value)
            .map(Some)
            .map_err(|err| damaged(&path, &err))
    }

    /// The manifest of a survey that must be there.
    ///
    /// # Errors
    /// When it is not, and as [`Manifest::read`].
    pub fn of(dir: &Path) -> Result<Self> {
        Self::read(dir)?.ok_or_else(|| {
            Error::directory(dir, "holds no survey; name the directory that --out named")
        })
    }

    /// Refuses a survey that was not judged to the end: what is there may be from before and from
    /// after.
    ///
    /// # Errors
    /// What to do about it.
    pub fn refuse_unjudged(&self, dir: &Path) -> Result<()> {
        match self.judged {
            Some(_) => Ok(()),
            None => {
                let problem = format!(
                    "was not judged to the end; run mailcensus verdict {}",
                    dir.display()
                );
                Err(Error::directory(dir, problem))
            }
        }
    }

    /// The order of work that belongs to the seed.
    ///
    /// # Errors
    /// When the seed is no number, which is a fault in this program.
    pub fn order(&self) -> Result<Order> {
        u64::from_str_radix(&self.seed, 16)
            .map(Order::new)
            .map_err(|_| Error::Internal(format!("seed {} in the manifest", self.seed)))
    }

    /// Writes the manifest: the old one is there until the new one is whole.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&self, dir: &Path) -> Result<()> {
        whole::replace_json(&dir.join(NAME), self)
    }
}

/// Where the text of a profile stands in a survey.
pub fn profile_copy(dir: &Path, profile: &str) -> PathBuf {
    dir.join(PROFILES).join(format!("{profile}.toml"))
}

/// Where the exceptions stand that a profile was judged with.
pub fn exceptions_copy(dir: &Path, profile: &str) -> PathBuf {
    dir.join(PROFILES).join(format!("{profile}.exceptions.csv"))
}

/// Where a list stands that a profile was given: of `suites`, or `groups`.
pub fn list_copy(dir: &Path, profile: &str, of: &str) -> PathBuf {
    dir.join(PROFILES).join(format!("{profile}.{of}.txt"))
}

/// When a file was last written, as RFC 3339 text in UTC.
pub fn written_at(path: &Path) -> Option<String> {
    let at = fs::metadata(path).ok()?.modified().ok()?;
    OffsetDateTime::from(at).format(&Rfc3339).ok()
}

/// The wall clock as RFC 3339 text.
pub fn now() -> String {
    days_ago(0)
}

/// The wall clock of some days ago as RFC 3339 text.
pub fn days_ago(days: u32) -> String {
    let moment = OffsetDateTime::now_utc() - time::Duration::days(i64::from(days));
    moment.format(&Rfc3339).unwrap_or_default()
}

fn damaged(path: &Path, err: &serde_json::Error) -> Error {
    let problem = format!("damaged ({err}); restore it from a copy, or choose another --out");
    Error::directory(path, problem)
}
