//! DKIM.

use super::super::super::Country;
use super::super::super::domain::{Domain, Odd, Text as Texts};
use super::super::dkim::{COMMON, Key, Kind as DkimKind};
use super::{is_asked, words};
use crate::lab::national::records::{Dkim, Key as KeyTruth};

impl Country {
    pub fn dkim_truth(&self, domain: &Domain) -> Dkim {
        if !is_asked(domain) {
            return Dkim::default();
        }
        let keys = self.dkim_keys(domain);
        let is_everywhere = domain.has_zone() && domain.text == Texts::Wildcard;
        let kind = domain.policies.dkim;
        let below = domain.odd == Odd::Hollow && kind != DkimKind::Nothing;
        let hides = below || !domain.has_zone() || domain.security() == "bogus";
        let existence = match kind {
            // Whoever believes the denial asks for nothing below it.
            _ if hides => "absent",
            _ if !keys.is_empty() => "key_found",
            _ if domain.odd == Odd::Compact => "compact_denial",
            _ if !domain.has_zone() => "absent",
            DkimKind::Wildcard(_) => "wildcard",
            _ if is_everywhere => "wildcard",
            DkimKind::Nothing => "absent",
            _ => "subtree_exists",
        };
        Dkim {
            existence: Some(existence.to_owned()),
            keys,
            hides,
        }
    }

    fn dkim_keys(&self, domain: &Domain) -> Vec<KeyTruth> {
        let kind = domain.policies.dkim;
        if !domain.has_zone() {
            return Vec::new();
        }
        if kind == DkimKind::Alias {
            return vec![KeyTruth {
                canonical_name: Some(self.dkim_alias(domain)),
                ..key_truth(COMMON[1], Key::Rsa(2048))
            }];
        }
        let mut keys = Vec::new();
        for selector in COMMON {
            let here = kind.keys().into_iter().find(|(at, _)| *at == selector);
            let Some((_, key)) = here else { continue };
            keys.push(key_truth(selector, key));
            // One that is in use tells enough.
            if !matches!(key, Key::Revoked | Key::Broken) {
                break;
            }
        }
        keys
    }
}

fn key_truth(selector: &str, key: Key) -> KeyTruth {
    KeyTruth {
        selector: selector.to_owned(),
        canonical_name: None,
        key_type: key.kind().to_owned(),
        bits: key.bits(),
        revoked: key == Key::Revoked,
        testing: key == Key::Testing,
        fault: match key {
            Key::Broken => words(&["bad_key"]),
            _ => Vec::new(),
        },
    }
}
