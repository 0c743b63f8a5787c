//! What the servers do.
//!
//! [`conversation::talk`] holds one conversation with a server that takes mail or hands it out, and
//! returns what it saw; [`https::get`] asks a web server for one page. A probe cannot fail: what broke is a field, and what was learned
//! before that stays.
//!
//! [`hello`] says what a server makes of a hello that no TLS library sends any more.
//!
//! Inside, [`connect`] opens the connection, [`inbox`] reads lines within bounds and [`channel`] has
//! both directions; [`language`] has the steps of a conversation, which [`smtp`] (with [`reply`]),
//! [`imap`] and [`pop3`] put into words; [`login`] tells what they say of logging in. [`ceiling`] bounds what a web server makes us read, and
//! [`tls`] shakes hands with a verifier that records and accepts.

mod ceiling;
mod channel;
mod connect;
pub mod conversation;
pub mod hello;
pub mod https;
pub mod imap;
pub mod inbox;
mod language;
pub mod login;
pub mod pop3;
pub mod reply;
pub mod smtp;
pub mod tls;
