//! SPF: the record of a domain, and the graph of what it includes and redirects to.
//!
//! The graph names what it has to know; that is asked for in rounds, through the answers that all
//! domains share.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future::join_all;
use hickory_resolver::proto::rr::{Name, RecordType};

use super::answer::{self, is_open};
use super::fact::{Data, Fact};
use super::forward::Client;
use super::policies;
use crate::records::spf::graph::{self, Facts, Graph, Known, Question};
use crate::records::spf::{Record, parse};
use crate::records::version::Kind;
use crate::table::codes::ErrorCode;
use crate::table::rows::{Mx, Spf};
use crate::text::{unescape, without_mailboxes};

/// Questions that one graph may lead to: ten terms with ten names each, and what they stand in. A
/// record that leads to more was made to.
const QUESTIONS: usize = 120;

/// Whether a question has no answer yet.
pub fn has_failed(row: &Spf) -> bool {
    // What was not asked because it was too much would be too much again.
    let is_passing = |why| why != ErrorCode::Budget;
    answer::has_failed(row.outcome, row.error) || row.graph_error.is_some_and(is_passing)
}

/// Asks for what is not known of the SPF of a domain, whose MX records are; says how many queries
/// that took.
pub async fn ask(client: &Client, domain: &str, name: &Name, mx: &Mx, row: &mut Spf) -> u32 {
    if !is_open(row.outcome, row.error) && !has_failed(row) {
        return 0;
    }
    let mut queries = 0;
    let (raw, record) = match earlier(row) {
        Some(raw) => {
            let record = parse(&raw).value;
            (raw, record)
        }
        None => {
            let mut texts = policies::ask(client, Some(name.clone()), Kind::Spf).await;
            queries += texts.queries;
            *row = Spf::default();
            let record = texts.fill(row, parse);
            if let Some(record) = &record {
                take_record(row, record);
            }
            (texts.records.pop().unwrap_or_default(), record)
        }
    };
    if row.valid == Some(true)
        && let Some(record) = record
    {
        let mut facts = Gathered::new(domain, raw, mx);
        let (graph, sent) = follow(client, &record, &mut facts).await;
        queries += sent;
        take(row, graph);
    }
    queries
}

/// The record, where only its graph is open.
fn earlier(row: &Spf) -> Option<Vec<u8>> {
    let is_whole = !is_open(row.outcome, row.error) && !row.truncated;
    row.record.as_deref().filter(|_| is_whole).map(unescape)
}

fn take_record(row: &mut Spf, record: &Record) {
    row.all = (row.valid == Some(true)).then(|| record.all());
    row.includes = record.includes().map(without_mailboxes).collect();
    let redirect = record.redirect.as_ref();
    row.redirect = redirect.map(|to| without_mailboxes(&to.text));
}

fn take(row: &mut Spf, graph: Graph) {
    row.effective_all = graph.effective_all;
    row.lookups = Some(graph.lookups);
    row.void_lookups = Some(graph.void_lookups);
    row.mx_names = Some(graph.mx_names);
    row.dangling = graph
        .dangling
        .iter()
        .map(|at| without_mailboxes(at))
        .collect();
    row.depends_on_sender = Some(graph.depends_on_sender);
    row.ipv4_addresses = Some(graph.ipv4_addresses);
    row.ipv6_addresses = Some(graph.ipv6_addresses);
    row.includes_all = Some(graph.includes_all);
    row.graph_error = graph.error;
    row.graph_fault = graph.fault;
    row.graph_fault_at = graph.fault_at.as_deref().map(without_mailboxes);
}

/// Asks until nothing is open.
async fn follow(client: &Client, record: &Record, facts: &mut Gathered<'_>) -> (Graph, u32) {
    let mut queries = 0;
    loop {
        let graph = graph::evaluate(facts.domain, record, facts);
        // What is known is not open again, so that every round leaves fewer questions.
        let fresh: Vec<_> = graph.open.iter().filter(|open| facts.lacks(open)).collect();
        if fresh.is_empty() {
            return (graph, queries);
        }
        let left = QUESTIONS.saturating_sub(facts.answers.len());
        let (asked, spared) = fresh.split_at(fresh.len().min(left));
        let answers = join_all(asked.iter().map(|question| ask_one(client, question))).await;
        for (question, (answer, sent)) in asked.iter().zip(answers) {
            queries += sent;
            facts.answers.insert((*question).clone(), answer);
        }
        for question in spared {
            let answer = Gathering::NotAsked;
            facts.answers.insert((*question).clone(), answer);
        }
    }
}

async fn ask_one(client: &Client, question: &Question) -> (Gathering, u32) {
    let (name, kind) = match question {
        Question::Policy(name) => (name, RecordType::TXT),
        Question::Exchanges(name) => (name, RecordType::MX),
        Question::Addresses(name) => {
            let ((a, sent_a), (aaaa, sent_aaaa)) = tokio::join!(
                client.ask_shared(name, RecordType::A),
                client.ask_shared(name, RecordType::AAAA),
            );
            return (Gathering::Both(a, aaaa), sent_a + sent_aaaa);
        }
    };
    let (fact, sent) = client.ask_shared(name, kind).await;
    (Gathering::One(fact), sent)
}

/// What became of a question of the graph.
enum Gathering {
    One(Arc<Fact>),
    Both(Arc<Fact>, Arc<Fact>),
    NotAsked,
}

/// What is known of a graph.
struct Gathered<'a> {
    domain: &'a str,
    record: Vec<u8>,
    mx: &'a Mx,
    answers: HashMap<Question, Gathering>,
}

impl<'a> Gathered<'a> {
    fn new(domain: &'a str, record: Vec<u8>, mx: &'a Mx) -> Self {
        Self {
            domain,
            record,
            mx,
            answers: HashMap::new(),
        }
    }

    fn lacks(&self, question: &Question) -> bool {
        !self.answers.contains_key(question)
    }

    fn known<T>(&self, question: &Question, data: impl Fn(&Data) -> Vec<T>) -> Option<Known<T>> {
        let facts = match self.answers.get(question)? {
            Gathering::NotAsked => return Some(Known::Failed(ErrorCode::Budget)),
            Gathering::One(fact) => vec![fact],
            Gathering::Both(a, aaaa) => vec![a, aaaa],
        };
        // The domain has an SPF record: it is there.
        let is_own = self.is_own(question);
        let failed = facts
            .iter()
            .find_map(|fact| match is_own && fact.says_nxdomain() {
                true => Some(ErrorCode::ProtocolError),
                false => fact.error(),
            });
        Some(match failed {
            Some(why) => Known::Failed(why),
            None => Known::Data(facts.iter().flat_map(|fact| data(&fact.data)).collect()),
        })
    }

    fn is_own(&self, question: &Question) -> bool {
        let (Question::Policy(name) | Question::Exchanges(name) | Question::Addresses(name)) =
            question;
        name == self.domain
    }

    /// The mail hosts of the domain itself, as far as they are known without asking once more.
    fn own_exchanges(&self) -> Option<Known<String>> {
        if answer::has_failed(self.mx.outcome, self.mx.error) {
            let why = self.mx.error.unwrap_or(ErrorCode::InternalError);
            return Some(Known::Failed(why));
        }
        let records = self.mx.records.iter();
        let hosts = records.map(|record| record.host.clone());
        (!self.mx.truncated).then(|| Known::Data(hosts.collect()))
    }
}

impl Facts for Gathered<'_> {
    fn policy(&self, name: &str) -> Option<Known<Vec<u8>>> {
        if name == self.domain {
            return Some(Known::Data(vec![self.record.clone()]));
        }
        self.known(&Question::Policy(name.to_owned()), |data| match data {
            Data::Texts(texts) => texts.iter().map(|text| text.to_vec()).collect(),
            _ => Vec::new(),
        })
    }

    fn addresses(&self, name: &str) -> Option<Known<IpAddr>> {
        self.known(&Question::Addresses(name.to_owned()), |data| match data {
            Data::Addresses(ips) => ips.to_vec(),
            _ => Vec::new(),
        })
    }

    fn exchanges(&self, name: &str) -> Option<Known<String>> {
        if name == self.domain
            && let Some(known) = self.own_exchanges()
        {
            return Some(known);
        }
        self.known(&Question::Exchanges(name.to_owned()), |data| match data {
            Data::Exchanges(hosts) => hosts.iter().map(|host| host.to_string()).collect(),
            _ => Vec::new(),
        })
    }
}
