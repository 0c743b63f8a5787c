//! DMARC: [`kinds`] says what domains publish, [`applies`] which record is whose. Records are what
//! they say, not text: [`record`].

pub mod applies;
pub mod kinds;
pub mod record;
