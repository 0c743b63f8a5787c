//! Reading lines from peers that may send anything, at any pace: [`Inbox`].

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

use crate::pace::error_of;
use crate::table::codes::ErrorCode;

/// Bytes of a line that are accepted; RFC 5321 4.5.3.1.5 and RFC 2449 4 allow 512, and a line of
/// IMAP is as long as it likes.
const LINE: usize = 4_096;
/// Bytes of a line that are kept.
pub const KEPT: usize = 512;
/// Bytes read in one conversation.
const TOTAL: usize = 64 << 10;

/// Words of servers that are called too often for their liking.
const TOO_MANY: [&str; 6] = [
    "too many",
    "too much",
    "too frequent",
    "rate limit",
    "rate-limit",
    "throttl",
];

/// Whether a text says that there are too many of us.
pub fn says_too_many(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    TOO_MANY.iter().any(|words| text.contains(words))
}

/// What a peer sent and nobody read yet. One ceiling holds for the whole conversation.
#[derive(Debug, Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    total: usize,
}

impl Inbox {
    /// Whether something is there that nobody asked for.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Throws away what is there.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// One line without its end, before the deadline.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn line<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        deadline: Instant,
    ) -> Result<Vec<u8>, ErrorCode> {
        loop {
            if let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.bytes.drain(..=end).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return if line.len() > LINE {
                    Err(ErrorCode::TooLarge)
                } else {
                    Ok(line)
                };
            }
            if self.bytes.len() > LINE || self.total > TOTAL {
                return Err(ErrorCode::TooLarge);
            }
            let mut buffer = [0; 1_024];
            let read = timeout_at(deadline, stream.read(&mut buffer))
                .await
                .map_err(|_| ErrorCode::Timeout)?
                .map_err(|err| error_of(&err))?;
            if read == 0 {
                return Err(ErrorCode::Closed);
            }
            self.total += read;
            self.bytes.extend_from_slice(&buffer[..read]);
        }
    }
}
