//! What is behind STARTTLS: versions, suites and groups of a server, small and without strings.
//!
//! Hands out [`Tls`], with [`Gap`] for what is not known; names of suites and groups are in lists that
//! many servers share ([`Seen`]).

use std::sync::Arc;

use crate::table::codes::ErrorCode;
use crate::table::tls_codes::VersionResult;
use crate::tls_names::{Version, Weakness};

/// Why something is not known of a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Gap {
    /// It was looked for, and nothing was seen that says so.
    #[default]
    NotSeen,
    /// The tables are from before anybody asked.
    NotMeasured,
    /// Only a deep survey asks.
    Depth,
    /// The hello that asked had no answer that says something.
    Failed(ErrorCode),
}

impl Gap {
    /// The word for it in a reason.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSeen => "not_seen",
            Self::NotMeasured => "not_measured",
            Self::Depth => "depth",
            Self::Failed(error) => error.as_str(),
        }
    }
}

/// What a server makes of weak suites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    /// It accepts one.
    Accepted(Weakness),
    /// It refused the hello that offers nothing else.
    Refused,
    /// That is not known.
    Open(Gap),
}

/// Suites, or groups, that a server was seen to accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// A place in `Lists::names`.
    pub accepted: u32,
    /// Why there may be more; none where everything was asked for.
    pub gap: Option<Gap>,
}

/// Names of suites or groups, by their IANA names.
pub type NameSet = Vec<Arc<str>>;

/// What is behind STARTTLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tls {
    /// What it makes of each version, oldest first.
    pub versions: [VersionResult; 6],
    /// Why it may not be known of TLS 1.1 and older.
    pub old: Gap,
    /// Why it may not be known of SSL 2.0.
    pub ssl2: Gap,
    /// Weak suites.
    pub weak: Weak,
    /// Whether the keys of the full handshake, or of what took its place, were ephemeral.
    pub forward_secrecy: Option<bool>,
    /// Whether any suite that it was seen to accept has keys that are not; none where it has a suite
    /// of which that is not known.
    pub static_keys: Option<bool>,
    /// Whether a hybrid post-quantum group took part in the handshake.
    pub hybrid: Option<bool>,
    /// Cipher suites.
    pub suites: Seen,
    /// Groups of the key exchange.
    pub groups: Seen,
}

impl Default for Tls {
    /// Nothing is known. The first list of names is that without any.
    fn default() -> Self {
        let nothing = Seen {
            accepted: 0,
            gap: Some(Gap::NotSeen),
        };
        Self {
            versions: [VersionResult::Unknown; 6],
            old: Gap::NotSeen,
            ssl2: Gap::NotSeen,
            weak: Weak::Open(Gap::NotSeen),
            forward_secrecy: None,
            static_keys: Some(false),
            hybrid: None,
            suites: nothing,
            groups: nothing,
        }
    }
}

impl Tls {
    /// What it makes of a version.
    pub fn version(&self, version: Version) -> VersionResult {
        self.versions[version as usize]
    }

    /// Whether it accepts a version; none where that is not known.
    pub fn accepts(&self, version: Version) -> Option<bool> {
        match self.version(version) {
            VersionResult::Accepted => Some(true),
            VersionResult::Refused | VersionResult::ImpliedRefused => Some(false),
            VersionResult::Unknown => None,
        }
    }

    /// The newest version that it accepts for certain.
    pub fn newest(&self) -> Option<Version> {
        let mut newest_first = Version::ALL.into_iter().rev();
        newest_first.find(|version| self.accepts(*version) == Some(true))
    }
}
