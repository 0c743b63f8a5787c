//! The direction of imports: lower modules never use higher ones, and stages never each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Each module and what it may use. The order is that of the layers.
const LAYERS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("names", &[]),
    ("order", &[]),
    ("text", &[]),
    ("tls_names", &[]),
    ("trace", &["text"]),
    ("stop", &["error"]),
    ("table", &["error", "order", "text"]),
    ("spool", &["error", "order"]),
    ("records", &["table", "text"]),
    ("certificate", &["error", "table", "text"]),
    ("targets", &["error", "order", "spool", "table", "text"]),
    // Operators and exclusions are lists of names, too.
    ("pace", &["error", "stop", "table", "targets", "text"]),
    (
        "dns",
        &["error", "pace", "records", "table", "text", "trace"],
    ),
    (
        "probe",
        &["error", "pace", "table", "text", "tls_names", "trace"],
    ),
    // Tests of the verdicts make tables, whose rows have an order.
    (
        "verdict",
        &[
            "error",
            "names",
            "order",
            "records",
            "table",
            "text",
            "tls_names",
        ],
    ),
    // Titles of points are the profile's.
    ("report", &["error", "names", "table", "text", "verdict"]),
    (
        "survey",
        &[
            "certificate",
            "dns",
            "error",
            "order",
            "pace",
            "probe",
            "records",
            "report",
            "spool",
            "stop",
            "table",
            "targets",
            "text",
            "tls_names",
            "trace",
            "verdict",
        ],
    ),
    (
        "cli",
        &[
            "dns", "error", "pace", "report", "stop", "survey", "table", "targets", "text",
            "verdict",
        ],
    ),
    ("main", &["cli"]),
];

#[test]
fn imports_follow_the_layers() {
    let allowed: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut files = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    assert!(files.len() > 40, "the sources were not found");
    for (module, path, text) in files.iter().filter(|(module, ..)| module != "lib") {
        let Some(may) = allowed.get(module.as_str()) else {
            wrong.push(format!("{path}: module {module} is in no layer"));
            continue;
        };
        assert!(!text.contains("use crate::{"), "{path}: one module a line");
        for used in uses(text) {
            if used != *module && !may.contains(&used.as_str()) {
                wrong.push(format!("{path}: {module} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn layers_only_point_down() {
    for (at, (module, may)) in LAYERS.iter().enumerate() {
        for used in *may {
            let below = LAYERS[..at].iter().any(|(lower, _)| lower == used);
            assert!(below, "{module} may use {used}, which is not below it");
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<(String, String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
            let relative = path.strip_prefix(&root).expect("below src");
            let first = relative.components().next().expect("a component");
            let module = first
                .as_os_str()
                .to_string_lossy()
                .trim_end_matches(".rs")
                .to_owned();
            let text = fs::read_to_string(&path).expect("a source");
            files.push((module, relative.display().to_string(), text));
        }
    }
}

/// The modules named behind `crate::` or the name of the library, macros left aside.
fn uses(text: &str) -> Vec<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for start in ["crate::", "mailcensus::"] {
        for (at, _) in code.match_indices(start) {
            let rest = &code[at + start.len()..];
            let name: String = rest
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            let is_macro = rest[name.len()..].starts_with('!');
            if !name.is_empty() && !is_macro {
                found.push(name);
            }
        }
    }
    found
}
