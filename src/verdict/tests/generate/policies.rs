//! SPF, DMARC, DKIM and MTA-STS by chance. They are boxed: all of a case in one value overflows the stack.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{a_text, error, mostly, outcome};
use crate::verdict::tests::*;

/// What is wrong with a record.
pub fn fault() -> impl Strategy<Value = Option<Fault>> + Clone {
    let faults = [
        Fault::Syntax,
        Fault::NoRecord,
        Fault::Loop,
        Fault::SeveralRecords,
    ];
    option::weighted(0.1, select(faults.to_vec()))
}

/// Whether a record can be used.
pub fn valid() -> impl Strategy<Value = Option<bool>> + Clone {
    mostly(Some(true), vec![Some(false), None])
}

fn rarely() -> impl Strategy<Value = bool> + Clone {
    prop::bool::weighted(0.1)
}

fn a_policy() -> impl Strategy<Value = Option<DmarcPolicy>> + Clone {
    use DmarcPolicy::{None as Nothing, Quarantine, Reject};
    mostly(
        Some(Reject),
        vec![None, Some(Nothing), Some(Quarantine), Some(Reject)],
    )
}

/// What an SPF record comes to.
pub fn an_spf() -> BoxedStrategy<Spf> {
    use SpfAll::{Fail, Neutral, None as Nothing, Pass, Softfail};
    let record = select(vec!["v=spf1 -all", "v=spf1 ~all", "", "v=spf1\u{fe}"]);
    let ends = [Nothing, Pass, Neutral, Softfail, Fail].map(Some);
    let all = mostly(Some(Fail), [&ends[..], &[None]].concat());
    let count = |most: u16| option::weighted(0.9, mostly(0, vec![1, most, most + 1]));
    let counts = (count(10), count(2), count(10));
    let v4 = option::weighted(0.9, mostly(1_u64, vec![0, 2, 1 << 16, u64::MAX]));
    let v6 = option::weighted(0.9, mostly(0.0, vec![1.0, 2_f64.powi(80), 2_f64.powi(128)]));
    let graph = (error(), fault(), option::of(rarely()), option::of(rarely()));
    let own = (a_text(), option::of(record), valid(), fault());
    (own, all, counts, (v4, v6), graph)
        .prop_map(|(own, all, counts, addresses, graph)| Spf {
            outcome: own.0.outcome,
            error: own.0.error,
            count: own.0.count,
            record: own.1.map(str::to_owned),
            valid: own.2,
            fault: own.3,
            effective_all: all,
            lookups: counts.0,
            void_lookups: counts.1,
            mx_names: counts.2,
            depends_on_sender: graph.2,
            ipv4_addresses: addresses.0,
            ipv6_addresses: addresses.1,
            includes_all: graph.3,
            graph_error: graph.0,
            graph_fault: graph.1,
        })
        .boxed()
}

fn targets() -> impl Strategy<Value = Vec<ReportTarget>> {
    use ReportScheme::{Https, Mailto, Other};
    let scheme = mostly(Mailto, vec![Https, Other]);
    let one = (scheme, any::<bool>(), outcome(), error());
    let one = one.prop_map(|(scheme, external, authorised, error)| ReportTarget {
        scheme,
        external,
        authorised,
        error,
    });
    prop::collection::vec(one, 0..3)
}

/// What DMARC comes to by both rules.
pub fn a_dmarc() -> BoxedStrategy<Dmarc> {
    use Alignment::{Relaxed, Strict};
    let asked = || {
        (
            a_text(),
            valid(),
            fault(),
            a_policy(),
            a_policy(),
            a_policy(),
        )
    };
    let inherited = select(vec![
        None,
        Some(Inherited::Own),
        Some(Inherited::Org),
        Some(Inherited::Psd),
    ]);
    let alignment = || mostly(Some(Strict), vec![None, Some(Relaxed)]);
    let flags = (option::of(rarely()), alignment(), alignment(), a_policy());
    let pct = mostly(Some(100), vec![None, Some(0), Some(99)]);
    let found_at = select(vec![None, Some("example.cz"), Some("cz")]);
    let places = (inherited, found_at, pct);
    let all = (asked(), asked(), flags, places, targets(), targets());
    all.prop_map(|(new, old, flags, places, reports, old_reports)| Dmarc {
        outcome: new.0.outcome,
        error: new.0.error,
        count: new.0.count,
        valid: new.1,
        fault: new.2,
        inherited: places.0,
        p: new.3,
        sp: new.4,
        np: flags.3,
        t: flags.0,
        adkim: flags.1,
        aspf: flags.2,
        rua_targets: reports,
        effective_policy: new.5,
        outcome_7489: old.0.outcome,
        error_7489: old.0.error,
        count_7489: old.0.count,
        found_at_7489: places.1.map(str::to_owned),
        valid_7489: old.1,
        fault_7489: old.2,
        p_7489: old.3,
        sp_7489: old.4,
        pct_7489: places.2,
        rua_targets_7489: old_reports,
        effective_policy_7489: old.5,
    })
    .boxed()
}

fn a_key() -> impl Strategy<Value = DkimKey> {
    let kind = mostly(Some("rsa"), vec![None, Some("ed25519"), Some("dsa")]);
    let bits = mostly(Some(2048), vec![None, Some(512), Some(1024)]);
    let all = (kind, bits, rarely(), rarely(), fault());
    all.prop_map(|(kind, bits, revoked, testing, fault)| DkimKey {
        key_type: kind.map(str::to_owned),
        bits,
        revoked,
        testing,
        fault,
    })
}

/// What was seen of DKIM.
pub fn a_dkim() -> BoxedStrategy<Dkim> {
    use DkimExistence::{Absent, CompactDenial, KeyFound, SubtreeExists, Unknown, Wildcard};
    let others = vec![Unknown, SubtreeExists, Absent, Wildcard, CompactDenial];
    let value = mostly(
        None,
        vec![Some("v=DKIM1; p="), Some("hello"), Some("\\xfe")],
    );
    let keys = prop::collection::vec(a_key(), 0..3);
    let all = (mostly(KeyFound, others), error(), value, keys);
    all.prop_map(|(existence, error, value, keys)| Dkim {
        existence,
        error,
        wildcard_value: value.map(str::to_owned),
        keys,
    })
    .boxed()
}

/// What the host of an MTA-STS policy serves.
pub fn an_sts_policy() -> BoxedStrategy<Policy> {
    let fetched = mostly(
        Fetched::Whole,
        vec![
            Fetched::NoAddress,
            Fetched::Status(301),
            Fetched::Status(404),
            Fetched::Broken(ErrorCode::Refused),
            Fetched::Inconsistent,
            Fetched::Unconfirmed,
            Fetched::Vantage,
            Fetched::Unknown(ErrorCode::Timeout),
        ],
    );
    let pkix = mostly(Pkix::Valid, vec![Pkix::SelfSigned, Pkix::Other]);
    let dates = mostly(Dates::Current, vec![Dates::Expired, Dates::Malformed]);
    let name_match = mostly(NameMatch::San, vec![NameMatch::CnOnly, NameMatch::None]);
    let certificate = (pkix, dates, name_match).prop_map(|(pkix, dates, name_match)| Certificate {
        trust: vec![("mozilla".to_owned(), pkix)],
        dates,
        name_match,
    });
    let (enforce, testing) = (Some(PolicyMode::Enforce), Some(PolicyMode::Testing));
    let mode = mostly(enforce, vec![testing, Some(PolicyMode::None), None]);
    let max_age = mostly(Some(604_800), vec![Some(60), None]);
    let wildcard = vec!["*.example.cz".to_owned(), "example.cz".to_owned()];
    let mx = mostly(
        wildcard,
        vec![Vec::new(), vec!["mx1.example.cz".to_owned()]],
    );
    let says = (fault(), mode, max_age, mx);
    (fetched, option::weighted(0.9, certificate), says)
        .prop_map(|(fetched, certificate, says)| Policy {
            fetched,
            certificate,
            fault: says.0,
            mode: says.1,
            max_age: says.2,
            mx: says.3,
        })
        .boxed()
}
