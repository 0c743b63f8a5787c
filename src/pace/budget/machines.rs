//! Which addresses are one machine: those that show the same leaf key or the same name in their
//! greeting.
//!
//! A machine is a set of keys and addresses, kept by union-find over small numbers: a provider with
//! one certificate on hundreds of addresses is one set, and joining it costs next to nothing.

use std::collections::HashMap;
use std::hash::Hasher;
use std::time::Duration;

use siphasher::sip::SipHasher13;
use tokio::time::Instant;

use super::rate::Window;

/// What a machine is known by, hashed: the same in every process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MachineKey(pub(in crate::pace) u64);

/// Last labels that name nothing on the Internet (RFC 6761, RFC 6762 and what mail servers are set
/// up with by default): strangers that share such a name share nothing else.
const NOWHERE: [&str; 8] = [
    "example",
    "home",
    "internal",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
];

impl MachineKey {
    /// The key of a certificate, by the SHA-256 of its SubjectPublicKeyInfo in hex.
    pub fn of_leaf(spki_sha256: &str) -> Self {
        Self::of("spki", spki_sha256)
    }

    /// The host name that a greeting starts with (RFC 5321 4.2), if it is a full one.
    pub fn of_greeting(text: &str) -> Option<Self> {
        let name = text.split([' ', '\\']).next()?.trim_end_matches('.');
        let name = name.to_ascii_lowercase();
        let label = |label: &str| {
            let bytes = label.bytes();
            !label.is_empty()
                && bytes
                    .into_iter()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let (_, last) = name.rsplit_once('.')?;
        // An address in numbers is no name.
        let is_full = name.split('.').all(label) && last.bytes().any(|b| b.is_ascii_alphabetic());
        (is_full && !NOWHERE.contains(&last)).then(|| Self::of("name", &name))
    }

    fn of(kind: &str, text: &str) -> Self {
        let mut hasher = SipHasher13::new();
        hasher.write(kind.as_bytes());
        hasher.write(text.as_bytes());
        Self(hasher.finish())
    }
}

/// The machines met so far.
#[derive(Debug, Default)]
pub struct Machines {
    /// The forest: a root is its own parent.
    parents: Vec<u32>,
    by_key: HashMap<MachineKey, u32>,
    /// Connections within the window, by root.
    windows: HashMap<u32, Window>,
}

impl Machines {
    /// Says that what is known by `node` has these keys; gives the node to know it by from now on.
    pub fn join(&mut self, node: Option<u32>, keys: &[MachineKey], most: u32) -> Option<u32> {
        let mut joined = node;
        for key in keys {
            let known = self.by_key.get(key).copied();
            joined = Some(match (joined, known) {
                (Some(one), Some(other)) => self.unite(one, other, most),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => self.new_node(),
            });
            self.by_key.extend(joined.map(|node| (*key, node)));
        }
        joined
    }

    /// Whether what is known by `node` is known to have these keys.
    pub fn has(&mut self, node: u32, keys: &[MachineKey]) -> bool {
        let root = self.root(node);
        keys.iter().all(|key| {
            let known = self.by_key.get(key).copied();
            known.is_some_and(|other| self.root(other) == root)
        })
    }

    /// Notes a connection to one of its addresses.
    pub fn note(&mut self, node: u32, at: Instant, most: u32) {
        let root = self.root(node);
        self.windows.entry(root).or_default().note(at, most);
    }

    /// A connection that was noted for one moment went at another.
    pub fn moved(&mut self, node: u32, from: Option<Instant>, to: Instant, most: u32) {
        let root = self.root(node);
        self.windows.entry(root).or_default().moved(from, to, most);
    }

    /// When the next connection to one of its addresses may go, if that is not now.
    pub fn busy_until(
        &mut self,
        node: u32,
        now: Instant,
        length: Duration,
        most: u32,
    ) -> Option<Instant> {
        let root = self.root(node);
        self.windows.get(&root)?.busy_until(now, length, most)
    }

    /// Forgets windows that are over.
    pub fn tidy(&mut self, now: Instant, length: Duration) {
        self.windows
            .retain(|_, window| !window.is_over(now, length));
        self.windows.shrink_to_fit();
    }

    fn new_node(&mut self) -> u32 {
        let node = u32::try_from(self.parents.len()).unwrap_or(u32::MAX);
        self.parents.push(node);
        node
    }

    /// Path halving: every look shortens the way.
    fn root(&mut self, node: u32) -> u32 {
        let mut at = node as usize;
        while self.parents[at] as usize != at {
            self.parents[at] = self.parents[self.parents[at] as usize];
            at = self.parents[at] as usize;
        }
        at as u32
    }

    fn unite(&mut self, one: u32, other: u32, most: u32) -> u32 {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            self.parents[other as usize] = one;
            let moved = self.windows.remove(&other).unwrap_or_default();
            for at in moved.times() {
                self.windows.entry(one).or_default().note(*at, most);
            }
        }
        one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_name_makes_a_machine() {
        let key = |text| MachineKey::of_greeting(text);
        assert!(key("mail.example.cz ESMTP Postfix").is_some());
        assert_eq!(key("MAIL.example.cz. ready"), key("mail.example.cz"));
        assert_ne!(key("mail.example.cz"), key("mail2.example.cz"));
        assert_eq!(key("mail.example.cz\\nwelcome"), key("mail.example.cz"));
        for none in [
            "",
            "mail ESMTP",
            "ESMTP",
            "192.0.2.1 ready",
            "[192.0.2.1] ready",
            "localhost.localdomain ESMTP",
            "server.local",
            "a..b",
            "****.cz",
        ] {
            assert_eq!(key(none), None, "{none:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn machines_grow_together_and_bring_their_connections() {
        let (minute, now) = (Duration::from_secs(60), Instant::now());
        let [a, b, c] = ["a.cz", "b.cz", "c.cz"].map(|name| MachineKey::of("name", name));
        let mut machines = Machines::default();
        let first = machines.join(None, &[a], 3).expect("a node");
        let second = machines.join(None, &[b], 3).expect("a node");
        let third = machines.join(None, &[c], 3).expect("a node");
        assert_eq!(machines.join(None, &[], 3), None);
        for node in [first, first, second] {
            machines.note(node, now, 3);
        }
        assert_eq!(machines.busy_until(first, now, minute, 3), None);
        let all = machines.join(Some(first), &[a, b], 3).expect("a node");
        for node in [first, second, all] {
            let until = machines.busy_until(node, now, minute, 3);
            assert_eq!(until, Some(now + minute));
        }
        assert_eq!(machines.busy_until(third, now, minute, 3), None);
        machines.tidy(now + minute, minute);
        assert!(machines.windows.is_empty());
    }

    #[test]
    fn a_key_on_many_addresses_is_one_machine_at_no_cost() {
        let key = MachineKey::of("spki", "one");
        let mut machines = Machines::default();
        for number in 0..200_000 {
            let own = MachineKey::of("name", &number.to_string());
            let node = machines.join(None, &[own], 3);
            machines.join(node, &[key], 3);
        }
        let root = machines.root(0);
        assert!((0..200_000).all(|node| machines.root(node) == root));
    }
}
