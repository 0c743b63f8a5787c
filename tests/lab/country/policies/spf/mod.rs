//! SPF: [`kinds`] says what domains publish, [`library`] what stands where they lead to, [`graph`]
//! what comes of it. Records are terms, not text: [`record`].

pub mod graph;
pub mod kinds;
pub mod library;
pub mod record;
