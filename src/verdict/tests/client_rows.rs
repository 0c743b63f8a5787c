//! The ports that mail clients use: what is read of the tables.

use super::clients::searched;
use super::tables::Tables;
use super::*;
use crate::table::client_codes::{ClientService, ClientSource};
use crate::table::codes::{Protocol, Role, StarttlsOutcome, TcpOutcome, TlsOutcome};
use crate::table::rows::{self, Addresses, ClientHost, EndpointRow, HostRow};
use ClientSource::Srv;
use Protocol::{Imap, Imaps, Pop3};

const MAIL: &str = "mail.example.cz";
const V4: &str = "198.51.100.1";

fn host_row() -> HostRow {
    HostRow {
        host: MAIL.to_owned(),
        roles: vec![Role::Mx, Role::Client],
        addresses: Addresses {
            outcome: Outcome::Found,
            ..Addresses::default()
        },
        ..HostRow::default()
    }
}

fn port_row(protocol: Protocol, port: u16) -> EndpointRow {
    EndpointRow {
        host: MAIL.to_owned(),
        ip: V4.to_owned(),
        port,
        protocol,
        connections: 1,
        tcp: rows::Tcp {
            outcome: TcpOutcome::Connected,
            ..rows::Tcp::default()
        },
        tls: rows::Tls {
            outcome: TlsOutcome::Completed,
            version: Some("TLS 1.3".to_owned()),
            ..rows::Tls::default()
        },
        ..EndpointRow::default()
    }
}

fn failed_row(protocol: Protocol, port: u16, error: ErrorCode) -> EndpointRow {
    EndpointRow {
        tcp: rows::Tcp {
            outcome: TcpOutcome::Failed,
            error: Some(error),
            ..rows::Tcp::default()
        },
        tls: rows::Tls::default(),
        ..port_row(protocol, port)
    }
}

fn relay_row() -> EndpointRow {
    EndpointRow {
        banner_code: Some(220),
        starttls: rows::Starttls {
            outcome: StarttlsOutcome::Accepted,
            ..rows::Starttls::default()
        },
        ..port_row(Protocol::Smtp, 25)
    }
}

fn domain_of(clients: &[(ClientService, u16)]) -> Domain {
    let mut domain = domain(Some(MxKind::Explicit));
    domain.mx.records = vec![MxRecord {
        preference: 10,
        host: MAIL.to_owned(),
    }];
    domain.client_search.imap = searched(Outcome::Found);
    domain.clients = clients
        .iter()
        .map(|(service, port)| ClientHost {
            service: *service,
            host: MAIL.to_owned(),
            port: *port,
            source: Srv,
        })
        .collect();
    domain
}

#[test]
fn ports_are_read_apart_from_mail_servers() {
    let clients = [(ClientService::Imaps, 993), (ClientService::Imap, 143)];
    let domain = domain_of(&clients);
    let read = |clear: EndpointRow, others: &[EndpointRow]| {
        let mut tables = Tables::new();
        tables.add(&[host_row()]);
        let mut rows = vec![relay_row(), port_row(Imaps, 993), clear];
        rows.extend(others.iter().cloned());
        tables.add(&rows);
        assert_eq!(tables.says(&domain, CheckId::Starttls), "pass starttls:1/1");
        tables.says(&domain, CheckId::ImapTlsOnly)
    };
    let refused = || failed_row(Imap, 143, ErrorCode::Refused);
    assert_eq!(read(refused(), &[]), "pass inside_tls");
    // Port 993 of the address answered.
    let late = failed_row(Imap, 143, ErrorCode::Timeout);
    assert_eq!(read(late, &[]), "pass inside_tls");
    let open = |login: bool| EndpointRow {
        auth_before_tls: Some(login),
        ..port_row(Imap, 143)
    };
    assert_eq!(read(open(false), &[]), "pass inside_tls");
    assert_eq!(read(open(true), &[]), "fail login_before_tls");
    // Another port of the same host is another service's.
    let other = EndpointRow {
        auth_before_tls: Some(true),
        ..port_row(Pop3, 110)
    };
    assert_eq!(read(refused(), &[other]), "pass inside_tls");
    let spared = failed_row(Imap, 143, ErrorCode::Excluded);
    assert_eq!(read(spared, &[]), "unknown excluded");
}

#[test]
fn a_silent_address_proves_nothing_about_its_ports() {
    let clients = [(ClientService::Imaps, 993), (ClientService::Imap, 143)];
    let mut tables = Tables::new();
    tables.add(&[host_row()]);
    let silent = || failed_row(Protocol::Smtp, 25, ErrorCode::Timeout);
    tables.add(&[
        silent(),
        failed_row(Imaps, 993, ErrorCode::Timeout),
        failed_row(Imap, 143, ErrorCode::Timeout),
    ]);
    let says = |tables: &Tables| tables.says(&domain_of(&clients), CheckId::ImapTlsOnly);
    assert_eq!(says(&tables), "unknown timeout");
    let mut tables = Tables::new();
    tables.add(&[host_row()]);
    let refused = |protocol, port| failed_row(protocol, port, ErrorCode::Refused);
    tables.add(&[silent(), refused(Imaps, 993), refused(Imap, 143)]);
    // Nobody at all was reached: it may be our own side that refuses.
    assert_eq!(says(&tables), "unknown refused");
    let other = EndpointRow {
        host: "mx.example.org".to_owned(),
        ip: "198.51.100.9".to_owned(),
        ..relay_row()
    };
    tables.add(&[other]);
    assert_eq!(says(&tables), "not_applicable no_imap");
}

#[test]
fn a_row_that_leans_has_the_port_of_the_one_that_spoke() {
    let mut tables = Tables::new();
    let other = HostRow {
        host: "imap.example.org".to_owned(),
        roles: vec![Role::Client],
        ..host_row()
    };
    tables.add(&[other, host_row()]);
    let spoke = EndpointRow {
        host: "imap.example.org".to_owned(),
        auth_before_tls: Some(true),
        ..port_row(Imap, 143)
    };
    let leans = EndpointRow {
        connections: 0,
        tcp: rows::Tcp::default(),
        tls: rows::Tls::default(),
        ..port_row(Imap, 143)
    };
    tables.add(&[leans, spoke, relay_row()]);
    let domain = domain_of(&[(ClientService::Imap, 143)]);
    assert_eq!(
        tables.says(&domain, CheckId::ImapTlsOnly),
        "fail login_before_tls"
    );
}
