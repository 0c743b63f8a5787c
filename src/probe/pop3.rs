//! Reading POP3 replies (RFC 1939 3, RFC 2449), as far as somebody needs them who never logs in:
//! greeting, CAPA, STLS, QUIT. [`Answer`] takes them line by line.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::channel::Channel;
use super::inbox::{KEPT, says_too_many};
use crate::table::codes::ErrorCode;
use crate::text;
use crate::trace;

/// Lines of a list.
const LINES: usize = 64;

/// What a greeting, or the answer to a command, came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is `+OK`; none before that line came.
    pub is_ok: Option<bool>,
    /// That line, escaped and cut.
    pub text: String,
    /// The lines behind it without dot-stuffing, escaped and cut, the first word in upper case.
    pub lines: Vec<String>,
}

impl Answer {
    /// Takes in a line without its end; says whether the answer is whole. `is_list`: whether `+OK`
    /// is followed by lines up to a single dot (RFC 1939 3).
    ///
    /// # Errors
    /// What the protocol does not allow, or what is too much.
    pub fn take(&mut self, line: &[u8], is_list: bool) -> Result<bool, ErrorCode> {
        if self.is_ok.is_none() {
            let is_ok = status(line).ok_or(ErrorCode::ProtocolError)?;
            self.is_ok = Some(is_ok);
            self.text = text::escape(line, KEPT).0;
            return Ok(!is_ok || !is_list);
        }
        let line = match line {
            b"." => return Ok(true),
            [b'.', stuffed @ ..] => stuffed,
            line => line,
        };
        if self.lines.len() == LINES {
            return Err(ErrorCode::TooLarge);
        }
        // Tags of CAPA have no case (RFC 2449 3).
        let line = text::escape(line, KEPT).0;
        let line = line.trim_ascii();
        self.lines.push(match line.split_once(' ') {
            Some((tag, rest)) => format!("{} {rest}", tag.to_ascii_uppercase()),
            None => line.to_ascii_uppercase(),
        });
        Ok(false)
    }

    /// Why this is a greeting that does not greet; none where it does.
    pub fn refusal(&self) -> Option<ErrorCode> {
        match self.is_ok {
            Some(true) => None,
            _ if self.puts_off() => Some(ErrorCode::TempReject),
            _ => Some(ErrorCode::Blocked),
        }
    }

    /// Whether it asks us to come back later, or less often (RFC 2449 8.1.1, RFC 3206).
    pub fn puts_off(&self) -> bool {
        let text = self.text.to_ascii_uppercase();
        let later = ["[SYS/TEMP]", "[IN-USE]", "[LOGIN-DELAY]"];
        let says_later = || later.iter().any(|code| text.contains(code));
        self.is_ok == Some(false) && (says_too_many(&text) || says_later())
    }
}

/// Whether a line says `+OK`, or `-ERR`; none where it says neither. Servers must send them in upper
/// case (RFC 1939 3).
fn status(line: &[u8]) -> Option<bool> {
    let word = line.split(|byte| *byte == b' ').next()?;
    match word {
        b"+OK" => Some(true),
        b"-ERR" => Some(false),
        _ => None,
    }
}

/// Whether a greeting has the timestamp of APOP, by which a server says that it takes that command
/// (RFC 1939 7): `<process-ID.clock@hostname>`.
pub fn has_apop(greeting: &str) -> bool {
    let is_stamp = |word: &str| {
        let inside = word
            .trim_end_matches('.')
            .strip_prefix('<')
            .and_then(|word| word.strip_suffix('>'));
        inside.is_some_and(|stamp| stamp.contains('@'))
    };
    greeting.starts_with("+OK") && greeting.split(' ').any(is_stamp)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    /// The greeting.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn pop3_greeting(&mut self, deadline: Instant) -> Result<Answer, ErrorCode> {
        self.pop3_answer(false, deadline).await
    }

    /// Sends a command, and reads the answer.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn pop3(
        &mut self,
        command: &str,
        deadline: Instant,
    ) -> Result<Answer, ErrorCode> {
        self.send(command, deadline).await?;
        self.pop3_answer(command == "CAPA", deadline).await
    }

    async fn pop3_answer(&mut self, is_list: bool, deadline: Instant) -> Result<Answer, ErrorCode> {
        let mut answer = Answer::default();
        loop {
            let line = self.inbox.line(&mut self.stream, deadline).await?;
            trace::line(|| format!("< {}", text::escape(&line, KEPT).0));
            if answer.take(&line, is_list)? {
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
    fn answer(is_list: bool, lines: &[&str]) -> Result<Answer, ErrorCode> {
        let mut answer = Answer::default();
        for (at, line) in lines.iter().enumerate() {
            if answer.take(line.as_bytes(), is_list)? {
                assert_eq!(at + 1, lines.len(), "whole too early");
                return Ok(answer);
            }
        }
        panic!("not whole: {lines:?}")
    }

    #[test]
    fn a_list_ends_with_a_dot_and_dots_are_unstuffed() {
        let lines = ["+OK", "top", "sasl PLAIN login", "..odd", "STLS", "."];
        let list = answer(true, &lines).expect("a list");
        assert_eq!(list.lines, ["TOP", "SASL PLAIN login", ".ODD", "STLS"]);
        let refused = answer(true, &["-ERR unknown command"]).expect("an answer");
        assert_eq!((refused.is_ok, refused.lines.len()), (Some(false), 0));
        let greeting = answer(false, &["+OK Dovecot ready."]).expect("a greeting");
        assert_eq!(greeting.refusal(), None);
        assert_eq!(greeting.text, "+OK Dovecot ready.");
    }

    #[test]
    fn greetings_that_do_not_greet() {
        let refusal = |line: &str| answer(false, &[line]).map(|answer| answer.refusal());
        assert_eq!(refusal("-ERR no"), Ok(Some(ErrorCode::Blocked)));
        assert_eq!(
            refusal("-ERR [SYS/TEMP] no"),
            Ok(Some(ErrorCode::TempReject))
        );
        assert_eq!(refusal("-ERR too many"), Ok(Some(ErrorCode::TempReject)));
        for line in ["", "OK", "+ok", "+OKAY", "* OK IMAP", "220 mail", "."] {
            assert_eq!(refusal(line), Err(ErrorCode::ProtocolError), "{line}");
        }
    }

    #[test]
    fn a_list_without_an_end_is_too_large() {
        let mut endless = Answer::default();
        assert_eq!(endless.take(b"+OK", true), Ok(false));
        let mut taken = (0..=LINES).map(|_| endless.take(b"UIDL", true));
        assert_eq!(taken.find(Result::is_err), Some(Err(ErrorCode::TooLarge)));
    }

    #[test]
    fn the_timestamp_of_apop() {
        assert!(has_apop(
            "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>"
        ));
        for greeting in ["+OK ready", "+OK <ready>", "-ERR <1.2@a>", "+OK a@b > <"] {
            assert!(!has_apop(greeting), "{greeting}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(lines: Vec<Vec<u8>>, is_list: bool) {
            let mut answer = Answer::default();
            for line in &lines {
                let _ = answer.take(line, is_list);
                has_apop(&answer.text);
            }
        }
    }
}
