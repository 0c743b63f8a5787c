//! What is justified.

use crate::table::row::Date;

/// Exceptions.
pub struct Exceptions;

impl Exceptions {
    /// Whether.
    pub fn justifies(&self, _domain: &str, _point: &str, _day: Date) -> bool {
        false
    }
}
