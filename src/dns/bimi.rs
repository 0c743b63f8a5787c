//! BIMI: the record at `default._bimi`, where DMARC asks to do something about mail that fails, as
//! receivers want it (draft-brand-indicators-for-message-identification 7.1).

use super::answer::is_open;
use super::forward::Client;
use super::policies;
use crate::records::bimi;
use crate::records::version::Kind;
use crate::table::record_codes::DmarcPolicy;
use crate::table::rows::Bimi;

/// Asks for the record of a domain with this policy, unless it is known; says how many queries that
/// took.
pub async fn ask(
    client: &Client,
    domain: &str,
    policy: Option<DmarcPolicy>,
    row: &mut Bimi,
) -> u32 {
    let enforces = matches!(policy, Some(DmarcPolicy::Quarantine | DmarcPolicy::Reject));
    if !enforces || !is_open(row.outcome, row.error) {
        return 0;
    }
    let name = policies::below("default._bimi", domain);
    let texts = policies::ask(client, name, Kind::Bimi).await;
    let record = texts.fill(row, bimi::parse).unwrap_or_default();
    (row.location, row.authority) = (record.location, record.authority);
    texts.queries
}
