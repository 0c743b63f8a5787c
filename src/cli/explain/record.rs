//! The text of a record that carries a policy, with what is wrong with it under the place where.

use super::Page;
use super::domain::BESIDE;
use super::words::{answer, meaning};
use crate::table::codes::Denial;
use crate::table::record_codes::Fault;
use crate::table::rows::{RecordFinding, TxtAnswer, TxtColumns, TxtRead};
use crate::text::one_line;

/// What became of the question for a record, its text, and what is made of it.
pub fn record(page: &mut Page, label: &str, of: &dyn TxtColumns) {
    let (text, read) = (of.answer(), of.read());
    page.entry(0, label, BESIDE, &head(&text, read));
    // All of them where it is not one that counts.
    if text.count > 1 || text.denial == Some(Denial::OtherTxt) {
        for one in &text.texts {
            page.words(BESIDE, one);
        }
    } else if let Some(record) = &text.record {
        marked(page, record, read.findings);
    }
    if text.truncated {
        page.words(BESIDE, "something was cut off");
    }
}

fn head(text: &TxtAnswer, read: TxtRead<'_>) -> String {
    let mut said = answer(
        text.outcome,
        text.denial,
        text.error,
        text.security,
        text.ede.as_ref(),
    );
    if text.count > 1 {
        said.push_str(&format!("; {} records", text.count));
    }
    if text.synthesised == Some(true) {
        said.push_str("; made by a wildcard");
    }
    match (read.valid, read.fault) {
        (Some(true), _) => said.push_str("; valid"),
        (_, Some(fault)) => said.push_str(&format!("; cannot be used: {fault}")),
        (Some(false), None) => said.push_str("; cannot be used"),
        (None, None) => {}
    }
    said
}

/// The text, and below each line what is wrong there.
pub fn marked(page: &mut Page, text: &str, findings: &[RecordFinding]) {
    // What the survey wrote is escaped already.
    let text = one_line(text);
    let bytes = bytes(&text);
    let lines = lines(&bytes, Page::room(BESIDE));
    for (at, line) in lines.iter().enumerate() {
        let is_last = at + 1 == lines.len();
        page.line(BESIDE, &bytes[line.clone()].concat());
        for finding in findings {
            let start = usize::from(finding.start);
            // What is missing is missed at the end.
            if line.contains(&start) || (is_last && start >= line.end) {
                let width = |part: &[&str]| part.iter().map(|byte| byte.len()).sum::<usize>();
                let from = start.min(line.end);
                let to = usize::from(finding.end).clamp(from, line.end);
                let column = width(&bytes[line.start..from]).min(Page::room(BESIDE) - 1);
                let carets = "^".repeat(width(&bytes[from..to]).max(1));
                page.line(BESIDE + column, &carets);
                page.words(BESIDE, &wrong(finding));
            }
        }
    }
}

fn wrong(finding: &RecordFinding) -> String {
    let odd = if finding.fatal { "" } else { "odd, " };
    format!("{odd}{}", meaning(Fault::CODES, finding.fault.as_str()))
}

/// The bytes of a record, each as it is escaped.
fn bytes(text: &str) -> Vec<&str> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match rest.as_bytes() {
            [b'\\', b'x', _, _, ..] => 4,
            [b'\\', b'\\', ..] => 2,
            _ => first.len_utf8(),
        };
        let Some((byte, more)) = rest.split_at_checked(length) else {
            break;
        };
        bytes.push(byte);
        rest = more;
    }
    bytes
}

/// Lines of so many letters, broken behind a space where there is one. One empty line of nothing.
fn lines(bytes: &[&str], room: usize) -> Vec<std::ops::Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    loop {
        let mut used = 0;
        let fits = bytes[start..].iter().take_while(|byte| {
            used += byte.len();
            used <= room
        });
        let end = start + fits.count();
        let space = bytes[start..end].iter().rposition(|byte| *byte == " ");
        let end = match space {
            Some(at) if end < bytes.len() => start + at + 1,
            _ => end,
        };
        lines.push(start..end);
        if end >= bytes.len() || end == start {
            return lines;
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, findings: &[(Fault, u16, u16)]) -> Vec<String> {
        let findings: Vec<_> = findings
            .iter()
            .map(|(fault, start, end)| RecordFinding {
                fault: *fault,
                start: *start,
                end: *end,
                fatal: true,
            })
            .collect();
        let mut page = Page::default();
        marked(&mut page, text, &findings);
        let text = page.into_text();
        text.lines()
            .map(|line| line.get(BESIDE..).unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn what_is_wrong_stands_below_the_place() {
        let text = "v=spf1 a foo:bar -all";
        let lines = shown(text, &[(Fault::UnknownMechanism, 9, 16)]);
        assert_eq!(lines[0], text);
        assert_eq!(lines[1], "         ^^^^^^^");
        assert!(lines[2].starts_with("unknown_mechanism: A mechanism"));
        assert_eq!(shown(text, &[]), [text]);
    }

    #[test]
    fn bytes_are_counted_as_they_are_in_the_record() {
        let lines = shown(
            "a\\xffb\\\\c",
            &[(Fault::NotAscii, 1, 2), (Fault::Syntax, 4, 5)],
        );
        let carets: Vec<_> = lines.iter().filter(|line| line.ends_with('^')).collect();
        assert_eq!(carets, [" ^^^^", "        ^"]);
    }

    #[test]
    fn what_is_missing_is_missed_at_the_end() {
        let lines = shown("v=DMARC1", &[(Fault::Missing, 8, 8)]);
        assert_eq!(lines[1], "        ^");
        let lines = shown("", &[(Fault::Missing, 0, 0)]);
        assert_eq!(lines[0], "^");
        // The record was cut off before.
        let lines = shown("abc", &[(Fault::Syntax, 900, 910)]);
        assert_eq!(lines[1], "   ^");
    }

    #[test]
    fn long_records_break_and_nothing_is_lost() {
        let text = format!("{}foo {}", "include:a.example ".repeat(9), "x".repeat(200));
        let start = text.find("foo").expect("there") as u16;
        let lines = shown(&text, &[(Fault::UnknownMechanism, start, start + 3)]);
        let carets = lines.iter().position(|line| line.trim() == "^^^");
        let carets = carets.expect("a line of carets");
        let column = lines[carets].len() - 3;
        assert_eq!(&lines[carets - 1][column..column + 3], "foo");
        assert!(lines.iter().all(|line| line.len() <= Page::room(BESIDE)));
        let letters = |text: &str| text.matches('x').count();
        assert_eq!(lines.iter().map(|line| letters(line)).sum::<usize>(), 209);
    }
}
