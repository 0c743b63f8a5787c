//! MTA-STS (RFC 8461): the record, and the policy behind it.

mod policy;

use super::fields;
use super::finding::{Findings, Parsed};
use super::tags;
use super::version::Kind;
use crate::table::record_codes::Fault;

pub use policy::{Mode, Policy, covers, parse_policy};

/// What the record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// `id`; empty where the record has none that can be read.
    pub id: String,
}

/// Reads a record (RFC 8461 3.1). Whatever breaks the grammar is fatal: of a record that is
/// "syntactically invalid, senders MUST assume the recipient domain does not have an available
/// MTA-STS Policy".
pub fn parse(record: &[u8]) -> Parsed<Record> {
    let mut findings = Findings::default();
    if !Kind::MtaSts.claims(record) {
        findings.fatal(Fault::BadVersion, 0..fields::first_field(record));
        return findings.with(None);
    }
    let mut id = None;
    for field in fields::split(record, b"id", &mut findings) {
        match field.name {
            // It is ignored (RFC 8461 3.2), but has to be one by the grammar (3.1).
            b"id" if id.is_some() => match tags::is_extension_value(field.value) {
                true => findings.odd(Fault::Duplicate, field.span),
                false => findings.fatal(Fault::Syntax, field.span),
            },
            b"id" => {
                let sound = matches!(field.value.len(), 1..=32)
                    && field.value.iter().all(u8::is_ascii_alphanumeric);
                if !sound {
                    findings.fatal(Fault::BadValue, field.span.clone());
                }
                let text = String::from_utf8_lossy(field.value).into_owned();
                id = Some(if sound { text } else { String::new() });
            }
            _ => findings.odd(Fault::UnknownTag, field.span),
        }
    }
    if id.is_none() {
        findings.fatal(Fault::Missing, record.len()..record.len());
    }
    findings.with(Some(Record {
        id: id.unwrap_or_default(),
    }))
}

#[cfg(test)]
mod tests {
    use Fault::{
        BadValue, BadVersion, Duplicate, Missing, NotAscii, Syntax, TrailingJunk, UnknownTag,
    };
    use proptest::prelude::*;

    use super::super::tests::{Told, told};
    use super::*;

    #[test]
    fn records_are_read() {
        let long = "1".repeat(32);
        let (at_most, too_long) = (format!("v=STSv1;id={long}"), format!("v=STSv1;id={long}1"));
        // RFC 8461 3.1: the text, the `id`, and the faults with whether they are fatal.
        let table: &[(&str, &str, Told)] = &[
            ("v=STSv1; id=20160831085700Z;", "20160831085700Z", &[]),
            ("v=STSv1;id=1", "1", &[]),
            ("v=STSv1;\tid=1 ; ", "1", &[]),
            ("v=STSv1;x-1.b=c,d;id=1", "1", &[(UnknownTag, false)]),
            // The version, without which records are discarded.
            ("v=STSv1", "", &[(BadVersion, true)]),
            ("v=STSv1 ;id=1", "", &[(BadVersion, true)]),
            ("v = STSv1;id=1", "", &[(BadVersion, true)]),
            ("v=stsv1;id=1", "", &[(BadVersion, true)]),
            ("id=1;v=STSv1;", "", &[(BadVersion, true)]),
            ("", "", &[(BadVersion, true)]),
            // `id`: 1*32(ALPHA / DIGIT), in this case, required.
            (&at_most, &long, &[]),
            (&too_long, "", &[(BadValue, true)]),
            ("v=STSv1;id=", "", &[(BadValue, true)]),
            ("v=STSv1;id=2016-08-31", "", &[(BadValue, true)]),
            ("v=STSv1;", "", &[(Missing, true)]),
            ("v=STSv1;ID=1", "", &[(UnknownTag, false), (Missing, true)]),
            ("v=STSv1;id=1;id=2", "1", &[(Duplicate, false)]),
            ("v=STSv1;id=1;id=2=3", "1", &[(Syntax, true)]),
            // The rest of the grammar.
            ("v=STSv1;id =1", "", &[(Syntax, true), (Missing, true)]),
            ("v=STSv1;id= 1", "", &[(BadValue, true)]),
            ("v=STSv1;id=1;;", "1", &[(Syntax, true)]),
            ("v=STSv1;;id=1", "1", &[(Syntax, true)]),
            ("v=STSv1;id=1;x", "1", &[(Syntax, true)]),
            ("v=STSv1;id=1;x=", "1", &[(Syntax, true)]),
            ("v=STSv1;id=1;rua=", "1", &[(Syntax, true)]),
            ("v=STSv1;id=1;x=a=b", "1", &[(Syntax, true)]),
            ("v=STSv1;id=1 ", "1", &[(TrailingJunk, true)]),
            ("v=STSv1;id=1;x=ž", "1", &[(NotAscii, true)]),
            ("v=STSv1;id=1\0", "", &[(NotAscii, true), (Missing, true)]),
        ];
        for (text, id, faults) in table {
            let parsed = parse(text.as_bytes());
            assert_eq!(told(&parsed), *faults, "{text:?}");
            assert_eq!(parsed.value.unwrap_or_default().id, *id, "{text:?}");
        }
    }

    #[test]
    fn spans_are_those_of_what_is_wrong() {
        let text = "v=STSv1; id=- ; ;x; y=z; \u{1} ";
        let parsed = parse(text.as_bytes());
        let told = parsed.findings.iter().map(|f| &text[f.span.clone()]);
        assert_eq!(
            told.collect::<Vec<_>>(),
            ["id=-", ";x", "y=z", "\u{1}", " "]
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(
            id in "[0-9A-Za-z]{1,32}",
            extensions in prop::collection::vec("[a-z0-9][a-z0-9_.-]{2,31}=[!-:<>-~&&[^=]]{1,9}", 0..4),
            delimiter in "[ \t]{0,2};[ \t]{0,2}",
            ended: bool,
        ) {
            let mut fields = vec![format!("id={id}")];
            fields.extend(extensions.iter().cloned());
            let end = if ended { delimiter.as_str() } else { "" };
            let text = format!("v=STSv1;{}{end}", fields.join(&delimiter));
            let parsed = parse(text.as_bytes());
            prop_assert!(parsed.is_valid());
            prop_assert_eq!(parsed.value, Some(Record { id }));
            prop_assert!(parsed.findings.iter().all(|f| f.fault == UnknownTag));
        }
    }
}
