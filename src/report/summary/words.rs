//! The closing summary in words.

use std::collections::BTreeMap;
use std::fmt;

use super::Summary;
use crate::report::counts::{Counts, Of};
use crate::table::manifest::Bias;
use crate::table::rows::CheckId;
use crate::text::{count, percent};

/// Operators that are named among those that turned us away.
const NAMED: usize = 3;

/// The checks that are shown, each with what its pass says of a domain.
pub const SHOWN: [(CheckId, &str); 12] = [
    (CheckId::ReceivesMail, "that take mail"),
    (CheckId::Starttls, "with STARTTLS on every mail server"),
    (
        CheckId::NoTls10Or11,
        "with no TLS 1.0 or 1.1 on any mail server",
    ),
    (
        CheckId::NoWeakCiphers,
        "with no weak suite on any mail server",
    ),
    (
        CheckId::ForwardSecrecy,
        "with forward secrecy on every mail server",
    ),
    (
        CheckId::PqKeyExchange,
        "with post-quantum keys on every mail server",
    ),
    (CheckId::DnssecDomain, "with DNSSEC (secure MX answer)"),
    (
        CheckId::DanePublished,
        "with TLSA for every mail host (DANE)",
    ),
    (CheckId::Spf, "with SPF that can be used"),
    (CheckId::Dkim, "with DKIM keys"),
    (CheckId::Dmarc, "with DMARC that can be used (RFC 9989)"),
    (
        CheckId::DmarcEnforced,
        "of these, with policy quarantine or reject",
    ),
];

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let existence = self
            .existence
            .iter()
            .map(|(what, n)| (what.to_string(), *n));
        writeln!(f, "{} domains: {}", count(self.domains), listed(existence))?;
        if let Some(queries) = self.queries_per_domain() {
            writeln!(f, "DNS: {queries:.1} queries per domain asked")?;
        }
        let kinds = self.kinds.iter().map(|(kind, n)| {
            (
                kind.map_or("unknown".to_owned(), |kind| kind.to_string()),
                *n,
            )
        });
        writeln!(f, "MX: {}", listed(kinds))?;
        let addresses = self.addresses.iter().map(|(what, n)| (what.clone(), *n));
        writeln!(
            f,
            "{} mail hosts; addresses: {}; {} connections",
            count(self.hosts),
            listed(addresses),
            count(self.connections)
        )?;
        for (protocol, ports) in &self.ports {
            let ports = ports.iter().map(|(what, n)| ((*what).to_owned(), *n));
            writeln!(f, "Ports for clients, {protocol}: {}", listed(ports))?;
        }
        if self.beyond_budget > 0 {
            writeln!(
                f,
                "certificates of {} host names not seen: their addresses have more names than they \
                 may get handshakes (sni_budget)",
                count(self.beyond_budget)
            )?;
        }
        if !self.policies.is_empty() {
            let policies = self.policies.iter().map(|(what, n)| (what.clone(), *n));
            writeln!(f, "MTA-STS policies: {}", listed(policies))?;
        }
        if !self.webmail.is_empty() {
            let webmail = self.webmail.iter().map(|(what, n)| (what.clone(), *n));
            writeln!(f, "webmail by http://: {}", listed(webmail))?;
        }
        if let Some(turned_away) = turned_away(&self.bias) {
            writeln!(f, "{turned_away}")?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "{:<46}{:>10}{:>10}{:>9}{:>10}{:>9}",
            "share of domains", "yes", "of", "share", "unknown", "n/a"
        )?;
        for (subject, (_, name)) in SHOWN.iter().enumerate() {
            line(f, name, &self.checks, subject)?;
        }
        writeln!(f)?;
        write!(
            f,
            "share = yes / of, of = yes + no; unknown could not be measured, n/a does not apply"
        )?;
        if self.checks.is_sample() {
            write!(
                f,
                "\nA sample: yes, of, unknown and n/a count its domains, the share is weighted to the \
                 whole list, ± half of its 95 % interval"
            )?;
        }
        Ok(())
    }
}

/// Who turned us away, the worst operators by name.
fn turned_away(bias: &BTreeMap<String, Bias>) -> Option<String> {
    let of_all = |of: fn(&Bias) -> u64| bias.values().map(of).sum::<u64>();
    let (blocked, put_off) = (of_all(|one| one.blocked), of_all(|one| one.temp_reject));
    let mut worst: Vec<_> = bias
        .iter()
        .map(|(name, one)| (one.blocked + one.temp_reject, name))
        .collect();
    worst.sort_by_key(|(sum, name)| (std::cmp::Reverse(*sum), *name));
    let worst = worst
        .iter()
        .take(NAMED)
        .map(|(sum, name)| (format!("by {name}"), *sum));
    (!bias.is_empty()).then(|| {
        format!(
            "turned away: {} blocked, {} temp_reject; {}",
            count(blocked),
            count(put_off),
            listed(worst)
        )
    })
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, checks: &Counts, subject: usize) -> fmt::Result {
    let figures = checks.figures(subject, Of::All);
    let share = percent(figures.share);
    write!(
        f,
        "  {name:<44}{:>10}{:>10}{share:>9}{:>10}{:>9}",
        count(figures.tally.pass),
        count(figures.tally.of()),
        count(figures.tally.unknown),
        count(figures.tally.not_applicable)
    )?;
    match figures.margin.filter(|_| checks.is_sample()) {
        Some(margin) => writeln!(f, "  ±{:.1}", margin * 100.0),
        None => writeln!(f),
    }
}

fn listed(counts: impl Iterator<Item = (String, u64)>) -> String {
    let words: Vec<_> = counts
        .map(|(what, n)| format!("{} {what}", count(n)))
        .collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DomainFacts, EndpointFacts, TlsError};
    use super::*;
    use crate::table::codes::{ErrorCode, Existence, Protocol, TcpOutcome};
    use crate::table::rows::{Starttls, Tcp};

    #[test]
    fn queries_are_averaged_over_domains_that_took_some() {
        let mut sum = Summary {
            checks: Counts::new(SHOWN.len()),
            ..Summary::default()
        };
        assert_eq!(sum.queries_per_domain(), None);
        assert!(!sum.to_string().contains("queries"));
        for queries in [0, 12, 9, 2] {
            let existence = Existence::Exists;
            sum.add_domain(&DomainFacts { existence, queries });
        }
        assert_eq!((sum.domains, sum.asked, sum.queries), (4, 3, 23));
        assert!(
            sum.to_string()
                .contains("DNS: 7.7 queries per domain asked\n")
        );
    }

    #[test]
    fn who_turned_us_away_is_named_worst_first() {
        let away = |code: ErrorCode, operator: &str| EndpointFacts {
            connections: 1,
            tcp: Tcp {
                outcome: TcpOutcome::Connected,
                ..Tcp::default()
            },
            operator: operator.to_owned(),
            banner_code: None,
            starttls: Starttls {
                error: Some(code),
                ..Starttls::default()
            },
            protocol: Protocol::Smtp,
            tls: TlsError::default(),
        };
        let mut sum = Summary {
            checks: Counts::new(SHOWN.len()),
            ..Summary::default()
        };
        assert!(!sum.to_string().contains("turned away"));
        for operator in ["d", "c", "c", "b", "a"] {
            sum.add_endpoint(&away(ErrorCode::Blocked, operator));
        }
        sum.add_endpoint(&away(ErrorCode::TempReject, "b"));
        sum.add_endpoint(&away(ErrorCode::Timeout, "e"));
        let both = Bias {
            blocked: 1,
            temp_reject: 1,
        };
        assert_eq!(sum.bias["b"], both);
        let line = "turned away: 5 blocked, 1 temp_reject; 2 by b, 2 by c, 1 by a\n";
        assert!(sum.to_string().contains(line), "{sum}");
    }
}
