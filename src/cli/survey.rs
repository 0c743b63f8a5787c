//! `survey`: the screen, and the last words.

use std::net::SocketAddr;
use std::sync::Arc;

use super::config::Effective;
use super::console::Console;
use super::flags::SurveyFlags;
use super::settings::of_survey;
use super::{complain, print_lines, running};
use crate::error::Result;
use crate::survey::{self, Screen};

/// Runs a survey to its end, or to an interruption.
pub fn run(flags: &SurveyFlags, effective: Effective) -> Result<u8> {
    let settings = of_survey(flags, effective)?;
    if flags.dry_run {
        let plan = survey::dry_run(&settings)?;
        print_lines(&format!("{plan}\n"))?;
        return Ok(0);
    }
    let console = Arc::new(Console::new());
    let screen = || metered(console.clone(), flags.watching.metrics);
    let outcome = running::to_the_end(&settings, console.clone(), screen, || {});
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
        Some(address) => Err(crate::error::Error::Usage(format!(
            "--metrics {address}: this mailcensus was built without it; build it with cargo build \
             --release --features metrics"
        ))),
        None => Ok(screen),
    }
}
