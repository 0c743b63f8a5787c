//! Who surveys: what was typed, made sure of, so that it can stand in files and links.

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
                .map(ToString::to_string)
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
    let uri = match text.contains("://") || text.starts_with("mailto:") || text.starts_with("tel:")
    {
        true => text.to_owned(),
        false if text.contains('@') => format!("mailto:{text}"),
        false => String::new(),
    };
    let known = ["https://", "mailto:", "tel:"];
    let is_known = known.iter().any(|scheme| {
        let rest = uri.strip_prefix(scheme);
        rest.is_some_and(|rest| !rest.is_empty())
    });
    if is_known && is_uri(&uri) {
        return Ok(uri);
    }
    Err(Error::Usage(format!(
        "--contact {}: give a mail address, or a URI that begins with https://, mailto: or tel:",
        one_line(text)
    )))
}

fn page(text: &str) -> Result<String> {
    let has_host = text
        .strip_prefix("https://")
        .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_alphanumeric()));
    match has_host && is_uri(text) {
        true => Ok(text.to_owned()),
        false => Err(Error::Usage(format!(
            "--url {}: give the address of a page that begins with https://",
            one_line(text)
        ))),
    }
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
        for text in [
            "http://example.cz/",
            "javascript://example.cz/@",
            "example.cz",
            "a@example.cz\nContact: b@example.cz",
            "a b@example.cz",
            "\"><script>@example.cz",
            "https://",
            "mailto:",
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
