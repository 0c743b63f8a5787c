//! Servers of mail clients, IMAP, POP3 and submission, that answer by a script.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::smtp::read_line;
use super::tls;

/// How long a server that answers nothing keeps the connection open: longer than anybody waits.
const FOREVER: Duration = Duration::from_secs(180);

/// What is done about a command.
#[derive(Debug, Clone)]
pub enum Act {
    /// This is said, with `TAG` for the tag of the command.
    Say(String),
    /// The same, and then hands are shaken.
    StartTls(String),
    /// This is said again and again.
    Endless(String),
    /// Nothing.
    Silence,
    /// The connection is closed.
    HangUp,
}

/// What a server does.
#[derive(Debug, Clone)]
pub struct Script {
    /// Whether TLS begins with the first byte.
    pub implicit: bool,
    /// What it does first.
    pub greeting: Act,
    /// What it does about commands; those inside TLS start with `tls `. The first that the line
    /// begins with counts.
    pub acts: Vec<(&'static str, Act)>,
}

/// Says something.
pub fn say(words: &str) -> Act {
    Act::Say(words.to_owned())
}

impl Script {
    /// IMAP with these capabilities, before TLS and in it.
    pub fn imap(clear: &str, inside: &str) -> Self {
        let list = |words: &str| say(&format!("* CAPABILITY IMAP4rev1{words}\r\nTAG OK done\r\n"));
        Self {
            implicit: false,
            greeting: say("* OK IMAP ready\r\n"),
            acts: vec![
                ("CAPABILITY", list(clear)),
                ("tls CAPABILITY", list(inside)),
                ("STARTTLS", Act::StartTls("TAG OK go on\r\n".to_owned())),
                ("LOGOUT", say("* BYE bye\r\nTAG OK done\r\n")),
                ("tls LOGOUT", say("* BYE bye\r\nTAG OK done\r\n")),
            ],
        }
    }

    /// POP3 with these capabilities, a line each.
    pub fn pop3(clear: &str, inside: &str) -> Self {
        let list = |words: &str| say(&format!("+OK here\r\nTOP\r\n{words}.\r\n"));
        Self {
            implicit: false,
            greeting: say("+OK POP3 ready\r\n"),
            acts: vec![
                ("CAPA", list(clear)),
                ("tls CAPA", list(inside)),
                ("STLS", Act::StartTls("+OK go on\r\n".to_owned())),
                ("QUIT", say("+OK bye\r\n")),
                ("tls QUIT", say("+OK bye\r\n")),
            ],
        }
    }

    /// Submission with these extensions, each as a whole line.
    pub fn submission(clear: &str, inside: &str) -> Self {
        let list = |words: &str| say(&format!("250-mail.example.cz\r\n{words}250 8BITMIME\r\n"));
        Self {
            implicit: false,
            greeting: say("220 mail.example.cz ESMTP\r\n"),
            acts: vec![
                ("EHLO", list(clear)),
                ("tls EHLO", list(inside)),
                ("STARTTLS", Act::StartTls("220 go on\r\n".to_owned())),
                ("QUIT", say("221 bye\r\n")),
                ("tls QUIT", say("221 bye\r\n")),
            ],
        }
    }

    /// The same inside TLS.
    pub fn inside_tls(mut self) -> Self {
        self.implicit = true;
        self
    }

    /// The same with something else first.
    pub fn greeting(mut self, act: Act) -> Self {
        self.greeting = act;
        self
    }

    /// The same, but that is done about a command.
    pub fn on(mut self, command: &'static str, act: Act) -> Self {
        self.acts.insert(0, (command, act));
        self
    }
}

/// What a server was told.
#[derive(Debug, Default)]
pub struct Log {
    /// Every line received, tags left away; those inside TLS start with `tls `.
    pub lines: Vec<String>,
    /// Connections accepted.
    pub connections: usize,
    /// Connections open now.
    open: usize,
    /// The most connections that were open at a time.
    pub most_open: usize,
}

/// A server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

impl Server {
    /// Starts a server with a certificate of its own.
    pub async fn start(address: SocketAddr, script: Script) -> Self {
        Self::start_with(address, script, tls::server().acceptor).await
    }

    /// The same with certificates that somebody else chose.
    pub async fn start_with(address: SocketAddr, script: Script, acceptor: TlsAcceptor) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Log::default()));
        tokio::spawn(listen(listener, Arc::new(script), acceptor, log.clone()));
        Self { address, log }
    }

    /// What it was told so far.
    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }
}

async fn listen(
    listener: TcpListener,
    script: Arc<Script>,
    acceptor: TlsAcceptor,
    log: Arc<Mutex<Log>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        {
            let mut log = log.lock().unwrap();
            log.connections += 1;
            log.open += 1;
            log.most_open = log.most_open.max(log.open);
        }
        let (script, acceptor, log) = (script.clone(), acceptor.clone(), log.clone());
        tokio::spawn(async move {
            // A peer that went away in the middle is what some of the tests are about.
            let _ = serve(stream, &script, &acceptor, &log).await;
            log.lock().unwrap().open -= 1;
        });
    }
}

async fn serve(
    stream: TcpStream,
    script: &Script,
    acceptor: &TlsAcceptor,
    log: &Mutex<Log>,
) -> std::io::Result<()> {
    if script.implicit {
        let stream = acceptor.accept(stream).await?;
        let mut peer = Peer::new(stream, "tls ", log);
        peer.act(&script.greeting, "").await?;
        return peer.commands(script).await.map(drop);
    }
    let mut peer = Peer::new(stream, "", log);
    peer.act(&script.greeting, "").await?;
    if peer.commands(script).await? {
        let stream = acceptor.accept(peer.stream).await?;
        Peer::new(stream, "tls ", log).commands(script).await?;
    }
    Ok(())
}

struct Peer<'a, S> {
    stream: S,
    prefix: &'static str,
    log: &'a Mutex<Log>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Peer<'a, S> {
    fn new(stream: S, prefix: &'static str, log: &'a Mutex<Log>) -> Self {
        Self {
            stream,
            prefix,
            log,
        }
    }

    /// Answers commands; says whether a handshake follows.
    async fn commands(&mut self, script: &Script) -> std::io::Result<bool> {
        while let Some(line) = read_line(&mut self.stream).await? {
            // The tag of IMAP is one letter.
            let (tag, command) = match line.split_once(' ') {
                Some((tag, command)) if tag.len() == 1 => (tag, command),
                _ => ("", line.as_str()),
            };
            let command = format!("{}{command}", self.prefix);
            self.log.lock().unwrap().lines.push(command.clone());
            let mut acts = script.acts.iter();
            let found = acts.find(|(start, _)| command.starts_with(start));
            let act = found.map_or(&Act::HangUp, |(_, act)| act);
            self.act(act, tag).await?;
            match act {
                Act::StartTls(_) => return Ok(true),
                Act::HangUp => return Ok(false),
                _ => {}
            }
        }
        Ok(false)
    }

    async fn act(&mut self, act: &Act, tag: &str) -> std::io::Result<()> {
        match act {
            Act::Say(words) | Act::StartTls(words) => {
                self.say(&words.replace("TAG", tag)).await?;
            }
            Act::Endless(words) => loop {
                self.say(words).await?;
            },
            Act::Silence => {
                let mut buffer = [0; 64];
                let wait =
                    async { while self.stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {} };
                let _ = timeout(FOREVER, wait).await;
            }
            Act::HangUp => {}
        }
        Ok(())
    }

    async fn say(&mut self, words: &str) -> std::io::Result<()> {
        self.stream.write_all(words.as_bytes()).await?;
        self.stream.flush().await
    }
}
