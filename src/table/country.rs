//! Countries by their code: [`Country`].

/// A country or territory: two capital letters (ISO 3166-1 alpha-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// Codes of no country that tables of addresses have: unknown, and two regions of registries.
const NONE: [&str; 3] = ["ZZ", "EU", "AP"];

impl Country {
    /// The country of two letters, whatever their case; none for anything else, and for `ZZ`, `EU` and
    /// `AP`. Which codes are in use is not looked up: the list of them changes.
    pub fn parse(code: &str) -> Option<Self> {
        let upper = code.to_ascii_uppercase();
        match upper.as_bytes() {
            [first @ b'A'..=b'Z', second @ b'A'..=b'Z'] if !Self::is_none(code) => {
                Some(Self([*first, *second]))
            }
            _ => None,
        }
    }

    /// Whether a table says that it knows no country.
    pub fn is_none(code: &str) -> bool {
        NONE.iter().any(|none| none.eq_ignore_ascii_case(code))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The code as a number, never 0.
    pub fn number(self) -> u32 {
        u32::from(u16::from_be_bytes(self.0))
    }

    /// The country of a number.
    pub fn of_number(number: u32) -> Option<Self> {
        let bytes = u16::try_from(number).ok()?.to_be_bytes();
        Self::parse(std::str::from_utf8(&bytes).ok()?)
    }
}

impl std::fmt::Display for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_two_letters_and_a_country() {
        for (code, country) in [
            ("CZ", Some("CZ")),
            ("nz", Some("NZ")),
            ("ZZ", None),
            ("eu", None),
            ("AP", None),
            ("C", None),
            ("CZE", None),
            ("C1", None),
            ("\u{10d}z", None),
            ("", None),
        ] {
            let parsed = Country::parse(code);
            assert_eq!(parsed.as_ref().map(Country::as_str), country, "{code}");
            let again = parsed.and_then(|one| Country::of_number(one.number()));
            assert_eq!(again, parsed, "{code}");
        }
    }
}
