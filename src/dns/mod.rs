//! What the DNS says.
//!
//! [`Client`] turns one question into one [`Answer`]: the whole message with its security status,
//! or the reason why there is none. [`domain`], [`host`] and [`zone`] ask the questions about a
//! domain, a mail host and a zone, and fill their rows. [`preflight`] makes sure that the resolver
//! validates before anything is believed, [`clock`] that signatures are judged by the right time,
//! and [`reverse`] that our address leads to our name.
//!
//! What many domains need, [`shared`] asks for once.
//!
//! Inside, [`forward`] asks recursive resolvers over [`udp`], and over [`tcp`] where an answer does
//! not fit.

mod answer;
mod bimi;
mod caa;
mod clients;
pub mod clock;
mod denying;
mod dialogue;
mod discovery;
mod dkim;
mod dmarc;
pub mod domain;
mod excluded;
mod fact;
mod forward;
mod health;
pub mod host;
mod keys;
mod message;
mod name;
mod policies;
pub mod preflight;
mod reports;
pub mod reverse;
mod rotation;
mod selectors;
mod sets;
mod shared;
mod spf;
mod tcp;
mod udp;
pub mod zone;

pub use answer::Answer;
pub use fact::{Data, Fact};
pub use forward::{Client, Settings};
pub use health::Trouble;
pub use name::{name_of, text_of};
pub use selectors::Selectors;
