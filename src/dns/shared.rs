//! Answers that many domains need, each asked for once per survey: included SPF records, `_dmarc` of
//! public suffixes, names that authorise reports.
//!
//! Whoever comes first asks, whoever comes meanwhile waits for the same answer. A failure holds for a
//! minute, so that a dead name that thousands include does not cost a time-out for each, and never
//! from one pass over the domains to the next. What is kept is bounded in number and in bytes; what
//! nobody asked for twice goes first.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::HashTable;
use hickory_resolver::proto::rr::RecordType;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::fact::Fact;
use super::forward::Client;
use crate::trace;

/// Answers kept.
const ENTRIES: usize = 32_768;
/// Bytes of the answers kept, about.
const BYTES: usize = 64 << 20;
/// Bytes of an answer that are not its data, about.
const OVERHEAD: usize = 256;
/// How long a failure holds.
const FAILURE: Duration = Duration::from_secs(60);

/// Answers by their questions.
pub struct Shared {
    table: Mutex<Table>,
    /// Failures of an earlier pass do not hold.
    pass: AtomicU32,
    hasher: RandomState,
    entries: usize,
    bytes: usize,
}

impl Default for Shared {
    fn default() -> Self {
        Self::of(ENTRIES, BYTES)
    }
}

#[derive(Default)]
struct Table {
    /// Everything that is kept or being asked for.
    index: HashTable<Arc<Entry>>,
    /// What is kept, in the order in which it may go.
    queue: VecDeque<Arc<Entry>>,
    bytes: usize,
}

struct Entry {
    name: Box<str>,
    kind: RecordType,
    known: OnceCell<Known>,
    /// How many wait for it. These three change only while the table is locked.
    waiting: AtomicU32,
    /// Whether it is in the queue.
    is_kept: AtomicBool,
    /// Whether somebody used it since it was put at the end of the queue.
    is_used: AtomicBool,
}

/// An answer.
struct Known {
    fact: Arc<Fact>,
    /// When it came, and in which pass.
    came: (Instant, u32),
}

impl Known {
    /// Whether nobody needs to ask again.
    fn holds(&self, pass: u32) -> bool {
        let (at, then) = self.came;
        !self.fact.has_failed() || (then == pass && at.elapsed() < FAILURE)
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        let data = self.known.get().map_or(0, |known| known.fact.bytes());
        OVERHEAD + self.name.len() + data
    }
}

impl Shared {
    fn of(entries: usize, bytes: usize) -> Self {
        Self {
            table: Mutex::default(),
            pass: AtomicU32::new(0),
            hasher: RandomState::new(),
            entries,
            bytes,
        }
    }

    /// Another pass begins: what failed before is asked for again.
    pub fn next_pass(&self) {
        self.pass.fetch_add(1, Ordering::Relaxed);
    }

    /// The answer to a question, and how many queries were sent for whoever asks now: none where
    /// somebody else did. The name is in lower case, as [`super::name_of`] reads it.
    pub async fn ask(&self, client: &Client, name: &str, kind: RecordType) -> (Arc<Fact>, u32) {
        let mut queries = None;
        let ask = async {
            let (fact, sent) = Fact::ask(client, name, kind).await;
            queries = Some(sent);
            fact
        };
        let fact = self.get(name, kind, ask).await;
        if queries.is_none() {
            trace::line(|| format!("shared {kind} {name} > {}", fact.words()));
        }
        (fact, queries.unwrap_or(0))
    }

    /// What is known; else what asking comes to, of which there is one for all at a time.
    async fn get(
        &self,
        name: &str,
        kind: RecordType,
        ask: impl Future<Output = Fact>,
    ) -> Arc<Fact> {
        match self.look_up(name, kind) {
            Ok(fact) => fact,
            Err(waiting) => {
                let pass = self.pass.load(Ordering::Relaxed);
                let asked = async {
                    let fact = Arc::new(ask.await);
                    let came = (Instant::now(), pass);
                    Known { fact, came }
                };
                let known = waiting.entry.known.get_or_init(|| asked).await;
                known.fact.clone()
            }
        }
    }

    fn look_up(&self, name: &str, kind: RecordType) -> Result<Arc<Fact>, Waiting<'_>> {
        let hash = self.hash(name, kind);
        let mut table = self.table();
        let is_it = |entry: &Arc<Entry>| entry.kind == kind && *entry.name == *name;
        let pass = self.pass.load(Ordering::Relaxed);
        let holds = |entry: &Arc<Entry>| entry.known.get().is_none_or(|known| known.holds(pass));
        let entry = match table.index.find(hash, is_it).cloned() {
            Some(entry) if holds(&entry) => entry,
            Some(over) => {
                // It goes from the queue when its turn comes.
                self.forget(&mut table, &over);
                self.begin(&mut table, hash, name, kind)
            }
            None => self.begin(&mut table, hash, name, kind),
        };
        match entry.known.get() {
            Some(known) => {
                entry.is_used.store(true, Ordering::Relaxed);
                Ok(known.fact.clone())
            }
            None => {
                entry.waiting.fetch_add(1, Ordering::Relaxed);
                Err(Waiting {
                    shared: self,
                    entry,
                })
            }
        }
    }

    fn begin(&self, table: &mut Table, hash: u64, name: &str, kind: RecordType) -> Arc<Entry> {
        let entry = Arc::new(Entry {
            name: name.into(),
            kind,
            known: OnceCell::new(),
            waiting: AtomicU32::new(0),
            is_kept: AtomicBool::new(false),
            is_used: AtomicBool::new(false),
        });
        let rehash = |entry: &Arc<Entry>| self.hash(&entry.name, entry.kind);
        table.index.insert_unique(hash, entry.clone(), rehash);
        entry
    }

    /// One no longer waits: an answer is kept, a question that nobody waits for is forgotten.
    fn settle(&self, entry: &Arc<Entry>) {
        let mut table = self.table();
        let left = entry.waiting.fetch_sub(1, Ordering::Relaxed) - 1;
        match entry.known.get() {
            Some(_) if entry.is_kept.swap(true, Ordering::Relaxed) => {
                entry.is_used.store(true, Ordering::Relaxed);
            }
            Some(_) => {
                table.bytes += entry.bytes();
                table.queue.push_back(entry.clone());
                self.shrink(&mut table);
            }
            None if left == 0 => self.forget(&mut table, entry),
            None => {}
        }
    }

    /// What was used since it came to the end of the queue goes there once more (second chance).
    fn shrink(&self, table: &mut Table) {
        while table.queue.len() > self.entries || table.bytes > self.bytes {
            let Some(oldest) = table.queue.pop_front() else {
                return;
            };
            if oldest.is_used.swap(false, Ordering::Relaxed) {
                table.queue.push_back(oldest);
                continue;
            }
            table.bytes -= oldest.bytes();
            self.forget(table, &oldest);
        }
    }

    fn forget(&self, table: &mut Table, entry: &Arc<Entry>) {
        let hash = self.hash(&entry.name, entry.kind);
        // The same question may be asked anew by now.
        let is_it = |other: &Arc<Entry>| Arc::ptr_eq(other, entry);
        if let Ok(found) = table.index.find_entry(hash, is_it) {
            found.remove();
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hash(&self, name: &str, kind: RecordType) -> u64 {
        self.hasher.hash_one((name, u16::from(kind)))
    }
}

/// Somebody who waits for an answer, until it is there or not wanted any longer.
struct Waiting<'a> {
    shared: &'a Shared,
    entry: Arc<Entry>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.shared.settle(&self.entry);
    }
}

#[cfg(test)]
#[path = "shared_tests.rs"]
mod tests;
