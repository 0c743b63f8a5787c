//! Tests of CSV: quotes, headers, and what does not fit.

use super::super::list::{self, Found};
use super::*;
use crate::error::Error;
use crate::table::manifest::ListSummary;
use crate::targets::Format;

struct Outcome {
    summary: ListSummary,
    names: Vec<(String, Facts)>,
    rejects: Vec<(u64, Reject)>,
}

fn read_csv(text: impl AsRef<[u8]>) -> Result<Outcome, String> {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("list.csv");
    std::fs::write(&path, text).unwrap();
    let (mut names, mut rejects) = (Vec::new(), Vec::new());
    let summary = list::read(&path, Format::Csv, |found| {
        match found {
            Found::Name(name, facts) => names.push((name, facts)),
            Found::Reject { line, reason, .. } => rejects.push((line, reason)),
        }
        Ok(())
    });
    match summary {
        Ok(summary) => Ok(Outcome {
            summary,
            names,
            rejects,
        }),
        Err(Error::Input { problem, .. }) => Err(problem),
        Err(other) => panic!("{other}"),
    }
}

fn tags(outcome: &Outcome, at: usize) -> Vec<(&str, &str)> {
    let tags = outcome.names[at].1.tags.iter();
    tags.map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[test]
fn quotes_and_newlines_in_fields_are_read() {
    let text = "note,\"Domain\",\"the \"\"tag\"\"\"\r\n\
                \"two\nlines, one field\", A.cz ,\"b;\"\"c\"\"\"\r\n\
                \n\
                \"#1\",b.cz,\r\n\
                ,\"c.cz\", x ";
    let read = read_csv(text).unwrap();
    let names: Vec<_> = read.names.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.cz", "b.cz", "c.cz"]);
    let first = [
        ("note", "two\nlines, one field"),
        ("the \"tag\"", "b;\"c\""),
    ];
    assert_eq!(tags(&read, 0), first);
    assert_eq!(tags(&read, 1), [("note", "#1")]);
    assert_eq!(tags(&read, 2), [("the \"tag\"", "x")]);
    let s = &read.summary;
    assert_eq!((s.lines, s.others, s.blank, s.names), (5, 1, 1, 3));
    assert!(s.unterminated);
}

#[test]
fn every_delimiter_and_place_of_the_columns() {
    for text in [
        "domain,rank\na.cz,7\n",
        "RANK;Domain\n7;a.cz\n",
        "x\trank\tDOMAIN\n\t7\ta.cz\n",
        "# made by hand\n\nrank;domain\n7;a.cz\n",
        "; made by hand, of zones\n# in 2026\nrank;domain\n7;a.cz\n",
    ] {
        let read = read_csv(text).unwrap();
        assert_eq!(read.names[0].0, "a.cz", "{text:?}");
        assert_eq!(read.names[0].1.rank, Some(7), "{text:?}");
        assert!(read.names[0].1.tags.is_empty(), "{text:?}");
    }
    assert_eq!(read_csv("domain\na.cz\nb.cz\n").unwrap().names.len(), 2);
}

#[test]
fn records_that_do_not_fit_are_rejected_one_by_one() {
    let text = "domain,rank,sector\n\
                a.cz,1,x\n\
                b.cz,first,x\n\
                c.cz,-1,x\n\
                d.cz,1\n\
                e.cz,1,x,y\n\
                ,1,x\n\
                no domain,1,x\n\
                # f.cz\n\
                g.cz,,\n\
                192.0.2.1,1,\n";
    let read = read_csv(text).unwrap();
    let names: Vec<_> = read.names.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.cz", "g.cz"]);
    assert_eq!(read.names[1].1, Facts::default());
    let expected = [
        (3, Reject::BadRank),
        (4, Reject::BadRank),
        (5, Reject::FieldCount),
        (6, Reject::FieldCount),
        (7, Reject::EmptyLabel),
        (8, Reject::BadCharacter),
        (11, Reject::IpAddress),
    ];
    assert_eq!(read.rejects, expected);
    assert_eq!(read.summary.comments, 1);
    let read = read_csv(b"domain,x\na.cz,\xe8\nb.cz,y\n").unwrap();
    assert_eq!(read.rejects, [(2, Reject::NotUtf8)]);
}

#[test]
fn a_hash_in_front_is_a_comment_only_where_a_domain_would_stand() {
    let read = read_csv("note,domain\n#1,a.cz\n").unwrap();
    assert_eq!(tags(&read, 0), [("note", "#1")]);
}

#[test]
fn a_quote_that_is_never_closed_costs_its_line() {
    let read = read_csv("domain,x\na.cz,\"open\nb.cz,y\nc.cz,z").unwrap();
    let names: Vec<_> = read.names.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["b.cz", "c.cz"]);
    assert_eq!(read.rejects, [(2, Reject::UnclosedQuote)]);
    assert!(read.summary.unterminated);

    // The same far from the end of the list: no more than a record may have is kept.
    let rest: String = (0..20_000).map(|n| format!("d{n}.cz,y\n")).collect();
    let read = read_csv(format!("domain,x\na.cz,\"open\n{rest}")).unwrap();
    assert_eq!(read.names.len(), 20_000);
    assert_eq!(read.names[0].0, "d0.cz");
    assert_eq!(read.rejects, [(2, Reject::UnclosedQuote)]);
    assert_eq!(read.summary.lines, 20_002);
}

#[test]
fn two_stray_quotes_cost_no_line_between_them() {
    let between: String = (0..1_500).map(|n| format!("d{n}.cz,Firma {n}\n")).collect();
    for end in [
        "z.cz,\"Bar\"\n",
        "z.cz,\"Bar\" inn\r\n",
        "z.cz,Bar \"inn\"\n",
    ] {
        let read = read_csv(format!("domain,name\na.cz,\"Hotel\n{between}{end}")).unwrap();
        assert_eq!(read.names.len(), 1_501, "{end:?}");
        assert_eq!(read.names[0].0, "d0.cz");
        assert_eq!(tags(&read, 1_499), [("name", "Firma 1499")]);
        assert_eq!(read.names[1_500].0, "z.cz");
        assert_eq!(read.rejects, [(2, Reject::UnclosedQuote)]);
        assert_eq!(read.summary.lines, 1_503);
    }
    // On its first line, too: what is loose there may be loose in what it opens.
    let read = read_csv("domain,x,y\na.cz,\"b\"c,\"d\ne.cz,,f\ng.cz,,\"\n").unwrap();
    assert_eq!(read.names.len(), 1, "{:?}", read.names);
    assert_eq!(read.rejects[0], (2, Reject::UnclosedQuote));
    // A record of one line may be loose: it takes nothing from others.
    let read = read_csv("domain,x\na.cz,\"b\" c\nd.cz,e \"f\n").unwrap();
    assert_eq!(tags(&read, 0), [("x", "b c")]);
    assert_eq!(tags(&read, 1), [("x", "e \"f")]);
    assert!(read.rejects.is_empty(), "{:?}", read.rejects);
}

#[test]
fn records_have_a_largest_size() {
    let fits = "x".repeat(LONGEST_RECORD - 5);
    let read = read_csv(format!("domain,x\na.cz,{fits}\nb.cz,{fits}x\nc.cz,\n")).unwrap();
    let names: Vec<_> = read.names.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.cz", "c.cz"]);
    assert_eq!(read.rejects, [(3, Reject::LineTooLong)]);
    let lines = "y\n".repeat(LONGEST_RECORD / 2 - 8);
    let read = read_csv(format!("domain,x\na.cz,\"{lines}\"\nb.cz,\n")).unwrap();
    assert_eq!(read.names[0].1.tags["x"].len(), lines.len() - 1);
    assert_eq!(read.names.len(), 2);
}

#[test]
fn headers_that_cannot_be_used_are_refused_in_one_sentence() {
    let long = format!("domain,{}\na.cz,\n", "x".repeat(LONGEST_RECORD));
    for (text, words) in [
        ("name,rank\na.cz,1\n", "no column domain in its header"),
        ("domain,,x\na.cz,,\n", "no name for column 2"),
        ("domain,x,\na.cz,,\n", "no name for column 3"),
        ("domain,x,Domain\na.cz,,\n", "the column Domain twice"),
        ("x,domain,y,X\n,a.cz,,\n", "the column X twice"),
        ("domain,\"x\na.cz,1\n", "cannot be read (unclosed_quote)"),
        (long.as_str(), "cannot be read (line_too_long)"),
        ("domain,x\n", "has no domain; give the domains"),
    ] {
        let said = read_csv(text).err().expect(words);
        assert!(said.contains(words), "{words}: {said}");
        assert!(said.contains("; "), "what to do: {said}");
    }
    let said = read_csv(b"domain,\xe8\na.cz,\n").err().expect("refused");
    assert!(said.contains("not UTF-8"), "{said}");
}
