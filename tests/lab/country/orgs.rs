//! Organisations whose subdomains are in the list while they are not: what DMARC and CAA say of a
//! name may stand above it.

use std::collections::HashMap;

use super::draw::Draw;
use super::policies::dmarc::kinds::Kind;
use super::policies::others::Caa;
use super::policies::published;
use super::record::Record;
use super::sign::Signing;
use super::zones::{Zone, apex};
use super::{Country, numbers};

/// An organisation.
#[derive(Debug, Clone)]
pub struct Org {
    pub zone: String,
    /// What it publishes as DMARC.
    pub dmarc: Option<Kind>,
    /// What its department does, at a name that is in no zone of its own.
    pub department: Option<Kind>,
    pub caa: Caa,
}

/// The first ones: every way to inherit something once.
const SHOWN: [(Option<Kind>, Option<Kind>); 12] = [
    (Some(Kind::WeakSub), None),
    (Some(Kind::StrictSub), None),
    (None, None),
    (Some(Kind::NotPublic), None),
    (Some(Kind::Several), None),
    (Some(Kind::Tried("reject")), None),
    (None, Some(Kind::Plain("quarantine"))),
    (Some(Kind::Plain("none")), Some(Kind::NotPublic)),
    (Some(Kind::Nothing), None),
    (Some(Kind::WeakNonexistent), None),
    (Some(Kind::Silent("reject")), Some(Kind::Plain("none"))),
    (None, Some(Kind::Several)),
];

/// How many there are for so many domains.
pub fn count(domains: usize) -> usize {
    let (least, most) = numbers::ORGS;
    (domains / numbers::DOMAINS_PER_ORG).clamp(least, most)
}

/// The name of one.
pub fn name(place: usize) -> String {
    format!("org{place}.cz")
}

/// The name of its department.
pub fn department(place: usize) -> String {
    format!("dept.{}", name(place))
}

/// The organisation of a place.
pub fn org(seed: u64, place: usize) -> Org {
    let mut draw = Draw::of(seed, "organisation", place as u64);
    let dmarc = draw.pick(numbers::DMARC_KINDS);
    let drawn = draw.chance(numbers::DMARC).then_some(dmarc);
    // A CNAME would lead to a provider, of which it has none.
    let drawn = drawn.filter(|kind| *kind != Kind::Alias);
    let (dmarc, department) = SHOWN.get(place).copied().unwrap_or((drawn, None));
    Org {
        zone: name(place),
        dmarc,
        department,
        caa: draw.pick(&numbers::CAA_KINDS),
    }
}

/// Their zones, with the records for what is below them.
pub fn zones(
    country: &Country,
    below: Vec<HashMap<usize, Vec<Record>>>,
) -> impl Iterator<Item = Zone> {
    let hosters = country.hosters;
    country.orgs.iter().enumerate().map(move |(place, org)| {
        let hoster = place % hosters;
        let mut records = apex(&org.zone, hoster);
        records.extend(published::of_org(org, place));
        let below = below.iter().filter_map(|below| below.get(&place));
        records.extend(below.flatten().cloned());
        Zone {
            name: org.zone.clone(),
            hoster,
            records,
            how: Signing::Sound {
                nsec3: place % 2 == 1,
            },
            sha1: false,
        }
    })
}
