//! The questions about a zone: DS at the parent, DNSKEY at the apex.

use hickory_resolver::proto::dnssec::PublicKey;
use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData};
use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::answer::{self, Answer, is_open};
use super::forward::Client;
use super::name::{name_of, text_of};
use crate::table::codes::{Denial, Outcome, Security, ZoneDenial};
use crate::table::row::Moment;
use crate::table::rows::{DnsKey, Ds, ZoneRow};

/// Asks what the row does not know yet.
pub async fn ask(client: &Client, row: &mut ZoneRow) -> u32 {
    let Some(name) = name_of(&row.zone) else {
        return 0;
    };
    if row.observed_at == Moment::default() {
        row.observed_at = Moment::now();
    }
    // The root has no parent to ask.
    let wants_ds = is_open(row.ds_answer.outcome, row.ds_answer.error) && !name.is_root();
    let (ds, keys) = tokio::join!(
        client.ask_if(&name, RecordType::DS, wants_ds),
        client.ask_if(
            &name,
            RecordType::DNSKEY,
            is_open(row.dnskey_answer.outcome, row.dnskey_answer.error)
        ),
    );
    let mut queries = 0;
    if let Some(answer) = ds {
        queries += answer.queries;
        take_ds(row, &answer);
    }
    if let Some(answer) = keys {
        queries += answer.queries;
        take_keys(row, &answer, &name);
    }
    judge(row);
    queries
}

/// Whether a question about the zone has no answer yet.
pub fn has_failed(row: &ZoneRow) -> bool {
    [&row.ds_answer, &row.dnskey_answer]
        .into_iter()
        .any(|answer| answer::has_failed(answer.outcome, answer.error))
}

fn take_ds(row: &mut ZoneRow, answer: &Answer) {
    row.ds_answer = answer.into();
    row.parent = answer.zone();
    row.ds = answer
        .data()
        .filter_map(|data| match data {
            RData::DNSSEC(DNSSECRData::DS(ds)) => Some(Ds {
                key_tag: ds.key_tag(),
                algorithm: ds.algorithm().into(),
                digest_type: ds.digest_type().into(),
            }),
            _ => None,
        })
        .collect();
    row.ds
        .sort_by_key(|ds| (ds.key_tag, ds.algorithm, ds.digest_type));
}

fn take_keys(row: &mut ZoneRow, answer: &Answer, name: &Name) {
    row.dnskey_answer = answer.into();
    row.signature_algorithms = answer.algorithms();
    row.keys = answer
        .data()
        .filter_map(|data| match data {
            RData::DNSSEC(DNSSECRData::DNSKEY(key)) => Some(key_of(key)),
            _ => None,
        })
        .collect();
    row.keys.sort_by_key(|key| (key.flags, key.key_tag));
    // An apex without DNSKEY denies it itself.
    if let Some(message) = answer.message().filter(|_| row.keys.is_empty()) {
        note_denial(row, message, &text_of(name));
    }
}

fn key_of(key: &DNSKEY) -> DnsKey {
    let algorithm = u8::from(key.public_key().algorithm());
    DnsKey {
        key_tag: key.calculate_key_tag().unwrap_or_default(),
        flags: key.flags(),
        algorithm,
        bits: key_bits(algorithm, key.public_key().public_bytes()),
    }
}

/// Size of a key by its algorithm (RFC 3110 2, RFC 6605 4, RFC 8080 3), in bits.
fn key_bits(algorithm: u8, key: &[u8]) -> Option<u16> {
    match algorithm {
        5 | 7 | 8 | 10 => {
            let (length, rest) = key.split_first()?;
            let (exponent, rest) = match *length {
                0 => {
                    let (length, rest) = rest.split_at_checked(2)?;
                    (
                        usize::from(u16::from_be_bytes([length[0], length[1]])),
                        rest,
                    )
                }
                short => (usize::from(short), rest),
            };
            let modulus = rest.get(exponent..)?;
            let start = modulus.iter().position(|byte| *byte != 0)?;
            let modulus = &modulus[start..];
            let bits = modulus.len() * 8 - modulus[0].leading_zeros() as usize;
            u16::try_from(bits).ok()
        }
        13 | 15 => Some(256),
        14 => Some(384),
        16 => Some(456),
        _ => None,
    }
}

/// How the zone denies, from a denial that it gave itself. The first answer that tells counts.
fn note_denial(row: &mut ZoneRow, message: &Message, zone: &str) {
    let own = message
        .authorities
        .iter()
        .any(|record| record.record_type() == RecordType::SOA && text_of(&record.name) == zone);
    if !own || row.denial != ZoneDenial::Unknown {
        return;
    }
    for record in &message.authorities {
        match &record.data {
            RData::DNSSEC(DNSSECRData::NSEC3(nsec3)) => {
                row.denial = ZoneDenial::Nsec3;
                row.nsec3_iterations = Some(nsec3.iterations());
                row.opt_out = Some(row.opt_out.unwrap_or(false) || nsec3.opt_out());
            }
            RData::DNSSEC(DNSSECRData::NSEC(_)) => {
                row.denial = match super::message::denial(message) {
                    Denial::Compact => ZoneDenial::Compact,
                    _ => ZoneDenial::Nsec,
                };
            }
            _ => {}
        }
    }
}

/// The status of the zone. Keys tell by the status of their answer; a zone without keys is insecure
/// once it is known that its parent has no DS either.
fn judge(row: &mut ZoneRow) {
    let (ds, keys) = (&row.ds_answer, &row.dnskey_answer);
    let unsigned = keys.outcome == Outcome::Absent
        && ds.outcome == Outcome::Absent
        && ds.security == Security::Secure;
    row.security = if [ds.security, keys.security].contains(&Security::Bogus) {
        Security::Bogus
    } else if unsigned {
        Security::Insecure
    } else {
        keys.security
    };
    row.error = keys.error.or(ds.error);
    row.ede = keys.ede.clone().or_else(|| ds.ede.clone());
}

#[cfg(test)]
mod tests {
    use super::key_bits;

    #[test]
    fn key_sizes_are_read_from_the_key() {
        let rsa = |bytes: usize, first: u8| {
            let mut key = vec![3, 1, 0, 1, first];
            key.resize(4 + bytes, 0xff);
            key
        };
        assert_eq!(key_bits(8, &rsa(256, 0x80)), Some(2048));
        assert_eq!(key_bits(8, &rsa(256, 0x7f)), Some(2047));
        assert_eq!(key_bits(10, &rsa(128, 0xff)), Some(1024));
        assert_eq!(key_bits(8, &[]), None);
        assert_eq!(key_bits(8, &[9, 1]), None);
        assert_eq!(key_bits(13, &[0; 64]), Some(256));
        assert_eq!(key_bits(253, &[0; 64]), None);
    }
}
