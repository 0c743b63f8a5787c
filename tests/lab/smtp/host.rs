//! Who answers a connection: [`Host`].

use std::io::{Cursor, Result};
use std::sync::Mutex;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional, join};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::super::old_tls::{self, Chains, Repertoire};
use super::peer::{Peer, hold};
use super::talk::{commands, greet};
use super::{Log, Manner};

/// Who answers a connection.
pub struct Host<'a> {
    /// Its name in greetings.
    pub name: &'a str,
    /// How it behaves.
    pub manner: Manner,
    /// Its side of handshakes.
    pub acceptor: &'a TlsAcceptor,
    /// Its certificates in handshakes that the acceptor has no part in.
    pub chains: &'a Chains,
    /// Where it notes what it is told.
    pub log: Option<&'a Mutex<Log>>,
}

impl Host<'_> {
    /// Serves one connection to its end.
    pub async fn serve(&self, stream: TcpStream) -> Result<()> {
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
            Manner::Speaks(repertoire) => self.speak(stream, repertoire).await,
            Manner::Forwards(address) => {
                let mut behind = TcpStream::connect(address).await?;
                copy_bidirectional(&mut stream, &mut behind).await.map(drop)
            }
            _ => self.behind_tls(stream).await,
        }
    }

    /// The library answers what it can; its hello is given back to it.
    async fn speak(&self, mut stream: TcpStream, repertoire: &Repertoire) -> Result<()> {
        let (hello, raw) = old_tls::read(&mut stream).await?;
        if !old_tls::is_for_library(repertoire, &hello) {
            return old_tls::serve(&mut stream, repertoire, &hello, self.chains).await;
        }
        let (reader, writer) = stream.into_split();
        self.behind_tls(join(Cursor::new(raw).chain(reader), writer))
            .await
    }

    async fn behind_tls(&self, stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<()> {
        let mut stream = self.acceptor.accept(stream).await?;
        match self.manner {
            Manner::HandshakeThenSilence => hold(&mut stream).await,
            Manner::HandshakeThenHangsUp => stream.shutdown().await,
            manner => {
                let mut peer = Peer::new(stream, "tls ", self);
                commands(&mut peer, manner).await.map(drop)
            }
        }
    }
}

/// Reads a whole TLS record, so that closing after it is no reset.
async fn hello(stream: &mut TcpStream) -> Result<()> {
    let mut header = [0; 5];
    stream.read_exact(&mut header).await?;
    let mut record = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    stream.read_exact(&mut record).await?;
    Ok(())
}
