//! Which DMARC record applies.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const REJECT: &str = "v=DMARC1; p=reject; sp=quarantine";
const NONE: &str = "v=DMARC1; p=none";
const SUFFIX: &str = "v=DMARC1; p=reject; psd=y";
const TWICE: &str = "v=DMARC1; p=reject; p=none";

fn found(records: &[&str]) -> Answer {
    Ok(records
        .iter()
        .map(|text| text.as_bytes().to_vec())
        .collect())
}

fn failed() -> Answer {
    Err(ErrorCode::Servfail)
}

/// By the walk of a name of three labels: the answers at it, its parent and the TLD.
fn walked(answers: [Answer; 3]) -> Discovery {
    by_walk("a.b.cz", &answers)
}

/// Where the record was found, whose it is, the policy, and the organisational domain.
fn summary(found: &Discovery) -> (Option<&str>, Option<Inherited>, Option<&str>, Option<&str>) {
    let policy = found.effective_policy.map(DmarcPolicy::as_str);
    (
        found.found_at.as_deref(),
        found.inherited,
        policy,
        found.org_domain.as_deref(),
    )
}

#[test]
fn the_walk_asks_at_most_eight_names() {
    // RFC 9989 4.10, its example.
    let names = walk("a.b.c.d.e.f.g.h.i.j.mail.example.com");
    let expected = [
        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    ];
    assert_eq!(names, expected);
    assert_eq!(walk("a.mail.example.com").len(), 4);
    assert_eq!(walk("1.2.3.4.5.6.7.8")[1], "2.3.4.5.6.7.8");
    assert_eq!(walk("1.2.3.4.5.6.7.8").len(), 8);
    assert_eq!(walk("1.2.3.4.5.6.7.8.9")[1], "3.4.5.6.7.8.9");
    assert_eq!(walk("cz"), ["cz"]);
}

#[test]
fn the_walk_finds_the_record_and_the_organisation() {
    use Inherited::{Org, Own, Psd};
    let none = || found(&[]);
    let (own, above, top) = (Some("a.b.cz"), Some("b.cz"), Some("cz"));
    let (reject, quarantine) = (Some("reject"), Some("quarantine"));
    let table = [
        // RFC 9989 4.10.1: the author domain, its organisational domain, its public suffix.
        (
            [found(&[REJECT]), none(), none()],
            (own, Some(Own), reject, own),
        ),
        (
            [none(), found(&[REJECT]), none()],
            (above, Some(Org), quarantine, above),
        ),
        (
            [none(), none(), found(&[REJECT])],
            (top, Some(Org), quarantine, top),
        ),
        (
            [none(), none(), found(&[SUFFIX])],
            (top, Some(Psd), reject, above),
        ),
        // 4.10.2, rule 1: `psd=n` is the organisational domain, and the walk ends.
        (
            [none(), found(&["v=DMARC1; p=reject; psd=n"]), failed()],
            (above, Some(Org), reject, above),
        ),
        (
            [
                found(&["v=DMARC1; p=reject; psd=n"]),
                found(&[NONE]),
                failed(),
            ],
            (own, Some(Own), reject, own),
        ),
        // Rule 2: `psd=y` above leaves one label below it, whose record goes first.
        (
            [none(), found(&[NONE]), found(&[SUFFIX])],
            (above, Some(Org), Some("none"), above),
        ),
        (
            [none(), found(&[SUFFIX]), failed()],
            (above, Some(Psd), reject, own),
        ),
        (
            [found(&[NONE]), found(&[SUFFIX]), failed()],
            (own, Some(Own), Some("none"), own),
        ),
        // At the start it only ends the walk.
        (
            [found(&[SUFFIX]), failed(), failed()],
            (own, Some(Own), reject, own),
        ),
        // Rule 3: the fewest labels.
        (
            [found(&[NONE]), found(&[REJECT]), none()],
            (own, Some(Own), Some("none"), above),
        ),
        (
            [none(), found(&[NONE]), found(&[REJECT])],
            (top, Some(Org), quarantine, top),
        ),
        (
            [none(), found(&["v=DMARC1; p=none; psd=u"]), none()],
            (above, Some(Org), Some("none"), above),
        ),
        // Nothing at all: the name itself.
        ([none(), none(), none()], (None, None, None, own)),
        // 4.10: several records are none, and so is a list that is not valid.
        (
            [found(&[NONE, NONE]), found(&[REJECT]), none()],
            (above, Some(Org), quarantine, above),
        ),
        (
            [none(), found(&[SUFFIX, SUFFIX]), found(&[REJECT])],
            (top, Some(Org), quarantine, top),
        ),
        (
            [found(&[TWICE]), found(&[REJECT]), none()],
            (above, Some(Org), quarantine, above),
        ),
    ];
    for (answers, expected) in table {
        let found = by_walk("a.b.cz", &answers);
        assert_eq!(summary(&found), expected, "{answers:?}");
        assert_eq!(found.error, None);
        assert_eq!(found.valid, found.record.is_some().then_some(true));
    }
}

#[test]
fn a_name_below_eight_labels_is_below_the_suffix_too() {
    let domain = "1.2.3.4.5.6.7.8.9";
    let mut answers = vec![found(&[]); 8];
    answers[1] = found(&[SUFFIX]);
    let discovery = by_walk(domain, &answers);
    assert_eq!(discovery.org_domain.as_deref(), Some("2.3.4.5.6.7.8.9"));
    assert_eq!(discovery.inherited, Some(Inherited::Psd));
}

#[test]
fn what_is_not_known_is_no_absence() {
    let none = || found(&[]);
    // The name's own record applies whatever is above; whose the name is, is another question.
    let own = walked([found(&[REJECT]), failed(), none()]);
    assert_eq!(
        summary(&own),
        (Some("a.b.cz"), Some(Inherited::Own), Some("reject"), None)
    );
    assert_eq!(own.error, None);
    for answers in [
        [failed(), none(), none()],
        [failed(), found(&[REJECT]), none()],
        [none(), failed(), none()],
        [none(), failed(), found(&[SUFFIX])],
        [none(), found(&[REJECT]), failed()],
        [none(), none(), failed()],
    ] {
        let discovery = by_walk("a.b.cz", &answers);
        let expected = Discovery {
            error: Some(ErrorCode::Servfail),
            ..Discovery::default()
        };
        assert_eq!(discovery, expected, "{answers:?}");
    }
    let several = walked([found(&[NONE, NONE]), failed(), none()]);
    assert_eq!((several.count, several.fault), (2, None));
    assert_eq!(several.error, Some(ErrorCode::Servfail));
    let short = by_walk("a.b.cz", &[none()]);
    assert_eq!(short.error, Some(ErrorCode::InternalError));
}

#[test]
fn records_that_do_not_count_are_told_where_none_applies() {
    let none = || found(&[]);
    let several = walked([found(&[NONE, REJECT]), none(), none()]);
    assert_eq!(several.record, None);
    assert_eq!(
        (several.count, several.fault),
        (2, Some(Fault::SeveralRecords))
    );
    let twice = walked([found(&[TWICE]), none(), none()]);
    assert_eq!((twice.count, twice.fault), (1, Some(Fault::Duplicate)));
    // What its policy says first does not make a list of tags of it.
    let both = walked([
        found(&["v=DMARC1; p=drop; a=1; a=2"]),
        found(&[NONE]),
        none(),
    ]);
    assert_eq!(both.found_at.as_deref(), Some("b.cz"));
    let above = walked([none(), found(&[NONE, NONE]), none()]);
    assert_eq!((above.count, above.fault), (0, None));
    assert_eq!(above.org_domain.as_deref(), Some("a.b.cz"));
    // RFC 9989 4.10.1: without a valid policy and without reports, "no DMARC processing"; the
    // record stands there all the same.
    let bad = walked([none(), found(&["v=DMARC1; p=drop"]), none()]);
    assert_eq!(bad.record.as_deref(), Some(&b"v=DMARC1; p=drop"[..]));
    assert_eq!((bad.valid, bad.fault), (Some(false), Some(Fault::BadValue)));
    assert_eq!(
        summary(&bad),
        (Some("b.cz"), Some(Inherited::Org), None, Some("b.cz"))
    );
}

#[test]
fn policies_are_those_for_the_name() {
    let at = |text: &str, own: bool| {
        let (here, above) = if own {
            (found(&[text]), found(&[]))
        } else {
            (found(&[]), found(&[text]))
        };
        let new = walked([here.clone(), above.clone(), found(&[])]);
        let old = by_suffix("a.b.cz", &here, Some(("b.cz", &above)));
        [new, old].map(|discovery| discovery.effective_policy.map(DmarcPolicy::as_str))
    };
    let both = |policy| [Some(policy); 2];
    assert_eq!(at("v=DMARC1; p=reject; sp=none", true), both("reject"));
    assert_eq!(at("v=DMARC1; p=reject; sp=none", false), both("none"));
    assert_eq!(at("v=DMARC1; p=reject", false), both("reject"));
    // RFC 9989 4.7: `np` is for names that do not exist.
    assert_eq!(at("v=DMARC1; p=reject; np=none", false), both("reject"));
    // `t=y`: one level below, which RFC 7489 does not know.
    assert_eq!(
        at("v=DMARC1; p=reject; t=y", true),
        [Some("quarantine"), Some("reject")]
    );
    assert_eq!(
        at("v=DMARC1; p=none; sp=quarantine; t=y", false),
        [Some("none"), Some("quarantine")]
    );
    assert_eq!(at("v=DMARC1; p=none; t=y", true), both("none"));
    assert_eq!(at("v=DMARC1; p=reject; t=n", true), both("reject"));
    // As if it were `p=none`.
    assert_eq!(at("v=DMARC1; rua=mailto:a@b.cz", true), both("none"));
    assert_eq!(
        at("v=DMARC1; p=reject; sp=drop; rua=mailto:a@b.cz", true),
        both("none")
    );
    assert_eq!(at("v=DMARC1; p=drop", true), [None, None]);
    // RFC 9989 4.7: without `p` it is `none`, and `sp` stays what it is.
    assert_eq!(at("v=DMARC1", true), [Some("none"), None]);
    assert_eq!(at("v=DMARC1; sp=reject", false), [Some("reject"), None]);
}

#[test]
fn the_suffix_list_knows_two_places() {
    let (here, none) = (found(&[NONE]), found(&[]));
    let above = found(&[REJECT]);
    let own = by_suffix("a.b.cz", &here, Some(("b.cz", &above)));
    assert_eq!(
        summary(&own),
        (
            Some("a.b.cz"),
            Some(Inherited::Own),
            Some("none"),
            Some("b.cz")
        )
    );
    let org = by_suffix("a.b.cz", &none, Some(("b.cz", &above)));
    assert_eq!(
        summary(&org),
        (
            Some("b.cz"),
            Some(Inherited::Org),
            Some("quarantine"),
            Some("b.cz")
        )
    );
    let itself = by_suffix("b.cz", &none, None);
    assert_eq!(summary(&itself), (None, None, None, Some("b.cz")));
    assert_eq!((itself.count, itself.error, itself.fault), (0, None, None));
    // RFC 7489 6.6.3, step 5: several records, and the search ends.
    let two = found(&[NONE, NONE]);
    let several = by_suffix("a.b.cz", &two, Some(("b.cz", &above)));
    assert_eq!(
        (several.count, several.fault),
        (2, Some(Fault::SeveralRecords))
    );
    assert_eq!((several.record, several.valid), (None, None));
    let several = by_suffix("a.b.cz", &none, Some(("b.cz", &two)));
    assert_eq!(
        (several.count, several.fault),
        (2, Some(Fault::SeveralRecords))
    );
    // RFC 6376 3.2: a list that is not valid is no reason to go on, since the set is not empty.
    let twice = by_suffix("a.b.cz", &found(&[TWICE]), Some(("b.cz", &above)));
    assert_eq!(
        (twice.valid, twice.fault),
        (Some(false), Some(Fault::Duplicate))
    );
    assert_eq!(twice.effective_policy, None);
    // Failures: at the name, or where its record would be.
    for (own, org) in [
        (failed(), found(&[])),
        (found(&[]), failed()),
        (failed(), above),
    ] {
        let discovery = by_suffix("a.b.cz", &own, Some(("b.cz", &org)));
        assert_eq!(discovery.error, Some(ErrorCode::Servfail));
        assert_eq!((discovery.record, discovery.inherited), (None, None));
    }
    let own = by_suffix("a.b.cz", &here, Some(("b.cz", &failed())));
    assert_eq!((own.error, own.inherited), (None, Some(Inherited::Own)));
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let text = select(vec![
        REJECT,
        NONE,
        SUFFIX,
        TWICE,
        "v=DMARC1",
        "v=DMARC1; p=none; psd=n",
        "v=DMARC1; rua=mailto:a@b.cz",
    ]);
    let records = prop::collection::vec(text, 0..3).prop_map(|texts| found(&texts));
    prop::collection::vec(prop_oneof![5 => records, 1 => Just(failed())], 8)
}

fn is_below(name: &str, above: &str) -> bool {
    name.strip_suffix(above)
        .is_some_and(|rest| rest.ends_with('.'))
}

proptest! {
    #[test]
    fn discoveries_agree_with_themselves(
        domain in "[a-z]{1,3}(\\.[a-z]{1,3}){0,11}|[.a-z]{0,9}",
        answers in answers(),
    ) {
        let names = walk(&domain);
        prop_assert!(names.len() <= 8 && names[0] == domain);
        prop_assert!(names.windows(2).all(|pair| is_below(&pair[0], &pair[1])));
        let walked = by_walk(&domain, &answers[..names.len()]);
        let suffix = by_suffix(&domain, &answers[0], Some((&names[names.len() - 1], &answers[1])));
        for found in [&walked, &suffix] {
            prop_assert_eq!(found.record.is_some(), found.valid.is_some());
            prop_assert_eq!(found.record.is_some(), found.inherited.is_some());
            prop_assert_eq!(found.record.is_some(), found.found_at.is_some());
            prop_assert_eq!(found.valid == Some(true), found.effective_policy.is_some());
            prop_assert!(found.error.is_none() || (found.record.is_none() && found.fault.is_none()));
            prop_assert!(found.valid != Some(true) || found.fault.is_none());
        }
        // An organisational domain is the name itself or above it, and known unless something failed.
        let org = walked.org_domain.as_deref();
        prop_assert!(org.is_none_or(|org| domain == org || is_below(&domain, org)));
        prop_assert!(org.is_some() || answers.iter().any(Result::is_err));
    }
}
