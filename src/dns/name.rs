//! Names as text and back, without loss: a label may hold any byte (RFC 2181 11).
//!
//! Lower case, no final dot, `.` for the root. A dot or backslash inside a label is escaped by a
//! backslash, what is not printable ASCII is `\DDD` (RFC 1035 5.1).

use std::fmt::Write;

use hickory_resolver::proto::rr::Name;

/// A name from its text; `None` where it is no name.
pub fn name_of(text: &str) -> Option<Name> {
    if text == "." {
        return Some(Name::root());
    }
    let mut labels = vec![Vec::new()];
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'.' => labels.push(Vec::new()),
            b'\\' => labels.last_mut()?.push(escaped(&mut bytes)?),
            byte => labels.last_mut()?.push(byte),
        }
    }
    if labels.iter().any(Vec::is_empty) {
        return None;
    }
    let mut name = Name::from_labels(labels.iter().map(Vec::as_slice)).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// The byte behind a backslash: three digits, or the character itself.
fn escaped(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    let first = bytes.next()?;
    if !first.is_ascii_digit() {
        return Some(first);
    }
    let digits = [first, bytes.next()?, bytes.next()?];
    std::str::from_utf8(&digits).ok()?.parse().ok()
}

/// A name as the tables write it.
pub fn text_of(name: &Name) -> String {
    let mut text = String::new();
    for label in name {
        if !text.is_empty() {
            text.push('.');
        }
        for byte in label {
            match byte.to_ascii_lowercase() {
                byte @ (b'.' | b'\\') => {
                    text.push('\\');
                    text.push(char::from(byte));
                }
                byte @ 0x21..=0x7e => text.push(char::from(byte)),
                // Writing to a String cannot fail.
                byte => drop(write!(text, "\\{byte:03}")),
            }
        }
    }
    if text.is_empty() {
        ".".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_bytes_come_back_as_they_were() {
        for text in [
            ".",
            "example.cz",
            "_25._tcp.mx.example.cz",
            "-x.cz",
            "x*y.cz",
            "a#b.cz",
            "a/b.cz",
            "a@b.cz",
            "a\\.b.cz",
            "a\\\\b.cz",
            "a\\032b\\255.cz",
            "xn--hky-ela4t.cz",
        ] {
            let name = name_of(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(text_of(&name), text);
        }
        assert_eq!(
            name_of("EXAMPLE.cz").map(|name| text_of(&name)),
            Some("example.cz".to_owned())
        );
    }

    #[test]
    fn what_is_no_name_is_none() {
        let long = "a".repeat(64);
        for text in [
            "",
            "a..b",
            ".a",
            "a.",
            "a\\",
            "a\\2",
            "a\\999",
            &format!("{long}.cz"),
        ] {
            assert!(name_of(text).is_none(), "{text:?}");
        }
        assert!(name_of(&"a.".repeat(130)).is_none());
    }

    proptest::proptest! {
        #[test]
        fn labels_survive(labels in proptest::collection::vec(
            proptest::collection::vec(proptest::prelude::any::<u8>(), 1..20), 1..6,
        )) {
            let name = Name::from_labels(labels.iter().map(Vec::as_slice)).expect("short enough");
            let back = name_of(&text_of(&name)).expect("a name");
            proptest::prop_assert_eq!(text_of(&back), text_of(&name));
            proptest::prop_assert_eq!(back, name);
        }
    }
}
