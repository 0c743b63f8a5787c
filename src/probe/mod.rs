//! What the servers do.
//!
//! [`smtp::talk`] holds one conversation with one address and returns what it saw; [`https::get`]
//! asks a web server for one page. A probe cannot fail: what broke is a field, and what was learned
//! before that stays.
//!
//! [`hello`] says what a server makes of a hello that no TLS library sends any more.
//!
//! Inside, [`connect`] opens the connection, [`reply`] reads SMTP replies within bounds, [`ceiling`] bounds what a web server makes us
//! read, and [`tls`] shakes hands with a verifier that records and accepts.

mod ceiling;
mod connect;
pub mod hello;
pub mod https;
pub mod reply;
pub mod smtp;
pub mod tls;
