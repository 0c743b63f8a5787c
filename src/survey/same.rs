//! Whether a resume is of the same survey: settings that may not change, and what is read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::settings::Settings;
use super::tables::Tables;
use super::trust::Trust;
use crate::error::{Error, Result};
use crate::table::manifest::{ListSummary, Manifest, Older};
use crate::targets::{self, Input, Take, list};

/// Settings that make a survey what it is: a resume with others would mix two surveys.
pub fn fixed(settings: &Settings, tables: &Tables, trust: &Trust) -> BTreeMap<String, Value> {
    let lab: Vec<_> = settings.lab.iter().map(ToString::to_string).collect();
    // By what they hold: a path may be spelled in many ways.
    let stores = trust.versions();
    let roots: Vec<_> = stores
        .map(|(name, version)| format!("{name} ({version})"))
        .collect();
    let (sample, stratify, shard) = match &settings.input.take {
        Take::All => (None, None, None),
        Take::Sample(sample) => (Some(sample.size), Some(sample.by.to_string()), None),
        Take::Shard(shard) => (None, None, Some(shard.to_string())),
    };
    [
        ("list_format", json!(settings.input.format.as_str())),
        ("sample", json!(sample)),
        ("stratify", json!(stratify)),
        ("shard", json!(shard)),
        ("depth", json!(settings.depth)),
        ("clients", json!(settings.clients)),
        ("lab", json!(lab)),
        ("trust_store", json!(roots)),
        ("country_table", json!(tables.countries())),
        ("rpki_table", json!(tables.routes())),
        ("ehlo", json!(settings.ehlo)),
        ("contact", json!(settings.contact)),
        ("mx_limit", json!(crate::dns::domain::MX_LIMIT)),
        ("address_limit", json!(crate::dns::host::ADDRESS_LIMIT)),
        (
            "connections_per_address_in_window",
            json!(settings.limits.in_window),
        ),
        (
            "connections_per_address_in_survey",
            json!(settings.limits.in_survey),
        ),
        (
            "connections_per_address_to_ask_once_more",
            json!(settings.limits.extra),
        ),
        ("address_window_s", json!(settings.limits.window.as_secs())),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// Makes sure that a survey goes on with what it was begun with.
///
/// # Errors
/// When a setting differs, with its name.
pub fn survey(
    manifest: &Manifest,
    settings: &Settings,
    tables: &Tables,
    trust: &Trust,
) -> Result<()> {
    let differs = |what: &str, then: String, now: String| {
        let problem = format!(
            "was begun with {what} {then}, not {now}; use the same again, or choose another --out"
        );
        Err(Error::directory(&settings.out, problem))
    };
    let seed = settings.seed.map(|seed| format!("{seed:016x}"));
    if let Some(seed) = seed.filter(|seed| *seed != manifest.seed) {
        return differs("--seed", manifest.seed.clone(), seed);
    }
    for (key, now) in fixed(settings, tables, trust) {
        let then = manifest
            .configuration
            .get(&key)
            .cloned()
            .unwrap_or_default();
        if then != now {
            return differs(&named(&key), plain(&then), plain(&now));
        }
    }
    Ok(())
}

/// SHA-256 of every list, read to its end for that.
///
/// # Errors
/// When a list cannot be read.
pub fn hashes(input: &Input) -> Result<Vec<String>> {
    let hash = |path: &PathBuf| list::hash_only(path).map(|(sha256, _)| sha256);
    input.lists.iter().map(hash).collect()
}

/// SHA-256 of every list that was read already: standard input comes once.
pub fn hashes_of(lists: &[ListSummary]) -> Vec<String> {
    lists.iter().map(|list| list.sha256.clone()).collect()
}

/// Makes sure that a survey reads what it was begun with; `now` are the hashes of the lists.
///
/// # Errors
/// When it does not.
pub fn input(manifest: &Manifest, settings: &Settings, now: &[String]) -> Result<()> {
    same_older(manifest, settings)?;
    // In their order, too: the first list that says something of a domain decides it.
    let then = manifest.lists.iter().map(|list| &list.sha256);
    if then.eq(now) {
        return Ok(());
    }
    Err(Error::directory(
        &settings.out,
        other_lists(manifest, &settings.input),
    ))
}

fn same_older(manifest: &Manifest, settings: &Settings) -> Result<()> {
    let input = &settings.input;
    let then = manifest.only_failed.as_ref();
    let now = input.only_failed.as_deref().map(targets::identify);
    let now = now.transpose()?;
    if then.map(|older| &older.survey) != now.as_ref().map(|older| &older.survey) {
        let named = |older: Option<&Older>| {
            older.map_or("lists".to_owned(), |older| {
                format!("the failures of survey {} in {}", older.survey, older.dir)
            })
        };
        let problem = format!(
            "was begun with {}, not with {}; use the same again, or choose another --out",
            named(then),
            named(now.as_ref())
        );
        return Err(Error::directory(&settings.out, problem));
    }
    Ok(())
}

fn other_lists(manifest: &Manifest, input: &Input) -> String {
    if input.lists.iter().any(|path| path.as_os_str() == "-") {
        return "was begun with another list on standard input; pipe the same list in again, or \
                choose another --out"
            .to_owned();
    }
    let names: Vec<_> = manifest
        .lists
        .iter()
        .map(|list| list.name.as_str())
        .collect();
    format!(
        "belongs to another list ({} as it was on {}); use that one, or choose another --out",
        names.join(", "),
        manifest.started_at
    )
}

/// A setting as it is typed.
fn named(key: &str) -> String {
    match key {
        "address_window_s" => "--address-window".to_owned(),
        _ if key.starts_with("connections_") || key.ends_with("_limit") => key.to_owned(),
        "trust_store" => "the trust stores".to_owned(),
        _ => format!("--{}", key.replace('_', "-")),
    }
}

/// A value without the marks of JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
