//! Integration tests: one binary, so that the real servers start once.
//!
//! [`lab`] has peers that misbehave on loopback; [`smtp`] holds conversations with its mail servers,
//! and [`dns`] asks its resolver; [`surveys`] runs the program against both. [`real`] surveys NSD, Unbound, Postfix and Exim in namespaces of
//! their own. [`layers`] holds the direction of imports in the sources, [`schema`] the dictionary in
//! docs/.

#![allow(clippy::unwrap_used)] // a test may fail by a panic

mod dns;
mod lab;
mod layers;
mod real;
mod schema;
mod smtp;
mod surveys;
