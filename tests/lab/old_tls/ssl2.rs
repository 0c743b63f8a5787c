//! SERVER-HELLO of SSL 2.0 (draft-hickman-netscape-ssl-00 1.3.2).

use super::{Chains, ClientHello, Key, Repertoire, Version, noise};

/// Cipher kinds: RC4 with MD5, its export version, 3DES.
const KINDS: [u32; 3] = [0x01_00_80, 0x02_00_80, 0x07_00_c0];
/// Message type.
const SERVER_HELLO: u8 = 4;
/// An X.509 certificate.
const X509: u8 = 1;
/// Bytes of the connection id.
const ID: usize = 16;

/// None where SSL 2.0 is not spoken, or nothing is in common.
pub fn server_hello(
    repertoire: &Repertoire,
    hello: &ClientHello,
    chains: &Chains,
) -> Option<Vec<u8>> {
    let speaks = repertoire.versions.contains(&Version::Ssl2);
    let common = KINDS.iter().filter(|kind| hello.suites.contains(kind));
    let kinds: Vec<u8> = common
        .flat_map(|kind| kind.to_be_bytes()[1..].to_vec())
        .collect();
    if !speaks || kinds.is_empty() {
        return None;
    }
    let leaf = chains(Key::Rsa, None)?.swap_remove(0);
    let mut message = vec![SERVER_HELLO, 0, X509];
    message.extend(Version::Ssl2.number().to_be_bytes());
    for length in [leaf.len(), kinds.len(), ID] {
        message.extend((length as u16).to_be_bytes());
    }
    message.extend(leaf);
    message.extend(kinds);
    message.extend(noise(ID));
    let mut record = (0x8000 | message.len() as u16).to_be_bytes().to_vec();
    record.extend(message);
    Some(record)
}
