//! Questions to a resolver that misbehaves: what is recorded, what was asked, and how long it took.

mod answers;
mod caa;
mod dkim;
mod domains;
mod hosts;
mod resolvers;
mod silence;
mod vantage;
mod zones;

use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::proto::op::ResponseCode;
use mailcensus::dns::{Answer, Client, Settings};
use mailcensus::table::codes::{Denial, ErrorCode};

use crate::lab::dns::{Reply, Resolver, txt};

/// A question that gets no answer waits this long, three times.
pub(super) const SHORT: Duration = Duration::from_millis(300);
/// Any other waits this long, so that a busy machine changes no outcome.
pub(super) const LONG: Duration = Duration::from_secs(15);
/// Nothing takes longer.
pub(super) const BOUND: Duration = Duration::from_secs(8);
pub(super) const ZONE: &str = "example.cz";

pub(super) async fn client(resolver: &Resolver, patience: Duration) -> Arc<Client> {
    let settings = Settings {
        resolvers: vec![resolver.address],
        rate: 0,
        patience,
        tries: 3,
    };
    Client::open(settings).await.unwrap()
}

pub(super) fn servfail(ede: u16) -> Reply {
    Reply::code(ResponseCode::ServFail).ede(ede)
}

pub(super) fn nothing() -> Reply {
    Reply::default()
}

pub(super) fn here() -> Reply {
    Reply::found([txt(ZONE, &["here"])])
}

/// An answer in one line.
pub(super) fn told(answer: &Answer) -> String {
    let word = |word: Option<&str>| word.map_or(String::new(), |word| format!("/{word}"));
    let ede = answer.ede.as_ref();
    format!(
        "{}{}{} {}{}",
        answer.outcome,
        word(answer.denial.map(Denial::as_str)),
        word(answer.error.map(ErrorCode::as_str)),
        answer.security,
        ede.map_or(String::new(), |ede| format!(" ede {}", ede.code)),
    )
}
