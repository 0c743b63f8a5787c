//! Addresses that are nobody's mail server, and how addresses are grouped.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// IANA IPv4 Special-Purpose Address Registry (RFC 6890 and updates), plus multicast (RFC 5771).
/// What it calls globally reachable (AS112, AMT, anycast of 192.0.0.0/24) serves other protocols.
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

/// IANA IPv6 Special-Purpose Address Registry, as far as it lies within 2000::/3. Outside nothing is
/// global unicast: ::1, IPv4-mapped, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), discard (100::/64), SRv6
/// (5f00::/16), unique local, link local and multicast need no line.
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
    /// Whether an address must not be dialled. An IPv4 address inside an IPv6 one (mapped,
    /// translated, 6to4) is no mail server's, whatever it is by itself.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match ip {
            IpAddr::V4(ip) => self.v4.iter().any(|net| net.contains(&ip)),
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
    fn every_range_has_its_edges() {
        let special = Special::default();
        let held = |ip: &str| special.contains(ip.parse().expect("an address"));
        // The last address before a range, its first and last ones, the first one behind it; a
        // neighbour that is special itself is left out.
        for (before, first, last, after) in [
            ("", "0.0.0.0", "0.255.255.255", "1.0.0.0"),
            ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
            (
                "100.63.255.255",
                "100.64.0.0",
                "100.127.255.255",
                "100.128.0.0",
            ),
            (
                "126.255.255.255",
                "127.0.0.0",
                "127.255.255.255",
                "128.0.0.0",
            ),
            (
                "169.253.255.255",
                "169.254.0.0",
                "169.254.255.255",
                "169.255.0.0",
            ),
            (
                "172.15.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "172.32.0.0",
            ),
            ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
            ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
            (
                "192.31.195.255",
                "192.31.196.0",
                "192.31.196.255",
                "192.31.197.0",
            ),
            (
                "192.52.192.255",
                "192.52.193.0",
                "192.52.193.255",
                "192.52.194.0",
            ),
            (
                "192.88.98.255",
                "192.88.99.0",
                "192.88.99.255",
                "192.88.100.0",
            ),
            (
                "192.167.255.255",
                "192.168.0.0",
                "192.168.255.255",
                "192.169.0.0",
            ),
            (
                "192.175.47.255",
                "192.175.48.0",
                "192.175.48.255",
                "192.175.49.0",
            ),
            (
                "198.17.255.255",
                "198.18.0.0",
                "198.19.255.255",
                "198.20.0.0",
            ),
            (
                "198.51.99.255",
                "198.51.100.0",
                "198.51.100.255",
                "198.51.101.0",
            ),
            (
                "203.0.112.255",
                "203.0.113.0",
                "203.0.113.255",
                "203.0.114.0",
            ),
            ("223.255.255.255", "224.0.0.0", "255.255.255.255", ""),
            (
                "",
                "::",
                "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2000::",
            ),
            (
                "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001::",
                "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:200::",
            ),
            (
                "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:db8::",
                "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:db9::",
            ),
            (
                "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2002::",
                "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2003::",
            ),
            (
                "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff",
                "2620:4f:8000::",
                "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
                "2620:4f:8001::",
            ),
            (
                "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "3fff::",
                "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                "3fff:1000::",
            ),
            (
                "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "4000::",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "",
            ),
        ] {
            for inside in [first, last] {
                assert!(held(inside), "{inside} got through");
            }
            for outside in [before, after].into_iter().filter(|ip| !ip.is_empty()) {
                assert!(!held(outside), "{outside} was held back");
            }
        }
    }

    #[test]
    fn lines_of_the_registries_that_have_no_line_here() {
        let special = Special::default();
        for ip in [
            "192.0.0.9",
            "192.88.99.2",
            "255.255.255.255",
            "::1",
            "::8.8.8.8",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "100:0:0:1::1",
            "2001:1::1",
            "2001:4:112::1",
            "2001:20::1",
            "2001:30::1",
            "2002:808:808::1",
            "5f00::1",
            "fc00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let ip = ip.parse().expect("an address");
            assert!(special.contains(ip), "{ip} got through");
        }
    }

    #[test]
    fn prefixes_are_24_and_56() {
        let prefix = |ip: &str| prefix_of(ip.parse().expect("an address")).to_string();
        assert_eq!(prefix("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(prefix("2a00:1:2:3ff::1"), "2a00:1:2:300::/56");
    }
}
