//! The ports that mail clients use: what is made of each port.

use super::*;
use crate::table::client_codes::ClientSource;
use crate::table::codes::Protocol;
use crate::table::rows::Searched;
use crate::table::tls_codes::VersionResult;
use crate::verdict::case::{Client, ClientEndpoint};
use crate::verdict::facts::{Behind, ClientPort, Reach, Tls};
use ClientSource::{Mx as Guess, Name, Srv};
use Protocol::{Imap, Imaps, Pop3, Pop3s, Submission, Submissions};

/// A host that clients use, and its ports.
struct Used {
    protocol: Protocol,
    source: ClientSource,
    addresses: Option<Outcome>,
    ports: Vec<(ClientPort, Vec<Chain>)>,
}

/// A host known in this way, with these ports.
fn used(source: ClientSource, ports: &[ClientPort]) -> Used {
    let shows = |port: &ClientPort| match port.behind {
        Behind::Tls => vec![chain()],
        _ => Vec::new(),
    };
    Used {
        protocol: ports[0].protocol,
        source,
        addresses: Some(Outcome::Found),
        ports: ports.iter().map(|port| (*port, shows(port))).collect(),
    }
}

/// A port where somebody serves, and TLS is as it should be.
fn serves(protocol: Protocol) -> ClientPort {
    use VersionResult::{Accepted, ImpliedRefused, Refused};
    let implicit = protocol.has_implicit_tls();
    ClientPort {
        protocol,
        port: 1,
        reach: Reach::Serves,
        login_before_tls: (!implicit).then_some(false),
        behind: Behind::Tls,
        tls: Tls {
            versions: [
                ImpliedRefused,
                Refused,
                Refused,
                Refused,
                Accepted,
                Accepted,
            ],
            ..Tls::default()
        },
    }
}

/// The same where clients may log in before TLS.
fn lets_in(protocol: Protocol) -> ClientPort {
    ClientPort {
        login_before_tls: Some(true),
        ..serves(protocol)
    }
}

/// A port that ended like this.
fn ends(protocol: Protocol, reach: Reach) -> ClientPort {
    ClientPort {
        reach,
        login_before_tls: None,
        behind: Behind::Open,
        tls: Tls::default(),
        ..serves(protocol)
    }
}

fn closed(protocol: Protocol) -> ClientPort {
    ends(protocol, Reach::Closed)
}

fn late_port(protocol: Protocol) -> ClientPort {
    ends(protocol, Reach::Silent(ErrorCode::Timeout))
}

pub fn searched(outcome: Outcome) -> Searched {
    Searched {
        outcome,
        error: (outcome == Outcome::Failed).then_some(ErrorCode::Servfail),
    }
}

/// A domain of which clients were looked for.
fn looked_for() -> Facts {
    with(&[mx1(&[works()])]).but(|it| {
        let search = &mut it.domain.client_search;
        search.imap = searched(Outcome::Found);
        search.pop3 = searched(Outcome::Found);
        search.submission = searched(Outcome::Found);
    })
}

/// What a check says of a domain whose clients use these hosts.
fn judged(facts: &Facts, check: CheckId, parameters: &str, hosts: &[Used]) -> String {
    let parameters = parameters.parse().expect("TOML");
    let parameters = Parameters::of(check, &parameters).expect("parameters");
    let mut case = facts.case();
    let client = |used: &'_ Used| Client {
        protocol: used.protocol,
        source: used.source,
        addresses: used.addresses,
        ports: Vec::new(),
    };
    case.clients = hosts.iter().map(client).collect();
    for (client, used) in case.clients.iter_mut().zip(hosts) {
        let ports = used.ports.iter();
        client.ports = ports
            .map(|(port, chains)| ClientEndpoint { port, chains })
            .collect();
    }
    said(&checks::run(check, &case, &parameters))
}

fn imap(parameters: &str, hosts: &[Used]) -> String {
    judged(&looked_for(), CheckId::ImapTlsOnly, parameters, hosts)
}

#[test]
fn tls_alone_wants_the_implicit_port_and_no_login_before_tls() {
    let inside = || used(Srv, &[serves(Imaps)]);
    let strict = "starttls_allowed = false";
    assert_eq!(
        imap("", &[inside(), used(Srv, &[closed(Imap)])]),
        "pass inside_tls"
    );
    assert_eq!(
        imap(strict, &[inside(), used(Srv, &[closed(Imap)])]),
        "pass inside_tls"
    );
    assert_eq!(
        imap("", &[inside(), used(Srv, &[serves(Imap)])]),
        "pass inside_tls"
    );
    let open = [inside(), used(Srv, &[serves(Imap)])];
    assert_eq!(imap(strict, &open), "fail clear_text_port");
    let lets = [inside(), used(Srv, &[lets_in(Imap)])];
    assert_eq!(imap("", &lets), "fail login_before_tls");
    assert_eq!(imap(strict, &lets), "fail login_before_tls");
    let clear = [used(Srv, &[closed(Imaps)]), used(Srv, &[serves(Imap)])];
    assert_eq!(imap("", &clear), "fail no_implicit_tls");
    let nobody = [used(Srv, &[closed(Imaps)]), used(Srv, &[closed(Imap)])];
    assert_eq!(imap("", &nobody), "not_applicable no_imap");
}

#[test]
fn each_protocol_has_ports_and_a_word_of_its_own() {
    for (check, implicit, clear, nothing) in [
        (CheckId::Pop3TlsOnly, Pop3s, Pop3, "no_pop3"),
        (
            CheckId::SubmissionTlsOnly,
            Submissions,
            Submission,
            "no_submission",
        ),
    ] {
        let says = |hosts: &[Used]| judged(&looked_for(), check, "", hosts);
        let imap = || used(Srv, &[lets_in(Imap)]);
        assert_eq!(
            says(&[used(Srv, &[serves(implicit)]), imap()]),
            "pass inside_tls"
        );
        let lets = used(Srv, &[lets_in(clear)]);
        assert_eq!(
            says(&[used(Srv, &[serves(implicit)]), lets]),
            "fail login_before_tls"
        );
        let nobody = used(Name, &[closed(implicit), closed(clear)]);
        assert_eq!(says(&[nobody, imap()]), format!("not_applicable {nothing}"));
    }
}

#[test]
fn what_was_not_measured_never_fails_and_never_passes() {
    let inside = || used(Srv, &[serves(Imaps)]);
    let open = |reach| imap("", &[inside(), used(Srv, &[ends(Imap, reach)])]);
    assert_eq!(open(Reach::Silent(ErrorCode::Timeout)), "unknown timeout");
    assert_eq!(open(Reach::Silent(ErrorCode::Excluded)), "unknown excluded");
    assert_eq!(open(Reach::Odd(ErrorCode::Blocked)), "unknown blocked");
    let mute = ClientPort {
        login_before_tls: None,
        ..serves(Imap)
    };
    assert_eq!(
        imap("", &[inside(), used(Srv, &[mute])]),
        "unknown no_capabilities"
    );
    // That it is open at all is known.
    let strict = imap("starttls_allowed = false", &[inside(), used(Srv, &[mute])]);
    assert_eq!(strict, "fail clear_text_port");
    let late = [used(Srv, &[late_port(Imaps)]), used(Srv, &[closed(Imap)])];
    assert_eq!(imap("", &late), "unknown timeout");
    // Login before TLS decides, whatever else is open.
    let lets = [used(Srv, &[late_port(Imaps)]), used(Srv, &[lets_in(Imap)])];
    assert_eq!(imap("", &lets), "fail login_before_tls");
    let mut unknown = used(Srv, &[serves(Imap)]);
    unknown.ports.clear();
    assert_eq!(imap("", &[inside(), unknown]), "unknown not_asked");
    let cut = looked_for().but(|it| it.domain.client_search.truncated = true);
    let cut = judged(&cut, CheckId::ImapTlsOnly, "", &[inside()]);
    assert_eq!(cut, "unknown clients_truncated");
}

#[test]
fn an_address_without_an_answer_is_left_out_where_another_one_has_one() {
    let both = used(Srv, &[serves(Imaps), late_port(Imaps)]);
    let clear = used(Srv, &[closed(Imap), late_port(Imap)]);
    assert_eq!(imap("", &[both, clear]), "pass inside_tls");
    let special = used(Srv, &[ends(Imap, Reach::Special)]);
    assert_eq!(
        imap("", &[used(Srv, &[serves(Imaps)]), special]),
        "pass inside_tls"
    );
}

#[test]
fn a_guess_counts_where_something_answers() {
    let nobody = || {
        [
            used(Guess, &[late_port(Imaps)]),
            used(Guess, &[late_port(Imap)]),
        ]
    };
    assert_eq!(imap("", &nobody()), "not_applicable no_imap");
    let named = [
        used(Name, &[late_port(Imaps)]),
        used(Name, &[late_port(Imap)]),
    ];
    assert_eq!(imap("", &named), "unknown timeout");
    let lets = [
        used(Guess, &[late_port(Imaps)]),
        used(Guess, &[lets_in(Imap)]),
    ];
    assert_eq!(imap("", &lets), "fail login_before_tls");
    // Nobody asked, so that nobody can have answered.
    let spared = ends(Imap, Reach::Silent(ErrorCode::Excluded));
    assert_eq!(imap("", &[used(Guess, &[spared])]), "unknown excluded");
    let mut lost = used(Guess, &[late_port(Imap)]);
    lost.ports.clear();
    lost.addresses = Some(Outcome::Failed);
    assert_eq!(imap("", &[lost]), "not_applicable no_imap");
}

#[test]
fn who_was_not_looked_for_is_not_judged() {
    let facts = with(&[mx1(&[works()])]);
    for check in [
        CheckId::ImapTlsOnly,
        CheckId::Pop3TlsOnly,
        CheckId::SubmissionTlsOnly,
        CheckId::ClientTls,
        CheckId::ClientCert,
    ] {
        assert_eq!(facts.says(check), "unknown not_measured", "{check}");
        assert_eq!(
            takes_none().says(check),
            "not_applicable no_mail",
            "{check}"
        );
        assert_eq!(gone().says(check), "not_applicable nxdomain", "{check}");
        assert_eq!(lost().says(check), "unknown servfail", "{check}");
    }
    let after = |outcome| {
        let facts = looked_for().but(|it| it.domain.client_search.imap = searched(outcome));
        judged(&facts, CheckId::ImapTlsOnly, "", &[])
    };
    assert_eq!(after(Outcome::Failed), "unknown servfail");
    assert_eq!(after(Outcome::Absent), "not_applicable no_imap");
}

#[test]
fn tls_of_every_port_counts_by_its_parts() {
    use VersionResult::{Accepted, Refused, Unknown};
    let says = |parameters: &str, ports: &[ClientPort]| {
        let hosts: Vec<_> = ports.iter().map(|port| used(Srv, &[*port])).collect();
        judged(&looked_for(), CheckId::ClientTls, parameters, &hosts)
    };
    let with = |versions| {
        let mut port = serves(Imaps);
        port.tls.versions = versions;
        port
    };
    let good = serves(Submissions);
    let old = with([Unknown, Unknown, Accepted, Refused, Accepted, Accepted]);
    let unasked = with([Unknown, Unknown, Unknown, Unknown, Unknown, Accepted]);
    assert_eq!(says("", &[good]), "pass tls_1_3:1/1");
    assert_eq!(says("", &[good, old]), "fail tls_1_0:2/2");
    assert_eq!(
        says("parts = [\"tls_1_2\"]", &[good, old]),
        "pass tls_1_3:2/2"
    );
    assert_eq!(
        says("parts = [\"no_ssl\"]", &[good, old]),
        "unknown not_seen:2/2"
    );
    assert_eq!(says("", &[good, unasked]), "unknown not_seen:2/2");
    assert_eq!(
        says("parts = [\"tls_1_2\"]", &[unasked]),
        "pass tls_1_3:1/1"
    );
    let broken = ClientPort {
        behind: Behind::Broken,
        ..ends(Imaps, Reach::Odd(ErrorCode::TlsAlert))
    };
    assert_eq!(says("", &[good, broken]), "unknown handshake:1/2");
    let clear = ClientPort {
        behind: Behind::None,
        ..serves(Imap)
    };
    assert_eq!(says("", &[good, clear]), "pass tls_1_3:1/1");
    assert_eq!(says("", &[clear]), "not_applicable no_starttls");
    assert_eq!(says("", &[good, late_port(Pop3s)]), "unknown timeout:1/2");
    assert_eq!(says("", &[closed(Imaps)]), "not_applicable no_clients");
}

#[test]
fn certificates_of_every_port_are_trusted_named_and_current() {
    let says = |shown: Chain| {
        let mut host = used(Srv, &[serves(Imaps)]);
        host.ports[0].1 = vec![shown];
        let hosts = [used(Srv, &[serves(Submissions)]), host];
        judged(&looked_for(), CheckId::ClientCert, "", &hosts)
    };
    assert!(says(chain()).starts_with("pass "), "{}", says(chain()));
    let expired = Chain {
        dates: Dates::Expired,
        ..chain()
    };
    assert_eq!(says(expired), "fail expired:2/2");
    let other = Chain {
        name_match: Some(NameMatch::None),
        ..chain()
    };
    assert_eq!(says(other), "fail mismatch:2/2");
    let shared = Chain {
        name_match: None,
        ..shared()
    };
    assert_eq!(says(shared), "unknown not_observed_for_name:2/2");
    let table = "stores = [\"mozilla\", \"microsoft\"]";
    let hosts = [used(Srv, &[serves(Imaps)])];
    let both = judged(&looked_for(), CheckId::ClientCert, table, &hosts);
    assert_eq!(both, "unknown store_missing:1/1");
    // One service that could not be looked for leaves open what it shows.
    let facts = looked_for().but(|it| it.domain.client_search.pop3 = searched(Outcome::Failed));
    assert_eq!(
        judged(&facts, CheckId::ClientCert, "", &hosts),
        "unknown servfail"
    );
}
