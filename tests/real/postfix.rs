//! Postfix, as a client, sees the mail hosts as we do: handshakes, certificates, trust and DANE.

use std::collections::BTreeMap;

use mailcensus::table::codes::{
    Dates, ErrorCode, Outcome, Pkix, Security, StarttlsOutcome, TcpOutcome, TlsOutcome,
};
use mailcensus::table::rows::{CertificateRow, EndpointRow, HostRow};

use super::foreign::{each, tool};
use super::matrix::openssl_name;
use super::program::{keyed, rows};
use super::shared::{alone, shared};

/// The facts of a connection, in words that both sides have.
fn facts(row: &EndpointRow, certificates: &BTreeMap<String, CertificateRow>) -> String {
    if row.tcp.outcome == TcpOutcome::Failed {
        return match row.tcp.error {
            Some(ErrorCode::Refused) => "refused".to_owned(),
            Some(ErrorCode::Timeout) => "timeout".to_owned(),
            other => format!("tcp {other:?}"),
        };
    }
    if row.starttls.error == Some(ErrorCode::Blocked) {
        return format!("turned away with {}", row.banner_code.unwrap_or(0));
    }
    if row.starttls.outcome == StarttlsOutcome::NotOffered {
        return "no STARTTLS".to_owned();
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    if row.tls.outcome == TlsOutcome::Failed {
        return format!("broken with alert {:?}", row.tls.alert);
    }
    let cipher = text(&row.tls.cipher);
    // What Debian's OpenSSL no longer speaks, or nobody signed.
    if ["_RC4_", "_3DES_", "_NULL_", "_anon_"]
        .iter()
        .any(|weak| cipher.contains(weak))
    {
        return "no certificate to trust".to_owned();
    }
    let chain = &row.chains[0];
    let certificate = &certificates[&chain.certificates[0]];
    // Postfix trusts a chain only while its dates are right.
    let in_time = chain.dates == Dates::Current;
    let modern = row.tls.version.as_deref() == Some("TLS 1.3");
    let trusted = in_time && chain.pkix.values().all(|result| *result == Pkix::Valid);
    format!(
        "{} {} {} {} {} {}",
        text(&row.tls.version),
        openssl_name(&cipher),
        // Postfix tells the group of TLS 1.3 only.
        if modern {
            text(&row.tls.group)
        } else {
            String::new()
        },
        certificate.sha256,
        text(&certificate.spki_sha256),
        if trusted { "Trusted" } else { "Untrusted" }
    )
}

/// What `posttls-finger -l may` says, in the same words.
fn finger(host: &str, ip: &str) -> String {
    let text = tool(
        "posttls-finger",
        &["-c", "-l", "may", "-t", "5", &target(ip)],
    );
    let after = |word: &str| {
        let found = text.split_once(word).map(|(_, rest)| rest);
        found.map(|rest| {
            rest.split([' ', ',', '\n'])
                .next()
                .unwrap_or_default()
                .to_owned()
        })
    };
    if let Some(code) = after("SMTP service not available: ") {
        return format!("turned away with {code}");
    }
    if text.contains("Connection refused") {
        return "refused".to_owned();
    }
    if text.contains("timed out") {
        return "timeout".to_owned();
    }
    if let Some(alert) = after("SSL alert number ") {
        return match alert.trim_end_matches(':') {
            "40" => "no certificate to trust".to_owned(),
            alert => format!("broken with alert Some({alert})"),
        };
    }
    if text.contains("Server is anonymous") {
        return "no certificate to trust".to_owned();
    }
    let Some(version) = after(" TLS connection established to ").and_then(|_| after("]:25: TLSv"))
    else {
        assert!(text.trim().is_empty(), "{host}: {text}");
        return "no STARTTLS".to_owned();
    };
    let hex = |word: &str| {
        after(word)
            .unwrap_or_default()
            .replace(':', "")
            .to_lowercase()
    };
    let trusted = text.contains("posttls-finger: Trusted TLS");
    format!(
        "TLS {} {} {} {} {} {}",
        if version == "1" { "1.0" } else { &version },
        after("with cipher ").unwrap_or_default(),
        key_exchange(&text),
        hex(", fingerprint="),
        hex("pkey_fingerprint="),
        if trusted { "Trusted" } else { "Untrusted" }
    )
}

/// The group of TLS 1.3 out of "key-exchange X25519" or "key-exchange ECDHE (secp384r1)".
fn key_exchange(text: &str) -> String {
    let words = text
        .split_once("key-exchange ")
        .map_or("", |(_, rest)| rest);
    let mut words = words.split_whitespace();
    match (words.next(), words.next()) {
        (Some("ECDHE"), Some(group)) => group.trim_matches(['(', ')']).to_owned(),
        (Some(group), _) => group.to_lowercase(),
        _ => String::new(),
    }
}

fn target(address: &str) -> String {
    match address.contains(':') {
        true => format!("[ipv6:{address}]"),
        false => format!("[{address}]"),
    }
}

#[test]
fn postfix_gets_the_handshakes_that_we_got() {
    let out = &shared().out;
    let certificates = keyed(out, |row: &CertificateRow| row.sha256.clone());
    let endpoints: Vec<EndpointRow> = rows(out);
    let in_lab = |row: &&EndpointRow| row.connections > 0;
    // Under a TLS 1.3 whose first flight alone we saw there are certificates that we did not see.
    let unseen = |row: &&EndpointRow| {
        row.tls.outcome == TlsOutcome::HelloOnly && row.tls.version.as_deref() == Some("TLS 1.3")
    };
    let endpoints: Vec<_> = endpoints
        .iter()
        .filter(|row| in_lab(row) && !unseen(row))
        .collect();
    let _alone = alone();
    let fingers = each(&endpoints, |row| finger(&row.host, &row.ip));
    let mut table: BTreeMap<String, usize> = BTreeMap::new();
    for (row, theirs) in endpoints.iter().zip(fingers) {
        let ours = facts(row, &certificates);
        assert_eq!(ours, theirs, "{} {}", row.host, row.ip);
        let mut words: Vec<_> = ours.split(' ').collect();
        words.retain(|word| word.len() != 64);
        *table.entry(words.join(" ")).or_default() += 1;
    }
    println!("addresses  Postfix and we alike (and the same leaf and key, by SHA-256)");
    for (words, count) in table {
        println!("{count:>9}  {words}");
    }
}

/// What our columns mean to a DANE client (RFC 7672).
fn dane_facts(host: &HostRow, endpoints: &[&EndpointRow]) -> &'static str {
    if host.addresses.security == Security::Bogus || host.tlsa.security == Security::Bogus {
        return "lookup fails";
    }
    let secure = host.tlsa.outcome == Outcome::Found && host.tlsa.security == Security::Secure;
    if !secure {
        return "no DANE";
    }
    if !host.tlsa.records.iter().any(|record| record.usable) {
        return "unusable";
    }
    if endpoints
        .iter()
        .all(|row| row.starttls.outcome != StarttlsOutcome::Accepted)
    {
        return "no STARTTLS";
    }
    let mut chains = endpoints.iter().flat_map(|row| &row.chains);
    match chains.all(|chain| !chain.tlsa_matches.is_empty()) {
        true => "verified",
        false => "mismatch",
    }
}

/// What `posttls-finger -l dane-only` says, in the same words.
fn dane_finger(host: &str) -> &'static str {
    let text = tool(
        "posttls-finger",
        &["-c", "-l", "dane-only", "-t", "5", &target(host)],
    );
    let says = |words: &str| text.contains(words);
    if says("TLSA lookup error") || says("address lookup failed") {
        "lookup fails"
    } else if says("no TLSA records found") {
        "no DANE"
    } else if says("no usable TLSA records found") {
        "unusable"
    } else if text.trim().is_empty() {
        "no STARTTLS"
    } else if says("Matched DANE") && says("posttls-finger: Verified TLS connection") {
        "verified"
    } else if says("verification failed") && says("posttls-finger: Untrusted TLS connection") {
        "mismatch"
    } else {
        panic!("{host}: {text}")
    }
}

#[test]
fn postfix_verifies_the_tlsa_records_that_we_matched() {
    let out = &shared().out;
    let endpoints: Vec<EndpointRow> = rows(out);
    let of = |host: &HostRow| -> Vec<&EndpointRow> {
        let rows = endpoints.iter().filter(|row| row.host == host.host);
        rows.filter(|row| row.tcp.outcome == TcpOutcome::Connected)
            .collect()
    };
    let mut hosts: Vec<HostRow> = rows(out);
    // Who greets nobody shows no certificate to anybody.
    hosts.retain(|host| of(host).iter().any(|row| row.banner_code == Some(220)));
    let _alone = alone();
    let fingers = each(&hosts, |host| dane_finger(&host.host));
    let mut table: BTreeMap<_, usize> = BTreeMap::new();
    let mut different = Vec::new();
    for (host, theirs) in hosts.iter().zip(fingers) {
        let ours = dane_facts(host, &of(host));
        *table.entry((ours, theirs)).or_default() += 1;
        if ours != theirs {
            different.push(format!("{}: we say {ours}, Postfix {theirs}", host.host));
        }
    }
    println!("mailcensus    Postfix       hosts");
    for ((ours, theirs), count) in table {
        println!("{ours:<12}  {theirs:<12}  {count:>5}");
    }
    assert!(different.is_empty(), "{different:#?}");
}
