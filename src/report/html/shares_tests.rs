//! Tests of the shares on the page: each says of whom it is, how sure it is, and why there is none.

use super::super::fixtures::{Made, finding, tags, verdict};
use super::super::tests::{by, country, request, with_countries};
use super::Lang;
use super::tests::{html, made_of, row, said, with_older};
use crate::table::codes::CheckResult::{Fail, NotApplicable, Pass, Unknown};

#[test]
fn what_was_not_measured_is_no_share() {
    let mut made = Made::default();
    for (domain, result) in [("a.cz", Unknown), ("b.cz", Unknown)] {
        made.verdicts.push(verdict(domain, |row| {
            row.starttls = finding(result, "timeout");
            row.dane_valid = finding(result, "timeout");
            row.mta_sts = finding(NotApplicable, "no_mail");
            row.dmarc_enforced = finding(Fail, "none");
        }));
    }
    let report = made_of(&made, &by("tld", 1));
    let html = html(&report, Lang::En);
    assert!(report.not_measured.contains(&"spf"));
    for (check, words) in [
        ("spf", "not measured"),
        ("starttls", "unknown"),
        ("dane_valid", "unknown"),
        ("mta_sts", "applies to none"),
    ] {
        let row = row(&html, "checks", &format!("<code>{check}</code>"));
        let share = said(row.split("<td").nth(1).unwrap());
        assert!(share.contains(words), "{check} {share}");
        assert!(!share.contains('%'), "{check} {share}");
    }
    let group = said(row(&html, "groups", ">cz</th>"));
    assert!(group.contains("unknown 0 of 0 2 unknown"), "{group}");
    // Both have been seen to ask for nothing.
    let enforced = said(row(&html, "checks", "<code>dmarc_enforced</code>"));
    assert!(enforced.contains("0.0 %"), "{enforced}");
    assert!(!html.contains("NaN") && !said(&html).contains("inf %"));
}

#[test]
fn a_share_of_all_that_take_mail_has_the_unknown_among_these() {
    let mut made = Made::default();
    let results = [
        (Pass, ""),
        (Fail, "mismatch"),
        (NotApplicable, "no_dane"),
        (Unknown, "timeout"),
    ];
    for (number, (result, reason)) in results.into_iter().enumerate() {
        made.verdicts.push(verdict(&format!("{number}.cz"), |row| {
            row.dane_valid = finding(result, reason);
        }));
    }
    for number in 4..9 {
        made.verdicts.push(verdict(&format!("{number}.cz"), |row| {
            row.receives_mail = finding(Unknown, "servfail");
            row.dane_valid = finding(Unknown, "servfail");
        }));
    }
    let html = html(&made_of(&made, &by("tld", 1)), Lang::En);
    let mut cards = html.split("<article class=\"card\">");
    let card = cards.find(|card| card.contains("DANE works")).unwrap();
    let text = said(card);
    assert!(text.contains("25.0 %"), "{text}");
    assert!(
        text.contains("1 of 4 (all that take mail); unknown: 1"),
        "{text}"
    );
    assert!(text.contains("pass 1 does not 2 unknown 1"), "{text}");
    // What the legend says of the other checks holds here, too.
    for (kind, width) in [("pass", "25.00"), ("fail", "50.00"), ("unknown", "25.00")] {
        let part = format!("<rect class=\"{kind}\" x=");
        let (_, behind) = card.split_once(&part).expect(kind);
        let (_, behind) = behind.split_once("width=\"").unwrap();
        assert!(behind.starts_with(width), "{kind} {card}");
    }
    let group = said(row(&html, "groups", ">cz</th>"));
    assert!(group.contains("25.0 % 1 of 4 1 unknown"), "{group}");
}

#[test]
fn domains_of_no_one_country_are_told_apart() {
    let report = made_of(&with_countries(), &by("country", 1));
    for (lang, head, names) in [
        (
            Lang::En,
            "By country",
            [
                "(no mail server)",
                "(several countries)",
                "(country not in the table)",
                "(addresses not known)",
                "(mail servers without an address)",
            ],
        ),
        (
            Lang::Cs,
            "Podle zemí",
            [
                "(bez poštovního serveru)",
                "(více zemí)",
                "(země není v tabulce)",
                "(adresy nezjištěny)",
                "(poštovní servery bez adresy)",
            ],
        ),
    ] {
        let html = html(&report, lang);
        assert!(html.contains(&format!(">{head}</h2>")));
        for name in names {
            row(&html, "groups", &format!(">{name}</th>"));
        }
        row(&html, "groups", ">DE</th>");
    }
    // A tag may have any value.
    let mut made = country();
    made.verdicts[0].tags = tags("where", "(several)");
    let html = html(&made_of(&made, &by("tag:where", 1)), Lang::En);
    row(&html, "groups", ">(several)</th>");
    row(&html, "groups", ">(without)</th>");
}

#[test]
fn a_sample_has_a_margin_beside_every_share() {
    let mut made = Made::default();
    for number in 0..8 {
        made.verdicts.push(verdict(&format!("{number}.cz"), |row| {
            row.weight = 100.0;
            row.starttls = finding(if number < 5 { Pass } else { Fail }, "not_offered");
        }));
    }
    let report = made_of(&made, &by("tld", 1));
    let html = html(&report, Lang::En);
    for (section, head) in [("checks", "<code>starttls</code>"), ("groups", ">cz</th>")] {
        let row = row(&html, section, head);
        assert!(row.contains("±\u{a0}"), "{row}");
    }
    assert!(said(&html).contains("This is a sample"));
    assert!(
        !said(&super::tests::html(
            &made_of(&country(), &request()),
            Lang::En
        ))
        .contains("± ")
    );
}

#[test]
fn each_survey_of_a_series_is_a_sample_or_not() {
    let of = |weight: f64, began| {
        let rows = (0..8).map(|number| {
            verdict(&format!("{number}.cz"), |row| {
                row.weight = weight;
                row.starttls = finding(if number < 5 { Pass } else { Fail }, "not_offered");
                row.dane_valid = finding(if number < 2 { Pass } else { Unknown }, "timeout");
                row.mta_sts = finding(NotApplicable, "no_mail");
            })
        });
        Made {
            verdicts: rows.collect(),
            began,
            ..Made::default()
        }
    };
    let (before, now) = ("2025-06-01T00:00:00Z", "2026-06-01T00:00:00Z");
    for (older, newer) in [(100.0, 1.0), (1.0, 100.0), (1.0, 1.0), (100.0, 100.0)] {
        let report = with_older(&of(newer, now), &of(older, before), &request());
        let html = html(&report, Lang::En);
        for (weight, day, order) in [
            (older, "1\u{a0}June 2025", 20_240),
            (newer, "1\u{a0}June 2026", 20_605),
        ] {
            let row = row(&html, "changes", &format!(">{day}</time>"));
            assert!(row.contains(&format!("data-v=\"{order}\"><time")), "{row}");
            let cells: Vec<_> = row.split("<td").skip(2).map(said).collect();
            let (starttls, dane) = (&cells[1], &cells[3]);
            assert!(
                dane.contains("25.0 %") && dane.contains("2 of 8 6 unknown"),
                "{dane}"
            );
            for cell in [starttls, dane] {
                assert_eq!(cell.contains('±'), weight > 1.0, "{cell}");
            }
            assert!(cells[4].contains("applies to none"), "{}", cells[4]);
            assert!(cells[5].contains("not measured"), "{}", cells[5]);
        }
        // On the dots, too; and a mixture is said, where it is read and in the method.
        let samples = usize::from(older > 1.0) + usize::from(newer > 1.0);
        let lines: Vec<_> = html.split("<figure class=\"line\">").skip(1).collect();
        let starttls = lines.iter().find(|one| one.contains("STARTTLS")).unwrap();
        let dots = starttls.split("<circle").skip(1);
        let dots = dots.filter(|dot| dot.split("</title>").next().unwrap().contains('±'));
        assert_eq!(dots.count(), samples);
        let said_so = html.matches("Some of the surveys are samples").count();
        assert_eq!(said_so, if samples == 1 { 2 } else { 0 });
    }
}
