//! A ClientHello as servers read it: in records of SSL 3.0 and TLS, or in the form of SSL 2.0 (RFC
//! 5246 E.2). [`read`] takes one from a stream, [`ClientHello`] is what it says.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncRead, AsyncReadExt};

/// Secure renegotiation as a suite (RFC 5746 3.3).
const RENEGOTIATION: u16 = 0x00ff;
/// Record and handshake type (RFC 5246 6.2.1, 7.4).
const HANDSHAKE: u8 = 22;
/// See [`HANDSHAKE`].
const CLIENT_HELLO: u8 = 1;

/// Numbers of extensions.
pub const SERVER_NAME: u16 = 0;
/// See [`SERVER_NAME`].
pub const GROUPS: u16 = 10;
/// See [`SERVER_NAME`].
pub const POINT_FORMATS: u16 = 11;
/// See [`SERVER_NAME`].
pub const SIGNATURE_ALGORITHMS: u16 = 13;
/// See [`SERVER_NAME`].
pub const HEARTBEAT: u16 = 15;
/// See [`SERVER_NAME`].
pub const EXTENDED_MASTER_SECRET: u16 = 23;
/// See [`SERVER_NAME`].
pub const SUPPORTED_VERSIONS: u16 = 43;
/// See [`SERVER_NAME`].
pub const RENEGOTIATION_INFO: u16 = 0xff01;

/// What a client offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// Whether it is one of SSL 2.0 alone.
    pub is_ssl2: bool,
    /// The newest version, as it stands in the hello proper.
    pub version: u16,
    /// Suites; those of SSL 2.0 have three bytes.
    pub suites: Vec<u32>,
    pub compressions: Vec<u8>,
    /// Number and content; none where there is no block of them.
    pub extensions: Option<Vec<(u16, Vec<u8>)>>,
}

/// Reads a hello, and keeps its bytes for whoever reads it next.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<(ClientHello, Vec<u8>)> {
    let mut raw = vec![0; 2];
    stream.read_exact(&mut raw).await?;
    if raw[0] & 0x80 != 0 {
        let length = usize::from(u16::from_be_bytes([raw[0] & 0x7f, raw[1]]));
        more(stream, &mut raw, length).await?;
        let hello = of_ssl2(&mut Bytes(&raw[2..]));
        return hello.map(|hello| (hello, raw)).ok_or_else(garbage);
    }
    let mut message = Vec::new();
    let mut start = 0;
    loop {
        let missing = start + 5 - raw.len();
        more(stream, &mut raw, missing).await?;
        if raw[start] != HANDSHAKE {
            return Err(garbage());
        }
        let length = usize::from(u16::from_be_bytes([raw[start + 3], raw[start + 4]]));
        more(stream, &mut raw, length).await?;
        message.extend_from_slice(&raw[start + 5..]);
        start = raw.len();
        if message.len() >= 4 && message.len() >= 4 + number(&message[1..4]) as usize {
            break;
        }
    }
    let hello = of_tls(&mut Bytes(&message));
    hello.map(|hello| (hello, raw)).ok_or_else(garbage)
}

async fn more(stream: &mut (impl AsyncRead + Unpin), raw: &mut Vec<u8>, by: usize) -> Result<()> {
    let old = raw.len();
    raw.resize(old + by, 0);
    stream.read_exact(&mut raw[old..]).await.map(drop)
}

fn garbage() -> Error {
    Error::new(ErrorKind::InvalidData, "no ClientHello")
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// What is left of a message.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<u32> {
        self.take(bytes).map(number)
    }

    /// A vector behind its length of so many bytes.
    fn vector(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let length = self.number(bytes)?;
        self.take(length as usize)
    }
}

fn of_tls(bytes: &mut Bytes<'_>) -> Option<ClientHello> {
    if bytes.number(1)? != u32::from(CLIENT_HELLO) {
        return None;
    }
    let mut bytes = Bytes(bytes.vector(3)?);
    let version = bytes.number(2)? as u16;
    bytes.take(32)?; // random
    bytes.vector(1)?; // session
    let suites = bytes.vector(2)?.chunks(2).map(number).collect();
    let compressions = bytes.vector(1)?.to_vec();
    let extensions = match bytes.0.is_empty() {
        true => None,
        false => Some(extensions(&mut Bytes(bytes.vector(2)?))?),
    };
    bytes.0.is_empty().then_some(ClientHello {
        is_ssl2: false,
        version,
        suites,
        compressions,
        extensions,
    })
}

fn extensions(bytes: &mut Bytes<'_>) -> Option<Vec<(u16, Vec<u8>)>> {
    let mut extensions = Vec::new();
    while !bytes.0.is_empty() {
        let kind = bytes.number(2)? as u16;
        extensions.push((kind, bytes.vector(2)?.to_vec()));
    }
    Some(extensions)
}

fn of_ssl2(bytes: &mut Bytes<'_>) -> Option<ClientHello> {
    if bytes.number(1)? != u32::from(CLIENT_HELLO) {
        return None;
    }
    let version = bytes.number(2)? as u16;
    let (suites, session, challenge) = (bytes.number(2)?, bytes.number(2)?, bytes.number(2)?);
    let suites = bytes.take(suites as usize)?;
    bytes.take(session as usize + challenge as usize)?;
    let is_whole = bytes.0.is_empty() && suites.len() % 3 == 0;
    is_whole.then(|| ClientHello {
        is_ssl2: version == 0x0002,
        version,
        suites: suites.chunks(3).map(number).collect(),
        compressions: vec![0],
        extensions: None,
    })
}

impl ClientHello {
    /// The content of an extension.
    pub fn extension(&self, kind: u16) -> Option<&[u8]> {
        let all = self.extensions.as_deref()?;
        let found = all.iter().find(|(number, _)| *number == kind)?;
        Some(&found.1)
    }

    /// A list of numbers of two bytes in an extension, behind its length.
    fn list(&self, kind: u16, length: usize) -> Option<Vec<u16>> {
        let list = Bytes(self.extension(kind)?).vector(length)?;
        Some(list.chunks(2).map(|two| number(two) as u16).collect())
    }

    /// Whether a suite is offered.
    pub fn offers(&self, suite: u16) -> bool {
        self.suites.contains(&u32::from(suite))
    }

    /// Groups, where they are said.
    pub fn groups(&self) -> Option<Vec<u16>> {
        self.list(GROUPS, 2)
    }

    /// Schemes of signatures, where they are said.
    pub fn schemes(&self) -> Option<Vec<u16>> {
        self.list(SIGNATURE_ALGORITHMS, 2)
    }

    /// Whether a version is offered: those of TLS 1.3 on are in their extension only, and then all
    /// are.
    pub fn speaks(&self, version: u16) -> bool {
        match self.list(SUPPORTED_VERSIONS, 1) {
            Some(versions) => versions.contains(&version),
            None => version <= self.version && version <= 0x0303,
        }
    }

    /// Whether secure renegotiation is signalled, in either way.
    pub fn renegotiates_securely(&self) -> bool {
        self.offers(RENEGOTIATION) || self.extension(RENEGOTIATION_INFO).is_some()
    }

    /// The name of the server.
    pub fn server_name(&self) -> Option<String> {
        let mut names = Bytes(Bytes(self.extension(SERVER_NAME)?).vector(2)?);
        let _kind = names.number(1)?;
        String::from_utf8(names.vector(2)?.to_vec()).ok()
    }
}
