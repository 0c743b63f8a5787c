//! What a profile may set of a check: [`Parameters`], with the usual values where it sets nothing.

mod given;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::table::rows::CheckId;
use given::{Given, PARTS};

/// What is made of a mail host of which no address was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreached {
    /// The check is unknown, unless a server that was reached fails it.
    #[default]
    Unknown,
    /// The host is left out.
    Ignore,
}

/// Whose rules find and read a DMARC record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Ruleset {
    /// RFC 9989: tree walk, `t`.
    #[default]
    #[serde(rename = "9989")]
    Rfc9989,
    /// RFC 7489: public suffix list, `pct`.
    #[serde(rename = "7489")]
    Rfc7489,
}

/// What a domain that sends no mail has to have besides SPF `-all` and DMARC reject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// DMARC `sp=reject`.
    Sp,
    /// DMARC `adkim=s`.
    Adkim,
    /// DMARC `aspf=s`.
    Aspf,
    /// DMARC `rua`.
    Rua,
    /// An empty DKIM key for every selector.
    DkimNull,
    /// A null MX (RFC 7505).
    NullMx,
}

/// Parameters of every check; each looks at its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Every check over servers.
    pub unreached: Unreached,
    /// `cert_trusted`, `client_cert`: stores that the chain must lead to.
    pub stores: Vec<String>,
    /// Smallest RSA modulus, in bits: `cert_strong`, `dnssec_algorithms` (keys with SEP), `dkim_keys`.
    pub rsa_min_bits: u32,
    /// `dnssec_algorithms`: the same for keys without SEP.
    pub zsk_rsa_min_bits: u32,
    /// `cert_strong`: kinds of keys.
    pub key_types: Vec<String>,
    /// `cert_strong`: curves of ECDSA keys.
    pub curves: Vec<String>,
    /// `cert_strong`: hashes of signatures.
    pub hashes: Vec<String>,
    /// `dnssec_algorithms`: numbers of algorithms (IANA registry).
    pub algorithms: Vec<u8>,
    /// `dnssec_algorithms`: numbers of digest types.
    pub digests: Vec<u8>,
    /// `dane_published`, `dane_valid`: judge the hosts without the MX answer.
    pub host_only: bool,
    /// `forward_secrecy`: also want RSA key exchange refused.
    pub only: bool,
    /// `ciphers_within`: suites allowed; empty where no list is given.
    pub suites: Vec<String>,
    /// `groups_within`: groups allowed; empty where no list is given.
    pub groups: Vec<String>,
    /// `spf_narrow`: addresses authorised at the most.
    pub addresses: u64,
    /// `dmarc` and those that look at its policy.
    pub ruleset: Ruleset,
    /// `non_sending_locked`: what else there has to be.
    pub require: Vec<Requirement>,
    /// `client_tls`: the parts that count; empty for all.
    pub parts: Vec<CheckId>,
    /// `imap_tls_only` and kin: whether clear-text ports with STARTTLS may be open.
    pub starttls_allowed: bool,
}

impl Parameters {
    /// What `verdicts` uses.
    pub fn usual(check: CheckId) -> &'static Self {
        // Made once: checks ask for them domain by domain.
        static USUAL: LazyLock<Vec<Parameters>> = LazyLock::new(|| {
            CheckId::ALL
                .iter()
                .map(|id| Parameters::made(*id))
                .collect()
        });
        &USUAL[check as usize]
    }

    fn made(check: CheckId) -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            unreached: Unreached::Unknown,
            stores: words(&["mozilla"]),
            rsa_min_bits: match check {
                CheckId::DkimKeys => 1024,
                _ => 2048,
            },
            zsk_rsa_min_bits: 2048,
            key_types: words(&["rsa", "ecdsa", "ed25519", "ed448"]),
            curves: words(&["P-256", "P-384", "P-521"]),
            hashes: words(&["sha256", "sha384", "sha512"]),
            algorithms: vec![8, 10, 13, 14, 15, 16],
            digests: vec![2, 4],
            host_only: false,
            only: false,
            suites: Vec::new(),
            groups: Vec::new(),
            addresses: 1 << 16,
            ruleset: Ruleset::Rfc9989,
            require: Vec::new(),
            parts: Vec::new(),
            starttls_allowed: true,
        }
    }

    /// The parameters that a check has, with what `verdicts` uses.
    pub fn usual_values(check: CheckId) -> Vec<(&'static str, Value)> {
        let usual = Self::usual(check);
        let named = names(check).iter();
        named.map(|name| (*name, usual.value(name))).collect()
    }

    fn value(&self, name: &str) -> Value {
        match name {
            "unreached" => json!(self.unreached),
            "stores" => json!(self.stores),
            "rsa_min_bits" => json!(self.rsa_min_bits),
            "zsk_rsa_min_bits" => json!(self.zsk_rsa_min_bits),
            "key_types" => json!(self.key_types),
            "curves" => json!(self.curves),
            "hashes" => json!(self.hashes),
            "algorithms" => json!(self.algorithms),
            "digests" => json!(self.digests),
            "host_only" => json!(self.host_only),
            "only" => json!(self.only),
            "suites" => json!(self.suites),
            "groups" => json!(self.groups),
            "addresses" => json!(self.addresses),
            "ruleset" => json!(self.ruleset),
            "require" => json!(self.require),
            // None named are all.
            "parts" => json!(PARTS.map(CheckId::as_str)),
            "starttls_allowed" => json!(self.starttls_allowed),
            _ => Value::Null,
        }
    }

    /// The parameters that a table gives for a check, the usual ones for the rest.
    ///
    /// # Errors
    /// Which parameter the check does not have, or which value does not fit.
    pub fn of(check: CheckId, table: &toml::Table) -> Result<Self, String> {
        let known = names(check);
        if let Some(stranger) = table.keys().find(|key| !known.contains(&key.as_str())) {
            let may = match known {
                [] => "it has none".to_owned(),
                known => format!("it has {}", known.join(", ")),
            };
            return Err(format!("check {check} has no parameter {stranger}; {may}"));
        }
        let given: Given = table
            .clone()
            .try_into()
            .map_err(|err: toml::de::Error| format!("check {check}: {}", err.message().trim()))?;
        given.over(Self::usual(check).clone())
    }
}

/// The parameters that a check has.
pub fn names(check: CheckId) -> &'static [&'static str] {
    use CheckId as C;
    match check {
        C::Starttls | C::Tls12 | C::Tls13 | C::NoSsl | C::NoTls10Or11 | C::NoWeakCiphers => {
            &["unreached"]
        }
        C::CertName | C::CertCurrent | C::PqKeyExchange => &["unreached"],
        C::CiphersWithin => &["suites", "unreached"],
        C::GroupsWithin => &["groups", "unreached"],
        C::ForwardSecrecy => &["only", "unreached"],
        C::CertTrusted => &["stores", "unreached"],
        C::CertStrong => &["curves", "hashes", "key_types", "rsa_min_bits", "unreached"],
        C::DnssecAlgorithms => &["algorithms", "digests", "rsa_min_bits", "zsk_rsa_min_bits"],
        C::DanePublished => &["host_only"],
        C::DaneValid => &["host_only", "unreached"],
        C::SpfNarrow => &["addresses"],
        C::DkimKeys => &["rsa_min_bits"],
        C::Dmarc | C::DmarcEnforced | C::DmarcSampling => &["ruleset"],
        C::DmarcReject | C::DmarcSubdomains | C::DmarcReports => &["ruleset"],
        C::NonSendingLocked => &["require"],
        C::ImapTlsOnly | C::Pop3TlsOnly | C::SubmissionTlsOnly => &["starttls_allowed"],
        C::ClientTls => &["parts"],
        C::ClientCert => &["stores"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(check: CheckId, text: &str) -> Result<Parameters, String> {
        Parameters::of(check, &text.parse().expect("TOML"))
    }

    #[test]
    fn what_is_not_set_is_as_usual() {
        let set = of(CheckId::CertStrong, "rsa_min_bits = 3072").expect("parameters");
        let usual = Parameters::usual(CheckId::CertStrong);
        assert_eq!((set.rsa_min_bits, usual.rsa_min_bits), (3072, 2048));
        assert_eq!(set.curves, usual.curves);
        assert_eq!(Parameters::usual(CheckId::DkimKeys).rsa_min_bits, 1024);
        let set = of(CheckId::Dmarc, "ruleset = \"7489\"").expect("parameters");
        assert_eq!(set.ruleset, Ruleset::Rfc7489);
    }

    #[test]
    fn every_parameter_has_a_usual_value() {
        for check in CheckId::ALL {
            let values = Parameters::usual_values(*check);
            assert_eq!(values.len(), names(*check).len());
            for (name, value) in values {
                assert!(!value.is_null(), "{check}: {name}");
                let text = format!("{name} = {value}");
                let given = Parameters::of(*check, &text.parse().expect("TOML"));
                assert!(given.is_ok(), "{check}: {text}");
            }
        }
        let usual = Parameters::usual_values(CheckId::DkimKeys);
        assert_eq!(usual, [("rsa_min_bits", json!(1024))]);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let refused = |check, text| of(check, text).expect_err("refused");
        assert_eq!(
            refused(CheckId::DaneValid, "stores = [\"mozilla\"]"),
            "check dane_valid has no parameter stores; it has host_only, unreached"
        );
        assert_eq!(
            refused(CheckId::TlsRpt, "only = true"),
            "check tls_rpt has no parameter only; it has none"
        );
        let words = refused(CheckId::Dmarc, "ruleset = \"1234\"");
        assert!(words.starts_with("check dmarc: "), "{words}");
        assert!(refused(CheckId::CertTrusted, "stores = []").contains("stores is empty"));
        assert!(refused(CheckId::ClientTls, "parts = [\"spf\"]").contains("tls_1_2"));
        assert!(refused(CheckId::DkimKeys, "rsa_min_bits = -1").contains("dkim_keys"));
        assert!(refused(CheckId::DkimKeys, "rsa_min_bits = 0").contains("1 to 16384"));
        for (text, words) in [
            (
                "curves = [\"P256\"]",
                "curves has no P256; give some of P-192",
            ),
            ("hashes = [\"SHA256\"]", "hashes has no SHA256"),
            ("key_types = [\"dsa\"]", "key_types has no dsa"),
        ] {
            let said = refused(CheckId::CertStrong, text);
            assert!(said.contains(words), "{said}");
        }
        assert!(refused(CheckId::CiphersWithin, "suites = [\"AES\"]").contains("TLS_"));
        assert!(refused(CheckId::ClientTls, "parts = []").contains("parts is empty"));
    }
}
