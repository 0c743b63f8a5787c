//! The forwarding engine: asks recursive resolvers that validate.
//!
//! AD decides on secure. SERVFAIL is asked again with CD: data that comes then is bogus if the
//! resolver says so, or if it is signed and the plain question fails once more; else the zone is just
//! broken. EDE gives the reason.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};

use super::answer::Answer;
use super::dialogue;
use super::fact::Fact;
use super::health::{Health, Trouble};
use super::message;
use super::rotation::Rotation;
use super::shared::Shared;
use super::tcp::Connection;
use super::udp::{Lost, Sockets};
use crate::error::{Error, Result};
use crate::pace::{self, DnsPace};
use crate::table::codes::{ErrorCode, Security};
use crate::table::rows::Ede;
use crate::trace;

/// How long until SERVFAIL is asked about once more: BIND remembers for a second that it failed.
const FORGOTTEN: Duration = Duration::from_millis(1_200);

/// What the engine needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Recursive resolvers.
    pub resolvers: Vec<SocketAddr>,
    /// Queries per second to each; 0 means no limit.
    pub rate: u32,
    /// How long one try waits for an answer.
    pub patience: Duration,
    /// Tries before a question counts as lost.
    pub tries: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            resolvers: Vec::new(),
            rate: pace::DNS_RATE.usual,
            // Unbound itself gives up on dead name servers after some ten seconds.
            patience: Duration::from_secs(6),
            // What is lost all the same is asked once more at the end of its stage.
            tries: 2,
        }
    }
}

/// Asks questions.
pub struct Client {
    resolvers: Vec<Resolver>,
    rotation: Rotation,
    queries: AtomicU64,
    health: Health,
    shared: Shared,
    settings: Settings,
}

struct Resolver {
    address: SocketAddr,
    sockets: Sockets,
    connection: Connection,
    pace: DnsPace,
}

impl Client {
    /// Opens sockets to every resolver. Nothing is sent yet.
    ///
    /// # Errors
    /// When a socket cannot be opened.
    pub async fn open(settings: Settings) -> Result<Arc<Self>> {
        let mut resolvers = Vec::with_capacity(settings.resolvers.len());
        for address in &settings.resolvers {
            let sockets = Sockets::open(*address)
                .await
                .map_err(|err| Error::Resolver {
                    resolver: address.to_string(),
                    problem: format!(
                        "cannot open a socket: {err}; name a resolver this machine can reach"
                    ),
                })?;
            let connection = Connection::new(*address);
            resolvers.push(Resolver {
                address: *address,
                sockets,
                connection,
                pace: DnsPace::new(settings.rate),
            });
        }
        Ok(Arc::new(Self {
            rotation: Rotation::of(resolvers.len()),
            resolvers,
            queries: AtomicU64::new(0),
            health: Health::default(),
            shared: Shared::default(),
            settings,
        }))
    }

    /// Whether the resolvers answer.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Which resolvers are of help.
    pub fn rotation(&self) -> &Rotation {
        &self.rotation
    }

    /// Queries sent so far.
    pub fn queries(&self) -> u64 {
        self.queries.load(Ordering::Relaxed)
    }

    /// Asks one question.
    pub async fn ask(&self, name: &Name, kind: RecordType) -> Answer {
        // A domain asks many questions, at many places, few of them at a time: were all their states
        // in its own, it would be as large as a stack.
        Box::pin(self.ask_here(name, kind)).await
    }

    async fn ask_here(&self, name: &Name, kind: RecordType) -> Answer {
        self.health.gate().await;
        let mut queries = 0;
        let outages = self.health.outages();
        let mut answer = self.judge(name, kind, &mut queries).await;
        let failed = answer.error.is_some_and(is_ours_perhaps);
        if failed {
            self.health.gate().await;
            // What failed while the resolver was down says nothing about the name.
            if self.health.outages() != outages {
                answer = self.judge(name, kind, &mut queries).await;
            }
        }
        answer.queries = queries;
        answer
    }

    /// Asks one question if it is wanted.
    pub async fn ask_if(&self, name: &Name, kind: RecordType, wanted: bool) -> Option<Answer> {
        match wanted {
            true => Some(self.ask(name, kind).await),
            false => None,
        }
    }

    /// Asks one question whose answer others may need, too; also says how many queries were sent for
    /// it just now. The name is in lower case, as [`super::name_of`] reads it.
    pub async fn ask_shared(&self, name: &str, kind: RecordType) -> (Arc<Fact>, u32) {
        self.shared.ask(self, name, kind).await
    }

    /// Another pass over what was asked about begins: what failed for many is asked for again.
    pub fn next_pass(&self) {
        self.shared.next_pass();
    }

    /// One plain round to one resolver, without retries or health: for finding out whether
    /// it is usable at all.
    pub async fn probe(
        &self,
        at: usize,
        name: &Name,
        kind: RecordType,
        cd: bool,
    ) -> Result<Message, Lost> {
        self.round(&self.resolvers[at], name, kind, cd, &mut 0)
            .await
    }

    async fn judge(&self, name: &Name, kind: RecordType, queries: &mut u32) -> Answer {
        let answer = self.find_out(name, kind, queries).await;
        if answer.error != Some(ErrorCode::Timeout) {
            self.health
                .note_failure(answer.error.is_some_and(is_ours_perhaps));
        }
        answer
    }

    async fn find_out(&self, name: &Name, kind: RecordType, queries: &mut u32) -> Answer {
        let (at, plain) = match self.exchange(name, kind, false, None, queries).await {
            Ok(answered) => answered,
            Err(lost) => return Answer::failed(error_of(lost), None),
        };
        match plain.metadata.response_code {
            ResponseCode::ServFail => {
                let ede = message::ede(&plain);
                self.look_behind(name, kind, (at, ede), queries).await
            }
            _ => plain_answer(plain, name, kind),
        }
    }

    /// SERVFAIL: is the zone bogus, or broken? Or does the resolver that says so find out nothing? Where
    /// there are others, they are asked.
    async fn look_behind(
        &self,
        name: &Name,
        kind: RecordType,
        (at, ede): (usize, Option<Ede>),
        queries: &mut u32,
    ) -> Answer {
        let unchecked = match self.exchange(name, kind, true, Some(at), queries).await {
            Ok((_, message)) => message,
            Err(lost) => return Answer::failed(error_of(lost), ede),
        };
        let usable = matches!(
            unchecked.metadata.response_code,
            ResponseCode::NoError | ResponseCode::NXDomain
        ) && !is_stale(message::ede(&unchecked).as_ref());
        if !usable {
            let reason = message::ede(&unchecked).or(ede);
            return Answer::failed(broken(reason.as_ref()), reason);
        }
        let unchecked = Answer::of(unchecked, name, kind, Security::Bogus);
        if is_bogus(ede.as_ref()) {
            return bogus(unchecked, ede);
        }
        // The name servers may have been slow only the first time.
        tokio::time::sleep(FORGOTTEN).await;
        let (by, again) = match self.exchange(name, kind, false, Some(at), queries).await {
            Ok(answered) => answered,
            Err(lost) => return Answer::failed(error_of(lost), ede),
        };
        if again.metadata.response_code != ResponseCode::ServFail {
            if by != at && is_of_help(&again) {
                self.rotation.note(at, Some(Trouble::Failing));
            }
            return plain_answer(again, name, kind);
        }
        let reason = telling(message::ede(&again), ede);
        match broken(reason.as_ref()) {
            // What has no signatures has none that could be wrong.
            ErrorCode::Servfail if is_bogus(reason.as_ref()) || unchecked.is_signed() => {
                bogus(unchecked, reason)
            }
            error => Answer::failed(error, reason),
        }
    }

    /// One question to whichever resolver's turn it is, but rather not to this one; tried again elsewhere
    /// when it is lost. Says who answered.
    async fn exchange(
        &self,
        name: &Name,
        kind: RecordType,
        cd: bool,
        mut not: Option<usize>,
        queries: &mut u32,
    ) -> Result<(usize, Message), Lost> {
        let mut last = Lost::Timeout;
        for _ in 0..self.settings.tries {
            let at = self.rotation.next(not);
            let resolver = &self.resolvers[at];
            match self.round(resolver, name, kind, cd, queries).await {
                Ok(message) => {
                    self.health.note(false);
                    if !cd {
                        self.take_note(at, &message);
                    }
                    return Ok((at, message));
                }
                // It would come the same way again.
                Err(Lost::Malformed) => return Err(Lost::Malformed),
                Err(lost) => {
                    self.health.note(true);
                    if lost != Lost::Local {
                        self.rotation.note(at, Some(Trouble::Silent));
                    }
                    not = Some(at);
                    last = lost;
                    if lost != Lost::Timeout {
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                }
            }
        }
        Err(last)
    }

    /// SERVFAIL alone does not tell a zone that is broken from a resolver that finds out nothing. An
    /// answer with CD set does not show that it can find out anything.
    fn take_note(&self, at: usize, message: &Message) {
        match message.metadata.response_code {
            ResponseCode::ServFail => {}
            ResponseCode::Refused => self.rotation.note(at, Some(Trouble::Failing)),
            _ => self.rotation.note(at, None),
        }
    }

    async fn round(
        &self,
        resolver: &Resolver,
        name: &Name,
        kind: RecordType,
        cd: bool,
        queries: &mut u32,
    ) -> Result<Message, Lost> {
        let mut question = message::query(name, kind, cd);
        let leave = resolver.pace.admit().await;
        *queries += 1;
        self.queries.fetch_add(1, Ordering::Relaxed);
        let patience = self.settings.patience;
        let answer = resolver
            .sockets
            .exchange(leave, &mut question, patience)
            .await;
        trace::line(|| dialogue::words(resolver.address, "udp", &question, &answer));
        let answer = answer?;
        if !answer.metadata.truncation {
            return Ok(answer);
        }
        let leave = resolver.pace.admit().await;
        *queries += 1;
        self.queries.fetch_add(1, Ordering::Relaxed);
        let answer = resolver
            .connection
            .exchange(leave, &question, patience)
            .await;
        trace::line(|| dialogue::words(resolver.address, "tcp", &question, &answer));
        let answer = answer?;
        // Truncated over TCP: there is no way to get it whole.
        if answer.metadata.truncation {
            Err(Lost::Malformed)
        } else {
            Ok(answer)
        }
    }
}

/// What was got with CD set and does not validate.
fn bogus(mut answer: Answer, ede: Option<Ede>) -> Answer {
    answer.error = Some(ErrorCode::Bogus);
    answer.ede = ede;
    answer
}

/// What a message other than SERVFAIL says.
fn plain_answer(message: Message, name: &Name, kind: RecordType) -> Answer {
    let ede = message::ede(&message);
    match message.metadata.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain if is_stale(ede.as_ref()) => {
            Answer::failed(ErrorCode::Unreachable, ede)
        }
        ResponseCode::NoError | ResponseCode::NXDomain => {
            let security = status(&message);
            Answer::of(message, name, kind, security)
        }
        ResponseCode::Refused => Answer::failed(ErrorCode::Refused, ede),
        _ => Answer::failed(ErrorCode::ProtocolError, ede),
    }
}

fn is_of_help(message: &Message) -> bool {
    let code = message.metadata.response_code;
    matches!(code, ResponseCode::NoError | ResponseCode::NXDomain)
}

fn status(message: &Message) -> Security {
    if message.metadata.authentic_data {
        Security::Secure
    } else {
        Security::Insecure
    }
}

/// Whether a resolver that is cut off, or does not want us, gives that answer.
fn is_ours_perhaps(error: ErrorCode) -> bool {
    use ErrorCode::{LocalFault, Refused, Servfail, Timeout, Unreachable};
    matches!(
        error,
        LocalFault | Refused | Servfail | Timeout | Unreachable
    )
}

fn error_of(lost: Lost) -> ErrorCode {
    match lost {
        Lost::Timeout | Lost::Unreachable => ErrorCode::Timeout,
        Lost::Malformed => ErrorCode::ProtocolError,
        Lost::Local => ErrorCode::LocalFault,
    }
}

/// Stale Answer and Stale NXDOMAIN Answer: the name servers did not answer (RFC 8914 4.4, 4.20).
fn is_stale(ede: Option<&Ede>) -> bool {
    matches!(ede.map(|ede| ede.code), Some(3 | 19))
}

/// Codes that speak of validation (RFC 8914 4.6 to 4.13).
fn is_bogus(ede: Option<&Ede>) -> bool {
    matches!(ede.map(|ede| ede.code), Some(5..=12))
}

/// Of two reasons for the same failure the one that says more: resolvers that remember a failure say
/// no more than that (RFC 8914 4.14).
fn telling(last: Option<Ede>, first: Option<Ede>) -> Option<Ede> {
    let tells =
        |ede: &Option<Ede>| is_bogus(ede.as_ref()) || broken(ede.as_ref()) != ErrorCode::Servfail;
    match tells(&last) || !tells(&first) {
        true => last.or(first),
        false => first,
    }
}

/// Why a zone is broken rather than bogus, by what the resolver says.
fn broken(ede: Option<&Ede>) -> ErrorCode {
    match ede.map(|ede| ede.code) {
        Some(22 | 23) => ErrorCode::Unreachable,
        Some(20 | 24) => ErrorCode::Lame,
        Some(18) => ErrorCode::Refused,
        _ => ErrorCode::Servfail,
    }
}
