//! A record as text, in one canonical form: lower-case names, no `+`, no prefix lengths that say
//! nothing, addresses as RFC 5952 writes them, modifiers behind the directives.

use std::fmt::{Display, Formatter, Result};

use super::term::{IPV4_BITS, IPV6_BITS};
use super::{Directive, DomainSpec, Mechanism, Qualifier, Record};

impl Display for Record {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("v=spf1")?;
        for directive in &self.directives {
            write!(f, " {directive}")?;
        }
        if let Some(domain) = &self.redirect {
            write!(f, " redirect={domain}")?;
        }
        if let Some(domain) = &self.exp {
            write!(f, " exp={domain}")?;
        }
        for (name, value) in &self.unknown {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

impl Display for Directive {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self.qualifier {
            Qualifier::Pass => "",
            Qualifier::Fail => "-",
            Qualifier::Softfail => "~",
            Qualifier::Neutral => "?",
        })?;
        self.mechanism.fmt(f)
    }
}

impl Display for Mechanism {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Include(domain) => write!(f, "include:{domain}"),
            Self::Exists(domain) => write!(f, "exists:{domain}"),
            Self::A(domain, v4, v6) => {
                named(f, "a", domain.as_ref())?;
                prefix(f, "/", *v4, IPV4_BITS)?;
                prefix(f, "//", *v6, IPV6_BITS)
            }
            Self::Mx(domain, v4, v6) => {
                named(f, "mx", domain.as_ref())?;
                prefix(f, "/", *v4, IPV4_BITS)?;
                prefix(f, "//", *v6, IPV6_BITS)
            }
            Self::Ptr(domain) => named(f, "ptr", domain.as_ref()),
            Self::Ip4(address, bits) => {
                write!(f, "ip4:{address}")?;
                prefix(f, "/", *bits, IPV4_BITS)
            }
            Self::Ip6(address, bits) => {
                write!(f, "ip6:{address}")?;
                prefix(f, "/", *bits, IPV6_BITS)
            }
        }
    }
}

impl Display for DomainSpec {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.text)
    }
}

fn named(f: &mut Formatter<'_>, name: &str, domain: Option<&DomainSpec>) -> Result {
    match domain {
        Some(domain) => write!(f, "{name}:{domain}"),
        None => f.write_str(name),
    }
}

/// A prefix length, unless it is that of a single address.
fn prefix(f: &mut Formatter<'_>, slashes: &str, bits: u8, longest: u8) -> Result {
    if bits == longest {
        return Ok(());
    }
    write!(f, "{slashes}{bits}")
}
