//! The server's first flight, byte by byte.

use super::records::{Records, Said};
use super::{Answer, Flight, Hello, key_exchange, server_hello, ssl2};
use crate::table::codes::ErrorCode;
use crate::table::tls_codes::HelloOutcome;
use crate::tls_names::Version;

/// Types of handshake messages.
const HELLO_REQUEST: u8 = 0;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const SERVER_HELLO_DONE: u8 = 14;

/// Level of an alert that ends the connection, whatever its number.
const FATAL: u8 = 2;
/// Alert that says that the peer is about to close.
const CLOSE_NOTIFY: u8 = 0;

/// An answer while it comes.
pub struct Reading<'a> {
    hello: &'a Hello,
    records: Records,
    /// What SSL 2.0 said; no records are there then.
    ssl2: Option<Vec<u8>>,
    flight: Option<Flight>,
}

impl<'a> Reading<'a> {
    /// Nothing was read yet.
    pub fn new(hello: &'a Hello) -> Self {
        Self {
            hello,
            records: Records::default(),
            ssl2: (hello.version == Version::Ssl2).then(Vec::new),
            flight: None,
        }
    }

    /// Takes what was read, and hands out the answer once there is no more to come.
    pub fn feed(&mut self, bytes: &[u8]) -> Option<Answer> {
        if let Some(read) = &mut self.ssl2 {
            read.extend_from_slice(bytes);
            match ssl2::parse(read) {
                ssl2::Parsed::Said(answer) => return Some(answer),
                ssl2::Parsed::More => return None,
                // A server that does not know SSL 2.0 says so by a record of its own.
                ssl2::Parsed::Record => {
                    let read = std::mem::take(read);
                    self.ssl2 = None;
                    self.records.push(&read);
                }
            }
        } else {
            self.records.push(bytes);
        }
        loop {
            let answer = match self.records.next() {
                Ok(Some(said)) => self.hear(said),
                Ok(None) => return None,
                Err(error) => Err(error),
            };
            match answer {
                Ok(None) => {}
                Ok(Some(answer)) => return Some(answer),
                Err(error) => return Some(self.end(error)),
            }
        }
    }

    /// The answer when no more comes.
    pub fn end(&mut self, error: ErrorCode) -> Answer {
        let flight = self.flight.take();
        let outcome = match (&flight, error) {
            (Some(_), _) => HelloOutcome::Accepted,
            // Half a record is no answer.
            (None, ErrorCode::Closed | ErrorCode::Reset) if self.is_silent() => {
                HelloOutcome::Refused
            }
            (None, _) => HelloOutcome::Unknown,
        };
        Answer {
            outcome,
            error: Some(error),
            alert: None,
            flight,
        }
    }

    /// Whether nothing came that was not understood.
    fn is_silent(&self) -> bool {
        self.records.is_empty() && self.ssl2.as_ref().is_none_or(Vec::is_empty)
    }

    fn hear(&mut self, said: Said) -> Result<Option<Answer>, ErrorCode> {
        match said {
            Said::Alert(FATAL, number) => Ok(Some(self.alerted(number))),
            Said::Alert(_, CLOSE_NOTIFY) => Err(ErrorCode::Closed),
            // A warning, such as that the name is not known (RFC 6066 3), is not the end.
            Said::Alert(..) => Ok(None),
            Said::Message(kind, body) => self.message(kind, &body),
        }
    }

    /// A fatal alert refuses the hello, unless a ServerHello came before.
    fn alerted(&mut self, number: u8) -> Answer {
        let mut answer = self.end(ErrorCode::TlsAlert);
        answer.alert = Some(number);
        if answer.flight.is_none() {
            answer.outcome = HelloOutcome::Refused;
            answer.error = None;
        }
        answer
    }

    fn message(&mut self, kind: u8, body: &[u8]) -> Result<Option<Answer>, ErrorCode> {
        const BROKEN: ErrorCode = ErrorCode::ProtocolError;
        match (kind, &mut self.flight) {
            (HELLO_REQUEST, _) => {}
            (SERVER_HELLO, None) => {
                let flight = server_hello::parse(body, self.hello).ok_or(BROKEN)?;
                let is_all = flight.version == Version::Tls1_3.as_str();
                self.flight = Some(flight);
                if is_all {
                    return Ok(Some(self.whole()));
                }
            }
            (SERVER_HELLO, Some(_)) | (_, None) => return Err(BROKEN),
            (CERTIFICATE, Some(flight)) => {
                flight.chain = key_exchange::certificates(body).ok_or(BROKEN)?;
            }
            (SERVER_KEY_EXCHANGE, Some(flight)) => {
                key_exchange::server_key(body, flight).ok_or(BROKEN)?;
            }
            (SERVER_HELLO_DONE, Some(_)) => return Ok(Some(self.whole())),
            // CertificateStatus, CertificateRequest.
            _ => {}
        }
        Ok(None)
    }

    /// The answer with a flight that came to its end.
    fn whole(&mut self) -> Answer {
        Answer {
            outcome: HelloOutcome::Accepted,
            flight: self.flight.take(),
            ..Answer::default()
        }
    }
}
