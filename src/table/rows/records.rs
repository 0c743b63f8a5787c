//! Records that carry policies of a domain: parts of its row in `domains`.

use super::Ede;
use crate::table::codes::{Denial, ErrorCode, Outcome, Security};
use crate::table::record_codes::{
    Alignment, DkimExistence, DmarcPolicy, Fault, Inherited, PsdFlag, ReportScheme, SpfAll,
};

crate::row! {
    /// Something wrong with a record, or odd about it, and where.
    pub struct RecordFinding {
        /// What it is.
        pub fault: Fault,
        /// Where it begins, in bytes of the record.
        pub start: u16,
        /// Where it ends, in bytes of the record.
        pub end: u16,
        /// Whether the record cannot be used for it.
        pub fatal: bool,
    }
}

/// What became of a question for a TXT record of one kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TxtAnswer {
    /// What became of the question: found means a record with the version tag.
    pub outcome: Outcome,
    /// How the DNS said no.
    pub denial: Option<Denial>,
    /// Why there is no usable answer.
    pub error: Option<ErrorCode>,
    /// What the resolver added.
    pub ede: Option<Ede>,
    /// Security status of the answer, or of its denial.
    pub security: Security,
    /// Whether a wildcard made the answer (signed zones only; else null).
    pub synthesised: Option<bool>,
    /// The first record with the version tag, escaped.
    pub record: Option<String>,
    /// How many records have the version tag.
    pub count: u16,
    /// Every TXT record at the name, escaped.
    pub texts: Vec<String>,
    /// Whether something of `record` or `texts` was cut off.
    pub truncated: bool,
}

/// A struct with the columns of a [`TxtAnswer`].
pub trait TxtColumns {
    /// The answer in them.
    fn answer(&self) -> TxtAnswer;
    /// Replaces it. Further columns stay.
    fn set_answer(&mut self, answer: TxtAnswer);
    /// Replaces `valid`, `fault` and `findings`.
    fn set_derived(
        &mut self,
        valid: Option<bool>,
        fault: Option<Fault>,
        findings: Vec<RecordFinding>,
    );
    /// What became of the question.
    fn asked(&self) -> (Outcome, Option<ErrorCode>);
    /// What is made of the record.
    fn read(&self) -> TxtRead<'_>;
}

/// What is made of a record: the derived columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TxtRead<'a> {
    /// Whether it can be used.
    pub valid: Option<bool>,
    /// Why it cannot.
    pub fault: Option<Fault>,
    /// Everything wrong with it or odd about it.
    pub findings: &'a [RecordFinding],
}

/// Declares the columns of a kind of record: those of a [`TxtAnswer`], and its own.
macro_rules! txt_row {
    ( $(#[doc = $doc:literal])* pub struct $name:ident { $($own:tt)* } ) => {
        crate::row! {
            $(#[doc = $doc])*
            pub struct $name {
                /// What became of the question: found means a record with the version tag.
                pub outcome: Outcome,
                /// How the DNS said no.
                pub denial: Option<Denial>,
                /// Why there is no usable answer.
                pub error: Option<ErrorCode>,
                /// What the resolver added.
                pub ede: Option<Ede>,
                /// Security status of the answer, or of its denial.
                pub security: Security,
                /// Whether a wildcard made the answer (signed zones only; else null).
                pub synthesised: Option<bool>,
                /// The first record with the version tag, its strings joined; bytes other than
                /// printable ASCII as `\xNN`, the backslash doubled; cut at 8 KiB.
                pub record: Option<String> => personal,
                /// How many records have the version tag.
                pub count: u16,
                /// Every TXT record at the name, escaped like `record`; 64 KiB in all are kept.
                pub texts: Vec<String> => personal,
                /// Whether something of `record` or `texts` was cut off.
                pub truncated: bool,
                /// Whether there is exactly one record and it can be used as its RFC says; null
                /// where there is none, or no answer.
                pub valid: Option<bool> => derived,
                /// Why it cannot; null where it can.
                pub fault: Option<Fault> => derived,
                /// Everything wrong with the record or odd about it, in the order of its bytes; at
                /// most 16.
                pub findings: Vec<RecordFinding> => derived,
                $($own)*
            }
        }

        impl TxtColumns for $name {
            fn answer(&self) -> TxtAnswer {
                TxtAnswer {
                    outcome: self.outcome,
                    denial: self.denial,
                    error: self.error,
                    ede: self.ede.clone(),
                    security: self.security,
                    synthesised: self.synthesised,
                    record: self.record.clone(),
                    count: self.count,
                    texts: self.texts.clone(),
                    truncated: self.truncated,
                }
            }

            fn set_answer(&mut self, answer: TxtAnswer) {
                self.outcome = answer.outcome;
                self.denial = answer.denial;
                self.error = answer.error;
                self.ede = answer.ede;
                self.security = answer.security;
                self.synthesised = answer.synthesised;
                self.record = answer.record;
                self.count = answer.count;
                self.texts = answer.texts;
                self.truncated = answer.truncated;
            }

            fn set_derived(
                &mut self,
                valid: Option<bool>,
                fault: Option<Fault>,
                findings: Vec<RecordFinding>,
            ) {
                self.valid = valid;
                self.fault = fault;
                self.findings = findings;
            }

            fn asked(&self) -> (Outcome, Option<ErrorCode>) {
                (self.outcome, self.error)
            }

            fn read(&self) -> TxtRead<'_> {
                TxtRead {
                    valid: self.valid,
                    fault: self.fault,
                    findings: &self.findings,
                }
            }
        }
    };
}

/// Addresses of IPv6 that count as one: those of a network of /64, of which nobody gets less (RFC
/// 4291 2.5.4).
pub const IPV6_NETWORK: f64 = 18_446_744_073_709_551_616.0;

txt_row! {
    /// TXT at the name, version tag `v=spf1` (RFC 7208). What is counted over the graph of includes
    /// and redirects is a lower bound where `graph_error` is set.
    pub struct Spf {
        /// `all` of the record itself; null without a record that can be used.
        pub all: Option<SpfAll>,
        /// `all` that decides in the end, through `redirect`; null where that is not known.
        pub effective_all: Option<SpfAll>,
        /// Terms that ask the DNS, over the whole graph (RFC 7208 4.6.4); counted on to 20.
        pub lookups: Option<u16>,
        /// Names asked for over the whole graph that have none of what is asked for, whatever the
        /// family of the sender's address (RFC 7208 4.6.4).
        pub void_lookups: Option<u16>,
        /// Most names behind one `mx` term of the graph (RFC 7208 4.6.4).
        pub mx_names: Option<u16>,
        /// Target of `redirect`.
        pub redirect: Option<String>,
        /// Targets of `include` in the record itself, as they stand there; here and in the columns
        /// below, what stands before an `@` is left out.
        pub includes: Vec<String>,
        /// Targets of `include` and `redirect` anywhere in the graph that have no SPF record.
        pub dangling: Vec<String>,
        /// Whether a term of the graph depends on the sender or its address (`exists`, `ptr`, or a
        /// macro), so that it is not followed.
        pub depends_on_sender: Option<bool>,
        /// Addresses of IPv4 that the graph lets send, counted once.
        pub ipv4_addresses: Option<u64>,
        /// Addresses of IPv6 that the graph lets send, counted once.
        pub ipv6_addresses: Option<f64>,
        /// Whether a record that is included lets everybody send (`+all`).
        pub includes_all: Option<bool>,
        /// Why a part of the graph has no answer; null where all of it has.
        pub graph_error: Option<ErrorCode>,
        /// What is wrong with a record that is included or redirected to; null where nothing is.
        pub graph_fault: Option<Fault>,
        /// The name of that record, or of the one without an answer.
        pub graph_fault_at: Option<String>,
    }
}

crate::row! {
    /// Where reports are asked for (RFC 9990 4).
    pub struct ReportTarget {
        /// Scheme of the URI.
        pub scheme: ReportScheme,
        /// The domain behind the `@` of a `mailto`, or the host.
        pub host: String,
        /// Whether that lies outside the organisational domain, so that it must authorise reports.
        pub external: bool,
        /// Whether it does, at `<domain>._report._dmarc.<host>`.
        pub authorised: Outcome,
        /// Why that is not known.
        pub error: Option<ErrorCode>,
    }
}

txt_row! {
    /// TXT at `_dmarc`, version tag `v=DMARC1`: which record applies, by the tree walk of RFC 9989
    /// (4.10), and by the public suffix list (RFC 7489 6.6.3) in the columns with `_7489`. `outcome`
    /// is that of the walk: found where a record applies, or where only some that do not count
    /// stand at the name itself; `denial` and `texts` are those of the name itself.
    pub struct Dmarc {
        /// The name whose `_dmarc` has the record that applies.
        pub found_at: Option<String>,
        /// The organisational domain by the tree walk; null where a question was not answered.
        pub org_domain: Option<String>,
        /// Whose record it is.
        pub inherited: Option<Inherited>,
        /// Policy.
        pub p: Option<DmarcPolicy>,
        /// Policy for subdomains.
        pub sp: Option<DmarcPolicy>,
        /// Policy for names that do not exist.
        pub np: Option<DmarcPolicy>,
        /// Share of mail the policy is for, in per cent (RFC 7489 only).
        pub pct: Option<u8>,
        /// Whether the policy is only tried (`t=y`).
        pub t: Option<bool>,
        /// Alignment of DKIM.
        pub adkim: Option<Alignment>,
        /// Alignment of SPF.
        pub aspf: Option<Alignment>,
        /// Whether the name is a public suffix.
        pub psd: Option<PsdFlag>,
        /// URIs for aggregate reports, as they stand in the record.
        pub rua: Vec<String> => personal,
        /// URIs for failure reports.
        pub ruf: Vec<String> => personal,
        /// Where `rua` leads. Ten hosts at most are asked; of the others the first one outside is
        /// kept, as failed with `budget`.
        pub rua_targets: Vec<ReportTarget>,
        /// Whether every external target of `rua` authorises reports; null where there is none, or
        /// where that is not known.
        pub external_reports_authorised: Option<bool>,
        /// What is asked for mail of this very name that fails: after `sp`, and after `t=y` took it
        /// one step down. Null without a record that can be used.
        pub effective_policy: Option<DmarcPolicy>,
        /// By RFC 7489: found where a record applies or several stand where it should.
        pub outcome_7489: Outcome,
        /// By RFC 7489: why that is not known.
        pub error_7489: Option<ErrorCode>,
        /// By RFC 7489: the record, as in `record`.
        pub record_7489: Option<String> => personal,
        /// By RFC 7489: how many records stand there.
        pub count_7489: u16,
        /// By RFC 7489: the name whose `_dmarc` has the record.
        pub found_at_7489: Option<String>,
        /// By RFC 7489: whether it can be used.
        pub valid_7489: Option<bool>,
        /// By RFC 7489: why it cannot.
        pub fault_7489: Option<Fault>,
        /// By RFC 7489: policy of the record.
        pub p_7489: Option<DmarcPolicy>,
        /// By RFC 7489: policy for subdomains.
        pub sp_7489: Option<DmarcPolicy>,
        /// By RFC 7489: share of mail the policy is for, in per cent; 100 where the record has none.
        pub pct_7489: Option<u8>,
        /// By RFC 7489: where `rua` leads, as in `rua_targets`.
        pub rua_targets_7489: Vec<ReportTarget>,
        /// By RFC 7489: what is asked for mail of this very name that fails, `pct` aside.
        pub effective_policy_7489: Option<DmarcPolicy>,
    }
}

crate::row! {
    /// A key at a selector that was asked for (RFC 6376 3.6.1).
    pub struct DkimKey {
        /// The selector.
        pub selector: String,
        /// Where a CNAME at the selector leads; null without one.
        pub canonical_name: Option<String>,
        /// `rsa` or `ed25519`, or what the record says, escaped and cut at 32 bytes.
        pub key_type: Option<String>,
        /// Size of the key, in bits: the modulus of RSA, 256 for Ed25519.
        pub bits: Option<u16>,
        /// Whether `p=` is empty: the key was taken back.
        pub revoked: bool,
        /// Whether the domain only tests DKIM (`t=y`).
        pub testing: bool,
        /// Why the record cannot be used.
        pub fault: Option<Fault>,
        /// Security status of the answer.
        pub security: Security,
    }
}

crate::row! {
    /// What can be seen of DKIM without a message (RFC 6376).
    pub struct Dkim {
        /// What that comes to.
        pub existence: DkimExistence => derived,
        /// Why a question has no answer that could tell more; null where there is a live key.
        pub error: Option<ErrorCode>,
        /// What became of the question for `_domainkey`.
        pub subtree: super::Asked,
        /// What became of the question for a name beside it that nobody has: whether a name that
        /// does not exist is denied. Not attempted where that is clear without it.
        pub control: super::Asked,
        /// Provider of the mail, by the table of selectors; null where none is known.
        pub provider: Option<String>,
        /// Selectors that were asked for and answered, in that order.
        pub selectors: Vec<String>,
        /// What is at a selector that nobody has.
        pub wildcard_value: Option<String> => personal,
        /// The keys found.
        pub keys: Vec<DkimKey>,
    }
}

txt_row! {
    /// TXT at `_mta-sts`, version tag `v=STSv1` (RFC 8461 3.1).
    pub struct MtaSts {
        /// `id` of the policy.
        pub id: Option<String>,
    }
}

txt_row! {
    /// TXT at `_smtp._tls`, version tag `v=TLSRPTv1` (RFC 8460 3).
    pub struct TlsRpt {
        /// URIs for reports, as they stand in the record.
        pub rua: Vec<String> => personal,
    }
}

txt_row! {
    /// TXT at `default._bimi`, version tag `v=BIMI1`; asked for only where DMARC enforces.
    pub struct Bimi {
        /// Location of the logo (`l=`).
        pub location: Option<String> => personal,
        /// Location of the evidence (`a=`).
        pub authority: Option<String> => personal,
    }
}

crate::row! {
    /// CAA records of the name or of the nearest one above that has some (RFC 8659 3).
    pub struct Caa {
        /// What became of the questions.
        pub outcome: Outcome,
        /// Why there is no usable answer.
        pub error: Option<ErrorCode>,
        /// What the resolver added.
        pub ede: Option<Ede>,
        /// Security status of the answer that decided.
        pub security: Security,
        /// The name that has the records.
        pub found_at: Option<String>,
        /// Values of `issue`, sorted.
        pub issue: Vec<String> => personal,
        /// Values of `issuewild`, sorted.
        pub issuewild: Vec<String> => personal,
        /// Values of `issuemail` (RFC 9495), sorted.
        pub issuemail: Vec<String> => personal,
        /// Whether there are more records, or longer ones, than are kept.
        pub truncated: bool,
        /// Why a value cannot be used.
        pub fault: Option<Fault>,
    }
}
