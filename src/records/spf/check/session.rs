//! The evaluation of records, with its limits (RFC 7208 4.3 to 4.7, 5, 6).

use super::values::Sender;
use super::{Checked, Client, Dns, NoAnswer, SpfResult};
use crate::records::spf::macros::Place;
use crate::records::spf::networks::shares_prefix;
use crate::records::spf::{
    Directive, DomainSpec, Mechanism, Qualifier, Record, expand, name, parse,
};
use crate::records::version::Kind;

/// Terms that may ask the DNS (RFC 7208 4.6.4).
const LOOKUPS: u8 = 10;
/// Questions of terms that may have no data (RFC 7208 4.6.4).
const VOID_LOOKUPS: u8 = 2;
/// Names that may stand behind an `mx` (RFC 7208 4.6.4).
const MX_NAMES: usize = 10;

/// What a record came to, and what it says to a client that may not send.
struct Decision {
    result: SpfResult,
    exp: Option<DomainSpec>,
    /// The domain whose record it is.
    domain: String,
}

/// One evaluation. An error of it is a result, too.
pub(super) struct Session<'a, D> {
    sender: Sender<'a, D>,
    dns: &'a D,
    lookups: u8,
    void_lookups: u8,
}

impl<'a, D: Dns> Session<'a, D> {
    pub fn new(client: &'a Client, dns: &'a D) -> Self {
        Self {
            sender: Sender::new(client, dns),
            dns,
            lookups: 0,
            void_lookups: 0,
        }
    }

    pub fn run(mut self) -> Checked {
        let domain = self.sender.domain.clone();
        match self.check(domain) {
            Err(result) => Checked {
                result,
                explanation: None,
            },
            Ok(decision) => Checked {
                result: decision.result,
                explanation: self.explanation(&decision),
            },
        }
    }

    /// Follows a record and those it is redirected to. Includes make it call itself, at most
    /// [`LOOKUPS`] deep.
    fn check(&mut self, mut domain: String) -> Result<Decision, SpfResult> {
        let mut missing = Ok(SpfResult::None);
        loop {
            let Some(record) = self.record(&domain)? else {
                return Ok(Decision {
                    result: missing?,
                    exp: None,
                    domain,
                });
            };
            if let Some(result) = self.matching(&record.directives, &domain)? {
                return Ok(Decision {
                    result,
                    exp: record.exp,
                    domain,
                });
            }
            let Some(redirect) = record.redirect else {
                return Ok(Decision {
                    result: SpfResult::Neutral,
                    exp: None,
                    domain,
                });
            };
            self.count()?;
            let target = self.target(Some(&redirect), &domain);
            domain = target.ok_or(SpfResult::Permerror)?;
            missing = Err(SpfResult::Permerror);
        }
    }

    /// The record of a domain (RFC 7208 4.3 to 4.6); none where there is none.
    fn record(&self, domain: &str) -> Result<Option<Record>, SpfResult> {
        let is_asked = name::target(domain).is_some_and(|name| name.contains('.'));
        if !is_asked {
            return Ok(None);
        }
        let texts = self.dns.txt(domain);
        let texts = texts.map_err(|NoAnswer| SpfResult::Temperror)?;
        let mut records = texts.iter().filter(|text| Kind::Spf.claims(text));
        let Some(text) = records.next() else {
            return Ok(None);
        };
        let parsed = parse(text);
        if records.next().is_some() || !parsed.is_valid() {
            return Err(SpfResult::Permerror);
        }
        Ok(parsed.value)
    }

    /// What the first directive that matches comes to.
    fn matching(
        &mut self,
        directives: &[Directive],
        domain: &str,
    ) -> Result<Option<SpfResult>, SpfResult> {
        for directive in directives {
            if self.matches(&directive.mechanism, domain)? {
                return Ok(Some(match directive.qualifier {
                    Qualifier::Pass => SpfResult::Pass,
                    Qualifier::Fail => SpfResult::Fail,
                    Qualifier::Softfail => SpfResult::Softfail,
                    Qualifier::Neutral => SpfResult::Neutral,
                }));
            }
        }
        Ok(None)
    }

    /// Whether a mechanism is about the client (RFC 7208 5).
    fn matches(&mut self, mechanism: &Mechanism, domain: &str) -> Result<bool, SpfResult> {
        let ip = self.sender.ip;
        match mechanism {
            Mechanism::All => return Ok(true),
            Mechanism::Ip4(address, bits) => {
                return Ok(shares_prefix(ip, (*address).into(), *bits));
            }
            Mechanism::Ip6(address, bits) => {
                return Ok(shares_prefix(ip, (*address).into(), *bits));
            }
            _ => self.count()?,
        }
        let Some(target) = self.target(mechanism.domain(), domain) else {
            // An include of what has no record.
            let is_include = matches!(mechanism, Mechanism::Include(_));
            return if is_include {
                Err(SpfResult::Permerror)
            } else {
                Ok(false)
            };
        };
        match mechanism {
            Mechanism::Include(_) => self.includes(target),
            Mechanism::A(_, v4, v6) => self.is_at(&target, *v4, *v6),
            Mechanism::Mx(_, v4, v6) => self.is_exchange(&target, *v4, *v6),
            Mechanism::Ptr(_) => self.is_named(&target),
            Mechanism::Exists(_) => {
                let found = self.dns.a(&target);
                self.data(found).map(|found| !found.is_empty())
            }
            Mechanism::All | Mechanism::Ip4(..) | Mechanism::Ip6(..) => Ok(false),
        }
    }

    /// Whether another record lets the client send (RFC 7208 5.2).
    fn includes(&mut self, target: String) -> Result<bool, SpfResult> {
        match self.check(target)?.result {
            SpfResult::None => Err(SpfResult::Permerror),
            result => Ok(result == SpfResult::Pass),
        }
    }

    /// Whether the client is near an address of a name (RFC 7208 5.3).
    fn is_at(&mut self, name: &str, v4: u8, v6: u8) -> Result<bool, SpfResult> {
        let ip = self.sender.ip;
        let found = self.sender.addresses(name);
        let bits = if ip.is_ipv4() { v4 } else { v6 };
        let mut found = self.data(found)?.into_iter();
        Ok(found.any(|address| shares_prefix(ip, address, bits)))
    }

    /// Whether the client is near a mail host of a name (RFC 7208 5.4).
    fn is_exchange(&mut self, name: &str, v4: u8, v6: u8) -> Result<bool, SpfResult> {
        let found = self.dns.mx(name);
        let hosts = self.data(found)?;
        if hosts.len() > MX_NAMES {
            return Err(SpfResult::Permerror);
        }
        for host in &hosts {
            if let Some(host) = name::target(host)
                && self.is_at(host, v4, v6)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a validated name of the client is a name, or below it; an unanswered question is no
    /// match (RFC 7208 5.5).
    fn is_named(&mut self, target: &str) -> Result<bool, SpfResult> {
        let Ok(names) = self.dns.ptr(self.sender.ip) else {
            return Ok(false);
        };
        let names = self.data(Ok(names))?;
        let mut names = self.sender.validated(names);
        Ok(names.any(|name| name::is_within(&name, target)))
    }

    fn count(&mut self) -> Result<(), SpfResult> {
        self.lookups += 1;
        let is_allowed = self.lookups <= LOOKUPS;
        is_allowed.then_some(()).ok_or(SpfResult::Permerror)
    }

    /// The data of an answer. Counts those that have none.
    fn data<T>(&mut self, answer: Result<Vec<T>, NoAnswer>) -> Result<Vec<T>, SpfResult> {
        let data = answer.map_err(|NoAnswer| SpfResult::Temperror)?;
        self.void_lookups += u8::from(data.is_empty());
        let is_allowed = self.void_lookups <= VOID_LOOKUPS;
        is_allowed.then_some(data).ok_or(SpfResult::Permerror)
    }

    /// The name that a domain-spec comes to; none where the DNS cannot have it.
    fn target(&self, spec: Option<&DomainSpec>, domain: &str) -> Option<String> {
        let Some(spec) = spec else {
            return Some(domain.to_owned());
        };
        let value = |letter| self.sender.value(letter, domain);
        let expanded = expand::expand(&spec.text, Place::Record, value)?;
        name::target(&expanded).map(str::to_owned)
    }

    /// What the domain says to a client that may not send; whatever goes wrong, it says nothing
    /// (RFC 7208 6.2).
    fn explanation(&self, decision: &Decision) -> Option<String> {
        let exp = decision.exp.as_ref();
        let exp = exp.filter(|_| decision.result == SpfResult::Fail)?;
        let target = self.target(Some(exp), &decision.domain)?;
        let texts = self.dns.txt(&target).ok()?;
        let [text] = texts.as_slice() else {
            return None;
        };
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
        let text = text.iter().all(is_plain).then_some(text)?;
        let text = std::str::from_utf8(text).ok()?;
        let value = |letter| self.sender.value(letter, &decision.domain);
        expand::expand(text, Place::Explanation, value)
    }
}
