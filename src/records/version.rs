//! Version tags: which TXT records are of the kind asked for.
//!
//! A TXT set may hold anything; each policy's RFC says by which first bytes its own record is
//! known. Everything else at the name is somebody else's text.

/// A kind of policy record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Sender Policy Framework.
    Spf,
    /// Domain-based Message Authentication, Reporting and Conformance.
    Dmarc,
    /// SMTP MTA Strict Transport Security.
    MtaSts,
    /// SMTP TLS Reporting.
    TlsRpt,
    /// Brand Indicators for Message Identification.
    Bimi,
}

impl Kind {
    /// Whether a record is of this kind.
    pub fn claims(self, record: &[u8]) -> bool {
        match self {
            Self::Spf => is_spf(record),
            Self::Dmarc => has_tag(record, b"vV", b"DMARC1"),
            Self::MtaSts => record.starts_with(b"v=STSv1;"),
            Self::TlsRpt => record.starts_with(b"v=TLSRPTv1;"),
            Self::Bimi => has_tag(record, b"v", b"BIMI1"),
        }
    }
}

/// RFC 7208 4.5: the version section is exactly `v=spf1`, in any case (ABNF strings, RFC 5234
/// 2.3), ended by a space or by the end of the record.
fn is_spf(record: &[u8]) -> bool {
    let Some((version, rest)) = record.split_at_checked(6) else {
        return false;
    };
    version.eq_ignore_ascii_case(b"v=spf1") && matches!(rest.first(), None | Some(b' '))
}

/// RFC 9989 4.8 (as RFC 7489 6.4): `"v" *WSP "=" *WSP %s"DMARC1"`, then the end or a separator; and
/// so in the draft of BIMI. The letter is a string of ABNF, in any case (RFC 5234 2.3), but where
/// receivers "MUST NOT attempt to fix syntactical or capitalization errors" (BIMI, 4.3).
fn has_tag(record: &[u8], letters: &[u8], version: &[u8]) -> bool {
    let (first, rest) = record.split_first().unwrap_or((&0, &[]));
    let value = letters
        .contains(first)
        .then(|| skip_space(rest).strip_prefix(b"="))
        .flatten();
    let rest = value.and_then(|rest| skip_space(rest).strip_prefix(version));
    rest.is_some_and(|rest| matches!(skip_space(rest).first(), None | Some(b';')))
}

fn skip_space(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| !matches!(byte, b' ' | b'\t'));
    &bytes[end.unwrap_or(bytes.len())..]
}

#[cfg(test)]
mod tests {
    use super::Kind::{Bimi, Dmarc, MtaSts, Spf, TlsRpt};

    #[test]
    fn version_tags_are_those_of_the_rfcs() {
        let table = [
            (Spf, "v=spf1 -all", true),
            (Spf, "V=SPF1", true),
            (Spf, "v=spf10 -all", false),
            (Spf, "v=spf1\t-all", false),
            (Spf, " v=spf1 -all", false),
            (Spf, "spf2.0/pra -all", false),
            (Dmarc, "v=DMARC1; p=none", true),
            (Dmarc, "v = DMARC1 ;p=none", true),
            (Dmarc, "v=DMARC1", true),
            (Dmarc, "V=DMARC1; p=none", true),
            (Dmarc, "v=dmarc1; p=none", false),
            (Dmarc, "p=none; v=DMARC1", false),
            (Dmarc, "v=DMARC12; p=none", false),
            (MtaSts, "v=STSv1; id=1;", true),
            (MtaSts, "v=STSv1", false),
            (MtaSts, "id=1; v=STSv1;", false),
            (TlsRpt, "v=TLSRPTv1;rua=mailto:a@b.cz", true),
            (Bimi, "v=BIMI1; l=", true),
            (Bimi, "v = BIMI1", true),
            (Bimi, "v=bimi1; l=", false),
            (Bimi, "v=BIMI10; l=", false),
            (TlsRpt, "v=TLSRPTv2;rua=mailto:a@b.cz", false),
        ];
        for (kind, record, expected) in table {
            assert_eq!(
                kind.claims(record.as_bytes()),
                expected,
                "{kind:?} {record:?}"
            );
        }
    }
}
