//! The table of selectors: under which names a domain may have DKIM keys, by who handles its mail.
//!
//! Hands out [`Selectors`]: who provides a domain, and which selectors are worth a question. The
//! table is `data/selectors.toml`; suffixes match label by label and the longest one wins, as in the
//! operator table.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::pace::ends;
use crate::text::sha256_of;

/// The table.
const TEXT: &str = include_str!("../../data/selectors.toml");

static SHIPPED: LazyLock<Selectors> =
    LazyLock::new(|| Selectors::parse(TEXT).expect("data/selectors.toml is right, says its test"));

/// Selectors of providers, and those that anybody may have.
#[derive(Debug)]
pub struct Selectors {
    common: Vec<String>,
    providers: Vec<Provider>,
    by_mx: HashMap<String, usize>,
    by_spf: HashMap<String, usize>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    common: Vec<String>,
    provider: Vec<Provider>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    name: String,
    mx: Vec<String>,
    spf: Vec<String>,
    selectors: Vec<String>,
}

/// Under which names a domain may have keys.
#[derive(Debug, PartialEq, Eq)]
pub struct Guess<'a> {
    /// Who handles its mail: by its mail hosts, else by its SPF record.
    pub provider: Option<&'a str>,
    /// Selectors of everybody who handles it, those of the mail hosts first.
    pub own: Vec<&'a str>,
    /// Selectors that anybody may have, without those.
    pub common: Vec<&'a str>,
}

impl Selectors {
    /// The table that ships.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// SHA-256 of the table that ships.
    pub fn version() -> String {
        sha256_of(TEXT.as_bytes())
    }

    /// Reads the text of a table; a name, suffix or selector that is there twice or cannot be one
    /// is an error, in words.
    fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|err| err.to_string())?;
        let (mut by_mx, mut by_spf) = (HashMap::new(), HashMap::new());
        let providers = file.provider.iter().map(|provider| &provider.name);
        all_once(providers.chain(&file.common))?;
        proper(&file.common)?;
        for (at, provider) in file.provider.iter().enumerate() {
            proper(&provider.selectors)?;
            all_once(provider.selectors.iter())?;
            for (index, suffixes) in [(&mut by_mx, &provider.mx), (&mut by_spf, &provider.spf)] {
                proper(suffixes)?;
                for suffix in suffixes {
                    if index.insert(suffix.clone(), at).is_some() {
                        return Err(format!("the suffix {suffix} is there twice"));
                    }
                }
            }
        }
        Ok(Self {
            common: file.common,
            providers: file.provider,
            by_mx,
            by_spf,
        })
    }

    /// What to ask a domain for whose mail goes to these hosts and whose SPF record leads to these
    /// names.
    pub fn guess<'n>(
        &self,
        hosts: impl Iterator<Item = &'n str>,
        targets: impl Iterator<Item = &'n str>,
    ) -> Guess<'_> {
        let mut found: Vec<&Provider> = Vec::new();
        let of_hosts = hosts.filter_map(|host| self.of(&self.by_mx, host));
        let of_targets = targets.filter_map(|target| self.of(&self.by_spf, target));
        for provider in of_hosts.chain(of_targets) {
            if found.iter().all(|known| known.name != provider.name) {
                found.push(provider);
            }
        }
        let mut own: Vec<&str> = Vec::new();
        for selector in found.iter().flat_map(|provider| &provider.selectors) {
            if !own.contains(&selector.as_str()) {
                own.push(selector);
            }
        }
        let common = self.common.iter().map(String::as_str);
        Guess {
            provider: found.first().map(|provider| provider.name.as_str()),
            common: common.filter(|name| !own.contains(name)).collect(),
            own,
        }
    }

    fn of(&self, index: &HashMap<String, usize>, name: &str) -> Option<&Provider> {
        let name = name.to_ascii_lowercase();
        let at = ends(name.trim_end_matches('.')).find_map(|end| index.get(end))?;
        self.providers.get(*at)
    }
}

fn all_once<'a>(names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(format!("{name} is there twice"));
        }
        seen.push(name);
    }
    Ok(())
}

/// Names are written as they are compared: labels in lower case, without the final dot.
fn proper(names: &[String]) -> Result<(), String> {
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(fits);
    match names.iter().find(|name| !name.split('.').all(is_label)) {
        Some(name) => Err(format!("{name:?} is no name in lower case")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "common = [\"default\", \"google\"]\n\
        [[provider]]\nname = \"Big\"\nmx = [\"big.net\"]\nspf = [\"_spf.big.net\"]\n\
        selectors = [\"b1\", \"b2\"]\n\
        [[provider]]\nname = \"Sub\"\nmx = [\"sub.big.net\"]\nspf = []\nselectors = [\"sub\"]\n\
        [[provider]]\nname = \"Bulk\"\nmx = []\nspf = [\"bulk.com\"]\n\
        selectors = [\"b1\", \"google\"]\n";

    fn guess<'a>(table: &'a Selectors, hosts: &[&str], targets: &[&str]) -> Guess<'a> {
        table.guess(hosts.iter().copied(), targets.iter().copied())
    }

    #[test]
    fn mail_hosts_come_before_spf_and_nothing_twice() {
        let table = Selectors::parse(TABLE).expect("a table");
        let both = guess(&table, &["mx1.big.net", "mx2.big.net"], &["a.bulk.com"]);
        assert_eq!(both.provider, Some("Big"));
        assert_eq!(both.own, ["b1", "b2", "google"]);
        assert_eq!(both.common, ["default"]);
        let bulk = guess(&table, &["mx.notbig.net"], &["BULK.com.", "_spf.big.net"]);
        assert_eq!(bulk.provider, Some("Bulk"));
        assert_eq!(bulk.own, ["b1", "google", "b2"]);
        let sub = guess(&table, &["mx.sub.big.net"], &["big.net"]);
        assert_eq!((sub.provider, sub.own), (Some("Sub"), vec!["sub"]));
        let nobody = guess(&table, &["mail.example.cz", "."], &["%{i}._spf.example"]);
        assert_eq!((nobody.provider, nobody.own.len()), (None, 0));
        assert_eq!(nobody.common, ["default", "google"]);
    }

    #[test]
    fn what_is_wrong_with_a_table_is_said() {
        let more = |text: &str| Selectors::parse(&format!("{TABLE}{text}")).expect_err(text);
        let provider = |mx: &str, selectors: &str| {
            more(&format!(
                "[[provider]]\nname = \"New\"\nmx = [{mx}]\nspf = []\nselectors = [{selectors}]\n"
            ))
        };
        assert!(provider("\"big.net\"", "").contains("big.net is there twice"));
        assert!(provider("\"Big.net\"", "").contains("no name"));
        assert!(provider("\"\"", "").contains("no name"));
        assert!(provider("", "\"a\", \"a\"").contains("a is there twice"));
        assert!(provider("", "\"ž\"").contains("no name"));
        let twice = more("[[provider]]\nname = \"Big\"\nmx = []\nspf = []\nselectors = []\n");
        assert!(twice.contains("Big is there twice"));
        assert!(Selectors::parse("common = 1").is_err());
    }

    #[test]
    fn the_table_that_ships_knows_the_large_ones() {
        let table = Selectors::shipped();
        for (hosts, targets, provider, first) in [
            ("aspmx.l.google.com", "", "Google Workspace", "google"),
            ("gmail-smtp-in.l.google.com", "", "Gmail", "20230601"),
            (
                "x-cz.mail.protection.outlook.com",
                "",
                "Microsoft 365",
                "selector1",
            ),
            ("x-cz.o-v1.mx.microsoft", "", "Microsoft 365", "selector1"),
            ("a.mx1.emailprofi.seznam.cz", "", "Seznam", "szn20221014"),
            ("in1-smtp.messagingengine.com", "", "Fastmail", "fm1"),
            ("mail.protonmail.ch", "", "Proton", "protonmail"),
            (
                "mail.example.cz",
                "_spf.google.com",
                "Google Workspace",
                "google",
            ),
            ("mail.example.cz", "servers.mcsv.net", "Mailchimp", "k1"),
            ("mail.example.cz", "_spf.forpsi.com", "Forpsi", "f2019"),
        ] {
            let guess = guess(table, &[hosts], &[targets]);
            assert_eq!(guess.provider, Some(provider), "{hosts} {targets}");
            assert_eq!(guess.own.first(), Some(&first), "{hosts} {targets}");
        }
        assert!(table.common.len() <= 7, "{:?}", table.common);
        assert!(Selectors::version().starts_with("sha256:"));
    }
}
