//! The roots to trust: [`TrustStore`], and [`read_pem`] for roots of the operator.

use std::collections::HashSet;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::parse::sha256;
use crate::error::{Error, Result};
use crate::text::hex;

/// The crate with the roots of Mozilla; a test holds it against `Cargo.lock`.
const MOZILLA: &str = "webpki-root-certs 1.0.11";
/// Name of the store that is always there.
pub const BUILT_IN: &str = "mozilla";

/// A named set of root certificates (trust anchors of RFC 5280 6.1.1).
#[derive(Debug, Clone)]
pub struct TrustStore {
    /// Name, as used in the column `pkix`.
    pub name: String,
    /// The roots as trust anchors.
    pub roots: RootCertStore,
    /// Where the roots are from, how many there are, and a digest over them.
    pub version: String,
    /// SHA-256 of each root certificate.
    digests: HashSet<[u8; 32]>,
}

impl TrustStore {
    /// The roots of Mozilla for TLS servers (CCADB), and some more. The store is called `mozilla`
    /// with or without them; the version tells.
    pub fn mozilla(extra: &[Vec<u8>]) -> Self {
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        Self::with_more(BUILT_IN, MOZILLA, roots.map(AsRef::as_ref), extra)
    }

    /// A store of the operator, of the roots given and some more.
    pub fn of_file(name: &str, roots: &[Vec<u8>], extra: &[Vec<u8>]) -> Self {
        Self::with_more(name, "a file", roots.iter().map(Vec::as_slice), extra)
    }

    fn with_more<'a>(
        name: &str,
        source: &str,
        roots: impl Iterator<Item = &'a [u8]>,
        extra: &'a [Vec<u8>],
    ) -> Self {
        let source = match extra.len() {
            0 => source.to_owned(),
            count => format!("{source} and {count} of the operator"),
        };
        let all = roots.chain(extra.iter().map(Vec::as_slice));
        Self::new(name, &source, all)
    }

    /// A store of the certificates given; what cannot be an anchor is left out.
    pub fn new<'a>(name: &str, source: &str, roots: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut anchors = RootCertStore::empty();
        let mut digests = HashSet::new();
        for root in roots {
            let digest = sha256(root);
            if !digests.contains(&digest) && anchors.add(CertificateDer::from(root)).is_ok() {
                digests.insert(digest);
            }
        }
        Self {
            name: name.to_owned(),
            roots: anchors,
            version: version(source, &digests),
            digests,
        }
    }

    /// Whether a certificate is one of the roots, byte by byte.
    pub fn holds(&self, der: &[u8]) -> bool {
        self.digests.contains(&sha256(der))
    }
}

/// Source, number of roots, and the start of a digest that does not depend on their order.
fn version(source: &str, digests: &HashSet<[u8; 32]>) -> String {
    let mut sorted: Vec<_> = digests.iter().copied().collect();
    sorted.sort_unstable();
    let sum = hex(&sha256(&sorted.concat())[..8]);
    format!("{source}, {} roots, sha256 {sum}", sorted.len())
}

/// Reads root certificates from a PEM file (RFC 7468 5).
pub fn read_pem(path: &Path) -> Result<Vec<Vec<u8>>> {
    let refuse = |problem: String| Error::Usage(format!("{}: {problem}", path.display()));
    let bytes = std::fs::read(path)
        .map_err(|error| refuse(format!("cannot read the root certificates: {error}")))?;
    let mut roots = Vec::new();
    for item in CertificateDer::pem_slice_iter(&bytes) {
        let number = roots.len() + 1;
        let der = item.map_err(|error| {
            refuse(format!(
                "certificate {number} is no PEM: {error}; mend or remove it"
            ))
        })?;
        if webpki::anchor_from_trusted_cert(&der).is_err() {
            return Err(refuse(format!(
                "certificate {number} is no X.509 certificate; mend or remove it"
            )));
        }
        roots.push(der.to_vec());
    }
    if roots.is_empty() {
        return Err(refuse(
            "no certificate in it; give a PEM file with BEGIN CERTIFICATE lines".to_owned(),
        ));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::Ca;
    use super::*;

    #[test]
    fn the_version_names_the_crate_that_is_locked() {
        let lock = include_str!("../../Cargo.lock");
        let (name, version) = MOZILLA.split_once(' ').unwrap();
        assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")));
    }

    #[test]
    fn further_roots_show_in_the_version() {
        let ca = Ca::root("extra");
        let plain = TrustStore::mozilla(&[]);
        let more = TrustStore::mozilla(&[ca.der.clone(), b"junk".to_vec()]);
        assert!(plain.roots.len() > 100);
        assert_eq!(more.roots.len(), plain.roots.len() + 1);
        assert_ne!(plain.version, more.version);
        assert!(more.holds(&ca.der) && !plain.holds(&ca.der));
        assert!(!more.holds(b"junk"));
        let file = TrustStore::of_file("microsoft", &[], std::slice::from_ref(&ca.der));
        assert_eq!((file.name.as_str(), file.roots.len()), ("microsoft", 1));
        assert!(
            file.holds(&ca.der),
            "whoever is added is added to every store"
        );
        assert!(
            file.version
                .starts_with("a file and 1 of the operator, 1 roots")
        );
    }

    #[test]
    fn pem_files_are_read_or_refused_in_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roots.pem");
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::default()
            .self_signed(&key)
            .unwrap();
        std::fs::write(&path, certificate.pem() + &certificate.pem()).unwrap();
        assert_eq!(
            read_pem(&path).unwrap(),
            vec![certificate.der().to_vec(); 2]
        );
        let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "nothing", junk] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(read_pem(&path), Err(Error::Usage(_))), "{text}");
        }
        assert!(read_pem(&folder.path().join("absent")).is_err());
    }
}
