//! Where a setting comes from: flag over environment over file over default.
//!
//! There is no list of settings but the flags of `survey`. The command line is parsed twice: first
//! to see which flags were typed, then with what the environment and the file give for the others.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory};
use serde_json::{Value, json};

use super::config_file;
use super::flags::Flags;
use crate::error::{Error, Result};
use crate::table::manifest::Setting;

/// Every setting of a survey with its value and its source; empty for other commands.
pub type Effective = BTreeMap<String, Setting>;

const SURVEY: &str = "survey";

/// What a place other than the command line gives for a flag.
pub struct Given {
    /// Name of the flag.
    pub key: String,
    /// Its values; none where a switch is off.
    pub values: Vec<OsString>,
    /// For complaints: `MAILCENSUS_RATE`, `cz.toml line 3`.
    pub place: String,
    /// `environment` or `file`.
    pub source: &'static str,
}

/// Parses a command line. Help, versions and mistypings end the program, as clap does it.
///
/// # Errors
/// When the environment or the file give something that does not fit.
pub fn parse(typed: Vec<OsString>) -> Result<(ArgMatches, Effective)> {
    // Help and complaints come from the command as it is.
    let Ok(first) = relaxed().try_get_matches_from(&typed) else {
        return Ok((Flags::command().get_matches_from(typed), Effective::new()));
    };
    let Some(matches) = first.subcommand_matches(SURVEY) else {
        return Ok((Flags::command().get_matches_from(typed), Effective::new()));
    };
    let command = survey();
    let flags: BTreeSet<String> = settings(&command)
        .filter(|arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine))
        .map(key)
        .collect();
    let given = given(&command, matches, &flags)?;
    let mut whole = typed;
    // Before what was typed, so that a `--` in it changes nothing.
    let place = whole
        .iter()
        .skip(1)
        .position(|word| word == SURVEY)
        .map_or(whole.len(), |at| at + 2);
    whole.splice(
        place..place,
        given.iter().flat_map(|given| words(&command, given)),
    );
    let matches = Flags::command().get_matches_from(whole);
    let effective = match matches.subcommand_matches(SURVEY) {
        Some(matches) => effective(&command, matches, &flags, &given),
        None => Effective::new(),
    };
    Ok((matches, effective))
}

/// What the environment and the file give for flags that were not typed.
fn given(command: &Command, typed: &ArgMatches, flags: &BTreeSet<String>) -> Result<Vec<Given>> {
    let mut given = Vec::new();
    for arg in settings(command).filter(|arg| !flags.contains(&key(arg))) {
        given.extend(environment(arg, command)?);
    }
    let named = given.iter().find(|given| given.key == "config");
    let named = named.and_then(|given| given.values.first()).cloned();
    let typed = typed
        .get_one::<std::path::PathBuf>("config")
        .map(|path| path.as_os_str().to_owned());
    if let Some(path) = typed.or(named) {
        for setting in config_file::read(path.as_ref(), command)? {
            let outweighed =
                flags.contains(&setting.key) || given.iter().any(|given| given.key == setting.key);
            check(command, &setting)?;
            if !outweighed {
                given.push(setting);
            }
        }
    }
    Ok(given)
}

/// `--dns-rate` as `MAILCENSUS_DNS_RATE`. A variable that is empty is not set.
fn environment(arg: &Arg, command: &Command) -> Result<Option<Given>> {
    let key = key(arg);
    let place = format!("MAILCENSUS_{}", key.to_uppercase().replace('-', "_"));
    let Some(text) = std::env::var_os(&place).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let values = match arg.get_action() {
        ArgAction::SetTrue => match text.to_str() {
            Some("true") => vec!["true".into()],
            Some("false") => Vec::new(),
            _ => {
                let text = text.display();
                return Err(Error::Usage(format!("{place}={text}: give true or false")));
            }
        },
        ArgAction::Append => match text.to_str() {
            Some(list) => list.split(',').map(|value| value.trim().into()).collect(),
            None => vec![text],
        },
        _ => vec![text],
    };
    let given = Given {
        key,
        values,
        place,
        source: "environment",
    };
    check(command, &given)?;
    Ok(Some(given))
}

/// Tries a value alone, so that a complaint can say where it stands.
fn check(command: &Command, given: &Given) -> Result<()> {
    use clap::error::ErrorKind::{InvalidValue, ValueValidation};
    let mut line = vec![OsString::from(SURVEY)];
    line.extend(words(command, given));
    let alone = command.clone().mut_args(at_will);
    let Err(err) = alone.try_get_matches_from(line) else {
        return Ok(());
    };
    if !matches!(err.kind(), InvalidValue | ValueValidation) {
        return Ok(());
    }
    let text = err.to_string();
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let mut problem = first.trim_start_matches("error: ").to_owned();
    for values in lines.filter(|line| line.trim_start().starts_with("[possible values")) {
        problem.push(' ');
        problem.push_str(values.trim());
    }
    Err(Error::Usage(format!("{}: {problem}", given.place)))
}

/// A setting in the words of the command line.
fn words(command: &Command, given: &Given) -> Vec<OsString> {
    let Some(arg) = settings(command).find(|arg| key(arg) == given.key) else {
        return Vec::new();
    };
    let word = |value: &OsString| match (arg.get_long(), arg.get_action()) {
        (None, _) => value.clone(),
        (Some(long), ArgAction::SetTrue) => format!("--{long}").into(),
        (Some(long), _) => {
            let mut word = OsString::from(format!("--{long}="));
            word.push(value);
            word
        }
    };
    given.values.iter().map(word).collect()
}

fn effective(
    command: &Command,
    matches: &ArgMatches,
    flags: &BTreeSet<String>,
    given: &[Given],
) -> Effective {
    let setting = |arg: &Arg| {
        let key = key(arg);
        let given = given.iter().find(|given| given.key == key);
        let source = match given {
            _ if flags.contains(&key) => "flag",
            Some(given) => given.source,
            None => "default",
        };
        let setting = Setting {
            value: value(arg, matches),
            source: source.to_owned(),
        };
        (key, setting)
    };
    settings(command).map(setting).collect()
}

/// The value in force, as JSON of its kind.
fn value(arg: &Arg, matches: &ArgMatches) -> Value {
    let id = arg.get_id().as_str();
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        return json!(matches.get_flag(id));
    }
    let one = |text: &std::ffi::OsStr| {
        let text = text.to_string_lossy();
        match text.parse::<u64>() {
            Ok(number) if is_number(arg) => json!(number),
            _ => json!(text),
        }
    };
    let mut values: Vec<Value> = matches
        .get_raw(id)
        .map(|values| values.map(one).collect())
        .unwrap_or_default();
    match arg.get_action() {
        ArgAction::Append => Value::Array(values),
        _ => values.pop().unwrap_or_default(),
    }
}

/// The program with nothing that is required of a survey: the rest may come from elsewhere.
fn relaxed() -> Command {
    Flags::command().mut_subcommand(SURVEY, |survey| survey.mut_args(at_will))
}

/// A flag that may be left out.
fn at_will(arg: Arg) -> Arg {
    arg.required(false)
        .required_unless_present(clap::builder::Resettable::Reset)
}

fn survey() -> Command {
    let mut program = Flags::command();
    // Flags that every command has are spread to this one.
    program.build();
    let survey = program.find_subcommand(SURVEY);
    survey.cloned().unwrap_or_else(|| Command::new(SURVEY))
}

/// What can be set: everything but the flags that end the program.
pub fn settings(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| {
        !matches!(
            arg.get_action(),
            ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
        )
    })
}

/// The name of a setting: that of its flag, or of what stands without one.
pub fn key(arg: &Arg) -> String {
    arg.get_long().unwrap_or(arg.get_id().as_str()).to_owned()
}

/// Whether a setting is a whole number.
pub fn is_number(arg: &Arg) -> bool {
    use std::any::TypeId;
    let of = arg.get_value_parser().type_id();
    [
        TypeId::of::<u16>(),
        TypeId::of::<u32>(),
        TypeId::of::<u64>(),
        TypeId::of::<usize>(),
    ]
    .iter()
    .any(|number| of == *number)
}
