//! Which ports of which hosts are asked: those that the domains name for their mail clients.

use std::collections::HashMap;

use serde::Deserialize;

use crate::error::Result;
use crate::table::Store;
use crate::table::codes::Protocol;
use crate::table::rows::{ClientHost, TableName};

/// Below it are ports of the system (RFC 6335 6).
const FIRST_USER_PORT: u16 = 1024;

/// Ports by host.
#[derive(Debug, Default)]
pub struct Wanted(HashMap<String, Vec<(u16, Protocol)>>);

impl Wanted {
    /// Reads what the domains name.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn read(store: &Store) -> Result<Self> {
        #[derive(Deserialize)]
        struct Domain {
            clients: Vec<ClientHost>,
        }
        let mut wanted = Self::default();
        for batch in store.scan::<Domain>(TableName::Domains, &["clients"]) {
            for client in batch?.iter().flat_map(|domain| &domain.clients) {
                wanted.add(client);
            }
        }
        Ok(wanted)
    }

    fn add(&mut self, client: &ClientHost) {
        let Some(protocol) = client.service.protocol() else {
            return;
        };
        // What a registered port speaks is not for one domain to say. Other services of the system live
        // beside them (RFC 6335 6), port 25 among them, which has a budget of its own.
        let registered = Protocol::of_clients(client.port);
        if client.port < FIRST_USER_PORT && registered.is_none() {
            return;
        }
        let protocol = registered.unwrap_or(protocol);
        // Most hosts are named by many domains.
        let ports = match self.0.get_mut(&client.host) {
            Some(ports) => ports,
            None => self.0.entry(client.host.clone()).or_default(),
        };
        let is_known = |known: &&mut (u16, Protocol)| known.0 == client.port;
        match ports.iter_mut().find(is_known) {
            // One port is asked once, whatever the domains disagree about.
            Some(known) => known.1 = known.1.min(protocol),
            None => ports.push((client.port, protocol)),
        }
    }

    /// Whether no domain names any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ports of a host.
    pub fn ports<'a>(&'a self, host: &str) -> impl Iterator<Item = u16> + use<'a> {
        let ports = self.0.get(host).into_iter().flatten();
        ports.map(|(port, _)| *port)
    }

    /// What a port of a host speaks.
    pub fn protocol(&self, host: &str, port: u16) -> Option<Protocol> {
        let mut ports = self.0.get(host)?.iter();
        let found = ports.find(|(known, _)| *known == port);
        found.map(|(_, protocol)| *protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::client_codes::ClientService;

    #[test]
    fn each_port_of_a_host_is_wanted_once() {
        let mut wanted = Wanted::default();
        let mut add = |service, host: &str, port| {
            wanted.add(&ClientHost {
                service,
                host: host.to_owned(),
                port,
                ..ClientHost::default()
            });
        };
        for _ in 0..2 {
            add(ClientService::Imaps, "mail.example.cz", 993);
        }
        add(ClientService::Imap, "mail.example.cz", 993);
        add(ClientService::Pop3, "mail.example.cz", 1110);
        add(ClientService::Submission, "mail.example.cz", 25);
        add(ClientService::Submission, "mail.example.cz", 22);
        add(ClientService::Webmail, "mail.example.cz", 443);
        add(ClientService::Pop3, ".", 0);
        let ports: Vec<_> = wanted.ports("mail.example.cz").collect();
        assert_eq!(ports, [993, 1110]);
        assert_eq!(wanted.ports(".").count(), 0);
        assert_eq!(
            wanted.protocol("mail.example.cz", 1110),
            Some(Protocol::Pop3)
        );
        let registered = wanted.protocol("mail.example.cz", 993);
        assert_eq!(registered, Some(Protocol::Imaps), "whatever a domain says");
    }
}
