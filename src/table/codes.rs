//! The closed vocabularies: every word that a column of outcomes can hold.

crate::codes! {
    /// What became of a question: to the DNS, or to the host of a policy.
    pub enum Outcome {
        /// The question was never asked: something before it made it pointless.
        NotAttempted = "not_attempted",
        /// There is a record of the kind asked for.
        Found = "found",
        /// Whoever was asked says that there is none; the DNS says how in `denial`.
        Absent = "absent",
        /// No usable answer; `error` says why. Never to be read as an absence.
        Failed = "failed",
    }
}

crate::codes! {
    /// How the DNS said no.
    pub enum Denial {
        /// The name exists, the record type does not (RFC 2308 2.2).
        Nodata = "nodata",
        /// The name does not exist (RFC 2308 2.1).
        Nxdomain = "nxdomain",
        /// Compact denial of existence: the name does not exist, said as NODATA (RFC 9824).
        Compact = "compact",
        /// There are TXT records, but none with the version tag asked for.
        OtherTxt = "other_txt",
    }
}

crate::codes! {
    /// Why something could not be measured. One list for the DNS and for connections.
    pub enum ErrorCode {
        /// Nothing came within the time allowed.
        Timeout = "timeout",
        /// The resolver answered SERVFAIL, also with CD set.
        Servfail = "servfail",
        /// DNSSEC validation failed. Beside `found` or `absent` the data was got with CD set and no
        /// validating client would have seen it.
        Bogus = "bogus",
        /// The resolver or the server refused.
        Refused = "refused",
        /// The delegation leads to servers that do not serve the zone (EDE 20, 24).
        Lame = "lame",
        /// The network or the host cannot be reached, or the name servers cannot (EDE 22, 23; stale answers 3, 19).
        Unreachable = "unreachable",
        /// The connection was reset.
        Reset = "reset",
        /// The peer closed the connection in the middle of a conversation.
        Closed = "closed",
        /// The peer sent a TLS alert; `alert` has its number.
        TlsAlert = "tls_alert",
        /// The peer said something that the protocol does not allow.
        ProtocolError = "protocol_error",
        /// The peer sent more than the ceiling on bytes or lines.
        TooLarge = "too_large",
        /// Connected, but no complete greeting came within the time allowed.
        GreetingTimeout = "greeting_timeout",
        /// The server put us off with a 4xx reply: greylisting, 421, too many connections; in HTTP
        /// with status 429.
        TempReject = "temp_reject",
        /// The server refuses to talk to this source: a 5xx greeting.
        Blocked = "blocked",
        /// Not asked: crashes of the survey had used up the connections this address may get.
        RateCapped = "rate_capped",
        /// Not asked: the budget of connections or questions was used up, or the operator put us off
        /// until it was left alone.
        Budget = "budget",
        /// Not asked by this name: the address has more host names than it may get handshakes, and
        /// what other names were shown says nothing of this one.
        SniBudget = "sni_budget",
        /// Not asked: the operator of this survey excluded the target, or it is this machine itself.
        Excluded = "excluded",
        /// Not asked: the address is special-purpose (IANA registries), or outside the lab.
        SpecialPurpose = "special_purpose",
        /// Not asked: this vantage has no IPv6.
        NoIpv6Vantage = "no_ipv6_vantage",
        /// The machine of the survey failed (descriptors, ports, routes), not the peer.
        LocalFault = "local_fault",
        /// A fault in this program.
        InternalError = "internal_error",
    }
}

crate::codes! {
    /// Security status of an answer (RFC 4035 4.3).
    pub enum Security {
        /// Nobody validated it.
        NotChecked = "not_checked",
        /// A chain of signatures leads to the trust anchor.
        Secure = "secure",
        /// It is proven that no such chain exists.
        Insecure = "insecure",
        /// There should be a chain, and it is broken.
        Bogus = "bogus",
        /// Validation could not be finished.
        Indeterminate = "indeterminate",
    }
}

crate::codes! {
    /// Whether the domain exists in the DNS.
    pub enum Existence {
        /// The questions about the name itself could not be answered.
        Failed = "failed",
        /// It is a zone of its own or has records of the kinds asked for.
        Exists = "exists",
        /// NXDOMAIN.
        Nxdomain = "nxdomain",
        /// The name is there, but it is no zone cut and has none of the records asked for.
        Undelegated = "undelegated",
    }
}

crate::codes! {
    /// How a domain takes mail.
    pub enum MxKind {
        /// Neither MX nor address: no mail.
        None = "none",
        /// MX records.
        Explicit = "explicit",
        /// No MX but an address: the domain itself is the mail host (RFC 5321 5.1).
        Implicit = "implicit",
        /// Exactly one MX with exchange `.`: takes no mail (RFC 7505).
        Null = "null",
    }
}

crate::codes! {
    /// Why a host is in the tables.
    pub enum Role {
        /// Named by an MX record, or an implicit MX.
        Mx = "mx",
        /// A host that mail clients use.
        Client = "client",
        /// Host of an MTA-STS policy.
        Policy = "policy",
    }
}

crate::codes! {
    /// What is spoken behind a port.
    pub enum Protocol {
        /// Mail between servers, with STARTTLS (RFC 5321, RFC 3207): port 25.
        Smtp = "smtp",
        /// Mail from clients, with STARTTLS (RFC 6409): port 587.
        Submission = "submission",
        /// Mail from clients over TLS from the first byte (RFC 8314 3.3): port 465.
        Submissions = "submissions",
        /// IMAP with STARTTLS (RFC 9051, RFC 3501): port 143.
        Imap = "imap",
        /// IMAP over TLS from the first byte (RFC 8314 3.2): port 993.
        Imaps = "imaps",
        /// POP3 with STLS (RFC 1939, RFC 2595 4): port 110.
        Pop3 = "pop3",
        /// POP3 over TLS from the first byte (RFC 8314 3.1): port 995.
        Pop3s = "pop3s",
    }
}

impl Protocol {
    /// What a registered port of mail clients speaks (RFC 8314 7).
    pub fn of_clients(port: u16) -> Option<Self> {
        Some(match port {
            110 => Self::Pop3,
            143 => Self::Imap,
            465 => Self::Submissions,
            587 => Self::Submission,
            993 => Self::Imaps,
            995 => Self::Pop3s,
            _ => return None,
        })
    }

    /// Whether TLS begins with the first byte.
    pub fn has_implicit_tls(self) -> bool {
        matches!(self, Self::Submissions | Self::Imaps | Self::Pop3s)
    }
}

crate::codes! {
    /// IP version.
    pub enum Family {
        /// IPv4.
        Ipv4 = "ipv4",
        /// IPv6.
        Ipv6 = "ipv6",
    }
}

crate::codes! {
    /// What became of a TCP connection.
    pub enum TcpOutcome {
        /// None was opened for this row.
        NotAttempted = "not_attempted",
        /// Established.
        Connected = "connected",
        /// Not established; `error` says why.
        Failed = "failed",
    }
}

crate::codes! {
    /// What became of STARTTLS (RFC 3207).
    pub enum StarttlsOutcome {
        /// The conversation never got that far.
        NotAttempted = "not_attempted",
        /// Offered, asked for, and answered with 220.
        Accepted = "accepted",
        /// EHLO was answered and the list of extensions has no STARTTLS.
        NotOffered = "not_offered",
        /// Offered, but the command was answered with something else than 220; `code` has it.
        Refused = "refused",
        /// The list of extensions was overwritten on the way (`XXXXXXXA` and kin).
        Stripped = "stripped",
        /// Plain text followed the 220 before the handshake (command injection, CVE-2011-0411).
        Injected = "injected",
        /// Asked for, and no reply came; `error` says why.
        Failed = "failed",
    }
}

crate::codes! {
    /// How far one of several attempts got, in this order.
    pub enum AttemptOutcome {
        /// There was no connection; `error` says why it was not established, or not tried.
        Failed = "failed",
        /// Connected, and nothing was learned of STARTTLS; `error` says why.
        Connected = "connected",
        /// The list of extensions had no STARTTLS.
        NotOffered = "not_offered",
        /// The list of extensions was overwritten on the way.
        Stripped = "stripped",
        /// STARTTLS was answered with something else than 220; `error` is temp_reject for 4xx.
        Refused = "refused",
        /// STARTTLS was asked for, and no reply came; `error` says why.
        Unanswered = "unanswered",
        /// The handshake broke; `error` says how.
        Broken = "broken",
        /// The handshake ran to the end.
        Completed = "completed",
    }
}

crate::codes! {
    /// What became of a TLS handshake.
    pub enum TlsOutcome {
        /// None was begun.
        NotAttempted = "not_attempted",
        /// It ran to the end.
        Completed = "completed",
        /// Only the server's first flight was seen, by a bare hello.
        HelloOnly = "hello_only",
        /// It broke; `error` and `alert` say how.
        Failed = "failed",
    }
}

crate::codes! {
    /// Where a chain of certificates comes from.
    pub enum ChainSource {
        /// Seen in a handshake for this host name.
        Observed = "observed",
        /// Seen at this address in a handshake for another host name.
        Shared = "shared",
    }
}

crate::codes! {
    /// How the leaf certificate names the host (RFC 9525).
    pub enum NameMatch {
        /// Not at all.
        None = "none",
        /// A SAN dNSName equals the host name.
        San = "san",
        /// A wildcard SAN dNSName matches the host name.
        SanWildcard = "san_wildcard",
        /// Only the subject's common name does, which RFC 9525 does not count.
        CnOnly = "cn_only",
    }
}

crate::codes! {
    /// Whether a chain leads to a trusted root, dates left aside (`dates` has them).
    pub enum Pkix {
        /// It does.
        Valid = "valid",
        /// The leaf signed itself and is not in the store.
        SelfSigned = "self_signed",
        /// The chain ends at an issuer that the store does not know.
        UnknownIssuer = "unknown_issuer",
        /// The issuer of the leaf was not sent.
        MissingIntermediate = "missing_intermediate",
        /// A signature in the chain is wrong.
        BadSignature = "bad_signature",
        /// A key in the chain is too small for the verifier.
        WeakKey = "weak_key",
        /// A signature algorithm that the verifier does not know or no longer takes.
        UnsupportedAlgorithm = "unsupported_algorithm",
        /// No moment lies within the validity of every certificate of the path.
        Expired = "expired",
        /// The extended key usage does not allow a TLS server.
        NotForServers = "not_for_servers",
        /// The leaf is a CA certificate.
        CaAsLeaf = "ca_as_leaf",
        /// A name constraint of a CA forbids the name.
        NameConstraint = "name_constraint",
        /// Finding a path took more work than allowed.
        PathBudget = "path_budget",
        /// A certificate could not be parsed.
        Malformed = "malformed",
        /// Another reason of the verifier.
        Other = "other",
    }
}

crate::codes! {
    /// Whether `observed_at` lies within the validity of the leaf and the CA certificates sent.
    pub enum Dates {
        /// It does.
        Current = "current",
        /// One of them has expired.
        Expired = "expired",
        /// One of them is not valid yet.
        NotYetValid = "not_yet_valid",
        /// A certificate could not be parsed.
        Malformed = "malformed",
    }
}

crate::codes! {
    /// How a zone proves that something is not there.
    pub enum ZoneDenial {
        /// No negative answer of the zone was seen, or it was not signed.
        Unknown = "unknown",
        /// NSEC (RFC 4034 4).
        Nsec = "nsec",
        /// NSEC3 (RFC 5155).
        Nsec3 = "nsec3",
        /// NSEC with NXNAME (RFC 9824).
        Compact = "compact",
    }
}

crate::codes! {
    /// The four results of a check.
    pub enum CheckResult {
        /// It could not be measured.
        Unknown = "unknown",
        /// The domain does what the check asks for.
        Pass = "pass",
        /// It does not.
        Fail = "fail",
        /// The check presupposes something that is not there.
        NotApplicable = "not_applicable",
    }
}

crate::codes! {
    /// What kind of domain it is, as far as mail goes. Every domain is in one class.
    pub enum Class {
        /// A question that failed leaves it open.
        Unknown = "unknown",
        /// NXDOMAIN.
        Nonexistent = "nonexistent",
        /// The name is there, but it is no zone cut and has none of the records asked for.
        Undelegated = "undelegated",
        /// MX records, at least one with an address that can be dialled.
        ExplicitMx = "explicit_mx",
        /// No MX, but its address answers on port 25 (RFC 5321 5.1).
        ImplicitMx = "implicit_mx",
        /// No MX, and whether its address answers on port 25 could not be measured.
        ImplicitUnknown = "implicit_unknown",
        /// No MX, and every address refuses port 25.
        WebOnly = "web_only",
        /// Null MX (RFC 7505).
        NullMx = "null_mx",
        /// Neither MX nor address.
        NoMail = "no_mail",
        /// MX records of which none can be used.
        MxUnusable = "mx_unusable",
    }
}

crate::codes! {
    /// How much a rule book demands a point.
    pub enum Level {
        /// It is an obligation.
        Must = "must",
        /// It is a recommendation that wants a reason to be left aside.
        Should = "should",
        /// It is advice.
        Guidance = "guidance",
    }
}

crate::codes! {
    /// What the RPKI says of the route to an address (RFC 6811 2).
    pub enum Rpki {
        /// Every AS that announces the route is authorised to.
        Valid = "valid",
        /// The route is not in the RPKI.
        NotFound = "not_found",
        /// The RPKI authorises others, or shorter prefixes, but not this.
        Invalid = "invalid",
    }
}

crate::codes! {
    /// How much is known of the country of a domain's mail servers.
    pub enum CountryBasis {
        /// The survey had no table of countries.
        NoTable = "no_table",
        /// `country` has it.
        One = "one",
        /// The addresses are in several countries.
        Several = "several",
        /// The table knows none of the addresses.
        NotInTable = "not_in_table",
        /// The addresses are not all known: the DNS did not answer for the MX or the addresses, or there
        /// are more than were asked.
        AddressesUnknown = "addresses_unknown",
        /// No mail host has an address that can be dialled.
        NoAddress = "no_address",
        /// The domain has no mail host.
        NoMailHost = "no_mail_host",
    }
}
