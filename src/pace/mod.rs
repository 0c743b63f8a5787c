//! Manners.

mod dns;

pub use dns::{DnsPace, QueryLeave};
