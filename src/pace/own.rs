//! The addresses of this machine, which is no mail server to survey.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Every address of every interface, as the kernel lists them (proc_net(5)); what it does not list
/// is missing.
pub fn addresses() -> Vec<IpAddr> {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let v4 = v4(&read("/proc/net/fib_trie")).into_iter();
    let v6 = v6(&read("/proc/net/if_inet6")).into_iter();
    let mut all: Vec<_> = v4.map(IpAddr::from).chain(v6.map(IpAddr::from)).collect();
    all.sort();
    all.dedup();
    all
}

/// Leaves of the routing trie that are local: `|-- 192.0.2.1`, then `/32 host LOCAL`.
fn v4(text: &str) -> Vec<Ipv4Addr> {
    let (mut found, mut leaf) = (Vec::new(), None::<Ipv4Addr>);
    for line in text.lines() {
        if let Some((_, address)) = line.split_once("|-- ") {
            leaf = address.trim().parse().ok();
        } else if line.contains("/32 host LOCAL") {
            found.extend(leaf);
        }
    }
    found
}

/// The first column is the address, in 32 digits.
fn v6(text: &str) -> Vec<Ipv6Addr> {
    let first = text.lines().filter_map(|line| line.split(' ').next());
    let bits = first.filter_map(|digits| u128::from_str_radix(digits, 16).ok());
    bits.map(Ipv6Addr::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_lists() {
        let trie = "Local:\n  +-- 0.0.0.0/0 3 0 5\n     +-- 127.0.0.0/8 2 0 2\n           \
                    |-- 127.0.0.1\n              /32 host LOCAL\n        |-- 127.255.255.255\n           \
                    /32 link BROADCAST\n     |-- 192.0.2.7\n        /32 host LOCAL\n     \
                    |-- 192.0.2.0\n        /24 link UNICAST\n";
        let expected = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(192, 0, 2, 7)];
        assert_eq!(v4(trie), expected);
        let table = "00000000000000000000000000000001 01 80 10 80       lo\n\
                     20010db8000000000000000000000025 02 40 00 80     eth0\n";
        let expected = [
            Ipv6Addr::LOCALHOST,
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x25),
        ];
        assert_eq!(v6(table), expected);
    }

    #[test]
    fn loopback_is_always_there() {
        assert!(addresses().contains(&IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }
}
