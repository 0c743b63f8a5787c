//! What a webmail host did: first by HTTPS, then in the clear, and last, where an address said nothing
//! to that, whether it is there at all.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::time::Instant;

use super::rows;
use crate::survey::faults;
use crate::survey::web::{HTTPS, Host, Next, Seen, Story};
use crate::table::codes::ErrorCode;

/// The port of HTTP (RFC 9110 4.2.1).
pub const HTTP: u16 = 80;

/// What is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Step {
    /// The page by HTTPS.
    #[default]
    Https,
    /// The page in the clear.
    Http,
    /// By HTTPS, at an address that did not take the connection in the clear: only whether it answers.
    Knock,
}

impl Step {
    /// The port.
    pub fn port(self) -> u16 {
        match self {
            Self::Https | Self::Knock => HTTPS,
            Self::Http => HTTP,
        }
    }
}

/// What is known of a host so far.
#[derive(Default)]
pub struct Told {
    /// By HTTPS.
    pub https: Story,
    /// In the clear.
    pub http: Story,
    /// Addresses that were knocked at, and why there was no connection.
    knocked: Vec<(IpAddr, Option<ErrorCode>)>,
    /// What is asked.
    pub step: Step,
    /// Place of the address that is asked.
    at: usize,
}

impl Told {
    /// Another connection is opened.
    pub fn dials(&mut self) {
        match self.step {
            Step::Https | Step::Knock => self.https.connections += 1,
            Step::Http => self.http.connections += 1,
        }
    }

    /// Takes in what an address did; says where to go on and when, if there is something left to ask.
    pub fn take(
        &mut self,
        host: &Host,
        seen: Seen,
        later: Duration,
    ) -> Option<(SocketAddr, Instant)> {
        let now = Instant::now();
        let more = host.address(self.at + 1, self.step.port()).is_some();
        let next = match self.step {
            Step::Https => self.https.take(seen, more, host.hidden, rows::has_hsts),
            Step::Http => self.http.take(seen, more, host.hidden, rows::is_https_only),
            Step::Knock => {
                let tried = seen.ip.map(|ip| (ip, seen.exchange.tcp.error));
                self.knocked.extend(tried);
                Next::Write
            }
        };
        let when = match next {
            Next::Elsewhere => {
                self.at += 1;
                now
            }
            Next::AfterLocalFault => now + faults::PAUSE,
            Next::Confirm => {
                self.at = 0;
                now + later
            }
            Next::Write if self.step == Step::Https => {
                (self.step, self.at) = (Step::Http, 0);
                now
            }
            Next::Write => {
                self.step = Step::Knock;
                let ip = self.silent().find(|ip| self.known(*ip).is_none())?;
                return Some((SocketAddr::new(ip, HTTPS), now));
            }
        };
        Some((host.address(self.at, self.step.port())?, when))
    }

    /// Takes in that no connection is had; what earlier ones saw stays.
    pub fn end(&mut self, ip: IpAddr, error: ErrorCode) {
        match self.step {
            Step::Https => self.https.end(ip, error),
            Step::Http => self.http.end(ip, error),
            Step::Knock => {}
        }
    }

    /// Whether port 80 is closed although not every address says so: those that say nothing answer at
    /// another port.
    pub fn is_filtered(&self) -> bool {
        let tried = !self.http.tried.is_empty();
        tried && self.is_unconnected() && self.silent().all(|ip| self.known(ip) == Some(true))
    }

    fn is_unconnected(&self) -> bool {
        self.http.tried.iter().all(|(_, error)| error.is_some())
    }

    /// Addresses that neither took nor refused the connection in the clear, where none took it.
    fn silent(&self) -> impl Iterator<Item = IpAddr> {
        let is_silent = |error: Option<ErrorCode>| {
            matches!(error, Some(ErrorCode::Timeout | ErrorCode::Unreachable))
        };
        let tried = self.http.tried.iter().filter(|_| self.is_unconnected());
        tried
            .filter(move |(_, error)| is_silent(*error))
            .map(|(ip, _)| *ip)
    }

    /// Whether an address answers at port 443, if it was asked: RST is an answer.
    fn known(&self, ip: IpAddr) -> Option<bool> {
        let mut tried = self.https.tried.iter().chain(&self.knocked);
        let error = tried
            .find(|(asked, _)| *asked == ip)
            .map(|(_, error)| *error)?;
        Some(matches!(error, None | Some(ErrorCode::Refused)))
    }
}
