//! Pure functions over X.509 certificates: no I/O but one PEM reader, no clock.
//!
//! | file | hands out |
//! |---|---|
//! | `fields` | [`row`]: a certificate as a row of `certificates` |
//! | `store` | [`TrustStore`], [`BUILT_IN`] and [`read_pem`]: the roots to trust |
//! | `trust` | [`judge`]: whether a chain leads to a root, dates left aside; [`is_valid_at`]: dates included |
//! | `dates` | [`dates`] and [`states`]: whether a moment lies within the validity of a chain |
//! | `name` | [`Names`]: how a leaf names a host |
//! | `dane` | [`usable`] and [`matches`](matches()): TLSA records against a chain; [`record`] makes one |
//! | `anchor` | paths to the anchors of DANE-TA |
//! | `path` | the path search that `trust` and `dane` share |
//! | `signature` | whether a certificate signed itself |
//! | `parse` | [`sha256`]; the parsed certificate and the parts of it that several files read |
//!
//! Everything is total: bytes that are no certificate give nulls, `malformed` or no match.

mod anchor;
mod dane;
mod dates;
mod fields;
#[cfg(test)]
mod fixtures;
mod name;
mod parse;
mod path;
mod signature;
mod store;
mod trust;

pub use dane::{matches, record, usable};
pub use dates::{dates, states};
pub use fields::row;
pub use name::Names;
pub use parse::sha256;
pub use store::{BUILT_IN, TrustStore, read_pem};

pub use trust::{is_valid_at, judge};
