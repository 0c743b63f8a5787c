//! SPF: the record, its graph, its limits.

use CheckId as C;

use super::*;

const BEHIND: [C; 4] = [
    C::SpfLookups,
    C::SpfRestrictive,
    C::SpfHardfail,
    C::SpfNarrow,
];

/// A domain with an SPF record, after a change of what is known of it.
fn having(change: impl FnOnce(&mut Spf)) -> Facts {
    with(&[mx1(&[works()])]).but(|it| {
        it.domain.spf = spf("v=spf1 a -all");
        change(&mut it.domain.spf);
    })
}

#[test]
fn exactly_one_record_has_to_be_there() {
    let absent = || having(|spf| spf.outcome = Outcome::Absent);
    let several = |valid: Option<bool>| {
        having(move |spf| {
            (spf.count, spf.valid, spf.fault) = (2, valid, valid.map(|_| Fault::SeveralRecords));
        })
    };
    for (facts, says, behind) in [
        (absent(), "fail no_record", "not_applicable no_spf"),
        (
            several(Some(false)),
            "fail several_records",
            "not_applicable no_spf",
        ),
        (
            several(None),
            "fail several_records",
            "not_applicable no_spf",
        ),
        (
            having(|spf| *spf = no_spf()),
            "unknown timeout",
            "unknown timeout",
        ),
        (
            having(|spf| *spf = Spf::default()),
            "unknown no_answer",
            "unknown no_answer",
        ),
        (
            having(|spf| spf.valid = None),
            "unknown not_measured",
            "unknown not_measured",
        ),
    ] {
        assert_eq!(facts.says(C::Spf), says);
        for check in BEHIND {
            assert_eq!(facts.says(check), behind, "{check}");
        }
    }
    assert_eq!(having(|_| ()).says(C::Spf), "pass valid");
}

#[test]
fn a_record_that_cannot_be_used_is_as_good_as_none() {
    for fault in [Fault::UnknownMechanism, Fault::Syntax, Fault::BadAddress] {
        let facts = having(|spf| (spf.valid, spf.fault) = (Some(false), Some(fault)));
        assert_eq!(facts.says(C::Spf), format!("fail {fault}"));
        for check in BEHIND {
            assert_eq!(facts.says(check), "not_applicable no_spf", "{check}");
        }
    }
    let unnamed = having(|spf| spf.valid = Some(false));
    assert_eq!(unnamed.says(C::Spf), "fail malformed");
}

#[test]
fn records_that_are_included_count() {
    for (fault, says) in [
        (Fault::NoRecord, "fail include_no_record"),
        (Fault::SeveralRecords, "fail include_several_records"),
        (Fault::Syntax, "fail include_syntax"),
        (Fault::Loop, "fail include_loop"),
    ] {
        let facts = having(|spf| spf.graph_fault = Some(fault));
        assert_eq!(facts.says(C::Spf), says);
        assert_eq!(facts.says(C::SpfHardfail), "pass -all", "its own default");
        let facts = facts.but(|it| it.domain.spf.graph_error = Some(ErrorCode::Servfail));
        assert_eq!(facts.says(C::Spf), says, "what was seen decides");
    }
    let open = having(|spf| spf.graph_error = Some(ErrorCode::Servfail));
    assert_eq!(open.says(C::Spf), "unknown servfail");
    assert_eq!(open.says(C::SpfHardfail), "pass -all");
}

#[test]
fn limits_are_no_matter_of_the_syntax() {
    let over = having(|spf| spf.lookups = Some(11));
    assert_eq!(over.says(C::Spf), "pass valid");
    assert_eq!(over.says(C::SpfLookups), "fail too_many_lookups:11/10");
}

#[test]
fn limits_are_counted_over_the_whole_graph() {
    let says = |lookups, voids, names| {
        let facts = having(|spf| {
            spf.lookups = Some(lookups);
            spf.void_lookups = Some(voids);
            spf.mx_names = Some(names);
        });
        let open = facts.says(C::SpfLookups);
        let part = facts.but(|it| it.domain.spf.graph_error = Some(ErrorCode::Timeout));
        (open, part.says(C::SpfLookups))
    };
    let pair = |whole: &str, part: &str| (whole.to_owned(), part.to_owned());
    assert_eq!(
        says(10, 2, 10),
        pair("pass lookups:10/10", "unknown timeout")
    );
    assert_eq!(says(0, 0, 0), pair("pass lookups:0/10", "unknown timeout"));
    let over = "fail too_many_lookups:12/10";
    assert_eq!(says(12, 3, 11), pair(over, over), "a lower bound decides");
    let over = "fail too_many_void_lookups:3/2";
    assert_eq!(says(10, 3, 11), pair(over, over));
    let over = "fail too_many_mx_names:11/10";
    assert_eq!(says(10, 2, 11), pair(over, over));
    let round = having(|spf| spf.graph_fault = Some(Fault::Loop));
    assert_eq!(round.says(C::SpfLookups), "fail loop");
    let broken = having(|spf| spf.graph_fault = Some(Fault::NoRecord));
    assert_eq!(broken.says(C::SpfLookups), "pass lookups:0/10");
    let part = having(|spf| spf.depends_on_sender = Some(true));
    assert_eq!(part.says(C::SpfLookups), "pass lookups_without_sender:0/10");
    let never = having(|spf| spf.lookups = None);
    assert_eq!(never.says(C::SpfLookups), "unknown not_measured");
}

#[test]
fn the_default_that_decides_is_judged() {
    for (all, restrictive, hardfail) in [
        (SpfAll::Fail, "pass -all", "pass -all"),
        (SpfAll::Softfail, "pass ~all", "fail ~all"),
        (SpfAll::Neutral, "fail ?all", "fail ?all"),
        (SpfAll::Pass, "fail +all", "fail +all"),
        (SpfAll::None, "fail no_all", "fail no_all"),
    ] {
        let facts = having(|spf| spf.effective_all = Some(all));
        assert_eq!(facts.says(C::SpfRestrictive), restrictive);
        assert_eq!(facts.says(C::SpfHardfail), hardfail);
    }
}

#[test]
fn a_default_behind_a_redirect_may_not_be_known() {
    let says = |error, sender, lookups| {
        let facts = having(|spf| {
            spf.effective_all = None;
            spf.graph_error = error;
            spf.depends_on_sender = Some(sender);
            spf.lookups = Some(lookups);
        });
        assert_eq!(facts.says(C::SpfRestrictive), facts.says(C::SpfHardfail));
        facts.says(C::SpfRestrictive)
    };
    let error = Some(ErrorCode::Timeout);
    assert_eq!(says(error, true, 20), "unknown timeout");
    assert_eq!(says(None, true, 20), "unknown depends_on_sender");
    assert_eq!(says(None, false, 20), "unknown too_many_lookups");
    assert_eq!(says(None, false, 19), "unknown not_measured");
}

#[test]
fn addresses_are_counted_in_single_ones_and_networks() {
    let says = |v4: u64, v6: f64| {
        let facts = having(|spf| (spf.ipv4_addresses, spf.ipv6_addresses) = (Some(v4), Some(v6)));
        facts.says(C::SpfNarrow)
    };
    let network = 2_f64.powi(64);
    assert_eq!(says(65_536, 0.0), "pass addresses:65536/65536");
    assert_eq!(says(65_537, 0.0), "fail addresses:65537/65536");
    assert_eq!(says(1, 1.0), "pass addresses:2/65536");
    assert_eq!(says(1, network), "pass addresses:2/65536");
    assert_eq!(says(0, network * 65_536.0), "pass addresses:65536/65536");
    assert_eq!(says(1, network * 65_536.0), "fail addresses:65537/65536");
    let all = says(1, 2_f64.powi(128));
    assert!(all.starts_with("fail addresses:"), "{all}");
    let few = having(|spf| spf.ipv4_addresses = Some(257));
    let says = few.says_with(C::SpfNarrow, "addresses = 256");
    assert_eq!(says, "fail addresses:257/256");
}

#[test]
fn what_lets_everybody_send_is_not_narrow() {
    let says = |change: fn(&mut Spf)| having(change).says(C::SpfNarrow);
    assert_eq!(
        says(|spf| spf.effective_all = Some(SpfAll::Pass)),
        "fail +all"
    );
    assert_eq!(
        says(|spf| spf.includes_all = Some(true)),
        "fail includes_all"
    );
    let open = |spf: &mut Spf| spf.graph_error = Some(ErrorCode::Timeout);
    assert_eq!(says(open), "unknown timeout");
    let over = |spf: &mut Spf| {
        spf.graph_error = Some(ErrorCode::Timeout);
        spf.ipv4_addresses = Some(1 << 20);
    };
    assert_eq!(says(over), "fail addresses:1048576/65536");
    let macros = |spf: &mut Spf| spf.depends_on_sender = Some(true);
    assert_eq!(says(macros), "unknown depends_on_sender");
    let cut = |spf: &mut Spf| spf.lookups = Some(20);
    assert_eq!(says(cut), "unknown too_many_lookups");
    let never = |spf: &mut Spf| spf.ipv6_addresses = None;
    assert_eq!(says(never), "unknown not_measured");
}
