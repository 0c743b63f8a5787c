//! DMARC: which record applies, and what was asked to know that.

use hickory_resolver::proto::rr::RecordType;
use mailcensus::dns::domain::Walk;
use mailcensus::table::codes::{Denial, ErrorCode, Existence, Outcome, Security};
use mailcensus::table::record_codes::{DmarcPolicy, Fault, Inherited};

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, cname, txt};

const OWN: &str = "_dmarc.example.cz";
const TLD: &str = "_dmarc.cz";
const SUB: &str = "a.example.cz";
const BELOW: &str = "_dmarc.a.example.cz";

/// The questions at `_dmarc`, sorted; the log begins anew.
fn asked(resolver: &Resolver) -> Vec<String> {
    let mut log = resolver.take_log();
    log.retain(|line| line.contains(" _dmarc."));
    log
}

/// A zone below the domain.
async fn below() -> Resolver {
    let resolver = domain().await;
    is_zone(&resolver, SUB);
    resolver
}

async fn walk_below(resolver: &Resolver) -> Walk {
    walk_to(SUB, &*client(resolver, LONG).await).await
}

#[tokio::test]
async fn the_record_at_the_name_itself_applies() {
    let resolver = domain().await;
    let record = "v=DMARC1; p=quarantine; pct=20; rua=mailto:a@example.cz";
    has_txt(&resolver, OWN, &[&[record]]);
    let seen = walk(&resolver).await;
    let dmarc = &seen.row.dmarc;
    assert_eq!((dmarc.outcome, dmarc.error), (Outcome::Found, None));
    assert_eq!(dmarc.record.as_deref(), Some(record));
    assert_eq!((dmarc.count, dmarc.valid), (1, Some(true)));
    assert_eq!(dmarc.found_at.as_deref(), Some(ZONE));
    assert_eq!(dmarc.org_domain.as_deref(), Some(ZONE));
    assert_eq!(dmarc.inherited, Some(Inherited::Own));
    assert_eq!(dmarc.p, Some(DmarcPolicy::Quarantine));
    assert_eq!(dmarc.effective_policy, Some(DmarcPolicy::Quarantine));
    assert_eq!(dmarc.rua, ["mailto:a@example.cz"]);
    assert_eq!(dmarc.record_7489, dmarc.record);
    assert_eq!((dmarc.count_7489, dmarc.valid_7489), (1, Some(true)));
    assert_eq!(dmarc.pct_7489, Some(20));
    assert_eq!(dmarc.effective_policy_7489, Some(DmarcPolicy::Quarantine));
    assert!(!seen.has_failed());
    assert_eq!(asked(&resolver), ["TXT _dmarc.cz", "TXT _dmarc.example.cz"]);

    // Where the record says that nothing above counts, nothing above is asked.
    has_txt(&resolver, OWN, &[&["v=DMARC1; p=none; psd=n"]]);
    let seen = walk(&resolver).await;
    assert_eq!(seen.row.dmarc.org_domain.as_deref(), Some(ZONE));
    assert_eq!(asked(&resolver), ["TXT _dmarc.example.cz"]);
}

#[tokio::test]
async fn no_record_anywhere_is_an_absence_with_the_denial_of_the_name() {
    let resolver = domain().await;
    has_txt(&resolver, OWN, &[&["junk"]]);
    let seen = walk(&resolver).await;
    let dmarc = &seen.row.dmarc;
    assert_eq!(
        (dmarc.outcome, dmarc.outcome_7489),
        (Outcome::Absent, Outcome::Absent)
    );
    assert_eq!(dmarc.denial, Some(Denial::OtherTxt));
    assert_eq!((dmarc.valid, dmarc.record.as_deref()), (None, None));
    assert_eq!(dmarc.org_domain.as_deref(), Some(ZONE));
    assert_eq!(dmarc.texts, ["junk"]);
    assert!(!seen.has_failed());
}

#[tokio::test]
async fn a_record_above_is_inherited() {
    let resolver = below().await;
    has_txt(&resolver, OWN, &[&["v=DMARC1; p=none; sp=reject"]]);
    let seen = walk_below(&resolver).await;
    let dmarc = &seen.row.dmarc;
    assert_eq!(
        (dmarc.outcome, dmarc.denial),
        (Outcome::Found, Some(Denial::Nxdomain))
    );
    assert_eq!(dmarc.found_at.as_deref(), Some(ZONE));
    assert_eq!(dmarc.inherited, Some(Inherited::Org));
    assert_eq!(dmarc.effective_policy, Some(DmarcPolicy::Reject));
    assert_eq!(dmarc.found_at_7489.as_deref(), Some(ZONE));
    assert_eq!(dmarc.effective_policy_7489, Some(DmarcPolicy::Reject));
    assert!(dmarc.texts.is_empty());
    let log = [
        "TXT _dmarc.a.example.cz",
        "TXT _dmarc.cz",
        "TXT _dmarc.example.cz",
    ];
    assert_eq!(asked(&resolver), log);

    // Somebody else's record does not make the name exist.
    let resolver = Resolver::start().await;
    for kind in ["MX", "NS", "TXT", "A", "AAAA"] {
        resolver.says(SUB, kind.parse().unwrap(), Reply::nodata(ZONE));
    }
    has_txt(&resolver, OWN, &[&["v=DMARC1; p=none; sp=reject"]]);
    let seen = walk_below(&resolver).await;
    assert_eq!(seen.row.dmarc.outcome, Outcome::Found);
    assert_eq!(seen.row.existence, Existence::Undelegated);
}

#[tokio::test]
async fn several_records_stop_one_set_of_rules_and_not_the_other() {
    let resolver = below().await;
    has_txt(
        &resolver,
        BELOW,
        &[&["v=DMARC1; p=none"], &["v=DMARC1; p=reject"]],
    );
    has_txt(&resolver, OWN, &[&["v=DMARC1; p=quarantine"]]);
    let seen = walk_below(&resolver).await;
    let dmarc = &seen.row.dmarc;
    assert_eq!(dmarc.outcome, Outcome::Found);
    assert_eq!(dmarc.found_at.as_deref(), Some(ZONE));
    assert_eq!((dmarc.count, dmarc.valid), (1, Some(true)));
    assert_eq!(dmarc.effective_policy, Some(DmarcPolicy::Quarantine));
    assert_eq!(dmarc.outcome_7489, Outcome::Found);
    assert_eq!(
        (dmarc.count_7489, dmarc.found_at_7489.as_deref()),
        (2, None)
    );
    assert_eq!(dmarc.record_7489, None);
    assert_eq!(dmarc.fault_7489, Some(Fault::SeveralRecords));
    assert_eq!(dmarc.effective_policy_7489, None);
    assert_eq!(dmarc.texts.len(), 2);

    // With nothing above, they are shown, and do not count.
    resolver.says(OWN, RecordType::TXT, Reply::nxdomain("cz"));
    let seen = walk_below(&resolver).await;
    let dmarc = &seen.row.dmarc;
    assert_eq!((dmarc.outcome, dmarc.count), (Outcome::Found, 2));
    assert_eq!(dmarc.record.as_deref(), Some("v=DMARC1; p=none"));
    assert_eq!(
        (dmarc.valid, dmarc.fault),
        (Some(false), Some(Fault::SeveralRecords))
    );
    assert_eq!(
        (dmarc.found_at.as_deref(), dmarc.effective_policy),
        (None, None)
    );
    assert!(!seen.has_failed());
}

#[tokio::test]
async fn an_alias_at_the_name_leads_to_the_record() {
    let resolver = domain().await;
    let hosted = "_dmarc.host.example";
    let records = [cname(OWN, hosted), txt(hosted, &["v=DMARC1; p=reject"])];
    resolver.says(OWN, RecordType::TXT, Reply::found(records));
    let dmarc = walk(&resolver).await.row.dmarc;
    assert_eq!(
        (dmarc.outcome, dmarc.p),
        (Outcome::Found, Some(DmarcPolicy::Reject))
    );
    assert_eq!(dmarc.found_at.as_deref(), Some(ZONE));
}

#[tokio::test]
async fn a_top_level_domain_that_fails_leaves_open_what_depends_on_it() {
    let resolver = domain().await;
    has_txt(
        &resolver,
        OWN,
        &[&["v=DMARC1; p=reject; rua=mailto:a@other.cz"]],
    );
    breaks_txt(&resolver, TLD);
    let client = client(&resolver, LONG).await;
    let mut seen = walk_to(ZONE, &client).await;
    let dmarc = &seen.row.dmarc;
    assert_eq!(
        (dmarc.outcome, dmarc.error),
        (Outcome::Found, None),
        "its own record applies"
    );
    assert_eq!(dmarc.effective_policy, Some(DmarcPolicy::Reject));
    assert_eq!(dmarc.org_domain, None);
    assert_eq!(dmarc.rua_targets[0].authorised, Outcome::Failed);
    assert_eq!(dmarc.rua_targets[0].error, Some(ErrorCode::Servfail));
    assert_eq!(dmarc.external_reports_authorised, None);
    assert_eq!(dmarc.rua_targets_7489[0].authorised, Outcome::Absent);
    assert!(seen.has_failed());
    resolver.take_log();
    resolver.says(TLD, RecordType::TXT, Reply::nxdomain("."));
    client.next_pass();
    seen.ask(&client).await;
    assert_eq!(asked(&resolver), ["TXT _dmarc.cz"]);
    assert_eq!(seen.row.dmarc.org_domain.as_deref(), Some(ZONE));
    assert_eq!(seen.row.dmarc.rua_targets[0].authorised, Outcome::Absent);
    assert!(!seen.has_failed());

    resolver.says(OWN, RecordType::TXT, Reply::nxdomain("cz"));
    breaks_txt(&resolver, TLD);
    let client = self::client(&resolver, LONG).await;
    let mut seen = walk_to(ZONE, &client).await;
    let dmarc = &seen.row.dmarc;
    let failed = (Outcome::Failed, Some(ErrorCode::Servfail));
    assert_eq!(
        (dmarc.outcome, dmarc.error),
        failed,
        "which one applies is not known"
    );
    assert_eq!(dmarc.denial, Some(Denial::Nxdomain));
    assert_eq!(
        dmarc.outcome_7489,
        Outcome::Absent,
        "by the list nothing is missing"
    );
    resolver.take_log();
    has_txt(&resolver, TLD, &[&["v=DMARC1; p=reject; psd=y"]]);
    client.next_pass();
    seen.ask(&client).await;
    assert_eq!(asked(&resolver), ["TXT _dmarc.cz"]);
    let dmarc = &seen.row.dmarc;
    assert_eq!(
        (dmarc.outcome, dmarc.inherited),
        (Outcome::Found, Some(Inherited::Psd))
    );
    assert_eq!(dmarc.outcome_7489, Outcome::Absent);
    assert!(!seen.has_failed());
}

#[tokio::test]
async fn what_the_resolver_said_of_a_failure_goes_with_it() {
    let resolver = domain().await;
    resolver.says(OWN, RecordType::TXT, Reply::nxdomain("cz"));
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver.on(TLD, RecordType::TXT, broken);
    let client = client(&resolver, LONG).await;
    let mut seen = walk_to(ZONE, &client).await;
    let code = |seen: &Walk| seen.row.dmarc.ede.as_ref().map(|ede| ede.code);
    assert_eq!(seen.row.dmarc.outcome, Outcome::Failed);
    assert_eq!(code(&seen), Some(22));
    resolver.says(TLD, RecordType::TXT, Reply::nxdomain("."));
    client.next_pass();
    seen.ask(&client).await;
    assert_eq!(seen.row.dmarc.outcome, Outcome::Absent);
    assert_eq!(code(&seen), None);
}

#[tokio::test]
async fn a_name_that_fails_itself_asks_nothing_above() {
    let resolver = domain().await;
    breaks_txt(&resolver, OWN);
    let seen = walk(&resolver).await;
    let dmarc = &seen.row.dmarc;
    let failed = (Outcome::Failed, Some(ErrorCode::Servfail));
    assert_eq!((dmarc.outcome, dmarc.error), failed);
    assert_eq!((dmarc.outcome_7489, dmarc.error_7489), failed);
    assert_eq!(
        asked(&resolver),
        ["TXT _dmarc.example.cz", "TXT _dmarc.example.cz +cd"]
    );
    assert!(seen.has_failed());
}

#[tokio::test]
async fn what_does_not_validate_is_shown_with_its_error() {
    let resolver = below().await;
    let bogus = |name: &str| {
        let record = txt(name, &["v=DMARC1; p=reject"]);
        Manner::ServfailThenCd(Some(6), Reply::found([record]))
    };
    resolver.on(OWN, RecordType::TXT, bogus(OWN));
    for seen in [walk(&resolver).await, walk_below(&resolver).await] {
        let dmarc = &seen.row.dmarc;
        let bogus = (Outcome::Found, Some(ErrorCode::Bogus));
        assert_eq!((dmarc.outcome, dmarc.error), bogus);
        assert_eq!((dmarc.outcome_7489, dmarc.error_7489), bogus);
        assert_eq!(dmarc.security, Security::Bogus);
        assert_eq!(dmarc.p, Some(DmarcPolicy::Reject));
        assert!(seen.has_failed());
    }
    // What is above the record that applies does not touch it.
    has_txt(&resolver, BELOW, &[&["v=DMARC1; p=none"]]);
    let dmarc = walk_below(&resolver).await.row.dmarc;
    assert_eq!((dmarc.outcome, dmarc.error), (Outcome::Found, None));
    assert_eq!(
        (dmarc.outcome_7489, dmarc.error_7489),
        (Outcome::Found, None)
    );
}
