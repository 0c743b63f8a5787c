//! What one address is asked, and what comes of it: at most two connections for what it shows first,
//! and one for the other kind of key.

use crate::certificate;
use crate::probe::conversation::{Conversation, Handshake, Patience, Plan};
use crate::probe::hello::Hello;
use crate::probe::tls::{Client, Keys};
use crate::table::codes::{ErrorCode, Protocol, StarttlsOutcome, TlsOutcome};
use crate::table::tls_codes::HelloKind;
use crate::tls_names::alert::{HANDSHAKE_FAILURE, UNRECOGNIZED_NAME};

use super::{Other, Server, Shown};

/// How hands are shaken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// To the end, with the name of the host.
    Named,
    /// To the end, without a server name: it wants none.
    Nameless,
    /// With a hello of TLS 1.2 that has every suite: no library speaks with it.
    AnySuite,
    /// To the end, for a certificate with this kind of key.
    Only(Keys),
}

/// An address on its way through the queues.
#[derive(Debug)]
pub struct Job {
    /// Place of its host.
    pub host: usize,
    /// Place of the address among those of its host.
    pub at: usize,
    /// Name of the host.
    pub name: String,
    /// What is spoken.
    pub protocol: Protocol,
    /// How hands are shaken.
    pub how: How,
}

impl Job {
    /// What is said.
    pub fn plan(&self, ehlo: &str, nameless: bool) -> Plan {
        let is_named = !nameless && self.how != How::Nameless;
        Plan {
            ehlo: ehlo.to_owned(),
            sni: is_named.then(|| self.name.clone()),
            handshake: match self.how {
                How::AnySuite => Handshake::Bare(Hello::of(HelloKind::All)),
                _ => Handshake::Full,
            },
            patience: Patience::default(),
        }
    }

    /// Who shakes hands.
    pub fn client(&self) -> Client {
        match self.how {
            How::Only(keys) => Client::only(keys),
            _ => Client::default(),
        }
    }

    /// Takes in a conversation; says how to go on, if at all.
    pub fn take(&self, seen: &Conversation, shown: &mut [Shown]) -> Option<How> {
        let server = self.server(shown)?;
        let chain = seen.chain();
        if let How::Only(keys) = self.how {
            server.other = other(keys, seen);
            if server.other == Other::Shown {
                server.chains.push(chain.to_vec());
            }
            return None;
        }
        let next = match self.how {
            How::Named if seen.tls.alert == Some(UNRECOGNIZED_NAME) => Some(How::Nameless),
            How::Named | How::Nameless if chain.is_empty() && seen.nothing_common.is_some() => {
                Some(How::AnySuite)
            }
            _ => None,
        };
        server.nameless |= next == Some(How::Nameless);
        match chain.is_empty() {
            false => {
                server.chains.push(chain.to_vec());
                server.silent = None;
                // No library can be made to ask such a server for the other kind.
                if self.how == How::AnySuite {
                    server.other = Other::Unknown(ErrorCode::ProtocolError);
                }
            }
            true => server.silent = Some(why(seen)),
        }
        next
    }

    /// Takes in that there will be no connection.
    pub fn end(&self, error: ErrorCode, shown: &mut [Shown]) {
        let Some(server) = self.server(shown) else {
            return;
        };
        match self.how {
            How::Only(_) => server.other = Other::Unknown(error),
            How::Named => server.silent = Some(format!("not asked: {error}")),
            How::Nameless | How::AnySuite => {}
        }
    }

    fn server<'a>(&self, shown: &'a mut [Shown]) -> Option<&'a mut Server> {
        shown.get_mut(self.host)?.addresses.get_mut(self.at)
    }
}

/// How to ask for the other kind of key, where one was seen and the server speaks with a library.
pub fn second(server: &Server) -> Option<How> {
    let is_open = server.other == Other::Unknown(ErrorCode::Budget);
    let leaf = server.chains.first()?.first()?;
    let keys = Keys::of(certificate::row(leaf).key_type.as_deref())?;
    is_open.then_some(How::Only(keys.other()))
}

/// What a handshake for one kind of key says.
fn other(keys: Keys, seen: &Conversation) -> Other {
    let leaf = seen.chain().first();
    let kind = leaf.and_then(|leaf| Keys::of(certificate::row(leaf).key_type.as_deref()));
    match kind {
        Some(kind) if kind == keys => Other::Shown,
        Some(_) => Other::None,
        // The one word that says so. A connection that is closed or reset says nothing of keys.
        None if seen.tls.alert == Some(HANDSHAKE_FAILURE) => Other::None,
        None => {
            let error = seen.tcp.error.or(seen.starttls.error).or(seen.tls.error);
            Other::Unknown(error.unwrap_or(ErrorCode::ProtocolError))
        }
    }
}

/// Why no certificate was shown.
fn why(seen: &Conversation) -> String {
    if let Some(error) = seen.tcp.error {
        return error.to_string();
    }
    let failed = seen.tls.outcome != TlsOutcome::NotAttempted || seen.hello.is_some();
    match (failed, seen.starttls.outcome, seen.starttls.error) {
        (true, ..) => {
            let error = seen.tls.error.map(|error| format!(": {error}"));
            let alert = seen.tls.alert.map(|alert| format!(" (alert {alert})"));
            format!(
                "no certificate in the handshake{}{}",
                error.unwrap_or_default(),
                alert.unwrap_or_default()
            )
        }
        (_, StarttlsOutcome::NotAttempted, Some(error)) => error.to_string(),
        (_, outcome, Some(error)) => format!("STARTTLS {outcome}: {error}"),
        (_, outcome, None) => format!("STARTTLS {outcome}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::tls::NothingCommon;

    /// A second handshake that broke.
    fn broken(error: ErrorCode, alert: Option<u8>) -> Other {
        let mut seen = Conversation::default();
        seen.tls.outcome = TlsOutcome::Failed;
        (seen.tls.error, seen.tls.alert) = (Some(error), alert);
        seen.nothing_common = Some(NothingCommon::Other);
        other(Keys::Elliptic, &seen)
    }

    #[test]
    fn only_a_server_that_says_so_has_no_other_key() {
        let alert = |number| broken(ErrorCode::TlsAlert, Some(number));
        assert_eq!(alert(HANDSHAKE_FAILURE), Other::None);
        for number in [47, 70, 71, 80, 109, 110, 112] {
            assert_eq!(
                alert(number),
                Other::Unknown(ErrorCode::TlsAlert),
                "{number}"
            );
        }
        for error in [ErrorCode::Closed, ErrorCode::Reset, ErrorCode::Timeout] {
            assert_eq!(broken(error, None), Other::Unknown(error));
        }
        let mut seen = Conversation::default();
        seen.tcp.error = Some(ErrorCode::Refused);
        let unknown = Other::Unknown(ErrorCode::Refused);
        assert_eq!(other(Keys::Rsa, &seen), unknown);
    }
}
