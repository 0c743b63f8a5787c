//! Routes and countries of the mail servers.

use std::collections::{BTreeMap, BTreeSet};

use super::super::hosts::is_answered;
use super::Case;
use super::results::{FAIL, PASS, Results, UNKNOWN};
use super::servers::Server;

impl Case<'_> {
    fn dialled(&self) -> impl Iterator<Item = &Server> {
        let servers = self.hosts.iter().flat_map(|host| &host.servers);
        servers.filter(|server| !server.is_special())
    }

    /// Whether all that announce a network of a mail server may.
    pub(super) fn routes(&self) -> Results {
        let states: BTreeSet<_> = self
            .dialled()
            .map(|server| server.endpoint.rpki.as_deref().unwrap_or("none"))
            .collect();
        let has = |state: &str| states.contains(state);
        match () {
            () if has("invalid") || has("not_found") => FAIL,
            () if has("none") || states.is_empty() => UNKNOWN,
            () => PASS,
        }
    }

    /// The country of the hosts that mail goes to first, or why there is not one.
    pub(super) fn country_of_mail(&self) -> Result<&str, &'static str> {
        if !is_answered(self.domain) {
            return Err("addresses_unknown");
        }
        if self.hosts.is_empty() {
            return Err("no_mail_host");
        }
        let preferences: BTreeMap<_, _> = self
            .country
            .mx(self.domain)
            .into_iter()
            .map(|(preference, name)| (name, preference))
            .collect();
        let of = |name: &str| preferences.get(name).copied().unwrap_or(0);
        let dialled = |server: &&Server| !server.is_special();
        let first = self
            .hosts
            .iter()
            .filter(|host| host.servers.iter().any(|server| dialled(&server)))
            .map(|host| of(&host.mail.name))
            .min()
            .ok_or("no_address")?;
        let those = self
            .hosts
            .iter()
            .filter(|host| of(&host.mail.name) == first);
        let countries: BTreeSet<&str> = those
            .flat_map(|host| host.servers.iter().filter(dialled))
            .filter_map(|server| server.endpoint.country.as_deref())
            .collect();
        match countries.first().copied() {
            None => Err("not_in_table"),
            Some(country) if countries.len() == 1 => Ok(country),
            Some(_) => Err("several"),
        }
    }
}
