//! The questions about a zone: its keys, what it asks its parent for, and how it denies.

use hickory_resolver::proto::dnssec::rdata::{CDS, DNSKEY, DNSSECRData, NSEC, NSEC3};
use hickory_resolver::proto::dnssec::{Algorithm, DigestType, Nsec3HashAlgorithm, PublicKeyBuf};
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use mailcensus::dns::domain::Walk;
use mailcensus::dns::{name_of, zone};
use mailcensus::table::codes::{Denial, Outcome, ZoneDenial};
use mailcensus::table::rows::{Ds, ZoneRow};

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, mx, ns, record};

fn dnskey(algorithm: Algorithm, bytes: usize) -> Record {
    let key = PublicKeyBuf::new(vec![7; bytes], algorithm);
    let key = DNSKEY::with_flags(257, key);
    record(ZONE, RData::DNSSEC(DNSSECRData::DNSKEY(key)))
}

fn cds(key_tag: u16, algorithm: Option<Algorithm>, digest: DigestType) -> Record {
    let cds = CDS::new(key_tag, algorithm, digest, vec![0; 32]);
    record(ZONE, RData::DNSSEC(DNSSECRData::CDS(cds)))
}

fn nsec(types: &[RecordType]) -> Record {
    let next = name_of("a.example.cz").unwrap();
    let nsec = NSEC::new(next, types.iter().copied());
    record(ZONE, RData::DNSSEC(DNSSECRData::NSEC(nsec)))
}

fn nsec3(iterations: u16, opt_out: bool) -> Record {
    let hash = Nsec3HashAlgorithm::SHA1;
    let nsec3 = NSEC3::new(hash, opt_out, iterations, vec![1; 4], vec![2; 20], []);
    let owner = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.cz";
    record(owner, RData::DNSSEC(DNSSECRData::NSEC3(nsec3)))
}

/// A zone with a key.
async fn signed() -> Resolver {
    let resolver = Resolver::start().await;
    let keys = [dnskey(Algorithm::ED25519, 32)];
    resolver
        .says(ZONE, RecordType::DS, Reply::nodata("cz").secure())
        .says(ZONE, RecordType::DNSKEY, Reply::found(keys))
        .says(ZONE, RecordType::CDS, Reply::nodata(ZONE));
    resolver
}

async fn ask(resolver: &Resolver) -> (ZoneRow, u32) {
    let mut row = ZoneRow {
        zone: ZONE.to_owned(),
        ..ZoneRow::default()
    };
    let queries = zone::ask(&*client(resolver, LONG).await, &mut row).await;
    (row, queries)
}

#[tokio::test]
async fn what_the_zone_asks_its_parent_for_is_kept() {
    let resolver = signed().await;
    let records = [
        cds(2, Some(Algorithm::ED25519), DigestType::SHA256),
        cds(1, Some(Algorithm::ECDSAP256SHA256), DigestType::SHA384),
    ];
    resolver.says(ZONE, RecordType::CDS, Reply::found(records));
    let (row, queries) = ask(&resolver).await;
    assert_eq!(queries, 3);
    assert_eq!(row.cds_answer.outcome, Outcome::Found);
    let wanted = |key_tag, algorithm, digest_type| Ds {
        key_tag,
        algorithm,
        digest_type,
    };
    assert_eq!(row.cds, [wanted(1, 13, 4), wanted(2, 15, 2)]);
    assert_eq!(row.cds_delete, Some(false));
    assert_eq!((row.keys[0].algorithm, row.keys[0].bits), (15, Some(256)));

    // RFC 8078 4: `0 0 0 00`, and nothing beside it.
    let delete = || cds(0, None, DigestType::Unknown(0));
    resolver.says(ZONE, RecordType::CDS, Reply::found([delete()]));
    let (row, _) = ask(&resolver).await;
    assert_eq!(row.cds, [wanted(0, 0, 0)]);
    assert_eq!(row.cds_delete, Some(true));
    let beside = [
        delete(),
        cds(2, Some(Algorithm::ED25519), DigestType::SHA256),
    ];
    resolver.says(ZONE, RecordType::CDS, Reply::found(beside));
    assert_eq!(ask(&resolver).await.0.cds_delete, Some(false));
}

#[tokio::test]
async fn a_zone_without_keys_is_not_asked_what_it_wants() {
    let resolver = signed().await;
    resolver.says(ZONE, RecordType::DNSKEY, Reply::nodata(ZONE));
    let (row, queries) = ask(&resolver).await;
    assert_eq!(queries, 2);
    assert_eq!(row.cds_answer.outcome, Outcome::NotAttempted);
    assert_eq!((row.cds.len(), row.cds_delete), (0, None));
    assert!(!zone::has_failed(&row));
}

#[tokio::test]
async fn a_lost_answer_about_cds_is_asked_for_again() {
    let resolver = signed().await;
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver.on(ZONE, RecordType::CDS, broken);
    let (mut row, _) = ask(&resolver).await;
    assert_eq!(row.cds_answer.outcome, Outcome::Failed);
    assert_eq!(row.error, None, "the zone itself is fine");
    assert!(zone::has_failed(&row));
    resolver.take_log();
    resolver.says(ZONE, RecordType::CDS, Reply::nodata(ZONE));
    zone::ask(&*client(&resolver, LONG).await, &mut row).await;
    assert_eq!(resolver.take_log(), ["CDS example.cz"]);
    assert_eq!(row.cds_answer.denial, Some(Denial::Nodata));
    assert!(!zone::has_failed(&row));
}

#[tokio::test]
async fn a_denial_shows_how_the_zone_denies() {
    let resolver = signed().await;
    let (row, _) = ask(&resolver).await;
    assert_eq!(row.denial, ZoneDenial::Unknown);

    let plain = Reply::nodata(ZONE).proof(nsec(&[RecordType::NS]));
    resolver.says(ZONE, RecordType::CDS, plain);
    let (row, _) = ask(&resolver).await;
    assert_eq!((row.denial, row.opt_out), (ZoneDenial::Nsec, None));

    let hashed = Reply::nodata(ZONE)
        .proof(nsec3(10, false))
        .proof(nsec3(10, true));
    resolver.says(ZONE, RecordType::CDS, hashed);
    let (row, _) = ask(&resolver).await;
    assert_eq!(row.denial, ZoneDenial::Nsec3);
    assert_eq!((row.nsec3_iterations, row.opt_out), (Some(10), Some(true)));

    // What the parent says is about the parent.
    let parents = Reply::nodata("cz").secure().proof(nsec3(5, true));
    resolver.says(ZONE, RecordType::DS, parents);
    resolver.says(ZONE, RecordType::CDS, Reply::nodata(ZONE));
    let (row, _) = ask(&resolver).await;
    assert_eq!(row.denial, ZoneDenial::Unknown);
    assert_eq!((row.nsec3_iterations, row.opt_out), (None, None));
}

/// The zone of a domain that has a CDS record, so that only other questions are denied.
async fn walked(denial: Reply) -> ZoneRow {
    let resolver = signed().await;
    let wanted = [cds(2, Some(Algorithm::ED25519), DigestType::SHA256)];
    resolver
        .says(ZONE, RecordType::NS, Reply::found([ns(ZONE, "ns.cz")]))
        .says(ZONE, RecordType::MX, Reply::found([mx(ZONE, 10, "mx.cz")]))
        .says(ZONE, RecordType::CDS, Reply::found(wanted))
        .says("_domainkey.example.cz", RecordType::TXT, denial);
    let mut walk = Walk::new(ZONE, ZONE.to_owned());
    walk.ask(&*client(&resolver, LONG).await).await;
    walk.zone.unwrap()
}

#[tokio::test]
async fn other_questions_about_the_domain_show_how_its_zone_denies() {
    let row = walked(Reply::nxdomain(ZONE).proof(nsec3(1, false))).await;
    assert_eq!(row.denial, ZoneDenial::Nsec3);
    assert_eq!((row.nsec3_iterations, row.opt_out), (Some(1), Some(false)));

    let compact = [RecordType::RRSIG, RecordType::from(128)];
    let row = walked(Reply::nodata(ZONE).proof(nsec(&compact))).await;
    assert_eq!(row.denial, ZoneDenial::Compact);
    // The same, with its response code restored (RFC 9824 5).
    let row = walked(Reply::nxdomain(ZONE).proof(nsec(&compact))).await;
    assert_eq!(row.denial, ZoneDenial::Compact);
    let row = walked(Reply::nxdomain("cz").proof(nsec(&[RecordType::NS]))).await;
    assert_eq!(row.denial, ZoneDenial::Unknown);
}
