//! Whether the domain takes mail, how its MX records are made, what class it is in.

use super::super::domain::{Dns, Mail};
use super::super::hosts::is_answered;
use super::results::{FAIL, NOT_APPLICABLE, PASS, Results, UNKNOWN, told};
use super::{Case, Judged};

impl Case<'_> {
    pub(super) fn mail(&self) -> Judged {
        vec![
            ("receives_mail", self.receives_mail()),
            ("mx_wellformed", self.of_all(|| self.mx_wellformed())),
            // Nobody in the country has an IPv6 address.
            // But hosts that were not asked about may have.
            ("mx_ipv6", self.of_receivers(|| self.none_has_ipv6())),
            (
                "mx_uniform",
                self.of_receivers(|| self.unless_cut(self.mx_uniform())),
            ),
            (
                "route_origin_valid",
                self.of_receivers(|| self.unless_cut(self.routes())),
            ),
        ]
    }

    /// Without MX, its own address is its mail host (RFC 5321 5.1).
    fn is_implicit(&self) -> bool {
        matches!(self.domain.mail, Mail::Implicit | Mail::WebOnly)
    }

    pub(super) fn receives_mail(&self) -> Results {
        if let Some(results) = self.existence() {
            return results;
        }
        let mut servers = self.hosts.iter().flat_map(|host| &host.servers);
        match self.domain.mail {
            _ if !self.domain.has_zone() => FAIL,
            Mail::Null | Mail::Nothing => FAIL,
            _ if !self.is_implicit() => told(servers.any(|server| !server.is_special())),
            _ if servers.clone().any(|server| server.is_reached()) => PASS,
            _ if servers.all(|server| server.endpoint.manner == "refused") => FAIL,
            _ => UNKNOWN,
        }
    }

    fn none_has_ipv6(&self) -> Results {
        match self.unless_cut(PASS) {
            PASS => FAIL,
            open => open,
        }
    }

    fn mx_wellformed(&self) -> Results {
        match self.domain.mail {
            _ if !self.domain.has_zone() => NOT_APPLICABLE,
            Mail::Implicit | Mail::WebOnly | Mail::Nothing | Mail::Null => NOT_APPLICABLE,
            Mail::NullBeside | Mail::Literal | Mail::Missing | Mail::Alias | Mail::Special => FAIL,
            Mail::Provider | Mail::Own | Mail::Many | Mail::Manner(_) => self.unless_cut(PASS),
        }
    }

    pub(super) fn class(&self) -> &'static str {
        match (self.domain.dns, self.domain.mail) {
            (Dns::Nxdomain, _) => "nonexistent",
            (Dns::Undelegated, _) => "undelegated",
            _ if !is_answered(self.domain) => "unknown",
            (_, Mail::Null) => "null_mx",
            (_, Mail::Nothing) => "no_mail",
            _ => match (self.is_implicit(), self.receives_mail()) {
                (true, PASS) => "implicit_mx",
                (true, FAIL) => "web_only",
                (true, _) => "implicit_unknown",
                (false, PASS) => "explicit_mx",
                (false, FAIL) => "mx_unusable",
                (false, _) => "unknown",
            },
        }
    }
}
