//! `--metrics`: counters for Prometheus, of what the screen shows.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{counter, gauge};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::error::{Error, Result};
use crate::pace::Outlook;
use crate::survey::{Screen, Watch};

/// A screen that counts what it shows, and a server beside it. Has to be called in the runtime.
///
/// # Errors
/// When nobody can listen at the address.
pub fn serve(address: SocketAddr, screen: Arc<dyn Screen>) -> Result<Arc<dyn Screen>> {
    PrometheusBuilder::new()
        .with_http_listener(address)
        .install()
        .map_err(|err| {
            Error::Usage(format!(
                "--metrics {address}: cannot listen there ({err}); give a free port of this machine"
            ))
        })?;
    describe();
    gauge!("mailcensus_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    Ok(Arc::new(Metered(screen)))
}

fn describe() {
    use metrics::{describe_counter as counter, describe_gauge as gauge};
    gauge!("mailcensus_build_info", "Version of the program; always 1.");
    gauge!(
        "mailcensus_stage",
        "1 while the stage runs, 0 when it is over."
    );
    gauge!("mailcensus_total", "How many a stage has in all.");
    gauge!(
        "mailcensus_done",
        "How many of a stage are done, by whichever process."
    );
    counter!(
        "mailcensus_outcomes_total",
        "How those that this process did ended."
    );
    gauge!(
        "mailcensus_in_flight",
        "How many of a stage are being worked on."
    );
    gauge!("mailcensus_operators_paused", "Operators that are paused.");
    gauge!(
        "mailcensus_outlook_seconds",
        "What the budgets take for the rest of the stage."
    );
}

struct Metered(Arc<dyn Screen>);

impl Screen for Metered {
    fn note(&self, text: &str) {
        self.0.note(text);
    }

    fn stage(
        &self,
        name: &'static str,
        unit: &'static str,
        total: u64,
        done: u64,
    ) -> Arc<dyn Watch> {
        gauge!("mailcensus_stage", "stage" => name).set(1);
        gauge!("mailcensus_total", "stage" => name).set(total as f64);
        gauge!("mailcensus_done", "stage" => name).set(done as f64);
        Arc::new(Counted {
            name,
            done: AtomicU64::new(done),
            watch: self.0.stage(name, unit, total, done),
        })
    }
}

struct Counted {
    name: &'static str,
    done: AtomicU64,
    watch: Arc<dyn Watch>,
}

impl Watch for Counted {
    fn done(&self, outcome: &'static str, in_flight: usize) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        gauge!("mailcensus_done", "stage" => self.name).set(done as f64);
        gauge!("mailcensus_in_flight", "stage" => self.name).set(in_flight as f64);
        counter!("mailcensus_outcomes_total", "stage" => self.name, "outcome" => outcome)
            .increment(1);
        self.watch.done(outcome, in_flight);
    }

    fn outlook(&self, ahead: Outlook) {
        gauge!("mailcensus_operators_paused").set(f64::from(ahead.paused));
        gauge!("mailcensus_outlook_seconds", "stage" => self.name).set(ahead.seconds as f64);
        self.watch.outlook(ahead);
    }

    fn finish(&self) {
        gauge!("mailcensus_stage", "stage" => self.name).set(0);
        gauge!("mailcensus_in_flight", "stage" => self.name).set(0);
        self.watch.finish();
    }
}
