//! Hellos as rows, and what was said from rows.

use std::net::SocketAddr;

use super::exam::{Exam, Said};
use crate::probe::hello::{Answer, Flight, Hello};
use crate::table::rows::HelloRow;

/// The row of what was said last.
pub fn of_last(exam: &Exam, address: SocketAddr) -> Option<HelloRow> {
    let (last, before) = exam.said.split_last()?;
    let Said {
        hello,
        observed_at,
        answer,
    } = last;
    let flight = answer.flight.as_ref();
    let text = |of: fn(&Flight) -> &String| flight.map(|flight| of(flight).clone());
    Some(HelloRow {
        ip: address.ip().to_string(),
        port: address.port(),
        number: short(before.len()),
        observed_at: *observed_at,
        kind: hello.kind,
        offered: hello.version.as_str().to_owned(),
        suites: short(hello.suites.len()),
        groups: short(hello.groups.len()),
        outcome: answer.outcome,
        error: answer.error,
        alert: answer.alert,
        version: text(|flight| &flight.version),
        cipher: text(|flight| &flight.cipher),
        group: flight.and_then(|flight| flight.group.clone()),
        dh_bits: flight.and_then(|flight| flight.dh_bits),
        signature_scheme: flight.and_then(|flight| flight.signature_scheme.clone()),
        compression: flight.and_then(|flight| flight.compression),
        secure_renegotiation: flight.and_then(|flight| flight.secure_renegotiation),
        heartbeat: flight.and_then(|flight| flight.heartbeat),
    })
}

fn short(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// Goes on with what rows say, which come in their order. A row that does not fit what would have
/// been asked is of another program: nothing more is asked then, since nobody knows what it offered.
pub fn resume(exam: &mut Exam, rows: impl IntoIterator<Item = HelloRow>) {
    for row in rows {
        let Some(hello) = exam.next().filter(|hello| fits(hello, &row)) else {
            exam.is_over = true;
            return;
        };
        exam.said.push(Said {
            hello,
            observed_at: row.observed_at,
            answer: answer(row),
        });
    }
}

fn fits(hello: &Hello, row: &HelloRow) -> bool {
    hello.kind == row.kind
        && hello.version.as_str() == row.offered
        && short(hello.suites.len()) == row.suites
        && short(hello.groups.len()) == row.groups
}

fn answer(row: HelloRow) -> Answer {
    let flight = row.version.zip(row.cipher);
    Answer {
        outcome: row.outcome,
        error: row.error,
        alert: row.alert,
        flight: flight.map(|(version, cipher)| Flight {
            version,
            cipher,
            group: row.group,
            dh_bits: row.dh_bits,
            signature_scheme: row.signature_scheme,
            compression: row.compression,
            secure_renegotiation: row.secure_renegotiation,
            heartbeat: row.heartbeat,
            ..Flight::default()
        }),
    }
}
