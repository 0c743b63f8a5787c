//! One domain of the list: everything about it is drawn from the seed and its number.

use super::changes::Change;
use super::draw::Draw;
use super::policies::{Policies, dkim};
use super::{numbers, orgs, policies};

/// What the DNS does for a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dns {
    /// Answers.
    Works,
    /// The registry knows no such name.
    Nxdomain,
    /// The name is there for the sake of another one below it.
    Undelegated,
    /// Delegated to servers that refuse to speak for it.
    Lame,
    /// Its servers could not load it.
    Servfail,
    /// The parent's DS is wrong.
    WrongDs,
    /// Its signatures have expired.
    Expired,
    /// The signature over its MX records is wrong.
    ForgedMx,
    /// The signature over the TLSA records of its mail host is wrong.
    ForgedTlsa,
    /// Signed, and the parent does not say so.
    Island,
    /// The parent's DS has an algorithm that nobody knows (RFC 4035 5.2).
    UnknownAlgorithm,
    /// Its servers never answer.
    Silent,
}

/// How a domain takes mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mail {
    /// At a provider.
    Provider,
    /// At `mail.<domain>`, on a shared address.
    Own,
    /// At its own address, without MX.
    Implicit,
    /// It has no MX, and nothing listens at its address.
    WebOnly,
    /// Null MX (RFC 7505).
    Null,
    /// Neither MX nor address.
    Nothing,
    /// The MX is a CNAME of a provider's host.
    Alias,
    /// The MX looks like an address.
    Literal,
    /// The MX does not exist.
    Missing,
    /// Twelve MX.
    Many,
    /// The MX has a private address.
    Special,
    /// A null MX beside a provider's.
    NullBeside,
    /// At the host that shows this manner.
    Manner(usize),
}

/// What is odd about the TXT records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Nothing.
    Plain,
    /// There is something else at `_dmarc`.
    JunkAtDmarc,
    /// Two SPF records (RFC 7208 4.5).
    TwoSpf,
    /// Two DMARC records.
    TwoDmarc,
    /// Too much for a datagram.
    Large,
    /// A wildcard answers for every name.
    Wildcard,
    /// SPF lets nobody send.
    Locked,
    /// Two MTA-STS records (RFC 8461 3.1) and two TLS-RPT records (RFC 8460 3).
    TwoSts,
}

/// How its name servers deny, other than as a zone file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// As it says.
    No,
    /// In a way that does not tell names that exist from others (RFC 9824).
    Compact,
    /// As if names that only have others below them did not exist, against RFC 8020.
    Hollow,
}

/// What a domain is below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// The top-level domain.
    Tld,
    /// An organisation.
    Org(usize),
    /// The department of an organisation.
    Department(usize),
}

/// A domain.
#[derive(Debug, Clone)]
pub struct Domain {
    pub number: usize,
    /// A-labels.
    pub name: String,
    /// As it stands in the list.
    pub listed: String,
    pub tld: &'static str,
    /// Who is above it.
    pub above: Above,
    pub dns: Dns,
    pub odd: Odd,
    pub signed: bool,
    pub nsec3: bool,
    pub mail: Mail,
    pub text: Text,
    /// Places of its hoster, its provider and its shared address.
    pub hoster: usize,
    pub provider: usize,
    pub shared: usize,
    pub spf: bool,
    pub dmarc: bool,
    pub mta_sts: bool,
    pub tls_rpt: bool,
    /// What its records say, where it has them.
    pub policies: Policies,
    /// TLSA for a mail host of its own.
    pub own_tlsa: bool,
    /// Those TLSA records name a key that is to come, too.
    pub next_key: bool,
    /// The parent has a digest by SHA-1 besides.
    pub sha1: bool,
    /// What happened since the first survey.
    pub changed: Option<Change>,
}

impl Domain {
    /// The zone that delegates it, or would.
    pub fn parent(&self) -> String {
        match self.org() {
            Some(place) => orgs::name(place),
            None => self.tld.to_owned(),
        }
    }

    /// The organisation that it belongs to.
    pub fn org(&self) -> Option<usize> {
        match self.above {
            Above::Tld => None,
            Above::Org(place) | Above::Department(place) => Some(place),
        }
    }

    /// Whether its zone file is signed.
    pub fn is_signed(&self) -> bool {
        self.signed || !matches!(self.dns, Dns::Works)
    }

    /// Whether there is a zone that servers answer for.
    pub fn has_zone(&self) -> bool {
        let without = [
            Dns::Nxdomain,
            Dns::Undelegated,
            Dns::Lame,
            Dns::Servfail,
            Dns::Silent,
        ];
        !without.contains(&self.dns)
    }

    /// Security of the answers from its zone, MX aside.
    pub fn security(&self) -> &'static str {
        match self.dns {
            Dns::Nxdomain | Dns::Undelegated | Dns::ForgedMx | Dns::ForgedTlsa => "secure",
            Dns::Island | Dns::UnknownAlgorithm => "insecure",
            Dns::WrongDs | Dns::Expired => "bogus",
            Dns::Lame | Dns::Servfail | Dns::Silent => "not_checked",
            Dns::Works if self.signed => "secure",
            Dns::Works => "insecure",
        }
    }

    /// Security of the answer to MX.
    pub fn mx_security(&self) -> &'static str {
        let has_mx = !matches!(self.mail, Mail::Implicit | Mail::WebOnly | Mail::Nothing);
        match self.dns {
            Dns::ForgedMx if has_mx => "bogus",
            _ => self.security(),
        }
    }

    /// What it is, for people.
    pub fn kind(&self) -> String {
        let signed = match (self.is_signed(), self.nsec3) {
            (false, _) => "unsigned",
            (true, false) => "nsec",
            (true, true) => "nsec3",
        };
        let changed = self.changed.map(|change| format!(" {change:?}"));
        let changed = changed.unwrap_or_default();
        let records = self.policies;
        format!(
            "{:?} {:?} {signed} {:?} {:?} {:?} SPF {:?} DMARC {:?} DKIM {:?} STS {:?} {:?}{changed}",
            self.dns,
            self.odd,
            self.mail,
            self.text,
            self.above,
            self.spf.then_some(records.spf),
            self.dmarc.then_some(records.dmarc),
            records.dkim,
            self.mta_sts.then_some(records.sts),
            records.served,
        )
    }
}

/// The domain of a number, as far as chance decides. `manner` is the manner it must show; there are
/// so many organisations.
pub fn draw(
    seed: u64,
    number: usize,
    manner: Option<usize>,
    dead_share: f64,
    orgs: usize,
) -> Domain {
    let mut draw = Draw::of(seed, "domain", number as u64);
    let tld = draw.pick(&numbers::TLDS);
    let label = match draw.chance(numbers::IDN) {
        true => format!("háček{number}"),
        false => format!("d{number}"),
    };
    let above = match manner {
        Some(_) => Above::Tld,
        None => above(seed, number, orgs),
    };
    let (listed, tld) = match above {
        Above::Tld => (format!("{label}.{tld}"), tld),
        Above::Org(place) => (format!("{label}.{}", orgs::name(place)), "cz"),
        Above::Department(place) => (format!("{label}.{}", orgs::department(place)), "cz"),
    };
    let dns = match draw.chance(dead_share) {
        true => Dns::Silent,
        false => draw.pick(&numbers::DNS),
    };
    let mail = draw.pick(&numbers::MAIL);
    let dns = if manner.is_some() { Dns::Works } else { dns };
    let forged = dns == Dns::ForgedTlsa;
    let mail = if forged { Mail::Own } else { mail };
    let mut domain = Domain {
        number,
        name: idna::domain_to_ascii(&listed).expect("a name"),
        listed,
        tld,
        above,
        dns,
        odd: Odd::No,
        signed: draw.chance(numbers::SIGNED) || manner.is_some(),
        nsec3: draw.chance(numbers::NSEC3),
        mail: manner.map_or(mail, Mail::Manner),
        text: draw.pick(&numbers::TEXT),
        hoster: 0,
        provider: 0,
        shared: 0,
        spf: draw.chance(numbers::SPF),
        dmarc: draw.chance(numbers::DMARC),
        mta_sts: draw.chance(numbers::MTA_STS),
        tls_rpt: draw.chance(numbers::TLS_RPT),
        policies: policies::draw(seed, number),
        own_tlsa: draw.chance(numbers::OWN_TLSA) || forged,
        next_key: draw.chance(numbers::TLSA_NEXT),
        sha1: draw.chance(numbers::SHA1),
        changed: None,
    };
    // Other zones of the organisation are on the same servers, which would answer for it.
    if domain.org().is_some() && domain.dns == Dns::Lame {
        domain.dns = Dns::Servfail;
    }
    if dns == Dns::Works && manner.is_none() {
        domain.odd = odd(seed, number, &domain);
    }
    match domain.odd {
        Odd::No => {}
        Odd::Compact => (domain.signed, domain.nsec3) = (true, false),
        Odd::Hollow => domain.signed = false,
    }
    domain.sha1 &= domain.dns == Dns::Works && domain.signed && manner.is_none();
    domain
}

fn odd(seed: u64, number: usize, domain: &Domain) -> Odd {
    let mut draw = Draw::of(seed, "odd", number as u64);
    let is_wildcard = matches!(domain.policies.dkim, dkim::Kind::Wildcard(_));
    match domain.text {
        // Those servers have neither TCP nor wildcards.
        Text::Large | Text::Wildcard => Odd::No,
        _ if is_wildcard => Odd::No,
        _ => draw.pick(&numbers::ODD),
    }
}

fn above(seed: u64, number: usize, orgs: usize) -> Above {
    let mut draw = Draw::of(seed, "above", number as u64);
    if !draw.chance(numbers::SUBDOMAINS) {
        return Above::Tld;
    }
    let place = (draw.next() % orgs as u64) as usize;
    match draw.chance(0.25) {
        true => Above::Department(place),
        false => Above::Org(place),
    }
}
