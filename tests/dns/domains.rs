//! The questions about a domain: which are asked, and what they are taken for.

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use mailcensus::dns::domain::Walk;
use mailcensus::table::codes::{Denial, ErrorCode, Existence, MxKind, Outcome, Security};

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, a, aaaa, cname, mx, ns, txt};

#[tokio::test]
async fn a_domain_is_asked_eleven_questions_or_twelve() {
    let resolver = domain().await;
    resolver.says(
        ZONE,
        RecordType::MX,
        Reply::found([mx(ZONE, 10, "mail.example.cz")]),
    );
    let client = client(&resolver, LONG).await;
    let seen = walk_to(ZONE, &client).await;
    let questions = [
        "DNSKEY example.cz",
        "DS example.cz",
        "MX example.cz",
        "NS example.cz",
        "TXT _dmarc.cz",
        "TXT _dmarc.example.cz",
        "TXT _domainkey.example.cz",
        "TXT _mta-sts.example.cz",
        "TXT _smtp._tls.example.cz",
        "TXT example.cz",
    ];
    let log = resolver.take_log();
    assert_eq!(log[..2], ["CAA cz", "CAA example.cz"]);
    assert_eq!(log[2..], questions);
    assert_eq!(seen.row.queries, 12);
    assert_eq!(seen.row.existence, Existence::Exists);
    assert_eq!(seen.row.mx.kind, Some(MxKind::Explicit));
    assert!(!seen.has_failed());

    // What the top-level domain says is known by now; who takes no mail needs no CAA.
    resolver.says(ZONE, RecordType::MX, Reply::nodata(ZONE));
    let seen = walk_to(ZONE, &client).await;
    let log = resolver.take_log();
    assert_eq!(log[..2], ["A example.cz", "AAAA example.cz"]);
    let own = questions.iter().filter(|line| **line != "TXT _dmarc.cz");
    assert!(log[2..].iter().eq(own), "{log:?}");
    assert_eq!(seen.row.queries, 11);
    assert_eq!(seen.row.mx.kind, Some(MxKind::None));
}

#[tokio::test]
async fn a_domain_that_is_asked_about_takes_little_memory() {
    let resolver = Resolver::start().await;
    let client = client(&resolver, LONG).await;
    let mut walk = Walk::new(ZONE, ZONE.to_owned());
    // Thousands are under way at a time.
    let size = size_of_val(&walk.ask(&client));
    assert!(size < 32 << 10, "{size} bytes");
}

#[tokio::test]
async fn txt_records_are_joined_counted_and_told_apart() {
    let resolver = domain().await;
    let records = [
        txt(ZONE, &["v=spf1 include:", "b.example", " -all"]),
        txt(ZONE, &["v=spf1 -all"]),
        txt(ZONE, &["verification=1"]),
    ];
    let dmarc = "_dmarc.example.cz";
    resolver.says(ZONE, RecordType::TXT, Reply::found(records));
    resolver.says(
        dmarc,
        RecordType::TXT,
        Reply::found([txt(dmarc, &["junk \x1b[m"])]),
    );
    let row = walk(&resolver).await.row;
    assert_eq!((row.spf.outcome, row.spf.count), (Outcome::Found, 2));
    assert_eq!(row.spf.record.as_deref(), Some("v=spf1 -all"));
    assert!(
        row.spf
            .texts
            .contains(&"v=spf1 include:b.example -all".to_owned())
    );
    assert_eq!(row.spf.texts.len(), 3);
    assert_eq!(row.dmarc.outcome, Outcome::Absent);
    assert_eq!(row.dmarc.denial, Some(Denial::OtherTxt));
    assert_eq!((row.dmarc.count, row.dmarc.record), (0, None));
    assert_eq!(row.dmarc.texts, [r"junk \x1b[m"]);
    assert_eq!(row.mta_sts.denial, Some(Denial::Nxdomain));
}

#[tokio::test]
async fn mx_sets_of_every_kind() {
    let resolver = domain().await;
    let null = mx(ZONE, 0, ".");
    resolver.says(ZONE, RecordType::MX, Reply::found([null.clone()]));
    let row = walk(&resolver).await.row;
    assert_eq!(row.mx.kind, Some(MxKind::Null));
    assert_eq!(row.existence, Existence::Exists);

    let beside = mx(ZONE, 10, "mail.example.cz");
    resolver.says(ZONE, RecordType::MX, Reply::found([beside, null]));
    let row = walk(&resolver).await.row;
    assert_eq!(row.mx.kind, Some(MxKind::Explicit));
    let hosts: Vec<&str> = row.mx.records.iter().map(|mx| mx.host.as_str()).collect();
    assert_eq!(hosts, [".", "mail.example.cz"]);

    let many = (0..12)
        .rev()
        .map(|number| mx(ZONE, number, &format!("m{number}.example.cz")));
    resolver.says(ZONE, RecordType::MX, Reply::found(many));
    let row = walk(&resolver).await.row;
    assert!(row.mx.truncated);
    let kept: Vec<u16> = row.mx.records.iter().map(|mx| mx.preference).collect();
    assert_eq!(kept, (0..10).collect::<Vec<u16>>());

    resolver.says(ZONE, RecordType::MX, Reply::nodata(ZONE));
    resolver.says(
        ZONE,
        RecordType::AAAA,
        Reply::found([aaaa(ZONE, "2001:db8::1")]),
    );
    let row = walk(&resolver).await.row;
    assert_eq!(row.mx.kind, Some(MxKind::Implicit));
}

#[tokio::test]
async fn nxdomain_and_a_lame_zone_end_the_questions() {
    let resolver = Resolver::start().await;
    let seen = walk(&resolver).await;
    assert_eq!(resolver.take_log(), ["MX example.cz", "NS example.cz"]);
    assert_eq!(seen.row.existence, Existence::Nxdomain);
    assert_eq!(seen.row.mx.kind, Some(MxKind::None));
    assert!(!seen.has_failed());

    let lame = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver.on(ZONE, RecordType::MX, lame.clone());
    resolver.on(ZONE, RecordType::NS, lame);
    let seen = walk(&resolver).await;
    assert_eq!(
        resolver.take_log(),
        [
            "MX example.cz",
            "MX example.cz +cd",
            "NS example.cz",
            "NS example.cz +cd"
        ]
    );
    assert_eq!(seen.row.existence, Existence::Failed);
    assert_eq!(seen.row.mx.error, Some(ErrorCode::Unreachable));
    assert_eq!(seen.row.spf.outcome, Outcome::NotAttempted);
    assert!(seen.has_failed());
}

#[tokio::test]
async fn one_nxdomain_does_not_outweigh_an_answer_that_is_there() {
    // Some name servers say NXDOMAIN to types they do not know.
    let resolver = domain().await;
    resolver.says(ZONE, RecordType::NS, Reply::nxdomain("cz"));
    let records = [mx(ZONE, 10, "mail.example.cz")];
    resolver.says(ZONE, RecordType::MX, Reply::found(records));
    let row = walk(&resolver).await.row;
    assert_eq!(row.existence, Existence::Exists);
    assert_eq!(row.mx.kind, Some(MxKind::Explicit));
    assert_ne!(row.spf.outcome, Outcome::NotAttempted);

    let resolver = domain().await;
    resolver.says(ZONE, RecordType::MX, Reply::nxdomain("cz"));
    let row = walk(&resolver).await.row;
    assert_eq!(row.existence, Existence::Exists);
    assert_ne!(row.spf.outcome, Outcome::NotAttempted);
}

#[tokio::test]
async fn nxdomain_of_a_name_that_is_there_is_no_absence() {
    const WRONG: (Outcome, Option<ErrorCode>) = (Outcome::Failed, Some(ErrorCode::ProtocolError));
    // Resolvers keep NXDOMAIN for the whole name (RFC 8020), whatever was asked.
    let resolver = domain().await;
    for kind in ["MX", "TXT", "DS", "DNSKEY"] {
        resolver.says(ZONE, kind.parse().unwrap(), Reply::nxdomain("cz"));
    }
    let seen = walk(&resolver).await;
    let row = &seen.row;
    assert_eq!(row.existence, Existence::Exists);
    assert_eq!((row.mx.outcome, row.mx.error), WRONG);
    assert_eq!((row.mx.kind, row.mx.denial), (None, None));
    assert_eq!((row.spf.outcome, row.spf.error), WRONG);
    assert_eq!(row.spf.denial, None);
    let zone = seen.zone.as_ref().unwrap();
    for answer in [&zone.ds_answer, &zone.dnskey_answer] {
        assert_eq!((answer.outcome, answer.error), WRONG);
    }
    assert_eq!(zone.security, Security::NotChecked);
    assert!(seen.has_failed());

    let resolver = domain().await;
    for kind in ["NS", "TXT", "CAA"] {
        resolver.says(ZONE, kind.parse().unwrap(), Reply::nxdomain("cz"));
    }
    let host = mx(ZONE, 10, "mail.example.cz");
    resolver.says(ZONE, RecordType::MX, Reply::found([host]));
    let row = walk(&resolver).await.row;
    assert_eq!((row.delegation.outcome, row.delegation.error), WRONG);
    assert_eq!((row.spf.outcome, row.spf.error), WRONG);
    assert_eq!((row.caa.outcome, row.caa.error), WRONG);

    // Whether it takes mail, too, its addresses cannot say.
    let resolver = domain().await;
    for kind in [RecordType::A, RecordType::AAAA] {
        resolver.says(ZONE, kind, Reply::nxdomain("cz"));
    }
    let record = txt(ZONE, &["v=spf1 a -all"]);
    resolver.says(ZONE, RecordType::TXT, Reply::found([record]));
    let seen = walk(&resolver).await;
    assert_eq!(seen.row.mx.kind, None);
    assert_eq!(seen.row.spf.graph_error, Some(ErrorCode::ProtocolError));
    assert!(seen.has_failed());
    for kind in [RecordType::A, RecordType::AAAA] {
        resolver.says(ZONE, kind, Reply::nodata(ZONE));
    }
    let mut seen = seen;
    seen.ask(&*client(&resolver, LONG).await).await;
    assert_eq!(seen.row.mx.kind, Some(MxKind::None));
    assert_eq!(seen.row.spf.graph_error, None);
    assert!(!seen.has_failed());
}

#[tokio::test]
async fn a_denial_that_does_not_validate_is_no_proof_of_absence() {
    let resolver = Resolver::start().await;
    for kind in [RecordType::MX, RecordType::NS] {
        let bogus = Manner::ServfailThenCd(Some(6), Reply::nxdomain("cz"));
        resolver.on(ZONE, kind, bogus);
    }
    let seen = walk(&resolver).await;
    assert_eq!(seen.row.existence, Existence::Exists);
    assert_eq!(seen.row.mx.security, Security::Bogus);
    assert!(seen.has_failed(), "it is asked once more before it counts");
}

#[tokio::test]
async fn a_name_that_turns_out_to_be_there_is_asked_for_its_addresses() {
    let resolver = domain().await;
    resolver.says(ZONE, RecordType::MX, Reply::nxdomain("cz"));
    let lame = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver.on(ZONE, RecordType::NS, lame);
    resolver.says(ZONE, RecordType::A, Reply::found([a(ZONE, "192.0.2.1")]));
    let client = client(&resolver, LONG).await;
    let mut seen = Walk::new(ZONE, ZONE.to_owned());
    seen.ask(&client).await;
    assert_eq!(seen.row.existence, Existence::Nxdomain);
    assert!(seen.has_failed());

    let found = Reply::found([ns(ZONE, "ns.example.cz")]);
    resolver.says(ZONE, RecordType::NS, found);
    seen.ask(&client).await;
    assert_eq!(seen.row.existence, Existence::Exists);
    assert_eq!(seen.row.mx.error, Some(ErrorCode::ProtocolError));
    assert_eq!(seen.row.mx.kind, None);
    resolver.says(ZONE, RecordType::MX, Reply::nodata(ZONE));
    seen.ask(&client).await;
    assert_eq!(seen.row.mx.kind, Some(MxKind::Implicit));

    // And the other way round, where it is the MX that shows itself later.
    let resolver = domain().await;
    resolver.says(ZONE, RecordType::NS, Reply::nxdomain("cz"));
    let lame = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver.on(ZONE, RecordType::MX, lame);
    let client = self::client(&resolver, LONG).await;
    let mut seen = Walk::new(ZONE, ZONE.to_owned());
    seen.ask(&client).await;
    assert_eq!(seen.row.mx.kind, Some(MxKind::None));
    let found = Reply::found([mx(ZONE, 10, "mail.example.cz")]);
    resolver.says(ZONE, RecordType::MX, found);
    seen.ask(&client).await;
    assert_eq!(seen.row.existence, Existence::Exists);
    assert_eq!(seen.row.mx.kind, Some(MxKind::Explicit));
}

#[tokio::test]
async fn an_alias_to_nowhere_exists() {
    let resolver = Resolver::start().await;
    for kind in ["MX", "NS", "TXT", "A", "AAAA"] {
        let reply = Reply::found([cname(ZONE, "nowhere.cz")]).but(ResponseCode::NXDomain);
        resolver.says(ZONE, kind.parse().unwrap(), reply);
    }
    let row = walk(&resolver).await.row;
    assert_eq!(row.existence, Existence::Undelegated);
    assert_eq!(row.mx.kind, Some(MxKind::None));
    assert_eq!(row.mx.denial, Some(Denial::Nxdomain));
    assert_eq!(row.spf.outcome, Outcome::Absent);
}

#[tokio::test]
async fn asking_again_asks_only_what_failed() {
    let resolver = domain().await;
    let broken = Manner::ServfailThenCd(None, Reply::code(ResponseCode::ServFail));
    resolver.says(
        ZONE,
        RecordType::MX,
        Reply::found([mx(ZONE, 10, "mail.example.cz")]),
    );
    resolver.on("_dmarc.example.cz", RecordType::TXT, broken.clone());
    resolver.on(ZONE, RecordType::DNSKEY, broken);
    let mut seen = walk(&resolver).await;
    assert!(seen.has_failed());
    assert_eq!(seen.row.dmarc.outcome, Outcome::Failed);
    assert_eq!(seen.row.dmarc.error, Some(ErrorCode::Servfail));
    resolver.take_log();

    let record = txt("_dmarc.example.cz", &["v=DMARC1; p=none"]);
    resolver.says("_dmarc.example.cz", RecordType::TXT, Reply::found([record]));
    resolver.says(ZONE, RecordType::DNSKEY, Reply::nodata(ZONE));
    let before = seen.row.queries;
    seen.ask(&*client(&resolver, LONG).await).await;
    assert_eq!(
        resolver.take_log(),
        [
            "DNSKEY example.cz",
            "TXT _dmarc.cz",
            "TXT _dmarc.example.cz"
        ]
    );
    assert_eq!(seen.row.queries, before + 3);
    assert_eq!(seen.row.dmarc.outcome, Outcome::Found);
    assert_eq!(seen.row.dmarc.error, None);
    assert_eq!(seen.row.mx.outcome, Outcome::Found);
    assert!(!seen.has_failed());
    seen.ask(&*client(&resolver, LONG).await).await;
    assert!(resolver.log().is_empty(), "asked though nothing was open");
}

#[tokio::test]
async fn a_name_that_does_not_exist_stays_so_while_ns_fails() {
    let resolver = Resolver::start().await;
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver.on(ZONE, RecordType::NS, broken);
    let mut seen = walk(&resolver).await;
    assert_eq!(seen.row.existence, Existence::Nxdomain);
    resolver.take_log();
    seen.ask(&*client(&resolver, LONG).await).await;
    assert_eq!(resolver.take_log(), ["NS example.cz", "NS example.cz +cd"]);
    assert_eq!(seen.row.existence, Existence::Nxdomain);
}
