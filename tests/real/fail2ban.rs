//! What fail2ban makes of us: the lines that Postfix logs of a survey, judged by the filter that its
//! users turn on when they are strict. It bans at five matching lines in ten minutes.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::foreign::tool;
use super::lab::lab;
use super::program::{ADDRESS_WINDOW, run};
use super::shared::{alone, shared};

/// Matching lines that may come from us in a window, to all addresses of one machine together.
const AT_MOST: usize = 3;

/// The log of Postfix from some moment on.
pub struct PostfixLog {
    path: PathBuf,
    start: usize,
}

impl PostfixLog {
    /// From now on.
    pub fn here() -> Self {
        let path = lab().dir.join("log/postfix.log");
        let start = fs::read(&path).map_or(0, |bytes| bytes.len());
        Self { path, start }
    }

    /// What was logged since.
    pub fn since(&self) -> String {
        let bytes = fs::read(&self.path).expect("a log");
        String::from_utf8_lossy(&bytes[self.start..]).into_owned()
    }
}

/// When each machine was given reason, in seconds. In the lab everybody calls from the address that
/// is called, so that the address of the caller tells the machine.
fn matches(log: &str, name: &str) -> BTreeMap<String, Vec<f64>> {
    let file = lab().scratch(name).join("postfix.log");
    fs::write(&file, log).expect("writes");
    let filter = "postfix[mode=aggressive]";
    let told = tool(
        "fail2ban-regex",
        &["-o", "<ip> <time>", &file.display().to_string(), filter],
    );
    let hosts = lab().hosts();
    let mut machines: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in told.lines().filter(|line| !line.is_empty()) {
        let (ip, time) = line.split_once(' ').unwrap_or_else(|| panic!("{told}"));
        let machine = hosts
            .iter()
            .find(|host| host.addresses.iter().any(|address| address == ip))
            .unwrap_or_else(|| panic!("nobody is at {ip}: {told}"));
        let time = time.parse().unwrap_or_else(|_| panic!("{told}"));
        machines.entry(machine.host.clone()).or_default().push(time);
    }
    machines
}

/// The most lines within one window. The log has whole seconds, so that two that are a window apart
/// may be a little more than that.
fn worst(mut times: Vec<f64>) -> usize {
    times.sort_by(f64::total_cmp);
    let window = f64::from(ADDRESS_WINDOW);
    let within = |start: &f64| {
        let inside = times
            .iter()
            .filter(|time| **time >= *start && **time < start + window);
        inside.count()
    };
    times.iter().map(within).max().unwrap_or(0)
}

#[test]
fn fail2ban_has_no_reason_to_ban_us() {
    let log = &shared().log;
    let calls = log.lines().filter(|line| line.contains(": connect from "));
    assert!(calls.count() > 10, "Postfix saw the survey: {log}");
    let machines = matches(log, "fail2ban-us");
    // A hello that ends with the first flight is such a line; one machine has two addresses.
    assert!(machines.len() > 10, "{machines:?}");
    assert!(machines["mx-dual.mailhost.cz"].len() > AT_MOST);
    for (machine, times) in machines {
        println!("{machine}: {} lines", times.len());
        assert!(worst(times) <= AT_MOST, "{machine} would count them: {log}");
    }
}

#[test]
fn fail2ban_would_have_banned_somebody_rude() {
    let lab = lab();
    let hosts = lab.hosts();
    let dual = hosts.iter().find(|host| host.host == "mx-dual.mailhost.cz");
    let addresses = &dual.expect("in the lab").addresses;
    let _alone = alone();
    let log = PostfixLog::here();
    // Hangs up after EHLO, two times at each address of one machine.
    for address in addresses.iter().chain(addresses) {
        let script = format!(
            "exec 3<>/dev/tcp/{address}/25; read -r -u 3 _; printf 'EHLO rude.example\\r\\n' >&3; \
             read -r -u 3 _; exec 3>&-"
        );
        run(lab.inside("bash").args(["-c", &script])).expect(0);
    }
    let rude = |log: &str| log.matches("lost connection after").count();
    let start = Instant::now();
    while rude(&log.since()) < 4 {
        assert!(start.elapsed() < Duration::from_secs(10), "{}", log.since());
        std::thread::sleep(Duration::from_millis(50));
    }
    let machines = matches(&log.since(), "fail2ban-rude");
    assert_eq!(machines.len(), 1, "{machines:?}");
    let lines = worst(machines["mx-dual.mailhost.cz"].clone());
    assert!(lines > AT_MOST, "{machines:?}");
}
