//! ServerHello and HelloRetryRequest (RFC 5246 7.4.1.3, RFC 8446 4.1.3 and 4.1.4).

use super::encode::extension;
use super::reader::Reader;
use super::{Flight, Hello};
use crate::tls_names::{self, Version};

/// Random of a HelloRetryRequest (RFC 8446 4.1.3).
const RETRY: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// What a ServerHello says; none where it is not one, or not one that answers this hello.
pub fn parse(body: &[u8], hello: &Hello) -> Option<Flight> {
    let mut body = Reader(body);
    let legacy = body.u16()?;
    let is_retry = body.take(32)? == RETRY;
    let session = body.vector(1)?;
    let suite = body.u16()?;
    let compression = body.u8()?;
    let extensions = match body.is_empty() {
        true => Extensions::default(),
        false => Extensions::of(body.vector(2)?, is_retry)?,
    };
    let version = Version::of_number(extensions.version.unwrap_or(legacy))?;
    let is_1_3 = version == Version::Tls1_3;
    let sane = body.is_empty()
        && session.0.len() <= 32
        && is_offered(hello, version)
        && is_1_3 == extensions.version.is_some()
        && (is_1_3 || !is_retry)
        && hello.sent_suites().contains(&suite)
        && (compression == 0 || compression == 1 && hello.offers_compression());
    let before = |offered: bool, value: bool| (offered && !is_1_3).then_some(value);
    sane.then(|| Flight {
        version: version.as_str().to_owned(),
        cipher: tls_names::suite(suite),
        group: extensions.group.map(tls_names::group),
        compression: before(hello.offers_compression(), compression != 0),
        secure_renegotiation: before(true, extensions.renegotiation),
        extended_master_secret: before(hello.extensions, extensions.master_secret),
        heartbeat: before(hello.extensions, extensions.heartbeat),
        ..Flight::default()
    })
}

/// A hello for TLS 1.3 offers nothing else; all others offer what is older, too.
fn is_offered(hello: &Hello, version: Version) -> bool {
    match hello.version {
        Version::Tls1_3 => version == Version::Tls1_3,
        newest => version > Version::Ssl2 && version <= newest,
    }
}

/// The extensions that tell something.
#[derive(Debug, Default)]
struct Extensions {
    version: Option<u16>,
    group: Option<u16>,
    renegotiation: bool,
    master_secret: bool,
    heartbeat: bool,
}

impl Extensions {
    fn of(mut list: Reader<'_>, is_retry: bool) -> Option<Self> {
        let mut seen = Self::default();
        while !list.is_empty() {
            let number = list.u16()?;
            let mut data = list.vector(2)?;
            match number {
                extension::VERSIONS => seen.version = Some(data.u16()?),
                extension::KEY_SHARE => {
                    seen.group = Some(data.u16()?);
                    if !is_retry {
                        data.vector(2)?;
                    }
                }
                extension::RENEGOTIATION => seen.renegotiation = true,
                extension::MASTER_SECRET => seen.master_secret = true,
                extension::HEARTBEAT => seen.heartbeat = true,
                _ => {}
            }
        }
        Some(seen)
    }
}
