//! Bare hellos to real TLS servers on loopback: OpenSSL and GnuTLS with suites and versions that
//! rustls does not know.

mod gnutls;
pub mod invariants;
mod openssl;
pub mod peers;

use std::net::SocketAddr;
use std::time::Duration;

use mailcensus::probe::hello::{Answer, Flight, Hello, ask};
use mailcensus::table::tls_codes::{HelloKind, HelloOutcome};
use mailcensus::tls_names::Version;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// No answer on loopback takes longer.
const LONG: Duration = Duration::from_secs(20);

/// Asks an address.
async fn asked(address: SocketAddr, hello: &Hello) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask(
        &mut stream,
        hello,
        Some("mail.example.cz"),
        Instant::now() + LONG,
    )
    .await
}

/// What is accepted.
fn accepted(answer: Answer) -> Flight {
    assert_eq!(answer.outcome, HelloOutcome::Accepted, "{answer:?}");
    assert_eq!((answer.error, answer.alert), (None, None), "{answer:?}");
    answer.flight.unwrap()
}
