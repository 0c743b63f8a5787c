//! Surveys of e-mail security over whole national zones.
//!
//! A domain travels [`targets`] → [`dns`] → [`probe`] → [`verdict`] → [`report`], and [`survey`] is
//! that road on one screen. The stages meet only at the tables, which [`table`] declares and keeps.
//! Whatever leaves this machine leaves by permission of [`pace`].
//!
//! What the stages share: [`records`] and [`certificate`] turn bytes into values without I/O,
//! [`spool`] holds names in the order of work, [`names`] many of them in little memory,
//! [`text`] makes strangers' bytes safe to show,
//! [`tls_names`] names what TLS numbers,
//! [`trace`] shows the dialogue about one domain.

pub mod certificate;
pub mod cli;
pub mod dns;
pub mod error;
pub mod names;
pub mod order;
pub mod pace;
pub mod probe;
pub mod records;
pub mod report;
pub mod spool;
pub mod stop;
pub mod survey;
pub mod table;
pub mod targets;
pub mod text;
pub mod tls_names;
pub mod trace;
pub mod verdict;
