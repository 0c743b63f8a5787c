//! The directory of a survey: begun anew or resumed, never mixed with another one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use super::machine;
use super::settings::{Screen, Settings};
use crate::certificate::{self, TrustStore};
use crate::dns::preflight::Names;
use crate::error::{Error, Result};
use crate::order::Order;
use crate::spool::Spool;
use crate::table::manifest::{self, Bias, Counts, Manifest, Run};
use crate::table::{SCHEMA_VERSION, Store};
use crate::targets::{self, list};

/// A survey whose directory is ours.
pub struct Survey {
    /// Its tables.
    pub store: Arc<Mutex<Store>>,
    dir: PathBuf,
    order: Order,
    manifest: Manifest,
    trust: Arc<TrustStore>,
}

/// Opens a survey, begun anew or resumed. The list is read to its end before this returns.
///
/// # Errors
/// When the directory belongs to another survey or another process, was damaged, or a list cannot
/// be read.
pub fn open(settings: &Settings, screen: &dyn Screen) -> Result<Survey> {
    let trust = Arc::new(trust(settings)?);
    // Before anything is made: a mistyped path leaves nothing behind.
    for path in settings.lists.iter().filter(|path| path.as_os_str() != "-") {
        list::reachable(path)?;
    }
    refuse_foreign(&settings.out)?;
    let lock = Store::lock(&settings.out)?;
    let mut manifest = match Manifest::read(&settings.out)? {
        Some(manifest) => {
            same_survey(&manifest, settings, &trust)?;
            manifest
        }
        None => begin(settings, &trust),
    };
    let order = Order::new(seed_of(&manifest)?);
    let store = Store::open(&settings.out, lock, &manifest.survey, order)?;
    for file in store.missing() {
        screen.note(&format!("{file} is gone; its rows are made anew"));
    }
    if manifest.counts.is_none() {
        read_lists(settings, order, &mut manifest, screen)?;
    } else {
        same_lists(&manifest, settings)?;
    }
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
        ..Run::default()
    });
    manifest.write(&settings.out)?;
    let store = Arc::new(Mutex::new(store));
    Ok(Survey {
        store,
        dir: settings.out.clone(),
        order,
        manifest,
        trust,
    })
}

impl Survey {
    /// The spool of domains; made again from the lists, which are known to be the same, if it is
    /// gone.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn spool(&self, lists: &[PathBuf]) -> Result<Spool> {
        if let Some(spool) = Spool::open(&self.dir.join(targets::SPOOL), self.order)? {
            return Ok(spool);
        }
        Ok(targets::ingest(lists, &self.dir, self.order)?.spool)
    }

    /// The store that chains are judged by.
    pub fn trust(&self) -> Arc<TrustStore> {
        self.trust.clone()
    }

    /// Records which names the resolvers were tried with.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn note_preflight(&mut self, names: &Names) -> Result<()> {
        for (status, name) in [
            ("secure", &names.secure),
            ("bogus", &names.bogus),
            ("unsigned", &names.unsigned),
        ] {
            self.manifest
                .vantage
                .preflight
                .insert(status.to_owned(), name.clone());
        }
        self.manifest.write(&self.dir)
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
            std::fs::remove_dir_all(&spool).map_err(Error::io("remove", &spool))?;
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

fn begin(settings: &Settings, trust: &TrustStore) -> Manifest {
    let seed = settings.seed.unwrap_or_else(rand::random);
    let mut manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        tool: format!("mailcensus {}", env!("CARGO_PKG_VERSION")),
        survey: format!("{:08x}", rand::random::<u32>()),
        seed: format!("{seed:016x}"),
        started_at: manifest::now(),
        vantage: machine::vantage(settings),
        configuration: fixed(settings, trust),
        ..Manifest::default()
    };
    manifest
        .data
        .insert("trust store mozilla".to_owned(), trust.version.clone());
    manifest
        .data
        .insert("public suffix list".to_owned(), psl_version());
    manifest
}

/// Settings that make a survey what it is: a resume with others would mix two surveys.
fn fixed(settings: &Settings, trust: &TrustStore) -> BTreeMap<String, serde_json::Value> {
    let lab: Vec<_> = settings.lab.iter().map(ToString::to_string).collect();
    // By what they hold: a path may be spelled in many ways.
    let roots = trust.version.clone();
    [
        ("depth", json!("standard")),
        ("lab", json!(lab)),
        ("trust_store", json!(roots)),
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

fn same_survey(manifest: &Manifest, settings: &Settings, trust: &TrustStore) -> Result<()> {
    let differs = |what: &str, then: String, now: String| {
        let problem = format!(
            "was begun with {what} {then}, not {now}; use the same again, or choose another --out"
        );
        Err(Error::directory(&settings.out, problem))
    };
    if let Some(seed) = settings
        .seed
        .filter(|seed| seed_of(manifest).ok() != Some(*seed))
    {
        return differs("--seed", manifest.seed.clone(), format!("{seed:016x}"));
    }
    for (key, now) in fixed(settings, trust) {
        let then = manifest
            .configuration
            .get(&key)
            .cloned()
            .unwrap_or_default();
        if then != now {
            return differs(&key, then.to_string(), now.to_string());
        }
    }
    Ok(())
}

pub fn same_lists(manifest: &Manifest, settings: &Settings) -> Result<()> {
    let mut then: Vec<&str> = manifest
        .lists
        .iter()
        .map(|list| list.sha256.as_str())
        .collect();
    let mut now = Vec::with_capacity(settings.lists.len());
    for path in &settings.lists {
        now.push(list::hash_only(path)?.0);
    }
    then.sort_unstable();
    now.sort_unstable();
    if then == now {
        return Ok(());
    }
    if settings.lists.iter().any(|path| path.as_os_str() == "-") {
        let problem = "was begun with another list on standard input; pipe the same list in again, \
                       or choose another --out";
        return Err(Error::directory(&settings.out, problem));
    }
    let names: Vec<_> = manifest
        .lists
        .iter()
        .map(|list| list.name.as_str())
        .collect();
    Err(Error::directory(
        &settings.out,
        format!(
            "belongs to another list ({} as it was on {}); use that one, or choose another --out",
            names.join(", "),
            manifest.started_at
        ),
    ))
}

fn read_lists(
    settings: &Settings,
    order: Order,
    manifest: &mut Manifest,
    screen: &dyn Screen,
) -> Result<()> {
    let read = targets::ingest(&settings.lists, &settings.out, order)?;
    let sum = |of: fn(&manifest::ListSummary) -> u64| read.lists.iter().map(of).sum();
    let counts = Counts {
        lines: sum(|list| list.lines),
        blank: sum(|list| list.blank),
        comments: sum(|list| list.comments),
        rejects: sum(|list| list.rejects),
        duplicates: read.duplicates(),
        domains: read.spool.keys(),
    };
    screen.note(&format!(
        "{} lines: {} domains, {} duplicates, {} rejects, {} comments, {} blank",
        counts.lines,
        counts.domains,
        counts.duplicates,
        counts.rejects,
        counts.comments,
        counts.blank
    ));
    for list in read.lists.iter().filter(|list| list.unterminated) {
        let name = &list.name;
        screen.note(&format!(
            "{name}: the last line has no newline; was the list cut off?"
        ));
    }
    manifest.counts = Some(counts);
    manifest.lists = read.lists;
    Ok(())
}

fn trust(settings: &Settings) -> Result<TrustStore> {
    let mut extra = Vec::new();
    for path in &settings.extra_roots {
        extra.extend(certificate::read_pem(path)?);
    }
    Ok(TrustStore::mozilla(&extra))
}

fn seed_of(manifest: &Manifest) -> Result<u64> {
    u64::from_str_radix(&manifest.seed, 16)
        .map_err(|_| Error::Internal(format!("seed {} in the manifest", manifest.seed)))
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
