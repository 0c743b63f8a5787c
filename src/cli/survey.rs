//! `survey`: signals, the runtime, and the last words.

use std::io::Write;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::console::Console;
use super::flags::SurveyFlags;
use super::settings::settings;
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::survey;

/// Runs a survey to its end, or to an interruption.
pub fn run(flags: &SurveyFlags) -> Result<u8> {
    let settings = settings(flags)?;
    let console = Console::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|err| Error::Machine(format!("cannot start threads: {err}; free some memory")))?;
    if flags.dry_run {
        let plan = survey::dry_run(&settings)?;
        print(&plan.to_string());
        return Ok(0);
    }
    let stop = Stop::default();
    let outcome = runtime.block_on(async {
        let signals = listen()?;
        tokio::spawn(obey(signals, stop.clone()));
        survey::run(&settings, &stop, &console).await
    });
    // Blocking work is a commit at the most, and that may end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(30));
    console.clear();
    let outcome = outcome?;
    print(&outcome.to_string());
    for trouble in &outcome.trouble {
        eprintln!("mailcensus: note: {trouble}");
    }
    Ok(u8::from(!outcome.trouble.is_empty()))
}

fn print(text: &str) {
    // A closed pipe is no error of ours: somebody read enough.
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn listen() -> Result<(Signal, Signal)> {
    let failed = |err| Error::Machine(format!("cannot listen to signals: {err}"));
    let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let terminate = signal(SignalKind::terminate()).map_err(failed)?;
    Ok((interrupt, terminate))
}

/// The first signal ends the survey in order, the second at once: what is committed is safe.
async fn obey((mut interrupt, mut terminate): (Signal, Signal), stop: Stop) {
    let mut wait = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    wait().await;
    if !stop.has_begun() {
        eprintln!("mailcensus: interrupted before anything was asked");
        std::process::exit(3);
    }
    eprintln!("mailcensus: stopping; conversations end, then what was learned is committed");
    stop.request(Error::Interrupted);
    wait().await;
    std::process::exit(3);
}
