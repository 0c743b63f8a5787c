use std::io::Write;

use super::*;

fn read(name: &str, bytes: &[u8]) -> Result<AsnTable> {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).expect("writes");
    AsnTable::read(&path, None)
}

const TABLE: &str = "; pyasn\n# and others\n\n192.0.2.0/24\t64500\n198.51.100.0/24 AS64501\n\
                     203.0.113.0/24,64502,Example Net\n203.0.113.0\t25\t64503_64504\r\n\
                     2001:db8::/32 64505\n2001:db8:1::\t48\t{64506,64507}\n192.0.2.128/25 0\n\
                     192.88.99.0\t192.88.99.9\t64508\tCZ\tEXAMPLE Net, Ltd\n\
                     192.88.99.10\t192.88.99.19\t0\tNone\tNot routed\n";

#[test]
fn reads_the_formats_that_people_have() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(TABLE.as_bytes()).expect("packs");
    let gzip = gzip.finish().expect("packs");
    let zstd = zstd::encode_all(TABLE.as_bytes(), 3).expect("packs");
    for (name, bytes) in [
        ("table", TABLE.as_bytes()),
        ("table.gz", &gzip),
        ("table.zst", &zstd),
    ] {
        let table = read(name, bytes).expect("a table");
        let ip = |ip: &str| ip.parse().expect("an address");
        for (address, asn, prefix) in [
            ("192.0.2.1", Some(64500), Some("192.0.2.0/24")),
            // AS 0 announces nothing.
            ("192.0.2.200", None, None),
            ("198.51.100.255", Some(64501), Some("198.51.100.0/24")),
            // The longest, the first origin.
            ("203.0.113.1", Some(64503), Some("203.0.113.0/25")),
            ("::ffff:203.0.113.1", Some(64503), Some("203.0.113.0/25")),
            ("203.0.113.200", Some(64502), Some("203.0.113.0/24")),
            ("2001:db8::1", Some(64505), Some("2001:db8::/32")),
            ("2001:db8:1::1", Some(64506), Some("2001:db8:1::/48")),
            ("192.88.99.9", Some(64508), None),
            ("192.88.99.10", None, None),
            ("10.0.0.1", None, None),
        ] {
            assert_eq!(table.get(ip(address)), asn, "{name}: {address}");
            let route = table.route(ip(address));
            assert_eq!(route.map(|route| route.asn), asn, "{name}: {address}");
            let found = route.and_then(|route| route.prefix);
            assert_eq!(
                found.map(|net| net.to_string()).as_deref(),
                prefix,
                "{address}"
            );
        }
        let countries = table.countries().expect("countries");
        let country = |address| countries.get(ip(address)).map(|one| one.to_string());
        assert_eq!(country("192.88.99.9").as_deref(), Some("CZ"));
        assert_eq!(country("192.88.99.10"), None);
        assert_eq!(country("192.0.2.1"), None);
        assert!(table.has_prefixes());
    }
}

#[test]
fn a_table_of_ranges_tells_no_prefixes_and_one_of_prefixes_no_countries() {
    let table = read("ranges", b"192.0.2.0 192.0.2.255 64500\n").expect("a table");
    assert!(!table.has_prefixes());
    assert!(table.countries().is_none());
    let table = read("prefixes", b"192.0.2.0/24 64500 CZ\n").expect("a table");
    assert!(table.countries().is_none());
}

#[test]
fn the_worst_of_all_that_announce_a_prefix_counts() {
    let dir = tempfile::tempdir().expect("a directory");
    let (vrps, table) = (dir.path().join("vrps"), dir.path().join("table"));
    std::fs::write(&vrps, "AS64500,192.0.2.0/23,24,ripe\n").expect("writes");
    std::fs::write(
        &table,
        "192.0.2.0/24 64500\n192.0.3.0/24 64500\n192.0.3.0/24 64501\n198.51.100.0/24 64500\n\
         203.0.113.0 203.0.113.255 64500 CZ\n",
    )
    .expect("writes");
    let vrps = Vrps::read(&vrps).expect("a table");
    let table = AsnTable::read(&table, Some(&vrps)).expect("a table");
    for (ip, asn, rpki) in [
        ("192.0.2.1", 64500, Some(Rpki::Valid)),
        ("192.0.3.1", 64500, Some(Rpki::Invalid)),
        ("198.51.100.1", 64500, Some(Rpki::NotFound)),
        ("203.0.113.1", 64500, None),
    ] {
        let route = table
            .route(ip.parse().expect("an address"))
            .expect("a route");
        assert_eq!((route.asn, route.rpki), (asn, rpki), "{ip}");
    }
}

#[test]
fn a_bad_line_is_refused_with_its_number() {
    for bad in [
        "192.0.2.0/33 1",
        "192.0.2.0/24",
        "192.0.2.0/24 ASx",
        "192.0.2.0/24 -1",
        "192.0.2.0/24 99999999999",
        "192.0.2.0 24",
        "1.0.0.0 1.0.0.255",
        "example.cz 1",
        "network,autonomous_system_number",
    ] {
        let text = format!("# table\n192.0.2.0/24 1\n{bad}\n");
        let sentence = read("table", text.as_bytes()).expect_err(bad).to_string();
        assert!(sentence.contains("line 3: neither"), "{bad}: {sentence}");
    }
    for (bad, why) in [
        ("1.0.0.255 1.0.0.0 13335 US", "does not follow"),
        ("1.0.0.0 2001:db8:: 13335 US", "does not follow"),
        ("1.0.0.0 1.0.0.255 13335 USA", "not of two letters"),
    ] {
        let sentence = read("table", bad.as_bytes()).expect_err(bad).to_string();
        assert!(sentence.contains("line 1: "), "{bad}: {sentence}");
        assert!(sentence.contains(why), "{bad}: {sentence}");
    }
    let long = format!("192.0.2.0/24 1 {}\n", "x".repeat(5000));
    let sentence = read("table", long.as_bytes())
        .expect_err("long")
        .to_string();
    assert!(sentence.contains("line 1: longer"), "{sentence}");
    let sentence = read("table", b"# nothing\n")
        .expect_err("empty")
        .to_string();
    assert!(sentence.contains("has no line that counts"), "{sentence}");
}

#[test]
fn a_packed_table_that_was_cut_off_is_refused() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(TABLE.repeat(500).as_bytes()).expect("packs");
    let gzip = gzip.finish().expect("packs");
    let sentence = read("table.gz", &gzip[..gzip.len() / 2]).expect_err("cut");
    assert!(sentence.to_string().contains("ends early"), "{sentence}");
}
