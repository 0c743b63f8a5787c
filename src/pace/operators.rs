//! The operator table: who runs a mail host, by the end of its name.
//!
//! Hands out [`Operators`]. The table that ships is `data/operators.toml`; `--operator-table`
//! replaces it. Suffixes match label by label and the longest one wins: `google.com` stands for
//! `aspmx.l.google.com`, not for `notgoogle.com`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use ipnet::IpNet;
use serde::Deserialize;
use toml::Spanned;

use super::asn::asn_of;
use super::limits::OPERATOR_RATE;
use super::suffixes::ends;
use crate::error::{Error, Result};
use crate::targets::name::normalise;
use crate::text::{line_of, sha256_of};

/// The table that ships, and what it is called in messages.
const SHIPPED: (&str, &str) = (
    "data/operators.toml",
    include_str!("../../data/operators.toml"),
);
/// Longest name of an operator, in bytes.
const LONGEST_NAME: usize = 60;

/// Operators of mail.
#[derive(Debug)]
pub struct Operators {
    known: Vec<Operator>,
    by_suffix: HashMap<Box<str>, u32>,
    by_asn: HashMap<u32, u32>,
    by_name: HashMap<Arc<str>, u32>,
    version: String,
}

#[derive(Debug)]
struct Operator {
    name: Arc<str>,
    rate: Option<u32>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    operator: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    mx: Vec<Spanned<String>>,
    #[serde(default)]
    asn: Vec<Spanned<u32>>,
    rate: Option<Spanned<u32>>,
}

impl Operators {
    /// The table that ships.
    ///
    /// # Errors
    /// Never; a test parses it.
    pub fn shipped() -> Result<Self> {
        Self::parse(SHIPPED.0, SHIPPED.1)
    }

    /// Reads a table of the operator of this survey.
    ///
    /// # Errors
    /// When it cannot be read, or something in it is wrong; with the number of the line.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|err| Error::Input {
            path: name.clone(),
            problem: format!("cannot read the operator table: {err}; check the path"),
        })?;
        Self::parse(&name, &text)
    }

    /// Reads the text of a table that is called `name`.
    ///
    /// # Errors
    /// When something in it is wrong; with the number of the line.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let wrong = |(span, problem): Fault| Error::Input {
            path: name.to_owned(),
            problem: match span {
                Some(span) => format!("line {}: {problem}", line_of(text, &span)),
                None => problem,
            },
        };
        let file: File = toml::from_str(text).map_err(|err| {
            let problem = err.message().lines().next().unwrap_or("not TOML");
            wrong((err.span(), format!("{problem}; see data/operators.toml")))
        })?;
        let mut table = Self {
            known: Vec::new(),
            by_suffix: HashMap::new(),
            by_asn: HashMap::new(),
            by_name: HashMap::new(),
            version: sha256_of(text.as_bytes()),
        };
        for entry in &file.operator {
            table.add(entry).map_err(wrong)?;
        }
        Ok(table)
    }

    fn add(&mut self, entry: &Entry) -> Result<(), Fault> {
        let at = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        let name: Arc<str> = Arc::from(proper_name(&entry.name)?);
        if self.by_name.insert(name.clone(), at).is_some() {
            return fault(&entry.name, format!("the operator {name} is there twice"));
        }
        if entry.mx.is_empty() {
            return fault(
                &entry.name,
                format!("{name} has no suffix; give mx = [\"…\"]"),
            );
        }
        for suffix in &entry.mx {
            let key = proper_suffix(suffix)?;
            if self.by_suffix.insert(key, at).is_some() {
                let text = format!("the suffix {} is there twice", suffix.get_ref());
                return fault(suffix, text);
            }
        }
        for asn in &entry.asn {
            if self.by_asn.insert(*asn.get_ref(), at).is_some() {
                let text = format!("AS{} is there twice", asn.get_ref());
                return fault(asn, text);
            }
        }
        let rate = entry.rate.as_ref().map(proper_rate).transpose()?;
        self.known.push(Operator { name, rate });
        Ok(())
    }

    /// The operator of a host, by its name.
    pub fn of_host(&self, host: &str) -> Option<&Arc<str>> {
        let at = ends(host).find_map(|end| self.by_suffix.get(end))?;
        self.name(*at)
    }

    /// The operator that an autonomous system belongs to.
    pub fn of_asn(&self, asn: u32) -> Option<&Arc<str>> {
        self.name(*self.by_asn.get(&asn)?)
    }

    /// New connections per second that the table gives an operator; none where it says nothing.
    pub fn rate(&self, operator: &str) -> Option<u32> {
        let at = *self.by_name.get(operator)?;
        self.known.get(at as usize)?.rate
    }

    /// Who runs the mail of a domain whose first mail host this is: by the table, else the
    /// registrable domain of the host, by the public suffix list.
    pub fn of_mail(&self, host: &str) -> String {
        match self.of_host(host) {
            Some(name) => name.to_string(),
            None => psl::domain_str(host).unwrap_or(host).to_owned(),
        }
    }

    /// SHA-256 of the table.
    pub fn version(&self) -> &str {
        &self.version
    }

    fn name(&self, at: u32) -> Option<&Arc<str>> {
        Some(&self.known.get(at as usize)?.name)
    }
}

/// Where something is wrong in the text, and what.
type Fault = (Option<Range<usize>>, String);

fn fault<T, S>(place: &Spanned<S>, problem: impl Into<String>) -> Result<T, Fault> {
    Err((Some(place.span()), problem.into()))
}

/// A name that can be told from an AS number and a prefix, which stand for operators that no table
/// knows.
fn proper_name(name: &Spanned<String>) -> Result<&str, Fault> {
    let text = name.get_ref().as_str();
    let shown = !text.is_empty() && text.trim() == text && !text.contains(char::is_control);
    if !shown || text.len() > LONGEST_NAME {
        let problem = format!("the name {text:?} is none; give 1 to {LONGEST_NAME} bytes of text");
        return fault(name, problem);
    }
    let taken =
        asn_of(text).is_some() || text.parse::<IpNet>().is_ok() || text.parse::<IpAddr>().is_ok();
    if taken {
        let problem =
            format!("the name {text} reads as an AS number or a prefix; give another one");
        return fault(name, problem);
    }
    Ok(text)
}

fn proper_suffix(suffix: &Spanned<String>) -> Result<Box<str>, Fault> {
    let text = suffix.get_ref().as_str();
    match normalise(text) {
        Ok(name) if name == text => Ok(name.into_boxed_str()),
        Ok(name) => fault(
            suffix,
            format!("the suffix {text} has to be written {name}"),
        ),
        Err(reason) => fault(
            suffix,
            format!(
                "the suffix {text:?} is no domain name ({}); give at least two labels, like \
                 example.com",
                reason.as_str()
            ),
        ),
    }
}

fn proper_rate(rate: &Spanned<u32>) -> Result<u32, Fault> {
    let number = *rate.get_ref();
    if OPERATOR_RATE.allows(number) {
        return Ok(number);
    }
    let (floor, ceiling) = (OPERATOR_RATE.floor, OPERATOR_RATE.ceiling);
    fault(
        rate,
        format!("the rate {number} is not between {floor} and {ceiling} a second"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Operators> {
        Operators::parse("table.toml", text)
    }

    #[test]
    fn the_longest_suffix_wins_label_by_label() {
        let table = parse(
            "[[operator]]\nname = \"Big\"\nmx = [\"example.com\", \"example.net\"]\nrate = 5\n\
             asn = [64500]\n[[operator]]\nname = \"Small\"\nmx = [\"mail.example.com\"]\n",
        )
        .expect("a table");
        let of = |host: &str| table.of_host(host).map(ToString::to_string);
        let named = |name: &str| Some(name.to_owned());
        assert_eq!(of("example.com"), named("Big"));
        assert_eq!(of("a.b.example.net"), named("Big"));
        assert_eq!(of("mx1.mail.example.com"), named("Small"));
        assert_eq!(of("notexample.com"), None);
        assert_eq!(of("com"), None);
        assert_eq!(of(""), None);
        assert_eq!(table.of_asn(64500).map(|name| &**name), Some("Big"));
        assert_eq!(table.of_asn(64501), None);
        assert_eq!(table.rate("Big"), Some(5));
        assert_eq!(table.rate("Small"), None);
        assert_eq!(table.rate("AS64500"), None);
    }

    #[test]
    fn whom_no_suffix_names_has_the_registrable_domain() {
        let table = parse("operator = []").expect("an empty table");
        assert_eq!(table.of_mail("mx1.mail.example.cz"), "example.cz");
        assert_eq!(table.of_mail("mx.example.co.nz"), "example.co.nz");
        assert_eq!(table.of_mail("co.nz"), "co.nz", "a public suffix");
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_line() {
        let good = "[[operator]]\nname = \"A\"\nmx = [\"a.cz\"]\n";
        for (bad, line, words) in [
            (
                "[[operator]]\nname = \"B\"\nmx = [\"b.cz\"]\ncolour = 1\n",
                7,
                "colour",
            ),
            ("[[operator]]\nmx = [\"b.cz\"]\n", 4, "name"),
            ("[[operator]]\nname = \"B\"\n", 4, "mx"),
            ("[[operator]]\nname = \"B\"\nmx = []\n", 5, "no suffix"),
            (
                "[[operator]]\nname = \"A\"\nmx = [\"b.cz\"]\n",
                5,
                "A is there twice",
            ),
            ("[[operator]]\nname = \"\"\nmx = [\"b.cz\"]\n", 5, "name"),
            (
                "[[operator]]\nname = \"AS1\"\nmx = [\"b.cz\"]\n",
                5,
                "AS number",
            ),
            (
                "[[operator]]\nname = \"::/0\"\nmx = [\"b.cz\"]\n",
                5,
                "prefix",
            ),
            (
                "[[operator]]\nname = \"B\"\nmx = [\"cz\"]\n",
                6,
                "single_label",
            ),
            (
                "[[operator]]\nname = \"B\"\nmx = [\".b.cz\"]\n",
                6,
                "empty_label",
            ),
            (
                "[[operator]]\nname = \"B\"\nmx = [\"*.b.cz\"]\n",
                6,
                "bad_character",
            ),
            (
                "[[operator]]\nname = \"B\"\nmx = [\"B.cz.\"]\n",
                6,
                "written b.cz",
            ),
            (
                "[[operator]]\nname = \"B\"\nmx = [\n\"b.cz\",\n\"a.cz\",\n]\n",
                8,
                "a.cz is there twice",
            ),
            (
                "[[operator]]\nname = \"B\"\nmx = [\"b.cz\"]\nrate = 0\n",
                7,
                "between 1 and 20",
            ),
            (
                "[[operator]]\nname = \"B\"\nmx = [\"b.cz\"]\nrate = 21\n",
                7,
                "between 1 and 20",
            ),
            (
                "[[operator]]\nname = \"B\"\nmx = [\"b.cz\"]\nrate = -1\n",
                7,
                "",
            ),
            (
                "[[operator]]\nname = \"B\"\nmx = [\"b.cz\"]\nasn = [1, 1]\n",
                7,
                "AS1 is there twice",
            ),
            ("[[operator]\n", 4, ""),
        ] {
            let sentence = parse(&format!("{good}{bad}")).expect_err(bad).to_string();
            let start = format!("table.toml: line {line}: ");
            assert!(sentence.starts_with(&start), "{bad}: {sentence}");
            assert!(sentence.contains(words), "{bad}: {sentence}");
            assert_eq!(sentence.lines().count(), 1, "{sentence}");
        }
    }

    #[test]
    fn the_table_that_ships_knows_the_large_ones() {
        let table = Operators::shipped().expect("the table that ships");
        for (host, name) in [
            ("aspmx.l.google.com", "Google Workspace"),
            ("example-cz.mail.protection.outlook.com", "Microsoft 365"),
            ("example-cz.o-v1.mx.microsoft", "Microsoft 365"),
            ("0123456789abcdef.mx1.emailprofi.seznam.cz", "Seznam"),
            ("mx1.wedos.global", "WEDOS"),
            ("mx.forpsi.com", "Forpsi"),
            ("mx1d10.thinline.cz", "Český hosting"),
            ("mx1.nz.smxemail.com", "SMX"),
            ("inbound-smtp.eu-west-1.amazonaws.com", "Amazon SES"),
            ("route1.mx.cloudflare.net", "Cloudflare Email Routing"),
        ] {
            assert_eq!(table.of_mail(host), name, "{host}");
        }
        assert_eq!(table.of_host("ec2-192-0-2-1.compute-1.amazonaws.com"), None);
        assert!(table.known.len() > 80, "{}", table.known.len());
    }

    #[test]
    fn the_version_is_the_hash_of_the_text() {
        let (one, two) = (parse("operator = []"), parse("operator = [] "));
        let (one, two) = (one.expect("a table"), two.expect("a table"));
        assert_ne!(one.version(), two.version());
        assert_eq!(one.version().len(), "sha256:".len() + 64);
    }
}
