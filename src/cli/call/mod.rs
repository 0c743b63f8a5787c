//! Commands that are called often, about a few names: servers get from all calls together no more than
//! from one, and nobody waits who did not say so.
//!
//! [`Call`] has the settings and, by [`State`], what servers got from earlier calls; [`Quiet`] shows what
//! happens meanwhile.

mod screen;
mod state;

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::explain::spelled;
use super::flags::CallFlags;
use super::running;
use super::settings::asked;
use crate::error::{Error, Result};
use crate::survey::{Scratch, Settings};
pub use screen::Quiet;
pub use state::State;

/// A command that asks, before it does.
pub struct Call {
    /// What it will do.
    pub settings: Settings,
    /// What servers got from earlier calls; nobody else calls meanwhile.
    pub state: State,
}

impl Call {
    /// Reads the flags, and waits until no other call is under way. `waits`: whether what may be asked
    /// only later is waited for.
    ///
    /// # Errors
    /// When a flag does not fit, or the state cannot be kept.
    pub fn open(flags: &CallFlags, waits: bool) -> Result<Self> {
        let mut settings = asked(&flags.asking, false)?;
        if !waits {
            settings.limits = settings.limits.without_waiting();
        }
        let state = State::open(flags.state.as_deref(), settings.limits.window)?;
        settings.ledger = Some(state.ledger());
        Ok(Self { settings, state })
    }

    /// Surveys some domains in a directory of their own, which goes with what is handed out; and local
    /// trouble worth reading.
    ///
    /// # Errors
    /// What ended the survey.
    pub fn survey(&mut self, domains: &[String]) -> Result<(Scratch, Vec<String>)> {
        let scratch = Scratch::new()?;
        self.place(scratch.path(), domains)?;
        let screen = Arc::new(Quiet::new());
        let shown = screen.clone();
        let path = scratch.path().to_owned();
        // A second signal ends the process where nothing is dropped any more.
        let leave = move || drop(fs::remove_dir_all(path));
        let outcome = running::to_the_end(&self.settings, screen, || Ok(shown), leave)?;
        Ok((scratch, outcome.trouble))
    }

    /// Gives the survey its list, and a directory.
    fn place(&mut self, scratch: &Path, domains: &[String]) -> Result<()> {
        let list = scratch.join("domains.txt");
        let lines: String = domains.iter().map(|domain| format!("{domain}\n")).collect();
        fs::write(&list, lines).map_err(Error::io("write", &list))?;
        self.settings.input.lists = vec![list];
        self.settings.out = scratch.join("survey");
        Ok(())
    }
}

/// Domains as the tables spell them, each once, in their order.
///
/// # Errors
/// When one is no domain name.
pub fn domains(texts: &[String]) -> Result<Vec<String>> {
    let spelled = texts.iter().map(|text| spelled(text));
    let mut domains = spelled.collect::<Result<Vec<_>>>()?;
    let mut seen = HashSet::new();
    domains.retain(|domain| seen.insert(domain.clone()));
    Ok(domains)
}
