//! A ceiling on the bytes that a peer makes us read, below TLS: whatever it floods us with (interim
//! answers, session tickets, chunks of one byte), it comes to an end before the time is up.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream of which only so many bytes are read; more is an error of kind `FileTooLarge`.
pub struct Ceiling<S> {
    stream: S,
    left: usize,
}

impl<S> Ceiling<S> {
    /// At most `bytes` of a stream.
    pub fn new(stream: S, bytes: usize) -> Self {
        let left = bytes;
        Self { stream, left }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Ceiling<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let read = buf.filled().len() - before;
        Poll::Ready(match self.left.checked_sub(read) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                buf.set_filled(before);
                Err(Error::from(ErrorKind::FileTooLarge))
            }
        })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Ceiling<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn so_much_is_read_and_no_more() {
        let read = async |length: usize| {
            let bytes = vec![b'a'; length];
            let mut stream = Ceiling::new(bytes.as_slice(), 100);
            let mut all = Vec::new();
            let read = stream.read_to_end(&mut all).await;
            read.map_err(|err| err.kind())
        };
        assert_eq!(read(100).await, Ok(100));
        assert_eq!(read(101).await, Err(ErrorKind::FileTooLarge));
    }
}
