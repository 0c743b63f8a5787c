//! The certificates of mail servers. A chain that another name was shown (`shared`) counts only
//! where it names the host and is as it should be: asked for this name, the server may well show
//! another one.

use super::NOT_SEEN;
use super::every::{SHARED, Says, behind_starttls, every};
use super::tls::NO_STARTTLS;
use crate::table::codes::{Dates, NameMatch, Pkix};
use crate::table::rows::Finding;
use crate::verdict::case::{Case, Endpoint};
use crate::verdict::facts::{Chain, Key, Lists};
use crate::verdict::parameters::Parameters;

/// What cannot be told of a name that was not asked for.
pub const NOT_OBSERVED: &str = "not_observed_for_name";

fn of_chains(case: &Case<'_>, parameters: &Parameters, judge: impl Fn(&Chain) -> Says) -> Finding {
    let ask = |endpoint: &Endpoint<'_>| all(endpoint, &judge);
    every(
        case,
        parameters,
        NO_STARTTLS,
        behind_starttls(|_, one| ask(one)),
    )
}

/// The chains of an endpoint: all that were seen have to be as they should be.
pub fn all(endpoint: &Endpoint<'_>, judge: &impl Fn(&Chain) -> Says) -> Says {
    all_of(endpoint.chains, |usual| endpoint.unseen(usual), judge)
}

/// The same of chains alone. `unseen` says why the host was not shown one of its own, where more is
/// known than the usual word.
pub fn all_of(
    chains: &[Chain],
    unseen: impl Fn(&'static str) -> &'static str,
    judge: &impl Fn(&Chain) -> Says,
) -> Says {
    let mut sum = Says::Open(unseen(NOT_SEEN));
    for (at, chain) in chains.iter().enumerate() {
        let says = match owned(chain, judge(chain)) {
            Says::Open(NOT_OBSERVED) => Says::Open(unseen(NOT_OBSERVED)),
            says => says,
        };
        sum = match (sum, says) {
            (Says::No(word), _) => Says::No(word),
            (_, Says::No(word)) => Says::No(word),
            (Says::Open(word), _) if at > 0 => Says::Open(word),
            (_, says) => says,
        };
    }
    sum
}

/// What a chain says of this host, and not only of the name that it was shown to.
fn owned(chain: &Chain, says: Says) -> Says {
    match says {
        says if chain.is_own() => says,
        Says::Yes(_) if chain.is_named() => Says::Yes(SHARED),
        _ => Says::Open(NOT_OBSERVED),
    }
}

/// Passes when every chain seen leads to a root of every store that is asked for.
pub fn cert_trusted(case: &Case<'_>, parameters: &Parameters) -> Finding {
    of_chains(case, parameters, |chain| {
        is_trusted(chain, case.lists, parameters)
    })
}

/// What the stores say of a chain.
pub fn is_trusted(chain: &Chain, lists: &Lists, parameters: &Parameters) -> Says {
    let trust = lists.trust.get(chain.trust as usize);
    of_trust(trust.map_or(&[][..], Vec::as_slice), parameters)
}

/// What is made of what the stores say.
pub fn of_trust(trust: &[(String, Pkix)], parameters: &Parameters) -> Says {
    let mut sum = Says::Yes("trusted");
    for store in &parameters.stores {
        let says = match trust.iter().find(|(name, _)| name == store) {
            Some((_, Pkix::Valid)) => continue,
            Some((_, pkix)) => trust_of(*pkix),
            None => Says::Open("store_missing"),
        };
        match says {
            Says::No(_) => return says,
            _ => sum = says,
        }
    }
    sum
}

/// What our own verifier cannot judge is no fault of the server.
fn trust_of(pkix: Pkix) -> Says {
    match pkix {
        Pkix::UnsupportedAlgorithm | Pkix::PathBudget | Pkix::Malformed | Pkix::Other => {
            Says::Open(pkix.as_str())
        }
        _ => Says::No(pkix.as_str()),
    }
}

/// Passes when a SAN dNSName of every leaf matches its MX host (RFC 9525 6.3).
pub fn cert_name(case: &Case<'_>, parameters: &Parameters) -> Finding {
    of_chains(case, parameters, names)
}

/// Whether a leaf names its host.
pub fn names(chain: &Chain) -> Says {
    of_match(chain.name_match)
}

/// What is made of how a leaf names a host.
pub fn of_match(name_match: Option<NameMatch>) -> Says {
    match name_match {
        Some(NameMatch::San | NameMatch::SanWildcard) => Says::Yes("named"),
        Some(NameMatch::CnOnly) => Says::No("cn_only"),
        Some(NameMatch::None) => Says::No("mismatch"),
        None => Says::Open(NOT_OBSERVED),
    }
}

/// Passes when every chain was within its validity when it was seen (RFC 5280 4.1.2.5).
pub fn cert_current(case: &Case<'_>, parameters: &Parameters) -> Finding {
    of_chains(case, parameters, is_current)
}

/// Whether a chain was within its validity.
pub fn is_current(chain: &Chain) -> Says {
    of_dates(chain.dates)
}

/// What is made of whether a moment lies within the validity of a chain.
pub fn of_dates(dates: Dates) -> Says {
    match dates {
        Dates::Current => Says::Yes("current"),
        Dates::Expired => Says::No("expired"),
        Dates::NotYetValid => Says::No("not_yet_valid"),
        Dates::Malformed => Says::Open("malformed"),
    }
}

/// Passes when kind and size of every key and the hash of every signature are among those allowed.
pub fn cert_strong(case: &Case<'_>, parameters: &Parameters) -> Finding {
    of_chains(case, parameters, |chain| {
        is_strong(chain, case.lists, parameters)
    })
}

/// Whether the certificates of a chain are strong.
pub fn is_strong(chain: &Chain, lists: &Lists, parameters: &Parameters) -> Says {
    let keys = lists.keys.get(chain.keys as usize);
    let keys = keys.map_or(&[][..], Vec::as_slice);
    let mut sum = match keys.is_empty() {
        true => Says::Open(NOT_SEEN),
        false => Says::Yes("strong"),
    };
    for key in keys {
        match strength(key, parameters) {
            Says::No(word) => return Says::No(word),
            Says::Open(word) => sum = Says::Open(word),
            _ => {}
        }
    }
    sum
}

/// The kind of a key that is none of those with a name here: it may be stronger than all of them.
const OTHER_KEY: &str = "other";

fn strength(key: &Key, parameters: &Parameters) -> Says {
    let Some(kind) = key.kind.as_deref() else {
        return Says::Open("malformed");
    };
    let among = |list: &[String], word: &str| list.iter().any(|allowed| allowed == word);
    let fits = match kind {
        "rsa" => key.bits.map(|bits| bits >= parameters.rsa_min_bits),
        "ecdsa" => key
            .curve
            .as_deref()
            .map(|curve| among(&parameters.curves, curve)),
        _ => Some(true),
    };
    match fits {
        _ if kind == OTHER_KEY => return Says::Open("unknown_key"),
        _ if !among(&parameters.key_types, kind) => return Says::No("key_not_listed"),
        Some(false) if kind == "rsa" => return Says::No("weak_key"),
        Some(false) => return Says::No("key_not_listed"),
        None => return Says::Open("malformed"),
        Some(true) => {}
    }
    // Nobody verifies the signature of a root, or of a leaf that signed itself.
    if key.is_self_signed {
        return Says::Yes("strong");
    }
    match (key.hash.as_deref(), key.signature.as_deref()) {
        (Some(hash), _) if among(&parameters.hashes, hash) => Says::Yes("strong"),
        (Some(_), _) => Says::No("weak_signature"),
        (None, Some("ed25519" | "ed448")) => Says::Yes("strong"),
        (None, _) => Says::Open("unknown_signature"),
    }
}
