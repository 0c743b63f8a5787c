//! `sts-map`: what Postfix has to know of MTA-STS policies, as a table.

mod map;
mod survey;

use std::path::Path;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::flags::StsMapFlags;
use super::print;
use crate::error::{Error, Result};
use crate::table::manifest::NAME;
use crate::table::row::Moment;
use map::Map;
pub use map::Testing;

/// Prints the table. The exit code is 1 where something is not known.
///
/// # Errors
/// When the survey cannot be read.
pub fn run(flags: &StsMapFlags) -> Result<u8> {
    let at = match &flags.at {
        Some(text) => parse(text)?,
        None => Moment::now(),
    };
    let mut map = Map::new(at, flags.testing);
    let source = match flags.from.as_slice() {
        [dir] if Path::new(dir).is_dir() => survey::read(Path::new(dir), &mut map)?,
        _ => return Err(no_survey(&flags.from)),
    };
    print(map.print(&source).as_bytes())?;
    let gaps = map.gaps();
    for gap in &gaps {
        eprintln!("mailcensus: note: {gap}");
    }
    Ok(u8::from(!gaps.is_empty()))
}

fn no_survey(from: &[String]) -> Error {
    let dir = from.iter().find(|text| Path::new(text).join(NAME).exists());
    Error::Usage(match dir {
        Some(dir) => format!("{dir}: a survey stands alone; make one table for each"),
        None => "give the directory of one survey".to_owned(),
    })
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
