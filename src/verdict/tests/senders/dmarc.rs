//! DMARC by both rules.

use CheckId as C;

use super::*;

const RULES: [&str; 2] = ["ruleset = \"9989\"", "ruleset = \"7489\""];
const OLD: &str = RULES[1];
const BEHIND: [C; 5] = [
    C::DmarcEnforced,
    C::DmarcSampling,
    C::DmarcReject,
    C::DmarcSubdomains,
    C::DmarcReports,
];

fn having(dmarc: Dmarc) -> Facts {
    with(&[mx1(&[works()])]).but(|it| it.domain.dmarc = dmarc)
}

/// A record with a policy, after a change.
fn record(policy: DmarcPolicy, change: impl FnOnce(&mut Dmarc)) -> Facts {
    let mut dmarc = dmarc(policy);
    change(&mut dmarc);
    having(dmarc)
}

/// The same fault by both rules.
fn faulty(count: u16, valid: Option<bool>, fault: Option<Fault>) -> Facts {
    record(DmarcPolicy::Reject, |dmarc| {
        (dmarc.count, dmarc.valid, dmarc.fault) = (count, valid, fault);
        (dmarc.count_7489, dmarc.valid_7489, dmarc.fault_7489) = (count, valid, fault);
    })
}

#[test]
fn one_record_that_can_be_used_has_to_apply() {
    let none = "not_applicable no_dmarc";
    let asked = |outcome, error| having(dmarc_asked(outcome, error));
    for (facts, says, behind) in [
        (asked(Outcome::Absent, None), "fail no_record", none),
        (
            asked(Outcome::Failed, Some(ErrorCode::Timeout)),
            "unknown timeout",
            "unknown timeout",
        ),
        (
            asked(Outcome::NotAttempted, None),
            "unknown no_answer",
            "unknown no_answer",
        ),
        (
            faulty(2, None, Some(Fault::SeveralRecords)),
            "fail several_records",
            none,
        ),
        (faulty(2, None, None), "fail several_records", none),
        (faulty(0, None, None), "fail no_record", none),
        (
            faulty(1, Some(false), Some(Fault::BadValue)),
            "fail bad_value",
            none,
        ),
        (faulty(1, Some(false), None), "fail malformed", none),
        (
            faulty(1, None, None),
            "unknown not_measured",
            "unknown not_measured",
        ),
    ] {
        for rules in RULES {
            assert_eq!(facts.says_with(C::Dmarc, rules), says, "{rules}");
            for check in BEHIND {
                assert_eq!(facts.says_with(check, rules), behind, "{check} {rules}");
            }
        }
    }
}

#[test]
fn whose_record_it_is_is_told() {
    for inherited in [Inherited::Own, Inherited::Org, Inherited::Psd] {
        let facts = record(DmarcPolicy::None, |it| it.inherited = Some(inherited));
        assert_eq!(facts.says(C::Dmarc), format!("pass {inherited}"));
        assert_eq!(facts.says_with(C::Dmarc, OLD), "pass own");
    }
    let above = record(DmarcPolicy::None, |it| {
        it.found_at_7489 = Some("cz".to_owned());
    });
    assert_eq!(above.says_with(C::Dmarc, OLD), "pass org");
}

#[test]
fn each_rule_has_its_own_record() {
    let facts = record(DmarcPolicy::Reject, |it| {
        it.outcome_7489 = Outcome::Absent;
    });
    assert_eq!(facts.says(C::DmarcReject), "pass reject");
    let says = facts.says_with(C::DmarcReject, OLD);
    assert_eq!(says, "not_applicable no_dmarc");
    let facts = record(DmarcPolicy::Reject, |it| {
        it.outcome = Outcome::Failed;
        it.effective_policy_7489 = Some(DmarcPolicy::Quarantine);
    });
    assert_eq!(facts.says(C::DmarcReject), "unknown no_answer");
    assert_eq!(facts.says_with(C::DmarcReject, OLD), "fail quarantine");
}

#[test]
fn the_policy_that_counts_is_the_one_for_this_very_name() {
    use DmarcPolicy::{None as Nothing, Quarantine, Reject};
    for (policy, enforced, reject) in [
        (Nothing, "fail none", "fail none"),
        (Quarantine, "pass quarantine", "fail quarantine"),
        (Reject, "pass reject", "pass reject"),
    ] {
        let facts = record(Reject, |it| {
            it.effective_policy = Some(policy);
            it.effective_policy_7489 = Some(policy);
        });
        for rules in RULES {
            assert_eq!(facts.says_with(C::DmarcEnforced, rules), enforced);
            assert_eq!(facts.says_with(C::DmarcReject, rules), reject);
        }
    }
    let never = record(Reject, |it| it.effective_policy = None);
    assert_eq!(never.says(C::DmarcReject), "unknown not_measured");
}

#[test]
fn a_policy_for_a_part_of_the_mail_is_a_sample() {
    let says = |change: fn(&mut Dmarc)| {
        let facts = record(DmarcPolicy::Reject, change);
        RULES.map(|rules| facts.says_with(C::DmarcSampling, rules))
    };
    assert_eq!(says(|_| ()), ["pass all_mail", "pass all_mail"]);
    assert_eq!(
        says(|it| it.t = Some(true)),
        ["fail testing", "pass all_mail"]
    );
    assert_eq!(
        says(|it| it.t = Some(false)),
        ["pass all_mail", "pass all_mail"]
    );
    assert_eq!(
        says(|it| it.pct_7489 = Some(99)),
        ["pass all_mail", "fail pct:99/100"]
    );
    assert_eq!(
        says(|it| it.pct_7489 = Some(0)),
        ["pass all_mail", "fail pct:0/100"]
    );
    assert_eq!(
        says(|it| it.pct_7489 = None),
        ["pass all_mail", "unknown not_measured"]
    );
}

#[test]
fn subdomains_are_to_be_protected_as_the_domain_is() {
    use DmarcPolicy::{None as Nothing, Quarantine, Reject};
    let says = |p, sp, np| {
        let facts = record(p, |it| {
            (it.sp, it.np, it.sp_7489) = (sp, np, sp);
        });
        RULES.map(|rules| facts.says_with(C::DmarcSubdomains, rules))
    };
    let strict = ["pass as_strict", "pass as_strict"];
    assert_eq!(says(Reject, None, None), strict);
    assert_eq!(says(Nothing, None, None), strict);
    assert_eq!(says(Quarantine, Some(Reject), Some(Quarantine)), strict);
    assert_eq!(says(Reject, Some(Quarantine), None), ["fail sp", "fail sp"]);
    assert_eq!(
        says(Reject, Some(Nothing), Some(Reject)),
        ["fail sp", "fail sp"]
    );
    assert_eq!(
        says(Reject, None, Some(Nothing)),
        ["fail np", "pass as_strict"],
        "RFC 7489 has no np"
    );
    assert_eq!(
        says(Quarantine, Some(Reject), Some(Nothing)),
        ["fail np", "pass as_strict"]
    );
}

#[test]
fn reports_have_to_reach_somebody_by_mail() {
    use Outcome::{Absent, Failed, Found, NotAttempted};
    use ReportScheme::{Https, Mailto, Other};
    let says = |targets: &[ReportTarget]| {
        let facts = record(DmarcPolicy::Reject, |it| {
            it.rua_targets = targets.to_vec();
            it.rua_targets_7489 = targets.to_vec();
        });
        let [new, old] = RULES.map(|rules| facts.says_with(C::DmarcReports, rules));
        assert_eq!(new, old);
        new
    };
    let inside = target(Mailto, None);
    let outside = |outcome| target(Mailto, Some(outcome));
    assert_eq!(says(&[]), "fail no_rua");
    assert_eq!(says(&[inside]), "pass inside");
    assert_eq!(says(&[outside(Absent), inside]), "pass inside");
    assert_eq!(says(&[outside(Failed), outside(Found)]), "pass authorised");
    assert_eq!(says(&[outside(Absent)]), "fail not_authorised");
    assert_eq!(says(&[outside(Failed)]), "unknown timeout");
    assert_eq!(says(&[outside(Absent), outside(Failed)]), "unknown timeout");
    assert_eq!(says(&[outside(NotAttempted)]), "unknown no_answer");
    assert_eq!(says(&[target(Https, None)]), "fail https_only");
    assert_eq!(says(&[target(Https, Some(Found))]), "fail https_only");
    assert_eq!(
        says(&[target(Https, None), target(Other, None)]),
        "fail no_mailto"
    );
    assert_eq!(says(&[target(Https, None), inside]), "pass inside");
}
