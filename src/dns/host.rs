//! The questions about a mail host: A, AAAA, and TLSA for port 25.

use std::net::IpAddr;

use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::answer::Answer;
use super::forward::Client;
use super::message::{name_of, text_of};
use crate::table::codes::{Denial, ErrorCode, Outcome, Security};
use crate::table::row::Moment;
use crate::table::rows::{AddressAnswer, Addresses, HostRow, Tlsa, TlsaRecord};
use crate::text;

/// Addresses kept of one host.
pub const ADDRESS_LIMIT: usize = 8;
/// Bytes kept of certificate association data.
const TLSA_DATA: usize = 2_048;

/// Whether a question about the host has no answer yet.
pub fn has_failed(row: &HostRow) -> bool {
    [row.a.outcome, row.aaaa.outcome, row.tlsa.outcome].contains(&Outcome::Failed)
}

/// Asks everything that has no answer yet. `usable` judges TLSA records.
pub async fn ask(client: &Client, row: &mut HostRow, usable: impl Fn(&TlsaRecord) -> bool) {
    if row.observed_at == Moment::default() {
        row.observed_at = Moment::now();
    }
    // `.` beside other MX records, or text that is no name.
    let Some(name) = name_of(&row.host).filter(|name| !name.is_root()) else {
        let nothing = AddressAnswer {
            outcome: Outcome::Absent,
            denial: Some(Denial::Nxdomain),
            ..AddressAnswer::default()
        };
        row.addresses.outcome = Outcome::Absent;
        row.addresses.denial = nothing.denial;
        (row.a, row.aaaa) = (nothing.clone(), nothing);
        return;
    };
    let (a, aaaa) = tokio::join!(
        client.ask(&name, RecordType::A),
        client.ask(&name, RecordType::AAAA),
    );
    row.queries += a.queries + aaaa.queries;
    row.zone = a.zone().or_else(|| aaaa.zone()).or_else(|| row.zone.take());
    row.a = address_answer(&a);
    row.aaaa = address_answer(&aaaa);
    row.addresses = addresses(&a, &aaaa);
    if row.addresses.outcome == Outcome::Found || row.addresses.outcome == Outcome::Failed {
        ask_tlsa(client, row, &name, &a, &aaaa, usable).await;
    }
}

/// RFC 7672 2.2.2: where a secure CNAME chain leads to another name, that name is the first TLSA
/// base domain to try, the host itself the second.
async fn ask_tlsa(
    client: &Client,
    row: &mut HostRow,
    name: &Name,
    a: &Answer,
    aaaa: &Answer,
    usable: impl Fn(&TlsaRecord) -> bool,
) {
    let expanded = [a, aaaa]
        .into_iter()
        .filter(|answer| answer.outcome == Outcome::Found && answer.security == Security::Secure)
        .find_map(|answer| answer.names.last().filter(|last| *last != name));
    for base in expanded.into_iter().chain([name]) {
        let text = text_of(base);
        let Some(question) = name_of(&format!("_25._tcp.{text}")) else {
            continue;
        };
        let answer = client.ask(&question, RecordType::TLSA).await;
        row.queries += answer.queries;
        // The records of an alias are below the zone of its target, not of the host.
        if base == name {
            row.zone = row.zone.take().or_else(|| answer.zone());
        }
        let last = base == name || answer.outcome != Outcome::Absent;
        row.tlsa = tlsa_of(&answer, text, &usable);
        if last {
            return;
        }
    }
}

fn address_answer(answer: &Answer) -> AddressAnswer {
    AddressAnswer {
        outcome: answer.outcome,
        denial: answer.denial,
        error: answer.error,
        ede: answer.ede.clone(),
        security: answer.security,
    }
}

fn addresses(a: &Answer, aaaa: &Answer) -> Addresses {
    let mut ips: Vec<IpAddr> = a
        .data()
        .chain(aaaa.data())
        .filter_map(RData::ip_addr)
        .collect();
    ips.sort();
    ips.dedup();
    let truncated = ips.len() > ADDRESS_LIMIT;
    let outcomes = [a.outcome, aaaa.outcome];
    let outcome = if outcomes.contains(&Outcome::Found) {
        Outcome::Found
    } else if outcomes.contains(&Outcome::Failed) {
        Outcome::Failed
    } else {
        Outcome::Absent
    };
    let denial = match (a.denial, aaaa.denial) {
        (Some(Denial::Nxdomain), Some(Denial::Nxdomain)) => Some(Denial::Nxdomain),
        (first, second) => first.or(second),
    };
    let canonical = a.names.last().or(aaaa.names.last());
    let is_alias = a.names.len() > 1 || aaaa.names.len() > 1;
    Addresses {
        outcome,
        denial: denial.filter(|_| outcome == Outcome::Absent),
        error: worse(a.error, aaaa.error),
        security: weaker(a.security, aaaa.security),
        ips: ips
            .iter()
            .take(ADDRESS_LIMIT)
            .map(IpAddr::to_string)
            .collect(),
        truncated,
        canonical_name: canonical.filter(|_| is_alias).map(text_of),
    }
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
        Security::NotChecked => 1,
        Security::Indeterminate => 2,
        Security::Insecure => 3,
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
