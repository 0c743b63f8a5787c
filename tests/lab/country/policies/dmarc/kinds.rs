//! What a domain publishes as DMARC.

use super::record::{Dmarc, Rua};

/// Takes reports for everybody.
pub const REPORTS: &str = "reports.cz";
/// Never said that it would.
pub const DEAF: &str = "deaf.cz";
/// Its servers could not load it.
pub const BROKEN: &str = "broken.cz";

/// What the record is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A policy, with reports to the domain itself.
    Plain(&'static str),
    /// The same without reports.
    Silent(&'static str),
    /// Reports to somebody who takes them.
    Reports(&'static str),
    /// Reports to somebody who never said that he would.
    Deaf,
    /// Reports to somebody whose servers are broken.
    Unknown,
    /// To the domain itself and to one that does not take them.
    OwnAndDeaf,
    /// To one whose servers are broken and to one who takes them.
    UnknownAndReports,
    /// By HTTPS only.
    Web,
    /// Subdomains are let off.
    WeakSub,
    /// Subdomains are treated more strictly.
    StrictSub,
    /// Names that do not exist are let off.
    WeakNonexistent,
    /// For some mail only (RFC 7489).
    Percent(u8),
    /// The policy is tried only (RFC 9989).
    Tried(&'static str),
    /// It says that it is an organisational domain.
    NotPublic,
    /// All tags, in an order and with space of their own.
    Everything,
    /// Without `p`, with reports.
    NoPolicy,
    /// Without `p` and without reports.
    Nothing,
    /// A policy that is none, with reports.
    BadPolicy,
    /// The same without reports.
    BadPolicySilent,
    /// Two of one tag.
    TwoPolicies,
    /// The version in small letters: no record (RFC 9989 4.8).
    SmallVersion,
    /// A CNAME leads to the provider's.
    Alias,
    /// Two records.
    Several,
    /// Something else stands there.
    Junk,
}

impl Kind {
    /// The records, without those of another kind.
    pub fn records(self, name: &str) -> Vec<Dmarc> {
        let of = |p: &'static str| Dmarc {
            p: Some(p),
            rua: vec![Rua::own(name)],
            ..Dmarc::default()
        };
        let to = |rua: Vec<Rua>| Dmarc {
            rua,
            ..of("reject")
        };
        let deaf = || Rua::elsewhere(DEAF, "absent");
        let broken = || Rua::elsewhere(BROKEN, "failed");
        let reports = || Rua::elsewhere(REPORTS, "found");
        let one = match self {
            Self::Plain(p) => of(p),
            Self::Silent(p) => Dmarc {
                rua: Vec::new(),
                ..of(p)
            },
            Self::Reports(p) => Dmarc {
                rua: vec![reports()],
                ..of(p)
            },
            Self::Deaf => to(vec![deaf()]),
            Self::Unknown => to(vec![broken()]),
            Self::OwnAndDeaf => to(vec![Rua::own(name), deaf()]),
            Self::UnknownAndReports => to(vec![broken(), reports()]),
            Self::Web => to(vec![Rua::web(name)]),
            Self::WeakSub => Dmarc {
                sp: Some("none"),
                ..of("quarantine")
            },
            Self::StrictSub => Dmarc {
                sp: Some("reject"),
                ..of("none")
            },
            Self::WeakNonexistent => Dmarc {
                sp: Some("reject"),
                np: Some("none"),
                ..of("reject")
            },
            Self::Percent(pct) => Dmarc {
                pct: Some(pct),
                ..of("quarantine")
            },
            Self::Tried(p) => Dmarc {
                t: Some(true),
                ..of(p)
            },
            Self::NotPublic => Dmarc {
                psd: Some("n"),
                ..of("reject")
            },
            Self::Everything => return vec![everything(name)],
            Self::NoPolicy => Dmarc {
                p: None,
                ..of("none")
            },
            Self::Nothing => Dmarc {
                p: None,
                rua: Vec::new(),
                sp: Some("reject"),
                // By RFC 9989 4.7 it counts as `p=none`.
                fault_7489: &["missing"],
                ..Dmarc::default()
            },
            Self::BadPolicy => return vec![bad_policy(vec![Rua::own(name)], &[])],
            Self::BadPolicySilent => return vec![bad_policy(Vec::new(), &["bad_value"])],
            Self::TwoPolicies => return vec![two_policies()],
            Self::Alias => return vec![of_providers()],
            Self::Several => {
                let other = Dmarc {
                    rua: Vec::new(),
                    ..of("none")
                };
                return vec![other.written(), of("reject").written()];
            }
            Self::SmallVersion | Self::Junk => return Vec::new(),
        };
        vec![one.written()]
    }

    /// TXT records of another kind.
    pub fn others(self) -> &'static [&'static str] {
        match self {
            Self::SmallVersion => &["v=dmarc1; p=reject"],
            Self::Junk => &["site-verification=misplaced"],
            _ => &[],
        }
    }
}

/// What a provider publishes for its customers, who lead there by a CNAME.
pub fn of_providers() -> Dmarc {
    let record = Dmarc {
        p: Some("reject"),
        rua: vec![Rua::elsewhere(REPORTS, "found")],
        ..Dmarc::default()
    };
    record.written()
}

fn everything(name: &str) -> Dmarc {
    let text = format!(
        "v = DMARC1 ;p=Reject;rua = mailto:dmarc@{name}!10m ; sp=quarantine;adkim=s; aspf=s;\
         np=reject;fo=1:d:s; psd=u ;t=n;ruf=mailto:failures@{name};"
    );
    Dmarc {
        text: text.into_bytes(),
        p: Some("reject"),
        sp: Some("quarantine"),
        np: Some("reject"),
        t: Some(false),
        adkim: Some("s"),
        aspf: Some("s"),
        psd: Some("u"),
        rua: vec![Rua::own(name)],
        ruf: vec![format!("mailto:failures@{name}")],
        ..Dmarc::default()
    }
}

fn bad_policy(rua: Vec<Rua>, fault: &'static [&'static str]) -> Dmarc {
    let mut text = "v=DMARC1; p=block".to_owned();
    for rua in &rua {
        text.push_str(&format!("; rua={}", rua.uri));
    }
    Dmarc {
        text: text.into_bytes(),
        rua,
        fault,
        fault_7489: fault,
        ..Dmarc::default()
    }
}

fn two_policies() -> Dmarc {
    Dmarc {
        text: b"v=DMARC1; p=none; p=reject".to_vec(),
        fault: &["duplicate"],
        fault_7489: &["duplicate"],
        ..Dmarc::default()
    }
}
