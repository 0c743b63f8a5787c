//! Where a redirect leads: the scheme and the authority of Location, and nothing else of it.

use std::fmt::Write;

/// Statuses by which a server sends clients somewhere else (RFC 9110 15.4).
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];
/// Longest authority that is kept: a host and a port.
const LONGEST: usize = 253 + 6;

/// What an answer redirects to, as `https://mail.example.cz`; none where it does not, and an empty text
/// where that cannot be read. `own` is what was asked: scheme and host.
pub fn target(status: u16, location: Option<&[u8]>, own: (&str, &str)) -> Option<String> {
    let location = location.filter(|_| REDIRECTS.contains(&status))?;
    Some(read(location, own).unwrap_or_default())
}

/// RFC 9110 10.2.2: a URI reference, relative to what was asked.
fn read(location: &[u8], own: (&str, &str)) -> Option<String> {
    let text = std::str::from_utf8(location).ok()?.trim();
    let (scheme, rest) = match scheme_of(text) {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => (own.0.to_owned(), text),
    };
    let authority = match rest.strip_prefix("//") {
        Some(rest) => rest.split(['/', '?', '#', '\\']).next().unwrap_or_default(),
        // A path of the same server, as the scheme stands there, or not.
        None if scheme == own.0 => own.1,
        None => return None,
    };
    // What stands before `@` is nobody's business.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let is_sound = !host.is_empty() && host.len() <= LONGEST && host.bytes().all(is_host);
    is_sound.then(|| {
        let mut target = String::new();
        // Writing to a String cannot fail.
        let _ = write!(target, "{scheme}://{}", host.to_ascii_lowercase());
        target
    })
}

/// RFC 3986 3.1: `scheme ":"`.
fn scheme_of(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.len() <= 16
        && scheme.bytes().all(is_letter);
    is_scheme.then_some((scheme, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(location: &str) -> Option<String> {
        target(
            301,
            Some(location.as_bytes()),
            ("http", "webmail.example.cz"),
        )
    }

    #[test]
    fn scheme_and_host_are_kept_and_nothing_else() {
        for (location, expected) in [
            ("https://webmail.example.cz/", "https://webmail.example.cz"),
            (
                "HTTPS://Mail.Example.CZ:8443?user=jan#x",
                "https://mail.example.cz:8443",
            ),
            (
                "https://jan:secret@mail.example.cz/",
                "https://mail.example.cz",
            ),
            ("https://[2001:db8::1]/", "https://[2001:db8::1]"),
            ("//other.example/path", "http://other.example"),
            ("/login?to=https://x", "http://webmail.example.cz"),
            ("login", "http://webmail.example.cz"),
            ("", "http://webmail.example.cz"),
            ("http:/login", "http://webmail.example.cz"),
            ("ftp://files.example/", "ftp://files.example"),
            ("https:webmail", ""),
            ("https:///path", ""),
            ("https://a b/", ""),
            ("https://ex\u{e1}mple.cz/", ""),
            ("javascript:alert(1)", ""),
        ] {
            assert_eq!(of(location).as_deref(), Some(expected), "{location}");
        }
        let long = format!("https://{}/", "a".repeat(400));
        assert_eq!(of(&long).as_deref(), Some(""));
    }

    #[test]
    fn only_a_redirect_leads_somewhere() {
        let own = ("http", "webmail.example.cz");
        let location = Some(&b"https://a.example/"[..]);
        for status in [200, 201, 300, 304, 404] {
            assert_eq!(target(status, location, own), None, "{status}");
        }
        for status in REDIRECTS {
            assert!(target(status, location, own).is_some(), "{status}");
            assert_eq!(target(status, None, own), None, "{status}");
        }
        assert_eq!(target(302, Some(b"\xff"), own).as_deref(), Some(""));
    }

    proptest::proptest! {
        #[test]
        fn whatever_stands_there_becomes_a_short_text(bytes: Vec<u8>) {
            let target = target(301, Some(&bytes), ("http", "a.cz")).expect("a redirect");
            proptest::prop_assert!(target.len() <= LONGEST + 19);
            proptest::prop_assert!(target.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
