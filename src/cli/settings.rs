//! From what was typed to what will happen: numbers within their bounds, names that are names.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::config::Effective;
use super::flags::{
    AskingFlags, IdentityFlags, MannerFlags, NamedFile, SurveyFlags, TableFlags, TrustFlags,
};
use super::input::input;
use crate::dns;
use crate::dns::preflight::Names;
use crate::error::{Error, Result};
use crate::pace::{self, Limits, Rules, Span};
use crate::survey::Settings;
use crate::table::codes::ErrorCode;
use crate::table::tls_codes::Depth;
use crate::targets::name::normalise;

/// The settings of a survey.
///
/// # Errors
/// When a flag is missing or does not fit, with a sentence that says which and what to do.
pub fn of_survey(flags: &SurveyFlags, effective: Effective) -> Result<Settings> {
    let asked = asked(&flags.asking, flags.dry_run)?;
    let asked = knowing(&flags.tables, trusting(&flags.trust, asked));
    Ok(Settings {
        input: input(&flags.input)?,
        out: flags.out.clone(),
        depth: flags.depth,
        clients: flags.clients || flags.depth == Depth::Deep,
        stage: flags.stage,
        min_interval: bounded(
            "--min-interval",
            flags.min_interval,
            pace::MIN_INTERVAL,
            false,
        )?,
        seed: flags.input.seed.as_deref().map(seed).transpose()?,
        keep_spool: flags.input.keep_spool,
        trace_domains: trace_domains(&flags.watching.trace_domain)?,
        effective,
        ..asked
    })
}

/// The settings about how strangers are asked. `says_nothing`: nobody is asked anything in a dry run,
/// and needs no name of ours.
///
/// # Errors
/// As [`of_survey`].
pub fn asked(flags: &AskingFlags, says_nothing: bool) -> Result<Settings> {
    let AskingFlags {
        identity,
        resolvers: asked,
        manners,
    } = flags;
    let lab = !manners.lab.is_empty();
    Ok(Settings {
        ehlo: ehlo(identity, lab, says_nothing)?,
        contact: contact(identity, lab || says_nothing)?,
        dns: dns::Settings {
            resolvers: resolvers(&asked.resolver)?,
            rate: match asked.dns_rate {
                // The lab may ask as fast as it can.
                0 if lab => 0,
                rate => bounded("--dns-rate", rate, pace::DNS_RATE, lab)?,
            },
            ..dns::Settings::default()
        },
        dns_in_flight: bounded("--dns-in-flight", asked.dns_in_flight, pace::IN_FLIGHT, lab)?
            as usize,
        trust_ad: asked.trust_ad,
        preflight: preflight(&identity.preflight)?,
        egress: egress(&identity.preflight)?,
        source_addresses: source_addresses(&identity.source_address, lab)?,
        limits: limits(manners, lab)?,
        lab: manners.lab.clone(),
        exclude: manners.exclude.clone(),
        operator_table: manners.operator_table.clone(),
        asn_table: manners.asn_table.clone(),
        ..Settings::default()
    })
}

/// Settings with the roots that chains are judged by.
pub fn trusting(flags: &TrustFlags, settings: Settings) -> Settings {
    Settings {
        extra_roots: flags.extra_root.clone(),
        trust_stores: trust_stores(&flags.trust_store),
        ..settings
    }
}

/// Settings with what is known of addresses beforehand.
pub fn knowing(flags: &TableFlags, settings: Settings) -> Settings {
    Settings {
        country_table: flags.country_table.clone(),
        rpki_table: flags.rpki_table.clone(),
        ..settings
    }
}

fn ehlo(identity: &IdentityFlags, lab: bool, says_nothing: bool) -> Result<String> {
    match (&identity.ehlo, lab) {
        (Some(name), _) => normalise(name).map_err(|_| {
            usage(format!(
                "--ehlo {name}: not a host name; give this host's full name"
            ))
        }),
        (None, true) => Ok("survey.lab.invalid".to_owned()),
        // Nothing is said in a dry run.
        (None, false) if says_nothing => Ok(String::new()),
        (None, false) => Err(usage(
            "--ehlo is missing: strangers must be able to see who calls; give this host's full \
             name, whose address leads back to it",
        )),
    }
}

fn contact(identity: &IdentityFlags, may_lack: bool) -> Result<String> {
    match (&identity.contact, may_lack) {
        (Some(contact), _) if contact.contains('@') || contact.contains("://") => {
            Ok(contact.clone())
        }
        (Some(contact), _) => Err(usage(format!(
            "--contact {contact}: neither a mail address nor a URL"
        ))),
        (None, true) => Ok(String::new()),
        (None, false) => Err(usage(
            "--contact is missing: the manifest says who answers for a survey; give a mail address \
             or a URL",
        )),
    }
}

fn trust_stores(given: &[NamedFile]) -> Vec<(String, PathBuf)> {
    let pair = |given: &NamedFile| (given.name.clone(), given.path.clone());
    given.iter().map(pair).collect()
}

fn usage(text: impl Into<String>) -> Error {
    Error::Usage(text.into())
}

fn resolvers(texts: &[String]) -> Result<Vec<SocketAddr>> {
    texts
        .iter()
        .map(|text| {
            let with_port = text.parse::<SocketAddr>().ok();
            let alone = || {
                text.parse::<IpAddr>()
                    .ok()
                    .map(|ip| SocketAddr::new(ip, 53))
            };
            with_port.or_else(alone).ok_or_else(|| {
                usage(format!(
                    "--resolver {text}: not an address; give IP or IP:PORT"
                ))
            })
        })
        .collect()
}

fn preflight(texts: &[String]) -> Result<Names> {
    let mut names = Names::default();
    for text in texts {
        let (what, name) = tried(text)?;
        match what {
            "secure" => names.secure = name,
            "bogus" => names.bogus = name,
            "unsigned" => names.unsigned = name,
            _ => {}
        }
    }
    Ok(names)
}

fn trace_domains(texts: &[String]) -> Result<Vec<String>> {
    let name = |text: &String| {
        normalise(text).map_err(|_| {
            usage(format!(
                "--trace-domain {text}: not a domain name; give a domain of the list"
            ))
        })
    };
    texts.iter().map(name).collect()
}

fn egress(texts: &[String]) -> Result<Vec<String>> {
    let mut hosts = Vec::new();
    for text in texts {
        let (what, host) = tried(text)?;
        if what == "egress" {
            hosts.push(host);
        }
    }
    Ok(hosts)
}

fn source_addresses(addresses: &[IpAddr], lab: bool) -> Result<Vec<IpAddr>> {
    let strangers = Rules::new(Vec::new(), true);
    match addresses
        .iter()
        .find(|ip| strangers.forbids(**ip) == Some(ErrorCode::SpecialPurpose))
    {
        Some(ip) if !lab => Err(usage(format!(
            "--source-address {ip}: no public address; give the one that strangers see"
        ))),
        _ => Ok(addresses.to_vec()),
    }
}

/// What `--preflight` asks for, and the name to try it with.
fn tried(text: &str) -> Result<(&str, String)> {
    let (what, name) = text
        .split_once('=')
        .filter(|(what, _)| ["secure", "bogus", "unsigned", "egress"].contains(what))
        .ok_or_else(|| {
            usage(format!(
                "--preflight {text}: give secure=NAME, bogus=NAME, unsigned=NAME or egress=HOST"
            ))
        })?;
    match normalise(name) {
        Ok(name) => Ok((what, name)),
        Err(_) => Err(usage(format!(
            "--preflight {text}: {name} is not a domain name"
        ))),
    }
}

fn limits(manners: &MannerFlags, lab: bool) -> Result<Limits> {
    let usual = Limits::default();
    let operator_rate = bounded(
        "--operator-rate",
        manners.operator_rate,
        pace::OPERATOR_RATE,
        lab,
    )?;
    let window = bounded(
        "--address-window",
        manners.address_window,
        pace::WINDOW,
        lab,
    )?;
    Ok(Limits {
        rate: bounded("--rate", manners.rate, pace::RATE, lab)?,
        operator_rate,
        prefix_rate: operator_rate,
        open: bounded("--connections", manners.connections, pace::OPEN, lab)?,
        window: Duration::from_secs(u64::from(window)),
        pause: Duration::from_secs(u64::from(window)),
        https_rate: bounded("--https-rate", manners.https_rate, pace::HTTPS_RATE, lab)?,
        https_operator_rate: bounded(
            "--https-operator-rate",
            manners.https_operator_rate,
            pace::HTTPS_OPERATOR_RATE,
            lab,
        )?,
        ..usual
    })
}

/// A number within its span. The lab has no strangers, and no bounds but zero.
fn bounded(flag: &str, number: u32, span: Span, lab: bool) -> Result<u32> {
    if span.allows(number) || (lab && number > 0) {
        return Ok(number);
    }
    Err(usage(format!(
        "{flag} {number}: between {} and {} outside the lab",
        span.floor, span.ceiling
    )))
}

fn seed(text: &str) -> Result<u64> {
    u64::from_str_radix(text, 16).map_err(|_| {
        usage(format!(
            "--seed {text}: not a number in hex of at most 16 digits"
        ))
    })
}
