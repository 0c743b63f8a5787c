//! The country's mail servers: one listener for each address where somebody listens, all in this
//! process. Certificates are made when somebody first asks for them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::country::servers::{Server, listens};
use crate::country::tls;
use crate::lab::national::manners::Serves;
use crate::lab::old_tls::Key;
use crate::lab::smtp::Host;
use crate::lab::tls::{Side, config};

/// Connections that wait to be accepted at one address.
const BACKLOG: u32 = 64;

/// `connections.csv`: every connection when it is accepted, for who wants to check budgets from the
/// servers' side.
pub struct Journal(Mutex<BufWriter<File>>);

impl Journal {
    /// Begins an empty one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path) -> io::Result<Arc<Self>> {
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(file, "unix_us,server,manner")?;
        Ok(Arc::new(Self(Mutex::new(file))))
    }

    fn accepted(&self, server: Ipv4Addr, manner: &str) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let mut file = self.0.lock().expect("a journal");
        // A full disk shows in what is missing.
        let _ = writeln!(file, "{},{server},{manner}", now.as_micros());
    }

    /// Writes out what is gathered.
    pub fn flush(&self) {
        let _ = self.0.lock().expect("a journal").flush();
    }
}

/// Starts every server, and flushes the journal every second.
///
/// # Errors
/// When an address cannot be listened on.
pub fn start(
    servers: &HashMap<Ipv4Addr, Server>,
    authority: &Arc<Authority>,
    journal: &Arc<Journal>,
) -> io::Result<usize> {
    let mut started = 0;
    for (ip, server) in servers.iter().filter(|(_, server)| listens(server)) {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((*ip, 25)))?;
        let listener = socket.listen(BACKLOG)?;
        let own = Arc::new(Own {
            ip: *ip,
            server: server.clone(),
            authority: authority.clone(),
            side: OnceLock::new(),
        });
        tokio::spawn(listen(listener, own, journal.clone()));
        started += 1;
    }
    let journal = journal.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            journal.flush();
        }
    });
    Ok(started)
}

/// One address.
struct Own {
    ip: Ipv4Addr,
    server: Server,
    authority: Arc<Authority>,
    side: OnceLock<Side>,
}

async fn listen(listener: TcpListener, own: Arc<Own>, journal: Arc<Journal>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors: those in use come back.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        journal.accepted(own.ip, own.server.manner().name);
        let _ = stream.set_nodelay(true);
        let own = own.clone();
        tokio::spawn(async move {
            let Serves::Server(manner) = own.server.manner().serves else {
                return;
            };
            let side = own.side.get_or_init(|| own.side());
            let host = Host {
                name: &own.server.name,
                manner,
                acceptor: &side.acceptor,
                chains: &*side.chains,
                log: None,
            };
            // How a peer leaves is its own affair.
            let _ = host.serve(stream).await;
        });
    }
}

impl Own {
    fn side(&self) -> Side {
        let library = tls::repertoire(self.server.manner()).library;
        let certificates = Arc::new(Certificates {
            server: self.server.clone(),
            authority: self.authority.clone(),
            made: Mutex::default(),
            made_rsa: Mutex::default(),
        });
        let mut config = config(library, certificates.clone());
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Side {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            chains: Arc::new(move |key, name| certificates.chain(key, name)),
        }
    }
}

/// The certificates of one address, by name.
struct Certificates {
    server: Server,
    authority: Arc<Authority>,
    made: Mutex<HashMap<String, Arc<CertifiedKey>>>,
    /// Chains by RSA.
    made_rsa: Mutex<HashMap<String, Vec<Vec<u8>>>>,
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "certificates of {}", self.server.name)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.by_ecdsa(hello.server_name()))
    }
}

impl Certificates {
    fn by_ecdsa(&self, asked: Option<&str>) -> Arc<CertifiedKey> {
        let asked = asked.unwrap_or(&self.server.name);
        let name = self.server.certified(asked).to_owned();
        let mut made = self.made.lock().expect("certificates");
        let make = || {
            let kind = self.server.manner().certificate;
            Arc::new(self.authority.certify(&self.server.name, &name, kind))
        };
        made.entry(name.clone()).or_insert_with(make).clone()
    }

    /// For hellos that the library has no part in.
    fn chain(&self, key: Key, asked: Option<&str>) -> Option<Vec<Vec<u8>>> {
        let (by_ecdsa, by_rsa) = tls::repertoire(self.server.manner()).keys();
        match key {
            Key::Ecdsa if by_ecdsa => {
                let chain = &self.by_ecdsa(asked).cert;
                Some(chain.iter().map(|der| der.to_vec()).collect())
            }
            Key::Rsa if by_rsa => {
                let own = &self.server.name;
                let name = self.server.certified(asked.unwrap_or(own));
                let bits = self.server.rsa_bits();
                let make = || self.authority.certify_rsa(own, name, bits);
                let mut made = self.made_rsa.lock().expect("certificates");
                Some(made.entry(name.to_owned()).or_insert_with(make).clone())
            }
            _ => None,
        }
    }
}
