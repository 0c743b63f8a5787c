//! What was tried before the first packet to strangers, as `survey.json` has it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Everything that was tried.
pub type Preflight = BTreeMap<Aspect, Tried>;

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Enough file descriptors.
    OpenFiles,
    /// The resolvers validate.
    Resolver,
    /// The clock is right.
    Clock,
    /// There is a way out over IPv6.
    Ipv6,
    /// The IPv4 address leads to the name in EHLO, and back.
    ReverseNameIpv4,
    /// The IPv6 address does.
    ReverseNameIpv6,
    /// Mail servers known to be good are reached over IPv4.
    EgressIpv4,
    /// And over IPv6.
    EgressIpv6,
    /// They offer STARTTLS: nobody on the way takes it out.
    Starttls,
}

/// How that went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trial {
    /// As it should.
    Pass,
    /// Nobody tried.
    #[default]
    NotChecked,
    /// It could not be found out.
    Unknown,
    /// Not as it should.
    Fail,
}

/// What came of one trial.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// How it went.
    pub result: Trial,
    /// Why, for people.
    pub detail: String,
}

impl Tried {
    /// It is as it should be.
    pub fn pass(detail: impl Into<String>) -> Self {
        Self::new(Trial::Pass, detail)
    }

    /// It is not.
    pub fn fail(detail: impl Into<String>) -> Self {
        Self::new(Trial::Fail, detail)
    }

    /// It could not be found out.
    pub fn unknown(detail: impl Into<String>) -> Self {
        Self::new(Trial::Unknown, detail)
    }

    /// Nobody tried.
    pub fn not_checked(detail: impl Into<String>) -> Self {
        Self::new(Trial::NotChecked, detail)
    }

    fn new(result: Trial, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { result, detail }
    }
}

/// Whether something was tried and is not as it should be.
pub fn has_failed(preflight: &Preflight, aspect: Aspect) -> bool {
    let tried = preflight.get(&aspect);
    tried.is_some_and(|tried| tried.result == Trial::Fail)
}

/// Takes over what a later process found. What was seen while STARTTLS got lost on the way stays
/// doubtful, also when that process finds it there.
pub fn record(recorded: &mut Preflight, found: Preflight) {
    let doubtful = has_failed(recorded, Aspect::Starttls);
    let fresh = found
        .into_iter()
        .filter(|(aspect, _)| !(doubtful && *aspect == Aspect::Starttls));
    recorded.extend(fresh);
}

impl Aspect {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenFiles => "open_files",
            Self::Resolver => "resolver",
            Self::Clock => "clock",
            Self::Ipv6 => "ipv6",
            Self::ReverseNameIpv4 => "reverse_name_ipv4",
            Self::ReverseNameIpv6 => "reverse_name_ipv6",
            Self::EgressIpv4 => "egress_ipv4",
            Self::EgressIpv6 => "egress_ipv6",
            Self::Starttls => "starttls",
        }
    }
}

impl Trial {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotChecked => "not_checked",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts_but_for_starttls_that_got_lost() {
        let found = |tried: fn(&'static str) -> Tried| {
            Preflight::from([
                (Aspect::EgressIpv4, tried("")),
                (Aspect::Starttls, tried("")),
            ])
        };
        let mut recorded = found(Tried::fail);
        record(&mut recorded, found(Tried::pass));
        assert!(!has_failed(&recorded, Aspect::EgressIpv4));
        assert!(has_failed(&recorded, Aspect::Starttls));
        let mut recorded = found(Tried::pass);
        record(&mut recorded, found(Tried::fail));
        assert!(has_failed(&recorded, Aspect::Starttls));
    }

    #[test]
    fn the_manifest_has_the_same_words_as_the_screen() {
        let all = [
            Aspect::OpenFiles,
            Aspect::Resolver,
            Aspect::Clock,
            Aspect::Ipv6,
            Aspect::ReverseNameIpv4,
            Aspect::ReverseNameIpv6,
            Aspect::EgressIpv4,
            Aspect::EgressIpv6,
            Aspect::Starttls,
        ];
        let trials = [Trial::Pass, Trial::NotChecked, Trial::Unknown, Trial::Fail];
        for aspect in all {
            let word = serde_json::to_value(aspect).expect("serialises");
            assert_eq!(word, aspect.as_str());
        }
        for trial in trials {
            let word = serde_json::to_value(trial).expect("serialises");
            assert_eq!(word, trial.as_str());
        }
    }
}
