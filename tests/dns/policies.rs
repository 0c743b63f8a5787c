//! MTA-STS and TLS-RPT: what their records say, and what is left of a domain that is excluded.

use mailcensus::table::codes::{ErrorCode, Existence, Outcome};
use mailcensus::table::record_codes::Fault;
use mailcensus::table::rows::{
    Bimi, Caa, Dkim, Dmarc, DomainRow, MtaSts, Spf, TlsRpt, TxtAnswer, TxtColumns,
};

use super::*;

const STS: &str = "_mta-sts.example.cz";
const RPT: &str = "_smtp._tls.example.cz";

#[tokio::test]
async fn records_are_read() {
    let resolver = domain().await;
    has_txt(&resolver, STS, &[&["v=STSv1; id=2026;"], &["other"]]);
    has_txt(
        &resolver,
        RPT,
        &[&["v=TLSRPTv1; rua=mailto:a@b.cz,https://c.cz/"]],
    );
    let row = walk(&resolver).await.row;
    assert_eq!((row.mta_sts.valid, row.mta_sts.fault), (Some(true), None));
    assert_eq!(row.mta_sts.id.as_deref(), Some("2026"));
    assert_eq!((row.tls_rpt.valid, row.tls_rpt.fault), (Some(true), None));
    assert_eq!(row.tls_rpt.rua, ["mailto:a@b.cz", "https://c.cz/"]);
}

#[tokio::test]
async fn records_that_cannot_be_used_say_why() {
    let resolver = domain().await;
    has_txt(&resolver, STS, &[&["v=STSv1; id=1;"], &["v=STSv1; id=2;"]]);
    has_txt(&resolver, RPT, &[&["v=TLSRPTv1; rua="]]);
    let row = walk(&resolver).await.row;
    let sts = &row.mta_sts;
    assert_eq!(
        (sts.valid, sts.fault),
        (Some(false), Some(Fault::SeveralRecords))
    );
    assert_eq!((sts.count, sts.id.as_deref()), (2, None));
    assert_eq!(row.tls_rpt.valid, Some(false));
    assert!(row.tls_rpt.fault.is_some());
    assert!(row.tls_rpt.findings.iter().any(|finding| finding.fatal));
}

#[tokio::test]
async fn nothing_there_and_no_answer_are_neither_valid_nor_not() {
    let resolver = domain().await;
    breaks_txt(&resolver, RPT);
    let row = walk(&resolver).await.row;
    assert_eq!(
        (row.mta_sts.outcome, row.mta_sts.valid),
        (Outcome::Absent, None)
    );
    assert_eq!(
        (row.tls_rpt.outcome, row.tls_rpt.valid),
        (Outcome::Failed, None)
    );
    assert_eq!(row.spf.lookups, None);
}

#[tokio::test]
async fn nothing_of_what_was_learned_is_left_of_a_domain_that_is_excluded() {
    let resolver = domain().await;
    has_txt(&resolver, ZONE, &[&["v=spf1 include:_a.cz -all"]]);
    has_txt(&resolver, STS, &[&["v=STSv1; id=2026;"]]);
    has_txt(
        &resolver,
        "_dmarc.example.cz",
        &[&["v=DMARC1; p=reject; rua=mailto:a@b.cz"]],
    );
    let seen = walk(&resolver).await.excluded();
    let why = Some(ErrorCode::Excluded);
    let text = TxtAnswer {
        error: why,
        ..TxtAnswer::default()
    };
    let mut expected = DomainRow {
        domain: seen.row.domain.clone(),
        existence: Existence::Failed,
        spf: Spf::default(),
        dmarc: Dmarc {
            error_7489: why,
            ..Dmarc::default()
        },
        dkim: Dkim {
            error: why,
            ..Dkim::default()
        },
        mta_sts: MtaSts::default(),
        tls_rpt: TlsRpt::default(),
        bimi: Bimi::default(),
        caa: Caa {
            error: why,
            ..Caa::default()
        },
        ..DomainRow::default()
    };
    expected.spf.set_answer(text.clone());
    expected.dmarc.set_answer(text.clone());
    expected.mta_sts.set_answer(text.clone());
    expected.tls_rpt.set_answer(text.clone());
    expected.bimi.set_answer(text);
    let row = seen.row;
    assert_eq!(row.spf, expected.spf);
    assert_eq!(row.dmarc, expected.dmarc);
    assert_eq!(row.dkim, expected.dkim);
    assert_eq!(row.mta_sts, expected.mta_sts);
    assert_eq!(row.tls_rpt, expected.tls_rpt);
    assert_eq!(row.bimi, expected.bimi);
    assert_eq!(row.caa, expected.caa);
    assert_eq!((row.existence, seen.zone), (expected.existence, None));
}
