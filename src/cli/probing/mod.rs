//! `probing-txt`: who surveys, said to those who are surveyed: the probe description file of RFC 9511
//! for programs, a page for people, and the reverse name that leads there.

mod file;
mod page;
mod who;

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::Path;

use clap::ValueEnum;

use super::flags::ProbingFlags;
use super::print;
use crate::dns::reverse;
use crate::error::{Error, Result};
use crate::table::whole;
use who::Who;

/// What stands in files that this command made: in pages, and in the description.
const MARKS: [&str; 2] = [
    "<meta name=\"generator\" content=\"mailcensus probing-txt\">",
    "# by mailcensus\n",
];

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
    let addresses = flags.source_address.iter().map(IpAddr::to_canonical);
    let names = reverse_names(&who, &addresses.collect::<Vec<_>>());
    match &flags.out {
        None => {
            print(text.as_bytes())?;
            eprint!("{names}");
        }
        Some(dir) => {
            let mut files = page::pages(&who, &languages)?;
            files.insert(0, (".well-known/probing.txt".to_owned(), text));
            for (file, _) in &files {
                spare(&dir.join(file))?;
            }
            let mut said = String::new();
            for (file, text) in &files {
                said.push_str(&write(dir, file, text)?);
            }
            print(format!("{said}{names}").as_bytes())?;
        }
    }
    Ok(0)
}

/// Leaves a file alone that somebody else made.
///
/// # Errors
/// When there is one.
fn spare(path: &Path) -> Result<()> {
    let old = match fs::read(path) {
        Ok(old) => old,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(err) => return Err(Error::io("read", path)(err)),
    };
    let old = String::from_utf8_lossy(&old);
    match MARKS.iter().any(|mark| old.contains(mark)) {
        true => Ok(()),
        false => Err(Error::Usage(format!(
            "{}: not made by mailcensus; move it away, or give another folder with --out",
            path.display()
        ))),
    }
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        flags: ProbingFlags,
    }

    fn run_with(dir: &Path) -> Result<u8> {
        let mut words: Vec<_> = "probing-txt --ehlo survey.example.cz --contact mail@example.cz \
                                 --lang cs --lang en --out"
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect();
        words.push(dir.display().to_string());
        run(&Command::parse_from(words).flags)
    }

    #[test]
    fn what_somebody_else_made_stays() {
        for file in ["index.html", "index.en.html", ".well-known/probing.txt"] {
            let dir = tempfile::tempdir().expect("a directory");
            for _ in 0..2 {
                assert_eq!(run_with(dir.path()).expect("its own files"), 0);
            }
            let path = dir.path().join(file);
            fs::write(&path, "<h1>Our company</h1>").expect("writes");
            let err = run_with(dir.path()).expect_err("a file of others");
            assert!(matches!(err, Error::Usage(_)), "{err}");
            let left = fs::read_to_string(&path).expect("reads");
            assert_eq!(left, "<h1>Our company</h1>");
        }
    }

    #[test]
    fn a_mapped_address_is_one_of_ipv4() {
        let flags = Command::parse_from([
            "probing-txt",
            "--ehlo=survey.example.cz",
            "--contact=mail@example.cz",
            "--source-address=::ffff:192.0.2.1",
        ])
        .flags;
        let who = Who::of(&flags).expect("fits");
        assert_eq!(who.addresses, ["192.0.2.1"]);
    }
}
