//! DANE over time and over kinds of keys: records that change between two stages, records that are
//! wrong for good, and servers with a certificate of each kind.

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::TLSA;
use hickory_resolver::proto::rr::{RData, Record};
use mailcensus::certificate;
use mailcensus::table::codes::Outcome;
use mailcensus::table::tls_codes::SecondCertificate;
use rcgen::KeyPair;
use rustls::SignatureScheme;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::sync::Arc;

use super::*;
use crate::lab::tls::{RSA, certify_all, chosen};

/// A certificate of each kind of key, as far as there are; the one by ECDSA first.
#[derive(Debug)]
struct Both {
    ecdsa: Arc<CertifiedKey>,
    rsa: Option<Arc<CertifiedKey>>,
}

impl Both {
    fn new(name: &str, rsa: bool) -> Arc<Self> {
        let names = [format!("mx.{name}.cz")];
        Arc::new(Self {
            ecdsa: certify_all(&KeyPair::generate().unwrap(), &names),
            rsa: rsa.then(|| certify_all(&RSA, &names)),
        })
    }

    fn keys(&self) -> Vec<&Arc<CertifiedKey>> {
        [Some(&self.ecdsa), self.rsa.as_ref()]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl ResolvesServerCert for Both {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let takes = |scheme| hello.signature_schemes().contains(&scheme);
        match takes(SignatureScheme::ECDSA_NISTP256_SHA256) {
            true => Some(self.ecdsa.clone()),
            false => self.rsa.clone(),
        }
    }
}

/// `3 1 1` of a key.
pub fn record(owner: &str, key: &CertifiedKey) -> Record {
    let spki = certificate::row(&key.cert[0]).spki_sha256.unwrap();
    let byte = |at: usize| u8::from_str_radix(&spki[at * 2..at * 2 + 2], 16).unwrap();
    let digest = (0..32).map(byte).collect();
    let data = TLSA::new(3.into(), 1.into(), 1.into(), digest);
    dns::record(owner, RData::TLSA(data))
}

fn owner(name: &str) -> String {
    format!("_25._tcp.mx.{name}.cz")
}

fn publish(net: &Net, name: &str, records: Vec<Record>) {
    let owner = owner(name);
    let reply = Reply::found(records).secure();
    net.resolver.says(&owner, RecordType::TLSA, reply);
}

async fn add(net: &mut Net, name: &str, number: u8, keys: &Arc<Both>) {
    let side = chosen(keys.clone());
    net.add_with(name, [127, 39, number, 1], side).await;
}

fn says(surveyed: &Surveyed, name: &str) -> String {
    let row = &surveyed.verdicts[name];
    let (valid, rollover) = (&row.dane_valid, &row.dane_rollover);
    format!(
        "{} {}, {} {}",
        valid.result, valid.reason, rollover.result, rollover.reason
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_certificates_of_a_server_are_held_against_the_records() {
    let mut net = Net::new().await;
    // Whether it has RSA, too; records of its keys, and whether there is one more; connections; what
    // is found; what is made of it.
    let cases = [
        (
            "single",
            false,
            1,
            false,
            3,
            SecondCertificate::NotAsked,
            "pass matched:1/1, fail single_record",
        ),
        (
            "both",
            true,
            2,
            false,
            4,
            SecondCertificate::Shown,
            "pass matched:1/1, fail all_in_use",
        ),
        (
            "next",
            false,
            1,
            true,
            4,
            SecondCertificate::None,
            "pass matched:1/1, pass next_key",
        ),
        (
            "half",
            true,
            1,
            true,
            5,
            SecondCertificate::Shown,
            "fail mismatch:1/1, pass next_key",
        ),
    ];
    for (number, (name, rsa, keys, more, ..)) in (1..).zip(cases) {
        let both = Both::new(name, rsa);
        add(&mut net, name, number, &both).await;
        let owner = owner(name);
        let known = both.keys().into_iter().take(keys);
        let mut records: Vec<_> = known.map(|key| record(&owner, key)).collect();
        records.extend(more.then(|| tlsa(&owner)));
        publish(&net, name, records);
    }
    let surveyed = net.survey(2).await;
    for (name, rsa, _, _, connections, second, expected) in cases {
        let row = &surveyed.endpoints[name];
        assert_eq!(usize::from(row.connections), connections, "{name}");
        assert_eq!(net.server(name).finished().await.connections, connections);
        assert_eq!(row.second_certificate, second, "{name}");
        let kinds: Vec<_> = row
            .chains
            .iter()
            .filter_map(|one| one.key_type.as_deref())
            .collect();
        let both = ["ecdsa", "rsa"];
        assert_eq!(kinds, both[..if rsa { 2 } else { 1 }], "{name}");
        assert_eq!(says(&surveyed, name), expected, "{name}");
    }
    let half = &surveyed.endpoints["half"];
    let again = half.tlsa_again.as_ref().expect("asked again");
    assert_eq!(again.records.len(), 2);
    let seen: Vec<_> = half.chains.iter().map(|chain| chain.seen).collect();
    assert_eq!(seen, [1, 2], "the one in doubt was looked at twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_change_between_hosts_and_probe_are_no_mismatch() {
    let mut net = Net::new().await;
    let names = ["stale", "rolled", "gone", "lost"];
    let mut keys = Vec::new();
    for (number, name) in (11..).zip(names) {
        let both = Both::new(name, false);
        add(&mut net, name, number, &both).await;
        keys.push(both);
        net.with_wrong_tlsa(name);
    }
    for stage in ["dns", "hosts"] {
        net.stage(stage, 2).await;
    }
    let rolled = record(&owner("rolled"), &keys[1].ecdsa);
    publish(&net, "rolled", vec![rolled]);
    let nothing = Reply::nodata("cz").secure();
    net.resolver.says(&owner("gone"), RecordType::TLSA, nothing);
    let servfail = Reply::code(ResponseCode::ServFail);
    net.resolver
        .says(&owner("lost"), RecordType::TLSA, servfail);
    let surveyed = net.survey(2).await;
    for (name, outcome, expected) in [
        ("stale", Outcome::Found, "fail mismatch:1/1"),
        ("rolled", Outcome::Found, "pass tlsa_changed:1/1"),
        ("gone", Outcome::Absent, "unknown tlsa_changed:1/1"),
        ("lost", Outcome::Failed, "unknown tlsa_unknown:1/1"),
    ] {
        let row = &surveyed.endpoints[name];
        let again = row.tlsa_again.as_ref().expect("asked again");
        assert_eq!(again.outcome, outcome, "{name}");
        let second = row.attempts[1].observed_at.0;
        let later = again.observed_at.0 - second;
        assert!((0..60_000_000).contains(&later), "{name}: {later} µs later");
        assert!(row.chains[0].tlsa_matches.is_empty(), "{name}");
        let matches: &[u8] = if name == "rolled" { &[0] } else { &[] };
        assert_eq!(row.chains[0].tlsa_again_matches, matches, "{name}");
        assert_eq!(
            in_words(&surveyed.verdicts[name].dane_valid),
            expected,
            "{name}"
        );
    }
}
