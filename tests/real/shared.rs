//! One complete survey of the lab with every packet of it, for the tests that only look.

use std::path::PathBuf;
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
