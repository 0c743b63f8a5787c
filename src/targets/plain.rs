//! Lists of one domain per line, with or without a rank in front.
//!
//! Hands out `read` and `read_tranco`.

use super::facts::Facts;
use super::lines::Lines;
use super::list::{Sink, Stop};
use super::name::{self, Line, Reject};

/// Reads a list of one domain per line to its end.
///
/// # Errors
/// When reading fails, and what the receiver returns.
pub(super) fn read(lines: &mut Lines<'_>, sink: &mut Sink<'_>) -> Result<(), Stop> {
    each(lines, sink, |text| Ok((name::normalise(text)?, None)))
}

/// Reads a list of `rank,domain` without a header to its end, as <https://tranco-list.eu> has it.
///
/// # Errors
/// When reading fails, and what the receiver returns.
pub(super) fn read_tranco(lines: &mut Lines<'_>, sink: &mut Sink<'_>) -> Result<(), Stop> {
    each(lines, sink, |text| {
        let (rank, domain) = text.split_once(',').ok_or(Reject::FieldCount)?;
        let rank = name::rank(rank.trim())?.ok_or(Reject::BadRank)?;
        Ok((name::normalise(domain.trim())?, Some(rank)))
    })
}

fn each(
    lines: &mut Lines<'_>,
    sink: &mut Sink<'_>,
    parse: impl Fn(&str) -> Result<(String, Option<u32>), Reject>,
) -> Result<(), Stop> {
    while let Some(line) = lines.next()? {
        match name::parse(line.text, &parse) {
            Ok(Line::Said((domain, rank))) => {
                let facts = Facts {
                    rank,
                    ..Facts::default()
                };
                sink.name(domain, facts)?;
            }
            Ok(Line::Blank) => sink.blank(),
            Ok(Line::Comment) => sink.comment(),
            Err(reason) => sink.reject(line.number, reason, line.text)?,
        }
    }
    Ok(())
}
