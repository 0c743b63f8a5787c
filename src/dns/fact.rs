//! What is kept of an answer that many domains share: its data, and what became of the question.

use std::net::IpAddr;

use hickory_resolver::proto::rr::{RData, RecordType};
use hickory_resolver::proto::serialize::binary::BinEncodable;

use super::answer::{self, Answer};
use super::forward::Client;
use super::name::{name_of, text_of};
use crate::records::version::Kind;
use crate::table::codes::{Denial, ErrorCode, Outcome};
use crate::table::rows::Asked;

/// The kinds of TXT record that are shared.
const KINDS: [Kind; 2] = [Kind::Spf, Kind::Dmarc];

/// An answer, without the message.
#[derive(Debug, Clone, Default)]
pub struct Fact {
    /// What became of the question.
    pub asked: Asked,
    /// Whether a wildcard made the data; none where no signature tells.
    pub synthesised: Option<bool>,
    /// The data.
    pub data: Data,
}

/// Data of one type, as it is needed.
#[derive(Debug, Clone)]
pub enum Data {
    /// TXT: the strings of each record, joined (RFC 7208 3.3). Of a record with the version tag of
    /// neither SPF nor DMARC only that it is there: it is empty.
    Texts(Box<[Box<[u8]>]>),
    /// A or AAAA.
    Addresses(Box<[IpAddr]>),
    /// MX: the hosts by preference, that of a null MX as the root, `.`.
    Exchanges(Box<[Box<str>]>),
    /// Any other type: the data of each record, as on the wire, sorted.
    Other(Box<[Box<[u8]>]>),
}

impl Default for Data {
    fn default() -> Self {
        Self::Other(Box::default())
    }
}

impl Fact {
    /// Asks a question; also says how many queries were sent. A name that is none has no records.
    pub async fn ask(client: &Client, name: &str, kind: RecordType) -> (Self, u32) {
        let answer = match name_of(name) {
            Some(name) => client.ask(&name, kind).await,
            None => Answer::nonexistent(),
        };
        (Self::of(&answer, kind), answer.queries)
    }

    fn of(answer: &Answer, kind: RecordType) -> Self {
        Self {
            asked: answer.into(),
            synthesised: answer.synthesised(),
            data: data_of(answer, kind),
        }
    }

    /// Whether there is no answer that validates.
    pub fn has_failed(&self) -> bool {
        answer::has_failed(self.asked.outcome, self.asked.error)
    }

    /// Why there is no answer that validates.
    pub fn error(&self) -> Option<ErrorCode> {
        let why = self.asked.error.unwrap_or(ErrorCode::InternalError);
        self.has_failed().then_some(why)
    }

    /// Whether it is a denial of the name itself, and nothing speaks against it.
    pub fn says_nxdomain(&self) -> bool {
        self.asked.denial == Some(Denial::Nxdomain) && self.asked.error.is_none()
    }

    /// The same of a name that is known to be there: that it does not exist is a wrong answer, and no
    /// absence.
    pub fn of_existing(mut self) -> Self {
        if self.says_nxdomain() {
            self.asked = Asked {
                outcome: Outcome::Failed,
                error: Some(ErrorCode::ProtocolError),
                ede: self.asked.ede,
                ..Asked::default()
            };
        }
        self
    }

    /// The records of TXT with the version tag of a kind.
    pub fn texts(&self, kind: Kind) -> impl Iterator<Item = &[u8]> {
        let texts = match &self.data {
            Data::Texts(texts) => texts.as_ref(),
            _ => &[],
        };
        let texts = texts.iter().map(AsRef::as_ref);
        texts.filter(move |text| kind.claims(text))
    }

    /// Bytes of the data, about.
    pub fn bytes(&self) -> usize {
        let of = |records: &[Box<[u8]>]| records.iter().map(|record| 16 + record.len()).sum();
        match &self.data {
            Data::Texts(records) | Data::Other(records) => of(records),
            Data::Addresses(ips) => ips.len() * size_of::<IpAddr>(),
            Data::Exchanges(hosts) => hosts.iter().map(|host| 16 + host.len()).sum(),
        }
    }

    /// What became of the question, for a trace.
    pub fn words(&self) -> String {
        match self.error() {
            None => self.asked.outcome.to_string(),
            Some(why) => format!("{} {why}", self.asked.outcome),
        }
    }
}

fn data_of(answer: &Answer, kind: RecordType) -> Data {
    if answer.outcome != Outcome::Found {
        return Data::default();
    }
    match kind {
        RecordType::TXT => Data::Texts(answer.data().filter_map(text_of_record).collect()),
        RecordType::A | RecordType::AAAA => {
            Data::Addresses(answer.data().filter_map(RData::ip_addr).collect())
        }
        RecordType::MX => Data::Exchanges(exchanges(answer)),
        _ => {
            let encoded = answer.data().filter_map(|data| data.to_bytes().ok());
            let mut records: Vec<_> = encoded.map(Vec::into_boxed_slice).collect();
            // Resolvers rotate sets; the same set must give the same row.
            records.sort();
            Data::Other(records.into())
        }
    }
}

fn text_of_record(data: &RData) -> Option<Box<[u8]>> {
    let RData::TXT(txt) = data else {
        return None;
    };
    let text = txt.txt_data.concat();
    let is_shared = KINDS.iter().any(|kind| kind.claims(&text));
    Some(match is_shared {
        true => text.into(),
        false => Box::default(),
    })
}

fn exchanges(answer: &Answer) -> Box<[Box<str>]> {
    let mut hosts: Vec<(u16, String)> = answer
        .data()
        .filter_map(|data| match data {
            RData::MX(mx) => Some((mx.preference, text_of(&mx.exchange))),
            _ => None,
        })
        .collect();
    hosts.sort();
    hosts.into_iter().map(|(_, host)| host.into()).collect()
}
