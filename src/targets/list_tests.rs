//! Tests of reading lists: packed, cut off, with odd line ends and encodings.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::super::name::LONGEST_LINE;
use super::*;
use crate::error::Error;

struct Outcome {
    summary: ListSummary,
    names: Vec<String>,
    facts: Vec<Facts>,
    rejects: Vec<(u64, Reject, usize)>,
}

fn file(folder: &TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("list");
    fs::write(&path, bytes).unwrap();
    path
}

fn read_bytes(bytes: &[u8]) -> Result<Outcome> {
    read_as(Format::Auto, bytes)
}

fn read_as(format: Format, bytes: &[u8]) -> Result<Outcome> {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, bytes);
    let (mut names, mut facts, mut rejects) = (Vec::new(), Vec::new(), Vec::new());
    let summary = read(&path, format, |found| {
        match found {
            Found::Name(name, said) => {
                names.push(name);
                facts.push(said);
            }
            Found::Reject { line, reason, text } => rejects.push((line, reason, text.len())),
        }
        Ok(())
    })?;
    assert_eq!(
        hash_only(&path)?,
        (summary.sha256.clone(), bytes.len() as u64)
    );
    let s = &summary;
    assert_eq!(
        s.lines,
        s.blank + s.comments + s.others + s.rejects + s.names
    );
    assert_eq!(
        (s.names, s.rejects),
        (names.len() as u64, rejects.len() as u64)
    );
    Ok(Outcome {
        summary,
        names,
        facts,
        rejects,
    })
}

fn problem(bytes: &[u8]) -> String {
    match read_bytes(bytes) {
        Err(Error::Input { problem, .. }) => problem,
        Err(other) => panic!("{other}"),
        Ok(read) => panic!("accepted {:?}", read.summary),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn many(count: usize) -> String {
    (0..count)
        .map(|n| format!("{:x}.example{n}.cz\n", n * 2_654_435_761))
        .collect()
}

#[test]
fn byte_order_mark_crlf_and_unicode_are_read() {
    let text = "\u{feff}První.cz\r\n\r\n# comment\r\nbad name\r\nžluť.cz # second\r\nc.cz";
    let read = read_bytes(text.as_bytes()).unwrap();
    assert_eq!(read.names, ["xn--prvn-ypa.cz", "xn--lu-yta1h.cz", "c.cz"]);
    assert_eq!(read.rejects, [(4, Reject::BadCharacter, 9)]);
    let s = read.summary;
    assert_eq!((s.lines, s.blank, s.comments), (6, 1, 1));
    assert!(s.unterminated);
    assert!(!read_bytes(b"c.cz\n").unwrap().summary.unterminated);
}

#[test]
fn the_hash_is_that_of_the_file() {
    let read = read_bytes(b"abc.cz\n").unwrap();
    let expected = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"abc.cz\n");
    assert_eq!(read.summary.sha256, crate::text::hex(expected.as_ref()));
    assert_eq!(read.summary.bytes, 7);
}

#[test]
fn long_lines_are_rejected_and_the_next_line_is_read() {
    for length in [
        LONGEST_LINE,
        LONGEST_LINE + 1,
        LONGEST_LINE * 2 + 2,
        1_000_000,
    ] {
        let line = "x".repeat(length);
        let read = read_bytes(format!("a.cz\n{line}\nb.cz\n{line}").as_bytes()).unwrap();
        assert_eq!(read.names, ["a.cz", "b.cz"]);
        assert_eq!((read.rejects[0].0, read.rejects[1].0), (2, 4));
        assert!(
            read.rejects
                .iter()
                .all(|reject| reject.2 <= LONGEST_LINE + 1)
        );
        let expected = if length > LONGEST_LINE {
            Reject::LineTooLong
        } else {
            Reject::LabelTooLong
        };
        assert_eq!(read.rejects[0].1, expected, "{length}");
        assert!(read.summary.unterminated);
    }
    let padded = format!("a.cz{}\nb.cz\n", " ".repeat(LONGEST_LINE - 4));
    assert_eq!(
        read_bytes(padded.as_bytes()).unwrap().names,
        ["a.cz", "b.cz"]
    );
}

#[test]
fn packed_lists_are_unpacked() {
    let text = many(5_000);
    let plain = read_bytes(text.as_bytes()).unwrap();
    let (front, back) = text.split_at(text.len() / 2);
    let skippable = [
        &[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7][..],
        &zstd(text.as_bytes()),
    ]
    .concat();
    let packed = [
        gzip(text.as_bytes()),
        [gzip(front.as_bytes()), gzip(b""), gzip(back.as_bytes())].concat(),
        zstd(text.as_bytes()),
        [zstd(front.as_bytes()), zstd(back.as_bytes())].concat(),
        skippable,
    ];
    for bytes in packed {
        let read = read_bytes(&bytes).unwrap();
        assert_eq!(read.names, plain.names);
        assert_eq!(read.summary.bytes, bytes.len() as u64);
    }
    let open_end = read_bytes(&gzip(b"a.cz")).unwrap();
    assert!(
        !open_end.summary.unterminated,
        "the checksum says that it is whole"
    );
}

#[test]
fn a_cut_archive_is_refused_wherever_it_was_cut() {
    let text = many(20_000);
    for (name, bytes) in [
        ("gzip", gzip(text.as_bytes())),
        ("zstd", zstd(text.as_bytes())),
    ] {
        let end = bytes.len();
        for cut in [
            4,
            5,
            9,
            10,
            11,
            20,
            end / 3,
            end / 2,
            end - 9,
            end - 8,
            end - 4,
            end - 1,
        ] {
            let expected = format!("the {name} stream ends early; fetch the list again");
            assert_eq!(problem(&bytes[..cut]), expected, "cut at {cut} of {end}");
        }
        for cut in 0..4 {
            problem(&bytes[..cut]);
        }
    }
    let two = [gzip(b"a.cz\n"), gzip(b"b.cz\n")].concat();
    assert!(problem(&two[..two.len() / 2 + 5]).contains("ends early"));
}

#[test]
fn a_damaged_archive_is_refused() {
    let text = many(20_000);
    for (name, bytes) in [
        ("gzip", gzip(text.as_bytes())),
        ("zstd", zstd(text.as_bytes())),
    ] {
        let checksum = if name == "gzip" {
            bytes.len() - 6
        } else {
            bytes.len() - 2
        };
        for at in [bytes.len() / 2, checksum] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            let said = problem(&damaged);
            assert!(said.starts_with(&format!("the {name} stream ")), "{said}");
            assert!(said.ends_with("fetch the list again"), "{said}");
        }
    }
}

#[test]
fn garbage_after_an_archive_is_refused() {
    for garbage in [&b"x"[..], b"\0\0\0\0", b"c.cz\n", b"<html>error</html>"] {
        let said = problem(&[&gzip(b"a.cz\nb.cz\n")[..], garbage].concat());
        assert!(
            said.contains("something that is not gzip follows its end"),
            "{said}"
        );
        let said = problem(&[&zstd(b"a.cz\nb.cz\n")[..], garbage].concat());
        assert!(said.starts_with("the zstd stream "), "{said}");
    }
}

#[test]
fn what_is_no_list_is_refused_in_one_sentence() {
    let utf16: Vec<u8> = "\u{feff}a.cz\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(problem(&utf16).contains("iconv"));
    assert!(problem(b"PK\x03\x04 and more").contains("unzip"));
    assert!(problem(b"\xfd7zXZ\0").contains("xz -dc"));
    // A frame with a window of 2^28 bytes.
    assert!(problem(b"\x28\xb5\x2f\xfd\x00\x90\x01\0\0\0\0\0").contains("without --long"));
    assert_eq!(problem(b""), "is empty; fetch the list again");
    assert!(problem(b"# nothing\n\n").contains("has no domain; give"));
    assert_eq!(
        problem(b"# list\n<html>\n<body>\n"),
        "has no domain: 2 lines are refused (the first is line 2: bad_character); give one domain \
         per line, or choose another --list-format"
    );
    for line in ["company,city", "company;a.cz", "company\ta.cz"] {
        let said = problem(format!("# list\n{line}\n").as_bytes());
        assert_eq!(
            said,
            "has no domain: 1 line is refused (line 2: bad_character); give one domain per line \
             or CSV with a column named domain, or choose another --list-format"
        );
    }

    let folder = TempDir::new().unwrap();
    let said = hash_only(folder.path()).unwrap_err().to_string();
    assert!(said.contains("is a folder"), "{said}");
    let said = hash_only(&folder.path().join("absent")).unwrap_err();
    assert!(matches!(said, Error::Input { .. }) && said.to_string().contains("cannot open"));
}

#[test]
fn every_format_is_read_packed_and_plain() {
    let zone = "$ORIGIN cz.\n@ SOA a b 1 2 3 4 5\na NS ns\nb NS ns\n";
    let cases = [
        ("plain", "a.cz\nb.cz\n", None),
        ("csv", "rank;Domain\n1;a.cz\n2;b.cz\n", Some(1)),
        ("tranco", "1,a.cz\r\n2,b.cz\r\n", Some(1)),
        ("zone", zone, None),
    ];
    for (format, text, rank) in cases {
        for bytes in [
            text.into(),
            gzip(text.as_bytes()),
            zstd(text.as_bytes()),
            format!("\u{feff}{text}").into_bytes(),
        ] {
            let read = read_bytes(&bytes).unwrap();
            assert_eq!(read.summary.format, format);
            assert_eq!(read.names, ["a.cz", "b.cz"], "{format}");
            assert_eq!(read.facts[0].rank, rank, "{format}");
            assert!(read.rejects.is_empty());
        }
        // Found in the middle of a record as well as between two.
        let packed = gzip(text.repeat(9_999).as_bytes());
        assert!(problem(&packed[..packed.len() / 2]).contains("ends early"));
    }
}

#[test]
fn a_format_that_was_chosen_is_not_guessed() {
    let text = b"domain\n1,a.cz\nb.cz\n";
    let read = read_as(Format::Plain, text).unwrap();
    assert_eq!(read.names, ["b.cz"]);
    let reasons = |read: &Outcome| -> Vec<_> {
        let rejects = read.rejects.iter();
        rejects.map(|(line, reason, _)| (*line, *reason)).collect()
    };
    assert_eq!(
        reasons(&read),
        [(1, Reject::SingleLabel), (2, Reject::BadCharacter)]
    );
    let read = read_as(Format::Tranco, b"0,a.cz\n,b.cz\nx,c.cz\n1, d.cz \n5\n# 6\n").unwrap();
    assert_eq!(read.names, ["a.cz", "d.cz"]);
    assert_eq!(read.facts[1].rank, Some(1));
    assert_eq!(
        reasons(&read),
        [
            (2, Reject::BadRank),
            (3, Reject::BadRank),
            (5, Reject::FieldCount)
        ]
    );
    let refused = |format, text: &[u8]| match read_as(format, text) {
        Err(Error::Input { problem, .. }) => problem,
        other => panic!("{:?}", other.map(|read| read.summary)),
    };
    assert!(refused(Format::Csv, b"a.cz\nb.cz\n").contains("no column domain"));
    assert!(refused(Format::Zone, b"a.cz\nb.cz\n").contains("give a zone with delegations"));
    assert!(refused(Format::Tranco, b"a.cz\n").contains("1 line is refused (line 1: field_count)"));
    assert!(!refused(Format::Plain, b"company,city\n").contains("CSV"));
}

#[test]
fn an_error_of_the_receiver_ends_the_reading() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, b"a.cz\nb.cz\n");
    let mut seen = 0;
    let result = read(&path, Format::Auto, |_| {
        seen += 1;
        Err(Error::Interrupted)
    });
    assert!(matches!(result, Err(Error::Interrupted)));
    assert_eq!(seen, 1);
}
