//! The test suite of RFC 7208, from tests/data/rfc7208.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Deserialize;
use serde_json::Value;

use super::{Client, Dns, NoAnswer, check_host};

const SUITE: &str = include_str!("../../../../tests/data/rfc7208/suite.json");

#[derive(Deserialize)]
struct Scenario {
    tests: BTreeMap<String, Test>,
    zonedata: BTreeMap<String, Vec<Value>>,
}

#[derive(Deserialize)]
struct Test {
    helo: String,
    host: String,
    mailfrom: String,
    result: Value,
    explanation: Option<String>,
}

/// The records of a scenario, by name in lower case.
struct Zone(BTreeMap<String, Vec<Value>>);

impl Zone {
    fn new(zonedata: BTreeMap<String, Vec<Value>>) -> Self {
        let lower = zonedata.into_iter();
        Self(
            lower
                .map(|(name, records)| (name.to_lowercase(), records))
                .collect(),
        )
    }

    /// The records of a name, through CNAME records.
    fn records(&self, name: &str) -> Result<&[Value], NoAnswer> {
        let mut name = name.to_lowercase();
        for _ in 0..8 {
            let records = self.0.get(&name).map_or(&[][..], Vec::as_slice);
            let alias = records.iter().find_map(|record| record["CNAME"].as_str());
            let Some(alias) = alias else {
                return Ok(records);
            };
            name = alias.trim_end_matches('.').to_lowercase();
        }
        Err(NoAnswer)
    }

    /// Data of one type at a name.
    fn data(&self, name: &str, kind: &str) -> Result<Vec<&Value>, NoAnswer> {
        let records = self.records(name)?;
        let found = records.iter().filter_map(|record| record.get(kind));
        let found: Vec<&Value> = found.filter(|data| *data != "NONE").collect();
        let times_out = records.iter().any(|record| record == "TIMEOUT");
        let is_answered = !found.is_empty() || !times_out;
        is_answered.then_some(found).ok_or(NoAnswer)
    }

    fn parsed<T: std::str::FromStr>(&self, name: &str, kind: &str) -> Result<Vec<T>, NoAnswer> {
        let texts = self
            .data(name, kind)?
            .into_iter()
            .map(|value| value.as_str().unwrap());
        Ok(texts.map(|text| text.parse().ok().unwrap()).collect())
    }
}

impl Dns for Zone {
    fn txt(&self, name: &str) -> Result<Vec<Vec<u8>>, NoAnswer> {
        let mut records = self.records(name)?.iter();
        let has_own = records.any(|record| record.get("TXT").is_some());
        let texts = self.data(name, if has_own { "TXT" } else { "SPF" })?;
        Ok(texts.into_iter().map(joined).collect())
    }

    fn a(&self, name: &str) -> Result<Vec<Ipv4Addr>, NoAnswer> {
        self.parsed(name, "A")
    }

    fn aaaa(&self, name: &str) -> Result<Vec<Ipv6Addr>, NoAnswer> {
        self.parsed(name, "AAAA")
    }

    fn mx(&self, name: &str) -> Result<Vec<String>, NoAnswer> {
        let mut hosts = self.data(name, "MX")?;
        hosts.sort_by_key(|host| host[0].as_u64());
        Ok(hosts
            .iter()
            .map(|host| host[1].as_str().unwrap().to_owned())
            .collect())
    }

    fn ptr(&self, address: IpAddr) -> Result<Vec<String>, NoAnswer> {
        let name = match address {
            IpAddr::V4(address) => {
                let [a, b, c, d] = address.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            IpAddr::V6(address) => {
                let digits = format!("{:032x}", address.to_bits());
                let turned: String = digits
                    .chars()
                    .rev()
                    .flat_map(|digit| [digit, '.'])
                    .collect();
                format!("{turned}ip6.arpa")
            }
        };
        self.parsed(&name, "PTR")
    }
}

/// The strings of a TXT record, without anything between them.
fn joined(text: &Value) -> Vec<u8> {
    match text {
        Value::String(text) => text.clone().into_bytes(),
        texts => texts.as_array().unwrap().iter().flat_map(joined).collect(),
    }
}

/// Whether the result is the preferred one of those listed.
///
/// # Errors
/// What it is, where it is not listed.
fn judge(test: &Test, zone: &Zone) -> Result<bool, String> {
    let client = Client {
        ip: test.host.parse().unwrap(),
        helo: test.helo.clone(),
        mail_from: test.mailfrom.clone(),
        receiver: "unknown".to_owned(),
        time: 0,
    };
    let checked = check_host(&client, zone);
    let word = checked.result.as_str();
    let explanation = checked.explanation.as_deref().unwrap_or("DEFAULT");
    let expected = test.explanation.as_deref().unwrap_or(explanation);
    let is_listed = match &test.result {
        Value::Array(words) => words.iter().any(|listed| listed == word),
        only => only == word,
    };
    if is_listed && expected == explanation {
        let is_first = test.result[0] == word || test.result == word;
        return Ok(is_first);
    }
    Err(format!(
        "{word} {explanation:?}, not {} {expected:?}",
        test.result
    ))
}

#[test]
fn all_203_tests_of_the_suite_pass() {
    let scenarios: Vec<Scenario> = serde_json::from_str(SUITE).unwrap();
    let (mut count, mut wrong, mut not_preferred) = (0, Vec::new(), Vec::new());
    for scenario in scenarios {
        let zone = Zone::new(scenario.zonedata);
        for (name, test) in &scenario.tests {
            count += 1;
            match judge(test, &zone) {
                Ok(true) => {}
                Ok(false) => not_preferred.push(name.clone()),
                Err(why) => wrong.push(format!("{name}: {why}")),
            }
        }
    }
    println!("RFC 7208 suite: {}/{count}", count - wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(count, 203);
    assert_eq!(not_preferred, [""; 0]);
}
