//! Every row that is about one domain. Only these are read, whatever the size of the survey.

use std::collections::{BTreeMap, BTreeSet};

use super::speaker::{leans, speakers};
use crate::error::{Error, Result};
use crate::survey::Stage;
use crate::table::Store;
use crate::table::codes::{MxKind, Protocol};
use crate::table::manifest::{Manifest, ProfileRecord, profile_copy};
use crate::table::rows::{
    CertificateRow, CheckId, ClientHost, ComplianceRow, DomainRow, EndpointRow, HostRow, MxRecord,
    StsPolicyRow, TableName, VerdictRow, WebmailRow, ZoneRow,
};
use crate::verdict::profile::{self, Profile};

/// What a certificate says; not the certificate itself.
const CERTIFICATE: &[&str] = &[
    "sha256",
    "spki_sha256",
    "subject",
    "issuer",
    "serial",
    "not_before",
    "not_after",
    "dns_names",
    "key_type",
    "key_bits",
    "signature_algorithm",
    "self_signed",
    "is_ca",
];

/// All that is known of a domain.
#[derive(Debug, Default)]
pub struct Facts {
    /// The first stage that is not finished.
    pub unfinished: Option<Stage>,
    /// What the DNS says of it.
    pub domain: DomainRow,
    /// Its mail hosts by preference.
    pub hosts: Vec<MailHost>,
    /// The hosts that its mail clients use, in the order of trial.
    pub clients: Vec<ClientHosts>,
    /// Its MTA-STS policy, where one was asked for.
    pub policy: Option<StsPolicyRow>,
    /// What the DNS says of the host of that policy.
    pub policy_host: Option<HostRow>,
    /// Its webmail, where one was asked for.
    pub webmail: Option<WebmailRow>,
    /// The certificates of all chains, by SHA-256.
    pub certificates: BTreeMap<String, CertificateRow>,
    /// The zones of the domain and of its mail hosts, then those above them.
    pub zones: Vec<ZoneRow>,
    /// What the checks make of it.
    pub verdict: Option<VerdictRow>,
    /// What profiles make of it.
    pub profiles: Vec<Points>,
    /// What is missing, and what to do about it.
    pub notes: Vec<String>,
}

/// A mail host.
#[derive(Debug, Default)]
pub struct MailHost {
    /// Its name.
    pub name: String,
    /// Preference of its MX record; none for an implicit MX.
    pub preference: Option<u16>,
    /// What the DNS says of it; none where it was not asked about.
    pub row: Option<HostRow>,
    /// Its addresses.
    pub endpoints: Vec<Seen>,
}

/// A host that mail clients use.
#[derive(Debug, Default)]
pub struct ClientHosts {
    /// What for.
    pub services: Vec<ClientHost>,
    /// Its rows; without a preference.
    pub host: MailHost,
}

/// An address of a mail host.
#[derive(Debug, Default)]
pub struct Seen {
    /// Its row.
    pub row: EndpointRow,
    /// The row of the same address and port that opened the connection, where this one did not.
    pub speaker: Option<EndpointRow>,
}

/// The points of a profile.
#[derive(Debug, Default)]
pub struct Points {
    /// Name of the profile.
    pub name: String,
    /// What the manifest says of it.
    pub record: ProfileRecord,
    /// Its text; none where the copy is gone.
    pub profile: Option<Profile>,
    /// One row per point.
    pub rows: Vec<ComplianceRow>,
}

impl Facts {
    /// Reads all of a domain.
    ///
    /// # Errors
    /// When it is not in the survey, or a table cannot be read.
    pub fn read(
        store: &Store,
        manifest: &Manifest,
        domain: &str,
        profiles: Vec<String>,
    ) -> Result<Self> {
        let unfinished = Stage::first_open(store);
        let key = BTreeSet::from([domain.to_owned()]);
        let row = store
            .find(TableName::Domains, &key, &[])?
            .into_iter()
            .next();
        let row = row.ok_or_else(|| unknown(store, domain, unfinished))?;
        let mut facts = Self {
            unfinished,
            domain: row,
            ..Self::default()
        };
        facts.read_hosts(store)?;
        facts.read_clients(store)?;
        facts.read_policy(store, &key)?;
        let webmail = store.find(TableName::Webmail, &key, &[])?;
        facts.webmail = webmail.into_iter().next();
        facts.read_certificates(store)?;
        facts.read_zones(store)?;
        facts.read_verdict(store, &key);
        facts.note_interrupted(store, manifest);
        for name in profiles {
            let points = facts.points(store, manifest, name)?;
            facts.profiles.push(points);
        }
        Ok(facts)
    }

    fn read_hosts(&mut self, store: &Store) -> Result<()> {
        let hosts: Vec<(String, Option<u16>)> = match self.domain.mx.kind {
            Some(MxKind::Implicit) => vec![(self.domain.domain.clone(), None)],
            _ => MxRecord::naming_hosts(&self.domain.mx.records)
                .map(|record| (record.host.clone(), Some(record.preference)))
                .collect(),
        };
        let names: BTreeSet<&str> = hosts.iter().map(|(name, _)| name.as_str()).collect();
        let is_relay = |row: &EndpointRow| row.protocol == Protocol::Smtp;
        let mut seen = Hosts::read(store, &names, is_relay)?;
        self.hosts = hosts
            .into_iter()
            .map(|(name, preference)| seen.host(name, preference))
            .collect();
        Ok(())
    }

    /// The hosts that mail clients use. One may be a mail host, too, with other ports.
    fn read_clients(&mut self, store: &Store) -> Result<()> {
        let named = self.domain.clients.iter();
        let named =
            named.filter(|client| client.service.protocol().is_some() && client.host != ".");
        let mut of: Vec<ClientHosts> = Vec::new();
        for client in named {
            let is_known = |known: &&mut ClientHosts| known.host.name == client.host;
            match of.iter_mut().find(is_known) {
                Some(known) => known.services.push(client.clone()),
                None => of.push(ClientHosts {
                    services: vec![client.clone()],
                    host: MailHost {
                        name: client.host.clone(),
                        ..MailHost::default()
                    },
                }),
            }
        }
        if of.is_empty() {
            return Ok(());
        }
        let names: BTreeSet<&str> = of.iter().map(|one| one.host.name.as_str()).collect();
        let mut seen = Hosts::read(store, &names, |row| row.protocol != Protocol::Smtp)?;
        for one in &mut of {
            one.host = seen.host(std::mem::take(&mut one.host.name), None);
            let is_meant = |seen: &Seen| {
                let mut services = one.services.iter();
                services.any(|service| service.port == seen.row.port)
            };
            one.host.endpoints.retain(is_meant);
        }
        self.clients = of;
        Ok(())
    }

    fn read_policy(&mut self, store: &Store, key: &BTreeSet<String>) -> Result<()> {
        let rows = store.find::<StsPolicyRow>(TableName::StsPolicies, key, &[])?;
        self.policy = rows.into_iter().next();
        if let Some(policy) = &self.policy {
            let host = BTreeSet::from([policy.host.clone()]);
            let rows = store.find::<HostRow>(TableName::Hosts, &host, &[])?;
            self.policy_host = rows.into_iter().next();
        }
        Ok(())
    }

    fn read_certificates(&mut self, store: &Store) -> Result<()> {
        let clients = self.clients.iter().map(|client| &client.host);
        let endpoints = self
            .hosts
            .iter()
            .chain(clients)
            .flat_map(|host| &host.endpoints);
        let chains = endpoints.flat_map(|seen| &seen.row.chains);
        let hashes = chains.flat_map(|chain| &chain.certificates);
        let policy = self.policy.iter().flat_map(|policy| &policy.chain);
        let webmail = self.webmail.iter().flat_map(|webmail| &webmail.chain);
        let hashes = hashes.chain(policy).chain(webmail).cloned().collect();
        let rows = store.find::<CertificateRow>(TableName::Certificates, &hashes, CERTIFICATE)?;
        self.certificates = rows
            .into_iter()
            .map(|row| (row.sha256.clone(), row))
            .collect();
        Ok(())
    }

    /// The zones that the names lie in, then their parents, up to the root or as far as is known.
    fn read_zones(&mut self, store: &Store) -> Result<()> {
        let hosts = self
            .hosts
            .iter()
            .filter_map(|host| host.row.as_ref()?.zone.clone());
        let mut wanted: BTreeSet<String> = hosts.chain(self.domain.zone.clone()).collect();
        let mut asked = BTreeSet::new();
        while !wanted.is_empty() {
            let rows = store.find::<ZoneRow>(TableName::Zones, &wanted, &[])?;
            asked.append(&mut wanted);
            for row in rows {
                wanted.extend(row.parent.clone().filter(|parent| !asked.contains(parent)));
                if !self.zones.iter().any(|known| known.zone == row.zone) {
                    self.zones.push(row);
                }
            }
        }
        Ok(())
    }

    /// Verdicts can always be made anew, so that they never keep anybody from the facts.
    fn read_verdict(&mut self, store: &Store, key: &BTreeSet<String>) {
        let remedy = format!("run `mailcensus verdict {}`", store.dir().display());
        let note = match store.find::<VerdictRow>(TableName::Verdicts, key, &[]) {
            Ok(rows) => {
                self.verdict = rows.into_iter().next();
                match &self.verdict {
                    Some(row) if is_whole(row) => return,
                    _ if self.unfinished.is_some_and(|stage| stage != Stage::Verdict) => return,
                    Some(_) => format!("an older version judged this domain; {remedy}"),
                    None => format!("this domain was not judged; {remedy}"),
                }
            }
            Err(err) => format!("the verdicts cannot be read ({err}); {remedy}"),
        };
        self.notes.push(note);
    }

    /// Rows that are from before and from after may contradict each other.
    fn note_interrupted(&mut self, store: &Store, manifest: &Manifest) {
        let is_measured = self.unfinished.is_none_or(|stage| stage == Stage::Verdict);
        if manifest.judged.is_none() && self.verdict.is_some() && is_measured {
            self.notes.push(format!(
                "this survey was not judged to the end; run `mailcensus verdict {}`",
                store.dir().display()
            ));
        }
    }

    fn points(&mut self, store: &Store, manifest: &Manifest, name: String) -> Result<Points> {
        let mut rows: Vec<ComplianceRow> =
            store.find_compliance(&name, &self.domain.domain, &[])?;
        let profile = profile::read(&profile_copy(store.dir(), &name));
        if let Err(err) = &profile {
            let note = format!("the titles of the points are missing: {err}");
            self.notes.push(note);
        }
        if let Ok(profile) = &profile {
            // In the order of the text, not of the key.
            rows.sort_by_key(|row| {
                profile
                    .points
                    .iter()
                    .position(|point| point.id == row.point)
            });
        }
        Ok(Points {
            record: manifest.profiles.get(&name).cloned().unwrap_or_default(),
            profile: profile.ok(),
            name,
            rows,
        })
    }
}

/// What is known of some hosts.
struct Hosts {
    rows: Vec<HostRow>,
    seen: BTreeMap<String, Vec<Seen>>,
}

impl Hosts {
    /// Reads the rows of hosts, and those rows of their addresses that are meant.
    fn read(
        store: &Store,
        names: &BTreeSet<&str>,
        is_meant: impl Fn(&EndpointRow) -> bool,
    ) -> Result<Self> {
        let names: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let rows = store.find::<HostRow>(TableName::Hosts, &names, &[])?;
        let mut endpoints = store.find::<EndpointRow>(TableName::Endpoints, &names, &[])?;
        endpoints.retain(is_meant);
        let speakers = speakers(store, &endpoints)?;
        let mut seen: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
        for row in endpoints {
            let speaker = match leans(&row) {
                true => speakers.get(&(row.ip.clone(), row.port)).cloned(),
                false => None,
            };
            let of = seen.entry(row.host.clone()).or_default();
            of.push(Seen { row, speaker });
        }
        Ok(Self { rows, seen })
    }

    fn host(&mut self, name: String, preference: Option<u16>) -> MailHost {
        MailHost {
            row: self.rows.iter().find(|row| row.host == name).cloned(),
            endpoints: self.seen.remove(&name).unwrap_or_default(),
            name,
            preference,
        }
    }
}

/// Whether every check that this version has was judged.
fn is_whole(row: &VerdictRow) -> bool {
    CheckId::ALL
        .iter()
        .all(|check| !row.finding(*check).reason.is_empty())
}

fn unknown(store: &Store, domain: &str, unfinished: Option<Stage>) -> Error {
    let not_yet = match unfinished {
        Some(Stage::Dns) => ", or was not asked about yet (stage dns is not finished)",
        _ => "",
    };
    Error::directory(
        store.dir(),
        format!(
            "{domain} is not in this survey{not_yet}; names are A-labels in lower case without a final \
             dot, and rejects.csv has the lines that were refused"
        ),
    )
}
