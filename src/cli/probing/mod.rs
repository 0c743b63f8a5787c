//! `probing-txt`: who surveys, said to those who are surveyed: the probe description file of RFC 9511
//! for programs, a page for people, and the reverse name that leads there.

mod file;
mod page;
mod who;

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use clap::ValueEnum;

use super::flags::ProbingFlags;
use super::print;
use crate::dns::reverse;
use crate::error::{Error, Result};
use crate::table::whole;
use who::Who;

/// Language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English
    En,
    /// Czech
    Cs,
}

impl Language {
    /// Its code (RFC 5646).
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Cs => "cs",
        }
    }
}

/// Prints the file; with a folder writes it there, with a page for each language.
///
/// # Errors
/// When a flag does not fit, or something cannot be written.
pub fn run(flags: &ProbingFlags) -> Result<u8> {
    let mut languages = Vec::new();
    for language in &flags.lang {
        if !languages.contains(language) {
            languages.push(*language);
        }
    }
    if languages.is_empty() {
        languages.push(Language::En);
    }
    let who = Who::of(flags)?;
    let text = file::text(&who, &languages);
    let names = reverse_names(&who, &flags.source_address);
    match &flags.out {
        None => {
            print(text.as_bytes())?;
            eprint!("{names}");
        }
        Some(dir) => {
            let mut said = write(dir, ".well-known/probing.txt", &text)?;
            for (file, html) in page::pages(&who, &languages)? {
                said.push_str(&write(dir, &file, &html)?);
            }
            print(format!("{said}{names}").as_bytes())?;
        }
    }
    Ok(0)
}

/// Writes a file below a folder, and says so.
fn write(dir: &Path, file: &str, text: &str) -> Result<String> {
    let path = dir.join(file);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    whole::replace(&path, text)?;
    Ok(format!("{}\n", path.display()))
}

/// The reverse names that lead from our addresses to us (RFC 9511 section 3), as lines of zone files.
fn reverse_names(who: &Who, addresses: &[IpAddr]) -> String {
    let ehlo = &who.ehlo;
    let mut text = format!(
        "; Who sees an address of ours looks up its reverse name: that name, and no other, has to lead \
         to\n; https://{ehlo}/.well-known/probing.txt, and back to the address.\n"
    );
    for ip in addresses {
        let kind = if ip.is_ipv4() { "A" } else { "AAAA" };
        let name = reverse::name(*ip);
        text.push_str(&format!("{name}. IN PTR {ehlo}.\n{ehlo}. IN {kind} {ip}\n"));
    }
    if addresses.is_empty() {
        text.push_str("; --source-address IP prints the records.\n");
    }
    text
}
