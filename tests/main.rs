//! Integration tests: one binary, so that the real servers start once.
//!
//! [`lab`] has peers that misbehave on loopback; [`smtp`] holds conversations with its mail servers,
//! [`ports`] with its servers of mail clients, [`https`] asks its web servers for a page, and [`dns`] asks its resolver. [`real`] surveys NSD, Unbound, Postfix and Exim in namespaces of
//! their own, and [`national`] countries of thousands of domains; [`view`] looks at what the operator
//! sees. [`records`] compares what other people's parsers read. [`layers`] holds the direction of
//! imports in the sources, [`schema`] the dictionary in docs/, [`documents`] what else stands there,
//! [`profiles`] the rule books against the numbers of their sources.

#![allow(clippy::unwrap_used)] // a test may fail by a panic

mod dns;
mod documents;
mod hello;
mod hostile;
mod https;
mod lab;
mod layers;
mod national;
mod ports;
mod profiles;
mod real;
mod records;
mod schema;
mod smtp;
mod surveys;
mod view;
