//! The directory of a survey: begun anew or resumed, never mixed with another one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Stage;
use super::log::Logbook;
use super::same;
use super::settings::{Screen, Settings};
use super::tables::Tables;
use super::trust::Trust;
use super::{interval, machine};
use crate::error::{Error, Result};
use crate::order::Order;
use crate::pace::Exclusions;
use crate::spool::Spool;
use crate::table::manifest::{self, Bias, Manifest, Older, Run};
use crate::table::preflight::{Preflight, record};
use crate::table::{SCHEMA_VERSION, Store};
use crate::targets::{self, list, rejects};

/// Where lists are read again, until it is known that they are the same.
const ASIDE: &str = "spool/again";

/// A survey whose directory is ours.
pub struct Survey {
    /// Its tables.
    pub store: Arc<Mutex<Store>>,
    dir: PathBuf,
    spool: Option<Spool>,
    manifest: Manifest,
    trust: Arc<Trust>,
}

/// Opens a survey, begun anew or resumed. The list is read to its end before this returns.
///
/// # Errors
/// When the directory belongs to another survey or another process, was damaged, or a list cannot
/// be read.
pub fn open(settings: &Settings, tables: &Tables, screen: &Logbook) -> Result<Survey> {
    let trust = Arc::new(Trust::read(settings)?);
    // Before anything is made: a mistyped path leaves nothing behind.
    let input = &settings.input;
    for path in input.lists.iter().filter(|path| path.as_os_str() != "-") {
        list::reachable(path)?;
    }
    let older = input.only_failed.as_deref().map(targets::identify);
    let older = older.transpose()?;
    refuse_foreign(&settings.out)?;
    let lock = Store::lock(&settings.out)?;
    screen.open(&settings.out);
    let mut manifest = match Manifest::read(&settings.out)? {
        Some(manifest) => {
            same::survey(&manifest, settings, tables, &trust)?;
            screen.event("resume", &opening(&manifest, settings));
            manifest
        }
        None => {
            let manifest = begin(settings, tables, &trust, older);
            screen.event("start", &opening(&manifest, settings));
            manifest
        }
    };
    let order = manifest.order()?;
    let store = Store::open(&settings.out, lock, &manifest.survey, order)?;
    for file in store.missing() {
        screen.note(&format!("{file} is gone; its rows are made anew"));
    }
    let spool = if manifest.counts.is_none() {
        let spool = read_lists(settings, order, &mut manifest, screen)?;
        interval::check(settings, &manifest)?;
        Some(spool)
    } else {
        read_before(settings, order, &manifest, &store)?
    };
    manifest.runs.push(Run {
        started_at: manifest::now(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        resolvers: settings
            .dns
            .resolvers
            .iter()
            .map(ToString::to_string)
            .collect(),
        rate: settings.limits.rate,
        dns_rate: settings.dns.rate,
        effective: settings.effective.clone(),
        exclusions: tables.exclusions.versions().into_iter().collect(),
        ..Run::default()
    });
    for (table, version) in tables.versions() {
        note_version(&mut manifest, table, &version, screen);
    }
    manifest.write(&settings.out)?;
    let store = Arc::new(Mutex::new(store));
    Ok(Survey {
        store,
        dir: settings.out.clone(),
        spool,
        manifest,
        trust,
    })
}

impl Survey {
    /// The spool of domains; none where the stage `dns` was finished before.
    pub fn spool(&self) -> Option<&Spool> {
        self.spool.as_ref()
    }

    /// The stores that chains are judged by.
    pub fn trust(&self) -> Arc<Trust> {
        self.trust.clone()
    }

    /// What was tried before the first packet to strangers.
    pub fn preflight(&self) -> &Preflight {
        &self.manifest.vantage.preflight
    }

    /// What is recorded of the survey.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Takes over the manifest that judging wrote.
    pub fn note_judged(&mut self, manifest: Manifest) {
        self.manifest = manifest;
    }

    /// Records what was tried before the first packet to strangers.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn note_preflight(&mut self, found: Preflight) -> Result<()> {
        record(&mut self.manifest.vantage.preflight, found);
        self.manifest.write(&self.dir)
    }

    /// Records that mail servers are asked from now on.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn note_probing(&mut self) -> Result<()> {
        self.manifest.probed_at = Some(manifest::now());
        self.manifest.write(&self.dir)
    }

    /// Has the manifest say which exclusions this process went by, once it is written.
    pub fn note_exclusions(&mut self, exclusions: &Exclusions) {
        if let Some(run) = self.manifest.runs.last_mut() {
            run.exclusions = exclusions.versions().into_iter().collect();
        }
    }

    /// Records that everything is there, and who turned us away; clears up.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn complete(&mut self, keep_spool: bool, bias: BTreeMap<String, Bias>) -> Result<()> {
        let now = manifest::now();
        self.manifest.bias = bias;
        self.manifest.ended_at.get_or_insert(now);
        self.manifest.write(&self.dir)?;
        let spool = self.dir.join("spool");
        if !keep_spool && spool.exists() {
            fs::remove_dir_all(&spool).map_err(Error::io("remove", &spool))?;
        }
        Ok(())
    }

    /// Records how this process ended.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn end<T>(&mut self, result: &Result<T>) -> Result<()> {
        if let Some(run) = self.manifest.runs.last_mut() {
            run.ended_at = Some(manifest::now());
            run.end = Some(match result {
                Ok(_) => "complete".to_owned(),
                Err(Error::Interrupted) => "interrupted".to_owned(),
                Err(err) => err.to_string(),
            });
        }
        self.manifest.write(&self.dir)
    }

    /// Local trouble worth reading.
    pub fn trouble(&self) -> Vec<String> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let strangers = store.strangers().iter();
        let missing = store.missing().iter();
        strangers
            .map(|file| format!("{file} is not ours, but a glob over the folder reads it"))
            .chain(missing.map(|file| format!("{file} was gone; its rows were made anew")))
            .collect()
    }
}

/// Every version of a table that rows were made with, the last one last: an operator may want to be
/// treated in another way in the middle of a survey.
fn note_version(manifest: &mut Manifest, table: &str, version: &str, screen: &dyn Screen) {
    let versions = manifest.data.entry(table.to_owned()).or_default();
    if versions.ends_with(version) {
        return;
    }
    if !versions.is_empty() {
        screen.note(&format!(
            "another {table} than before; rows that are there keep what the old one said"
        ));
        versions.push_str(", ");
    }
    versions.push_str(version);
}

/// A directory with other people's files in it is no place for a survey.
fn refuse_foreign(dir: &Path) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Ok(());
    };
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    let ours = |name: &str| names.iter().any(|other| other == name);
    if names.is_empty() || ours("survey.json") || ours(".lock") {
        return Ok(());
    }
    Err(Error::directory(
        dir,
        "is not empty and holds no survey; choose an empty or a new directory for --out",
    ))
}

fn begin(settings: &Settings, tables: &Tables, trust: &Trust, older: Option<Older>) -> Manifest {
    let seed = settings.seed.unwrap_or_else(rand::random);
    let mut manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        tool: format!("mailcensus {}", env!("CARGO_PKG_VERSION")),
        survey: format!("{:08x}", rand::random::<u32>()),
        seed: format!("{seed:016x}"),
        started_at: manifest::now(),
        vantage: machine::vantage(settings),
        configuration: same::fixed(settings, tables, trust),
        only_failed: older,
        ..Manifest::default()
    };
    for (name, version) in trust.versions() {
        let key = format!("trust store {name}");
        manifest.data.insert(key, version.to_owned());
    }
    manifest
        .data
        .insert("public suffix list".to_owned(), psl_version());
    manifest
}

/// What the log says when a process begins: the rest is in the manifest.
fn opening(manifest: &Manifest, settings: &Settings) -> String {
    let resolvers = settings.dns.resolvers.iter().map(ToString::to_string);
    let limits = &settings.limits;
    format!(
        "mailcensus {}, survey {}, seed {}; resolvers {} at {} queries/s; {} new connections/s, {} \
         to one operator, {} at a time",
        env!("CARGO_PKG_VERSION"),
        manifest.survey,
        manifest.seed,
        resolvers.collect::<Vec<_>>().join(", "),
        settings.dns.rate,
        limits.rate,
        limits.operator_rate,
        limits.open
    )
}

fn read_lists(
    settings: &Settings,
    order: Order,
    manifest: &mut Manifest,
    screen: &Logbook,
) -> Result<Spool> {
    let read = targets::ingest(&settings.input, &settings.out, order)?;
    let counts = read.counts();
    screen.note(&counts.to_string());
    for list in &read.lists {
        let words = format!(
            "{}: {} bytes, SHA-256 {}",
            list.name, list.bytes, list.sha256
        );
        screen.event("list", &words);
    }
    for list in read.lists.iter().filter(|list| list.unterminated) {
        let name = &list.name;
        screen.note(&format!(
            "{name}: the last line has no newline; was the list cut off?"
        ));
    }
    manifest.counts = Some(counts);
    manifest.lists = read.lists;
    Ok(read.spool)
}

/// Makes sure that the lists are the ones that the survey was begun with. The spool, read out of
/// them again if it is gone; none where nobody needs it any more.
fn read_before(
    settings: &Settings,
    order: Order,
    manifest: &Manifest,
    store: &Store,
) -> Result<Option<Spool>> {
    let hashed = || same::input(manifest, settings, &same::hashes(&settings.input)?);
    if store.is_finished(Stage::Dns.as_str()) {
        return hashed().map(|()| None);
    }
    let path = settings.out.join(targets::SPOOL);
    if let Some(spool) = Spool::open(&path, order)? {
        return hashed().map(|()| Some(spool));
    }
    read_again(settings, order, manifest)?;
    Spool::open(&path, order)
}

/// Makes the spool again. The lists are read once, for standard input comes once, and aside: other
/// lists leave nothing behind.
fn read_again(settings: &Settings, order: Order, manifest: &Manifest) -> Result<()> {
    let aside = settings.out.join(ASIDE);
    let read = targets::ingest(&settings.input, &aside, order).and_then(|read| {
        same::input(manifest, settings, &same::hashes_of(&read.lists))?;
        // The spool last: with it everything is there.
        replace(&aside, &settings.out, rejects::FILE)?;
        replace(&aside, &settings.out, targets::SPOOL)
    });
    let removed = fs::remove_dir_all(&aside).map_err(Error::io("remove", &aside));
    // Where both fail, why the lists are refused says more.
    read.and(removed)
}

fn replace(from: &Path, to: &Path, name: &str) -> Result<()> {
    let (from, to) = (from.join(name), to.join(name));
    // A folder that was not finished.
    if to.is_dir() {
        fs::remove_dir_all(&to).map_err(Error::io("remove", &to))?;
    }
    fs::rename(&from, &to).map_err(Error::io("rename", &from))
}

/// Version of the public suffix list: that of the crate that carries it.
fn psl_version() -> String {
    let lock = include_str!("../../Cargo.lock");
    let mut lines = lock
        .lines()
        .skip_while(|line| *line != "name = \"psl\"")
        .skip(1);
    let version = lines.next().and_then(|line| line.split('"').nth(1));
    format!("psl {}", version.unwrap_or("unknown"))
}
