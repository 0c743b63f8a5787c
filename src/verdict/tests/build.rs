//! Literals of facts: what is not said is as it should be.

use super::*;

/// A domain that takes mail in this way; none where that is not known.
pub fn domain(kind: Option<MxKind>) -> Domain {
    let outcome = match kind {
        Some(MxKind::Explicit | MxKind::Null) => Outcome::Found,
        Some(_) => Outcome::Absent,
        None => Outcome::Failed,
    };
    Domain {
        domain: "example.cz".to_owned(),
        tld: "cz".to_owned(),
        registrable_domain: Some("example.cz".to_owned()),
        weight: 1.0,
        existence: Existence::Exists,
        mx: Mx {
            kind,
            outcome,
            security: match kind {
                Some(_) => Security::Secure,
                None => Security::NotChecked,
            },
            error: kind.is_none().then_some(ErrorCode::Servfail),
            ..Mx::default()
        },
        ..Domain::default()
    }
}

/// A domain of this kind with these hosts.
pub fn of_kind(kind: Option<MxKind>, hosts: &[At]) -> Facts {
    Facts {
        domain: domain(kind),
        zone: Some(0),
        hosts: hosts.to_vec(),
        policy: None,
        webmail: None,
        lists: lists(),
    }
}

/// A domain whose MX records name these hosts.
pub fn with(hosts: &[At]) -> Facts {
    let mut facts = of_kind(Some(MxKind::Explicit), hosts);
    let records = (10_u16..).zip(hosts).map(|(preference, at)| MxRecord {
        preference,
        host: at.name.to_owned(),
    });
    facts.domain.mx.records = records.collect();
    facts
}

/// A domain of which that is all that is known: it takes mail nowhere.
pub fn takes_none() -> Facts {
    of_kind(Some(MxKind::Null), &[])
}

/// A domain that does not exist.
pub fn gone() -> Facts {
    of_kind(Some(MxKind::None), &[]).but(|it| it.domain.existence = Existence::Nxdomain)
}

/// A domain of which nothing could be learned.
pub fn lost() -> Facts {
    of_kind(None, &[]).but(|it| it.domain.existence = Existence::Failed)
}

/// A policy that is enforced and covers every host below the domain.
pub fn policy() -> Policy {
    Policy {
        fetched: Fetched::Whole,
        certificate: Some(Certificate {
            trust: vec![("mozilla".to_owned(), Pkix::Valid)],
            dates: Dates::Current,
            name_match: NameMatch::San,
        }),
        fault: None,
        mode: Some(PolicyMode::Enforce),
        max_age: Some(604_800),
        mx: vec!["*.example.cz".to_owned()],
    }
}

/// A host that has everything, and these servers.
pub fn host(name: &'static str, servers: &[Server]) -> At {
    let chains = |server: &Server| match server.starttls {
        Answered::Works => vec![chain()],
        _ => Vec::new(),
    };
    At {
        name,
        facts: Some(Host {
            addresses: Outcome::Found,
            security: Security::Secure,
            aaaa: Outcome::Absent,
            tlsa: Outcome::Found,
            tlsa_security: Security::Secure,
            usable: 1,
            counting: 1,
            zone: Some(0),
            ..Host::default()
        }),
        servers: servers
            .iter()
            .map(|server| (*server, chains(server)))
            .collect(),
        named: Named::default(),
    }
}

/// The first mail host.
pub fn mx1(servers: &[Server]) -> At {
    host("mx1.example.cz", servers)
}

/// The second one.
pub fn mx2(servers: &[Server]) -> At {
    host("mx2.example.cz", servers)
}

/// A host of which only what became of the question for its addresses is known.
pub fn nowhere(name: &'static str, outcome: Outcome) -> At {
    let facts = Host {
        addresses: outcome,
        aaaa: outcome,
        ..Host::default()
    };
    At {
        name,
        facts: Some(facts),
        servers: Vec::new(),
        named: Named::default(),
    }
}

/// A server that was reached, and said this to STARTTLS.
pub fn server(starttls: Answered) -> Server {
    Server {
        ipv6: false,
        reached: true,
        refused: false,
        special: false,
        country: None,
        rpki: None,
        starttls,
        tls: match starttls {
            Answered::Works => tls(),
            _ => Tls::default(),
        },
    }
}

/// TLS as it should be, as a survey of standard depth sees it.
pub fn tls() -> Tls {
    use VersionResult::{Accepted, ImpliedRefused, Refused};
    let seen = |accepted| Seen {
        accepted,
        gap: Some(Gap::Depth),
    };
    Tls {
        versions: [
            ImpliedRefused,
            Refused,
            Refused,
            Refused,
            Accepted,
            Accepted,
        ],
        weak: Weak::Refused,
        forward_secrecy: Some(true),
        static_keys: Some(false),
        hybrid: Some(true),
        suites: seen(SUITES),
        groups: seen(GROUPS),
        ..Tls::default()
    }
}

/// Places of names in the lists.
pub const SUITES: u32 = 1;
pub const GROUPS: u32 = 2;

/// A server that has this version and none besides; none: nothing is known of any.
pub fn only(version: Option<Version>) -> Server {
    let result = |one| match version {
        Some(version) if version == one => VersionResult::Accepted,
        Some(_) => VersionResult::Refused,
        None => VersionResult::Unknown,
    };
    let versions = Version::ALL.map(result);
    behind(|tls| tls.versions = versions)
}

/// A server whose TLS is as it should be but for a change.
pub fn behind(change: impl FnOnce(&mut Tls)) -> Server {
    let mut server = works();
    change(&mut server.tls);
    server
}

/// A server with everything.
pub fn works() -> Server {
    server(Answered::Works)
}

/// A server that was not reached.
pub fn silent(error: ErrorCode) -> Server {
    Server {
        reached: false,
        refused: error == ErrorCode::Refused,
        special: error == ErrorCode::SpecialPurpose,
        ..server(Answered::Unknown(error))
    }
}

/// A server that did not answer.
pub fn late() -> Server {
    silent(ErrorCode::Timeout)
}

/// The same over IPv6.
pub fn v6(server: Server) -> Server {
    Server {
        ipv6: true,
        ..server
    }
}

/// A chain as it should be, seen for this name.
pub fn chain() -> Chain {
    Chain {
        source: ChainSource::Observed,
        dates: Dates::Current,
        name_match: Some(NameMatch::San),
        matches: 1,
        matches_again: false,
        seen: 1,
        is_rsa: false,
        trust: 0,
        keys: 0,
    }
}

/// The same, but seen for another name.
pub fn shared() -> Chain {
    Chain {
        source: ChainSource::Shared,
        ..chain()
    }
}

/// What the numbers stand for: a trusted chain with a strong key, and a zone below the root.
pub fn lists() -> Lists {
    Lists {
        trust: vec![vec![("mozilla".to_owned(), Pkix::Valid)]],
        keys: vec![vec![key()]],
        zones: vec![
            zone(Some(1), 0),
            Zone {
                parent: None,
                ..zone(None, 1)
            },
        ],
        zone_keys: vec![zone_keys(&[(13, 2)], &[(13, 256)]), zone_keys(&[], &[])],
        names: vec![
            names(&[]),
            names(&["TLS_AES_256_GCM_SHA384"]),
            names(&["X25519MLKEM768"]),
        ],
        has_countries: false,
        has_rpki: false,
    }
}

/// Names of suites or groups.
pub fn names(names: &[&str]) -> NameSet {
    names.iter().map(|name| (*name).into()).collect()
}

pub fn key() -> Key {
    Key {
        kind: Some("ecdsa".to_owned()),
        bits: Some(256),
        curve: Some("P-256".to_owned()),
        hash: Some("sha256".to_owned()),
        signature: Some("ecdsa-with-SHA256".to_owned()),
        is_self_signed: false,
    }
}

/// A zone of which everything is known.
pub fn zone(parent: Option<u32>, keys: u32) -> Zone {
    Zone {
        is_known: true,
        parent,
        keys,
    }
}

/// Algorithm and digest of each DS, algorithm and size of each key with SEP.
pub fn zone_keys(ds: &[(u8, u8)], keys: &[(u8, u16)]) -> ZoneKeys {
    ZoneKeys {
        ds: ds.to_vec(),
        keys: keys
            .iter()
            .map(|(algorithm, bits)| (*algorithm, Some(*bits), true))
            .collect(),
    }
}

/// One SPF record that can be used, lets nobody send, and asks nothing.
pub fn spf(record: &str) -> Spf {
    Spf {
        outcome: Outcome::Found,
        count: 1,
        record: Some(record.to_owned()),
        valid: Some(true),
        effective_all: Some(SpfAll::Fail),
        lookups: Some(0),
        void_lookups: Some(0),
        mx_names: Some(0),
        depends_on_sender: Some(false),
        ipv4_addresses: Some(0),
        ipv6_addresses: Some(0.0),
        includes_all: Some(false),
        ..Spf::default()
    }
}

/// An SPF question without an answer.
pub fn no_spf() -> Spf {
    Spf {
        outcome: Outcome::Failed,
        error: Some(ErrorCode::Timeout),
        ..Spf::default()
    }
}

/// The domain's own DMARC record with this policy, the same by both rules.
pub fn dmarc(policy: DmarcPolicy) -> Dmarc {
    Dmarc {
        outcome: Outcome::Found,
        count: 1,
        valid: Some(true),
        inherited: Some(Inherited::Own),
        p: Some(policy),
        effective_policy: Some(policy),
        outcome_7489: Outcome::Found,
        count_7489: 1,
        found_at_7489: Some("example.cz".to_owned()),
        valid_7489: Some(true),
        p_7489: Some(policy),
        pct_7489: Some(100),
        effective_policy_7489: Some(policy),
        ..Dmarc::default()
    }
}

/// DMARC questions that were all answered that way.
pub fn dmarc_asked(outcome: Outcome, error: Option<ErrorCode>) -> Dmarc {
    Dmarc {
        outcome,
        error,
        outcome_7489: outcome,
        error_7489: error,
        ..Dmarc::default()
    }
}

/// A target of reports; an external one that says this to them.
pub fn target(scheme: ReportScheme, external: Option<Outcome>) -> ReportTarget {
    ReportTarget {
        scheme,
        external: external.is_some(),
        authorised: external.unwrap_or_default(),
        error: (external == Some(Outcome::Failed)).then_some(ErrorCode::Timeout),
    }
}

/// A strong DKIM key.
pub fn dkim_key() -> DkimKey {
    DkimKey {
        key_type: Some("rsa".to_owned()),
        bits: Some(2048),
        ..DkimKey::default()
    }
}

/// DKIM where these keys were found.
pub fn dkim(keys: &[DkimKey]) -> Dkim {
    Dkim {
        keys: keys.to_vec(),
        ..dkim_seen(DkimExistence::KeyFound)
    }
}

/// DKIM of which that is all that is known.
pub fn dkim_seen(existence: DkimExistence) -> Dkim {
    Dkim {
        existence,
        ..Dkim::default()
    }
}
