//! Reading messages: the records at the end of a CNAME chain, extended errors, signs of wildcards.

use hickory_resolver::proto::dnssec::rdata::{DNSSECRData, RRSIG};
use hickory_resolver::proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::opt::EdnsOption;
use hickory_resolver::proto::rr::{Name, RData, RecordType, SerialNumber};

use crate::table::codes::Denial;
use crate::table::rows::Ede;
use crate::text;

/// CNAME records followed within one answer.
const CHAIN: usize = 12;
/// Bytes of a UDP answer we ask for: fits every path without fragments (DNS flag day 2020).
const PAYLOAD: u16 = 1232;
/// The CO flag: compact answers are understood (RFC 9824 5).
const COMPACT_OK: u16 = 0x4000;
/// The NXNAME pseudo-type (RFC 9824 3.5).
const NXNAME: u16 = 128;
/// Bytes of EXTRA-TEXT kept.
const EDE_TEXT: usize = 256;

/// A question for a recursive resolver: RD, DO and CO set, AD asked for by DO.
pub fn query(name: &Name, kind: RecordType, checking_disabled: bool) -> Message {
    let mut message = Message::query();
    message.metadata.op_code = OpCode::Query;
    message.metadata.recursion_desired = true;
    message.metadata.checking_disabled = checking_disabled;
    message.add_query(Query::query(name.clone(), kind));
    let mut edns = Edns::new();
    edns.set_max_payload(PAYLOAD)
        .set_version(0)
        .set_dnssec_ok(true);
    edns.flags_mut().z |= COMPACT_OK;
    message.set_edns(edns);
    message
}

/// The names of the CNAME chain that starts at `owner`; the last one carries the data. `None` for
/// a loop or a chain that is too long.
pub fn chain(message: &Message, owner: &Name) -> Option<Vec<Name>> {
    let mut names = vec![owner.clone()];
    while let Some(target) = alias(message, names.last()?) {
        if names.contains(target) || names.len() > CHAIN {
            return None;
        }
        names.push(target.clone());
    }
    Some(names)
}

fn alias<'a>(message: &'a Message, owner: &Name) -> Option<&'a Name> {
    message
        .answers
        .iter()
        .find_map(|record| match &record.data {
            RData::CNAME(target) if record.name == *owner => Some(&target.0),
            _ => None,
        })
}

/// Data of one type at one name of the answer.
pub fn data<'a>(
    message: &'a Message,
    owner: &'a Name,
    kind: RecordType,
) -> impl Iterator<Item = &'a RData> {
    message
        .answers
        .iter()
        .filter(move |record| record.record_type() == kind && record.name == *owner)
        .map(|record| &record.data)
}

/// Signatures over one type at one name of the answer.
pub fn signatures<'a>(
    message: &'a Message,
    owner: &'a Name,
    kind: RecordType,
) -> impl Iterator<Item = &'a RRSIG> {
    message
        .answers
        .iter()
        .filter_map(move |record| match &record.data {
            RData::DNSSEC(DNSSECRData::RRSIG(signature))
                if record.name == *owner && signature.input().type_covered == kind =>
            {
                Some(signature)
            }
            _ => None,
        })
}

/// Whether a denial carries signatures.
pub fn is_denial_signed(message: &Message) -> bool {
    let mut records = message.authorities.iter();
    records.any(|record| record.record_type() == RecordType::RRSIG)
}

/// From when until when each signature of a message holds, in seconds since 1970 modulo 2^32
/// (RFC 4034 3.1.5).
pub fn validities(message: &Message) -> Vec<(SerialNumber, SerialNumber)> {
    let sections = message.answers.iter().chain(&message.authorities);
    sections
        .filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::RRSIG(signature)) => {
                let input = signature.input();
                Some((input.sig_inception, input.sig_expiration))
            }
            _ => None,
        })
        .collect()
}

/// Whether a wildcard made the records: the signature covers fewer labels than the owner has
/// (RFC 4034 3.1.3). `None` without a signature.
pub fn synthesised(message: &Message, owner: &Name, kind: RecordType) -> Option<bool> {
    let signature = signatures(message, owner, kind).next()?;
    Some(signature.input().num_labels < owner.num_labels())
}

/// How a message without the data says no.
pub fn denial(message: &Message) -> Denial {
    if is_nxdomain(message) {
        return Denial::Nxdomain;
    }
    match is_compact(message) {
        true => Denial::Compact,
        false => Denial::Nodata,
    }
}

/// Whether a record of the denial says that the name does not exist although it makes it exist
/// (RFC 9824 3.5), whatever the response code: that may have been restored (RFC 9824 5).
pub fn is_compact(message: &Message) -> bool {
    message.authorities.iter().any(|record| match &record.data {
        RData::DNSSEC(DNSSECRData::NSEC(nsec)) => {
            nsec.type_bit_maps().any(|kind| u16::from(kind) == NXNAME)
        }
        _ => false,
    })
}

/// Whether a denial proves that a name has no records by an NSEC of its own, made for this question: so
/// say online signers since before RFC 9824 both that a name does not exist and that only names below it
/// do.
pub fn has_nothing(message: &Message, name: &Name) -> bool {
    let next = name.prepend_label([0u8].as_slice());
    let (Ok(next), false) = (next, is_nxdomain(message)) else {
        return false;
    };
    message.authorities.iter().any(|record| match &record.data {
        RData::DNSSEC(DNSSECRData::NSEC(nsec)) => {
            let is_its_own = |kind| matches!(kind, RecordType::RRSIG | RecordType::NSEC);
            record.name == *name
                && *nsec.next_domain_name() == next
                && nsec.type_bit_maps().all(is_its_own)
        }
        _ => false,
    })
}

fn is_nxdomain(message: &Message) -> bool {
    message.metadata.response_code == ResponseCode::NXDomain
}

/// The zone an answer comes from: owner of the SOA beside a denial, else signer of the records.
pub fn zone_of(message: &Message, owner: &Name, kind: RecordType) -> Option<Name> {
    let soa = message
        .authorities
        .iter()
        .find(|record| record.record_type() == RecordType::SOA)
        .map(|record| record.name.clone());
    soa.or_else(|| {
        let signature = signatures(message, owner, kind).next()?;
        Some(signature.input().signer_name.clone())
    })
}

/// The first extended error (RFC 8914), with its text escaped.
pub fn ede(message: &Message) -> Option<Ede> {
    let options = message.edns.as_ref()?.options();
    let found =
        options
            .as_ref()
            .iter()
            .find_map(|(code, option)| match (u16::from(*code), option) {
                (15, EdnsOption::Unknown(_, bytes)) => Some(bytes),
                _ => None,
            })?;
    let (code, extra) = found.split_at_checked(2)?;
    let code = u16::from_be_bytes([code[0], code[1]]);
    let text = (!extra.is_empty()).then(|| text::escape(extra, EDE_TEXT).0);
    Some(Ede { code, text })
}
