//! The page for people, in each language: what they get from us, with the numbers that `pace` holds.

use askama::Template;
use aws_lc_rs::digest;
use data_encoding::BASE64;

use super::Language;
use super::who::Who;
use crate::error::{Error, Result};
use crate::pace::{CLIENT_PORT, DEEP, Limits};

const STYLE: &str = include_str!("page.css");

/// What both pages say.
macro_rules! page {
    ($name:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> {
            others: &'a [Other],
            style: &'static str,
            style_hash: &'a str,
            ehlo: &'a str,
            contact: &'a str,
            contact_shown: &'a str,
            canonical: &'a str,
            addresses: &'a [String],
            agent: &'a str,
            expires_day: &'a str,
            in_window: u32,
            window: u64,
            in_survey: u32,
            deep: u32,
            client_port: u32,
            https_rate: u32,
            prefix_open: u32,
            prefix_rate: u32,
        }
    };
}

page!(English, "page.en.html");
page!(Czech, "page.cs.html");

/// The same page in another language.
struct Other {
    language: Language,
    file: String,
}

impl Other {
    fn file(&self) -> &str {
        &self.file
    }

    fn code(&self) -> &'static str {
        self.language.code()
    }

    fn own_name(&self) -> &'static str {
        match self.language {
            Language::En => "English",
            Language::Cs => "Česky",
        }
    }
}

/// Each page with the name of its file; the first language has `index.html`.
///
/// # Errors
/// Never, but for a fault in this program.
pub fn pages(who: &Who, languages: &[Language]) -> Result<Vec<(String, String)>> {
    let file = |at: usize, language: Language| match at {
        0 => "index.html".to_owned(),
        _ => format!("index.{}.html", language.code()),
    };
    let mut pages = Vec::new();
    for (at, language) in languages.iter().copied().enumerate() {
        let others = languages.iter().copied().enumerate();
        let others = others.filter(|(other, _)| *other != at);
        let others: Vec<_> = others
            .map(|(at, language)| Other {
                file: file(at, language),
                language,
            })
            .collect();
        let html =
            page(who, language, &others).map_err(|err| Error::Internal(format!("page: {err}")))?;
        pages.push((file(at, language), html));
    }
    Ok(pages)
}

fn page(who: &Who, language: Language, others: &[Other]) -> askama::Result<String> {
    let limits = Limits::default();
    let hash = digest::digest(&digest::SHA256, STYLE.as_bytes());
    let style_hash = format!("sha256-{}", BASE64.encode(hash.as_ref()));
    let agent = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
    let contact_shown = who.contact.trim_start_matches("mailto:");
    let contact_shown = contact_shown.trim_start_matches("tel:");
    let canonical = who.canonical();
    macro_rules! filled {
        ($name:ident) => {
            $name {
                others,
                style: STYLE,
                style_hash: &style_hash,
                ehlo: &who.ehlo,
                contact: &who.contact,
                contact_shown,
                canonical: &canonical,
                addresses: &who.addresses,
                agent,
                expires_day: who.expires.get(..10).unwrap_or_default(),
                in_window: limits.in_window,
                window: limits.window.as_secs() / 60,
                in_survey: limits.in_survey + limits.extra,
                deep: DEEP,
                client_port: CLIENT_PORT,
                https_rate: limits.https_rate,
                prefix_open: limits.prefix_open,
                prefix_rate: limits.prefix_rate,
            }
            .render()
        };
    }
    match language {
        Language::En => filled!(English),
        Language::Cs => filled!(Czech),
    }
}
