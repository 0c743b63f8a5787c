//! What a survey of standard depth found out about a server: where a deep one begins.

use crate::table::codes::TlsOutcome;
use crate::table::rows::{EndpointRow, VersionFact};
use crate::table::tls_codes::VersionResult;
use crate::tls_names::{Version, group_number, suite_number};

/// What is known of a server.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What it makes of every version, oldest first.
    pub versions: [VersionFact; 6],
    /// Suites that it accepted, with the version.
    pub suites: Vec<(Version, u16)>,
    /// Groups that it accepted.
    pub groups: Vec<u16>,
    /// Whether it bears extensions.
    pub extensions: bool,
}

impl Known {
    /// What the row says of the connections to an address.
    pub fn of(row: &EndpointRow) -> Self {
        let tls = (row.tls.version.as_deref(), row.tls.cipher.as_deref());
        let hellos = row.hellos.iter();
        let hellos = hellos.map(|hello| (hello.version.as_deref(), hello.cipher.as_deref()));
        let mut suites = Vec::new();
        for (version, suite) in [tls].into_iter().chain(hellos) {
            let version = version.and_then(Version::of_name);
            let pair = version.zip(suite.and_then(suite_number));
            suites.extend(pair.filter(|pair| !suites.contains(pair)));
        }
        let shown = row.hellos.iter().filter_map(|hello| hello.group.as_deref());
        let mut groups = Vec::new();
        for group in row.tls.group.as_deref().into_iter().chain(shown) {
            let number = group_number(group);
            groups.extend(number.filter(|number| !groups.contains(number)));
        }
        Self {
            versions: row.versions.list().map(Clone::clone),
            suites,
            groups,
            // Where only a hello without extensions was answered, it could not accept this one. TLS 1.3
            // does not know it, and cannot do without extensions.
            extensions: row.tls.outcome != TlsOutcome::HelloOnly
                || row.tls.version.as_deref() == Some(Version::Tls1_3.as_str())
                || row.tls.extended_master_secret.is_some(),
        }
    }

    /// What it makes of a version.
    pub fn result(&self, version: Version) -> VersionResult {
        self.versions[version as usize].result
    }

    /// Takes in that a version was answered with.
    pub fn accept(&mut self, version: Version) {
        self.versions[version as usize] = VersionFact {
            result: VersionResult::Accepted,
            alert: None,
        };
    }

    /// Takes in that versions were refused, from the oldest to the newest; what was accepted stays.
    pub fn refuse(&mut self, oldest: Version, newest: Version, alert: Option<u8>) {
        for fact in &mut self.versions[oldest as usize..=newest as usize] {
            if fact.result == VersionResult::Unknown {
                fact.result = VersionResult::Refused;
                fact.alert = alert;
            }
        }
    }
}
