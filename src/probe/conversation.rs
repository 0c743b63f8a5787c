//! One conversation with a server that takes mail, or hands it out, in the order of the protocols:
//! greeting, capabilities, STARTTLS, handshake, capabilities, goodbye (RFC 5321 3.1 and 3.2,
//! RFC 3207, RFC 9051, RFC 1939, RFC 2595); where TLS begins with the first byte (RFC 8314),
//! handshake, greeting, capabilities, goodbye.
//!
//! Nothing else is ever sent: no login by any command, no MAIL, RCPT, VRFY, EXPN or DATA. Wherever
//! a command channel is left, goodbye is said and the reply read.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::ceiling::Ceiling;
use super::channel::Channel;
use super::connect::{connect, since};
use super::hello::{self, Answer, Hello};
use super::language::{Asked, Language};
use super::tls;
use crate::pace::Clearance;
use crate::table::codes::{ErrorCode, Protocol, StarttlsOutcome};
use crate::table::row::Moment;
use crate::table::rows::{Ehlo, Starttls, Tcp, Tls};

/// How long each step may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the whole greeting. RFC 5321 4.5.3.2.1 gives five minutes; a survey cannot wait that
    /// long, and servers that delay on purpose do so for half a minute.
    pub greeting: Duration,
    /// For the reply to a command.
    pub command: Duration,
    /// For the handshake.
    pub handshake: Duration,
    /// For the reply to goodbye.
    pub quit: Duration,
    /// For the whole conversation.
    pub session: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            greeting: Duration::from_secs(60),
            command: Duration::from_secs(30),
            handshake: Duration::from_secs(20),
            quit: Duration::from_secs(5),
            session: Duration::from_secs(120),
        }
    }
}

/// What to say, and to whom.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Our name in EHLO.
    pub ehlo: String,
    /// Server name to send; none sends none.
    pub sni: Option<String>,
    /// What to do once TLS may begin.
    pub handshake: Handshake,
    /// How long to wait.
    pub patience: Patience,
}

/// What to do once TLS may begin.
#[derive(Debug, Clone, Default)]
pub enum Handshake {
    /// Shake hands to the end.
    #[default]
    Full,
    /// Say hello, read the first flight, and go.
    Bare(Hello),
}

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    /// When it began.
    pub observed_at: Moment,
    /// How long it took.
    pub elapsed_ms: u32,
    /// The connection.
    pub tcp: Tcp,
    /// Text of the greeting: of SMTP without its code, of other protocols with its first word.
    pub banner: Option<String>,
    /// Code of the greeting, of SMTP.
    pub banner_code: Option<u16>,
    /// Capabilities in clear text.
    pub ehlo: Ehlo,
    /// STARTTLS.
    pub starttls: Starttls,
    /// The full handshake.
    pub tls: Tls,
    /// Whether that broke for want of something in common.
    pub nothing_common: Option<tls::NothingCommon>,
    /// What was said to a bare hello, if one was sent; `tls` has the server name that it had.
    pub hello: Option<Answer>,
    /// Capabilities inside TLS.
    pub ehlo_tls: Ehlo,
    /// Code of the reply to QUIT, of SMTP.
    pub quit_code: Option<u16>,
    /// The certificates sent in the full handshake, leaf first, in DER.
    pub chain: Vec<Vec<u8>>,
    /// Whether a reply asked us to come back later, or less often.
    pub put_off: bool,
}

impl Conversation {
    /// The certificates sent, whatever was said; leaf first, in DER.
    pub fn chain(&self) -> &[Vec<u8>] {
        let flight = self
            .hello
            .as_ref()
            .and_then(|answer| answer.flight.as_ref());
        flight.map_or(&self.chain, |flight| &flight.chain)
    }
}

/// Holds one conversation. None when the survey was asked to stop before the connection was there.
pub async fn talk(
    clearance: Clearance,
    protocol: Protocol,
    plan: &Plan,
    client: &tls::Client,
) -> Option<Conversation> {
    let start = Instant::now();
    let mut seen = Conversation {
        observed_at: Moment::now(),
        ..Conversation::default()
    };
    let (_open, stream) = connect(clearance, &mut seen.tcp).await?;
    if let Some(stream) = stream {
        converse(&mut seen, stream, protocol, plan, client).await;
    }
    seen.elapsed_ms = since(start);
    Some(seen)
}

/// Bytes read in one conversation, those of TLS included: a hundred times what polite servers send.
const ALL: usize = 1 << 20;

async fn converse(
    seen: &mut Conversation,
    stream: TcpStream,
    protocol: Protocol,
    plan: &Plan,
    client: &tls::Client,
) {
    let (language, is_implicit) = (Language::of(protocol), protocol.has_implicit_tls());
    let end = Instant::now() + plan.patience.session;
    let mut channel = Channel::new(Ceiling::new(stream, ALL), end);
    if !is_implicit {
        let ready = begin(seen, &mut channel, language, plan).await;
        seen.put_off = channel.put_off;
        if !ready {
            return;
        }
    }
    let deadline = channel.deadline(plan.patience.handshake);
    if let Handshake::Bare(hello) = &plan.handshake {
        let sni = plan.sni.as_deref().filter(|_| hello.extensions);
        let answer = hello::ask(&mut channel.stream, hello, sni, deadline).await;
        seen.tls.sni = sni.map(str::to_owned);
        seen.hello = Some(answer);
        return;
    }
    let handshake = client
        .handshake(channel.stream, plan.sni.as_deref(), deadline)
        .await;
    seen.tls = handshake.tls;
    seen.nothing_common = handshake.nothing_common;
    seen.chain = handshake.chain;
    let Some(stream) = handshake.stream else {
        return;
    };
    let mut channel = Channel::new(stream, end);
    inside(seen, &mut channel, language, is_implicit, plan).await;
    seen.put_off |= channel.put_off;
    let goodbye = channel.deadline(plan.patience.quit);
    let _ = timeout_at(goodbye, channel.stream.shutdown()).await;
}

/// What is said under TLS.
async fn inside<S: AsyncRead + AsyncWrite + Unpin>(
    seen: &mut Conversation,
    channel: &mut Channel<S>,
    language: Language,
    is_implicit: bool,
    plan: &Plan,
) {
    if is_implicit && let Err(error) = greet(seen, channel, language, plan).await {
        seen.ehlo_tls.error = Some(error);
        return;
    }
    let deadline = channel.deadline(plan.patience.command);
    seen.ehlo_tls = language.capabilities(channel, &plan.ehlo, deadline).await;
    if has_channel(seen.ehlo_tls.error) {
        seen.quit_code = leave(channel, language, plan).await;
    }
}

/// Everything before the handshake, in clear text; says whether it may begin.
async fn begin(
    seen: &mut Conversation,
    channel: &mut Channel<Ceiling<TcpStream>>,
    language: Language,
    plan: &Plan,
) -> bool {
    if let Err(error) = greet(seen, channel, language, plan).await {
        seen.starttls.error = Some(error);
        return false;
    }
    let deadline = channel.deadline(plan.patience.command);
    seen.ehlo = language.capabilities(channel, &plan.ehlo, deadline).await;
    if language.offers_tls(&seen.ehlo.capabilities) {
        return ask_for_tls(seen, channel, language, plan).await;
    }
    seen.starttls = language.without_tls(&seen.ehlo);
    if has_channel(seen.ehlo.error) {
        seen.quit_code = leave(channel, language, plan).await;
    }
    false
}

/// The greeting. The error says why there is none, or none that invites.
async fn greet<S: AsyncRead + AsyncWrite + Unpin>(
    seen: &mut Conversation,
    channel: &mut Channel<S>,
    language: Language,
    plan: &Plan,
) -> Result<(), ErrorCode> {
    let deadline = channel.deadline(plan.patience.greeting);
    let greeting = match language.greeting(channel, deadline).await {
        Ok(greeting) => greeting,
        Err(ErrorCode::Timeout) => return Err(ErrorCode::GreetingTimeout),
        Err(error) => return Err(error),
    };
    seen.banner = Some(greeting.text);
    seen.banner_code = greeting.code;
    match greeting.refusal {
        Some(error) => {
            seen.quit_code = leave(channel, language, plan).await;
            Err(error)
        }
        None => Ok(()),
    }
}

/// STARTTLS; says whether the handshake may begin.
async fn ask_for_tls(
    seen: &mut Conversation,
    channel: &mut Channel<Ceiling<TcpStream>>,
    language: Language,
    plan: &Plan,
) -> bool {
    let deadline = channel.deadline(plan.patience.command);
    let code = match language.starttls(channel, deadline).await {
        Ok(Asked::Granted(code)) => code,
        Ok(Asked::Refused(code, error)) => {
            seen.starttls = Starttls {
                outcome: StarttlsOutcome::Refused,
                code,
                error,
            };
            seen.quit_code = leave(channel, language, plan).await;
            return false;
        }
        Err(error) => {
            // No goodbye: the server may take what comes next for the start of a handshake.
            seen.starttls.outcome = StarttlsOutcome::Failed;
            seen.starttls.error = Some(error);
            return false;
        }
    };
    seen.starttls.code = code;
    // Whatever came behind the reply came before our first byte of TLS: it is plain text, and must
    // not be taken for something said under TLS.
    let injected = !channel.inbox.is_empty();
    seen.starttls.outcome = match injected {
        true => StarttlsOutcome::Injected,
        false => StarttlsOutcome::Accepted,
    };
    channel.inbox.clear();
    true
}

async fn leave<S: AsyncRead + AsyncWrite + Unpin>(
    channel: &mut Channel<S>,
    language: Language,
    plan: &Plan,
) -> Option<u16> {
    // A peer that used up the session still gets a word of goodbye.
    let deadline = Instant::now() + plan.patience.quit;
    language.goodbye(channel, deadline).await
}

/// Whether a command can still be sent after a reply did not come.
fn has_channel(error: Option<ErrorCode>) -> bool {
    !matches!(
        error,
        Some(ErrorCode::Closed | ErrorCode::Reset | ErrorCode::LocalFault)
    )
}
