//! DMARC records as what they say (RFC 9989 4.7, RFC 7489 6.3).

/// A record: its text, and what is to be made of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dmarc {
    pub text: Vec<u8>,
    pub p: Option<&'static str>,
    pub sp: Option<&'static str>,
    pub np: Option<&'static str>,
    pub pct: Option<u8>,
    pub t: Option<bool>,
    pub adkim: Option<&'static str>,
    pub aspf: Option<&'static str>,
    pub psd: Option<&'static str>,
    pub rua: Vec<Rua>,
    pub ruf: Vec<String>,
    /// Words for why nobody can use it by RFC 9989; none where it can be used.
    pub fault: &'static [&'static str],
    /// The same by RFC 7489.
    pub fault_7489: &'static [&'static str],
}

/// Where aggregate reports go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rua {
    /// As it stands in the record.
    pub uri: String,
    pub scheme: &'static str,
    pub host: String,
    /// Whether it is another organisation's.
    pub external: bool,
    /// What becomes of the question whether that one authorises it.
    pub authorised: &'static str,
}

/// How strict a policy is.
pub fn strictness(policy: &str) -> usize {
    let all = ["none", "quarantine", "reject"];
    all.iter()
        .position(|word| *word == policy)
        .expect("a policy")
}

impl Rua {
    /// A mailbox at the domain itself.
    pub fn own(domain: &str) -> Self {
        Self {
            uri: format!("mailto:dmarc@{domain}"),
            scheme: "mailto",
            host: domain.to_owned(),
            external: false,
            authorised: "not_attempted",
        }
    }

    /// One elsewhere.
    pub fn elsewhere(host: &str, authorised: &'static str) -> Self {
        Self {
            uri: format!("mailto:reports@{host}"),
            scheme: "mailto",
            host: host.to_owned(),
            external: true,
            authorised,
        }
    }

    /// A web server of the domain.
    pub fn web(domain: &str) -> Self {
        Self {
            uri: format!("https://{domain}/dmarc"),
            scheme: "https",
            ..Self::own(domain)
        }
    }
}

impl Dmarc {
    /// Policy for mail of the name that has the record: none where it has none that is valid
    /// (RFC 9989 4.7 and 4.10.1, RFC 7489 6.6.3).
    fn policy(&self) -> &'static str {
        self.p.unwrap_or("none")
    }

    /// What is asked for mail that fails, of the name itself or of one that inherits it.
    pub fn effective(&self, is_own: bool) -> &'static str {
        match is_own {
            true => self.policy(),
            false => self.sp.unwrap_or(self.policy()),
        }
    }

    /// The same by RFC 9989: `t=y` takes it one step down.
    pub fn effective_9989(&self, is_own: bool) -> &'static str {
        match (self.effective(is_own), self.t) {
            ("reject", Some(true)) => "quarantine",
            (_, Some(true)) => "none",
            (policy, _) => policy,
        }
    }

    /// Whether subdomains are to be treated as strictly as the name itself. RFC 9989 4.7: `np` is
    /// `sp` where it is not there, and `sp` is `p`.
    pub fn covers_subdomains(&self) -> bool {
        let sp = self.sp.unwrap_or(self.policy());
        let np = self.np.unwrap_or(sp);
        let at_least = |policy: &str| strictness(policy) >= strictness(self.policy());
        at_least(sp) && at_least(np)
    }

    /// Puts the tags together.
    pub fn written(mut self) -> Self {
        let mut text = "v=DMARC1".to_owned();
        let mut tag = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                text.push_str(&format!("; {name}={value}"));
            }
        };
        tag("p", self.p);
        tag("sp", self.sp);
        tag("np", self.np);
        tag("t", self.t.map(|tries| if tries { "y" } else { "n" }));
        tag("pct", self.pct.map(|pct| pct.to_string()).as_deref());
        tag("adkim", self.adkim);
        tag("aspf", self.aspf);
        tag("psd", self.psd);
        let uris: Vec<_> = self.rua.iter().map(|rua| rua.uri.as_str()).collect();
        let ruf = self.ruf.join(",");
        tag(
            "rua",
            Some(uris.join(",").as_str()).filter(|uris| !uris.is_empty()),
        );
        tag("ruf", Some(ruf.as_str()).filter(|ruf| !ruf.is_empty()));
        self.text = text.into_bytes();
        self
    }
}
