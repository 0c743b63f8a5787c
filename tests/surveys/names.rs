//! Many names at one address: who is asked for by name, with whom a chain is shared, and what is not
//! known of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mailcensus::table::codes::{ChainSource, CheckResult, ErrorCode, NameMatch};
use rcgen::KeyPair;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::*;
use crate::lab::tls::{certify_all, chosen};
use crate::real::program::run_within;

/// Names of mail hosts, ten of each domain.
const NAMES: usize = 5_000;

/// Chooses a certificate by name, and remembers who was asked for.
#[derive(Debug)]
struct Shop {
    /// Shown where there is no other.
    usual: Arc<CertifiedKey>,
    /// Whether every name has one of its own.
    per_name: bool,
    asked: Mutex<Vec<Option<String>>>,
    made: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

impl Shop {
    fn new(names: &[&str], per_name: bool) -> Arc<Self> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Arc::new(Self {
            usual: certify_all(&KeyPair::generate().unwrap(), &names),
            per_name,
            asked: Mutex::default(),
            made: Mutex::default(),
        })
    }

    /// The certificate that a name has of its own.
    fn of(&self, name: &str) -> Arc<CertifiedKey> {
        let mut made = self.made.lock().unwrap();
        let certify = || certify_all(&KeyPair::generate().unwrap(), &[name.to_owned()]);
        made.entry(name.to_owned()).or_insert_with(certify).clone()
    }

    /// The names that were asked for, each once.
    fn asked(&self) -> BTreeSet<Option<String>> {
        self.asked.lock().unwrap().iter().cloned().collect()
    }
}

impl ResolvesServerCert for Shop {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_owned);
        self.asked.lock().unwrap().push(name.clone());
        let has_own = |name: &String| self.per_name || self.made.lock().unwrap().contains_key(name);
        Some(match name.filter(has_own) {
            Some(name) => self.of(&name),
            None => self.usual.clone(),
        })
    }
}

/// The three addresses: each name its own certificate, one for nobody but the first two names, one
/// for all.
const KINDS: [(&str, [u8; 4]); 3] = [
    ("own", [127, 41, 1, 1]),
    ("one", [127, 41, 2, 1]),
    ("all", [127, 41, 3, 1]),
];

fn host(number: usize, kind: &str) -> String {
    format!("m{number:04}.{kind}.cz")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_names_on_three_addresses_get_what_the_addresses_may_have() {
    let mut net = Net::new().await;
    let first = [host(0, "one"), host(1, "one")];
    let shops = [
        Shop::new(&["provider.cz"], true),
        Shop::new(&[&first[0], &first[1]], false),
        Shop::new(&["*.all.cz"], false),
    ];
    for ((kind, ip), shop) in KINDS.iter().zip(&shops) {
        let (address, side) = (SocketAddr::from((*ip, 25)), chosen(shop.clone()));
        let greeting = format!("mx.{kind}-provider.cz");
        let server = Server::start_with(&greeting, address, &[Manner::Polite], side).await;
        net.servers.insert((*kind).to_owned(), server);
    }
    let mut list = String::new();
    let mut total = BTreeMap::new();
    for number in 0..NAMES / 10 {
        let (kind, ip) = KINDS[number % 3];
        let (domain, ip) = (format!("d{number:03}.cz"), Ipv4Addr::from(ip).to_string());
        let of_kind = number / 3 * 10;
        let hosts: Vec<_> = (of_kind..of_kind + 10).map(|at| host(at, kind)).collect();
        for host in &hosts {
            net.resolver
                .says(host, RecordType::A, Reply::found([a(host, &ip)]));
        }
        let exchanges = hosts.iter().map(|host| mx(&domain, 10, host));
        net.resolver
            .says(&domain, RecordType::MX, Reply::found(exchanges));
        *total.entry(kind).or_insert(0) += 10;
        writeln!(list, "{domain}").unwrap();
    }
    let path = net.dir.path().join("list.txt");
    std::fs::write(&path, list).unwrap();
    let mut command = net.command(&path, &net.out(), 2);
    let ran = tokio::task::spawn_blocking(move || {
        run_within(&mut command, Duration::from_secs(600)).expect(0)
    });
    let ran = ran.await.unwrap();
    let endpoints = keyed(&net.out(), |row: &EndpointRow| row.host.clone());
    assert_eq!(endpoints.len(), NAMES);
    let of_kind = |kind: &str| {
        let end = format!(".{kind}.cz");
        let rows = endpoints
            .values()
            .filter(move |row| row.host.ends_with(&end));
        rows.collect::<Vec<_>>()
    };
    let beyond = |rows: &[&EndpointRow]| {
        let is_beyond = |row: &&&EndpointRow| row.tls.error == Some(ErrorCode::SniBudget);
        rows.iter().filter(is_beyond).count()
    };
    // Three for the server, one for a stranger, one without a name: each has its own.
    let own = of_kind("own");
    let asked: BTreeSet<_> = [Some(host(0, "own")), Some(host(1, "own")), None].into();
    assert_eq!(shops[0].asked(), asked);
    for row in &own {
        let name = Some(row.host.clone());
        match asked.contains(&name) {
            true => {
                assert_eq!(row.chains[0].source, ChainSource::Observed);
                assert_eq!(row.chains[0].sni, name);
                assert_eq!(row.chains[0].name_match, Some(NameMatch::San));
            }
            false => assert!(row.chains.is_empty(), "{row:?}"),
        }
    }
    assert_eq!(beyond(&own), total["own"] - 2);
    // A stranger is shown what the first name is: so is everybody, and two more are looked at.
    let one = of_kind("one");
    let named = |row: &EndpointRow| first.contains(&row.host);
    for row in &one {
        let chain = &row.chains[0];
        let says = match (named(row), chain.source) {
            (true, _) => Some(NameMatch::San),
            (false, ChainSource::Observed) => Some(NameMatch::None),
            (false, ChainSource::Shared) => None,
        };
        assert_eq!(chain.name_match, says, "{}", row.host);
    }
    assert_eq!(shops[1].asked().len(), 3);
    assert_eq!(beyond(&one), total["one"] - 4);
    // All names are in the certificate: nobody has to be asked for.
    let all = of_kind("all");
    assert_eq!(shops[2].asked(), [Some(host(0, "all"))].into());
    assert_eq!(beyond(&all), 0);
    let wild = Some(NameMatch::SanWildcard);
    assert!(all.iter().all(|row| row.chains[0].name_match == wild));
    for (kind, connections) in [("own", 5), ("one", 5), ("all", 3)] {
        let log = net.server(kind).finished().await;
        assert_eq!(log.connections, connections, "{kind}");
        assert_eq!(log.most_open, 1, "{kind}");
        let of_rows: u16 = of_kind(kind).iter().map(|row| row.connections).sum();
        assert_eq!(usize::from(of_rows), connections, "one row has them all");
    }
    verdicts(&net);
    let unseen = total["own"] - 2 + total["one"] - 4;
    let text = ran.stdout.replace(',', "");
    let words = format!("certificates of {unseen} host names not seen");
    assert!(text.contains(&words), "{}", ran.stdout);
}

/// A domain with four mail hosts at one address that chooses certificates by name.
async fn with_four(shop: Arc<Shop>, number: u8, kind: &str, tlsa_for: Option<usize>) -> Net {
    let mut net = Net::new().await;
    let ip = [127, 42, number, 1];
    net.add_with(kind, ip, chosen(shop.clone())).await;
    let hosts: Vec<_> = (0..4).map(|at| host(at, kind)).collect();
    let ip = Ipv4Addr::from(ip).to_string();
    for host in &hosts {
        let address = Reply::found([a(host, &ip)]).secure();
        net.resolver.says(host, RecordType::A, address);
        let none = Reply::nodata("cz").secure();
        net.resolver.says(host, RecordType::AAAA, none);
    }
    let domain = format!("{kind}.cz");
    let exchanges = hosts.iter().map(|host| mx(&domain, 10, host));
    let reply = Reply::found(exchanges).secure();
    net.resolver.says(&domain, RecordType::MX, reply);
    if let Some(host) = tlsa_for.map(|at| &hosts[at]) {
        let owner = format!("_25._tcp.{host}");
        let record = super::rollover::record(&owner, &shop.of(host));
        let reply = Reply::found([record]).secure();
        net.resolver.says(&owner, RecordType::TLSA, reply);
    }
    net
}

/// What is known of the chain of each host: `own` or `shared`, `+` where it names the host; `-` for
/// none.
fn chains(surveyed: &Surveyed, kind: &str) -> String {
    let of = |at: usize| {
        let name = host(at, kind);
        let row = &surveyed.endpoints[name.trim_end_matches(".cz")];
        let Some(chain) = row.chains.first() else {
            return "-".to_owned();
        };
        let source = match chain.source {
            ChainSource::Observed => "own",
            ChainSource::Shared => "shared",
        };
        let is_named = matches!(
            chain.name_match,
            Some(NameMatch::San | NameMatch::SanWildcard)
        );
        format!("{source}{}", if is_named { "+" } else { "" })
    };
    (0..4).map(of).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_whoever_has_none_is_shown_is_shared_and_not_what_one_name_has() {
    let usual = [host(2, "four"), host(3, "four")];
    let shop = Shop::new(&[&usual[0], &usual[1]], false);
    // The most used name alone has a certificate of its own.
    let _ = shop.of(&host(0, "four"));
    let net = with_four(shop.clone(), 1, "four", None).await;
    let surveyed = net.survey(2).await;
    assert_eq!(chains(&surveyed, "four"), "own+ own shared+ shared+");
    let asked = [Some(host(0, "four")), Some(host(1, "four")), None];
    assert_eq!(shop.asked(), asked.into());
    assert_eq!(net.server("four").finished().await.connections, 5);
    let finding = &surveyed.verdicts["four"].cert_name;
    assert_eq!(
        finding.reason, "mismatch:4/4",
        "of the one that was asked for"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_with_records_is_asked_for_before_those_without() {
    let shop = Shop::new(&["provider.cz"], true);
    let net = with_four(shop.clone(), 2, "tlsa", Some(3)).await;
    let surveyed = net.survey(2).await;
    assert_eq!(chains(&surveyed, "tlsa"), "own+ - - own+");
    let last = &surveyed.endpoints["m0003.tlsa"];
    assert_eq!(last.chains[0].tlsa_matches, [0]);
    assert_eq!(last.tls.sni, Some(host(3, "tlsa")));
    let open = &surveyed.endpoints["m0001.tlsa"];
    assert_eq!(open.tls.error, Some(ErrorCode::SniBudget));
    let finding = &surveyed.verdicts["tlsa"].cert_name;
    assert_eq!(finding.reason, "sni_budget:4/4");
}

/// What is made of it: of ten hosts of a domain none is said to be wrong that was not asked for.
fn verdicts(net: &Net) {
    let verdicts = keyed(&net.out(), |row: &VerdictRow| row.domain.clone());
    for number in 0..NAMES / 10 {
        let finding = &verdicts[&format!("d{number:03}.cz")].cert_name;
        let expected = match (number % 3, number / 3) {
            // Two of its names were asked for, and have no certificate.
            (1, 0) => (CheckResult::Fail, "mismatch:10/10"),
            (0 | 1, _) => (CheckResult::Unknown, "sni_budget:10/10"),
            _ => (CheckResult::Pass, "shared_chain:10/10"),
        };
        assert_eq!((finding.result, &*finding.reason), expected, "{number}");
    }
}
