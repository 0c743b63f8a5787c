//! Which versions of SSL and TLS a server speaks, from its handshakes and from what it said to bare
//! hellos.
//!
//! A server answers with the newest version that it has at or below the client's (RFC 5246 E.1), so
//! that one answer says something about several versions. What was accepted anywhere is accepted.

use super::told::Told;
use crate::table::codes::{ErrorCode, TlsOutcome};
use crate::table::rows::{Tls, VersionFact, Versions};
use crate::table::tls_codes::{HelloKind, HelloOutcome, VersionResult};
use crate::tls_names::{Version, is_aead};

/// A handshake, and whether the server said by it that it has neither TLS 1.3 nor 1.2.
pub type Shaken<'a> = (&'a Tls, bool);

/// What a server makes of every version.
pub fn of(handshakes: &[Shaken<'_>], hellos: &[Told]) -> Versions {
    let mut facts = Facts::default();
    for (tls, too_new) in handshakes {
        facts.handshake(tls, *too_new);
    }
    let works = works(handshakes, hellos);
    for told in hellos {
        facts.hello(told, works);
    }
    facts.only_new(hellos);
    facts.0.into()
}

/// Whether TLS works, so that a close or a reset before ServerHello means that something was wrong
/// with the hello.
fn works(handshakes: &[Shaken<'_>], hellos: &[Told]) -> bool {
    let completed = |(tls, _): &Shaken<'_>| tls.outcome == TlsOutcome::Completed;
    handshakes.iter().any(completed) || hellos.iter().any(Told::is_accepted)
}

/// What is known of each version.
#[derive(Default)]
struct Facts([VersionFact; 6]);

impl Facts {
    /// A full handshake offers TLS 1.3 and 1.2. One that broke may have broken of anything.
    fn handshake(&mut self, tls: &Tls, too_new: bool) {
        if too_new {
            self.refuse(Version::Tls1_2, Version::Tls1_3, tls.alert);
        }
        if tls.outcome == TlsOutcome::Completed {
            self.answered(
                tls.version.as_deref(),
                tls.cipher.as_deref(),
                Some(Version::Tls1_3),
            );
        }
    }

    fn hello(&mut self, told: &Told, works: bool) {
        // Weak suites and the like may be refused for what they are, whatever the version.
        let is_about_versions = matches!(
            told.kind,
            HelloKind::All
                | HelloKind::Tls1_3
                | HelloKind::Legacy
                | HelloKind::Version
                | HelloKind::Ssl3
                | HelloKind::Ssl2
        );
        let most = is_about_versions.then_some(told.version);
        let answer = &told.answer;
        if let Some(flight) = &answer.flight {
            self.answered(Some(&flight.version), Some(&flight.cipher), most);
        }
        // Where not even everything is enough, something else is wrong; and TLS 1.3 may be refused for
        // want of a group or a scheme.
        let is_open = match told.version {
            Version::Tls1_3 => !told.is_wrong_version(),
            _ => told.kind == HelloKind::All,
        };
        let says_no = is_about_versions && !is_open && is_refusal(told, works);
        if says_no && answer.outcome == HelloOutcome::Refused {
            let oldest = match told.version {
                alone @ (Version::Ssl2 | Version::Tls1_3) => alone,
                _ => Version::Ssl3,
            };
            self.refuse(oldest, told.version, answer.alert);
        }
    }

    /// Who speaks TLS 1.3 and refuses everything older in so many words has nothing older.
    fn only_new(&mut self, hellos: &[Told]) {
        let has_new = self.0[Version::Tls1_3 as usize].result == VersionResult::Accepted;
        let mut all = hellos.iter().filter(|told| told.kind == HelloKind::All);
        if let Some(told) = all.find(|told| has_new && told.is_wrong_version()) {
            self.refuse(Version::Ssl3, told.version, told.answer.alert);
        }
    }

    /// A version was answered with; `most` is the newest that was asked for, where the version alone
    /// decided.
    fn answered(&mut self, name: Option<&str>, cipher: Option<&str>, most: Option<Version>) {
        let Some(version) = name.and_then(Version::of_name) else {
            return;
        };
        for newer in Version::ALL {
            if newer > version && most.is_some_and(|most| newer <= most) {
                self.refuse(newer, newer, None);
            }
        }
        if version < Version::Tls1_2 && most >= Some(Version::Tls1_2) {
            // Nobody has TLS 1.3 without TLS 1.2.
            self.imply(Version::Tls1_3);
        }
        if version == Version::Tls1_3 || cipher.is_some_and(is_aead) {
            // No stack had such suites that still spoke SSL 2.0.
            self.imply(Version::Ssl2);
        }
        self.0[version as usize] = VersionFact {
            result: VersionResult::Accepted,
            alert: None,
        };
    }

    fn refuse(&mut self, from: Version, to: Version, alert: Option<u8>) {
        for fact in &mut self.0[from as usize..=to as usize] {
            if fact.result != VersionResult::Accepted {
                fact.result = VersionResult::Refused;
                fact.alert = fact.alert.or(alert);
            }
        }
    }

    fn imply(&mut self, version: Version) {
        let fact = &mut self.0[version as usize];
        if fact.result == VersionResult::Unknown {
            fact.result = VersionResult::ImpliedRefused;
        }
    }
}

/// Whether what came instead of ServerHello is a no: an alert is; a close or a reset is where TLS
/// works otherwise.
fn is_refusal(told: &Told, works: bool) -> bool {
    let left = matches!(
        told.answer.error,
        Some(ErrorCode::Closed | ErrorCode::Reset)
    );
    told.answer.alert.is_some() || (left && works)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::hello::{Answer, Flight, Hello};
    use crate::table::row::Moment;

    const GCM: &str = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    const CBC: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";

    fn completed(version: &str) -> Tls {
        Tls {
            outcome: TlsOutcome::Completed,
            version: Some(version.to_owned()),
            cipher: Some(GCM.to_owned()),
            ..Tls::default()
        }
    }

    fn broken(alert: Option<u8>) -> Tls {
        Tls {
            outcome: TlsOutcome::Failed,
            alert,
            ..Tls::default()
        }
    }

    fn told(kind: HelloKind, answer: Answer) -> Told {
        let hello = Hello::of(kind);
        Told {
            kind,
            version: hello.version,
            extensions: hello.extensions,
            observed_at: Moment(0),
            answer,
        }
    }

    fn accepted(kind: HelloKind, version: &str, cipher: &str) -> Told {
        let flight = Flight {
            version: version.to_owned(),
            cipher: cipher.to_owned(),
            ..Flight::default()
        };
        let answer = Answer {
            outcome: HelloOutcome::Accepted,
            flight: Some(flight),
            ..Answer::default()
        };
        told(kind, answer)
    }

    fn refused(kind: HelloKind, alert: Option<u8>) -> Told {
        let error = alert.is_none().then_some(ErrorCode::Closed);
        let answer = Answer {
            outcome: HelloOutcome::Refused,
            error,
            alert,
            flight: None,
        };
        told(kind, answer)
    }

    fn silent(kind: HelloKind) -> Told {
        let answer = Answer {
            error: Some(ErrorCode::Timeout),
            ..Answer::default()
        };
        told(kind, answer)
    }

    /// Every version, oldest first, in a character: `+` accepted, `-` refused, `i` implied, `?`;
    /// then the alerts.
    fn words(handshakes: &[Shaken<'_>], hellos: &[Told]) -> String {
        let of = of(handshakes, hellos);
        let facts = of.list();
        let sign = |fact: &&VersionFact| match fact.result {
            VersionResult::Accepted => '+',
            VersionResult::Refused => '-',
            VersionResult::ImpliedRefused => 'i',
            VersionResult::Unknown => '?',
        };
        let mut words: String = facts.iter().map(sign).collect();
        for alert in facts.iter().filter_map(|fact| fact.alert) {
            words += &format!(" {alert}");
        }
        words
    }

    fn after(tls: &Tls, hellos: &[Told]) -> String {
        words(&[(tls, false)], hellos)
    }

    #[test]
    fn a_modern_server() {
        use HelloKind::{Legacy, Weak};
        let no = [refused(Weak, Some(40)), refused(Legacy, Some(70))];
        assert_eq!(after(&completed("TLS 1.3"), &no), "i---?+ 70 70 70");
        // TLS 1.2 was offered TLS 1.3.
        assert_eq!(after(&completed("TLS 1.2"), &no), "i---+- 70 70 70");
        // A weak suite shows TLS 1.2, too.
        let weak = [accepted(Weak, "TLS 1.2", CBC), refused(Legacy, Some(70))];
        assert_eq!(after(&completed("TLS 1.3"), &weak), "i---++ 70 70 70");
        // No to weak suites is no to no version; and nobody asked for old ones.
        assert_eq!(
            after(&completed("TLS 1.3"), &[refused(Weak, Some(40))]),
            "i????+"
        );
    }

    #[test]
    fn the_newest_that_there_is_answers() {
        use HelloKind::{Legacy, Ssl3};
        let tls13 = completed("TLS 1.3");
        let old = |version| accepted(Legacy, version, CBC);
        assert_eq!(after(&tls13, &[old("TLS 1.1")]), "i??+?+");
        assert_eq!(after(&tls13, &[old("TLS 1.0")]), "i?+-?+");
        assert_eq!(after(&tls13, &[old("SSL 3.0")]), "i+--?+");
        let no = || refused(Ssl3, Some(40));
        assert_eq!(after(&tls13, &[old("TLS 1.0"), no()]), "i-+-?+ 40");
        let ssl3 = accepted(Ssl3, "SSL 3.0", CBC);
        assert_eq!(after(&tls13, &[old("TLS 1.0"), ssl3]), "i++-?+");
        // A weak suite of an old version says nothing of newer ones.
        let weak = accepted(HelloKind::Weak, "TLS 1.0", CBC);
        assert_eq!(after(&tls13, &[weak]), "i?+??+");
    }

    #[test]
    fn closing_is_a_no_where_tls_works() {
        use HelloKind::{All, Legacy};
        let closes = || refused(Legacy, None);
        assert_eq!(after(&completed("TLS 1.3"), &[closes()]), "i---?+");
        assert_eq!(after(&broken(None), &[closes()]), "??????");
        let all = accepted(All, "TLS 1.2", CBC);
        assert_eq!(after(&broken(None), &[all, closes()]), "?---+?");
        assert_eq!(after(&completed("TLS 1.3"), &[silent(Legacy)]), "i????+");
    }

    #[test]
    fn a_handshake_that_broke_says_nothing_of_versions() {
        use HelloKind::{All, Legacy};
        assert_eq!(after(&broken(Some(40)), &[]), "??????");
        assert_eq!(
            after(&broken(Some(40)), &[refused(All, Some(40))]),
            "??????"
        );
        // The hello in its place says what it says; TLS 1.3 may have broken of something else.
        let all = |version, cipher| accepted(All, version, cipher);
        assert_eq!(after(&broken(Some(40)), &[all("TLS 1.2", CBC)]), "????+?");
        assert_eq!(after(&broken(Some(40)), &[all("TLS 1.2", GCM)]), "i???+?");
        let old = [all("TLS 1.0", CBC), accepted(Legacy, "TLS 1.0", CBC)];
        assert_eq!(after(&broken(Some(40)), &old), "??+--i");
        // Unless the server said that it is the versions.
        assert_eq!(words(&[(&broken(Some(70)), true)], &old), "??+--- 70 70");
        // What another attempt completed is accepted.
        let tls12 = completed("TLS 1.2");
        let both = [(&broken(Some(70)), true), (&tls12, false)];
        assert_eq!(words(&both, &[]), "i???+- 70");
    }

    #[test]
    fn who_speaks_tls_1_3_alone_refuses_what_is_older_by_its_version() {
        use HelloKind::{All, Tls1_3, Weak};
        let new = || accepted(Tls1_3, "TLS 1.3", "TLS_AES_128_GCM_SHA256");
        let old = |alert| refused(All, Some(alert));
        let of = |hellos: &[Told]| after(&broken(Some(40)), hellos);
        assert_eq!(of(&[old(70), new()]), "i----+ 70 70 70 70");
        assert_eq!(
            of(&[old(70), new(), refused(Weak, Some(70))]),
            of(&[old(70), new()])
        );
        // Another alert may be for anything, and so is every one where TLS 1.3 is not known of.
        assert_eq!(of(&[old(40), new()]), "i????+");
        assert_eq!(of(&[old(70), silent(Tls1_3)]), "??????");
    }

    #[test]
    fn tls_1_3_is_refused_by_the_word_for_versions_alone() {
        use HelloKind::{All, Tls1_3};
        let of = |alert| {
            let all = accepted(All, "TLS 1.2", CBC);
            after(&broken(Some(40)), &[all, refused(Tls1_3, alert)])
        };
        assert_eq!(of(Some(70)), "????+- 70");
        for other in [Some(40), Some(47), Some(80), None] {
            assert_eq!(of(other), "????+?", "{other:?}");
        }
    }

    #[test]
    fn who_was_not_asked_is_not_known() {
        assert_eq!(words(&[], &[]), "??????");
        assert_eq!(after(&Tls::default(), &[]), "??????");
    }
}
