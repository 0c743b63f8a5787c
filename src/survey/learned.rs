//! What is learned of somebody who was asked: rows, and the certificates that came along, on their
//! way into their tables together.

use crate::error::Result;
use crate::table::rows::{CertificateRow, Table};
use crate::table::{Batch, Flush};

/// Rows of one table and the certificates that they name: committed together.
pub struct Learned<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// Certificates that are not in their table yet.
    pub certificates: Vec<CertificateRow>,
}

impl<R> Default for Learned<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            certificates: Vec::new(),
        }
    }
}

impl<R: Table + 'static> Flush for Learned<R> {
    type Item = Self;

    fn add(&mut self, learned: Self) -> usize {
        self.rows.extend(learned.rows);
        self.certificates.extend(learned.certificates);
        self.rows.len()
    }

    fn take(&mut self) -> Result<Vec<Batch>> {
        let batches = vec![Batch::new(&self.certificates)?, Batch::new(&self.rows)?];
        *self = Self::default();
        Ok(batches)
    }
}
