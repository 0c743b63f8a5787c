//! The words of SMTP in a [`Conversation`] (RFC 5321, RFC 3207): EHLO, STARTTLS, QUIT. [`talk`]
//! holds one with a mail server.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::channel::Channel;
use super::conversation;
pub use super::conversation::{Conversation, Handshake, Patience, Plan};
use super::reply::Reply;
use super::tls;
use crate::pace::Clearance;
use crate::table::codes::{ErrorCode, Protocol, StarttlsOutcome};
use crate::table::rows::{Ehlo, Starttls};

/// Characters of the greeting kept.
pub const BANNER: usize = 512;

/// Holds one conversation with a mail server. None when the survey was asked to stop before the
/// connection was there.
pub async fn talk(clearance: Clearance, plan: &Plan, client: &tls::Client) -> Option<Conversation> {
    conversation::talk(clearance, Protocol::Smtp, plan, client).await
}

/// What a reply that refuses to go on means.
pub fn refusal(code: u16) -> ErrorCode {
    match code {
        400..=499 => ErrorCode::TempReject,
        500..=599 => ErrorCode::Blocked,
        _ => ErrorCode::ProtocolError,
    }
}

/// What a reply to EHLO says.
pub fn ehlo_of(reply: &Reply) -> Ehlo {
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

/// What is to be said of STARTTLS where EHLO does not offer it.
pub fn without_tls(ehlo: &Ehlo) -> Starttls {
    let mut starttls = Starttls::default();
    let mut lines = ehlo.capabilities.iter();
    match (ehlo.code, ehlo.error) {
        (Some(250), _) if lines.any(|line| is_overwritten(line)) => {
            starttls.outcome = StarttlsOutcome::Stripped;
        }
        // A server that knows no EHLO knows no extensions (RFC 5321 3.2).
        (Some(250 | 500 | 502), _) => starttls.outcome = StarttlsOutcome::NotOffered,
        (Some(code), _) => starttls.error = Some(refusal(code)),
        (None, error) => starttls.error = error,
    }
    starttls
}

/// Keywords are compared without case (RFC 5321 2.4); parameters stay as they are.
fn capability(line: &str) -> String {
    let line = line.trim_ascii();
    match line.split_once(' ') {
        Some((keyword, rest)) => format!("{} {rest}", keyword.to_ascii_uppercase()),
        None => line.to_ascii_uppercase(),
    }
}

/// Middleboxes overwrite an extension in place: `XXXXXXXA`, `XXXXXXXX`.
fn is_overwritten(line: &str) -> bool {
    line.len() >= 4 && line[..line.len() - 1].bytes().all(|byte| byte == b'X')
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    /// The greeting.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn smtp_greeting(&mut self, deadline: Instant) -> Result<Reply, ErrorCode> {
        self.smtp_reply("", deadline).await
    }

    /// Sends a command, and reads the reply.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn smtp(
        &mut self,
        command: &str,
        deadline: Instant,
    ) -> Result<Reply, ErrorCode> {
        self.send(command, deadline).await?;
        self.smtp_reply(command, deadline).await
    }

    async fn smtp_reply(&mut self, command: &str, deadline: Instant) -> Result<Reply, ErrorCode> {
        let reply = self.inbox.reply(&mut self.stream, deadline).await?;
        self.put_off |= reply.puts_off(command);
        Ok(reply)
    }
}
