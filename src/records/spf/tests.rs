//! Which records are valid, what is wrong with others and where, and how records are written.

use super::*;

/// Every finding as `fault@start..end`, a `!` before the fatal ones.
fn findings(record: &[u8]) -> Vec<String> {
    let parsed = parse(record);
    let lines = parsed.findings.iter().map(|finding| {
        let sign = if finding.fatal { "!" } else { "" };
        let span = &finding.span;
        format!(
            "{sign}{}@{}..{}",
            finding.fault.as_str(),
            span.start,
            span.end
        )
    });
    lines.collect()
}

#[test]
fn valid_records_have_no_findings() {
    let long_label = format!("v=spf1 include:{}.cz", "a".repeat(63));
    let table = [
        "v=spf1",
        "V=SPF1   -ALL  ",
        "v=spf1 +a ~mx ?exists:%{i}._spf.example.cz -all",
        "v=spf1 a:foo:bar/baz.example.com/24//64 mx//0 a/0",
        "v=spf1 a:example.cz./24 include:EXAMPLE.xn--zckzah",
        "v=spf1 a:_spf.1-2 a:x.a1",
        "v=spf1 exists:%{d}%{L2r+-}%{ir.}.%{v}.%{o4294967296R/_=,} redirect=%{d2}",
        "v=spf1 a:macro%%percent%_%_space%-url-space.example.com a:x%%/24 a:%{d./}//7",
        "v=spf1 ip4:192.0.2.0/24 ip4:0.0.0.0/0 ip6:2001:DB8::/32 ip6:::1.1.1.1/128 ip6:::",
        "v=spf1 moo.cow-far_out=man:dog/cat x= default=+ a=b=c exp=exp.example.cz -all",
        "v=spf1 a.b=%%%_%-%{s}",
        long_label.as_str(),
    ];
    for record in table {
        assert_eq!(findings(record.as_bytes()), [""; 0], "{record}");
        assert!(parse(record.as_bytes()).is_valid(), "{record}");
    }
}

#[test]
fn faults_have_their_code_and_place() {
    let table: &[(&str, &[&str])] = &[
        ("", &["!bad_version@0..0"]),
        ("v=spf10 -all", &["!bad_version@0..7"]),
        ("v=spf1\t-all", &["!bad_version@0..11"]),
        (" v=spf1", &["!bad_version@0..0"]),
        ("v=spf1 -all moo", &["!unknown_mechanism@12..15"]),
        (
            "v=spf1 -all. +x:y",
            &["!unknown_mechanism@8..12", "!unknown_mechanism@14..15"],
        ),
        ("v=spf1 redirect:a.cz", &["!unknown_mechanism@7..15"]),
        ("v=spf1 moo.cow/far=man", &["!unknown_mechanism@7..14"]),
        ("v=spf1 1up=foo", &["!syntax@7..14"]),
        ("v=spf1 =all", &["!syntax@7..11"]),
        ("v=spf1 - -all", &["!syntax@7..8"]),
        ("v=spf1 +-all", &["!syntax@7..12"]),
        ("v=spf1 -redirect=a.cz", &["!syntax@7..21"]),
        ("v=spf1 -all:x", &["!syntax@11..13"]),
        ("v=spf1 all/8", &["!syntax@10..12"]),
        ("v=spf1 all;", &["!syntax@7..11"]),
        ("v=spf1 ptr/0", &["!syntax@10..12"]),
        ("v=spf1 include/8", &["!syntax@14..16"]),
        ("v=spf1 include", &["!missing@7..14"]),
        ("v=spf1 -exists", &["!missing@7..14"]),
        ("v=spf1 ip4", &["!missing@7..10"]),
        ("v=spf1 ip6", &["!missing@7..10"]),
        ("v=spf1 a:", &["!bad_name@7..9"]),
        ("v=spf1 a:/24", &["!bad_name@7..12"]),
        ("v=spf1 redirect=", &["!bad_name@7..16"]),
        ("v=spf1 include:a.cz/24", &["!bad_name@15..22"]),
        ("v=spf1 exp=-all", &["!bad_name@11..15"]),
        ("v=spf1 a:museum.", &["!bad_name@9..16"]),
        ("v=spf1 a:111.222.33.44", &["!bad_name@9..22"]),
        ("v=spf1 a:a.-com", &["!bad_name@9..15"]),
        ("v=spf1 a:a.com-", &["!bad_name@9..15"]),
        ("v=spf1 a:a.cz..", &["!bad_name@9..15"]),
        ("v=spf1 a:example.com:8080", &["!bad_name@9..25"]),
        ("v=spf1 a:%{d}x", &["!bad_name@9..14"]),
        ("v=spf1 a:%{d}.", &["!bad_name@9..14"]),
        ("v=spf1 a:b.cz/24/64", &["!bad_prefix@13..19"]),
        ("v=spf1 a/33", &["!bad_prefix@8..11"]),
        ("v=spf1 a//129", &["!bad_prefix@8..13"]),
        ("v=spf1 mx/", &["!bad_prefix@9..10"]),
        ("v=spf1 mx/+8", &["!bad_prefix@9..12"]),
        ("v=spf1 mx/8//", &["!bad_prefix@9..13"]),
        ("v=spf1 mx/8///9", &["!bad_prefix@9..15"]),
        ("v=spf1 ip4:1.2.3.4/032", &["!bad_prefix@18..22"]),
        ("v=spf1 ip4:1.2.3.4//32", &["!bad_prefix@18..22"]),
        ("v=spf1 ip6:::1/129", &["!bad_prefix@14..18"]),
        ("v=spf1 ip4:", &["!bad_address@7..11"]),
        ("v=spf1 ip4:1.2.3", &["!bad_address@11..16"]),
        ("v=spf1 ip4:01.2.3.4", &["!bad_address@11..19"]),
        ("v=spf1 ip4:1.2.3.4:25", &["!bad_address@11..21"]),
        ("v=spf1 ip6::CAFE::BABE", &["!bad_address@11..22"]),
        ("v=spf1 ip6:1.2.3.4", &["!bad_address@11..18"]),
        ("v=spf1 ip6:fe80::1%25", &["!bad_address@11..21"]),
        ("v=spf1 a:%(ir).b.cz", &["!bad_macro@9..11"]),
        ("v=spf1 a:b.cz%", &["!bad_macro@13..14"]),
        ("v=spf1 a:%{d.b.cz", &["!bad_macro@9..17"]),
        ("v=spf1 a:%{}.b.cz", &["!bad_macro@9..12"]),
        ("v=spf1 a:%{x}.b.cz", &["!bad_macro@9..13"]),
        ("v=spf1 a:%{d0}.b.cz", &["!bad_macro@9..14"]),
        ("v=spf1 a:%{dr2}.b.cz", &["!bad_macro@9..15"]),
        ("v=spf1 a:%{d:}.b.cz", &["!bad_macro@9..14"]),
        ("v=spf1 exp=%{r}.b.cz", &["!bad_macro@11..15"]),
        ("v=spf1 foo=%abc", &["!bad_macro@11..13"]),
        ("v=spf1 exp=a.cz EXP=b.cz", &["!duplicate@16..24"]),
        (
            "v=spf1 redirect= redirect=b.cz",
            &["!bad_name@7..16", "!duplicate@17..30"],
        ),
        ("v=spf1 a:b.cz\r\nptr", &["!not_ascii@13..15"]),
        ("v=spf1 a:\0b.cz\0 -all", &["!not_ascii@9..15"]),
        ("v=spf1 a:háček.cz -all", &["!not_ascii@10..14"]),
    ];
    for (record, expected) in table {
        assert_eq!(findings(record.as_bytes()), *expected, "{record}");
        assert!(!parse(record.as_bytes()).is_valid(), "{record}");
    }
    assert_eq!(findings(b"v=spf1 \xff -all"), ["!not_ascii@7..8"]);
}

#[test]
fn oddities_do_not_make_a_record_invalid() {
    let long_label = format!("v=spf1 a:{}.cz", "a".repeat(64));
    let long_name = format!("v=spf1 exp={}cz", "abcdefg.".repeat(32));
    let table: &[(&str, &[&str])] = &[
        ("v=spf1 -all a exp=b.cz mx", &["after_all@12..25"]),
        ("v=spf1 -all +all", &["after_all@12..16"]),
        ("v=spf1 redirect=b.cz -all", &["redirect_unused@7..20"]),
        (
            "v=spf1 ptr -ptr:b.cz -all",
            &["uses_ptr@7..10", "uses_ptr@11..20"],
        ),
        ("v=spf1 a:mail...cz/24 -all", &["bad_name@9..18"]),
        ("v=spf1 a:.cz", &["bad_name@9..12"]),
        (&long_label, &["bad_name@9..76"]),
        (&long_name, &["bad_name@11..269"]),
    ];
    for (record, expected) in table {
        assert_eq!(findings(record.as_bytes()), *expected, "{record}");
        assert!(parse(record.as_bytes()).is_valid(), "{record}");
    }
}

#[test]
fn what_could_be_read_of_an_invalid_record_stays() {
    let parsed = parse(b"v=spf1 moo ip4:1.2.3.4 redirect=a.cz redirect=b.cz exp= x=y -all");
    let record = parsed.value.expect("a record");
    assert_eq!(
        record.to_string(),
        "v=spf1 ip4:1.2.3.4 -all redirect=a.cz x=y"
    );
    assert_eq!(parse(b"v=spf2 -all").value, None);
}

#[test]
fn canonical_records_are_written_as_they_were() {
    let table = [
        "v=spf1",
        "v=spf1 a a:b.cz a/24 a//64 a:b.cz/24//64 mx mx:b.cz//0 -all",
        "v=spf1 ~include:b.cz ?exists:%{i}.b.cz ptr ptr:b.cz all",
        "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.1 ip6:2001:db8::/32 ip6:::1",
        "v=spf1 ?all redirect=b.cz. exp=%{d} Ra=1 rb=",
    ];
    for text in table {
        let record = parse(text.as_bytes()).value.expect("a record");
        assert_eq!(record.to_string(), text);
    }
    let same =
        "v=SPF1  +A/32//128 X=y MX:b.cz/24//128 redirect=b.cz IP6:0:0::1/128 ip4:1.2.3.4/32 ";
    let record = parse(same.as_bytes()).value.expect("a record");
    let canonical = "v=spf1 a mx:b.cz/24 ip6:::1 ip4:1.2.3.4 redirect=b.cz X=y";
    assert_eq!(record.to_string(), canonical);
}

#[test]
fn a_record_tells_its_all_and_its_includes() {
    let table = [
        ("v=spf1", SpfAll::None),
        ("v=spf1 redirect=b.cz", SpfAll::None),
        ("v=spf1 all -all", SpfAll::Pass),
        ("v=spf1 a ?all", SpfAll::Neutral),
        ("v=spf1 ~all", SpfAll::Softfail),
        ("V=SPF1  -ALL ", SpfAll::Fail),
        ("v=spf1 -all -all", SpfAll::Fail),
        ("v=spf1 -all exp=b.cz", SpfAll::Fail),
    ];
    for (text, all) in table {
        let record = parse(text.as_bytes()).value.expect("a record");
        assert_eq!(record.all(), all, "{text}");
    }
    let record = parse(b"v=spf1 include:A.cz. -all ?include:%{d}.b.cz exists:c.cz");
    let record = record.value.expect("a record");
    assert_eq!(
        record.includes().collect::<Vec<_>>(),
        ["A.cz.", "%{d}.b.cz"]
    );
}

#[test]
fn of_a_name_that_megabytes_of_macros_stand_for_the_end_counts() {
    let label = format!("{}.cz", "x".repeat(200));
    let expanded = |text: &str| {
        let value = |_| Some(label.clone());
        expand::expand(text, macros::Place::Record, value).expect("a macro string")
    };
    let long = expanded(&format!("{}end.cz", "%{d}.".repeat(16_000)));
    assert!(long.len() <= 2048, "{}", long.len());
    assert_eq!(name::shortened(&long), format!("cz.{label}.end.cz"));
    assert_eq!(expanded("a.%{d}"), format!("a.{label}"));
}
