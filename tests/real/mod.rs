//! The program against real servers: `scripts/real-servers` is started once for this process, and
//! one complete survey of it is what most tests look at.
//!
//! Nothing here is skipped: where a package or a privilege is missing, a test fails with the lab's
//! own sentence. What must come out is never written down here; the lab's truth.tsv and hosts.tsv
//! say it, or a program of other people does.

mod checked;
mod clients;
mod crash;
mod exclusions;
mod explaining;
mod fail2ban;
mod foreign;
mod inputs;
mod judging;
pub mod lab;
mod matrix;
mod operators;
mod pcap;
mod policies;
mod postfix;
pub mod program;
mod public;
mod records;
mod refusals;
mod repairs;
pub mod shared;
mod signals;
pub mod sql;
mod truth;
mod vantage;
pub mod victim;
mod webmail;
mod wire;
