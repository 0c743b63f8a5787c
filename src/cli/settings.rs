//! From what was typed to what will happen: numbers within their bounds, names that are names.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::config::Effective;
use super::flags::{
    CheckFlags, IdentityFlags, MannerFlags, NamedFile, ResolverFlags, SurveyFlags, TableFlags,
    TrustFlags,
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
    let input = input(&flags.input)?;
    let asking = Asking {
        identity: &flags.identity,
        resolvers: &flags.resolvers,
        manners: &flags.manners,
        trust: Some(&flags.trust),
        tables: Some(&flags.tables),
        says_nothing: flags.dry_run,
    };
    Ok(Settings {
        input,
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
        ..asking.settings()?
    })
}

/// The settings of a check, but for where it works.
///
/// # Errors
/// As [`of_survey`].
pub fn of_check(flags: &CheckFlags) -> Result<Settings> {
    let asking = Asking {
        identity: &flags.identity,
        resolvers: &flags.resolvers,
        manners: &flags.manners,
        trust: Some(&flags.trust),
        tables: Some(&flags.tables),
        says_nothing: false,
    };
    let asked = asking.settings()?;
    Ok(Settings {
        depth: match flags.deep {
            true => Depth::Deep,
            false => Depth::Standard,
        },
        clients: flags.clients || flags.deep,
        limits: match flags.wait {
            true => asked.limits.clone(),
            false => asked.limits.without_waiting(),
        },
        ..asked
    })
}

/// The flags about how strangers are asked, which several commands have.
pub struct Asking<'a> {
    /// Who asks.
    pub identity: &'a IdentityFlags,
    /// Whom the DNS is asked.
    pub resolvers: &'a ResolverFlags,
    /// What strangers get.
    pub manners: &'a MannerFlags,
    /// Roots; none where no chain is judged.
    pub trust: Option<&'a TrustFlags>,
    /// What is known of addresses; none where nothing is told of them.
    pub tables: Option<&'a TableFlags>,
    /// Nobody is asked anything in a dry run, and needs no name of ours.
    pub says_nothing: bool,
}

impl Asking<'_> {
    /// The settings that belong to them.
    ///
    /// # Errors
    /// As [`of_survey`].
    pub fn settings(&self) -> Result<Settings> {
        let lab = self.is_lab();
        Ok(Settings {
            ehlo: self.ehlo()?,
            contact: self.contact()?,
            dns: dns::Settings {
                resolvers: resolvers(&self.resolvers.resolver)?,
                rate: match self.resolvers.dns_rate {
                    // The lab may ask as fast as it can.
                    0 if lab => 0,
                    rate => bounded("--dns-rate", rate, pace::DNS_RATE, lab)?,
                },
                ..dns::Settings::default()
            },
            dns_in_flight: bounded(
                "--dns-in-flight",
                self.resolvers.dns_in_flight,
                pace::IN_FLIGHT,
                lab,
            )? as usize,
            trust_ad: self.resolvers.trust_ad,
            preflight: preflight(&self.identity.preflight)?,
            egress: egress(&self.identity.preflight)?,
            source_addresses: source_addresses(&self.identity.source_address, lab)?,
            limits: limits(self.manners, lab)?,
            lab: self.manners.lab.clone(),
            exclude: self.manners.exclude.clone(),
            operator_table: self.manners.operator_table.clone(),
            asn_table: self.manners.asn_table.clone(),
            country_table: self.tables.and_then(|tables| tables.country_table.clone()),
            rpki_table: self.tables.and_then(|tables| tables.rpki_table.clone()),
            extra_roots: self
                .trust
                .map(|trust| trust.extra_root.clone())
                .unwrap_or_default(),
            trust_stores: self
                .trust
                .map(|trust| trust_stores(&trust.trust_store))
                .unwrap_or_default(),
            ..Settings::default()
        })
    }

    fn is_lab(&self) -> bool {
        !self.manners.lab.is_empty()
    }

    fn ehlo(&self) -> Result<String> {
        match (&self.identity.ehlo, self.is_lab()) {
            (Some(name), _) => normalise(name).map_err(|_| {
                usage(format!(
                    "--ehlo {name}: not a host name; give this host's full name"
                ))
            }),
            (None, true) => Ok("survey.lab.invalid".to_owned()),
            // Nothing is said in a dry run.
            (None, false) if self.says_nothing => Ok(String::new()),
            (None, false) => Err(usage(
                "--ehlo is missing: strangers must be able to see who calls; give this host's full \
                 name, whose address leads back to it",
            )),
        }
    }

    fn contact(&self) -> Result<String> {
        match (&self.identity.contact, self.is_lab() || self.says_nothing) {
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
