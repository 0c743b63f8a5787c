//! Whom mail clients use: which questions are asked, and what their answers are taken for.

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use mailcensus::dns::domain::Walk;
use mailcensus::table::client_codes::{ClientService, ClientSource};
use mailcensus::table::codes::{ErrorCode, Outcome};
use mailcensus::table::rows::Searched;

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, a, aaaa, cname, mx, signed, srv};

const FOUND: Searched = Searched {
    outcome: Outcome::Found,
    error: None,
};
const ABSENT: Searched = Searched {
    outcome: Outcome::Absent,
    error: None,
};

/// A domain with a mail host somewhere else.
async fn with_mail() -> Resolver {
    let resolver = domain().await;
    let records = [mx(ZONE, 10, "mx.provider.example")];
    resolver.says(ZONE, RecordType::MX, Reply::found(records));
    resolver
}

async fn ask(resolver: &Resolver) -> Walk {
    let mut walk = Walk::new(ZONE, ZONE.to_owned()).with_clients(true);
    walk.ask(&*client(resolver, LONG).await).await;
    walk
}

/// Service, host, port and source in a line each.
fn told(walk: &Walk) -> Vec<String> {
    let clients = walk.row.clients.iter();
    clients
        .map(|one| format!("{} {}:{} {}", one.service, one.host, one.port, one.source))
        .collect()
}

/// The questions of the types that are asked for mail clients, sorted; the log begins anew.
fn asked(resolver: &Resolver) -> Vec<String> {
    let mut log = resolver.take_log();
    log.retain(|line| {
        let kind = line.split(' ').next().unwrap_or_default();
        ["SRV", "A", "AAAA"].contains(&kind)
    });
    log
}

fn has_address(resolver: &Resolver, name: &str, ip: &str) {
    resolver.says(name, RecordType::A, Reply::found([a(name, ip)]));
}

#[tokio::test]
async fn nobody_is_looked_for_unless_wanted_or_where_no_mail_is_taken() {
    let resolver = with_mail().await;
    let seen = walk(&resolver).await;
    assert_eq!(asked(&resolver), [""; 0]);
    assert_eq!(seen.row.client_search.imap.outcome, Outcome::NotAttempted);

    resolver.says(ZONE, RecordType::MX, Reply::found([mx(ZONE, 0, ".")]));
    let seen = ask(&resolver).await;
    assert_eq!(asked(&resolver), [""; 0]);
    assert_eq!(
        seen.row.client_search.webmail.outcome,
        Outcome::NotAttempted
    );
}

#[tokio::test]
async fn without_a_trace_of_them_the_mail_hosts_stand_in() {
    let resolver = with_mail().await;
    let before = walk(&resolver).await.row.queries;
    resolver.take_log();
    let seen = ask(&resolver).await;
    assert_eq!(
        asked(&resolver),
        [
            "A imap.example.cz",
            "A mail.example.cz",
            "A pop3.example.cz",
            "A smtp.example.cz",
            "A webmail.example.cz",
            "SRV _imap._tcp.example.cz",
            "SRV _imaps._tcp.example.cz",
            "SRV _pop3._tcp.example.cz",
            "SRV _pop3s._tcp.example.cz",
            "SRV _submission._tcp.example.cz",
            "SRV _submissions._tcp.example.cz",
        ]
    );
    // What the top-level domain says of DMARC and CAA is asked for by every client anew.
    assert_eq!(seen.row.queries, before + 11);
    assert_eq!(
        told(&seen),
        [
            "imaps mx.provider.example:993 mx",
            "imap mx.provider.example:143 mx",
            "pop3s mx.provider.example:995 mx",
            "pop3 mx.provider.example:110 mx",
            "submissions mx.provider.example:465 mx",
            "submission mx.provider.example:587 mx",
        ]
    );
    let search = &seen.row.client_search;
    assert_eq!((&search.imap, &search.webmail), (&FOUND, &ABSENT));
    assert_eq!((search.wildcard, search.truncated), (None, false));
}

#[tokio::test]
async fn srv_records_decide_and_a_dot_says_that_there_is_no_such_service() {
    let resolver = with_mail().await;
    let name = |label: &str| format!("{label}._tcp.{ZONE}");
    let (imaps, imap) = (name("_imaps"), name("_imap"));
    let (pop3s, pop3, submissions) = (name("_pop3s"), name("_pop3"), name("_submissions"));
    let two = [
        srv(&imaps, 20, 993, "second.example"),
        srv(&imaps, 10, 9993, "First.example"),
    ];
    resolver
        .says(&imaps, RecordType::SRV, Reply::found(two))
        .says(
            &imap,
            RecordType::SRV,
            Reply::found([srv(&imap, 0, 0, ".")]),
        )
        .says(
            &pop3s,
            RecordType::SRV,
            Reply::found([srv(&pop3s, 0, 0, ".")]),
        )
        .says(
            &pop3,
            RecordType::SRV,
            Reply::found([srv(&pop3, 0, 0, ".")]),
        )
        .says(
            &submissions,
            RecordType::SRV,
            Reply::found([srv(&submissions, 0, 465, "smtp.provider.example")]),
        );
    let seen = ask(&resolver).await;
    let log = asked(&resolver);
    assert!(!log.contains(&"A imap.example.cz".to_owned()), "{log:?}");
    assert!(!log.contains(&"A mail.example.cz".to_owned()), "{log:?}");
    assert_eq!(
        told(&seen),
        [
            "imaps first.example:9993 srv",
            "imaps second.example:993 srv",
            "imap .:0 srv",
            "pop3s .:0 srv",
            "pop3 .:0 srv",
            "submissions smtp.provider.example:465 srv",
            // It may offer this, too, though nobody says so.
            "submission smtp.provider.example:587 srv",
        ]
    );
    let search = &seen.row.client_search;
    assert_eq!((&search.imap, &search.pop3), (&FOUND, &ABSENT));
}

#[tokio::test]
async fn usual_names_count_where_they_have_an_address() {
    let resolver = with_mail().await;
    has_address(&resolver, "imap.example.cz", "192.0.2.1");
    let mail = "mail.example.cz";
    resolver
        .says(mail, RecordType::A, Reply::nodata(ZONE))
        .says(
            mail,
            RecordType::AAAA,
            Reply::found([aaaa(mail, "2001:db8::1")]),
        );
    let alias = "webmail.example.cz";
    let records = [
        cname(alias, "web.provider.example"),
        a("web.provider.example", "192.0.2.9"),
    ];
    resolver.says(alias, RecordType::A, Reply::found(records));
    let seen = ask(&resolver).await;
    assert_eq!(
        told(&seen),
        [
            "imaps imap.example.cz:993 name",
            "imap imap.example.cz:143 name",
            "pop3s mail.example.cz:995 name",
            "pop3 mail.example.cz:110 name",
            "submissions mail.example.cz:465 name",
            "submission mail.example.cz:587 name",
            "webmail webmail.example.cz:443 name",
        ]
    );
    assert_eq!(seen.row.client_search.wildcard, Some(false));
    let log = asked(&resolver);
    let nobody = log.iter().filter(|line| line.starts_with("A mc"));
    assert_eq!(nobody.count(), 1, "{log:?}");
}

#[tokio::test]
async fn names_that_a_wildcard_makes_do_not_count() {
    let resolver = with_mail().await;
    for label in ["imap", "pop3", "smtp", "mail", "webmail"] {
        has_address(&resolver, &format!("{label}.example.cz"), "192.0.2.80");
    }
    ask(&resolver).await;
    let log = resolver.take_log();
    let nobody = log.iter().find(|line| line.starts_with("A mc")).unwrap();
    has_address(&resolver, nobody.trim_start_matches("A "), "192.0.2.80");
    // This one is really there.
    has_address(&resolver, "smtp.example.cz", "192.0.2.25");
    let seen = ask(&resolver).await;
    let hosts: Vec<_> = told(&seen);
    assert_eq!(hosts[0], "imaps mx.provider.example:993 mx");
    assert_eq!(hosts[4], "submissions smtp.example.cz:465 name");
    assert_eq!(hosts.len(), 6, "no webmail: {hosts:?}");
    let search = &seen.row.client_search;
    assert_eq!((search.wildcard, &search.webmail), (Some(true), &ABSENT));

    // A name that takes mail is there, wherever the wildcard leads.
    let records = [mx(ZONE, 10, "mail.example.cz")];
    resolver.says(ZONE, RecordType::MX, Reply::found(records));
    let seen = ask(&resolver).await;
    assert_eq!(told(&seen)[0], "imaps mail.example.cz:993 name");
}

#[tokio::test]
async fn a_signature_tells_a_wildcard_without_a_question() {
    let resolver = with_mail().await;
    let name = "webmail.example.cz";
    for (labels, there) in [(3, 1), (2, 0)] {
        let records = [
            a(name, "192.0.2.1"),
            signed(name, RecordType::A, labels, ZONE),
        ];
        resolver.says(name, RecordType::A, Reply::found(records).secure());
        let seen = ask(&resolver).await;
        let log = asked(&resolver);
        assert!(!log.iter().any(|line| line.starts_with("A mc")), "{log:?}");
        assert_eq!(seen.row.clients.len(), 6 + there);
        let wildcard = (there == 0).then_some(true);
        assert_eq!(seen.row.client_search.wildcard, wildcard);
    }
}

#[tokio::test]
async fn a_question_that_failed_is_no_absence_and_is_asked_again_alone() {
    let resolver = with_mail().await;
    let broken = Manner::ServfailThenCd(None, Reply::code(ResponseCode::ServFail));
    resolver
        .on("_pop3._tcp.example.cz", RecordType::SRV, broken.clone())
        .on("webmail.example.cz", RecordType::A, broken.clone())
        .on("webmail.example.cz", RecordType::AAAA, broken);
    let mut seen = ask(&resolver).await;
    assert!(seen.has_failed());
    let failed = Searched {
        outcome: Outcome::Failed,
        error: Some(ErrorCode::Servfail),
    };
    let search = &seen.row.client_search;
    assert_eq!((&search.pop3, &search.webmail), (&failed, &failed));
    assert_eq!(search.imap, FOUND);
    let services: Vec<_> = seen.row.clients.iter().map(|one| one.service).collect();
    assert!(!services.contains(&ClientService::Pop3s), "{services:?}");
    resolver.take_log();

    let pop3 = "_pop3._tcp.example.cz";
    let record = srv(pop3, 0, 110, "pop.provider.example");
    resolver.says(pop3, RecordType::SRV, Reply::found([record]));
    has_address(&resolver, "webmail.example.cz", "192.0.2.1");
    seen.ask(&*client(&resolver, LONG).await).await;
    let log = asked(&resolver);
    assert_eq!(log.len(), 3, "{log:?}");
    assert!(log[0].starts_with("A mc"), "{log:?}");
    assert_eq!(
        log[1..],
        ["A webmail.example.cz", "SRV _pop3._tcp.example.cz"]
    );
    assert!(!seen.has_failed());
    let sources: Vec<_> = seen.row.clients.iter().map(|one| one.source).collect();
    assert_eq!(
        told(&seen)[2..4],
        [
            "pop3s pop.provider.example:995 srv",
            "pop3 pop.provider.example:110 srv"
        ]
    );
    assert_eq!(sources.last(), Some(&ClientSource::Name));
    seen.ask(&*client(&resolver, LONG).await).await;
    assert_eq!(asked(&resolver), [""; 0]);
}

#[tokio::test]
async fn of_many_hosts_four_of_each_service_are_kept() {
    let resolver = domain().await;
    let many = (0..9).map(|number| mx(ZONE, number, &format!("m{number}.example.net")));
    resolver.says(ZONE, RecordType::MX, Reply::found(many));
    let seen = ask(&resolver).await;
    assert!(seen.row.client_search.truncated);
    assert_eq!(seen.row.clients.len(), 6 * 4);
    assert_eq!(told(&seen)[3], "imaps m3.example.net:993 mx");

    // Without MX the domain is its own mail host.
    resolver.says(ZONE, RecordType::MX, Reply::nodata(ZONE));
    has_address(&resolver, ZONE, "192.0.2.1");
    let seen = ask(&resolver).await;
    assert_eq!(told(&seen)[0], "imaps example.cz:993 mx");
}
