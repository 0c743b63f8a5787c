//! Resolvers whose word does not count, and one that falls silent.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use mailcensus::dns::name_of;
use mailcensus::dns::preflight::{self, Names};

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, txt};

fn names() -> Names {
    Names {
        secure: "secure.cz".to_owned(),
        bogus: "bogus.cz".to_owned(),
        unsigned: "unsigned.cz".to_owned(),
    }
}

/// A resolver with these answers for the three names of the pre-flight check.
async fn judged(secure: Reply, bogus: Manner, unsigned: Reply) -> Resolver {
    let resolver = Resolver::start().await;
    resolver
        .says("secure.cz", RecordType::SOA, secure)
        .on("bogus.cz", RecordType::SOA, bogus)
        .says("unsigned.cz", RecordType::SOA, unsigned);
    resolver
}

/// What the pre-flight check says.
async fn verdict(resolver: &Resolver, patience: Duration) -> Result<(), String> {
    let client = client(resolver, patience).await;
    let start = Instant::now();
    let result = preflight::run(&client, &[resolver.address], &names()).await;
    let elapsed = start.elapsed();
    assert!(elapsed < BOUND, "took {elapsed:?}");
    result.map_err(|err| err.to_string())
}

#[tokio::test]
async fn a_resolver_that_validates_passes() {
    let bogus = Manner::ServfailThenCd(Some(9), nothing());
    let resolver = judged(nothing().secure(), bogus, nothing()).await;
    assert_eq!(verdict(&resolver, LONG).await, Ok(()));
}

#[tokio::test]
async fn resolvers_whose_word_counts_for_nothing_do_not_pass() {
    let bogus = Manner::ServfailThenCd(Some(9), nothing());
    let lets_all_through = Manner::Honest(nothing());
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    let cases = [
        (
            nothing(),
            lets_all_through.clone(),
            nothing(),
            "module-config",
        ),
        (
            nothing().secure(),
            lets_all_through,
            nothing(),
            "set up a validating resolver",
        ),
        (
            nothing().secure(),
            broken,
            nothing(),
            "--preflight bogus=NAME",
        ),
        (
            nothing().secure(),
            bogus.clone(),
            nothing().secure(),
            "--preflight unsigned=NAME",
        ),
        (
            Reply::code(ResponseCode::Refused),
            bogus,
            nothing(),
            "--preflight secure=NAME",
        ),
    ];
    for (secure, bogus, unsigned, advice) in cases {
        let resolver = judged(secure, bogus, unsigned).await;
        let said = verdict(&resolver, LONG).await.unwrap_err();
        assert!(said.contains(&resolver.address.to_string()), "{said}");
        assert!(said.contains(advice), "{said}");
    }
}

#[tokio::test]
async fn a_silent_resolver_does_not_pass() {
    let resolver = Resolver::start().await;
    resolver.set_silent(true);
    let said = verdict(&resolver, SHORT).await.unwrap_err();
    assert!(said.contains("does not answer"), "{said}");
    assert_eq!(resolver.log().len(), 2, "asked more than twice");
}

#[test]
fn only_resolvers_of_this_machine_are_admissible() {
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    let said = |text: &str, trust| {
        let result = preflight::admissible(address(text), trust);
        result.map_err(|err| err.to_string())
    };
    assert_eq!(said("127.0.0.1:53", false), Ok(()));
    assert!(
        said("192.0.2.1:53", false)
            .unwrap_err()
            .contains("--trust-ad")
    );
    assert_eq!(said("192.0.2.1:53", true), Ok(()));
    assert!(said("9.9.9.9:53", true).unwrap_err().contains("Unbound"));
}

#[tokio::test]
async fn a_resolver_that_falls_silent_pauses_the_questions_and_loses_none() {
    const QUESTIONS: usize = 40;
    let resolver = Resolver::start().await;
    let label = |number: usize| format!("d{number}.cz");
    for number in 0..QUESTIONS {
        let owner = label(number);
        let reply = Reply::found([txt(&owner, &["here"])]);
        resolver.says(&owner, RecordType::TXT, reply);
    }
    let client = client(&resolver, SHORT).await;
    resolver.set_silent(true);
    let start = Instant::now();
    let asking: Vec<_> = (0..QUESTIONS)
        .map(|number| {
            let (client, name) = (client.clone(), name_of(&label(number)).unwrap());
            tokio::spawn(async move { client.ask(&name, RecordType::TXT).await })
        })
        .collect();
    let trouble = tokio::time::timeout(BOUND, client.health().trouble()).await;
    assert!(trouble.is_ok(), "nobody noticed");
    assert!(start.elapsed() >= SHORT);
    tokio::time::sleep(4 * SHORT).await;
    assert!(!asking.iter().any(|task| task.is_finished()), "gave up");
    let during = resolver.log().len();
    tokio::time::sleep(4 * SHORT).await;
    assert_eq!(resolver.log().len(), during, "asked on during the pause");

    assert!(!preflight::answers(&client, 1, &names()).await);
    resolver.set_silent(false);
    resolver.says("secure.cz", RecordType::SOA, nothing().secure());
    assert!(preflight::answers(&client, 1, &names()).await);
    client.health().recovered(true);
    for (number, task) in asking.into_iter().enumerate() {
        let answer = tokio::time::timeout(BOUND, task).await.unwrap().unwrap();
        assert_eq!(told(&answer), "found insecure", "{}", label(number));
    }
    assert!(!client.health().is_paused());
}
