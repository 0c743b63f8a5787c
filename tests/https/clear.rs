//! Pages in the clear, of which only the header counts.

use super::*;
use crate::lab::https::{Filtered, page};

const NONE: &str = "tls not_attempted status";

async fn expect(cases: &[(Manner, &str)]) {
    for (manner, expected) in cases {
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Server::start_in_the_clear(here, std::slice::from_ref(manner)).await;
        let (seen, elapsed) = get_in_the_clear(server.address, long()).await;
        let expected = format!("tcp connected {NONE} {expected}");
        assert_eq!(told(&seen), expected, "{manner:?}");
        assert!(elapsed < BOUND, "{manner:?} took {elapsed:?}");
        let log = server.log();
        assert_eq!(log.connections, 1, "{manner:?}");
        // What the buffers of two sockets hold.
        assert!(log.sent < 16 << 20, "{manner:?}: {} bytes", log.sent);
    }
}

#[tokio::test]
async fn the_header_tells_where_to_go_and_nothing_is_followed() {
    let here = SocketAddr::from(([127, 0, 0, 1], 0));
    let fields = "Location: https://webmail.example.cz/\r\nStrict-Transport-Security: max-age=1\r\n\
                  strict-transport-security: max-age=0\r\nSet-Cookie: a=b\r\n";
    let moved = Manner::Says(page("301 Moved Permanently", fields, "<html></html>"));
    let server = Server::start_in_the_clear(here, &[moved]).await;
    let (seen, elapsed) = get_in_the_clear(server.address, long()).await;
    assert_eq!(
        told(&seen),
        format!("tcp connected {NONE} 301 body - error -")
    );
    assert_eq!(
        seen.location.as_deref(),
        Some(&b"https://webmail.example.cz/"[..])
    );
    assert_eq!(seen.hsts, [&b"max-age=1"[..], b"max-age=0"]);
    assert!(seen.chain.is_empty());
    assert!(elapsed < BOUND, "took {elapsed:?}");
    let request = server.log().requests[0].to_ascii_lowercase();
    assert!(request.starts_with("get / http/1.1\r\n"), "{request}");
    assert!(
        !request.contains("cookie") && !request.contains("authorization"),
        "{request}"
    );
}

#[tokio::test]
async fn of_a_page_that_nobody_wants_nothing_is_kept() {
    let endless = |head: &str| Manner::Endless(head.to_owned());
    expect(&[
        (
            Manner::Says(page("200 OK", "", "<html></html>")),
            "200 body - error -",
        ),
        (
            Manner::Says(page("200 OK", "Content-Encoding: gzip\r\n", "\u{1f}")),
            "200 body - error -",
        ),
        (endless("HTTP/1.1 200 OK\r\n\r\n"), "200 body - error -"),
        (
            endless("HTTP/1.1 200 OK\r\nX-Long: "),
            "- body - error protocol_error",
        ),
        (
            Manner::Repeats("HTTP/1.1 100 Continue\r\n\r\n".to_owned()),
            "- body - error too_large",
        ),
        (Manner::Resets, "- body - error reset"),
        (Manner::Says(String::new()), "- body - error closed"),
        (
            Manner::Says("220 mail.example.cz ESMTP\r\n".to_owned()),
            "- body - error protocol_error",
        ),
        (
            Manner::Says(page("429 Too Many Requests", "", "")),
            "429 body - error temp_reject",
        ),
    ])
    .await;
}

#[tokio::test]
async fn silence_ends_at_its_deadline_and_a_filtered_port_at_that_of_the_connection() {
    let here = SocketAddr::from(([127, 0, 0, 1], 0));
    let patience = Patience {
        header: SHORT,
        ..long()
    };
    for manner in [Manner::Silent, Manner::Drips("HTTP/1.1 200".to_owned())] {
        let server = Server::start_in_the_clear(here, std::slice::from_ref(&manner)).await;
        let (seen, elapsed) = get_in_the_clear(server.address, patience).await;
        let timeout = format!("tcp connected {NONE} - body - error timeout");
        assert_eq!(told(&seen), timeout, "{manner:?}");
        assert!(
            elapsed >= SHORT && elapsed < BOUND,
            "{manner:?} took {elapsed:?}"
        );
    }
    let address = SocketAddr::from(([127, 36, 23, 1], 8080));
    let _filtered = Filtered::start(address).await;
    let (seen, _) = get_in_the_clear(address, long()).await;
    assert_eq!(
        told(&seen),
        format!("tcp failed {NONE} - body - error timeout")
    );
}
