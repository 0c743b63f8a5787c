//! Lines of a Postfix `smtp_tls_policy_maps` table (TLS_README), from what is known of domains.
//!
//! Hands out [`Known`], what is known of one domain, and [`Map`], which takes them in any order and
//! prints the same text for the same facts.

use std::collections::{BTreeMap, BTreeSet};

use clap::ValueEnum;
use serde::Deserialize;

use crate::cli::json::moment;
use crate::table::codes::CheckResult;
use crate::table::record_codes::PolicyMode;
use crate::table::row::Moment;
use crate::table::rows::Finding;
use crate::targets::name::normalise;

/// What a domain whose policy is only tested gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Testing {
    /// A comment.
    #[default]
    Comment,
    /// The level `may`: what such a policy asks for, whatever the default level is.
    May,
}

/// A policy as its host serves it.
#[derive(Debug, Clone, Deserialize)]
pub struct Policy {
    /// The domain.
    pub domain: String,
    /// When it was asked for.
    pub observed_at: Moment,
    /// What it asks senders for.
    pub mode: Option<PolicyMode>,
    /// Patterns of mail hosts.
    pub mx: Vec<String>,
    /// How long it holds, in seconds.
    pub max_age: Option<u32>,
}

/// What the checks say of a domain.
#[derive(Debug, Clone, Deserialize)]
pub struct Known {
    /// The domain.
    pub domain: String,
    /// Whether the MX answer is secure.
    pub dnssec_domain: Finding,
    /// Whether there is a policy that counts.
    pub mta_sts: Finding,
    /// Whether its own mail hosts fit it.
    pub mta_sts_covers_mx: Finding,
    /// Whether every mail host has usable TLSA records.
    pub dane_published: Finding,
    /// Whether every certificate seen matches them.
    pub dane_valid: Finding,
}

/// What the DNS has of DANE at the mail hosts of a domain, where senders look for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Records {
    /// No host has records that senders use.
    #[default]
    None,
    /// Of some host it is not known.
    Unknown,
    /// Some host has records that senders use.
    Some,
    /// The records of some host do not validate: senders that go by DANE put its mail off.
    Bogus,
}

/// What became of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Enforced,
    Testing,
    Dane,
    Expired,
    Unwritable,
    Unknown,
    Without,
}

/// The table on its way.
#[derive(Debug)]
pub struct Map {
    at: Moment,
    testing: Testing,
    /// Whether each domain is named, also one without a policy.
    each: bool,
    /// Lines by domain.
    domains: BTreeMap<String, (Kind, String)>,
    /// Domains of which it is not even known whether they have a record, by reason.
    silent: BTreeMap<String, u64>,
    /// Domains with a line of which it is not known whether they have DANE, which would come first.
    open: BTreeSet<String>,
    /// The earliest moment at which a policy with a line ends.
    until: Option<Moment>,
}

impl Map {
    /// An empty table, made for a moment.
    pub fn new(at: Moment, testing: Testing) -> Self {
        Self {
            at,
            testing,
            each: false,
            domains: BTreeMap::new(),
            silent: BTreeMap::new(),
            open: BTreeSet::new(),
            until: None,
        }
    }

    /// Makes it for another moment; nothing was added yet.
    pub fn made_at(&mut self, at: Moment) {
        self.at = at;
    }

    /// The same for a few domains, each of which is named whatever it came to.
    pub fn of_each(at: Moment, testing: Testing) -> Self {
        Self {
            each: true,
            ..Self::new(at, testing)
        }
    }

    /// Adds a domain, with its policy where one was asked for, and what its mail hosts have of DANE.
    pub fn add(&mut self, known: &Known, policy: Option<&Policy>, records: Records) {
        let sts = &known.mta_sts;
        let (kind, lines) = match (sts.result, policy) {
            (CheckResult::Unknown, None) if !self.each => {
                *self.silent.entry(word_of(&sts.reason)).or_default() += 1;
                return;
            }
            (CheckResult::Unknown, _) => (
                Kind::Unknown,
                remark(&known.domain, &format!("not known ({})", sts.reason)),
            ),
            (CheckResult::Pass, Some(policy)) => self.of_policy(known, policy, records),
            // None, or none that senders can use: what it came to is in the survey.
            _ if !self.each => return,
            _ => (
                Kind::Without,
                remark(&known.domain, &format!("no policy ({})", sts.reason)),
            ),
        };
        self.domains.insert(known.domain.clone(), (kind, lines));
    }

    fn of_policy(&mut self, known: &Known, policy: &Policy, records: Records) -> (Kind, String) {
        let domain = &known.domain;
        let until = ends(policy);
        if until <= self.at {
            let words = format!("its policy ended {}; ask again", stamp(until));
            return (Kind::Expired, remark(domain, &words));
        }
        let lines = match policy.mode {
            Some(PolicyMode::Enforce) => match dane(known, records) {
                Some(words) => return (Kind::Dane, remark(domain, &words)),
                None => {
                    let is_open = is_open(known, records);
                    let lines = enforced(known, is_open, &policy.mx);
                    if is_open && lines.is_some() {
                        self.open.insert(domain.clone());
                    }
                    lines
                }
            },
            _ => return (Kind::Testing, self.tested(domain)),
        };
        let Some(lines) = lines else {
            let words = "its policy has a name that cannot stand in a table; no line";
            return (Kind::Unwritable, remark(domain, words));
        };
        self.until = Some(self.until.map_or(until, |first| first.min(until)));
        (Kind::Enforced, lines)
    }

    fn tested(&self, domain: &str) -> String {
        match self.testing {
            Testing::Comment => remark(domain, "its policy is only tested"),
            Testing::May => format!("{domain}    may\n"),
        }
    }

    fn count(&self, kind: Kind) -> usize {
        let kinds = self.domains.values();
        kinds.filter(|(other, _)| *other == kind).count()
    }

    /// What keeps the table from being complete, a sentence each.
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        let kinds = [
            (Kind::Unknown, "could not be learned"),
            (Kind::Expired, "ended since it was seen"),
            (Kind::Unwritable, "cannot be written"),
        ];
        for (kind, what) in kinds {
            let of_kind = self.domains.iter().filter(|(_, (other, _))| *other == kind);
            let names: Vec<_> = of_kind.map(|(domain, _)| domain.as_str()).collect();
            if !names.is_empty() {
                gaps.push(format!("the policy of {} {what}", some_of(&names)));
            }
        }
        if !self.open.is_empty() {
            let names: Vec<_> = self.open.iter().map(String::as_str).collect();
            let names = some_of(&names);
            gaps.push(format!(
                "whether DANE comes first is not known of {names}, which have a line"
            ));
        }
        if !self.silent.is_empty() {
            gaps.push(format!(
                "whether there is a policy is not known of more domains: {}",
                self.silent_words()
            ));
        }
        gaps
    }

    fn silent_words(&self) -> String {
        let words = self.silent.iter();
        let words = words.map(|(reason, number)| format!("{number} {reason}"));
        words.collect::<Vec<_>>().join(", ")
    }

    /// The table. `source` says where its facts are from.
    pub fn print(&self, source: &str) -> String {
        let mut text = format!(
            "# Postfix smtp_tls_policy_maps from MTA-STS policies (RFC 8461), by mailcensus {}\n\
             # {source}\n\
             # Made for {}. {}\n\
             # {} enforced, {} only tested, {} left to DANE, {} ended, {} not writable, {} not known\n",
            env!("CARGO_PKG_VERSION"),
            stamp(self.at),
            match self.until {
                Some(until) => format!(
                    "The first policy below ends {}: make the table again before.",
                    stamp(until)
                ),
                None => "No policy is enforced below.".to_owned(),
            },
            self.count(Kind::Enforced),
            self.count(Kind::Testing),
            self.count(Kind::Dane),
            self.count(Kind::Expired),
            self.count(Kind::Unwritable),
            self.count(Kind::Unknown),
        );
        if !self.silent.is_empty() {
            text.push_str(&format!(
                "# Whether there is a policy is not known of more domains: {}\n",
                self.silent_words()
            ));
        }
        text.push_str(
            "# Postfix takes any number of labels before a pattern that begins with a dot, MTA-STS one.\n\
             # servername= needs Postfix 3.4.\n",
        );
        for (_, lines) in self.domains.values() {
            text.push_str(lines);
        }
        text
    }
}

/// Why a domain is left to DANE, which MTA-STS must not outweigh (RFC 8461 2): a line of this table
/// would keep Postfix from looking for TLSA records, also where only some mail hosts have them.
fn dane(known: &Known, records: Records) -> Option<String> {
    let (published, valid) = (&known.dane_published, &known.dane_valid);
    let left = "no line, the default level should be dane";
    match (published.result, valid.result) {
        _ if records == Records::Bogus => Some(format!(
            "has TLSA records that do not validate, which MTA-STS must not outweigh; {left}"
        )),
        (_, CheckResult::Pass) => Some(format!("has DANE; {left}")),
        (_, CheckResult::Fail) => Some(format!(
            "has DANE that fails ({}), which MTA-STS must not outweigh; {left}",
            valid.reason
        )),
        (CheckResult::Pass, _) => Some(format!(
            "has TLSA records, not compared with certificates ({}); {left}",
            valid.reason
        )),
        _ if records == Records::Some => {
            Some(format!("has TLSA records at some mail hosts; {left}"))
        }
        _ => None,
    }
}

/// Whether DANE may be there.
fn is_open(known: &Known, records: Records) -> bool {
    known.dane_published.result == CheckResult::Unknown || records == Records::Unknown
}

/// The line of a policy that is enforced; none where one of its patterns cannot be written.
fn enforced(known: &Known, is_open: bool, patterns: &[String]) -> Option<String> {
    let mut matches: Vec<String> = Vec::new();
    for pattern in patterns {
        let pattern = written(pattern)?;
        if !matches.contains(&pattern) {
            matches.push(pattern);
        }
    }
    if matches.is_empty() {
        return None;
    }
    let domain = &known.domain;
    let mut lines = String::new();
    if is_open {
        let reason = match known.dane_published.result {
            CheckResult::Unknown => known.dane_published.reason.as_ref(),
            _ => "some mail hosts",
        };
        lines += &remark(
            domain,
            &format!("whether it has DANE is not known ({reason})"),
        );
    }
    if known.mta_sts_covers_mx.result == CheckResult::Fail {
        let reason = &known.mta_sts_covers_mx.reason;
        let words = format!("not all its mail hosts fit ({reason}); mail to it may wait");
        lines += &remark(domain, &words);
    }
    lines += &format!(
        "{domain}    secure match={} servername=hostname\n",
        matches.join(":")
    );
    Some(lines)
}

/// A pattern as Postfix writes it: `*.example.cz` as `.example.cz`. Names of one label are refused:
/// `nexthop` and `hostname` are no names there, but ways to find one.
fn written(pattern: &str) -> Option<String> {
    match pattern.strip_prefix("*.") {
        // All of a top-level domain is what some ask for, and it says no more to Postfix.
        Some(parent) => normalise(&format!("any.{parent}"))
            .ok()
            .and_then(|name| name.strip_prefix("any").map(str::to_owned)),
        None => normalise(pattern).ok(),
    }
}

/// A comment. Nothing in it can end its line.
fn remark(domain: &str, words: &str) -> String {
    format!("# {domain}: {}\n", crate::text::one_line(words))
}

/// When a policy ends.
fn ends(policy: &Policy) -> Moment {
    let age = i64::from(policy.max_age.unwrap_or_default()) * 1_000_000;
    Moment(policy.observed_at.0.saturating_add(age))
}

/// A moment to the second.
pub fn stamp(at: Moment) -> String {
    let text = moment(at).unwrap_or_default();
    format!("{}Z", text.get(..19).unwrap_or_default())
}

fn word_of(reason: &str) -> String {
    let word = reason.split_once(':').map_or(reason, |(word, _)| word);
    word.to_owned()
}

/// At most ten names, and how many there are.
fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 10;
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>();
    match names.len() {
        more if more > SHOWN => format!("{} and {} more", shown.join(", "), more - SHOWN),
        _ => shown.join(", "),
    }
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
