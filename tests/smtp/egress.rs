//! Port 25 to the outside, tried with servers that are known to be good, and some that are not.

use mailcensus::survey::egress::{Known, check};
use mailcensus::table::preflight::{Aspect, Preflight, Trial};

use super::*;

fn known(address: SocketAddr) -> Known {
    Known {
        host: HOST.to_owned(),
        address: Ok(address),
    }
}

async fn tried(known: Vec<Known>) -> Preflight {
    let (pace, _dir) = paced(fast());
    let start = Instant::now();
    let found = check(pace, known, "census.example", &Stop::default()).await;
    assert!(start.elapsed() < BOUND);
    found.unwrap()
}

fn results(found: &Preflight) -> [Trial; 3] {
    [Aspect::EgressIpv4, Aspect::EgressIpv6, Aspect::Starttls].map(|aspect| found[&aspect].result)
}

#[tokio::test]
async fn a_server_that_greets_shows_that_the_way_is_open() {
    let server = Server::start(Manner::Polite).await;
    let found = tried(vec![known(server.address)]).await;
    assert_eq!(
        results(&found),
        [Trial::Pass, Trial::NotChecked, Trial::Pass]
    );
    let log = server.finished().await;
    assert_eq!(log.connections, 1);
    // Asked as everybody is, and left as everybody is.
    let lines: Vec<_> = log.lines.iter().map(String::as_str).collect();
    let said = [
        "EHLO census.example",
        "STARTTLS",
        "tls EHLO census.example",
        "tls QUIT",
    ];
    assert_eq!(lines, said);
    assert!(log.parted && !log.hasty);
}

#[tokio::test]
async fn one_of_several_is_enough_and_the_others_are_told() {
    let good = Server::start_at([127, 0, 4, 1], Manner::Polite).await;
    let bad = Server::start_at([127, 0, 4, 2], Manner::Greets(554)).await;
    let found = tried(vec![known(bad.address), known(good.address)]).await;
    assert_eq!(results(&found)[0], Trial::Pass);
    let detail = &found[&Aspect::EgressIpv4].detail;
    assert!(detail.contains("127.0.4.2: greeted with 554"), "{detail}");
    assert!(detail.contains("127.0.4.1: greeted, STARTTLS accepted"));
    assert_eq!(bad.finished().await.lines, ["QUIT"]);
}

#[tokio::test]
async fn where_none_greets_the_way_is_closed() {
    let refusing = Server::start_at([127, 0, 4, 3], Manner::Resets).await;
    let closing = Server::start_at([127, 0, 4, 4], Manner::HangsUp).await;
    // A port that was free a moment ago.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    let all = [refusing.address, closing.address, nobody].map(known);
    let found = tried(all.to_vec()).await;
    assert_eq!(
        results(&found),
        [Trial::Fail, Trial::NotChecked, Trial::Unknown]
    );
    let detail = &found[&Aspect::EgressIpv4].detail;
    assert!(detail.contains(": refused"), "{detail}");
}

#[tokio::test]
async fn who_turns_us_away_was_reached() {
    for code in [421, 554] {
        let server = Server::start_at([127, 0, 4, 7], Manner::Greets(code)).await;
        let found = tried(vec![known(server.address)]).await;
        assert_eq!(
            results(&found),
            [Trial::Pass, Trial::NotChecked, Trial::Unknown],
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_known_good_server_without_starttls_accuses_the_way() {
    for manner in [Manner::NoStarttls, Manner::Stripped] {
        let server = Server::start_at([127, 0, 4, 5], manner).await;
        let other = Server::start_at([127, 0, 4, 6], Manner::Polite).await;
        let found = tried(vec![known(other.address), known(server.address)]).await;
        assert_eq!(
            results(&found),
            [Trial::Pass, Trial::NotChecked, Trial::Fail],
            "{manner:?}"
        );
        assert_eq!(
            server.finished().await.lines,
            ["EHLO census.example", "QUIT"]
        );
    }
}

#[tokio::test]
async fn what_was_not_asked_is_unknown_and_not_closed() {
    let server = Server::start(Manner::HangsUp).await;
    let outside = known("192.0.2.1:25".parse().unwrap());
    let lost = Known {
        host: "lost.example.cz".to_owned(),
        address: Err(ErrorCode::Servfail),
    };
    let found = tried(vec![known(server.address), outside.clone()]).await;
    assert_eq!(results(&found)[0], Trial::Unknown, "one may not be dialled");
    let detail = &found[&Aspect::EgressIpv4].detail;
    assert!(detail.contains("192.0.2.1 was not asked: special_purpose"));
    let found = tried(vec![lost]).await;
    let unknown = [Trial::Unknown; 3];
    assert_eq!(results(&found), unknown);
    assert!(found[&Aspect::EgressIpv6].detail.contains("servfail"));
}
