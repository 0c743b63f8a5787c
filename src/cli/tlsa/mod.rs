//! `tlsa`: records for what mail servers show now, as lines of a zone file.

mod zone;

use std::sync::Arc;

use clap::ValueEnum;

use super::call::{Call, Quiet};
use super::explain::spelled;
use super::flags::TlsaFlags;
use super::{complain, print_lines, running};
use crate::error::{Error, Result};
use crate::survey::single::{self, Form, Port, made};
use crate::text::one_line;
use zone::Zone;

/// What a record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Usage {
    /// The server's own certificate or key (3)
    DaneEe,
    /// The certificate or key of the authority above it (2)
    DaneTa,
}

/// What of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Selector {
    /// The whole certificate (0)
    Cert,
    /// Its public key (1)
    Spki,
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Matching {
    /// As it is (0)
    Full,
    /// Its SHA-256 (1)
    Sha256,
    /// Its SHA-512 (2)
    Sha512,
}

/// Prints the records. The exit code is 1 where they may not be all.
///
/// # Errors
/// When nobody can be asked: a flag that does not fit, a resolver that does not validate, trouble of
/// this machine, or an interruption.
pub fn run(flags: &TlsaFlags) -> Result<u8> {
    let mut ports = Vec::new();
    for text in &flags.hosts {
        let port = port(text, flags.port)?;
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    let form = form(flags);
    let call = Call::open(&flags.call, false)?;
    let screen = Arc::new(Quiet::new());
    let shown = running::until_done(screen.clone(), async |stop| {
        single::ask(&call.settings, &ports, &stop, screen).await
    })?;
    let (mut text, mut gaps) = (String::new(), Vec::new());
    for one in &shown {
        let zone = Zone {
            shown: one,
            made: made(one, form),
            form,
            ttl: flags.ttl,
        };
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&zone.print());
        gaps.extend(zone.gaps());
    }
    print_lines(&text)?;
    for gap in &gaps {
        complain(&format_args!("note: {gap}"));
    }
    Ok(u8::from(!gaps.is_empty()))
}

fn form(flags: &TlsaFlags) -> Form {
    Form {
        usage: match flags.usage {
            Usage::DaneTa => 2,
            Usage::DaneEe => 3,
        },
        selector: match flags.selector {
            Selector::Cert => 0,
            Selector::Spki => 1,
        },
        matching_type: match flags.matching {
            Matching::Full => 0,
            Matching::Sha256 => 1,
            Matching::Sha512 => 2,
        },
    }
}

/// `HOST` or `HOST:PORT`.
fn port(text: &str, usual: u16) -> Result<Port> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, number)) => {
            let number = number.parse().map_err(|_| {
                let text = one_line(text);
                Error::Usage(format!(
                    "{text}: give HOST or HOST:PORT; addresses have no records"
                ))
            })?;
            (host, number)
        }
        None => (text, usual),
    };
    let port = Port {
        host: spelled(host)?,
        port,
    };
    match port.protocol() {
        Some(_) => Ok(port),
        None => Err(Error::Usage(format!(
            "port {}: what is spoken there is not known; give 25, 110, 143, 465, 587, 993 or 995",
            port.port
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_stands_behind_its_host() {
        let of = |text: &str| port(text, 25).map(|port| (port.host, port.port)).ok();
        let is = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(of("MX.Example.cz."), is("mx.example.cz", 25));
        assert_eq!(of("mx.example.cz:993"), is("mx.example.cz", 993));
        for text in [
            "mx.example.cz:80",
            "mx.example.cz:x",
            "2001:db8::1",
            "192.0.2.1",
            "mx",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
