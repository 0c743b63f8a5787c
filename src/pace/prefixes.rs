//! A number for every address: blocks of addresses of any size, the narrowest around an address wins.
//!
//! Hands out [`Blocks`], which are gathered, and [`Prefixes`], which are asked. Blocks are flattened
//! into ranges that do not overlap, so that a look-up is one binary search and a table of the whole
//! Internet takes some 15 MB.

use std::net::IpAddr;

use ipnet::IpNet;

/// Blocks of addresses with a number each, on their way into a table. 0 stands for none.
///
/// Of two that overlap the one counts that lies in the other; where neither does, the one that begins
/// later. Of two for the same addresses the first one counts.
#[derive(Debug, Default)]
pub struct Blocks {
    v4: Vec<(u32, u32, u32)>,
    v6: Vec<(u128, u128, u32)>,
}

impl Blocks {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Adds all addresses from the first to the last.
    ///
    /// # Errors
    /// When these are no block: of two families, or the last before the first.
    pub fn add(&mut self, first: IpAddr, last: IpAddr, number: u32) -> Result<(), &'static str> {
        let (first, last) = match (first.to_canonical(), last.to_canonical()) {
            (first @ IpAddr::V4(_), last @ IpAddr::V4(_)) => (first, last),
            // Not all of it is mapped.
            _ => (first, last),
        };
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
                self.v4.push((first.to_bits(), last.to_bits(), number));
            }
            (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
                self.v6.push((first.to_bits(), last.to_bits(), number));
            }
            _ => return Err("the last address does not follow the first; mend the line"),
        }
        Ok(())
    }

    /// Adds a prefix.
    pub fn add_net(&mut self, net: IpNet, number: u32) {
        // The last address of a prefix never comes before the first one.
        let _ = self.add(net.network(), net.broadcast(), number);
    }

    /// The table of all that was added.
    pub fn finish(self) -> Prefixes {
        Prefixes {
            v4: Ranges::new(self.v4),
            v6: Ranges::new(self.v6),
        }
    }
}

/// A number for every address that a block lies around.
#[derive(Debug, Default)]
pub struct Prefixes {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

impl Prefixes {
    /// The number of the narrowest block around an address; an IPv4 address may be mapped into IPv6.
    pub fn get(&self, ip: IpAddr) -> Option<u32> {
        match ip.to_canonical() {
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
    /// Flattens blocks (first address, last address, number).
    fn new(mut blocks: Vec<(B, B, u32)>) -> Self {
        // The wider of two that begin together comes first; equal ones keep their order.
        blocks.sort_by(|a, b| (a.0, b.1).cmp(&(b.0, a.1)));
        blocks.dedup_by(|later, first| (later.0, later.1) == (first.0, first.1));
        let mut ranges = Self::default();
        let mut around: Vec<(B, u32)> = Vec::new();
        for (first, last, number) in blocks {
            while let Some((end, _)) = around.pop_if(|(end, _)| *end < first) {
                ranges.resume(end, &mut around);
            }
            ranges.begin(first, number);
            around.push((last, number));
        }
        while let Some((end, _)) = around.pop() {
            ranges.resume(end, &mut around);
        }
        ranges.starts.shrink_to_fit();
        ranges.numbers.shrink_to_fit();
        ranges
    }

    /// Behind the end of a block the one around it goes on, if it does not end here or ended before.
    fn resume(&mut self, end: B, around: &mut Vec<(B, u32)>) {
        while around.pop_if(|(before, _)| *before <= end).is_some() {}
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
        let mut blocks = Blocks::default();
        for (block, number) in entries {
            match block.split_once(' ') {
                Some((first, last)) => {
                    let ip = |text: &str| text.parse().expect("an address");
                    blocks.add(ip(first), ip(last), *number).expect("a block");
                }
                None => blocks.add_net(block.parse().expect("a prefix"), *number),
            }
        }
        blocks.finish()
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

    #[test]
    fn ranges_need_not_be_prefixes_nor_nest() {
        let table = table(&[
            ("10.0.0.5 10.0.0.20", 1),
            ("10.0.0.10 10.0.0.12", 2),
            ("10.0.0.15 10.0.0.30", 3),
            ("2001:db8::1 2001:db8::ff", 4),
            ("::ffff:192.0.2.0 ::ffff:192.0.2.255", 5),
            ("::/80", 6),
        ]);
        for (ip, number) in [
            ("10.0.0.4", None),
            ("10.0.0.5", Some(1)),
            ("10.0.0.12", Some(2)),
            ("10.0.0.13", Some(1)),
            ("10.0.0.15", Some(3)),
            ("10.0.0.30", Some(3)),
            ("10.0.0.31", None),
            ("2001:db8::", None),
            ("::1", Some(6)),
            ("2001:db8::80", Some(4)),
            ("2001:db8::100", None),
            ("192.0.2.1", Some(5)),
            ("::ffff:192.0.2.1", Some(5)),
            ("::ffff:10.0.0.5", Some(1)),
        ] {
            assert_eq!(get(&table, ip), number, "{ip}");
        }
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for (first, last) in [
            ("10.0.0.2", "10.0.0.1"),
            ("10.0.0.1", "2001:db8::1"),
            ("2001:db8::2", "2001:db8::1"),
        ] {
            let ip = |text: &str| text.parse().expect("an address");
            let added = Blocks::default().add(ip(first), ip(last), 1);
            assert!(added.is_err(), "{first} {last}");
        }
    }

    proptest! {
        /// Of ranges that overlap in any way the one that begins last counts, of those that begin
        /// together the narrowest.
        #[test]
        fn agrees_with_a_walk_over_ranges(
            entries in prop::collection::vec((any::<u8>(), any::<u8>(), 0_u32..4), 0..20),
            last in any::<u8>(),
        ) {
            let ip = |last| IpAddr::from([192, 0, 2, last]);
            let mut blocks = Blocks::default();
            let mut walked: Option<(u8, u8, u32)> = None;
            for (one, other, number) in entries {
                let (first, end) = (one.min(other), one.max(other));
                blocks.add(ip(first), ip(end), number).expect("a block");
                let is_better = walked.is_none_or(|(begin, stop, _)| {
                    first > begin || (first == begin && end < stop)
                });
                if (first..=end).contains(&last) && is_better {
                    walked = Some((first, end, number));
                }
            }
            let walked = walked.map(|(_, _, number)| number).filter(|number| *number != 0);
            prop_assert_eq!(blocks.finish().get(ip(last)), walked);
        }

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
            let mut blocks = Blocks::default();
            entries.iter().for_each(|(net, number)| blocks.add_net(*net, *number));
            prop_assert_eq!(blocks.finish().get(ip), walked);
        }
    }
}
