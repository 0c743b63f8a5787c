//! What a record comes to without a sender: the graph of its includes and redirects, lookups counted
//! as RFC 7208 4.6.4 counts them, the addresses that may send, and the `all` that decides.
//!
//! Pure: [`evaluate`] goes as far as what is known leads, and names what it must know besides. The
//! caller asks, and calls again.

use std::net::IpAddr;

use super::Record;
use super::walk::Walk;
use crate::table::codes::ErrorCode;
use crate::table::record_codes::{Fault, SpfAll};

/// How many terms that ask the DNS are counted, and followed: twice what RFC 7208 4.6.4 allows.
pub const LOOKUPS_COUNTED: u16 = 20;
/// How many names behind one `mx` are asked for addresses (RFC 7208 4.6.4).
pub const MX_ASKED: usize = 10;

/// What has to be asked. Names are as the tables write them: in lower case, without the final dot.
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
    /// Mail hosts of a name by preference, that of a null MX among them as the root, `.` (RFC 7505 3).
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
    /// Questions whose answers have no data, whatever the family of the sender's address.
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
///
/// **Which terms count.** As an evaluator whom nothing matches would meet them: those of a record
/// from the left up to its `all`, an included record where its `include` stands, `redirect` last and
/// only without an `all`. `include`, `a`, `mx`, `ptr`, `exists` and `redirect` count one each, again
/// wherever a record is included again. After [`LOOKUPS_COUNTED`] of them no further one is counted,
/// followed or asked for; `all`, `ip4` and `ip6` of records that are known already still are read.
///
/// **Which names.** Macros `d` and `o` are the same for every sender at the domain, so they are
/// filled in. A term with any other depends on the sender, as `ptr` and `exists` do: it is counted,
/// and not followed. A name that the DNS cannot have is not asked for and has nothing.
///
/// **What is void.** A question whose answer has no data, each time that a term asks it: no TXT
/// record of any kind, no MX record, neither A nor AAAA record (also of each mail host behind `mx`).
///
/// **Whose faults.** Those of records that are included or redirected to, the first one met: no SPF
/// record (the name is in `dangling`, too), several, one that is not valid by [`super::parse`], or
/// one on the way to which its own name lies. Such a record is not followed, and neither decides nor
/// lets send. Limits are no faults here: compare `lookups`, `void_lookups` and `mx_names` with them.
///
/// **Who may send.** Addresses that match a directive with `+`, reached by nothing but includes with
/// `+` and redirects, in networks of the prefix lengths of `a` and `mx`. What other directives match
/// earlier is not taken off. `all` adds none: `effective_all` has that of the record and of those it
/// is redirected to, and `includes_all` tells of `+all` in an included one.
///
/// **What is not known.** An unanswered question leaves its first reason in `error`; where one is
/// unanswered or still open, all counts are lower bounds. `effective_all` is none where the record
/// that decides was not answered, depends on the sender, or lies behind the last term that counts;
/// where it is known to be missing or unusable, it is [`SpfAll::None`].
///
/// What is `open` can be asked all at once: at most one policy, or the addresses of ten mail hosts,
/// for each term that counts.
pub fn evaluate(domain: &str, record: &Record, facts: &impl Facts) -> Graph {
    Walk::new(domain, record, facts).run()
}
