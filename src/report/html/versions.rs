//! What mail servers make of each version of SSL and TLS.

use super::bar::Bar;
use super::share::Teller;
use crate::report::figures::Report;
use crate::report::versions::{Counted, VersionFigures};

/// A version.
pub struct VersionRow {
    /// Its name.
    pub version: &'static str,
    /// What is to be thought of it.
    pub says: &'static str,
    /// Domains.
    pub domains: Counts,
    /// Addresses of mail servers.
    pub addresses: Counts,
}

/// How many accept it, refuse it, or neither is known.
pub struct Counts {
    /// As a bar.
    pub bar: Bar,
    /// As people read them, and for sorting.
    pub numbers: Vec<(String, u64)>,
}

/// The versions; none where no server was seen to accept any.
pub fn versions(report: &Report, teller: Teller) -> Vec<VersionRow> {
    let is_seen = report.versions.iter().any(|one| one.addresses.accepted > 0);
    let seen = report.versions.iter().filter(|_| is_seen);
    seen.map(|one| row(one, teller)).collect()
}

fn row(one: &VersionFigures, teller: Teller) -> VersionRow {
    let texts = teller.lang.texts();
    VersionRow {
        version: one.version,
        says: match one.version {
            "TLS 1.3" => texts.version_newest,
            "TLS 1.2" => texts.version_good,
            "TLS 1.0" | "TLS 1.1" => texts.version_old,
            _ => texts.version_broken,
        },
        domains: counts(one.version, one.domains, teller),
        addresses: counts(one.version, one.addresses, teller),
    }
}

fn counts(label: &str, counted: Counted, teller: Teller) -> Counts {
    let texts = teller.lang.texts();
    let parts = [
        ("yes", texts.accepted, counted.accepted),
        ("unknown", texts.unknown, counted.unknown),
        ("na", texts.refused, counted.refused),
    ];
    let numbers = [counted.accepted, counted.refused, counted.unknown];
    Counts {
        bar: Bar::of(teller.lang, label, &parts),
        numbers: numbers
            .map(|number| (teller.lang.count(number), number))
            .into(),
    }
}
