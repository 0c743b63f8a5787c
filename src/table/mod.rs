//! How rows become Parquet and back.
//!
//! [`rows`] declares every table; [`Store`] owns the survey directory: committed parts, their log,
//! compaction and resume; [`Writer`] turns a stream of rows into commits; [`manifest`] is
//! `survey.json`, with what [`preflight`] found; [`dictionary`] prints the schema, [`public`]
//! makes the copy of the tables that anybody may have, and [`whole`] replaces a file.

pub mod client_codes;
pub mod codes;
pub mod country;
pub mod dictionary;
pub mod manifest;
pub mod preflight;
pub mod public;
pub mod record_codes;
mod retype;
pub mod row;
pub mod rows;
pub mod tls_codes;
pub mod whole;

mod compact;
mod log;
mod lookup;
mod parquet_file;
mod range;
mod scan;
mod store;
mod writer;

#[cfg(test)]
mod tests;

pub use log::Part;
pub use scan::{Batches, Scan};
pub use store::{Batch, Store};
pub use writer::{Flush, Rows, Writer};

/// Version of the columns. Within a major version columns are only added.
pub const SCHEMA_VERSION: u32 = 1;
