//! Keys of zones as the tables have them: DNSKEY with its size, DS and CDS.

use hickory_resolver::proto::dnssec::PublicKey;
use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData};
use hickory_resolver::proto::rr::RData;

use super::answer::Answer;
use crate::table::rows::{DnsKey, Ds};

/// The DNSKEY records of an answer, by flags and key tag.
pub fn keys_of(answer: &Answer) -> Vec<DnsKey> {
    let mut keys: Vec<DnsKey> = answer
        .data()
        .filter_map(|data| match data {
            RData::DNSSEC(DNSSECRData::DNSKEY(key)) => Some(key_of(key)),
            _ => None,
        })
        .collect();
    keys.sort_by_key(|key| (key.flags, key.key_tag));
    keys
}

/// The DS or CDS records of an answer, by key tag. The algorithm of a CDS record that asks for the
/// removal of all DS records is 0 (RFC 8078 4).
pub fn digests_of(answer: &Answer) -> Vec<Ds> {
    let mut digests: Vec<Ds> = answer
        .data()
        .filter_map(|data| match data {
            RData::DNSSEC(DNSSECRData::DS(ds)) => Some(Ds {
                key_tag: ds.key_tag(),
                algorithm: ds.algorithm().into(),
                digest_type: ds.digest_type().into(),
            }),
            RData::DNSSEC(DNSSECRData::CDS(cds)) => Some(Ds {
                key_tag: cds.key_tag(),
                algorithm: cds.algorithm().map_or(0, u8::from),
                digest_type: cds.digest_type().into(),
            }),
            _ => None,
        })
        .collect();
    digests.sort_by_key(|ds| (ds.key_tag, ds.algorithm, ds.digest_type));
    digests
}

fn key_of(key: &DNSKEY) -> DnsKey {
    let algorithm = u8::from(key.public_key().algorithm());
    DnsKey {
        key_tag: key.calculate_key_tag().unwrap_or_default(),
        flags: key.flags(),
        algorithm,
        bits: key_bits(algorithm, key.public_key().public_bytes()),
    }
}

/// Size of a key by its algorithm (RFC 3110 2, RFC 6605 4, RFC 8080 3), in bits.
fn key_bits(algorithm: u8, key: &[u8]) -> Option<u16> {
    match algorithm {
        5 | 7 | 8 | 10 => {
            let (length, rest) = key.split_first()?;
            let (exponent, rest) = match *length {
                0 => {
                    let (length, rest) = rest.split_at_checked(2)?;
                    (
                        usize::from(u16::from_be_bytes([length[0], length[1]])),
                        rest,
                    )
                }
                short => (usize::from(short), rest),
            };
            let modulus = rest.get(exponent..)?;
            let start = modulus.iter().position(|byte| *byte != 0)?;
            let modulus = &modulus[start..];
            let bits = modulus.len() * 8 - modulus[0].leading_zeros() as usize;
            u16::try_from(bits).ok()
        }
        13 | 15 => Some(256),
        14 => Some(384),
        16 => Some(456),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::key_bits;

    #[test]
    fn key_sizes_are_read_from_the_key() {
        let rsa = |bytes: usize, first: u8| {
            let mut key = vec![3, 1, 0, 1, first];
            key.resize(4 + bytes, 0xff);
            key
        };
        assert_eq!(key_bits(8, &rsa(256, 0x80)), Some(2048));
        assert_eq!(key_bits(8, &rsa(256, 0x7f)), Some(2047));
        assert_eq!(key_bits(10, &rsa(128, 0xff)), Some(1024));
        assert_eq!(key_bits(8, &[]), None);
        assert_eq!(key_bits(8, &[9, 1]), None);
        assert_eq!(key_bits(13, &[0; 64]), Some(256));
        assert_eq!(key_bits(253, &[0; 64]), None);
    }
}
