//! The list of what changed since an older survey, as CSV.

use std::io::Write;

use super::compare::Line;
use crate::error::{Error, Result};
use crate::text::cell;

/// The columns of the list of changes.
pub const CHANGES: [&str; 7] = [
    "domain",
    "check",
    "before",
    "after",
    "reason_before",
    "reason_after",
    "change",
];

/// The list of what changed, a line at a time.
pub struct ChangeList<W: Write>(csv::Writer<W>);

impl<W: Write> ChangeList<W> {
    /// Begins with the header.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(output: W) -> Result<Self> {
        let mut writer = csv::Writer::from_writer(output);
        writer.write_record(CHANGES).map_err(unwritten)?;
        Ok(Self(writer))
    }

    /// Adds a line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, line: &Line<'_>) -> Result<()> {
        let cells = [
            &cell(line.domain),
            &cell(line.check),
            line.before.0.as_str(),
            line.after.0.as_str(),
            &cell(line.before.1),
            &cell(line.after.1),
            line.change.as_str(),
        ];
        self.0.write_record(cells).map_err(unwritten)
    }

    /// What it was written to, with everything written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<W> {
        self.0.into_inner().map_err(|err| {
            let kind = err.error().kind();
            unwritten(csv::Error::from(std::io::Error::from(kind)))
        })
    }
}

fn unwritten(err: csv::Error) -> Error {
    let source = match err.into_kind() {
        csv::ErrorKind::Io(source) => source,
        other => std::io::Error::other(format!("{other:?}")),
    };
    Error::io("write", std::path::Path::new("the list of changes"))(source)
}
