//! The questions about a host: A, AAAA, and of a mail host TLSA for port 25.

use std::net::IpAddr;

use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::answer::{self, Answer, is_open};
use super::forward::Client;
use super::name::{name_of, text_of};
use crate::table::codes::{Denial, ErrorCode, Outcome, Role, Security};
use crate::table::row::Moment;
use crate::table::rows::{Addresses, Asked, HostRow, Tlsa, TlsaRecord};
use crate::text;

/// Addresses kept of one host.
pub const ADDRESS_LIMIT: usize = 8;
/// Bytes kept of certificate association data.
const TLSA_DATA: usize = 2_048;
/// The port of SMTP relay (RFC 5321 4.5.4.2).
const SMTP: u16 = 25;

/// Whether a question about the host has no answer yet.
pub fn has_failed(row: &HostRow) -> bool {
    answer::has_failed(row.a.outcome, row.a.error)
        || answer::has_failed(row.aaaa.outcome, row.aaaa.error)
        || answer::has_failed(row.tlsa.outcome, row.tlsa.error)
}

/// Asks everything that has no answer yet. `usable` judges TLSA records.
pub async fn ask(client: &Client, row: &mut HostRow, usable: impl Fn(&TlsaRecord) -> bool) {
    ask_port(client, row, SMTP, usable).await;
}

/// The same with the TLSA records for another port.
pub async fn ask_port(
    client: &Client,
    row: &mut HostRow,
    port: u16,
    usable: impl Fn(&TlsaRecord) -> bool,
) {
    if row.observed_at == Moment::default() {
        row.observed_at = Moment::now();
    }
    // `.` beside other MX records, or text that is no name.
    let Some(name) = name_of(&row.host).filter(|name| !name.is_root()) else {
        let nothing = Answer::nonexistent();
        take_addresses(row, Some(&nothing), Some(&nothing));
        return;
    };
    let before = expanded(row);
    let (a, aaaa) = tokio::join!(
        client.ask_if(&name, RecordType::A, is_open(row.a.outcome, row.a.error)),
        client.ask_if(
            &name,
            RecordType::AAAA,
            is_open(row.aaaa.outcome, row.aaaa.error)
        ),
    );
    take_addresses(row, a.as_ref(), aaaa.as_ref());
    // An alias that only showed now leads to another base.
    let open = is_open(row.tlsa.outcome, row.tlsa.error) || expanded(row) != before;
    let takes_mail = row.roles.contains(&Role::Mx);
    if takes_mail && row.addresses.outcome != Outcome::Absent && open {
        ask_tlsa(client, row, &name, port, usable).await;
    }
}

/// The end of a CNAME chain, where that chain is secure.
fn expanded(row: &HostRow) -> Option<String> {
    let secure = [&row.a, &row.aaaa]
        .into_iter()
        .any(|answer| answer.outcome == Outcome::Found && answer.security == Security::Secure);
    row.addresses.canonical_name.clone().filter(|_| secure)
}

/// RFC 7672 2.2.2: where a secure CNAME chain leads to another name, that name is the first TLSA
/// base domain to try, the host itself the second.
async fn ask_tlsa(
    client: &Client,
    row: &mut HostRow,
    name: &Name,
    port: u16,
    usable: impl Fn(&TlsaRecord) -> bool,
) {
    let host = text_of(name);
    for base in expanded(row).into_iter().chain([host.clone()]) {
        let answer = at_base(client, &base, port).await;
        row.queries += answer.queries;
        // The records of an alias are below the zone of its target, not of the host.
        if base == host {
            row.zone = row.zone.take().or_else(|| answer.zone());
        }
        let last = base == host || answer.outcome != Outcome::Absent;
        row.tlsa = tlsa_of(&answer, base, &usable);
        if last {
            return;
        }
    }
}

/// Asks for the TLSA records for port 25 at a base domain; nobody's earlier answer will do.
/// `usable` judges them.
pub async fn tlsa(client: &Client, base: &str, usable: impl Fn(&TlsaRecord) -> bool) -> Tlsa {
    tlsa_of(&at_base(client, base, SMTP).await, base.to_owned(), usable)
}

/// Where the TLSA records for a port are in truth, where their name is an alias (RFC 7671 7).
pub async fn tlsa_alias(client: &Client, base: &str, port: u16) -> Option<String> {
    let answer = at_base(client, base, port).await;
    answer.names.get(1..)?.last().map(text_of)
}

async fn at_base(client: &Client, base: &str, port: u16) -> Answer {
    match name_of(&format!("_{port}._tcp.{base}")) {
        Some(question) => client.ask(&question, RecordType::TLSA).await,
        None => Answer::nonexistent(),
    }
}

/// Adds the answers of this round to those of earlier ones.
fn take_addresses(row: &mut HostRow, a: Option<&Answer>, aaaa: Option<&Answer>) {
    let fresh = || a.into_iter().chain(aaaa);
    for answer in fresh() {
        row.queries += answer.queries;
    }
    row.zone = fresh().find_map(Answer::zone).or_else(|| row.zone.take());
    let alias = fresh().find_map(|answer| answer.names.get(1..)?.last());
    let mut ips: Vec<IpAddr> = fresh()
        .flat_map(Answer::data)
        .filter_map(RData::ip_addr)
        .chain(row.addresses.ips.iter().filter_map(|ip| ip.parse().ok()))
        .collect();
    ips.sort();
    ips.dedup();
    row.a = a.map_or_else(|| row.a.clone(), Asked::from);
    row.aaaa = aaaa.map_or_else(|| row.aaaa.clone(), Asked::from);
    let outcomes = [row.a.outcome, row.aaaa.outcome];
    let outcome = if outcomes.contains(&Outcome::Found) {
        Outcome::Found
    } else if outcomes.contains(&Outcome::Failed) {
        Outcome::Failed
    } else {
        Outcome::Absent
    };
    let denial = match (row.a.denial, row.aaaa.denial) {
        (Some(Denial::Nxdomain), Some(Denial::Nxdomain)) => Some(Denial::Nxdomain),
        (first, second) => first.or(second),
    };
    row.addresses = Addresses {
        outcome,
        denial: denial.filter(|_| outcome == Outcome::Absent),
        error: worse(row.a.error, row.aaaa.error),
        security: weaker(row.a.security, row.aaaa.security),
        truncated: row.addresses.truncated || ips.len() > ADDRESS_LIMIT,
        ips: ips
            .iter()
            .take(ADDRESS_LIMIT)
            .map(IpAddr::to_string)
            .collect(),
        canonical_name: alias
            .map(text_of)
            .or_else(|| row.addresses.canonical_name.take()),
    };
}

/// A failure weighs more than data that is only bogus.
fn worse(a: Option<ErrorCode>, b: Option<ErrorCode>) -> Option<ErrorCode> {
    match (a, b) {
        (Some(ErrorCode::Bogus) | None, Some(other)) => Some(other),
        (first, _) => first,
    }
}

fn weaker(a: Security, b: Security) -> Security {
    let rank = |security| match security {
        Security::Bogus => 0,
        // One insecure answer decides, whatever the other would have been.
        Security::Insecure => 1,
        Security::NotChecked => 2,
        Security::Indeterminate => 3,
        Security::Secure => 4,
    };
    std::cmp::min_by_key(a, b, |security| rank(*security))
}

fn tlsa_of(answer: &Answer, base: String, usable: impl Fn(&TlsaRecord) -> bool) -> Tlsa {
    let mut records: Vec<TlsaRecord> = answer
        .data()
        .filter_map(|data| match data {
            RData::TLSA(tlsa) => {
                let mut record = TlsaRecord {
                    usage: tlsa.cert_usage.into(),
                    selector: tlsa.selector.into(),
                    matching_type: tlsa.matching.into(),
                    data: text::hex(&tlsa.cert_data[..tlsa.cert_data.len().min(TLSA_DATA)]),
                    usable: false,
                };
                record.usable = usable(&record);
                Some(record)
            }
            _ => None,
        })
        .collect();
    let key = |record: &TlsaRecord| {
        (
            record.usage,
            record.selector,
            record.matching_type,
            record.data.clone(),
        )
    };
    records.sort_by_key(key);
    Tlsa {
        outcome: answer.outcome,
        denial: answer.denial,
        error: answer.error,
        ede: answer.ede.clone(),
        security: answer.security,
        base: Some(base),
        synthesised: answer.synthesised(),
        records,
    }
}
