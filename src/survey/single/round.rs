//! Dialling a few addresses, and taking in what they say: `pace` says when, as in a survey.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::Shown;
use super::story::Job;
use crate::error::{Error, Result};
use crate::pace::{self, Back, Clearance, Pace, Queues, Ruling, Target};
use crate::probe::conversation::{self, Conversation};
use crate::stop::Stop;
use crate::survey::endpoints::{heard, keys};
use crate::survey::settings::Screen;

/// How long an address is left alone between two connections.
const BETWEEN: Duration = Duration::from_secs(2);

/// Who asks.
pub struct Asking {
    /// The budgets.
    pub pace: Arc<Pace>,
    /// Our name in EHLO.
    pub ehlo: String,
    /// A request to stop.
    pub stop: Stop,
    /// Where notes go.
    pub screen: Arc<dyn Screen>,
}

type Talked = (Target<Job>, Option<Conversation>);

impl Asking {
    /// Dials every target until it is done with.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn round(&self, targets: Vec<Target<Job>>, shown: &mut [Shown]) -> Result<()> {
        let Queues {
            mut rulings,
            backs,
            mut notes,
            task,
            ..
        } = pace::start(self.pace.clone(), targets, self.stop.clone());
        let mut talks = JoinSet::new();
        loop {
            tokio::select! {
                ruling = rulings.recv() => match ruling {
                    Some(Ruling::Go(clearance, target)) => {
                        let nameless = shown[target.load.host].addresses[target.load.at].nameless;
                        talks.spawn(talk(clearance, target, self.ehlo.clone(), nameless));
                    }
                    Some(Ruling::Never(error, target)) => target.load.end(error, shown),
                    None => break,
                },
                Some(talked) = talks.join_next() => self.settle(talked, &backs, shown)?,
                Some(note) = notes.recv() => self.screen.note(&note),
            }
        }
        // The queues are empty or stopping: conversations end at their deadline.
        while let Some(talked) = talks.join_next().await {
            self.settle(talked, &backs, shown)?;
        }
        drop(backs);
        task.await
            .map_err(|err| Error::Internal(format!("queues: {err}")))?
    }

    fn settle(
        &self,
        talked: std::result::Result<Talked, JoinError>,
        backs: &UnboundedSender<Back<Job>>,
        shown: &mut [Shown],
    ) -> Result<()> {
        let (mut target, seen) =
            talked.map_err(|err| Error::Internal(format!("a conversation: {err}")))?;
        // None where a stop came first.
        let next = seen.and_then(|seen| {
            self.pace.heard(&target.operator, heard(&seen));
            self.pace.same_machine(target.address, &keys(&seen));
            target.load.take(&seen, shown)
        });
        let back = match next {
            Some(how) => {
                target.load.how = how;
                Back::Again(target, Instant::now() + BETWEEN)
            }
            None => Back::Done,
        };
        // Queues that stopped want nothing back.
        let _ = backs.send(back);
        Ok(())
    }
}

async fn talk(clearance: Clearance, target: Target<Job>, ehlo: String, nameless: bool) -> Talked {
    let job = &target.load;
    let (plan, client) = (job.plan(&ehlo, nameless), job.client());
    let seen = conversation::talk(clearance, job.protocol, &plan, &client).await;
    (target, seen)
}
