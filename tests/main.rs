//! Integration tests: the program against a lab of peers that misbehave.
//!
//! [`lab`] has the peers; [`smtp`] holds conversations with its mail servers, and [`dns`] asks its
//! resolver.

mod dns;
mod lab;
mod smtp;
