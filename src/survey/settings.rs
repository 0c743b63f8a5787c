//! What a survey will do, and the screen it is watched on.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ipnet::IpNet;

use crate::dns::{self, preflight::Names};
use crate::error::Error;
use crate::pace::{Limits, Outlook};
use crate::table::Store;
use crate::table::manifest::Setting;
use crate::table::row::Moment;
use crate::table::tls_codes::Depth;
use crate::targets::Input;

/// What a survey will do.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Which domains.
    pub input: Input,
    /// Directory of the survey.
    pub out: PathBuf,
    /// How far it goes with each server.
    pub depth: Depth,
    /// Whether the hosts that mail clients use are asked, too.
    pub clients: bool,
    /// Only this stage.
    pub stage: Option<Stage>,
    /// Our name in EHLO.
    pub ehlo: String,
    /// Where operators reach us.
    pub contact: String,
    /// Resolvers and their budget.
    pub dns: dns::Settings,
    /// Domains asked about at a time.
    pub dns_in_flight: usize,
    /// Whether AD bits from another machine are believed.
    pub trust_ad: bool,
    /// Names that the resolvers are tried with.
    pub preflight: Names,
    /// Mail servers known to be good, that port 25 is tried with.
    pub egress: Vec<String>,
    /// Addresses that strangers see us come from, where this machine cannot know them.
    pub source_addresses: Vec<IpAddr>,
    /// Days that must lie between two surveys of the same list; 0 for none.
    pub min_interval: u32,
    /// What strangers may get.
    pub limits: Limits,
    /// The journal of dials; none keeps it in the directory of the survey, for that alone.
    pub ledger: Option<Ledger>,
    /// The only prefixes that may be dialled; empty outside the lab.
    pub lab: Vec<IpNet>,
    /// Files with whom to leave alone; read again while the survey runs.
    pub exclude: Vec<PathBuf>,
    /// Table of operators instead of the one that ships.
    pub operator_table: Option<PathBuf>,
    /// Table of addresses and the AS that announces each.
    pub asn_table: Option<PathBuf>,
    /// Table of countries of addresses.
    pub country_table: Option<PathBuf>,
    /// Table of who may announce which prefix.
    pub rpki_table: Option<PathBuf>,
    /// Files with root certificates to add to every store.
    pub extra_roots: Vec<PathBuf>,
    /// Trust stores beside the one that is built in: name, and file with the root certificates.
    pub trust_stores: Vec<(String, PathBuf)>,
    /// Seed of the order of work; random when none is given.
    pub seed: Option<u64>,
    /// Whether the normalised list is kept.
    pub keep_spool: bool,
    /// Domains whose dialogue on the wire is shown, as A-labels.
    pub trace_domains: Vec<String>,
    /// Every setting by name as it was given, for the manifest.
    pub effective: BTreeMap<String, Setting>,
}

impl Settings {
    /// Whether nobody is waited for longer than rates ask for: what failed is not asked once more.
    pub fn is_in_a_hurry(&self) -> bool {
        self.limits.patience < self.limits.window / 2
    }
}

/// A journal of dials that is older than the survey.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// Where it is. Nobody else writes there meanwhile.
    pub dir: PathBuf,
    /// When the survey began: dials before that count for windows only, not for what an address may
    /// get in the survey.
    pub since: Moment,
}

/// The stages, in the order of the road.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Stage {
    /// The DNS about each domain
    Dns,
    /// The DNS about each host that will be dialled
    Hosts,
    /// The MTA-STS policies, webmail and the mail servers
    Probe,
    /// The checks
    Verdict,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Dns, Self::Hosts, Self::Probe, Self::Verdict];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Hosts => "hosts",
            Self::Probe => "probe",
            Self::Verdict => "verdict",
        }
    }

    /// The first stage that a survey has not finished; none where all are.
    pub fn first_open(store: &Store) -> Option<Self> {
        let mut stages = Self::ALL.into_iter();
        stages.find(|stage| !store.is_finished(stage.as_str()))
    }

    /// The complaint that this stage of a survey is not finished. `then` says what was to be done
    /// with the survey: "export it".
    pub fn unfinished(self, dir: &Path, then: &str) -> Error {
        let problem = format!("stage {self} is not finished; finish the survey, then {then}");
        Error::directory(dir, problem)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where a survey shows what it does.
pub trait Screen: Send + Sync {
    /// One line worth reading.
    fn note(&self, text: &str);

    /// A stage begins: its name, what it counts, how many in all and how many are done already.
    fn stage(
        &self,
        name: &'static str,
        unit: &'static str,
        total: u64,
        done: u64,
    ) -> Arc<dyn Watch>;
}

/// The progress of one stage.
pub trait Watch: Send + Sync {
    /// One more is done, with a word for how it ended; so many are in flight.
    fn done(&self, outcome: &'static str, in_flight: usize);

    /// What the budgets say of the rest of the stage.
    fn outlook(&self, ahead: Outlook);

    /// The stage is over.
    fn finish(&self);
}
