//! What a host shows as lines of a zone file (RFC 1035 5.1, RFC 6698 2.2), with comments on each
//! record: what it was made of, and what to do with it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::cli::json::moment;
use crate::survey::single::{Form, Made, Other, Shown};
use crate::table::codes::{Outcome, Security};
use crate::table::row::Moment;
use crate::table::rows::{CertificateRow, TlsaRecord};
use crate::text::{escape, one_line};

/// Letters of a name in a certificate that are shown.
const NAME: usize = 200;
/// Digits of association data in one piece; readers of zone files have limits.
const PIECE: usize = 128;
/// Digits of a record that nothing shows: enough to find it.
const SHORT: usize = 16;

/// What a zone that does not validate means (RFC 7672 2.1.1): it is no answer, so mail has to wait.
const BOGUS: &str = "senders that go by DANE deliver nothing there until the zone validates";

/// A host, and what was made of it.
pub struct Zone<'a> {
    /// What it shows.
    pub shown: &'a Shown,
    /// Records, and the addresses of which none could be made.
    pub made: (Vec<Made>, Vec<IpAddr>),
    /// The form that was asked for.
    pub form: Form,
    /// Time to live of the records; none leaves it to the zone.
    pub ttl: Option<u32>,
}

impl Zone<'_> {
    /// The lines.
    pub fn print(&self) -> String {
        let (shown, host) = (self.shown, &self.shown.host);
        let mut text = String::new();
        let mut say = |words: String| text.push_str(&comment(&words));
        say(format!(
            "{} port {}: what it showed {}, by mailcensus {}",
            host.host,
            shown.port,
            when(shown.observed_at),
            env!("CARGO_PKG_VERSION")
        ));
        self.of_dns().into_iter().for_each(&mut say);
        let gaps = self.gaps();
        for gap in &gaps {
            say(format!("NOT THE WHOLE: {gap}"));
        }
        self.of_kinds().into_iter().for_each(&mut say);
        for made in &self.made.0 {
            text.push('\n');
            for words in self.of_record(made) {
                text.push_str(&comment(&words));
            }
            text.push_str(&self.line(&made.record));
        }
        let old = self.unseen(gaps.is_empty());
        if !old.is_empty() {
            text.push('\n');
        }
        for words in old {
            text.push_str(&comment(&words));
        }
        text
    }

    /// What keeps the records from being all, a sentence each.
    pub fn gaps(&self) -> Vec<String> {
        let host = &self.shown.host;
        let (name, found) = (&host.host, &host.addresses);
        let mut gaps = Vec::new();
        match (found.outcome, found.error) {
            (Outcome::Found, None) => {}
            (Outcome::Found, Some(error)) => gaps.push(format!(
                "{name} may have more addresses: a question failed ({error})"
            )),
            (Outcome::Absent, _) => gaps.push(format!("{name} has no address")),
            (_, error) => gaps.push(format!(
                "the addresses of {name} are not known ({})",
                error.map_or("not asked", |error| error.as_str())
            )),
        }
        if found.truncated {
            gaps.push(format!(
                "{name} has more addresses than the {} that were asked",
                found.ips.len()
            ));
        }
        gaps.extend(self.published_unknown());
        for server in &self.shown.addresses {
            match (&server.silent, server.other) {
                (Some(why), _) => gaps.push(format!(
                    "{name} at {} showed no certificate ({why}); it may have another one",
                    server.ip
                )),
                (None, Other::Unknown(error)) => gaps.push(format!(
                    "{name} at {} showed one kind of key; whether it has another one is not known \
                     ({error})",
                    server.ip
                )),
                (None, Other::Shown | Other::None) => {}
            }
        }
        for ip in &self.made.1 {
            gaps.push(match self.form.usage {
                2 => format!("{name} at {ip} sends no certificate of an authority"),
                _ => format!("{name} at {ip} shows a certificate that cannot be read"),
            });
        }
        gaps
    }

    /// Where it is not known what is published. A name without addresses is not asked for records.
    fn published_unknown(&self) -> Option<String> {
        let host = &self.shown.host;
        let is_known = matches!(host.tlsa.outcome, Outcome::Found | Outcome::Absent)
            || host.addresses.outcome == Outcome::Absent;
        (!is_known).then(|| {
            format!(
                "what is published for {} is not known ({})",
                host.host,
                host.tlsa.error.map_or("not asked", |error| error.as_str())
            )
        })
    }

    fn of_dns(&self) -> Vec<String> {
        let host = &self.shown.host;
        let mut words = Vec::new();
        if let Some(alias) = self.shown.alias() {
            words.push(format!(
                "An alias of {alias}, below which senders look first (RFC 7672 section 2.2.2)"
            ));
        }
        match host.addresses.security {
            _ if host.addresses.outcome != Outcome::Found => {}
            Security::Secure => words.push("Its addresses are secure (DNSSEC)".to_owned()),
            Security::Bogus => words.push(format!("Its addresses are bogus (DNSSEC): {BOGUS}")),
            security => words.push(format!(
                "Its addresses are {security}: senders look for records only where they are secure \
                 (RFC 7672 section 2.2)"
            )),
        }
        if let Some(alias) = &self.shown.alias_of_records {
            words.push(format!(
                "The name of its records is an alias (RFC 7671 section 7): they belong to {alias}"
            ));
        }
        let tlsa = &host.tlsa;
        let base = tlsa.base.as_deref().unwrap_or(&host.host);
        words.push(match (tlsa.outcome, tlsa.error) {
            (Outcome::Found, _) => format!(
                "Published below {base}, {}: {}",
                tlsa.security,
                tlsa.records.len()
            ),
            (Outcome::Absent, _) => "Nothing is published".to_owned(),
            (_, error) => format!(
                "What is published is not known ({})",
                error.map_or("not asked", |error| error.as_str())
            ),
        });
        if tlsa.security == Security::Bogus {
            words.push(format!(
                "The answer for its records is bogus (DNSSEC): {BOGUS}"
            ));
        }
        let is_broken = tlsa.outcome == Outcome::Found
            && tlsa.security == Security::Secure
            && tlsa.records.iter().any(|record| record.usable)
            && self.made.0.iter().any(|made| made.broken);
        if is_broken {
            words.push(
                "What is published does not match what it shows: senders that go by DANE deliver \
                 nothing there until this is mended"
                    .to_owned(),
            );
        }
        words
    }

    /// Whether there are certificates with both kinds of key, where that is known; else it is a gap.
    fn of_kinds(&self) -> Vec<String> {
        let mut words = BTreeSet::new();
        for server in self
            .shown
            .addresses
            .iter()
            .filter(|one| one.silent.is_none())
        {
            let ip = server.ip;
            words.extend(match server.other {
                Other::Shown => Some(format!("{ip} has certificates with RSA and elliptic keys")),
                Other::None => Some(format!("{ip} has a certificate with one kind of key only")),
                Other::Unknown(_) => None,
            });
        }
        words.into_iter().collect()
    }

    fn of_record(&self, made: &Made) -> Vec<String> {
        let mut words = Vec::new();
        if self.form.usage == 2 {
            words.push(format!("Authority: {}", described(&made.certificate)));
        }
        for (leaf, ips) in &made.leaves {
            let ips: Vec<_> = ips.iter().map(IpAddr::to_string).collect();
            words.push(format!("{}; shown by {}", described(leaf), ips.join(", ")));
        }
        if !made.fits {
            words.push(
                "The chain would not pass with this record: the names, the dates or a signature are \
                 wrong"
                    .to_owned(),
            );
        }
        let tlsa = &self.shown.host.tlsa;
        words.push(match (made.published, tlsa.outcome) {
            (true, _) if tlsa.security == Security::Bogus => {
                format!("Published, but bogus (DNSSEC): {BOGUS}")
            }
            (true, _) => "Published".to_owned(),
            (false, Outcome::Found) => {
                "Not published: add it to those that are, and take none of them out before their TTL \
                 has passed and no server shows what they name"
                    .to_owned()
            }
            (false, Outcome::Absent) => "Not published".to_owned(),
            (false, _) => "Whether it is published is not known".to_owned(),
        });
        words
    }

    /// Records that are published, and name nothing that was shown. `whole`: all was seen.
    fn unseen(&self, whole: bool) -> Vec<String> {
        let made: Vec<_> = self.made.0.iter().map(|made| &made.record).collect();
        let is_other_form = |record: &&TlsaRecord| {
            let form = (record.usage, record.selector, record.matching_type);
            form != (self.form.usage, self.form.selector, self.form.matching_type)
        };
        let published = &self.shown.host.tlsa.records;
        let (other, same): (Vec<_>, Vec<_>) = published.iter().partition(is_other_form);
        let mut words: Vec<_> = same
            .into_iter()
            .filter(|record| !made.contains(record))
            .map(|record| match whole {
                true => format!(
                    "Published, and nothing shows it now: {}; keep it where a key is about to come or \
                     has just gone",
                    short(record)
                ),
                false => format!(
                    "Published; whether a server shows it is not known: {}; keep it",
                    short(record)
                ),
            })
            .collect();
        words.extend(
            other.into_iter().map(|record| {
                format!("Published in another form, not compared: {}", short(record))
            }),
        );
        words
    }

    /// The name of the records: the end of an alias, where that is a name that needs no escapes.
    fn owner(&self) -> String {
        let is_plain = |name: &&String| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            !name.is_empty() && name.bytes().all(plain)
        };
        match self.shown.alias_of_records.as_ref().filter(is_plain) {
            Some(alias) => alias.clone(),
            None => format!("_{}._tcp.{}", self.shown.port, self.shown.base()),
        }
    }

    fn line(&self, record: &TlsaRecord) -> String {
        let ttl = self.ttl.map(|ttl| format!("{ttl} ")).unwrap_or_default();
        let digits = record.data.as_bytes().chunks(PIECE);
        let digits: Vec<_> = digits.map(String::from_utf8_lossy).collect();
        format!(
            "{}. {ttl}IN TLSA {} {} {} {}\n",
            self.owner(),
            record.usage,
            record.selector,
            record.matching_type,
            digits.join(" ")
        )
    }
}

/// A comment. Nothing in it can end its line.
fn comment(words: &str) -> String {
    format!("; {}\n", one_line(words))
}

/// A certificate in words: of strangers, so that nothing in it acts.
fn described(certificate: &CertificateRow) -> String {
    let name = |name: &Option<String>| {
        let name = name.as_deref().unwrap_or("-");
        let (name, is_cut) = escape(name.as_bytes(), NAME);
        format!("{name}{}", if is_cut { "..." } else { "" })
    };
    let bits = certificate.key_bits.map(|bits| format!(" {bits}"));
    format!(
        "{}{}, subject {}, issuer {}, until {}",
        certificate.key_type.as_deref().unwrap_or("unknown key"),
        bits.unwrap_or_default(),
        name(&certificate.subject),
        name(&certificate.issuer),
        certificate.not_after.map_or("-".to_owned(), when)
    )
}

fn short(record: &TlsaRecord) -> String {
    let digits = record.data.get(..SHORT).unwrap_or(&record.data);
    format!(
        "{} {} {} {digits}...",
        record.usage, record.selector, record.matching_type
    )
}

/// A moment to the second.
fn when(at: Moment) -> String {
    let text = moment(at).unwrap_or_default();
    format!("{}Z", text.get(..19).unwrap_or_default())
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
