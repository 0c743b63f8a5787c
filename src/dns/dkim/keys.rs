//! Keys at a selector, from the answer about it.

use hickory_resolver::proto::rr::RData;

use crate::dns::answer::Answer;
use crate::dns::name::text_of;
use crate::records::dkim;
use crate::table::record_codes::Fault;
use crate::table::rows::DkimKey;
use crate::text;

/// Bytes kept of a type of key: a stranger may write what they like.
const KEY_TYPE: usize = 32;

/// The records of an answer, sorted: resolvers rotate sets.
pub fn texts(answer: &Answer) -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> = answer
        .data()
        .filter_map(|data| match data {
            // The strings of one record are joined without anything between (RFC 6376 3.6.2.2).
            RData::TXT(txt) => Some(txt.txt_data.concat()),
            _ => None,
        })
        .collect();
    texts.sort();
    texts
}

/// The keys at a selector. Which of several counts is undefined (RFC 6376 3.6.2.2).
pub fn keys_of(selector: &str, answer: &Answer, texts: &[Vec<u8>]) -> Vec<DkimKey> {
    let alias = answer.names.get(1..).and_then(<[_]>::last).map(text_of);
    let mut keys: Vec<DkimKey> = texts
        .iter()
        .filter_map(|text| {
            let parsed = dkim::parse(text);
            let fault = parsed.fault();
            // Something else at that name.
            if matches!(fault, Some(Fault::BadVersion | Fault::Missing)) {
                return None;
            }
            let key = parsed.value?;
            let fault = fault.or((!key.takes_sha256()).then_some(Fault::Obsolete));
            Some(DkimKey {
                selector: selector.to_owned(),
                canonical_name: alias.clone(),
                key_type: Some(text::escape(key.key_type.as_bytes(), KEY_TYPE).0),
                bits: key.bits,
                revoked: key.revoked,
                testing: key.testing,
                fault,
                security: answer.security,
            })
        })
        .collect();
    if keys.len() > 1 {
        for key in &mut keys {
            key.fault = key.fault.or(Some(Fault::SeveralRecords));
        }
    }
    keys
}

/// Whether a key can be used to sign.
pub fn is_live(key: &DkimKey) -> bool {
    !key.revoked && key.fault.is_none()
}
