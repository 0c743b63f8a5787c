//! What is justified: a list of exceptions that an obliged person has a good reason for.
//!
//! Hands out [`Exceptions`], read from CSV with the header `domain,point,reason,until`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use csv::StringRecord;

use super::Profile;
use super::due::{date_of, day_of};
use crate::error::{Error, Result};
use crate::table::row::Date;
use crate::text::{one_line, sha256_of};

/// The columns of the file.
const HEADER: [&str; 4] = ["domain", "point", "reason", "until"];

/// The failed points of a profile that are justified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// By domain and point: the last day, none without an end.
    until: BTreeMap<String, BTreeMap<String, Option<Date>>>,
    /// SHA-256 of the text in hex.
    pub sha256: String,
    /// The text itself, for the copy beside the rows.
    pub text: String,
}

impl Exceptions {
    /// Reads a file for a profile. `normalise` gives a domain the spelling of the tables; none
    /// where it is no domain.
    ///
    /// # Errors
    /// When the file cannot be read or a line is wrong; with the number of the line.
    pub fn read(
        path: &Path,
        profile: &Profile,
        normalise: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let wrong = |problem| Error::Input {
            path: path.display().to_string(),
            problem,
        };
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| wrong("not UTF-8; save it in that encoding".to_owned()))?;
        parse(text, profile, normalise)
            .map_err(|(line, problem)| wrong(format!("line {line}: {problem}")))
    }

    /// Whether a failed point of a domain is justified on a day.
    pub fn justifies(&self, domain: &str, point: &str, day: Date) -> bool {
        let until = self.until.get(domain).and_then(|points| points.get(point));
        until.is_some_and(|until| until.is_none_or(|until| day <= until))
    }

    /// The domains with exceptions, as the tables spell them.
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        self.until.keys().map(String::as_str)
    }
}

/// The number of a line, and what is wrong there.
type Fault = (u64, String);

fn parse(
    text: String,
    profile: &Profile,
    normalise: impl Fn(&str) -> Option<String>,
) -> Result<Exceptions, Fault> {
    let mut exceptions = Exceptions {
        sha256: sha256_of(text.as_bytes()),
        ..Exceptions::default()
    };
    // Spreadsheets like to write a byte order mark.
    let bare = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bare.as_bytes());
    let mut is_header = true;
    for record in reader.records() {
        let record = record.map_err(|err| {
            let line = err.position().map_or(1, csv::Position::line);
            (line, "no CSV; write domain,point,reason,until".to_owned())
        })?;
        let line = record.position().map_or(1, csv::Position::line);
        let wrong = |problem| (line, problem);
        if is_header {
            header(&record).map_err(wrong)?;
            is_header = false;
            continue;
        }
        let (domain, point, until) = row(&record, profile, &normalise).map_err(wrong)?;
        let points = exceptions.until.entry(domain.clone()).or_default();
        if points.insert(point.clone(), until).is_some() {
            let problem = format!("{domain} and point {point} are there twice; leave one line");
            return Err((line, problem));
        }
    }
    if is_header {
        return Err((1, format!("there is no header; write {}", HEADER.join(","))));
    }
    exceptions.text = text;
    Ok(exceptions)
}

fn header(record: &StringRecord) -> Result<(), String> {
    match record.iter().eq(HEADER) {
        true => Ok(()),
        false => Err(format!("not the header; write {}", HEADER.join(","))),
    }
}

fn row(
    record: &StringRecord,
    profile: &Profile,
    normalise: impl Fn(&str) -> Option<String>,
) -> Result<(String, String, Option<Date>), String> {
    let fields: Vec<_> = record.iter().collect();
    let [domain, point, reason, until] = fields[..] else {
        let problem = format!("{} fields instead of four; quote commas", fields.len());
        return Err(problem);
    };
    if reason.is_empty() {
        return Err("no reason; an exception without one justifies nothing".to_owned());
    }
    let domain = normalise(domain).ok_or_else(|| {
        let domain = one_line(domain);
        format!("{domain:?} is no domain; give one domain a line")
    })?;
    let point = justifiable(point, profile)?;
    let until = match until {
        "" => None,
        text => Some(day_of(text).map(date_of).ok_or_else(|| {
            let text = one_line(text);
            format!("{text:?} is no day; give year-month-day, or nothing for no end")
        })?),
    };
    Ok((domain, point, until))
}

/// The point of a name, if the text allows exceptions from it.
fn justifiable(name: &str, profile: &Profile) -> Result<String, String> {
    let may = || {
        let points = profile.points.iter().filter(|point| point.justifiable);
        let points: BTreeSet<_> = points.map(|point| &*point.id).collect();
        match points.is_empty() {
            true => format!("{} allows none", profile.name),
            false => {
                let points: Vec<_> = points.into_iter().collect();
                format!("exceptions are from {}", points.join(", "))
            }
        }
    };
    match profile.point(name) {
        None => {
            let name = one_line(name);
            Err(format!("{} has no point {name:?}; {}", profile.name, may()))
        }
        Some(point) if !point.justifiable => {
            Err(format!("point {name} allows no exceptions; {}", may()))
        }
        Some(point) => Ok(point.id.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::profile::shipped;

    const HEAD: &str = "domain,point,reason,until\n";

    fn profile() -> Profile {
        shipped("nukib-2021").expect("it ships").expect("a profile")
    }

    fn read(text: &str) -> Result<Exceptions, Fault> {
        let normalise = |name: &str| name.contains('.').then(|| name.to_lowercase());
        parse(text.to_owned(), &profile(), normalise)
    }

    fn day(text: &str) -> Date {
        date_of(day_of(text).expect("a day"))
    }

    #[test]
    fn an_exception_holds_until_its_day() {
        let text = format!(
            "\u{feff}{HEAD}Example.cz , 1.2.3,\"old printers, leased\", 2026-06-30\n\
             example.cz,3.2,signed elsewhere,\r\nother.cz,1.2.3,x,2026-01-01\n"
        );
        let exceptions = read(&text).expect("exceptions");
        let holds = |domain, point, on| exceptions.justifies(domain, point, day(on));
        assert!(holds("example.cz", "1.2.3", "2026-06-30"));
        assert!(!holds("example.cz", "1.2.3", "2026-07-01"));
        assert!(holds("example.cz", "3.2", "2099-12-31"));
        assert!(!holds("example.cz", "1.2.4", "2026-01-01"));
        assert!(!holds("third.cz", "1.2.3", "2026-01-01"));
        let domains: Vec<_> = exceptions.domains().collect();
        assert_eq!(domains, ["example.cz", "other.cz"]);
        assert_eq!(exceptions.text, text, "the copy is the file");
        assert_eq!(exceptions.sha256, sha256_of(text.as_bytes()));
        assert_eq!(read(HEAD).expect("none").domains().count(), 0);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (lines, line, words) in [
            (
                "a.cz,9.9,x,\n",
                2,
                "nukib-2021 has no point \"9.9\"; exceptions are from 1.2.3",
            ),
            (
                "a.cz,1.1,x,\n",
                2,
                "point 1.1 allows no exceptions; exceptions are from",
            ),
            (
                "a.cz,3.2,x,\nlocalhost,3.2,x,\n",
                3,
                "\"localhost\" is no domain",
            ),
            ("a.cz,3.2,x,1.1.2026\n", 2, "\"1.1.2026\" is no day"),
            ("a.cz,3.2,x,2026-02-30\n", 2, "is no day"),
            ("a.cz,3.2,,\n", 2, "no reason"),
            ("a.cz,3.2,  ,\n", 2, "no reason"),
            ("a.cz,3.2,x\n", 2, "3 fields instead of four"),
            ("a.cz,3.2,x,,\n", 2, "5 fields"),
            (
                "a.cz,3.2,x,\nb.cz,3.2,x,\nA.cz,3.2,y,2026-01-01\n",
                4,
                "a.cz and point 3.2 are",
            ),
            ("\u{1b}[2J,3.2,x,\n", 2, "\\x1b"),
        ] {
            let (at, problem) = read(&format!("{HEAD}{lines}")).expect_err("refused");
            assert_eq!(at, line, "{lines}: {problem}");
            assert!(problem.contains(words), "{lines}: {problem}");
        }
        let refused = |text: &str| read(text).expect_err("refused").1;
        assert!(refused("").contains("no header"));
        assert!(refused("domain,point\na.cz,3.2\n").contains("not the header"));
        assert!(refused("a.cz,3.2,x,\n").contains("not the header"));
    }

    #[test]
    fn a_profile_without_justifiable_points_says_so() {
        let modern = shipped("modern").expect("it ships").expect("a profile");
        let problem = justifiable("none", &modern).expect_err("refused");
        assert!(problem.contains("modern allows none"), "{problem}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let path = Path::new("no/such.csv");
        let err = Exceptions::read(path, &profile(), |_| None).expect_err("refused");
        assert!(
            err.to_string().contains("no/such.csv: cannot read"),
            "{err}"
        );
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("mine.csv");
        std::fs::write(&path, format!("{HEAD}a.cz,1.1,x,\n")).expect("writes");
        let err = Exceptions::read(&path, &profile(), |_| None).expect_err("refused");
        assert!(err.to_string().contains("mine.csv: line 2: "), "{err}");
        std::fs::write(&path, b"domain,point,reason,until\n\xe8.cz").expect("writes");
        let err = Exceptions::read(&path, &profile(), |_| None).expect_err("refused");
        assert!(err.to_string().contains("mine.csv: not UTF-8"), "{err}");
    }
}
