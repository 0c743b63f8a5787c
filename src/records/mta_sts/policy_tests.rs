//! Policies of MTA-STS, and the hosts that they cover.

use Fault::{BadValue, BadVersion, Duplicate, Missing, NotAscii, Syntax, TooLong, UnknownTag};
use proptest::prelude::*;
use proptest::sample::select;

use super::super::super::tests::{self, Told, assert_sound};
use super::*;

const SOUND: &str = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.cz\r\nmax_age: 86400\r\n";

fn told(body: &[u8]) -> Vec<(Fault, bool)> {
    tests::told(&parse_policy(body))
}

#[test]
fn policies_are_read() {
    let body = "version: STSv1\nmode: testing\nmx: Mail.example.cz\nmx:*.example.NET \t\n\
                max_age:0604800\nx-1.b_c: půl = 1";
    let parsed = parse_policy(body.as_bytes());
    assert_eq!(parsed.fault(), None);
    let expected = Policy {
        version: Some("STSv1".to_owned()),
        mode: Some(Mode::Testing),
        max_age: Some(604_800),
        mx: vec!["mail.example.cz".to_owned(), "*.example.net".to_owned()],
    };
    assert_eq!(parsed.value, Some(expected));
}

#[test]
fn faults_are_told() {
    // RFC 8461 3.2. In a sound policy, the first is replaced by the second.
    let table: &[(&str, &str, Told)] = &[
        ("", "", &[]),
        // LF and CRLF end lines, and the last one need not.
        ("\r\n", "\n", &[]),
        ("86400\r\n", "86400", &[]),
        ("86400\r\n", "86400\r", &[(NotAscii, true), (Missing, true)]),
        ("STSv1\r\n", "STSv1\n\n", &[(Syntax, true)]),
        ("86400\r\n", "86400\r\n\r\n", &[(Syntax, true)]),
        (
            "\r\n",
            "\r",
            &[
                (NotAscii, true),
                (NotAscii, true),
                (NotAscii, true),
                (NotAscii, true),
                (Missing, true),
            ],
        ),
        // Any order.
        (
            "version: STSv1\r\nmode: enforce",
            "mode: enforce\nversion: STSv1",
            &[],
        ),
        // Space stands behind the colon and the value.
        ("mode: enforce", "mode:\t enforce \t", &[]),
        (
            "mode: enforce",
            " mode: enforce",
            &[(Syntax, true), (Missing, true)],
        ),
        (
            "mode: enforce",
            "mode : enforce",
            &[(Syntax, true), (Missing, true)],
        ),
        // The four fields.
        ("STSv1", "STSv2", &[(BadVersion, true)]),
        ("STSv1", "stsv1", &[(BadVersion, true)]),
        ("version: STSv1\r\n", "", &[(Missing, true)]),
        (
            "version",
            "Version",
            &[(UnknownTag, false), (Missing, true)],
        ),
        ("enforce", "none", &[]),
        (
            "mode: enforce\r\nmx: mail.example.cz\r\n",
            "mode: none\n",
            &[],
        ),
        ("enforce", "Enforce", &[(BadValue, true)]),
        ("enforce", "report", &[(BadValue, true)]),
        ("mode: enforce\r\n", "", &[(Missing, true)]),
        ("mx: mail.example.cz\r\n", "", &[(Missing, true)]),
        ("max_age: 86400\r\n", "", &[(Missing, true)]),
        ("86400", "0", &[]),
        ("86400", "31557600", &[]),
        ("86400", "31557601", &[(BadValue, true)]),
        ("86400", "9999999999", &[(BadValue, true)]),
        ("86400", "00000086400", &[(BadValue, true)]),
        ("86400", "-1", &[(BadValue, true)]),
        ("86400", "+1", &[(BadValue, true)]),
        ("86400", "1d", &[(BadValue, true)]),
        ("mail.example.cz", "*.example.cz", &[]),
        ("mail.example.cz", "mail", &[]),
        ("mail.example.cz", "*", &[(BadValue, true)]),
        ("mail.example.cz", "a.*.example.cz", &[(BadValue, true)]),
        ("mail.example.cz", "*.*.example.cz", &[(BadValue, true)]),
        ("mail.example.cz", "a*.example.cz", &[(BadValue, true)]),
        ("mail.example.cz", ".example.cz", &[(BadValue, true)]),
        ("mail.example.cz", "mail.example.cz.", &[(BadValue, true)]),
        ("mail.example.cz", "a.cz, b.cz", &[(BadValue, true)]),
        ("mail.example.cz", "-a.example.cz", &[(BadValue, true)]),
        ("mail.example.cz", "", &[(Syntax, true), (Missing, true)]),
        // "If any field other than mx is duplicated, all entries except for the first SHALL be
        // ignored", and unknown fields, too.
        ("enforce", "enforce\nmode: x", &[(Duplicate, false)]),
        ("enforce", "enforce\nmx: b.cz", &[]),
        (
            "enforce",
            "enforce\nx: y\nx: z",
            &[(UnknownTag, false), (Duplicate, false)],
        ),
        ("enforce", "enforce\n-x: y", &[(Syntax, true)]),
        ("enforce", "enforce\nx", &[(Syntax, true)]),
        (
            "enforce",
            "enforce\n<script>alert(1)</script>",
            &[(Syntax, true)],
        ),
        // UTF-8 in values only, and no control characters.
        ("enforce", "enforce\nx: ž\u{1f600}", &[(UnknownTag, false)]),
        ("enforce", "enforce\nž: x", &[(NotAscii, true)]),
        (
            "version",
            "\u{feff}version",
            &[(NotAscii, true), (Missing, true)],
        ),
        ("enforce", "enforce\nx: \0", &[(NotAscii, true)]),
        ("enforce", "enforce\nx: a\u{1b}[2Jb", &[(NotAscii, true)]),
        ("mail.example.cz", "žába.cz", &[(BadValue, true)]),
    ];
    for (from, to, expected) in table {
        let body = SOUND.replace(from, to);
        assert_eq!(told(body.as_bytes()), *expected, "{from:?} {to:?}");
    }
    let latin = [
        b"version: STSv1\nmode: none\nmax_age: 1\nx: ",
        &[0xe1, b'b', 0xff][..],
    ]
    .concat();
    assert_eq!(told(&latin), [(NotAscii, true), (NotAscii, true)]);
    assert_eq!(told(b""), [(Missing, true)]);
    assert_eq!(parse_policy(b"").value, None);
    let page = b"<!DOCTYPE html>\n<html><head><title>404</title></head>\n</html>\n";
    assert_eq!(parse_policy(page).fault(), Some(Syntax));
}

#[test]
fn at_most_64_kib_are_read() {
    let filled = |size: usize| {
        let name = SOUND.len() + "x: ".len();
        format!("{SOUND}x: {}", "a".repeat(size - name)).into_bytes()
    };
    assert!(parse_policy(&filled(65_536)).is_valid());
    assert_eq!(told(&filled(65_537)), [(TooLong, true)]);
}

#[test]
fn spans_are_those_of_what_is_wrong() {
    let body = "version: STSv2\r\n\r\nmode: x\nmx: a.cz\nmax_age: 1\nmax_age: 2\r\nž\0: \0";
    let parsed = parse_policy(body.as_bytes());
    let told = parsed.findings.iter().map(|f| &body[f.span.clone()]);
    let expected = ["STSv2", "\r", "x", "max_age: 2", "ž\0", "\0"];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[test]
fn a_wildcard_covers_one_label() {
    let table = [
        ("mail.example.cz", "mail.example.cz", true),
        ("Mail.Example.cz", "mAIL.example.CZ", true),
        ("mail.example.cz", "mail.example.cz.", true),
        ("mail.example.cz.", "mail.example.cz", true),
        ("mail.example.cz", "mx.example.cz", false),
        ("mail.example.cz", "a.mail.example.cz", false),
        // RFC 8461 4.1: "mail.example.com" but not "example.com" or "foo.bar.example.com".
        ("*.example.cz", "mail.example.cz", true),
        ("*.example.cz", "MAIL.EXAMPLE.CZ.", true),
        ("*.example.cz", "example.cz", false),
        ("*.example.cz", "foo.bar.example.cz", false),
        ("*.example.cz", ".example.cz", false),
        ("*.example.cz", "xexample.cz", false),
        ("*", "cz", false),
        ("*.", "mail.", false),
        ("", "", false),
        ("a.*.cz", "a.b.cz", false),
    ];
    for (pattern, host, expected) in table {
        assert_eq!(covers(pattern, host), expected, "{pattern} {host}");
    }
}

fn policies() -> impl Strategy<Value = Policy> {
    let pattern = "(\\*\\.)?[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?(\\.[a-z]{2,5}){0,3}";
    (
        select(vec![
            (Mode::Enforce, 1),
            (Mode::Testing, 1),
            (Mode::None, 0),
        ]),
        0..=LONGEST_AGE,
        prop::collection::vec(pattern, 0..5),
    )
        .prop_filter("mx but in none", |((_, least), _, mx)| mx.len() >= *least)
        .prop_map(|((mode, _), age, mx)| Policy {
            version: Some("STSv1".to_owned()),
            mode: Some(mode),
            max_age: Some(age),
            mx,
        })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(
        policy in policies(),
        end in select(vec!["\n", "\r\n", " \t\n"]),
        space in "[ \t]{0,2}",
    ) {
        let mode = match policy.mode {
            Some(Mode::Enforce) => "enforce",
            Some(Mode::Testing) => "testing",
            _ => "none",
        };
        let age = policy.max_age.unwrap_or_default();
        let mut body = format!("max_age:{space}{age}{end}mode:{space}{mode}{end}");
        for mx in &policy.mx {
            body += &format!("mx:{space}{mx}{end}");
        }
        body += &format!("version:{space}STSv1");
        let parsed = parse_policy(body.as_bytes());
        prop_assert_eq!(parsed.findings, []);
        prop_assert_eq!(parsed.value, Some(policy));
    }

    #[test]
    fn any_body_is_read(
        lines in prop::collection::vec("(version|mode|mx|max_age|x)?[: a-z0-9*.\0é]{0,9}", 0..9),
        end in select(vec!["\n", "\r\n", "\r"]),
    ) {
        let body = lines.join(end).into_bytes();
        assert_sound(&body, &parse_policy(&body));
    }

    #[test]
    fn any_names_are_matched(pattern in "[*.a-cA-Cž]{0,9}", host in "[*.a-cA-Cž]{0,9}") {
        let same = |a: &str, b: &str| covers(&a.to_ascii_uppercase(), b) == covers(a, b);
        prop_assert!(same(&pattern, &host) && same(&host, &pattern));
    }
}
