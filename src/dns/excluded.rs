//! The row of a domain that is not to be asked about.

use crate::table::codes::{ErrorCode, Existence};
use crate::table::row::Moment;
use crate::table::rows::{
    Bimi, Caa, ClientSearch, Delegation, Dkim, Dmarc, DomainRow, MtaSts, Mx, Searched, Spf, TlsRpt,
    TxtAnswer, TxtColumns,
};

/// Takes away everything that was learned: every part says `excluded`, and nothing else.
pub fn forget(row: &mut DomainRow) {
    let why = Some(ErrorCode::Excluded);
    if row.observed_at == Moment::default() {
        row.observed_at = Moment::now();
    }
    row.existence = Existence::Failed;
    row.zone = None;
    row.delegation = Delegation {
        error: why,
        ..Delegation::default()
    };
    row.mx = Mx {
        error: why,
        ..Mx::default()
    };
    let text = TxtAnswer {
        error: why,
        ..TxtAnswer::default()
    };
    row.spf = Spf::default();
    row.dmarc = Dmarc {
        error_7489: why,
        ..Dmarc::default()
    };
    row.mta_sts = MtaSts::default();
    row.tls_rpt = TlsRpt::default();
    row.bimi = Bimi::default();
    row.spf.set_answer(text.clone());
    row.dmarc.set_answer(text.clone());
    row.mta_sts.set_answer(text.clone());
    row.tls_rpt.set_answer(text.clone());
    row.bimi.set_answer(text);
    row.dkim = Dkim {
        error: why,
        ..Dkim::default()
    };
    row.caa = Caa {
        error: why,
        ..Caa::default()
    };
    row.clients.clear();
    let searched = || Searched {
        error: why,
        ..Searched::default()
    };
    row.client_search = ClientSearch {
        imap: searched(),
        pop3: searched(),
        submission: searched(),
        webmail: searched(),
        ..ClientSearch::default()
    };
}
