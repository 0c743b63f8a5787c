//! Certificate and ServerKeyExchange (RFC 5246 7.4.2 and 7.4.3, RFC 8422 5.4).

use super::Flight;
use super::reader::Reader;
use crate::table::rows::CERTIFICATES;
use crate::tls_names::{self, Version};

/// A curve that has a number (RFC 8422 5.4).
const NAMED_CURVE: u8 = 3;

/// How every prime of RFC 7919 begins: 64 bits set, then the digits of e.
const PRIME_FIELD: [u8; 24] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xAD, 0xF8, 0x54, 0x58, 0xA2, 0xBB, 0x4A, 0x9A,
    0xAF, 0xDC, 0x56, 0x20, 0x27, 0x3D, 0x3C, 0xF1,
];

/// The certificates, leaf first; none where the message is broken.
pub fn certificates(body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut body = Reader(body);
    let mut list = body.vector(3)?;
    let mut chain = Vec::new();
    while !list.is_empty() {
        let certificate = list.vector(3)?;
        if chain.len() < CERTIFICATES {
            chain.push(certificate.0.to_vec());
        }
    }
    body.is_empty().then_some(chain)
}

/// Adds what the key exchange says; none where the message is broken.
pub fn server_key(body: &[u8], flight: &mut Flight) -> Option<()> {
    let mut body = Reader(body);
    let cipher = flight.cipher.clone();
    let exchange = cipher.split("_WITH_").next().unwrap_or_default();
    let is = |start: &str| exchange.starts_with(start);
    if is("TLS_ECDHE_") || is("TLS_ECDH_anon") {
        if body.u8()? != NAMED_CURVE {
            // A curve spelled out has no number; what follows has no length of its own.
            return Some(());
        }
        flight.group = Some(tls_names::group(body.u16()?));
        body.vector(1)?;
    } else if is("TLS_DHE_") || is("TLS_DH_anon") {
        prime(body.vector(2)?.0, flight);
        body.vector(2)?;
        body.vector(2)?;
    } else if exchange.contains("_EXPORT") {
        // Modulus and exponent of the short key.
        body.vector(2)?;
        body.vector(2)?;
    } else {
        return Some(());
    }
    if exchange.contains("_anon") {
        return body.is_empty().then_some(());
    }
    if flight.version == Version::Tls1_2.as_str() {
        flight.signature_scheme = Some(tls_names::scheme(body.u16()?));
    }
    body.vector(2)?;
    body.is_empty().then_some(())
}

fn prime(prime: &[u8], flight: &mut Flight) {
    let start = prime.iter().position(|byte| *byte != 0);
    let prime = &prime[start.unwrap_or(prime.len())..];
    let leading = prime.first().map_or(0, |byte| byte.leading_zeros());
    let bits = prime.len() * 8 - usize::try_from(leading).unwrap_or_default();
    flight.dh_bits = Some(u16::try_from(bits).unwrap_or(u16::MAX));
    if prime.starts_with(&PRIME_FIELD) {
        let name = format!("ffdhe{bits}");
        flight.group = tls_names::group_number(&name).map(|_| name);
    }
}
