//! Examinations of a server that is made up.

use proptest::prelude::*;

use super::*;
use crate::probe::hello::{Flight, Hello};
use crate::table::row::Moment;
use crate::table::rows::Tls;
use crate::table::tls_codes::{HelloKind, HelloOutcome, VersionResult};
use crate::tls_names::{self, Version};

/// What a server takes.
#[derive(Debug, Clone)]
struct Server {
    versions: Vec<Version>,
    /// Its favourites first.
    suites: Vec<u16>,
    groups: Vec<u16>,
    /// Whether its own order counts.
    own_order: bool,
    sha1: bool,
    /// Whether it closes instead of sending alerts.
    closes: bool,
}

const GCM: u16 = 0xc02f;
const CBC: u16 = 0xc013;
const STATIC: u16 = 0x002f;
const RC4: u16 = 0x0005;

impl Server {
    fn new(versions: &[Version], suites: &[u16], groups: &[u16]) -> Self {
        Self {
            versions: versions.to_vec(),
            suites: suites.to_vec(),
            groups: groups.to_vec(),
            own_order: false,
            sha1: false,
            closes: false,
        }
    }

    /// The suites of a version, by the server's own table of what goes with what.
    fn suites(&self, version: Version) -> Vec<u16> {
        let goes = |suite: &u16| {
            Hello::up_to(HelloKind::Suites, version)
                .suites
                .contains(suite)
        };
        self.suites.iter().copied().filter(goes).collect()
    }

    fn choose(&self, own: &[u16], offered: &[u16]) -> Option<u16> {
        let (first, second) = match self.own_order {
            true => (own, offered),
            false => (offered, own),
        };
        first.iter().copied().find(|one| second.contains(one))
    }

    fn answer(&self, hello: &Hello) -> Answer {
        self.flight(hello).map_or_else(
            |alert| match self.closes {
                true => Answer {
                    outcome: HelloOutcome::Refused,
                    error: Some(ErrorCode::Closed),
                    ..Answer::default()
                },
                false => Answer {
                    outcome: HelloOutcome::Refused,
                    alert: Some(alert),
                    ..Answer::default()
                },
            },
            |flight| Answer {
                outcome: HelloOutcome::Accepted,
                flight: Some(flight),
                ..Answer::default()
            },
        )
    }

    fn flight(&self, hello: &Hello) -> std::result::Result<Flight, u8> {
        let is_offered = |version: &&Version| match hello.version {
            alone @ (Version::Tls1_3 | Version::Ssl2) => **version == alone,
            newest => **version <= newest && **version > Version::Ssl2,
        };
        let version = self.versions.iter().filter(is_offered).max().ok_or(70)?;
        let group = self.choose(&self.groups, &hello.groups);
        let has_sha1 = self.sha1 || hello.kind != HelloKind::Sha1;
        let is_usable = |suite: &u16| {
            let name = tls_names::suite(*suite);
            let needs_group = name.starts_with("TLS_ECDHE_") || tls_names::is_1_3(&name);
            (!needs_group || group.is_some()) && has_sha1
        };
        let mut own = self.suites(*version);
        own.retain(is_usable);
        let suite = self.choose(&own, &hello.suites).ok_or(40)?;
        let cipher = tls_names::suite(suite);
        let is_over_group = cipher.starts_with("TLS_ECDHE_") || tls_names::is_1_3(&cipher);
        Ok(Flight {
            version: version.as_str().to_owned(),
            cipher,
            group: group.filter(|_| is_over_group).map(tls_names::group),
            secure_renegotiation: (*version != Version::Tls1_3).then_some(true),
            ..Flight::default()
        })
    }

    /// What a survey of standard depth leaves: the newest version.
    fn row(&self) -> EndpointRow {
        let newest = self.versions.iter().max().expect("a version");
        let mut row = EndpointRow {
            host: "mx.example".to_owned(),
            ip: "192.0.2.1".to_owned(),
            port: 25,
            connections: 3,
            ..EndpointRow::default()
        };
        row.tls = Tls {
            outcome: TlsOutcome::Completed,
            version: Some(newest.as_str().to_owned()),
            ..Tls::default()
        };
        let fact = match newest {
            Version::Tls1_3 => &mut row.versions.tls1_3,
            _ => &mut row.versions.tls1_2,
        };
        fact.result = VersionResult::Accepted;
        if *newest != Version::Tls1_3 {
            row.versions.tls1_3.result = VersionResult::Refused;
        }
        row
    }
}

/// Examines a server to the end. `lost` says which answers never come.
fn examined(server: &Server, lost: impl Fn(usize) -> bool) -> Exam {
    let exam = Exam {
        known: Known::of(&server.row()),
        ..Exam::default()
    };
    go_on(exam, server, lost)
}

fn go_on(mut exam: Exam, server: &Server, lost: impl Fn(usize) -> bool) -> Exam {
    while let Some(hello) = exam.next() {
        let answer = match lost(exam.said.len()) {
            true => Answer {
                error: Some(ErrorCode::Timeout),
                ..Answer::default()
            },
            false => server.answer(&hello),
        };
        exam.said.push(Said {
            hello,
            observed_at: Moment(0),
            answer,
        });
        assert!(exam.said.len() <= 60, "more than the budget");
    }
    exam
}

fn row_of(server: &Server, exam: &Exam) -> EndpointRow {
    let mut row = server.row();
    merge::fill(&mut row, exam);
    row
}

fn named(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort();
    names
}

/// What the server takes, by names.
fn truth(server: &Server) -> (Vec<String>, Vec<String>) {
    let mut suites: Vec<_> = server
        .versions
        .iter()
        .flat_map(|version| server.suites(*version))
        .map(tls_names::suite)
        .collect();
    suites.sort();
    suites.dedup();
    let is_used = suites
        .iter()
        .any(|name| name.starts_with("TLS_ECDHE_") || tls_names::is_1_3(name));
    let groups = match is_used {
        true => server
            .groups
            .iter()
            .copied()
            .map(tls_names::group)
            .collect(),
        false => Vec::new(),
    };
    (suites, named(&groups))
}

fn modern() -> Server {
    use Version::{Tls1_2, Tls1_3};
    Server::new(
        &[Tls1_2, Tls1_3],
        &[0x1302, 0x1301, GCM, CBC, STATIC],
        &[0x001d, 0x0017],
    )
}

#[test]
fn what_a_server_takes_is_found() {
    let server = modern();
    let exam = examined(&server, |_| false);
    let row = row_of(&server, &exam);
    assert!(row.ciphers.complete && row.groups.complete);
    let (suites, groups) = truth(&server);
    assert_eq!(named(&row.ciphers.accepted), suites);
    assert_eq!(named(&row.groups.accepted), groups);
    // Newest version first.
    assert!(tls_names::is_1_3(&row.ciphers.accepted[0]));
    assert_eq!(row.ciphers.server_preference, Some(false));
    assert_eq!(usize::from(row.connections), 3 + exam.said.len());
    let versions = &row.versions;
    assert_eq!(versions.tls1_2.result, VersionResult::Accepted);
    for old in [
        &versions.tls1_1,
        &versions.tls1_0,
        &versions.ssl3,
        &versions.ssl2,
    ] {
        assert_eq!(old.result, VersionResult::Refused);
        assert_eq!(old.alert, Some(70));
    }
    let sha1 = row
        .hellos
        .iter()
        .find(|hello| hello.kind == HelloKind::Sha1);
    assert_eq!(sha1.map(|hello| hello.outcome), Some(HelloOutcome::Refused));
    assert!(exam.said.len() < 25, "{} hellos", exam.said.len());
}

#[test]
fn the_order_of_the_server_is_noticed() {
    for own_order in [true, false] {
        let server = Server {
            suites: vec![STATIC, 0x1301, CBC, GCM],
            own_order,
            ..modern()
        };
        let row = row_of(&server, &examined(&server, |_| false));
        assert_eq!(row.ciphers.server_preference, Some(own_order));
    }
    // Of one suite nobody can tell.
    let one = Server::new(&[Version::Tls1_2], &[GCM], &[0x0017]);
    let row = row_of(&one, &examined(&one, |_| false));
    assert_eq!(row.ciphers.server_preference, None);
}

#[test]
fn the_order_is_asked_for_where_all_suites_were_known() {
    for own_order in [true, false] {
        let server = Server {
            own_order,
            ..Server::new(&[Version::Tls1_2], &[STATIC, GCM], &[0x0017])
        };
        let mut exam = Exam {
            known: Known::of(&server.row()),
            ..Exam::default()
        };
        let known = [GCM, STATIC].map(|suite| (Version::Tls1_2, suite));
        exam.known.suites = known.to_vec();
        let exam = go_on(exam, &server, |_| false);
        let row = row_of(&server, &exam);
        assert_eq!(row.ciphers.server_preference, Some(own_order));
    }
}

#[test]
fn each_old_version_is_asked_for() {
    use Version::{Ssl3, Tls1_0, Tls1_2};
    let server = Server {
        sha1: true,
        ..Server::new(&[Tls1_2, Tls1_0, Ssl3], &[GCM, CBC, STATIC, RC4], &[0x0017])
    };
    let row = row_of(&server, &examined(&server, |_| false));
    let versions = &row.versions;
    assert_eq!(versions.tls1_1.result, VersionResult::Refused);
    assert_eq!(versions.tls1_0.result, VersionResult::Accepted);
    assert_eq!(versions.ssl3.result, VersionResult::Accepted);
    assert!(row.ciphers.complete, "{:?}", row.ciphers);
    assert_eq!(named(&row.ciphers.accepted), truth(&server).0);
    let sha1 = row
        .hellos
        .iter()
        .find(|hello| hello.kind == HelloKind::Sha1);
    assert_eq!(
        sha1.map(|hello| hello.outcome),
        Some(HelloOutcome::Accepted)
    );
}

#[test]
fn only_the_word_for_versions_refuses_tls_1_3() {
    use Version::{Tls1_2, Tls1_3};
    // What a hello left of a server that the full handshake has nothing in common with.
    let after = |server: &Server| {
        let mut row = server.row();
        row.tls.outcome = TlsOutcome::HelloOnly;
        row.tls.version = Some(Tls1_2.as_str().to_owned());
        row.tls.extended_master_secret = Some(true);
        row.versions.tls1_2.result = VersionResult::Accepted;
        row.versions.tls1_3.result = VersionResult::Unknown;
        let exam = Exam {
            known: Known::of(&row),
            ..Exam::default()
        };
        row_of(server, &go_on(exam, server, |_| false))
    };
    let old = after(&Server::new(&[Tls1_2], &[STATIC], &[]));
    assert_eq!(old.versions.tls1_3.result, VersionResult::Refused);
    assert_eq!(old.versions.tls1_3.alert, Some(70));
    assert!(old.ciphers.complete, "{:?}", old.ciphers);
    // A group that nobody else has: alert 40.
    let strange = Server::new(&[Tls1_2, Tls1_3], &[0x1301, STATIC], &[0xfe00]);
    let strange = after(&strange);
    assert_eq!(strange.versions.tls1_3.result, VersionResult::Unknown);
    assert!(!strange.ciphers.complete, "{:?}", strange.ciphers);
}

#[test]
fn silence_is_no_refusal() {
    let server = modern();
    // Never again an answer after some.
    for from in 0..20 {
        let exam = examined(&server, |number| number >= from);
        let row = row_of(&server, &exam);
        let (suites, groups) = truth(&server);
        assert!(
            row.ciphers
                .accepted
                .iter()
                .all(|name| suites.contains(name))
        );
        assert!(row.groups.accepted.iter().all(|name| groups.contains(name)));
        assert!(!row.ciphers.complete || row.ciphers.accepted.len() == suites.len());
        assert!(exam.said.len() <= from + 3, "asked on after {from}");
    }
    // One that is lost is asked for again.
    let row = row_of(&server, &examined(&server, |number| number == 3));
    assert!(row.ciphers.complete && row.groups.complete);
}

#[test]
fn an_examination_goes_on_where_it_was() {
    let server = modern();
    let whole = examined(&server, |number| number == 4);
    let address = "192.0.2.1:25".parse().expect("an address");
    let rows: Vec<_> = (1..=whole.said.len())
        .map(|count| {
            let part = Exam {
                said: whole.said[..count].to_vec(),
                ..whole.clone()
            };
            rows::of_last(&part, address).expect("a row")
        })
        .collect();
    for count in 0..=rows.len() {
        let exam = exam(&server.row(), Some(rows[..count].to_vec()));
        assert!(!exam.is_over, "{count}");
        assert_eq!(exam.said.len(), count);
        let next = whole.said.get(count).map(|said| said.hello.clone());
        assert_eq!(exam.next(), next, "{count}");
    }
    let again = exam(&server.row(), Some(rows.clone()));
    assert_eq!(
        format!("{:?}", row_of(&server, &again).ciphers),
        format!("{:?}", row_of(&server, &whole).ciphers)
    );
    // What another program asked is not gone on with.
    let mut strange = rows;
    strange[2].suites += 1;
    let exam = exam(&server.row(), Some(strange));
    assert!(exam.is_over && exam.next().is_none());
    assert!(!row_of(&server, &exam).ciphers.complete);
}

#[test]
fn a_server_with_very_many_suites_uses_up_the_budget() {
    let all = Hello::up_to(HelloKind::Suites, Version::Tls1_2).suites;
    let server = Server::new(&[Version::Tls1_2], &all[..100], &[0x0017]);
    let exam = examined(&server, |_| false);
    assert_eq!(exam.said.len(), 60);
    let row = row_of(&server, &exam);
    assert!(!row.ciphers.complete);
    assert!(row.ciphers.accepted.len() > 40);
}

fn servers() -> impl Strategy<Value = Server> {
    let versions =
        proptest::sample::subsequence(vec![Version::Ssl3, Version::Tls1_0, Version::Tls1_1], 0..=3);
    let suites = proptest::sample::subsequence(
        vec![
            0x1301, 0x1303, GCM, CBC, STATIC, RC4, 0xc030, 0x009e, 0x0033, 0x000a, 0x0035,
        ],
        1..=8,
    );
    let groups = proptest::sample::subsequence(vec![0x001d, 0x0017, 0x0018, 0x0019, 0x001e], 1..=4);
    (versions, suites.prop_shuffle(), groups, any::<[bool; 4]>()).prop_map(
        |(mut versions, suites, groups, [own_order, sha1, closes, is_new])| {
            versions.push(Version::Tls1_2);
            if is_new && suites.iter().any(|suite| suite >> 8 == 0x13) {
                versions.push(Version::Tls1_3);
            }
            Server {
                versions,
                suites,
                groups,
                own_order,
                sha1,
                closes,
            }
        },
    )
}

proptest! {
    #[test]
    fn any_server_is_found_out(server in servers(), lost in proptest::collection::vec(0..60_usize, 0..3)) {
        let exam = examined(&server, |number| lost.contains(&number));
        let row = row_of(&server, &exam);
        let (suites, groups) = truth(&server);
        prop_assert!(row.ciphers.accepted.iter().all(|name| suites.contains(name)));
        prop_assert!(row.groups.accepted.iter().all(|name| groups.contains(name)));
        if row.ciphers.complete {
            prop_assert_eq!(named(&row.ciphers.accepted), suites);
        }
        if row.groups.complete {
            prop_assert_eq!(named(&row.groups.accepted), groups);
        }
        if lost.is_empty() {
            prop_assert!(row.ciphers.complete, "{:?}", row.ciphers);
            prop_assert!(row.groups.complete, "{:?}", row.groups);
        }
        for (at, fact) in exam.state().known.versions.iter().enumerate() {
            let takes = server.versions.contains(&Version::ALL[at]);
            match fact.result {
                VersionResult::Accepted => prop_assert!(takes),
                VersionResult::Refused => {
                    // A version without one suite of its own cannot be had.
                    let has_suites = !server.suites(Version::ALL[at]).is_empty();
                    prop_assert!(!takes || !has_suites, "{:?}", Version::ALL[at]);
                }
                _ => {}
            }
        }
    }
}
