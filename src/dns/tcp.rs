//! Questions whose answers do not fit a datagram, over one pipelined connection per resolver
//! (RFC 7766 6.2.1), opened when it is first needed and again after it broke.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::tcp::TcpClientStream;
use hickory_resolver::net::xfer::DnsExchange;
use hickory_resolver::net::{DnsHandle, NetError};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, Message};
use tokio::sync::OnceCell;

use super::udp::Lost;
use crate::pace::QueryLeave;

/// Questions in flight on the connection; the crate's own 32 is answered with "busy".
const IN_FLIGHT: usize = 1_024;

type Exchange = DnsExchange<TokioRuntimeProvider>;

/// The TCP side of one resolver.
pub struct Connection {
    resolver: SocketAddr,
    /// Opened by whoever needs it first; those who come meanwhile wait for the same attempt.
    exchange: Mutex<Arc<OnceCell<Exchange>>>,
    /// Owns the task behind the connection: when the last copy is dropped, the task is ended.
    provider: TokioRuntimeProvider,
}

impl Connection {
    /// Nothing is opened yet.
    pub fn new(resolver: SocketAddr) -> Self {
        Self {
            resolver,
            exchange: Mutex::default(),
            provider: TokioRuntimeProvider::new(),
        }
    }

    /// Sends a question and waits for its answer.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn exchange(
        &self,
        _leave: QueryLeave,
        question: &Message,
        patience: Duration,
    ) -> Result<Message, Lost> {
        loop {
            let slot = self.slot().clone();
            let was_open = slot.initialized();
            let asking = self.try_exchange(&slot, question, patience);
            let lost = match tokio::time::timeout(patience, asking).await {
                Ok(Ok(message)) if message.queries == question.queries => return Ok(message),
                Ok(Ok(_)) => return Err(Lost::Malformed),
                Ok(Err(err)) => lost(&err),
                Err(_) => Lost::Timeout,
            };
            self.forget(&slot);
            // Resolvers close idle connections (RFC 7766 6.2.3): no fault of this question.
            if !was_open || lost != Lost::Unreachable {
                return Err(lost);
            }
        }
    }

    async fn try_exchange(
        &self,
        slot: &OnceCell<Exchange>,
        question: &Message,
        patience: Duration,
    ) -> Result<Message, NetError> {
        let dial = || {
            let provider = self.provider.clone();
            TcpClientStream::exchange(self.resolver, None, patience, Some(IN_FLIGHT), provider)
        };
        let exchange = slot.get_or_try_init(dial).await?;
        let options = DnsRequestOptions::default();
        let request = DnsRequest::new(question.clone(), options);
        let mut answers = exchange.send(request);
        let answer = answers.next().await.ok_or(NetError::Timeout)??;
        Ok(answer.into_message())
    }

    /// Whoever comes next opens a new connection, unless somebody did already.
    fn forget(&self, broken: &Arc<OnceCell<Exchange>>) {
        let mut slot = self.slot();
        if Arc::ptr_eq(&slot, broken) {
            *slot = Arc::default();
        }
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Arc<OnceCell<Exchange>>> {
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lost(err: &NetError) -> Lost {
    match err {
        NetError::Timeout => Lost::Timeout,
        NetError::Proto(_) => Lost::Malformed,
        _ => Lost::Unreachable,
    }
}
