//! Questions to a resolver that misbehaves: what is recorded, what was asked, and how long it took.

mod answers;
mod caa;
mod clients;
mod dkim;
mod dmarc;
mod domains;
mod hosts;
mod policies;
mod reports;
mod resolvers;
mod silence;
mod spf;
mod vantage;
mod zones;

use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use mailcensus::dns::domain::Walk;
use mailcensus::dns::{Answer, Client, Settings};
use mailcensus::table::codes::{Denial, ErrorCode};

use crate::lab::dns::{Manner, Reply, Resolver, ns, signed, txt};

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

/// A domain with a zone of its own that answers every question with "nothing of that type".
pub(super) async fn domain() -> Resolver {
    let resolver = Resolver::start().await;
    is_zone(&resolver, ZONE);
    resolver
}

/// From now on, the name is a zone with nothing in it.
pub(super) fn is_zone(resolver: &Resolver, zone: &str) {
    for kind in ["MX", "TXT", "A", "AAAA", "DS", "DNSKEY"] {
        resolver.says(zone, kind.parse().unwrap(), Reply::nodata(zone));
    }
    let host = format!("ns.{zone}");
    resolver.says(zone, RecordType::NS, Reply::found([ns(zone, &host)]));
}

/// From now on, the name has these TXT records, each of these strings.
pub(super) fn has_txt(resolver: &Resolver, name: &str, records: &[&[&str]]) {
    let records = records.iter().map(|strings| txt(name, strings));
    resolver.says(name, RecordType::TXT, Reply::found(records));
}

/// From now on, questions for the TXT records of the name fail.
pub(super) fn breaks_txt(resolver: &Resolver, name: &str) {
    let broken = Manner::ServfailThenCd(None, Reply::code(ResponseCode::ServFail));
    resolver.on(name, RecordType::TXT, broken);
}

pub(super) async fn walk(resolver: &Resolver) -> Walk {
    walk_to(ZONE, &*client(resolver, LONG).await).await
}

pub(super) async fn walk_to(domain: &str, client: &Client) -> Walk {
    let mut walk = Walk::new(domain, domain.to_owned());
    walk.ask(client).await;
    walk
}

/// The questions so far that end like this, sorted; the log begins anew.
pub(super) fn asked_for(resolver: &Resolver, ends: &[&str]) -> Vec<String> {
    let mut log = resolver.take_log();
    log.retain(|line| {
        let name = line.trim_end_matches(" tcp").trim_end_matches(" +cd");
        ends.iter().any(|end| name.ends_with(end))
    });
    log
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

/// The same with a signature over it.
pub(super) fn here_signed() -> Reply {
    Reply::found([txt(ZONE, &["here"]), signed(ZONE, RecordType::TXT, 2, ZONE)])
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
