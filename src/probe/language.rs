//! What the steps of a conversation are called in each protocol: [`Language`].

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::channel::Channel;
use super::{imap, smtp};
use crate::table::codes::{ErrorCode, Protocol, StarttlsOutcome};
use crate::table::rows::{Ehlo, Starttls};

/// What a server speaks, with TLS or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// SMTP (RFC 5321), also of clients (RFC 6409).
    Smtp,
    /// IMAP (RFC 9051, RFC 3501).
    Imap,
    /// POP3 (RFC 1939).
    Pop3,
}

/// A greeting.
pub struct Greeting {
    /// Its text.
    pub text: String,
    /// Its code, of SMTP.
    pub code: Option<u16>,
    /// Why it does not invite us; none where it does.
    pub refusal: Option<ErrorCode>,
}

/// What was answered to STARTTLS, with its code, of SMTP.
pub enum Asked {
    /// The handshake may begin.
    Granted(Option<u16>),
    /// It may not, at least not now.
    Refused(Option<u16>, Option<ErrorCode>),
}

impl Language {
    /// The language of a protocol.
    pub fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Smtp | Protocol::Submission | Protocol::Submissions => Self::Smtp,
            Protocol::Imap | Protocol::Imaps => Self::Imap,
            Protocol::Pop3 | Protocol::Pop3s => Self::Pop3,
        }
    }

    /// Reads the greeting.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn greeting<S: AsyncRead + AsyncWrite + Unpin>(
        self,
        channel: &mut Channel<S>,
        deadline: Instant,
    ) -> Result<Greeting, ErrorCode> {
        Ok(match self {
            Self::Smtp => {
                let reply = channel.smtp_greeting(deadline).await?;
                Greeting {
                    text: reply.text().chars().take(smtp::BANNER).collect(),
                    code: Some(reply.code),
                    refusal: (reply.code != 220).then(|| smtp::refusal(reply.code)),
                }
            }
            Self::Imap => {
                let answer = channel.imap_greeting(deadline).await?;
                Greeting {
                    refusal: answer.refusal(),
                    text: answer.text,
                    code: None,
                }
            }
            Self::Pop3 => {
                let answer = channel.pop3_greeting(deadline).await?;
                Greeting {
                    refusal: answer.refusal(),
                    text: answer.text,
                    code: None,
                }
            }
        })
    }

    /// Asks what the server can do.
    pub async fn capabilities<S: AsyncRead + AsyncWrite + Unpin>(
        self,
        channel: &mut Channel<S>,
        ehlo: &str,
        deadline: Instant,
    ) -> Ehlo {
        let list = match self {
            Self::Smtp => {
                let asked = channel.smtp(&format!("EHLO {ehlo}"), deadline).await;
                asked.map(|reply| smtp::ehlo_of(&reply))
            }
            Self::Imap => channel.imap("CAPABILITY", deadline).await.map(|answer| {
                let list = match answer.status {
                    // Who answers without a list has not answered (RFC 9051 6.1.1).
                    Some(imap::Status::Ok) => answer.capabilities.ok_or(ErrorCode::ProtocolError),
                    _ => Err(ErrorCode::Refused),
                };
                ehlo_of(list)
            }),
            Self::Pop3 => channel.pop3("CAPA", deadline).await.map(|answer| {
                let is_ok = answer.is_ok == Some(true);
                ehlo_of(is_ok.then_some(answer.lines).ok_or(ErrorCode::Refused))
            }),
        };
        list.unwrap_or_else(|error| ehlo_of(Err(error)))
    }

    /// Whether a list of capabilities has STARTTLS, or STLS.
    pub fn offers_tls(self, capabilities: &[String]) -> bool {
        let wanted = self.starttls_command();
        let keyword = |line: &String| line.split(' ').next() == Some(wanted);
        capabilities.iter().any(keyword)
    }

    /// What is to be said of STARTTLS where no list offers it.
    pub fn without_tls(self, ehlo: &Ehlo) -> Starttls {
        let not_offered = |outcome| Starttls {
            outcome,
            ..Starttls::default()
        };
        match (self, ehlo.error) {
            (Self::Smtp, _) => smtp::without_tls(ehlo),
            (_, None) => not_offered(StarttlsOutcome::NotOffered),
            (_, error) => Starttls {
                error,
                ..Starttls::default()
            },
        }
    }

    /// Asks for TLS.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn starttls(
        self,
        channel: &mut Channel<impl AsyncRead + AsyncWrite + Unpin>,
        deadline: Instant,
    ) -> Result<Asked, ErrorCode> {
        let command = self.starttls_command();
        let is_granted = match self {
            Self::Smtp => {
                let code = channel.smtp(command, deadline).await?.code;
                let later = (code < 500).then_some(ErrorCode::TempReject);
                return Ok(match code {
                    220 => Asked::Granted(Some(code)),
                    _ => Asked::Refused(Some(code), later),
                });
            }
            Self::Imap => {
                let answer = channel.imap(command, deadline).await?;
                answer.status == Some(imap::Status::Ok)
            }
            Self::Pop3 => channel.pop3(command, deadline).await?.is_ok == Some(true),
        };
        Ok(match is_granted {
            true => Asked::Granted(None),
            false => Asked::Refused(None, None),
        })
    }

    /// Says goodbye and waits for the answer; its code, of SMTP.
    pub async fn goodbye<S: AsyncRead + AsyncWrite + Unpin>(
        self,
        channel: &mut Channel<S>,
        deadline: Instant,
    ) -> Option<u16> {
        match self {
            Self::Smtp => {
                let reply = channel.smtp("QUIT", deadline).await.ok();
                return reply.map(|reply| reply.code);
            }
            Self::Imap => _ = channel.imap("LOGOUT", deadline).await,
            Self::Pop3 => _ = channel.pop3("QUIT", deadline).await,
        }
        None
    }

    fn starttls_command(self) -> &'static str {
        match self {
            Self::Smtp | Self::Imap => "STARTTLS",
            Self::Pop3 => "STLS",
        }
    }
}

/// A list of capabilities, or why there is none.
fn ehlo_of(list: Result<Vec<String>, ErrorCode>) -> Ehlo {
    let (capabilities, error) = match list {
        Ok(capabilities) => (capabilities, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    Ehlo {
        code: None,
        error,
        capabilities,
    }
}
