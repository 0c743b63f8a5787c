//! One DMARC record, by both rules.

use Fault::{
    BadUri, BadValue, BadVersion, Duplicate, Missing, NotAscii, Obsolete, Syntax, UnknownTag,
};
use Rules::{Rfc7489, Rfc9989};
use proptest::prelude::*;
use proptest::sample::select;

use super::super::super::tests::{self, Told, assert_sound};
use super::*;

fn told(text: &str, rules: Rules) -> Vec<(Fault, bool)> {
    tests::told(&parse(text.as_bytes(), rules))
}

#[test]
fn faults_are_told_by_both_rules() {
    let same: &[(&str, Told)] = &[
        ("v=DMARC1; p=none", &[]),
        ("v=DMARC1;p=reject;", &[]),
        // RFC 9989 4.8: `*WSP ";" *WSP`, `*WSP "=" *WSP`, words in any case.
        (" v=DMARC1; p=none", &[(BadVersion, true)]),
        ("v\t= DMARC1 ; P = Reject ; ", &[]),
        (
            "v=DMARC1; p=none; adkim=R; aspf=s; fo=1:d:s; ruf=mailto:a@b.cz",
            &[],
        ),
        // RFC 9989 4.7: the version is the first tag, and in this case.
        ("v=DMARC2; p=none", &[(BadVersion, true)]),
        ("v=dmarc1; p=none", &[(BadVersion, true)]),
        ("p=none; v=DMARC1", &[(BadVersion, true)]),
        ("v=DMARC1 p=none", &[(BadVersion, true)]),
        ("v=DMARC1p=none", &[(BadVersion, true)]),
        ("v=spf1 -all", &[(BadVersion, true)]),
        ("", &[(BadVersion, true)]),
        // RFC 9989 4.10.1, RFC 7489 6.6.3: where a policy is not valid, `rua` decides.
        ("v=DMARC1; p=drop", &[(BadValue, true)]),
        ("v=DMARC1; p=", &[(BadValue, true)]),
        ("v=DMARC1; p=drop; rua=mailto:a@b.cz", &[(BadValue, false)]),
        ("v=DMARC1; p=none; sp=drop", &[(BadValue, true)]),
        (
            "v=DMARC1; p=none; sp=drop; rua=mailto:a@b.cz",
            &[(BadValue, false)],
        ),
        ("v=DMARC1; p=nonë", &[(NotAscii, true)]),
        (
            "v=DMARC1; p=none\0; rua=mailto:a@b.cz",
            &[(NotAscii, false)],
        ),
        // RFC 9989 4.8: errors behind the version are ignored.
        ("v=DMARC1; p=none; adkim=x", &[(BadValue, false)]),
        ("v=DMARC1; p=none; aspf=", &[(BadValue, false)]),
        ("v=DMARC1; p=none; fo=2", &[(BadValue, false)]),
        ("v=DMARC1; p=none; fo=1:", &[(BadValue, false)]),
        ("v=DMARC1; p=none;; adkim=r", &[(Syntax, false)]),
        ("v=DMARC1; p=none; adkim", &[(Syntax, false)]),
        ("v=DMARC1; p=none; =r", &[(Syntax, false)]),
        ("v=DMARC1; p=none; ad kim=r", &[(Syntax, false)]),
        ("v=DMARC1; p=none; adkim=ř", &[(NotAscii, false)]),
        ("v=DMARC1; p=none; „", &[(NotAscii, false)]),
        ("v=DMARC1; p=none; \u{7f}=x", &[(NotAscii, false)]),
        // RFC 9989 4.7: "unknown tags MUST be ignored".
        ("v=DMARC1; p=none; x_1=y", &[(UnknownTag, false)]),
        // RFC 6376 3.2: a tag that occurs twice makes the whole list invalid.
        ("v=DMARC1; p=none; p=none", &[(Duplicate, true)]),
        ("v=DMARC1; p=none; v=DMARC1", &[(Duplicate, true)]),
        (
            "v=DMARC1; p=none; x=1; X=2",
            &[(UnknownTag, false), (Duplicate, true)],
        ),
        // RFC 9989 4.6: a list of URIs, each for itself.
        (
            "v=DMARC1; p=none; rua=mailto:a@b.cz , https://r.example/",
            &[],
        ),
        (
            "v=DMARC1; p=none; rua=mailto:a@b.cz,,mailto:c@d.cz",
            &[(BadUri, false)],
        ),
        (
            "v=DMARC1; p=none; rua=mailto:a@b.cz mailto:c@d.cz",
            &[(BadUri, false)],
        ),
        (
            "v=DMARC1; p=none; rua=mailto:a@b.cz;mailto:c@d.cz",
            &[(Syntax, false)],
        ),
        ("v=DMARC1; p=none; rua=mailto:a@b.cz!", &[(BadUri, false)]),
        (
            "v=DMARC1; p=none; rua=mailto:a@b.cz!10x",
            &[(BadUri, false)],
        ),
        (
            "v=DMARC1; p=none; rua=mailto:a@b.cz!99999999999999999999",
            &[(BadUri, false)],
        ),
        ("v=DMARC1; p=none; ruf=", &[(BadUri, false)]),
    ];
    for (text, expected) in same {
        for rules in [Rfc9989, Rfc7489] {
            assert_eq!(told(text, rules), *expected, "{text:?} {rules:?}");
        }
    }
}

#[test]
fn faults_differ_where_the_rules_do() {
    let different: &[(&str, Told, Told)] = &[
        // RFC 9989 C.5.2: removed tags.
        ("v=DMARC1; p=none; pct=50", &[(Obsolete, false)], &[]),
        (
            "v=DMARC1; p=none; pct=101",
            &[(Obsolete, false)],
            &[(BadValue, false)],
        ),
        (
            "v=DMARC1; p=none; pct=+5",
            &[(Obsolete, false)],
            &[(BadValue, false)],
        ),
        (
            "v=DMARC1; p=none; pct=0010",
            &[(Obsolete, false)],
            &[(BadValue, false)],
        ),
        ("v=DMARC1; p=none; rf=afrf:iodef", &[(Obsolete, false)], &[]),
        (
            "v=DMARC1; p=none; rf=",
            &[(Obsolete, false)],
            &[(BadValue, false)],
        ),
        ("v=DMARC1; p=none; ri=86400", &[(Obsolete, false)], &[]),
        (
            "v=DMARC1; p=none; ri=4294967296",
            &[(Obsolete, false)],
            &[(BadValue, false)],
        ),
        (
            "v=DMARC1; p=none; rua=mailto:a@b.cz!10m",
            &[(Obsolete, false)],
            &[],
        ),
        // New ones.
        ("v=DMARC1; p=none; np=reject", &[], &[(UnknownTag, false)]),
        (
            "v=DMARC1; p=none; np=drop",
            &[(BadValue, true)],
            &[(UnknownTag, false)],
        ),
        ("v=DMARC1; p=none; t=y", &[], &[(UnknownTag, false)]),
        (
            "v=DMARC1; p=none; t=yes",
            &[(BadValue, false)],
            &[(UnknownTag, false)],
        ),
        ("v=DMARC1; p=none; psd=u", &[], &[(UnknownTag, false)]),
        // RFC 9989 4.8: each at most once. RFC 7489 has no such rule.
        ("v=DMARC1; p=none; fo=0:1", &[(BadValue, false)], &[]),
        ("v=DMARC1; p=none; fo=d:d", &[(BadValue, false)], &[]),
        // RFC 9989 4.7: `p` is RECOMMENDED, and `none` without it. RFC 7489 6.3: REQUIRED.
        ("v=DMARC1", &[(Missing, false)], &[(Missing, true)]),
        ("v=DMARC1;", &[(Missing, false)], &[(Missing, true)]),
        (
            "v=DMARC1; rua=mailto:a@b.cz",
            &[(Missing, false)],
            &[(Missing, false)],
        ),
        (
            "v=DMARC1; rua=ftp://b.cz/",
            &[(BadUri, false), (Missing, false)],
            &[(BadUri, false), (Missing, false)],
        ),
        (
            "v=DMARC1; rua=a@b.cz",
            &[(BadUri, false), (Missing, false)],
            &[(BadUri, false), (Missing, true)],
        ),
        (
            "v=DMARC1; sp=drop",
            &[(BadValue, true), (Missing, false)],
            &[(BadValue, true), (Missing, true)],
        ),
        // RFC 7489 6.4: `p` comes right behind `v`.
        ("v=DMARC1; adkim=s; p=none", &[], &[(Syntax, false)]),
    ];
    for (text, by_9989, by_7489) in different {
        assert_eq!(told(text, Rfc9989), *by_9989, "{text:?}");
        assert_eq!(told(text, Rfc7489), *by_7489, "{text:?}");
    }
}

#[test]
fn values_are_read() {
    let text = "v=DMARC1; p=reject; sp=QUARANTINE; np=none; pct=7; t=y; adkim=s; aspf=r; psd=n; \
                rua=mailto:a@B.cz!10m,https://r.example/x; ruf=mailto:c@d.cz";
    let new = parse(text.as_bytes(), Rfc9989).value.unwrap();
    let uri = |text: &str, scheme, host: &str| Uri {
        text: text.to_owned(),
        scheme,
        host: Some(host.to_owned()),
    };
    let expected = Record {
        p: Some(DmarcPolicy::Reject),
        sp: Some(DmarcPolicy::Quarantine),
        np: Some(DmarcPolicy::None),
        pct: Some(7),
        t: Some(true),
        adkim: Some(Alignment::Strict),
        aspf: Some(Alignment::Relaxed),
        psd: Some(PsdFlag::No),
        rua: vec![
            uri("mailto:a@B.cz", ReportScheme::Mailto, "b.cz"),
            uri("https://r.example/x", ReportScheme::Https, "r.example"),
        ],
        ruf: vec![uri("mailto:c@d.cz", ReportScheme::Mailto, "d.cz")],
        counts_as_none: false,
    };
    assert_eq!(new, expected);
    let old = parse(text.as_bytes(), Rfc7489).value.unwrap();
    let without = Record {
        np: None,
        t: None,
        psd: None,
        ..expected
    };
    assert_eq!(old, without);
}

#[test]
fn a_bad_policy_counts_as_none_where_reports_are_wanted() {
    for text in [
        "v=DMARC1; p=drop; rua=mailto:a@b.cz",
        "v=DMARC1; p=reject; sp=drop; rua=mailto:a@b.cz",
    ] {
        for rules in [Rfc9989, Rfc7489] {
            let parsed = parse(text.as_bytes(), rules);
            assert!(parsed.is_valid(), "{text}");
            assert!(parsed.value.unwrap().counts_as_none, "{text}");
        }
    }
    let text = b"v=DMARC1; sp=reject; rua=mailto:a@b.cz";
    assert!(!parse(text, Rfc9989).value.unwrap().counts_as_none);
    assert!(parse(text, Rfc7489).value.unwrap().counts_as_none);
    let text = b"v=DMARC1; p=reject; np=drop; rua=mailto:a@b.cz";
    assert!(parse(text, Rfc9989).value.unwrap().counts_as_none);
    assert!(!parse(text, Rfc7489).value.unwrap().counts_as_none);
}

#[test]
fn spans_are_those_of_what_is_wrong() {
    let text = "v=DMARC1; p=none ; adkim = x; rua=mailto:a@b.cz!1m,c ; y; fo=\0; adkim=r;;; z=1";
    let parsed = parse(text.as_bytes(), Rfc9989);
    let told = parsed.findings.iter().map(|f| &text[f.span.clone()]);
    let expected = ["x", "!1m", "c", "y", "\0", "adkim=r", ";;", "z=1"];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

/// A tag that is fine by both rules, and nothing that has to be there just once.
fn print(record: &Record, order: &[usize], space: &str) -> String {
    let letter = |value: bool| if value { "y" } else { "n" }.to_owned();
    let uris = |uris: &[Uri]| {
        let texts: Vec<_> = uris.iter().map(|uri| uri.text.clone()).collect();
        (!texts.is_empty()).then(|| texts.join(&format!("{space},{space}")))
    };
    let tags = [
        ("sp", record.sp.map(|v| v.to_string())),
        ("np", record.np.map(|v| v.to_string())),
        ("pct", record.pct.map(|v| v.to_string())),
        ("t", record.t.map(letter)),
        ("adkim", record.adkim.map(|v| v.to_string())),
        ("aspf", record.aspf.map(|v| v.to_string())),
        ("psd", record.psd.map(|v| v.to_string())),
        ("rua", uris(&record.rua)),
        ("ruf", uris(&record.ruf)),
    ];
    let p = record.p.unwrap_or_default();
    let mut text = format!("v{space}={space}DMARC1{space};{space}p={p}");
    for (name, value) in order.iter().map(|at| &tags[*at]) {
        if let Some(value) = value {
            text += &format!("{space};{space}{name}{space}={space}{value}");
        }
    }
    text
}

fn records() -> impl Strategy<Value = Record> {
    let policies = || {
        let all = [
            DmarcPolicy::None,
            DmarcPolicy::Quarantine,
            DmarcPolicy::Reject,
        ];
        prop::option::of(select(all.to_vec()))
    };
    let modes = || prop::option::of(select(vec![Alignment::Relaxed, Alignment::Strict]));
    let psd = prop::option::of(select(vec![PsdFlag::Unknown, PsdFlag::Yes, PsdFlag::No]));
    let uri = "(mailto:(%2C)?[a-z]{1,9}@|https://)[a-z]{1,9}\\.[a-z]{2}"
        .prop_map(|text| uri::parse(text.as_bytes()).unwrap());
    let uris = prop::collection::vec(uri, 0..4);
    let policies = (policies(), policies(), policies());
    let rest = (prop::option::of(0_u8..=100), any::<Option<bool>>());
    (policies, rest, modes(), modes(), psd, uris.clone(), uris).prop_map(
        |((p, sp, np), (pct, t), adkim, aspf, psd, rua, ruf)| Record {
            p: Some(p.unwrap_or_default()),
            sp,
            np,
            pct,
            t,
            adkim,
            aspf,
            psd,
            rua,
            ruf,
            counts_as_none: false,
        },
    )
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(
        record in records(),
        order in Just((0..9).collect::<Vec<_>>()).prop_shuffle(),
        space in "[ \t]{0,2}",
    ) {
        let text = print(&record, &order, &space);
        let parsed = parse(text.as_bytes(), Rfc9989);
        prop_assert!(parsed.is_valid());
        prop_assert_eq!(parsed.value, Some(record));
    }

    #[test]
    fn any_bytes_are_read(
        start in select(vec!["", "v=DMARC1;", "v=DMARC1; p=none;", "v=DMARC1;rua="]),
        bytes in tests::bytes("[;=,:! a-z\0é]{0,60}"),
    ) {
        let record = [start.as_bytes(), &bytes].concat();
        for rules in [Rfc9989, Rfc7489] {
            assert_sound(&record, &parse(&record, rules));
        }
    }
}
