//! Whether a chain leads to a trusted root, dates left aside: [`judge`]; and whether it does at a moment:
//! [`is_valid_at`].

use webpki::Error;

use super::parse::{certificate, self_issued, validity};
use super::path::{Algorithms, is_date, lenient, verify};
use super::signature::{RSA, rsa_bits, self_signed};
use super::store::TrustStore;
use crate::table::codes::Pkix;
use crate::table::row::Moment;
use crate::table::rows::CERTIFICATES;

/// Moments tried beside the one asked for; a path is no longer than this.
const MOMENTS: usize = 16;
/// OID of sha384WithRSAEncryption (RFC 4055 5).
const RSA_SHA384: &str = "1.2.840.113549.1.1.12";

/// Whether the chain, leaf first and the others in any order, leads to a root of the store at `at`
/// or at any other moment (RFC 5280 6.1); names are not looked at.
///
/// What is not the plain word of the verifier:
/// - a leaf that is a root of the store itself is `valid`;
/// - a leaf that signed itself is `self_signed`, whatever else the verifier dislikes. Where its
///   algorithm cannot be verified here, equal subject and issuer are enough if the verifier finds
///   no issuer or takes it for a CA;
/// - `missing_intermediate` is an unknown issuer of a leaf that was sent alone (copies of it do not
///   count); any other chain that ends nowhere is `unknown_issuer`, or `path_budget` where the server
///   may have sent more than is kept;
/// - signatures of RSA keys under 2048 bits, which the verifier calls wrong, are verified again:
///   `weak_key` if all else is right or if the key is too small even for that.
pub fn judge(store: &TrustStore, chain: &[&[u8]], at: Moment) -> Pkix {
    let Some((&leaf, others)) = chain.split_first() else {
        return Pkix::Malformed;
    };
    if store.holds(leaf) {
        return Pkix::Valid;
    }
    match search(store, chain, at, webpki::ALL_VERIFICATION_ALGS) {
        Ok(()) => Pkix::Valid,
        Err(error) if signed_itself(leaf, &error) => Pkix::SelfSigned,
        Err(Error::InvalidSignatureForPublicKey) => again(store, chain, at),
        Err(Error::UnknownIssuer) if others.iter().all(|&other| other == leaf) => {
            Pkix::MissingIntermediate
        }
        // The issuer may be among those that were not kept.
        Err(Error::UnknownIssuer) if chain.len() >= CERTIFICATES => Pkix::PathBudget,
        Err(error) => word(&error),
    }
}

/// Whether a path leads to a root of the store at that moment, the dates of every certificate of it
/// included. Names are not looked at.
pub fn is_valid_at(store: &TrustStore, chain: &[&[u8]], at: Moment) -> bool {
    verify(&store.roots.roots, chain, at, webpki::ALL_VERIFICATION_ALGS).is_ok()
}

/// Searches a path at `at` and, if only dates are in the way, at every moment that can matter.
fn search(
    store: &TrustStore,
    chain: &[&[u8]],
    at: Moment,
    algorithms: &Algorithms,
) -> Result<(), Error> {
    let try_at = |moment| verify(&store.roots.roots, chain, moment, algorithms);
    let mut refusal = match try_at(at) {
        Err(error) if is_date(&error) => error,
        other => return other,
    };
    for moment in ends(chain) {
        match try_at(moment) {
            Ok(()) => return Ok(()),
            Err(error) if is_date(&refusal) => refusal = error,
            Err(_) => {}
        }
    }
    Err(refusal)
}

/// The ends of validity that lie within that of the leaf, the leaf's own first. If the validities
/// of a path have a moment in common, then the first end among them is one.
fn ends(chain: &[&[u8]]) -> Vec<Moment> {
    let dates: Vec<_> = chain
        .iter()
        .filter_map(|der| validity(&certificate(der)?))
        .collect();
    let Some(&(start, end)) = dates.first() else {
        return Vec::new();
    };
    let mut ends: Vec<_> = dates
        .iter()
        .map(|&(_, other)| other)
        .filter(|other| (start..=end).contains(other))
        .collect();
    ends.sort_unstable_by(|one, other| other.cmp(one));
    ends.dedup();
    ends.truncate(MOMENTS);
    ends
}

/// Whether a refused leaf signed itself.
fn signed_itself(leaf: &[u8], error: &Error) -> bool {
    let Some(leaf) = certificate(leaf) else {
        return false;
    };
    let nobody_else = matches!(error, Error::UnknownIssuer | Error::CaUsedAsEndEntity);
    self_signed(&leaf).unwrap_or(nobody_else && self_issued(&leaf))
}

/// A wrong signature, looked at again with algorithms that take small RSA keys.
fn again(store: &TrustStore, chain: &[&[u8]], at: Moment) -> Pkix {
    match search(store, chain, at, lenient()) {
        Ok(()) => Pkix::WeakKey,
        Err(Error::InvalidSignatureForPublicKey) => beyond(chain),
        Err(error) => word(&error),
    }
}

/// A signature that does not verify: perhaps for the size of the issuer's RSA key. Nobody here
/// verifies SHA-384 under one of less than 2048 bits; then it is the key that is called weak.
fn beyond(chain: &[&[u8]]) -> Pkix {
    let issuers = chain.get(1..).unwrap_or_default().iter();
    let sizes: Vec<_> = issuers.filter_map(|der| rsa_size(der)).collect();
    let least = match chain.iter().any(|der| is_sha384(der)) {
        true => 2048,
        false => 1024,
    };
    if sizes.iter().any(|&bits| bits < least) {
        Pkix::WeakKey
    } else if sizes.iter().any(|&bits| bits > 8192) {
        Pkix::UnsupportedAlgorithm
    } else {
        Pkix::BadSignature
    }
}

/// Whether a certificate is signed by RSA with SHA-384.
fn is_sha384(der: &[u8]) -> bool {
    let name = |der| {
        Some(
            certificate(der)?
                .signature_algorithm
                .algorithm
                .to_id_string(),
        )
    };
    name(der).as_deref() == Some(RSA_SHA384)
}

/// Bits of the key of a certificate, if it is an RSA key.
fn rsa_size(der: &[u8]) -> Option<u32> {
    let parsed = certificate(der)?;
    let key = parsed.public_key();
    (key.algorithm.algorithm.to_id_string() == RSA).then(|| rsa_bits(key))?
}

/// The word for a refusal of the verifier.
#[expect(
    deprecated,
    reason = "older names of some refusals are still in the enum"
)]
fn word(error: &Error) -> Pkix {
    match error {
        Error::UnknownIssuer => Pkix::UnknownIssuer,
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } | Error::InvalidCertValidity => {
            Pkix::Expired
        }
        Error::InvalidSignatureForPublicKey => Pkix::BadSignature,
        Error::UnsupportedSignatureAlgorithm
        | Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKey
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Pkix::UnsupportedAlgorithm,
        Error::RequiredEkuNotFound
        | Error::RequiredEkuNotFoundContext(_)
        | Error::EmptyEkuExtension => Pkix::NotForServers,
        Error::CaUsedAsEndEntity => Pkix::CaAsLeaf,
        Error::NameConstraintViolation => Pkix::NameConstraint,
        Error::MaximumSignatureChecksExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumPathDepthExceeded
        | Error::MaximumNameConstraintComparisonsExceeded => Pkix::PathBudget,
        Error::BadDer
        | Error::BadDerTime
        | Error::TrailingData(_)
        | Error::MalformedExtensions
        | Error::MalformedDnsIdentifier
        | Error::MalformedNameConstraint
        | Error::ExtensionValueInvalid
        | Error::InvalidSerialNumber
        | Error::SignatureAlgorithmMismatch => Pkix::Malformed,
        _ => Pkix::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, NameConstraints};

    use super::super::Names;
    use super::super::dates;
    use super::super::fixtures::{
        Ca, FUTURE, HOST, PAST, YEAR, file, leaf, now, params, patched, self_signed,
    };
    use super::*;
    use crate::table::codes::{Dates, NameMatch};

    /// A store with the root, the intermediate, and the leaf.
    fn three() -> (TrustStore, Vec<u8>, Vec<u8>, Vec<u8>) {
        let root = Ca::root("root");
        let between = Ca::make("between", YEAR, Some(&root));
        (
            root.store(),
            root.der.clone(),
            between.der.clone(),
            between.leaf(),
        )
    }

    fn file_store(name: &str) -> TrustStore {
        TrustStore::new("test", "test", [file(name).as_slice()])
    }

    #[test]
    fn a_chain_is_valid_in_any_order() {
        let (store, root, between, leaf) = three();
        assert_eq!(judge(&store, &[&leaf, &between], now()), Pkix::Valid);
        assert_eq!(judge(&store, &[&leaf, &root, &between], now()), Pkix::Valid);
        assert_eq!(
            judge(&store, &[&leaf, b"junk", &between], now()),
            Pkix::Valid
        );
        assert_eq!(judge(&store, &[&root], now()), Pkix::Valid);
    }

    #[test]
    fn issuers_are_missing_or_unknown() {
        let (store, root, between, leaf) = three();
        let other = TrustStore::mozilla(&[]);
        assert_eq!(judge(&store, &[&leaf], now()), Pkix::MissingIntermediate);
        assert_eq!(
            judge(&store, &[&leaf, &leaf], now()),
            Pkix::MissingIntermediate
        );
        assert_eq!(judge(&store, &[&leaf, &root], now()), Pkix::UnknownIssuer);
        assert_eq!(
            judge(&other, &[&leaf, &between, &root], now()),
            Pkix::UnknownIssuer
        );
        assert_eq!(judge(&store, &[&between, &leaf], now()), Pkix::CaAsLeaf);
    }

    #[test]
    fn of_a_chain_that_was_cut_the_issuer_may_be_missing() {
        let (store, _, between, leaf) = three();
        let stray = Ca::root("stray").der;
        let mut chain: Vec<&[u8]> = vec![&stray; CERTIFICATES];
        chain[0] = &leaf;
        assert_eq!(judge(&store, &chain, now()), Pkix::PathBudget);
        assert_eq!(judge(&store, &chain[1..], now()), Pkix::SelfSigned);
        assert_eq!(
            judge(&store, &chain[..CERTIFICATES - 1], now()),
            Pkix::UnknownIssuer
        );
        chain[CERTIFICATES - 1] = &between;
        assert_eq!(judge(&store, &chain, now()), Pkix::Valid);
    }

    #[test]
    fn a_root_that_is_trusted_needs_no_cross_certificate() {
        let (old, root) = (Ca::make("old", PAST, None), Ca::root("root"));
        let between = Ca::make("between", YEAR, Some(&root));
        let crossed = root.again("root", PAST, &old);
        let leaf = between.leaf();
        let chain: [&[u8]; 3] = [&leaf, &between.der, &crossed];
        assert!(is_valid_at(&root.store(), &chain, now()));
        assert_eq!(judge(&root.store(), &chain, now()), Pkix::Valid);
        // Who trusts the old root alone has a path that is over.
        assert!(!is_valid_at(&old.store(), &chain, now()));
        assert_eq!(dates(&chain, now()), Dates::Expired);
    }

    #[test]
    fn expired_and_wrongly_named_are_two_facts() {
        let root = Ca::root("root");
        let old = root.sign(&params("x", &["other.example"], PAST));
        assert_eq!(judge(&root.store(), &[&old], now()), Pkix::Valid);
        assert_eq!(dates(&[&old], now()), Dates::Expired);
        assert_eq!(Names::of(&old).of_host(HOST), NameMatch::None);
        let early = root.sign(&leaf(FUTURE));
        assert_eq!(judge(&root.store(), &[&early], now()), Pkix::Valid);
        assert_eq!(dates(&[&early], now()), Dates::NotYetValid);
    }

    #[test]
    fn dates_hide_no_other_reason() {
        let (store, _, _, _) = three();
        let stranger = Ca::root("stranger");
        let between = Ca::make("between", PAST, Some(&stranger));
        let old = between.sign(&leaf(PAST));
        assert_eq!(judge(&store, &[&old], now()), Pkix::MissingIntermediate);
        assert_eq!(
            judge(&store, &[&old, &between.der], now()),
            Pkix::UnknownIssuer
        );
    }

    #[test]
    fn a_path_needs_one_moment_in_common() {
        let root = Ca::root("root");
        let between = Ca::make("between", PAST, Some(&root));
        let apart = between.sign(&leaf(FUTURE));
        assert_eq!(
            judge(&root.store(), &[&apart, &between.der], now()),
            Pkix::Expired
        );
        let good = between.leaf();
        assert_eq!(
            judge(&root.store(), &[&good, &between.der], now()),
            Pkix::Valid
        );
        // An old certificate beside the path does not shrink it.
        let stray = Ca::make("stray", PAST, None);
        let early = root.sign(&leaf(FUTURE));
        assert_eq!(
            judge(&root.store(), &[&early, &stray.der], now()),
            Pkix::Valid
        );
        let never = root.sign(&leaf((YEAR.1, YEAR.0)));
        assert_eq!(judge(&root.store(), &[&never], now()), Pkix::Expired);
    }

    #[test]
    fn a_leaf_that_signed_itself_is_called_that() {
        let store = Ca::root("root").store();
        let plain = self_signed(&leaf(YEAR));
        let old = self_signed(&leaf(PAST));
        let mut authority = leaf(YEAR);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        for der in [plain.clone(), old, self_signed(&authority)] {
            assert_eq!(judge(&store, &[&der], now()), Pkix::SelfSigned);
        }
        for name in ["root-1024", "root-512", "self-signed-v1", "self-signed-md5"] {
            assert_eq!(
                judge(&store, &[&file(name)], now()),
                Pkix::SelfSigned,
                "{name}"
            );
        }
        let own = TrustStore::new("test", "test", [plain.as_slice()]);
        assert_eq!(judge(&own, &[&plain], now()), Pkix::Valid);
    }

    #[test]
    fn a_small_key_is_no_wrong_signature() {
        for (leaf, root) in [
            ("leaf-under-1024", "root-1024"),
            ("leaf-under-1024-sha384", "root-1024-sha384"),
            ("leaf-under-512", "root-512"),
        ] {
            let (leaf, store, root) = (file(leaf), file_store(root), file(root));
            assert_eq!(judge(&store, &[&leaf, &root], now()), Pkix::WeakKey);
        }
        let forged = patched(&file("leaf-under-1024"), HOST.as_bytes(), b"mx.example.net");
        let store = file_store("root-1024");
        assert_eq!(
            judge(&store, &[&forged, &file("root-1024")], now()),
            Pkix::BadSignature
        );
    }

    #[test]
    fn other_reasons_have_their_words() {
        let root = Ca::root("root");
        let store = root.store();
        let mut client = leaf(YEAR);
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        assert_eq!(
            judge(&store, &[&root.sign(&client)], now()),
            Pkix::NotForServers
        );
        let forged = patched(&root.leaf(), HOST.as_bytes(), b"mx.example.net");
        assert_eq!(judge(&store, &[&forged], now()), Pkix::BadSignature);
        let sha1 = file("leaf-sha1");
        let store_2048 = file_store("root-2048");
        assert_eq!(
            judge(&store_2048, &[&sha1], now()),
            Pkix::UnsupportedAlgorithm
        );
        let mut narrow = params("narrow", &[], YEAR);
        narrow.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        narrow.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("example.net".to_owned())],
            excluded_subtrees: vec![],
        });
        let narrow = Ca::from(narrow, Some(&root));
        let chain: [&[u8]; 2] = [&narrow.leaf(), &narrow.der];
        assert_eq!(judge(&store, &chain, now()), Pkix::NameConstraint);
    }

    #[test]
    fn an_expired_issuer_is_a_matter_of_dates_alone() {
        let root = Ca::root("root");
        let old = Ca::make("between", PAST, Some(&root));
        let leaf = old.leaf();
        let chain: [&[u8]; 2] = [&leaf, &old.der];
        assert_eq!(judge(&root.store(), &chain, now()), Pkix::Valid);
        assert_eq!(dates(&chain, now()), Dates::Expired);
        assert_eq!(dates(&[&leaf], now()), Dates::Current);
    }

    #[test]
    fn a_long_path_is_a_budget() {
        let mut authorities = vec![Ca::root("0")];
        for number in 1..=8 {
            let above = authorities.last();
            authorities.push(Ca::make(&number.to_string(), YEAR, above));
        }
        let leaf = authorities[8].leaf();
        let mut chain = vec![leaf.as_slice()];
        chain.extend(authorities.iter().rev().map(|ca| ca.der.as_slice()));
        assert_eq!(
            judge(&authorities[0].store(), &chain, now()),
            Pkix::PathBudget
        );
    }

    #[test]
    fn what_is_no_certificate_is_malformed() {
        let store = Ca::root("root").store();
        assert_eq!(judge(&store, &[], now()), Pkix::Malformed);
        assert_eq!(judge(&store, &[b""], now()), Pkix::Malformed);
        assert_eq!(judge(&store, &[b"junk", b"junk"], now()), Pkix::Malformed);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), at: i64, host: String) {
            let store = TrustStore::new("test", "test", [bytes.as_slice()]);
            let mut damaged = file("root-512");
            let position = bytes.len() % damaged.len();
            damaged[position] = bytes.first().copied().unwrap_or_default();
            for chain in [[bytes.as_slice(), &damaged], [&damaged, bytes.as_slice()]] {
                judge(&store, &chain, Moment(at));
                dates(&chain, Moment(at));
                Names::of(chain[0]).of_host(&host);
            }
        }
    }
}
