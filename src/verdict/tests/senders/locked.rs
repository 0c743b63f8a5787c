//! Domains that say that they send no mail.

use CheckId as C;

use super::*;
use crate::verdict::checks::senders::non_sending;

const ALL: &str = "require = [\"sp\", \"adkim\", \"aspf\", \"rua\", \"dkim_null\", \"null_mx\"]";

fn with_spf(spf: Spf) -> Facts {
    with(&[mx1(&[works()])]).but(|it| it.domain.spf = spf)
}

fn absent() -> Spf {
    Spf {
        outcome: Outcome::Absent,
        ..Spf::default()
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
    let (open, locked, absent) = (no_spf(), spf("v=spf1 -all"), absent());
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

/// A domain with a null MX that has everything, after a change.
fn locked(change: impl FnOnce(&mut Domain)) -> Facts {
    takes_none().but(|it| {
        let domain = &mut it.domain;
        domain.spf = spf("v=spf1 -all");
        domain.dmarc = Dmarc {
            adkim: Some(Alignment::Strict),
            aspf: Some(Alignment::Strict),
            rua_targets: vec![target(ReportScheme::Mailto, None)],
            ..dmarc(DmarcPolicy::Reject)
        };
        domain.dkim = Dkim {
            wildcard_value: Some("v=DKIM1; p=".to_owned()),
            ..dkim_seen(DkimExistence::Wildcard)
        };
        change(domain);
    })
}

#[test]
fn spf_and_dmarc_lock_a_domain() {
    let says = |change: fn(&mut Domain)| locked(change).says(C::NonSendingLocked);
    assert_eq!(says(|_| ()), "pass locked");
    assert_eq!(says(|it| it.spf = absent()), "fail no_spf");
    assert_eq!(says(|it| it.spf = spf("v=spf1 ~all")), "fail spf");
    assert_eq!(says(|it| it.spf.count = 2), "fail spf");
    assert_eq!(says(|it| it.spf = no_spf()), "unknown timeout");
    let none = |it: &mut Domain| it.dmarc = dmarc_asked(Outcome::Absent, None);
    assert_eq!(says(none), "fail no_dmarc");
    let weak = |it: &mut Domain| it.dmarc = dmarc(DmarcPolicy::Quarantine);
    assert_eq!(says(weak), "fail dmarc");
    let open = |it: &mut Domain| it.dmarc = dmarc_asked(Outcome::Failed, None);
    assert_eq!(says(open), "unknown no_answer");
    let both = |it: &mut Domain| {
        it.spf = no_spf();
        it.dmarc = dmarc(DmarcPolicy::None);
    };
    assert_eq!(says(both), "fail dmarc", "what was seen decides");
    let plain = |it: &mut Domain| {
        (it.dkim, it.dmarc) = (Dkim::default(), dmarc(DmarcPolicy::Reject));
    };
    assert_eq!(says(plain), "pass locked", "no more is asked for");
}

#[test]
fn more_can_be_required() {
    let says = |change: fn(&mut Domain)| locked(change).says_with(C::NonSendingLocked, ALL);
    assert_eq!(says(|_| ()), "pass locked");
    let sp = |it: &mut Domain| it.dmarc.sp = Some(DmarcPolicy::Quarantine);
    assert_eq!(says(sp), "fail sp");
    assert_eq!(says(|it| it.dmarc.adkim = None), "fail adkim");
    let relaxed = |it: &mut Domain| it.dmarc.aspf = Some(Alignment::Relaxed);
    assert_eq!(says(relaxed), "fail aspf");
    assert_eq!(says(|it| it.dmarc.rua_targets.clear()), "fail rua");
    assert_eq!(says(|it| it.mx.kind = Some(MxKind::None)), "fail null_mx");
    let unknown = |it: &mut Domain| {
        it.mx.kind = None;
        it.mx.error = Some(ErrorCode::Servfail);
    };
    assert_eq!(says(unknown), "unknown servfail");
    let absent = |it: &mut Domain| it.dmarc = dmarc_asked(Outcome::Absent, None);
    assert_eq!(says(absent), "fail no_dmarc", "and nothing of its tags");
}

#[test]
fn an_empty_key_has_to_be_at_every_selector() {
    let says = |dkim: Dkim| {
        let facts = locked(|it| it.dkim = dkim);
        facts.says_with(C::NonSendingLocked, "require = [\"dkim_null\"]")
    };
    let valued = |value: &str| Dkim {
        wildcard_value: Some(value.to_owned()),
        ..dkim_seen(DkimExistence::Wildcard)
    };
    assert_eq!(says(valued("v=DKIM1; p=")), "pass locked");
    assert_eq!(says(valued("hello")), "fail dkim_null");
    assert_eq!(says(dkim_seen(DkimExistence::Absent)), "fail dkim_null");
    let live = Dkim {
        keys: vec![dkim_key()],
        ..valued("v=DKIM1; p=")
    };
    assert_eq!(says(live), "fail dkim_null");
    let open = Dkim {
        error: Some(ErrorCode::Timeout),
        ..dkim_seen(DkimExistence::Unknown)
    };
    assert_eq!(says(open), "unknown timeout");
    let compact = dkim_seen(DkimExistence::CompactDenial);
    assert_eq!(says(compact), "unknown compact_denial");
    assert_eq!(says(Dkim::default()), "unknown not_measured");
}

#[test]
fn domains_that_send_mail_need_no_lock() {
    let sends = with_spf(absent());
    assert_eq!(sends.says(C::NonSendingLocked), "not_applicable sends_mail");
    let says_so = with_spf(spf("v=spf1 -all"));
    let says_so = says_so.but(|it| it.domain.dmarc = dmarc(DmarcPolicy::Reject));
    assert_eq!(says_so.says(C::NonSendingLocked), "pass locked");
}

#[test]
fn the_question_that_leaves_it_open_is_named() {
    let bogus = with_spf(no_spf()).but(|it| it.domain.mx.error = Some(ErrorCode::Bogus));
    assert_eq!(bogus.says(C::NonSendingLocked), "unknown timeout");
    let open = of_kind(None, &[]).but(|it| it.domain.spf.outcome = Outcome::Absent);
    assert_eq!(open.says(C::NonSendingLocked), "unknown servfail");
}
