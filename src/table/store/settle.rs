//! Bringing a directory in line with its log: what a crash left half done is finished or undone, and
//! what other hands changed is said.

use std::collections::BTreeSet;
use std::fs;

use super::{Store, folder_of};
use crate::error::{Error, Result};
use crate::table::log::{Line, Part};
use crate::table::parquet_file;
use crate::table::rows::TableName;
use crate::table::whole::sync_folder;

impl Store {
    /// Brings the folders in line with the log: removes our files that it does not name, gives
    /// those that it names their name, and takes note of strangers.
    pub(super) fn settle(&mut self) -> Result<()> {
        self.strangers.clear();
        let live: BTreeSet<String> = self
            .state
            .live
            .values()
            .flatten()
            .map(|part| part.file.clone())
            .collect();
        let folders = self.folders()?;
        for relative in &folders {
            let folder = self.dir.join(relative);
            for entry in fs::read_dir(&folder).map_err(Error::io("list", &folder))? {
                let entry = entry.map_err(Error::io("list", &folder))?;
                let name = format!("{relative}/{}", entry.file_name().to_string_lossy());
                if folders.contains(&name) {
                    continue;
                }
                let named = live.contains(name.trim_end_matches(".tmp"));
                let ours = name
                    .trim_end_matches(".tmp")
                    .ends_with(&format!("-{}.parquet", self.survey));
                if !ours {
                    self.strangers.push(name);
                } else if !named {
                    fs::remove_file(entry.path()).map_err(Error::io("remove", &entry.path()))?;
                }
            }
        }
        for file in live {
            let path = self.dir.join(&file);
            let temporary = self.dir.join(format!("{file}.tmp"));
            if !path.exists() && temporary.exists() {
                fs::rename(&temporary, &path).map_err(Error::io("rename", &path))?;
            }
        }
        for folder in &folders {
            sync_folder(&self.dir.join(folder))?;
        }
        Ok(())
    }

    /// The folders with parts: one for each table, and one below `compliance` for each profile that the
    /// log knows. What else stands there is somebody's own.
    fn folders(&self) -> Result<Vec<String>> {
        let mut folders: Vec<_> = TableName::ALL.iter().map(ToString::to_string).collect();
        let judged: BTreeSet<&str> = self
            .parts(TableName::Compliance)
            .iter()
            .map(|part| folder_of(&part.file))
            .collect();
        for folder in judged {
            // A link leads to somebody else's files, and a folder may be gone with its file.
            let path = self.dir.join(folder);
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
                folders.push(folder.to_owned());
            }
        }
        Ok(folders)
    }

    pub(super) fn verify(&mut self) -> Result<()> {
        let mut missing = Vec::new();
        for part in self.state.live.values().flatten() {
            let path = self.dir.join(&part.file);
            if !path.exists() {
                missing.push(part.clone());
            } else if parquet_file::sha256(&path)? != part.sha256 {
                return Err(Error::directory(
                    &path,
                    format!("was changed after it was committed; {}", remedy(part.table)),
                ));
            }
        }
        // Endpoints and policies tell what was seen by the hashes of certificates, and are not asked
        // for again.
        let lost = |table| missing.iter().find(|part: &&Part| part.table == table);
        let by_pages = [TableName::StsPolicies, TableName::Webmail]
            .into_iter()
            .any(|table| lost(table).is_none() && self.rows(table) > 0);
        let is_leant_on = lost(TableName::Endpoints).is_none() || by_pages;
        if let Some(part) = lost(TableName::Certificates).filter(|_| is_leant_on) {
            let problem = format!("is gone; {}", remedy(part.table));
            return Err(Error::directory(&self.dir.join(&part.file), problem));
        }
        self.forget(missing.into_iter().map(|part| part.file).collect())
    }

    /// Takes note of files that are gone: the stages are open again.
    fn forget(&mut self, missing: Vec<String>) -> Result<()> {
        if missing.is_empty() {
            return Ok(());
        }
        let line = |file: &String| Line::Missing { file: file.clone() };
        self.append(&missing.iter().map(line).collect::<Vec<_>>())?;
        for parts in self.state.live.values_mut() {
            parts.retain(|part| !missing.contains(&part.file));
        }
        self.state.reopen(&missing);
        self.missing = missing;
        Ok(())
    }
}

/// What to do about a file that is not what was committed.
fn remedy(table: TableName) -> &'static str {
    match table {
        TableName::Certificates => {
            "restore it from a copy, or delete the files in endpoints, sts_policies and webmail too and run \
             the same command again to have the servers asked anew, as far as their budgets allow"
        }
        _ => {
            "restore it from a copy, or delete it and run the same command again to have its rows \
             made anew"
        }
    }
}
