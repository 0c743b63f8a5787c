//! Port 25 to the outside: mail servers that the operator knows to be good, asked before any other,
//! the way all others are asked. If none of them can be, the fault is on our side of the Internet.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::proto::rr::{RData, RecordType};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::dns::{Client, name_of};
use crate::error::{Error, Result};
use crate::pace::{self, Back, Pace, Queues, Ruling, Target};
use crate::probe::{smtp, tls};
use crate::stop::Stop;
use crate::table::codes::{ErrorCode, StarttlsOutcome};
use crate::table::preflight::{Aspect, Preflight, Trial, Tried};

/// The port of SMTP relay (RFC 5321 4.5.4.2).
const SMTP: u16 = 25;
/// The longest that the budgets may keep us waiting: a survey that was resumed a few times has used
/// up the connections that an address may get for now.
const PERMISSION: Duration = Duration::from_secs(30);

/// A mail server known to be good, and one of its addresses; without an address, why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub host: String,
    /// Where it listens.
    pub address: std::result::Result<SocketAddr, ErrorCode>,
}

/// The first address of each family of each host.
pub async fn resolve(client: &Client, hosts: &[String]) -> Vec<Known> {
    let mut known = Vec::new();
    for host in hosts {
        let before = known.len();
        let mut error = ErrorCode::Unreachable;
        for kind in [RecordType::A, RecordType::AAAA] {
            let Some(name) = name_of(host) else { continue };
            let answer = client.ask(&name, kind).await;
            error = answer.error.unwrap_or(error);
            if let Some(ip) = answer.data().find_map(RData::ip_addr) {
                known.push(Known {
                    host: host.clone(),
                    address: Ok(SocketAddr::new(ip, SMTP)),
                });
            }
        }
        if known.len() == before {
            known.push(Known {
                host: host.clone(),
                address: Err(error),
            });
        }
    }
    known
}

/// Talks to each address once, and says of each family whether any can be reached, and whether all
/// that were reached offer STARTTLS.
///
/// # Errors
/// When the journal cannot be written.
pub async fn check(
    pace: Arc<Pace>,
    known: Vec<Known>,
    ehlo: &str,
    stop: &Stop,
) -> Result<Preflight> {
    let mut seen = Vec::with_capacity(known.len());
    let mut targets = Vec::new();
    for one in known {
        match one.address {
            Ok(address) => targets.push(Target {
                address,
                operator: Arc::from(pace::prefix_of(address.ip()).to_string()),
                extra: false,
                more: 0,
                load: one.host,
            }),
            // Nobody knows of which family it would be.
            Err(error) => seen.push(Seen::unasked(&one.host, None, error)),
        }
    }
    seen.extend(knock(pace, targets, ehlo, stop).await?);
    Ok(judged(&seen))
}

async fn knock(
    pace: Arc<Pace>,
    targets: Vec<Target<String>>,
    ehlo: &str,
    stop: &Stop,
) -> Result<Vec<Seen>> {
    let mut waiting: Vec<(String, SocketAddr)> = targets
        .iter()
        .map(|target| (target.load.clone(), target.address))
        .collect();
    let mut seen = Vec::with_capacity(targets.len());
    let client = Arc::new(tls::Client::default());
    let Queues {
        mut rulings,
        backs,
        task,
        ..
    } = pace::start(pace, targets, stop.clone());
    let mut talks = JoinSet::new();
    let deadline = Instant::now() + PERMISSION;
    while !waiting.is_empty() {
        let ruling = tokio::select! {
            ruling = rulings.recv() => ruling,
            () = tokio::time::sleep_until(deadline) => None,
        };
        let (target, verdict) = match ruling {
            None => break,
            Some(Ruling::Go(clearance, target)) => (target, Ok(clearance)),
            Some(Ruling::Never(error, target)) => (target, Err(error)),
        };
        waiting.retain(|(_, address)| *address != target.address);
        match verdict {
            Ok(clearance) => {
                let (client, backs) = (client.clone(), backs.clone());
                let plan = smtp::Plan {
                    ehlo: ehlo.to_owned(),
                    sni: Some(target.load.clone()),
                    handshake: smtp::Handshake::Full,
                    patience: smtp::Patience::default(),
                };
                talks.spawn(async move {
                    let conversation = smtp::talk(clearance, &plan, &client).await;
                    // Queues that stopped want nothing back.
                    let _ = backs.send(Back::Done);
                    match conversation {
                        Some(conversation) => Seen::of(&target.load, target.address, &conversation),
                        // A stop came before the connection was there.
                        None => {
                            Seen::unasked(&target.load, Some(target.address), ErrorCode::Budget)
                        }
                    }
                });
            }
            Err(error) => seen.push(Seen::unasked(&target.load, Some(target.address), error)),
        }
    }
    drop((rulings, backs));
    while let Some(talk) = talks.join_next().await {
        seen.push(talk.map_err(|err| Error::Internal(format!("pre-flight: {err}")))?);
    }
    task.await
        .map_err(|err| Error::Internal(format!("queues: {err}")))??;
    let unasked = |(host, address): &(String, SocketAddr)| {
        Seen::unasked(host, Some(*address), ErrorCode::Budget)
    };
    seen.extend(waiting.iter().map(unasked));
    Ok(seen)
}

/// What one server did.
struct Seen {
    address: Option<SocketAddr>,
    /// Whether it answered.
    greeted: Trial,
    /// Whether it offered STARTTLS.
    starttls: Trial,
    detail: String,
}

impl Seen {
    fn unasked(host: &str, address: Option<SocketAddr>, error: ErrorCode) -> Self {
        let shown = address.map(|address| format!(" {}", address.ip()));
        Self {
            address,
            greeted: Trial::Unknown,
            starttls: Trial::Unknown,
            detail: format!("{host}{} was not asked: {error}", shown.unwrap_or_default()),
        }
    }

    fn of(host: &str, address: SocketAddr, seen: &smtp::Conversation) -> Self {
        let greeted = match seen.banner_code {
            // Also who turns us away was reached: the way is open.
            Some(_) => Trial::Pass,
            None if seen.tcp.error == Some(ErrorCode::LocalFault) => Trial::Unknown,
            None => Trial::Fail,
        };
        let starttls = match seen.starttls.outcome {
            StarttlsOutcome::NotAttempted => Trial::Unknown,
            StarttlsOutcome::NotOffered | StarttlsOutcome::Stripped => Trial::Fail,
            _ => Trial::Pass,
        };
        let error = seen.tcp.error.or(seen.starttls.error);
        let words = match (seen.banner_code, error) {
            (Some(220), _) => format!("greeted, STARTTLS {}", seen.starttls.outcome),
            (Some(code), _) => format!("greeted with {code}"),
            (None, error) => error.unwrap_or_default().to_string(),
        };
        Self {
            address: Some(address),
            greeted,
            starttls,
            detail: format!("{host} {}: {words}", address.ip()),
        }
    }
}

fn judged(seen: &[Seen]) -> Preflight {
    let of_family = |is_ipv4: bool| {
        let mine = |one: &&Seen| one.address.is_none_or(|to| to.is_ipv4() == is_ipv4);
        // One that can be reached shows that the way is open.
        family(&seen.iter().filter(mine).collect::<Vec<_>>())
    };
    let reached: Vec<_> = seen
        .iter()
        .filter(|one| one.greeted == Trial::Pass)
        .collect();
    let starttls = reached.iter().map(|one| one.starttls).max();
    Preflight::from([
        (Aspect::EgressIpv4, of_family(true)),
        (Aspect::EgressIpv6, of_family(false)),
        (
            Aspect::Starttls,
            Tried {
                result: starttls.unwrap_or(Trial::Unknown),
                detail: details(&reached),
            },
        ),
    ])
}

/// One server that can be reached shows that the way is open; that it is closed is only shown when
/// every one was asked.
fn family(seen: &[&Seen]) -> Tried {
    let result = match seen.iter().map(|one| one.greeted).min() {
        None => return Tried::not_checked("none of the servers given has such an address"),
        Some(best) => best,
    };
    Tried {
        result,
        detail: details(seen),
    }
}

fn details(seen: &[&Seen]) -> String {
    match seen {
        [] => "no server was reached".to_owned(),
        _ => {
            let details: Vec<_> = seen.iter().map(|one| one.detail.as_str()).collect();
            details.join("; ")
        }
    }
}
