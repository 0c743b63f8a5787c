//! Addresses that are nobody's mail server, and how addresses are grouped.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// IANA IPv4 Special-Purpose Address Registry (RFC 6890 and updates), plus multicast (RFC 5771).
const SPECIAL_V4: &[&str] = &[
    "0.0.0.0/8",       // "this network", RFC 791 3.2
    "10.0.0.0/8",      // private use, RFC 1918
    "100.64.0.0/10",   // shared address space, RFC 6598
    "127.0.0.0/8",     // loopback, RFC 1122 3.2.1.3
    "169.254.0.0/16",  // link local, RFC 3927
    "172.16.0.0/12",   // private use, RFC 1918
    "192.0.0.0/24",    // IETF protocol assignments, RFC 6890 2.1
    "192.0.2.0/24",    // documentation, RFC 5737
    "192.31.196.0/24", // AS112-v4, RFC 7535
    "192.52.193.0/24", // AMT, RFC 7450
    "192.88.99.0/24",  // deprecated 6to4 relay anycast, RFC 7526
    "192.168.0.0/16",  // private use, RFC 1918
    "192.175.48.0/24", // direct delegation AS112, RFC 7534
    "198.18.0.0/15",   // benchmarking, RFC 2544
    "198.51.100.0/24", // documentation, RFC 5737
    "203.0.113.0/24",  // documentation, RFC 5737
    "224.0.0.0/4",     // multicast, RFC 5771
    "240.0.0.0/4",     // reserved, RFC 1112 4; includes limited broadcast
];

/// IANA IPv6 Special-Purpose Address Registry. Outside 2000::/3 nothing is global unicast.
const SPECIAL_V6: &[&str] = &[
    "2001::/23",         // IETF protocol assignments, RFC 2928; Teredo, ORCHID, benchmarking
    "2001:db8::/32",     // documentation, RFC 3849
    "2002::/16",         // 6to4, RFC 3056
    "2620:4f:8000::/48", // direct delegation AS112, RFC 7534
    "3fff::/20",         // documentation, RFC 9637
];

/// The special-purpose table, parsed.
#[derive(Debug, Clone)]
pub struct Special {
    v4: Vec<Ipv4Net>,
    v6: Vec<Ipv6Net>,
    global: Ipv6Net,
}

impl Default for Special {
    fn default() -> Self {
        let global = Ipv6Net::new(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
        Self {
            v4: SPECIAL_V4
                .iter()
                .filter_map(|net| net.parse().ok())
                .collect(),
            v6: SPECIAL_V6
                .iter()
                .filter_map(|net| net.parse().ok())
                .collect(),
            global: global.unwrap_or_default(),
        }
    }
}

impl Special {
    /// Whether an address must not be dialled. An IPv4 address inside an IPv6 one is judged as
    /// what it is.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match ip {
            IpAddr::V4(ip) => self.v4.iter().any(|net| net.contains(&ip)),
            // v4-mapped, NAT64 and all else outside 2000::/3 fails here already.
            IpAddr::V6(ip) => {
                !self.global.contains(&ip) || self.v6.iter().any(|net| net.contains(&ip))
            }
        }
    }
}

/// The /24 or /56 around an address.
pub fn prefix_of(ip: IpAddr) -> IpNet {
    let length = if ip.is_ipv4() { 24 } else { 56 };
    IpNet::new(ip, length).map_or(IpNet::from(ip), |net| net.trunc())
}

/// Who answers for an address: the /24 or /56 around it, as long as no table tells more.
pub fn operator_of(ip: IpAddr) -> String {
    prefix_of(ip).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_parses() {
        let special = Special::default();
        assert_eq!(special.v4.len(), SPECIAL_V4.len());
        assert_eq!(special.v6.len(), SPECIAL_V6.len());
        assert_eq!(special.global.prefix_len(), 3);
    }

    #[test]
    fn only_global_unicast_may_be_dialled() {
        let special = Special::default();
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "172.31.255.255",
            "192.0.2.1",
            "192.168.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "64:ff9b::808:808",
            "100::1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:808:808::1",
            "3fff::1",
        ] {
            assert!(
                special.contains(ip.parse().expect("an address")),
                "{ip} got through"
            );
        }
        for ip in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2001:4860::1",
            "2a00::1",
        ] {
            assert!(
                !special.contains(ip.parse().expect("an address")),
                "{ip} was held back"
            );
        }
    }

    #[test]
    fn prefixes_are_24_and_56() {
        let prefix = |ip: &str| prefix_of(ip.parse().expect("an address")).to_string();
        assert_eq!(prefix("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(prefix("2a00:1:2:3ff::1"), "2a00:1:2:300::/56");
    }
}
