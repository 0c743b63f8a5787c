//! Opening a connection, by permission only.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use tokio::net::TcpStream;

use super::budget::{Clearance, Open};
use crate::table::codes::ErrorCode;

/// How long a connection may take to be established.
pub const CONNECT: Duration = Duration::from_secs(10);

/// Opens the connection that was cleared. The first part is to be kept for as long as the
/// conversation lasts. None when the survey was asked to stop before the connection was there: a
/// dial into silence is given up at once, and its entry in the journal stays doubtful.
pub async fn dial(clearance: Clearance) -> Option<(Open, Result<TcpStream, ErrorCode>)> {
    let address = clearance.address();
    let (open, stop) = clearance.depart();
    let connect = tokio::time::timeout(CONNECT, TcpStream::connect(address));
    let connected = tokio::select! {
        biased;
        () = stop.requested() => {
            open.leave_doubtful();
            return None;
        }
        connected = connect => connected,
    };
    let stream = match connected {
        Ok(Ok(stream)) => {
            // Small writes and waits for answers: Nagle's algorithm only delays them.
            let _ = stream.set_nodelay(true);
            Ok(stream)
        }
        // The network is unreachable: said by a router far away, or by our own table of routes.
        Ok(Err(err)) if err.raw_os_error() == Some(101) && !has_route(address) => {
            Err(ErrorCode::LocalFault)
        }
        Ok(Err(err)) => Err(error_of(&err)),
        Err(_) => Err(ErrorCode::Timeout),
    };
    Some((open, stream))
}

/// Whether this machine knows a way there. Connecting a UDP socket sends nothing.
fn has_route(to: SocketAddr) -> bool {
    let any: IpAddr = match to.ip() {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    UdpSocket::bind((any, 0)).is_ok_and(|socket| socket.connect(to).is_ok())
}

/// Numbers of Linux (errno.h) that say that this machine failed: no permission by its own firewall,
/// no memory, no descriptor, no port, no buffer. What a router said of the way comes as others, also
/// as EACCES (ICMP "administratively prohibited").
const LOCAL: [i32; 6] = [1, 12, 23, 24, 99, 105];

/// Whose fault a failed system call is.
pub fn error_of(err: &std::io::Error) -> ErrorCode {
    match err.kind() {
        _ if err
            .raw_os_error()
            .is_some_and(|number| LOCAL.contains(&number)) =>
        {
            ErrorCode::LocalFault
        }
        ErrorKind::ConnectionRefused => ErrorCode::Refused,
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => ErrorCode::Reset,
        ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof => ErrorCode::Closed,
        ErrorKind::TimedOut => ErrorCode::Timeout,
        // Said by our own bounds.
        ErrorKind::FileTooLarge => ErrorCode::TooLarge,
        _ => ErrorCode::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use super::*;

    #[test]
    fn there_is_a_way_to_this_machine_and_none_to_nowhere() {
        assert!(has_route(SocketAddr::from(([127, 0, 0, 1], 25))));
        // What begins with fe80 is on a link, and nobody says on which (RFC 4007 6).
        assert!(!has_route(SocketAddr::from((
            [0xfe80, 0, 0, 0, 0, 0, 0, 1],
            25
        ))));
    }

    #[test]
    fn a_router_that_forbids_is_not_our_fault() {
        let of = |number| error_of(&Error::from_raw_os_error(number));
        assert_eq!(of(13), ErrorCode::Unreachable, "EACCES");
        assert_eq!(of(101), ErrorCode::Unreachable, "ENETUNREACH");
        assert_eq!(of(113), ErrorCode::Unreachable, "EHOSTUNREACH");
        assert_eq!(of(111), ErrorCode::Refused, "ECONNREFUSED");
        assert_eq!(of(104), ErrorCode::Reset, "ECONNRESET");
        assert_eq!(of(24), ErrorCode::LocalFault, "EMFILE");
        assert_eq!(of(99), ErrorCode::LocalFault, "EADDRNOTAVAIL");
        assert_eq!(of(1), ErrorCode::LocalFault, "EPERM");
    }
}
