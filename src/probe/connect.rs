//! The connection that a conversation begins with.

use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::pace::{Clearance, Open, dial};
use crate::table::codes::TcpOutcome;
use crate::table::rows::Tcp;
use crate::trace;

/// Opens the connection that was cleared, and notes how that went. The first part is to be kept for
/// as long as the conversation lasts; without a stream there was no connection. None when the survey
/// was asked to stop before.
pub async fn connect(clearance: Clearance, tcp: &mut Tcp) -> Option<(Open, Option<TcpStream>)> {
    let start = Instant::now();
    let (open, stream) = dial(clearance).await?;
    match &stream {
        Ok(_) => {
            tcp.outcome = TcpOutcome::Connected;
            tcp.connect_ms = Some(since(start));
            trace::line(|| format!("connected after {} ms", since(start)));
        }
        Err(error) => {
            tcp.outcome = TcpOutcome::Failed;
            tcp.error = Some(*error);
            trace::line(|| format!("no connection: {}", error.as_str()));
        }
    }
    Some((open, stream.ok()))
}

/// Milliseconds since a moment.
pub fn since(start: Instant) -> u32 {
    u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX)
}
