//! Who surveys: what was typed, made sure of, so that it can stand in files and links.

use std::net::Ipv4Addr;

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, Time};

use crate::cli::flags::ProbingFlags;
use crate::error::{Error, Result};
use crate::targets::name::normalise;
use crate::text::one_line;

/// Who surveys.
#[derive(Debug)]
pub struct Who {
    /// Name of the host.
    pub ehlo: String,
    /// How to reach those who answer for it, as a URI.
    pub contact: String,
    /// Where the page is.
    pub url: String,
    /// Until when this holds.
    pub expires: String,
    /// Addresses, in canonical text.
    pub addresses: Vec<String>,
}

impl Who {
    /// Makes sure of what was typed.
    ///
    /// # Errors
    /// What does not fit, and what would.
    pub fn of(flags: &ProbingFlags) -> Result<Self> {
        let ehlo = normalise(&flags.ehlo).map_err(|_| {
            let name = one_line(&flags.ehlo);
            Error::Usage(format!(
                "--ehlo {name}: not a host name; give this host's full name"
            ))
        })?;
        Ok(Self {
            contact: contact(&flags.contact)?,
            url: match &flags.url {
                Some(url) => page(url)?,
                None => format!("https://{ehlo}/"),
            },
            expires: expires(flags.days),
            addresses: flags
                .source_address
                .iter()
                .map(|ip| ip.to_canonical().to_string())
                .collect(),
            ehlo,
        })
    }

    /// Where the file is (RFC 9511 section 3): below the name that the reverse name leads to.
    pub fn canonical(&self) -> String {
        format!("https://{}/.well-known/probing.txt", self.ehlo)
    }
}

/// A contact as a URI; web pages only over TLS (RFC 9116 2.5.3).
fn contact(text: &str) -> Result<String> {
    let uri = if after("https://", text).is_some() {
        over_tls(text)
    } else if let Some(number) = after("tel:", text) {
        (!number.is_empty()).then(|| format!("tel:{number}"))
    } else {
        let address = after("mailto:", text).unwrap_or(text);
        is_mail(address).then(|| format!("mailto:{address}"))
    };
    uri.filter(|uri| is_uri(uri)).ok_or_else(|| {
        Error::Usage(format!(
            "--contact {}: give a mail address, or a URI that begins with https://, mailto: or tel:",
            one_line(text)
        ))
    })
}

fn page(text: &str) -> Result<String> {
    over_tls(text).filter(|uri| is_uri(uri)).ok_or_else(|| {
        Error::Usage(format!(
            "--url {}: give the address of a page that begins with https://",
            one_line(text)
        ))
    })
}

/// What follows a scheme, which is the same in capitals (RFC 3986 3.1).
fn after<'a>(scheme: &str, text: &'a str) -> Option<&'a str> {
    let (word, rest) = text.split_at_checked(scheme.len())?;
    word.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// A URI of a web page, which has a host.
fn over_tls(text: &str) -> Option<String> {
    let rest = after("https://", text)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.split_once(':') {
        Some((host, port)) => port.parse::<u16>().ok().map(|_| host)?,
        None => authority,
    };
    let is_host = host.parse::<Ipv4Addr>().is_ok() || normalise(host).is_ok();
    is_host.then(|| format!("https://{rest}"))
}

/// Whether a text is one mail address, with or without the header fields of a link (RFC 6068 2).
fn is_mail(text: &str) -> bool {
    let address = text.split('?').next().unwrap_or_default();
    let is_local = |local: &str| !local.is_empty() && !local.contains([':', '#', ',', ';']);
    address
        .split_once('@')
        .is_some_and(|(local, host)| is_local(local) && normalise(host).is_ok())
}

/// Whether a text has only letters that a URI may have (RFC 3986 2), brackets left aside: a space
/// or a line end would make two of it.
fn is_uri(text: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte);
    text.bytes().all(is_allowed)
}

/// Midnight after so many days (RFC 9116 2.5.5 wants RFC 3339).
fn expires(days: u16) -> String {
    let at = OffsetDateTime::now_utc() + Duration::days(i64::from(days));
    let at = at.replace_time(Time::MIDNIGHT);
    at.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_a_uri_that_others_can_use() {
        let of = |text: &str| contact(text).ok();
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(of("mail@example.cz"), is("mailto:mail@example.cz"));
        assert_eq!(of("mailto:mail@example.cz"), is("mailto:mail@example.cz"));
        assert_eq!(
            of("https://example.cz/a?b=c"),
            is("https://example.cz/a?b=c")
        );
        assert_eq!(of("tel:+420123456789"), is("tel:+420123456789"));
        assert_eq!(of("MailTo:mail@example.cz"), is("mailto:mail@example.cz"));
        assert_eq!(
            of("HTTPS://example.cz:8443/"),
            is("https://example.cz:8443/")
        );
        let subject = "mailto:mail@example.cz?subject=survey";
        assert_eq!(of(subject), is(subject));
        for text in [
            "http://example.cz/",
            "javascript://example.cz/@",
            "example.cz",
            "a@example.cz\nContact: b@example.cz",
            "a b@example.cz",
            "\"><script>@example.cz",
            "https://",
            "https:///a",
            "https://?@example.cz",
            "https://a@example.cz/",
            "mailto:",
            "mailto:mail",
            "mail@",
            "@example.cz",
            "a@b@example.cz",
            "a@example.cz,b@example.cz",
            "ftp://a@example.cz",
            "news:a@example.cz",
        ] {
            assert_eq!(of(text), None, "{text:?}");
        }
        for text in [
            "http://example.cz/",
            "https:///",
            "https://a b/",
            "example.cz",
        ] {
            assert!(page(text).is_err(), "{text}");
        }
    }
}
