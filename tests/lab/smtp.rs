//! Mail servers that misbehave, one way each.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::tls;

/// How long a server that answers nothing keeps the connection open: longer than anybody waits.
const FOREVER: Duration = Duration::from_secs(180);
/// How long a server thinks before it answers QUIT, long enough to see a hasty close, or before it
/// resets.
const THOUGHT: Duration = Duration::from_millis(50);

/// How a server behaves. What is not said is done as [`Manner::Polite`] does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Greets, offers STARTTLS, speaks TLS 1.3, says goodbye.
    Polite,
    /// Greets after a while.
    GreetsSlowly(Duration),
    /// Accepts the connection and says nothing.
    Silent,
    /// Sends one byte of a line that never ends every 20 ms.
    DripsForever,
    /// Closes instead of greeting.
    HangsUp,
    /// Closes in the middle of the greeting.
    HangsUpInGreeting,
    /// Greets and closes instead of answering EHLO.
    HangsUpAfterGreeting,
    /// Resets the connection instead of greeting.
    Resets,
    /// Sends one line without an end, as fast as it is read.
    EndlessBanner,
    /// Sends lines of a greeting without an end, as fast as they are read.
    EndlessMultilineBanner,
    /// Greets with a line of 600 bytes.
    LongLine,
    /// Greets with this code.
    Greets(u16),
    /// Greets with bytes that act on terminals.
    BinaryBanner,
    /// Speaks SSH.
    NotSmtp,
    /// Greets with two codes in one reply.
    MixedCodes,
    /// Answers EHLO with this code.
    AnswersEhlo(u16),
    /// Knows HELO only (RFC 821).
    HeloOnly,
    /// Greets and never answers EHLO.
    SilentAfterGreeting,
    /// Answers EHLO with lines without an end, as fast as they are read.
    EndlessEhlo,
    /// Has no STARTTLS.
    NoStarttls,
    /// Sits behind a box that overwrites STARTTLS.
    Stripped,
    /// Writes its extensions in lower case.
    LowerCase,
    /// Answers STARTTLS with this code.
    AnswersStarttls(u16),
    /// Closes instead of answering STARTTLS.
    HangsUpOnStarttls,
    /// Never answers STARTTLS.
    SilentOnStarttls,
    /// Answers STARTTLS with 220 and goes on in clear text.
    StarttlsThenPlain,
    /// Sends more clear text in the same segment as the 220, then shakes hands.
    InjectsAfter220,
    /// Answers STARTTLS with 220 and says nothing more.
    StarttlsThenSilence,
    /// Answers the ClientHello with the alert of this number.
    TlsAlert(u8),
    /// Resets the connection once it has the ClientHello.
    TlsReset,
    /// Closes the connection once it has the ClientHello.
    TlsHangsUp,
    /// Speaks no TLS newer than 1.2.
    Tls12Only,
    /// Sends this many certificates.
    HugeChain(usize),
    /// Completes the handshake and says nothing more.
    HandshakeThenSilence,
    /// Completes the handshake and closes.
    HandshakeThenHangsUp,
    /// Never answers QUIT.
    SilentOnQuit,
}

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
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Log::default()));
        let acceptor = match manners[0] {
            Manner::Tls12Only => tls::only_1_2(),
            Manner::HugeChain(certificates) => tls::huge_chain(certificates),
            _ => tls::server(),
        };
        let name = name.to_owned();
        let manners = manners.to_vec();
        tokio::spawn(listen(listener, name, manners, acceptor, log.clone()));
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
    acceptor: TlsAcceptor,
    log: Arc<Mutex<Log>>,
) {
    let mut turns = manners.iter().copied();
    let last = manners[manners.len() - 1];
    while let Ok((stream, peer)) = listener.accept().await {
        log.lock().unwrap().accepted(peer);
        let (acceptor, log) = (acceptor.clone(), log.clone());
        let (name, manner) = (name.clone(), turns.next().unwrap_or(last));
        tokio::spawn(async move {
            // A peer that went away in the middle is what some of the tests are about.
            let host = Host {
                name: &name,
                manner,
                acceptor: &acceptor,
                log: Some(&log),
            };
            let _ = host.serve(stream).await;
            log.lock().unwrap().open.retain(|open| *open != peer);
        });
    }
}

/// Who answers a connection.
pub struct Host<'a> {
    /// Its name in greetings.
    pub name: &'a str,
    /// How it behaves.
    pub manner: Manner,
    /// Its side of handshakes.
    pub acceptor: &'a TlsAcceptor,
    /// Where it notes what it is told.
    pub log: Option<&'a Mutex<Log>>,
}

impl Host<'_> {
    /// Serves one connection to its end.
    pub async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let manner = self.manner;
        let mut peer = Peer::new(stream, "", self);
        if !greet(&mut peer, manner).await? {
            return Ok(());
        }
        if !commands(&mut peer, manner).await? {
            return Ok(());
        }
        let mut stream = peer.stream;
        match manner {
            Manner::StarttlsThenSilence => hold(&mut stream).await,
            Manner::StarttlsThenPlain => {
                // Sent right behind the 220 it would be an injection.
                hello(&mut stream).await?;
                stream.write_all(b"250 and so we go on\r\n").await?;
                hold(&mut stream).await
            }
            Manner::TlsAlert(number) => {
                hello(&mut stream).await?;
                stream.write_all(&[21, 3, 3, 0, 2, 2, number]).await?;
                hold(&mut stream).await
            }
            Manner::TlsReset => {
                hello(&mut stream).await?;
                stream.set_zero_linger()
            }
            Manner::TlsHangsUp => hello(&mut stream).await,
            _ => {
                let mut stream = self.acceptor.accept(stream).await?;
                match manner {
                    Manner::HandshakeThenSilence => hold(&mut stream).await,
                    Manner::HandshakeThenHangsUp => stream.shutdown().await,
                    _ => commands(&mut Peer::new(stream, "tls ", self), manner)
                        .await
                        .map(drop),
                }
            }
        }
    }
}

/// Says whether the conversation goes on.
async fn greet(peer: &mut Peer<'_, '_, TcpStream>, manner: Manner) -> std::io::Result<bool> {
    match manner {
        Manner::Silent => hold(&mut peer.stream).await?,
        Manner::DripsForever => loop {
            peer.say(b"2").await?;
            sleep(Duration::from_millis(20)).await;
        },
        Manner::HangsUp => {}
        Manner::HangsUpInGreeting => peer.say(b"220-mail.exam").await?,
        Manner::Resets => {
            // The peer shall see the connection before it sees the end of it.
            sleep(THOUGHT).await;
            peer.stream.set_zero_linger()?;
        }
        Manner::EndlessBanner => loop {
            peer.say(&[b'2'; 512]).await?;
        },
        Manner::EndlessMultilineBanner => loop {
            peer.say(b"220-and one more thing\r\n").await?;
        },
        Manner::NotSmtp => {
            peer.say(b"SSH-2.0-OpenSSH_9.2p1\r\n").await?;
            hold(&mut peer.stream).await?;
        }
        Manner::MixedCodes => {
            peer.say(b"220-welcome\r\n421 or not\r\n").await?;
            hold(&mut peer.stream).await?;
        }
        Manner::GreetsSlowly(after) => {
            sleep(after).await;
            peer.greet().await?;
            return Ok(true);
        }
        Manner::LongLine => {
            let line = format!("220 {}\r\n", "x".repeat(594));
            peer.say(line.as_bytes()).await?;
            return Ok(true);
        }
        Manner::Greets(code) => {
            peer.say(format!("{code} not now\r\n").as_bytes()).await?;
            return Ok(true);
        }
        Manner::BinaryBanner => {
            peer.say(b"220 \x1b[2J\x07\xff\\\r\n").await?;
            return Ok(true);
        }
        Manner::HangsUpAfterGreeting => {
            peer.greet().await?;
            peer.line().await?;
        }
        _ => {
            peer.greet().await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Answers commands; says whether a handshake follows.
async fn commands<S: AsyncRead + AsyncWrite + Unpin>(
    peer: &mut Peer<'_, '_, S>,
    manner: Manner,
) -> std::io::Result<bool> {
    let clear = peer.prefix.is_empty();
    while let Some(line) = peer.line().await? {
        // Verbs have no case (RFC 5321 2.4).
        let verb = line.split(' ').next().unwrap_or_default();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" if manner == Manner::EndlessEhlo => loop {
                peer.say(b"250-and one more thing\r\n").await?;
            },
            "EHLO" if clear => match extensions(manner, peer.host.name) {
                Some(reply) => peer.say(&reply).await?,
                None => hold(&mut peer.stream).await?,
            },
            "EHLO" => {
                let reply = format!("250-{}\r\n250 AUTH PLAIN\r\n", peer.host.name);
                peer.say(reply.as_bytes()).await?
            }
            "HELO" if manner == Manner::HeloOnly => peer.say(b"250 hello\r\n").await?,
            "STARTTLS" if clear => match manner {
                Manner::AnswersStarttls(code) => {
                    peer.say(format!("{code} no\r\n").as_bytes()).await?;
                }
                Manner::HangsUpOnStarttls => return Ok(false),
                Manner::SilentOnStarttls => hold(&mut peer.stream).await?,
                Manner::InjectsAfter220 => {
                    peer.say(b"220 go on\r\n250 INJECTED\r\n").await?;
                    return Ok(true);
                }
                _ => {
                    peer.say(b"220 go on\r\n").await?;
                    return Ok(true);
                }
            },
            "QUIT" if manner == Manner::SilentOnQuit => hold(&mut peer.stream).await?,
            "QUIT" => {
                peer.part().await?;
                return Ok(false);
            }
            _ => peer.say(b"502 what?\r\n").await?,
        }
    }
    Ok(false)
}

fn extensions(manner: Manner, name: &str) -> Option<Vec<u8>> {
    let offer = match manner {
        Manner::SilentAfterGreeting => return None,
        Manner::HeloOnly => return Some(b"502 HELO is enough\r\n".to_vec()),
        Manner::AnswersEhlo(code) => return Some(format!("{code} no\r\n").into_bytes()),
        Manner::NoStarttls => "8BITMIME",
        Manner::Stripped => "XXXXXXXA",
        Manner::LowerCase => "starttls",
        _ => "STARTTLS",
    };
    let reply = format!("250-{name}\r\n250-SIZE 1000000\r\n250 {offer}\r\n");
    Some(reply.into_bytes())
}

/// Waits for the peer to go away, and takes whatever it says.
async fn hold<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<()> {
    let mut buffer = [0; 1_024];
    let wait = async {
        while stream.read(&mut buffer).await? > 0 {}
        Ok(())
    };
    timeout(FOREVER, wait).await.unwrap_or(Ok(()))
}

/// Reads a whole TLS record, so that closing after it is no reset.
async fn hello(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut header = [0; 5];
    stream.read_exact(&mut header).await?;
    let mut record = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    stream.read_exact(&mut record).await?;
    Ok(())
}

/// A peer whose lines are logged.
struct Peer<'h, 'a, S> {
    stream: S,
    prefix: &'static str,
    host: &'h Host<'a>,
}

impl<'h, 'a, S: AsyncRead + AsyncWrite + Unpin> Peer<'h, 'a, S> {
    fn new(stream: S, prefix: &'static str, host: &'h Host<'a>) -> Self {
        Self {
            stream,
            prefix,
            host,
        }
    }

    fn log(&self) -> Option<MutexGuard<'a, Log>> {
        self.host.log.map(|log| log.lock().unwrap())
    }

    async fn greet(&mut self) -> std::io::Result<()> {
        let greeting = format!("220 {} ESMTP\r\n", self.host.name);
        self.say(greeting.as_bytes()).await
    }

    async fn say(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// One line, byte by byte: what follows it belongs to somebody else.
    async fn line(&mut self) -> std::io::Result<Option<String>> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            if self.stream.read(&mut byte).await? == 0 {
                return Ok(None);
            }
            line.push(byte[0]);
        }
        line.truncate(line.len() - 2);
        let line = String::from_utf8_lossy(&line).into_owned();
        let logged = format!("{}{line}", self.prefix);
        if let Some(mut log) = self.log() {
            log.lines.push(logged);
        }
        Ok(Some(line))
    }

    /// Answers QUIT, and notes in which order the two sides part.
    async fn part(&mut self) -> std::io::Result<()> {
        let mut buffer = [0; 64];
        if self.host.log.is_some() {
            let early = timeout(THOUGHT, self.stream.read(&mut buffer)).await;
            if let Some(mut log) = self.log() {
                log.hasty |= early.is_ok();
            }
        }
        self.say(b"221 bye\r\n").await?;
        let end = timeout(FOREVER, self.stream.read(&mut buffer)).await;
        if let Some(mut log) = self.log() {
            log.parted |= matches!(end, Ok(Ok(0)));
        }
        Ok(())
    }
}
