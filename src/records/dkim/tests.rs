//! DKIM keys, those of the RFCs and those that are none.

use Fault::{
    BadKey, BadValue, BadVersion, Duplicate, Missing, NotAscii, Obsolete, Syntax, TrailingJunk,
    UnknownTag,
};
use proptest::prelude::*;

use super::super::tests::{self, Told};
use super::*;

/// RFC 6376 C.
const RSA_1024: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1f\
    Wn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVj\
    H4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";
/// RFC 8463 A.2.
const ED25519: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn told(text: &str) -> Vec<(Fault, bool)> {
    tests::told(&parse(text.as_bytes()))
}

#[test]
fn keys_of_the_rfcs_are_read() {
    let expected = Key {
        key_type: "rsa".to_owned(),
        bits: Some(1024),
        ..Key::default()
    };
    let parsed = parse(format!("v=DKIM1; p={RSA_1024}").as_bytes());
    assert_eq!(parsed.findings, []);
    assert_eq!(parsed.value, Some(expected.clone()));
    // Everything but `p` is OPTIONAL.
    assert_eq!(
        parse(format!("p={RSA_1024}").as_bytes()).value,
        Some(expected)
    );
    let text = format!("v=DKIM1; k=ed25519; h=sha256:SHA1; s=*; t=y:s; n=a=20b; p={ED25519}");
    let expected = Key {
        key_type: "ed25519".to_owned(),
        bits: Some(256),
        revoked: false,
        testing: true,
        hashes: vec!["sha256".to_owned(), "sha1".to_owned()],
    };
    let parsed = parse(text.as_bytes());
    assert_eq!(parsed.findings, []);
    assert_eq!(parsed.value, Some(expected));
    // "An empty value means that this public key has been revoked."
    for text in ["v=DKIM1; p=", "v=DKIM1; p=;", "p= \r\n ", "k=ed25519; p="] {
        let parsed = parse(text.as_bytes());
        assert_eq!(parsed.findings, [], "{text:?}");
        let key = parsed.value.unwrap();
        assert!(key.revoked && key.bits.is_none(), "{text:?}");
    }
}

#[test]
fn faults_are_told() {
    let table: &[(&str, Told)] = &[
        // RFC 6376 3.6.1, `v`: first, and compared as a string.
        ("v=DKIM2; p=", &[(BadVersion, true)]),
        ("v=dkim1; p=", &[(BadVersion, true)]),
        ("v=; p=", &[(BadVersion, true)]),
        ("p=; v=DKIM1", &[(BadVersion, true)]),
        ("v=spf1 -all", &[(BadVersion, true), (Missing, true)]),
        // `p` is REQUIRED.
        ("v=DKIM1", &[(Missing, true)]),
        ("v=DKIM1;", &[(Missing, true)]),
        ("v=DKIM1; P=", &[(UnknownTag, false), (Missing, true)]),
        ("", &[(Missing, true)]),
        ("hello", &[(Syntax, true), (Missing, true)]),
        // `k`, `h`, `t`, `s`: words, and some of them known.
        ("k=dsa; p=", &[(BadValue, true)]),
        ("k=; p=", &[(BadValue, true)]),
        ("k=RSA; p=", &[]),
        ("h=sha256 : x-1; p=", &[]),
        ("h=; p=", &[(BadValue, true)]),
        ("h=sha256:; p=", &[(BadValue, true)]),
        ("h=sha_256; p=", &[(BadValue, true)]),
        ("t=x-; p=", &[(BadValue, true)]),
        ("t=new; p=", &[]),
        ("s=email; p=", &[]),
        ("s=tlsrpt:email; p=", &[]),
        ("s=tlsrpt; p=", &[(BadValue, true)]),
        ("s=email:**; p=", &[(BadValue, true)]),
        // `n` is for people.
        ("n=a=zz; p=", &[(BadValue, false)]),
        ("n=a=; p=", &[(BadValue, false)]),
        // RFC 6376 3.2: unknown tags are ignored, and none occurs twice.
        ("x=y; p=", &[(UnknownTag, false)]),
        ("g=*; p=", &[(Obsolete, false)]),
        ("k=rsa; k=rsa; p=", &[(Duplicate, true)]),
        ("p=; p=", &[(Duplicate, true)]),
        // RFC 6376 3.2: `tag-list = tag-spec *(";" tag-spec) [";"]`.
        ("p=;;k=rsa", &[(Syntax, true)]),
        ("p=; k", &[(Syntax, true)]),
        ("p=; 1=x", &[(Syntax, true)]),
        ("p=; ", &[(TrailingJunk, true)]),
        // RFC 6376 2.8: an end of line folds only before space.
        ("p\r\n =\r\n\t", &[]),
        ("k=rsa;\r\np=", &[(Syntax, true)]),
        ("k=rsa;\n p=", &[(Syntax, true)]),
        ("k=rsa;\r p=", &[(Syntax, true)]),
        ("n=é; p=", &[(NotAscii, true)]),
        ("p=; \0", &[(NotAscii, true)]),
        ("p=\0", &[(NotAscii, true), (Missing, true)]),
        // RFC 6376 2.10: base64.
        ("p=!", &[(BadKey, true)]),
        ("p=AAAAA", &[(BadKey, true)]),
        ("p=AAA=A", &[(BadKey, true)]),
        ("p=A===", &[(BadKey, true)]),
        ("p=AAAA", &[(BadKey, true)]),
        ("p==", &[(BadKey, true)]),
    ];
    for (text, expected) in table {
        assert_eq!(told(text), *expected, "{text:?}");
    }
    let ed25519 = [
        (ED25519.to_owned(), true),
        // Padding is optional in the grammar, and space may stand anywhere.
        (ED25519.trim_end_matches('=').to_owned(), true),
        (ED25519.replace('V', "V \r\n\t"), true),
        // RFC 8463 4.2: the key alone, without a `SubjectPublicKeyInfo`.
        (format!("MCowBQYDK2VwAyEA{ED25519}"), false),
        (ED25519[4..].to_owned(), false),
        (RSA_1024.to_owned(), false),
    ];
    for (data, sound) in ed25519 {
        let fault = parse(format!("k=ed25519; p={data}").as_bytes()).fault();
        assert_eq!(fault, (!sound).then_some(BadKey), "{data}");
    }
}

/// DER with a length of one or three bytes.
fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    let head = match contents.len() {
        0..0x80 => vec![tag, length[1]],
        0x80..0x100 => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    [head, contents.to_vec()].concat()
}

fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let block = [chunk, &[0, 0]].concat();
        let bits = u32::from_be_bytes([0, block[0], block[1], block[2]]);
        for place in 0..4_usize {
            let digit = (bits >> (18 - 6 * place) & 0x3f) as usize;
            text.push(if place <= chunk.len() {
                char::from(letters[digit])
            } else {
                '='
            });
        }
    }
    text
}

fn rsa_key(modulus: &[u8]) -> Vec<u8> {
    der(0x30, &[der(2, modulus), der(2, &[1, 0, 1])].concat())
}

fn key_info(identifier: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let algorithm = der(0x30, &[&der(6, identifier), parameters].concat());
    der(0x30, &[algorithm, der(3, &[&[0], key].concat())].concat())
}

fn fault_and_bits(key: &[u8]) -> (Option<Fault>, Option<u16>) {
    let parsed = parse(format!("p={}", base64(key)).as_bytes());
    (parsed.fault(), parsed.value.unwrap().bits)
}

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

#[test]
fn rsa_keys_are_read_in_both_forms() {
    for bits in [512_u16, 768, 1024, 1023, 1025, 2048, 4096, 16384] {
        let size = usize::from(bits.div_ceil(8));
        let mut modulus = vec![0xff; size];
        modulus[0] = 0xff >> (size * 8 - usize::from(bits));
        if modulus[0] >= 0x80 {
            modulus.insert(0, 0);
        }
        let key = rsa_key(&modulus);
        assert_eq!(fault_and_bits(&key), (None, Some(bits)));
        assert_eq!(
            fault_and_bits(&key_info(RSA, &[5, 0], &key)),
            (None, Some(bits))
        );
        assert_eq!(
            fault_and_bits(&key_info(RSA, &[], &key)),
            (None, Some(bits))
        );
    }
}

#[test]
fn what_is_no_rsa_key_is_told() {
    let modulus = [&[0x7f_u8][..], &[0xff; 127]].concat();
    let key = rsa_key(&modulus);
    let wrong = [
        // Behind the key.
        [key.clone(), vec![0]].concat(),
        [key_info(RSA, &[5, 0], &key), vec![0]].concat(),
        key_info(RSA, &[5, 0], &[key.clone(), vec![0]].concat()),
        der(
            0x30,
            &[der(2, &modulus), der(2, &[3]), der(2, &[3])].concat(),
        ),
        // Of something else.
        key_info(&RSA[..8], &[5, 0], &key),
        key_info(RSA, &[5, 1, 0], &key),
        der(0x30, &der(2, &modulus)),
        der(0x31, &key[4..]),
        vec![],
        vec![0x30],
        vec![0x30, 0x80, 0, 0],
        // Cut off.
        key[..key.len() - 1].to_vec(),
        // X.690 8.3, 10.1: numbers that are negative, zero or too long, and lengths as well.
        rsa_key(&[0xff; 128]),
        rsa_key(&[0]),
        rsa_key(&[]),
        rsa_key(&[&[0], &modulus[..]].concat()),
        [&[0x30, 0x83, 0], &key[2..]].concat(),
    ];
    for key in wrong.iter().filter(|key| !key.is_empty()) {
        assert_eq!(fault_and_bits(key), (Some(BadKey), None), "{key:x?}");
    }
    // A modulus whose size does not fit: none rather than a wrong one.
    let long = [&[1_u8][..], &[0; 8191]].concat();
    assert_eq!(fault_and_bits(&rsa_key(&long)), (None, Some(65_529)));
    let longer = [&[1_u8][..], &[0; 8192]].concat();
    assert_eq!(fault_and_bits(&rsa_key(&longer)), (Some(BadKey), None));
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(
        bits in 9_u16..5000,
        testing: bool,
        hashes in prop::collection::vec("[a-z]([a-z0-9-]{0,5}[a-z0-9])?", 0..4),
        space in "[ \t]{0,2}|\r\n ",
        at in 0_usize..400,
    ) {
        let size = usize::from(bits.div_ceil(8));
        let mut modulus = vec![0x55; size];
        modulus[0] = 0xff >> (size * 8 - usize::from(bits));
        if modulus[0] >= 0x80 {
            modulus.insert(0, 0);
        }
        let mut data = base64(&key_info(RSA, &[5, 0], &rsa_key(&modulus)));
        data.insert_str(at % data.len(), &space);
        let mut text = format!("v{space}={space}DKIM1{space};{space}p={data}");
        if testing {
            text += &format!(";{space}t{space}=s{space}:{space}y");
        }
        if !hashes.is_empty() {
            text += &format!(";{space}h={}", hashes.join(&format!("{space}:{space}")));
        }
        let parsed = parse(text.as_bytes());
        prop_assert_eq!(parsed.findings, []);
        let key_type = "rsa".to_owned();
        let expected = Key { key_type, bits: Some(bits), revoked: false, testing, hashes };
        prop_assert_eq!(parsed.value, Some(expected));
    }

    #[test]
    fn any_key_is_read(start in 0_usize..140, bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let whole = key_info(RSA, &[5, 0], &rsa_key(&[0x55; 128]));
        let mut key = whole[..start.min(whole.len())].to_vec();
        key.extend(bytes);
        let (fault, bits) = match key.is_empty() {
            true => (Some(BadKey), None),
            false => fault_and_bits(&key),
        };
        prop_assert_eq!(fault.is_none(), bits.is_some());
    }
}
