//! SSL 2.0 (draft-hickman-netscape-ssl-00): CLIENT-HELLO, SERVER-HELLO and ERROR.

use super::reader::Reader;
use super::{Answer, Flight};
use crate::table::codes::ErrorCode;
use crate::table::tls_codes::HelloOutcome;
use crate::tls_names::{self, SSL2_KINDS, Version};

/// Types of messages.
const ERROR: u8 = 0;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 4;
/// Said in an ERROR: no cipher in common.
const NO_CIPHER: u16 = 1;

/// What bytes of an answer are.
pub enum Parsed {
    /// Not all of it.
    More,
    /// A message.
    Said(Answer),
    /// The start of a record of SSL 3.0 or later.
    Record,
}

/// The message of a hello with its header. The challenge has 16 bytes.
pub fn encode(challenge: &[u8; 16]) -> Vec<u8> {
    let kinds = SSL2_KINDS.iter().flat_map(|(number, _)| {
        let [_, kind @ ..] = number.to_be_bytes();
        kind
    });
    let mut body = vec![CLIENT_HELLO];
    body.extend(Version::Ssl2.number().to_be_bytes());
    // Sizes of kinds, session and challenge: far below 2^8.
    body.extend([
        0,
        u8::try_from(3 * SSL2_KINDS.len()).unwrap_or(u8::MAX),
        0,
        0,
        0,
        16,
    ]);
    body.extend(kinds);
    body.extend(challenge);
    // The highest bit says that nothing is padded (1.1).
    let size = u8::try_from(body.len()).unwrap_or(u8::MAX);
    [&[0x80, size][..], &body].concat()
}

/// Reads an answer.
pub fn parse(bytes: &[u8]) -> Parsed {
    let Some([first, second]) = bytes.first_chunk::<2>().copied() else {
        return Parsed::More;
    };
    // An alert, or a handshake message; as a header of SSL 2.0 it would announce padding, which
    // clear text never has.
    if matches!(first, 21 | 22) && second == 3 {
        return Parsed::Record;
    }
    if first & 0x80 == 0 {
        return Parsed::Said(unknown());
    }
    let size = usize::from(u16::from_be_bytes([first & 0x7f, second]));
    match bytes.get(2..2 + size) {
        Some(body) => Parsed::Said(message(body).unwrap_or_else(unknown)),
        // Whatever starts like this and is none ends at the deadline, or at its close.
        None => Parsed::More,
    }
}

fn unknown() -> Answer {
    Answer {
        error: Some(ErrorCode::ProtocolError),
        ..Answer::default()
    }
}

fn message(body: &[u8]) -> Option<Answer> {
    let mut body = Reader(body);
    match body.u8()? {
        ERROR => {
            let number = body.u16()?;
            body.is_empty().then(|| refused(number))
        }
        SERVER_HELLO => server_hello(body).map(|flight| Answer {
            outcome: HelloOutcome::Accepted,
            flight: Some(flight),
            ..Answer::default()
        }),
        _ => None,
    }
}

/// An error has no number that fits into an alert. No cipher in common is a word of SSL 2.0 all the
/// same, but one that refuses.
fn refused(number: u16) -> Answer {
    match number {
        NO_CIPHER => Answer {
            outcome: HelloOutcome::Refused,
            error: Some(ErrorCode::Refused),
            ..Answer::default()
        },
        _ => unknown(),
    }
}

fn server_hello(mut body: Reader<'_>) -> Option<Flight> {
    let _session_hit = body.u8()?;
    let _certificate_type = body.u8()?;
    if body.u16()? != Version::Ssl2.number() {
        return None;
    }
    let sizes = [body.u16()?, body.u16()?, body.u16()?].map(usize::from);
    let certificate = body.take(sizes[0])?;
    let kinds = body.take(sizes[1])?;
    body.take(sizes[2])?;
    if !body.is_empty() || kinds.len() % 3 != 0 {
        return None;
    }
    let kinds: Vec<_> = kinds
        .chunks_exact(3)
        .map(|kind| u32::from_be_bytes([0, kind[0], kind[1], kind[2]]))
        .map(tls_names::ssl2_kind)
        .collect();
    Some(Flight {
        version: Version::Ssl2.as_str().to_owned(),
        cipher: kinds.first().cloned().unwrap_or_default(),
        chain: match certificate.is_empty() {
            true => Vec::new(),
            false => vec![certificate.to_vec()],
        },
        ssl2_kinds: kinds,
        ..Flight::default()
    })
}
