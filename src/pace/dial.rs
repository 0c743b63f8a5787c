//! Opening a connection, by permission only.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::net::TcpStream;

use super::budget::{Clearance, Open};
use crate::table::codes::ErrorCode;

/// How long a connection may take to be established.
pub const CONNECT: Duration = Duration::from_secs(10);

/// Opens the connection that was cleared. The first part is to be kept for as long as the
/// conversation lasts.
pub async fn dial(clearance: Clearance) -> (Open, Result<TcpStream, ErrorCode>) {
    let address = clearance.address();
    let open = clearance.into_open();
    let stream = match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => {
            // Small writes and waits for answers: Nagle's algorithm only delays them.
            let _ = stream.set_nodelay(true);
            Ok(stream)
        }
        Ok(Err(err)) => Err(error_of(&err)),
        Err(_) => Err(ErrorCode::Timeout),
    };
    (open, stream)
}

/// Whose fault a failed system call is.
pub fn error_of(err: &std::io::Error) -> ErrorCode {
    match err.kind() {
        ErrorKind::ConnectionRefused => ErrorCode::Refused,
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => ErrorCode::Reset,
        ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof => ErrorCode::Closed,
        ErrorKind::TimedOut => ErrorCode::Timeout,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => ErrorCode::Unreachable,
        // No descriptor, no port, no memory, no permission, no route of our own.
        _ => ErrorCode::LocalFault,
    }
}
