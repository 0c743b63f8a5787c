//! Keys from the seed, so that the same country has the same TLSA and DS records on every machine.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

/// PKCS #8 (RFC 5208) around an EC private key (RFC 5915) on P-256, up to its 32 bytes.
const PKCS8: [u8; 35] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01,
    0x01, 0x04, 0x20,
];
/// SubjectPublicKeyInfo of a key on P-256, up to its point.
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// AlgorithmIdentifier of rsaEncryption.
const RSA: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/// ECDSAP256SHA256 (RFC 6605).
pub const ALGORITHM: u8 = 13;
/// A key that signs the zone and is named by a DS record.
const FLAGS: u16 = 257;

/// The private key of something, as PKCS #8.
pub fn private(seed: u64, whose: &str) -> Vec<u8> {
    let text = format!("{seed:016x} {whose}");
    let mut der = PKCS8.to_vec();
    // Below the order of P-256 but for one seed in 2^32 times 2^192.
    der.extend_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    der
}

/// SubjectPublicKeyInfo (RFC 5480) of the same key.
pub fn public(seed: u64, whose: &str) -> Vec<u8> {
    let der = private(seed, whose);
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).expect("a key of P-256");
    let mut spki = SPKI.to_vec();
    spki.extend_from_slice(pair.public_key().as_ref());
    spki
}

/// SubjectPublicKeyInfo of a key by RSA (RFC 3279 2.3.1) of so many bits, which nobody can have the
/// private key of: for servers that never sign.
pub fn rsa(seed: u64, whose: &str, bits: usize) -> Vec<u8> {
    let key = tagged(3, &[vec![0], rsa_key(seed, whose, bits)].concat());
    tagged(0x30, &[RSA.to_vec(), key].concat())
}

/// RSAPublicKey (RFC 8017 A.1.1) of the same key.
pub fn rsa_key(seed: u64, whose: &str, bits: usize) -> Vec<u8> {
    tagged(
        0x30,
        &[modulus(seed, whose, bits), vec![2, 3, 1, 0, 1]].concat(),
    )
}

fn modulus(seed: u64, whose: &str, bits: usize) -> Vec<u8> {
    let blocks = (0..bits / 256).flat_map(|block| {
        let text = format!("{seed:016x} {whose} {block}");
        digest(&SHA256, text.as_bytes()).as_ref().to_vec()
    });
    let mut number: Vec<u8> = blocks.collect();
    number[0] |= 0x80;
    *number.last_mut().expect("a byte") |= 1;
    number.insert(0, 0);
    tagged(2, &number)
}

/// DER (X.690 8.1).
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16).to_be_bytes();
    let mut der = vec![tag, 0x82, length[0], length[1]];
    if length[0] == 0 {
        der = match length[1] {
            short @ ..0x80 => vec![tag, short],
            long => vec![tag, 0x81, long],
        };
    }
    der.extend_from_slice(content);
    der
}

/// SHA-256 in hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// RFC 4648 4.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(*three.get(at).unwrap_or(&0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            match at <= three.len() {
                true => text.push(char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}

/// The one key that signs every zone of the country.
pub struct ZoneKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    /// RDATA of its DNSKEY record.
    pub dnskey: Vec<u8>,
    /// Its key tag.
    pub tag: u16,
}

impl ZoneKey {
    /// The key of a seed.
    pub fn new(seed: u64) -> Self {
        let der = private(seed, "zones");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der)
            .expect("a key of P-256");
        let mut dnskey = FLAGS.to_be_bytes().to_vec();
        dnskey.extend_from_slice(&[3, ALGORITHM]);
        // Without the byte that says "uncompressed" (RFC 6605 4).
        dnskey.extend_from_slice(&pair.public_key().as_ref()[1..]);
        let tag = tag_of(&dnskey);
        Self {
            pair,
            random: SystemRandom::new(),
            dnskey,
            tag,
        }
    }

    /// A signature as DNSSEC wants it: r and s, 32 bytes each.
    pub fn sign(&self, data: &[u8]) -> Vec<u8> {
        let signature = self.pair.sign(&self.random, data).expect("a signature");
        signature.as_ref().to_vec()
    }
}

/// RFC 4034 appendix B.
fn tag_of(rdata: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for (at, byte) in rdata.iter().enumerate() {
        sum += u32::from(*byte) << if at % 2 == 0 { 8 } else { 0 };
    }
    (sum + (sum >> 16)) as u16
}
