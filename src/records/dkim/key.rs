//! The key itself: base64, and as much of DER as tells the size of an RSA modulus.

/// OID 1.2.840.113549.1.1.1, `rsaEncryption` (RFC 8017 A.1).
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// The size of a key of a type, in bits; none where it cannot be read.
pub(super) fn bits(key_type: &str, text: &[u8]) -> Option<u16> {
    let key = base64(text)?;
    match key_type {
        "rsa" => modulus_bits(&key),
        // RFC 8463 4.2: the 256-bit key and nothing around it.
        "ed25519" => (key.len() == 32).then_some(256),
        _ => None,
    }
}

/// RFC 6376 2.10: base64 with white space anywhere. Padding may be left out, as its grammar allows.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut digits: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !super::is_fws(*byte))
        .collect();
    let padding = digits
        .iter()
        .rev()
        .take_while(|byte| **byte == b'=')
        .count();
    digits.truncate(digits.len() - padding);
    let whole = (digits.len() + padding).is_multiple_of(4);
    if padding > 2 || (padding > 0 && !whole) || digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut buffer, mut filled) = (0_u32, 0);
    for digit in digits {
        buffer = (buffer << 6 | u32::from(sextet(digit)?)) & 0xffff;
        filled += 6;
        if filled >= 8 {
            filled -= 8;
            bytes.push((buffer >> filled & 0xff) as u8);
        }
    }
    Some(bytes)
}

fn sextet(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// RFC 6376 3.6.1 says `RSAPublicKey` (RFC 8017 A.1.1), while its examples and everybody's keys are a
/// `SubjectPublicKeyInfo` (RFC 5280 4.1) around one, as erratum 3017 says. Both are read.
fn modulus_bits(der: &[u8]) -> Option<u16> {
    let (outer, rest) = element(der, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    match element(outer, SEQUENCE) {
        Some((algorithm, key)) => {
            let (identifier, parameters) = element(algorithm, OBJECT_IDENTIFIER)?;
            let no_parameters = parameters.is_empty() || parameters == [NULL, 0];
            let (key, rest) = element(key, BIT_STRING)?;
            let key = key.strip_prefix(&[0])?;
            let (key, after) = element(key, SEQUENCE)?;
            let sound = identifier == RSA && no_parameters && rest.is_empty() && after.is_empty();
            sound.then(|| integers(key)).flatten()
        }
        None => integers(outer),
    }
}

/// The size of the first of two positive integers, with nothing behind them.
fn integers(key: &[u8]) -> Option<u16> {
    let (modulus, rest) = element(key, INTEGER)?;
    let (exponent, rest) = element(rest, INTEGER)?;
    size(exponent)?;
    size(modulus).filter(|_| rest.is_empty())
}

/// The bits of an integer, if it is positive and as short as it can be (X.690 8.3).
fn size(integer: &[u8]) -> Option<u16> {
    let magnitude = match integer {
        [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => rest,
        [1..=0x7f, ..] => integer,
        _ => return None,
    };
    let unused = magnitude.first()?.leading_zeros() as usize;
    u16::try_from(magnitude.len() * 8 - unused).ok()
}

/// The contents of an element with a tag, and what is behind it (X.690 8.1, DER lengths of 10.1).
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match *der {
        [found, length @ ..=0x7f, ref rest @ ..] if found == tag => (usize::from(length), rest),
        [found, 0x81, length @ 0x80..=0xff, ref rest @ ..] if found == tag => {
            (usize::from(length), rest)
        }
        [found, 0x82, high @ 1..=0xff, low, ref rest @ ..] if found == tag => {
            (usize::from(u16::from_be_bytes([high, low])), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}
