//! From the flags about the input to what will be read, and what is taken of it.

use super::flags::InputFlags;
use crate::error::{Error, Result};
use crate::targets::{Format, Input, Sample, Take};

/// What will be read.
///
/// # Errors
/// When flags do not go together.
pub fn input(flags: &InputFlags) -> Result<Input> {
    if flags.only_failed.is_some() {
        let lists = !flags.lists.is_empty() || flags.list_format != Format::Auto;
        refuse(
            lists,
            "--only-failed takes the domains of the older survey; leave LIST and --list-format away",
        )?;
        refuse(
            flags.sample.is_some(),
            "--only-failed with --sample: what failed has the weights of the older survey; leave \
             --sample away",
        )?;
    }
    Ok(Input {
        lists: flags.lists.clone(),
        format: flags.list_format,
        only_failed: flags.only_failed.clone(),
        take: take(flags)?,
    })
}

fn take(flags: &InputFlags) -> Result<Take> {
    match (flags.sample, flags.shard) {
        (Some(_), Some(_)) => Err(Error::Usage(
            "--sample with --shard: a sample is drawn from the front of the order of work, which \
             lies in the first shards; survey the sample on one machine"
                .to_owned(),
        )),
        (None, Some(shard)) => {
            refuse(
                flags.seed.is_none(),
                "--shard without --seed: shards of different seeds overlap; give the same --seed \
                 to all of them",
            )?;
            Ok(Take::Shard(shard))
        }
        (Some(size), None) => Ok(Take::Sample(Sample {
            size,
            by: flags.stratify.clone().unwrap_or_default(),
        })),
        (None, None) => {
            refuse(
                flags.stratify.is_some(),
                "--stratify without --sample: nothing is drawn; say how many with --sample N",
            )?;
            Ok(Take::All)
        }
    }
}

fn refuse(wrong: bool, sentence: &str) -> Result<()> {
    if wrong {
        return Err(Error::Usage(sentence.to_owned()));
    }
    Ok(())
}
