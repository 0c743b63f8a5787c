//! The connections of the stage `probe`, whoever is asked: `pace` says when each may be opened, a
//! task holds the conversation, and what was learned is committed. [`Dial`] is what differs.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::faults::Faults;
use super::settings::Screen;
use super::{Context, Watch};
use crate::error::{Error, Result};
use crate::pace::{self, Back, Clearance, Pace, Queues, Ruling, Target};
use crate::table::codes::ErrorCode;
use crate::table::{Flush, Writer};

/// Whom to ask, and what becomes of the answers.
pub trait Dial: Sized {
    /// A word for the stage, where something is wrong with this program.
    const NAME: &'static str;

    /// Somebody to be asked, on the way through the queues.
    type Job: Send + 'static;

    /// What was seen over one connection.
    type Seen: Send + 'static;

    /// What is committed together.
    type Learned: Flush<Item = Self::Learned> + Default;

    /// Why a target is not to be dialled after all: the files of exclusions may have changed since
    /// the queues let it go, and only here are the names known.
    fn forbids(&self, target: &mut Target<Self::Job>) -> Option<ErrorCode>;

    /// Holds one conversation. None when a stop came before the connection was there.
    fn talk(
        &self,
        clearance: Clearance,
        target: &mut Target<Self::Job>,
    ) -> impl Future<Output = Option<Self::Seen>> + Send + 'static;

    /// Why there was no connection.
    fn unconnected(seen: &Self::Seen) -> Option<ErrorCode>;

    /// Takes in what was seen; says when the target is to be dialled again, if it is.
    fn take(&mut self, target: &mut Target<Self::Job>, seen: Self::Seen) -> Option<Instant>;

    /// What is worth committing though the target is dialled again.
    fn between(&self, _target: &mut Target<Self::Job>) -> Option<Self::Learned> {
        None
    }

    /// Takes in that no connection is had; what earlier ones saw stays.
    fn end(&self, target: &mut Target<Self::Job>, error: ErrorCode);

    /// The rows of somebody who is done with, and a word for how it ended.
    fn learned(&self, job: Self::Job) -> (&'static str, Self::Learned);
}

/// Dials every target until it is done with, and commits what was learned; first of all of the
/// others, who are not to be dialled.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run<D: Dial>(
    context: &Context<'_>,
    dial: D,
    pace: Arc<Pace>,
    (targets, others): (Vec<Target<D::Job>>, Vec<D::Job>),
    watch: Arc<dyn Watch>,
) -> Result<()> {
    let writer = Writer::start(context.store.clone(), D::Learned::default());
    let queues = pace::start(pace, targets, context.stop.clone());
    let dialling = Dialling {
        context,
        dial,
        tasks: JoinSet::new(),
        sender: writer.sender(),
        backs: queues.backs.clone(),
        watch: watch.clone(),
        faults: Faults::default(),
    };
    let dialled = dialling.all(queues, others).await;
    writer.close().await?;
    dialled?;
    watch.finish();
    Ok(())
}

/// What came of one connection: none where a stop came first, the target alone where the probe
/// panicked.
type Talked<D> = std::result::Result<
    (Target<<D as Dial>::Job>, Option<<D as Dial>::Seen>),
    Box<Target<<D as Dial>::Job>>,
>;

struct Dialling<'a, D: Dial> {
    context: &'a Context<'a>,
    dial: D,
    tasks: JoinSet<Talked<D>>,
    sender: mpsc::Sender<D::Learned>,
    backs: mpsc::UnboundedSender<Back<D::Job>>,
    watch: Arc<dyn Watch>,
    faults: Faults,
}

impl<D: Dial> Dialling<'_, D> {
    async fn all(mut self, queues: Queues<D::Job>, others: Vec<D::Job>) -> Result<()> {
        let Queues {
            mut rulings,
            mut notes,
            mut ahead,
            task,
            ..
        } = queues;
        for job in others {
            self.write(job).await?;
        }
        loop {
            tokio::select! {
                ruling = rulings.recv() => match ruling {
                    // After a stop nothing is dialled, also of what was cleared before it.
                    Some(Ruling::Go(..)) if self.context.stop.is_requested() => {}
                    Some(Ruling::Go(clearance, target)) => self.go(clearance, target).await?,
                    Some(Ruling::Never(error, target)) => self.never(error, target).await?,
                    None => break,
                },
                Some(joined) = self.tasks.join_next() => self.settle(joined).await?,
                Some(note) = notes.recv() => self.context.screen.note(&note),
                Ok(()) = ahead.changed() => self.watch.outlook(*ahead.borrow_and_update()),
            }
        }
        // The queues are empty or stopping: conversations end at their deadline.
        while let Some(joined) = self.tasks.join_next().await {
            self.settle(joined).await?;
        }
        task.await
            .map_err(|err| Error::Internal(format!("queues: {err}")))??;
        while let Ok(note) = notes.try_recv() {
            self.context.screen.note(&note);
        }
        self.context.stop.check()
    }

    /// What was reserved for a target that is forbidden counts as dialled.
    async fn go(&mut self, clearance: Clearance, mut target: Target<D::Job>) -> Result<()> {
        match self.dial.forbids(&mut target) {
            None => {
                let talk = self.dial.talk(clearance, &mut target);
                self.tasks.spawn(async move {
                    match tokio::spawn(talk).await {
                        Ok(seen) => Ok((target, seen)),
                        Err(_) => Err(Box::new(target)),
                    }
                });
                Ok(())
            }
            Some(error) => {
                drop(clearance);
                self.back(Back::Done);
                self.never(error, target).await
            }
        }
    }

    async fn settle(&mut self, joined: std::result::Result<Talked<D>, JoinError>) -> Result<()> {
        let talked = joined.map_err(|err| Error::Internal(format!("{}: {err}", D::NAME)))?;
        match talked {
            Ok((target, Some(seen))) => self.seen(target, seen).await,
            // The next run asks again.
            Ok((_, None)) => {
                self.back(Back::Done);
                Ok(())
            }
            // A panic in the probe costs this target, not the survey.
            Err(target) => {
                self.back(Back::Done);
                self.never(ErrorCode::InternalError, *target).await
            }
        }
    }

    async fn seen(&mut self, mut target: Target<D::Job>, seen: D::Seen) -> Result<()> {
        let is_local = D::unconnected(&seen) == Some(ErrorCode::LocalFault);
        self.faults.count(is_local, self.context.stop);
        match self.dial.take(&mut target, seen) {
            Some(when) => {
                let learned = self.dial.between(&mut target);
                self.back(Back::Again(target, when));
                match learned {
                    Some(learned) => self.send(learned).await,
                    None => Ok(()),
                }
            }
            None => {
                self.back(Back::Done);
                self.write(target.load).await
            }
        }
    }

    async fn never(&mut self, error: ErrorCode, mut target: Target<D::Job>) -> Result<()> {
        self.dial.end(&mut target, error);
        self.write(target.load).await
    }

    async fn write(&self, job: D::Job) -> Result<()> {
        let (outcome, learned) = self.dial.learned(job);
        self.watch.done(outcome, self.tasks.len());
        self.send(learned).await
    }

    async fn send(&self, learned: D::Learned) -> Result<()> {
        let gone = |_| Error::Internal("the writer of the stage ended".to_owned());
        self.sender.send(learned).await.map_err(gone)
    }

    fn back(&self, back: Back<D::Job>) {
        // Queues that stopped want nothing back.
        let _ = self.backs.send(back);
    }
}
