//! Which of the domains read are surveyed: a shard of them, or a sample.
//!
//! Hands out `shard` and `sample`. Both read a whole spool a bucket at a time and leave another
//! one; a sample is drawn in two passes, with the sizes of the strata in memory.

use std::path::Path;

use super::facts::Facts;
use super::sample::{Plan, Sample, Strata, Stratify};
use super::shard::Shard;
use crate::error::{Error, Result};
use crate::order::{BUCKETS, Order};
use crate::spool::{Entry, Spool, SpoolWriter};

/// Keeps the domains of a shard.
///
/// # Errors
/// When a spool cannot be read or written.
pub(super) fn shard(whole: &Spool, shard: Shard, dir: &Path, order: Order) -> Result<Spool> {
    let mut kept = SpoolWriter::create(dir, order)?;
    each(whole, |entry| {
        if shard.holds(order.hash(&entry.key)) {
            kept.push(&entry.key, &entry.payload)?;
        }
        Ok(true)
    })?;
    kept.finish()
}

/// Draws a sample; each domain drawn knows its stratum and its weight.
///
/// # Errors
/// When the domains cannot be told apart by what was asked for, the sample is too small for the
/// strata, or a spool cannot be read or written.
pub(super) fn sample(whole: &Spool, sample: &Sample, dir: &Path, order: Order) -> Result<Spool> {
    let mut plan = plan(whole, sample)?;
    let mut drawn = SpoolWriter::create(dir, order)?;
    each(whole, |entry| {
        let mut facts = Facts::of(&entry.payload)?;
        let stratum = sample.by.stratum(&entry.key, &facts).to_owned();
        if let Some(weight) = plan.draw(&stratum) {
            facts.stratum = Some(stratum);
            facts.weight = weight;
            drawn.push(&entry.key, &facts.payload()?)?;
        }
        Ok(!plan.is_drawn())
    })?;
    drawn.finish()
}

/// Counts the strata and gives them their seats.
fn plan(whole: &Spool, sample: &Sample) -> Result<Plan> {
    let mut strata = Strata::default();
    each(whole, |entry| {
        let facts = Facts::of(&entry.payload)?;
        strata.count(sample.by.stratum(&entry.key, &facts));
        // No more of them are kept than there may be.
        if strata.len() > sample.size {
            return Err(Error::Usage(format!(
                "--sample {}: there are more strata than that, and each wants a domain; give a \
                 larger sample, or choose another --stratify than {}",
                sample.size, sample.by
            )));
        }
        Ok(true)
    })?;
    if sample.by != Stratify::Tld && strata.tell_nothing_apart() {
        return Err(Error::Usage(format!(
            "--stratify {}: no domain has that; look at the header of the list, or choose tld",
            sample.by
        )));
    }
    Ok(strata.allocate(sample.size))
}

/// Hands over the entries in the order of work, until no more are wanted.
fn each(spool: &Spool, mut wants: impl FnMut(&Entry) -> Result<bool>) -> Result<()> {
    for bucket in 0..BUCKETS {
        for entry in spool.bucket(bucket)? {
            if !wants(&entry)? {
                return Ok(());
            }
        }
    }
    Ok(())
}
