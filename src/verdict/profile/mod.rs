//! Profiles: published rule books as data. A point of one names the checks that show it.
//!
//! Hands out [`Profile`], shipped ([`shipped`]) or read from a file ([`open`]); [`parse`] reads the
//! text, [`due`] knows who has to meet what by when, [`exceptions`] what is justified, [`lists`] what
//! the authority keeps elsewhere.

mod due;
mod exceptions;
mod lists;
mod parse;
mod shipped;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

pub use due::{Due, Group, Groups, Misread, When, date_of, day_of, due, text_of};
pub use exceptions::Exceptions;
pub use lists::{ListOf, NameList};
pub use shipped::{SHIPPED, shipped};

use super::Parameters;
use crate::error::{Error, Result};
use crate::table::codes::Level;
use crate::table::row::Date;
use crate::table::rows::CheckId;

/// Bytes of the largest profile, or list, that is read.
const LARGEST: u64 = 4 << 20;

/// A published rule book.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Name, also of its folder below `compliance/`.
    pub name: String,
    /// Version of this reading of the text.
    pub version: Arc<str>,
    /// Title in English.
    pub title: String,
    /// Title in the language of the authority; empty where that is English.
    pub title_original: String,
    /// That language (BCP 47).
    pub language: String,
    /// Who published it.
    pub authority: String,
    /// Its reference number; empty where it has none.
    pub reference: String,
    /// Whether it is in force.
    pub status: Status,
    /// When it was issued.
    pub issued: Option<Date>,
    /// When its validity begins.
    pub valid_from: Option<Date>,
    /// When its validity ends.
    pub valid_until: Option<Date>,
    /// What a reader of figures must know; may be empty.
    pub note: String,
    /// Who is obliged.
    pub groups: Groups,
    /// The points, in the order of the text.
    pub points: Vec<Point>,
    /// SHA-256 of the text in hex.
    pub sha256: String,
    /// The text itself, for the copy beside the rows.
    pub text: String,
}

/// Whether a rule book is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is.
    InForce,
    /// Another one took its place.
    Superseded,
    /// Not yet.
    Draft,
    /// No authority's.
    Informal,
}

impl Status {
    /// Words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::InForce => "in force",
            Self::Superseded => "superseded",
            Self::Draft => "draft",
            Self::Informal => "informal",
        }
    }
}

/// How much of a point can be seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observable {
    /// All of it.
    Full,
    /// Some of it.
    Partial,
    /// Nothing.
    No,
}

impl Observable {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::No => "no",
        }
    }
}

/// One point of a rule book.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The authority's own number.
    pub id: Arc<str>,
    /// Its place in the text, where the number does not tell; may be empty.
    pub section: String,
    /// How much the text demands it.
    pub level: Level,
    /// Title in English.
    pub title: String,
    /// Title in the language of the authority; empty where that is English.
    pub title_original: String,
    /// How much can be seen from outside.
    pub observable: Observable,
    /// One sentence: what is seen, and what is not.
    pub why: String,
    /// Whether the text allows exceptions.
    pub justifiable: bool,
    /// Whether it is about domains that send mail: it does not apply to one that says it sends none.
    pub senders_only: bool,
    /// The checks that show it; none where it cannot be seen.
    pub checks: Vec<Wanted>,
    /// A check without whose pass the point does not apply.
    pub prerequisite: Option<Wanted>,
    /// Who has to meet it by when.
    pub due: Vec<Due>,
}

/// A check with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The check.
    pub check: CheckId,
    /// Its parameters.
    pub parameters: Parameters,
    /// The parameters that the profile sets, as a JSON object.
    pub set: Arc<str>,
}

/// The profile of a name that ships, or that of a file.
///
/// # Errors
/// When there is none, or something in the file is wrong; with the number of the line.
pub fn open(name_or_path: &str) -> Result<Profile> {
    if let Some(profile) = shipped(name_or_path) {
        return profile;
    }
    let text = text_of_file(Path::new(name_or_path)).map_err(|err| Error::Input {
        path: name_or_path.to_owned(),
        problem: format!(
            "no profile of this name ships, and as a file it cannot be read ({err}); the names are {}",
            SHIPPED.map(|(name, _)| name).join(", ")
        ),
    })?;
    parse::parse(name_or_path, &text)
}

/// The text of a file, which may be a device that never ends.
fn text_of_file(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    file.take(LARGEST + 1).read_to_string(&mut text)?;
    match text.len() as u64 > LARGEST {
        true => Err(std::io::Error::other("larger than any profile")),
        false => Ok(text),
    }
}

/// The copy of a profile that stands beside the rows it made.
///
/// # Errors
/// As [`open`].
pub fn read(path: &Path) -> Result<Profile> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    parse::parse(&name, &text)
}

impl Profile {
    /// The point of an id.
    pub fn point(&self, id: &str) -> Option<&Point> {
        self.points.iter().find(|point| &*point.id == id)
    }
}
