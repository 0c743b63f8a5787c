//! The lab: started once, entered by `nsenter`, gone with this process.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// A running lab.
pub struct Lab {
    /// Its directory, which it removes when it ends.
    pub dir: PathBuf,
    pid: String,
    env: BTreeMap<String, String>,
    mail: Mutex<()>,
    /// The lab ends with this pipe, which the kernel closes at the end of this process.
    _stdin: ChildStdin,
}

/// The lab, or a failed test with the sentence of the lab.
pub fn lab() -> &'static Lab {
    static LAB: LazyLock<Result<Lab, String>> = LazyLock::new(start);
    match &*LAB {
        Ok(lab) => lab,
        Err(sentence) => panic!("{sentence}"),
    }
}

fn start() -> Result<Lab, String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/real-servers");
    let mut child = Command::new(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|err| format!("{script}: {err}"))?;
    let mut words = child.stderr.take().expect("a pipe");
    let words = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = words.read_to_string(&mut text);
        text
    });
    let mut ready = String::new();
    let _ = BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut ready);
    let field = |name: &str| {
        let word = ready
            .split_whitespace()
            .find_map(|word| word.strip_prefix(name));
        word.map(str::to_owned)
    };
    let (Some(pid), Some(dir)) = (field("pid="), field("dir=")) else {
        return Err(format!(
            "the lab did not start:\n{}",
            words.join().unwrap_or_default()
        ));
    };
    let dir = PathBuf::from(dir);
    let text = read(&dir.join("lab.env"));
    let env = text.lines().filter_map(|line| line.split_once('='));
    Ok(Lab {
        env: env
            .map(|(key, value)| (key.to_owned(), value.trim_matches('"').to_owned()))
            .collect(),
        dir,
        pid,
        mail: Mutex::default(),
        _stdin: child.stdin.take().expect("a pipe"),
    })
}

impl Lab {
    /// A command that runs inside. `nsenter` turns into it, so that the child's PID is its own.
    pub fn inside(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.pid, "-n", "-m", "--"]);
        command.arg(program.as_ref());
        command
    }

    /// A program that the lab brings along.
    pub fn tool(&self, name: &str) -> PathBuf {
        self.dir.join("bin").join(name)
    }

    /// A value of lab.env.
    pub fn env(&self, key: &str) -> &str {
        self.env.get(key).expect("a key of lab.env")
    }

    /// Where the inside of a mount made in there is seen from here.
    pub fn seen_from_outside(&self, path: &Path) -> PathBuf {
        let inside = path.strip_prefix("/").expect("an absolute path");
        Path::new("/proc").join(&self.pid).join("root").join(inside)
    }

    /// The right to talk to the mail servers, which `shared::alone` gives: who counts connections
    /// wants nobody beside.
    pub fn mail(&self) -> MutexGuard<'_, ()> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new directory, gone with the lab.
    pub fn scratch(&self, name: &str) -> PathBuf {
        let dir = self.dir.join(format!("test-{name}"));
        std::fs::create_dir(&dir).expect("a directory of this name only");
        dir
    }

    /// The list of every domain.
    pub fn list(&self) -> PathBuf {
        self.dir.join("domains.txt")
    }

    /// The rows of truth.tsv.
    pub fn truth(&self) -> Vec<Truth> {
        let row = |cells: &[&str]| Truth {
            domain: cells[0].to_owned(),
            kind: cells[1].to_owned(),
            dnssec: cells[2].to_owned(),
            mx: listed(cells[3]),
        };
        table(&self.dir.join("truth.tsv"), row)
    }

    /// The rows of hosts.tsv.
    pub fn hosts(&self) -> Vec<MailHost> {
        let row = |cells: &[&str]| MailHost {
            host: cells[0].to_owned(),
            addresses: listed(cells[1]),
            class: cells[2].to_owned(),
            tlsa: cells[3].to_owned(),
        };
        table(&self.dir.join("hosts.tsv"), row)
    }
}

/// What a domain must be found to be.
pub struct Truth {
    pub domain: String,
    pub kind: String,
    pub dnssec: String,
    pub mx: Vec<String>,
}

/// What a mail host must be found to be.
pub struct MailHost {
    pub host: String,
    pub addresses: Vec<String>,
    pub class: String,
    pub tlsa: String,
}

fn table<T>(path: &Path, row: impl Fn(&[&str]) -> T) -> Vec<T> {
    let text = read(path);
    let lines = text.lines().skip(1);
    lines
        .map(|line| row(&line.split('\t').collect::<Vec<_>>()))
        .collect()
}

fn listed(cell: &str) -> Vec<String> {
    let words = cell.split(',').filter(|word| *word != "-");
    words.map(str::to_owned).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}
