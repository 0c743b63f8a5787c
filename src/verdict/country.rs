//! In which country the mail of a domain is taken.

use std::collections::BTreeSet;

use super::case::{Case, MailHost};
use super::checks::mail::more;
use crate::table::codes::{CheckResult, CountryBasis};
use crate::table::country::Country;

/// The country of the addresses of the mail hosts with the smallest preference, and how much is known
/// of it. Where the DNS says that none of these hosts has an address that could be dialled, mail goes to
/// the next ones (RFC 5321 5.1), and so do we. Addresses that the table does not know do not count.
/// Where there may be addresses that nobody was told, only several countries are certain.
pub fn country(case: &Case<'_>) -> (Option<Country>, CountryBasis) {
    if !case.lists.has_countries {
        return (None, CountryBasis::NoTable);
    }
    if case.hosts.is_empty() {
        let basis = match case.mail.result {
            CheckResult::Unknown => CountryBasis::AddressesUnknown,
            _ => CountryBasis::NoMailHost,
        };
        return (None, basis);
    }
    for hosts in case
        .hosts
        .chunk_by(|a, b| preference(case, a) == preference(case, b))
    {
        let is_open = hosts.iter().any(|host| more(host).is_some()) || may_have_more(case, hosts);
        match of(hosts) {
            (None, CountryBasis::NoAddress) if !is_open => {}
            (country, basis) if !is_open || basis == CountryBasis::Several => {
                return (country, basis);
            }
            _ => return (None, CountryBasis::AddressesUnknown),
        }
    }
    match case.more_hosts() {
        Some(_) => (None, CountryBasis::AddressesUnknown),
        None => (None, CountryBasis::NoAddress),
    }
}

fn preference(case: &Case<'_>, host: &MailHost<'_>) -> Option<u16> {
    let mut records = case.domain.mx.records.iter();
    let record = records.find(|record| record.host == host.name);
    record.map(|record| record.preference)
}

/// Whether a record that is not kept may be equal to these hosts: the first ones by preference are kept.
fn may_have_more(case: &Case<'_>, hosts: &[MailHost<'_>]) -> bool {
    let last = case.domain.mx.records.last();
    let of = hosts.first().and_then(|host| preference(case, host));
    case.more_hosts().is_some() && of == last.map(|record| record.preference)
}

/// The country of the addresses of some hosts.
fn of(hosts: &[MailHost<'_>]) -> (Option<Country>, CountryBasis) {
    let endpoints = hosts.iter().flat_map(|host| &host.endpoints);
    let mut dialled = endpoints.filter(|one| !one.server.special).peekable();
    if dialled.peek().is_none() {
        return (None, CountryBasis::NoAddress);
    }
    let countries: BTreeSet<Country> = dialled.filter_map(|one| one.server.country).collect();
    match (countries.first(), countries.len()) {
        (Some(country), 1) => (Some(*country), CountryBasis::One),
        (Some(_), _) => (None, CountryBasis::Several),
        (None, _) => (None, CountryBasis::NotInTable),
    }
}
