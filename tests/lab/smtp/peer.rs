//! A client, line by line.

use std::sync::MutexGuard;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::{Host, Log};

/// How long a server that answers nothing keeps the connection open: longer than anybody waits.
const FOREVER: Duration = Duration::from_secs(180);
/// How long a server thinks before it answers QUIT, long enough to see a hasty close, or before it
/// resets.
pub const THOUGHT: Duration = Duration::from_millis(50);

/// Waits for the peer to go away, and takes whatever it says.
pub async fn hold<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<()> {
    let mut buffer = [0; 1_024];
    let wait = async {
        while stream.read(&mut buffer).await? > 0 {}
        Ok(())
    };
    timeout(FOREVER, wait).await.unwrap_or(Ok(()))
}

/// A peer whose lines are logged.
pub struct Peer<'h, 'a, S> {
    pub stream: S,
    pub prefix: &'static str,
    pub host: &'h Host<'a>,
}

impl<'h, 'a, S: AsyncRead + AsyncWrite + Unpin> Peer<'h, 'a, S> {
    pub fn new(stream: S, prefix: &'static str, host: &'h Host<'a>) -> Self {
        Self {
            stream,
            prefix,
            host,
        }
    }

    fn log(&self) -> Option<MutexGuard<'a, Log>> {
        self.host.log.map(|log| log.lock().unwrap())
    }

    pub async fn greet(&mut self) -> std::io::Result<()> {
        let greeting = format!("220 {} ESMTP\r\n", self.host.name);
        self.say(greeting.as_bytes()).await
    }

    pub async fn say(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// One line, noted down.
    pub async fn line(&mut self) -> std::io::Result<Option<String>> {
        let Some(line) = read_line(&mut self.stream).await? else {
            return Ok(None);
        };
        let logged = format!("{}{line}", self.prefix);
        if let Some(mut log) = self.log() {
            log.lines.push(logged);
        }
        Ok(Some(line))
    }

    /// Answers QUIT, and notes in which order the two sides part.
    pub async fn part(&mut self) -> std::io::Result<()> {
        let mut buffer = [0; 64];
        if self.host.log.is_some() {
            let early = timeout(THOUGHT, self.stream.read(&mut buffer)).await;
            if let Some(mut log) = self.log() {
                log.hasty |= early.is_ok();
            }
        }
        self.say(b"221 bye\r\n").await?;
        let end = timeout(FOREVER, self.stream.read(&mut buffer)).await;
        if let Some(mut log) = self.log() {
            log.parted |= matches!(end, Ok(Ok(0)));
        }
        Ok(())
    }
}

/// One line, byte by byte: what follows it belongs to somebody else.
pub async fn read_line(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        line.push(byte[0]);
    }
    line.truncate(line.len() - 2);
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}
