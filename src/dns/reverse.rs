//! Does our address lead to our name, and the name back to the address? Mail servers look, and
//! whoever sees us in a log wants to know who we are.

use std::net::IpAddr;

use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::answer::has_failed;
use super::forward::Client;
use super::name::{name_of, text_of};
use crate::table::preflight::Tried;

/// Reverse names of an address that are shown.
const SHOWN: usize = 5;

/// The reverse name of an address, without the final dot (RFC 1035 3.5, RFC 3596 2.5).
pub fn name(ip: IpAddr) -> String {
    text_of(&Name::from(ip))
}

/// Asks for the reverse name of an address, and for the addresses of the name it must be.
pub async fn check(client: &Client, ip: IpAddr, ehlo: &str) -> Tried {
    let (Some(reverse), Some(forward)) = (name_of(&name(ip)), name_of(ehlo)) else {
        return Tried::fail(format!("{ehlo} is no name that the DNS can have"));
    };
    let answer = client.ask(&reverse, RecordType::PTR).await;
    if has_failed(answer.outcome, answer.error) {
        let error = answer.error.unwrap_or_default();
        return Tried::unknown(format!("the reverse name of {ip}: {error}"));
    }
    let names: Vec<String> = answer
        .data()
        .filter_map(|data| match data {
            RData::PTR(name) => Some(text_of(name)),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        return Tried::fail(format!("{ip} has no reverse name"));
    }
    if !names.iter().any(|name| name == ehlo) {
        let shown = names[..names.len().min(SHOWN)].join(", ");
        return Tried::fail(format!("the reverse name of {ip} is {shown}, not {ehlo}"));
    }
    let kind = if ip.is_ipv4() {
        RecordType::A
    } else {
        RecordType::AAAA
    };
    let answer = client.ask(&forward, kind).await;
    if has_failed(answer.outcome, answer.error) {
        let error = answer.error.unwrap_or_default();
        return Tried::unknown(format!("the addresses of {ehlo}: {error}"));
    }
    if answer.data().any(|data| data.ip_addr() == Some(ip)) {
        return Tried::pass(format!("{ip} leads to {ehlo}, and back"));
    }
    Tried::fail(format!("{ip} leads to {ehlo}, which does not lead back"))
}
