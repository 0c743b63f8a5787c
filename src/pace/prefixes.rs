//! A number for every address: prefixes of any length, the longest match wins.
//!
//! Hands out [`Prefixes`]. Nested prefixes are flattened into ranges that do not overlap, so that a
//! look-up is one binary search and a table of the whole Internet takes some 25 MB.

use std::net::IpAddr;

use ipnet::IpNet;

/// Prefixes with a number each. 0 stands for none.
#[derive(Debug, Default)]
pub struct Prefixes {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

impl Prefixes {
    /// Makes the table. Of two entries for the same prefix the first one counts.
    pub fn new(entries: impl IntoIterator<Item = (IpNet, u32)>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (net, number) in entries {
            match net {
                IpNet::V4(net) => {
                    v4.push((net.network().to_bits(), net.broadcast().to_bits(), number));
                }
                IpNet::V6(net) => {
                    v6.push((net.network().to_bits(), net.broadcast().to_bits(), number));
                }
            }
        }
        Self {
            v4: Ranges::new(v4),
            v6: Ranges::new(v6),
        }
    }

    /// The number of the longest prefix around an address.
    pub fn get(&self, ip: IpAddr) -> Option<u32> {
        match ip {
            IpAddr::V4(ip) => self.v4.get(ip.to_bits()),
            IpAddr::V6(ip) => self.v6.get(ip.to_bits()),
        }
    }
}

/// An address as a number.
trait Bits: Copy + Ord {
    /// The address behind it; none behind the last.
    fn next(self) -> Option<Self>;
}

impl Bits for u32 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl Bits for u128 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

/// Where each range begins, and its number; it ends where the next one begins.
#[derive(Debug)]
struct Ranges<B> {
    starts: Vec<B>,
    numbers: Vec<u32>,
}

impl<B> Default for Ranges<B> {
    fn default() -> Self {
        Self {
            starts: Vec::new(),
            numbers: Vec::new(),
        }
    }
}

impl<B: Bits> Ranges<B> {
    /// Flattens prefixes (first address, last address, number), which nest or are apart.
    fn new(mut prefixes: Vec<(B, B, u32)>) -> Self {
        // The wider of two that begin together comes first; equal ones keep their order.
        prefixes.sort_by(|a, b| (a.0, b.1).cmp(&(b.0, a.1)));
        prefixes.dedup_by(|later, first| (later.0, later.1) == (first.0, first.1));
        let mut ranges = Self::default();
        let mut around: Vec<(B, u32)> = Vec::new();
        for (first, last, number) in prefixes {
            while let Some((end, _)) = around.pop_if(|(end, _)| *end < first) {
                ranges.resume(end, &around);
            }
            ranges.begin(first, number);
            around.push((last, number));
        }
        while let Some((end, _)) = around.pop() {
            ranges.resume(end, &around);
        }
        ranges.starts.shrink_to_fit();
        ranges.numbers.shrink_to_fit();
        ranges
    }

    /// Behind the end of a prefix the one around it goes on.
    fn resume(&mut self, end: B, around: &[(B, u32)]) {
        if let Some(start) = end.next() {
            self.begin(start, around.last().map_or(0, |(_, number)| *number));
        }
    }

    fn begin(&mut self, start: B, number: u32) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.numbers.pop();
        }
        if self.numbers.last().copied().unwrap_or(0) != number {
            self.starts.push(start);
            self.numbers.push(number);
        }
    }

    fn get(&self, bits: B) -> Option<u32> {
        let behind = self.starts.partition_point(|start| *start <= bits);
        let number = *self.numbers.get(behind.checked_sub(1)?)?;
        (number != 0).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(entries: &[(&str, u32)]) -> Prefixes {
        let parse = |(net, number): &(&str, u32)| (net.parse().expect("a prefix"), *number);
        Prefixes::new(entries.iter().map(parse))
    }

    fn get(table: &Prefixes, ip: &str) -> Option<u32> {
        table.get(ip.parse().expect("an address"))
    }

    #[test]
    fn the_longest_prefix_wins_and_the_one_around_it_goes_on() {
        let table = table(&[
            ("10.1.2.0/24", 3),
            ("10.0.0.0/8", 1),
            ("10.1.0.0/16", 2),
            ("10.1.2.128/32", 4),
        ]);
        for (ip, number) in [
            ("9.255.255.255", None),
            ("10.0.0.0", Some(1)),
            ("10.1.1.255", Some(2)),
            ("10.1.2.0", Some(3)),
            ("10.1.2.128", Some(4)),
            ("10.1.2.129", Some(3)),
            ("10.1.3.0", Some(2)),
            ("10.2.0.0", Some(1)),
            ("10.255.255.255", Some(1)),
            ("11.0.0.0", None),
        ] {
            assert_eq!(get(&table, ip), number, "{ip}");
        }
    }

    #[test]
    fn a_prefix_may_reach_the_last_address() {
        let table = table(&[
            ("0.0.0.0/0", 1),
            ("255.255.255.255/32", 2),
            ("ffff::/16", 3),
        ]);
        assert_eq!(get(&table, "255.255.255.254"), Some(1));
        assert_eq!(get(&table, "255.255.255.255"), Some(2));
        let last = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        assert_eq!(get(&table, last), Some(3));
        assert_eq!(get(&table, "fffe::"), None);
    }

    #[test]
    fn zero_takes_a_hole_out_and_the_first_of_two_counts() {
        let table = table(&[
            ("10.0.0.0/8", 1),
            ("10.1.0.0/16", 0),
            ("192.0.2.0/24", 5),
            ("192.0.2.0/24", 6),
        ]);
        assert_eq!(get(&table, "10.1.0.1"), None);
        assert_eq!(get(&table, "10.2.0.1"), Some(1));
        assert_eq!(get(&table, "192.0.2.1"), Some(5));
        assert_eq!(table.v4.starts.len(), table.v4.numbers.len());
    }

    proptest! {
        /// The table says what a walk over all prefixes says.
        #[test]
        fn agrees_with_a_walk(
            entries in prop::collection::vec((any::<u8>(), 24_u8..=32, 0_u32..4), 0..40),
            last in any::<u8>(),
        ) {
            let net = |last, length| {
                let ip = std::net::Ipv4Addr::new(192, 0, 2, last);
                IpNet::from(ipnet::Ipv4Net::new(ip, length).expect("a length").trunc())
            };
            let mut entries: Vec<(IpNet, u32)> = entries
                .into_iter()
                .map(|(last, length, number)| (net(last, length), number))
                .collect();
            entries.sort_by_key(|(net, _)| *net);
            entries.dedup_by_key(|(net, _)| *net);
            let ip = IpAddr::from([192, 0, 2, last]);
            let walked = entries
                .iter()
                .filter(|(net, _)| net.contains(&ip))
                .max_by_key(|(net, _)| net.prefix_len())
                .map(|(_, number)| *number)
                .filter(|number| *number != 0);
            prop_assert_eq!(Prefixes::new(entries).get(ip), walked);
        }
    }
}
