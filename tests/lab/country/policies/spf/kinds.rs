//! What a domain publishes as SPF.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::library::{CHAIN_10, CHAIN_11, CHAIN_25, at};
use super::record::Spf;
use super::record::Term::{
    self, A, All, Exists, Include, Ip4, Ip6, Modifier, Mx, Ptr, Redirect, Wrong,
};

/// What the record of a domain that sends mail is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `mx` and an `all`.
    Mx(&'static str),
    /// The provider's record and an `all`.
    Provider(&'static str),
    /// Those of two providers.
    TwoProviders,
    /// The provider's record in its stead.
    Redirect,
    /// Addresses of both families, some of them twice.
    Addresses,
    /// `a` of itself and of another name.
    Names,
    /// `+all`
    Everybody,
    /// No `all`, no `redirect`.
    NoAll,
    /// Nothing but the version.
    Empty,
    /// Exactly ten terms that ask the DNS.
    Ten,
    /// Eleven.
    Eleven,
    /// More than are counted.
    TwentyFive,
    /// `mx` of a name with eleven mail hosts.
    ManyExchanges,
    /// So many questions without an answer.
    Voids(u8),
    /// Includes a name that does not exist.
    IncludesGone,
    /// Includes one with TXT records, none of which is SPF.
    IncludesOther,
    /// Includes one with a wrong record.
    IncludesWrong,
    /// Includes one with two records.
    IncludesTwo,
    /// Includes one whose servers are broken.
    IncludesBroken,
    /// Redirects to a name that does not exist.
    RedirectsGone,
    /// Redirects to one whose servers are broken.
    RedirectsBroken,
    /// Includes itself.
    Itself,
    /// Includes one that includes another one that includes the first one.
    Loop,
    /// Includes one that lets everybody send.
    IncludesAll,
    /// `exists` with macros.
    Exists,
    /// `include` with a macro for the sender.
    Macro,
    /// `include` with a macro for the domain, which leads to nothing.
    OwnMacro,
    /// `ptr`
    Ptr,
    /// In strings of a few bytes, one of which ends in the middle of the version.
    Split,
    /// In capitals.
    Shouts,
    /// Terms behind `all`, and a `redirect` that is not used.
    AfterAll,
    /// A modifier that nobody knows.
    Modifier,
    /// A mechanism misspelt so that it is one, too.
    Misspelt,
    /// Two redirects.
    TwoRedirects,
    /// Wrong: a place in [`WRONG`].
    Wrong(u8),
    /// None, but something that looks like one.
    Other,
}

/// What makes a record one that nobody can use, and the words for it.
#[rustfmt::skip] // a table
pub const WRONG: [(&[u8], &[&str]); 10] = [
    (b"ip4:300.1.2.3", &["bad_address"]),
    (b"ip4:192.0.2.1/33", &["bad_prefix"]),
    (b"ip6:2001:db8::1/129", &["bad_prefix"]),
    (b"ip6:2001:db8", &["bad_address"]),
    (b"ip:192.0.2.1", &["unknown_mechanism"]),
    (b"include:", &["bad_name", "syntax"]),
    (b"exists:%{x}.policies.cz", &["bad_macro"]),
    (b"a:host\xc3\xa1\xc4\x8d.cz", &["not_ascii"]),
    (b"ip4:192.0.2.1,", &["bad_address", "trailing_junk", "syntax", "bad_prefix"]),
    (b"a;", &["syntax", "trailing_junk", "unknown_mechanism"]),
];

impl Kind {
    /// The record; `provider` and `other` are the records of two providers.
    pub fn record(self, domain: &str, provider: String, other: String) -> Option<Spf> {
        let include = |name: &str| Include(at(name));
        let record = |terms: Vec<Term>| Spf::of(terms);
        let made = match self {
            Self::Other => return None,
            Self::Mx(all) => record(vec![Mx(None), All(all)]),
            Self::Provider(all) => record(vec![Include(provider), All(all)]),
            Self::TwoProviders => record(vec![Include(provider), Include(other), All("~all")]),
            Self::Redirect => record(vec![Redirect(provider)]),
            Self::Addresses => record(addresses()),
            Self::Names => record(vec![A(None), A(Some(at("both"))), All("-all")]),
            Self::Everybody => record(vec![Mx(None), All("+all")]),
            Self::NoAll => record(vec![Mx(None)]),
            Self::Empty => record(Vec::new()),
            Self::Ten => record(vec![include(CHAIN_10), All("-all")]),
            Self::Eleven => record(vec![include(CHAIN_11), All("-all")]),
            Self::TwentyFive => record(vec![include(CHAIN_25), All("-all")]),
            Self::ManyExchanges => record(vec![Mx(Some(at("eleven"))), All("~all")]),
            Self::Voids(count) => {
                let voids = (1..=count).map(|at_most| A(Some(at(&format!("void{at_most}")))));
                record(voids.chain([All("~all")]).collect())
            }
            Self::IncludesGone => record(vec![include("gone"), Mx(None), All("~all")]),
            Self::IncludesOther => record(vec![include("other"), Mx(None), All("~all")]),
            Self::IncludesWrong => record(vec![include("wrong"), All("-all")]),
            Self::IncludesTwo => record(vec![include("two"), All("-all")]),
            Self::IncludesBroken => record(vec![
                Include(super::library::BROKEN.to_owned()),
                All("-all"),
            ]),
            Self::RedirectsGone => record(vec![Redirect(at("gone"))]),
            Self::RedirectsBroken => record(vec![Redirect(super::library::BROKEN.to_owned())]),
            Self::Itself => record(vec![Include(domain.to_owned()), All("-all")]),
            Self::Loop => record(vec![include("one"), All("~all")]),
            Self::IncludesAll => record(vec![include("everybody"), All("-all")]),
            Self::Exists => record(vec![Exists("%{i}._spf.policies.cz"), All("-all")]),
            Self::Macro => record(vec![
                Include("%{l1r-}._spf.policies.cz".to_owned()),
                Ip4(Ipv4Addr::new(192, 0, 2, 1), 32),
                All("-all"),
            ]),
            Self::OwnMacro => record(vec![
                Include("%{d}.in.policies.cz".to_owned()),
                Mx(None),
                All("~all"),
            ]),
            Self::Ptr => record(vec![Ptr, All("~all")]),
            Self::Split => Spf {
                string: 5,
                ..record(vec![Include(provider), Mx(None), All("-all")])
            },
            Self::Shouts => Spf {
                shouts: true,
                ..record(vec![Mx(None), Include(provider), All("-ALL")])
            },
            Self::AfterAll => record(vec![
                All("-all"),
                Include(at("wrong")),
                Redirect(at("gone")),
            ]),
            Self::Modifier => record(vec![Modifier("report=post"), Mx(None), All("~all")]),
            Self::Misspelt => record(vec![
                Modifier("include=policies.cz;"),
                Mx(None),
                All("-all"),
            ]),
            Self::TwoRedirects => record(vec![Redirect(provider), Redirect(other)]),
            Self::Wrong(place) => {
                let (bytes, words) = WRONG[usize::from(place)];
                record(vec![Mx(None), Wrong(bytes, words), All("-all")])
            }
        };
        Some(made)
    }
}

fn addresses() -> Vec<Term> {
    let v6 = |last| Ipv6Addr::new(0x2001, 0xdb8, 0, last, 0, 0, 0, 0);
    vec![
        Ip4(Ipv4Addr::new(198, 51, 100, 0), 24),
        // Inside the first one.
        Ip4(Ipv4Addr::new(198, 51, 100, 7), 32),
        Ip4(Ipv4Addr::new(203, 0, 112, 0), 22),
        Ip6(v6(0), 64),
        Ip6(v6(1), 64),
        Ip6(v6(0), 63),
        All("~all"),
    ]
}
