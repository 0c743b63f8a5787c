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
/// comes first, and of the CA certificates sent that a verifier needs, going by the names of issuers.
///
/// A self-signed root sent along does not count: verifiers use their own copy of it. Neither does what
/// nobody in the chain was issued by. Of several certificates of one issuer the best counts. An
/// expired one outweighs one that is not valid yet. No chain, or bytes that are no certificate anywhere
/// in it: malformed.
///
/// A verifier may know an issuer that was sent (an old cross-certificate of a root, say) and stop
/// there: a path that leads to a root says more than this.
pub fn dates(chain: &[&[u8]], at: Moment) -> Dates {
    let parsed: Option<Vec<_>> = chain.iter().map(|der| certificate(der)).collect();
    let Some(parsed) = parsed.filter(|parsed| !parsed.is_empty()) else {
        return Dates::Malformed;
    };
    let states: Vec<_> = parsed.iter().map(|one| state(one, at)).collect();
    if states.contains(&Dates::Malformed) {
        return Dates::Malformed;
    }
    let mut worse = [Dates::Current, Dates::NotYetValid].into_iter();
    worse
        .find(|worst| leads_on(&parsed, &states, *worst))
        .unwrap_or(Dates::Expired)
}

/// Whether a path of certificates no worse than that leads from the leaf to the last that was sent of it.
fn leads_on(parsed: &[X509Certificate<'_>], states: &[Dates], worst: Dates) -> bool {
    let is_fine = |at: usize| states[at] == Dates::Current || states[at] == worst;
    let (mut reached, mut blocked) = (vec![false; parsed.len()], !is_fine(0));
    let mut open: Vec<usize> = [0].into_iter().filter(|at| is_fine(*at)).collect();
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut reached[at], true) {
            continue;
        }
        let issuer = parsed[at].issuer().as_raw();
        let is_issuer = |other: &usize| {
            *other != at && parsed[*other].is_ca() && parsed[*other].subject().as_raw() == issuer
        };
        let mut issuers = (0..parsed.len()).filter(is_issuer).peekable();
        if issuers.peek().is_none() {
            return true;
        }
        for other in issuers {
            if is_root(&parsed[other]) {
                return true;
            }
            match is_fine(other) {
                true => open.push(other),
                false => blocked = true,
            }
        }
    }
    // Those that issued each other end nowhere.
    !blocked
}

/// Where `at` lies in the validity of each certificate, whatever it is for.
pub fn states(chain: &[&[u8]], at: Moment) -> Vec<Dates> {
    let of = |der: &&[u8]| certificate(der).map_or(Dates::Malformed, |parsed| state(&parsed, at));
    chain.iter().map(of).collect()
}

/// Whether a certificate signed itself.
fn is_root(parsed: &X509Certificate<'_>) -> bool {
    self_issued(parsed) && self_signed(parsed) != Some(false)
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
    fn what_no_path_needs_does_not_count() {
        let root = Ca::root("root");
        let between = Ca::make("between", YEAR, Some(&root));
        let leaf = between.leaf();
        let stranger = Ca::make("stranger", PAST, Some(&Ca::root("another")));
        assert_eq!(
            dates(&[&leaf, &between.der, &stranger.der], now()),
            Dates::Current
        );
        // Two issues of one intermediate, in any order.
        let old = between.again("between", PAST, &root);
        assert_eq!(dates(&[&leaf, &old, &between.der], now()), Dates::Current);
        assert_eq!(dates(&[&leaf, &between.der, &old], now()), Dates::Current);
        assert_eq!(dates(&[&leaf, &old], now()), Dates::Expired);
        // Who issued each other lead nowhere.
        let (one, two) = (Ca::root("one"), Ca::root("two"));
        let crossed = [one.again("one", YEAR, &two), two.again("two", YEAR, &one)];
        let leaf = one.leaf();
        let chain: [&[u8]; 3] = [&leaf, &crossed[0], &crossed[1]];
        assert_eq!(dates(&chain, now()), Dates::Current);
    }

    #[test]
    fn what_is_no_certificate_is_malformed() {
        let leaf = Ca::root("root").leaf();
        assert_eq!(dates(&[], now()), Dates::Malformed);
        assert_eq!(dates(&[b"junk"], now()), Dates::Malformed);
        assert_eq!(dates(&[&leaf, b""], now()), Dates::Malformed);
    }
}
