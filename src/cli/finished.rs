//! A survey that is finished, for the commands that only read it.

use std::path::Path;

use crate::error::Result;
use crate::survey::Stage;
use crate::table::Store;
use crate::table::manifest::Manifest;

/// Opens a finished survey. `then` says what was to be done with it: "export it".
///
/// # Errors
/// When the directory holds none, it is not finished, or a newer version wrote it.
pub fn open(dir: &Path, then: &str) -> Result<(Store, Manifest)> {
    let manifest = Manifest::of(dir)?;
    // Before a part was written there is no log.
    if !Store::has_log(dir) {
        return Err(Stage::Dns.unfinished(dir, then));
    }
    let store = Store::look(dir, &manifest.survey, manifest.order()?)?;
    match Stage::first_open(&store) {
        None => Ok((store, manifest)),
        Some(stage) => Err(stage.unfinished(dir, then)),
    }
}
