//! Manners: the one place that talks to strangers.
//!
//! [`start`] runs the queues of a survey: targets go in, and come out one by one as a
//! [`Clearance`], which only this module makes and which [`dial`] consumes. A probe that skips
//! exclusions, special-purpose addresses or budgets does not compile. [`DnsPace`] does the same for
//! queries.
//!
//! Who is who: [`Owners`] knows who answers for an address, by [`Operators`] and [`AsnTable`], and
//! where it is, by [`Countries`] and [`Vrps`]. Who is left alone: [`Rules`] say which addresses may be dialled, [`Exclusions`] whom the operator of the
//! survey spares.
//!
//! Inside, [`budget`] holds what each address, machine, prefix and operator may get, [`journal`]
//! makes that hold over crashes, and [`queue`] keeps who waits, so that nobody waits in a task.
//! After each conversation the prober says how it was received ([`Pace::heard`]) and what machine it
//! met ([`Pace::same_machine`]).

mod asn;
mod budget;
mod countries;
mod dial;
mod dns;
mod exclusion_files;
mod exclusions;
mod journal;
mod limits;
mod lines;
mod operators;
mod outlook;
mod own;
mod owners;
mod prefixes;
mod queue;
mod rules;
mod special;
mod suffixes;
mod vrps;

pub use asn::AsnTable;
pub use budget::{Clearance, Heard, MachineKey, Open, OperatorRates, Pace, longest_pause};
pub use countries::Countries;
pub use dial::{dial, error_of};
pub use dns::{DnsPace, QueryLeave};
pub use exclusion_files::Exclusions;
pub use exclusions::Excluded;
pub use journal::{Journal, Past, tidy};
pub use limits::{
    CLIENT_PORT, DEEP, DNS_RATE, HTTPS_OPERATOR_RATE, HTTPS_RATE, IN_FLIGHT, Limits, MIN_INTERVAL,
    OPEN, OPERATOR_RATE, PREFIX_OPEN, RATE, Span, WINDOW,
};
pub use operators::Operators;
pub use outlook::{Outlook, expected};
pub use owners::{Owners, Whereabouts};
pub use queue::{Back, Queues, Ruling, Target, start};
pub use rules::Rules;
pub use special::prefix_of;
pub use suffixes::ends;
pub use vrps::Vrps;
