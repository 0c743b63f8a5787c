//! What becomes of each kind of policy, and of names that Postfix would read as something else.

use super::*;

/// 2023-11-14 22:13:20 UTC.
const SEEN: Moment = Moment(1_700_000_000_000_000);
const LATER: Moment = Moment(1_700_000_060_000_000);

fn finding(result: CheckResult, reason: &'static str) -> Finding {
    Finding {
        result,
        reason: reason.into(),
    }
}

fn known(domain: &str) -> Known {
    Known {
        domain: domain.to_owned(),
        dnssec_domain: finding(CheckResult::Pass, "secure"),
        mta_sts: finding(CheckResult::Pass, "enforce"),
        mta_sts_covers_mx: finding(CheckResult::Pass, "covered:1/1"),
        dane_published: finding(CheckResult::Fail, "no_tlsa"),
        dane_valid: finding(CheckResult::NotApplicable, "no_tlsa"),
    }
}

fn policy(mode: PolicyMode, mx: &[&str]) -> Policy {
    Policy {
        domain: String::new(),
        observed_at: SEEN,
        mode: Some(mode),
        mx: mx.iter().map(|&name| name.to_owned()).collect(),
        max_age: Some(86_400),
    }
}

/// The lines behind the header.
fn lines(map: &Map) -> Vec<String> {
    let text = map.print("a test");
    let lines = text
        .lines()
        .skip_while(|line| !line.contains("servername= needs"));
    lines.skip(1).map(str::to_owned).collect()
}

fn one(known: &Known, policy: &Policy) -> Vec<String> {
    let mut map = Map::new(LATER, Testing::Comment);
    map.add(known, Some(policy), Records::None);
    lines(&map)
}

#[test]
fn an_enforced_policy_is_a_line_that_postfix_reads() {
    let names = [
        "mx1.example.cz",
        "*.wild.example.cz",
        "mx1.example.cz",
        "*.cz",
    ];
    assert_eq!(
        one(&known("example.cz"), &policy(PolicyMode::Enforce, &names)),
        ["example.cz    secure match=mx1.example.cz:.wild.example.cz:.cz servername=hostname"]
    );
}

#[test]
fn no_name_becomes_a_word_of_postfix_or_another_line() {
    for name in [
        "hostname",
        "nexthop",
        "dot-nexthop",
        "a.cz:nexthop",
        "a.cz servername=b.cz",
        "a.cz\nb.cz secure",
        "*.a.cz b",
        "*.*.cz",
        "*.",
        "",
        "192.0.2.1",
        "xn--a.cz",
    ] {
        let made = one(
            &known("example.cz"),
            &policy(PolicyMode::Enforce, &["mx.example.cz", name]),
        );
        assert_eq!(made.len(), 1, "{name:?}: {made:?}");
        assert!(made[0].starts_with("# example.cz: "), "{name:?}: {made:?}");
    }
    assert_eq!(
        one(&known("a.cz"), &policy(PolicyMode::Enforce, &[])).len(),
        1
    );
    let mut odd = known("example.cz");
    odd.mta_sts = finding(CheckResult::Unknown, "time\nexample.org secure");
    let made = one(&odd, &policy(PolicyMode::Enforce, &["mx.example.cz"]));
    assert_eq!(
        made,
        ["# example.cz: not known (time\\x0aexample.org secure)"]
    );
}

#[test]
fn a_policy_that_is_only_tested_is_no_rule() {
    let tested = policy(PolicyMode::Testing, &["mx.example.cz"]);
    assert_eq!(
        one(&known("example.cz"), &tested),
        ["# example.cz: its policy is only tested"]
    );
    let mut map = Map::new(LATER, Testing::May);
    map.add(&known("example.cz"), Some(&tested), Records::None);
    assert_eq!(lines(&map), ["example.cz    may"]);
    assert!(map.gaps().is_empty());
}

#[test]
fn dane_comes_first_also_where_it_fails() {
    let enforced = policy(PolicyMode::Enforce, &["mx.example.cz"]);
    let cases = [
        (CheckResult::Pass, CheckResult::Pass, "has DANE;"),
        (
            CheckResult::Pass,
            CheckResult::Fail,
            "has DANE that fails (why)",
        ),
        (
            CheckResult::Fail,
            CheckResult::Fail,
            "has DANE that fails (why)",
        ),
        (
            CheckResult::Pass,
            CheckResult::Unknown,
            "has TLSA records, not",
        ),
    ];
    for (published, valid, words) in cases {
        let mut known = known("example.cz");
        known.dane_published = finding(published, "why");
        known.dane_valid = finding(valid, "why");
        let made = one(&known, &enforced);
        assert_eq!(made.len(), 1, "{made:?}");
        assert!(
            made[0].starts_with(&format!("# example.cz: {words}")),
            "{made:?}"
        );
    }
    let mut map = Map::new(LATER, Testing::Comment);
    map.add(&known("example.cz"), Some(&enforced), Records::Some);
    let made = lines(&map);
    assert!(
        made[0].starts_with("# example.cz: has TLSA records at some"),
        "{made:?}"
    );
    let mut map = Map::new(LATER, Testing::Comment);
    map.add(&known("bogus.cz"), Some(&enforced), Records::Bogus);
    map.add(&known("open.cz"), Some(&enforced), Records::Unknown);
    let made = lines(&map);
    let words = "# bogus.cz: has TLSA records that do not validate";
    assert!(made[0].starts_with(words), "{made:?}");
    assert_eq!(
        made[1..],
        [
            "# open.cz: whether it has DANE is not known (some mail hosts)",
            "open.cz    secure match=mx.example.cz servername=hostname",
        ]
    );
    assert_eq!(
        map.gaps(),
        ["whether DANE comes first is not known of open.cz, which have a line"]
    );
    let mut open = known("example.cz");
    open.dane_published = finding(CheckResult::Unknown, "timeout");
    open.mta_sts_covers_mx = finding(CheckResult::Fail, "not_covered:1/2");
    assert_eq!(
        one(&open, &enforced),
        [
            "# example.cz: whether it has DANE is not known (timeout)",
            "# example.cz: not all its mail hosts fit (not_covered:1/2); mail to it may wait",
            "example.cz    secure match=mx.example.cz servername=hostname",
        ]
    );
}

#[test]
fn what_is_not_known_or_has_ended_is_said_and_is_no_line() {
    let enforced = policy(PolicyMode::Enforce, &["mx.example.cz"]);
    let mut map = Map::new(Moment(SEEN.0 + 86_400_000_000), Testing::Comment);
    map.add(&known("ended.cz"), Some(&enforced), Records::None);
    let mut slow = known("slow.cz");
    slow.mta_sts = finding(CheckResult::Unknown, "timeout");
    map.add(&slow, Some(&enforced), Records::None);
    slow.domain = "silent.cz".to_owned();
    map.add(&slow, None, Records::None);
    let mut none = known("none.cz");
    none.mta_sts = finding(CheckResult::Fail, "no_record");
    map.add(&none, None, Records::None);
    none.domain = "broken.cz".to_owned();
    none.mta_sts = finding(CheckResult::Fail, "cert_untrusted");
    map.add(&none, Some(&enforced), Records::None);
    assert_eq!(
        lines(&map),
        [
            "# ended.cz: its policy ended 2023-11-15T22:13:20Z; ask again",
            "# slow.cz: not known (timeout)",
        ]
    );
    assert_eq!(
        map.gaps(),
        [
            "the policy of slow.cz could not be learned",
            "the policy of ended.cz ended since it was seen",
            "whether there is a policy is not known of more domains: 1 timeout",
        ]
    );
}

#[test]
fn the_order_of_the_facts_leaves_no_trace() {
    let enforced = policy(PolicyMode::Enforce, &["mx.example.cz"]);
    let print = |names: [&str; 3]| {
        let mut map = Map::new(LATER, Testing::Comment);
        for name in names {
            map.add(&known(name), Some(&enforced), Records::None);
        }
        map.print("a test")
    };
    let text = print(["b.cz", "a.cz", "c.cz"]);
    assert_eq!(text, print(["c.cz", "b.cz", "a.cz"]));
    assert!(text.contains("3 enforced"), "{text}");
    assert!(text.contains("ends 2023-11-15T22:13:20Z"), "{text}");
    assert_eq!(
        some_of(&["x"; 12]),
        format!("{} and 2 more", ["x"; 10].join(", "))
    );
}
