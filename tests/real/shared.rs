//! One complete survey of the lab with every packet of it, for the tests that only look.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, MutexGuard};

use super::fail2ban::PostfixLog;
use super::lab::lab;
use super::pcap::Capture;
use super::program::{Ran, run, survey};

/// A complete survey.
pub struct Shared {
    /// Its directory.
    pub out: PathBuf,
    /// What it said.
    pub ran: Ran,
    /// What went over port 25 meanwhile.
    pub pcap: PathBuf,
    /// What Postfix logged meanwhile.
    pub log: String,
}

/// The survey; the first test that asks for it waits for it.
pub fn shared() -> &'static Shared {
    static SHARED: LazyLock<Shared> = LazyLock::new(make);
    &SHARED
}

/// A copy of the survey, for a test that changes it.
pub fn copy(name: &str) -> PathBuf {
    let out = lab().scratch(name).join("out");
    copy_folder(&shared().out, &out);
    out
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("creates");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy_folder(&path, &to),
            false => drop(fs::copy(&path, &to).expect("copies")),
        }
    }
}

/// The right to talk to the mail servers. Taken after the survey is there: who held it and then
/// waited for the survey would wait for ever.
pub fn alone() -> MutexGuard<'static, ()> {
    shared();
    lab().mail()
}

fn make() -> Shared {
    let lab = lab();
    let dir = lab.scratch("shared");
    let _alone = lab.mail();
    let capture = Capture::start(&dir.join("mail.pcap"));
    let out = dir.join("out");
    let logged = PostfixLog::here();
    let ran = run(&mut survey(&out)).expect(0);
    let pcap = capture.stop();
    let log = logged.since();
    Shared {
        out,
        ran,
        pcap,
        log,
    }
}
