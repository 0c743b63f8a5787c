//! TLS of real servers, cell by cell: what the survey says of versions, suites, groups and signatures
//! is what their configuration, sslscan and OpenSSL's client say.

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use mailcensus::table::codes::{StarttlsOutcome, TlsOutcome};
use mailcensus::table::rows::{EndpointRow, Versions};
use mailcensus::table::tls_codes::{HelloKind, HelloOutcome, VersionResult};

use super::foreign::{each, tool};
use super::lab::lab;
use super::program::{keyed, rows, run};
use super::shared::{alone, shared};

/// The versions that other tools know, oldest first.
const VERSIONS: [&str; 4] = ["1.0", "1.1", "1.2", "1.3"];

/// A line of tls.table.
struct Setup {
    host: String,
    full: String,
    suite: String,
    group: String,
    signature: String,
    versions: Vec<String>,
    weak: String,
    dh: String,
}

/// The table that the servers were made from.
fn setups() -> Vec<Setup> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/scripts/real-servers.d/tls.table"
    );
    let text = fs::read_to_string(path).expect("a table");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let cells = lines.map(|line| line.split(" | ").map(str::trim).collect::<Vec<_>>());
    cells
        .filter(|cells| cells.len() > 1)
        .map(|cells| Setup {
            host: format!("{}.mailhost.cz", cells[0]),
            full: cells[3].to_owned(),
            suite: cells[4].to_owned(),
            group: cells[5].to_owned(),
            signature: cells[6].to_owned(),
            versions: cells[7].split(' ').map(str::to_owned).collect(),
            weak: cells[8].to_owned(),
            dh: cells[9].to_owned(),
        })
        .collect()
}

/// Whether a column has what a cell wants: patterns, `-` for nothing, `*` for anything.
fn has(column: Option<&str>, cell: &str) -> bool {
    match cell {
        "*" => true,
        "-" => column.is_none(),
        patterns => column.is_some_and(|column| {
            let mut patterns = patterns.split(',');
            patterns.any(|pattern| fits(column, pattern))
        }),
    }
}

/// Whether the words between the stars of a pattern are in a text, in this order and nothing else.
fn fits(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let mut ends = (0..=text.len()).filter(|at| text.is_char_boundary(*at));
            ends.any(|at| fits(&text[at..], rest))
        }),
    }
}

fn of(versions: &Versions, version: &str) -> VersionResult {
    match version {
        "1.0" => versions.tls1_0.result,
        "1.1" => versions.tls1_1.result,
        "1.2" => versions.tls1_2.result,
        _ => versions.tls1_3.result,
    }
}

/// What a survey of standard depth must know of the versions, given those that are accepted.
fn must_know<'a>(row: &EndpointRow, accepted: impl Fn(&str) -> bool + 'a) -> Vec<String> {
    let mut wrong = Vec::new();
    for version in VERSIONS {
        let ours = of(&row.versions, version);
        let fits = match ours {
            VersionResult::Accepted => accepted(version),
            VersionResult::Refused | VersionResult::ImpliedRefused => !accepted(version),
            // A server answers with the newest version it has, and nobody asks for each one alone.
            VersionResult::Unknown => match version {
                "1.2" => accepted("1.3"),
                "1.0" => accepted("1.1"),
                // The full handshake offered it, but other things, too, that may have been refused.
                "1.3" => row.tls.outcome == TlsOutcome::HelloOnly,
                _ => false,
            },
        };
        if !fits {
            wrong.push(format!(
                "{} {}: TLS {version} {}, but accepted is {}",
                row.host,
                row.ip,
                ours.as_str(),
                accepted(version)
            ));
        }
    }
    wrong
}

/// What of a row is not in its line.
fn differences(setup: &Setup, row: &EndpointRow) -> Vec<String> {
    let tls = &row.tls;
    let dh = row.dh_bits.map(|bits| bits.to_string());
    let cells = [
        ("full", Some(tls.outcome.as_str()), &setup.full),
        ("suite", tls.cipher.as_deref(), &setup.suite),
        ("group", tls.group.as_deref(), &setup.group),
        (
            "signature",
            tls.signature_scheme.as_deref(),
            &setup.signature,
        ),
        ("weak", row.weak_cipher.as_deref(), &setup.weak),
        ("dh", dh.as_deref(), &setup.dh),
    ];
    let mut wrong: Vec<String> = cells
        .into_iter()
        .filter(|(_, ours, cell)| !has(*ours, cell))
        .map(|(name, ours, cell)| format!("{}: {name} is {ours:?}, not {cell}", row.host))
        .collect();
    if tls.outcome == TlsOutcome::Failed {
        return wrong;
    }
    wrong.extend(must_know(row, |version| {
        setup.versions.iter().any(|accepted| accepted == version)
    }));
    let weak = row
        .hellos
        .iter()
        .find(|hello| hello.kind == HelloKind::Weak);
    let cleared = weak.is_some_and(|hello| hello.outcome == HelloOutcome::Refused);
    if cleared != (setup.weak == "-") {
        wrong.push(format!("{}: the weak hello: {weak:?}", row.host));
    }
    wrong
}

/// Every address that said yes to STARTTLS.
fn endpoints() -> Vec<EndpointRow> {
    let mut endpoints: Vec<EndpointRow> = rows(&shared().out);
    endpoints.retain(|row| row.starttls.outcome == StarttlsOutcome::Accepted);
    endpoints
}

#[test]
fn every_server_is_seen_as_it_was_set_up() {
    let rows = keyed(&shared().out, |row: &EndpointRow| {
        row.host.clone() + &row.ip
    });
    let mut wrong = Vec::new();
    for setup in setups() {
        let row = rows.values().find(|row| row.host == setup.host);
        let row = row.unwrap_or_else(|| panic!("{} is missing", setup.host));
        let tls = &row.tls;
        let versions = VERSIONS.map(|version| of(&row.versions, version).as_str());
        println!(
            "{:<28} {:<10} {:?} {:?} {:?} {:?} weak {:?}",
            row.host, tls.outcome, tls.version, tls.cipher, tls.group, versions, row.weak_cipher
        );
        wrong.extend(differences(&setup, row));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_server_here_accepts_any_ssl() {
    for row in endpoints() {
        let versions = &row.versions;
        let modern = row.tls.version.as_deref() == Some("TLS 1.3");
        if modern {
            assert_eq!(
                versions.ssl2.result,
                VersionResult::ImpliedRefused,
                "{}",
                row.host
            );
        }
        assert_ne!(
            versions.ssl2.result,
            VersionResult::Accepted,
            "{}",
            row.host
        );
        assert_ne!(
            versions.ssl3.result,
            VersionResult::Accepted,
            "{}",
            row.host
        );
    }
}

/// What sslscan says of the versions of TLS, SSL 2.0 and SSL 3.0 apart.
fn sslscan(row: &EndpointRow) -> BTreeMap<String, bool> {
    let target = match row.ip.contains(':') {
        true => format!("[{}]:25", row.ip),
        false => format!("{}:25", row.ip),
    };
    // Without a name of ours it sends the address as one, which GnuTLS refuses of IPv6.
    let name = format!("--sni-name={}", row.host);
    let mut args = vec![
        "--starttls-smtp",
        "--xml=-",
        "--no-colour",
        "--no-ciphersuites",
    ];
    args.extend(["--no-groups", "--no-renegotiation", "--no-compression"]);
    args.extend(["--no-fallback", "--no-heartbleed", &name, &target]);
    let text = tool("sslscan", &args);
    let lines = text.split("<protocol type=\"tls\" version=\"").skip(1);
    let found: BTreeMap<_, _> = lines
        .map(|line| {
            (
                line[..3].to_owned(),
                line[3..].starts_with("\" enabled=\"1\""),
            )
        })
        .collect();
    assert_eq!(found.len(), VERSIONS.len(), "{}: {text}", row.host);
    found
}

#[test]
fn sslscan_sees_the_versions_that_we_saw() {
    let endpoints = endpoints();
    let _alone = alone();
    let scans = each(&endpoints, sslscan);
    let mut wrong = Vec::new();
    let mut table: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (row, scan) in endpoints.iter().zip(&scans) {
        let ours = VERSIONS.map(|version| of(&row.versions, version).as_str());
        let theirs = VERSIONS.map(|version| if scan[version] { "yes" } else { "no" });
        *table.entry((ours.join(" "), theirs.join(" "))).or_default() += 1;
        // It takes a ServerHello for a yes, also of a server whose handshakes break after it.
        if row.tls.outcome != TlsOutcome::Failed {
            wrong.extend(must_know(row, |version| scan[version]));
        }
    }
    println!("TLS 1.0 1.1 1.2 1.3");
    for ((ours, theirs), count) in table {
        println!("{count:>4}  {ours:<36}  sslscan: {theirs}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// OpenSSL's names of suites by their IANA names; not of those that it no longer has.
static NAMES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let args = ["ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"];
    let text = run(std::process::Command::new("openssl").args(args)).stdout;
    let words = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    words
        .map(|words| (words[0].to_owned(), words[2].to_owned()))
        .collect()
});

/// OpenSSL's name of a suite; the same name where it has none.
pub fn openssl_name(cipher: &str) -> &str {
    NAMES.get(cipher).map_or(cipher, String::as_str)
}

/// What `openssl s_client` says of a handshake: version, suite, group, signature; or nothing.
fn client(row: &EndpointRow, args: &[&str]) -> Option<[String; 4]> {
    let target = match row.ip.contains(':') {
        true => format!("[{}]:25", row.ip),
        false => format!("{}:25", row.ip),
    };
    let mut command = lab().inside("openssl");
    command.args([
        "s_client",
        "-starttls",
        "smtp",
        "-brief",
        "-servername",
        &row.host,
    ]);
    // What rustls offers of signatures, in its order.
    command
        .args(["-sigalgs", SIGNATURES, "-connect", &target])
        .args(args);
    let text = run(&mut command).stderr;
    let after = |word: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(word));
        line.unwrap_or_default().to_owned()
    };
    let version = after("Protocol version: TLSv");
    let version = if version == "1" { "1.0" } else { &version };
    let key = after("Server Temp Key: ");
    let group = match key.split(", ").collect::<Vec<_>>()[..] {
        ["ECDH", "prime256v1", ..] => "secp256r1".to_owned(),
        ["ECDH", group, ..] => group.to_owned(),
        ["DH", ..] => String::new(),
        [group, ..] => group.to_lowercase(),
        [] => String::new(),
    };
    let signature = [after("Signature type: "), after("Hash used: ")].join(" ");
    (!version.is_empty()).then(|| [version.to_owned(), after("Ciphersuite: "), group, signature])
}

const SIGNATURES: &str = "ECDSA+SHA384:ECDSA+SHA256:ed25519:RSA-PSS+SHA512:RSA-PSS+SHA384:\
    RSA-PSS+SHA256:RSA+SHA512:RSA+SHA384:RSA+SHA256:ECDSA+SHA1:RSA+SHA1";

/// A scheme in the words of s_client.
fn words_of(scheme: &str) -> &'static str {
    match scheme {
        "ecdsa_secp256r1_sha256" => "ECDSA SHA256",
        "ecdsa_secp384r1_sha384" => "ECDSA SHA384",
        "ed25519" => "ed25519 UNDEF",
        "rsa_pss_rsae_sha256" => "RSA-PSS SHA256",
        "rsa_pss_rsae_sha384" => "RSA-PSS SHA384",
        "rsa_pss_rsae_sha512" => "RSA-PSS SHA512",
        "rsa_pkcs1_sha512" => "RSA SHA512",
        "rsa_pkcs1_sha256" => "RSA SHA256",
        "rsa_pkcs1_sha1" => "RSA SHA1",
        other => panic!("a scheme without words: {other}"),
    }
}

/// The same of our row.
fn ours(row: &EndpointRow) -> [String; 4] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let version = text(&row.tls.version).replace("TLS ", "");
    let cipher = text(&row.tls.cipher);
    let signature = row.tls.signature_scheme.as_deref().map_or(" ", words_of);
    [
        version,
        openssl_name(&cipher).to_owned(),
        text(&row.tls.group),
        signature.to_owned(),
    ]
}

#[test]
fn openssl_gets_the_handshakes_that_we_completed() {
    let mut endpoints = endpoints();
    endpoints.retain(|row| row.tls.outcome == TlsOutcome::Completed);
    assert!(endpoints.len() > 40, "the lab has many");
    let _alone = alone();
    let suites = [
        "-groups",
        "X25519:P-256:P-384",
        "-cipher",
        "ECDHE:@SECLEVEL=0",
    ];
    let theirs = each(&endpoints, |row| client(row, &suites));
    for (row, theirs) in endpoints.iter().zip(theirs) {
        assert_eq!(Some(ours(row)), theirs, "{} {}", row.host, row.ip);
    }
}

#[test]
fn openssl_is_given_what_only_a_hello_was_given() {
    let mut endpoints = endpoints();
    endpoints.retain(|row| row.tls.outcome == TlsOutcome::HelloOnly);
    assert!(endpoints.len() > 5, "the lab has some");
    let _alone = alone();
    for row in &endpoints {
        let [version, cipher, group, _] = ours(row);
        // RC4 and 3DES are gone from Debian's OpenSSL.
        if cipher.starts_with("TLS_") && version != "1.3" {
            println!("{}: not in OpenSSL: {cipher}", row.host);
            continue;
        }
        let (suites, list) = match version.as_str() {
            "1.3" => ("-ciphersuites", cipher.clone()),
            _ => ("-cipher", format!("{cipher}:@SECLEVEL=0")),
        };
        let theirs = client(row, &[option(&version), suites, &list]);
        let theirs = theirs.unwrap_or_else(|| panic!("{}: OpenSSL is refused", row.host));
        // It has no name for the group of a DHE key exchange.
        let group = if group.starts_with("ffdhe") {
            String::new()
        } else {
            group
        };
        assert_eq!(theirs[..3], [version, cipher, group], "{}", row.host);
    }
}

/// The option that makes s_client offer one version only.
fn option(version: &str) -> &'static str {
    match version {
        "1.0" => "-tls1",
        "1.1" => "-tls1_1",
        "1.2" => "-tls1_2",
        _ => "-tls1_3",
    }
}

#[test]
fn openssl_is_given_a_weak_suite_where_we_were() {
    let endpoints = endpoints();
    let _alone = alone();
    let weak = ["-tls1_2", "-cipher", "aNULL:eNULL:@SECLEVEL=0"];
    let theirs = each(&endpoints, |row| client(row, &weak));
    let mut wrong = Vec::new();
    for (row, theirs) in endpoints.iter().zip(theirs) {
        let ours = row.weak_cipher.as_deref();
        // RC4 and 3DES, which OpenSSL cannot ask for, may be all that there is.
        let same = match ours {
            None => theirs.is_none(),
            Some(suite) => theirs.is_some() || !NAMES.contains_key(suite),
        };
        if !same {
            wrong.push(format!("{}: we {ours:?}, OpenSSL {theirs:?}", row.host));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(endpoints.iter().any(|row| row.weak_cipher.is_none()));
    assert!(endpoints.iter().any(|row| row.weak_cipher.is_some()));
}
