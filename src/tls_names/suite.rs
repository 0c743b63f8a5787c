//! What the IANA name of a suite or group says of it.

/// What makes a suite weak. The worst comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weakness {
    /// Nothing is encrypted.
    Null,
    /// Nobody proves who they are.
    Anonymous,
    /// Keys that were made short for export.
    Export,
    /// RC4 (RFC 7465).
    Rc4,
    /// DES, or any other cipher with keys as short.
    Des,
    /// 3DES: blocks of 64 bits.
    TripleDes,
    /// MD5.
    Md5,
    /// A suite that is called weak by its hello alone.
    Other,
}

impl Weakness {
    /// The word for it in a reason.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Anonymous => "anonymous",
            Self::Export => "export",
            Self::Rc4 => "rc4",
            Self::Des => "des",
            Self::TripleDes => "3des",
            Self::Md5 => "md5",
            Self::Other => "weak",
        }
    }
}

/// Whether a suite is one of TLS 1.3: its name says nothing of the key exchange.
pub fn is_1_3(suite: &str) -> bool {
    suite.starts_with("TLS_") && !suite.contains("_WITH_") || suite.contains("_MGM_")
}

/// Whether a suite encrypts and authenticates in one (RFC 5116), by its name.
pub fn is_aead(suite: &str) -> bool {
    let modes = ["_GCM_", "_CCM", "CHACHA20_POLY1305", "_AEGIS_", "_MGM_"];
    modes.iter().any(|mode| suite.contains(mode))
}

/// Key exchanges that are ephemeral, those without authentication included.
const EPHEMERAL: [&str; 4] = ["TLS_ECDHE_", "TLS_DHE_", "TLS_DH_anon_", "TLS_ECDH_anon_"];

/// Whether a suite has ephemeral keys; those of TLS 1.3 always do. None for a name that is not the
/// registry's.
pub fn is_ephemeral(suite: &str) -> Option<bool> {
    let starts = |list: &[&str]| list.iter().any(|start| suite.starts_with(start));
    if is_1_3(suite) {
        return Some(true);
    }
    // Before TLS 1.3 a name tells key exchange and cipher apart.
    match suite.contains("_WITH_") {
        true if suite.starts_with("TLS_") => Some(starts(&EPHEMERAL)),
        // SSL 2.0 knows RSA only.
        true if suite.starts_with("SSL_CK_") => Some(false),
        true => None,
        false => None,
    }
}

/// What makes a suite weak; none where nothing does.
pub fn weakness(suite: &str) -> Option<Weakness> {
    use Weakness as W;
    let has = |part: &str| suite.contains(part);
    Some(match suite {
        _ if has("_NULL") || suite.starts_with("TLS_SHA") => W::Null,
        _ if has("_anon_") => W::Anonymous,
        _ if has("EXPORT") => W::Export,
        _ if has("RC4") => W::Rc4,
        _ if has("3DES") || has("DES_192_EDE3") => W::TripleDes,
        _ if has("_DES") => W::Des,
        _ if has("MD5") => W::Md5,
        _ => return None,
    })
}

/// Whether a group is a hybrid post-quantum one. `MLKEM768` alone is none.
pub fn is_hybrid(group: &str) -> bool {
    group.contains("MLKEM") && !group.starts_with("MLKEM")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_says_how_its_keys_are_agreed_on() {
        for (suite, ephemeral) in [
            ("TLS_AES_128_GCM_SHA256", Some(true)),
            ("TLS_CHACHA20_POLY1305_SHA256", Some(true)),
            ("TLS_SM4_GCM_SM3", Some(true)),
            ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Some(true)),
            ("TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", Some(true)),
            ("TLS_DH_anon_WITH_RC4_128_MD5", Some(true)),
            ("TLS_RSA_WITH_AES_256_GCM_SHA384", Some(false)),
            ("TLS_DH_RSA_WITH_AES_128_CBC_SHA", Some(false)),
            ("TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA", Some(false)),
            ("TLS_KRB5_WITH_RC4_128_SHA", Some(false)),
            ("SSL_CK_DES_192_EDE3_CBC_WITH_MD5", Some(false)),
            ("TLS_GOSTR341112_256_WITH_KUZNYECHIK_MGM_L", Some(true)),
            ("0xc0ff", None),
            ("", None),
        ] {
            assert_eq!(is_ephemeral(suite), ephemeral, "{suite}");
        }
    }

    #[test]
    fn a_weak_suite_says_why() {
        use Weakness as W;
        for (suite, weak) in [
            ("TLS_RSA_WITH_NULL_SHA256", Some(W::Null)),
            ("TLS_NULL_WITH_NULL_NULL", Some(W::Null)),
            ("TLS_ECDH_anon_WITH_NULL_SHA", Some(W::Null)),
            ("TLS_SHA256_SHA256", Some(W::Null)),
            ("TLS_DH_anon_WITH_AES_128_CBC_SHA", Some(W::Anonymous)),
            ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", Some(W::Export)),
            ("SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5", Some(W::Export)),
            ("TLS_ECDHE_RSA_WITH_RC4_128_SHA", Some(W::Rc4)),
            ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", Some(W::TripleDes)),
            ("SSL_CK_DES_192_EDE3_CBC_WITH_MD5", Some(W::TripleDes)),
            ("TLS_DHE_RSA_WITH_DES_CBC_SHA", Some(W::Des)),
            ("SSL_CK_IDEA_128_CBC_WITH_MD5", Some(W::Md5)),
            ("TLS_RSA_WITH_AES_128_CBC_SHA", None),
            ("TLS_AES_256_GCM_SHA384", None),
            ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", None),
            ("0xc0ff", None),
        ] {
            assert_eq!(weakness(suite), weak, "{suite}");
        }
    }

    #[test]
    fn a_suite_says_whether_it_authenticates_what_it_encrypts() {
        for suite in ["TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CCM_8"] {
            assert!(is_aead(suite), "{suite}");
        }
        for suite in ["TLS_SHA256_SHA256", "TLS_RSA_WITH_SEED_CBC_SHA", "0x1234"] {
            assert!(!is_aead(suite), "{suite}");
        }
        assert!(is_1_3("TLS_SHA256_SHA256") && !is_1_3("TLS_RSA_WITH_SEED_CBC_SHA"));
    }

    #[test]
    fn a_hybrid_group_has_two_parts() {
        assert!(is_hybrid("X25519MLKEM768") && is_hybrid("SecP256r1MLKEM768"));
        assert!(!is_hybrid("MLKEM768") && !is_hybrid("x25519"));
    }
}
