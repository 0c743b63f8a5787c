//! TLS servers of other people, each a process of its own that ends with the test.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A running server.
pub struct Peer {
    /// Where it listens.
    pub address: SocketAddr,
    process: Child,
    _dir: TempDir,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `openssl s_server` with a self-signed certificate of this kind (`rsa:2048`, `ec:P-256`, `ed448:`) and these
/// options. Everything that the library has is allowed.
pub fn openssl(key: &str, options: &[&str]) -> Peer {
    let port = free_port();
    let mut command = Command::new("openssl");
    command
        .args(["s_server", "-quiet", "-accept", &port.to_string()])
        .args(["-cert", "leaf.pem", "-key", "key.pem"])
        .args(options)
        .env("OPENSSL_CONF", "/dev/null");
    start(command, key, port)
}

/// `gnutls-serv` in the same way, with these priorities.
pub fn gnutls(key: &str, priorities: &str) -> Peer {
    let port = free_port();
    let mut command = Command::new("gnutls-serv");
    command
        .args(["--quiet", "--echo", "--port", &port.to_string()])
        .args(["--x509certfile", "leaf.pem", "--x509keyfile", "key.pem"])
        .args(["--priority", priorities]);
    start(command, key, port)
}

fn start(mut command: Command, key: &str, port: u16) -> Peer {
    let dir = tempfile::tempdir().unwrap();
    certificate(dir.path(), key);
    let mut process = command
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("scripts/test installs it");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    wait(address, &mut process);
    Peer {
        address,
        process,
        _dir: dir,
    }
}

fn certificate(dir: &Path, key: &str) {
    let mut command = Command::new("openssl");
    command
        .args([
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=mail.example.cz",
        ])
        .args(["-keyout", "key.pem", "-out", "leaf.pem"]);
    match key.split_once(':').unwrap() {
        ("ec", curve) => command
            .args(["-newkey", "ec", "-pkeyopt"])
            .arg(format!("ec_paramgen_curve:{curve}")),
        (kind, "") => command.args(["-newkey", kind]),
        _ => command.args(["-newkey", key]),
    };
    let done = command.current_dir(dir).output().expect("openssl");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Waits until a server listens.
fn wait(address: SocketAddr, process: &mut Child) {
    let start = std::time::Instant::now();
    while std::net::TcpStream::connect(address).is_err() {
        assert!(process.try_wait().unwrap().is_none(), "the server ended");
        assert!(start.elapsed() < super::LONG, "the server does not listen");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
