//! Who announces the routes to the mail servers, and whether they may (RFC 6811).

use super::mail::more;
use crate::table::codes::Rpki;
use crate::table::rows::Finding;
use crate::verdict::case::{Case, fail, pass, unknown};

/// Passes when every address of the mail hosts lies in a prefix whose origins are RPKI-valid. A route
/// that the RPKI does not know is apart from one that it knows to be wrong.
pub fn route_origin_valid(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    if !case.lists.has_rpki {
        return unknown("no_routing_data");
    }
    let states = || {
        let all = case.endpoints().map(|one| one.server);
        all.filter(|server| !server.special)
            .map(|server| server.rpki)
    };
    let total = states().count();
    let those = |wanted| match states().filter(|state| *state == wanted).count() {
        0 => None,
        some => Some(format!("{some}/{total}")),
    };
    if let Some(some) = those(Some(Rpki::Invalid)) {
        return fail(format!("invalid:{some}"));
    }
    if let Some(some) = those(Some(Rpki::NotFound)) {
        return fail(format!("not_found:{some}"));
    }
    if let Some(some) = those(None) {
        return unknown(format!("no_route:{some}"));
    }
    let hosts = || case.hosts.iter().find_map(more);
    match case.more_hosts().or_else(hosts) {
        Some(why) => unknown(why),
        None if total == 0 => unknown("addresses_unknown"),
        None => pass(format!("valid:{total}/{total}")),
    }
}
