//! The road of a domain on one screen: list → spool → DNS → hosts → servers → verdicts.
//!
//! [`run`] does a survey, or what is left of one. The stages meet only at the tables, and each
//! boundary is a checkpoint: a stage that is finished is not entered again.

mod ahead;
mod asking;
mod chains;
mod clientports;
mod copies;
mod deep;
mod dialling;
mod directory;
mod domains;
mod endpoints;
mod faults;
mod hosts;
mod interval;
pub mod judging;
mod learned;
mod log;
mod machine;
mod plan;
mod policies;
mod preflight;
mod resolver;
mod retry;
mod same;
mod scratch;
mod settings;
pub mod single;
mod tables;
mod tally;
mod traced;
mod trust;
mod web;
mod webmail;
mod zones;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use plan::dry_run;
pub use preflight::egress;
pub use scratch::Scratch;
pub use settings::{Ledger, Screen, Settings, Stage, Watch};
pub use tally::Tally;

use crate::dns;
use crate::error::{Error, Result};
use crate::report::Summary;
use crate::stop::Stop;
use crate::table::Store;
use crate::table::rows::TableName;
use crate::table::tls_codes::Depth;
use directory::Survey;
use log::Logbook;
use tables::Tables;

/// What a survey came to.
pub struct Outcome {
    /// Directory of the survey.
    pub out: std::path::PathBuf,
    /// The stage that was asked for, if not all were.
    pub stage: Option<Stage>,
    /// What it adds up to, when every stage is finished.
    pub summary: Option<Summary>,
    /// Local trouble worth reading.
    pub trouble: Vec<String>,
}

/// What every stage needs.
pub(crate) struct Context<'a> {
    settings: &'a Settings,
    tables: &'a Tables,
    store: Arc<Mutex<Store>>,
    stop: &'a Stop,
    screen: Arc<Logbook>,
}

impl Context<'_> {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wants(&self, stage: Stage) -> bool {
        let chosen = self.settings.stage.is_none_or(|only| only == stage);
        chosen && !self.store().is_finished(stage.as_str())
    }
}

/// Does a survey, or what is left of it.
///
/// # Errors
/// What ended it: trouble of this machine or its operator, or an interruption. What was committed
/// stays, and the same call goes on from there.
pub async fn run(settings: &Settings, stop: &Stop, screen: Arc<dyn Screen>) -> Result<Outcome> {
    machine::check(settings)?;
    for resolver in &settings.dns.resolvers {
        dns::preflight::admissible(*resolver, settings.trust_ad)?;
    }
    let screen = Logbook::new(screen);
    let result = do_it(settings, stop, &screen).await;
    match &result {
        Ok(outcome) => {
            for trouble in &outcome.trouble {
                screen.event("note", trouble);
            }
            screen.event("end", "complete");
        }
        Err(Error::Interrupted) => screen.event("end", "interrupted"),
        Err(err) => screen.event("error", &err.to_string()),
    }
    result
}

async fn do_it(settings: &Settings, stop: &Stop, screen: &Arc<Logbook>) -> Result<Outcome> {
    let (tables, mut survey) = tokio::task::block_in_place(|| {
        let tables = Tables::read(settings)?;
        directory::open(settings, &tables, screen).map(|survey| (tables, survey))
    })?;
    stop.begin();
    let context = Context {
        settings,
        tables: &tables,
        store: survey.store.clone(),
        stop,
        screen: screen.clone(),
    };
    let result = tokio::select! {
        result = until_the_end(&context, road(&context, &mut survey)) => result,
        never = tables.exclusions.watch(|text| screen.note(text)) => match never {},
    };
    survey.note_exclusions(&tables.exclusions);
    // Where both fail, why the survey ended says more than why that could not be written down.
    let recorded = survey.end(&result);
    let outcome = result?;
    recorded?;
    Ok(outcome)
}

/// Sees a survey to its end, and writes down when it was asked to stop.
async fn until_the_end<T>(context: &Context<'_>, road: impl Future<Output = T>) -> T {
    let mut road = std::pin::pin!(road);
    tokio::select! {
        result = &mut road => return result,
        () = context.stop.requested() => {}
    }
    context.screen.event("stop", "requested");
    road.await
}

async fn road(context: &Context<'_>, survey: &mut Survey) -> Result<Outcome> {
    stages_before(context)?;
    let asks = [Stage::Dns, Stage::Hosts, Stage::Probe];
    if asks.into_iter().any(|stage| context.wants(stage)) {
        let client = resolvers(context, survey).await?;
        if let Some(spool) = survey.spool().filter(|_| context.wants(Stage::Dns)) {
            domains::run(context, &client, spool).await?;
        }
        if context.wants(Stage::Hosts) {
            hosts::run(context, &client).await?;
        }
        if context.wants(Stage::Probe) {
            probe(context, &client, survey).await?;
        }
    }
    if context.wants(Stage::Verdict) || lacks_judgement(context, survey) {
        context.screen.event("stage", "verdict begins");
        judge(context, survey).await?;
        context.screen.event("stage", "verdict ends");
    }
    finish(context, survey)
}

async fn probe(
    context: &Context<'_>,
    client: &Arc<dns::Client>,
    survey: &mut Survey,
) -> Result<()> {
    if !preflight::is_closed(survey.preflight()) {
        survey.note_probing()?;
    }
    policies::run(context, survey.trust()).await?;
    webmail::run(context, survey.trust()).await?;
    let rules = preflight::rules(context, survey.preflight());
    endpoints::run(context, client, survey.trust(), rules.clone()).await?;
    // Without --clients no domain names a host that clients use.
    clientports::run(context, survey.trust()).await?;
    if context.settings.depth == Depth::Deep {
        deep::run(context, rules).await?;
    }
    let tables = [
        TableName::Endpoints,
        TableName::Hellos,
        TableName::StsPolicies,
        TableName::Webmail,
        TableName::Certificates,
    ];
    context.store().finish(Stage::Probe.as_str(), &tables)
}

/// A stage alone needs those before it.
fn stages_before(context: &Context<'_>) -> Result<()> {
    let Some(only) = context.settings.stage else {
        return Ok(());
    };
    match Stage::first_open(&context.store()).filter(|stage| *stage < only) {
        None => Ok(()),
        Some(stage) => Err(Error::Usage(format!(
            "--stage {only}: stage {stage} is not finished; run it first, or leave --stage away"
        ))),
    }
}

/// Opens the resolvers, and tries what everything after leans on.
async fn resolvers(context: &Context<'_>, survey: &mut Survey) -> Result<Arc<dns::Client>> {
    let screen = context.screen.clone();
    let client = resolver::open(context.settings, context.stop, screen).await?;
    preflight::run(context, &client, survey).await?;
    Ok(client)
}

/// Whether judging was begun and not finished, whatever the log of the tables says.
fn lacks_judgement(context: &Context<'_>, survey: &Survey) -> bool {
    let only = context.settings.stage;
    survey.manifest().judged.is_none() && only.is_none_or(|only| only == Stage::Verdict)
}

async fn judge(context: &Context<'_>, survey: &mut Survey) -> Result<()> {
    let store = context.store.clone();
    let mut manifest = survey.manifest().clone();
    // What there is was made of rows that may have gone since.
    manifest.judged = None;
    let work = move || {
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        // Rows that are gone are made anew, by whatever profiles there were.
        let recorded = judging::recorded(store.dir(), &manifest, &BTreeSet::new());
        let (assignments, skipped) = judging::apart(recorded);
        let judged = judging::judge(&mut store, &mut manifest, &assignments);
        (manifest, skipped, judged)
    };
    let (manifest, skipped, judged) = tokio::task::spawn_blocking(work)
        .await
        .map_err(|err| Error::Internal(format!("verdict: {err}")))?;
    // Also where judging failed: then it says so.
    survey.note_judged(manifest);
    for note in skipped.iter().chain(&judged?.notes) {
        context.screen.note(note);
    }
    Ok(())
}

fn finish(context: &Context<'_>, survey: &mut Survey) -> Result<Outcome> {
    let settings = context.settings;
    let complete = Stage::first_open(&context.store()).is_none();
    let summary = complete
        .then(|| Summary::read(&context.store()))
        .transpose()?;
    if let Some(summary) = &summary {
        survey.complete(settings.keep_spool, summary.bias.clone())?;
    }
    let mut trouble = survey.trouble();
    let is_closed = preflight::is_closed(survey.preflight());
    trouble.extend(
        summary
            .iter()
            .flat_map(|summary| summary.trouble(is_closed)),
    );
    trouble.extend(preflight::trouble(survey.preflight()));
    Ok(Outcome {
        out: settings.out.clone(),
        stage: settings.stage,
        summary,
        trouble,
    })
}

/// The tables that every survey has; rule books judge afterwards.
fn tables() -> String {
    let all = TableName::ALL.iter().map(|table| table.as_str());
    let observed = all.filter(|name| *name != TableName::Compliance.as_str());
    observed.collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out = self.out.display();
        match &self.summary {
            Some(summary) => write!(
                f,
                "{summary}\n\nTables in {out}: {}\n\n  SELECT starttls.result, count(*) FROM \
                 '{out}/verdicts/*.parquet' GROUP BY 1;",
                tables()
            ),
            None => {
                let stage = self.stage.map_or("what was asked for", Stage::as_str);
                write!(
                    f,
                    "{out}: {stage} is finished; run without --stage for the rest"
                )
            }
        }
    }
}
