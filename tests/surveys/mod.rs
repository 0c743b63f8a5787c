//! The program against servers and a resolver on loopback: who is asked once more, who is left
//! alone, and what the tables and the screen say of it. Port 25 wants root.

mod backing_off;
mod confirming;
mod deep;
mod hellos;
mod names;
mod only_new_tls;
mod policies;
mod ports;
mod rollover;
mod stores;
mod sts_map;
mod webmail;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use hickory_resolver::proto::rr::RecordType;
use mailcensus::table::rows::{EndpointRow, Finding, StsPolicyRow, VerdictRow, VersionFact};
use mailcensus::table::tls_codes::VersionResult;

use crate::lab::dns::{self, Reply, Resolver, a, mx, tlsa, txt};
use crate::lab::https::{self, Authority, Flaw};
use crate::lab::smtp::{Manner, Server};
use crate::lab::tls::Side;
use crate::real::program::{MAILCENSUS, Ran, keyed, run};

/// A small Internet: a domain `NAME.cz` for each server.
pub(super) struct Net {
    resolver: Resolver,
    servers: BTreeMap<String, Server>,
    /// Servers of policies, or of webmail.
    webs: BTreeMap<String, https::Server>,
    /// Servers of webmail in the clear.
    clear: BTreeMap<String, https::Server>,
    authority: Authority,
    /// Further arguments of the survey.
    pub args: Vec<String>,
    dir: tempfile::TempDir,
    /// Domains without a mail server of their own.
    others: Vec<String>,
}

/// What a check came to, in one line.
pub(super) fn in_words(finding: &Finding) -> String {
    format!("{} {}", finding.result, finding.reason)
}

/// What a survey of it left.
pub(super) struct Surveyed {
    pub ran: Ran,
    /// By the name of the server.
    pub endpoints: BTreeMap<String, EndpointRow>,
    pub policies: BTreeMap<String, StsPolicyRow>,
    pub verdicts: BTreeMap<String, VerdictRow>,
    pub manifest: serde_json::Value,
}

impl Net {
    pub async fn new() -> Self {
        let resolver = Resolver::start().await;
        let here = || Reply::nodata("cz");
        resolver.says("secure.cz", RecordType::SOA, here().secure());
        let bogus = dns::Manner::ServfailThenCd(Some(6), here());
        resolver.on("bogus.cz", RecordType::SOA, bogus);
        resolver.says("unsigned.cz", RecordType::SOA, here());
        Self {
            resolver,
            servers: BTreeMap::new(),
            webs: BTreeMap::new(),
            clear: BTreeMap::new(),
            authority: Authority::new(),
            args: Vec::new(),
            dir: tempfile::tempdir().unwrap(),
            others: Vec::new(),
        }
    }

    /// A domain that takes mail at an address, and has a name for its clients that leads there, too.
    pub async fn with_name(&mut self, name: &str, host: &str, ip: [u8; 4]) -> &mut Self {
        let (domain, exchange) = (format!("{name}.cz"), format!("mx.{name}.cz"));
        let ip = Ipv4Addr::from(ip).to_string();
        for owner in [host, &exchange] {
            let address = Reply::found([a(owner, &ip)]);
            self.resolver.says(owner, RecordType::A, address);
            self.resolver
                .says(owner, RecordType::AAAA, Reply::nodata("cz"));
        }
        let records = Reply::found([mx(&domain, 10, &exchange)]);
        self.resolver.says(&domain, RecordType::MX, records);
        self.others.push(domain);
        self
    }

    /// A server with a manner for each connection, which greets by its own name.
    pub async fn add(&mut self, name: &str, ip: [u8; 4], manners: &[Manner]) -> &mut Self {
        self.add_as(name, &format!("mx.{name}.cz"), ip, manners)
            .await
    }

    /// The same, which greets by another name.
    pub async fn add_as(
        &mut self,
        name: &str,
        greeting: &str,
        ip: [u8; 4],
        manners: &[Manner],
    ) -> &mut Self {
        let server = Server::start_as(greeting, SocketAddr::from((ip, 25)), manners).await;
        self.publish(name, ip, server)
    }

    /// A polite server that greets by its own name, with a side of handshakes of its own.
    pub async fn add_with(&mut self, name: &str, ip: [u8; 4], side: Side) -> &mut Self {
        let (greeting, address) = (format!("mx.{name}.cz"), SocketAddr::from((ip, 25)));
        let server = Server::start_with(&greeting, address, &[Manner::Polite], side).await;
        self.publish(name, ip, server)
    }

    fn publish(&mut self, name: &str, ip: [u8; 4], server: Server) -> &mut Self {
        self.servers.insert(name.to_owned(), server);
        let (domain, host) = (format!("{name}.cz"), format!("mx.{name}.cz"));
        let ip = Ipv4Addr::from(ip).to_string();
        let address = Reply::found([a(&host, &ip)]).secure();
        self.resolver.says(&host, RecordType::A, address);
        self.resolver
            .says(&host, RecordType::AAAA, Reply::nodata("cz").secure());
        let exchange = Reply::found([mx(&domain, 10, &host)]).secure();
        self.resolver.says(&domain, RecordType::MX, exchange);
        self
    }

    /// Publishes a secure TLSA record that no chain matches.
    pub fn with_wrong_tlsa(&mut self, name: &str) -> &mut Self {
        let owner = format!("_25._tcp.mx.{name}.cz");
        let record = Reply::found([tlsa(&owner)]).secure();
        self.resolver.says(&owner, RecordType::TLSA, record);
        self
    }

    /// Publishes an MTA-STS record, and for its host this address, if any.
    pub fn with_record(&mut self, name: &str, ip: Option<[u8; 4]>) -> &mut Self {
        let (owner, host) = (format!("_mta-sts.{name}.cz"), format!("mta-sts.{name}.cz"));
        let record = Reply::found([txt(&owner, &["v=STSv1; id=1;"])]);
        self.resolver.says(&owner, RecordType::TXT, record);
        let address = match ip {
            Some(ip) => Reply::found([a(&host, &Ipv4Addr::from(ip).to_string())]),
            None => Reply::nodata("cz"),
        };
        self.resolver.says(&host, RecordType::A, address);
        let none = Reply::nodata("cz");
        self.resolver.says(&host, RecordType::AAAA, none);
        self
    }

    /// The same with a server of the policy that has a manner for each connection, and shows a
    /// certificate for a name.
    pub async fn with_policy(
        &mut self,
        name: &str,
        ip: [u8; 4],
        manners: &[https::Manner],
        certificate: (&str, Flaw),
    ) -> &mut Self {
        self.serve(name, ip, manners, certificate).await;
        self.with_record(name, Some(ip))
    }

    /// Serves by HTTPS, with a manner for each connection and a certificate for a name.
    pub async fn serve(
        &mut self,
        name: &str,
        ip: [u8; 4],
        manners: &[https::Manner],
        certificate: (&str, Flaw),
    ) -> &mut Self {
        let acceptor = self.authority.acceptor(certificate.0, certificate.1);
        let address = SocketAddr::from((ip, 443));
        let server = https::Server::start(address, acceptor, manners).await;
        self.webs.insert(name.to_owned(), server);
        self
    }

    /// Serves by HTTP in the clear.
    pub async fn serve_in_the_clear(
        &mut self,
        name: &str,
        ip: [u8; 4],
        manners: &[https::Manner],
    ) -> &mut Self {
        let address = SocketAddr::from((ip, 80));
        let server = https::Server::start_in_the_clear(address, manners).await;
        self.clear.insert(name.to_owned(), server);
        self
    }

    /// Publishes an address of a webmail host.
    pub fn with_webmail(&mut self, name: &str, ip: Option<[u8; 4]>) -> &mut Self {
        let host = format!("webmail.{name}.cz");
        let ip = ip.map(|ip| a(&host, &Ipv4Addr::from(ip).to_string()));
        let address = ip.map_or(Reply::nodata("cz"), |ip| Reply::found([ip]));
        self.resolver.says(&host, RecordType::A, address);
        let none = Reply::nodata("cz");
        self.resolver.says(&host, RecordType::AAAA, none);
        self
    }

    pub fn clear(&self, name: &str) -> &https::Server {
        &self.clear[name]
    }

    pub fn web(&self, name: &str) -> &https::Server {
        &self.webs[name]
    }

    pub fn out(&self) -> std::path::PathBuf {
        self.dir.path().join("out")
    }

    pub fn server(&self, name: &str) -> &Server {
        &self.servers[name]
    }

    /// Surveys every domain; `window` in seconds.
    pub async fn survey(&self, window: u32) -> Surveyed {
        let out = self.out();
        let mut command = self.begun(window);
        let ran = tokio::task::spawn_blocking(move || run(&mut command));
        let ran = ran.await.unwrap().expect(0);
        let name = |text: &str| {
            text.trim_start_matches("mx.")
                .trim_end_matches(".cz")
                .to_owned()
        };
        let manifest = std::fs::read_to_string(out.join("survey.json")).unwrap();
        Surveyed {
            ran,
            endpoints: keyed(&out, |row: &EndpointRow| match row.port {
                25 => name(&row.host),
                port => format!("{} {port}", row.host),
            }),
            policies: keyed(&out, |row: &StsPolicyRow| name(&row.domain)),
            verdicts: keyed(&out, |row: &VerdictRow| name(&row.domain)),
            manifest: serde_json::from_str(&manifest).unwrap(),
        }
    }

    /// Does one stage of the same.
    pub async fn stage(&self, stage: &str, window: u32) {
        let mut command = self.begun(window);
        command.args(["--stage", stage]);
        let ran = tokio::task::spawn_blocking(move || run(&mut command));
        ran.await.unwrap().expect(0);
    }

    /// The command that surveys every domain.
    pub fn begun(&self, window: u32) -> Command {
        let list = self.dir.path().join("list.txt");
        let mut text = String::new();
        for name in self.servers.keys() {
            writeln!(text, "{name}.cz").unwrap();
        }
        for domain in &self.others {
            writeln!(text, "{domain}").unwrap();
        }
        std::fs::write(&list, text).unwrap();
        self.command(&list, &self.out(), window)
    }

    fn command(&self, list: &Path, out: &Path, window: u32) -> Command {
        let mut command = self.asking("survey", window);
        command.arg(list).arg("--out").arg(out).args(&self.args);
        command
    }

    /// A command that asks others, in this small Internet.
    pub fn asking(&self, name: &str, window: u32) -> Command {
        let mut command = Command::new(MAILCENSUS);
        command.arg(name);
        command.args(["--resolver", &self.resolver.address.to_string()]);
        for name in ["secure", "bogus", "unsigned"] {
            command.args(["--preflight", &format!("{name}={name}.cz")]);
        }
        command.args(["--lab", "127.0.0.0/8", "--dns-rate", "0", "--rate", "1000"]);
        // However often it is halved, that is fast enough for a test.
        command.args(["--operator-rate", "1000000"]);
        command.args(["--address-window", &window.to_string()]);
        command.args(["--https-rate", "1000", "--https-operator-rate", "1000"]);
        let root = self.dir.path().join("root.pem");
        std::fs::write(&root, &self.authority.pem).unwrap();
        command.arg("--extra-root").arg(root);
        command
    }
}

/// What a server makes of every version, oldest first: `+` accepted, `-` refused, `i` implied, `?`.
pub(super) fn versions(row: &EndpointRow) -> String {
    let sign = |fact: &VersionFact| match fact.result {
        VersionResult::Accepted => '+',
        VersionResult::Refused => '-',
        VersionResult::ImpliedRefused => 'i',
        VersionResult::Unknown => '?',
    };
    row.versions.list().map(sign).into_iter().collect()
}
