//! Who was shown which chain: one [`Sight`] for each handshake and each answer to a bare hello.

use super::agenda::{Ask, Purpose, ServerName, What};
use crate::probe::smtp::Conversation;
use crate::probe::tls::Keys;
use crate::table::codes::ErrorCode::TlsAlert;
use crate::table::codes::{ErrorCode, TlsOutcome};
use crate::table::row::Moment;
use crate::table::rows::{Tls, TlsaAgain};
use crate::table::tls_codes::SecondCertificate;
use crate::tls_names::alert::INTERNAL_ERROR;

/// One handshake, or one answer to a bare hello.
pub struct Sight {
    /// For whom: the most used name or another one; none for a handshake without a server name that
    /// is for nobody in particular.
    pub name: ServerName,
    /// The only kind of key that was taken; none where every kind was.
    pub keys: Option<Keys>,
    /// What became of the handshake; where the conversation did not get that far, why.
    pub tls: Tls,
    /// Place of the chain among those of the story.
    pub chain: Option<usize>,
    /// When the connection was opened.
    pub observed_at: Moment,
}

/// All of an address, in their order.
#[derive(Default)]
pub struct Sights {
    all: Vec<Sight>,
    /// TLSA records that were asked for again, and for whom.
    again: Vec<(ServerName, TlsaAgain)>,
}

impl Sights {
    /// Takes in what a connection showed. Where none was had because the budget was used up, nobody
    /// was asked.
    pub fn note(&mut self, asked: &Ask, seen: &Conversation, chain: Option<usize>) {
        let (name, keys) = match (&asked.what, asked.purpose) {
            (What::Full { name, keys, .. }, Purpose::Beside) => (*name, *keys),
            // An attempt goes on without a server name only where the server broke off with one.
            _ => (ServerName::MostUsed, None),
        };
        let is_hello = matches!(asked.what, What::Bare { .. });
        if seen.tcp.error == Some(ErrorCode::Budget) || (is_hello && chain.is_none()) {
            return;
        }
        // A hello that carries no server name may be shown another certificate than the host has.
        if is_hello && seen.tls.sni.is_none() && self.is_named() {
            return;
        }
        let mut tls = seen.tls.clone();
        tls.error = tls.error.or(seen.tcp.error).or(seen.starttls.error);
        self.all.push(Sight {
            name,
            keys,
            tls,
            chain,
            observed_at: seen.observed_at,
        });
    }

    /// Whether the most used host was asked for by its name.
    fn is_named(&self) -> bool {
        let named = |sight: &Sight| sight.is_done() && sight.tls.sni.is_some();
        self.best(ServerName::MostUsed).is_some_and(named)
    }

    /// Takes in TLSA records that were asked for again.
    pub fn note_again(&mut self, name: ServerName, again: TlsaAgain) {
        self.again.push((name, again));
    }

    /// What was shown to a name.
    pub fn of(&self, name: ServerName) -> impl Iterator<Item = &Sight> {
        self.all.iter().filter(move |sight| sight.name == name)
    }

    /// The handshake for a name that takes every kind of key and got furthest.
    pub fn best(&self, name: ServerName) -> Option<&Sight> {
        let full = || self.of(name).filter(|sight| sight.keys.is_none());
        full().find(|sight| sight.is_done()).or(full().last())
    }

    /// Places of the chains that a name was shown; one place for each time.
    pub fn chains_of(&self, name: ServerName) -> impl Iterator<Item = usize> {
        self.of(name).filter_map(|sight| sight.chain)
    }

    /// Hosts beside the most used one that were asked by their own name.
    pub fn others(&self) -> impl Iterator<Item = u32> {
        self.all.iter().filter_map(|sight| match sight.name {
            ServerName::Of(place) => Some(place),
            ServerName::None | ServerName::MostUsed => None,
        })
    }

    /// Whether a name was shown a second certificate, with another kind of key than the first one
    /// has; `kind` tells that of the chain at a place.
    pub fn second_certificate(
        &self,
        name: ServerName,
        kind: impl Fn(usize) -> Option<Keys>,
    ) -> SecondCertificate {
        let first = self.best(name).and_then(|sight| kind(sight.chain?));
        let asked = self.of(name).filter(|sight| {
            let other = first.map(Keys::other);
            sight.keys.is_some() && sight.keys == other
        });
        let told = asked.map(|sight| match (sight.chain, sight.tls.error) {
            // Some have one, and show that whatever was asked for.
            (Some(at), _) if kind(at) == first => SecondCertificate::None,
            (Some(_), _) => SecondCertificate::Shown,
            // By whatever alert libraries say so. Whoever closes, or has trouble of its own, may have any
            // reason.
            (None, Some(TlsAlert)) if sight.tls.alert != Some(INTERNAL_ERROR) => {
                SecondCertificate::None
            }
            _ => SecondCertificate::Unknown,
        });
        told.fold(SecondCertificate::NotAsked, |known, told| match known {
            SecondCertificate::Shown | SecondCertificate::None => known,
            _ => told,
        })
    }

    /// The TLSA records of a name that were asked for again last.
    pub fn again(&self, name: ServerName) -> Option<&TlsaAgain> {
        let mut of_name = self.again.iter().filter(|(other, _)| *other == name);
        of_name.next_back().map(|(_, again)| again)
    }
}

impl Sight {
    /// Whether hands were shaken and certificates shown.
    pub fn is_done(&self) -> bool {
        self.tls.outcome == TlsOutcome::Completed && self.chain.is_some()
    }
}
