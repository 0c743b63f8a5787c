//! Lists that a profile leaves open, since the authority keeps them elsewhere: the suites, or groups,
//! that it recommends.
//!
//! Hands out [`NameList`], read from a text with one name of the IANA registry a line.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Profile, Wanted, text_of_file};
use crate::error::{Error, Result};
use crate::table::rows::CheckId;
use crate::text::{one_line, sha256_of};

/// What the names of a list are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListOf {
    /// Cipher suites, for `ciphers_within`.
    Suites,
    /// Groups of the key exchange, for `groups_within`.
    Groups,
}

impl ListOf {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Suites, Self::Groups];

    /// The word for it: the parameter, the flag, part of the name of the copy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suites => "suites",
            Self::Groups => "groups",
        }
    }

    /// The check that it is for.
    fn check(self) -> CheckId {
        match self {
            Self::Suites => CheckId::CiphersWithin,
            Self::Groups => CheckId::GroupsWithin,
        }
    }

    /// Whether a name can be one of the registry: letters, digits, `_` and `-`; suites begin with
    /// `TLS_`.
    fn is_name(self, name: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let begins = self == Self::Groups || name.starts_with("TLS_");
        begins && name.len() <= 100 && name.bytes().all(plain)
    }
}

/// Names of suites or groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameList {
    /// What they are of.
    pub of: ListOf,
    /// The names, in the order of the text.
    pub names: Vec<String>,
    /// SHA-256 of the text in hex.
    pub sha256: String,
    /// The text itself, for the copy beside the rows.
    pub text: String,
}

impl NameList {
    /// Reads a file: one name a line; what is behind `#` is a comment.
    ///
    /// # Errors
    /// When it cannot be read or a line is wrong; with the number of the line.
    pub fn read(path: &Path, of: ListOf) -> Result<Self> {
        let text = text_of_file(path).map_err(Error::io("read", path))?;
        parse(text, of).map_err(|problem| Error::Input {
            path: path.display().to_string(),
            problem,
        })
    }
}

fn parse(text: String, of: ListOf) -> Result<NameList, String> {
    let mut names: Vec<String> = Vec::new();
    let mut known = BTreeSet::new();
    let bare = text.strip_prefix('\u{feff}').unwrap_or(&text);
    for (at, line) in bare.lines().enumerate() {
        let name = line.split('#').next().unwrap_or_default().trim();
        if name.is_empty() {
            continue;
        }
        let wrong = |problem: &str| {
            let name = one_line(name);
            Err(format!("line {}: {name:?} {problem}", at + 1))
        };
        if !of.is_name(name) {
            return wrong(match of {
                ListOf::Suites => "is no suite; give one name of the IANA registry a line, TLS_…",
                ListOf::Groups => "is no group; give one name of the IANA registry a line",
            });
        }
        if !known.insert(name) {
            return wrong("is there twice; leave one line");
        }
        names.push(name.to_owned());
    }
    if names.is_empty() {
        return Err("no name in it; a list that allows nothing would fail everybody".to_owned());
    }
    Ok(NameList {
        of,
        names,
        sha256: sha256_of(text.as_bytes()),
        text,
    })
}

impl Profile {
    /// Gives a list to every check that wants one and has none.
    ///
    /// # Errors
    /// When there is no such check.
    pub fn take(&mut self, list: &NameList) -> Result<(), String> {
        let checks = self.points.iter_mut().flat_map(|point| &mut point.checks);
        let mut open: Vec<_> = checks.filter(|wanted| wants(wanted, list.of)).collect();
        if open.is_empty() {
            let (name, check, of) = (&self.name, list.of.check(), list.of.as_str());
            return Err(format!(
                "{name} has no {check} that wants a list of {of}; leave --{of} out"
            ));
        }
        for wanted in &mut open {
            fill(wanted, list);
        }
        Ok(())
    }
}

/// Whether a check wants such a list and has none.
fn wants(wanted: &Wanted, of: ListOf) -> bool {
    let list = match of {
        ListOf::Suites => &wanted.parameters.suites,
        ListOf::Groups => &wanted.parameters.groups,
    };
    wanted.check == of.check() && list.is_empty()
}

/// As if the profile had set it: rows have the parameters that made them.
fn fill(wanted: &mut Wanted, list: &NameList) {
    match list.of {
        ListOf::Suites => wanted.parameters.suites.clone_from(&list.names),
        ListOf::Groups => wanted.parameters.groups.clone_from(&list.names),
    }
    let mut set: Map<String, Value> = serde_json::from_str(&wanted.set).unwrap_or_default();
    set.insert(list.of.as_str().to_owned(), Value::from(list.names.clone()));
    wanted.set = Arc::from(Value::Object(set).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::profile::shipped;

    fn read(text: &str, of: ListOf) -> Result<NameList, String> {
        parse(text.to_owned(), of)
    }

    #[test]
    fn a_list_has_one_name_a_line_and_comments() {
        let text = "\u{feff}# Recommended\r\nTLS_AES_256_GCM_SHA384\r\n\n  TLS_A # until 2027\n";
        let list = read(text, ListOf::Suites).expect("a list");
        assert_eq!(list.names, ["TLS_AES_256_GCM_SHA384", "TLS_A"]);
        assert_eq!(list.text, text, "the copy is the file");
        assert_eq!(list.sha256, sha256_of(text.as_bytes()));
        let list = read("x25519\nX25519MLKEM768\n", ListOf::Groups).expect("a list");
        assert_eq!(list.names.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, of, words) in [
            ("", ListOf::Suites, "no name in it"),
            ("# nothing\n\n", ListOf::Groups, "no name in it"),
            (
                "TLS_A\nAES128-SHA\n",
                ListOf::Suites,
                "line 2: \"AES128-SHA\" is no suite",
            ),
            (
                "TLS_A, TLS_B\n",
                ListOf::Suites,
                "line 1: \"TLS_A, TLS_B\" is no suite",
            ),
            (
                "TLS_A\n\nTLS_A\n",
                ListOf::Suites,
                "line 3: \"TLS_A\" is there twice",
            ),
            ("a b\n", ListOf::Groups, "line 1: \"a b\" is no group"),
            ("\u{1b}[2J\n", ListOf::Groups, "\\x1b"),
        ] {
            let problem = read(text, of).expect_err("refused");
            assert!(problem.contains(words), "{text:?}: {problem}");
        }
    }

    #[test]
    fn only_a_check_without_a_list_takes_one() {
        let ship = |name| shipped(name).expect("it ships").expect("a profile");
        let suites = read("TLS_A\nTLS_B\n", ListOf::Suites).expect("a list");
        let mut agency = ship("nukib-2021");
        agency.take(&suites).expect("taken");
        let point = agency.point("1.2.4").expect("a point");
        let within = |wanted: &&Wanted| wanted.check == CheckId::CiphersWithin;
        let wanted = point.checks.iter().find(within).expect("a check");
        assert_eq!(wanted.parameters.suites, ["TLS_A", "TLS_B"]);
        assert_eq!(&*wanted.set, "{\"suites\":[\"TLS_A\",\"TLS_B\"]}");
        let groups = read("x25519\n", ListOf::Groups).expect("a list");
        let refused = agency.take(&groups).expect_err("refused");
        assert!(
            refused.contains("nukib-2021 has no groups_within"),
            "{refused}"
        );
        // The lists of this one are its own.
        let refused = ship("internet-nl-mail").take(&suites).expect_err("refused");
        assert!(refused.contains("leave --suites out"), "{refused}");
        assert!(ship("modern").take(&suites).is_err());
    }
}
