//! In which country the mail of a domain is taken.

use std::collections::BTreeSet;

use super::case::{Case, MailHost};
use super::checks::every::hidden;
use crate::table::codes::CountryBasis;
use crate::table::country::Country;

/// The country of the addresses of the mail hosts with the smallest preference, and how much is known
/// of it. Where the DNS says that none of these hosts has an address that could be dialled, mail goes to
/// the next ones (RFC 5321 5.1), and so do we. Addresses that the table does not know do not count.
pub fn country(case: &Case<'_>) -> (Option<Country>, CountryBasis) {
    if !case.lists.has_countries {
        return (None, CountryBasis::NoTable);
    }
    if case.hosts.is_empty() {
        return (None, CountryBasis::NoMailHost);
    }
    let preference = |host: &MailHost<'_>| {
        let mut records = case.domain.mx.records.iter();
        let record = records.find(|record| record.host == host.name);
        record.map(|record| record.preference)
    };
    for hosts in case.hosts.chunk_by(|a, b| preference(a) == preference(b)) {
        let endpoints = hosts.iter().flat_map(|host| &host.endpoints);
        let mut dialled = endpoints.filter(|one| !one.server.special).peekable();
        if dialled.peek().is_some() {
            return of(dialled.map(|one| one.server.country));
        }
        if hosts.iter().any(|host| hidden(host).is_some()) {
            return (None, CountryBasis::AddressesUnknown);
        }
    }
    match case.more_hosts() {
        Some(_) => (None, CountryBasis::AddressesUnknown),
        None => (None, CountryBasis::NoAddress),
    }
}

/// The country of some addresses.
fn of(countries: impl Iterator<Item = Option<Country>>) -> (Option<Country>, CountryBasis) {
    let countries: BTreeSet<Country> = countries.flatten().collect();
    match (countries.first(), countries.len()) {
        (Some(country), 1) => (Some(*country), CountryBasis::One),
        (Some(_), _) => (None, CountryBasis::Several),
        (None, _) => (None, CountryBasis::NotInTable),
    }
}
