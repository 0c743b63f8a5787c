//! Whether a moment lies within the validity of a chain, [`dates`], and of each certificate in it,
//! [`states`].

use x509_parser::certificate::X509Certificate;

use super::parse::{certificate, self_issued, validity};
use super::signature::self_signed;
use crate::table::codes::Dates;
use crate::table::row::Moment;

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

/// Whether `at` lies within the validity (RFC 5280 4.1.2.5, both ends included) of the leaf, which
/// comes first, and of the CA certificates sent.
///
/// A self-signed root sent along does not count: verifiers use their own copy of it. Neither do
/// further certificates that are no CA. An expired one outweighs one that is not valid yet. No
/// chain, or bytes that are no certificate anywhere in it: malformed.
pub fn dates(chain: &[&[u8]], at: Moment) -> Dates {
    let mut worst = if chain.is_empty() {
        Dates::Malformed
    } else {
        Dates::Current
    };
    for (position, der) in chain.iter().enumerate() {
        let Some(parsed) = certificate(der) else {
            return Dates::Malformed;
        };
        if position > 0 && !counts(&parsed) {
            continue;
        }
        match state(&parsed, at) {
            Dates::Malformed => return Dates::Malformed,
            Dates::Expired => worst = Dates::Expired,
            Dates::NotYetValid if worst == Dates::Current => worst = Dates::NotYetValid,
            _ => {}
        }
    }
    worst
}

/// Where `at` lies in the validity of each certificate, whatever it is for.
pub fn states(chain: &[&[u8]], at: Moment) -> Vec<Dates> {
    let of = |der: &&[u8]| certificate(der).map_or(Dates::Malformed, |parsed| state(&parsed, at));
    chain.iter().map(of).collect()
}

/// Whether the dates of a certificate beside the leaf matter.
fn counts(parsed: &X509Certificate<'_>) -> bool {
    let is_root = self_issued(parsed) && self_signed(parsed) != Some(false);
    parsed.is_ca() && !is_root
}

/// The dates of one certificate. Certificates count whole seconds, and so does this.
fn state(parsed: &X509Certificate<'_>, at: Moment) -> Dates {
    let Some((start, end)) = validity(parsed) else {
        return Dates::Malformed;
    };
    let second = at.0.div_euclid(SECOND);
    if second > end.0.div_euclid(SECOND) {
        Dates::Expired
    } else if second < start.0.div_euclid(SECOND) {
        Dates::NotYetValid
    } else {
        Dates::Current
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Ca, FUTURE, PAST, YEAR, leaf, moment, now, params};
    use super::*;

    #[test]
    fn both_ends_of_a_validity_belong_to_it() {
        let leaf = Ca::root("root").leaf();
        let (start, end) = (moment(YEAR.0), moment(YEAR.1));
        assert_eq!(dates(&[&leaf], start), Dates::Current);
        assert_eq!(dates(&[&leaf], Moment(start.0 - 1)), Dates::NotYetValid);
        assert_eq!(dates(&[&leaf], Moment(end.0 + SECOND - 1)), Dates::Current);
        assert_eq!(dates(&[&leaf], Moment(end.0 + SECOND)), Dates::Expired);
    }

    #[test]
    fn every_ca_counts_but_the_root_and_what_is_no_ca() {
        let root = Ca::make("root", PAST, None);
        let between = Ca::make("between", PAST, Some(&root));
        let good = between.leaf();
        let stray = root.sign(&params("stray", &[], PAST));
        assert_eq!(dates(&[&good, &between.der], now()), Dates::Expired);
        assert_eq!(dates(&[&good, &root.der], now()), Dates::Current);
        assert_eq!(dates(&[&good, &stray], now()), Dates::Current);
        assert_eq!(dates(&[&root.der], now()), Dates::Expired);
        let early = between.sign(&leaf(FUTURE));
        assert_eq!(dates(&[&early], now()), Dates::NotYetValid);
        assert_eq!(dates(&[&early, &between.der], now()), Dates::Expired);
    }

    #[test]
    fn what_is_no_certificate_is_malformed() {
        let leaf = Ca::root("root").leaf();
        assert_eq!(dates(&[], now()), Dates::Malformed);
        assert_eq!(dates(&[b"junk"], now()), Dates::Malformed);
        assert_eq!(dates(&[&leaf, b""], now()), Dates::Malformed);
    }
}
