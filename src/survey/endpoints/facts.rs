//! What handshakes and hellos of one address add up to, beside versions.

use super::told::Told;
use super::versions::{self, Shaken};
use crate::probe::hello::Flight;
use crate::table::codes::TlsOutcome;
use crate::table::rows::{EndpointRow, Tls};
use crate::table::tls_codes::HelloKind;
use crate::tls_names::is_hybrid;

/// Fills the columns of a row that say what the server is like.
pub fn fill(row: &mut EndpointRow, handshakes: &[Shaken<'_>], hellos: &[Told]) {
    row.versions = versions::of(handshakes, hellos);
    row.weak_cipher = flights_to(hellos, Some(HelloKind::Weak))
        .next()
        .map(|flight| flight.cipher.clone());
    row.dh_bits = flights(hellos).filter_map(|flight| flight.dh_bits).min();
    // Wherever it was once is where it can be had.
    row.compression = any(flights(hellos).filter_map(|flight| flight.compression));
    row.heartbeat = any(flights(hellos).filter_map(|flight| flight.heartbeat));
    // Whoever lacks it once lacks it.
    let renegotiation = flights(hellos).filter_map(|flight| flight.secure_renegotiation);
    row.secure_renegotiation = all(renegotiation);
    row.pq_group = handshakes.iter().find_map(|(tls, _)| hybrid(tls));
    if row.tls.outcome == TlsOutcome::Completed && row.tls.version.as_deref() != Some("TLS 1.3") {
        let secrets = flights(hellos).filter_map(|flight| flight.extended_master_secret);
        row.tls.extended_master_secret = all(secrets);
    }
    row.hellos = hellos.iter().map(|told| told.row()).collect();
}

/// The first flights that hellos were answered with.
fn flights(hellos: &[Told]) -> impl Iterator<Item = &Flight> {
    flights_to(hellos, None)
}

/// The same for hellos of one kind.
fn flights_to(hellos: &[Told], kind: Option<HelloKind>) -> impl Iterator<Item = &Flight> {
    hellos
        .iter()
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
    group.filter(|group| is_hybrid(group)).cloned()
}
