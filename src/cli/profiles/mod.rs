//! `profiles`: the rule books, and what of them can be seen from outside.

mod checks;
mod list;
mod points;

use super::flags::ProfilesFlags;
use super::json::print_json;
use super::page::Page;
use super::print_lines;
use crate::error::Result;
use crate::verdict::Profile;
use crate::verdict::profile::{self, SHIPPED};

/// Prints the rule books that ship, one of them point by point, or the checks.
///
/// # Errors
/// When there is no such profile, or something in its file is wrong.
pub fn run(flags: &ProfilesFlags) -> Result<u8> {
    match (&flags.profile, flags.checks, flags.json) {
        (_, true, true) => print_json(&checks::json()),
        (_, true, false) => show(checks::page()),
        (Some(name), false, true) => print_json(&points::json(&profile::open(name)?)?),
        (Some(name), false, false) => show(points::page(&profile::open(name)?)),
        (None, false, true) => print_json(&list::json(&shipped()?)?),
        (None, false, false) => show(list::page(&shipped()?)),
    }
}

fn show(page: Page) -> Result<u8> {
    print_lines(&page.into_text())?;
    Ok(0)
}

fn shipped() -> Result<Vec<Profile>> {
    let profiles = SHIPPED
        .iter()
        .filter_map(|(name, _)| profile::shipped(name));
    profiles.collect()
}

/// Words of a profile as one line.
fn flat(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
