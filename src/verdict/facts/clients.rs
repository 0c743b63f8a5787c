//! What a port that mail clients use did, small and without strings.

use super::tls::Tls;
use crate::table::codes::{ErrorCode, Protocol};

/// A port of an address, whoever it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientPort {
    /// What was spoken.
    pub protocol: Protocol,
    /// Its number.
    pub port: u16,
    /// Whether somebody serves there.
    pub reach: Reach,
    /// Whether clients may log in before TLS; none where that is not known, or TLS comes first.
    pub login_before_tls: Option<bool>,
    /// Whether there is TLS.
    pub behind: Behind,
    /// What it is like.
    pub tls: Tls,
}

/// Whether somebody serves at a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// A server that speaks the protocol, inside TLS where that comes first.
    Serves,
    /// Nobody: the connection was refused.
    Closed,
    /// Nothing came, though another port of the address answered.
    Filtered(ErrorCode),
    /// Something answered, and is no such server, or did not let us see that.
    Odd(ErrorCode),
    /// Nothing came, or nobody asked.
    Silent(ErrorCode),
    /// The address may not be dialled by anybody.
    Special,
}

/// Whether there is TLS at a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// A handshake completed, or the server's whole first flight was seen.
    Tls,
    /// It is not offered.
    None,
    /// It is offered, and did not come to a handshake.
    Broken,
    /// Nobody got that far.
    Open,
}
