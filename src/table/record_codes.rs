//! Closed vocabularies of records that carry policies: what they say, and what can be wrong with them.

crate::codes! {
    /// What is wrong with a record, or odd about it.
    pub enum Fault {
        /// Several records with the version tag, of which none counts.
        SeveralRecords = "several_records",
        /// The version is not the one of the kind, or not where it must stand.
        BadVersion = "bad_version",
        /// A byte outside the characters that the grammar allows, such as NUL or UTF-8.
        NotAscii = "not_ascii",
        /// Something that is no term, tag or field of the grammar.
        Syntax = "syntax",
        /// Something stands behind the end of the grammar.
        TrailingJunk = "trailing_junk",
        /// The same tag, field or modifier twice.
        Duplicate = "duplicate",
        /// A tag or field that must be there is missing.
        Missing = "missing",
        /// A tag or field that the RFC does not know; it is ignored.
        UnknownTag = "unknown_tag",
        /// A value that its tag or field does not allow.
        BadValue = "bad_value",
        /// A tag that a later RFC removed; who follows the later one ignores it.
        Obsolete = "obsolete",
        /// Longer than can be stored or is read.
        TooLong = "too_long",
        /// A mechanism that the RFC does not know (RFC 7208 5).
        UnknownMechanism = "unknown_mechanism",
        /// An address that is none (RFC 7208 5.6).
        BadAddress = "bad_address",
        /// A prefix length that is none, or too long for the address (RFC 7208 5.6).
        BadPrefix = "bad_prefix",
        /// A name that is none (RFC 7208 7.1).
        BadName = "bad_name",
        /// A macro that is none (RFC 7208 7.1).
        BadMacro = "bad_macro",
        /// Terms behind `all`, which are never looked at (RFC 7208 5.1).
        AfterAll = "after_all",
        /// `redirect` beside `all`, which is never looked at (RFC 7208 6.1).
        RedirectUnused = "redirect_unused",
        /// `ptr`, which should not be used (RFC 7208 5.5).
        UsesPtr = "uses_ptr",
        /// A record that is included or redirected to by itself.
        Loop = "loop",
        /// A record that is included or redirected to has no SPF record (RFC 7208 5.2, 6.1).
        NoRecord = "no_record",
        /// A public key that cannot be read (RFC 6376 3.6.1).
        BadKey = "bad_key",
        /// A report address that is no URI, or none of a scheme that can be used.
        BadUri = "bad_uri",
    }
}

crate::codes! {
    /// The `all` of an SPF record (RFC 7208 5.1).
    pub enum SpfAll {
        /// The record has none.
        None = "none",
        /// Everybody may send.
        Pass = "+all",
        /// Nothing is said.
        Neutral = "?all",
        /// Others probably may not.
        Softfail = "~all",
        /// Others may not.
        Fail = "-all",
    }
}

crate::codes! {
    /// What a DMARC record asks for (RFC 9989 4.7).
    pub enum DmarcPolicy {
        /// Nothing.
        None = "none",
        /// To take it as suspicious.
        Quarantine = "quarantine",
        /// To reject it.
        Reject = "reject",
    }
}

crate::codes! {
    /// How exactly names have to be the same (RFC 9989 4.7).
    pub enum Alignment {
        /// The organisational domain.
        Relaxed = "r",
        /// The very name.
        Strict = "s",
    }
}

crate::codes! {
    /// Whether a name is a public suffix (`psd`, RFC 9989 4.7).
    pub enum PsdFlag {
        /// Nothing is said.
        Unknown = "u",
        /// It is.
        Yes = "y",
        /// It is not, and it is an organisational domain.
        No = "n",
    }
}

crate::codes! {
    /// Whose DMARC record applies.
    pub enum Inherited {
        /// That of the name itself.
        Own = "own",
        /// That of its organisational domain.
        Org = "org",
        /// That of a public suffix.
        Psd = "psd",
    }
}

crate::codes! {
    /// What an MTA-STS policy asks senders for (RFC 8461 5).
    pub enum PolicyMode {
        /// Nothing: it takes back an earlier policy.
        None = "none",
        /// To report where a server does not match, and to deliver all the same.
        Testing = "testing",
        /// Not to deliver where a server does not match.
        Enforce = "enforce",
    }
}

crate::codes! {
    /// Scheme of a URI for reports.
    pub enum ReportScheme {
        /// By mail.
        Mailto = "mailto",
        /// By HTTPS.
        Https = "https",
        /// Something else.
        Other = "other",
    }
}

crate::codes! {
    /// What can be seen of DKIM without a message.
    pub enum DkimExistence {
        /// The answers do not tell.
        Unknown = "unknown",
        /// A selector that was asked for has a key, maybe one that was taken back.
        KeyFound = "key_found",
        /// `_domainkey` exists while a name beside it that nobody has does not.
        SubtreeExists = "subtree_exists",
        /// `_domainkey` does not exist (RFC 8020), nor do the first selectors of the provider.
        Absent = "absent",
        /// Every name exists, or every selector has a record: a wildcard.
        Wildcard = "wildcard",
        /// The zone denies so that names that exist cannot be told from others (RFC 9824).
        CompactDenial = "compact_denial",
    }
}
