//! Sending mail: SPF, DKIM, DMARC, and domains that send none.

mod dkim;
mod dmarc;
mod locked;
mod spf;

use super::tables::Tables;
use super::*;
use crate::table::rows::{DkimKey as KeyRow, DomainRow, ReportTarget as TargetRow};
use crate::verdict::evidence;

/// The checks of sending mail.
pub const SENDING: [CheckId; 14] = [
    CheckId::Spf,
    CheckId::SpfLookups,
    CheckId::SpfRestrictive,
    CheckId::SpfHardfail,
    CheckId::SpfNarrow,
    CheckId::Dkim,
    CheckId::DkimKeys,
    CheckId::Dmarc,
    CheckId::DmarcEnforced,
    CheckId::DmarcSampling,
    CheckId::DmarcReject,
    CheckId::DmarcSubdomains,
    CheckId::DmarcReports,
    CheckId::NonSendingLocked,
];

#[test]
fn domains_that_do_not_exist_are_not_judged() {
    for check in SENDING {
        assert_eq!(gone().says(check), "not_applicable nxdomain", "{check}");
        assert_eq!(lost().says(check), "unknown servfail", "{check}");
    }
}

#[test]
fn sending_is_judged_whether_mail_is_taken_or_not() {
    for facts in [takes_none(), of_kind(None, &[])] {
        let facts = facts.but(|it| {
            it.domain.spf.outcome = Outcome::Absent;
            it.domain.dmarc = dmarc_asked(Outcome::Absent, None);
            it.domain.dkim = dkim_seen(DkimExistence::Absent);
        });
        assert_eq!(facts.says(CheckId::Spf), "fail no_record");
        assert_eq!(facts.says(CheckId::Dmarc), "fail no_record");
        assert_eq!(facts.says(CheckId::Dkim), "fail no_key");
    }
}

#[test]
fn what_was_not_asked_is_not_absent() {
    for check in SENDING {
        let says = takes_none().says(check);
        assert!(says.starts_with("unknown "), "{check}: {says}");
    }
}

/// A row with policies of which none is perfect.
fn row() -> DomainRow {
    let mut row = DomainRow {
        domain: "example.cz".to_owned(),
        existence: Existence::Exists,
        ..DomainRow::default()
    };
    row.mx.kind = Some(MxKind::Null);
    let spf = &mut row.spf;
    (spf.outcome, spf.count, spf.valid) = (Outcome::Found, 1, Some(true));
    spf.record = Some("v=spf1 -all".to_owned());
    spf.effective_all = Some(SpfAll::Softfail);
    (spf.lookups, spf.void_lookups, spf.mx_names) = (Some(3), Some(1), Some(2));
    (spf.ipv4_addresses, spf.ipv6_addresses) = (Some(1 << 20), Some(2_f64.powi(80)));
    (spf.includes_all, spf.depends_on_sender) = (Some(false), Some(true));
    spf.graph_fault = Some(Fault::BadAddress);
    let targets = |authorised| {
        vec![TargetRow {
            host: "example.org".to_owned(),
            external: true,
            authorised,
            ..TargetRow::default()
        }]
    };
    let dmarc = &mut row.dmarc;
    (dmarc.outcome, dmarc.count, dmarc.valid) = (Outcome::Found, 1, Some(true));
    dmarc.inherited = Some(Inherited::Psd);
    (dmarc.p, dmarc.np) = (Some(DmarcPolicy::Reject), Some(DmarcPolicy::None));
    (dmarc.t, dmarc.adkim) = (Some(true), Some(Alignment::Strict));
    dmarc.effective_policy = Some(DmarcPolicy::Quarantine);
    dmarc.rua_targets = targets(Outcome::Absent);
    (dmarc.outcome_7489, dmarc.valid_7489) = (Outcome::Found, Some(true));
    dmarc.found_at_7489 = Some("cz".to_owned());
    (dmarc.p_7489, dmarc.sp_7489) = (Some(DmarcPolicy::Quarantine), Some(DmarcPolicy::None));
    (dmarc.pct_7489, dmarc.effective_policy_7489) = (Some(50), Some(DmarcPolicy::Reject));
    dmarc.rua_targets_7489 = targets(Outcome::Found);
    row.dkim.existence = DkimExistence::KeyFound;
    row.dkim.keys.push(KeyRow {
        selector: "s1".to_owned(),
        key_type: Some("rsa".to_owned()),
        bits: Some(768),
        ..KeyRow::default()
    });
    row
}

#[test]
fn what_the_columns_say_is_what_is_judged() {
    use CheckId as C;
    let mut tables = Tables::new();
    tables.add(&[row()]);
    let mut batches = evidence::domains(&tables.store);
    let read = batches.next().expect("a batch").expect("domains");
    let facts = takes_none().but(|it| it.domain = read[0].clone());
    for (check, says) in [
        (C::Spf, "fail include_bad_address"),
        (C::SpfLookups, "pass lookups_without_sender:3/10"),
        (C::SpfRestrictive, "pass ~all"),
        (C::SpfHardfail, "fail ~all"),
        (C::SpfNarrow, "fail addresses:1114112/65536"),
        (C::Dkim, "pass key"),
        (C::DkimKeys, "fail weak_key:1/1"),
        (C::Dmarc, "pass psd"),
        (C::DmarcEnforced, "pass quarantine"),
        (C::DmarcReject, "fail quarantine"),
        (C::DmarcSampling, "fail testing"),
        (C::DmarcSubdomains, "fail np"),
        (C::DmarcReports, "fail not_authorised"),
        (C::NonSendingLocked, "fail dmarc"),
    ] {
        assert_eq!(facts.says(check), says, "{check}");
    }
    for (check, says) in [
        (C::Dmarc, "pass org"),
        (C::DmarcReject, "pass reject"),
        (C::DmarcSampling, "fail pct:50/100"),
        (C::DmarcSubdomains, "fail sp"),
        (C::DmarcReports, "pass authorised"),
    ] {
        let old = facts.says_with(check, "ruleset = \"7489\"");
        assert_eq!(old, says, "{check}");
    }
}

#[test]
fn what_does_not_validate_is_neither_there_nor_absent() {
    use CheckId as C;
    for outcome in [Outcome::Found, Outcome::Absent] {
        let mut bogus = row();
        let error = Some(ErrorCode::Bogus);
        (bogus.spf.outcome, bogus.spf.error) = (outcome, error);
        (bogus.dmarc.outcome, bogus.dmarc.error) = (outcome, error);
        (bogus.dmarc.outcome_7489, bogus.dmarc.error_7489) = (outcome, error);
        (bogus.mta_sts.outcome, bogus.mta_sts.error) = (outcome, error);
        (bogus.tls_rpt.outcome, bogus.tls_rpt.error) = (outcome, error);
        bogus.mx.kind = Some(MxKind::Explicit);
        let mut tables = Tables::new();
        tables.add(&[bogus]);
        let mut batches = evidence::domains(&tables.store);
        let read = batches.next().expect("a batch").expect("domains");
        let mut domain = read[0].clone();
        let facts = with(&[mx1(&[works()])]).but(|it| {
            domain.mx = it.domain.mx.clone();
            it.domain = domain.clone();
        });
        for check in [
            C::Spf,
            C::SpfLookups,
            C::SpfRestrictive,
            C::Dmarc,
            C::DmarcEnforced,
            C::DmarcReject,
            C::MtaSts,
            C::TlsRpt,
        ] {
            assert_eq!(facts.says(check), "unknown bogus", "{outcome} {check}");
        }
        let old = facts.says_with(C::Dmarc, "ruleset = \"7489\"");
        assert_eq!(old, "unknown bogus", "{outcome}");
    }
}
