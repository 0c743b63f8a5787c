//! `survey.json` of a public copy: what was done and how, not by whom, from where and with which
//! files of theirs.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Result;
use crate::table::manifest::{Counts, JudgedBy, ListSummary, Manifest, NAME, ProfileRecord};
use crate::table::preflight::{Aspect, Trial};
use crate::table::whole;

/// Settings whose text names nobody. Numbers and switches never do; any other text stays behind.
const TEXTS: [&str; 5] = ["depth", "list_format", "shard", "stratify", "trust_store"];

/// What anybody may know of a survey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublicManifest {
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
    /// Settings, without those that say who and where.
    pub configuration: BTreeMap<String, Value>,
    /// The lists, by file name.
    pub lists: Vec<ListSummary>,
    /// What was read from them.
    pub counts: Option<Counts>,
    /// Whether the machine had IPv6.
    pub ipv6: bool,
    /// How the trials before the first packet went.
    pub preflight: BTreeMap<Aspect, Trial>,
    /// Versions of data the facts lean on.
    pub data: BTreeMap<String, String>,
    /// Every process that worked on it.
    pub runs: Vec<PublicRun>,
    /// Who judged the domains.
    pub judged: Option<JudgedBy>,
    /// The profiles that the survey was judged by, by name; `profiles/NAME.toml` has their texts.
    pub profiles: BTreeMap<String, ProfileRecord>,
    /// The files.
    pub files: Vec<File>,
    /// Columns that may hold personal data: they are not here.
    pub left_out: Vec<String>,
}

/// One process that worked on the survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicRun {
    /// When it began.
    pub started_at: String,
    /// When it ended; null after a crash.
    pub ended_at: Option<String>,
    /// Version of the program.
    pub version: String,
    /// New connections per second in all.
    pub rate: u32,
    /// DNS queries per second and resolver; 0 no limit.
    pub dns_rate: u32,
}

/// One file of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name, below the folder of the copy.
    pub file: String,
    /// Rows in it.
    pub rows: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

impl PublicManifest {
    pub(super) fn new(manifest: &Manifest, files: Vec<File>, left_out: Vec<String>) -> Self {
        let names_nobody = |(key, value): &(&String, &Value)| match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => true,
            Value::String(_) | Value::Array(_) | Value::Object(_) => TEXTS.contains(&key.as_str()),
        };
        let settings = manifest.configuration.iter().filter(names_nobody);
        let preflight = manifest.vantage.preflight.iter();
        Self {
            schema_version: manifest.schema_version,
            tool: manifest.tool.clone(),
            survey: manifest.survey.clone(),
            seed: manifest.seed.clone(),
            started_at: manifest.started_at.clone(),
            ended_at: manifest.ended_at.clone(),
            configuration: settings
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            lists: manifest.lists.iter().map(without_folder).collect(),
            counts: manifest.counts.clone(),
            ipv6: manifest.vantage.ipv6,
            preflight: preflight
                .map(|(aspect, tried)| (*aspect, tried.result))
                .collect(),
            data: manifest.data.clone(),
            runs: manifest
                .runs
                .iter()
                .map(|run| PublicRun {
                    started_at: run.started_at.clone(),
                    ended_at: run.ended_at.clone(),
                    version: run.version.clone(),
                    rate: run.rate,
                    dns_rate: run.dns_rate,
                })
                .collect(),
            judged: manifest.judged.clone(),
            profiles: manifest.profiles.clone(),
            files,
            left_out,
        }
    }

    pub(super) fn write(&self, dir: &Path) -> Result<()> {
        whole::replace_json(&dir.join(NAME), self)
    }
}

fn without_folder(list: &ListSummary) -> ListSummary {
    let name = Path::new(&list.name).file_name();
    ListSummary {
        name: name.map_or(list.name.clone(), |name| {
            name.to_string_lossy().into_owned()
        }),
        ..list.clone()
    }
}
