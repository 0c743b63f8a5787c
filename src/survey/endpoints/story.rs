//! What is known of an address so far: its attempts, what it said to bare hellos, its chains.
//!
//! [`Story`] takes in conversations, answers the questions of the [`agenda`], and hands out what
//! rows are made of.

use super::agenda::{self, Ask, Purpose, ServerName, What};
use super::attempts::{attempt, costs};
use super::sights::Sights;
use super::told::{Told, takes_place};
use super::versions::Shaken;
use crate::probe::hello::Hello;
use crate::probe::smtp::Conversation;
use crate::probe::tls::{NothingCommon, can_shake_hands};
use crate::survey::faults;
use crate::table::codes::{AttemptOutcome, ErrorCode, TcpOutcome, TlsOutcome};
use crate::table::row::Moment;
use crate::table::rows::{Attempt, Tls};
use crate::table::tls_codes::{HelloKind, HelloOutcome};
use crate::tls_names::alert::UNRECOGNIZED_NAME;
use crate::tls_names::is_aead;

/// What is known of an address so far.
#[derive(Default)]
pub struct Story {
    /// The attempts in their order, each as its connection saw it that got furthest.
    attempts: Vec<Tried>,
    /// The bare hellos in their order.
    hellos: Vec<Told>,
    /// The chains in their order, each leaf once.
    chains: Vec<Shown>,
    /// Whom they were shown to.
    pub sights: Sights,
    /// Connections opened.
    pub connections: u16,
    /// Whether it is greeted without a server name from now on.
    pub without_name: bool,
    /// Whether the attempt went on without a hybrid group.
    without_hybrid: bool,
    /// What is being asked.
    asking: Option<Ask>,
    local_faults: u16,
}

/// An attempt.
struct Tried {
    seen: Conversation,
    /// Whether its chain is one that no TLSA record wants.
    mismatch: bool,
    /// Whether alert 112 was the last word.
    refused_name: bool,
    /// Place of its chain among those of the story.
    chain: Option<usize>,
}

impl Tried {
    /// Whether it got less far than another connection of the attempt.
    fn is_behind(&self, other: &Self) -> bool {
        match other.seen.tls.outcome {
            TlsOutcome::HelloOnly => self.seen.tls.outcome != TlsOutcome::Completed,
            _ => self.seen.tls.outcome == TlsOutcome::NotAttempted,
        }
    }

    fn shaken(&self) -> Shaken<'_> {
        let too_new = self.seen.nothing_common == Some(NothingCommon::Version);
        (&self.seen.tls, too_new)
    }
}

/// A chain, and how it was come by.
pub struct Shown {
    /// The certificates, leaf first, in DER. Never empty.
    pub chain: Vec<Vec<u8>>,
    /// The server name that was sent.
    pub sni: Option<String>,
    /// When.
    pub observed_at: Moment,
}

/// What is to be done after a conversation.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the address is done with.
    Write,
    /// This machine failed: the same once more.
    AfterLocalFault,
    /// Something else is asked.
    Ask(Ask),
}

impl Story {
    /// Forgets everything but the connections, which were opened all the same.
    pub fn begin_anew(&mut self) {
        *self = Self {
            connections: self.connections,
            ..Self::default()
        };
    }

    /// What is to be asked over the connection that there is now.
    pub fn ask(&mut self) -> Ask {
        self.asking.get_or_insert_with(agenda::first).clone()
    }

    /// Takes in a conversation. `mismatch`: whether its chain is one that no TLSA record wants.
    pub fn take(&mut self, seen: Conversation, mismatch: bool) -> Next {
        if seen.tcp.error == Some(ErrorCode::LocalFault) && self.local_faults < faults::TRIES {
            self.local_faults += 1;
            return Next::AfterLocalFault;
        }
        let asked = self.ask();
        self.note(asked, seen, mismatch);
        self.asking = agenda::next(self);
        self.asking.clone().map_or(Next::Write, Next::Ask)
    }

    /// What is asked for the sake of one name, once the address itself is done with.
    pub fn go_on(&mut self, ask: Ask) {
        self.asking = Some(ask);
    }

    /// Takes in that no further connection is had: what would have been asked was not, therefore.
    pub fn end(&mut self, error: ErrorCode) {
        let mut asked = Some(self.ask());
        while let Some(ask) = asked {
            let mut seen = Conversation {
                observed_at: Moment::now(),
                ..Conversation::default()
            };
            seen.tcp.outcome = TcpOutcome::Failed;
            seen.tcp.error = Some(error);
            self.note(ask, seen, false);
            asked = agenda::next(self);
        }
    }

    fn note(&mut self, asked: Ask, mut seen: Conversation, mismatch: bool) {
        let chain = self.keep_chain(&mut seen);
        self.sights.note(&asked, &seen, chain);
        self.without_hybrid |= asked.purpose != Purpose::Beside
            && matches!(asked.what, What::Full { hybrid: false, .. });
        match asked.what {
            What::Full { .. } if asked.purpose == Purpose::Beside => {}
            What::Full { .. } => self.tried(asked.purpose, seen, mismatch, chain),
            What::Bare { hello, .. } => self.told_to(&hello, seen, chain),
        }
    }

    /// Moves the chain of a conversation to where each leaf is once; says which it is.
    fn keep_chain(&mut self, seen: &mut Conversation) -> Option<usize> {
        let flight = seen
            .hello
            .as_mut()
            .and_then(|answer| answer.flight.as_mut());
        let chain = match flight {
            Some(flight) => std::mem::take(&mut flight.chain),
            None => std::mem::take(&mut seen.chain),
        };
        let leaf = chain.first()?;
        let mut known = self.chains.iter();
        let at = known.position(|shown| shown.chain.first() == Some(leaf));
        Some(at.unwrap_or_else(|| {
            self.chains.push(Shown {
                chain,
                sni: seen.tls.sni.clone(),
                observed_at: seen.observed_at,
            });
            self.chains.len() - 1
        }))
    }

    fn tried(
        &mut self,
        purpose: Purpose,
        seen: Conversation,
        mismatch: bool,
        chain: Option<usize>,
    ) {
        let refused_name = seen.tls.alert == Some(UNRECOGNIZED_NAME) && !self.without_name;
        self.without_name |= refused_name;
        let tried = Tried {
            seen,
            mismatch,
            refused_name,
            chain,
        };
        match (purpose, self.attempts.last_mut()) {
            // A connection that got less far hides nothing of what the first one saw.
            (Purpose::SameAttempt, Some(last)) if tried.is_behind(last) => {
                last.refused_name = false;
            }
            (Purpose::SameAttempt, Some(last)) => *last = tried,
            _ => self.attempts.push(tried),
        }
    }

    fn told_to(&mut self, hello: &Hello, seen: Conversation, chain: Option<usize>) {
        let sni = seen.tls.sni.clone();
        let told = Told::of(hello, seen);
        let attempt = self.attempts.last_mut();
        if let Some(last) = attempt.filter(|_| told.kind.is_substitute())
            && takes_place(&mut last.seen.tls, &told.answer)
        {
            last.seen.tls.sni = sni;
            last.chain = chain;
        }
        self.hellos.push(told);
    }

    /// Whether the chain of the last attempt is one that no TLSA record wants.
    pub fn is_mismatch(&self) -> bool {
        self.attempts.last().is_some_and(|last| last.mismatch)
    }

    /// Whether the last handshake ended because of the server name, and none without came since.
    pub fn has_refused_name(&self) -> bool {
        self.attempts.last().is_some_and(|last| last.refused_name)
    }

    /// Whether the last handshake broke for want of something in common.
    pub fn is_incompatible(&self) -> bool {
        let last = self.attempts.last();
        last.is_some_and(|last| {
            last.seen.tls.outcome == TlsOutcome::Failed && last.seen.nothing_common.is_some()
        })
    }

    /// Whether the server may speak TLS 1.3 alone: the last handshake broke for want of something in
    /// common that is not the version, and everything up to TLS 1.2 was refused.
    pub fn may_have_only_new(&self) -> bool {
        let last = self.attempts.last();
        let too_new =
            last.is_some_and(|last| last.seen.nothing_common == Some(NothingCommon::Version));
        let all = self.told(HelloKind::All).last();
        let is_refused = all.is_some_and(|told| told.answer.outcome == HelloOutcome::Refused);
        self.is_incompatible() && !too_new && is_refused
    }

    /// Whether the server said that it speaks TLS 1.3 alone.
    pub fn has_only_new(&self) -> bool {
        let is_new = self.told(HelloKind::Tls1_3).any(Told::is_accepted);
        is_new && self.told(HelloKind::All).any(Told::is_wrong_version)
    }

    /// Whether a hello took the place of the handshake, and was answered with what the handshake has,
    /// too.
    pub fn could_be_completed(&self) -> bool {
        let tls = self.attempts.last().map(|last| &last.seen.tls);
        let ours = |tls: &Tls| {
            let suite = tls.cipher.as_deref().unwrap_or_default();
            let group = tls.group.as_deref().unwrap_or_default();
            let is_old = suite.starts_with("TLS_ECDHE_") && is_aead(suite);
            is_old || can_shake_hands(suite, group)
        };
        let answered = tls.filter(|tls| tls.outcome == TlsOutcome::HelloOnly);
        answered.is_some_and(ours) && !self.without_hybrid
    }

    /// Whether the last handshake broke.
    pub fn is_broken(&self) -> bool {
        let last = self.attempts.last();
        last.is_some_and(|last| attempt(&last.seen).outcome == AttemptOutcome::Broken)
    }

    /// Whether the last handshake broke, and neither for want of time nor by a fault of ours.
    pub fn has_said_no(&self) -> bool {
        let last = self.attempts.last();
        self.is_broken() && last.is_some_and(|last| attempt(&last.seen).answer() == Some(false))
    }

    /// Whether TLS works: hands were shaken, or the hello that took the place of that was answered.
    pub fn works(&self) -> bool {
        let mut attempts = self.attempts.iter();
        attempts.any(|tried| attempt(&tried.seen).outcome == AttemptOutcome::Completed)
    }

    /// Whether the only hello that worked was one without extensions.
    pub fn wants_no_extensions(&self) -> bool {
        let completed = |tried: &Tried| tried.seen.tls.outcome == TlsOutcome::Completed;
        let mut worked = self
            .hellos
            .iter()
            .filter(|one| one.is_accepted())
            .peekable();
        worked.peek().is_some()
            && worked.all(|one| !one.extensions)
            && !self.attempts.iter().any(completed)
    }

    /// Whether to ask once more. One negative wants a second one; where the first attempt said
    /// nothing, the second one was the first to say no.
    pub fn is_open(&self) -> bool {
        match self.attempts.as_slice() {
            [only] => only.mismatch || costs(&attempt(&only.seen)),
            [first, second] => {
                let (first, second) = (attempt(&first.seen), attempt(&second.seen));
                first.answer().is_none() && second.answer() == Some(false)
            }
            _ => false,
        }
    }

    /// What was said to the hellos of a kind.
    pub fn told(&self, kind: HelloKind) -> impl Iterator<Item = &Told> {
        self.hellos.iter().filter(move |one| one.kind == kind)
    }

    /// What was said to hellos.
    pub fn hellos(&self) -> &[Told] {
        &self.hellos
    }

    /// Whether a hello was said once more because there was no answer.
    pub fn has_repeated(&self) -> bool {
        let repeated = |one: &Told| {
            let same = self
                .told(one.kind)
                .filter(|other| other.extensions == one.extensions);
            same.count() > 1
        };
        self.hellos.iter().any(repeated)
    }

    /// The attempts; empty when there was only one.
    pub fn attempts(&self) -> Vec<Attempt> {
        match self.attempts.as_slice() {
            [_] => Vec::new(),
            several => several.iter().map(|tried| attempt(&tried.seen)).collect(),
        }
    }

    /// The attempt that got furthest, the first of equals; then the others.
    fn furthest_first(&self) -> Vec<&Tried> {
        let mut sorted: Vec<_> = self.attempts.iter().collect();
        sorted.sort_by_key(|tried| std::cmp::Reverse(attempt(&tried.seen).outcome));
        sorted
    }

    /// What the attempt saw that got furthest, the first of equals.
    pub fn furthest(&self) -> Conversation {
        let furthest = self.furthest_first();
        furthest
            .first()
            .map(|tried| tried.seen.clone())
            .unwrap_or_default()
    }

    /// The full handshakes, the one that got furthest first.
    pub fn handshakes(&self) -> Vec<Shaken<'_>> {
        let sorted = self.furthest_first().into_iter();
        sorted.map(Tried::shaken).collect()
    }

    /// Every chain that anybody was shown, each leaf once.
    pub fn chains(&self) -> &[Shown] {
        &self.chains
    }

    /// Places of the chains of the most used name: that of the attempt that got furthest, those of
    /// other attempts, those that hellos were answered with.
    pub fn own_chains(&self) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::new();
        let attempts = self.furthest_first().into_iter();
        let all = attempts
            .filter_map(|tried| tried.chain)
            .chain(self.sights.chains_of(ServerName::MostUsed));
        for at in all {
            if !order.contains(&at) {
                order.push(at);
            }
        }
        order
    }
}
