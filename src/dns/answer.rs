//! One answer: what became of a question, in the words of the tables.

use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::message;
use super::name::text_of;
use crate::table::codes::{Denial, ErrorCode, Outcome, Security};
use crate::table::rows::{Asked, Ede};

/// What became of a question.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Found, absent or failed.
    pub outcome: Outcome,
    /// How the DNS said no.
    pub denial: Option<Denial>,
    /// Why it failed; `Bogus` also beside data that was got with CD set.
    pub error: Option<ErrorCode>,
    /// What the resolver added.
    pub ede: Option<Ede>,
    /// Security status.
    pub security: Security,
    /// Queries sent, retries included.
    pub queries: u32,
    /// Names of the CNAME chain; the last one carries the data.
    pub names: Vec<Name>,
    kind: Option<RecordType>,
    message: Option<Message>,
}

/// Whether a question is worth asking once more: it has no answer yet, or one that does not
/// validate, which may be a passing trouble of the name servers.
pub fn is_open(outcome: Outcome, error: Option<ErrorCode>) -> bool {
    outcome == Outcome::NotAttempted || has_failed(outcome, error)
}

/// Whether a question was asked and has no answer that validates.
pub fn has_failed(outcome: Outcome, error: Option<ErrorCode>) -> bool {
    outcome == Outcome::Failed || error == Some(ErrorCode::Bogus)
}

impl Answer {
    /// No usable answer.
    pub fn failed(error: ErrorCode, ede: Option<Ede>) -> Self {
        let security = match error {
            ErrorCode::Bogus => Security::Bogus,
            _ => Security::NotChecked,
        };
        Self {
            outcome: Outcome::Failed,
            error: Some(error),
            ede,
            security,
            ..Self::default()
        }
    }

    /// A name that cannot exist, because it would be longer than names can be.
    pub fn nonexistent() -> Self {
        Self {
            outcome: Outcome::Absent,
            denial: Some(Denial::Nxdomain),
            ..Self::default()
        }
    }

    /// A NOERROR or NXDOMAIN message.
    pub fn of(message: Message, name: &Name, kind: RecordType, security: Security) -> Self {
        let Some(names) = message::chain(&message, name) else {
            return Self::failed(ErrorCode::ProtocolError, message::ede(&message));
        };
        let owner = names.last().unwrap_or(name);
        let found = message::data(&message, owner, kind).next().is_some();
        Self {
            outcome: if found {
                Outcome::Found
            } else {
                Outcome::Absent
            },
            denial: (!found).then(|| message::denial(&message)),
            error: None,
            ede: message::ede(&message),
            security,
            queries: 0,
            names,
            kind: Some(kind),
            message: Some(message),
        }
    }

    /// The data asked for.
    pub fn data(&self) -> impl Iterator<Item = &RData> {
        let parts = self.parts();
        parts
            .into_iter()
            .flat_map(|(message, owner, kind)| message::data(message, owner, kind))
    }

    /// Algorithm numbers of the signatures over the data, sorted.
    pub fn algorithms(&self) -> Vec<u8> {
        let parts = self.parts();
        let mut numbers: Vec<u8> = parts
            .into_iter()
            .flat_map(|(message, owner, kind)| message::signatures(message, owner, kind))
            .map(|signature| u8::from(signature.input().algorithm))
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Whether there is a signature over what was asked for, or over its denial.
    pub fn is_signed(&self) -> bool {
        let Some((message, owner, kind)) = self.parts() else {
            return false;
        };
        match self.outcome {
            Outcome::Found => message::signatures(message, owner, kind).next().is_some(),
            _ => message::is_denial_signed(message),
        }
    }

    /// Whether a wildcard made the data; `None` where no signature tells.
    pub fn synthesised(&self) -> Option<bool> {
        let (message, owner, kind) = self.parts()?;
        message::synthesised(message, owner, kind)
    }

    /// Whether an NSEC made for this question says that the name has no records of any type: it does not
    /// exist, or only names below it do.
    pub fn has_nothing(&self) -> bool {
        let is_denied = self.outcome == Outcome::Absent && self.error.is_none();
        let parts = self.parts().filter(|_| is_denied && self.names.len() == 1);
        parts.is_some_and(|(message, owner, _)| message::has_nothing(message, owner))
    }

    /// The zone that holds the name; unknown where the name is an alias.
    pub fn zone(&self) -> Option<String> {
        if self.names.len() > 1 {
            return None;
        }
        let (message, owner, kind) = self.parts()?;
        message::zone_of(message, owner, kind).map(|zone| text_of(&zone))
    }

    /// The whole message.
    pub fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// Whether the name asked for does not exist. A CNAME at it exists even if its target does not,
    /// and a denial that does not validate says nothing.
    pub fn is_nxdomain(&self) -> bool {
        self.denial == Some(Denial::Nxdomain) && self.error.is_none() && self.names.len() == 1
    }

    fn parts(&self) -> Option<(&Message, &Name, RecordType)> {
        Some((self.message.as_ref()?, self.names.last()?, self.kind?))
    }
}

impl From<&Answer> for Asked {
    fn from(answer: &Answer) -> Self {
        Self {
            outcome: answer.outcome,
            denial: answer.denial,
            error: answer.error,
            ede: answer.ede.clone(),
            security: answer.security,
        }
    }
}
