//! Who answers for an address, and where it is.

use std::net::IpAddr;
use std::sync::Arc;

use super::asn::AsnTable;
use super::countries::Countries;
use super::operators::Operators;
use super::special::prefix_of;
use crate::table::codes::Rpki;
use crate::table::country::Country;
use ipnet::IpNet;

/// The tables that tell who answers for an address.
#[derive(Debug, Clone)]
pub struct Owners {
    /// Operators by the names of mail hosts.
    pub operators: Arc<Operators>,
    /// Autonomous systems by address, where a table was given.
    pub asns: Option<Arc<AsnTable>>,
    /// Countries by address, where a table was given.
    pub countries: Option<Arc<Countries>>,
}

/// What the tables say of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Whereabouts {
    /// The autonomous system that announces it.
    pub asn: Option<u32>,
    /// The prefix that is announced.
    pub route: Option<IpNet>,
    /// What the RPKI says of that.
    pub rpki: Option<Rpki>,
    /// The country that it is registered in.
    pub country: Option<Country>,
}

impl Owners {
    /// All that is known of an address; none where that is nothing.
    pub fn whereabouts(&self, ip: IpAddr) -> Option<Whereabouts> {
        let route = self.asns.as_ref().and_then(|table| table.route(ip));
        let found = Whereabouts {
            asn: route.map(|route| route.asn),
            route: route.and_then(|route| route.prefix),
            rpki: route.and_then(|route| route.rpki),
            country: self.table_of_countries().and_then(|table| table.get(ip)),
        };
        (found != Whereabouts::default()).then_some(found)
    }

    /// The table that says where an address is: that of countries, else that of systems where it has
    /// some.
    pub fn table_of_countries(&self) -> Option<&Countries> {
        let own = self.countries.as_deref();
        own.or_else(|| self.asns.as_ref()?.countries())
    }

    /// The autonomous system that announces an address, as far as a table tells.
    pub fn asn(&self, ip: IpAddr) -> Option<u32> {
        self.asns.as_ref()?.get(ip)
    }

    /// Who answers for an address that these hosts lead to, most used first: by the operator table
    /// the first host that it knows; else the operator of the AS, or the AS; else the /24 or /56.
    pub fn operator<'a>(&self, ip: IpAddr, hosts: impl IntoIterator<Item = &'a str>) -> Arc<str> {
        let by_name = hosts
            .into_iter()
            .find_map(|host| self.operators.of_host(host));
        if let Some(name) = by_name {
            return name.clone();
        }
        match self.asn(ip) {
            Some(asn) => match self.operators.of_asn(asn) {
                Some(name) => name.clone(),
                None => Arc::from(format!("AS{asn}")),
            },
            None => Arc::from(prefix_of(ip).to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(asns: Option<&str>) -> Owners {
        let table = "[[operator]]\nname = \"A\"\nmx = [\"a.net\"]\nasn = [64500]\n\
                     [[operator]]\nname = \"B\"\nmx = [\"b.net\"]\n";
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("asn.txt");
        let asns = asns.map(|text| {
            std::fs::write(&path, text).expect("writes");
            Arc::new(AsnTable::read(&path, None).expect("a table"))
        });
        Owners {
            operators: Arc::new(Operators::parse("table", table).expect("a table")),
            asns,
            countries: None,
        }
    }

    #[test]
    fn names_come_before_systems_and_systems_before_prefixes() {
        let ip = |text: &str| text.parse().expect("an address");
        let all = owners(Some("192.0.2.0/24 64500\n198.51.100.0/24 64501\n"));
        let of = |at: &str, hosts: &[&str]| all.operator(ip(at), hosts.iter().copied());
        assert_eq!(
            &*of("192.0.2.1", &["mx.c.net", "mx.b.net", "mx.a.net"]),
            "B"
        );
        assert_eq!(&*of("192.0.2.1", &["mx.c.net"]), "A", "by the AS of A");
        assert_eq!(&*of("198.51.100.1", &["mx.c.net"]), "AS64501");
        assert_eq!(&*of("203.0.113.77", &["mx.c.net"]), "203.0.113.0/24");
        assert_eq!(&*of("2a00:1:2:3ff::1", &[]), "2a00:1:2:300::/56");
        assert_eq!(all.asn(ip("198.51.100.1")), Some(64501));
        let none = owners(None);
        assert_eq!(
            &*none.operator(ip("192.0.2.1"), ["mx.c.net"]),
            "192.0.2.0/24"
        );
        assert_eq!(none.asn(ip("192.0.2.1")), None);
    }
}
