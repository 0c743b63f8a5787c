//! A TXT record of the country, and how tables show it.

use std::fmt::Write;

use super::super::record::Record;

/// Bytes to a string of a TXT record (RFC 1035 3.3).
const STRING: usize = 255;

/// A TXT record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Txt {
    pub bytes: Vec<u8>,
    /// Whether it has the version tag of the policy that stands where it stands.
    pub claimed: bool,
    /// Bytes to each of its strings.
    string: usize,
}

impl Txt {
    /// A record with the version tag.
    pub fn policy(text: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: text.into(),
            claimed: true,
            string: STRING,
        }
    }

    /// One that is about something else.
    pub fn other(text: impl Into<Vec<u8>>) -> Self {
        Self {
            claimed: false,
            ..Self::policy(text)
        }
    }

    /// The same, with or without the version tag of what stands where it is found.
    pub fn seen_as(self, claimed: bool) -> Self {
        Self { claimed, ..self }
    }

    /// The same in strings of so many bytes.
    pub fn split(self, string: usize) -> Self {
        Self { string, ..self }
    }

    /// As a record of a zone.
    pub fn record(&self, owner: impl Into<String>) -> Record {
        Record::txt(owner, &self.bytes, self.string)
    }
}

/// As tables show it: bytes other than printable ASCII as `\xNN`, the backslash doubled.
pub fn shown(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' => text.push_str(r"\\"),
            0x20..=0x7e => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text
}
