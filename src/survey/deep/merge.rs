//! What an examination adds to the row of its address.

use super::exam::{Exam, Said};
use super::preference;
use crate::probe::hello::Flight;
use crate::survey::endpoints::told;
use crate::table::codes::TlsOutcome;
use crate::table::rows::{EndpointRow, Hello, Offer};
use crate::table::tls_codes::{Depth, HelloKind};
use crate::tls_names::{self, Version, is_hybrid};

/// Bare hellos that a row shows.
const SHOWN: usize = 16;

/// Adds it.
pub fn fill(row: &mut EndpointRow, exam: &Exam) {
    let state = exam.state();
    row.depth = Depth::Deep;
    row.connections += u16::try_from(exam.said.len()).unwrap_or(u16::MAX);
    row.versions = state.known.versions.clone().into();
    row.ciphers = Offer {
        accepted: suites(&state.known.suites),
        complete: exam.has_all_suites(&state),
        server_preference: preference::of_server(&exam.said, &state),
    };
    let groups = state.known.groups.iter();
    row.groups = Offer {
        accepted: groups.map(|group| tls_names::group(*group)).collect(),
        complete: exam.has_all_groups(&state),
        server_preference: None,
    };
    let flights = || {
        exam.said
            .iter()
            .filter_map(|said| said.answer.flight.as_ref())
    };
    let bits = flights().filter_map(|flight| flight.dh_bits);
    row.dh_bits = row.dh_bits.into_iter().chain(bits).min();
    let all = |of: fn(&Flight) -> Option<bool>| flights().filter_map(of);
    // As at standard depth: what was had once can be had, and what is lacking once is lacking.
    row.compression = either(row.compression, all(|flight| flight.compression));
    row.heartbeat = either(row.heartbeat, all(|flight| flight.heartbeat));
    let signalled = all(|flight| flight.secure_renegotiation);
    let signalled = row.secure_renegotiation.into_iter().chain(signalled);
    row.secure_renegotiation = signalled.reduce(|one, other| one && other);
    if row.pq_group.is_none() && row.tls.outcome == TlsOutcome::Completed {
        let mut accepted = row.groups.accepted.iter();
        row.pq_group = accepted.find(|group| is_hybrid(group)).cloned();
    }
    // What is told by the lists needs no line of its own.
    let telling = exam
        .said
        .iter()
        .filter(|said| !matches!(said.hello.kind, HelloKind::Suites | HelloKind::Groups));
    let room = SHOWN.saturating_sub(row.hellos.len());
    row.hellos.extend(telling.take(room).map(shown));
}

/// The suites, newest version first, each once.
fn suites(accepted: &[(Version, u16)]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for version in Version::ALL.into_iter().rev() {
        for (_, suite) in accepted.iter().filter(|(of, _)| *of == version) {
            let name = tls_names::suite(*suite);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn either(before: Option<bool>, since: impl Iterator<Item = bool>) -> Option<bool> {
    before
        .into_iter()
        .chain(since)
        .reduce(|one, other| one || other)
}

fn shown(said: &Said) -> Hello {
    told::row(said.hello.kind, said.observed_at, &said.answer)
}
