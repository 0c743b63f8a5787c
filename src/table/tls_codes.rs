//! Vocabularies of what bare hellos see, and of how deep a survey goes.

crate::codes! {
    /// How far a survey goes with each server.
    pub enum Depth {
        /// One handshake, and the hellos that tell whether weak suites and old versions are accepted.
        Standard = "standard",
        /// Besides, every suite and every group, spread over hours.
        Deep = "deep",
    }
}

crate::codes! {
    /// What a server makes of a version of SSL or TLS.
    pub enum VersionResult {
        /// Nobody asked, or there was no answer that says something.
        Unknown = "unknown",
        /// A ServerHello, or a whole handshake, has it.
        Accepted = "accepted",
        /// A hello that asked for it was refused: a fatal alert, or a close or reset before ServerHello
        /// by an address whose modern handshake succeeded. Of a hello for TLS 1.3 alone, alert 70
        /// (protocol_version): others may be for a group or a signature that we do not know.
        Refused = "refused",
        /// Nobody asked, but what was negotiated rules it out.
        ImpliedRefused = "implied_refused",
    }
}

crate::codes! {
    /// Whether a server has a second certificate, with another kind of key.
    pub enum SecondCertificate {
        /// Nobody asked: nothing hangs on it.
        NotAsked = "not_asked",
        /// It was asked for and shown; it is among the chains.
        Shown = "shown",
        /// A handshake that takes no other kind was refused by a server that shakes hands.
        None = "none",
        /// It was asked for, and there was no answer that says something.
        Unknown = "unknown",
    }
}

crate::codes! {
    /// What a bare ClientHello offers.
    pub enum HelloKind {
        /// TLS 1.2 at the most, with every suite: where the full handshake found none in common.
        All = "all",
        /// TLS 1.3 alone, with every suite, group and signature scheme: where the full handshake found
        /// nothing in common, and everything up to TLS 1.2 was refused.
        Tls1_3 = "tls1_3",
        /// TLS 1.2 at the most, with weak suites only (NULL, anonymous, export, RC4, DES, 3DES, MD5).
        Weak = "weak",
        /// TLS 1.1 at the most, with every suite that any stack has shipped.
        Legacy = "legacy",
        /// SSL 3.0 with every suite of its time.
        Ssl3 = "ssl3",
        /// SSL 2.0.
        Ssl2 = "ssl2",
        /// The suites of one version that were not accepted yet.
        Suites = "suites",
        /// The groups that were not accepted yet.
        Groups = "groups",
        /// Signatures with SHA-1 only.
        Sha1 = "sha1",
        /// One version only.
        Version = "version",
        /// Accepted suites in the opposite order.
        Preference = "preference",
    }
}

impl HelloKind {
    /// Whether what it is answered with takes the place of a handshake that broke for want of something
    /// in common.
    pub fn is_substitute(self) -> bool {
        matches!(self, Self::All | Self::Tls1_3)
    }
}

crate::codes! {
    /// What became of a bare ClientHello.
    pub enum HelloOutcome {
        /// Nothing that says something; `error` says why.
        Unknown = "unknown",
        /// A ServerHello, or a HelloRetryRequest.
        Accepted = "accepted",
        /// A fatal alert, or a close or reset before ServerHello.
        Refused = "refused",
    }
}
