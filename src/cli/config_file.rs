//! The file of settings: TOML, one key for each flag of `survey`, nothing else.

use std::any::TypeId;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::config::{Given, is_number, key, settings};
use super::flags::NamedFile;
use crate::error::{Error, Result};

/// Reads a file of settings. Relative paths in it are relative to its folder.
///
/// # Errors
/// When it cannot be read, or holds what is no setting or of the wrong kind; with the line.
pub fn read(path: &Path, command: &Command) -> Result<Vec<Given>> {
    let text = std::fs::read_to_string(path).map_err(|err| {
        let problem = format!("cannot read the settings: {err}; check the path of --config");
        Error::directory(path, problem)
    })?;
    let table = DeTable::parse(&text).map_err(|err| {
        let start = err.span().map_or(0, |span| span.start);
        complaint(path, &text, start, err.message())
    })?;
    let mut given = Vec::new();
    for (name, value) in table.get_ref() {
        let start = name.span().start;
        let wrong = |problem: &str| complaint(path, &text, start, problem);
        let name = name.get_ref().as_ref();
        let arg = settings(command)
            .find(|arg| key(arg) == name)
            .filter(|arg| key(arg) != "config")
            .ok_or_else(|| wrong(&unknown(name, command)))?;
        let values = values(arg, value, path.parent().unwrap_or(Path::new("")))
            .map_err(|wanted| wrong(&format!("{name} wants {wanted}")))?;
        given.push(Given {
            key: name.to_owned(),
            values,
            place: format!("{} line {}", path.display(), line(&text, start)),
            source: "file",
        });
    }
    Ok(given)
}

fn complaint(path: &Path, text: &str, at: usize, problem: &str) -> Error {
    let problem = format!("line {}: {}", line(text, at), problem.trim_end());
    Error::directory(path, problem.replace('\n', ", "))
}

fn line(text: &str, at: usize) -> usize {
    let before = &text.as_bytes()[..at.min(text.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn unknown(name: &str, command: &Command) -> String {
    let known = settings(command).map(key).filter(|key| key != "config");
    let nearest = known.min_by_key(|key| distance(key, name));
    format!(
        "there is no setting {name}; did you mean {}?",
        nearest.unwrap_or_default()
    )
}

/// The values of a setting as words of a command line; else what it wants.
fn values(
    arg: &Arg,
    value: &Spanned<DeValue<'_>>,
    folder: &Path,
) -> Result<Vec<OsString>, &'static str> {
    match (arg.get_action(), value.get_ref()) {
        (ArgAction::SetTrue, DeValue::Boolean(true)) => Ok(vec!["true".into()]),
        (ArgAction::SetTrue, DeValue::Boolean(false)) => Ok(Vec::new()),
        (ArgAction::SetTrue, _) => Err("true or false"),
        (ArgAction::Append, DeValue::Array(list)) => list
            .iter()
            .map(|value| one(arg, value.get_ref(), folder).map_err(|_| "a list of strings"))
            .collect(),
        (ArgAction::Append, _) => Err("a list, in brackets"),
        (_, value) => one(arg, value, folder).map(|word| vec![word]),
    }
}

fn one(arg: &Arg, value: &DeValue<'_>, folder: &Path) -> Result<OsString, &'static str> {
    match value {
        DeValue::Integer(number) if is_number(arg) => Ok(number.to_string().into()),
        _ if is_number(arg) => Err("a whole number"),
        DeValue::String(text) if is_path(arg) && text != "-" => {
            Ok(folder.join(text.as_ref()).into_os_string())
        }
        DeValue::String(text) if is_named_file(arg) => Ok(match text.split_once('=') {
            Some((name, path)) => NamedFile::word(name, &folder.join(path)),
            None => text.as_ref().into(),
        }),
        DeValue::String(text) => Ok(text.as_ref().into()),
        _ => Err("a string, in quotes"),
    }
}

fn is_path(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<PathBuf>()
}

fn is_named_file(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<NamedFile>()
}

/// How many letters have to be put in, taken out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.bytes().enumerate() {
            let change = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_words() {
        assert_eq!(distance("rate", "rate"), 0);
        assert_eq!(distance("rate", "rats"), 1);
        assert_eq!(distance("dns-rate", "dnsrate"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn lines_start_at_one() {
        assert_eq!(line("a\nb\nc", 0), 1);
        assert_eq!(line("a\nb\nc", 2), 2);
        assert_eq!(line("a\nb\nc", 99), 3);
    }
}
