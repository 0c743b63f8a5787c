//! The first flight of SSL 3.0 to TLS 1.2: ServerHello, Certificate, ServerKeyExchange and
//! ServerHelloDone (RFC 5246 7.4, RFC 8422, RFC 6101).

use super::client_hello::{
    ClientHello, EXTENDED_MASTER_SECRET, HEARTBEAT, POINT_FORMATS, RENEGOTIATION_INFO,
};
use super::{
    Chains, Exchange, HANDSHAKE_FAILURE, Key, PROTOCOL_VERSION, Repertoire, Suite, Version, noise,
    suite,
};

/// Most bytes of a record (RFC 5246 6.2.1).
const RECORD: usize = 1 << 14;
/// DEFLATE (RFC 3749).
const DEFLATE: u8 = 1;
/// Handshake types.
const SERVER_HELLO: u8 = 2;
/// See [`SERVER_HELLO`].
const CERTIFICATE: u8 = 11;
/// See [`SERVER_HELLO`].
const SERVER_KEY_EXCHANGE: u8 = 12;
/// See [`SERVER_HELLO`].
const SERVER_HELLO_DONE: u8 = 14;
/// Schemes of signatures (RFC 5246 7.4.1.4.1), the best one first.
const BY_RSA: [u16; 3] = [0x0401, 0x0501, 0x0201];
/// See [`BY_RSA`].
const BY_ECDSA: [u16; 3] = [0x0403, 0x0503, 0x0203];

/// What was chosen.
struct Choice {
    version: Version,
    suite: &'static Suite,
    group: Option<u16>,
    scheme: u16,
    chain: Vec<Vec<u8>>,
}

/// The flight, or the alert that refuses.
pub fn first(repertoire: &Repertoire, hello: &ClientHello, chains: &Chains) -> Result<Vec<u8>, u8> {
    let choice = choose(repertoire, hello, chains)?;
    let mut messages = Vec::new();
    let mut add = |kind: u8, body: Vec<u8>| {
        messages.push(kind);
        messages.extend(sized(3, body));
    };
    add(SERVER_HELLO, server_hello(repertoire, hello, &choice));
    if choice.suite.key != Key::None {
        let chain = choice.chain.iter().flat_map(|der| sized(3, der.clone()));
        add(CERTIFICATE, sized(3, chain.collect()));
    }
    if let Some(body) = key_exchange(repertoire, &choice) {
        add(SERVER_KEY_EXCHANGE, body);
    }
    add(SERVER_HELLO_DONE, Vec::new());
    let records = messages.chunks(RECORD).flat_map(|part| {
        let mut record = vec![22];
        record.extend(choice.version.number().to_be_bytes());
        record.extend(sized(2, part.to_vec()));
        record
    });
    Ok(records.collect())
}

/// Bytes behind their length in so many bytes.
fn sized(bytes: usize, body: Vec<u8>) -> Vec<u8> {
    let length = (body.len() as u32).to_be_bytes();
    let mut all = length[4 - bytes..].to_vec();
    all.extend(body);
    all
}

fn choose(repertoire: &Repertoire, hello: &ClientHello, chains: &Chains) -> Result<Choice, u8> {
    if hello.extensions.is_some() && !repertoire.takes_extensions {
        return Err(HANDSHAKE_FAILURE);
    }
    let common = repertoire
        .versions()
        .filter(|version| *version != Version::Ssl2 && version.number() <= hello.version);
    let version = common.max().ok_or(PROTOCOL_VERSION)?;
    let group = group(repertoire, hello);
    let name = hello.server_name();
    let suites = repertoire.suites.iter().copied();
    let mut suites = suites.filter(|number| hello.offers(*number));
    let choice = suites.find_map(|number| {
        let suite = suite(number).expect("a suite of the table");
        let group = match suite.exchange {
            Exchange::Ecdhe if version == Version::Ssl3 => return None,
            Exchange::Ecdhe => Some(group?),
            _ => None,
        };
        if suite.is_of_1_2 && version < Version::Tls12 {
            return None;
        }
        let chain = match suite.key {
            Key::None => Vec::new(),
            key => chains(key, name.as_deref())?,
        };
        Some(Choice {
            version,
            suite,
            group,
            scheme: scheme(suite.key, hello)?,
            chain,
        })
    });
    choice.ok_or(HANDSHAKE_FAILURE)
}

/// A client that names no group takes any (RFC 8422 4).
fn group(repertoire: &Repertoire, hello: &ClientHello) -> Option<u16> {
    let named = hello.groups();
    let mut groups = repertoire.groups.iter().copied();
    groups.find(|group| named.as_ref().is_none_or(|named| named.contains(group)))
}

/// SHA-1 where the client names none (RFC 5246 7.4.1.4.1).
fn scheme(key: Key, hello: &ClientHello) -> Option<u16> {
    let mut all = match key {
        Key::Ecdsa => BY_ECDSA,
        Key::Rsa | Key::None => BY_RSA,
    }
    .into_iter();
    match hello.schemes().filter(|_| key != Key::None) {
        Some(named) => all.find(|scheme| named.contains(scheme)),
        None => all.next_back(),
    }
}

fn server_hello(repertoire: &Repertoire, hello: &ClientHello, choice: &Choice) -> Vec<u8> {
    let mut body = choice.version.number().to_be_bytes().to_vec();
    body.extend(noise(32));
    body.push(0); // session
    body.extend(choice.suite.number.to_be_bytes());
    let deflates = repertoire.compression && hello.compressions.contains(&DEFLATE);
    body.push(if deflates { DEFLATE } else { 0 });
    let mut extensions = Vec::new();
    let mut add = |kind: u16, content: &[u8]| {
        extensions.extend(kind.to_be_bytes());
        extensions.extend(sized(2, content.to_vec()));
    };
    if repertoire.secure_renegotiation && hello.renegotiates_securely() {
        add(RENEGOTIATION_INFO, &[0]);
    }
    if choice.group.is_some() && hello.extension(POINT_FORMATS).is_some() {
        add(POINT_FORMATS, &[1, 0]);
    }
    if repertoire.extended_master_secret && hello.extension(EXTENDED_MASTER_SECRET).is_some() {
        add(EXTENDED_MASTER_SECRET, &[]);
    }
    if repertoire.heartbeat && hello.extension(HEARTBEAT).is_some() {
        add(HEARTBEAT, &[1]);
    }
    if !extensions.is_empty() {
        body.extend(sized(2, extensions));
    }
    body
}

/// None where the certificate's key takes the secret.
fn key_exchange(repertoire: &Repertoire, choice: &Choice) -> Option<Vec<u8>> {
    let mut body = match choice.suite.exchange {
        Exchange::Rsa => return None,
        Exchange::RsaExport => {
            let mut body = sized(2, number(512));
            body.extend(sized(2, vec![1, 0, 1]));
            body
        }
        Exchange::Dhe => {
            let mut body = sized(2, number(repertoire.dh_bits));
            body.extend(sized(2, vec![2]));
            body.extend(sized(2, noise(usize::from(repertoire.dh_bits) / 8)));
            body
        }
        Exchange::Ecdhe => {
            let group = choice.group.expect("a group");
            let mut body = vec![3]; // named_curve
            body.extend(group.to_be_bytes());
            body.extend(sized(1, point(group)));
            body
        }
    };
    if choice.suite.key != Key::None {
        if choice.version == Version::Tls12 {
            body.extend(choice.scheme.to_be_bytes());
        }
        body.extend(sized(
            2,
            noise(if choice.suite.key == Key::Rsa {
                256
            } else {
                70
            }),
        ));
    }
    Some(body)
}

/// An odd number of exactly so many bits.
fn number(bits: u16) -> Vec<u8> {
    let mut bytes = noise(usize::from(bits) / 8);
    bytes[0] |= 0x80;
    *bytes.last_mut().expect("a byte") |= 1;
    bytes
}

fn point(group: u16) -> Vec<u8> {
    let coordinates = match group {
        29 => return noise(32),
        23 => 64,
        24 => 96,
        _ => 132,
    };
    let mut point = vec![4]; // uncompressed
    point.extend(noise(coordinates));
    point
}
