//! The data dictionary in docs/ is the one that the declarations make, and the cookbook has every
//! question.

use std::fs;
use std::path::Path;

use mailcensus::table::dictionary::{Format, print};
use mailcensus::table::rows::TableName;

#[test]
fn the_cookbook_has_every_question_as_it_stands_in_its_file() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let book = fs::read_to_string(docs.join("cookbook.md")).expect("the cookbook");
    let files = fs::read_dir(docs.join("cookbook")).expect("a folder");
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    assert!(files.len() >= 20, "{files:?}");
    for file in files {
        let sql = fs::read_to_string(&file).expect("a question");
        let there = book.contains(&format!("```sql\n{sql}```\n\n|"));
        assert!(there, "{}: scripts/evidence cookbook", file.display());
    }
}

#[test]
fn the_committed_dictionary_is_that_of_the_declarations() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema.md");
    let declared = print(&TableName::ALL, Format::Markdown);
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        declared == committed,
        "docs/schema.md is out of date: mailcensus schema > docs/schema.md"
    );
}
