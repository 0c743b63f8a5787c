//! DMARC (RFC 9989, with the tags of RFC 7489): the record, where it is looked for, and which of
//! several applies.

mod discovery;
mod record;
mod uri;
mod values;

pub use discovery::{Answer, Discovery, by_suffix, by_walk, walk};
pub use record::{Record, Rules, parse};
pub use uri::Uri;

pub(super) use uri::parse as parse_uri;
