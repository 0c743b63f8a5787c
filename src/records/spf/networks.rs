//! Networks: which addresses lie in them, and how many they have together.

use std::net::IpAddr;

/// Networks of both families.
#[derive(Debug, Clone, Default)]
pub(super) struct Networks {
    /// First and last address.
    ipv4: Vec<(u32, u32)>,
    ipv6: Vec<(u128, u128)>,
}

impl Networks {
    /// Adds the network that an address lies in; the prefix length is that of its family.
    pub fn add(&mut self, address: IpAddr, bits: u8) {
        match address {
            IpAddr::V4(address) => {
                let hosts = u32::MAX.checked_shr(bits.into()).unwrap_or(0);
                let first = address.to_bits() & !hosts;
                self.ipv4.push((first, first | hosts));
            }
            IpAddr::V6(address) => {
                let hosts = u128::MAX.checked_shr(bits.into()).unwrap_or(0);
                let first = address.to_bits() & !hosts;
                self.ipv6.push((first, first | hosts));
            }
        }
    }

    /// Addresses of IPv4 and of IPv6, each once.
    pub fn addresses(self) -> (u64, f64) {
        let ipv4 = merged(self.ipv4).into_iter();
        let ipv6 = merged(self.ipv6).into_iter();
        (
            ipv4.map(|(first, last)| u64::from(last - first) + 1).sum(),
            // The sum of no floats is -0.0.
            ipv6.fold(0.0, |sum, (first, last)| sum + (last - first) as f64 + 1.0),
        )
    }
}

/// Whether two addresses are of one family and begin with the same bits.
pub(super) fn shares_prefix(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            let hosts = u32::MAX.checked_shr(bits.into()).unwrap_or(0);
            one.to_bits() | hosts == other.to_bits() | hosts
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            let hosts = u128::MAX.checked_shr(bits.into()).unwrap_or(0);
            one.to_bits() | hosts == other.to_bits() | hosts
        }
        _ => false,
    }
}

/// The same addresses in ranges of which no two overlap.
fn merged<T: Ord + Copy>(mut ranges: Vec<(T, T)>) -> Vec<(T, T)> {
    ranges.sort_unstable();
    let mut merged: Vec<(T, T)> = Vec::new();
    for (first, last) in ranges {
        match merged.last_mut() {
            Some(before) if first <= before.1 => before.1 = before.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_count_once() {
        type Given = &'static [(&'static str, u8)];
        let table: &[(Given, u64, f64)] = &[
            (&[], 0, 0.0),
            (&[("192.0.2.7", 32), ("192.0.2.7", 32)], 1, 0.0),
            (
                &[("192.0.2.7", 24), ("192.0.2.200", 25), ("192.0.3.0", 31)],
                258,
                0.0,
            ),
            (&[("1.2.3.4", 0), ("255.255.255.255", 32)], 1 << 32, 0.0),
            (&[("::1", 128), ("::2", 127), ("::3", 128)], 0, 3.0),
            (
                &[("2001:db8::", 32), ("2001:db8:1::", 64)],
                0,
                2f64.powi(96),
            ),
            (&[("::", 0), ("::", 128)], 0, 2f64.powi(128)),
        ];
        for (given, ipv4, ipv6) in table {
            let mut networks = Networks::default();
            for (address, bits) in *given {
                networks.add(address.parse().unwrap(), *bits);
            }
            let counted = networks.addresses();
            assert_eq!(counted, (*ipv4, *ipv6), "{given:?}");
            // None are `0.0`, not `-0.0`.
            assert!(counted.1.is_sign_positive(), "{given:?}");
        }
    }
}
