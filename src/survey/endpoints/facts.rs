//! What handshakes and hellos of one address add up to, beside versions.

use super::story::Story;
use super::versions;
use crate::probe::hello::Flight;
use crate::table::codes::TlsOutcome;
use crate::table::rows::{EndpointRow, Tls};
use crate::table::tls_codes::HelloKind;

/// Fills the columns of a row that say what the server is like.
pub fn fill(row: &mut EndpointRow, story: &Story) {
    let handshakes = story.handshakes();
    row.versions = versions::of(&handshakes, story.hellos());
    row.weak_cipher = flights_to(story, Some(HelloKind::Weak))
        .next()
        .map(|flight| flight.cipher.clone());
    row.dh_bits = flights(story).filter_map(|flight| flight.dh_bits).min();
    // Wherever it was once is where it can be had.
    row.compression = any(flights(story).filter_map(|flight| flight.compression));
    row.heartbeat = any(flights(story).filter_map(|flight| flight.heartbeat));
    // Whoever lacks it once lacks it.
    let renegotiation = flights(story).filter_map(|flight| flight.secure_renegotiation);
    row.secure_renegotiation = all(renegotiation);
    row.pq_group = handshakes.iter().find_map(|(tls, _)| hybrid(tls));
    if row.tls.outcome == TlsOutcome::Completed && row.tls.version.as_deref() != Some("TLS 1.3") {
        let secrets = flights(story).filter_map(|flight| flight.extended_master_secret);
        row.tls.extended_master_secret = all(secrets);
    }
    row.hellos = story.hellos().iter().map(|told| told.row()).collect();
}

/// The first flights that hellos were answered with.
fn flights(story: &Story) -> impl Iterator<Item = &Flight> {
    flights_to(story, None)
}

/// The same for hellos of one kind.
fn flights_to(story: &Story, kind: Option<HelloKind>) -> impl Iterator<Item = &Flight> {
    let hellos = story.hellos().iter();
    hellos
        .filter(move |told| kind.is_none_or(|kind| told.kind == kind))
        .filter_map(|told| told.answer.flight.as_ref())
}

fn any(said: impl Iterator<Item = bool>) -> Option<bool> {
    said.reduce(|one, other| one || other)
}

fn all(said: impl Iterator<Item = bool>) -> Option<bool> {
    said.reduce(|one, other| one && other)
}

/// The hybrid post-quantum group of a handshake, if it has one.
fn hybrid(tls: &Tls) -> Option<String> {
    let group = tls
        .group
        .as_ref()
        .filter(|_| tls.outcome == TlsOutcome::Completed);
    group.filter(|group| group.contains("MLKEM")).cloned()
}
