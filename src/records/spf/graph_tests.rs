//! What records come to over small zones, one case each.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::graph::{Facts, Graph, Known, MX_ASKED, Question, evaluate};
use super::parse;
use crate::table::codes::ErrorCode;
use crate::table::record_codes::{Fault, SpfAll};

/// A zone as lines of `name TYPE data`; `!` as data is a timeout. Everything else is absent.
struct Zone {
    lines: BTreeMap<(String, &'static str), Vec<String>>,
    /// What may be known; none where everything may.
    known: Option<RefCell<BTreeSet<Question>>>,
}

impl Zone {
    fn new(text: &str) -> Self {
        let mut lines: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut words = line.splitn(3, ' ');
            let name = words.next().unwrap().to_owned();
            let kind = match words.next().unwrap() {
                "TXT" => "TXT",
                "MX" => "MX",
                _ => "A",
            };
            let data = words.next().unwrap().to_owned();
            lines.entry((name, kind)).or_default().push(data);
        }
        Self { lines, known: None }
    }

    fn answer(&self, question: Question) -> Option<Known<String>> {
        if let Some(known) = &self.known
            && !known.borrow().contains(&question)
        {
            return None;
        }
        let key = match question {
            Question::Policy(name) => (name, "TXT"),
            Question::Addresses(name) => (name, "A"),
            Question::Exchanges(name) => (name, "MX"),
        };
        let data = self.lines.get(&key).cloned().unwrap_or_default();
        Some(match data.first().map(String::as_str) {
            Some("!") => Known::Failed(ErrorCode::Timeout),
            _ => Known::Data(data),
        })
    }
}

fn with<T>(known: Known<String>, make: impl Fn(String) -> T) -> Known<T> {
    match known {
        Known::Data(data) => Known::Data(data.into_iter().map(make).collect()),
        Known::Failed(error) => Known::Failed(error),
    }
}

impl Facts for Zone {
    fn policy(&self, name: &str) -> Option<Known<Vec<u8>>> {
        let known = self.answer(Question::Policy(name.to_owned()))?;
        Some(with(known, String::into_bytes))
    }

    fn addresses(&self, name: &str) -> Option<Known<IpAddr>> {
        let known = self.answer(Question::Addresses(name.to_owned()))?;
        Some(with(known, |text| text.parse().unwrap()))
    }

    fn exchanges(&self, name: &str) -> Option<Known<String>> {
        self.answer(Question::Exchanges(name.to_owned()))
    }
}

/// What the record of `Example.cz.` comes to.
fn graph(record: &str, zone: &str) -> Graph {
    let record = parse(record.as_bytes()).value.unwrap();
    let graph = evaluate("Example.cz.", &record, &Zone::new(zone));
    assert_eq!(graph.open, []);
    graph
}

#[test]
fn a_record_by_itself_needs_nothing() {
    let comes_to = graph(
        "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.9 -ip4:1.2.3.4 ip6:::/96 ~all",
        "",
    );
    let expected = Graph {
        effective_all: Some(SpfAll::Softfail),
        ipv4_addresses: 256,
        ipv6_addresses: 2f64.powi(32),
        ..Graph::default()
    };
    assert_eq!(comes_to, expected);
    assert_eq!(graph("v=spf1", "").effective_all, Some(SpfAll::None));
}

#[test]
fn terms_behind_all_are_never_looked_at() {
    let comes_to = graph("v=spf1 a ?all mx include:b.cz ip4:1.2.3.4 exists:c.cz", "");
    assert_eq!((comes_to.lookups, comes_to.void_lookups), (1, 1));
    assert_eq!(comes_to.effective_all, Some(SpfAll::Neutral));
    assert_eq!(comes_to.ipv4_addresses, 0);
    assert!(!comes_to.depends_on_sender && comes_to.dangling.is_empty());
    let unused = graph("v=spf1 redirect=b.cz -all", "");
    assert_eq!(
        (unused.lookups, unused.effective_all),
        (0, Some(SpfAll::Fail))
    );
}

#[test]
fn every_kind_of_term_that_asks_counts_one() {
    let zone = "
        example.cz A 192.0.2.1
        example.cz A 2001:db8::1
        example.cz MX mx.cz
        mx.cz A 192.0.2.2
        inc.cz TXT v=spf1 a:a.cz/30 -all
        a.cz A 192.0.2.17
        a.cz A 2001:db8::2
        red.cz TXT v=spf1 mx ~all";
    let record = "v=spf1 a mx ptr exists:e.cz include:INC.cz. redirect=red.cz";
    let expected = Graph {
        effective_all: Some(SpfAll::Softfail),
        lookups: 8,
        // red.cz has no MX record.
        void_lookups: 1,
        mx_names: 1,
        depends_on_sender: true,
        ipv4_addresses: 6,
        ipv6_addresses: 2.0,
        ..Graph::default()
    };
    assert_eq!(graph(record, zone), expected);
}

#[test]
fn a_shared_include_counts_lookups_twice_and_addresses_once() {
    let zone = "
        b.cz TXT v=spf1 include:shared.cz -all
        c.cz TXT v=spf1 include:shared.cz -all
        shared.cz TXT v=spf1 ip4:192.0.2.0/28 a:gone.cz";
    let comes_to = graph("v=spf1 include:b.cz include:c.cz -all", zone);
    assert_eq!((comes_to.lookups, comes_to.void_lookups), (6, 2));
    assert_eq!(comes_to.ipv4_addresses, 16);
    assert_eq!(comes_to.effective_all, Some(SpfAll::Fail));
    assert_eq!(comes_to.fault, None);
}

#[test]
fn only_ways_of_plus_let_send() {
    let zone = "
        b.cz TXT v=spf1 ip4:192.0.2.0/28 +all
        c.cz TXT v=spf1 ?include:b.cz include:d.cz
        d.cz TXT v=spf1 ip4:192.0.2.16/28 redirect=e.cz
        e.cz TXT v=spf1 ip4:192.0.2.32/28 ?all";
    let table = [
        ("v=spf1 include:b.cz -all", 16, true),
        ("v=spf1 ?include:b.cz -include:b.cz -all", 0, false),
        ("v=spf1 include:c.cz -all", 32, false),
        ("v=spf1 redirect=d.cz", 32, false),
        ("v=spf1 redirect=b.cz", 16, false),
        ("v=spf1 +all", 0, false),
    ];
    for (record, addresses, includes_all) in table {
        let comes_to = graph(record, zone);
        assert_eq!(comes_to.ipv4_addresses, addresses, "{record}");
        assert_eq!(comes_to.includes_all, includes_all, "{record}");
    }
}

#[test]
fn redirect_decides_where_no_all_does() {
    let zone = "
        b.cz TXT v=spf1 redirect=c.cz
        c.cz TXT v=spf1 ?all
        two.cz TXT v=spf1 -all
        two.cz TXT v=spf1 ~all
        bad.cz TXT v=spf1 -all moo
        other.cz TXT hello
        slow.cz TXT !
        round.cz TXT v=spf1 redirect=example.cz
        self.cz TXT v=spf1 include:self.cz -all";
    let none = Some(SpfAll::None);
    let table = [
        ("b.cz", Some(SpfAll::Neutral), None, 0),
        ("gone.cz", none, Some(Fault::NoRecord), 1),
        ("other.cz", none, Some(Fault::NoRecord), 0),
        ("a..cz", none, Some(Fault::NoRecord), 0),
        ("two.cz", none, Some(Fault::SeveralRecords), 0),
        ("bad.cz", none, Some(Fault::UnknownMechanism), 0),
        ("example.cz", none, Some(Fault::Loop), 0),
        ("round.cz", none, Some(Fault::Loop), 0),
        ("self.cz", Some(SpfAll::Fail), Some(Fault::Loop), 0),
        ("slow.cz", None, None, 0),
        ("%{i}.cz", None, None, 0),
    ];
    for (target, all, fault, voids) in table {
        let comes_to = graph(&format!("v=spf1 redirect={target}"), zone);
        assert_eq!(comes_to.effective_all, all, "{target}");
        assert_eq!(comes_to.fault, fault, "{target}");
        assert_eq!(comes_to.void_lookups, voids, "{target}");
        let dangles = fault == Some(Fault::NoRecord);
        let dangling = if dangles { vec![target] } else { Vec::new() };
        assert_eq!(comes_to.dangling, dangling);
        let is_slow = target == "slow.cz";
        assert_eq!(
            comes_to.error,
            is_slow.then_some(ErrorCode::Timeout),
            "{target}"
        );
    }
    let slow = graph("v=spf1 redirect=slow.cz", zone);
    assert_eq!(slow.fault_at.as_deref(), Some("slow.cz"));
}

#[test]
fn the_first_fault_is_told_and_its_place() {
    let zone = "
        b.cz TXT v=spf1 include:c.cz -all
        c.cz TXT v=spf1 include:B.cz. include:gone.cz -all
        slow.cz A !";
    let comes_to = graph("v=spf1 a:slow.cz include:b.cz include:bad_.cz -all", zone);
    assert_eq!(comes_to.error, Some(ErrorCode::Timeout));
    assert_eq!(comes_to.fault, Some(Fault::Loop));
    assert_eq!(comes_to.fault_at.as_deref(), Some("b.cz"));
    assert_eq!(comes_to.dangling, ["bad_.cz", "gone.cz"]);
    assert_eq!(comes_to.lookups, 6);
    assert_eq!(comes_to.void_lookups, 2);
    assert_eq!(comes_to.effective_all, Some(SpfAll::Fail));
}

#[test]
fn a_failed_answer_is_no_absence() {
    let zone = "
        a.cz A !
        m.cz MX !
        n.cz MX mx.cz
        mx.cz A !
        i.cz TXT !";
    for term in ["a:a.cz", "mx:m.cz", "mx:n.cz", "include:i.cz"] {
        let comes_to = graph(&format!("v=spf1 {term} -all"), zone);
        assert_eq!(comes_to.error, Some(ErrorCode::Timeout), "{term}");
        assert_eq!(comes_to.void_lookups, 0, "{term}");
        assert_eq!(
            (comes_to.fault, comes_to.dangling),
            (None, vec![]),
            "{term}"
        );
        assert_eq!(comes_to.effective_all, Some(SpfAll::Fail), "{term}");
    }
}

#[test]
fn mail_hosts_are_counted_all_and_asked_ten() {
    let hosts: String = (0..12u8)
        .map(|at| format!("example.cz MX mx{at}.cz\nmx{at}.cz A 192.0.2.{at}\n"))
        .collect();
    let comes_to = graph("v=spf1 mx -all", &hosts);
    assert_eq!((comes_to.lookups, comes_to.mx_names), (1, 12));
    assert_eq!(comes_to.ipv4_addresses, MX_ASKED as u64);
    let void = "example.cz MX mx1.cz\nexample.cz MX mx2.cz\nmx2.cz A ::1";
    assert_eq!(graph("v=spf1 mx -all", void).void_lookups, 1);
    // RFC 7208 4.6.4: void is an answer without records. A null MX is one (RFC 7505 3).
    let null = graph("v=spf1 mx -all", "example.cz MX .");
    assert_eq!((null.lookups, null.void_lookups, null.mx_names), (1, 0, 0));
}

#[test]
fn macros_of_the_domain_are_filled_in() {
    let zone = "
        _spf.example.cz TXT v=spf1 include:%{d2}.in.cz include:x.%{o} -all
        example.cz.in.cz TXT v=spf1 ip4:192.0.2.1 -all
        x.example.cz TXT v=spf1 a:%{d}%_a%%.cz -all
        x.example.cz\\032a%.cz A 192.0.2.2";
    let comes_to = graph("v=spf1 include:_spf.%{D} -all", zone);
    assert_eq!((comes_to.fault, comes_to.dangling), (None, vec![]));
    assert_eq!((comes_to.lookups, comes_to.ipv4_addresses), (4, 2));
    assert!(!comes_to.depends_on_sender);
    for term in [
        "include:%{i}.cz",
        "a:%{l}.cz",
        "mx:%{h}.cz",
        "a:%{v}.cz",
        "ptr:b.cz",
    ] {
        let comes_to = graph(&format!("v=spf1 {term} -all"), "");
        assert!(comes_to.depends_on_sender, "{term}");
        assert_eq!((comes_to.lookups, comes_to.void_lookups), (1, 0), "{term}");
    }
}

#[test]
fn names_of_odd_bytes_are_written_as_tables_write_them() {
    let zone = "
        x\\032y\\\\.cz TXT v=spf1 a a:b.%{d} -all
        x\\032y\\\\.cz A 192.0.2.1
        b.x\\032y\\\\.cz A 192.0.2.2";
    let comes_to = graph("v=spf1 include:X%_y\\.cz -all", zone);
    assert_eq!((comes_to.fault, comes_to.ipv4_addresses), (None, 2));
}

#[test]
fn targets_that_are_too_long_are_cut() {
    let long = "abcdefg.".repeat(40);
    let kept = format!("{}cz", "abcdefg.".repeat(31));
    let zone = format!("{kept} TXT v=spf1 ip4:192.0.2.1 -all");
    let comes_to = graph(&format!("v=spf1 include:{long}cz -all"), &zone);
    assert_eq!((comes_to.fault, comes_to.ipv4_addresses), (None, 1));
    let comes_to = graph(&format!("v=spf1 include:{}%% -all", "a".repeat(9000)), "");
    assert_eq!(comes_to.dangling, [format!("{}%", "a".repeat(252))]);
    assert_eq!(
        (comes_to.fault, comes_to.void_lookups),
        (Some(Fault::NoRecord), 0)
    );
}

/// Asks as a caller does, a round at a time, and says how many questions each round had.
fn rounds(record: &str, zone: &str) -> (Graph, Vec<usize>) {
    let record = parse(record.as_bytes()).value.unwrap();
    let mut zone = Zone::new(zone);
    zone.known = Some(RefCell::default());
    let mut sizes = Vec::new();
    loop {
        let graph = evaluate("example.cz", &record, &zone);
        if graph.open.is_empty() {
            return (graph, sizes);
        }
        sizes.push(graph.open.len());
        let known = zone.known.as_ref().unwrap();
        for question in graph.open {
            assert!(known.borrow_mut().insert(question), "asked twice");
        }
    }
}

#[test]
fn what_can_be_asked_at_once_is() {
    let zone = "
        b.cz TXT v=spf1 include:c.cz a -all
        c.cz TXT v=spf1 a:x.cz mx:x.cz -all
        d.cz TXT v=spf1 a:x.cz ~all
        x.cz MX mx1.cz
        x.cz MX mx2.cz";
    let record = "v=spf1 include:b.cz mx include:b.cz redirect=d.cz";
    let (comes_to, sizes) = rounds(record, zone);
    // b.cz, MX, d.cz; then c.cz, two addresses; then the MX of x.cz; then its two hosts.
    assert_eq!(sizes, [3, 3, 1, 2]);
    assert_eq!(comes_to, graph(record, zone));
    assert_eq!(comes_to.effective_all, Some(SpfAll::Softfail));
    assert_eq!(comes_to.lookups, 13);
}

#[test]
fn nothing_is_asked_beyond_twenty() {
    let includes: String = (0..500).map(|at| format!(" include:i{at}.cz")).collect();
    let zone: String = (0..500)
        .map(|at| {
            format!(
                "i{at}.cz TXT v=spf1 ip4:10.0.{}.{} -all\n",
                at / 256,
                at % 256
            )
        })
        .collect();
    let record = format!("v=spf1{includes} ip4:192.0.2.1 ~all");
    let (graph, sizes) = rounds(&record, &zone);
    assert_eq!(sizes, [20]);
    assert_eq!(graph.lookups, 20);
    // What needs no question is read also behind the last term that counts.
    assert_eq!(graph.ipv4_addresses, 21);
    assert_eq!(graph.effective_all, Some(SpfAll::Softfail));
    let redirected = format!("v=spf1{includes} redirect=i0.cz");
    assert_eq!(rounds(&redirected, &zone).0.effective_all, None);
    let chain: String = (0..500)
        .map(|at| format!("c{at}.cz TXT v=spf1 include:c{}.cz -all\n", at + 1))
        .collect();
    let (graph, sizes) = rounds("v=spf1 include:c0.cz -all", &chain);
    assert_eq!(sizes, [1; 20]);
    assert_eq!((graph.lookups, graph.fault), (20, None));
}
