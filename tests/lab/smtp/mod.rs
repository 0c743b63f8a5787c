//! Mail servers on demand, one way each: [`Manner`] has the ways, [`Server`] runs one of them,
//! [`Host`] answers a connection.

mod host;
mod manner;
mod peer;
mod talk;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::time::sleep;

use super::tls::{self, Side};

pub use host::Host;
pub use manner::Manner;
pub use peer::read_line;

/// What a server was told.
#[derive(Debug, Default)]
pub struct Log {
    /// Every line received; those inside TLS start with `tls `.
    pub lines: Vec<String>,
    /// Connections accepted.
    pub connections: usize,
    /// When each of them was.
    pub accepted: Vec<Instant>,
    /// Connections whose end was not seen yet, by the address of the peer.
    open: Vec<SocketAddr>,
    /// The most connections that were open at a time.
    pub most_open: usize,
    /// Whether a peer closed or talked on while the answer to QUIT was not there yet.
    pub hasty: bool,
    /// Whether a peer closed after the answer to QUIT.
    pub parted: bool,
}

impl Log {
    fn accepted(&mut self, peer: SocketAddr) {
        self.connections += 1;
        self.accepted.push(Instant::now());
        self.open.push(peer);
        let open = self.open.iter().filter(|peer| is_open(**peer)).count();
        self.most_open = self.most_open.max(open);
    }
}

/// Whether the kernel has not seen the end of the connection from there. The task that serves it
/// may see that later than the next connection.
fn is_open(peer: SocketAddr) -> bool {
    const ESTABLISHED: &str = "01";
    let SocketAddr::V4(peer) = peer else {
        panic!("{peer} is not IPv4")
    };
    let ip = u32::from_ne_bytes(peer.ip().octets());
    let remote = format!("{ip:08X}:{:04X}", peer.port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().any(|line| {
        let mut words = line.split_ascii_whitespace().skip(2);
        words.next() == Some(&remote) && words.next() == Some(ESTABLISHED)
    })
}

/// A mail server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

impl Server {
    /// Starts a server on 127.0.0.1.
    pub async fn start(manner: Manner) -> Self {
        Self::start_at([127, 0, 0, 1], manner).await
    }

    /// Starts a server on an address of its own.
    pub async fn start_at(ip: [u8; 4], manner: Manner) -> Self {
        let address = SocketAddr::from((ip, 0));
        Self::start_as(tls::HOST, address, &[manner]).await
    }

    /// Starts a server that greets by a name, with a manner for each connection; the last one stays.
    pub async fn start_as(name: &str, address: SocketAddr, manners: &[Manner]) -> Self {
        let side = match manners[0] {
            Manner::Tls12Only => tls::only_1_2(),
            Manner::HugeChain(certificates) => tls::huge_chain(certificates),
            Manner::Speaks(repertoire) => tls::of(repertoire),
            _ => tls::server(),
        };
        Self::start_with(name, address, manners, side).await
    }

    /// The same with a side of handshakes of its own.
    pub async fn start_with(
        name: &str,
        address: SocketAddr,
        manners: &[Manner],
        side: Side,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Log::default()));
        let name = name.to_owned();
        let manners = manners.to_vec();
        tokio::spawn(listen(listener, name, manners, side, log.clone()));
        Self { address, log }
    }

    /// What it was told so far.
    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    /// Waits until every connection is closed: the server notices that a little later than its
    /// peer.
    pub async fn finished(&self) -> MutexGuard<'_, Log> {
        let start = Instant::now();
        while !self.log().open.is_empty() {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "a connection stayed open"
            );
            sleep(Duration::from_millis(5)).await;
        }
        self.log()
    }
}

async fn listen(
    listener: TcpListener,
    name: String,
    manners: Vec<Manner>,
    side: Side,
    log: Arc<Mutex<Log>>,
) {
    let mut turns = manners.iter().copied();
    let last = manners[manners.len() - 1];
    while let Ok((stream, peer)) = listener.accept().await {
        log.lock().unwrap().accepted(peer);
        let (side, log) = (side.clone(), log.clone());
        let (name, manner) = (name.clone(), turns.next().unwrap_or(last));
        tokio::spawn(async move {
            // A peer that went away in the middle is what some of the tests are about.
            let host = Host {
                name: &name,
                manner,
                acceptor: &side.acceptor,
                chains: &*side.chains,
                log: Some(&log),
            };
            let _ = host.serve(stream).await;
            log.lock().unwrap().open.retain(|open| *open != peer);
        });
    }
}
