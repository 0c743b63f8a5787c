//! What it adds up to.

mod share;
mod summary;

pub use summary::Summary;
