//! What a server takes, and what it does with hellos that it does not: [`Repertoire`], and those
//! that tests and countries have use for.

/// A version of SSL or TLS that a stub answers, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    Ssl2,
    Ssl3,
    Tls10,
    Tls11,
    Tls12,
}

impl Version {
    /// As it stands in records.
    pub fn number(self) -> u16 {
        match self {
            Self::Ssl2 => 0x0002,
            Self::Ssl3 => 0x0300,
            Self::Tls10 => 0x0301,
            Self::Tls11 => 0x0302,
            Self::Tls12 => 0x0303,
        }
    }
}

/// What a server does with a hello that it does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Alert 70 (protocol_version) or 40 (handshake_failure), as it is.
    Alert,
    /// Closes the connection.
    Close,
    /// Resets it.
    Reset,
    /// Says nothing.
    Silence,
}

/// The TLS library behind a server, for hellos that can be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// There is none.
    None,
    /// TLS 1.2.
    Tls12,
    /// TLS 1.2 and 1.3 with classical groups only.
    Classical,
    /// TLS 1.2 and 1.3, a hybrid post-quantum group besides.
    Hybrid,
}

/// What certificates a server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificates {
    /// One, by ECDSA where there is a library, else by RSA.
    One,
    /// One by ECDSA and one by RSA, chosen by what the client takes.
    Both,
    /// The same, but the library has the one by ECDSA only.
    RsaBesides,
    /// One by ECDSA for whatever name is asked for.
    PerName,
}

/// What a server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repertoire {
    /// Hellos that this takes never reach the rest.
    pub library: Library,
    pub certificates: Certificates,
    /// Versions of the rest, besides TLS 1.2 where there is a library.
    pub versions: &'static [Version],
    /// Suites of the rest, the server's favourites first.
    pub suites: &'static [u16],
    /// Groups of ECDHE by their IANA numbers, the server's favourites first.
    pub groups: &'static [u16],
    /// Size of the prime of DHE.
    pub dh_bits: u16,
    /// Whether DEFLATE is chosen where it is offered.
    pub compression: bool,
    /// Whether it signals secure renegotiation (RFC 5746).
    pub secure_renegotiation: bool,
    /// Whether it takes the extended master secret (RFC 7627).
    pub extended_master_secret: bool,
    /// Whether it takes heartbeats (RFC 6520).
    pub heartbeat: bool,
    /// Whether it bears hellos with extensions.
    pub takes_extensions: bool,
    pub refusal: Refusal,
}

impl Repertoire {
    /// Every version up to TLS 1.2. What the library leaves to the rest is of a version that it has,
    /// too.
    pub fn versions(&self) -> impl Iterator<Item = Version> {
        let of_library = (self.library != Library::None).then_some(Version::Tls12);
        self.versions.iter().copied().chain(of_library)
    }

    /// Whether there is a certificate by ECDSA, and one by RSA.
    pub fn keys(&self) -> (bool, bool) {
        match (self.certificates, self.library) {
            (Certificates::One, Library::None) => (false, true),
            (Certificates::One | Certificates::PerName, _) => (true, false),
            (Certificates::Both | Certificates::RsaBesides, _) => (true, true),
        }
    }
}

/// P-256 and X25519.
const GROUPS: &[u16] = &[23, 29];
/// AES for certificates of both kinds.
const SOUND: &[u16] = &[
    0xc00a, 0xc009, 0xc014, 0xc013, 0x0039, 0x0033, 0x0035, 0x002f,
];
/// The same and 3DES and RC4 behind it.
const WEAK: &[u16] = &[
    0xc00a, 0xc009, 0xc014, 0xc013, 0x0035, 0x002f, 0xc008, 0xc012, 0x000a, 0xc007, 0xc011, 0x0005,
    0x0004,
];
/// RSA key exchange of TLS 1.2 and before.
const STATIC: &[u16] = &[0x009d, 0x009c, 0x003c, 0x0035, 0x002f];
/// What there was before extensions.
const ANCIENT: &[u16] = &[
    0x0039, 0x0033, 0x0035, 0x002f, 0x0016, 0x000a, 0x0005, 0x0004,
];

/// A modern server that says no to everything else as OpenSSL does.
pub const MODERN: Repertoire = Repertoire {
    library: Library::Hybrid,
    certificates: Certificates::One,
    versions: &[],
    suites: &[],
    groups: GROUPS,
    dh_bits: 2_048,
    compression: false,
    secure_renegotiation: true,
    extended_master_secret: true,
    heartbeat: false,
    takes_extensions: true,
    refusal: Refusal::Alert,
};
/// A modern server without a hybrid group.
pub const CLASSICAL: Repertoire = Repertoire {
    library: Library::Classical,
    ..MODERN
};
/// A modern server that takes TLS 1.0 and 1.1, too.
pub const LEGACY: Repertoire = Repertoire {
    versions: &[Version::Tls10, Version::Tls11],
    suites: SOUND,
    ..MODERN
};
/// A modern server that takes 3DES and RC4, too, in TLS 1.2.
pub const WEAK_SUITES: Repertoire = Repertoire {
    suites: WEAK,
    ..MODERN
};
/// A server of 2012 with the library of later: TLS 1.0 to 1.2 with 3DES and RC4.
pub const LEGACY_AND_WEAK: Repertoire = Repertoire {
    library: Library::Tls12,
    versions: &[Version::Tls10, Version::Tls11],
    suites: WEAK,
    ..MODERN
};
/// TLS 1.2 with RSA key exchange only.
pub const RSA_KEY_EXCHANGE_ONLY: Repertoire = Repertoire {
    library: Library::None,
    versions: &[Version::Tls12],
    suites: STATIC,
    ..MODERN
};
/// TLS 1.2 with DHE only, over a short prime.
pub const DHE_ONLY: Repertoire = Repertoire {
    library: Library::None,
    versions: &[Version::Tls10, Version::Tls11, Version::Tls12],
    suites: &[0x009f, 0x009e, 0x0039, 0x0033],
    dh_bits: 1_024,
    ..MODERN
};
/// TLS 1.0 and nothing newer, with what was usual then.
pub const TLS10_ONLY: Repertoire = Repertoire {
    library: Library::None,
    versions: &[Version::Tls10],
    suites: ANCIENT,
    dh_bits: 1_024,
    compression: true,
    extended_master_secret: false,
    heartbeat: true,
    ..MODERN
};
/// A modern server that was never told to let go of SSL 3.0.
pub const SSL3: Repertoire = Repertoire {
    certificates: Certificates::RsaBesides,
    versions: &[Version::Ssl3, Version::Tls10, Version::Tls11],
    suites: ANCIENT,
    ..MODERN
};
/// SSL 2.0 to TLS 1.0, without secure renegotiation.
pub const SSL2: Repertoire = Repertoire {
    library: Library::None,
    versions: &[Version::Ssl2, Version::Ssl3, Version::Tls10],
    suites: &[0x0004, 0x0005, 0x000a, 0x0003],
    secure_renegotiation: false,
    extended_master_secret: false,
    ..MODERN
};
/// A modern server that closes on hellos it does not like.
pub const REFUSES_BY_CLOSE: Repertoire = Repertoire {
    refusal: Refusal::Close,
    ..MODERN
};
/// The same by a reset.
pub const REFUSES_BY_RESET: Repertoire = Repertoire {
    refusal: Refusal::Reset,
    ..MODERN
};
/// A modern server that says nothing to them.
pub const SILENT_ON_OLD_HELLO: Repertoire = Repertoire {
    refusal: Refusal::Silence,
    ..MODERN
};
/// TLS 1.0 from before extensions: alert 40 to every hello that has some.
pub const EXTENSION_INTOLERANT: Repertoire = Repertoire {
    takes_extensions: false,
    heartbeat: false,
    secure_renegotiation: false,
    extended_master_secret: false,
    ..TLS10_ONLY
};
/// A certificate of each kind.
pub const TWO_CERTIFICATES: Repertoire = Repertoire {
    certificates: Certificates::Both,
    ..LEGACY
};
/// A certificate for each name.
pub const CERTIFICATE_PER_NAME: Repertoire = Repertoire {
    certificates: Certificates::PerName,
    ..LEGACY
};
