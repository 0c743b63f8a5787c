//! Writes a country: zone files, the configuration of its name servers, the list and the truth.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::domain::{Dns, Domain};
use super::hosts::MailHost;
use super::record::Record;
use super::sign::{Signer, Signing};
use super::{Country, numbers, zones};

/// Files of the truth.
const TRUTH: [&str; 4] = ["domains", "hosts", "endpoints", "verdicts"];
/// Folders of zone files: a million in one would be slow.
const FOLDERS: usize = 256;

/// What one thread writes.
struct Part {
    list: String,
    truth: [Vec<u8>; 4],
    /// Zones of the children's configuration: name and file.
    zones: String,
    /// Records for each top-level domain.
    delegations: Vec<Vec<Record>>,
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
    let count = country.settings.domains;
    let chunk = count.div_ceil(threads).max(1);
    let parts: Vec<io::Result<Part>> = std::thread::scope(|scope| {
        let starts = (0..count).step_by(chunk);
        let running: Vec<_> = starts
            .map(|start| start..count.min(start + chunk))
            .map(|range| scope.spawn(move || part(country, signer, dir, range)))
            .collect();
        running
            .into_iter()
            .map(|part| part.join().expect("a thread that writes"))
            .collect()
    });
    let parts = parts.into_iter().collect::<io::Result<Vec<_>>>()?;
    let (extra, infrastructure) = infrastructure(country, signer, dir)?;
    lists(country, dir, &parts, &extra)?;
    tops(signer, dir, parts, infrastructure, threads)
}

fn part(
    country: &Country,
    signer: &Signer,
    dir: &Path,
    range: std::ops::Range<usize>,
) -> io::Result<Part> {
    let mut part = Part {
        list: String::new(),
        truth: Default::default(),
        zones: String::new(),
        delegations: vec![Vec::new(); numbers::TLDS.len()],
        common: HashMap::new(),
    };
    for number in range {
        let domain = country.domain(number);
        part.list.push_str(&domain.listed);
        part.list.push('\n');
        let tld = numbers::TLDS
            .iter()
            .position(|(tld, _)| *tld == domain.tld)
            .expect("a known one");
        part.delegations[tld].extend(country.delegation(&domain, signer));
        if domain.has_zone() {
            let text = signer.file(
                &domain.name,
                country.zone(&domain),
                zones::signing(&domain),
                1,
            );
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
    fn note(&mut self, country: &Country, domain: &Domain) -> io::Result<()> {
        line(&mut self.truth[0], &country.domain_truth(domain))?;
        line(&mut self.truth[3], &country.verdict_truth(domain))?;
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
        line(&mut self.truth[1], &country.host_truth(host, domains))?;
        for endpoint in country.endpoints(host) {
            line(&mut self.truth[2], &endpoint)?;
        }
        Ok(())
    }
}

fn line(out: &mut Vec<u8>, row: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, row)?;
    out.push(b'\n');
    Ok(())
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

/// Zones of hosters and providers: their lines in the configuration, their records in `cz`.
fn infrastructure(
    country: &Country,
    signer: &Signer,
    dir: &Path,
) -> io::Result<(String, Vec<Record>)> {
    let mut lines = String::new();
    let mut parent = zones::silent();
    for (number, zone) in country.infrastructure().into_iter().enumerate() {
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
    for hoster in 0..country.hosters {
        parent.extend(zones::addresses(hoster));
    }
    Ok((lines, parent))
}

/// `domains.txt`, the truth, and the zones of the children's configuration.
fn lists(country: &Country, dir: &Path, parts: &[Part], extra: &str) -> io::Result<()> {
    let mut common = Part {
        list: String::new(),
        truth: Default::default(),
        zones: String::new(),
        delegations: Vec::new(),
        common: HashMap::new(),
    };
    let mut hosts: HashMap<&str, (&MailHost, u64)> = HashMap::new();
    for (name, (host, domains)) in parts.iter().flat_map(|part| &part.common) {
        hosts.entry(name).or_insert((host, 0)).1 += domains;
    }
    for (host, domains) in hosts.into_values() {
        common.host(country, host, domains)?;
    }
    let mut list = create(&dir.join("domains.txt"))?;
    let mut config = create(&dir.join("zones.conf"))?;
    config.write_all(extra.as_bytes())?;
    for part in parts {
        list.write_all(part.list.as_bytes())?;
        config.write_all(part.zones.as_bytes())?;
    }
    for (at, name) in TRUTH.iter().enumerate() {
        let mut file = create(&dir.join(format!("truth/{name}.jsonl")))?;
        for part in parts.iter().chain([&common]) {
            file.write_all(&part.truth[at])?;
        }
        file.flush()?;
    }
    list.flush()?;
    config.flush()
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    File::create(path).map(BufWriter::new)
}

/// The top-level domains, the root and its key.
fn tops(
    signer: &Signer,
    dir: &Path,
    parts: Vec<Part>,
    infrastructure: Vec<Record>,
    threads: usize,
) -> io::Result<()> {
    let mut delegations: Vec<Vec<Record>> = vec![Vec::new(); numbers::TLDS.len()];
    delegations[0] = infrastructure;
    for part in parts {
        for (all, some) in delegations.iter_mut().zip(part.delegations) {
            all.extend(some);
        }
    }
    let mut root = zones::top("");
    for ((tld, _), mut records) in numbers::TLDS.into_iter().zip(delegations) {
        let server = zones::top_server(tld);
        records.extend(zones::top(tld));
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

/// RFC 4648 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(*three.get(at).unwrap_or(&0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            match at <= three.len() {
                true => text.push(char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}
