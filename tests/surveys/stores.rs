//! Several trust stores: each says of a chain what it has to say.

use std::sync::Arc;

use mailcensus::table::codes::Pkix;
use rcgen::{CertificateParams, KeyPair};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::*;
use crate::lab::tls::{certified, chosen};

#[derive(Debug)]
struct Only(Arc<CertifiedKey>);

impl ResolvesServerCert for Only {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// A server with a certificate by an authority.
async fn add(net: &mut Net, name: &str, number: u8, by: &Authority) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([format!("mx.{name}.cz")]).unwrap();
    let side = chosen(Arc::new(Only(certified(
        &key,
        vec![by.sign(&params, &key)],
    ))));
    net.add_with(name, [127, 40, number, 1], side).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_store_judges_and_the_further_roots_are_in_every_one() {
    let mut net = Net::new().await;
    let ministry = Authority::named("Ministry");
    add(&mut net, "theirs", 1, &ministry).await;
    let ours = Authority::named("Nobody");
    add(&mut net, "nobodys", 2, &ours).await;
    let further = std::mem::replace(&mut net.authority, Authority::new());
    add(&mut net, "further", 3, &further).await;
    net.authority = further;
    let file = net.dir.path().join("ministry.pem");
    std::fs::write(&file, &ministry.pem).unwrap();
    net.args = vec![format!("--trust-store=ministry={}", file.display())];
    let surveyed = net.survey(2).await;
    for (name, mozilla, ministry) in [
        ("theirs", Pkix::MissingIntermediate, Pkix::Valid),
        (
            "nobodys",
            Pkix::MissingIntermediate,
            Pkix::MissingIntermediate,
        ),
        ("further", Pkix::Valid, Pkix::Valid),
    ] {
        let pkix = &surveyed.endpoints[name].chains[0].pkix;
        let said = (pkix["mozilla"], pkix["ministry"], pkix.len());
        assert_eq!(said, (mozilla, ministry, 2), "{name}");
    }
    let version = |store: &str| {
        let version = &surveyed.manifest["data"][format!("trust store {store}")];
        version.as_str().unwrap_or_default().to_owned()
    };
    let (mozilla, ministry) = (version("mozilla"), version("ministry"));
    assert!(mozilla.contains(" and 1 of the operator, "), "{mozilla}");
    let words = "a file and 1 of the operator, 2 roots, sha256 ";
    assert!(ministry.starts_with(words), "{ministry}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_cannot_be_is_refused_in_a_sentence() {
    let net = Net::new().await;
    let file = net.dir.path().join("store.pem");
    std::fs::write(&file, &net.authority.pem).unwrap();
    let list = net.dir.path().join("list.txt");
    std::fs::write(&list, "example.cz\n").unwrap();
    let path = file.display();
    for (given, words) in [
        (vec![format!("mozilla={path}")], "that store is built in"),
        (
            vec![format!("one={path}"), format!("one={path}")],
            "is there twice",
        ),
        (vec![format!("{path}")], "give NAME=FILE.pem"),
        (
            vec!["one=/nowhere.pem".to_owned()],
            "/nowhere.pem: cannot read",
        ),
    ] {
        let mut command = net.command(&list, &net.out(), 2);
        for store in &given {
            command.args(["--trust-store", store]);
        }
        let ran = tokio::task::spawn_blocking(move || run(&mut command).expect(2));
        let stderr = ran.await.unwrap().stderr;
        assert!(stderr.contains(words), "{given:?}: {stderr}");
    }
}
