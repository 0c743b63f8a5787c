//! Many jobs at a time, within a bound; a panic costs one job, never the survey.

use std::collections::HashMap;

use tokio::task::JoinSet;

use crate::error::Result;
use crate::stop::Stop;

/// What a pool does with its jobs.
pub trait Work {
    /// What is to be done.
    type Job: Clone + Send + 'static;
    /// What came of it.
    type Done: Send + 'static;

    /// Does a job.
    fn start(&self, job: Self::Job) -> impl Future<Output = Self::Done> + Send + 'static;

    /// What came of a job that panicked.
    fn panicked(&self, job: Self::Job) -> Self::Done;

    /// Takes over what came of a job; so many others are in flight.
    fn done(&mut self, done: Self::Done, in_flight: usize) -> impl Future<Output = Result<()>>;
}

/// Runs jobs, at most `limit` at a time, until all are done or a stop is asked for.
///
/// # Errors
/// The reason to stop, or the first error of a job's source or of taking over.
pub async fn run<W: Work>(
    stop: &Stop,
    limit: usize,
    jobs: impl Iterator<Item = Result<W::Job>>,
    work: &mut W,
) -> Result<()> {
    let mut tasks = JoinSet::new();
    let mut running = HashMap::new();
    for job in jobs {
        let job = job?;
        stop.check()?;
        while tasks.len() >= limit {
            settle(stop, &mut tasks, &mut running, work).await?;
        }
        let handle = tasks.spawn(work.start(job.clone()));
        running.insert(handle.id(), job);
    }
    while !tasks.is_empty() {
        settle(stop, &mut tasks, &mut running, work).await?;
    }
    Ok(())
}

/// Waits for one job. On a stop the others are dropped with the set; what they would have learned
/// is asked again by the next process.
async fn settle<W: Work>(
    stop: &Stop,
    tasks: &mut JoinSet<W::Done>,
    running: &mut HashMap<tokio::task::Id, W::Job>,
    work: &mut W,
) -> Result<()> {
    let joined = tokio::select! {
        joined = tasks.join_next_with_id() => joined,
        () = stop.requested() => return stop.check(),
    };
    let done = match joined {
        None => return Ok(()),
        Some(Ok((id, done))) => {
            running.remove(&id);
            done
        }
        Some(Err(err)) => match running.remove(&err.id()) {
            Some(job) => work.panicked(job),
            None => return Ok(()),
        },
    };
    work.done(done, tasks.len()).await
}
