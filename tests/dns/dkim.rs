//! DKIM without a message: which selectors are asked for, and what the answers come to.

use hickory_resolver::proto::dnssec::rdata::{DNSSECRData, NSEC};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{RData, RecordType};
use mailcensus::dns::domain::Walk;
use mailcensus::dns::name_of;
use mailcensus::table::codes::{Denial, ErrorCode, MxKind, Outcome, Security};
use mailcensus::table::record_codes::{DkimExistence, Fault};
use mailcensus::table::rows::Dkim;

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, cname, mx, ns, record, txt};

const SUBTREE: &str = "_domainkey.example.cz";
/// Names that nobody has: the same in every survey.
const CONTROL: &str = "_mca39282ce7b3dec44.example.cz";
const NOBODY: &str = "mca39282ce7b3dec44._domainkey.example.cz";
/// RFC 8463 A.2.
const KEY: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const REVOKED: &str = "v=DKIM1; p=";
/// Queries for DKIM that a domain may cost.
const BUDGET: usize = 12;

fn at(selector: &str) -> String {
    format!("{selector}.{SUBTREE}")
}

/// A domain whose mail goes to this host and whose SPF record is that. `_domainkey` is there, and
/// nothing below.
async fn domain(host: &str, spf: &str) -> Resolver {
    let resolver = Resolver::start().await;
    for kind in ["DS", "DNSKEY", "CAA"] {
        resolver.says(ZONE, kind.parse().unwrap(), Reply::nodata(ZONE));
    }
    resolver
        .says(
            ZONE,
            RecordType::NS,
            Reply::found([ns(ZONE, "ns.example.cz")]),
        )
        .says(ZONE, RecordType::MX, Reply::found([mx(ZONE, 10, host)]))
        .says(ZONE, RecordType::TXT, Reply::found([txt(ZONE, &[spf])]))
        .says(SUBTREE, RecordType::TXT, Reply::nodata(ZONE));
    resolver
}

async fn nobodys() -> Resolver {
    domain("mail.example.cz", "v=spf1 mx -all").await
}

/// From now on a name has this text.
trait Texts {
    fn has_text(&self, name: &str, text: &str) -> &Self;
}

impl Texts for Resolver {
    fn has_text(&self, name: &str, text: &str) -> &Self {
        self.says(name, RecordType::TXT, Reply::found([txt(name, &[text])]))
    }
}

async fn walk(resolver: &Resolver) -> Walk {
    let mut walk = Walk::new(ZONE, ZONE.to_owned());
    walk.ask(&*client(resolver, LONG).await).await;
    walk
}

/// What the row says, and the names that were asked for, in that order.
async fn ask(resolver: &Resolver) -> (Dkim, Vec<String>) {
    let dkim = walk(resolver).await.row.dkim;
    (dkim, asked(resolver))
}

fn asked(resolver: &Resolver) -> Vec<String> {
    let log = resolver.log();
    resolver.take_log();
    let names = log.iter().filter_map(|line| line.strip_prefix("TXT "));
    let ours = |name: &&str| name.contains("_domainkey.") || name.starts_with("_mc");
    let names: Vec<_> = names.filter(ours).map(str::to_owned).collect();
    assert!(names.len() <= BUDGET, "{names:?}");
    names
}

fn selectors(dkim: &Dkim) -> Vec<&str> {
    dkim.keys.iter().map(|key| key.selector.as_str()).collect()
}

#[tokio::test]
async fn the_mail_host_names_the_selectors_asked_for_first() {
    let resolver = domain("aspmx.l.google.com", "v=spf1 -all").await;
    resolver.has_text(&at("google"), KEY);
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(names, [SUBTREE, &at("google"), NOBODY]);
    assert_eq!(dkim.existence, DkimExistence::KeyFound);
    assert_eq!(dkim.provider.as_deref(), Some("Google Workspace"));
    assert_eq!(dkim.selectors, ["google"]);
    let [key] = dkim.keys.as_slice() else {
        panic!("{:?}", dkim.keys);
    };
    assert_eq!(
        (key.key_type.as_deref(), key.bits),
        (Some("ed25519"), Some(256))
    );
    assert_eq!((key.revoked, key.testing, key.fault), (false, false, None));
    assert_eq!(
        (key.security, &key.canonical_name),
        (Security::Insecure, &None)
    );
    assert_eq!((dkim.error, dkim.wildcard_value), (None, None));
}

#[tokio::test]
async fn what_a_stranger_calls_a_type_of_key_is_cut() {
    let resolver = domain("aspmx.l.google.com", "v=spf1 -all").await;
    let record = format!("k=\r\n {}; p=AAAA", "x".repeat(200));
    resolver.has_text(&at("google"), &record);
    let (dkim, _) = ask(&resolver).await;
    let key = &dkim.keys[0];
    assert_eq!(key.fault, Some(Fault::BadValue));
    assert_eq!(key.key_type, Some("x".repeat(32)));
}

#[tokio::test]
async fn spf_names_those_of_whoever_else_sends() {
    let resolver = domain("mail.example.cz", "v=spf1 include:servers.mcsv.net -all").await;
    let target = "dkim2.mcsv.net";
    let records = [cname(&at("k2"), target), txt(target, &[KEY])];
    resolver.says(&at("k2"), RecordType::TXT, Reply::found(records));
    let (dkim, names) = ask(&resolver).await;
    // That k1 does not exist shows that not every selector does.
    assert_eq!(names, [SUBTREE, &at("k1"), CONTROL, &at("k2")]);
    assert_eq!(dkim.provider.as_deref(), Some("Mailchimp"));
    assert_eq!(dkim.selectors, ["k1", "k2"]);
    assert_eq!(selectors(&dkim), ["k2"]);
    assert_eq!(dkim.keys[0].canonical_name.as_deref(), Some(target));
}

#[tokio::test]
async fn an_unknown_selector_still_shows_that_there_is_one() {
    let resolver = nobodys().await;
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(names.len(), 9, "{names:?}");
    assert_eq!(names[..3], [SUBTREE, &at("default"), CONTROL]);
    assert_eq!(dkim.existence, DkimExistence::SubtreeExists);
    assert_eq!(dkim.subtree.denial, Some(Denial::Nodata));
    assert_eq!(dkim.control.denial, Some(Denial::Nxdomain));
    assert_eq!((dkim.provider, dkim.keys.len()), (None, 0));
    assert_eq!(dkim.selectors.len(), 7);
}

#[tokio::test]
async fn keys_that_were_taken_back_do_not_end_the_search() {
    let resolver = nobodys().await;
    resolver.has_text(&at("default"), REVOKED);
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(dkim.existence, DkimExistence::KeyFound);
    assert_eq!(selectors(&dkim), ["default"]);
    assert!(dkim.keys[0].revoked);
    assert!(names.len() > 4, "{names:?}");

    resolver.has_text(&at("mail"), KEY);
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(selectors(&dkim), ["default", "mail"]);
    assert_eq!(names.last(), Some(&at("mail")));
}

#[tokio::test]
async fn what_is_no_key_is_none_and_one_of_several_is_none_that_counts() {
    let resolver = nobodys().await;
    resolver.has_text(&at("default"), "v=spf1 -all");
    let two = [txt(&at("google"), &[KEY]), txt(&at("google"), &[REVOKED])];
    resolver.says(&at("google"), RecordType::TXT, Reply::found(two));
    let (dkim, _) = ask(&resolver).await;
    assert_eq!(selectors(&dkim), ["google", "google"]);
    let faults: Vec<_> = dkim.keys.iter().map(|key| key.fault).collect();
    assert_eq!(faults, [Some(Fault::SeveralRecords); 2]);
}

#[tokio::test]
async fn a_key_that_every_selector_has_is_no_key() {
    let resolver = nobodys().await;
    for selector in ["default", "google", "selector1", "mail", "dkim", "s1", "k1"] {
        resolver.has_text(&at(selector), REVOKED);
    }
    resolver.has_text(NOBODY, REVOKED);
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(names, [SUBTREE, &at("default"), NOBODY]);
    assert_eq!(dkim.existence, DkimExistence::Wildcard);
    assert_eq!(dkim.wildcard_value.as_deref(), Some(REVOKED));
    assert_eq!(dkim.keys, []);
    assert_eq!(dkim.error, None);

    // A key beside the wildcard is one.
    let resolver = domain("aspmx.l.google.com", "v=spf1 -all").await;
    resolver
        .has_text(NOBODY, REVOKED)
        .has_text(&at("google"), KEY);
    let (dkim, _) = ask(&resolver).await;
    assert_eq!(dkim.existence, DkimExistence::KeyFound);
    assert_eq!(selectors(&dkim), ["google"]);
    assert_eq!(dkim.wildcard_value.as_deref(), Some(REVOKED));
}

#[tokio::test]
async fn where_every_name_exists_only_a_key_tells() {
    let resolver = nobodys().await;
    for name in [CONTROL, NOBODY, &at("default")] {
        resolver.says(name, RecordType::TXT, Reply::nodata(ZONE));
    }
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(names, [SUBTREE, &at("default"), CONTROL, NOBODY]);
    assert_eq!(dkim.existence, DkimExistence::Wildcard);

    // An alias to nowhere is there, too.
    let alias = Reply::found([cname(CONTROL, "nowhere.cz")]).but(ResponseCode::NXDomain);
    resolver.says(CONTROL, RecordType::TXT, alias);
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(names, [SUBTREE, &at("default"), CONTROL, NOBODY]);
    assert_eq!(dkim.existence, DkimExistence::Wildcard);

    // The wildcard beside it makes no names below a name that is really there.
    resolver.says(NOBODY, RecordType::TXT, Reply::nxdomain(ZONE));
    resolver.has_text(&at("google"), KEY);
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(names[3..], [NOBODY, &at("google")]);
    assert_eq!(dkim.existence, DkimExistence::KeyFound);
}

/// NODATA that says that the name does not exist (RFC 9824 3.5).
fn compact(name: &str) -> Reply {
    let next = name_of(&format!("a.{name}")).unwrap();
    let nsec = NSEC::new(next, [RecordType::RRSIG, RecordType::from(128)]);
    Reply::nodata(ZONE).proof(record(name, RData::DNSSEC(DNSSECRData::NSEC(nsec))))
}

#[tokio::test]
async fn compact_denial_proves_nothing() {
    let resolver = domain("aspmx.l.google.com", "v=spf1 -all").await;
    resolver.says(SUBTREE, RecordType::TXT, compact(SUBTREE));
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(names, [SUBTREE, &at("google")]);
    assert_eq!(dkim.existence, DkimExistence::CompactDenial);
    assert_eq!(dkim.error, None);

    resolver
        .says(SUBTREE, RecordType::TXT, Reply::nodata(ZONE))
        .says(CONTROL, RecordType::TXT, compact(CONTROL));
    let (dkim, _) = ask(&resolver).await;
    assert_eq!(dkim.existence, DkimExistence::CompactDenial);

    resolver.has_text(&at("google"), KEY);
    let (dkim, _) = ask(&resolver).await;
    assert_eq!(dkim.existence, DkimExistence::KeyFound);
}

/// NODATA as online signers gave it before RFC 9824: an NSEC from the name to the next one that could
/// be, with types that every such name has.
fn next_of(name: &str, more: &[RecordType]) -> Reply {
    let next = name_of(name).unwrap().prepend_label([0u8].as_slice());
    let types = [RecordType::RRSIG, RecordType::NSEC];
    let nsec = NSEC::new(next.unwrap(), types.into_iter().chain(more.iter().copied()));
    Reply::nodata(ZONE).proof(record(name, RData::DNSSEC(DNSSECRData::NSEC(nsec))))
}

#[tokio::test]
async fn compact_denial_without_nxname_proves_nothing_either() {
    let resolver = nobodys().await;
    let signs_online = |control: Reply| {
        resolver
            .says(SUBTREE, RecordType::TXT, next_of(SUBTREE, &[]))
            .says(CONTROL, RecordType::TXT, control)
            .says(
                &at("default"),
                RecordType::TXT,
                next_of(&at("default"), &[]),
            );
    };
    signs_online(next_of(CONTROL, &[]));
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(dkim.existence, DkimExistence::CompactDenial);
    // There may be something below `_domainkey`: such an answer tells no empty name from none.
    assert_eq!(dkim.subtree.denial, Some(Denial::Nodata));
    assert_eq!(dkim.control.denial, Some(Denial::Compact));
    assert!(names.contains(&at("google")), "{names:?}");
    resolver.has_text(&at("google"), KEY);
    assert_eq!(ask(&resolver).await.0.existence, DkimExistence::KeyFound);

    // A name that has other records is really there: a wildcard made it.
    resolver.says(&at("google"), RecordType::TXT, Reply::nodata(ZONE));
    signs_online(next_of(CONTROL, &[RecordType::A]));
    let (dkim, _) = ask(&resolver).await;
    assert_eq!(dkim.existence, DkimExistence::Wildcard);
}

#[tokio::test]
async fn a_denial_is_believed_when_the_selectors_of_the_provider_are_denied_too() {
    let resolver = domain("mail.protonmail.ch", "v=spf1 -all").await;
    resolver.says(SUBTREE, RecordType::TXT, Reply::nxdomain(ZONE));
    let (dkim, names) = ask(&resolver).await;
    let three = ["protonmail", "protonmail2", "protonmail3"];
    assert_eq!(names[0], SUBTREE);
    assert_eq!(names[1..], three.map(at));
    assert_eq!(dkim.existence, DkimExistence::Absent);
    assert_eq!(dkim.control.outcome, Outcome::NotAttempted);

    // Some name servers deny names that only have others below.
    resolver.has_text(&at("protonmail"), KEY);
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(names, [SUBTREE, &at("protonmail"), NOBODY]);
    assert_eq!(dkim.existence, DkimExistence::KeyFound);

    // What validates leaves nothing open.
    resolver.says(SUBTREE, RecordType::TXT, Reply::nxdomain(ZONE).secure());
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(names, [SUBTREE]);
    assert_eq!(dkim.existence, DkimExistence::Absent);

    let resolver = nobodys().await;
    resolver.says(SUBTREE, RecordType::TXT, Reply::nxdomain(ZONE));
    let (dkim, names) = ask(&resolver).await;
    assert_eq!(names, [SUBTREE]);
    assert_eq!(dkim.existence, DkimExistence::Absent);
}

#[tokio::test]
async fn what_failed_is_unknown_and_asked_once_more() {
    let resolver = domain("x-cz.mail.protection.outlook.com", "v=spf1 -all").await;
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    for name in [SUBTREE, &at("selector1"), &at("selector2")] {
        resolver.on(name, RecordType::TXT, broken.clone());
    }
    let mut seen = walk(&resolver).await;
    assert_eq!(asked(&resolver).len(), 6);
    assert_eq!(seen.row.dkim.existence, DkimExistence::Unknown);
    assert_eq!(seen.row.dkim.error, Some(ErrorCode::Unreachable));
    assert_eq!(seen.row.dkim.selectors, Vec::<String>::new());
    assert!(seen.has_failed());

    resolver
        .says(SUBTREE, RecordType::TXT, Reply::nodata(ZONE))
        .says(&at("selector1"), RecordType::TXT, Reply::nxdomain(ZONE))
        .has_text(&at("selector2"), KEY);
    let before = seen.row.queries;
    seen.ask(&*client(&resolver, LONG).await).await;
    let names = asked(&resolver);
    assert_eq!(
        names,
        [SUBTREE, &at("selector1"), CONTROL, &at("selector2")]
    );
    assert_eq!(seen.row.queries, before + 4);
    assert_eq!(seen.row.dkim.existence, DkimExistence::KeyFound);
    assert_eq!(seen.row.dkim.error, None);
    assert!(!seen.has_failed());
    seen.ask(&*client(&resolver, LONG).await).await;
    assert!(resolver.log().is_empty(), "asked though nothing was open");
}

#[tokio::test]
async fn a_selector_without_an_answer_leaves_open_whether_there_is_a_key() {
    let resolver = nobodys().await;
    let bogus = Manner::ServfailThenCd(Some(6), Reply::found([txt(&at("google"), &[KEY])]));
    resolver.on(&at("google"), RecordType::TXT, bogus);
    let mut seen = walk(&resolver).await;
    assert_eq!(seen.row.dkim.existence, DkimExistence::SubtreeExists);
    assert_eq!(seen.row.dkim.error, Some(ErrorCode::Bogus));
    assert!(!seen.row.dkim.selectors.contains(&"google".to_owned()));
    assert!(seen.has_failed());
    asked(&resolver);

    resolver.has_text(&at("google"), KEY);
    seen.ask(&*client(&resolver, LONG).await).await;
    let names = asked(&resolver);
    assert_eq!(names[0], at("google"));
    assert_eq!(seen.row.dkim.existence, DkimExistence::KeyFound);
    assert!(!seen.has_failed());
}

#[tokio::test]
async fn a_zone_that_fails_throughout_costs_no_more_than_any_other() {
    for host in ["mail.protonmail.ch", "mail.example.cz"] {
        let resolver = domain(host, "v=spf1 -all").await;
        for selector in [
            "protonmail",
            "protonmail2",
            "protonmail3",
            "default",
            "google",
        ] {
            let manner = Manner::SlowOnce(Reply::code(ResponseCode::ServFail), nothing());
            resolver.on(&at(selector), RecordType::TXT, manner);
        }
        for selector in ["selector1", "mail", "dkim", "s1", "k1"] {
            let broken = Manner::ServfailThenCd(None, nothing());
            resolver.on(&at(selector), RecordType::TXT, broken);
        }
        let (dkim, names) = ask(&resolver).await;
        assert!(names.len() > 6, "{names:?}");
        assert_ne!(dkim.error, None, "{names:?}");
    }
}

#[tokio::test]
async fn names_that_do_not_exist_are_not_asked_for_keys() {
    let resolver = Resolver::start().await;
    let walked = walk(&resolver).await;
    assert_eq!(walked.row.mx.kind, Some(MxKind::None));
    assert_eq!(walked.row.dkim.subtree.outcome, Outcome::NotAttempted);
    assert_eq!(asked(&resolver), Vec::<String>::new());
}
