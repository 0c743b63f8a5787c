//! `explain`: one domain of a survey, from its tables alone: what was seen, what the checks and the
//! profiles make of it, why, and what to do about it. `check` shows the same pages.
//!
//! [`facts`] gathers the rows, [`json`] shows them to programs, the rest to people.

mod chain;
mod dane;
mod domain;
mod endpoint;
mod facts;
mod host;
mod json;
mod judged;
mod policy;
mod record;
mod senders;
mod speaker;
mod summary;
mod tls;
mod webmail;
mod words;
mod zone;

use std::path::Path;

use super::flags::ExplainFlags;
use super::json::print_json;
use super::page::Page;
use super::{complain, print_lines};
use crate::error::{Error, Result};
use crate::table::Store;
use crate::table::manifest::Manifest;
use crate::targets::name::normalise;
use crate::text::one_line;
pub use facts::Facts;
pub use json::object;

/// Prints what is known of a domain.
///
/// # Errors
/// When the domain is not in the survey, or a table cannot be read.
pub fn run(flags: &ExplainFlags) -> Result<u8> {
    let domain = spelled(&flags.domain)?;
    let (manifest, store) = open(&flags.survey)?;
    let profiles = profiles(&manifest, &store, &flags.profile)?;
    let facts = Facts::read(&store, &manifest, &domain, profiles)?;
    for note in &facts.notes {
        complain(&format_args!("note: {note}"));
    }
    if flags.json {
        return print_json(&object(&manifest, &facts)?);
    }
    print_lines(&page(&facts).into_text())?;
    Ok(0)
}

/// Opens a survey to look at it.
///
/// # Errors
/// When the directory holds none, or a newer version wrote it.
pub fn open(dir: &Path) -> Result<(Manifest, Store)> {
    let manifest = Manifest::of(dir)?;
    let store = Store::look(dir, &manifest.survey, manifest.order()?)?;
    Ok((manifest, store))
}

/// A domain as the tables spell it.
///
/// # Errors
/// When it is no domain name.
pub fn spelled(domain: &str) -> Result<String> {
    normalise(domain).map_err(|reject| {
        Error::Usage(format!(
            "{}: no domain name ({}); give one as the list has it, or as A-labels in lower case",
            one_line(domain),
            reject.as_str()
        ))
    })
}

/// The profiles whose points are shown: all that have rows, or those that were named.
fn profiles(manifest: &Manifest, store: &Store, named: &[String]) -> Result<Vec<String>> {
    let dir = store.dir();
    let mut judged = store.profiles();
    judged.retain(|name| manifest.profiles.contains_key(name));
    if let Some(name) = named.iter().find(|name| !judged.contains(*name)) {
        let name = one_line(name);
        let problem = format!(
            "has no rows of profile {name}; run `mailcensus verdict {} --profile {name}`",
            dir.display()
        );
        return Err(Error::directory(dir, problem));
    }
    let wanted = |name: &String| named.is_empty() || named.contains(name);
    Ok(judged.into_iter().filter(wanted).collect())
}

/// The page for people.
pub fn page(facts: &Facts) -> Page {
    let mut page = Page::default();
    domain::head(&mut page, facts);
    domain::mx(&mut page, &facts.domain);
    summary::servers(&mut page, facts);
    for host in &facts.hosts {
        host::host(&mut page, host, &facts.certificates);
    }
    for client in &facts.clients {
        host::client(&mut page, client, &facts.certificates);
    }
    domain::policies(&mut page, &facts.domain);
    policy::policy(&mut page, facts);
    webmail::clients(&mut page, &facts.domain);
    webmail::webmail(&mut page, facts);
    zone::zones(&mut page, &facts.zones);
    judged::checks(&mut page, facts);
    for profile in &facts.profiles {
        judged::points(&mut page, profile);
    }
    page
}
