//! What an address is asked next, from what it did so far: a list of goals, of which the first that
//! wants something is served.
//!
//! A healthy server gets three connections: the full handshake, a hello with weak suites only, a
//! hello of old versions. Everything else follows from an answer. A goal looks at the [`Story`]
//! alone, so that the order of the list is the order of the connections and nothing else.

use std::time::Duration;

use super::story::Story;
use super::told::Told;
use crate::probe::hello::Hello;
use crate::probe::tls::Keys;
use crate::table::tls_codes::HelloKind;
use crate::tls_names::Version;
use crate::tls_names::alert::HANDSHAKE_FAILURE;

/// One more connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What is said over it.
    pub what: What,
    /// What it is for.
    pub purpose: Purpose,
    /// How long it is put off.
    pub wait: Wait,
    /// Whether it may use the connections that are kept for asking once more.
    pub extra: bool,
}

/// What is said once TLS may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Hands are shaken to the end.
    Full {
        /// The server name that is sent.
        name: ServerName,
        /// Whether a hybrid post-quantum group is offered.
        hybrid: bool,
        /// The only kind of key that a certificate may have; none takes every kind.
        keys: Option<Keys>,
    },
    /// Only hello is said.
    Bare {
        /// The hello.
        hello: Hello,
        /// The server name that is sent, if the hello has extensions.
        name: ServerName,
    },
}

/// Which server name is sent (RFC 6066 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerName {
    /// None.
    None,
    /// That of the host that most domains lean on.
    MostUsed,
    /// That of the host at this place.
    Of(u32),
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It begins an attempt to get TLS.
    Attempt,
    /// It goes on with the attempt before.
    SameAttempt,
    /// It finds out more about a server whose TLS works.
    Beside,
}

/// How long a connection is put off, besides what the budgets want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    AtOnce,
    /// A tenth of the window of connections to one address.
    Tenth,
    /// Half a window.
    Half,
    /// A whole window.
    Whole,
}

/// Connections to a server whose TLS works and that speaks no old version.
pub const CONNECTIONS: u8 = 3;

impl Ask {
    /// Connections that will follow, as far as can be foreseen: most servers are healthy.
    pub fn more(&self) -> u8 {
        match &self.what {
            // That is for one name; the address itself is done with.
            What::Full { .. } if self.purpose == Purpose::Beside => 0,
            What::Full { .. } if !self.extra => CONNECTIONS - 1,
            What::Bare { hello, .. } => match hello.kind {
                HelloKind::All => CONNECTIONS - 1,
                HelloKind::Tls1_3 | HelloKind::Weak => 1,
                _ => 0,
            },
            What::Full { .. } => 0,
        }
    }
}

impl Wait {
    /// The same in time.
    pub fn of(self, window: Duration) -> Duration {
        match self {
            Self::AtOnce => Duration::ZERO,
            Self::Tenth => window / 10,
            Self::Half => window / 2,
            Self::Whole => window,
        }
    }
}

/// What somebody wants to know; none where it is known, or of no use.
type Goal = fn(&Story) -> Option<Ask>;

/// In the order of the connections.
const GOALS: [Goal; 10] = [
    without_name,
    any_suite,
    without_extensions,
    only_new,
    without_hybrid,
    weak_suites,
    old_versions,
    once_more,
    confirmation,
    ssl3,
];

/// Connections to a server up to which a hello that got no answer is said once more.
const CHEAP: u16 = 4;

/// What comes next, after what came first; none when the address is done with.
pub fn next(story: &Story) -> Option<Ask> {
    GOALS.iter().find_map(|goal| goal(story))
}

/// What comes first, whoever is asked.
pub fn first() -> Ask {
    let what = What::Full {
        name: ServerName::MostUsed,
        hybrid: true,
        keys: None,
    };
    ask(what, Purpose::Attempt)
}

/// The server wants no server name, or another one: the attempt goes on without.
fn without_name(story: &Story) -> Option<Ask> {
    let what = What::Full {
        name: ServerName::None,
        hybrid: true,
        keys: None,
    };
    let ask = Ask {
        wait: Wait::Tenth,
        ..ask(what, Purpose::SameAttempt)
    };
    story.has_refused_name().then_some(ask)
}

/// Nothing in common with the full handshake: a hello that has everything takes its place.
fn any_suite(story: &Story) -> Option<Ask> {
    let is_wanted = story.is_incompatible() && story.told(HelloKind::All).next().is_none();
    is_wanted.then(|| bare(story, HelloKind::All, Purpose::SameAttempt))
}

/// Old servers refuse every extension with alert 40. Where one hello with extensions worked, the
/// alert means what it says.
fn without_extensions(story: &Story) -> Option<Ask> {
    let mut told = story.told(HelloKind::All);
    let (only, none) = (told.next()?, told.next().is_none());
    let is_wanted = none && only.extensions && only.answer.alert == Some(HANDSHAKE_FAILURE);
    let mut ask = bare(story, HelloKind::All, Purpose::SameAttempt);
    if let What::Bare { hello, .. } = &mut ask.what {
        hello.extensions = false;
    }
    is_wanted.then_some(ask)
}

/// Who refuses everything up to TLS 1.2 may speak TLS 1.3 alone, with a group or a key that the full
/// handshake does not have.
fn only_new(story: &Story) -> Option<Ask> {
    let is_wanted = story.may_have_only_new() && story.told(HelloKind::Tls1_3).next().is_none();
    is_wanted.then(|| bare(story, HelloKind::Tls1_3, Purpose::SameAttempt))
}

/// The server took a suite that we have: it was not for want of one that the handshake broke, but
/// perhaps for a hello of two segments.
fn without_hybrid(story: &Story) -> Option<Ask> {
    let what = What::Full {
        name: name(story),
        hybrid: false,
        keys: None,
    };
    let is_wanted = story.could_be_completed();
    is_wanted.then(|| ask(what, Purpose::SameAttempt))
}

/// Whether weak suites are accepted.
fn weak_suites(story: &Story) -> Option<Ask> {
    unsaid(story, HelloKind::Weak)
}

/// Whether old versions are, and which is the newest of them; unless that was said.
fn old_versions(story: &Story) -> Option<Ask> {
    unsaid(story, HelloKind::Legacy).filter(|_| !story.has_only_new())
}

/// A negative that costs somebody is asked about once more. Where the handshake broke, that may be
/// because of what is new in it.
fn confirmation(story: &Story) -> Option<Ask> {
    // Who ran out of time said nothing against the name.
    let name = match story.has_said_no() {
        true => ServerName::None,
        false => name(story),
    };
    let hybrid = !story.is_broken();
    let what = What::Full {
        name,
        hybrid,
        keys: None,
    };
    let ask = Ask {
        wait: Wait::Half,
        extra: true,
        ..ask(what, Purpose::Attempt)
    };
    story.is_open().then_some(ask)
}

/// One hello that got no answer is said once more, where that is cheap. Its answer may be what the
/// handshake lacks, and comes before that is asked about once more.
fn once_more(story: &Story) -> Option<Ask> {
    if story.connections > CHEAP || story.has_repeated() {
        return None;
    }
    let lost = story.hellos().iter().find(|one| one.is_lost())?;
    let mut ask = bare(story, lost.kind, Purpose::Beside);
    if let What::Bare { hello, .. } = &mut ask.what {
        hello.extensions = lost.extensions;
    }
    Some(Ask {
        wait: Wait::Half,
        ..ask
    })
}

/// Who accepts an old version may accept an older one. The hello that asks for it looks like an
/// attack to some, and comes alone in its window.
fn ssl3(story: &Story) -> Option<Ask> {
    if !story.told(HelloKind::Legacy).any(Told::is_accepted) {
        return None;
    }
    let ask = unsaid(story, HelloKind::Ssl3)?;
    Some(Ask {
        wait: Wait::Whole,
        ..ask
    })
}

/// A hello that was not said yet, to a server whose TLS works.
fn unsaid(story: &Story, kind: HelloKind) -> Option<Ask> {
    let is_wanted = story.works() && story.told(kind).next().is_none();
    is_wanted.then(|| bare(story, kind, Purpose::Beside))
}

fn ask(what: What, purpose: Purpose) -> Ask {
    Ask {
        what,
        purpose,
        wait: Wait::AtOnce,
        extra: false,
    }
}

fn bare(story: &Story, kind: HelloKind, purpose: Purpose) -> Ask {
    let mut hello = Hello::of(kind);
    hello.extensions &= !story.wants_no_extensions() || hello.version == Version::Tls1_3;
    let name = name(story);
    ask(What::Bare { hello, name }, purpose)
}

fn name(story: &Story) -> ServerName {
    match story.without_name {
        true => ServerName::None,
        false => ServerName::MostUsed,
    }
}
