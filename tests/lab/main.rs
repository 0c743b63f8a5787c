//! `lab`: a fake country on one machine, large enough to test on, with the truth about it.
//!
//! `cargo run --release --example lab -- --domains 100000 --seed 1` writes zones and truth, starts
//! NSD (root, top-level domains and everybody else as processes of their own, so that a resolver
//! really walks), a validating Unbound, mail servers and servers of MTA-STS policies on 127.0.0.0/8,
//! in a network namespace of its own. `lab::national::truth` documents the files of the truth,
//! `country::numbers` has every share, `lab::national::manners` every way of a mail server.

mod authority;
mod country;
mod daemons;
mod flags;

#[path = "mod.rs"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    reason = "the integration tests use the rest, and may fail by a panic"
)]
mod lab;
mod mail;
mod network;
mod online;
mod sts;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::Parser;

use authority::Authority;
use country::keys::ZoneKey;
use country::sign::Signer;
use country::zones::PREFLIGHT;
use country::{Country, Settings, plan, write};
use daemons::Daemons;
use flags::Flags;

/// Descriptors: one for each mail server, and for those that are talked to.
const FILES: u64 = 400_000;

fn main() -> ExitCode {
    let flags = Flags::parse();
    match run(&flags) {
        Ok(code) => code,
        Err(sentence) => {
            eprintln!("lab: {sentence}");
            ExitCode::from(2)
        }
    }
}

fn run(flags: &Flags) -> Result<ExitCode, String> {
    if !flags.generate_only && !flags.no_namespace {
        network::enter()?;
    }
    let dir = Directory::of(flags)?;
    let path = dir.path();
    let start = Instant::now();
    let country = Country::new(Settings {
        domains: flags.domains,
        seed: flags.seed,
        slow_share: flags.slow_share,
        dead_share: flags.dead_share,
        changes: (flags.wave == 2).then_some(flags.changes),
    });
    let authority = Authority::new(flags.seed);
    let signer = Signer::new(ZoneKey::new(flags.seed));
    let io = |err: std::io::Error| format!("cannot write to {}: {err}", path.display());
    write::country(&country, &signer, path).map_err(io)?;
    std::fs::write(path.join("ca.pem"), &authority.pem).map_err(io)?;
    std::fs::write(path.join("manners.tsv"), manners()).map_err(io)?;
    let tables = country.tables();
    std::fs::write(path.join("asn.txt"), tables.asns).map_err(io)?;
    std::fs::write(path.join("countries.csv"), tables.countries).map_err(io)?;
    std::fs::write(path.join("vrps.csv"), tables.vrps).map_err(io)?;
    eprintln!(
        "lab: {} domains written in {:.1} s",
        flags.domains,
        start.elapsed().as_secs_f64()
    );
    if flags.generate_only {
        return Ok(ExitCode::SUCCESS);
    }
    serve(flags, &country, authority, signer, path)
}

fn serve(
    flags: &Flags,
    country: &Country,
    authority: Authority,
    signer: Signer,
    dir: &Path,
) -> Result<ExitCode, String> {
    let start = Instant::now();
    let _ = rlimit::Resource::NOFILE.set(FILES, FILES);
    let tree = daemons::packages()?;
    let runtime = tokio::runtime::Runtime::new().map_err(|err| format!("cannot start: {err}"))?;
    online::start(country, signer)
        .map_err(|err| format!("cannot listen on port 53 of 127.0.0.0/8 ({err})"))?;
    let daemons = Daemons::start(dir, &tree, country.hosters, flags.domains)?;
    let journal = mail::Journal::create(&dir.join("connections.csv"))
        .map_err(|err| format!("cannot write to {}: {err}", dir.display()))?;
    let authority = std::sync::Arc::new(authority);
    let started = runtime.block_on(async {
        let servers = mail::start(&country.servers, &authority, &journal)?;
        std::io::Result::Ok((servers, sts::start(country, &authority)?))
    });
    let (servers, policies) = started.map_err(|err| {
        format!(
            "cannot listen on ports 25 and 443 of 127.0.0.0/8 ({err}); the lab needs root, and some \
             descriptors"
        )
    })?;
    eprintln!(
        "lab: {servers} mail servers, {policies} servers of policies and the DNS ready in {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let code = match flags.command.as_slice() {
        [] => runtime.block_on(stay(dir)),
        command => inside(command, dir)?,
    };
    journal.flush();
    drop(daemons);
    runtime.shutdown_background();
    Ok(code)
}

/// What somebody inside needs to know.
fn words(dir: &Path) -> Vec<(&'static str, String)> {
    let file = |name: &str| dir.join(name).display().to_string();
    let [secure, bogus, unsigned] = PREFLIGHT.map(|(zone, _)| zone);
    vec![
        ("LAB_PID", std::process::id().to_string()),
        ("LAB_DIR", dir.display().to_string()),
        ("RESOLVER", format!("{}:53", plan::RESOLVER)),
        ("EHLO", "survey.lab.invalid".to_owned()),
        ("LIST", file("domains.txt")),
        ("LIST_CSV", file("domains.csv")),
        ("TRUTH", file("truth")),
        ("CA", file("ca.pem")),
        ("LAB", "127.0.0.0/8".to_owned()),
        (
            "PREFLIGHT",
            format!("secure={secure},bogus={bogus},unsigned={unsigned}"),
        ),
    ]
}

fn inside(command: &[String], dir: &Path) -> Result<ExitCode, String> {
    let status = Command::new(&command[0])
        .args(&command[1..])
        .envs(words(dir))
        .env_remove(network::INSIDE)
        .status();
    let status = status.map_err(|err| format!("cannot run {}: {err}", command[0]))?;
    Ok(ExitCode::from(status.code().map_or(1, |code| code as u8)))
}

/// Until standard input ends, or a signal comes.
async fn stay(dir: &Path) -> ExitCode {
    let words = words(dir).into_iter();
    let words: Vec<_> = words
        .map(|(key, value)| {
            format!(
                "{}={value}",
                key.to_ascii_lowercase().trim_start_matches("lab_")
            )
        })
        .collect();
    println!("ready {}", words.join(" "));
    let _ = std::io::stdout().flush();
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(
            &mut std::io::stdin().lock().take(u64::MAX),
            &mut std::io::sink(),
        );
        let _ = ended.send(());
    });
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .expect("a handler");
    tokio::select! {
        _ = end => {}
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    ExitCode::SUCCESS
}

/// `manners.tsv`: what `scripts/evidence manners` goes by.
fn manners() -> String {
    let rows = lab::national::manners::MANNERS
        .iter()
        .enumerate()
        .map(|(at, manner)| {
            let (ip, server, _) = country::servers::shown(at);
            let (tool, word) = manner.confirmed;
            format!("{}\t{}\t{ip}\t{tool:?}\t{word}\n", manner.name, server.name)
        });
    rows.collect()
}

/// Where the country is kept.
enum Directory {
    Given(PathBuf),
    Temporary(tempfile::TempDir),
}

impl Directory {
    fn of(flags: &Flags) -> Result<Self, String> {
        let Some(dir) = &flags.dir else {
            let dir = tempfile::Builder::new().prefix("mailcensus-lab.").tempdir();
            return dir
                .map(Self::Temporary)
                .map_err(|err| format!("cannot make a temporary directory: {err}"));
        };
        let io = |err: std::io::Error| format!("cannot write to {}: {err}", dir.display());
        // What an earlier country left here would only mix with this one's.
        let mark = dir.join(".lab");
        if mark.exists() {
            std::fs::remove_dir_all(dir).map_err(io)?;
        } else if std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(format!(
                "{} is neither empty nor the directory of an earlier lab",
                dir.display()
            ));
        }
        std::fs::create_dir_all(dir).map_err(io)?;
        std::fs::write(mark, "").map_err(io)?;
        dir.canonicalize().map(Self::Given).map_err(io)
    }

    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(dir) => dir.path(),
        }
    }
}
