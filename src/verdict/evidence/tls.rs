//! What a row says of TLS: handshake, bare hellos and what they add up to, all in one.
//!
//! [`Names`] keeps the names of suites and groups that many servers share, [`Said`] is what one row
//! has, [`Names::tls`] makes the facts of it.

use std::sync::Arc;

use super::once::Once;
use crate::table::codes::TlsOutcome;
use crate::table::rows::{Hello, Offer, Tls as Handshake, Versions};
use crate::table::tls_codes::{Depth, HelloKind, HelloOutcome, VersionResult};
use crate::tls_names::{is_ephemeral, is_hybrid, weakness};
use crate::verdict::facts::{Gap, NameSet, Seen, Tls, Version, Weak, Weakness};

/// The columns that are read.
pub const COLUMNS: [&str; 23] = [
    "depth",
    "tls.outcome",
    "tls.error",
    "tls.version",
    "tls.cipher",
    "tls.group",
    "versions.ssl2.result",
    "versions.ssl3.result",
    "versions.tls1_0.result",
    "versions.tls1_1.result",
    "versions.tls1_2.result",
    "versions.tls1_3.result",
    "weak_cipher",
    "ciphers.accepted",
    "ciphers.complete",
    "groups.accepted",
    "groups.complete",
    "hellos.list.item.kind",
    "hellos.list.item.outcome",
    "hellos.list.item.error",
    "hellos.list.item.cipher",
    "hellos.list.item.group",
    "hellos.list.item.version",
];

/// What a row says.
pub struct Said<'a> {
    /// How far the survey went.
    pub depth: Depth,
    /// The handshake, or what took its place.
    pub handshake: &'a Handshake,
    /// What the server makes of each version.
    pub versions: &'a Versions,
    /// The suite accepted from the hello that offers only weak ones.
    pub weak_cipher: Option<&'a str>,
    /// Cipher suites.
    pub ciphers: &'a Offer,
    /// Groups.
    pub groups: &'a Offer,
    /// Bare hellos; none where the tables are older than they are.
    pub hellos: Option<&'a [Hello]>,
    /// Whether every handshake offered a hybrid group.
    pub offers_hybrid: bool,
}

/// Names that many servers share.
pub struct Names {
    names: Once<Arc<str>>,
    sets: Once<NameSet>,
}

impl Names {
    /// The first list is that without a name.
    pub fn new() -> Self {
        let mut sets = Once::default();
        sets.number(NameSet::new());
        Self {
            names: Once::default(),
            sets,
        }
    }

    /// What the numbers of lists stand for.
    pub fn list(self) -> Vec<NameSet> {
        self.sets.list()
    }

    /// The facts of a row.
    pub fn tls(&mut self, said: &Said<'_>) -> Tls {
        let suites = said.suites();
        let versions = said.versions();
        Tls {
            versions,
            old: said.gap(&[HelloKind::Legacy, HelloKind::Ssl3, HelloKind::Version]),
            ssl2: said.of_deep(HelloKind::Ssl2),
            weak: said.weak(&suites),
            forward_secrecy: said.handshake.cipher.as_deref().and_then(is_ephemeral),
            static_keys: has_static(&suites),
            hybrid: said.hybrid(versions[Version::Tls1_3 as usize]),
            suites: Seen {
                accepted: self.number(&suites),
                gap: said.gap_of(said.ciphers, HelloKind::Suites),
            },
            groups: Seen {
                accepted: self.number(&said.groups()),
                gap: said.gap_of(said.groups, HelloKind::Groups),
            },
        }
    }

    fn number(&mut self, names: &[&str]) -> u32 {
        let names = names.iter().map(|name| self.names.shared(name));
        let names = names.collect();
        self.sets.number(names)
    }
}

impl Said<'_> {
    fn hellos(&self) -> &[Hello] {
        self.hellos.unwrap_or_default()
    }

    /// Every suite that was accepted once.
    fn suites(&self) -> Vec<&str> {
        let hellos = self.hellos().iter();
        let hellos = hellos.filter_map(|hello| hello.cipher.as_deref());
        let mut names: Vec<_> = self.ciphers.accepted.iter().map(String::as_str).collect();
        names.extend(hellos.chain(self.handshake.cipher.as_deref()));
        names.extend(self.weak_cipher);
        once(names)
    }

    fn groups(&self) -> Vec<&str> {
        let hellos = self.hellos().iter();
        let hellos = hellos.filter_map(|hello| hello.group.as_deref());
        let mut names: Vec<_> = self.groups.accepted.iter().map(String::as_str).collect();
        names.extend(hellos.chain(self.handshake.group.as_deref()));
        once(names)
    }

    /// What the columns have, and the handshake besides: a completed one is of the newest version that
    /// the server has, and one that has TLS 1.3 shares a suite and a group with us (RFC 8446 9.1).
    fn versions(&self) -> [VersionResult; 6] {
        let mut versions = self.versions.list().map(|fact| fact.result);
        let shown = self.handshake.version.as_deref().and_then(Version::of_name);
        let Some(shown) = shown.filter(|_| self.is_shown()) else {
            return versions;
        };
        let is_newest = self.handshake.outcome == TlsOutcome::Completed || shown < Version::Tls1_2;
        for newer in [Version::Tls1_2, Version::Tls1_3] {
            let result = &mut versions[newer as usize];
            if is_newest && newer > shown && *result == VersionResult::Unknown {
                *result = VersionResult::Refused;
            }
        }
        versions[shown as usize] = VersionResult::Accepted;
        versions
    }

    /// Whether the handshake says what the server is like.
    fn is_shown(&self) -> bool {
        let outcome = self.handshake.outcome;
        matches!(outcome, TlsOutcome::Completed | TlsOutcome::HelloOnly)
    }

    fn weak(&self, suites: &[&str]) -> Weak {
        let worst = suites.iter().filter_map(|suite| weakness(suite)).min();
        let mut hellos = self.hellos().iter();
        let is_refused = hellos
            .any(|hello| hello.kind == HelloKind::Weak && hello.outcome == HelloOutcome::Refused);
        match worst.or(self.weak_cipher.map(|_| Weakness::Other)) {
            Some(weakness) => Weak::Accepted(weakness),
            None if is_refused || self.ciphers.complete => Weak::Refused,
            None => Weak::Open(self.gap(&[HelloKind::Weak])),
        }
    }

    /// Whether a hybrid group took part. Before TLS 1.3 there is none.
    fn hybrid(&self, tls_1_3: VersionResult) -> Option<bool> {
        let is_refused = matches!(
            tls_1_3,
            VersionResult::Refused | VersionResult::ImpliedRefused
        );
        match self.handshake.group.as_deref() {
            Some(group) if is_hybrid(group) => Some(true),
            _ if self.is_shown() && is_refused => Some(false),
            // What took the place of the handshake offered none.
            Some(_) if self.handshake.outcome == TlsOutcome::Completed && self.offers_hybrid => {
                Some(false)
            }
            _ => None,
        }
    }

    /// Why hellos of these kinds leave something open: what kept the last of them from an answer.
    fn gap(&self, kinds: &[HelloKind]) -> Gap {
        let Some(hellos) = self.hellos else {
            return Gap::NotMeasured;
        };
        let asked = hellos.iter().filter(|hello| kinds.contains(&hello.kind));
        let open = asked.filter(|hello| hello.outcome == HelloOutcome::Unknown);
        let mut errors = open.filter_map(|hello| hello.error);
        errors.next_back().map_or(Gap::NotSeen, Gap::Failed)
    }

    /// The same for hellos that only a deep survey sends.
    fn of_deep(&self, kind: HelloKind) -> Gap {
        match self.gap(&[kind]) {
            Gap::NotSeen if self.depth == Depth::Standard => Gap::Depth,
            gap => gap,
        }
    }

    /// Why there may be more than an offer has; none where there is not.
    fn gap_of(&self, offer: &Offer, kind: HelloKind) -> Option<Gap> {
        (!offer.complete).then(|| self.of_deep(kind))
    }
}

/// Names, each once.
fn once(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether some suite has keys that are not ephemeral.
fn has_static(suites: &[&str]) -> Option<bool> {
    let mut all = suites.iter().map(|suite| is_ephemeral(suite));
    match all.clone().any(|one| one == Some(false)) {
        true => Some(true),
        false => all.all(|one| one.is_some()).then_some(false),
    }
}
