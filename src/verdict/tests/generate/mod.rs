//! Cases by chance: every field on its own, so that also what no survey would write is there.

mod policies;

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use policies::{a_dkim, a_dmarc, an_spf, an_sts_policy, fault, valid};

/// Names of hosts, one a literal.
const NAMES: [&str; 4] = [
    "mx1.example.cz",
    "mx2.example.cz",
    "example.cz",
    "192.0.2.1",
];

const ANSWERS: [Answered; 11] = [
    Answered::Works,
    Answered::NotOffered,
    Answered::Stripped,
    Answered::Refused,
    Answered::Vantage,
    Answered::Broken,
    Answered::Inconsistent,
    Answered::Unconfirmed,
    Answered::Unknown(ErrorCode::Timeout),
    Answered::Unknown(ErrorCode::Excluded),
    Answered::Unknown(ErrorCode::NoIpv6Vantage),
];

/// What most cases have, or else one of these. Passes would be rare where everything is as likely.
fn mostly<T: Clone + std::fmt::Debug + 'static>(
    usual: T,
    others: Vec<T>,
) -> impl Strategy<Value = T> + Clone {
    prop_oneof![5 => Just(usual), 1 => select(others)]
}

fn outcome() -> impl Strategy<Value = Outcome> + Clone {
    use Outcome::{Absent, Failed, Found, NotAttempted};
    mostly(Found, vec![Absent, Failed, NotAttempted])
}

fn error() -> impl Strategy<Value = Option<ErrorCode>> + Clone {
    let errors = [ErrorCode::Timeout, ErrorCode::Bogus, ErrorCode::Servfail];
    option::weighted(0.1, select(errors.to_vec()))
}

fn security() -> impl Strategy<Value = Security> + Clone {
    use Security::{Bogus, Indeterminate, Insecure, NotChecked, Secure};
    mostly(Secure, vec![Insecure, Bogus, Indeterminate, NotChecked])
}

fn a_text() -> impl Strategy<Value = Text> {
    let all = (outcome(), error(), 0_u16..3, valid(), fault());
    all.prop_map(|(outcome, error, count, valid, fault)| Text {
        outcome,
        error,
        count,
        valid,
        fault,
    })
}

fn a_host() -> impl Strategy<Value = Host> {
    let aaaa = (outcome(), prop::bool::weighted(0.1));
    let tlsa = (outcome(), security(), mostly(1, vec![0, 2, 3]), 0_u64..4);
    let rarely = || prop::bool::weighted(0.1);
    let flags = (rarely(), rarely(), option::weighted(0.9, 0_u32..3));
    let addresses = (outcome(), security());
    (addresses, aaaa, tlsa, flags).prop_map(|(addresses, aaaa, tlsa, flags)| Host {
        addresses: addresses.0,
        security: addresses.1,
        aaaa: aaaa.0,
        is_half: aaaa.1 || aaaa.0 == Outcome::Failed,
        is_alias: flags.0,
        truncated: flags.1,
        tlsa: tlsa.0,
        tlsa_security: tlsa.1,
        usable: tlsa.2,
        counting: tlsa.2,
        anchors: tlsa.3,
        zone: flags.2,
    })
}

fn a_gap() -> impl Strategy<Value = Gap> + Clone {
    let others = vec![
        Gap::NotMeasured,
        Gap::Depth,
        Gap::Failed(ErrorCode::Timeout),
    ];
    mostly(Gap::NotSeen, others)
}

fn some_versions() -> impl Strategy<Value = [VersionResult; 6]> {
    use VersionResult::{Accepted, ImpliedRefused, Refused, Unknown};
    let others = || vec![Accepted, Refused, ImpliedRefused, Unknown];
    let (old, new) = (mostly(Refused, others()), mostly(Accepted, others()));
    (prop::array::uniform4(old), prop::array::uniform2(new))
        .prop_map(|(old, new)| [old[0], old[1], old[2], old[3], new[0], new[1]])
}

fn a_seen(usual: u32) -> impl Strategy<Value = Seen> {
    let accepted = mostly(usual, vec![0, 3, 4, 5]);
    (accepted, option::of(a_gap())).prop_map(|(accepted, gap)| Seen { accepted, gap })
}

fn a_tls() -> impl Strategy<Value = Tls> {
    let weak = mostly(
        Weak::Refused,
        vec![
            Weak::Accepted(Weakness::Null),
            Weak::Accepted(Weakness::TripleDes),
            Weak::Open(Gap::NotSeen),
            Weak::Open(Gap::Failed(ErrorCode::Reset)),
        ],
    );
    let keys = (
        mostly(Some(true), vec![Some(false), None]),
        mostly(Some(false), vec![Some(true), None]),
        option::of(any::<bool>()),
    );
    let seen = (a_seen(SUITES), a_seen(GROUPS));
    (some_versions(), a_gap(), a_gap(), weak, keys, seen).prop_map(
        |(versions, old, ssl2, weak, keys, seen)| Tls {
            versions,
            old,
            ssl2,
            weak,
            forward_secrecy: keys.0,
            static_keys: keys.1,
            hybrid: keys.2,
            suites: seen.0,
            groups: seen.1,
        },
    )
}

fn a_server() -> impl Strategy<Value = Server> {
    let answer = mostly(Answered::Works, ANSWERS.to_vec());
    let odd = || prop::bool::weighted(0.2);
    let flags = [odd(), odd(), odd(), odd(), odd()];
    (answer, flags, a_tls()).prop_map(|(starttls, flags, tls)| {
        let special = flags[3] && flags[4];
        Server {
            ipv6: flags[0],
            // Nobody dials a special-purpose address.
            reached: !flags[1] && !special,
            refused: flags[2],
            special,
            country: None,
            rpki: None,
            starttls,
            tls,
        }
    })
}

fn a_chain() -> impl Strategy<Value = Chain> {
    use NameMatch::{CnOnly, San};
    let source = mostly(ChainSource::Observed, vec![ChainSource::Shared]);
    let dates = mostly(Dates::Current, vec![Dates::Expired, Dates::Malformed]);
    let others = vec![Some(CnOnly), Some(NameMatch::None), None];
    let name_match = mostly(Some(San), others);
    let (matches, few) = (mostly(1, vec![0, 2, 3]), || mostly(0_u32, vec![1, 2, 3, 4]));
    let times = (any::<bool>(), 0_u8..3, any::<bool>());
    let numbers = (few(), few());
    (source, dates, name_match, matches, times, numbers).prop_map(
        |(source, dates, name_match, matches, times, (trust, keys))| Chain {
            source,
            dates,
            name_match,
            matches,
            matches_again: times.0,
            seen: times.1,
            is_rsa: times.2,
            trust,
            keys,
        },
    )
}

fn some_named() -> impl Strategy<Value = Named> {
    use Again::{Failed, Found, Gone, NotAsked};
    let again = select(vec![NotAsked, Failed, Gone, Found]);
    let unseen = option::of(Just(ErrorCode::SniBudget));
    (unseen, again, any::<bool>()).prop_map(|(unseen, again, knows_other_key)| Named {
        unseen,
        again,
        knows_other_key,
    })
}

fn an_at() -> impl Strategy<Value = At> {
    let chains = prop::collection::vec(a_chain(), 1..3);
    let servers = prop::collection::vec((a_server(), chains), 1..3);
    let facts = option::weighted(0.9, a_host());
    let all = (select(NAMES.to_vec()), facts, servers, some_named());
    all.prop_map(|(name, facts, servers, named)| At {
        name,
        facts,
        servers,
        named,
    })
}

fn a_domain() -> impl Strategy<Value = Domain> {
    use Existence::{Exists, Failed, Nxdomain, Undelegated};
    let kinds = [
        MxKind::Explicit,
        MxKind::Implicit,
        MxKind::Null,
        MxKind::None,
    ];
    let existence = mostly(Exists, vec![Failed, Nxdomain, Undelegated]);
    let kind = option::weighted(0.9, mostly(MxKind::Explicit, kinds.to_vec()));
    let mx = (
        kind,
        outcome(),
        error(),
        security(),
        prop::bool::weighted(0.1),
    );
    let null = prop::bool::weighted(0.1);
    let sending = (an_spf(), a_dmarc(), a_dkim());
    let texts = (a_text(), a_text());
    let webmail = (outcome(), error()).prop_map(|(outcome, error)| Searched { outcome, error });
    let all = (existence, mx, null, sending, texts, webmail);
    all.prop_map(|(existence, mx, null, sending, texts, webmail)| Domain {
        existence,
        mx: Mx {
            kind: mx.0,
            outcome: mx.1,
            error: mx.2,
            security: mx.3,
            truncated: mx.4,
            records: null
                .then(|| MxRecord {
                    preference: 0,
                    host: ".".to_owned(),
                })
                .into_iter()
                .collect(),
        },
        spf: sending.0,
        dmarc: sending.1,
        dkim: sending.2,
        mta_sts: texts.0,
        tls_rpt: texts.1,
        client_search: ClientSearch {
            webmail,
            ..ClientSearch::default()
        },
        ..domain(mx.0)
    })
}

fn some_lists() -> impl Strategy<Value = Lists> {
    let zone = (prop::bool::weighted(0.8), option::of(0_u32..6), 0_u32..4);
    let zones = prop::collection::vec(zone, 0..4);
    let pkix = select(vec![
        Pkix::Valid,
        Pkix::Valid,
        Pkix::SelfSigned,
        Pkix::Other,
    ]);
    let trust = prop::collection::vec(option::of(pkix), 0..4);
    (zones, trust).prop_map(|(zones, trust)| {
        let mut lists = lists();
        let zones = zones.into_iter().map(|(is_known, parent, keys)| Zone {
            is_known,
            parent,
            keys,
        });
        lists.zones.extend(zones);
        lists.zone_keys.push(zone_keys(&[(5, 1)], &[(8, 1024)]));
        let stores = trust.into_iter().map(|pkix| {
            let store = pkix.map(|pkix| ("mozilla".to_owned(), pkix));
            store.into_iter().collect()
        });
        lists.trust.extend(stores);
        lists.keys.push(vec![Key::default(), key()]);
        let kind = Some("dsa".to_owned());
        lists.keys.push(vec![Key { kind, ..key() }]);
        lists.names.push(names(&["TLS_RSA_WITH_AES_128_CBC_SHA"]));
        lists
            .names
            .push(names(&["TLS_AES_256_GCM_SHA384", "x25519"]));
        lists
    })
}

/// Any case.
pub fn facts() -> impl Strategy<Value = Facts> {
    let hosts = prop::collection::vec(an_at(), 1..4);
    let zone = option::weighted(0.9, 0_u32..4);
    let policy = option::weighted(0.9, an_sts_policy());
    let webmail = option::weighted(0.9, a_webmail());
    (a_domain(), zone, hosts, policy, webmail, some_lists()).prop_map(
        |(domain, zone, hosts, policy, webmail, lists)| Facts {
            domain,
            zone,
            hosts,
            policy,
            webmail,
            lists,
        },
    )
}

fn a_webmail() -> impl Strategy<Value = Webmail> {
    let ports = [
        Port::Sound("redirect"),
        Port::Unsound("http_200".into()),
        Port::Closed,
        Port::Open("timeout".into()),
    ];
    let port = || select(ports.to_vec());
    (port(), port()).prop_map(|(http, https)| Webmail { http, https })
}
