//! Reading IMAP responses (RFC 9051 7, RFC 3501 7), as far as somebody needs them who never logs
//! in: greeting, CAPABILITY, STARTTLS, LOGOUT. [`Answer`] takes them line by line.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::channel::Channel;
use super::inbox::{KEPT, says_too_many};
use crate::table::codes::ErrorCode;
use crate::text;
use crate::trace;

/// Lines of one answer.
const LINES: usize = 64;
/// Capabilities of one list. Servers have up to some sixty.
const CAPABILITIES: usize = 128;
/// The tag of every command. One is under way at a time, so that there is nothing to tell apart.
pub const TAG: &str = "a";

/// The condition that a response states (RFC 9051 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done; as a greeting: log in, please.
    Ok,
    /// Not done.
    No,
    /// Not understood.
    Bad,
    /// As a greeting: you are logged in already.
    Preauth,
    /// The server closes the connection.
    Bye,
}

impl Status {
    /// The word for being logged in already.
    pub const PREAUTH: &str = "PREAUTH";

    fn of(word: &[u8]) -> Option<Self> {
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        let known = [
            ("OK", Self::Ok),
            ("NO", Self::No),
            ("BAD", Self::Bad),
            (Self::PREAUTH, Self::Preauth),
            ("BYE", Self::Bye),
        ];
        known
            .into_iter()
            .find(|(name, _)| is(name))
            .map(|(_, status)| status)
    }
}

/// What a greeting, or the answer to a command, came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The condition; none before the line with it came.
    pub status: Option<Status>,
    /// That line without its tag, escaped and cut.
    pub text: String,
    /// The capabilities listed, in upper case; none where there was no list.
    pub capabilities: Option<Vec<String>>,
    /// Whether the server said that it closes the connection.
    pub bye: bool,
    lines: usize,
}

impl Answer {
    /// Takes in a line without its end; says whether the answer is whole. A greeting is whole with
    /// its untagged status, an answer to a command with the tagged one.
    ///
    /// # Errors
    /// What the protocol does not allow, or what is too much.
    pub fn take(&mut self, line: &[u8], is_greeting: bool) -> Result<bool, ErrorCode> {
        self.lines += 1;
        if self.lines > LINES {
            return Err(ErrorCode::TooLarge);
        }
        // Nothing that we ask is answered with a literal, and what is in one is no response.
        if ends_in_literal(line) {
            return Err(ErrorCode::ProtocolError);
        }
        let (tag, rest) = word(line).ok_or(ErrorCode::ProtocolError)?;
        let (name, arguments) = word(rest).ok_or(ErrorCode::ProtocolError)?;
        let status = Status::of(name);
        match (tag, status) {
            (b"*", Some(status)) => {
                self.note_code(arguments)?;
                self.bye |= status == Status::Bye;
                if is_greeting {
                    let greets = matches!(status, Status::Ok | Status::Preauth | Status::Bye);
                    return self.end(status, rest, greets);
                }
                Ok(false)
            }
            (b"*", None) if is_greeting => Err(ErrorCode::ProtocolError),
            (b"*", None) => {
                if name.eq_ignore_ascii_case(b"CAPABILITY") {
                    self.capabilities = Some(capabilities(arguments)?);
                }
                Ok(false)
            }
            (tag, Some(status)) if tag == TAG.as_bytes() && !is_greeting => {
                self.note_code(arguments)?;
                let ends = matches!(status, Status::Ok | Status::No | Status::Bad);
                self.end(status, rest, ends)
            }
            // Continuations belong to literals and AUTHENTICATE, neither of which we send.
            _ => Err(ErrorCode::ProtocolError),
        }
    }

    fn end(&mut self, status: Status, line: &[u8], fits: bool) -> Result<bool, ErrorCode> {
        if !fits {
            return Err(ErrorCode::ProtocolError);
        }
        self.status = Some(status);
        self.text = text::escape(line, KEPT).0;
        Ok(true)
    }

    /// Capabilities in a response code: `[CAPABILITY IMAP4rev1 …] text`.
    fn note_code(&mut self, text: &[u8]) -> Result<(), ErrorCode> {
        let Some(code) = text.strip_prefix(b"[") else {
            return Ok(());
        };
        let end = code.iter().position(|byte| *byte == b']');
        let code = &code[..end.ok_or(ErrorCode::ProtocolError)?];
        match word(code) {
            Some((name, list)) if name.eq_ignore_ascii_case(b"CAPABILITY") => {
                self.capabilities = Some(capabilities(list)?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Why this is a greeting that does not greet; none where it does.
    pub fn refusal(&self) -> Option<ErrorCode> {
        match self.status {
            Some(Status::Ok | Status::Preauth) => None,
            _ if self.puts_off() => Some(ErrorCode::TempReject),
            _ => Some(ErrorCode::Blocked),
        }
    }

    /// Whether it asks us to come back later, or less often (RFC 5530 3).
    pub fn puts_off(&self) -> bool {
        let text = self.text.to_ascii_uppercase();
        let refuses = !matches!(self.status, Some(Status::Ok | Status::Preauth));
        let later = ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]"];
        refuses && (says_too_many(&text) || later.iter().any(|code| text.contains(code)))
    }
}

/// The first word, and what is behind the space after it.
fn word(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = line.iter().position(|byte| *byte == b' ');
    let (word, rest) = match end {
        Some(end) => (&line[..end], &line[end + 1..]),
        None => (line, &[][..]),
    };
    (!word.is_empty()).then_some((word, rest))
}

/// Whether the data goes on behind the line: `{42}`, `{42+}` (RFC 9051 4.3).
fn ends_in_literal(line: &[u8]) -> bool {
    let Some(line) = line.strip_suffix(b"}") else {
        return false;
    };
    let line = line.strip_suffix(b"+").unwrap_or(line);
    let digits = line.iter().rev().take_while(|byte| byte.is_ascii_digit());
    let digits = digits.count();
    digits > 0 && line[..line.len() - digits].ends_with(b"{")
}

/// Atoms have no case (RFC 9051 9).
fn capabilities(list: &[u8]) -> Result<Vec<String>, ErrorCode> {
    let mut found = Vec::new();
    // Some servers end the list with a space.
    for atom in list.split(|byte| *byte == b' ').filter(|it| !it.is_empty()) {
        if found.len() == CAPABILITIES {
            return Err(ErrorCode::TooLarge);
        }
        if !atom.iter().all(|byte| is_atom(*byte)) {
            return Err(ErrorCode::ProtocolError);
        }
        found.push(text::escape(atom, KEPT).0.to_ascii_uppercase());
    }
    Ok(found)
}

fn is_atom(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"(){%*\"\\]".contains(&byte)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    /// The greeting.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn imap_greeting(&mut self, deadline: Instant) -> Result<Answer, ErrorCode> {
        self.imap_answer(true, deadline).await
    }

    /// Sends a command, and reads the answer.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn imap(
        &mut self,
        command: &str,
        deadline: Instant,
    ) -> Result<Answer, ErrorCode> {
        self.send(&format!("{TAG} {command}"), deadline).await?;
        self.imap_answer(false, deadline).await
    }

    async fn imap_answer(
        &mut self,
        is_greeting: bool,
        deadline: Instant,
    ) -> Result<Answer, ErrorCode> {
        let mut answer = Answer::default();
        loop {
            let line = match self.inbox.line(&mut self.stream, deadline).await {
                Ok(line) => line,
                // Between BYE and the close nothing has to come.
                Err(ErrorCode::Closed) if answer.bye => return Err(ErrorCode::Blocked),
                Err(error) => return Err(error),
            };
            trace::line(|| format!("< {}", text::escape(&line, KEPT).0));
            if answer.take(&line, is_greeting)? {
                self.put_off |= answer.puts_off();
                return Ok(answer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer of these lines.
    fn answer(greeting: bool, lines: &[&str]) -> Result<Answer, ErrorCode> {
        let mut answer = Answer::default();
        for (at, line) in lines.iter().enumerate() {
            if answer.take(line.as_bytes(), greeting)? {
                assert_eq!(at + 1, lines.len(), "whole too early");
                return Ok(answer);
            }
        }
        panic!("not whole: {lines:?}")
    }

    fn list(answer: &Answer) -> Vec<&str> {
        let list = answer.capabilities.iter().flatten();
        list.map(String::as_str).collect()
    }

    #[test]
    fn greetings_say_ok_preauth_or_bye() {
        let ok = answer(
            true,
            &["* OK [CAPABILITY IMAP4rev1 starttls LoginDisabled] Dovecot ready."],
        );
        let ok = ok.expect("a greeting");
        assert_eq!(ok.refusal(), None);
        assert_eq!(list(&ok), ["IMAP4REV1", "STARTTLS", "LOGINDISABLED"]);
        assert!(ok.text.starts_with("OK [CAPABILITY IMAP4rev1"));
        let preauth = answer(true, &["* preauth hello"]).expect("a greeting");
        assert_eq!(
            (preauth.status, preauth.refusal()),
            (Some(Status::Preauth), None)
        );
        let bye = |text: &str| answer(true, &[text]).expect("a greeting").refusal();
        assert_eq!(bye("* BYE go away"), Some(ErrorCode::Blocked));
        assert_eq!(
            bye("* BYE Too many connections"),
            Some(ErrorCode::TempReject)
        );
        assert_eq!(
            bye("* BYE [UNAVAILABLE] later"),
            Some(ErrorCode::TempReject)
        );
    }

    #[test]
    fn an_answer_ends_with_the_tag() {
        let lines = [
            "* CAPABILITY IMAP4rev1 AUTH=PLAIN",
            "* 23 EXISTS",
            "* OK still here",
            "a OK done",
        ];
        let answered = answer(false, &lines).expect("an answer");
        assert_eq!(answered.status, Some(Status::Ok));
        assert_eq!(list(&answered), ["IMAP4REV1", "AUTH=PLAIN"]);
        let refused = answer(false, &["a BAD what?"]).expect("an answer");
        assert_eq!(
            (refused.status, refused.capabilities),
            (Some(Status::Bad), None)
        );
        let parting = answer(false, &["* BYE bye", "a OK done"]).expect("an answer");
        assert!(parting.bye);
    }

    #[test]
    fn what_is_no_response_is_refused() {
        let wrong = Err(ErrorCode::ProtocolError);
        for line in [
            "",
            " ",
            "*",
            "* CAPABILITY IMAP4rev1",
            "220 mail ESMTP",
            "+OK",
            "a OK x",
        ] {
            assert_eq!(answer(true, &[line]), wrong, "{line}");
        }
        for line in [
            "b OK not ours",
            "+ go on",
            "a PREAUTH no",
            "a CAPABILITY IMAP4rev1",
            "* CAPABILITY IMAP4rev1 (X)",
            "* OK [CAPABILITY IMAP4rev1",
            "* 1 FETCH {18446744073709551616}",
            "* 1 FETCH {5+}",
        ] {
            assert_eq!(answer(false, &[line]), wrong, "{line}");
        }
        let mut endless = Answer::default();
        let mut taken = (0..=LINES).map(|_| endless.take(b"* 1 EXISTS", false));
        assert_eq!(taken.find(Result::is_err), Some(Err(ErrorCode::TooLarge)));
        let many = format!("* CAPABILITY {}", "X ".repeat(CAPABILITIES + 1));
        assert_eq!(answer(false, &[&many]), Err(ErrorCode::TooLarge));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(lines: Vec<Vec<u8>>, greeting: bool) {
            let mut answer = Answer::default();
            for line in &lines {
                let _ = answer.take(line, greeting);
            }
        }
    }
}
