//! Integration tests: the program against a lab of peers that misbehave.
//!
//! [`lab`] has the peers; [`smtp`] holds conversations with its mail servers, and [`dns`] asks its
//! resolver. [`layers`] holds the direction of imports in the sources, [`schema`] the dictionary in
//! docs/.

#![allow(clippy::unwrap_used)] // a test may fail by a panic

mod dns;
mod lab;
mod layers;
mod schema;
mod smtp;
