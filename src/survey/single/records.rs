//! TLSA records of what servers show.

use std::net::IpAddr;

use super::Shown;
use crate::certificate;
use crate::table::rows::{CertificateRow, TlsaRecord};

/// DANE-TA: the record names a trust anchor (RFC 6698 2.1.1).
const DANE_TA: u8 = 2;

/// What a record is to say (RFC 6698 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Certificate usage: 2 or 3.
    pub usage: u8,
    /// Selector.
    pub selector: u8,
    /// Matching type.
    pub matching_type: u8,
}

/// A record, and who shows what it describes.
#[derive(Debug)]
pub struct Made {
    /// The record.
    pub record: TlsaRecord,
    /// The certificate that it describes.
    pub certificate: CertificateRow,
    /// The leaves that lead to it, each with the addresses that show it.
    pub leaves: Vec<(CertificateRow, Vec<IpAddr>)>,
    /// Whether every chain that it was made of passes with it (RFC 7671 5).
    pub fits: bool,
    /// Whether it is published.
    pub published: bool,
    /// Whether some chain passes with none of the records that are published.
    pub broken: bool,
}

/// Makes a record for each certificate that a host shows, each once; and says of which addresses none
/// can be made, for want of a certificate that it could describe.
pub fn made(shown: &Shown, form: Form) -> (Vec<Made>, Vec<IpAddr>) {
    let (mut all, mut without): (Vec<Made>, Vec<IpAddr>) = (Vec::new(), Vec::new());
    let published = &shown.host.tlsa.records;
    let names = [shown.base(), shown.host.host.as_str()];
    for server in &shown.addresses {
        for chain in &server.chains {
            let ders: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
            let passes = |records: &[TlsaRecord]| {
                !certificate::matches(records, &ders, &names, shown.observed_at).is_empty()
            };
            let Some((der, record)) = described(&ders, form, &passes) else {
                without.push(server.ip);
                continue;
            };
            let fits = passes(std::slice::from_ref(&record));
            let broken = !passes(published);
            let known = all.iter().position(|one| one.record == record);
            let at = known.unwrap_or(all.len());
            if known.is_none() {
                all.push(Made {
                    published: published.contains(&record),
                    record,
                    certificate: certificate::row(der),
                    leaves: Vec::new(),
                    fits: true,
                    broken: false,
                });
            }
            let one = &mut all[at];
            one.fits &= fits;
            one.broken |= broken;
            note(&mut one.leaves, certificate::row(ders[0]), server.ip);
        }
    }
    (all, without)
}

fn note(leaves: &mut Vec<(CertificateRow, Vec<IpAddr>)>, leaf: CertificateRow, ip: IpAddr) {
    match leaves
        .iter_mut()
        .find(|(known, _)| known.sha256 == leaf.sha256)
    {
        Some((_, ips)) => ips.push(ip),
        None => leaves.push((leaf, vec![ip])),
    }
}

/// The certificate that a record of this form describes, and the record: the leaf, or the first above
/// it that the chain passes with, else the one right above it.
fn described<'a>(
    chain: &[&'a [u8]],
    form: Form,
    passes: &impl Fn(&[TlsaRecord]) -> bool,
) -> Option<(&'a [u8], TlsaRecord)> {
    let Form {
        usage,
        selector,
        matching_type,
    } = form;
    let make = |der: &&'a [u8]| {
        let record = certificate::record(usage, selector, matching_type, der)?;
        Some((*der, record))
    };
    if usage != DANE_TA {
        return make(chain.first()?);
    }
    let mut above: Vec<_> = chain.iter().skip(1).filter_map(make).collect();
    let fits = |(_, record): &(&[u8], TlsaRecord)| passes(std::slice::from_ref(record));
    let at = above.iter().position(fits).unwrap_or(0);
    (at < above.len()).then(|| above.swap_remove(at))
}
