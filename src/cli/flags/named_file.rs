//! Files that are given a name: `NAME=FILE`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A file and the name that it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Lower-case letters, digits, `-` and `_`: it becomes a key in tables.
    pub name: String,
    /// Where the file is.
    pub path: PathBuf,
}

impl NamedFile {
    /// Reads `NAME=FILE`.
    ///
    /// # Errors
    /// When there is no such name or no file, in a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fits = |letter: char| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_')
        };
        match text.split_once('=') {
            Some((name, path))
                if !name.is_empty() && !path.is_empty() && name.chars().all(fits) =>
            {
                Ok(Self {
                    name: name.to_owned(),
                    path: PathBuf::from(path),
                })
            }
            _ => Err("give NAME=FILE.pem, the name in lower-case letters and digits".to_owned()),
        }
    }

    /// What [`Self::parse`] reads.
    pub fn word(name: &str, path: &Path) -> OsString {
        let mut word = OsString::from(format!("{name}="));
        word.push(path);
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_and_a_file_is_there() {
        let read = NamedFile::parse("ms-2026=a=b.pem").map(|file| (file.name, file.path));
        assert_eq!(read, Ok(("ms-2026".to_owned(), PathBuf::from("a=b.pem"))));
        for wrong in [
            "",
            "microsoft",
            "=a.pem",
            "microsoft=",
            "My Store=a.pem",
            "a.b=c",
        ] {
            assert!(NamedFile::parse(wrong).is_err(), "{wrong}");
        }
    }
}
