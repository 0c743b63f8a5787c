//! Many questions in flight over a few UDP sockets.
//!
//! Each socket has a random source port and is connected to its resolver; each question has a
//! random id. An answer counts only if id and question are those of a question in flight (RFC 5452
//! 9.1); anything else is dropped and the question goes on waiting.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_resolver::proto::op::{Header, Message, MessageType, Query};
use hickory_resolver::proto::serialize::binary::{BinDecodable, BinDecoder};
use tokio::net::UdpSocket;
use tokio::sync::oneshot;

use crate::pace::QueryLeave;

/// Sockets per resolver: enough that a resolver with several threads behind SO_REUSEPORT uses all
/// of them.
const SOCKETS: usize = 16;
/// The largest answer read.
const DATAGRAM: usize = 4_096;

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Nothing within the time allowed.
    Timeout,
    /// The resolver's machine says that nobody listens there, or the network does.
    Unreachable,
    /// An answer to this question came and could not be decoded.
    Malformed,
    /// This machine could not send.
    Local,
}

/// The sockets of one resolver.
pub struct Sockets {
    lanes: Vec<Arc<Lane>>,
    turn: AtomicUsize,
}

struct Lane {
    socket: UdpSocket,
    waiting: Mutex<HashMap<u16, Waiting>>,
}

struct Waiting {
    question: Query,
    answer: oneshot::Sender<Result<Message, Lost>>,
}

impl Sockets {
    /// Opens the sockets and starts to listen.
    ///
    /// # Errors
    /// When no socket can be opened or connected.
    pub async fn open(resolver: SocketAddr) -> std::io::Result<Self> {
        let any: IpAddr = match resolver {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let mut lanes = Vec::with_capacity(SOCKETS);
        for _ in 0..SOCKETS {
            let socket = UdpSocket::bind((any, 0)).await?;
            socket.connect(resolver).await?;
            let lane = Arc::new(Lane {
                socket,
                waiting: Mutex::default(),
            });
            tokio::spawn(listen(lane.clone()));
            lanes.push(lane);
        }
        Ok(Self {
            lanes,
            turn: AtomicUsize::new(0),
        })
    }

    /// Sends a question and waits for its answer.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn exchange(
        &self,
        _leave: QueryLeave,
        question: &mut Message,
        patience: Duration,
    ) -> Result<Message, Lost> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let lane = &self.lanes[turn % self.lanes.len()];
        let (id, answer) = lane.expect(question)?;
        let _forget = Forget { lane, id };
        question.metadata.id = id;
        let bytes = question.to_vec().map_err(|_| Lost::Local)?;
        lane.socket.send(&bytes).await.map_err(|err| unsent(&err))?;
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Lost::Local),
            Err(_) => Err(Lost::Timeout),
        }
    }
}

/// Takes a question out of the table when nobody waits for it any longer.
struct Forget<'a> {
    lane: &'a Lane,
    id: u16,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.lane.table().remove(&self.id);
    }
}

impl Lane {
    fn table(&self) -> MutexGuard<'_, HashMap<u16, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a question under an id that is free.
    #[allow(clippy::type_complexity)]
    fn expect(
        &self,
        message: &Message,
    ) -> Result<(u16, oneshot::Receiver<Result<Message, Lost>>), Lost> {
        let question = message.queries.first().cloned().ok_or(Lost::Local)?;
        let (sender, receiver) = oneshot::channel();
        let mut table = self.table();
        if table.len() > usize::from(u16::MAX) / 2 {
            return Err(Lost::Local);
        }
        let mut id = rand::random();
        while table.contains_key(&id) {
            id = rand::random();
        }
        table.insert(
            id,
            Waiting {
                question,
                answer: sender,
            },
        );
        Ok((id, receiver))
    }

    fn arrived(&self, bytes: &[u8]) {
        let Some((id, question)) = header(bytes) else {
            return;
        };
        let mut table = self.table();
        if table
            .get(&id)
            .is_none_or(|waiting| waiting.question != question)
        {
            return;
        }
        let Some(waiting) = table.remove(&id) else {
            return;
        };
        drop(table);
        let message = Message::from_vec(bytes).map_err(|_| Lost::Malformed);
        // Whoever asked may have given up.
        let _ = waiting.answer.send(message);
    }

    /// The kernel tells of an ICMP error once, not to which question it belongs.
    fn nobody_there(&self) {
        for (_, waiting) in self.table().drain() {
            let _ = waiting.answer.send(Err(Lost::Unreachable));
        }
    }
}

async fn listen(lane: Arc<Lane>) {
    let mut buffer = vec![0; DATAGRAM];
    loop {
        match lane.socket.recv(&mut buffer).await {
            Ok(length) => lane.arrived(&buffer[..length]),
            Err(_) => {
                lane.nobody_there();
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Id and question of a response; decoded apart from the records, so that a broken record is told
/// from a stray packet.
fn header(bytes: &[u8]) -> Option<(u16, Query)> {
    let mut decoder = BinDecoder::new(bytes);
    let header = Header::read(&mut decoder).ok()?;
    if header.metadata.message_type != MessageType::Response || header.counts.queries != 1 {
        return None;
    }
    let question = Query::read(&mut decoder).ok()?;
    Some((header.metadata.id, question))
}

fn unsent(err: &std::io::Error) -> Lost {
    match err.kind() {
        std::io::ErrorKind::ConnectionRefused
        | std::io::ErrorKind::HostUnreachable
        | std::io::ErrorKind::NetworkUnreachable => Lost::Unreachable,
        _ => Lost::Local,
    }
}
