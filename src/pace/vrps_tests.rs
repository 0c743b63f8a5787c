use super::*;

fn read(text: &str) -> Result<Vrps> {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("table");
    std::fs::write(&path, text).expect("writes");
    Vrps::read(&path)
}

const CSV: &str = "ASN,IP Prefix,Max Length,Trust Anchor,Expires\n\
                   AS64500,192.0.2.0/24,25,ripe,1\n\
                   AS64501,192.0.2.0/24,24,ripe,1\n\
                   AS64502,192.0.2.128/25,25,ripe,1\n\
                   AS0,198.51.100.0/24,24,apnic,1\n\
                   AS64500,2001:db8::/32,48,ripe,1\n";
const JSON: &str = r#"{"metadata": {"generated": 1}, "roas": [
    {"asn": "AS64500", "prefix": "192.0.2.0/24", "maxLength": 25, "ta": "ripe"},
    {"asn": 64501, "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "ripe", "expires": 1},
    {"asn": "AS64502", "prefix": "192.0.2.128/25", "maxLength": 25, "ta": "ripe"},
    {"asn": 0, "prefix": "198.51.100.0/24", "maxLength": 24, "ta": "apnic"},
    {"asn": "AS64500", "prefix": "2001:db8::/32", "maxLength": 48, "ta": "ripe"}],
    "aspas": []}"#;

#[track_caller]
fn assert_state(table: &Vrps, net: &str, asn: u32, expected: Rpki) {
    let state = table.state(
        net.parse().expect("a prefix"),
        &Origins::new(vec![asn], false),
    );
    assert_eq!(state, expected, "{net} from AS{asn}");
}

#[test]
fn a_route_is_valid_by_any_payload_around_it() {
    let bare = CSV.split_once('\n').expect("lines").1;
    let archive = "URI,ASN,IP Prefix,Max Length,Not Before,Not After\n\
                   rsync://a,AS64500,192.0.2.0/24,25,1,2\nrsync://a,AS64501,192.0.2.0/24,,1,2\n\
                   rsync://a,AS64502,192.0.2.128/25,25,1,2\nrsync://a,AS0,198.51.100.0/24,24,1,2\n\
                   rsync://a,AS64500,2001:db8::/32,48,1,2\n";
    for text in [CSV, bare, JSON, archive] {
        let table = read(text).expect("a table");
        for (net, asn, state) in [
            ("192.0.2.0/24", 64500, Rpki::Valid),
            ("192.0.2.0/24", 64501, Rpki::Valid),
            ("192.0.2.0/24", 64502, Rpki::Invalid),
            ("192.0.2.0/25", 64500, Rpki::Valid),
            ("192.0.2.0/25", 64501, Rpki::Invalid),
            ("192.0.2.128/25", 64502, Rpki::Valid),
            ("192.0.2.128/25", 64500, Rpki::Valid),
            ("192.0.2.128/26", 64502, Rpki::Invalid),
            // A payload for a longer prefix says nothing of a shorter one.
            ("192.0.0.0/16", 64500, Rpki::NotFound),
            ("203.0.113.0/24", 64500, Rpki::NotFound),
            ("198.51.100.0/24", 64500, Rpki::Invalid),
            ("198.51.100.0/24", 0, Rpki::Invalid),
            ("2001:db8:1::/48", 64500, Rpki::Valid),
            ("2001:db8:1::/49", 64500, Rpki::Invalid),
            ("2001:db9::/32", 64500, Rpki::NotFound),
            ("::/0", 64500, Rpki::NotFound),
        ] {
            assert_state(&table, net, asn, state);
        }
    }
}

#[test]
fn the_worst_of_several_origins_counts_and_a_set_is_nobody() {
    let table = read(CSV).expect("a table");
    let state = |net: &str, systems: &[u32], is_set| {
        let origins = Origins::new(systems.to_vec(), is_set);
        table.state(net.parse().expect("a prefix"), &origins)
    };
    assert_eq!(state("192.0.2.0/24", &[64500, 64501], false), Rpki::Valid);
    assert_eq!(state("192.0.2.0/24", &[64500, 64502], false), Rpki::Invalid);
    assert_eq!(state("192.0.2.0/24", &[64500], true), Rpki::Invalid);
    assert_eq!(state("203.0.113.0/24", &[64500], true), Rpki::NotFound);
}

#[test]
fn what_is_no_payload_is_refused() {
    for bad in [
        "AS64500,192.0.2.0/24",
        "ASx,192.0.2.0/24,24,ripe",
        "AS64500,192.0.2.0,24,ripe",
        "AS64500,192.0.2.0/24,23,ripe",
        "AS64500,192.0.2.0/24,33,ripe",
        "192.0.2.0/24 64500",
    ] {
        let text = format!("{CSV}{bad}\n");
        let sentence = read(&text).expect_err(bad).to_string();
        assert!(sentence.contains("line 7: not `ASN"), "{bad}: {sentence}");
    }
    let sentence = read("# nothing\n").expect_err("empty").to_string();
    assert!(sentence.contains("has no line that counts"), "{sentence}");
    for bad in [
        r#"{"roas": [{"asn": "x", "prefix": "192.0.2.0/24", "maxLength": 24}]}"#,
        r#"{"roas": [{"asn": 1, "prefix": "192.0.2.0/24", "maxLength": 2}]}"#,
        r#"{"roas": [{"asn": 1, "prefix": "192.0.2.0/24""#,
        r#"{"routes": []}"#,
    ] {
        let sentence = read(bad).expect_err(bad).to_string();
        assert!(sentence.contains("not the JSON"), "{bad}: {sentence}");
        assert!(sentence.contains("line 1"), "{bad}: {sentence}");
    }
}

proptest::proptest! {
    /// The table says what a walk over all payloads says.
    #[test]
    fn agrees_with_a_walk(
        entries in proptest::collection::vec((0_u8..8, 24_u8..=32, 0_u8..4, 0_u32..3), 1..30),
        last in 0_u8..8,
        length in 24_u8..=32,
        asn in 0_u32..3,
    ) {
        let net = |last: u8, length| {
            let ip = std::net::IpAddr::from([192, 0, 2, last << 5]);
            IpNet::new(ip, length).expect("a prefix").trunc()
        };
        let entries: Vec<_> = entries.into_iter().map(|(last, length, more, asn)| {
            let max_length = (length + more).min(32);
            (net(last, length), Payload { asn, max_length })
        }).collect();
        let route = net(last, length);
        let around = || entries.iter().filter(|(net, _)| net.contains(&route));
        let matches = around().any(|(_, one)| {
            one.asn == asn && asn != 0 && route.prefix_len() <= one.max_length
        });
        let walked = match (matches, around().count()) {
            (true, _) => Rpki::Valid,
            (false, 0) => Rpki::NotFound,
            (false, _) => Rpki::Invalid,
        };
        let table = Vrps::of(entries, String::new());
        proptest::prop_assert_eq!(table.state(route, &Origins::new(vec![asn], false)), walked);
    }
}
