//! `explain`: one domain of a survey, from its tables alone.

use super::flags::ExplainFlags;
use crate::error::{Error, Result};

/// Prints what is known of a domain.
pub fn run(_flags: &ExplainFlags) -> Result<u8> {
    Err(Error::Internal("not there yet".to_owned()))
}
