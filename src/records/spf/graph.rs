//! What a record comes to without a sender: the graph of its includes and redirects, lookups counted
//! as RFC 7208 4.6.4 counts them, the addresses that may send, and the `all` that decides.
//!
//! Pure: [`evaluate`] goes as far as what is known leads, and names what it must know besides. The
//! caller asks, and calls again.

use std::net::IpAddr;

use super::Record;
use crate::table::codes::ErrorCode;
use crate::table::record_codes::{Fault, SpfAll};

/// What has to be asked. Names are in lower case, without the final dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// TXT records of a name.
    Policy(String),
    /// A and AAAA records of a name.
    Addresses(String),
    /// MX records of a name.
    Exchanges(String),
}

/// What became of a question. Nothing found is empty data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// These.
    Data(Vec<T>),
    /// No answer.
    Failed(ErrorCode),
}

/// What is known by now; none where it was not asked.
pub trait Facts {
    /// TXT records of a name, of whatever kind, each with its strings joined.
    fn policy(&self, name: &str) -> Option<Known<Vec<u8>>>;
    /// Addresses of a name.
    fn addresses(&self, name: &str) -> Option<Known<IpAddr>>;
    /// Mail hosts of a name by preference; a null MX is left out.
    fn exchanges(&self, name: &str) -> Option<Known<String>>;
}

/// What a record comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// What has to be asked before the rest is known. Empty once it is whole.
    pub open: Vec<Question>,
    /// The `all` that decides, through `redirect`; none where that is not known.
    pub effective_all: Option<SpfAll>,
    /// Terms that ask the DNS, counted on to 20.
    pub lookups: u16,
    /// Questions without an answer, whatever the family of the sender's address.
    pub void_lookups: u16,
    /// Most names behind one `mx`.
    pub mx_names: u16,
    /// Targets of `include` and `redirect` without an SPF record, sorted.
    pub dangling: Vec<String>,
    /// Whether a term depends on the sender.
    pub depends_on_sender: bool,
    /// Addresses of IPv4 that may send, each once.
    pub ipv4_addresses: u64,
    /// Addresses of IPv6 that may send, each once.
    pub ipv6_addresses: f64,
    /// Whether an included record lets everybody send.
    pub includes_all: bool,
    /// Why a part of it has no answer.
    pub error: Option<ErrorCode>,
    /// What is wrong with a record that is included or redirected to.
    pub fault: Option<Fault>,
    /// The name of that record, or of the one without an answer.
    pub fault_at: Option<String>,
}

/// What the record of a domain comes to, by what is known.
pub fn evaluate(_domain: &str, _record: &Record, _facts: &impl Facts) -> Graph {
    unimplemented!()
}
