//! What holds for any reply. The target of fuzz/ calls it, too, by the path of this file.

use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use mailcensus::probe::reply::{Inbox, Reply};
use mailcensus::table::codes::ErrorCode;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

/// Nothing here waits for anybody.
const LONG: Duration = Duration::from_secs(60);

/// The first byte says how many bytes come at a time. All replies are read, up to the first that is
/// none.
pub fn smtp_reply(bytes: &[u8]) {
    let Some((pieces, replies)) = bytes.split_first() else {
        return;
    };
    let clock = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    clock.expect("a clock").block_on(async {
        let pieces = usize::from(*pieces).max(1);
        let (whole, dripped) = (read(replies, usize::MAX).await, read(replies, pieces).await);
        assert_eq!(whole.0, dripped.0);
        assert!(whole.0.iter().all(is_sane), "{:?}", whole.0);
        // Where something is too large, the size of the pieces may tell what is noticed first.
        let are_large = [whole.1, dripped.1].contains(&ErrorCode::TooLarge);
        assert!(are_large || whole.1 == dripped.1);
    });
}

/// Every reply, and why there are no more.
async fn read(bytes: &[u8], pieces: usize) -> (Vec<Reply>, ErrorCode) {
    let mut stream = Pieces { bytes, pieces };
    let (mut inbox, mut replies) = (Inbox::default(), Vec::new());
    loop {
        match inbox.reply(&mut stream, Instant::now() + LONG).await {
            Ok(reply) => replies.push(reply),
            Err(error) => return (replies, error),
        }
    }
}

fn is_sane(reply: &Reply) -> bool {
    let is_safe = |line: &String| line.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    (200..600).contains(&reply.code)
        && (1..=64).contains(&reply.lines.len())
        && reply
            .lines
            .iter()
            .all(|line| line.len() <= 4 * 512 && is_safe(line))
}

/// Bytes that come a few at a time.
struct Pieces<'a> {
    bytes: &'a [u8],
    pieces: usize,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let count = self.pieces.min(buffer.remaining()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(count);
        buffer.put_slice(now);
        self.bytes = later;
        Poll::Ready(Ok(()))
    }
}
