//! Resolvers whose word does not count, one that falls silent, and one that is cut off.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use mailcensus::dns::preflight::{self, Names};
use mailcensus::dns::{Trouble, name_of};

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, txt};

pub(super) fn names() -> Names {
    Names {
        secure: "secure.cz".to_owned(),
        bogus: "bogus.cz".to_owned(),
        unsigned: "unsigned.cz".to_owned(),
    }
}

/// A resolver with these answers for the three names of the pre-flight check.
pub(super) async fn judged(secure: Reply, bogus: Manner, unsigned: Reply) -> Resolver {
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
    resolver.answer_all(Some(Manner::Silent));
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
    resolver.answer_all(Some(Manner::Silent));
    let start = Instant::now();
    let asking: Vec<_> = (0..QUESTIONS)
        .map(|number| {
            let (client, name) = (client.clone(), name_of(&label(number)).unwrap());
            tokio::spawn(async move { client.ask(&name, RecordType::TXT).await })
        })
        .collect();
    let trouble = tokio::time::timeout(BOUND, client.health().trouble()).await;
    assert_eq!(trouble.expect("somebody noticed"), Trouble::Silent);
    assert!(start.elapsed() >= SHORT);
    tokio::time::sleep(4 * SHORT).await;
    assert!(!asking.iter().any(|task| task.is_finished()), "gave up");
    let during = resolver.log().len();
    tokio::time::sleep(4 * SHORT).await;
    assert_eq!(resolver.log().len(), during, "asked on during the pause");

    assert_eq!(
        preflight::troubles(&client, 1, &names()).await,
        [Some(Trouble::Silent)]
    );
    resolver.answer_all(None);
    assert_eq!(preflight::troubles(&client, 1, &names()).await, [None]);
    client.health().recovered(true);
    for (number, task) in asking.into_iter().enumerate() {
        let answer = tokio::time::timeout(BOUND, task).await.unwrap().unwrap();
        assert_eq!(told(&answer), "found insecure", "{}", label(number));
    }
    client.health().gate().await;
}

#[tokio::test]
async fn a_resolver_that_is_cut_off_pauses_the_questions() {
    const AT_A_TIME: usize = 20;
    let resolver = Resolver::start().await;
    let client = client(&resolver, LONG).await;
    resolver.answer_all(Some(Manner::Honest(servfail(22))));
    let in_turn = async |client: Arc<Client>, first: usize| {
        let mut errors = Vec::new();
        for number in 0..50 {
            let name = name_of(&format!("d{number}.d{first}.cz")).unwrap();
            let answer = client.ask(&name, RecordType::TXT).await;
            errors.extend(answer.error);
        }
        errors
    };
    let asking: Vec<_> = (0..AT_A_TIME)
        .map(|first| tokio::spawn(in_turn(client.clone(), first)))
        .collect();
    let trouble = tokio::time::timeout(BOUND, client.health().trouble()).await;
    assert_eq!(trouble.expect("somebody noticed"), Trouble::Failing);
    let found = preflight::troubles(&client, 1, &names()).await;
    assert_eq!(found, [Some(Trouble::Failing)]);
    resolver.answer_all(None);
    assert_eq!(preflight::troubles(&client, 1, &names()).await, [None]);
    client.health().recovered(true);
    let mut failed = 0;
    for task in asking {
        let errors = tokio::time::timeout(BOUND, task).await.unwrap().unwrap();
        failed += errors.len();
        assert!(errors.iter().all(|error| *error == ErrorCode::Unreachable));
    }
    // Those that it took to notice.
    assert!((100..=400).contains(&failed), "{failed}");
}

/// A client of both, and what became of these questions, asked a few at a time.
async fn of_two(one: &Resolver, other: &Resolver, tries: u32) -> Arc<Client> {
    let client = Client::open(Settings {
        resolvers: vec![one.address, other.address],
        rate: 0,
        patience: SHORT,
        tries,
    });
    client.await.unwrap()
}

/// Asks so many questions, a few at a time; says what became of them.
async fn ask_many(client: &Arc<Client>, many: usize) -> Vec<String> {
    let mut told = Vec::new();
    for first in (0..many).step_by(4) {
        let asking = (first..first + 4).map(|number| {
            let (client, name) = (client.clone(), name_of(&format!("d{number}.cz")).unwrap());
            tokio::spawn(async move { client.ask(&name, RecordType::TXT).await })
        });
        for answer in asking.collect::<Vec<_>>() {
            told.push(super::told(&answer.await.unwrap()));
        }
    }
    told.sort();
    told.dedup();
    told
}

#[tokio::test]
async fn of_several_resolvers_it_is_known_which_are_bad() {
    let (good, bad) = (Resolver::start().await, Resolver::start().await);
    let client = of_two(&good, &bad, 1).await;
    let found = async || preflight::troubles(&client, 2, &names()).await;
    assert_eq!(found().await, [None, None]);
    bad.answer_all(Some(Manner::Honest(Reply::code(ResponseCode::Refused))));
    assert_eq!(found().await, [None, Some(Trouble::Failing)]);
    good.answer_all(Some(Manner::Silent));
    let both = [Some(Trouble::Silent), Some(Trouble::Failing)];
    assert_eq!(found().await, both);
}

#[tokio::test]
async fn what_one_resolver_loses_another_is_asked_for() {
    for manner in [
        Manner::Silent,
        // It finds out nothing, and does not say why.
        Manner::Honest(Reply::code(ResponseCode::ServFail)),
    ] {
        let (good, bad) = (Resolver::start().await, Resolver::start().await);
        let client = of_two(&good, &bad, 2).await;
        bad.answer_all(Some(manner));
        assert_eq!(ask_many(&client, 40).await, ["absent/nxdomain insecure"]);
        assert!(client.rotation().troubles()[1].is_some());
        assert_eq!(client.rotation().troubles()[0], None);
        // It is left out, but for a few.
        bad.take_log();
        assert_eq!(ask_many(&client, 128).await, ["absent/nxdomain insecure"]);
        let log = bad.take_log();
        assert!((1..=3).contains(&log.len()), "{log:?}");
        // And comes back by itself.
        bad.answer_all(None);
        assert_eq!(ask_many(&client, 200).await, ["absent/nxdomain insecure"]);
        assert_eq!(client.rotation().troubles(), [None, None]);
        assert!(bad.take_log().len() > 20);
    }
}
