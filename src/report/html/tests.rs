//! Tests of the page: every number is there, nothing of strangers acts, nothing is fetched.

use std::collections::BTreeSet;

use super::super::fixtures::{Made, finding, tags, tiny, verdict};
use super::super::groups::Kind;
use super::super::operators::{DaneLeader, Leader};
use super::super::points::tests::{pointed, with_tiny};
use super::super::tests::{by, country, request, with_countries};
use super::super::{By, Report, Request, report};
use super::*;
use crate::table::codes::CheckResult::{Fail, Pass};
use crate::text::acts;

const NBSP: &str = "\u{a0}";

pub fn html(report: &Report, lang: Lang) -> String {
    let mut bytes = Vec::new();
    page(report, lang, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// What the page says, without what is in its tags, its style and its script.
pub fn said(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, behind)) = rest.split_once('<') {
        text.push_str(before);
        let skipped = ["style>", "script>"]
            .into_iter()
            .find(|tag| behind.starts_with(tag));
        rest = match skipped {
            Some(tag) => behind.split_once(&format!("</{tag}")).unwrap().1,
            None => behind.split_once('>').unwrap().1,
        };
        text.push(' ');
    }
    let words: Vec<_> = text.split_ascii_whitespace().collect();
    words.join(" ").replace(NBSP, " ")
}

/// The row of a table that has these words in its head.
pub fn row<'a>(html: &'a str, section: &str, head: &str) -> &'a str {
    let (_, behind) = html
        .split_once(&format!("<section id=\"{section}\""))
        .expect("a section");
    let (section, _) = behind.split_once("</section>").expect("its end");
    let mut rows = section.split("<tr>");
    rows.find(|row| row.contains(head))
        .unwrap_or_else(|| panic!("{head}"))
}

pub fn with_older(made: &Made, older: &Made, request: &Request) -> Report {
    let ((_dir, judged), (_older, older)) = (made.judged(), older.judged());
    report(&judged, &[older], request, None).unwrap()
}

pub fn made_of(made: &Made, request: &Request) -> Report {
    let (_dir, judged) = made.judged();
    report(&judged, &[], request, None).unwrap()
}

#[test]
fn every_number_of_a_check_is_on_the_page() {
    let report = made_of(&country(), &request());
    for lang in Lang::ALL {
        let html = html(&report, lang);
        for (name, figures) in &report.all.checks.0 {
            let row = row(&html, "checks", &format!("<code>{name}</code>"));
            let tally = &figures.tally;
            for count in [tally.pass, tally.fail, tally.unknown, tally.not_applicable] {
                let cell = format!(
                    "<td class=\"n\" data-v=\"{count}\">{}</td>",
                    lang.count(count)
                );
                assert!(row.contains(&cell), "{name} {cell} {row}");
            }
            if let Some(share) = figures.share {
                assert!(row.contains(&lang.percent(share)), "{name} {row}");
            }
            for (word, domains) in figures.reasons.fail.iter() {
                let reason = format!("<code>{word}</code> <b>{}</b>", lang.count(domains));
                assert!(row.contains(&reason), "{name} {reason} {row}");
            }
        }
    }
}

#[test]
fn a_survey_of_nobody_says_so() {
    let report = made_of(&Made::default(), &request());
    let text = said(&html(&report, Lang::En));
    assert!(text.contains("holds no domain"), "{text}");
    assert!(!text.contains("NaN") && !text.contains("0.0 %"), "{text}");
}

#[test]
fn points_duties_and_changes_are_on_the_page() {
    let (mut newer, mut older) = (pointed(), pointed());
    older.verdicts[0].spf = finding(Fail, "no_record");
    newer.verdicts[0].spf = finding(Pass, "");
    let request = Request {
        by: Some(By::Tld),
        ..with_tiny()
    };
    let report = with_older(&newer, &older, &request);
    for lang in Lang::ALL {
        let html = html(&report, lang);
        let point = &report.profiles.0[0].1.points.0[0].1;
        let row_of = row(&html, "profiles", ">1</span>");
        let duty = &point.duty;
        for count in [duty.due, duty.overdue, duty.to_be_justified, duty.justified] {
            assert!(
                row_of.contains(&format!("data-v=\"{count}\">{count}</td>")),
                "{row_of}"
            );
        }
        assert!(duty.overdue > 0);
        let unseen = row(&html, "profiles", ">2</span>");
        assert!(unseen.contains(lang.texts().not_seen), "{unseen}");
        // Published pages do not tell the paths of a machine.
        assert!(!html.contains(&report.survey.identity.dir) && !html.contains("/tmp"));
        let title = "<span class=\"title\" lang=\"en\">Offers STARTTLS</span>";
        assert!(row(&html, "changes", title).contains(">1</span>"));
        let changed = said(row(&html, "changes", "<code>spf</code>"));
        assert!(changed.ends_with(" 1 0 0 0 0 0 3"), "{changed}");
        assert!(html.contains("<polyline"));
        let cz = row(&html, "groups", ">cz</th>");
        assert!(cz.contains("data-v=\"4\">4</td>"), "{cz}");
    }
}

#[test]
fn what_strangers_wrote_does_not_act() {
    let long = "x".repeat(65_536);
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "\u{202e}gro\u{1b}[2J",
        "{{ 7 * 7 }}",
        long.as_str(),
    ];
    let mut made = Made::default();
    for (number, name) in names.iter().enumerate() {
        made.verdicts.push(verdict(&format!("d{number}.cz"), |row| {
            row.mail_operator = Some((*name).to_owned());
            row.tags = tags("who", name);
            row.dane_valid = finding(Pass, "");
            row.starttls = finding(Fail, name);
        }));
    }
    for by_what in ["mail_operator", "tag:who"] {
        let mut report = made_of(&made, &by(by_what, 1));
        report.survey.identity.dir = names[0].to_owned();
        report.survey.identity.date = names[1].to_owned();
        report.by = Some(names[1].to_owned());
        for lang in Lang::ALL {
            let html = html(&report, lang);
            assert_eq!(html.matches("<script>").count(), 1);
            assert!(!html.contains("<img"), "{html}");
            assert!(!html.chars().any(|letter| acts(letter) && letter != '\n'));
            assert!(html.contains("\\x202egro\\x1b[2J"));
            assert!(html.contains("{{ 7 * 7 }}"));
            assert!(html.contains(&("x".repeat(80) + "…")) && !html.contains(&"x".repeat(81)));
        }
    }
}

#[test]
fn nothing_is_fetched_and_nothing_foreign_runs() {
    let report = with_older(&pointed(), &pointed(), &with_tiny());
    for lang in Lang::ALL {
        let html = html(&report, lang);
        for attribute in [
            " src=",
            " style=",
            " onclick=",
            " onload=",
            "@import",
            "url(h",
            "srcset",
        ] {
            assert!(!html.contains(attribute), "{attribute}");
        }
        let references = html.split(" href=\"").skip(1);
        assert!(
            references
                .into_iter()
                .all(|reference| reference.starts_with('#'))
        );
        // What the policy names is what stands in the page.
        for (tag, rule) in [("style", "style-src"), ("script", "script-src")] {
            let (_, behind) = html.split_once(&format!("<{tag}>")).unwrap();
            let (text, _) = behind.split_once(&format!("</{tag}>")).unwrap();
            let hash = digest::digest(&digest::SHA256, text.as_bytes());
            let wanted = format!("{rule} 'sha256-{}'", BASE64.encode(hash.as_ref()));
            // As an attribute has it.
            let policy = html.replace("&#39;", "'").replace("&#x27;", "'");
            assert!(policy.contains(&wanted), "{wanted}");
        }
    }
}

/// Elements without an end.
const VOID: [&str; 2] = ["meta", "input"];

#[test]
fn every_element_is_closed_and_every_reference_has_a_target() {
    let request = Request {
        by: Some(By::Tld),
        ..with_tiny()
    };
    let mut report = with_older(&pointed(), &pointed(), &request);
    report.countries = made_of(&with_countries(), &by("country", 1)).countries;
    for lang in Lang::ALL {
        let html = html(&report, lang);
        let (mut open, mut ids, mut wanted) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        let mut rest = html.strip_prefix("<!DOCTYPE html>").unwrap();
        while let Some((_, behind)) = rest.split_once('<') {
            let (tag, after) = behind.split_once('>').unwrap();
            rest = after;
            let name: String = tag
                .chars()
                .take_while(|c| !c.is_whitespace() && *c != '/')
                .collect();
            for attribute in ["id", "aria-labelledby", "href"] {
                let value = tag
                    .split_once(&format!(" {attribute}=\""))
                    .map(|(_, value)| value);
                let Some((value, _)) = value.and_then(|value| value.split_once('"')) else {
                    continue;
                };
                if attribute == "id" {
                    assert!(ids.insert(value.to_owned()), "{value}");
                } else {
                    wanted.insert(value.trim_start_matches('#').to_owned());
                }
            }
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop().as_deref(), Some(name), "{tag}"),
                None if tag.ends_with('/') || VOID.contains(&name.as_str()) => {}
                None => {
                    if ["style", "script"].contains(&name.as_str()) {
                        rest = rest.split_once(&format!("</{name}>")).unwrap().1;
                    } else {
                        open.push(name);
                    }
                }
            }
        }
        assert!(open.is_empty(), "{open:?}");
        assert!(
            wanted.len() > 8 && wanted.is_subset(&ids),
            "{wanted:?} {ids:?}"
        );
        assert_eq!(html.matches("<h1>").count(), 1);
    }
}

#[test]
fn both_languages_say_everything() {
    for (name, en, cs) in words::ALL_TEXTS {
        assert!(!en.is_empty() && !cs.is_empty(), "{name}");
        let places = |text: &str| {
            text.split('{')
                .skip(1)
                .map(|rest| rest.split('}').next().unwrap().to_owned())
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(places(en), places(cs), "{name}");
    }
    let report = made_of(&country(), &request());
    let czech = html(&report, Lang::Cs);
    assert!(
        czech.contains("<html lang=\"cs\">") && czech.contains("Jak domény chrání svůj e-mail")
    );
    assert!(!said(&czech).contains("does not apply"));
}

#[test]
fn titles_are_in_the_language_of_the_page_where_the_rule_book_is() {
    let profile = tiny("1").replace(
        "language = \"en\"",
        "language = \"cs\"\ntitle_original = \"Dva body\"",
    );
    let made = Made {
        profile,
        ..pointed()
    };
    let report = made_of(&made, &with_tiny());
    let (czech, english) = (html(&report, Lang::Cs), html(&report, Lang::En));
    assert!(czech.contains(">Dva body</h3>") && !czech.contains(">Two points</h3>"));
    assert!(english.contains(">Two points</h3>"));
}

/// More of everything than a page can hold.
#[test]
fn a_page_stays_small_whatever_the_survey() {
    let mut report = with_older(
        &pointed(),
        &pointed(),
        &Request {
            by: Some(By::Tld),
            ..with_tiny()
        },
    );
    let name = |number: usize| format!("{number}<&\u{202e}").repeat(20_000);
    let group = report.groups.pop().unwrap();
    for number in 0..10_000_usize {
        let figures = group.part.checks.clone();
        report.groups.push(super::super::figures::GroupFigures {
            group: format!("{number}{}", "<\u{202e}".repeat(60)),
            kind: Kind::Value,
            holds: 1,
            part: super::super::figures::Part {
                domains: group.part.domains,
                weight: group.part.weight,
                receiving: group.part.receiving,
                classes: group.part.classes.clone(),
                class_shares: group.part.class_shares.clone(),
                non_sending: group.part.non_sending.clone(),
                checks: match number < 200 {
                    true => figures,
                    false => Default::default(),
                },
            },
            profiles: Default::default(),
        });
    }
    let operators = &mut report.operators;
    operators.operators = 1_000_000;
    for number in 0..10_000 {
        let operator = if number < 60 {
            name(number)
        } else {
            "x".to_owned()
        };
        operators.top.push(Leader {
            operator: operator.clone(),
            domains: 1_000_000,
            share: 0.5,
        });
        operators.dane.push(DaneLeader {
            operator,
            domains: 1_000_000,
        });
    }
    for _ in 0..6 {
        let more = with_older(&pointed(), &pointed(), &with_tiny());
        report.series.extend(more.series);
        report.comparisons.extend(more.comparisons);
    }
    for lang in Lang::ALL {
        let html = html(&report, lang);
        assert!(html.len() < 2_000_000, "{}", html.len());
        let text = said(&html);
        let (shown, all) = (
            lang.count(100).replace(NBSP, " "),
            lang.count(10_000).replace(NBSP, " "),
        );
        assert!(text.contains(&shown) && text.contains(&all));
        assert!(html.matches("<tr>").count() < 1_200);
    }
}
