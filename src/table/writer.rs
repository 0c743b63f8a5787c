//! One owner writes: rows come over a bounded channel and are committed in small parts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::rows::Table;
use super::store::{Batch, Store};
use crate::error::{Error, Result};

/// Rows in a part at the most.
const PART_ROWS: usize = 16_000;
/// The longest that a row waits for its part.
const PART_AGE: Duration = Duration::from_secs(10);
/// Rows that may wait for the writer before those who make them wait too.
const WAITING: usize = 4_096;

/// Rows of one or more tables that are gathered for one commit.
pub trait Flush: Send + 'static {
    /// What is sent to the writer.
    type Item: Send + 'static;

    /// Takes an item in; says how many rows are gathered by now.
    fn add(&mut self, item: Self::Item) -> usize;

    /// Hands over what is gathered, as batches that are committed together.
    ///
    /// # Errors
    /// When rows do not fit their schema.
    fn take(&mut self) -> Result<Vec<Batch>>;
}

/// Rows of one table.
#[derive(Debug, Default)]
pub struct Rows<T>(Vec<T>);

impl<T: Table + 'static> Flush for Rows<T> {
    type Item = T;

    fn add(&mut self, row: T) -> usize {
        self.0.push(row);
        self.0.len()
    }

    fn take(&mut self) -> Result<Vec<Batch>> {
        Ok(vec![Batch::new(&std::mem::take(&mut self.0))?])
    }
}

/// The receiving end of a stage: commits what it is sent.
pub struct Writer<T> {
    sender: mpsc::Sender<T>,
    task: tokio::task::JoinHandle<Result<()>>,
}

impl<T: Send + 'static> Writer<T> {
    /// Starts a writer on a store.
    pub fn start<F: Flush<Item = T>>(store: Arc<Mutex<Store>>, rows: F) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(store, rows, receiver));
        Self { sender, task }
    }

    /// A handle to send rows by. A closed channel means that the writer failed; [`Writer::close`]
    /// tells why.
    pub fn sender(&self) -> mpsc::Sender<T> {
        self.sender.clone()
    }

    /// Commits what is left. All other senders must be gone by then.
    ///
    /// # Errors
    /// The first error that writing met.
    pub async fn close(self) -> Result<()> {
        drop(self.sender);
        self.task
            .await
            .map_err(|err| Error::Internal(format!("writer: {err}")))?
    }
}

async fn run<F: Flush>(
    store: Arc<Mutex<Store>>,
    mut rows: F,
    mut receiver: mpsc::Receiver<F::Item>,
) -> Result<()> {
    let mut oldest: Option<Instant> = None;
    loop {
        let due = oldest.map_or_else(|| Instant::now() + PART_AGE, |since| since + PART_AGE);
        let full = match tokio::time::timeout_at(due, receiver.recv()).await {
            Ok(Some(item)) => {
                oldest.get_or_insert_with(Instant::now);
                rows.add(item) >= PART_ROWS
            }
            Ok(None) => return flush(&store, rows.take()?).await,
            Err(_) => oldest.is_some(),
        };
        if full {
            oldest = None;
            flush(&store, rows.take()?).await?;
        }
    }
}

async fn flush(store: &Arc<Mutex<Store>>, batches: Vec<Batch>) -> Result<()> {
    let store = store.clone();
    let commit = move || {
        let mut store = store
            .lock()
            .map_err(|_| Error::Internal("store lock".to_owned()))?;
        store.commit(batches)
    };
    tokio::task::spawn_blocking(commit)
        .await
        .map_err(|err| Error::Internal(format!("commit: {err}")))?
}
