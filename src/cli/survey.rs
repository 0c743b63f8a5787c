//! `survey`: signals, the runtime, and the last words.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::config::Effective;
use super::console::Console;
use super::flags::SurveyFlags;
use super::settings::settings;
use super::{complain, print_lines};
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::survey::{self, Screen};

/// Runs a survey to its end, or to an interruption.
pub fn run(flags: &SurveyFlags, effective: Effective) -> Result<u8> {
    let settings = settings(flags, effective)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|err| Error::Machine(format!("cannot start threads: {err}; free some memory")))?;
    if flags.dry_run {
        let plan = survey::dry_run(&settings)?;
        print_lines(&format!("{plan}\n"))?;
        return Ok(0);
    }
    let stop = Stop::default();
    let console = Arc::new(Console::new());
    let outcome = runtime.block_on(async {
        let signals = listen()?;
        tokio::spawn(obey(signals, stop.clone(), console.clone()));
        let screen = metered(console.clone(), flags.watching.metrics)?;
        survey::run(&settings, &stop, screen).await
    });
    // Blocking work is a commit at the most, and that may end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(30));
    console.close();
    let outcome = outcome?;
    print_lines(&format!("{outcome}\n"))?;
    for trouble in &outcome.trouble {
        complain(&format_args!("note: {trouble}"));
    }
    Ok(u8::from(!outcome.trouble.is_empty()))
}

/// The screen, with a server of metrics beside it where one is asked for.
#[cfg(feature = "metrics")]
fn metered(screen: Arc<dyn Screen>, address: Option<SocketAddr>) -> Result<Arc<dyn Screen>> {
    match address {
        Some(address) => super::metrics::serve(address, screen),
        None => Ok(screen),
    }
}

#[cfg(not(feature = "metrics"))]
fn metered(screen: Arc<dyn Screen>, address: Option<SocketAddr>) -> Result<Arc<dyn Screen>> {
    match address {
        Some(address) => Err(Error::Usage(format!(
            "--metrics {address}: this mailcensus was built without it; build it with cargo build \
             --release --features metrics"
        ))),
        None => Ok(screen),
    }
}

fn listen() -> Result<(Signal, Signal)> {
    let failed = |err| Error::Machine(format!("cannot listen to signals: {err}"));
    let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let terminate = signal(SignalKind::terminate()).map_err(failed)?;
    Ok((interrupt, terminate))
}

/// The first signal ends the survey in order, the second at once: what is committed is safe.
async fn obey((mut interrupt, mut terminate): (Signal, Signal), stop: Stop, console: Arc<Console>) {
    let mut wait = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    wait().await;
    if !stop.has_begun() {
        console.note("interrupted before anything was asked");
        std::process::exit(3);
    }
    console.note("stopping; conversations end, then what was learned is committed");
    stop.request(Error::Interrupted);
    wait().await;
    std::process::exit(3);
}
