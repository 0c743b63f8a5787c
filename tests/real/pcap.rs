//! What went over port 25, by tcpdump: packets put together to conversations.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use super::lab::lab;

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

/// A running tcpdump.
pub struct Capture {
    child: Child,
    stderr: BufReader<ChildStderr>,
    path: PathBuf,
}

impl Capture {
    /// Starts to watch port 25 of the lab; returns when the kernel watches.
    pub fn start(path: &Path) -> Self {
        let mut child = lab()
            .inside("tcpdump")
            .args(["-Z", "root", "-U", "-n", "-i", "lo", "-B", "16384", "-w"])
            .arg(path)
            .arg("tcp port 25")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("tcpdump, which the lab installs");
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut line = String::new();
        while !line.contains("listening on") {
            line.clear();
            let read = stderr.read_line(&mut line).expect("words of tcpdump");
            assert!(read > 0, "tcpdump ended");
        }
        let path = path.to_owned();
        Self {
            child,
            stderr,
            path,
        }
    }

    /// Ends it; nothing may have been lost.
    pub fn stop(mut self) -> PathBuf {
        // What was sent last is still on its way to tcpdump.
        std::thread::sleep(std::time::Duration::from_millis(500));
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-INT", &pid]).status();
        assert!(killed.expect("kill").success());
        self.child.wait().expect("a child of ours");
        let mut words = String::new();
        self.stderr.read_to_string(&mut words).expect("text");
        assert!(words.contains("\n0 packets dropped"), "{words}");
        self.path.clone()
    }
}

/// A test that fails leaves no tcpdump behind: the lab does not take it along.
impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One TCP connection to port 25.
#[derive(Debug)]
pub struct Connection {
    /// The mail server.
    pub server: IpAddr,
    /// When the first SYN was sent, in microseconds.
    pub opened: u64,
    /// When either side closed it, or the last packet.
    pub closed: u64,
    /// Bytes of the client.
    pub client: Vec<u8>,
    /// Bytes of the server.
    pub replies: Vec<u8>,
}

/// The connections of a capture, by the time of their SYN. SYNs sent again are one connection.
pub fn connections(path: &Path) -> Vec<Connection> {
    let bytes = fs::read(path).expect("a capture");
    assert_eq!(
        bytes[..4],
        [0xd4, 0xc3, 0xb2, 0xa1],
        "little-endian, microseconds"
    );
    assert_eq!(number(&bytes[20..24]), 1, "Ethernet, as on lo");
    // By server, client and the client's first sequence number: ports come back.
    let mut open: BTreeMap<(IpAddr, u16), Flow> = BTreeMap::new();
    let mut done = Vec::new();
    let mut rest = &bytes[24..];
    while rest.len() >= 16 {
        let at = u64::from(number(&rest[..4])) * 1_000_000 + u64::from(number(&rest[4..8]));
        let length = number(&rest[8..12]) as usize;
        let packet = Packet::read(&rest[16..16 + length]);
        rest = &rest[16 + length..];
        let key = (packet.server, packet.port);
        if packet.flags & (SYN | ACK) == SYN {
            let again = open.get(&key).is_some_and(|flow| flow.first == packet.seq);
            if !again {
                let flow = Flow::new(at, packet.seq);
                done.extend(open.insert(key, flow).map(|flow| flow.end(key.0)));
            }
        }
        if let Some(flow) = open.get_mut(&key) {
            flow.add(at, &packet);
        }
    }
    done.extend(open.into_iter().map(|(key, flow)| flow.end(key.0)));
    done.sort_by_key(|connection| connection.opened);
    done
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes.try_into().expect("four bytes"))
}

/// One TCP segment from or to port 25.
struct Packet {
    server: IpAddr,
    port: u16,
    from_client: bool,
    seq: u32,
    flags: u8,
    data: Vec<u8>,
}

impl Packet {
    fn read(frame: &[u8]) -> Self {
        let (addresses, tcp): ((IpAddr, IpAddr), &[u8]) = match frame[12..14] {
            [0x08, 0x00] => {
                let ip = &frame[14..];
                let at = |from: usize| {
                    let bytes: [u8; 4] = ip[from..from + 4].try_into().expect("four bytes");
                    IpAddr::from(Ipv4Addr::from(bytes))
                };
                let total = usize::from(u16::from_be_bytes([ip[2], ip[3]]));
                ((at(12), at(16)), &ip[usize::from(ip[0] & 15) * 4..total])
            }
            [0x86, 0xdd] => {
                let ip = &frame[14..];
                let at = |from: usize| {
                    let bytes: [u8; 16] = ip[from..from + 16].try_into().expect("sixteen bytes");
                    IpAddr::from(Ipv6Addr::from(bytes))
                };
                let total = usize::from(u16::from_be_bytes([ip[4], ip[5]]));
                ((at(8), at(24)), &ip[40..40 + total])
            }
            ref other => panic!("neither IPv4 nor IPv6: {other:?}"),
        };
        let ports = [&tcp[..2], &tcp[2..4]].map(|port| u16::from_be_bytes([port[0], port[1]]));
        let from_client = ports[1] == 25;
        Self {
            server: if from_client {
                addresses.1
            } else {
                addresses.0
            },
            port: if from_client { ports[0] } else { ports[1] },
            from_client,
            seq: u32::from_be_bytes(tcp[4..8].try_into().expect("four bytes")),
            flags: tcp[13],
            data: tcp[usize::from(tcp[12] >> 4) * 4..].to_vec(),
        }
    }
}

/// A connection that is being put together.
struct Flow {
    opened: u64,
    last: u64,
    closed: Option<u64>,
    /// First sequence number of the client, and of the server.
    first: u32,
    servers_first: Option<u32>,
    bytes: [BTreeMap<u32, Vec<u8>>; 2],
}

impl Flow {
    fn new(opened: u64, first: u32) -> Self {
        Self {
            opened,
            last: opened,
            closed: None,
            first,
            servers_first: None,
            bytes: Default::default(),
        }
    }

    fn add(&mut self, at: u64, packet: &Packet) {
        self.last = at;
        if packet.flags & (FIN | RST) != 0 {
            self.closed.get_or_insert(at);
        }
        if !packet.from_client && packet.flags & SYN != 0 {
            self.servers_first = Some(packet.seq);
        }
        let first = match packet.from_client {
            true => self.first,
            false => self.servers_first.unwrap_or(packet.seq),
        };
        if !packet.data.is_empty() {
            let place = packet.seq.wrapping_sub(first);
            let side = usize::from(!packet.from_client);
            self.bytes[side].insert(place, packet.data.clone());
        }
    }

    fn end(self, server: IpAddr) -> Connection {
        let [client, replies] = self.bytes.map(joined);
        Connection {
            server,
            opened: self.opened,
            closed: self.closed.unwrap_or(self.last),
            client,
            replies,
        }
    }
}

/// Segments by their place, the first byte being at 1; what was sent again is left out.
fn joined(segments: BTreeMap<u32, Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (place, data) in segments {
        let there = bytes.len() + 1 - place as usize;
        bytes.extend(data.into_iter().skip(there));
    }
    bytes
}
