//! What the DNS tells about our own place: the clock, and the name of our address.

use std::net::IpAddr;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use mailcensus::dns::{clock, reverse};
use mailcensus::table::preflight::{Trial, Tried};

use super::*;
use crate::lab::dns::{Manner, a, aaaa, ptr, rrsig};

const DAY: u32 = 86_400;
const EHLO: &str = "survey.example.cz";

/// A signature that holds from so many days before or after now until so many.
fn signature(from: i64, until: i64) -> Reply {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let day = |days: i64| {
        let seconds = now.as_secs() as i64 + days * i64::from(DAY);
        u32::try_from(seconds).unwrap()
    };
    Reply::found([rrsig(ZONE, day(from), day(until))])
}

async fn clock_by(manner: Manner) -> Tried {
    let resolver = Resolver::start().await;
    resolver.on(ZONE, RecordType::SOA, manner);
    let client = client(&resolver, LONG).await;
    clock::check(&client, ZONE).await
}

#[tokio::test]
async fn signatures_tell_whether_the_clock_is_right() {
    let now = clock_by(Manner::Honest(signature(-1, 1).secure())).await;
    assert_eq!(now.result, Trial::Pass, "{now:?}");
    assert!(
        now.detail
            .contains("a signature of example.cz holds from 20")
    );
    for days in [(-3, -2), (2, 3)] {
        let reply = signature(days.0, days.1);
        let wrong = clock_by(Manner::Honest(reply.clone().secure())).await;
        assert_eq!(wrong.result, Trial::Fail, "{wrong:?}");
        assert!(wrong.detail.starts_with("it is 20"), "{wrong:?}");
        // A resolver with the same clock does not validate; what it has without tells.
        let wrong = clock_by(Manner::ServfailThenCd(Some(7), reply)).await;
        assert_eq!(wrong.result, Trial::Fail, "{wrong:?}");
    }
}

#[tokio::test]
async fn without_a_signature_the_clock_is_unknown() {
    let unsigned = Manner::Honest(nothing().secure());
    let unvalidated = Manner::Honest(signature(-3, -2));
    let refused = Manner::Honest(Reply::code(ResponseCode::Refused));
    for manner in [unsigned, unvalidated, refused] {
        let told = clock_by(manner.clone()).await;
        assert_eq!(told.result, Trial::Unknown, "{manner:?}: {told:?}");
    }
}

/// What a resolver that says this of the address, and that of the name, makes of us.
async fn reversed(ip: &str, reverse: Reply, forward: Reply) -> Tried {
    let resolver = Resolver::start().await;
    let (name, kind) = match ip {
        "192.0.2.7" => ("7.2.0.192.in-addr.arpa", RecordType::A),
        _ => (
            "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            RecordType::AAAA,
        ),
    };
    resolver
        .says(name, RecordType::PTR, reverse)
        .says(EHLO, kind, forward);
    let client = client(&resolver, LONG).await;
    reverse::check(&client, ip.parse::<IpAddr>().unwrap(), EHLO).await
}

#[tokio::test]
async fn an_address_must_lead_to_our_name_and_back() {
    let v4 = "192.0.2.7";
    let v6 = "2001:db8::7";
    let named = |target: &str| Reply::found([ptr("7.2.0.192.in-addr.arpa", target)]);
    let leads = || Reply::found([a(EHLO, v4)]);
    let cases = [
        (named(EHLO), leads(), Trial::Pass, "and back"),
        // Nobody says that there is only one name.
        (
            Reply::found([
                ptr("7.2.0.192.in-addr.arpa", "other.example.cz"),
                ptr("7.2.0.192.in-addr.arpa", EHLO),
            ]),
            Reply::found([a(EHLO, "192.0.2.8"), a(EHLO, v4)]),
            Trial::Pass,
            "and back",
        ),
        (
            Reply::nxdomain("arpa"),
            leads(),
            Trial::Fail,
            "no reverse name",
        ),
        (nothing(), leads(), Trial::Fail, "no reverse name"),
        (
            named("other.example.cz"),
            leads(),
            Trial::Fail,
            "is other.example.cz, not survey.example.cz",
        ),
        (
            named(EHLO),
            Reply::found([a(EHLO, "192.0.2.8")]),
            Trial::Fail,
            "does not lead back",
        ),
        (named(EHLO), nothing(), Trial::Fail, "does not lead back"),
        (servfail(22), leads(), Trial::Unknown, "unreachable"),
        (named(EHLO), servfail(22), Trial::Unknown, "unreachable"),
    ];
    for (reverse, forward, result, words) in cases {
        let tried = reversed(v4, reverse.clone(), forward).await;
        assert_eq!(tried.result, result, "{reverse:?}: {tried:?}");
        assert!(tried.detail.contains(words), "{tried:?}");
    }
    let arpa = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    let reverse = Reply::found([ptr(arpa, EHLO)]);
    let tried = reversed(v6, reverse, Reply::found([aaaa(EHLO, v6)])).await;
    assert_eq!(tried.result, Trial::Pass, "{tried:?}");
}

/// A survey of one domain by this resolver, which validates as it should; the manifest it left.
async fn surveyed(secure: Reply, flags: &[&str]) -> (Option<String>, serde_json::Value, Resolver) {
    let resolver = Resolver::start().await;
    resolver
        .says(ZONE, RecordType::SOA, secure)
        .on(
            "bogus.cz",
            RecordType::SOA,
            Manner::ServfailThenCd(Some(9), nothing()),
        )
        .says("unsigned.cz", RecordType::SOA, nothing());
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("list");
    std::fs::write(&list, "asked.cz\n").unwrap();
    let (list, out) = (list.display().to_string(), dir.path().join("out"));
    let (to, dir) = (resolver.address.to_string(), out.display().to_string());
    let mut words = vec!["survey", &list, "--out", &dir];
    words.extend(["--resolver", &to, "--lab", "127.0.0.0/8", "--ehlo", EHLO]);
    words.extend(["--connections", "10", "--dns-rate", "0"]);
    words.extend(["--preflight", "secure=example.cz"]);
    words.extend(["--preflight", "bogus=bogus.cz"]);
    words.extend(["--preflight", "unsigned=unsigned.cz"]);
    words.extend(flags);
    let mut program = Command::new(env!("CARGO_BIN_EXE_mailcensus"));
    program.args(words);
    let ran = tokio::task::spawn_blocking(move || program.output()).await;
    let ran = ran.unwrap().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    let manifest = std::fs::read_to_string(out.join("survey.json")).unwrap();
    let error = (ran.status.code() == Some(2)).then_some(said);
    (error, serde_json::from_str(&manifest).unwrap(), resolver)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_wrong_clock_a_survey_asks_for_nothing() {
    let (error, manifest, resolver) = surveyed(signature(-3, -2).secure(), &[]).await;
    let error = error.expect("a refusal");
    for words in ["the clock is wrong", "set it", "secure=NAME"] {
        assert!(error.contains(words), "{error}");
    }
    let found = &manifest["vantage"]["preflight"];
    assert_eq!(found["clock"]["result"], "fail", "{found}");
    assert_eq!(found["resolver"]["result"], "pass", "{found}");
    let end = manifest["runs"][0]["end"].as_str().unwrap();
    assert!(error.contains(end), "{error}");
    let log = resolver.log();
    assert!(!log.iter().any(|line| line.contains("asked.cz")), "{log:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_named_address_is_checked_also_in_the_lab() {
    let arpa = "7.2.0.192.in-addr.arpa";
    let flags = ["--source-address", "192.0.2.7"];
    let (error, manifest, resolver) = surveyed(signature(-1, 1).secure(), &flags).await;
    assert_eq!(error, None);
    let found = &manifest["vantage"]["preflight"];
    // Nobody taught this resolver our name.
    assert_eq!(found["reverse_name_ipv4"]["result"], "fail", "{found}");
    assert_eq!(manifest["vantage"]["source_addresses"][0], "192.0.2.7");
    let log = resolver.log();
    assert!(log.contains(&format!("PTR {arpa}")), "{log:?}");
    assert!(log.contains(&"MX asked.cz".to_owned()), "{log:?}");
}
