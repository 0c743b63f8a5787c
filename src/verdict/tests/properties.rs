//! What holds for every case: no check panics, reasons have one form, and less knowledge never makes
//! a fault.

use proptest::prelude::*;
use proptest::sample::Index;

use super::generate::facts;
use super::senders::SENDING;
use super::*;
use crate::table::codes::{CheckResult, Class};
use crate::verdict::class::class;

/// Parameters that make a difference, besides the usual ones.
const OTHERS: [(CheckId, &str); 18] = [
    (CheckId::Starttls, "unreached = \"ignore\""),
    (CheckId::Tls13, "unreached = \"ignore\""),
    (CheckId::CertTrusted, "stores = [\"mozilla\", \"other\"]"),
    (CheckId::DanePublished, "host_only = true"),
    (
        CheckId::DaneValid,
        "host_only = true\nunreached = \"ignore\"",
    ),
    (CheckId::ForwardSecrecy, "only = true"),
    (
        CheckId::CiphersWithin,
        "suites = [\"TLS_AES_256_GCM_SHA384\"]",
    ),
    (CheckId::GroupsWithin, "groups = [\"X25519MLKEM768\"]"),
    (CheckId::DnssecAlgorithms, "algorithms = [8]\ndigests = [4]"),
    (CheckId::Dmarc, "ruleset = \"7489\""),
    (CheckId::DmarcEnforced, "ruleset = \"7489\""),
    (CheckId::DmarcSampling, "ruleset = \"7489\""),
    (CheckId::DmarcReject, "ruleset = \"7489\""),
    (CheckId::DmarcSubdomains, "ruleset = \"7489\""),
    (CheckId::DmarcReports, "ruleset = \"7489\""),
    (CheckId::DkimKeys, "rsa_min_bits = 2048"),
    (CheckId::SpfNarrow, "addresses = 1"),
    (
        CheckId::NonSendingLocked,
        "require = [\"sp\", \"adkim\", \"aspf\", \"rua\", \"dkim_null\", \"null_mx\"]",
    ),
];

/// Checks of taking mail whose facts are there.
const DECIDED: [CheckId; 30] = [
    CheckId::ReceivesMail,
    CheckId::MxWellformed,
    CheckId::MxIpv6,
    CheckId::MxUniform,
    CheckId::Starttls,
    CheckId::Tls12,
    CheckId::Tls13,
    CheckId::NoSsl,
    CheckId::NoTls10Or11,
    CheckId::NoWeakCiphers,
    CheckId::CiphersWithin,
    CheckId::GroupsWithin,
    CheckId::ForwardSecrecy,
    CheckId::PqKeyExchange,
    CheckId::CertTrusted,
    CheckId::CertName,
    CheckId::CertCurrent,
    CheckId::CertStrong,
    CheckId::DnssecDomain,
    CheckId::DnssecMailHosts,
    CheckId::DnssecAlgorithms,
    CheckId::DanePublished,
    CheckId::DaneValid,
    CheckId::MtaSts,
    CheckId::MtaStsEnforced,
    CheckId::MtaStsCoversMx,
    CheckId::TlsRpt,
    CheckId::DowngradeProtected,
    CheckId::WebmailHttps,
    CheckId::WebmailHsts,
];

/// Every check with its usual parameters, and some with others.
fn judged(facts: &Facts) -> Vec<(CheckId, Finding)> {
    let case = facts.case();
    let usual = CheckId::ALL
        .iter()
        .map(|id| (*id, Parameters::usual(*id).clone()));
    let others = OTHERS.iter().map(|(id, text)| {
        let table = text.parse().expect("TOML");
        (*id, Parameters::of(*id, &table).expect("parameters"))
    });
    let all = usual.chain(others);
    all.map(|(id, parameters)| (id, checks::run(id, &case, &parameters)))
        .collect()
}

/// A word of lower-case letters, digits and `_`, and behind a colon a number of a number. Or what an
/// SPF record ends in, to the letter.
fn is_proper(reason: &str) -> bool {
    if ["-all", "~all", "?all", "+all"].contains(&reason) {
        return true;
    }
    let word = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        !text.is_empty() && text.bytes().all(plain)
    };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match reason.split_once(':') {
        None => word(reason),
        Some((text, numbers)) => {
            let numbers = numbers.split_once('/');
            word(text) && numbers.is_some_and(|(one, all)| number(one) && number(all))
        }
    }
}

#[test]
fn the_form_of_reasons_is_told_apart() {
    for reason in ["no_mail", "starttls:1/2", "rsa_1024", "~all"] {
        assert!(is_proper(reason), "{reason}");
    }
    for reason in [
        "", "No", "a:b", "a:1", "a:1/", ":1/2", "a b", "a:1/2/3", "~all:1/2", "-no",
    ] {
        assert!(!is_proper(reason), "{reason}");
    }
}

/// The server did not answer: nothing more is known of it than its address.
fn unreach(slot: &mut (Server, Vec<Chain>)) {
    let special = slot.0.special;
    let ipv6 = slot.0.ipv6;
    let server = Server {
        special,
        ipv6,
        ..late()
    };
    *slot = (server, Vec::new());
}

/// No question about the host was answered, and nobody could be dialled.
fn lose(at: &mut At) {
    at.facts = Some(Host {
        addresses: Outcome::Failed,
        aaaa: Outcome::Failed,
        is_half: true,
        tlsa: Outcome::Failed,
        ..Host::default()
    });
    at.servers.clear();
}

/// An included record gave no answer: less is counted, and what decides may not be known.
fn lose_part_of_spf(spf: &mut Spf) {
    spf.graph_error = Some(ErrorCode::Timeout);
    (spf.graph_fault, spf.includes_all) = (None, Some(false));
    (spf.lookups, spf.void_lookups, spf.mx_names) = (Some(1), Some(0), Some(0));
    (spf.ipv4_addresses, spf.ipv6_addresses) = (Some(0), Some(0.0));
    spf.effective_all = None;
}

/// Nobody could ask whether targets want reports.
fn lose_targets(dmarc: &mut Dmarc) {
    let targets = dmarc.rua_targets.iter_mut();
    for target in targets.chain(&mut dmarc.rua_targets_7489) {
        target.authorised = Outcome::Failed;
    }
}

/// A bare hello, or the handshake, had no answer that says something.
fn lose_of_tls(tls: &mut Tls, what: u8) {
    let lost = Gap::Failed(ErrorCode::Timeout);
    let more = |seen: &mut Seen| {
        *seen = Seen {
            accepted: 0,
            gap: Some(lost),
        };
    };
    match what % 6 {
        0 => tls.versions = [VersionResult::Unknown; 6],
        1 => (tls.weak, tls.old, tls.ssl2) = (Weak::Open(lost), lost, lost),
        2 => (tls.forward_secrecy, tls.hybrid) = (None, None),
        3 => more(&mut tls.suites),
        4 => more(&mut tls.groups),
        _ => tls.static_keys = None,
    }
    // One of them alone as well.
    if let Some(version) = tls.versions.get_mut(usize::from(what / 6)) {
        *version = VersionResult::Unknown;
    }
}

/// Takes one answer away.
fn forget(facts: &mut Facts, what: u8, which: Index) {
    let domain = &mut facts.domain;
    match what {
        0 => {
            domain.mx = Mx {
                outcome: Outcome::Failed,
                error: Some(ErrorCode::Timeout),
                ..Mx::default()
            };
            facts.hosts.clear();
        }
        1 => domain.spf = no_spf(),
        2 => domain.dmarc = dmarc_asked(Outcome::Failed, Some(ErrorCode::Timeout)),
        3 => domain.mta_sts = no_record(),
        4 => domain.tls_rpt = no_record(),
        5 if !facts.lists.zones.is_empty() => {
            let at = which.index(facts.lists.zones.len());
            facts.lists.zones[at].is_known = false;
        }
        6 if !facts.hosts.is_empty() => {
            let at = which.index(facts.hosts.len());
            if let Some(host) = facts.hosts[at].facts.as_mut() {
                host.tlsa = Outcome::Failed;
                host.tlsa_security = Security::NotChecked;
                (host.usable, host.anchors) = (0, 0);
            }
        }
        7 => domain.existence = Existence::Failed,
        8 => lose_part_of_spf(&mut domain.spf),
        9 => lose_targets(&mut domain.dmarc),
        10 => {
            domain.dkim = Dkim {
                error: Some(ErrorCode::Timeout),
                ..dkim_seen(DkimExistence::Unknown)
            };
        }
        11 => {
            facts.policy = Some(Policy {
                fetched: Fetched::Unknown(ErrorCode::Timeout),
                certificate: None,
                ..policy()
            });
        }
        12 => {
            domain.client_search.webmail = Searched {
                outcome: Outcome::Failed,
                error: Some(ErrorCode::Timeout),
            };
        }
        13 => {
            if let Some(webmail) = &mut facts.webmail {
                let ports = [&mut webmail.http, &mut webmail.https];
                let at = which.index(ports.len());
                *ports.into_iter().nth(at).expect("one of two") = Port::Open("timeout".into());
            }
        }
        _ if !facts.hosts.is_empty() => {
            let at = which.index(facts.hosts.len());
            lose(&mut facts.hosts[at]);
        }
        _ => {}
    }
}

/// The properties below say little where nothing passes or fails.
#[test]
fn cases_by_chance_come_to_every_result() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..5_000 {
        let facts = facts().new_tree(&mut runner).expect("a case").current();
        let all = judged(&facts).into_iter();
        seen.extend(all.map(|(check, finding)| (check, finding.result)));
    }
    for check in CheckId::ALL {
        assert!(seen.contains(&(*check, CheckResult::Unknown)), "{check}");
    }
    for check in DECIDED.into_iter().chain(SENDING) {
        for result in [CheckResult::Pass, CheckResult::Fail] {
            assert!(seen.contains(&(check, result)), "{check} {result}");
        }
    }
}

proptest! {
    #[test]
    fn every_check_has_a_reason_of_one_form(facts in facts()) {
        for (check, finding) in judged(&facts) {
            prop_assert!(is_proper(&finding.reason), "{check}: {}", said(&finding));
        }
    }

    /// Less is known, so nothing that was no fault becomes one. It may become a pass: an address
    /// that was not reached is left out beside one that was.
    #[test]
    fn a_server_that_was_not_reached_is_no_fault(mut facts in facts(), which: (Index, Index)) {
        let before = judged(&facts);
        let hosts = facts.hosts.iter_mut().filter(|at| !at.servers.is_empty());
        let mut hosts: Vec<_> = hosts.collect();
        prop_assume!(!hosts.is_empty());
        let at = which.0.index(hosts.len());
        let slots = &mut hosts[at].servers;
        let slot = which.1.index(slots.len());
        unreach(&mut slots[slot]);
        for ((check, one), (_, other)) in before.iter().zip(judged(&facts)) {
            let is_new = one.result != CheckResult::Fail && other.result == CheckResult::Fail;
            prop_assert!(
                !is_new,
                "{check}: {} -> {}", said(one), said(&other)
            );
        }
    }

    /// An answer of the DNS that is lost makes neither a fault nor the end of one: whoever loses it
    /// knows less, and no rule leaves out a host, a zone or a record that is not known.
    #[test]
    fn an_answer_that_was_lost_decides_nothing(
        mut facts in facts(), what in 0_u8..16, which: Index,
    ) {
        let before = judged(&facts);
        forget(&mut facts, what, which);
        for ((check, one), (_, other)) in before.iter().zip(judged(&facts)) {
            let is_new = one.result != CheckResult::Fail && other.result == CheckResult::Fail;
            let is_gone = one.result == CheckResult::Fail && other.result == CheckResult::Pass;
            // A host of which nothing is known may be left out, if the parameter says so.
            let is_gone = is_gone && what < 14;
            prop_assert!(!is_new && !is_gone, "{check}: {} -> {}", said(one), said(&other));
        }
    }

    /// Nor does what a server did not say to a hello.
    #[test]
    fn a_hello_without_an_answer_decides_nothing(
        mut facts in facts(), which: (Index, Index), what in 0_u8..36,
    ) {
        let before = judged(&facts);
        let mut hosts: Vec<_> = facts.hosts.iter_mut().collect();
        let at = which.0.index(hosts.len());
        let slots = &mut hosts[at].servers;
        let slot = which.1.index(slots.len());
        lose_of_tls(&mut slots[slot].0.tls, what);
        for ((check, one), (_, other)) in before.iter().zip(judged(&facts)) {
            let decided = |finding: &Finding| {
                matches!(finding.result, CheckResult::Pass | CheckResult::Fail)
            };
            let is_new = decided(&other) && other.result != one.result;
            prop_assert!(!is_new, "{check}: {} -> {}", said(one), said(&other));
        }
    }

    #[test]
    fn the_class_of_a_domain_agrees_with_whether_it_takes_mail(facts in facts()) {
        use Class as K;
        let results: &[CheckResult] = match class(&facts.case()) {
            K::ExplicitMx | K::ImplicitMx => &[CheckResult::Pass],
            K::NullMx | K::NoMail | K::MxUnusable | K::WebOnly => &[CheckResult::Fail],
            K::ImplicitUnknown | K::Unknown => &[CheckResult::Unknown],
            K::Nonexistent => &[CheckResult::NotApplicable],
            // Whatever the records of its parent say.
            K::Undelegated => return Ok(()),
        };
        let finding = facts.finding(CheckId::ReceivesMail);
        prop_assert!(results.contains(&finding.result), "{}", said(&finding));
    }
}
