//! The questions about a mail host and a zone.

use hickory_resolver::proto::rr::RecordType;
use mailcensus::dns::{host, zone};
use mailcensus::table::codes::{ErrorCode, Outcome, Role, Security};
use mailcensus::table::rows::{HostRow, ZoneRow};

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, a, aaaa, cname, tlsa};

async fn ask_host(resolver: &Resolver) -> HostRow {
    let mut row = HostRow {
        host: "mail.example.cz".to_owned(),
        roles: vec![Role::Mx],
        ..HostRow::default()
    };
    host::ask(&*client(resolver, LONG).await, &mut row, |_| true).await;
    row
}

#[tokio::test]
async fn tlsa_is_looked_for_at_the_end_of_a_secure_alias_first() {
    let alias = |more| Reply::found([cname("mail.example.cz", "mx.other.cz"), more]).secure();
    let resolver = Resolver::start().await;
    let (there, here) = ("_25._tcp.mx.other.cz", "_25._tcp.mail.example.cz");
    resolver
        .says(
            "mail.example.cz",
            RecordType::A,
            alias(a("mx.other.cz", "192.0.2.1")),
        )
        .says(
            "mail.example.cz",
            RecordType::AAAA,
            alias(aaaa("mx.other.cz", "2001:db8::1")),
        )
        .says(there, RecordType::TLSA, Reply::nodata("other.cz").secure())
        .says(here, RecordType::TLSA, Reply::found([tlsa(here)]).secure());
    let row = ask_host(&resolver).await;
    assert_eq!(
        resolver.log()[2..],
        [format!("TLSA {there}"), format!("TLSA {here}")]
    );
    assert_eq!(row.tlsa.base.as_deref(), Some("mail.example.cz"));
    assert_eq!(row.tlsa.records.len(), 1);
    assert_eq!(row.addresses.canonical_name.as_deref(), Some("mx.other.cz"));
    assert_eq!(row.addresses.security, Security::Secure);

    resolver.take_log();
    resolver.says(
        there,
        RecordType::TLSA,
        Reply::found([tlsa(there)]).secure(),
    );
    let row = ask_host(&resolver).await;
    assert_eq!(row.tlsa.base.as_deref(), Some("mx.other.cz"));
    assert_eq!(resolver.log()[2..], [format!("TLSA {there}")]);
}

#[tokio::test]
async fn tlsa_at_the_end_of_an_insecure_alias_is_not_looked_for() {
    let resolver = Resolver::start().await;
    let records = [
        cname("mail.example.cz", "mx.other.cz"),
        a("mx.other.cz", "192.0.2.1"),
    ];
    resolver.says("mail.example.cz", RecordType::A, Reply::found(records));
    let row = ask_host(&resolver).await;
    assert_eq!(resolver.log()[2..], ["TLSA _25._tcp.mail.example.cz"]);
    assert_eq!(row.addresses.ips, ["192.0.2.1"]);
}

#[tokio::test]
async fn one_family_that_fails_does_not_hide_the_other() {
    let resolver = Resolver::start().await;
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver
        .says(
            "mail.example.cz",
            RecordType::A,
            Reply::found([a("mail.example.cz", "192.0.2.1")]),
        )
        .on("mail.example.cz", RecordType::AAAA, broken);
    let row = ask_host(&resolver).await;
    assert_eq!(row.addresses.outcome, Outcome::Found);
    assert_eq!(row.addresses.error, Some(ErrorCode::Unreachable));
    assert_eq!(row.addresses.ips, ["192.0.2.1"]);
    assert_eq!(row.aaaa.outcome, Outcome::Failed);
    assert!(host::has_failed(&row));
}

#[tokio::test]
async fn asking_about_a_host_again_loses_nothing() {
    let resolver = Resolver::start().await;
    let mail = "mail.example.cz";
    let base = "_25._tcp.mail.example.cz";
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver
        .says(mail, RecordType::A, Reply::found([a(mail, "192.0.2.1")]))
        .says(base, RecordType::TLSA, Reply::found([tlsa(base)]))
        .on(mail, RecordType::AAAA, broken.clone());
    let mut row = ask_host(&resolver).await;
    assert!(host::has_failed(&row));
    resolver.take_log();

    resolver
        .on(mail, RecordType::A, broken.clone())
        .on(base, RecordType::TLSA, broken)
        .says(
            mail,
            RecordType::AAAA,
            Reply::found([aaaa(mail, "2001:db8::1")]),
        );
    host::ask(&*client(&resolver, LONG).await, &mut row, |_| true).await;
    assert_eq!(resolver.take_log(), ["AAAA mail.example.cz"]);
    assert_eq!(row.addresses.ips, ["192.0.2.1", "2001:db8::1"]);
    assert_eq!(row.addresses.outcome, Outcome::Found);
    assert_eq!(row.addresses.error, None);
    assert_eq!(row.a.outcome, Outcome::Found);
    assert_eq!(row.tlsa.records.len(), 1);
    assert!(!host::has_failed(&row));
}

#[tokio::test]
async fn an_alias_that_shows_itself_later_still_leads_to_its_tlsa() {
    let resolver = Resolver::start().await;
    let mail = "mail.example.cz";
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver
        .on(mail, RecordType::A, broken.clone())
        .on(mail, RecordType::AAAA, broken);
    let mut row = ask_host(&resolver).await;
    assert_eq!(row.addresses.outcome, Outcome::Failed);
    assert_eq!(row.tlsa.base.as_deref(), Some(mail));

    let there = "_25._tcp.mx.other.cz";
    let alias = [cname(mail, "mx.other.cz"), a("mx.other.cz", "192.0.2.1")];
    resolver
        .says(mail, RecordType::A, Reply::found(alias).secure())
        .says(mail, RecordType::AAAA, Reply::nodata("other.cz").secure())
        .says(
            there,
            RecordType::TLSA,
            Reply::found([tlsa(there)]).secure(),
        );
    host::ask(&*client(&resolver, LONG).await, &mut row, |_| true).await;
    assert_eq!(row.addresses.ips, ["192.0.2.1"]);
    assert_eq!(row.addresses.security, Security::Secure);
    assert_eq!(row.tlsa.base.as_deref(), Some("mx.other.cz"));
    assert!(!host::has_failed(&row));
}

#[tokio::test]
async fn a_zone_that_does_not_validate_is_bogus() {
    let resolver = Resolver::start().await;
    resolver
        .says(ZONE, RecordType::DS, Reply::nodata("cz").secure())
        .on(
            ZONE,
            RecordType::DNSKEY,
            Manner::ServfailThenCd(Some(9), Reply::nodata(ZONE)),
        );
    let mut row = ZoneRow {
        zone: ZONE.to_owned(),
        ..ZoneRow::default()
    };
    let queries = zone::ask(&*client(&resolver, LONG).await, &mut row).await;
    assert_eq!(queries, 3);
    assert_eq!(row.security, Security::Bogus);
    assert_eq!(row.error, Some(ErrorCode::Bogus));
    assert_eq!(row.parent.as_deref(), Some("cz"));
}
