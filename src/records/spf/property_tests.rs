//! What holds for any bytes, any record and any answers.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

use proptest::collection::vec;
use proptest::prelude::*;

use super::graph::{Facts, Known, LOOKUPS_COUNTED, MX_ASKED, Question, evaluate};
use super::{Record, parse};
use crate::records::Parsed;
use crate::records::version::Kind;
use crate::table::codes::ErrorCode;

/// Words of which records are made, good ones and bad ones.
const WORDS: &[&str] = &[
    "v=spf1",
    " ",
    "  ",
    "+",
    "-",
    "~",
    "?",
    "all",
    "include",
    "a",
    "mx",
    "ptr",
    "ip4",
    "ip6",
    "exists",
    "redirect=",
    "exp=",
    "x=",
    ":",
    "/",
    "//",
    "24",
    "32",
    "128",
    "0",
    "033",
    ".",
    "n1.cz",
    "n2.cz",
    "N3.cz.",
    "%{d}",
    "%{i}",
    "%{l2r-}",
    "%{",
    "%%",
    "%_",
    "%-",
    "%",
    "192.0.2.1",
    "2001:db8::1",
    "\0",
    "\t",
    "\u{e9}",
    "=",
    "}",
];

fn any_text() -> impl Strategy<Value = String> {
    vec(prop::sample::select(WORDS), 0..40).prop_map(|words| words.concat())
}

fn domain_spec() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(&[
        "a", "B1.", "x-y.", "_", "%{i}", "%{L2r+-}", "%%", "%_", ":", "/",
    ]);
    let end = prop::sample::select(&[".cz", ".xn--a.", "%{d}", "%-"]);
    (vec(piece, 0..5), end).prop_map(|(pieces, end)| pieces.concat() + end)
}

/// Terms in the form in which they are printed.
fn directive() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(&["", "-", "~", "?"]);
    let prefixes = (0..=32u8, 0..=128u8).prop_map(|(v4, v6)| {
        let v4 = if v4 == 32 {
            String::new()
        } else {
            format!("/{v4}")
        };
        let v6 = if v6 == 128 {
            String::new()
        } else {
            format!("//{v6}")
        };
        v4 + &v6
    });
    let name = prop_oneof![
        Just(String::new()),
        domain_spec().prop_map(|spec| format!(":{spec}"))
    ];
    let mechanism = prop_oneof![
        Just("all".to_owned()),
        domain_spec().prop_map(|spec| format!("include:{spec}")),
        domain_spec().prop_map(|spec| format!("exists:{spec}")),
        name.clone().prop_map(|name| format!("ptr{name}")),
        (prop::sample::select(&["a", "mx"]), name, prefixes)
            .prop_map(|(kind, name, prefixes)| format!("{kind}{name}{prefixes}")),
        (any::<u32>(), 0..32u8)
            .prop_map(|(bits, length)| format!("ip4:{}/{length}", IpAddr::V4(bits.into()))),
        any::<u128>().prop_map(|bits| format!("ip6:{}", IpAddr::V6(bits.into()))),
    ];
    (sign, mechanism).prop_map(|(sign, mechanism)| format!("{sign}{mechanism}"))
}

fn canonical_record() -> impl Strategy<Value = String> {
    let redirect = proptest::option::of(domain_spec().prop_map(|spec| format!("redirect={spec}")));
    let exp = proptest::option::of(domain_spec().prop_map(|spec| format!("exp={spec}")));
    let unknown = vec("[a-zA-Z][a-z0-9._-]{8,9}=([!-$&-~]|%%|%\\{s\\}){0,8}", 0..3);
    (vec(directive(), 0..12), redirect, exp, unknown).prop_map(
        |(directives, redirect, exp, unknown)| {
            let modifiers = redirect.into_iter().chain(exp).chain(unknown);
            let terms: Vec<String> = directives.into_iter().chain(modifiers).collect();
            ["v=spf1"]
                .into_iter()
                .map(str::to_owned)
                .chain(terms)
                .collect::<Vec<_>>()
                .join(" ")
        },
    )
}

/// Findings lie in the record, in order; a record without a fatal one has a value.
fn check(bytes: &[u8], parsed: &Parsed<Record>) -> Result<(), TestCaseError> {
    let mut before = 0;
    for finding in &parsed.findings {
        prop_assert!(finding.span.start <= finding.span.end);
        prop_assert!(finding.span.end <= bytes.len());
        prop_assert!(before <= finding.span.start);
        before = finding.span.start;
    }
    prop_assert_eq!(parsed.value.is_some(), Kind::Spf.claims(bytes));
    for directive in parsed.value.iter().flat_map(|record| &record.directives) {
        let text = std::str::from_utf8(&bytes[directive.span.clone()]).unwrap();
        prop_assert!(!text.contains(' ') && !text.is_empty());
    }
    Ok(())
}

/// Answers to any question, each made of its number among those asked.
struct Answers {
    texts: Vec<Vec<u8>>,
    asked: RefCell<BTreeMap<Question, usize>>,
    /// Whether questions have to be asked before they are answered.
    is_lazy: bool,
}

impl Answers {
    fn number(&self, question: Question) -> Option<usize> {
        let mut asked = self.asked.borrow_mut();
        let next = asked.len();
        if self.is_lazy {
            return asked.get(&question).copied();
        }
        Some(*asked.entry(question).or_insert(next))
    }
}

impl Facts for Answers {
    fn policy(&self, name: &str) -> Option<Known<Vec<u8>>> {
        let number = self.number(Question::Policy(name.to_owned()))?;
        if number % 7 == 6 {
            return Some(Known::Failed(ErrorCode::Servfail));
        }
        let texts = self
            .texts
            .iter()
            .cycle()
            .skip(number)
            .take(usize::from(number % 5 != 4));
        Some(Known::Data(texts.cloned().collect()))
    }

    fn addresses(&self, name: &str) -> Option<Known<IpAddr>> {
        let number = self.number(Question::Addresses(name.to_owned()))?;
        let last = u8::try_from(number % 256).unwrap();
        let both = [
            IpAddr::from([192, 0, 2, last]),
            IpAddr::from([0, 0, 0, 0, 0, 0, 0, u16::from(last)]),
        ];
        Some(Known::Data(both[..number % 3].to_vec()))
    }

    fn exchanges(&self, name: &str) -> Option<Known<String>> {
        let number = self.number(Question::Exchanges(name.to_owned()))?;
        Some(Known::Data(
            (0..number % 15)
                .map(|at| format!("mx{at}.{name}"))
                .collect(),
        ))
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in vec(any::<u8>(), 0..200), text in any_text()) {
        for bytes in [bytes.clone(), [b"v=spf1 ", bytes.as_slice()].concat(), text.into_bytes()] {
            check(&bytes, &parse(&bytes))?;
        }
    }

    #[test]
    fn what_was_read_is_printed_and_read_again(text in any_text()) {
        let text = format!("v=spf1 {text}");
        let record = parse(text.as_bytes()).value.unwrap();
        let printed = record.to_string();
        let again = parse(printed.as_bytes());
        prop_assert!(again.is_valid(), "{printed}");
        prop_assert_eq!(without_spans(again.value.unwrap()), without_spans(record));
    }

    #[test]
    fn canonical_records_are_printed_as_they_were(text in canonical_record()) {
        let parsed = parse(text.as_bytes());
        prop_assert!(parsed.is_valid(), "{text} {:?}", parsed.findings);
        let record = parsed.value.unwrap();
        prop_assert_eq!(record.to_string(), text.clone());
        prop_assert_eq!(parse(record.to_string().as_bytes()).value.unwrap(), record);
    }

    #[test]
    fn any_answers_come_to_an_end(root in any_text(), texts in vec(any_text(), 1..8)) {
        let record = parse(format!("v=spf1 {root}").as_bytes()).value.unwrap();
        let texts: Vec<_> = texts.iter().map(|text| format!("v=spf1 {text}").into_bytes()).collect();
        let at_once = Answers { texts: texts.clone(), asked: RefCell::default(), is_lazy: false };
        prop_assert_eq!(evaluate("n1.cz", &record, &at_once).open, []);
        let facts = Answers { texts, asked: RefCell::default(), is_lazy: true };
        let limit = usize::from(LOOKUPS_COUNTED);
        let mut rounds = 0;
        loop {
            let graph = evaluate("n1.cz", &record, &facts);
            prop_assert!(graph.lookups <= LOOKUPS_COUNTED);
            prop_assert!(graph.open.len() <= limit * MX_ASKED);
            prop_assert_eq!(graph.fault_at.is_some(), graph.fault.is_some() || graph.error.is_some());
            if graph.open.is_empty() {
                break;
            }
            for question in graph.open {
                let mut asked = facts.asked.borrow_mut();
                let next = asked.len();
                prop_assert_eq!(asked.insert(question, next), None, "asked twice");
            }
            rounds += 1;
            // An include, redirect or mx for each round, and the addresses of the last mail hosts.
            prop_assert!(rounds <= limit + 1);
        }
    }
}

fn without_spans(mut record: Record) -> Record {
    for directive in &mut record.directives {
        directive.span = 0..0;
    }
    record
}

#[test]
fn records_of_64_kib_are_read() {
    let terms = " ip4:192.0.2.1".repeat(65536 / 14);
    let record = parse(format!("v=spf1{terms}").as_bytes()).value.unwrap();
    assert_eq!(record.directives.len(), 65536 / 14);
    for bytes in [
        [b"v=spf1 ".as_slice(), &[b'%'; 65536]].concat(),
        vec![b' '; 65536],
    ] {
        assert!(parse(&bytes).fault().is_some());
    }
    let nested = format!("v=spf1 a:{}cz", "%{d}.".repeat(13000));
    let record = parse(nested.as_bytes()).value.unwrap();
    let facts = Answers {
        texts: vec![Vec::new()],
        asked: RefCell::default(),
        is_lazy: false,
    };
    assert_eq!(evaluate("n1.cz", &record, &facts).lookups, 1);
}
