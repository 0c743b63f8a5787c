//! Writes a country: zone files, the configuration of its name servers, the list and the truth.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::domain::{Dns, Domain, Odd};
use super::files::{self, Truth};
use super::hosts::MailHost;
use super::keys::base64;
use super::policies::spf::library::BROKEN_ZONE;
use super::record::Record;
use super::sign::{Signer, Signing};
use super::{Country, list, numbers, orgs, zones};

/// Folders of zone files: a million in one would be slow.
const FOLDERS: usize = 256;

/// What one thread writes.
struct Part {
    list: String,
    csv: String,
    truth: Truth,
    /// Zones of the children's configuration: name and file.
    zones: String,
    /// Records for each top-level domain.
    delegations: Vec<Vec<Record>>,
    /// Records for zones of organisations.
    below: HashMap<usize, Vec<Record>>,
    /// Hosts that several domains lead to.
    common: HashMap<String, (MailHost, u64)>,
}

/// Writes everything below a directory.
///
/// # Errors
/// When a file cannot be written.
pub fn country(country: &Country, signer: &Signer, dir: &Path) -> io::Result<()> {
    for folder in ["truth", "log", "run"] {
        fs::create_dir_all(dir.join(folder))?;
    }
    for folder in 0..FOLDERS {
        fs::create_dir_all(dir.join(format!("zones/{folder:02x}")))?;
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let numbers = country.numbers();
    let chunk = numbers.len().div_ceil(threads).max(1);
    let parts: Vec<io::Result<Part>> = std::thread::scope(|scope| {
        let starts = numbers.clone().step_by(chunk);
        let running: Vec<_> = starts
            .map(|start| start..numbers.end.min(start + chunk))
            .map(|range| scope.spawn(move || part(country, signer, dir, range)))
            .collect();
        running
            .into_iter()
            .map(|part| part.join().expect("a thread that writes"))
            .collect()
    });
    let mut parts = parts.into_iter().collect::<io::Result<Vec<_>>>()?;
    let below = parts.iter_mut().map(|part| std::mem::take(&mut part.below));
    let below = below.collect();
    let (extra, infrastructure) = infrastructure(country, signer, dir, below)?;
    lists(dir, &parts, &extra)?;
    parts.push(common_hosts(country, dir, &parts)?);
    let delegations = parts
        .iter_mut()
        .map(|part| std::mem::take(&mut part.delegations));
    tops(signer, dir, delegations.collect(), infrastructure, threads)?;
    let truth = parts.into_iter().map(|part| part.truth).collect();
    files::join(dir, truth, country.settings.changes.is_some())
}

fn part(
    country: &Country,
    signer: &Signer,
    dir: &Path,
    range: std::ops::Range<usize>,
) -> io::Result<Part> {
    let mut part = Part::create(dir, range.start)?;
    for number in range {
        for change in country.changes_truth(number) {
            part.truth.add("changes", &change)?;
        }
        let Some(domain) = country.listed(number) else {
            continue;
        };
        let listed = &domain.listed;
        part.list.push_str(listed);
        part.list.push('\n');
        part.csv
            .push_str(&list::line(country.settings.seed, number, listed));
        part.delegate(&domain, country.delegation(&domain, signer));
        if domain.odd != Odd::No {
            // Its name servers are in `online`.
        } else if domain.has_zone() {
            let how = zones::signing(&domain);
            let mut records = country.zone(&domain);
            let has_cds = domain.policies.cds && how != Signing::Unsigned;
            records.extend(has_cds.then(|| signer.cds(&domain.name)));
            let text = signer.file(&domain.name, records, how, 1);
            let file = zone_file(&domain.name, number);
            fs::write(dir.join("zones").join(&file), text)?;
            zone_line(&mut part.zones, &domain.name, &file);
        } else if domain.dns == Dns::Servfail {
            zone_line(&mut part.zones, &domain.name, Path::new("missing"));
        }
        part.note(country, &domain)?;
    }
    Ok(part)
}

impl Part {
    fn create(dir: &Path, number: usize) -> io::Result<Self> {
        Ok(Self {
            list: String::new(),
            csv: String::new(),
            truth: Truth::create(dir, number)?,
            zones: String::new(),
            delegations: vec![Vec::new(); numbers::TLDS.len()],
            below: HashMap::new(),
            common: HashMap::new(),
        })
    }

    /// Keeps records for the zone above a domain.
    fn delegate(&mut self, domain: &Domain, records: Vec<Record>) {
        let tld = || numbers::TLDS.iter().position(|(tld, _)| *tld == domain.tld);
        let above = match domain.org() {
            Some(place) => self.below.entry(place).or_default(),
            None => &mut self.delegations[tld().expect("a known one")],
        };
        above.extend(records);
    }

    fn note(&mut self, country: &Country, domain: &Domain) -> io::Result<()> {
        self.truth.add("domains", &country.domain_truth(domain))?;
        self.truth.add("verdicts", &country.verdict_truth(domain))?;
        if let Some(policy) = country.policy_truth(domain) {
            self.truth.add("policies", &policy)?;
        }
        for host in country.hosts(domain) {
            if host.is_common {
                let name = host.name.clone();
                self.common.entry(name).or_insert((host, 0)).1 += 1;
            } else {
                self.host(country, &host, 1)?;
            }
        }
        Ok(())
    }

    fn host(&mut self, country: &Country, host: &MailHost, domains: u64) -> io::Result<()> {
        self.truth
            .add("hosts", &country.host_truth(host, domains))?;
        for endpoint in country.endpoints(host) {
            self.truth.add("endpoints", &endpoint)?;
        }
        Ok(())
    }
}

fn zone_file(zone: &str, number: usize) -> PathBuf {
    PathBuf::from(format!("{:02x}/{zone}", number % FOLDERS))
}

fn zone_line(out: &mut String, zone: &str, file: &Path) {
    out.push_str(&format!(
        "zone:\n  name: \"{zone}.\"\n  zonefile: \"{}\"\n",
        file.display()
    ));
}

/// Zones of hosters, providers and organisations: their lines in the configuration, their records in `cz`.
fn infrastructure(
    country: &Country,
    signer: &Signer,
    dir: &Path,
    below: Vec<HashMap<usize, Vec<Record>>>,
) -> io::Result<(String, Vec<Record>)> {
    let mut lines = String::new();
    let mut parent = zones::silent();
    zone_line(&mut lines, BROKEN_ZONE, Path::new("missing"));
    parent.extend(zones::delegate(BROKEN_ZONE, 0));
    let zones = country.infrastructure().into_iter();
    for (number, zone) in zones.chain(orgs::zones(country, below)).enumerate() {
        let name = &zone.name;
        let file = zone_file(name, number);
        fs::write(
            dir.join("zones").join(&file),
            signer.file(name, zone.records, zone.how, 1),
        )?;
        zone_line(&mut lines, name, &file);
        parent.extend(zones::delegate(name, zone.hoster));
        parent.extend((zone.how != Signing::Unsigned).then(|| signer.ds(name)));
        parent.extend(zone.sha1.then(|| signer.ds_by_sha1(name)));
    }
    for hoster in 0..=country.hosters {
        parent.extend(zones::addresses(hoster));
    }
    Ok((lines, parent))
}

/// The truth about the hosts that several domains lead to.
fn common_hosts(country: &Country, dir: &Path, parts: &[Part]) -> io::Result<Part> {
    let mut hosts: HashMap<&str, (&MailHost, u64)> = HashMap::new();
    for (name, (host, domains)) in parts.iter().flat_map(|part| &part.common) {
        hosts.entry(name).or_insert((host, 0)).1 += domains;
    }
    let mut common = Part::create(dir, country.numbers().end)?;
    for (host, domains) in hosts.into_values() {
        common.host(country, host, domains)?;
    }
    Ok(common)
}

/// `domains.txt`, `domains.csv`, and the zones of the children's configuration.
fn lists(dir: &Path, parts: &[Part], extra: &str) -> io::Result<()> {
    let mut list = create(&dir.join("domains.txt"))?;
    let mut csv = create(&dir.join("domains.csv"))?;
    let mut config = create(&dir.join("zones.conf"))?;
    csv.write_all(list::HEADER.as_bytes())?;
    config.write_all(extra.as_bytes())?;
    for part in parts {
        list.write_all(part.list.as_bytes())?;
        csv.write_all(part.csv.as_bytes())?;
        config.write_all(part.zones.as_bytes())?;
    }
    list.flush()?;
    csv.flush()?;
    config.flush()
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    File::create(path).map(BufWriter::new)
}

/// The top-level domains, the root and its key.
fn tops(
    signer: &Signer,
    dir: &Path,
    parts: Vec<Vec<Vec<Record>>>,
    infrastructure: Vec<Record>,
    threads: usize,
) -> io::Result<()> {
    let mut delegations: Vec<Vec<Record>> = vec![Vec::new(); numbers::TLDS.len()];
    delegations[0] = infrastructure;
    for part in parts {
        for (all, some) in delegations.iter_mut().zip(part) {
            all.extend(some);
        }
    }
    let mut root = zones::top("");
    for ((tld, _), mut records) in numbers::TLDS.into_iter().zip(delegations) {
        let server = zones::top_server(tld);
        records.extend(zones::top(tld));
        records.extend(zones::public_policies(tld));
        records.push(Record::a(server.as_str(), super::plan::TLD));
        // Large zones deny by NSEC3, as `cz` does; the other one by NSEC.
        let how = Signing::Sound { nsec3: tld == "cz" };
        fs::write(
            dir.join("zones").join(tld),
            signer.file(tld, records, how, threads),
        )?;
        root.push(Record::ns(tld, &server));
        root.push(Record::a(server, super::plan::TLD));
        root.push(signer.ds(tld));
    }
    let (hint, address) = (zones::top_server(""), super::plan::ROOT);
    root.push(Record::a(hint.as_str(), address));
    let sound = Signing::Sound { nsec3: false };
    fs::write(dir.join("zones/root"), signer.file("", root, sound, 1))?;
    fs::write(
        dir.join("root.hints"),
        format!(". 3600 NS {hint}.\n{hint}. 3600 A {address}\n"),
    )?;
    let key = base64(&signer.key.dnskey[4..]);
    fs::write(
        dir.join("root.key"),
        format!(". 3600 IN DNSKEY 257 3 13 {key}\n"),
    )
}
