//! Answers, whole and broken.

use mailcensus::table::codes::ErrorCode;

use super::*;
use crate::lab::https::page;

const POLICY: &str = "version: STSv1\nmode: enforce\nmx: *.example.cz\nmax_age: 604800\n";
const TEXT: &str = "Content-Type: text/plain\r\n";

/// Asks each server, and compares.
async fn expect(cases: &[(Manner, &str)]) {
    for (manner, expected) in cases {
        let server = server(manner).await;
        let (seen, elapsed) = get_from(server.address, long()).await;
        assert_eq!(told(&seen), *expected, "{manner:?}");
        assert!(elapsed < BOUND, "{manner:?} took {elapsed:?}");
        assert_eq!(server.log().connections, 1, "{manner:?}");
    }
}

fn says(status: &str, fields: &str, body: &str) -> Manner {
    Manner::Says(page(status, fields, body))
}

#[tokio::test]
async fn a_page_is_asked_for_once_and_by_name() {
    let server = server(&says("200 OK", TEXT, POLICY)).await;
    let (seen, elapsed) = get_from(server.address, long()).await;
    let whole = "tcp connected tls completed status 200 body 62 error -";
    assert_eq!(told(&seen), whole);
    assert_eq!(seen.body.as_deref(), Some(POLICY.as_bytes()));
    assert_eq!(seen.content_type.as_deref(), Some("text/plain"));
    assert_eq!(seen.tls.sni.as_deref(), Some(HOST));
    assert_eq!(seen.chain.len(), 1);
    assert!(elapsed < BOUND, "took {elapsed:?}");
    let log = server.log();
    let request = log.requests[0].to_ascii_lowercase();
    let mut lines = request.lines();
    assert_eq!(lines.next(), Some("get /.well-known/mta-sts.txt http/1.1"));
    let mut fields: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    fields.sort_unstable();
    // No Accept-Encoding, no Cookie, no Authorization.
    assert_eq!(
        fields,
        [
            "connection: close",
            "host: mta-sts.example.cz",
            "user-agent: census/1 (+https://census.example/)"
        ]
    );
}

#[tokio::test]
async fn whatever_has_another_status_has_no_policy() {
    let moved = "Location: https://other.example/\r\n";
    expect(&[
        (
            says("404 Not Found", TEXT, POLICY),
            "tcp connected tls completed status 404 body - error -",
        ),
        (
            says("301 Moved Permanently", moved, ""),
            "tcp connected tls completed status 301 body - error -",
        ),
        (
            says("304 Not Modified", "", ""),
            "tcp connected tls completed status 304 body - error -",
        ),
        (
            says("503 Service Unavailable", "", ""),
            "tcp connected tls completed status 503 body - error -",
        ),
        (
            says("429 Too Many Requests", "", ""),
            "tcp connected tls completed status 429 body - error temp_reject",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_page_may_be_as_large_as_the_rfc_says_and_no_larger() {
    let chunks = |chunk: usize, times: usize| {
        let one = format!("{chunk:x}\r\n{}\r\n", "a".repeat(chunk));
        let chunks = one.repeat(times);
        Manner::Says(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"
        ))
    };
    let all = "tcp connected tls completed status 200 body 65536 error -";
    let more = "tcp connected tls completed status 200 body - error too_large";
    expect(&[
        (says("200 OK", TEXT, &"a".repeat(65_536)), all),
        (says("200 OK", TEXT, &"a".repeat(65_537)), more),
        (chunks(4_096, 16), all),
        (chunks(4_096, 17), more),
        (
            chunks(1, 62),
            "tcp connected tls completed status 200 body 62 error -",
        ),
        (
            says("200 OK", TEXT, ""),
            "tcp connected tls completed status 200 body 0 error -",
        ),
    ])
    .await;
}

#[tokio::test]
async fn of_two_gigabytes_next_to_nothing_is_read() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n";
    let until_the_end = "HTTP/1.1 200 OK\r\n\r\n";
    let fields = "HTTP/1.1 200 OK\r\nX-Long: ";
    let endless = |head: &str| Manner::Endless(head.to_owned());
    for (manner, expected) in [
        (endless(head), "status 200 body - error too_large"),
        (endless(until_the_end), "status 200 body - error too_large"),
        (endless(fields), "status - body - error protocol_error"),
        // Interim answers, after each of which another one may come (RFC 9110 15.2).
        (
            Manner::Repeats("HTTP/1.1 100 Continue\r\n\r\n".to_owned()),
            "status - body - error too_large",
        ),
    ] {
        let server = server(&manner).await;
        let (seen, elapsed) = get_from(server.address, long()).await;
        let expected = format!("tcp connected tls completed {expected}");
        assert_eq!(told(&seen), expected, "{manner:?}");
        assert!(elapsed < BOUND, "{manner:?} took {elapsed:?}");
        // What the buffers of two sockets hold.
        let sent = server.log().sent;
        assert!(sent < 16 << 20, "{manner:?}: {sent} bytes");
    }
}

#[tokio::test]
async fn what_is_packed_is_not_unpacked() {
    let gzip = "Content-Encoding: gzip\r\n";
    let identity = "Content-Encoding: identity\r\n";
    expect(&[
        (
            says("200 OK", gzip, "\u{1f}\u{8b}"),
            "tcp connected tls completed status 200 body - error protocol_error",
        ),
        (
            says("200 OK", identity, POLICY),
            "tcp connected tls completed status 200 body 62 error -",
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_breaks_says_how() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 62\r\n\r\nversion: STSv1\n";
    let cut = format!("HTTP/1.1 200 OK\r\n\r\n{POLICY}");
    expect(&[
        (
            Manner::HangsUpAfter(head.to_owned()),
            "tcp connected tls completed status 200 body - error closed",
        ),
        (
            Manner::Says(head.to_owned()),
            "tcp connected tls completed status 200 body - error closed",
        ),
        // Without a length only a goodbye tells where it ends.
        (
            Manner::HangsUpAfter(cut.clone()),
            "tcp connected tls completed status 200 body - error closed",
        ),
        (
            Manner::Says(cut),
            "tcp connected tls completed status 200 body 62 error -",
        ),
        (
            Manner::Says(String::new()),
            "tcp connected tls completed status - body - error closed",
        ),
        (
            Manner::Says("SSH-2.0-OpenSSH_9.2p1\r\n".to_owned()),
            "tcp connected tls completed status - body - error protocol_error",
        ),
        (
            Manner::Alert(40),
            "tcp connected tls failed status - body - error tls_alert",
        ),
        (
            Manner::Plain,
            "tcp connected tls failed status - body - error protocol_error",
        ),
        (
            Manner::Resets,
            "tcp connected tls failed status - body - error reset",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_server_that_drips_gains_nothing() {
    let (header, body) = (
        Patience {
            header: SHORT,
            ..long()
        },
        Patience {
            body: SHORT,
            ..long()
        },
    );
    let session = Patience {
        session: SHORT,
        ..long()
    };
    let handshake = Patience {
        handshake: SHORT,
        ..long()
    };
    let drips = || Manner::Drips(page("200 OK", TEXT, POLICY));
    let none = "tcp connected tls completed status - body - error timeout";
    for (manner, patience, expected) in [
        (Manner::Silent, header, none),
        (drips(), header, none),
        (drips(), session, none),
        (
            Manner::Drips("HTTP/1.1 200 OK\r\n\r\n".to_owned()),
            body,
            "tcp connected tls completed status 200 body - error timeout",
        ),
        (
            Manner::SilentInHandshake,
            handshake,
            "tcp connected tls failed status - body - error timeout",
        ),
    ] {
        let server = server(&manner).await;
        let (seen, elapsed) = get_from(server.address, patience).await;
        assert_eq!(told(&seen), expected, "{manner:?}");
        assert!(elapsed >= SHORT, "{manner:?} took only {elapsed:?}");
        assert!(elapsed < BOUND, "{manner:?} took {elapsed:?}");
    }
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (seen, elapsed) = get_from(address, long()).await;
    let refused = "tcp failed tls not_attempted status - body - error refused";
    assert_eq!(told(&seen), refused);
    assert_eq!(seen.tcp.error, Some(ErrorCode::Refused));
    assert!(elapsed < BOUND, "took {elapsed:?}");
}
