//! A recursive resolver that misbehaves, question by question.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hickory_resolver::proto::dnssec::Algorithm;
use hickory_resolver::proto::dnssec::rdata::{DNSSECRData, RRSIG, SigInput};
use hickory_resolver::proto::op::{Edns, Message, MessageType, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::opt::EdnsOption;
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TLSA, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use mailcensus::dns::{name_of, text_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// How long SERVFAIL is remembered, as by BIND.
const REMEMBERED: Duration = Duration::from_secs(1);

/// What an honest resolver would say to a question.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    rcode: ResponseCode,
    secure: bool,
    ede: Option<(u16, Vec<u8>)>,
    answers: Vec<Record>,
    authorities: Vec<Record>,
}

impl Reply {
    /// These records.
    pub fn found(answers: impl IntoIterator<Item = Record>) -> Self {
        Self {
            answers: answers.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Nothing of that type, says this zone.
    pub fn nodata(zone: &str) -> Self {
        Self {
            authorities: vec![soa(zone)],
            ..Self::default()
        }
    }

    /// No such name, says this zone.
    pub fn nxdomain(zone: &str) -> Self {
        Self {
            rcode: ResponseCode::NXDomain,
            ..Self::nodata(zone)
        }
    }

    /// Nothing but a response code.
    pub fn code(rcode: ResponseCode) -> Self {
        Self {
            rcode,
            ..Self::default()
        }
    }

    /// The same with another response code.
    pub fn but(self, rcode: ResponseCode) -> Self {
        Self { rcode, ..self }
    }

    /// It was validated.
    pub fn secure(self) -> Self {
        Self {
            secure: true,
            ..self
        }
    }

    /// With an extended error.
    pub fn ede(self, code: u16) -> Self {
        Self {
            ede: Some((code, Vec::new())),
            ..self
        }
    }

    /// With an extended error of these words, where it has none.
    fn murmuring(mut self, words: &[u8]) -> Self {
        self.ede.get_or_insert_with(|| (0, words.to_vec()));
        self
    }

    /// With one more record that proves the denial.
    pub fn proof(mut self, record: Record) -> Self {
        self.authorities.push(record);
        self
    }

    fn to(&self, question: &Message) -> Message {
        let mut message = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
        message.metadata.response_code = self.rcode;
        message.metadata.recursion_desired = true;
        message.metadata.recursion_available = true;
        message.metadata.checking_disabled = question.metadata.checking_disabled;
        message.metadata.authentic_data = self.secure;
        message.add_queries(question.queries.clone());
        message.add_answers(self.answers.clone());
        message.add_authorities(self.authorities.clone());
        let mut edns = Edns::new();
        edns.set_max_payload(1232).set_dnssec_ok(true);
        if let Some((code, words)) = &self.ede {
            let bytes = [&code.to_be_bytes(), &words[..]].concat();
            edns.options_mut().insert(EdnsOption::Unknown(15, bytes));
        }
        message.set_edns(edns);
        message
    }
}

/// How one question is answered.
#[derive(Debug, Clone)]
pub enum Manner {
    /// As it should be.
    Honest(Reply),
    /// Not at all.
    Silent,
    /// SERVFAIL with this extended error; with CD set, this.
    ServfailThenCd(Option<u16>, Reply),
    /// SERVFAIL the first time and while that is remembered, from then on this; with CD set, that.
    SlowOnce(Reply, Reply),
    /// Not at all the first times, then this.
    DropsFirst(usize, Reply),
    /// Cut off over UDP, whole over TCP.
    TruncatesUdp(Reply),
    /// Cut off over UDP; the first connection that asks over TCP is never served again.
    HangsTcpOnce(Reply),
    /// Cut off over UDP; whole over TCP, and then the connection is closed.
    ClosesTcp(Reply),
    /// Cut off over either.
    TruncatesBoth,
    /// With an id that nobody used, and nothing else.
    WrongId(Reply),
    /// With a question that nobody asked, and nothing else.
    WrongQuestion(Reply),
    /// The first reply from another port, with a wrong id and to another question, then the second.
    StraysFirst(Reply, Reply),
    /// With a record whose data is cut off.
    MalformedRdata,
}

/// A resolver.
pub struct Resolver {
    /// Where it listens, over UDP and TCP.
    pub address: SocketAddr,
    state: Arc<State>,
}

struct State {
    manners: Mutex<HashMap<(String, RecordType), Manner>>,
    /// What is at every name that ends so and has no manner of its own.
    wildcards: Mutex<Vec<(String, RData)>>,
    /// What is said besides about names that end so.
    murmurs: Mutex<Vec<(String, Vec<u8>)>>,
    log: Mutex<Vec<String>>,
    /// When each question came first.
    first: Mutex<HashMap<String, Instant>>,
    /// How every question is answered, whatever the rest says.
    everything: Mutex<Option<Manner>>,
}

impl Resolver {
    /// Starts a resolver that answers NXDOMAIN to everything. A name that was given something else
    /// exists, whatever it is asked for.
    pub async fn start() -> Self {
        let state = Arc::new(State {
            manners: Mutex::default(),
            wildcards: Mutex::default(),
            murmurs: Mutex::default(),
            log: Mutex::default(),
            first: Mutex::default(),
            everything: Mutex::default(),
        });
        let (udp, tcp) = loop {
            let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
            // Another test may have the UDP port of the same number.
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
                break (udp, tcp);
            }
        };
        let address = tcp.local_addr().unwrap();
        tokio::spawn(serve_udp(udp, state.clone()));
        tokio::spawn(serve_tcp(tcp, state.clone()));
        Self { address, state }
    }

    /// From now on, this question is answered like that.
    pub fn on(&self, name: &str, kind: RecordType, manner: Manner) -> &Self {
        let key = (name.to_owned(), kind);
        self.state.manners.lock().unwrap().insert(key, manner);
        self
    }

    /// From now on, this question is answered honestly.
    pub fn says(&self, name: &str, kind: RecordType, reply: Reply) -> &Self {
        self.on(name, kind, Manner::Honest(reply))
    }

    /// From now on, every name that ends so and was given nothing else has this.
    pub fn everywhere(&self, end: &str, data: RData) -> &Self {
        let wildcard = (end.to_owned(), data);
        self.state.wildcards.lock().unwrap().push(wildcard);
        self
    }

    /// From now on, honest answers about names that end so come with an extended error of these words.
    pub fn murmurs(&self, end: &str, words: &[u8]) -> &Self {
        let murmur = (end.to_owned(), words.to_vec());
        self.state.murmurs.lock().unwrap().push(murmur);
        self
    }

    /// From now on, every question is answered like that; with none, each as it was.
    pub fn answer_all(&self, manner: Option<Manner>) {
        *self.state.everything.lock().unwrap() = manner;
    }

    /// Every question so far, in the order they came: `MX example.cz`, with ` +cd` and ` tcp`.
    pub fn log(&self) -> Vec<String> {
        self.state.log.lock().unwrap().clone()
    }

    /// The log, sorted; it begins anew.
    pub fn take_log(&self) -> Vec<String> {
        let mut log = std::mem::take(&mut *self.state.log.lock().unwrap());
        log.sort();
        log
    }
}

impl State {
    /// The manner for a question, and how often the question came before.
    fn manner(&self, question: &Message, tail: &str) -> (Manner, usize) {
        let query = &question.queries[0];
        let (name, kind) = (text_of(&query.name), query.query_type);
        let cd = match question.metadata.checking_disabled {
            true => " +cd",
            false => "",
        };
        let line = format!("{kind} {name}{cd}{tail}");
        let mut log = self.log.lock().unwrap();
        let before = log.iter().filter(|logged| **logged == line).count();
        log.push(line.clone());
        drop(log);
        let mut first = self.first.lock().unwrap();
        let is_remembered = first.entry(line).or_insert_with(Instant::now).elapsed() < REMEMBERED;
        drop(first);
        if let Some(manner) = &*self.everything.lock().unwrap() {
            return (manner.clone(), before);
        }
        let manner = self.given(&name, kind);
        let murmurs = self.murmurs.lock().unwrap();
        let words = murmurs.iter().find(|(end, _)| name.ends_with(end));
        let manner = match (manner, words) {
            (Manner::Honest(reply), Some((_, words))) => Manner::Honest(reply.murmuring(words)),
            (manner, _) => manner,
        };
        match manner {
            Manner::SlowOnce(..) if is_remembered => (manner, 0),
            manner => (manner, before),
        }
    }

    fn given(&self, name: &str, kind: RecordType) -> Manner {
        let manners = self.manners.lock().unwrap();
        if let Some(manner) = manners.get(&(name.to_owned(), kind)) {
            return manner.clone();
        }
        let wildcards = self.wildcards.lock().unwrap();
        let mut fitting = wildcards.iter();
        let found = fitting.find(|(end, data)| name.ends_with(end) && data.record_type() == kind);
        Manner::Honest(match found {
            Some((_, data)) => Reply::found([record(name, data.clone())]),
            None if has_data(&manners, name) => Reply::nodata("cz"),
            None => Reply::nxdomain("cz"),
        })
    }
}

/// Whether there are records of some type at a name.
fn has_data(manners: &HashMap<(String, RecordType), Manner>, name: &str) -> bool {
    manners.iter().any(|((owner, _), manner)| {
        let is_found = |reply: &Reply| !reply.answers.is_empty();
        owner == name && matches!(manner, Manner::Honest(reply) if is_found(reply))
    })
}

async fn serve_udp(socket: UdpSocket, state: Arc<State>) {
    let elsewhere = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut buffer = vec![0; 4_096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let question = Message::from_vec(&buffer[..length]).unwrap();
        let (manner, before) = state.manner(&question, "");
        if let Manner::StraysFirst(stray, _) = &manner {
            let stray = stray.to(&question);
            let _ = elsewhere.send_to(&stray.to_vec().unwrap(), from).await;
            for packet in [wrong_id(stray.clone()), wrong_question(stray)] {
                let _ = socket.send_to(&packet, from).await;
            }
        }
        if let Some(packet) = packet(manner, &question, before, true) {
            let _ = socket.send_to(&packet, from).await;
        }
    }
}

async fn serve_tcp(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        tokio::spawn(async move {
            // The peer closes when it has what it wants.
            let _ = serve_stream(stream, &state).await;
        });
    }
}

async fn serve_stream(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    loop {
        let mut bytes = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut bytes).await?;
        let question = Message::from_vec(&bytes).unwrap();
        let (manner, before) = state.manner(&question, " tcp");
        if matches!(manner, Manner::HangsTcpOnce(_)) && before == 0 {
            std::future::pending().await
        }
        let last = matches!(manner, Manner::ClosesTcp(_));
        if let Some(packet) = packet(manner, &question, before, false) {
            stream.write_u16(packet.len().try_into().unwrap()).await?;
            stream.write_all(&packet).await?;
        }
        if last {
            return Ok(());
        }
    }
}

fn packet(manner: Manner, question: &Message, before: usize, udp: bool) -> Option<Vec<u8>> {
    let servfail = Reply::code(ResponseCode::ServFail);
    let cd = question.metadata.checking_disabled;
    let reply = match manner {
        Manner::Silent => return None,
        Manner::DropsFirst(times, _) if before < times => return None,
        Manner::ServfailThenCd(Some(code), _) if !cd => servfail.ede(code),
        Manner::ServfailThenCd(None, _) if !cd => servfail,
        Manner::SlowOnce(..) if !cd && before == 0 => servfail,
        Manner::SlowOnce(_, reply) if cd => reply,
        Manner::MalformedRdata => return Some(malformed(question)),
        Manner::WrongId(reply) => return Some(wrong_id(reply.to(question))),
        Manner::WrongQuestion(reply) => return Some(wrong_question(reply.to(question))),
        Manner::TruncatesUdp(_) | Manner::HangsTcpOnce(_) | Manner::ClosesTcp(_) if udp => {
            return Some(truncated(question));
        }
        Manner::TruncatesBoth => return Some(truncated(question)),
        Manner::Honest(reply)
        | Manner::ServfailThenCd(_, reply)
        | Manner::SlowOnce(reply, _)
        | Manner::DropsFirst(_, reply)
        | Manner::TruncatesUdp(reply)
        | Manner::HangsTcpOnce(reply)
        | Manner::ClosesTcp(reply)
        | Manner::StraysFirst(_, reply) => reply,
    };
    Some(reply.to(question).to_vec().unwrap())
}

fn truncated(question: &Message) -> Vec<u8> {
    let mut message = Reply::default().to(question);
    message.metadata.truncation = true;
    message.to_vec().unwrap()
}

fn wrong_id(mut message: Message) -> Vec<u8> {
    message.metadata.id = !message.metadata.id;
    message.to_vec().unwrap()
}

fn wrong_question(mut message: Message) -> Vec<u8> {
    message.queries[0].name = name_of("somebody.else.example").unwrap();
    message.to_vec().unwrap()
}

/// An answer whose only record is longer than the packet.
fn malformed(question: &Message) -> Vec<u8> {
    let mut message = Reply::default().to(question);
    message.edns = None;
    let mut packet = message.to_vec().unwrap();
    // One answer in the header; the name as a pointer to the question, type, class IN, TTL 60,
    // and of 16 bytes of data just two.
    packet[7] = 1;
    packet.extend([0xc0, 12]);
    packet.extend(u16::from(question.queries[0].query_type).to_be_bytes());
    packet.extend([0, 1, 0, 0, 0, 60, 0, 16, 1, 2]);
    packet
}

fn name(text: &str) -> Name {
    name_of(text).unwrap()
}

/// A record at a name.
pub fn record(owner: &str, data: RData) -> Record {
    Record::from_rdata(name(owner), 60, data)
}

/// An A record.
pub fn a(owner: &str, ip: &str) -> Record {
    record(owner, RData::A(A(ip.parse().unwrap())))
}

/// An AAAA record.
pub fn aaaa(owner: &str, ip: &str) -> Record {
    record(owner, RData::AAAA(AAAA(ip.parse().unwrap())))
}

/// A CNAME record.
pub fn cname(owner: &str, target: &str) -> Record {
    record(owner, RData::CNAME(CNAME(name(target))))
}

/// An MX record.
pub fn mx(owner: &str, preference: u16, exchange: &str) -> Record {
    record(owner, RData::MX(MX::new(preference, name(exchange))))
}

/// An SRV record.
pub fn srv(owner: &str, priority: u16, port: u16, target: &str) -> Record {
    record(owner, RData::SRV(SRV::new(priority, 0, port, name(target))))
}

/// An NS record.
pub fn ns(owner: &str, target: &str) -> Record {
    record(owner, RData::NS(NS(name(target))))
}

/// A TXT record of several strings.
pub fn txt(owner: &str, strings: &[&str]) -> Record {
    let strings = strings.iter().map(|text| (*text).to_owned()).collect();
    record(owner, RData::TXT(TXT::new(strings)))
}

/// A PTR record.
pub fn ptr(owner: &str, target: &str) -> Record {
    record(owner, RData::PTR(PTR(name(target))))
}

/// A signature over an SOA record that holds from then until then, in seconds since 1970.
pub fn rrsig(owner: &str, from: u32, until: u32) -> Record {
    signature(owner, (RecordType::SOA, 2, owner), from, until)
}

/// A signature over records of a type, by a zone: of fewer labels than the name where a wildcard made
/// them.
pub fn signed(owner: &str, kind: RecordType, labels: u8, zone: &str) -> Record {
    signature(owner, (kind, labels, zone), 0, u32::MAX)
}

fn signature(owner: &str, of: (RecordType, u8, &str), from: u32, until: u32) -> Record {
    let (type_covered, num_labels, zone) = of;
    let input = SigInput {
        type_covered,
        algorithm: Algorithm::ECDSAP256SHA256,
        num_labels,
        original_ttl: 60,
        sig_expiration: until.into(),
        sig_inception: from.into(),
        key_tag: 1,
        signer_name: name(zone),
    };
    let signature = RRSIG::from_sig(input, vec![7; 64]);
    record(owner, RData::DNSSEC(DNSSECRData::RRSIG(signature)))
}

/// A TLSA record `3 1 1`.
pub fn tlsa(owner: &str) -> Record {
    let data = TLSA::new(3.into(), 1.into(), 1.into(), vec![7; 32]);
    record(owner, RData::TLSA(data))
}

fn soa(zone: &str) -> Record {
    let data = SOA::new(name(zone), name(zone), 1, 60, 60, 60, 60);
    record(zone, RData::SOA(data))
}
