//! Bytes of ClientHellos from SSL 3.0 to TLS 1.3 (RFC 6101 5.6.1.2, RFC 5246 7.4.1.2, RFC 8446 4.1.2).

use std::net::IpAddr;

use super::Hello;
use crate::tls_names::Version;

/// Signals secure renegotiation (RFC 5746 3.3).
pub const RENEGOTIATION: u16 = 0x00ff;
/// Suites of a hello without extensions, beside the signal, that keep it short of [`BAD_SIZES`].
const FEW: usize = 104;
/// Sizes of a ClientHello that some boxes choke on (RFC 7685 1), with its header.
const BAD_SIZES: std::ops::RangeInclusive<usize> = 256..=511;

/// Type of a record that carries a handshake.
pub const HANDSHAKE: u8 = 22;
/// Type of the message.
const CLIENT_HELLO: u8 = 1;

/// Numbers of extensions.
pub mod extension {
    /// RFC 6066 3.
    pub const SERVER_NAME: u16 = 0;
    /// RFC 8422 5.1.1.
    pub const GROUPS: u16 = 10;
    /// RFC 8422 5.1.2.
    pub const POINT_FORMATS: u16 = 11;
    /// RFC 5246 7.4.1.4.1.
    pub const SCHEMES: u16 = 13;
    /// RFC 6520 2.
    pub const HEARTBEAT: u16 = 15;
    /// RFC 7685 3.
    pub const PADDING: u16 = 21;
    /// RFC 7627 5.1.
    pub const MASTER_SECRET: u16 = 23;
    /// RFC 8446 4.2.1.
    pub const VERSIONS: u16 = 43;
    /// RFC 8446 4.2.8.
    pub const KEY_SHARE: u16 = 51;
    /// RFC 5746 3.2.
    pub const RENEGOTIATION: u16 = 0xff01;
}

/// The record of a hello.
pub fn record(hello: &Hello, sni: Option<&str>, random: &[u8; 32]) -> Vec<u8> {
    let message = message(hello, sni, random);
    // Old servers want the oldest version that will do (RFC 5246 E.1).
    let version = hello.version.number().min(Version::Tls1_0.number());
    let mut record = vec![HANDSHAKE];
    record.extend(version.to_be_bytes());
    record.extend(counted(&message));
    record
}

fn message(hello: &Hello, sni: Option<&str>, random: &[u8; 32]) -> Vec<u8> {
    let version = hello.version.min(Version::Tls1_2).number();
    let mut body = version.to_be_bytes().to_vec();
    body.extend(random);
    // No session to go on with.
    body.push(0);
    body.extend(counted(&numbers(&offered(hello))));
    body.extend(match hello.offers_compression() {
        true => &[2, 1, 0][..],
        false => &[1, 0],
    });
    if hello.extensions {
        let mut extensions = extensions(hello, sni);
        // With the header of the message, and the size of the extensions.
        let size = 4 + body.len() + 2 + extensions.len();
        if BAD_SIZES.contains(&size) {
            // At least one byte: some servers want the last extension not to be empty.
            let missing = (BAD_SIZES.end() + 1 - size).saturating_sub(4).max(1);
            add(&mut extensions, extension::PADDING, &vec![0; missing]);
        }
        body.extend(counted(&extensions));
    }
    let size = u32::try_from(body.len()).unwrap_or_default().to_be_bytes();
    let mut message = vec![CLIENT_HELLO, size[1], size[2], size[3]];
    message.extend(body);
    message
}

/// The suites that are sent, with the signal that stands behind them.
fn offered(hello: &Hello) -> Vec<u16> {
    let mut suites = hello.sent_suites().to_vec();
    if hello.version < Version::Tls1_3 {
        suites.push(RENEGOTIATION);
    }
    suites
}

/// How many of its suites fit into a hello. Without extensions nothing can be filled up, so that a
/// number of suites that makes a bad size is cut.
pub fn fitting(hello: &Hello) -> usize {
    let all = hello.suites.len();
    let size = 4 + 2 + 32 + 1 + 2 + 2 * (all + 1) + 2;
    match !hello.extensions && BAD_SIZES.contains(&size) {
        true => all.min(FEW),
        false => all,
    }
}

fn extensions(hello: &Hello, sni: Option<&str>) -> Vec<u8> {
    let mut all = Vec::new();
    if let Some(name) = sni.filter(|name| is_host_name(name)) {
        let name = [&[0][..], &counted(name.trim_end_matches('.').as_bytes())].concat();
        add(&mut all, extension::SERVER_NAME, &counted(&name));
    }
    if !hello.groups.is_empty() {
        add(
            &mut all,
            extension::GROUPS,
            &counted(&numbers(&hello.groups)),
        );
    }
    if hello.version >= Version::Tls1_2 {
        let schemes = counted(&numbers(&hello.schemes));
        add(&mut all, extension::SCHEMES, &schemes);
    }
    if hello.version == Version::Tls1_3 {
        let versions = [&[2][..], &Version::Tls1_3.number().to_be_bytes()].concat();
        add(&mut all, extension::VERSIONS, &versions);
        // No share asks the server to name the group (RFC 8446 4.2.8).
        add(&mut all, extension::KEY_SHARE, &counted(&[]));
        return all;
    }
    add(&mut all, extension::POINT_FORMATS, &[1, 0]);
    add(&mut all, extension::MASTER_SECRET, &[]);
    // We are not to be sent any.
    add(&mut all, extension::HEARTBEAT, &[2]);
    all
}

/// Whether a name may be sent as a server name: host names only, no addresses (RFC 6066 3).
fn is_host_name(name: &str) -> bool {
    let byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !name.is_empty()
        && name.len() <= 254
        && name.bytes().all(byte)
        && name.parse::<IpAddr>().is_err()
}

fn add(extensions: &mut Vec<u8>, number: u16, data: &[u8]) {
    extensions.extend(number.to_be_bytes());
    extensions.extend(counted(data));
}

fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect()
}

/// Bytes behind their number, in two bytes.
fn counted(bytes: &[u8]) -> Vec<u8> {
    // Nothing that is offered comes near.
    let bytes = &bytes[..bytes.len().min(usize::from(u16::MAX))];
    let size = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&size.to_be_bytes()[..], bytes].concat()
}
