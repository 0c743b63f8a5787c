//! Records and what they carry (RFC 5246 6.2.1): handshake messages and alerts, fragmented and
//! coalesced as the peer likes.

use crate::table::codes::ErrorCode;

use super::encode::HANDSHAKE;

/// Type of a record that carries an alert.
const ALERT: u8 = 21;
/// Types of the others: ChangeCipherSpec, application data, heartbeat.
const OTHERS: [u8; 3] = [20, 23, 24];
/// Bytes of a record; RFC 5246 6.2.3 lets compression and encryption add as much.
const RECORD: usize = (16 << 10) + 2_048;
/// Bytes of all handshake messages together.
const TOTAL: usize = 64 << 10;

/// Something said by the peer.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// A handshake message: its type and its body.
    Message(u8, Vec<u8>),
    /// An alert: its level and its number.
    Alert(u8, u8),
}

/// Bytes of records that were not understood yet.
#[derive(Debug, Default)]
pub struct Records {
    bytes: Vec<u8>,
    handshake: Vec<u8>,
    alerts: Vec<u8>,
    total: usize,
}

impl Records {
    /// Whether nothing is there that was not handed out.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.handshake.is_empty() && self.alerts.is_empty()
    }

    /// Adds what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next thing said; none where more has to be read.
    ///
    /// # Errors
    /// What is wrong with the records: `protocol_error`, `too_large`.
    pub fn next(&mut self) -> Result<Option<Said>, ErrorCode> {
        loop {
            if self.alerts.len() >= 2 {
                let alert = Said::Alert(self.alerts[0], self.alerts[1]);
                self.alerts.drain(..2);
                return Ok(Some(alert));
            }
            if let Some(message) = self.message()? {
                return Ok(Some(message));
            }
            if !self.record()? {
                return Ok(None);
            }
        }
    }

    /// The next handshake message, if it is all there.
    fn message(&mut self) -> Result<Option<Said>, ErrorCode> {
        let [kind, size @ ..] = self
            .handshake
            .first_chunk::<4>()
            .copied()
            .unwrap_or_default();
        let size = u32::from_be_bytes([0, size[0], size[1], size[2]]);
        let end = 4 + usize::try_from(size).unwrap_or(usize::MAX - 4);
        if end > TOTAL {
            return Err(ErrorCode::TooLarge);
        }
        if self.handshake.len() < end {
            return Ok(None);
        }
        let body = self.handshake[4..end].to_vec();
        self.handshake.drain(..end);
        Ok(Some(Said::Message(kind, body)))
    }

    /// Takes a record apart, if it is all there.
    fn record(&mut self) -> Result<bool, ErrorCode> {
        if let Some(kind) = self.bytes.first()
            && *kind != HANDSHAKE
            && *kind != ALERT
            && !OTHERS.contains(kind)
        {
            return Err(ErrorCode::ProtocolError);
        }
        if self.bytes.get(1).is_some_and(|major| *major != 3) {
            return Err(ErrorCode::ProtocolError);
        }
        let Some([kind, _, _, high, low]) = self.bytes.first_chunk::<5>().copied() else {
            return Ok(false);
        };
        let size = usize::from(u16::from_be_bytes([high, low]));
        // Empty ones are forbidden (RFC 5246 6.2.1), and there would be no end of them.
        if size == 0 || size > RECORD {
            return Err(ErrorCode::ProtocolError);
        }
        let Some(body) = self.bytes.get(5..5 + size) else {
            return Ok(false);
        };
        self.total += body.len();
        if self.total > TOTAL {
            return Err(ErrorCode::TooLarge);
        }
        match kind {
            HANDSHAKE => self.handshake.extend_from_slice(body),
            ALERT => self.alerts.extend_from_slice(body),
            // Nobody encrypts yet.
            _ => return Err(ErrorCode::ProtocolError),
        }
        self.bytes.drain(..5 + size);
        Ok(true)
    }
}
