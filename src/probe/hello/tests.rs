//! Hellos and answers, byte by byte.

use proptest::prelude::*;

use super::*;
use crate::table::tls_codes::HelloKind;
use crate::tls_names;

/// The leaf of every transcript.
const LEAF: [u8; 5] = [0x30, 0x03, 0x02, 0x01, 0x01];

/// Bytes of a transcript: hex, with remarks.
macro_rules! transcript {
    ($name:literal) => {
        bytes(include_str!(concat!(
            "../../../tests/data/tls/",
            $name,
            ".hex"
        )))
    };
}

fn bytes(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let digits: String = lines.collect();
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// The answer, whole and byte by byte.
fn read(hello: &Hello, bytes: &[u8]) -> Answer {
    let whole = decode(hello, bytes);
    let dripped = decode_in_pieces(hello, bytes, 1);
    assert_eq!(dripped, whole);
    whole
}

fn flight(hello: &Hello, bytes: &[u8]) -> Flight {
    let answer = read(hello, bytes);
    assert_eq!(answer.outcome, HelloOutcome::Accepted, "{answer:?}");
    assert_eq!((answer.error, answer.alert), (None, None));
    answer.flight.unwrap()
}

/// Outcome, error and alert.
fn told(kind: HelloKind, bytes: &[u8]) -> (HelloOutcome, Option<ErrorCode>, Option<u8>) {
    let answer = read(&Hello::of(kind), bytes);
    assert_eq!(
        answer.flight.is_some(),
        answer.outcome == HelloOutcome::Accepted
    );
    (answer.outcome, answer.error, answer.alert)
}

const BROKEN: (HelloOutcome, Option<ErrorCode>, Option<u8>) =
    (HelloOutcome::Unknown, Some(ErrorCode::ProtocolError), None);

#[test]
fn ssl_3_0_has_no_extensions() {
    let expected = Flight {
        version: "SSL 3.0".to_owned(),
        cipher: "TLS_RSA_WITH_3DES_EDE_CBC_SHA".to_owned(),
        secure_renegotiation: Some(false),
        chain: vec![LEAF.to_vec()],
        ..Flight::default()
    };
    let seen = flight(&Hello::of(HelloKind::Ssl3), &transcript!("ssl3"));
    assert_eq!(seen, expected);
}

#[test]
fn an_export_suite_has_a_short_key() {
    let expected = Flight {
        version: "TLS 1.0".to_owned(),
        cipher: "TLS_RSA_EXPORT_WITH_RC4_40_MD5".to_owned(),
        compression: Some(true),
        secure_renegotiation: Some(false),
        extended_master_secret: Some(false),
        heartbeat: Some(false),
        chain: vec![LEAF.to_vec()],
        ..Flight::default()
    };
    let transcript = transcript!("export-rsa");
    for kind in [HelloKind::Weak, HelloKind::Legacy, HelloKind::All] {
        assert_eq!(flight(&Hello::of(kind), &transcript), expected, "{kind}");
    }
    // Compression that was not offered.
    let bare = Hello {
        extensions: false,
        ..Hello::of(HelloKind::Legacy)
    };
    assert_eq!(read(&bare, &transcript).outcome, HelloOutcome::Unknown);
}

#[test]
fn a_prime_is_as_long_as_its_first_bit_says() {
    let seen = flight(&Hello::of(HelloKind::Legacy), &transcript!("des"));
    assert_eq!(seen.version, "TLS 1.1");
    assert_eq!(seen.cipher, "TLS_DHE_RSA_WITH_DES_CBC_SHA");
    assert_eq!(seen.dh_bits, Some(767));
    assert_eq!(seen.secure_renegotiation, Some(true));
    assert_eq!((seen.group, seen.signature_scheme), (None, None));
}

#[test]
fn a_flight_may_be_cut_at_any_byte() {
    let expected = Flight {
        version: "TLS 1.2".to_owned(),
        cipher: "TLS_ECDHE_RSA_WITH_RC4_128_SHA".to_owned(),
        group: Some("secp256r1".to_owned()),
        signature_scheme: Some("rsa_pkcs1_sha1".to_owned()),
        compression: Some(false),
        secure_renegotiation: Some(true),
        extended_master_secret: Some(true),
        heartbeat: Some(true),
        chain: vec![LEAF.to_vec()],
        ..Flight::default()
    };
    let seen = flight(&Hello::of(HelloKind::Weak), &transcript!("rc4"));
    assert_eq!(seen, expected);
}

#[test]
fn tls_1_3_shows_suite_and_group() {
    let hello = Hello::up_to(HelloKind::Groups, Version::Tls1_3);
    for (transcript, cipher, group) in [
        (
            transcript!("retry"),
            "TLS_AES_256_GCM_SHA384",
            "X25519MLKEM768",
        ),
        (transcript!("tls1-3"), "TLS_AES_128_GCM_SHA256", "x25519"),
    ] {
        let expected = Flight {
            version: "TLS 1.3".to_owned(),
            cipher: cipher.to_owned(),
            group: Some(group.to_owned()),
            ..Flight::default()
        };
        assert_eq!(flight(&hello, &transcript), expected);
        // Nobody asked for it.
        assert_eq!(told(HelloKind::All, &transcript), BROKEN);
    }
}

#[test]
fn ssl_2_0_is_accepted_even_without_a_suite() {
    let hello = Hello::of(HelloKind::Ssl2);
    let seen = flight(&hello, &transcript!("ssl2"));
    assert_eq!(seen.version, "SSL 2.0");
    assert_eq!(seen.cipher, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5");
    assert_eq!(seen.ssl2_kinds.len(), 3);
    assert_eq!(seen.chain, [LEAF.to_vec()]);
    let seen = flight(&hello, &transcript!("ssl2-no-kinds"));
    assert_eq!((seen.cipher.as_str(), seen.ssl2_kinds.len()), ("", 0));
    let refused = Some(ErrorCode::Refused);
    let told = told(HelloKind::Ssl2, &transcript!("ssl2-error"));
    assert_eq!(told, (HelloOutcome::Refused, refused, None));
}

#[test]
fn refusals_keep_their_alert() {
    let alert = |level, number| [21, 3, 1, 0, 2, level, number];
    for kind in [HelloKind::Weak, HelloKind::Ssl3, HelloKind::Ssl2] {
        let refused = (HelloOutcome::Refused, None, Some(70));
        assert_eq!(told(kind, &alert(2, 70)), refused, "{kind}");
        let closed = (HelloOutcome::Refused, Some(ErrorCode::Closed), None);
        assert_eq!(told(kind, &[]), closed, "{kind}");
        assert_eq!(told(kind, &alert(1, 0)), closed, "{kind}");
        // A warning is not the end.
        assert_eq!(told(kind, &alert(1, 112)), closed, "{kind}");
        let both = [alert(1, 112), alert(2, 40)].concat();
        let refused = (HelloOutcome::Refused, None, Some(40));
        assert_eq!(told(kind, &both), refused, "{kind}");
        // Half an alert.
        let half = (HelloOutcome::Unknown, Some(ErrorCode::Closed), None);
        assert_eq!(told(kind, &alert(2, 40)[..6]), half, "{kind}");
    }
    let mut reading = flight::Reading::new(&Hello::of(HelloKind::Weak)).end(ErrorCode::Timeout);
    assert_eq!(reading.outcome, HelloOutcome::Unknown);
    reading = flight::Reading::new(&Hello::of(HelloKind::Weak)).end(ErrorCode::Reset);
    assert_eq!(reading.outcome, HelloOutcome::Refused);
}

#[test]
fn what_was_not_offered_is_not_believed() {
    // TLS 1.0 with DES, to a hello for SSL 3.0; a strong suite to a weak hello.
    assert_eq!(told(HelloKind::Ssl3, &transcript!("export-rsa")), BROKEN);
    assert_eq!(told(HelloKind::Legacy, &transcript!("rc4")), BROKEN);
    let mut strong = transcript!("des");
    let suite = strong
        .windows(2)
        .position(|pair| pair == [0x00, 0x15])
        .unwrap();
    strong[suite + 1] = 0x2f;
    assert_eq!(told(HelloKind::Weak, &strong), BROKEN);
    for garbage in [
        "454 4.7.0 TLS not available\r\n",
        "HTTP/1.1 400 Bad\r\n",
        "\0\0\0\0\0\0",
    ] {
        for kind in [HelloKind::Weak, HelloKind::Ssl3, HelloKind::Ssl2] {
            assert_eq!(told(kind, garbage.as_bytes()), BROKEN, "{kind}");
        }
    }
}

#[test]
fn a_flight_that_breaks_off_keeps_what_came() {
    let whole = transcript!("des");
    for end in 90..whole.len() {
        let answer = read(&Hello::of(HelloKind::Legacy), &whole[..end]);
        assert_eq!(answer.outcome, HelloOutcome::Accepted, "{end}");
        assert_eq!(answer.error, Some(ErrorCode::Closed), "{end}");
    }
    let mut endless = transcript!("export-rsa");
    endless.truncate(5 + 4 + 38);
    for _ in 0..5 {
        // CertificateStatus of 16,000 bytes.
        let record = [&[22, 3, 1, 0x3e, 0x84, 22, 0, 0x3e, 0x80][..], &[0; 16_000]].concat();
        endless.extend(record);
    }
    let answer = decode(&Hello::of(HelloKind::Legacy), &endless);
    assert_eq!(answer.outcome, HelloOutcome::Accepted);
    assert_eq!(answer.error, Some(ErrorCode::TooLarge));
    let huge = [22, 3, 1, 0, 4, 2, 1, 0, 0];
    let large = (HelloOutcome::Unknown, Some(ErrorCode::TooLarge), None);
    assert_eq!(told(HelloKind::Weak, &huge), large);
}

const KINDS: [HelloKind; 5] = [
    HelloKind::All,
    HelloKind::Weak,
    HelloKind::Legacy,
    HelloKind::Ssl3,
    HelloKind::Ssl2,
];

/// Suites in a hello, and whether it has extensions.
fn taken_apart(record: &[u8]) -> (Vec<u16>, Vec<u16>) {
    let mut record = reader::Reader(record);
    assert_eq!(record.u8(), Some(22));
    assert!(record.u16().unwrap() <= 0x0301);
    let mut message = record.vector(2).unwrap();
    assert!(record.is_empty());
    assert!(
        !(256..=511).contains(&message.0.len()),
        "{}",
        message.0.len()
    );
    assert_eq!(message.u8(), Some(1));
    let mut body = message.vector(3).unwrap();
    assert!(message.is_empty());
    body.u16().unwrap();
    body.take(32).unwrap();
    body.vector(1).unwrap();
    let mut list = body.vector(2).unwrap();
    let suites = std::iter::from_fn(|| list.u16()).collect();
    body.vector(1).unwrap();
    let mut numbers = Vec::new();
    if !body.is_empty() {
        let mut extensions = body.vector(2).unwrap();
        while !extensions.is_empty() {
            numbers.push(extensions.u16().unwrap());
            extensions.vector(2).unwrap();
        }
        assert!(body.is_empty());
    }
    (suites, numbers)
}

#[test]
fn usual_hellos_offer_what_they_are_named_after() {
    for kind in KINDS {
        for extensions in [true, false] {
            let usual = Hello::of(kind);
            let hello = Hello {
                extensions: extensions && usual.extensions,
                ..usual
            };
            if kind == HelloKind::Ssl2 {
                let bytes = hello.encode(None);
                assert_eq!(bytes.len(), 48);
                assert_eq!(bytes[..11], [0x80, 46, 1, 0, 2, 0, 21, 0, 0, 0, 16]);
                continue;
            }
            let (suites, numbers) = taken_apart(&hello.encode(Some("mail.example.cz")));
            assert_eq!(numbers.is_empty(), !hello.extensions, "{kind}");
            assert_eq!(numbers.contains(&0), hello.extensions, "{kind}");
            assert!(!numbers.contains(&43), "{kind}: supported_versions");
            assert!(!suites.contains(&0x5600), "{kind}: TLS_FALLBACK_SCSV");
            let (last, real) = suites.split_last().unwrap();
            assert_eq!(*last, 0x00ff);
            assert_eq!(real, hello.suites, "{kind}: cut");
            if kind == HelloKind::Weak {
                let weak = |suite: &u16| tls_names::weakness(&tls_names::suite(*suite)).is_some();
                assert!(real.iter().all(weak));
            }
        }
    }
    let addressed = Hello::of(HelloKind::All).encode(Some("192.0.2.1"));
    assert!(
        !taken_apart(&addressed).1.contains(&0),
        "an address is no name"
    );
}

proptest! {
    #[test]
    fn any_bytes_have_an_answer(
        kind in 0..KINDS.len(),
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let _ = read(&Hello::of(KINDS[kind]), &bytes);
    }

    #[test]
    fn flights_with_a_wrong_byte_have_an_answer(
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        for (kind, mut bytes) in [
            (HelloKind::Weak, transcript!("rc4")),
            (HelloKind::Legacy, transcript!("des")),
            (HelloKind::Legacy, transcript!("export-rsa")),
            (HelloKind::Ssl3, transcript!("ssl3")),
            (HelloKind::Ssl2, transcript!("ssl2")),
        ] {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = read(&Hello::of(kind), &bytes);
        }
    }

    #[test]
    fn no_hello_has_a_bad_size(
        version in 1..6_usize,
        suites in 1..240_usize,
        groups in 0..28_usize,
        extensions in any::<bool>(),
        name in "[a-z]{1,60}",
    ) {
        let mut hello = Hello::up_to(HelloKind::Suites, Version::ALL[version]);
        hello.suites.truncate(suites);
        hello.groups.truncate(groups);
        hello.extensions &= extensions;
        taken_apart(&hello.encode(Some(&name)));
    }
}
