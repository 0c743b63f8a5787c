//! One SMTP conversation, in the order of the protocol: greeting, EHLO, STARTTLS, handshake, EHLO,
//! QUIT (RFC 5321 3.1 and 3.2, RFC 3207).
//!
//! Nothing else is ever sent: no AUTH, MAIL, RCPT, VRFY, EXPN or DATA. Wherever a command channel
//! is left, QUIT is sent and its reply read.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::connect::{connect, since};
use super::hello::{self, Answer, Hello};
use super::reply::{Inbox, Reply};
use super::tls;
use crate::pace::{Clearance, error_of};
use crate::table::codes::{ErrorCode, StarttlsOutcome};
use crate::table::row::Moment;
use crate::table::rows::{Ehlo, Starttls, Tcp, Tls};
use crate::trace;

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
    /// For the reply to QUIT.
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
    /// Text of the greeting.
    pub banner: Option<String>,
    /// Code of the greeting.
    pub banner_code: Option<u16>,
    /// EHLO in clear text.
    pub ehlo: Ehlo,
    /// STARTTLS.
    pub starttls: Starttls,
    /// The full handshake.
    pub tls: Tls,
    /// Whether that broke for want of something in common.
    pub nothing_common: Option<tls::NothingCommon>,
    /// What was said to a bare hello, if one was sent; `tls` has the server name that it had.
    pub hello: Option<Answer>,
    /// EHLO inside TLS.
    pub ehlo_tls: Ehlo,
    /// Code of the reply to QUIT.
    pub quit_code: Option<u16>,
    /// The certificates sent in the full handshake, leaf first, in DER.
    pub chain: Vec<Vec<u8>>,
    /// Whether a reply in clear text asked us to come back later, or less often.
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
pub async fn talk(clearance: Clearance, plan: &Plan, client: &tls::Client) -> Option<Conversation> {
    let start = Instant::now();
    let mut seen = Conversation {
        observed_at: Moment::now(),
        ..Conversation::default()
    };
    let (_open, stream) = connect(clearance, &mut seen.tcp).await?;
    if let Some(stream) = stream {
        converse(&mut seen, stream, plan, client).await;
    }
    seen.elapsed_ms = since(start);
    Some(seen)
}

async fn converse(seen: &mut Conversation, stream: TcpStream, plan: &Plan, client: &tls::Client) {
    let end = Instant::now() + plan.patience.session;
    let mut channel = Channel {
        stream,
        inbox: Inbox::default(),
        put_off: false,
        patience: plan.patience,
        end,
    };
    let ready = greet(seen, &mut channel, plan).await && ask_for_tls(seen, &mut channel).await;
    seen.put_off = channel.put_off;
    if !ready {
        return;
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
    let mut channel = Channel {
        stream,
        inbox: Inbox::default(),
        put_off: false,
        patience: plan.patience,
        end,
    };
    seen.ehlo_tls = channel.ehlo(&plan.ehlo).await;
    if has_channel(seen.ehlo_tls.error) {
        seen.quit_code = channel.quit().await;
    }
    let goodbye = channel.deadline(plan.patience.quit);
    let _ = timeout_at(goodbye, channel.stream.shutdown()).await;
}

/// Greeting and EHLO; says whether STARTTLS may be asked for.
async fn greet(seen: &mut Conversation, channel: &mut Channel<TcpStream>, plan: &Plan) -> bool {
    let deadline = channel.deadline(plan.patience.greeting);
    let greeting = match channel.inbox.reply(&mut channel.stream, deadline).await {
        Ok(greeting) => greeting,
        Err(ErrorCode::Timeout) => return stop(seen, ErrorCode::GreetingTimeout),
        Err(error) => return stop(seen, error),
    };
    channel.put_off = greeting.puts_off("");
    seen.banner = Some(greeting.text().chars().take(BANNER).collect());
    seen.banner_code = Some(greeting.code);
    if greeting.code != 220 {
        seen.quit_code = channel.quit().await;
        return stop(seen, refusal(greeting.code));
    }
    seen.ehlo = channel.ehlo(&plan.ehlo).await;
    if offers(&seen.ehlo.capabilities, "STARTTLS") {
        return true;
    }
    match (seen.ehlo.code, seen.ehlo.error) {
        (Some(250), _)
            if seen
                .ehlo
                .capabilities
                .iter()
                .any(|line| is_overwritten(line)) =>
        {
            seen.starttls.outcome = StarttlsOutcome::Stripped;
        }
        // A server that knows no EHLO knows no extensions (RFC 5321 3.2).
        (Some(250 | 500 | 502), _) => seen.starttls.outcome = StarttlsOutcome::NotOffered,
        (Some(code), _) => seen.starttls.error = Some(refusal(code)),
        (None, error) => seen.starttls.error = error,
    }
    if has_channel(seen.ehlo.error) {
        seen.quit_code = channel.quit().await;
    }
    false
}

/// Whether a command can still be sent after a reply did not come.
fn has_channel(error: Option<ErrorCode>) -> bool {
    !matches!(
        error,
        Some(ErrorCode::Closed | ErrorCode::Reset | ErrorCode::LocalFault)
    )
}

/// STARTTLS; says whether the handshake may begin.
async fn ask_for_tls(seen: &mut Conversation, channel: &mut Channel<TcpStream>) -> bool {
    let reply = match channel.command("STARTTLS").await {
        Ok(reply) => reply,
        Err(error) => {
            // No QUIT: the server may take what comes next for the start of a handshake.
            seen.starttls.outcome = StarttlsOutcome::Failed;
            seen.starttls.error = Some(error);
            return false;
        }
    };
    seen.starttls.code = Some(reply.code);
    if reply.code != 220 {
        seen.starttls.outcome = StarttlsOutcome::Refused;
        seen.starttls.error = (reply.code < 500).then_some(ErrorCode::TempReject);
        seen.quit_code = channel.quit().await;
        return false;
    }
    // Whatever came behind the 220 came before our first byte of TLS: it is plain text, and must
    // not be taken for something said under TLS.
    let injected = !channel.inbox.is_empty();
    seen.starttls.outcome = match injected {
        true => StarttlsOutcome::Injected,
        false => StarttlsOutcome::Accepted,
    };
    channel.inbox.clear();
    true
}

/// Characters of the greeting kept.
const BANNER: usize = 512;

/// A conversation that never got to STARTTLS.
fn stop(seen: &mut Conversation, error: ErrorCode) -> bool {
    seen.starttls.error = Some(error);
    false
}

/// What a reply that refuses to go on means.
fn refusal(code: u16) -> ErrorCode {
    match code {
        400..=499 => ErrorCode::TempReject,
        500..=599 => ErrorCode::Blocked,
        _ => ErrorCode::ProtocolError,
    }
}

fn ehlo_of(reply: &Reply) -> Ehlo {
    let capabilities = match reply.code {
        250 => reply
            .lines
            .iter()
            .skip(1)
            .map(|line| capability(line))
            .collect(),
        _ => Vec::new(),
    };
    Ehlo {
        code: Some(reply.code),
        error: None,
        capabilities,
    }
}

/// Keywords are compared without case (RFC 5321 2.4); parameters stay as they are.
fn capability(line: &str) -> String {
    let line = line.trim_ascii();
    match line.split_once(' ') {
        Some((keyword, rest)) => format!("{} {rest}", keyword.to_ascii_uppercase()),
        None => line.to_ascii_uppercase(),
    }
}

fn offers(capabilities: &[String], keyword: &str) -> bool {
    capabilities
        .iter()
        .any(|line| line.split(' ').next() == Some(keyword))
}

/// Middleboxes overwrite an extension in place: `XXXXXXXA`, `XXXXXXXX`.
fn is_overwritten(line: &str) -> bool {
    line.len() >= 4 && line[..line.len() - 1].bytes().all(|byte| byte == b'X')
}

/// A stream on which commands are sent and replies read, each before its deadline.
struct Channel<S> {
    stream: S,
    inbox: Inbox,
    /// Whether one of the replies put us off.
    put_off: bool,
    patience: Patience,
    end: Instant,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    fn deadline(&self, patience: Duration) -> Instant {
        self.end.min(Instant::now() + patience)
    }

    async fn command(&mut self, line: &str) -> Result<Reply, ErrorCode> {
        self.exchange(line, self.deadline(self.patience.command))
            .await
    }

    async fn ehlo(&mut self, name: &str) -> Ehlo {
        match self.command(&format!("EHLO {name}")).await {
            Ok(reply) => ehlo_of(&reply),
            Err(error) => Ehlo {
                error: Some(error),
                ..Ehlo::default()
            },
        }
    }

    async fn quit(&mut self) -> Option<u16> {
        // A peer that used up the session still gets a word of goodbye.
        let deadline = Instant::now() + self.patience.quit;
        self.exchange("QUIT", deadline)
            .await
            .ok()
            .map(|reply| reply.code)
    }

    async fn exchange(&mut self, line: &str, deadline: Instant) -> Result<Reply, ErrorCode> {
        trace::line(|| format!("> {line}"));
        let bytes = format!("{line}\r\n");
        let send = async {
            self.stream.write_all(bytes.as_bytes()).await?;
            self.stream.flush().await
        };
        timeout_at(deadline, send)
            .await
            .map_err(|_| ErrorCode::Timeout)?
            .map_err(|err| error_of(&err))?;
        let reply = self.inbox.reply(&mut self.stream, deadline).await?;
        self.put_off |= reply.puts_off(line);
        Ok(reply)
    }
}
