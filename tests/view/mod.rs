//! What the operator sees and sets: settings from flags, environment and file; manual and
//! completions; the plan of a dry run; the log, traces and counters of a survey; what is judged, why,
//! and what it adds up to.

mod checked;
mod configuration;
mod explained;
mod interrupted;
mod judged;
mod logged;
mod manual;
mod metrics;
pub mod page;
mod planned;
mod reported;
mod tools;
mod traced;
pub mod written;
