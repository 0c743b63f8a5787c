//! Certificates for the tests: made by rcgen ([`Ca`], [`leaf`]) or read from `tests/data`.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, SanType,
};
use time::OffsetDateTime;
use time::macros::datetime;

use super::store::TrustStore;
use crate::table::row::Moment;

/// A moment at which what [`leaf`] and [`Ca`] make is valid.
pub(super) const NOW: OffsetDateTime = datetime!(2027-06-01 00:00 UTC);
/// Validity unless said otherwise.
pub(super) const YEAR: (OffsetDateTime, OffsetDateTime) = (
    datetime!(2027-01-01 00:00 UTC),
    datetime!(2028-01-01 00:00 UTC),
);
/// A validity that is over.
pub(super) const PAST: (OffsetDateTime, OffsetDateTime) = (
    datetime!(2026-01-01 00:00 UTC),
    datetime!(2027-02-01 00:00 UTC),
);
/// A validity that has not begun.
pub(super) const FUTURE: (OffsetDateTime, OffsetDateTime) = (
    datetime!(2027-12-01 00:00 UTC),
    datetime!(2029-01-01 00:00 UTC),
);
/// The host that leaves name.
pub(super) const HOST: &str = "mx.example.org";

pub(super) fn moment(at: OffsetDateTime) -> Moment {
    Moment(at.unix_timestamp() * 1_000_000)
}

pub(super) fn now() -> Moment {
    moment(NOW)
}

/// A certificate authority.
pub(super) struct Ca {
    pub(super) der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    pub(super) fn root(name: &str) -> Self {
        Self::make(name, YEAR, None)
    }

    pub(super) fn make(
        name: &str,
        validity: (OffsetDateTime, OffsetDateTime),
        above: Option<&Self>,
    ) -> Self {
        let mut params = params(name, &[], validity);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self::from(params, above)
    }

    pub(super) fn from(params: CertificateParams, above: Option<&Self>) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = match above {
            Some(ca) => params.signed_by(&key, &ca.issuer).unwrap(),
            None => params.self_signed(&key).unwrap(),
        };
        Self {
            der: certificate.der().to_vec(),
            issuer: Issuer::new(params, key),
        }
    }

    pub(super) fn sign(&self, params: &CertificateParams) -> Vec<u8> {
        let key = KeyPair::generate().unwrap();
        params.signed_by(&key, &self.issuer).unwrap().der().to_vec()
    }

    /// A further certificate for the same name and key, issued by another.
    pub(super) fn again(
        &self,
        name: &str,
        validity: (OffsetDateTime, OffsetDateTime),
        above: &Self,
    ) -> Vec<u8> {
        let mut params = params(name, &[], validity);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let made = params.signed_by(self.issuer.key(), &above.issuer);
        made.unwrap().der().to_vec()
    }

    pub(super) fn leaf(&self) -> Vec<u8> {
        self.sign(&leaf(YEAR))
    }

    pub(super) fn store(&self) -> TrustStore {
        TrustStore::new("test", "test", [self.der.as_slice()])
    }
}

/// Parameters of a certificate.
pub(super) fn params(
    common_name: &str,
    names: &[&str],
    (start, end): (OffsetDateTime, OffsetDateTime),
) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = start;
    params.not_after = end;
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.subject_alt_names = names
        .iter()
        .map(|name| SanType::DnsName((*name).try_into().unwrap()))
        .collect();
    params
}

/// Parameters of a leaf for [`HOST`].
pub(super) fn leaf(validity: (OffsetDateTime, OffsetDateTime)) -> CertificateParams {
    params("a leaf", &[HOST], validity)
}

/// A leaf that signs itself.
pub(super) fn self_signed(params: &CertificateParams) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().der().to_vec()
}

/// A certificate of `tests/data/certificates`.
pub(super) fn file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/certificates/");
    std::fs::read(format!("{folder}{name}.der")).unwrap()
}

/// A certificate with one stretch of bytes replaced by another of the same length; its signature
/// no longer fits.
pub(super) fn patched(der: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = der
        .windows(from.len())
        .position(|window| window == from)
        .unwrap();
    let mut patched = der.to_vec();
    patched[at..at + to.len()].copy_from_slice(to);
    patched
}
