//! The survey directory: who owns it, what is committed in it, how rows get in and out.

mod lookup;
mod read;
mod settle;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;

use super::compact;
use super::log::{self, Line, Part, State};
use super::parquet_file::{FileWriter, schema};
use super::range::KeyRange;
use super::rows::{Table, TableName};
use super::whole;
use crate::error::{Error, Result};
use crate::order::Order;

/// Name of the log.
const LOG: &str = "parts.jsonl";

/// Rows of one table on their way into a part.
pub struct Batch {
    table: TableName,
    rows: RecordBatch,
}

impl Batch {
    /// Turns rows into a batch.
    ///
    /// # Errors
    /// When a row does not fit its schema, which is a fault in this program.
    pub fn new<T: Table>(rows: &[T]) -> Result<Self> {
        let rows = serde_arrow::to_record_batch(schema(T::NAME).fields(), &rows)
            .map_err(|err| Error::Internal(format!("{}: {err}", T::NAME)))?;
        Ok(Self {
            table: T::NAME,
            rows,
        })
    }
}

/// A survey directory, locked for this process.
pub struct Store {
    dir: PathBuf,
    survey: String,
    order: Order,
    log: File,
    state: State,
    /// Files in the tables' folders that are not ours.
    strangers: Vec<String>,
    /// Committed files that were gone when the directory was opened.
    missing: Vec<String>,
    _lock: Option<File>,
}

impl Store {
    /// Takes the lock of a survey directory, which is made if need be.
    ///
    /// # Errors
    /// When another process holds it, or the directory cannot be written.
    pub fn lock(dir: &Path) -> Result<File> {
        fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        let path = dir.join(".lock");
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(Error::io("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Error::directory(
                dir,
                "another mailcensus is working here; wait for it, or choose another --out",
            )),
            Err(TryLockError::Error(err)) => Err(Error::io("lock", &path)(err)),
        }
    }

    /// Opens a locked directory: replays the log, verifies every part, finishes or undoes what a
    /// crash left half done.
    ///
    /// # Errors
    /// When a part was changed after it was committed, or a file operation fails.
    pub fn open(dir: &Path, lock: File, survey: &str, order: Order) -> Result<Self> {
        for table in TableName::ALL {
            let folder = dir.join(table.as_str());
            fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        }
        let path = dir.join(LOG);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(err) => return Err(Error::io("read", &path)(err)),
        };
        let state = State::replay(&path, &text)?;
        let log = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        log.set_len(state.whole)
            .map_err(Error::io("truncate", &path))?;
        let mut store = Self {
            dir: dir.to_owned(),
            survey: survey.to_owned(),
            order,
            log,
            state,
            strangers: Vec::new(),
            missing: Vec::new(),
            _lock: Some(lock),
        };
        store.settle()?;
        store.verify()?;
        Ok(store)
    }

    /// Whether anything was ever committed in a directory, so that there is something to look into.
    pub fn has_log(dir: &Path) -> bool {
        dir.join(LOG).exists()
    }

    /// Looks into a directory without touching it: no lock, nothing settled or verified.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn look(dir: &Path, survey: &str, order: Order) -> Result<Self> {
        let path = dir.join(LOG);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let log = File::open(&path).map_err(Error::io("open", &path))?;
        Ok(Self {
            dir: dir.to_owned(),
            survey: survey.to_owned(),
            order,
            state: State::replay(&path, &text)?,
            strangers: Vec::new(),
            missing: Vec::new(),
            _lock: None,
            log,
        })
    }

    /// Files found in the tables' folders that are not ours; they are left alone, but a glob over
    /// the folder reads them.
    pub fn strangers(&self) -> &[String] {
        &self.strangers
    }

    /// Committed files that were gone when the directory was opened; their rows are made anew.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// The order of work.
    pub fn order(&self) -> Order {
        self.order
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Identity of the survey.
    pub fn survey(&self) -> &str {
        &self.survey
    }

    /// Whether a stage is finished.
    pub fn is_finished(&self, stage: &str) -> bool {
        self.state.finished.contains(stage)
    }

    /// Committed rows of a table.
    pub fn rows(&self, table: TableName) -> u64 {
        self.parts(table).iter().map(|part| part.rows).sum()
    }

    /// Commits batches together: all of them or none.
    ///
    /// # Errors
    /// When writing fails; what was committed before stays.
    pub fn commit(&mut self, batches: Vec<Batch>) -> Result<()> {
        let commit = self.state.next_commit;
        let batches: Vec<_> = batches
            .into_iter()
            .filter(|batch| batch.rows.num_rows() > 0)
            .collect();
        if batches.is_empty() {
            return Ok(());
        }
        let of = batches.len();
        let mut lines = Vec::with_capacity(of);
        for batch in &batches {
            let name = self.part_name(batch.table, commit, 0);
            let rows = compact::sorted(batch.table, &batch.rows)?;
            let temporary = self.write_temporary(batch.table, &name, [Ok(rows.clone())])?;
            let part = self.describe(batch.table, &name, &temporary, commit, of, &rows)?;
            self.reveal(&temporary, &part)?;
            lines.push(Line::Part(part));
        }
        self.append(&lines)?;
        for line in lines {
            if let Line::Part(part) = line {
                self.state.live.entry(part.table).or_default().push(part);
            }
        }
        self.state.next_commit = commit + 1;
        Ok(())
    }

    /// Compacts tables into files sorted by key, and marks a stage as finished. A table without rows is a
    /// file without rows: a query over its folder says 0, and does not fail.
    ///
    /// # Errors
    /// When reading or writing fails; the parts stay as they were.
    pub fn finish(&mut self, stage: &str, tables: &[TableName]) -> Result<()> {
        for table in tables {
            if self.parts(*table).len() != 1 {
                let merged = self.merged(*table)?;
                self.replace(*table, merged)?;
            }
        }
        let stage = stage.to_owned();
        self.append(&[Line::Finished {
            stage: stage.clone(),
        }])?;
        self.state.finished.insert(stage);
        Ok(())
    }

    /// Changes rows of a table in place; the keys stay.
    ///
    /// # Errors
    /// When reading or writing fails; the old rows stay.
    pub fn rewrite<T: Table>(
        &mut self,
        table: TableName,
        mut change: impl FnMut(&mut T),
    ) -> Result<()> {
        let merged = self.merged(table)?;
        let changed = merged.map(|batch| {
            let mut rows: Vec<T> = serde_arrow::from_record_batch(&batch?)
                .map_err(|err| Error::Internal(format!("{table}: {err}")))?;
            rows.iter_mut().for_each(&mut change);
            Self::batch_of(&rows)
        });
        self.replace(table, changed)
    }

    /// All rows of a table sorted by key.
    fn merged(
        &self,
        table: TableName,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + use<>> {
        let parts = self.parts(table).iter();
        let files: Vec<_> = parts.map(|part| self.dir.join(&part.file)).collect();
        // Named like parts that were never committed, so that a crash leaves nothing behind.
        let (dir, survey) = (self.dir.clone(), self.survey.clone());
        let scratch =
            move |number| dir.join(format!("{table}/merge-{number:02}-{survey}.parquet.tmp"));
        compact::merge(table, &files, scratch)
    }

    /// Replaces all of a table by the given batches, which come sorted by key.
    ///
    /// # Errors
    /// When writing fails; the old rows stay.
    pub fn replace(
        &mut self,
        table: TableName,
        batches: impl IntoIterator<Item = Result<RecordBatch>>,
    ) -> Result<()> {
        self.replace_in(table, table.as_str(), batches)
    }

    /// Replaces what a profile made of the domains by the given batches, which come sorted by key.
    ///
    /// # Errors
    /// When writing fails; the old rows stay.
    pub fn replace_compliance(
        &mut self,
        profile: &str,
        batches: impl IntoIterator<Item = Result<RecordBatch>>,
    ) -> Result<()> {
        let folder = format!("{}/{profile}", TableName::Compliance);
        let path = self.dir.join(&folder);
        fs::create_dir_all(&path).map_err(Error::io("create", &path))?;
        self.replace_in(TableName::Compliance, &folder, batches)
    }

    /// Replaces what a table has in a folder.
    fn replace_in(
        &mut self,
        table: TableName,
        folder: &str,
        batches: impl IntoIterator<Item = Result<RecordBatch>>,
    ) -> Result<()> {
        let commit = self.state.next_commit;
        let name = format!("{folder}/part-{commit:06}-00-{}.parquet", self.survey);
        let mut range = KeyRange::new(table);
        let temporary = self.write_temporary(
            table,
            &name,
            batches.into_iter().inspect(|batch| {
                if let Ok(batch) = batch {
                    range.add(batch);
                }
            }),
        )?;
        let part = range.part(&name, &temporary, commit, 1)?;
        let mut parts = self.parts(table).to_vec();
        parts.retain(|old| folder_of(&old.file) != folder);
        parts.push(part);
        self.append(&[Line::Replaced {
            table,
            parts: parts.clone(),
        }])?;
        self.state.live.insert(table, parts);
        self.state.next_commit = commit + 1;
        // From here on the new file counts. Old files go first, so that no reader of the folder
        // ever sees a row twice.
        self.settle()
    }

    /// Batches for [`Store::replace`] from rows that come sorted by key.
    ///
    /// # Errors
    /// When a row does not fit its schema, which is a fault in this program.
    pub fn batch_of<T: Table>(rows: &[T]) -> Result<RecordBatch> {
        Ok(Batch::new(rows)?.rows)
    }

    /// The committed files of a table.
    pub fn parts(&self, table: TableName) -> &[Part] {
        self.state.live.get(&table).map_or(&[], Vec::as_slice)
    }

    fn part_name(&self, table: TableName, commit: u64, number: usize) -> String {
        format!(
            "{table}/part-{commit:06}-{number:02}-{}.parquet",
            self.survey
        )
    }

    fn append(&mut self, lines: &[Line]) -> Result<()> {
        log::append(&mut self.log, &self.dir.join(LOG), lines)
    }

    fn write_temporary(
        &self,
        table: TableName,
        name: &str,
        batches: impl IntoIterator<Item = Result<RecordBatch>>,
    ) -> Result<PathBuf> {
        let path = self.dir.join(format!("{name}.tmp"));
        // Left over from a crash before the commit; its rows are made again.
        let _ = fs::remove_file(&path);
        let mut writer = FileWriter::create(&path, table, &self.survey)?;
        for batch in batches {
            writer.write(&path, &batch?)?;
        }
        writer.finish(&path)?;
        Ok(path)
    }

    fn describe(
        &self,
        table: TableName,
        name: &str,
        temporary: &Path,
        commit: u64,
        of: usize,
        rows: &RecordBatch,
    ) -> Result<Part> {
        let mut range = KeyRange::new(table);
        range.add(rows);
        range.part(name, temporary, commit, of)
    }

    fn reveal(&self, temporary: &Path, part: &Part) -> Result<()> {
        whole::rename(temporary, &self.dir.join(&part.file))
    }
}

/// The folder of a part, relative to the survey directory.
pub(super) fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}
