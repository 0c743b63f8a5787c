//! Conversations with servers of IMAP, POP3 and submission that misbehave: what is recorded, and
//! that nobody ever tries to log in.

pub mod invariants;

use std::net::SocketAddr;
use std::time::Duration;

use mailcensus::probe::conversation::{Conversation, Handshake, Patience, Plan, talk};
use mailcensus::probe::{login, tls};
use mailcensus::table::codes::Protocol;

use crate::lab::ports::{Act, Script, Server, say};
use crate::lab::tls::HOST;
use crate::smtp::{BOUND, SHORT, admitted, long};

const LOOPBACK: ([u8; 4], u16) = ([127, 0, 0, 1], 0);
/// By which somebody would log in, or go on to send mail.
const FORBIDDEN: [&str; 10] = [
    "AUTH", "LOGIN", "USER", "PASS", "APOP", "MAIL", "RCPT", "VRFY", "EXPN", "DATA",
];

/// Whether a line is one of those.
pub fn is_forbidden(line: &str) -> bool {
    let command = line.trim_start_matches("tls ").to_ascii_uppercase();
    FORBIDDEN.iter().any(|word| command.starts_with(word))
}

async fn talk_to(address: SocketAddr, protocol: Protocol, patience: Patience) -> Conversation {
    let plan = Plan {
        ehlo: "census.example".to_owned(),
        sni: Some(HOST.to_owned()),
        handshake: Handshake::Full,
        patience,
    };
    let client = tls::Client::default();
    let (seen, elapsed) = admitted(address, async |clearance| {
        talk(clearance, protocol, &plan, &client).await
    })
    .await;
    assert!(elapsed < BOUND, "took {elapsed:?}");
    seen
}

/// A conversation in one line: what went wrong, and what may be done before TLS.
fn told(protocol: Protocol, seen: &Conversation) -> String {
    let error = |error: Option<_>| error.map_or(String::new(), |error| format!("/{error}"));
    let login = match login::before_tls(protocol, seen.banner.as_deref(), &seen.ehlo) {
        Some(true) => "login",
        Some(false) => "none",
        None => "-",
    };
    format!(
        "{login} {}{}{} {}{} {}{}",
        seen.ehlo.capabilities.len(),
        error(seen.ehlo.error),
        error(seen.starttls.error),
        seen.starttls.outcome,
        error(seen.tls.error),
        seen.ehlo_tls.capabilities.len(),
        error(seen.ehlo_tls.error),
    )
}

/// Holds a conversation with each server; compares, and what it was told.
async fn expect(protocol: Protocol, cases: &[(Script, &str, &[&str])]) {
    for (script, expected, lines) in cases {
        let server = Server::start(LOOPBACK.into(), script.clone()).await;
        let mut patience = long();
        let mutes = [&script.greeting]
            .into_iter()
            .chain(script.acts.iter().map(|(_, act)| act));
        if mutes.into_iter().any(|act| matches!(act, Act::Silence)) {
            (patience.greeting, patience.command, patience.quit) = (SHORT, SHORT, SHORT);
        }
        let seen = talk_to(server.address, protocol, patience).await;
        assert_eq!(told(protocol, &seen), *expected, "{script:?}");
        // What was sent last may be on its way.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let log = server.log();
        assert_eq!(log.connections, 1);
        assert!(!log.lines.iter().any(|line| is_forbidden(line)), "{log:?}");
        assert_eq!(log.lines, *lines, "{script:?}");
    }
}

#[tokio::test]
async fn imap_in_clear_text() {
    let closed = " STARTTLS LOGINDISABLED";
    let whole = &["CAPABILITY", "STARTTLS", "tls CAPABILITY", "tls LOGOUT"][..];
    let in_code = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n";
    expect(
        Protocol::Imap,
        &[
            (
                Script::imap(closed, " AUTH=PLAIN"),
                "none 3 accepted 2",
                whole,
            ),
            (Script::imap(" STARTTLS", ""), "login 2 accepted 1", whole),
            (
                Script::imap(" AUTH=PLAIN AUTH=LOGIN", ""),
                "login 3 not_offered 0",
                &["CAPABILITY", "LOGOUT"],
            ),
            // What the greeting says of capabilities is no answer to the question.
            (
                Script::imap(closed, "").greeting(say(in_code)),
                "none 3 accepted 1",
                whole,
            ),
            (
                Script::imap(" LOGINDISABLED", "").greeting(say("* PREAUTH welcome\r\n")),
                "login 2 not_offered 0",
                &["CAPABILITY", "LOGOUT"],
            ),
            (
                Script::imap("", "").greeting(say("* BYE go away\r\n")),
                "- 0/blocked not_attempted 0",
                &["LOGOUT"],
            ),
            (
                Script::imap("", "").greeting(say("* BYE too many connections\r\n")),
                "- 0/temp_reject not_attempted 0",
                &["LOGOUT"],
            ),
            (
                Script::imap("", "").on("CAPABILITY", say("TAG BAD what?\r\n")),
                "- 0/refused/refused not_attempted 0",
                &["CAPABILITY", "LOGOUT"],
            ),
            (
                Script::imap("", "").on("CAPABILITY", say("TAG OK nothing\r\n")),
                "- 0/protocol_error/protocol_error not_attempted 0",
                &["CAPABILITY", "LOGOUT"],
            ),
            (
                Script::imap(closed, "").on("STARTTLS", say("TAG NO not today\r\n")),
                "none 3 refused 0",
                &["CAPABILITY", "STARTTLS", "LOGOUT"],
            ),
            (
                Script::imap(closed, "").on("STARTTLS", Act::HangUp),
                "none 3/closed failed 0",
                &["CAPABILITY", "STARTTLS"],
            ),
            (
                Script::imap(closed, "").on(
                    "STARTTLS",
                    Act::StartTls("TAG OK go on\r\n* CAPABILITY INJECTED\r\n".to_owned()),
                ),
                "none 3 injected 1",
                whole,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn imap_that_never_ends() {
    let literal = "* 1 FETCH {99999999}\r\n";
    let untagged = Act::Endless("* 1 EXISTS\r\n".to_owned());
    let long = Act::Endless("A".repeat(512));
    expect(
        Protocol::Imap,
        &[
            (
                Script::imap("", "").greeting(long),
                "- 0/too_large not_attempted 0",
                &[],
            ),
            (
                Script::imap("", "").greeting(Act::Endless("* 1 EXISTS\r\n".to_owned())),
                "- 0/protocol_error not_attempted 0",
                &[],
            ),
            (
                Script::imap("", "").greeting(Act::Silence),
                "- 0/greeting_timeout not_attempted 0",
                &[],
            ),
            (
                Script::imap("", "").on("CAPABILITY", untagged),
                "- 0/too_large/too_large not_attempted 0",
                &["CAPABILITY"],
            ),
            (
                Script::imap("", "").on("CAPABILITY", say(literal)),
                "- 0/protocol_error/protocol_error not_attempted 0",
                &["CAPABILITY", "LOGOUT"],
            ),
            (
                Script::imap("", "").on("CAPABILITY", Act::HangUp),
                "- 0/closed/closed not_attempted 0",
                &["CAPABILITY"],
            ),
            (
                Script::imap("", "").greeting(say("220 mail ESMTP\r\n")),
                "- 0/protocol_error not_attempted 0",
                &[],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn pop3_in_clear_text() {
    let whole = &["CAPA", "STLS", "tls CAPA", "tls QUIT"][..];
    let refused = &["CAPA", "QUIT"][..];
    let stamp = "+OK ready <1896.697170952@mail.example.cz>\r\n";
    expect(
        Protocol::Pop3,
        &[
            (
                Script::pop3("STLS\r\n", "USER\r\n"),
                "none 2 accepted 2",
                whole,
            ),
            (
                Script::pop3("STLS\r\nSASL\r\n", ""),
                "none 3 accepted 1",
                whole,
            ),
            (
                Script::pop3("STLS\r\nUSER\r\n", ""),
                "login 3 accepted 1",
                whole,
            ),
            (
                Script::pop3("SASL PLAIN\r\n", ""),
                "login 2 not_offered 0",
                refused,
            ),
            (
                Script::pop3("STLS\r\n", "").greeting(say(stamp)),
                "login 2 accepted 1",
                whole,
            ),
            // Dot-stuffed: no end of the list.
            (
                Script::pop3("..\r\nSTLS\r\n", ""),
                "none 3 accepted 1",
                whole,
            ),
            (
                Script::pop3("", "").on("CAPA", say("-ERR what?\r\n")),
                "- 0/refused/refused not_attempted 0",
                refused,
            ),
            (
                Script::pop3("", "").greeting(say("-ERR [SYS/TEMP] later\r\n")),
                "- 0/temp_reject not_attempted 0",
                &["QUIT"],
            ),
            (
                Script::pop3("", "").on("CAPA", Act::Endless("UIDL\r\n".to_owned())),
                "- 0/protocol_error/protocol_error not_attempted 0",
                &["CAPA"],
            ),
            (
                Script::pop3("STLS\r\n", "").on("STLS", say("-ERR no\r\n")),
                "none 2 refused 0",
                &["CAPA", "STLS", "QUIT"],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn submission_in_clear_text() {
    let whole = &[
        "EHLO census.example",
        "STARTTLS",
        "tls EHLO census.example",
        "tls QUIT",
    ][..];
    let start = "250-STARTTLS\r\n";
    expect(
        Protocol::Submission,
        &[
            (
                Script::submission(start, "250-AUTH PLAIN\r\n"),
                "none 2 accepted 2",
                whole,
            ),
            (
                Script::submission("250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n", ""),
                "login 3 accepted 1",
                whole,
            ),
            (
                Script::submission("250-AUTH=LOGIN\r\n", ""),
                "login 2 not_offered 0",
                &["EHLO census.example", "QUIT"],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn tls_from_the_first_byte() {
    let imap = || Script::imap("", " AUTH=PLAIN").inside_tls();
    expect(
        Protocol::Imaps,
        &[
            (
                imap(),
                "- 0 not_attempted 2",
                &["tls CAPABILITY", "tls LOGOUT"],
            ),
            (
                imap().greeting(say("* BYE go away\r\n")),
                "- 0 not_attempted 0/blocked",
                &["tls LOGOUT"],
            ),
            (
                imap().greeting(Act::Silence),
                "- 0 not_attempted 0/greeting_timeout",
                &[],
            ),
            (
                imap().on("tls CAPABILITY", say("TAG NO\r\n")),
                "- 0 not_attempted 0/refused",
                &["tls CAPABILITY", "tls LOGOUT"],
            ),
        ],
    )
    .await;
    let pop3 = Script::pop3("", "USER\r\n").inside_tls();
    let lines = &["tls CAPA", "tls QUIT"][..];
    expect(Protocol::Pop3s, &[(pop3, "- 0 not_attempted 2", lines)]).await;
    let submission = Script::submission("", "250-AUTH PLAIN\r\n").inside_tls();
    let lines = &["tls EHLO census.example", "tls QUIT"][..];
    expect(
        Protocol::Submissions,
        &[(submission, "- 0 not_attempted 2", lines)],
    )
    .await;
    // Clear text where TLS should be.
    let server = Server::start(LOOPBACK.into(), Script::imap("", "")).await;
    let seen = talk_to(server.address, Protocol::Imaps, long()).await;
    assert_eq!(
        told(Protocol::Imaps, &seen),
        "- 0 not_attempted/protocol_error 0"
    );
}
