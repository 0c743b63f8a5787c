//! SPF records as what they are made of (RFC 7208 4.6.1), so that nobody has to read them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::txt::Txt;

/// A term.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// With its qualifier: `-all`.
    All(&'static str),
    Include(String),
    /// Of a name, or of the domain itself.
    A(Option<String>),
    /// See [`Term::A`].
    Mx(Option<String>),
    Ip4(Ipv4Addr, u8),
    Ip6(Ipv6Addr, u8),
    /// Depends on the sender.
    Exists(&'static str),
    /// Depends on the sender.
    Ptr,
    Redirect(String),
    /// A modifier that the RFC does not know; it is ignored (RFC 7208 6).
    Modifier(&'static str),
    /// What makes the record one that nobody can use, and the words for it.
    Wrong(&'static [u8], &'static [&'static str]),
}

use Term::{A, All, Exists, Include, Ip4, Ip6, Modifier, Mx, Ptr, Redirect, Wrong};

/// A record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spf {
    pub terms: Vec<Term>,
    /// Bytes to each of its strings; a record in one piece where it is 0.
    pub string: usize,
    /// Whether it shouts: the grammar has no case (RFC 5234 2.3).
    pub shouts: bool,
}

impl Spf {
    pub fn of(terms: impl Into<Vec<Term>>) -> Self {
        Self {
            terms: terms.into(),
            ..Self::default()
        }
    }

    /// As it stands in the DNS.
    pub fn txt(&self) -> Txt {
        let mut bytes = b"v=spf1".to_vec();
        for term in &self.terms {
            bytes.push(b' ');
            bytes.extend(term.bytes());
        }
        if self.shouts {
            bytes.make_ascii_uppercase();
        }
        match self.string {
            0 => Txt::policy(bytes),
            string => Txt::policy(bytes).split(string),
        }
    }

    /// Why nobody can use it: words that are right for that; none where it can be used.
    pub fn fault(&self) -> &'static [&'static str] {
        let redirects = self.terms.iter().filter(|term| matches!(term, Redirect(_)));
        let wrong = self.terms.iter().find_map(|term| match term {
            Wrong(_, words) => Some(*words),
            _ => None,
        });
        match (wrong, redirects.count()) {
            (Some(words), _) => words,
            // RFC 7208 6.
            (None, 2..) => &["duplicate"],
            (None, _) => &[],
        }
    }

    /// Its own `all`; `none` where it has none.
    pub fn all(&self) -> &'static str {
        let all = self.terms.iter().find_map(|term| match term {
            All(word) => Some(*word),
            _ => None,
        });
        all.unwrap_or("none")
    }

    /// Where it redirects to.
    pub fn redirect(&self) -> Option<&str> {
        self.terms.iter().find_map(|term| match term {
            Redirect(target) => Some(target.as_str()),
            _ => None,
        })
    }

    /// Targets of `include`.
    pub fn includes(&self) -> Vec<String> {
        let targets = self.terms.iter().filter_map(|term| match term {
            Include(target) => Some(self.cased(target)),
            _ => None,
        });
        targets.collect()
    }

    fn cased(&self, target: &str) -> String {
        match self.shouts {
            true => target.to_ascii_uppercase(),
            false => target.to_owned(),
        }
    }
}

impl Term {
    fn bytes(&self) -> Vec<u8> {
        let of = |word: &str, name: &Option<String>| match name {
            Some(name) => format!("{word}:{name}"),
            None => word.to_owned(),
        };
        let text = match self {
            Wrong(bytes, _) => return bytes.to_vec(),
            All(word) | Modifier(word) => (*word).to_owned(),
            Include(target) => format!("include:{target}"),
            A(name) => of("a", name),
            Mx(name) => of("mx", name),
            Ip4(ip, 32) => format!("ip4:{ip}"),
            Ip4(ip, length) => format!("ip4:{ip}/{length}"),
            Ip6(ip, length) => format!("ip6:{ip}/{length}"),
            Exists(name) => format!("exists:{name}"),
            Ptr => "ptr".to_owned(),
            Redirect(target) => format!("redirect={target}"),
        };
        text.into_bytes()
    }
}
