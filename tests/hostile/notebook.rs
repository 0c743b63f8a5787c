//! Tables of notebooks: whatever text stands in a frame, in its cells, lists, headers and caption, its HTML
//! has the elements of a table and nothing else, and neither that nor its plain text acts.

use std::fs;
use std::process::Command;

use super::neutral;
use super::texts::texts;
use crate::real::program::run;

#[test]
fn no_text_becomes_a_part_of_a_table() {
    const PROGRAM: &str = r#"
import html.parser, json, sys
sys.path.insert(0, "notebooks")
import census, pandas

texts = json.load(open(sys.argv[1], encoding="utf-8"))
columns = {"text": texts, "list": [[text, text] for text in texts], "pair": [{text: text} for text in texts]}
columns |= {text[:100]: texts for text in texts[:12]}
tags, shown = set(), []

class Page(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        tags.add((tag, *(name for name, _ in attributes)))
    def handle_data(self, data):
        shown.append(data)
    def handle_comment(self, data):
        tags.add("comment")

for text in texts:
    made = census.show(pandas.DataFrame(columns), text)._repr_mimebundle_() if text is texts[0] else \
        census.show(pandas.DataFrame({"text": [text]}), text)._repr_mimebundle_()
    page = Page(convert_charrefs=True)
    page.feed(made["text/html"])
    page.close()
    shown.append(made["text/plain"])
    assert len(made["text/html"]) < 2_000_000
usual = {("table", "class"), ("caption",), ("thead",), ("tbody",), ("tr",), ("th", "style"), ("td", "style"), ("bdi",), ("span",)}
assert tags <= usual, tags - usual
open(sys.argv[2], "w", encoding="utf-8", newline="").write("\n".join(shown))
"#;
    let place = tempfile::tempdir().expect("a directory");
    let [texts_file, shown] = ["texts.json", "shown"].map(|name| place.path().join(name));
    let json = serde_json::to_string(&texts()).expect("JSON");
    fs::write(&texts_file, json).expect("written");
    let cache = std::env::var("MAILCENSUS_CACHE");
    let cache = cache.unwrap_or("/var/cache/mailcensus".to_owned());
    let mut python = Command::new(format!("{cache}/notebooks/bin/python3"));
    python.current_dir(env!("CARGO_MANIFEST_DIR"));
    python.args(["-c", PROGRAM]).args([&texts_file, &shown]);
    let ran = run(&mut python);
    assert_eq!(
        ran.code,
        Some(0),
        "{}(scripts/notebooks brings Jupyter)",
        ran.stderr
    );
    neutral::lines("a notebook", &fs::read_to_string(&shown).expect("texts"));
}
