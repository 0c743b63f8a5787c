//! Values that are there once: [`Once`] gives each a number.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Values by number, in the order in which they came.
#[derive(Debug)]
pub struct Once<T>(HashMap<T, u32>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + Hash> Once<T> {
    /// The number of a value.
    pub fn number(&mut self, value: T) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(value).or_insert(next)
    }

    /// The values; each is where its number says.
    pub fn list(self) -> Vec<T> {
        let mut list: Vec<_> = self.0.into_iter().collect();
        list.sort_by_key(|(_, number)| *number);
        list.into_iter().map(|(value, _)| value).collect()
    }
}

impl Once<Arc<str>> {
    /// The text that all who have it share.
    pub fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some((known, _)) = self.0.get_key_value(text) {
            return known.clone();
        }
        let text: Arc<str> = Arc::from(text);
        self.number(text.clone());
        text
    }
}
