//! What it adds up to.

mod summary;

pub use summary::Summary;
