//! The way of [`super::graph::evaluate`] through the graph: depth first, in the order of the text,
//! with a stack of its own. [`asking`] has the questions of its terms.

mod asking;

use asking::{Found, Target};

use super::graph::{Facts, Graph, LOOKUPS_COUNTED};
use super::name::written;
use super::networks::Networks;
use super::{Directive, Mechanism, Qualifier, Record};
use crate::table::codes::ErrorCode;
use crate::table::record_codes::{Fault, SpfAll};

/// A record that is being read.
struct Frame {
    record: Record,
    /// The name that `d` stands for.
    name: String,
    /// Which directive comes next.
    next: usize,
    /// Whether an `include` leads here.
    included: bool,
    /// Whether what matches here passes in the end.
    passes: bool,
    /// How many names lead here.
    depth: usize,
}

/// Where the way has come to.
pub(super) struct Walk<'a, F> {
    facts: &'a F,
    /// The domain of the sender.
    origin: String,
    graph: Graph,
    networks: Networks,
    frames: Vec<Frame>,
    /// Names of the records that lead to where we are.
    path: Vec<String>,
    /// The first fault, and where.
    fault: Option<(Fault, String)>,
    /// The first question without an answer.
    failed: Option<(ErrorCode, String)>,
}

impl<'a, F: Facts> Walk<'a, F> {
    pub fn new(domain: &str, record: &Record, facts: &'a F) -> Self {
        let origin = plain(domain);
        let root = Frame {
            record: record.clone(),
            name: origin.clone(),
            next: 0,
            included: false,
            passes: true,
            depth: 0,
        };
        Self {
            facts,
            path: vec![origin.clone()],
            origin,
            graph: Graph::default(),
            networks: Networks::default(),
            frames: vec![root],
            fault: None,
            failed: None,
        }
    }

    /// Walks to the end.
    pub fn run(mut self) -> Graph {
        while let Some(frame) = self.frames.last_mut() {
            let directive = frame.record.directives.get(frame.next).cloned();
            frame.next += 1;
            match directive {
                Some(directive) if directive.mechanism == Mechanism::All => {
                    self.all(directive.qualifier);
                    self.leave();
                }
                Some(directive) => self.directive(directive),
                None => self.end_of_directives(),
            }
        }
        let mut graph = self.graph;
        (graph.ipv4_addresses, graph.ipv6_addresses) = self.networks.addresses();
        graph.dangling.sort_unstable();
        graph.dangling.dedup();
        graph.error = self.failed.as_ref().map(|(error, _)| *error);
        graph.fault = self.fault.as_ref().map(|(fault, _)| *fault);
        let fault_at = self.fault.map(|(_, name)| name);
        graph.fault_at = fault_at.or(self.failed.map(|(_, name)| name));
        graph
    }

    /// An `all` ends its record.
    fn all(&mut self, qualifier: Qualifier) {
        let Some(frame) = self.frames.last() else {
            return;
        };
        if !frame.included {
            self.graph.effective_all = Some(qualifier.all());
        } else if frame.passes && qualifier == Qualifier::Pass {
            self.graph.includes_all = true;
        }
    }

    /// Leaves the record for the one that includes it.
    fn leave(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.path.truncate(frame.depth);
        }
    }

    /// A record without `all` goes on where `redirect` says.
    fn end_of_directives(&mut self) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let included = frame.included;
        let found = match frame.record.redirect.take() {
            Some(domain) if self.count() => self.record_of(&domain),
            Some(_) => Found::Unknown,
            None => Found::Unusable,
        };
        match found {
            Found::Record(record, name) => {
                self.path.push(name.clone());
                if let Some(frame) = self.frames.last_mut() {
                    frame.record = record;
                    frame.name = name;
                    frame.next = 0;
                }
                return;
            }
            Found::Unusable if !included => self.graph.effective_all = Some(SpfAll::None),
            Found::Unusable | Found::Unknown => {}
        }
        self.leave();
    }

    /// Counts a term that asks the DNS; false where as many have been counted as are.
    fn count(&mut self) -> bool {
        let goes_on = self.graph.lookups < LOOKUPS_COUNTED;
        self.graph.lookups += u16::from(goes_on);
        goes_on
    }

    fn directive(&mut self, directive: Directive) {
        let passes = self.frames.last().is_some_and(|frame| frame.passes)
            && directive.qualifier == Qualifier::Pass;
        match directive.mechanism {
            Mechanism::All => {}
            Mechanism::Ip4(address, bits) if passes => self.networks.add(address.into(), bits),
            Mechanism::Ip6(address, bits) if passes => self.networks.add(address.into(), bits),
            Mechanism::Ip4(..) | Mechanism::Ip6(..) => {}
            _ if !self.count() => {}
            Mechanism::A(domain, v4, v6) => {
                if let Target::Name(name) = self.target(domain.as_ref()) {
                    self.addresses(written(&name), passes.then_some((v4, v6)));
                }
            }
            Mechanism::Mx(domain, v4, v6) => {
                if let Target::Name(name) = self.target(domain.as_ref()) {
                    self.exchanges(written(&name), passes.then_some((v4, v6)));
                }
            }
            Mechanism::Ptr(_) | Mechanism::Exists(_) => self.graph.depends_on_sender = true,
            Mechanism::Include(domain) => {
                if let Found::Record(record, name) = self.record_of(&domain) {
                    self.enter(record, name, passes);
                }
            }
        }
    }

    /// Goes into an included record.
    fn enter(&mut self, record: Record, name: String, passes: bool) {
        let depth = self.path.len();
        self.path.push(name.clone());
        self.frames.push(Frame {
            record,
            name,
            next: 0,
            included: true,
            passes,
            depth,
        });
    }
}

/// A name in lower case, without the final dot.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}
