//! DKIM keys of a domain (RFC 6376 3.6.1, RFC 8463).

use aws_lc_rs::digest::{SHA256, digest};

use super::super::keys::base64;
use super::txt::Txt;

/// Selectors that everybody asks for.
pub const COMMON: [&str; 3] = ["default", "selector1", "dkim"];
/// A selector that nobody asks for.
pub const ODD: &str = "s20260817x7";

/// What stands below `_domainkey`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: the name does not exist.
    Nothing,
    /// A key at a common selector: its place.
    Key(u8, Key),
    /// Two keys at common selectors.
    Two(Key, Key),
    /// A key at a selector that nobody knows.
    Odd,
    /// A CNAME at a common selector leads to the provider's key.
    Alias,
    /// Every selector has this.
    Wildcard(Key),
}

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// RSA with so many bits.
    Rsa(u16),
    Ed25519,
    /// RSA with 2048 bits, in test mode.
    Testing,
    /// Taken back.
    Revoked,
    /// What stands there is no key.
    Broken,
}

impl Kind {
    /// Keys by their selectors, without those behind a CNAME; `*` stands for all.
    pub fn keys(self) -> Vec<(&'static str, Key)> {
        match self {
            Self::Nothing | Self::Alias => Vec::new(),
            Self::Key(at, key) => vec![(COMMON[usize::from(at)], key)],
            Self::Two(one, other) => vec![(COMMON[0], one), (COMMON[1], other)],
            Self::Odd => vec![(ODD, Key::Rsa(2048))],
            Self::Wildcard(key) => vec![("*", key)],
        }
    }
}

impl Key {
    /// The record of somebody's key.
    pub fn txt(self, whose: &str) -> Txt {
        let text = match self {
            Self::Rsa(bits) => format!("v=DKIM1; k=rsa; p={}", rsa(whose, bits)),
            Self::Testing => format!("v=DKIM1; t=y; p={}", rsa(whose, 2048)),
            Self::Ed25519 => {
                let key = digest(&SHA256, whose.as_bytes());
                format!("v=DKIM1; k=ed25519; p={}", base64(key.as_ref()))
            }
            Self::Revoked => "v=DKIM1; p=".to_owned(),
            Self::Broken => "v=DKIM1; k=rsa; p=bm8ga2V5".to_owned(),
        };
        Txt::policy(text)
    }

    /// `k=`
    pub fn kind(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            _ => "rsa",
        }
    }

    /// Size, where there is a key.
    pub fn bits(self) -> Option<u16> {
        match self {
            Self::Rsa(bits) => Some(bits),
            Self::Testing => Some(2048),
            Self::Ed25519 => Some(256),
            Self::Revoked | Self::Broken => None,
        }
    }
}

/// SubjectPublicKeyInfo (RFC 3279 2.3.1) with a modulus of so many bits. Nobody knows its factors,
/// and nobody needs them: no mail is signed here.
fn rsa(whose: &str, bits: u16) -> String {
    let mut modulus = Vec::new();
    while modulus.len() < usize::from(bits / 8) {
        let text = format!("{whose} {}", modulus.len());
        modulus.extend_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    }
    modulus.truncate(usize::from(bits / 8));
    modulus[0] |= 0x80;
    if let Some(last) = modulus.last_mut() {
        *last |= 1;
    }
    // Numbers have a sign.
    modulus.insert(0, 0);
    let numbers = [der(2, &modulus), der(2, &[1, 0, 1])].concat();
    let mut key = vec![0];
    key.extend(der(0x30, &numbers));
    let kind = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
    base64(&der(0x30, &[der(0x30, &kind), der(3, &key)].concat()))
}

/// X.690 8.1.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match length {
        0..=127 => bytes.push(length as u8),
        128..=255 => bytes.extend([0x81, length as u8]),
        _ => bytes.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    bytes.extend_from_slice(content);
    bytes
}
