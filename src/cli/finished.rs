//! A survey that is finished, for the commands that only read it.

use std::path::Path;

use crate::error::{Error, Result};
use crate::survey::Stage;
use crate::table::Store;
use crate::table::manifest::Manifest;

/// Opens a finished survey. `then` says what was to be done with it: "export it".
///
/// # Errors
/// When the directory holds none, it is not finished, or a newer version wrote it.
pub fn open(dir: &Path, then: &str) -> Result<(Store, Manifest)> {
    let manifest = Manifest::read(dir)?.ok_or_else(|| {
        Error::directory(dir, "holds no survey; name the directory that --out named")
    })?;
    if !dir.join("parts.jsonl").exists() {
        let problem = format!(
            "stage {} is not finished; finish the survey, then {then}",
            Stage::Dns
        );
        return Err(Error::directory(dir, problem));
    }
    let store = Store::look(dir, &manifest.survey, manifest.order()?)?;
    let unfinished = Stage::ALL
        .into_iter()
        .find(|stage| !store.is_finished(stage.as_str()));
    match unfinished {
        None => Ok((store, manifest)),
        Some(stage) => {
            let problem = format!("stage {stage} is not finished; finish the survey, then {then}");
            Err(Error::directory(dir, problem))
        }
    }
}
