//! Versions of SSL and TLS.

/// A version, in the order of their ages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// SSL 2.0.
    Ssl2,
    /// SSL 3.0 (RFC 6101).
    Ssl3,
    /// TLS 1.0 (RFC 2246).
    Tls1_0,
    /// TLS 1.1 (RFC 4346).
    Tls1_1,
    /// TLS 1.2 (RFC 5246).
    Tls1_2,
    /// TLS 1.3 (RFC 8446).
    Tls1_3,
}

impl Version {
    /// All of them, oldest first.
    pub const ALL: [Self; 6] = [
        Self::Ssl2,
        Self::Ssl3,
        Self::Tls1_0,
        Self::Tls1_1,
        Self::Tls1_2,
        Self::Tls1_3,
    ];

    /// As the columns spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ssl2 => "SSL 2.0",
            Self::Ssl3 => "SSL 3.0",
            Self::Tls1_0 => "TLS 1.0",
            Self::Tls1_1 => "TLS 1.1",
            Self::Tls1_2 => "TLS 1.2",
            Self::Tls1_3 => "TLS 1.3",
        }
    }

    /// The word for it in a reason.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ssl2 => "ssl_2_0",
            Self::Ssl3 => "ssl_3_0",
            Self::Tls1_0 => "tls_1_0",
            Self::Tls1_1 => "tls_1_1",
            Self::Tls1_2 => "tls_1_2",
            Self::Tls1_3 => "tls_1_3",
        }
    }

    /// Its number on the wire.
    pub fn number(self) -> u16 {
        match self {
            Self::Ssl2 => 0x0002,
            Self::Ssl3 => 0x0300,
            Self::Tls1_0 => 0x0301,
            Self::Tls1_1 => 0x0302,
            Self::Tls1_2 => 0x0303,
            Self::Tls1_3 => 0x0304,
        }
    }

    /// The version of a number.
    pub fn of_number(number: u16) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| version.number() == number)
    }

    /// The version that a column spells.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| version.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_by_number_and_by_name() {
        for version in Version::ALL {
            assert_eq!(Version::of_number(version.number()), Some(version));
            assert_eq!(Version::of_name(version.as_str()), Some(version));
        }
        assert_eq!(Version::of_number(0x0305), None);
        assert_eq!(Version::of_name("TLS 1.4"), None);
        assert!(Version::ALL.is_sorted());
    }
}
