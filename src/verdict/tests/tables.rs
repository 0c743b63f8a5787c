//! A directory of a survey, for as long as a test.

use tempfile::TempDir;

use super::*;
use crate::order::Order;
use crate::table::rows::Table;
use crate::table::{Batch, Store};
use crate::verdict::Evidence;

/// A directory with these rows.
pub struct Tables {
    /// Gone with the tables.
    _dir: TempDir,
    pub store: Store,
}

impl Tables {
    pub fn new() -> Self {
        let dir = TempDir::new().expect("a directory");
        let lock = Store::lock(dir.path()).expect("the lock");
        let store = Store::open(dir.path(), lock, "0badcafe", Order::new(1)).expect("a store");
        Self { _dir: dir, store }
    }

    pub fn add<T: Table>(&mut self, rows: &[T]) {
        let batch = Batch::new(rows).expect("a batch");
        self.store.commit(vec![batch]).expect("committed");
    }

    /// What a check makes of a domain.
    pub fn says(&self, domain: &Domain, check: CheckId) -> String {
        let evidence = Evidence::read(&self.store).expect("evidence");
        let case = evidence.case(domain);
        said(&checks::run(check, &case, Parameters::usual(check)))
    }
}
