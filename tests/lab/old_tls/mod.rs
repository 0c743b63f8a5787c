//! Servers with TLS as it was: what they make of a ClientHello, up to the end of their first flight.
//! That is all that comes: keys are never agreed on, and what stands in for public values and
//! signatures is noise. Its code shares nothing with the program's.
//!
//! [`Repertoire`] says what a server takes, [`read`] reads a hello, [`is_for_library`] tells whether
//! a TLS library answers it, and [`serve`] answers if none does.

mod client_hello;
mod flight;
mod repertoire;
mod ssl2;
mod suites;

use std::io::Result;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

pub use client_hello::{ClientHello, read};
pub use repertoire::*;
pub use suites::{Exchange, Key, Suite, suite};

/// How long a server waits for the client's next message.
const PATIENCE: Duration = Duration::from_secs(180);
/// Suites of the library in TLS 1.2, by the kind of the key.
const ECDSA: [u16; 3] = [0xc02b, 0xc02c, 0xcca9];
/// See [`ECDSA`].
const RSA: [u16; 3] = [0xc02f, 0xc030, 0xcca8];
/// Its suites in TLS 1.3.
const TLS13: [u16; 3] = [0x1301, 0x1302, 0x1303];
/// Its groups: X25519, P-256, P-384, and the hybrid one.
const CURVES: [u16; 3] = [29, 23, 24];
/// See [`CURVES`].
const HYBRID: u16 = 0x11ec;
/// Alerts (RFC 5246 7.2).
const HANDSHAKE_FAILURE: u8 = 40;
/// See [`HANDSHAKE_FAILURE`].
const PROTOCOL_VERSION: u8 = 70;

/// The certificates for a kind of key and a server name, leaf first; none where there is no such key.
pub type Chains = dyn Fn(Key, Option<&str>) -> Option<Vec<Vec<u8>>> + Send + Sync;

/// Whether the library of a repertoire completes a handshake with this client.
pub fn is_for_library(repertoire: &Repertoire, hello: &ClientHello) -> bool {
    let any = |suites: &[u16]| suites.iter().any(|suite| hello.offers(*suite));
    let by_rsa = repertoire.certificates == Certificates::Both;
    let (is_13, has_hybrid) = match repertoire.library {
        Library::None => return false,
        Library::Tls12 => (false, false),
        Library::Classical => (true, false),
        Library::Hybrid => (true, true),
    };
    let groups = hello.groups();
    let has_group = |hybrid: bool| match &groups {
        None => true,
        Some(groups) => groups
            .iter()
            .any(|group| CURVES.contains(group) || (hybrid && *group == HYBRID)),
    };
    let in_13 = is_13 && hello.speaks(0x0304) && any(&TLS13) && has_group(has_hybrid);
    let in_12 = hello.speaks(0x0303) && (any(&ECDSA) || by_rsa && any(&RSA)) && has_group(false);
    in_13 || in_12
}

/// Answers a hello. A client that goes on is turned away by alert 40: nobody here knows a key.
pub async fn serve(
    stream: &mut TcpStream,
    repertoire: &Repertoire,
    hello: &ClientHello,
    chains: &Chains,
) -> Result<()> {
    let answer = match hello.is_ssl2 {
        true => ssl2::server_hello(repertoire, hello, chains).ok_or(PROTOCOL_VERSION),
        false => flight::first(repertoire, hello, chains),
    };
    match (answer, repertoire.refusal) {
        (Ok(flight), _) => {
            stream.write_all(&flight).await?;
            wait(stream).await?;
            say(stream, [flight[1], flight[2]], HANDSHAKE_FAILURE).await
        }
        (Err(alert), Refusal::Alert) => {
            let version = hello.version.clamp(0x0300, 0x0303).to_be_bytes();
            say(stream, version, alert).await
        }
        (Err(_), Refusal::Close) => Ok(()),
        (Err(_), Refusal::Reset) => stream.set_zero_linger(),
        (Err(_), Refusal::Silence) => wait(stream).await,
    }
}

async fn say(stream: &mut TcpStream, version: [u8; 2], alert: u8) -> Result<()> {
    let [major, minor] = version;
    stream
        .write_all(&[21, major, minor, 0, 2, 2, alert])
        .await?;
    stream.shutdown().await
}

/// Until the client says something or goes away.
async fn wait(stream: &mut TcpStream) -> Result<()> {
    let mut buffer = [0; 16_384];
    let next = timeout(PATIENCE, stream.read(&mut buffer)).await;
    next.unwrap_or(Ok(0)).map(drop)
}

/// Bytes that look like a secret's.
fn noise(count: usize) -> Vec<u8> {
    (0..count).map(|_| rand::random()).collect()
}
