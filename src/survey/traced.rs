//! `--trace-domain`: which names of a stage are traced, because a traced domain leads to them.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::Context;
use super::hosts::{self, STS_RECORD, StsRecord};
use crate::error::Result;
use crate::table::rows::{ClientHost, Mx, TableName};
use crate::trace::{Sink, Trace};

/// The traces of a stage by its keys. Empty, and without cost, where nothing is traced.
#[derive(Default)]
pub struct Traced(HashMap<String, Trace>);

impl Traced {
    /// The traced domains.
    pub fn domains(context: &Context<'_>) -> Self {
        let log = context.screen.clone();
        let sink: Sink = Arc::new(move |words| log.trace(words));
        let domains = context.settings.trace_domains.iter();
        Self(
            domains
                .map(|domain| (domain.clone(), Trace::new(domain, sink.clone())))
                .collect(),
        )
    }

    /// The hosts that traced domains lead to, by the table of domains.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn hosts(context: &Context<'_>) -> Result<Self> {
        #[derive(Deserialize)]
        struct Facts {
            domain: String,
            mx: Mx,
            mta_sts: StsRecord,
            clients: Vec<ClientHost>,
        }
        let domains = Self::domains(context);
        let mut traced = Self::default();
        if domains.is_empty() {
            return Ok(traced);
        }
        let columns: Vec<_> = ["domain", "mx", "clients"]
            .into_iter()
            .chain(STS_RECORD)
            .collect();
        for batch in context.store().scan::<Facts>(TableName::Domains, &columns) {
            for facts in batch? {
                let Some(trace) = domains.0.get(&facts.domain) else {
                    continue;
                };
                let hosts = hosts::of(&facts.domain, &facts.mx).into_iter();
                let policy = facts.mta_sts.host(&facts.domain);
                let clients = hosts::of_clients(&facts.clients).into_iter();
                for host in hosts.chain(clients).map(str::to_owned).chain(policy) {
                    // A host of two traced domains is asked once: it is the first one's.
                    let name = trace.of(&host);
                    traced.0.entry(host).or_insert(name);
                }
            }
        }
        Ok(traced)
    }

    /// Whether nothing is traced.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The trace of a key.
    pub fn of(&self, key: &str) -> Option<Trace> {
        self.0.get(key).cloned()
    }

    /// The trace of an address that these hosts lead to.
    pub fn of_address<'a>(
        &self,
        address: impl std::fmt::Display,
        mut hosts: impl Iterator<Item = &'a str>,
    ) -> Option<Trace> {
        if self.is_empty() {
            return None;
        }
        let trace = hosts.find_map(|host| self.0.get(host))?;
        Some(trace.of(address))
    }
}
