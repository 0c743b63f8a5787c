//! Where reports are sent: URIs of records (RFC 3986 3, RFC 6068 2).

use super::super::tags;
use crate::table::record_codes::ReportScheme;

/// Where reports are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uri {
    /// As it stands in the record, without a size limit (`!10m`).
    pub text: String,
    /// Its scheme.
    pub scheme: ReportScheme,
    /// The domain behind the `@` of a `mailto`, or the host; in lower case. None where there is none.
    pub host: Option<String>,
}

/// Reads a URI; none where it is none, or where one that can be used has no host.
pub(in super::super) fn parse(bytes: &[u8]) -> Option<Uri> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| is_uri(text))?;
    let (scheme, rest) = text.split_once(':')?;
    let (scheme, host) = match scheme.to_ascii_lowercase().as_str() {
        "mailto" => (ReportScheme::Mailto, Some(mail_domain(rest)?)),
        "https" => (ReportScheme::Https, Some(authority_host(rest)?)),
        _ => (ReportScheme::Other, authority_host(rest)),
    };
    Some(Uri {
        text: text.to_owned(),
        scheme,
        host,
    })
}

/// The characters and the scheme of RFC 3986: 2.1, 2.2, 2.3 and 3.1. `!` is not among them here: it
/// "MUST be encoded" (RFC 9989 4.8, RFC 8460 3).
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_is_one = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@$&'()*+,;=%".contains(&byte);
    scheme_is_one && rest.bytes().all(allowed) && decoded(rest).is_some()
}

/// With every `%XX` decoded; none where a `%` begins no such thing.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    Some(bytes)
}

/// A part of a URI as the name of a host, in lower case.
fn host(part: &str) -> Option<String> {
    let name = String::from_utf8(decoded(part)?).ok()?;
    tags::is_host(&name).then(|| name.to_ascii_lowercase())
}

/// RFC 6068 2: `mailto:` has one address here, then maybe `?` and header fields. The local part is the
/// `dot-atom-text` of RFC 5322 3.2.3, in which `%` stands for what a URI cannot show.
fn mail_domain(rest: &str) -> Option<String> {
    let address = rest.split(['?', '#']).next()?;
    let (local, domain) = address.rsplit_once('@')?;
    let is_atom = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~$&'*+=%".contains(&byte);
    let mut atoms = local.split('.');
    atoms
        .all(|atom| !atom.is_empty() && atom.bytes().all(is_atom))
        .then(|| host(domain))
        .flatten()
}

/// RFC 3986 3.2: `//`, maybe user information and `@`, the host, maybe `:` and a port.
fn authority_host(rest: &str) -> Option<String> {
    let authority = rest.strip_prefix("//")?.split(['/', '?', '#']).next()?;
    let place = authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place);
    if let Some((literal, port)) = place
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        let address: std::net::Ipv6Addr = literal.parse().ok()?;
        return is_port(port).then(|| format!("[{address}]"));
    }
    let (name, port) = place.find(':').map_or((place, ""), |at| place.split_at(at));
    is_port(port).then(|| host(name)).flatten()
}

/// Nothing, or `:` and digits.
fn is_port(port: &str) -> bool {
    let digits = port.strip_prefix(':').unwrap_or(port);
    digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits.is_empty() || port.starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_have_schemes_and_hosts() {
        use ReportScheme::{Https, Mailto, Other};
        let table = [
            ("mailto:a@Example.CZ", Some((Mailto, Some("example.cz")))),
            ("MAILTO:a@b.cz", Some((Mailto, Some("b.cz")))),
            (
                "mailto:a%2Cb+c@b.cz?subject=x",
                Some((Mailto, Some("b.cz"))),
            ),
            ("mailto:a%40x@b.cz", Some((Mailto, Some("b.cz")))),
            ("mailto:a@%62.cz", Some((Mailto, Some("b.cz")))),
            (
                "https://R.example:443/x?y#z",
                Some((Https, Some("r.example"))),
            ),
            ("https://u:p@r.example", Some((Https, Some("r.example")))),
            (
                "https://[2001:DB8::1]:443/",
                Some((Https, Some("[2001:db8::1]"))),
            ),
            ("http://r.example/", Some((Other, Some("r.example")))),
            ("tel:123", Some((Other, None))),
            // No scheme, or none that could be one.
            ("a@b.cz", None),
            ("1mailto:a@b.cz", None),
            (":a@b.cz", None),
            ("", None),
            // RFC 6068: an address has a local part and a domain.
            ("mailto:", None),
            ("mailto:a", None),
            ("mailto:@b.cz", None),
            ("mailto:a.@b.cz", None),
            ("mailto:to:a@b.cz", None),
            ("mailto:a@", None),
            ("mailto:a@b..cz", None),
            ("mailto:a@[192.0.2.1]", None),
            ("mailto://a@b.cz", None),
            // RFC 3986 2: characters that have to be encoded, and encodings that are none.
            ("mailto: a@b.cz", None),
            ("mailto:a@b.cz!10m", None),
            ("mailto:<a@b.cz>", None),
            ("mailto:%zz@b.cz", None),
            ("mailto:%+1@b.cz", None),
            ("mailto:a%2@b.cz", None),
            ("mailto:a@b.cz%", None),
            ("mailto:ž@b.cz", None),
            ("mailto:a@%c5%be.cz", None),
            // RFC 3986 3.2.
            ("https:r.example", None),
            ("https://", None),
            ("https://r.example:x/", None),
            ("https://[::g]/", None),
        ];
        for (text, expected) in table {
            let uri = parse(text.as_bytes());
            let found = uri.as_ref().map(|uri| (uri.scheme, uri.host.as_deref()));
            assert_eq!(found, expected, "{text}");
            assert!(uri.is_none_or(|uri| uri.text == text));
        }
    }
}
