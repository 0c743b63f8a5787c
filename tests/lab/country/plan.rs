//! Who lives where in 127.0.0.0/8.

use std::net::Ipv4Addr;

/// The root.
pub const ROOT: Ipv4Addr = Ipv4Addr::new(127, 10, 0, 1);
/// The top-level domains.
pub const TLD: Ipv4Addr = Ipv4Addr::new(127, 10, 0, 2);
/// The validating resolver.
pub const RESOLVER: Ipv4Addr = Ipv4Addr::new(127, 10, 0, 53);
/// Packets to these vanish.
pub const VOID: &str = "127.192.0.0/10";
/// An MX that nobody may dial.
pub const SPECIAL: Ipv4Addr = Ipv4Addr::new(10, 1, 2, 3);

/// The two addresses of a hoster's name servers.
pub fn hoster(place: usize) -> [Ipv4Addr; 2] {
    let third = place as u8;
    [
        Ipv4Addr::new(127, 20, third, 1),
        Ipv4Addr::new(127, 20, third, 2),
    ]
}

/// The server that shows a manner.
pub fn manner(place: usize, dead: bool) -> Ipv4Addr {
    Ipv4Addr::new(127, if dead { 254 } else { 24 }, place as u8, 1)
}

/// An address of a provider, which has a /24 of its own.
pub fn provider(place: usize, number: usize, dead: bool) -> Ipv4Addr {
    let base = if dead { 192 } else { 64 };
    wide(base, place, number)
}

/// A shared address, four to a /24.
pub fn shared(place: usize, dead: bool) -> Ipv4Addr {
    let base = if dead { 251 } else { 128 };
    wide(base, place / 4, 1 + place % 4)
}

/// An address of a web server, where nothing listens on port 25.
pub fn web(place: usize) -> Ipv4Addr {
    wide(160, place / 4, 1 + place % 4)
}

/// The server of an MTA-STS policy: one for each domain.
pub fn policy(number: usize) -> Ipv4Addr {
    wide(176, number / 250, 1 + number % 250)
}

fn wide(base: u8, net: usize, host: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, base + (net >> 8) as u8, net as u8, host as u8)
}

/// The same for a name server that never answers.
pub fn silent_name_server() -> Ipv4Addr {
    Ipv4Addr::new(127, 255, 0, 1)
}
