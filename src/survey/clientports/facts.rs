//! What the handshake and the hello behind one port add up to.
//!
//! A server answers with the newest version that it has at or below the client's (RFC 5246 E.1), so
//! that one answer says something about several versions.

use crate::probe::hello::{Answer, Flight};
use crate::table::codes::TlsOutcome;
use crate::table::rows::{EndpointRow, Hello, VersionFact, Versions};
use crate::table::tls_codes::{HelloKind, HelloOutcome, VersionResult};

/// Names of the versions as the columns spell them, oldest first.
const VERSIONS: [&str; 6] = [
    "SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3",
];
/// Places of the versions.
const SSL2: usize = 0;
const SSL3: usize = 1;
const TLS1_1: usize = 3;
const TLS1_2: usize = 4;
const TLS1_3: usize = 5;

/// Fills the columns of a row that say what the server is like, after those of the handshake.
pub fn fill(row: &mut EndpointRow, told: &[(Answer, Hello)]) {
    let mut facts = Facts::default();
    if row.tls.outcome == TlsOutcome::Completed {
        facts.answered(
            row.tls.version.as_deref(),
            row.tls.cipher.as_deref(),
            TLS1_3,
        );
        row.pq_group = row.tls.group.clone().filter(|group| is_hybrid(group));
    }
    for (answer, hello) in told {
        facts.hello(hello.kind, answer);
    }
    let flights = || told.iter().filter_map(|(answer, _)| answer.flight.as_ref());
    let any = |of: fn(&Flight) -> Option<bool>| flights().filter_map(of).reduce(|a, b| a || b);
    row.compression = any(|flight| flight.compression);
    row.heartbeat = any(|flight| flight.heartbeat);
    row.secure_renegotiation = any(|flight| flight.secure_renegotiation);
    row.dh_bits = flights().filter_map(|flight| flight.dh_bits).min();
    row.versions = facts.versions();
    row.hellos = told.iter().map(|(_, hello)| hello.clone()).collect();
}

/// What is known of each version.
#[derive(Default)]
struct Facts([VersionFact; 6]);

impl Facts {
    fn hello(&mut self, kind: HelloKind, answer: &Answer) {
        let most = match kind {
            HelloKind::All => TLS1_2,
            HelloKind::Legacy => TLS1_1,
            _ => return,
        };
        match (answer.outcome, &answer.flight) {
            (HelloOutcome::Accepted, Some(flight)) => {
                self.answered(Some(&flight.version), Some(&flight.cipher), most);
            }
            // It is sent where a handshake completed before.
            (HelloOutcome::Refused, _) if kind == HelloKind::Legacy => {
                self.refuse(SSL3, TLS1_1, answer.alert);
            }
            _ => {}
        }
    }

    /// A version was answered with, by who was asked for that one at the most.
    fn answered(&mut self, name: Option<&str>, cipher: Option<&str>, most: usize) {
        let Some(version) = VERSIONS.iter().position(|known| name == Some(*known)) else {
            return;
        };
        if version < most {
            self.refuse(version + 1, most, None);
        }
        self.0[version].result = VersionResult::Accepted;
        let is_modern = version == TLS1_3 || cipher.is_some_and(is_aead);
        if is_modern && self.0[SSL2].result == VersionResult::Unknown {
            self.0[SSL2].result = VersionResult::ImpliedRefused;
        }
    }

    fn refuse(&mut self, from: usize, to: usize, alert: Option<u8>) {
        for fact in &mut self.0[from..=to] {
            if fact.result != VersionResult::Accepted {
                fact.result = VersionResult::Refused;
                fact.alert = fact.alert.or(alert);
            }
        }
    }

    fn versions(self) -> Versions {
        let [ssl2, ssl3, tls1_0, tls1_1, tls1_2, tls1_3] = self.0;
        Versions {
            ssl2,
            ssl3,
            tls1_0,
            tls1_1,
            tls1_2,
            tls1_3,
        }
    }
}

/// Whether a suite is one with associated data, which no stack had that still spoke SSL 2.0.
fn is_aead(cipher: &str) -> bool {
    let names = ["_GCM_", "_CCM", "_POLY1305"];
    names.iter().any(|name| cipher.contains(name))
}

/// `MLKEM768` alone is no hybrid.
fn is_hybrid(group: &str) -> bool {
    group.contains("MLKEM") && !group.starts_with("MLKEM")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every version, oldest first, in a character: `+` accepted, `-` refused, `i` implied, `?`.
    fn words(version: Option<&str>, kind: HelloKind, answer: Answer) -> String {
        let mut row = EndpointRow::default();
        if let Some(version) = version {
            row.tls.outcome = TlsOutcome::Completed;
            row.tls.version = Some(version.to_owned());
            row.tls.cipher = Some("TLS_AES_128_GCM_SHA256".to_owned());
        }
        let hello = Hello {
            kind,
            ..Hello::default()
        };
        fill(&mut row, &[(answer, hello)]);
        let of = row.versions;
        let facts = [of.ssl2, of.ssl3, of.tls1_0, of.tls1_1, of.tls1_2, of.tls1_3];
        let sign = |fact: &VersionFact| match fact.result {
            VersionResult::Accepted => '+',
            VersionResult::Refused => '-',
            VersionResult::ImpliedRefused => 'i',
            VersionResult::Unknown => '?',
        };
        facts.iter().map(sign).collect()
    }

    fn accepted(version: &str) -> Answer {
        Answer {
            outcome: HelloOutcome::Accepted,
            flight: Some(Flight {
                version: version.to_owned(),
                cipher: "TLS_RSA_WITH_AES_128_CBC_SHA".to_owned(),
                ..Flight::default()
            }),
            ..Answer::default()
        }
    }

    #[test]
    fn one_handshake_and_one_hello_say_this_much() {
        use HelloKind::{All, Legacy};
        let refused = || Answer {
            outcome: HelloOutcome::Refused,
            alert: Some(70),
            ..Answer::default()
        };
        assert_eq!(words(Some("TLS 1.3"), Legacy, refused()), "i---?+");
        assert_eq!(words(Some("TLS 1.2"), Legacy, refused()), "i---+-");
        assert_eq!(
            words(Some("TLS 1.3"), Legacy, accepted("TLS 1.1")),
            "i??+?+"
        );
        assert_eq!(
            words(Some("TLS 1.3"), Legacy, accepted("SSL 3.0")),
            "i+--?+"
        );
        assert_eq!(words(Some("TLS 1.3"), Legacy, Answer::default()), "i????+");
        assert_eq!(words(None, All, accepted("TLS 1.0")), "??+--?");
        assert_eq!(words(None, All, refused()), "??????");
    }
}
