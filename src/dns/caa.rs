//! CAA: who may issue certificates for a domain, and for mailboxes in it (RFC 8659, RFC 9495).
//!
//! The records of the name count, else those of the nearest name above that has some, up to the
//! last label (RFC 8659 3). What stands above is the same for many domains and asked for once. Only
//! domains that take mail are asked about: theirs are the mailboxes.

use hickory_resolver::proto::rr::RecordType;

use super::answer::is_open;
use super::fact::{Data, Fact};
use super::forward::Client;
use crate::pace::ends;
use crate::records::caa;
use crate::table::codes::{MxKind, Outcome};
use crate::table::rows::{Caa, Mx};
use crate::text;

/// Records of one set that are kept, and bytes of a value.
const LIMIT: (usize, usize) = (64, 1 << 10);

/// Asks for the records that hold for a domain, unless they are known; says how many queries that
/// took.
pub async fn ask(client: &Client, domain: &str, mx: &Mx, row: &mut Caa) -> u32 {
    let takes_mail = matches!(mx.kind, Some(MxKind::Explicit | MxKind::Implicit));
    if !takes_mail || !is_open(row.outcome, row.error) {
        return 0;
    }
    let (own, mut queries) = Fact::ask(client, domain, RecordType::CAA).await;
    // Who takes mail is there.
    let own = own.of_existing();
    let security = own.asked.security;
    if take(row, &own, domain) {
        return queries;
    }
    for above in ends(domain).skip(1) {
        let (fact, sent) = client.ask_shared(above, RecordType::CAA).await;
        queries += sent;
        if take(row, &fact, above) {
            return queries;
        }
    }
    // Nobody has any: how far that can be believed, the zone of the domain says.
    row.security = security;
    queries
}

/// What the answer about one name says; whether it decides. A failure does: behind it may be records
/// that forbid.
fn take(row: &mut Caa, fact: &Fact, name: &str) -> bool {
    *row = Caa {
        outcome: fact.asked.outcome,
        error: fact.asked.error,
        ede: fact.asked.ede.clone(),
        security: fact.asked.security,
        ..Caa::default()
    };
    if fact.has_failed() {
        return true;
    }
    let Data::Other(records) = &fact.data else {
        return false;
    };
    row.truncated = records.len() > LIMIT.0;
    for record in records.iter().take(LIMIT.0) {
        let parsed = caa::parse(record);
        row.fault = row.fault.or(parsed.fault());
        let Some(record) = parsed.value else {
            continue;
        };
        let values = match record.tag.as_str() {
            "issue" => &mut row.issue,
            "issuewild" => &mut row.issuewild,
            "issuemail" => &mut row.issuemail,
            _ => continue,
        };
        let (value, is_cut) = text::escape(&record.value, LIMIT.1);
        row.truncated |= is_cut;
        values.push(value);
    }
    for values in [&mut row.issue, &mut row.issuewild, &mut row.issuemail] {
        values.sort();
    }
    let is_found = row.outcome == Outcome::Found;
    row.found_at = is_found.then(|| name.to_owned());
    is_found
}
