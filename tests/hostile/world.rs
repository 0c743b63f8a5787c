//! A small Internet whose every word is hostile: a domain for each text, with its zones and servers.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData};
use hickory_resolver::proto::dnssec::{Algorithm, PublicKeyBuf};
use hickory_resolver::proto::rr::rdata::{CAA, CNAME, MX, SRV, TXT};
use hickory_resolver::proto::rr::{RData, RecordType};
use mailcensus::dns::{name_of, text_of};
use rcgen::string::Ia5String;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};
use tokio_rustls::TlsAcceptor;

use super::texts::MARK;
use crate::lab::dns::{Manner, Reply, Resolver, a, ns, record, tlsa};
use crate::lab::https;
use crate::lab::ports::{Act, Script, Server, say};
use crate::lab::tls;

/// Bytes of a text that fit into an answer of the DNS, and into a certificate.
const FITTING: usize = 1_000;

/// Everything that answers.
pub struct World {
    pub resolver: Resolver,
    servers: Vec<Server>,
    webs: Vec<https::Server>,
}

/// A text, and where its domain is.
struct One<'a> {
    text: &'a str,
    /// The text and a byte that is no UTF-8, as far as they fit.
    bytes: Vec<u8>,
    domain: String,
    ip: [u8; 4],
    number: usize,
}

/// A label of any bytes, as names are written: its end is the mark.
fn label(bytes: &[u8]) -> String {
    let kept = bytes.iter().take(40);
    let escaped: String = kept.map(|byte| format!("\\{byte:03}")).collect();
    escaped + MARK
}

/// A name in the spelling of the tables.
fn spelled(text: &str) -> String {
    text_of(&name_of(text).expect("a name"))
}

fn data_of_text(bytes: &[u8]) -> RData {
    RData::TXT(TXT::from_bytes(bytes.chunks(255).collect()))
}

impl World {
    pub async fn new(texts: &[String]) -> Self {
        let resolver = Resolver::start().await;
        let here = || Reply::nodata("cz");
        resolver.says("secure.cz", RecordType::SOA, here().secure());
        let bogus = Manner::ServfailThenCd(Some(6), here());
        resolver.on("bogus.cz", RecordType::SOA, bogus);
        resolver.says("unsigned.cz", RecordType::SOA, here());
        let mut world = Self {
            resolver,
            servers: Vec::new(),
            webs: Vec::new(),
        };
        for (number, text) in texts.iter().enumerate() {
            let at = text
                .char_indices()
                .take_while(|(at, _)| *at < FITTING)
                .last();
            let end = at.map_or(0, |(at, letter)| at + letter.len_utf8());
            let mut bytes = text.as_bytes()[..end].to_vec();
            bytes.push(0xff);
            bytes.extend(MARK.bytes());
            let one = One {
                text,
                bytes,
                domain: super::survey::domain(number),
                ip: [127, 181, number as u8 + 1, 1],
                number,
            };
            world.zones(&one);
            world.policies(&one);
            world.keys(&one);
            world.answer(&one).await;
        }
        world
    }

    fn has_text(&self, owner: &str, texts: &[&[u8]]) {
        let records = texts.iter().map(|text| record(owner, data_of_text(text)));
        let reply = Reply::found(records).secure();
        let size: usize = texts.iter().map(|text| text.len()).sum();
        match size < FITTING {
            true => self.resolver.says(owner, RecordType::TXT, reply),
            false => self
                .resolver
                .on(owner, RecordType::TXT, Manner::TruncatesUdp(reply)),
        };
    }

    fn has(&self, owner: &str, data: impl IntoIterator<Item = RData>) {
        let mut records = data.into_iter().map(|data| record(owner, data)).peekable();
        let kind = records.peek().expect("a record").record_type();
        self.resolver
            .says(owner, kind, Reply::found(records).secure());
    }

    fn has_address(&self, owner: &str, ip: [u8; 4]) {
        let found = Reply::found([a(owner, &Ipv4Addr::from(ip).to_string())]);
        self.resolver.says(owner, RecordType::A, found.secure());
        let none = Reply::nodata("cz").secure();
        self.resolver.says(owner, RecordType::AAAA, none);
    }

    /// Delegation, mail hosts, hosts of clients, and what the resolver adds to every answer.
    fn zones(&self, one: &One<'_>) {
        let domain = &one.domain;
        let words = &one.bytes[..one.bytes.len().min(400)];
        for end in [
            domain.clone(),
            format!("{}.cz", spelled(&label(&one.bytes))),
        ] {
            self.resolver
                .murmurs(&end, &[words, MARK.as_bytes()].concat());
        }
        let server = spelled(&format!("{}.cz", label(&one.bytes)));
        let servers = Reply::found([ns(domain, &server)]).secure();
        self.resolver.says(domain, RecordType::NS, servers);
        self.resolver
            .says(domain, RecordType::DS, Reply::nodata(domain).secure());
        let key = PublicKeyBuf::new(vec![7; 64], Algorithm::ECDSAP256SHA256);
        let key = DNSKEY::with_flags(257, key);
        self.has(domain, [RData::DNSSEC(DNSSECRData::DNSKEY(key))]);
        let odd = spelled(&format!("{}.{domain}", label(&one.bytes)));
        let usual = format!("mx.{domain}");
        let exchange =
            |preference, host: &str| RData::MX(MX::new(preference, name_of(host).expect("a name")));
        self.has(
            domain,
            [
                exchange(10, &usual),
                exchange(20, &odd),
                exchange(5, &server),
            ],
        );
        for host in [&odd, &usual, &server] {
            self.has_address(host, one.ip);
        }
        let owner = format!("_25._tcp.{usual}");
        let secure = Reply::found([tlsa(&owner)]).secure();
        self.resolver.says(&owner, RecordType::TLSA, secure);
        for (service, port) in [("_imap", 143), ("_pop3", 110), ("_submission", 587)] {
            let target = name_of(&odd).expect("a name");
            let owner = format!("{service}._tcp.{domain}");
            self.has(&owner, [RData::SRV(SRV::new(0, 0, port, target))]);
        }
        let alias = RData::CNAME(CNAME(name_of(&odd).expect("a name")));
        let webmail = format!("webmail.{domain}");
        let chain = [
            record(&webmail, alias),
            a(&odd, &Ipv4Addr::from(one.ip).to_string()),
        ];
        self.resolver
            .says(&webmail, RecordType::A, Reply::found(chain).secure());
        self.resolver
            .says(&webmail, RecordType::AAAA, Reply::nodata("cz"));
        self.has_address(&format!("mta-sts.{domain}"), one.ip);
    }

    /// Records that carry policies: sound but for the text in them, or nothing but the text.
    fn policies(&self, one: &One<'_>) {
        let (domain, text) = (&one.domain, &one.bytes[..]);
        let around =
            |before: &str, after: &str| [before.as_bytes(), text, after.as_bytes()].concat();
        // Letters that a name may have in these records, so that the record is read to its end.
        let word: String = one
            .text
            .chars()
            .filter(char::is_ascii_graphic)
            .take(30)
            .collect();
        let word = word.replace(
            [';', ',', '!', '@', '%', '/', '#', '?', ':', '"', '\\', '['],
            "",
        );
        let spf = match one.number % 2 {
            0 => {
                format!("v=spf1 include:{word}{MARK}.x.cz redirect={word}{MARK}.y.cz").into_bytes()
            }
            _ => around("v=spf1 include:", " -all"),
        };
        self.has_text(domain, &[&spf, text]);
        let dmarc = match one.number % 2 {
            0 => format!(
                "v=DMARC1; p=reject; rua=mailto:a@{word}{MARK}.x.cz,mailto:{word}@{MARK}.cz; \
                 ruf=mailto:{word}@{MARK}.cz"
            )
            .into_bytes(),
            _ => around(
                "v=DMARC1; p=reject; rua=mailto:",
                "@x.cz; ruf=mailto:y@x.cz",
            ),
        };
        self.has_text(&format!("_dmarc.{domain}"), &[&dmarc]);
        let id = if one.number.is_multiple_of(3) {
            text
        } else {
            b"1"
        };
        let record = [b"v=STSv1; id=", id, b";"].concat();
        self.has_text(&format!("_mta-sts.{domain}"), &[&record, text]);
        let report = match one.number % 2 {
            0 => format!("v=TLSRPTv1; rua=mailto:{word}@{MARK}.cz").into_bytes(),
            _ => around("v=TLSRPTv1; rua=mailto:", "@x.cz"),
        };
        self.has_text(&format!("_smtp._tls.{domain}"), &[&report]);
        let logo = match one.number % 2 {
            0 => format!("v=BIMI1; l=https://{MARK}.cz/{word}; a=https://{MARK}.cz/{word}")
                .into_bytes(),
            _ => around("v=BIMI1; l=https://x.cz/", "; a="),
        };
        self.has_text(&format!("default._bimi.{domain}"), &[&logo]);
        let values = ["issue", "issuewild", "issuemail"].map(|tag| {
            let mut data = CAA::new_issue(false, None, Vec::new());
            data.tag = tag.to_owned();
            data.value = text.to_vec();
            RData::CAA(data)
        });
        let size = text.len() * 3;
        let reply = Reply::found(values.map(|data| record_at(domain, data)));
        match size < FITTING {
            true => self.resolver.says(domain, RecordType::CAA, reply),
            false => self
                .resolver
                .on(domain, RecordType::CAA, Manner::TruncatesUdp(reply)),
        };
    }

    /// Keys of DKIM: behind an alias, or wherever one asks.
    fn keys(&self, one: &One<'_>) {
        let below = format!("_domainkey.{}", one.domain);
        self.resolver
            .says(&below, RecordType::TXT, Reply::nodata("cz").secure());
        // Of what is no ASCII, nothing is read.
        let kind = one
            .text
            .chars()
            .filter(|letter| letter.is_ascii() && *letter != ';');
        let kind: String = MARK.chars().chain(kind.take(FITTING)).collect();
        let key = [&b"v=DKIM1; k="[..], kind.as_bytes(), b"; p=AAAA"].concat();
        if one.number.is_multiple_of(2) {
            self.resolver.everywhere(&below, data_of_text(&key));
            return;
        }
        let there = spelled(&format!("{}.keys.cz", label(&one.bytes)));
        for selector in ["default", "selector1", "s1", "mail", "dkim", "google", "k1"] {
            let owner = format!("{selector}.{below}");
            let alias = RData::CNAME(CNAME(name_of(&there).expect("a name")));
            let chain = [record(&owner, alias), record(&there, data_of_text(&key))];
            self.resolver
                .says(&owner, RecordType::TXT, Reply::found(chain));
        }
    }

    /// Servers of mail, of mail clients and of the web.
    async fn answer(&mut self, one: &One<'_>) {
        let text = one.text;
        let acceptor = acceptor(text, &one.domain);
        let scripts = [
            (25, smtp(text)),
            (587, smtp(text)),
            (143, imap(text)),
            (110, pop3(text)),
        ];
        for (port, script) in scripts {
            let address = SocketAddr::from((one.ip, port));
            self.servers
                .push(Server::start_with(address, script, acceptor.clone()).await);
        }
        // A field of a header is one line; what is in it is up to the server.
        let field: String = text
            .chars()
            .filter(|letter| !"\r\n\0".contains(*letter))
            .collect();
        let encoding = match one.number % 4 {
            0 => format!("Content-Encoding: {field}\r\n"),
            _ => String::new(),
        };
        let fields = format!(
            "Content-Type: text/plain; {field}\r\n{encoding}\
             Strict-Transport-Security: max-age=1; {field}\r\nServer: {field}\r\n"
        );
        let policy = format!(
            "version: STSv1{text}\r\nmode: {text}\r\nmx: {text}\r\nmax_age: {text}\r\n{text}\r\n"
        );
        let web = |status: &str, more: &str| {
            https::Manner::Says(https::page(status, &format!("{more}{fields}"), &policy))
        };
        let location = format!("Location: https://{field}.{}/{field}\r\n", one.domain);
        let (clear, inside) = (
            web("301 Moved", &location),
            web(&format!("200 {field}"), ""),
        );
        let address = SocketAddr::from((one.ip, 443));
        self.webs
            .push(https::Server::start(address, acceptor, &[inside]).await);
        let address = SocketAddr::from((one.ip, 80));
        self.webs
            .push(https::Server::start_in_the_clear(address, &[clear]).await);
    }
}

fn record_at(owner: &str, data: RData) -> hickory_resolver::proto::rr::Record {
    record(owner, data)
}

/// Speaks SMTP, with the text wherever a server may say something.
fn smtp(text: &str) -> Script {
    let list = |more: &str| {
        say(&format!(
            "250-{text}\r\n250-X{text}\r\n{more}250 SIZE {text}\r\n"
        ))
    };
    Script {
        implicit: false,
        greeting: say(&format!("220 {text}\r\n")),
        acts: vec![
            ("EHLO", list("250-STARTTLS\r\n")),
            ("tls EHLO", list("")),
            ("STARTTLS", Act::StartTls(format!("220 {text}\r\n"))),
            ("QUIT", say(&format!("221 {text}\r\n"))),
            ("tls QUIT", say(&format!("221 {text}\r\n"))),
        ],
    }
}

fn imap(text: &str) -> Script {
    let list = || {
        say(&format!(
            "* CAPABILITY IMAP4rev1 STARTTLS {text}\r\nTAG OK {text}\r\n"
        ))
    };
    let bye = || say(&format!("* BYE {text}\r\nTAG OK {text}\r\n"));
    Script {
        implicit: false,
        greeting: say(&format!("* OK {text}\r\n")),
        acts: vec![
            ("CAPABILITY", list()),
            ("tls CAPABILITY", list()),
            ("STARTTLS", Act::StartTls(format!("TAG OK {text}\r\n"))),
            ("LOGOUT", bye()),
            ("tls LOGOUT", bye()),
        ],
    }
}

fn pop3(text: &str) -> Script {
    let list = || {
        say(&format!(
            "+OK {text}\r\nSTLS\r\n{text}\r\nTOP {text}\r\n.\r\n"
        ))
    };
    let bye = || say(&format!("+OK {text}\r\n"));
    Script {
        implicit: false,
        greeting: say(&format!("+OK {text}\r\n")),
        acts: vec![
            ("CAPA", list()),
            ("tls CAPA", list()),
            ("STLS", Act::StartTls(format!("+OK {text}\r\n"))),
            ("QUIT", bye()),
            ("tls QUIT", bye()),
        ],
    }
}

/// A certificate whose owner, issuer and names are the text.
fn acceptor(text: &str, domain: &str) -> TlsAcceptor {
    let few: String = text.chars().take(FITTING / 4).collect();
    let mut params = CertificateParams::new([domain.to_owned()]).expect("a name");
    let ascii: String = few.chars().filter(char::is_ascii).collect();
    params
        .subject_alt_names
        .push(SanType::DnsName(Ia5String::try_from(ascii).expect("ASCII")));
    let mut owner = DistinguishedName::new();
    for part in [
        DnType::CommonName,
        DnType::OrganizationName,
        DnType::LocalityName,
    ] {
        owner.push(part, format!("{few}{MARK}"));
    }
    params.distinguished_name = owner;
    let pair = KeyPair::generate().expect("a key");
    let leaf = params
        .self_signed(&pair)
        .expect("a certificate")
        .der()
        .clone();
    let key = tls::certified(&pair, vec![leaf]);
    tls::chosen(Arc::new(rustls::sign::SingleCertAndKey::from(key))).acceptor
}
