//! Reading SMTP replies (RFC 5321 4.2).

use tokio::io::AsyncRead;
use tokio::time::Instant;

pub use super::inbox::Inbox;
use super::inbox::{KEPT, says_too_many};
use crate::table::codes::ErrorCode;
use crate::text;
use crate::trace;

/// Lines of one reply.
const LINES: usize = 64;

/// One reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The code, 200 to 599.
    pub code: u16,
    /// The text of each line without code, escaped and cut.
    pub lines: Vec<String>,
}

impl Reply {
    /// The text of all lines in one.
    pub fn text(&self) -> String {
        self.lines.join("\\n")
    }

    /// Whether it asks us to come back later, or less often: any 4xx (RFC 5321 4.2.1), and a 5xx
    /// whose words say that there are too many of us. After STARTTLS a 4xx says that TLS is out of
    /// order (454, RFC 3207 4), which is no word about us; 421 is.
    pub fn puts_off(&self, command: &str) -> bool {
        let too_many = || says_too_many(&self.lines.join(" "));
        match (command, self.code) {
            (_, 421) => true,
            (command, 400..500) if command != "STARTTLS" => true,
            (_, code) => code >= 400 && too_many(),
        }
    }
}

impl Inbox {
    /// Reads one whole reply before the deadline.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn reply<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        deadline: Instant,
    ) -> Result<Reply, ErrorCode> {
        let reply = self.read(stream, deadline).await;
        if trace::is_on() {
            show(&reply);
        }
        reply
    }

    async fn read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        deadline: Instant,
    ) -> Result<Reply, ErrorCode> {
        let mut reply = Reply::default();
        loop {
            let line = self.line(stream, deadline).await?;
            let (code, more, rest) = parse(&line).ok_or(ErrorCode::ProtocolError)?;
            if reply.lines.is_empty() {
                reply.code = code;
            } else if reply.code != code {
                return Err(ErrorCode::ProtocolError);
            }
            if reply.lines.len() == LINES {
                return Err(ErrorCode::TooLarge);
            }
            reply.lines.push(text::escape(rest, KEPT).0);
            if !more {
                return Ok(reply);
            }
        }
    }
}

fn show(reply: &Result<Reply, ErrorCode>) {
    match reply {
        Ok(reply) => {
            for (at, text) in reply.lines.iter().enumerate() {
                let more = if at + 1 < reply.lines.len() { '-' } else { ' ' };
                trace::line(|| format!("< {}{more}{text}", reply.code));
            }
        }
        Err(error) => trace::line(|| format!("< no reply: {}", error.as_str())),
    }
}

/// Code, whether more lines follow, and the text.
fn parse(line: &[u8]) -> Option<(u16, bool, &[u8])> {
    let (code, rest) = line.split_at_checked(3)?;
    let code: u16 = std::str::from_utf8(code).ok()?.parse().ok()?;
    if !(200..600).contains(&code) {
        return None;
    }
    match rest.split_first() {
        None => Some((code, false, rest)),
        Some((b' ', text)) => Some((code, false, text)),
        Some((b'-', text)) => Some((code, true, text)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn read(bytes: &[u8]) -> Result<Reply, ErrorCode> {
        let deadline = Instant::now() + Duration::from_secs(1);
        let mut stream = bytes;
        Inbox::default().reply(&mut stream, deadline).await
    }

    #[tokio::test]
    async fn replies_of_one_and_of_many_lines() {
        let one = read(b"220 mail.example.cz ESMTP\r\n")
            .await
            .expect("a reply");
        assert_eq!(
            (one.code, one.text().as_str()),
            (220, "mail.example.cz ESMTP")
        );
        let many = read(b"250-mail\r\n250-PIPELINING\r\n250 STARTTLS\r\n")
            .await
            .expect("a reply");
        assert_eq!(many.lines, ["mail", "PIPELINING", "STARTTLS"]);
        assert_eq!(read(b"220\n").await.expect("bare").code, 220);
    }

    #[tokio::test]
    async fn everything_else_has_its_reason() {
        assert_eq!(
            read(b"SSH-2.0-OpenSSH\r\n").await,
            Err(ErrorCode::ProtocolError)
        );
        assert_eq!(read(b"099 no\r\n").await, Err(ErrorCode::ProtocolError));
        assert_eq!(
            read(b"220-a\r\n421 b\r\n").await,
            Err(ErrorCode::ProtocolError)
        );
        assert_eq!(read(b"220 half").await, Err(ErrorCode::Closed));
        assert_eq!(read(&b"a".repeat(5_000)).await, Err(ErrorCode::TooLarge));
        assert_eq!(
            read(&b"220-x\r\n".repeat(100)).await,
            Err(ErrorCode::TooLarge)
        );
    }

    #[test]
    fn who_puts_us_off() {
        let puts_off = |command, code, line: &str| {
            let lines = vec![line.to_owned()];
            Reply { code, lines }.puts_off(command)
        };
        for (command, code, line) in [
            ("", 421, "bye"),
            ("", 450, "greylisted"),
            ("EHLO a.cz", 454, "later"),
            (
                "EHLO a.cz",
                554,
                "5.7.1 Too many connections from your host",
            ),
            ("", 550, "Rate limit exceeded"),
            ("STARTTLS", 421, "bye"),
            ("STARTTLS", 454, "4.7.0 too many connections"),
        ] {
            assert!(puts_off(command, code, line), "{command} {code} {line}");
        }
        for (command, code, line) in [
            ("", 220, "too many"),
            ("EHLO a.cz", 250, "ok"),
            ("", 554, "blocked by a list"),
            ("STARTTLS", 454, "4.7.0 TLS not available"),
            ("STARTTLS", 220, "go ahead"),
        ] {
            assert!(!puts_off(command, code, line), "{command} {code} {line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}
