//! What web servers get: one connection at a time, one a second, and no total.

use std::sync::Arc;

use mailcensus::pace::{self, Back, Journal, Limits, Pace, Past, Queues, Rules, Ruling};
use mailcensus::stop::Stop;
use tokio::time::Instant;

use super::*;
use crate::lab::https::page;
use crate::smtp::target;

#[tokio::test]
async fn one_address_gets_one_connection_a_second_and_no_total() {
    let server = server(&Manner::Says(page("200 OK", "", "version: STSv1"))).await;
    let limits = Limits::default().https();
    let rules = Rules::new(vec!["127.0.0.0/8".parse().unwrap()], true);
    let rates = Arc::new(|_: &str| None);
    let pace = Pace::new(limits, rules, rates, Journal::none(), &Past::default());
    // More than a mail server gets in a whole survey.
    let targets = (0..8).map(|_| target(server.address, ())).collect();
    let Queues {
        mut rulings,
        backs,
        task,
        ..
    } = pace::start(pace, targets, Stop::default());
    let mut dialled = Vec::new();
    while let Some(ruling) = rulings.recv().await {
        let Ruling::Go(clearance, _) = ruling else {
            panic!("a connection was not had")
        };
        dialled.push(Instant::now());
        let seen = get(clearance, &plan(long()), Some(&tls::Client::default())).await;
        assert_eq!(seen.expect("no stop").status, Some(200));
        assert!(backs.send(Back::Done).is_ok());
    }
    task.await.unwrap().unwrap();
    assert_eq!(dialled.len(), 8);
    for two in dialled.windows(2) {
        let distance = two[1] - two[0];
        assert!(distance >= Duration::from_secs(1), "{distance:?}");
    }
}
