//! The documents hold what they promise: links lead somewhere, commands and flags are there, every
//! check has its line in the method, every personal column its place in the chapter on data protection.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mailcensus::table::dictionary::{Format, print};
use mailcensus::table::rows::{CheckId, TableName};

use crate::real::program::{MAILCENSUS, run};

/// Commands that a document names before they are there. Has to become empty.
const TO_COME: &[&str] = &["probing-txt"];

/// Flags of other programs that stand alone in the text: cargo's, and those of the lab.
const FOREIGN: &[&str] = &["--features", "--wave"];

/// A document: its path and what it says.
struct Document {
    path: PathBuf,
    text: String,
}

impl Document {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap_or_else(|err| panic!("{path:?}: {err}"));
        Self { path, text }
    }

    fn of_docs(name: &str) -> Self {
        Self::read(root().join("docs").join(name))
    }

    /// The lines, each with whether it stands in a block of code.
    fn lines(&self) -> impl Iterator<Item = (&str, bool)> {
        let mut in_code = false;
        self.text.lines().map(move |line| {
            let is_fence = line.trim_start().starts_with("```");
            in_code ^= is_fence;
            (line, in_code || is_fence)
        })
    }

    /// What the text says outside of blocks of code, paragraphs as one line.
    fn prose(&self) -> String {
        let lines = self.lines().filter(|(_, is_code)| !is_code);
        lines
            .map(|(line, _)| line.trim_start())
            .fold(String::new(), |all, line| {
                let quoted = line.strip_prefix("> ").unwrap_or(line);
                all + quoted + if line.is_empty() { "\n" } else { " " }
            })
    }

    /// Every other piece between backticks: the code inside the text.
    fn spans(&self) -> Vec<String> {
        let prose = self.prose();
        let paragraphs = prose
            .lines()
            .flat_map(|line| line.split('`').skip(1).step_by(2));
        paragraphs.map(str::to_owned).collect()
    }

    /// The lines of blocks of code; a backslash at the end joins two.
    fn code(&self) -> Vec<String> {
        let lines = self.lines().filter(|(_, is_code)| *is_code);
        let lines: Vec<&str> = lines.map(|(line, _)| line).collect();
        let joined = lines.join("\n").replace("\\\n", " ");
        joined.lines().map(str::to_owned).collect()
    }

    /// Where the links lead that are not on the Web.
    fn links(&self) -> Vec<String> {
        let prose = self.prose();
        let paragraphs = prose.lines().flat_map(|line| line.split('`').step_by(2));
        let without_code: String = paragraphs.collect();
        let mut links: Vec<String> = Vec::new();
        for part in without_code.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            if !target.contains("://") && !target.starts_with("mailto:") {
                links.push(target.to_owned());
            }
        }
        links
    }

    /// The names that headings can be led to by, as GitHub makes them.
    fn anchors(&self) -> BTreeSet<String> {
        let lines = self.lines().filter(|(_, is_code)| !is_code);
        let headings = lines.filter_map(|(line, _)| line.starts_with('#').then_some(line));
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        headings
            .map(|line| slug(line.trim_start_matches('#').trim()))
            .map(|slug| {
                let times = seen.entry(slug.clone()).or_default();
                *times += 1;
                match *times {
                    1 => slug,
                    more => format!("{slug}-{}", more - 1),
                }
            })
            .collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn slug(heading: &str) -> String {
    let letters = heading.chars().flat_map(char::to_lowercase);
    let kept = letters.filter(|one| one.is_alphanumeric() || [' ', '-', '_'].contains(one));
    kept.map(|one| if one == ' ' { '-' } else { one }).collect()
}

/// README.md and everything in docs/.
fn documents() -> Vec<Document> {
    let files = fs::read_dir(root().join("docs")).expect("a folder");
    let files = files.map(|file| file.expect("a file").path());
    let texts = files.filter(|path| path.extension().is_some_and(|end| end == "md"));
    let mut paths: Vec<_> = texts.chain([root().join("README.md")]).collect();
    paths.sort();
    assert!(paths.len() > 5, "{paths:?}");
    paths.into_iter().map(Document::read).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    let mut links = 0;
    for document in documents() {
        for link in document.links() {
            links += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => document.path.clone(),
                file => document.path.parent().expect("a folder").join(file),
            };
            let is_there = target.exists();
            let has_anchor =
                || anchor.is_empty() || Document::read(target.clone()).anchors().contains(anchor);
            if !is_there || !has_anchor() {
                broken.push(format!("{}: {link}", document.path.display()));
            }
        }
    }
    assert!(links > 20, "{links} links");
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_index_has_every_document() {
    let listed: BTreeSet<String> = Document::of_docs("README.md").links().into_iter().collect();
    for document in documents() {
        let name = document.path.file_name().expect("a name").to_string_lossy();
        let is_listed = *name == *"README.md" || listed.contains(&*name);
        assert!(is_listed, "docs/README.md has no line for {name}");
    }
}

/// Flags by command, as `--help` has them.
fn offered() -> BTreeMap<String, BTreeSet<String>> {
    let help = |words: &[&str]| run(Command::new(MAILCENSUS).args(words)).expect(0).stdout;
    let all = help(&["--help"]);
    let list = all.split("Commands:").nth(1).expect("commands");
    let list = list.split("Options:").next().expect("commands");
    let names = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(|name| (name.to_owned(), flags_in(&help(&[name, "--help"]))))
        .collect()
}

fn flags_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|one: char| one.is_whitespace() || "[](),=`|;".contains(one));
    let flags = words.filter(|word| word.len() > 2 && word.starts_with("--"));
    flags
        .map(|flag| flag.trim_end_matches(['.', ':']).to_owned())
        .collect()
}

/// What a line of code calls: the command of mailcensus and what stands behind it.
fn call<'a>(line: &'a str, commands: &BTreeSet<&str>) -> Option<(&'a str, &'a str)> {
    let line = line.split(" #").next().unwrap_or_default();
    let line = line.split(" | ").next().unwrap_or_default().trim();
    let (first, rest) = line.split_once(' ')?;
    if first.rsplit('/').next() == Some("mailcensus") {
        let (command, rest) = rest
            .trim_start()
            .split_once(' ')
            .unwrap_or((rest.trim(), ""));
        let is_word = command
            .bytes()
            .all(|one| one.is_ascii_lowercase() || one == b'-');
        return is_word
            .then_some((command, rest))
            .filter(|_| !command.starts_with('-'));
    }
    (commands.contains(first) && rest.starts_with("--")).then_some((first, rest))
}

#[test]
fn every_command_and_flag_is_there() {
    let offered = offered();
    let commands: BTreeSet<&str> = offered.keys().map(String::as_str).collect();
    let everywhere: BTreeSet<&String> = offered.values().flatten().collect();
    let mut wrong = Vec::new();
    let mut calls = 0;
    for document in documents() {
        let mut say = |what: String| wrong.push(format!("{}: {what}", document.path.display()));
        let spans = document.spans();
        for line in document.code().iter().chain(&spans) {
            let Some((command, rest)) = call(line, &commands) else {
                continue;
            };
            calls += 1;
            match offered.get(command) {
                None if TO_COME.contains(&command) => {}
                None => say(format!("mailcensus {command}")),
                Some(flags) => flags_in(rest)
                    .difference(flags)
                    .for_each(|flag| say(format!("mailcensus {command} {flag}"))),
            }
        }
        for span in spans.iter().filter(|span| span.starts_with("--")) {
            let strangers = flags_in(span).into_iter();
            strangers
                .filter(|flag| !everywhere.contains(flag) && !FOREIGN.contains(&flag.as_str()))
                .for_each(&mut say);
        }
    }
    assert!(calls > 30, "{calls} calls");
    assert!(wrong.is_empty(), "{wrong:#?}");
    for command in TO_COME {
        assert!(
            !commands.contains(command),
            "{command} is there: take it out of TO_COME"
        );
    }
}

/// The names at the beginning of the rows of the tables below a heading.
fn first_cells(document: &Document, heading: &str) -> Vec<String> {
    let below = document.text.split(heading).nth(1).expect("the heading");
    let section = below.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .collect()
}

#[test]
fn the_method_has_every_check_in_its_order_and_no_other() {
    let told = first_cells(&Document::of_docs("method.md"), "\n## The checks\n");
    let checks: Vec<_> = CheckId::ALL.iter().map(|check| check.as_str()).collect();
    assert_eq!(told, checks);
}

#[test]
fn every_personal_column_is_named_as_one() {
    let dictionary = print(&TableName::ALL, Format::Markdown);
    let mut marked = BTreeSet::new();
    let mut table = "";
    for line in dictionary.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            table = name;
        }
        let row = line
            .strip_prefix("| `")
            .filter(|row| row.contains("*personal*"));
        if let Some((column, _)) = row.and_then(|row| row.split_once('`')) {
            marked.insert(format!("{table}.{column}"));
        }
    }
    let document = Document::of_docs("data-protection.md");
    let rows = document
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("| `"));
    let told: BTreeSet<_> = rows
        .filter_map(|row| row.split_once("` | `"))
        .filter(|(table, _)| TableName::ALL.iter().any(|one| one.as_str() == *table))
        .flat_map(|(table, columns)| {
            let columns = columns.trim_end_matches("` |").split("`, `");
            columns.map(move |column| format!("{table}.{column}"))
        })
        .collect();
    assert!(marked.len() > 10, "{marked:?}");
    assert_eq!(told, marked);
}
