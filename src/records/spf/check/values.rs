//! What the letters of macros stand for (RFC 7208 7.2).

use std::net::IpAddr;

use super::{Client, Dns, NoAnswer};
use crate::records::spf::name;

/// Reverse names that are looked at (RFC 7208 4.6.4).
const PTR_NAMES: usize = 10;

/// The client, and what is known of it.
pub(super) struct Sender<'a, D> {
    client: &'a Client,
    dns: &'a D,
    /// Its address; one of IPv4 in an address of IPv6 is that of IPv4 (RFC 7208 5).
    pub ip: IpAddr,
    /// The part before the `@` (RFC 7208 4.3).
    local: String,
    /// The part behind it.
    pub domain: String,
}

impl<'a, D: Dns> Sender<'a, D> {
    pub fn new(client: &'a Client, dns: &'a D) -> Self {
        let (local, domain) = match client.mail_from.rsplit_once('@') {
            Some((local, domain)) => (local, domain),
            None if client.mail_from.is_empty() => ("", client.helo.as_str()),
            None => ("", client.mail_from.as_str()),
        };
        let local = if local.is_empty() {
            "postmaster"
        } else {
            local
        };
        Self {
            client,
            dns,
            ip: client.ip.to_canonical(),
            local: local.to_owned(),
            domain: domain.to_owned(),
        }
    }

    /// What a letter stands for in a record of a domain; none for one that is none.
    pub fn value(&self, letter: u8, domain: &str) -> Option<String> {
        Some(match letter {
            b's' => format!("{}@{}", self.local, self.domain),
            b'l' => self.local.clone(),
            b'o' => self.domain.clone(),
            b'd' => domain.to_owned(),
            b'i' => dotted(self.ip),
            b'p' => self.validated_name(domain),
            b'v' if self.ip.is_ipv4() => "in-addr".to_owned(),
            b'v' => "ip6".to_owned(),
            b'h' => self.client.helo.clone(),
            b'c' => self.ip.to_string(),
            b'r' => self.client.receiver.clone(),
            b't' => self.client.time.to_string(),
            _ => return None,
        })
    }

    /// Addresses of a name in the family of the client.
    pub fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, NoAnswer> {
        if self.ip.is_ipv4() {
            let found = self.dns.a(name)?;
            return Ok(found.into_iter().map(IpAddr::V4).collect());
        }
        let found = self.dns.aaaa(name)?;
        Ok(found.into_iter().map(IpAddr::V6).collect())
    }

    /// The first ten of these names of the client, without those that do not lead back to it (RFC
    /// 7208 5.5).
    pub fn validated(&self, names: Vec<String>) -> impl Iterator<Item = String> {
        let names = names.into_iter().take(PTR_NAMES);
        let leads_back = |name: &String| {
            let found = self.addresses(name);
            found.is_ok_and(|addresses| addresses.contains(&self.ip))
        };
        names
            .filter_map(|name| name::target(&name).map(str::to_owned))
            .filter(leads_back)
    }

    /// A validated name of the client: the domain itself, else one below it, else any (RFC 7208
    /// 7.3).
    fn validated_name(&self, domain: &str) -> String {
        let names = self.dns.ptr(self.ip).unwrap_or_default();
        let names: Vec<String> = self.validated(names).collect();
        let itself = names.iter().find(|name| name.eq_ignore_ascii_case(domain));
        let below = || names.iter().find(|name| name::is_within(name, domain));
        let best = itself.or_else(below).or(names.first());
        best.map_or("unknown", String::as_str).to_owned()
    }
}

/// An address in parts that dots separate: octets, or the half octets of IPv6.
fn dotted(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let digits = format!("{:032X}", address.to_bits());
            let digits: Vec<&str> = digits.split("").filter(|digit| !digit.is_empty()).collect();
            digits.join(".")
        }
    }
}
