//! Cipher suites that servers of the lab know: what each needs, by the IANA registry. [`suite`] finds
//! one by its number.

/// How the key is agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// Encrypted to the key of the certificate.
    Rsa,
    /// Encrypted to a short key that lives as long as the server.
    RsaExport,
    /// Diffie-Hellman over a prime.
    Dhe,
    /// Diffie-Hellman on a curve.
    Ecdhe,
}

/// Whose key signs, or takes the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Rsa,
    Ecdsa,
    /// Nobody's.
    None,
}

/// A cipher suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suite {
    pub number: u16,
    pub name: &'static str,
    pub exchange: Exchange,
    pub key: Key,
    /// Whether it came with TLS 1.2: AEAD, or MACs of SHA-2.
    pub is_of_1_2: bool,
}

const fn of(number: u16, name: &'static str, exchange: Exchange, key: Key) -> Suite {
    Suite {
        number,
        name,
        exchange,
        key,
        is_of_1_2: false,
    }
}

const fn of_1_2(number: u16, name: &'static str, exchange: Exchange, key: Key) -> Suite {
    Suite {
        is_of_1_2: true,
        ..of(number, name, exchange, key)
    }
}

use Exchange::{Dhe, Ecdhe, Rsa, RsaExport};
use Key::{Ecdsa, None as Nobody, Rsa as ByRsa};

#[rustfmt::skip] // a table
const SUITES: [Suite; 29] = [
    of(0x0001, "TLS_RSA_WITH_NULL_MD5", Rsa, ByRsa),
    of(0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", RsaExport, ByRsa),
    of(0x0004, "TLS_RSA_WITH_RC4_128_MD5", Rsa, ByRsa),
    of(0x0005, "TLS_RSA_WITH_RC4_128_SHA", Rsa, ByRsa),
    of(0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", Rsa, ByRsa),
    of(0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", Dhe, ByRsa),
    of(0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA", Dhe, Nobody),
    of(0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", Rsa, ByRsa),
    of(0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", Dhe, ByRsa),
    of(0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", Rsa, ByRsa),
    of(0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", Dhe, ByRsa),
    of_1_2(0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256", Rsa, ByRsa),
    of_1_2(0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", Rsa, ByRsa),
    of_1_2(0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", Rsa, ByRsa),
    of_1_2(0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", Dhe, ByRsa),
    of_1_2(0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", Dhe, ByRsa),
    of(0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", Ecdhe, Ecdsa),
    of(0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", Ecdhe, Ecdsa),
    of(0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", Ecdhe, Ecdsa),
    of(0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", Ecdhe, Ecdsa),
    of(0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA", Ecdhe, ByRsa),
    of(0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", Ecdhe, ByRsa),
    of(0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Ecdhe, ByRsa),
    of(0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", Ecdhe, ByRsa),
    of(0xc018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA", Ecdhe, Nobody),
    of_1_2(0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Ecdhe, Ecdsa),
    of_1_2(0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Ecdhe, Ecdsa),
    of_1_2(0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Ecdhe, ByRsa),
    of_1_2(0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", Ecdhe, ByRsa),
];

/// The suite of a number, where it is known here.
pub fn suite(number: u16) -> Option<&'static Suite> {
    SUITES.iter().find(|suite| suite.number == number)
}
