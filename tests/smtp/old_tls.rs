//! The lab's servers with TLS as it was, by OpenSSL: what it reads in their first flights.

use std::process::{Command, Stdio};

use crate::lab::old_tls::*;
use crate::lab::smtp::{Manner, Server};

/// What `openssl s_client` says of a server, message by message.
async fn trace(server: &Server, args: &str) -> String {
    let mut openssl = Command::new("openssl");
    openssl
        .args(["s_client", "-starttls", "smtp", "-trace", "-connect"])
        .arg(server.address.to_string())
        .args(args.split_whitespace())
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || openssl.output());
    let output = output.await.unwrap().expect("openssl runs");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn openssl_reads_what_they_answer() {
    const OLD: &str = "-tls1_1 -min_protocol TLSv1 -cipher ALL:@SECLEVEL=0";
    const NEW: &str = "-tls1_2 -cipher ALL:@SECLEVEL=0";
    let cases: [(&Repertoire, &str, &[&str]); 14] = [
        (&MODERN, "", &["New, TLSv1.3"]),
        (
            &MODERN,
            OLD,
            &["Level=fatal(2), description=protocol version(70)"],
        ),
        (&CLASSICAL, "-groups P-256", &["New, TLSv1.3"]),
        (
            &LEGACY,
            OLD,
            &[
                "server_version=0x302 (TLS 1.1)",
                "cipher_suite {0xC0, 0x0A} TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
                "extension_type=extended_master_secret(23)",
                "extension_type=renegotiate(65281)",
                "named_curve: secp256r1 (P-256) (23)",
            ],
        ),
        (&LEGACY, "", &["New, TLSv1.3"]),
        (
            &LEGACY,
            "-tls1 -cipher AES128-SHA:@SECLEVEL=0",
            &["Level=fatal(2), description=handshake failure(40)"],
        ),
        (
            &RSA_KEY_EXCHANGE_ONLY,
            NEW,
            &[
                "server_version=0x303 (TLS 1.2)",
                "{0x00, 0x9D} TLS_RSA_WITH_AES_256_GCM_SHA384",
                "KeyExchangeAlgorithm=rsa",
            ],
        ),
        (
            &DHE_ONLY,
            NEW,
            &[
                "{0x00, 0x9F} TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
                "dh_p (len=128)",
            ],
        ),
        (
            &TLS10_ONLY,
            "-min_protocol TLSv1 -cipher ALL:@SECLEVEL=0",
            &["server_version=0x301 (TLS 1.0)", "compression_method"],
        ),
        (
            &WEAK_SUITES,
            "-tls1_2 -cipher eNULL:ADH:@SECLEVEL=0",
            &["description=handshake failure(40)"],
        ),
        (
            &EXTENSION_INTOLERANT,
            OLD,
            &["description=handshake failure(40)"],
        ),
        (&REFUSES_BY_CLOSE, OLD, &["unexpected eof"]),
        (&REFUSES_BY_RESET, OLD, &["errno=104"]),
        (
            &TWO_CERTIFICATES,
            "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256",
            &[
                "Peer signature type: RSA",
                "Cipher is ECDHE-RSA-AES128-GCM-SHA256",
            ],
        ),
    ];
    let mut missing = String::new();
    for (repertoire, args, words) in cases {
        let server = Server::start(Manner::Speaks(repertoire)).await;
        let said = trace(&server, args).await;
        let answer = said.find("Received Record").map_or("", |at| &said[at..]);
        for word in words.iter().filter(|word| !said.contains(**word)) {
            missing.push_str(&format!("{args}: no {word:?} in\n{answer}\n"));
        }
    }
    assert!(missing.is_empty(), "{missing}");
}
