//! Web servers that misbehave, one way each.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

/// How long a server that answers nothing keeps the connection open: longer than anybody waits.
const FOREVER: Duration = Duration::from_secs(180);

/// How a server behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manner {
    /// Answers with these bytes, and says goodbye.
    Says(String),
    /// Answers with these bytes, and closes without goodbye.
    HangsUpAfter(String),
    /// Answers with these bytes, one every 20 ms, and then with zeros at the same pace.
    Drips(String),
    /// Answers with these bytes, and then with zeros without an end.
    Endless(String),
    /// Answers with these bytes again and again.
    Repeats(String),
    /// Takes the request and never answers.
    Silent,
    /// Answers the ClientHello with the alert of this number.
    Alert(u8),
    /// Answers the ClientHello in clear text.
    Plain,
    /// Resets the connection once it has the ClientHello.
    Resets,
    /// Never answers the ClientHello.
    SilentInHandshake,
}

/// An answer with a status line, header fields and a body of known length.
pub fn page(status: &str, fields: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {length}\r\n\r\n{body}")
}

/// What a server saw.
#[derive(Debug, Default)]
pub struct Log {
    /// Requests, header and all.
    pub requests: Vec<String>,
    /// Connections accepted.
    pub connections: usize,
    /// Bytes of answers that were taken from it.
    pub sent: usize,
}

/// A web server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

impl Server {
    /// Starts a server with a manner for each connection; the last one stays.
    pub async fn start(address: SocketAddr, acceptor: TlsAcceptor, manners: &[Manner]) -> Self {
        Self::start_as(address, Some(acceptor), manners).await
    }

    /// The same without TLS.
    pub async fn start_in_the_clear(address: SocketAddr, manners: &[Manner]) -> Self {
        Self::start_as(address, None, manners).await
    }

    async fn start_as(
        address: SocketAddr,
        acceptor: Option<TlsAcceptor>,
        manners: &[Manner],
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Log::default()));
        tokio::spawn(listen(listener, acceptor, manners.to_vec(), log.clone()));
        Self { address, log }
    }

    /// What it saw so far.
    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }
}

async fn listen(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    manners: Vec<Manner>,
    log: Arc<Mutex<Log>>,
) {
    let mut at = 0;
    while let Ok((stream, _)) = listener.accept().await {
        let manner = manners[at.min(manners.len() - 1)].clone();
        at += 1;
        log.lock().unwrap().connections += 1;
        let (acceptor, log) = (acceptor.clone(), log.clone());
        tokio::spawn(async move {
            // A peer that went away in the middle is what some of the tests are about.
            let _ = serve(stream, acceptor, manner, &log).await;
        });
    }
}

async fn serve(
    mut stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    manner: Manner,
    log: &Mutex<Log>,
) -> std::io::Result<()> {
    let mut hello = [0; 5];
    match manner {
        Manner::Alert(number) => {
            stream.read_exact(&mut hello).await?;
            stream.write_all(&[21, 3, 3, 0, 2, 2, number]).await?;
            sleep(FOREVER).await;
            return Ok(());
        }
        Manner::Plain => {
            stream.read_exact(&mut hello).await?;
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await?;
            sleep(FOREVER).await;
            return Ok(());
        }
        Manner::Resets => {
            stream.read_exact(&mut hello).await?;
            return stream.set_zero_linger();
        }
        Manner::SilentInHandshake => {
            sleep(FOREVER).await;
            return Ok(());
        }
        _ => {}
    }
    match acceptor {
        Some(acceptor) => talk(acceptor.accept(stream).await?, manner, log).await,
        None => talk(stream, manner, log).await,
    }
}

async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    manner: Manner,
    log: &Mutex<Log>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    log.lock().unwrap().requests.push(request);
    let sent = |bytes: usize| log.lock().unwrap().sent += bytes;
    match manner {
        Manner::Says(text) => {
            stream.write_all(text.as_bytes()).await?;
            stream.flush().await?;
            stream.shutdown().await
        }
        Manner::HangsUpAfter(text) => {
            stream.write_all(text.as_bytes()).await?;
            stream.flush().await
        }
        Manner::Drips(text) => {
            for byte in text.bytes().chain(std::iter::repeat(b'0')) {
                stream.write_all(&[byte]).await?;
                stream.flush().await?;
                sent(1);
                sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        }
        Manner::Endless(text) => {
            stream.write_all(text.as_bytes()).await?;
            loop {
                stream.write_all(&[b'0'; 16 * 1024]).await?;
                sent(16 * 1024);
            }
        }
        Manner::Repeats(text) => {
            let text = text.repeat(1_000);
            loop {
                stream.write_all(text.as_bytes()).await?;
                sent(text.len());
            }
        }
        _ => {
            sleep(FOREVER).await;
            Ok(())
        }
    }
}

/// A port that lets nobody in: packets to it vanish, as behind a firewall, for as long as this is kept.
pub struct Filtered {
    _listener: TcpListener,
    _first: TcpStream,
}

impl Filtered {
    /// Whoever comes after the first one finds the queue full.
    pub async fn start(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(address).unwrap();
        let listener = socket.listen(0).unwrap();
        let first = TcpStream::connect(address).await.unwrap();
        Self {
            _listener: listener,
            _first: first,
        }
    }
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// It has expired.
    Expired,
    /// It signed itself.
    SelfSigned,
}

/// A private certificate authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
}

impl Authority {
    /// A new one.
    pub fn new() -> Self {
        Self::named("Web CA")
    }

    /// A new one of this name.
    pub fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A certificate for a key.
    pub fn sign(&self, params: &CertificateParams, key: &KeyPair) -> CertificateDer<'static> {
        let signed = params.signed_by(key, &self.issuer);
        signed.unwrap().der().clone()
    }

    /// A server with a certificate for a name.
    pub fn acceptor(&self, name: &str, flaw: Flaw) -> TlsAcceptor {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        if flaw == Flaw::Expired {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let leaf = match flaw {
            Flaw::SelfSigned => params.self_signed(&key),
            _ => params.signed_by(&key, &self.issuer),
        };
        let chain: Vec<CertificateDer<'static>> = vec![leaf.unwrap().der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}
