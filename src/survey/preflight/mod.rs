//! Before the first packet to strangers: can they see who calls, can we see them, and is our clock
//! right? What fails is said, recorded, and makes unknown what depends on it.
//!
//! [`egress`] tries port 25; what the DNS can tell is asked by `dns`, what the machine can by
//! `machine`.

pub mod egress;

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::directory::Survey;
use super::machine::{self, Source};
use super::settings::{Screen, Settings, Stage};
use super::{Context, endpoints};
use crate::dns::{self, Client, clock, reverse};
use crate::error::{Error, Result};
use crate::pace::Rules;
use crate::table::codes::ErrorCode;
use crate::table::preflight::{Aspect, Preflight, Trial, Tried};

/// Tries everything that the stages ahead lean on, says it and records it.
///
/// # Errors
/// When the resolver cannot be believed or the clock is wrong: every answer and every time in the
/// tables would be.
pub async fn run(context: &Context<'_>, client: &Client, survey: &mut Survey) -> Result<()> {
    let settings = context.settings;
    let mut found = Preflight::from([
        (Aspect::OpenFiles, open_files(settings)?),
        (Aspect::Ipv6, ipv6(settings)),
    ]);
    let resolver = dns::preflight::run(client, &settings.dns.resolvers, &settings.preflight).await;
    found.insert(Aspect::Resolver, resolver_of(settings, &resolver));
    let clock = clock::check(client, &settings.preflight.secure).await;
    let clock_is_wrong = wrong_clock(&clock);
    found.insert(Aspect::Clock, clock);
    // A wrong clock is why a resolver beside it does not validate either.
    if let Err(err) = clock_is_wrong.and(resolver) {
        survey.note_preflight(found)?;
        return Err(err);
    }
    if context.wants(Stage::Probe) {
        let sources = machine::sources(settings);
        for family in [Family::V4, Family::V6] {
            let tried = reverse_name(settings, client, &sources, family).await;
            found.insert(family.reverse_name(), tried);
        }
        found.extend(port_25(context, client).await?);
    }
    say(&*context.screen, settings, &found);
    survey.note_preflight(found)
}

/// Makes sure that answers can be believed, for who asks without a survey.
///
/// # Errors
/// When the resolver does not validate, or the clock is wrong.
pub async fn believe(client: &Client, settings: &Settings) -> Result<()> {
    let names = &settings.preflight;
    let resolver = dns::preflight::run(client, &settings.dns.resolvers, names).await;
    wrong_clock(&clock::check(client, &names.secure).await).and(resolver)
}

/// The rules of this vantage: who may be dialled, and who cannot be reached from here.
pub fn rules(context: &Context<'_>, found: &Preflight) -> Rules {
    let rules = context.tables.rules(context.settings);
    let [ipv4, ipv6] = unreachable(found);
    rules.unreachable(ipv4, ipv6)
}

/// Whether it is known that nobody can be reached at all.
pub fn is_closed(found: &Preflight) -> bool {
    unreachable(found).iter().all(Option::is_some)
}

/// Why nobody can be reached over IPv4, and over IPv6.
fn unreachable(found: &Preflight) -> [Option<ErrorCode>; 2] {
    let of = |aspect| {
        found
            .get(&aspect)
            .map_or(Trial::NotChecked, |tried| tried.result)
    };
    match (of(Aspect::EgressIpv4), of(Aspect::EgressIpv6)) {
        // Where one family is closed and nothing speaks for the other, all of port 25 is.
        (Trial::Fail, Trial::Pass) => [Some(ErrorCode::LocalFault), None],
        (Trial::Fail, _) => [Some(ErrorCode::LocalFault); 2],
        // Some way out there is, and it is not this one.
        (_, Trial::Fail) => [None, Some(ErrorCode::NoIpv6Vantage)],
        _ => [None, None],
    }
}

/// What failed and is worth reading at the end of a survey.
pub fn trouble(found: &Preflight) -> Vec<String> {
    let failed = found
        .iter()
        .filter(|(_, tried)| tried.result == Trial::Fail);
    failed
        .filter_map(|(aspect, tried)| {
            let meaning = meaning(*aspect)?;
            Some(format!("{aspect}: {}; {meaning}", tried.detail))
        })
        .collect()
}

/// What follows for the survey; none where nothing does that is worth reading at its end.
fn meaning(aspect: Aspect) -> Option<&'static str> {
    match aspect {
        Aspect::ReverseNameIpv4 | Aspect::ReverseNameIpv6 => Some(
            "operators cannot tell who calls, and some servers refuse us for it: set the reverse \
             name of this address to the name in --ehlo",
        ),
        Aspect::EgressIpv4 | Aspect::EgressIpv6 => Some(
            "nobody was dialled that way, and what depends on it is unknown: ask your provider to \
             open port 25",
        ),
        Aspect::Starttls => Some(
            "something on the way may take STARTTLS out, so that servers without it are unknown: \
             survey from another network",
        ),
        Aspect::OpenFiles | Aspect::Resolver | Aspect::Clock | Aspect::Ipv6 => None,
    }
}

#[derive(Clone, Copy)]
enum Family {
    V4,
    V6,
}

impl Family {
    fn has(self, ip: IpAddr) -> bool {
        match self {
            Self::V4 => ip.is_ipv4(),
            Self::V6 => ip.is_ipv6(),
        }
    }

    fn reverse_name(self) -> Aspect {
        match self {
            Self::V4 => Aspect::ReverseNameIpv4,
            Self::V6 => Aspect::ReverseNameIpv6,
        }
    }
}

fn open_files(settings: &Settings) -> Result<Tried> {
    let allowed = machine::check(settings)?;
    Ok(Tried::pass(format!("{allowed} may be open")))
}

fn ipv6(settings: &Settings) -> Tried {
    let sources = machine::sources(settings);
    match sources.iter().find(|source| source.ip.is_ipv6()) {
        None => Tried::fail("no route; IPv6 addresses are not dialled"),
        Some(source) if machine::vantage(settings).ipv6 => {
            Tried::pass(format!("from {}", source.ip))
        }
        Some(source) => Tried::fail(format!(
            "{} is no public address; IPv6 addresses are not dialled",
            source.ip
        )),
    }
}

fn resolver_of(settings: &Settings, judged: &Result<()>) -> Tried {
    let names = &settings.preflight;
    match judged {
        Ok(()) => Tried::pass(format!(
            "{} is secure, {} bogus, {} unsigned",
            names.secure, names.bogus, names.unsigned
        )),
        Err(err) => Tried::fail(err.to_string()),
    }
}

fn wrong_clock(clock: &Tried) -> Result<()> {
    if clock.result != Trial::Fail {
        return Ok(());
    }
    Err(Error::Machine(format!(
        "the clock is wrong: {}; set it (timedatectl set-ntp true) and run the same command again, \
         or name another signed domain with --preflight secure=NAME",
        clock.detail
    )))
}

/// The reverse names of all addresses of a family; the worst result counts.
async fn reverse_name(
    settings: &Settings,
    client: &Client,
    sources: &[Source],
    family: Family,
) -> Tried {
    let of_family = sources.iter().filter(|source| family.has(source.ip));
    let mut worst = Tried::not_checked("no way out over this family");
    for source in of_family {
        let tried = match not_asked(source, !settings.lab.is_empty()) {
            Some(tried) => tried,
            None => reverse::check(client, source.ip, &settings.ehlo).await,
        };
        let is_first = worst.result == Trial::NotChecked;
        if is_first || tried.result > worst.result {
            worst = tried;
        }
    }
    worst
}

/// What is known of an address without asking.
fn not_asked(source: &Source, in_lab: bool) -> Option<Tried> {
    if in_lab && !source.is_named {
        let detail = "lab: name an address by --source-address to have it checked";
        return Some(Tried::not_checked(detail));
    }
    let ip = source.ip;
    (!source.is_public).then(|| {
        Tried::unknown(format!(
            "behind_nat: {ip} is no public address; give the one strangers see by --source-address"
        ))
    })
}

async fn port_25(context: &Context<'_>, client: &Client) -> Result<Preflight> {
    let settings = context.settings;
    if settings.egress.is_empty() {
        let aspects = [Aspect::EgressIpv4, Aspect::EgressIpv6, Aspect::Starttls];
        let unchecked = || Tried::not_checked("no --preflight egress=HOST");
        return Ok(aspects.map(|aspect| (aspect, unchecked())).into());
    }
    let rules = rules(context, &Preflight::new());
    let pace = endpoints::pace_of(context, rules, context.settings.limits.clone())?;
    let targets = egress::resolve(client, &settings.egress).await;
    let ask = || egress::check(pace.clone(), targets.clone(), &settings.ehlo, context.stop);
    let mut found = ask().await?;
    context.stop.check()?;
    if unreachable(&found) != [None, None] {
        // What costs a whole survey is asked once more.
        let limits = &settings.limits;
        tokio::time::sleep((limits.window / 20).min(limits.patience)).await;
        context.stop.check()?;
        found = ask().await?;
        context.stop.check()?;
    }
    Ok(found)
}

fn say(screen: &dyn Screen, settings: &Settings, found: &Preflight) {
    for trial in [Trial::Pass, Trial::NotChecked] {
        let of_trial = found.iter().filter(|(_, tried)| tried.result == trial);
        let names: BTreeSet<_> = of_trial.map(|(aspect, _)| aspect.as_str()).collect();
        if !names.is_empty() {
            let names: Vec<_> = names.into_iter().collect();
            let word = trial.as_str().replace('_', " ");
            screen.note(&format!("pre-flight: {word}: {}", names.join(", ")));
        }
    }
    for (aspect, tried) in found {
        let word = match tried.result {
            Trial::Pass | Trial::NotChecked => continue,
            Trial::Unknown => "unknown",
            Trial::Fail => "FAIL",
        };
        let meaning = meaning(*aspect).filter(|_| tried.result == Trial::Fail);
        let meaning = meaning.map(|text| format!("; {text}")).unwrap_or_default();
        let detail = &tried.detail;
        screen.note(&format!("pre-flight: {word}: {aspect}: {detail}{meaning}"));
    }
    let untried = found.get(&Aspect::EgressIpv4);
    let untried = untried.is_some_and(|tried| tried.result == Trial::NotChecked);
    if untried && settings.egress.is_empty() && settings.lab.is_empty() {
        screen.note(
            "pre-flight: whether port 25 is open from here is not known; name a mail server that \
             works by --preflight egress=HOST",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn egress(ipv4: Trial, ipv6: Trial) -> [Option<ErrorCode>; 2] {
        let tried = |result| Tried {
            result,
            ..Tried::default()
        };
        unreachable(&Preflight::from([
            (Aspect::EgressIpv4, tried(ipv4)),
            (Aspect::EgressIpv6, tried(ipv6)),
        ]))
    }

    #[test]
    fn a_way_that_is_closed_is_not_taken() {
        use Trial::{Fail, NotChecked, Pass, Unknown};
        let fault = Some(ErrorCode::LocalFault);
        let no_ipv6 = Some(ErrorCode::NoIpv6Vantage);
        assert_eq!(egress(Fail, Fail), [fault, fault]);
        assert_eq!(egress(Fail, NotChecked), [fault, fault]);
        assert_eq!(egress(Fail, Pass), [fault, None]);
        assert_eq!(egress(Pass, Fail), [None, no_ipv6]);
        assert_eq!(egress(NotChecked, Fail), [None, no_ipv6]);
        for open in [Pass, NotChecked, Unknown] {
            assert_eq!(egress(open, Pass), [None, None]);
            assert_eq!(egress(open, NotChecked), [None, None]);
        }
        assert_eq!(unreachable(&Preflight::new()), [None, None]);
    }

    #[test]
    fn behind_nat_the_reverse_name_is_unknown_unless_the_address_is_named() {
        let source = |ip: &str, is_named, is_public| Source {
            ip: ip.parse().expect("an address"),
            is_named,
            is_public,
        };
        let result = |source, in_lab| not_asked(&source, in_lab).map(|tried| tried.result);
        let natted = source("10.0.0.2", false, false);
        assert_eq!(result(natted, false), Some(Trial::Unknown));
        assert!(
            not_asked(&natted, false).is_some_and(|tried| tried.detail.starts_with("behind_nat"))
        );
        assert_eq!(result(natted, true), Some(Trial::NotChecked));
        assert_eq!(result(source("192.88.98.7", true, true), false), None);
        assert_eq!(result(source("192.88.98.7", true, true), true), None);
        assert_eq!(result(source("192.88.98.7", false, true), false), None);
    }

    #[test]
    fn only_what_failed_is_trouble() {
        let found = Preflight::from([
            (Aspect::Ipv6, Tried::fail("no route")),
            (Aspect::ReverseNameIpv4, Tried::fail("no name")),
            (Aspect::EgressIpv4, Tried::unknown("nobody asked")),
            (Aspect::Starttls, Tried::pass("offered")),
        ]);
        let trouble = trouble(&found);
        assert_eq!(trouble.len(), 1, "{trouble:?}");
        assert!(trouble[0].starts_with("reverse_name_ipv4: no name; "));
    }
}
