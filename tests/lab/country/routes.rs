//! Who announces the addresses of mail servers, whether they may, and in which country they are: a
//! network of the size of a /24 each.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::Ipv4Addr;

use super::draw::Draw;
use super::{Country, numbers, plan};

/// What is known of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Its prefix.
    pub prefix: String,
    /// Its system; none where nobody announces it.
    pub asn: Option<u32>,
    /// valid, invalid, not_found; none where nobody announces it.
    pub rpki: Option<&'static str>,
    /// Its country; none where the table has none.
    pub country: Option<&'static str>,
}

/// The files of a country.
pub struct Tables {
    /// `asn.txt`: prefix and system.
    pub asns: String,
    /// `countries.csv`: prefix and country.
    pub countries: String,
    /// `vrps.csv`: who may announce what.
    pub vrps: String,
}

impl Country {
    /// The network of an address; none for one that is nobody's.
    pub fn network(&self, ip: Ipv4Addr) -> Option<Network> {
        let [first, second, third, _] = ip.octets();
        if first != 127 {
            return None;
        }
        let number = u32::from(second) << 8 | u32::from(third);
        let mut draw = Draw::of(self.settings.seed, "network", number.into());
        let country = draw.pick(&numbers::COUNTRIES);
        let rpki = draw.pick(&numbers::ROUTES);
        Some(Network {
            prefix: format!("127.{second}.{third}.0/24"),
            asn: rpki.map(|_| 4_200_000_000 + number),
            rpki,
            country,
        })
    }

    /// What a survey is given beforehand.
    pub fn tables(&self) -> Tables {
        let web = (0..self.shared.len()).map(plan::web);
        let ips = self.servers.keys().copied().chain(web);
        let networks: BTreeSet<[u8; 3]> = ips
            .map(|ip| {
                let [first, second, third, _] = ip.octets();
                [first, second, third]
            })
            .collect();
        let mut tables = Tables {
            asns: "# prefix, system\n".to_owned(),
            countries: String::new(),
            vrps: "ASN,IP Prefix,Max Length,Trust Anchor\n".to_owned(),
        };
        let all = networks.into_iter();
        for network in all.filter_map(|[a, b, c]| self.network(Ipv4Addr::new(a, b, c, 0))) {
            tables.add(&network);
        }
        tables
    }
}

impl Tables {
    fn add(&mut self, network: &Network) {
        let prefix = &network.prefix;
        // Writing to a String cannot fail.
        let country = network.country.unwrap_or("ZZ");
        let _ = writeln!(self.countries, "{prefix},{country}");
        let Some(asn) = network.asn else { return };
        let _ = writeln!(self.asns, "{prefix} {asn}");
        let authorised = match network.rpki {
            Some("valid") => asn,
            Some("invalid") => asn + 1,
            _ => return,
        };
        let _ = writeln!(self.vrps, "AS{authorised},{prefix},24,lab");
    }
}
