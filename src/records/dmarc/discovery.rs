//! Where a DMARC record is looked for, and which of several applies: [`walk`], [`by_walk`] and
//! [`by_suffix`].

use super::record::{Record, Rules, parse};
use crate::table::codes::ErrorCode;
use crate::table::record_codes::{DmarcPolicy, Fault, Inherited, PsdFlag};

/// How many labels the first name above a long one has (RFC 9989 4.10, step 4); with the name itself
/// that makes at most eight questions.
const LABELS: usize = 7;

/// The names whose `_dmarc` the tree walk asks, the domain first (RFC 9989 4.10); at most eight.
pub fn walk(domain: &str) -> Vec<String> {
    let labels: Vec<&str> = domain.split('.').collect();
    let above = (labels.len() - 1).min(LABELS);
    let parents = (1..=above)
        .rev()
        .map(|kept| labels[labels.len() - kept..].join("."));
    std::iter::once(domain.to_owned()).chain(parents).collect()
}

/// TXT records with the version tag at `_dmarc` of one name, or why they are not known.
pub type Answer = Result<Vec<Vec<u8>>, ErrorCode>;

/// Which record applies to a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The record that applies, raw.
    pub record: Option<Vec<u8>>,
    /// The name whose `_dmarc` has it.
    pub found_at: Option<String>,
    /// How many records stand there; where none applies, at the domain itself (9989) or at the place
    /// where it should be (7489).
    pub count: u16,
    /// The organisational domain; none where that is not known.
    pub org_domain: Option<String>,
    /// Whose record it is.
    pub inherited: Option<Inherited>,
    /// Why it is not known which one applies.
    pub error: Option<ErrorCode>,
    /// Whether it can be used; none without a record.
    pub valid: Option<bool>,
    /// Why it cannot, or why none applies though some are there.
    pub fault: Option<Fault>,
    /// What is asked for mail of this very name that fails: after `sp`, and after `t=y` (9989 only).
    pub effective_policy: Option<DmarcPolicy>,
}

/// By the tree walk: `answers` has one for each name of [`walk`], in that order.
///
/// A name with several records has none (RFC 9989 4.10, steps 2 and 6), and so has one whose record
/// is no valid list of tags (4.10.1: "if no valid DMARC Policy Record is found").
pub fn by_walk(domain: &str, answers: &[Answer]) -> Discovery {
    let names = walk(domain);
    let mut steps = Vec::new();
    for (position, name) in names.iter().enumerate() {
        // An answer that nobody brought is no absence.
        let answer = answers
            .get(position)
            .unwrap_or(&Err(ErrorCode::InternalError));
        let step = Step::read(name, answer);
        let stops = step.stops();
        steps.push(step);
        if stops {
            break;
        }
    }
    let error = steps.iter().find_map(|step| step.error);
    let found = match error {
        None => organisation(domain, &steps),
        Some(_) => Organisation::default(),
    };
    let own = steps.first().filter(|step| step.record.is_some());
    let applies = own.map(|step| (step, Inherited::Own)).or(found.applies);
    let mut discovery = match applies {
        Some((step, inherited)) => step.discovery(inherited),
        None => nothing(answers.first(), error),
    };
    discovery.org_domain = found.domain;
    discovery
}

/// What the walk saw at one name.
struct Step<'a> {
    name: &'a str,
    /// The one record that counts there, and what it says.
    record: Option<(&'a [u8], Record)>,
    fault: Option<Fault>,
    error: Option<ErrorCode>,
}

impl<'a> Step<'a> {
    fn read(name: &'a str, answer: &'a Answer) -> Self {
        let mut step = Self {
            name,
            record: None,
            fault: None,
            error: answer.as_ref().err().copied(),
        };
        if let Ok([record]) = answer.as_deref() {
            let parsed = parse(record, Rules::Rfc9989);
            step.fault = parsed.fault();
            let mut fatal = parsed.findings.iter().filter(|finding| finding.fatal);
            let is_list = fatal.all(|finding| is_about_policy(finding.fault));
            let value = parsed.value.filter(|_| is_list);
            step.record = value.map(|value| (record.as_slice(), value));
        }
        step
    }

    fn psd(&self) -> Option<PsdFlag> {
        self.record.as_ref().and_then(|(_, record)| record.psd)
    }

    /// Steps 2 and 6: "If a single record remains and it contains a psd=n or psd=y tag, stop."
    fn stops(&self) -> bool {
        matches!(self.psd(), Some(PsdFlag::Yes | PsdFlag::No))
    }

    fn discovery(&self, inherited: Inherited) -> Discovery {
        let record = self.record.as_ref();
        let usable = record.filter(|_| self.fault.is_none());
        let policy = usable.map(|(_, record)| policy_of(record, inherited));
        let tried = usable.is_some_and(|(_, record)| record.t == Some(true));
        Discovery {
            record: record.map(|(raw, _)| raw.to_vec()),
            found_at: Some(self.name.to_owned()),
            count: 1,
            inherited: Some(inherited),
            valid: Some(self.fault.is_none()),
            fault: self.fault,
            effective_policy: policy.map(|policy| if tried { weaker(policy) } else { policy }),
            ..Discovery::default()
        }
    }
}

/// Whether a fault leaves the record one, of which RFC 9989 4.10.1 says what becomes of its policy.
fn is_about_policy(fault: Fault) -> bool {
    matches!(fault, Fault::BadValue | Fault::NotAscii)
}

/// Whose the domain is, and the record that it inherits from there.
#[derive(Default)]
struct Organisation<'s, 'a> {
    domain: Option<String>,
    applies: Option<(&'s Step<'a>, Inherited)>,
}

/// RFC 9989 4.10.2, and for the record 4.10.1.
fn organisation<'s, 'a>(domain: &str, steps: &'s [Step<'a>]) -> Organisation<'s, 'a> {
    let recorded = |step: &&Step<'_>| step.record.is_some();
    let Some(highest) = steps.iter().rfind(recorded) else {
        // "If this process does not determine the Organizational Domain, then the initial target
        // domain is the Organizational Domain."
        return Organisation {
            domain: Some(domain.to_owned()),
            applies: None,
        };
    };
    let is_suffix = highest.psd() == Some(PsdFlag::Yes) && highest.name != domain;
    if !is_suffix {
        return Organisation {
            domain: Some(highest.name.to_owned()),
            applies: Some((highest, Inherited::Org)),
        };
    }
    let below = one_below(domain, highest.name);
    let own = steps
        .iter()
        .find(|step| step.name == below && step.record.is_some());
    Organisation {
        domain: Some(below.to_owned()),
        applies: Some(own.map_or((highest, Inherited::Psd), |own| (own, Inherited::Org))),
    }
}

/// The name one label below a suffix of a domain.
fn one_below<'a>(domain: &'a str, suffix: &str) -> &'a str {
    let labels = domain.len().saturating_sub(suffix.len() + 1);
    let start = domain[..labels].rfind('.').map_or(0, |dot| dot + 1);
    &domain[start..]
}

/// What is known where no record applies, or where that is not known.
fn nothing(place: Option<&Answer>, error: Option<ErrorCode>) -> Discovery {
    let records = place.and_then(|answer| answer.as_ref().ok());
    let records = records.map_or(&[][..], Vec::as_slice);
    let fault = match records {
        [] => None,
        [record] => parse(record, Rules::Rfc9989).fault(),
        _ => Some(Fault::SeveralRecords),
    };
    Discovery {
        count: u16::try_from(records.len()).unwrap_or(u16::MAX),
        error,
        fault: fault.filter(|_| error.is_none()),
        ..Discovery::default()
    }
}

/// The policy for mail of the surveyed name, which exists, so that `np` never is (RFC 9989 4.10.1,
/// RFC 7489 6.6.3). A record that can be used and has no policy counts as `p=none`.
fn policy_of(record: &Record, inherited: Inherited) -> DmarcPolicy {
    let policy = match inherited {
        _ if record.counts_as_none => None,
        Inherited::Own => record.p,
        Inherited::Org | Inherited::Psd => record.sp.or(record.p),
    };
    policy.unwrap_or(DmarcPolicy::None)
}

/// RFC 9989 4.7: `t=y` asks for "one level below the specified policy".
fn weaker(policy: DmarcPolicy) -> DmarcPolicy {
    match policy {
        DmarcPolicy::Reject => DmarcPolicy::Quarantine,
        DmarcPolicy::Quarantine | DmarcPolicy::None => DmarcPolicy::None,
    }
}

/// By the public suffix list (RFC 7489 6.6.3): the answers at the domain itself and at its
/// organisational domain, if that is another one. Several records end the search (step 5).
pub fn by_suffix(domain: &str, own: &Answer, org: Option<(&str, &Answer)>) -> Discovery {
    let own_is_empty = own.as_ref().is_ok_and(Vec::is_empty);
    let (name, answer, inherited) = match org {
        Some((name, answer)) if own_is_empty => (name, answer, Inherited::Org),
        _ => (domain, own, Inherited::Own),
    };
    let mut discovery = match answer.as_deref() {
        Ok([record]) => applied(name, record, inherited),
        _ => nothing(Some(answer), answer.as_ref().err().copied()),
    };
    discovery.org_domain = Some(org.map_or(domain, |(name, _)| name).to_owned());
    discovery
}

fn applied(name: &str, record: &[u8], inherited: Inherited) -> Discovery {
    let parsed = parse(record, Rules::Rfc7489);
    let usable = parsed.value.as_ref().filter(|_| parsed.is_valid());
    Discovery {
        record: Some(record.to_vec()),
        found_at: Some(name.to_owned()),
        count: 1,
        inherited: Some(inherited),
        valid: Some(parsed.is_valid()),
        fault: parsed.fault(),
        effective_policy: usable.map(|record| policy_of(record, inherited)),
        ..Discovery::default()
    }
}

#[cfg(test)]
#[path = "discovery_tests.rs"]
mod tests;
