//! `sts-map`: what Postfix has to know of MTA-STS policies, as a table: those of a survey, or of some
//! domains now.

mod map;
mod survey;

use std::path::Path;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::call::{self, Call};
use super::explain::spelled;
use super::flags::StsMapFlags;
use super::settings::trusting;
use super::{complain, print_lines};
use crate::error::{Error, Result};
use crate::table::manifest::NAME;
use crate::table::row::Moment;
use map::Map;
pub use map::Testing;

/// Prints the table. The exit code is 1 where something is not known.
///
/// # Errors
/// When the survey cannot be read, or nobody can be asked.
pub fn run(flags: &StsMapFlags) -> Result<u8> {
    let at = match &flags.at {
        Some(text) => parse(text)?,
        None => Moment::now(),
    };
    let dirs = flags.from.iter().filter(|text| is_survey(text));
    let mut map;
    let (source, trouble) = match (flags.from.as_slice(), dirs.count()) {
        ([dir], 1) => {
            map = Map::new(at, flags.testing);
            (survey::read(Path::new(dir), &mut map)?, Vec::new())
        }
        (_, 0) => {
            map = Map::of_each(at, flags.testing);
            now(flags, &mut map)?
        }
        _ => {
            return Err(Error::Usage(
                "a survey stands alone; make a table for each, and one for domains".to_owned(),
            ));
        }
    };
    print_lines(&map.print(&source))?;
    let gaps = map.gaps();
    for note in gaps.iter().chain(&trouble) {
        complain(&format_args!("note: {note}"));
    }
    Ok(u8::from(!gaps.is_empty() || !trouble.is_empty()))
}

/// Whether a text names a directory and no domain.
fn is_survey(text: &str) -> bool {
    let dir = Path::new(text);
    dir.join(NAME).exists() || (dir.is_dir() && spelled(text).is_err())
}

/// Asks for the policies of some domains: a survey of them alone, in which no mail server is asked.
/// Hands out where the facts are from, and local trouble.
fn now(flags: &StsMapFlags, map: &mut Map) -> Result<(String, Vec<String>)> {
    let domains = call::domains(&flags.from)?;
    let mut call = Call::open(&flags.call, false)?;
    call.settings = trusting(&flags.trust, call.settings);
    call.settings.limits = call.settings.limits.without_mail();
    // Nor those that port 25 is tried with.
    call.settings.egress.clear();
    let (_scratch, trouble) = call.survey(&domains)?;
    if flags.at.is_none() {
        // What was asked for meanwhile may have ended as well.
        map.made_at(Moment::now());
    }
    survey::read(&call.settings.out, map)?;
    let source = format!("Domains asked about then: {}", domains.len());
    Ok((source, trouble))
}

fn parse(text: &str) -> Result<Moment> {
    let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
        Error::Usage(format!(
            "--at {text}: no moment; give one as 2026-01-31T12:00:00Z"
        ))
    })?;
    let micros = i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or_default();
    Ok(Moment(micros))
}
