//! A stream on which commands are sent and replies read, each before its deadline: [`Channel`].

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::inbox::Inbox;
use crate::pace::error_of;
use crate::table::codes::ErrorCode;
use crate::trace;

/// A stream on which commands are sent and replies read, each before its deadline.
pub struct Channel<S> {
    pub stream: S,
    pub inbox: Inbox,
    /// Whether one of the replies put us off.
    pub put_off: bool,
    end: Instant,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    /// A stream of a conversation that is over at that moment.
    pub fn new(stream: S, end: Instant) -> Self {
        Self {
            stream,
            inbox: Inbox::default(),
            put_off: false,
            end,
        }
    }

    /// When a step has to be done that may take so long.
    pub fn deadline(&self, patience: Duration) -> Instant {
        self.end.min(Instant::now() + patience)
    }

    /// Sends a line.
    pub async fn send(&mut self, line: &str, deadline: Instant) -> Result<(), ErrorCode> {
        trace::line(|| format!("> {line}"));
        let bytes = format!("{line}\r\n");
        let send = async {
            self.stream.write_all(bytes.as_bytes()).await?;
            self.stream.flush().await
        };
        timeout_at(deadline, send)
            .await
            .map_err(|_| ErrorCode::Timeout)?
            .map_err(|err| error_of(&err))
    }
}
