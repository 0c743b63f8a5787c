//! Sending mail: SPF, DMARC, and domains that send none.

use CheckId as C;

use super::*;
use crate::verdict::checks::senders::non_sending;

fn with_spf(spf: Spf) -> Facts {
    with(&[mx1(&[works()])]).but(|it| it.domain.spf = spf)
}

fn spfs(count: u16) -> Facts {
    with_spf(Spf {
        outcome: texts(count).outcome,
        count,
        ..Spf::default()
    })
}

fn no_spf() -> Facts {
    with_spf(Spf {
        outcome: Outcome::Failed,
        error: Some(ErrorCode::Timeout),
        ..Spf::default()
    })
}

const BEHIND_SPF: [C; 4] = [
    C::SpfLookups,
    C::SpfRestrictive,
    C::SpfHardfail,
    C::SpfNarrow,
];
const BEHIND_DMARC: [C; 5] = [
    C::DmarcEnforced,
    C::DmarcSampling,
    C::DmarcReject,
    C::DmarcSubdomains,
    C::DmarcReports,
];

#[test]
fn spf_records_are_counted() {
    for (facts, spf, behind) in [
        (spfs(0), "fail no_record", "not_applicable no_spf"),
        (spfs(1), "unknown not_measured", "unknown not_measured"),
        (spfs(2), "fail several_records", "unknown several_records"),
        (no_spf(), "unknown timeout", "unknown timeout"),
        (gone(), "not_applicable nxdomain", "not_applicable nxdomain"),
        (lost(), "unknown servfail", "unknown servfail"),
        (takes_none(), "unknown no_answer", "unknown no_answer"),
    ] {
        assert_eq!(facts.says(C::Spf), spf);
        for check in BEHIND_SPF {
            assert_eq!(facts.says(check), behind, "{check}");
        }
    }
    let found = spfs(0).but(|it| it.domain.spf.outcome = Outcome::Found);
    assert_eq!(found.says(C::Spf), "fail no_record");
}

#[test]
fn sending_is_judged_whether_mail_is_taken_or_not() {
    let null = takes_none().but(|it| it.domain.spf.outcome = Outcome::Absent);
    assert_eq!(null.says(C::Spf), "fail no_record");
    let open = of_kind(None, &[]).but(|it| it.domain.spf.outcome = Outcome::Absent);
    assert_eq!(open.says(C::Spf), "fail no_record");
}

#[test]
fn dmarc_is_decided_at_the_organisational_domain_by_rfc_7489_alone() {
    let old = "ruleset = \"7489\"";
    let asked = |text: Text| with(&[mx1(&[works()])]).but(|it| it.domain.dmarc = text);
    for (text, first, later) in [
        (texts(0), "fail no_record", "not_applicable no_dmarc"),
        (texts(1), "unknown not_measured", "unknown not_measured"),
        (texts(2), "fail several_records", "not_applicable no_dmarc"),
        (no_text(), "unknown timeout", "unknown timeout"),
    ] {
        assert_eq!(asked(text).says_with(C::Dmarc, old), first);
        for check in BEHIND_DMARC {
            assert_eq!(asked(text).says_with(check, old), later, "{check}");
        }
    }
    for registrable in [Some("cz"), None] {
        let below = asked(texts(0));
        let below = below.but(|it| it.domain.registrable_domain = registrable.map(str::to_owned));
        assert_eq!(below.says_with(C::Dmarc, old), "unknown not_measured");
    }
}

#[test]
fn dmarc_by_rfc_9989_wants_a_walk() {
    let asked = |text: Text| takes_none().but(|it| it.domain.dmarc = text);
    for check in BEHIND_DMARC.into_iter().chain([C::Dmarc]) {
        for count in 0..3 {
            let says = asked(texts(count)).says(check);
            assert_eq!(says, "unknown not_measured", "{check}");
        }
        assert_eq!(asked(no_text()).says(check), "unknown timeout");
        assert_eq!(gone().says(check), "not_applicable nxdomain");
        assert_eq!(lost().says(check), "unknown servfail");
    }
}

#[test]
fn spf_that_denies_everything_has_one_meaning_and_many_spellings() {
    for (record, locks) in [
        ("v=spf1 -all", true),
        ("v=spf1  -all ", true),
        ("V=SPF1 -ALL", true),
        ("v=spf1 -all -all", false),
        ("v=spf1 ~all", false),
        ("v=spf1 all", false),
        ("v=spf1 a -all", false),
        ("v=spf1 -all exp=why.example.cz", false),
        ("v=spf1 redirect=example.org", false),
        ("v=spf1", false),
        ("v=spf1\\009-all", false),
        ("", false),
    ] {
        let facts = with_spf(spf(record));
        assert_eq!(non_sending(&facts.domain), Some(locks), "{record:?}");
    }
    let twice = with_spf(spf("v=spf1 -all")).but(|it| it.domain.spf.count = 2);
    assert_eq!(non_sending(&twice.domain), Some(false));
}

#[test]
fn who_sends_none_says_so_by_mx_or_by_spf() {
    let of = |kind, spf: &Spf| {
        let mut domain = domain(kind);
        domain.spf = spf.clone();
        non_sending(&domain)
    };
    let (open, locked) = (no_spf().domain.spf, spf("v=spf1 -all"));
    let absent = spfs(0).domain.spf;
    for kind in [MxKind::Null, MxKind::None] {
        for spf in [&open, &locked, &absent] {
            assert_eq!(of(Some(kind), spf), Some(true));
        }
    }
    for kind in [MxKind::Explicit, MxKind::Implicit] {
        assert_eq!(of(Some(kind), &locked), Some(true));
        assert_eq!(of(Some(kind), &absent), Some(false));
        assert_eq!(of(Some(kind), &open), None);
        assert_eq!(of(Some(kind), &Spf::default()), None, "not asked");
    }
    assert_eq!(of(None, &locked), Some(true));
    assert_eq!(of(None, &absent), None);
    assert_eq!(of(None, &open), None);
}

#[test]
fn domains_that_send_none_are_locked() {
    let locked = |facts: Facts| facts.says(C::NonSendingLocked);
    let null = |spf: Spf| takes_none().but(|it| it.domain.spf = spf);
    assert_eq!(locked(spfs(0)), "not_applicable sends_mail");
    assert_eq!(locked(null(spfs(0).domain.spf)), "fail no_spf");
    assert_eq!(locked(null(spf("v=spf1 ~all"))), "fail spf");
    assert_eq!(locked(null(spfs(2).domain.spf)), "fail spf");
    assert_eq!(locked(null(spf("v=spf1 -all"))), "unknown not_measured");
    assert_eq!(locked(null(no_spf().domain.spf)), "unknown timeout");
    assert_eq!(locked(with_spf(spf("v=spf1 -all"))), "unknown not_measured");
    assert_eq!(locked(gone()), "not_applicable nxdomain");
    assert_eq!(locked(lost()), "unknown servfail");
}

#[test]
fn the_question_that_leaves_it_open_is_named() {
    let bogus = no_spf().but(|it| it.domain.mx.error = Some(ErrorCode::Bogus));
    assert_eq!(bogus.says(C::NonSendingLocked), "unknown timeout");
    let open = of_kind(None, &[]).but(|it| it.domain.spf.outcome = Outcome::Absent);
    assert_eq!(open.says(C::NonSendingLocked), "unknown servfail");
}
