//! Work that asks others: the runtime and the signals, whichever command wants it.

use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::survey::{self, Outcome, Screen, Settings};

/// Runs a survey to its end, or to an interruption. `console` is told of signals; `screen` makes what
/// the survey is watched on, inside the runtime; `leave` is done where a signal ends the process at
/// once.
///
/// # Errors
/// What ended it.
pub fn to_the_end(
    settings: &Settings,
    console: Arc<dyn Screen>,
    screen: impl FnOnce() -> Result<Arc<dyn Screen>>,
    leave: impl FnOnce() + Send + 'static,
) -> Result<Outcome> {
    run(console, leave, async |stop| {
        survey::run(settings, &stop, screen()?).await
    })
}

/// Does something that leaves nothing behind, to its end or to an interruption; `console` is told of
/// signals.
///
/// # Errors
/// What ended it.
pub fn until_done<T>(
    console: Arc<dyn Screen>,
    work: impl AsyncFnOnce(Stop) -> Result<T>,
) -> Result<T> {
    run(console, || {}, work)
}

fn run<T>(
    console: Arc<dyn Screen>,
    leave: impl FnOnce() + Send + 'static,
    work: impl AsyncFnOnce(Stop) -> Result<T>,
) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|err| Error::Machine(format!("cannot start threads: {err}; free some memory")))?;
    let stop = Stop::default();
    let outcome = runtime.block_on(async {
        let signals = listen()?;
        tokio::spawn(obey(signals, stop.clone(), console, leave));
        work(stop).await
    });
    // Blocking work is a commit at the most, and that may end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(30));
    outcome
}

fn listen() -> Result<(Signal, Signal)> {
    let failed = |err| Error::Machine(format!("cannot listen to signals: {err}"));
    let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let terminate = signal(SignalKind::terminate()).map_err(failed)?;
    Ok((interrupt, terminate))
}

/// The first signal ends the survey in order, the second at once: what is committed is safe.
async fn obey(
    (mut interrupt, mut terminate): (Signal, Signal),
    stop: Stop,
    console: Arc<dyn Screen>,
    leave: impl FnOnce(),
) {
    let mut wait = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    wait().await;
    if !stop.has_begun() {
        console.note("interrupted before anything was asked");
        leave();
        std::process::exit(3);
    }
    console.note("stopping; conversations end, then what was learned is committed");
    stop.request(Error::Interrupted);
    wait().await;
    leave();
    std::process::exit(3);
}
