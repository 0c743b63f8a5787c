//! The page of a report on a hostile survey is built like that on a harmless one: no text became an
//! element, an attribute or a place to go to, none acts where it is shown, and none breaks the page.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::neutral;
use super::shown::said;
use super::survey::{PROFILE, write, write_harmless};
use crate::real::program::{MAILCENSUS, run};
use crate::view::page::looked_at;

/// Bytes of the largest page: of groups and operators the largest are shown, of names a part.
const LARGEST: u64 = 3 * 1024 * 1024;

/// Writes the page of a survey, compared with an older one.
fn page(place: &Path, name: &str, surveys: [&Path; 2], by: &str, lang: &str) -> std::path::PathBuf {
    let file = place.join(name);
    let mut command = Command::new(MAILCENSUS);
    command
        .arg("report")
        .arg(surveys[0])
        .arg("--against")
        .arg(surveys[1]);
    command.args(["--profile", PROFILE, "--by", by, "--k", "1", "--lang", lang]);
    command.arg("--html").arg(&file);
    said("report --html", run(&mut command).expect(0));
    file
}

#[test]
fn no_text_becomes_a_part_of_the_page() {
    const PROGRAM: &str = r#"
import collections, html.parser, sys

class Page(html.parser.HTMLParser):
    def __init__(self, file):
        super().__init__(convert_charrefs=True)
        self.parts, self.places, self.within = collections.Counter(), collections.Counter(), None
        self.shown = []
        self.feed(open(file, encoding="utf-8").read())
        self.close()

    def handle_starttag(self, tag, attributes):
        names = tuple(sorted(name for name, _ in attributes))
        assert not any(name.startswith("on") or name == "style" for name in names), (tag, names)
        self.parts[tag, names] += 1
        for name, value in attributes:
            if name in ("href", "src", "action", "xlink:href", "srcdoc", "http-equiv", "content"):
                self.places[tag, name, value] += 1
            else:
                self.shown.append(value or "")

    def handle_data(self, data):
        self.shown.append(data)

    def handle_comment(self, data):
        self.parts["comment"] += 1

    def handle_pi(self, data):
        self.parts["pi"] += 1

hostile, harmless = map(Page, sys.argv[1:3])
# Not all groups have room, and those that have differ in what is known of them.
assert hostile.parts.keys() == harmless.parts.keys(), hostile.parts.keys() ^ harmless.parts.keys()
acting = ("script", "style", "link", "meta", "base", "a", "img", "iframe", "object", "form", "input", "button")
def of(page):
    return {part: count for part, count in page.parts.items() if part[0] in acting}
assert of(hostile) == of(harmless), (of(hostile), of(harmless))
assert hostile.places == harmless.places, (hostile.places - harmless.places, harmless.places - hostile.places)
open(sys.argv[3], "w", encoding="utf-8", newline="").write("\n".join(hostile.shown))
assert any("<script>alert(1)</script>" in shown for shown in hostile.shown), "texts are shown"
"#;
    let place = tempfile::tempdir().expect("a directory");
    let place = place.path();
    let hostile = [write(place, 0), write(place, 1)];
    let harmless = [write_harmless(place, 0), write_harmless(place, 1)];
    for (by, lang) in [("tag:t", "en"), ("mail_operator", "cs")] {
        let [hostile, harmless] =
            [(&hostile, "hostile"), (&harmless, "harmless")].map(|(of, name)| {
                let surveys = [of[0].as_path(), of[1].as_path()];
                page(place, &format!("{name}.html"), surveys, by, lang)
            });
        let size = fs::metadata(&hostile).expect("a page").len();
        assert!(size < LARGEST, "{size} bytes");
        let text = fs::read_to_string(&hostile).expect("a page");
        neutral::lines("the page", &text);
        let shown = place.join("shown");
        let mut python = Command::new("python3");
        python
            .args(["-c", PROGRAM])
            .args([&hostile, &harmless, &shown]);
        let ran = run(&mut python);
        assert_eq!(ran.code, Some(0), "{by}: {}", ran.stderr);
        // What was written as a reference to a letter counts as that letter.
        neutral::lines("the page", &fs::read_to_string(&shown).expect("texts"));
    }
}

#[test]
fn a_page_of_hostile_texts_stands_up_to_a_browser() {
    let place = tempfile::tempdir().expect("a directory");
    let place = place.path();
    let surveys = [write(place, 0), write(place, 1)];
    let surveys = [surveys[0].as_path(), surveys[1].as_path()];
    let told = looked_at(&page(place, "hostile.html", surveys, "tag:t", "en"), 1);
    // Broken where it has to be, and from right to left, a text is not found again on paper. Whether all
    // is there is told by pages of texts that can be read.
    let (failed, ok): (Vec<_>, Vec<_>) = told
        .lines()
        .filter(|line| line.starts_with("ok ") || line.starts_with("FAILED "))
        .partition(|line| line.starts_with("FAILED "));
    assert!(
        failed.iter().all(|line| line.contains("printed whole")),
        "{told}"
    );
    assert!(!told.contains("beyond the edge"), "{told}");
    assert!(ok.len() >= 15, "{told}");
}
