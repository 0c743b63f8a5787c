//! `profiles`: the rule books, and what of them can be seen from outside.

use super::flags::ProfilesFlags;
use crate::error::{Error, Result};

/// Prints profiles, or the checks.
pub fn run(_flags: &ProfilesFlags) -> Result<u8> {
    Err(Error::Internal("not there yet".to_owned()))
}
