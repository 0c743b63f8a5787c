//! Manners: the one place that talks to strangers.
//!
//! [`start`] runs the queues of a survey: targets go in, and come out one by one as a
//! [`Clearance`], which only this module makes and which [`dial`] consumes. A probe that skips
//! exclusions, special-purpose addresses or budgets does not compile. [`DnsPace`] does the same for
//! queries.
//!
//! Inside, [`budget`] holds what each address, machine, prefix and operator may get, [`journal`]
//! makes that hold over crashes, and [`queue`] keeps who waits, so that nobody waits in a task.
//! After each conversation the prober says how it was received ([`Pace::heard`]) and what machine it
//! met ([`Pace::same_machine`]).

mod budget;
mod dial;
mod dns;
mod journal;
mod limits;
mod outlook;
mod queue;
mod special;

pub use budget::{Clearance, Heard, MachineKey, Open, OperatorRates, Pace, Rules};
pub use dial::{dial, error_of};
pub use dns::{DnsPace, QueryLeave};
pub use journal::{Journal, Past};
pub use limits::{Limits, OPEN, OPERATOR_RATE, PREFIX_OPEN, RATE, Span, WINDOW};
pub use outlook::{Outlook, expected};
pub use queue::{Back, Queues, Ruling, Target, start};
pub use special::{operator_of, prefix_of};
