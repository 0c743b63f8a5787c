//! `multiply`: a finished survey, many times as large, to measure what judging and reporting cost.
//!
//! `cargo run --release --example multiply -- SURVEY OUT TIMES` copies the tables of a survey so that
//! every domain is there `TIMES` times under names of its own, with its own zone and policy and with
//! the mail hosts below its own name. Everything else (providers, certificates) stays as it is: that
//! is how a larger country differs from a smaller one.

use std::path::Path;
use std::process::ExitCode;

use mailcensus::error::{Error, Result};
use mailcensus::order::Order;
use mailcensus::table::Store;
use mailcensus::table::manifest::Manifest;
use mailcensus::table::rows::{
    CertificateRow, DomainRow, EndpointRow, HostRow, StsPolicyRow, Table, TableName, ZoneRow,
};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [survey, out, times] = args.as_slice() else {
        eprintln!("multiply SURVEY OUT TIMES");
        return ExitCode::from(2);
    };
    let times = times.parse().expect("a number");
    match multiply(Path::new(survey), Path::new(out), times) {
        Ok(domains) => {
            println!("{domains} domains in {out}");
            ExitCode::SUCCESS
        }
        Err(err) => {
            eprintln!("multiply: {err}");
            ExitCode::from(2)
        }
    }
}

fn multiply(survey: &Path, out: &Path, times: usize) -> Result<u64> {
    let manifest = Manifest::read(survey)?.ok_or_else(|| Error::directory(survey, "no survey"))?;
    let from = Store::look(survey, &manifest.survey, manifest.order()?)?;
    let lock = Store::lock(out)?;
    let mut to = Store::open(out, lock, &manifest.survey, Order::new(0))?;
    let domains: Vec<DomainRow> = rows(&from, TableName::Domains)?;
    let names: std::collections::HashSet<&str> =
        domains.iter().map(|row| row.domain.as_str()).collect();
    let own = |name: &str| {
        let ends = std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1));
        ends.into_iter()
            .find(|end| names.contains(end))
            .map(str::to_owned)
    };
    let renamed = |name: &str, copy: usize| match own(name) {
        Some(end) => format!("{}{}", &name[..name.len() - end.len()], copied(&end, copy)),
        None => name.to_owned(),
    };
    let each = |copy: usize, row: &DomainRow| {
        let mut row = row.clone();
        for record in &mut row.mx.records {
            record.host = renamed(&record.host, copy);
        }
        row.zone = row.zone.map(|zone| renamed(&zone, copy));
        row.registrable_domain = row.registrable_domain.map(|name| renamed(&name, copy));
        row.mail_operator = row.mail_operator.map(|name| renamed(&name, copy));
        row.domain = copied(&row.domain, copy);
        row
    };
    write(&mut to, TableName::Domains, &domains, times, |_| true, each)?;
    let zones: Vec<ZoneRow> = rows(&from, TableName::Zones)?;
    write(
        &mut to,
        TableName::Zones,
        &zones,
        times,
        |row| own(&row.zone).is_some(),
        |copy, row| ZoneRow {
            zone: renamed(&row.zone, copy),
            ..row.clone()
        },
    )?;
    let hosts: Vec<HostRow> = rows(&from, TableName::Hosts)?;
    write(
        &mut to,
        TableName::Hosts,
        &hosts,
        times,
        |row| own(&row.host).is_some(),
        |copy, row| {
            let zone = row.zone.as_deref().map(|zone| renamed(zone, copy));
            HostRow {
                host: renamed(&row.host, copy),
                zone,
                ..row.clone()
            }
        },
    )?;
    let endpoints: Vec<EndpointRow> = rows(&from, TableName::Endpoints)?;
    write(
        &mut to,
        TableName::Endpoints,
        &endpoints,
        times,
        |row| own(&row.host).is_some(),
        |copy, row| {
            // What an address did is there once.
            let connections = if copy == 0 { row.connections } else { 0 };
            EndpointRow {
                host: renamed(&row.host, copy),
                connections,
                ..row.clone()
            }
        },
    )?;
    let certificates: Vec<CertificateRow> = rows(&from, TableName::Certificates)?;
    write(
        &mut to,
        TableName::Certificates,
        &certificates,
        1,
        |_| false,
        |_, row| row.clone(),
    )?;
    let policies: Vec<StsPolicyRow> = rows(&from, TableName::StsPolicies)?;
    write(
        &mut to,
        TableName::StsPolicies,
        &policies,
        times,
        |_| true,
        |copy, row| StsPolicyRow {
            domain: copied(&row.domain, copy),
            host: renamed(&row.host, copy),
            ..row.clone()
        },
    )?;
    for stage in ["dns", "hosts", "probe", "verdict"] {
        to.finish(stage, &[])?;
    }
    manifest.write(out)?;
    Ok(to.rows(TableName::Domains))
}

/// The first copy keeps its name; the others sort behind it.
fn copied(name: &str, copy: usize) -> String {
    match copy {
        0 => name.to_owned(),
        copy => format!("z{copy:04}-{name}"),
    }
}

fn rows<T: Table>(store: &Store, table: TableName) -> Result<Vec<T>> {
    let batches: Vec<Vec<T>> = store.scan::<T>(table, &[]).collect::<Result<_>>()?;
    Ok(batches.into_iter().flatten().collect())
}

/// Writes rows in runs of one copy each. Rows that are not `many` are there in the first one alone.
fn write<T: Table + Clone>(
    store: &mut Store,
    table: TableName,
    all: &[T],
    times: usize,
    many: impl Fn(&T) -> bool,
    each: impl Fn(usize, &T) -> T,
) -> Result<()> {
    let batches = (0..times).flat_map(|copy| {
        all.chunks(8_192)
            .map(move |chunk| (copy, chunk))
            .collect::<Vec<_>>()
    });
    let batches = batches.map(|(copy, chunk)| {
        let rows = chunk.iter().filter(|row| copy == 0 || many(row));
        let rows: Vec<T> = rows.map(|row| each(copy, row)).collect();
        Store::batch_of(&rows)
    });
    store.replace(table, batches)
}
