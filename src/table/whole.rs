//! Files that are replaced whole: a crash leaves the old text or the new one, and none that is cut off.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::text::write_json;

/// Writes a text that is on the disk when this returns. The old one is there until the new one is whole.
///
/// # Errors
/// When writing fails; the old text stays.
pub fn replace(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let mut file = File::create(&temporary).map_err(Error::io("create", &temporary))?;
    file.write_all(text.as_ref())
        .map_err(Error::io("write", &temporary))?;
    file.sync_all().map_err(Error::io("sync", &temporary))?;
    rename(&temporary, path)
}

/// Writes a value as JSON of which nothing acts in a terminal, as [`replace`] does.
///
/// # Errors
/// When writing fails; the old text stays.
pub fn replace_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut text = Vec::new();
    write_json(&mut text, value).map_err(|err| Error::Internal(err.to_string()))?;
    replace(path, text)
}

/// Gives a file that is whole another name in the same folder, for good when this returns.
///
/// # Errors
/// When renaming fails.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(Error::io("rename", to))?;
    to.parent().map_or(Ok(()), sync_folder)
}

/// Waits until the names in a folder are on the disk.
///
/// # Errors
/// When the system cannot say so.
pub fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Error::io("sync", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_text_takes_the_place_of_the_old_one() {
        let dir = tempfile::TempDir::new().expect("a directory");
        let path = dir.path().join("a.toml");
        fs::write(path.with_file_name("a.toml.tmp"), "left over, and longer").expect("writes");
        for text in ["old", "new"] {
            replace(&path, text).expect("replaced");
            assert_eq!(fs::read_to_string(&path).expect("a text"), text);
        }
        assert_eq!(fs::read_dir(dir.path()).expect("entries").count(), 1);
        assert!(replace(&dir.path().join("none/a.toml"), "").is_err());
    }
}
