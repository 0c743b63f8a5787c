//! Tests of zone files: what is a delegation, and what is not written by the rules.

use super::super::list::{self, Found};
use super::*;
use crate::error::Error;
use crate::table::manifest::ListSummary;
use crate::targets::Format;

struct Outcome {
    summary: ListSummary,
    names: Vec<String>,
    rejects: Vec<(u64, Reject)>,
}

fn read_zone(text: impl AsRef<[u8]>) -> Result<Outcome, String> {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("cz.zone");
    std::fs::write(&path, text).unwrap();
    let (mut names, mut rejects) = (Vec::new(), Vec::new());
    let summary = list::read(&path, Format::Zone, |found| {
        match found {
            Found::Name(name, _) => names.push(name),
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

#[test]
fn a_zone_as_people_write_it() {
    let text = "; the zone\n\
        $ORIGIN cz.\n\
        $TTL 1h ; an hour\n\
        @ IN SOA a.ns.nic.cz. hostmaster.nic.cz. ( ; over lines\n\
        \t2026010101 ; serial\n\
        \n\
        \t3600 600 1209600 900 )\n\
        @ NS a.ns.nic.cz.\n\
        \x20 NS b.ns.nic.cz.\n\
        \n\
        a.ns.nic A 192.0.2.1\n\
        First 3600 IN NS ns1.first\n\
        \tIN 3600 NS ns2.first ; once more\n\
        \tDS 1 13 2 ( 00\n11 )\n\
        \tTXT \"; (no comment\" b\n\
        SECOND.CZ. in ns\tns.example.com.\r\n\
        third ns ( ns.example.com. )\n\
        deep.er NS ns\n\
        $ORIGIN co.cz.\n\
        firm NS ns\n\
        @ NS ns\n";
    let read = read_zone(text).unwrap();
    let names = [
        "first.cz",
        "second.cz",
        "third.cz",
        "deep.er.cz",
        "firm.co.cz",
        "co.cz",
    ];
    assert_eq!(read.names, names);
    assert!(read.rejects.is_empty(), "{:?}", read.rejects);
    let s = &read.summary;
    // Directives, SOA, NS of the apex, glue, NS once more, DS, TXT.
    assert_eq!((s.others, s.comments, s.blank), (10, 1, 1));
    assert_eq!(s.lines, 18);
}

#[test]
fn the_answer_to_a_zone_transfer() {
    let text = "; <<>> DiG 9.18 <<>> axfr cz\n\
        ;; global options: +cmd\n\
        cz.\t\t\t86400\tIN\tSOA\ta.ns. h. 1 2 3 4 5\n\
        cz.\t86400\tIN\tRRSIG\tSOA 13 1 86400 20260101000000 20250101000000 1 cz. AAAA==\n\
        cz.\t86400\tIN\tNS\ta.ns.\n\
        0a.cz.\t86400\tIN\tNS\tns.example.\n\
        0a.cz.\t86400\tIN\tNS\tns2.example.\n\
        0a.cz.\t86400\tIN\tDS\t1 13 2 00\n\
        ns.0b.cz.\t86400\tIN\tA\t192.0.2.1\n\
        0b.cz.\t86400\tIN\tNS\tns.0b.cz.\n\
        _x.cz.\t86400\tIN\tNS\tns.example.\n\
        _x.cz.\t86400\tIN\tNS\tns2.example.\n\
        0123456789ABCDEFGHIJKLMNOPQRSTUV.cz. 900 IN NSEC3 1 1 0 - 00 NS SOA\n\
        new.cz.\t86400\tCLASS1\tTYPE2\t\\# 0\n\
        0a.cz.\t86400\tIN\tNS\tns3.example.\n\
        cz.\t\t\t86400\tIN\tSOA\ta.ns. h. 1 2 3 4 5\n\
        ;; XFR size: 9 records\n";
    let read = read_zone(text).unwrap();
    assert_eq!(read.names, ["0a.cz", "0b.cz", "0a.cz"]);
    assert_eq!(read.rejects, [(11, Reject::BadCharacter)]);
    let s = &read.summary;
    assert_eq!((s.lines, s.comments, s.others), (17, 3, 10));
}

#[test]
fn the_apex_is_the_owner_of_the_soa_else_the_origin() {
    // As `rndc dumpdb` and BIND's slaves write it.
    let bind = "$ORIGIN .\n$TTL 1\ncz IN SOA a. b. (1 2 3 4 5)\n NS a.\n$ORIGIN cz.\na NS b\n";
    assert_eq!(read_zone(bind).unwrap().names, ["a.cz"]);
    let origin = "$ORIGIN cz.\n@ NS ns\na NS b\n";
    assert_eq!(read_zone(origin).unwrap().names, ["a.cz"]);
    let neither = "cz. NS ns.\na.cz. NS b.\n";
    assert_eq!(read_zone(neither).unwrap().names, ["a.cz"]);
    // Names lean on the apex where there is no origin, as they do for a name server.
    let relative = "cz. SOA a. b. 1 2 3 4 5\na NS b\n";
    assert_eq!(read_zone(relative).unwrap().names, ["a.cz"]);
    let outside = "cz. SOA a. b. 1 2 3 4 5\na.sk. NS b.\nxcz. NS b.\na.cz. NS b.\n";
    let read = read_zone(outside).unwrap();
    assert_eq!(read.names, ["a.cz"]);
    assert_eq!(
        read.rejects,
        [(2, Reject::OutOfZone), (3, Reject::OutOfZone)]
    );
    let root = ". SOA a. b. 1 2 3 4 5\ncz. NS b.\na.b. NS c.\n";
    let read = read_zone(root).unwrap();
    assert_eq!(read.names, ["a.b"]);
    assert_eq!(read.rejects, [(2, Reject::SingleLabel)]);
}

#[test]
fn what_is_not_written_by_the_rules_is_rejected_and_the_next_line_is_read() {
    let text = "$ORIGIN cz.\n\
        a NS\n\
        b NS c d\n\
        c NX d\n\
        d 1h 2h NS e\n\
        e\n\
        $NEW x\n\
        $ORIGIN\n\
        $TTL soon\n\
        f TXT \"open\n\
        g NS h )\n\
        @ SOA a b 1 2 3\n\
        h\\.i NS j\n\
        j? NS k\n\
        k NS (\n\
        l NS m\n\
        \x20NS n\n";
    let mut bytes = text.as_bytes().to_vec();
    let at = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[at] = 0xe8;
    let read = read_zone(bytes).unwrap();
    assert_eq!(read.names, ["l.cz"]);
    let syntax = |line| (line, Reject::ZoneSyntax);
    let mut expected: Vec<_> = (2..=12).map(syntax).collect();
    expected.extend([
        (13, Reject::BadCharacter),
        (14, Reject::NotUtf8),
        syntax(15),
    ]);
    assert_eq!(read.rejects, expected);
    let s = &read.summary;
    assert_eq!((s.lines, s.others), (17, 2));

    let read = read_zone("a NS b\n@ SOA a b 1 2 3 4 5\n NS c\nd.cz. NS e.\n").unwrap();
    assert_eq!(read.names, ["d.cz"]);
    assert_eq!(read.rejects, [syntax(1), syntax(2), syntax(3)]);
}

#[test]
fn a_parenthesis_that_is_never_closed_costs_its_line() {
    let rest: String = (0..20_000).map(|n| format!("d{n} NS ns\n")).collect();
    let read = read_zone(format!("$ORIGIN cz.\na NS (\n{rest}")).unwrap();
    assert_eq!(read.names.len(), 20_000);
    assert_eq!(read.names[0], "d0.cz");
    assert_eq!(read.rejects, [(2, Reject::ZoneSyntax)]);
    let long = format!(
        "$ORIGIN cz.\na NS b\nb TXT {}\nc NS d\n",
        "x".repeat(LONGEST_RECORD)
    );
    let read = read_zone(long).unwrap();
    assert_eq!(read.names, ["a.cz", "c.cz"]);
    assert_eq!(read.rejects, [(3, Reject::LineTooLong)]);
}

#[test]
fn the_owner_of_a_rejected_entry_is_that_of_the_next_line_without_one() {
    let open = "cz. SOA a. b. 1 2 3 4 5\n\
        a.cz. NS ns.x.cz.\n\
        b.cz. 3600 IN TXT \"open\n\
        \x20 3600 IN NS ns.y.cz.\n\
        c.cz. NS ( ns.y.cz.\n\
        \tNS ns.z.cz.\n";
    let read = read_zone(open).unwrap();
    assert_eq!(read.names, ["a.cz", "b.cz", "c.cz"]);
    let syntax = |line| (line, Reject::ZoneSyntax);
    assert_eq!(read.rejects, [syntax(3), syntax(5)]);
    // Nobody knows what a line without an owner, or a broken directive, was to say.
    for broken in [" TXT \"open", "\tNS b )", "$TTL \"1h"] {
        let text = format!("cz. SOA a. b. 1 2 3 4 5\na.cz. NS b.\n{broken}\n NS c.\nd.cz. NS e.\n");
        let read = read_zone(text).unwrap();
        assert_eq!(read.names, ["a.cz", "d.cz"], "{broken}");
        assert_eq!(read.rejects, [syntax(3), syntax(4)], "{broken}");
    }
}

#[test]
fn directives_that_stand_for_more_are_refused() {
    let said = read_zone("$ORIGIN cz.\na NS b\n$include more.zone\n").err();
    let said = said.expect("refused");
    assert!(said.contains("line 3 has $INCLUDE"), "{said}");
    assert!(
        said.contains("give the included file as another list"),
        "{said}"
    );
    let said = read_zone("$GENERATE 1-9 d$ NS ns\n")
        .err()
        .expect("refused");
    assert!(said.contains("line 1 has $GENERATE"), "{said}");
    let said = read_zone("$ORIGIN cz.\n").err().expect("refused");
    assert!(
        said.contains("has no domain; give a zone with delegations"),
        "{said}"
    );
}
