//! The servers of MTA-STS policies (RFC 8461 3.3): one address for each domain, HTTPS as each of
//! them wants it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::server::NoServerSessionStorage;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::country::policies::sts::Served;
use crate::country::{Country, plan};
use crate::lab::national::manners::Certificate;

/// Where the policy stands.
const PATH: &str = "/.well-known/mta-sts.txt";
/// More than anybody reads, in bytes.
const TOO_LARGE: usize = 1 << 20;
/// Longest head of a request, in bytes.
const HEAD: usize = 8 << 10;
/// How long a server that says nothing does so.
const FOREVER: Duration = Duration::from_secs(600);

/// One server.
struct Policy {
    /// Its name.
    host: String,
    served: Served,
    /// What it sends where it sends a policy.
    body: String,
}

/// Starts every server; says how many.
///
/// # Errors
/// When an address cannot be listened on.
pub fn start(country: &Country, authority: &Arc<Authority>) -> io::Result<usize> {
    let domains = country
        .numbers()
        .filter_map(|number| country.listed(number));
    let mut started = 0;
    for domain in domains.filter(|domain| country.has_policy_host(domain)) {
        let served = domain.policies.served;
        if matches!(
            served,
            Served::Refused | Served::NoAddress | Served::Special
        ) {
            continue;
        }
        let body = served.policy().map(|policy| {
            let patterns = country.sts_patterns(&domain, policy);
            policy.body(&patterns)
        });
        let policy = Policy {
            host: format!("mta-sts.{}", domain.name),
            served,
            body: body.unwrap_or_default(),
        };
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((plan::policy(domain.number), 443)))?;
        let listener = socket.listen(16)?;
        tokio::spawn(listen(listener, Arc::new(policy), authority.clone()));
        started += 1;
    }
    Ok(started)
}

async fn listen(listener: TcpListener, policy: Arc<Policy>, authority: Arc<Authority>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors: those in use come back.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (policy, authority) = (policy.clone(), authority.clone());
        tokio::spawn(async move {
            // How a peer leaves is its own affair.
            let _ = policy.serve(stream, &authority).await;
        });
    }
}

impl Policy {
    async fn serve(&self, mut stream: TcpStream, authority: &Authority) -> io::Result<()> {
        match self.served {
            Served::Tarpit => {
                let mut ignored = [0; 1_024];
                let wait = async {
                    while stream.read(&mut ignored).await? > 0 {}
                    Ok(())
                };
                return tokio::time::timeout(FOREVER, wait).await.unwrap_or(Ok(()));
            }
            Served::Alert => {
                let mut hello = [0; 1_024];
                let _ = stream.read(&mut hello).await?;
                // handshake_failure (RFC 8446 6.2).
                stream.write_all(&[21, 3, 3, 0, 2, 2, 40]).await?;
                return stream.shutdown().await;
            }
            _ => {}
        }
        let mut stream = self.acceptor(authority).accept(stream).await?;
        let Some(path) = path(&mut stream).await? else {
            return Ok(());
        };
        stream.write_all(&self.answer(&path)).await?;
        stream.shutdown().await
    }

    fn acceptor(&self, authority: &Authority) -> TlsAcceptor {
        let kind = match self.served {
            Served::Expired => Certificate::Expired,
            Served::SelfSigned => Certificate::SelfSigned,
            _ => Certificate::Good,
        };
        let name = match self.served {
            Served::WrongName => "another-name.example",
            _ => &self.host,
        };
        let key = Arc::new(authority.certify(&self.host, name, kind));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions of the library")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(key)));
        config.session_storage = Arc::new(NoServerSessionStorage {});
        TlsAcceptor::from(Arc::new(config))
    }

    fn answer(&self, path: &str) -> Vec<u8> {
        let plain = "text/plain; charset=utf-8";
        let page = "<!doctype html><title>Hello</title><script>alert(1)</script>";
        if path != PATH {
            return response(404, plain, "", "not here\n");
        }
        if let Some(policy) = self.served.policy() {
            return response(200, policy.content_type(), "", &self.body);
        }
        match self.served {
            Served::Status(status) => response(status, plain, "", "nothing\n"),
            Served::Moved => {
                let to = format!("Location: https://{}/policy.txt\r\n", self.host);
                response(301, plain, &to, "elsewhere\n")
            }
            Served::TooLarge => response(200, plain, "", &"x".repeat(TOO_LARGE)),
            _ => response(200, "text/html", "", page),
        }
    }
}

/// The path of a request for a name; none where the peer goes away.
async fn path(stream: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut buffer = [0; 1_024];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let read = stream.read(&mut buffer).await?;
        if read == 0 || head.len() > HEAD {
            return Ok(None);
        }
        head.extend_from_slice(&buffer[..read]);
    }
    let head = String::from_utf8_lossy(&head);
    Ok(head.split(' ').nth(1).map(str::to_owned))
}

fn response(status: u16, kind: &str, more: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Whatever\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}\
         Connection: close\r\n\r\n"
    );
    [head.as_bytes(), body.as_bytes()].concat()
}
