//! The data dictionary in docs/ is the one that the declarations make.

use std::fs;
use std::path::Path;

use mailcensus::table::dictionary::{Format, print};
use mailcensus::table::rows::TableName;

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
