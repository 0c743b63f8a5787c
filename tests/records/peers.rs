//! How other people's parsers read records: each is a program that answers line by line.

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use super::reading::{Reading, Record};

/// A parser of other people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    Pyspf,
    Checkdmarc,
    MailAuth,
}

/// All of them, and their names.
pub const PEERS: &[(Peer, &str)] = &[
    (Peer::Pyspf, "pyspf"),
    (Peer::Checkdmarc, "checkdmarc"),
    (Peer::MailAuth, "mail-auth"),
];

impl Peer {
    /// Its name.
    pub fn name(self) -> &'static str {
        let found = PEERS.iter().find(|(peer, _)| *peer == self);
        found.expect("every peer has a name").1
    }

    fn command(self) -> Command {
        if self == Self::MailAuth {
            let cache = env::var_os("MAILCENSUS_CACHE").unwrap_or("/var/cache/mailcensus".into());
            let program = PathBuf::from(cache).join("mail-auth/debug/read-mail-auth");
            assert!(
                program.exists(),
                "scripts/test builds {}",
                program.display()
            );
            return Command::new(program);
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/records/peers/read.py");
        let mut command = Command::new("python3");
        command.args([script, self.name()]);
        command
    }

    /// What it makes of each record; none for a kind that it does not read.
    pub fn read(self, records: &[Record]) -> Vec<Option<Reading>> {
        let lines: String = records.iter().map(line).collect();
        let mut child = self
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a program");
        let mut input = child.stdin.take().expect("a pipe");
        let writer = thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = child.wait_with_output().expect("its output");
        let errors = String::from_utf8_lossy(&output.stderr);
        let name = self.name();
        assert!(
            output.status.success(),
            "{name}: {errors} (scripts/test installs it)"
        );
        writer.join().expect("a thread").expect("all was read");
        let text = String::from_utf8(output.stdout).expect("text");
        let readings: Vec<_> = text.lines().map(reading).collect();
        assert_eq!(readings.len(), records.len(), "{name}: {errors}");
        readings
    }
}

fn line(record: &Record) -> String {
    let text: String = record.bytes.iter().copied().map(char::from).collect();
    format!(
        "{}\n",
        json!({ "kind": record.kind.name(), "record": text })
    )
}

fn reading(line: &str) -> Option<Reading> {
    let answer: Value = serde_json::from_str(line).expect("JSON");
    let valid = answer.get("valid")?.as_bool().expect("yes or no");
    Some(Reading {
        valid,
        facts: answer["facts"].as_object().cloned().unwrap_or_default(),
        why: answer["why"].as_str().unwrap_or_default().to_owned(),
        findings: Vec::new(),
    })
}
