//! The ports that mail clients use: who is asked what, how often, and what the checks make of it.

use mailcensus::table::codes::Protocol;
use mailcensus::table::tls_codes::HelloKind;

use super::*;
use crate::lab::ports::{Script, Server as Port};
use crate::ports::is_forbidden;
use crate::real::program::rows;

/// Ports of clients of a server.
type Ports = Vec<(String, u16, Port)>;

async fn serve(ports: &mut Ports, name: &str, ip: [u8; 4], port: u16, script: Script) {
    let server = Port::start(SocketAddr::from((ip, port)), script).await;
    ports.push((name.to_owned(), port, server));
}

/// A server that lets nobody in before TLS, and one that does.
async fn strict(ports: &mut Ports, name: &str, ip: [u8; 4]) {
    let imap = || Script::imap(" STARTTLS LOGINDISABLED", " AUTH=PLAIN");
    let submission = || Script::submission("250-STARTTLS\r\n", "250-AUTH PLAIN\r\n");
    serve(ports, name, ip, 143, imap()).await;
    serve(ports, name, ip, 993, imap().inside_tls()).await;
    serve(
        ports,
        name,
        ip,
        995,
        Script::pop3("", "USER\r\n").inside_tls(),
    )
    .await;
    serve(ports, name, ip, 587, submission()).await;
    serve(ports, name, ip, 465, submission().inside_tls()).await;
}

async fn lax(ports: &mut Ports, name: &str, ip: [u8; 4]) {
    serve(
        ports,
        name,
        ip,
        143,
        Script::imap(" STARTTLS AUTH=PLAIN", ""),
    )
    .await;
    serve(ports, name, ip, 110, Script::pop3("USER\r\n", "")).await;
    let auth = "250-STARTTLS\r\n250-AUTH PLAIN\r\n";
    serve(ports, name, ip, 587, Script::submission(auth, "")).await;
}

fn verdicts(surveyed: &Surveyed, name: &str) -> [String; 3] {
    let row = &surveyed.verdicts[name];
    let of = [
        &row.imap_tls_only,
        &row.pop3_tls_only,
        &row.submission_tls_only,
    ];
    of.map(in_words)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_port_is_asked_at_most_twice_and_nobody_logs_in() {
    let mut net = Net::new().await;
    net.args.push("--clients".to_owned());
    let mut ports = Ports::new();
    for (name, number) in [("strict", 1), ("lax", 2), ("none", 3)] {
        net.add(name, [127, 43, number, 1], &[Manner::Polite]).await;
    }
    strict(&mut ports, "strict", [127, 43, 1, 1]).await;
    lax(&mut ports, "lax", [127, 43, 2, 1]).await;
    // Another name for the same address leans on what it said.
    net.with_name("twin", "imap.twin.cz", [127, 43, 1, 1]).await;
    let surveyed = net.survey(1).await;

    let inside = "pass inside_tls".to_owned();
    let before = "fail login_before_tls".to_owned();
    assert_eq!(
        verdicts(&surveyed, "strict"),
        [inside.clone(), inside.clone(), inside.clone()]
    );
    assert_eq!(
        verdicts(&surveyed, "lax"),
        [before.clone(), before.clone(), before]
    );
    assert_eq!(
        verdicts(&surveyed, "none"),
        ["imap", "pop3", "submission"].map(|word| format!("not_applicable no_{word}"))
    );
    assert_eq!(verdicts(&surveyed, "twin")[0], inside);
    // The mail servers are judged by port 25 alone.
    for name in ["strict", "lax", "none"] {
        let starttls = &surveyed.verdicts[name].starttls;
        assert_eq!(starttls.reason, "starttls:1/1", "{name}");
    }

    for (name, port, server) in &ports {
        let log = server.log();
        let over_tls = log.lines.iter().any(|line| line.starts_with("tls "));
        let most = if over_tls { 2 } else { 1 };
        assert_eq!(log.connections, most, "{name} {port}");
        assert_eq!(log.most_open, 1, "{name} {port}");
        assert!(!log.lines.is_empty(), "{name} {port}");
        assert!(
            !log.lines.iter().any(|line| is_forbidden(line)),
            "{name} {port}: {log:?}"
        );
    }
    let endpoints: Vec<EndpointRow> = rows(&net.out());
    let of = |host: &str, port: u16| {
        let mut found = endpoints
            .iter()
            .filter(|row| row.host == host && row.port == port);
        let row = found.next().expect("a row");
        assert!(found.next().is_none(), "{host} {port} twice");
        row
    };
    let imaps = of("mx.strict.cz", 993);
    assert_eq!((imaps.protocol, imaps.connections), (Protocol::Imaps, 2));
    assert_eq!(imaps.hellos.len(), 1);
    assert_eq!(imaps.hellos[0].kind, HelloKind::Legacy);
    assert_eq!(imaps.ehlo_tls.capabilities, ["IMAP4REV1", "AUTH=PLAIN"]);
    assert_eq!(of("mx.strict.cz", 143).auth_before_tls, Some(false));
    assert_eq!(of("mx.lax.cz", 110).auth_before_tls, Some(true));
    assert_eq!(of("imap.twin.cz", 993).connections, 0);
    assert_eq!(of("mx.strict.cz", 25).protocol, Protocol::Smtp);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_being_told_to_nobody_asks_ports_of_clients() {
    let mut net = Net::new().await;
    let mut ports = Ports::new();
    net.add("quiet", [127, 43, 9, 1], &[Manner::Polite]).await;
    strict(&mut ports, "quiet", [127, 43, 9, 1]).await;
    let surveyed = net.survey(1).await;
    let unmeasured = || "unknown not_measured".to_owned();
    assert_eq!(
        verdicts(&surveyed, "quiet"),
        [unmeasured(), unmeasured(), unmeasured()]
    );
    for (_, port, server) in &ports {
        assert_eq!(server.log().connections, 0, "{port}");
    }
}
