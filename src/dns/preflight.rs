//! Does the resolver validate? A resolver on loopback may well not, and then every "insecure" would
//! be a guess. Asked before the first domain.

use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

use futures_util::future::join_all;
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::RecordType;

use super::forward::Client;
use super::health::Trouble;
use super::name::name_of;
use super::udp::Lost;
use crate::error::{Error, Result};

/// Names whose DNSSEC status is known.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Names {
    /// Signed, and the signatures are right.
    pub secure: String,
    /// Signed, and the signatures are wrong on purpose.
    pub bogus: String,
    /// Not signed.
    pub unsigned: String,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            secure: "nic.cz".to_owned(),
            bogus: "dnssec-failed.org".to_owned(),
            unsigned: "google.com".to_owned(),
        }
    }
}

/// Public resolvers: their operators did not offer them for surveys.
const PUBLIC: &[&str] = &[
    "1.0.0.1",
    "1.1.1.1",
    "1.0.0.2",
    "1.1.1.2",
    "8.8.4.4",
    "8.8.8.8",
    "9.9.9.9",
    "9.9.9.10",
    "9.9.9.11",
    "149.112.112.112",
    "149.112.112.10",
    "149.112.112.11",
    "94.140.14.14",
    "94.140.15.15",
    "185.222.222.222",
    "208.67.220.220",
    "208.67.222.222",
    "185.43.135.1",
    "193.17.47.1",
    "193.110.81.0",
    "185.253.5.0",
    "86.54.11.1",
    "86.54.11.100",
    "2606:4700:4700::1111",
    "2606:4700:4700::1001",
    "2001:4860:4860::8888",
    "2001:4860:4860::8844",
    "2620:fe::fe",
    "2620:fe::9",
    "2001:148f:ffff::1",
    "2001:148f:fffe::1",
    "2620:119:35::35",
    "2620:119:53::53",
];

/// Refuses resolvers whose word cannot be taken, before anything is sent.
///
/// # Errors
/// For a known public resolver, and for one on another machine unless `trust_ad` says that the path
/// to it is safe.
pub fn admissible(resolver: SocketAddr, trust_ad: bool) -> Result<()> {
    let ip = resolver.ip();
    let public = PUBLIC
        .iter()
        .any(|known| known.parse::<IpAddr>().is_ok_and(|known| known == ip));
    if public {
        return Err(problem(
            resolver,
            "is a public resolver, not meant for surveys; run a validating Unbound on this \
             machine and name it with --resolver 127.0.0.1",
        ));
    }
    // An address that can be bound is one of this machine's own.
    let here = std::net::UdpSocket::bind((ip, 0)).is_ok();
    if here || trust_ad {
        return Ok(());
    }
    Err(problem(
        resolver,
        "is another machine, and whoever sits on the path could forge its AD bits; run a \
         validating resolver here, or pass --trust-ad if the path is yours",
    ))
}

/// Asks each resolver for the three names.
///
/// # Errors
/// When one does not answer, does not validate, or a name is not what it is said to be.
pub async fn run(client: &Client, resolvers: &[SocketAddr], names: &Names) -> Result<()> {
    for (at, resolver) in resolvers.iter().enumerate() {
        let check = Check {
            client,
            at,
            resolver: *resolver,
        };
        check.secure(&names.secure).await?;
        check.bogus(&names.bogus).await?;
        check.unsigned(&names.unsigned).await?;
    }
    Ok(())
}

/// What is wrong with each resolver, if anything. They are asked for a name that none can have in its
/// cache, in a zone that works.
pub async fn troubles(client: &Client, resolvers: usize, names: &Names) -> Vec<Option<Trouble>> {
    let asking = (0..resolvers).map(|at| trouble(client, at, names));
    join_all(asking).await
}

async fn trouble(client: &Client, at: usize, names: &Names) -> Option<Trouble> {
    let Some(name) = name_of(&unheard_of(&names.unsigned)) else {
        return Some(Trouble::Failing);
    };
    match client.probe(at, &name, RecordType::SOA, false).await {
        Ok(answer) => match answer.metadata.response_code {
            ResponseCode::NoError | ResponseCode::NXDomain => None,
            _ => Some(Trouble::Failing),
        },
        Err(Lost::Malformed) => Some(Trouble::Failing),
        Err(Lost::Timeout | Lost::Unreachable | Lost::Local) => Some(Trouble::Silent),
    }
}

/// A name below another that nobody asked for before. Below a signed one a resolver could deny it
/// without asking anybody (RFC 8198).
fn unheard_of(name: &str) -> String {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("mailcensus-{:x}.{name}", now.as_nanos())
}

struct Check<'a> {
    client: &'a Client,
    at: usize,
    resolver: SocketAddr,
}

impl Check<'_> {
    async fn secure(&self, name: &str) -> Result<()> {
        let answer = self.ask(name, false).await?;
        if answer.metadata.response_code != ResponseCode::NoError {
            return Err(self.says(format!(
                "answers {} for {name}, which should be signed and fine; is it online, and is \
                 its trust anchor right? (--preflight secure=NAME names another)",
                answer.metadata.response_code
            )));
        }
        if answer.metadata.authentic_data {
            return Ok(());
        }
        Err(self.says(format!(
            "does not validate (no AD for {name}, which is signed); set up a validating resolver, \
             for Unbound `module-config: \"validator iterator\"` with a trust anchor"
        )))
    }

    async fn bogus(&self, name: &str) -> Result<()> {
        let answer = self.ask(name, false).await?;
        if answer.metadata.response_code != ResponseCode::ServFail {
            return Err(self.says(format!(
                "does not validate ({} for {name}, whose signatures are wrong); set up a \
                 validating resolver, or name another with --preflight bogus=NAME",
                answer.metadata.response_code
            )));
        }
        let answer = self.ask(name, true).await?;
        if answer.metadata.response_code == ResponseCode::NoError {
            return Ok(());
        }
        Err(self.says(format!(
            "answers {} for {name} even with CD set, so bogus and broken cannot be told apart; \
             name a bogus domain whose servers work with --preflight bogus=NAME",
            answer.metadata.response_code
        )))
    }

    async fn unsigned(&self, name: &str) -> Result<()> {
        let answer = self.ask(name, false).await?;
        let plain = answer.metadata.response_code == ResponseCode::NoError;
        if plain && !answer.metadata.authentic_data {
            return Ok(());
        }
        Err(self.says(format!(
            "answers {} with AD {} for {name}, which should be unsigned; a resolver that sets AD \
             on everything cannot be used (--preflight unsigned=NAME names another)",
            answer.metadata.response_code, answer.metadata.authentic_data
        )))
    }

    async fn ask(&self, text: &str, cd: bool) -> Result<Message> {
        let name = name_of(text)
            .ok_or_else(|| Error::Usage(format!("--preflight: {text} is not a domain name")))?;
        let mut last = Lost::Timeout;
        for _ in 0..2 {
            match self.client.probe(self.at, &name, RecordType::SOA, cd).await {
                Ok(answer) => return Ok(answer),
                Err(lost) => last = lost,
            }
        }
        Err(self.says(match last {
            Lost::Timeout => "does not answer; is it running, and does it listen there?".to_owned(),
            Lost::Unreachable => {
                "nobody listens there; start a validating resolver, or name it with --resolver \
                 IP[:PORT]"
                    .to_owned()
            }
            Lost::Malformed => format!("its answer for {name} cannot be read"),
            Lost::Local => "cannot be sent to from this machine".to_owned(),
        }))
    }

    fn says(&self, text: impl Into<String>) -> Error {
        problem(self.resolver, text)
    }
}

fn problem(resolver: SocketAddr, problem: impl Into<String>) -> Error {
    Error::Resolver {
        resolver: resolver.to_string(),
        problem: problem.into(),
    }
}
