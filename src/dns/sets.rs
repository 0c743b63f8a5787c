//! MX and NS records of a domain, as its row has them.

use hickory_resolver::proto::rr::{Name, RData};

use super::answer::Answer;
use super::name::text_of;
use crate::table::codes::{Denial, MxKind, Outcome};
use crate::table::rows::{Delegation, Mx, MxRecord};

/// MX records kept, by preference.
pub const MX_LIMIT: usize = 10;

/// The NS records at a name.
pub fn delegation_of(answer: &Answer, name: &Name) -> Delegation {
    // NS records at the end of a CNAME chain belong to another name.
    let own = answer.names.len() <= 1;
    let mut nameservers: Vec<String> = answer
        .data()
        .filter_map(|data| match data {
            RData::NS(target) if own => Some(text_of(&target.0)),
            _ => None,
        })
        .collect();
    nameservers.sort();
    let alias = answer.outcome == Outcome::Found && nameservers.is_empty();
    debug_assert!(!alias || !own, "NS without records at {name}");
    Delegation {
        outcome: if alias {
            Outcome::Absent
        } else {
            answer.outcome
        },
        denial: if alias {
            Some(Denial::Nodata)
        } else {
            answer.denial
        },
        error: answer.error,
        ede: answer.ede.clone(),
        security: answer.security,
        nameservers,
    }
}

/// The MX records at a name.
pub fn mx_of(answer: &Answer) -> Mx {
    let mut records: Vec<MxRecord> = answer
        .data()
        .filter_map(|data| match data {
            RData::MX(mx) => Some(MxRecord {
                preference: mx.preference,
                host: text_of(&mx.exchange),
            }),
            _ => None,
        })
        .collect();
    records.sort_by(|a, b| (a.preference, &a.host).cmp(&(b.preference, &b.host)));
    records.dedup();
    let kind = match records.as_slice() {
        [] => None,
        [only] if only.host == "." => Some(MxKind::Null),
        _ => Some(MxKind::Explicit),
    };
    let truncated = records.len() > MX_LIMIT;
    records.truncate(MX_LIMIT);
    Mx {
        kind,
        outcome: answer.outcome,
        denial: answer.denial,
        error: answer.error,
        ede: answer.ede.clone(),
        security: answer.security,
        truncated,
        synthesised: answer.synthesised(),
        records,
    }
}
