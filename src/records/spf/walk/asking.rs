//! What the terms of a record ask: the name that a domain-spec comes to, the record, the addresses or
//! the mail hosts of it, as far as they are known.

use super::{Walk, plain};
use crate::records::spf::expand::expand;
use crate::records::spf::graph::{Facts, Known, MX_ASKED, Question};
use crate::records::spf::macros::Place;
use crate::records::spf::{DomainSpec, Record, name, parse};
use crate::records::version::Kind;
use crate::table::record_codes::Fault;

/// What a domain-spec comes to.
pub(super) enum Target {
    /// A name in lower case, as macros see it.
    Name(String),
    /// Text that is no name of the DNS, as tables write it.
    Impossible(String),
    /// That depends on the sender.
    Sender,
}

/// What is found where another record should be.
pub(super) enum Found {
    /// It, and its name in lower case, as macros see it.
    Record(Record, String),
    /// None that can be used.
    Unusable,
    /// That is not known.
    Unknown,
}

impl<F: Facts> Walk<'_, F> {
    /// The name that a domain-spec comes to; without one, that of the record. Only `d` and `o` are
    /// the same for every sender at the domain.
    pub(super) fn target(&mut self, domain: Option<&DomainSpec>) -> Target {
        let current = self.frames.last().map_or("", |frame| &frame.name);
        let Some(domain) = domain else {
            return Target::Name(current.to_owned());
        };
        let expanded = expand(&domain.text, Place::Record, |letter| match letter {
            b'd' => Some(current.to_owned()),
            b'o' => Some(self.origin.clone()),
            _ => None,
        });
        let Some(expanded) = expanded else {
            self.graph.depends_on_sender = true;
            return Target::Sender;
        };
        match name::target(&expanded) {
            Some(name) => Target::Name(name.to_ascii_lowercase()),
            None => Target::Impossible(name::written(name::shortened(&expanded))),
        }
    }

    /// The record that an `include` or `redirect` names.
    pub(super) fn record_of(&mut self, domain: &DomainSpec) -> Found {
        let target = match self.target(Some(domain)) {
            Target::Name(name) => name,
            Target::Impossible(name) => return self.dangles(name),
            Target::Sender => return Found::Unknown,
        };
        let name = name::written(&target);
        if self.path.contains(&target) {
            return self.unusable(Fault::Loop, name);
        }
        let Some(known) = self.facts.policy(&name) else {
            self.ask(Question::Policy(name));
            return Found::Unknown;
        };
        let Some(texts) = self.data(known, &name) else {
            return Found::Unknown;
        };
        let mut records = texts.iter().filter(|text| Kind::Spf.claims(text));
        match (records.next(), records.next()) {
            (None, _) => self.dangles(name),
            (Some(_), Some(_)) => self.unusable(Fault::SeveralRecords, name),
            (Some(text), None) => {
                let parsed = parse(text);
                match (parsed.fault(), parsed.value) {
                    (None, Some(record)) => Found::Record(record, target),
                    (fault, _) => self.unusable(fault.unwrap_or(Fault::Syntax), name),
                }
            }
        }
    }

    fn dangles(&mut self, name: String) -> Found {
        self.graph.dangling.push(name.clone());
        self.unusable(Fault::NoRecord, name)
    }

    fn unusable(&mut self, fault: Fault, name: String) -> Found {
        self.fault.get_or_insert((fault, name));
        Found::Unusable
    }

    fn ask(&mut self, question: Question) {
        if !self.graph.open.contains(&question) {
            self.graph.open.push(question);
        }
    }

    /// The data of an answer; none without an answer. Counts a question that has none.
    fn data<T>(&mut self, known: Known<T>, name: &str) -> Option<Vec<T>> {
        match known {
            Known::Data(data) => {
                self.graph.void_lookups += u16::from(data.is_empty());
                Some(data)
            }
            Known::Failed(error) => {
                self.failed.get_or_insert_with(|| (error, name.to_owned()));
                None
            }
        }
    }

    /// The addresses of a name as tables write it; where they pass, in networks of these prefix lengths.
    pub(super) fn addresses(&mut self, name: String, passing: Option<(u8, u8)>) {
        let Some(known) = self.facts.addresses(&name) else {
            return self.ask(Question::Addresses(name));
        };
        let addresses = self.data(known, &name).unwrap_or_default();
        let Some((v4, v6)) = passing else {
            return;
        };
        for address in addresses {
            self.networks
                .add(address, if address.is_ipv4() { v4 } else { v6 });
        }
    }

    /// The addresses of the mail hosts of a name as tables write it.
    pub(super) fn exchanges(&mut self, name: String, passing: Option<(u8, u8)>) {
        let Some(known) = self.facts.exchanges(&name) else {
            return self.ask(Question::Exchanges(name));
        };
        let hosts = self.data(known, &name).unwrap_or_default();
        // A null MX is an answer, though there is nobody behind it.
        let hosts = hosts.iter().map(|host| plain(host));
        let hosts: Vec<String> = hosts.filter(|host| !host.is_empty()).collect();
        let names = u16::try_from(hosts.len()).unwrap_or(u16::MAX);
        self.graph.mx_names = self.graph.mx_names.max(names);
        for host in hosts.into_iter().take(MX_ASKED) {
            self.addresses(host, passing);
        }
    }
}
