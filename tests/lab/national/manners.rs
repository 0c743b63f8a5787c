//! The ways of a country's mail servers, each with what comes over the wire and the program of other
//! people that confirms it: `scripts/evidence manners` keeps what that program said in
//! tests/data/manners.

use std::time::Duration;

use super::super::smtp;

/// One way.
#[derive(Debug)]
pub struct Manner {
    /// Its name in the truth, in `connections.csv` and of the transcript.
    pub name: &'static str,
    /// Who serves the address.
    pub serves: Serves,
    /// What the certificate is.
    pub certificate: Certificate,
    /// What a client sees.
    pub seen: Seen,
    /// Who confirms it, and words that its transcript must have.
    pub confirmed: (Tool, &'static str),
}

/// Who serves an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// A server of this manner.
    Server(smtp::Manner),
    /// Nobody listens: the machine answers with RST.
    Nobody,
    /// Packets vanish.
    Void,
}

/// What a server presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// Of the lab's CA, current, for the server's names.
    Good,
    /// Signed by itself.
    SelfSigned,
    /// Of the lab's CA, until 2021.
    Expired,
    /// Of the lab's CA, for another name.
    WrongName,
    /// Of a CA below the lab's, which is not sent along.
    Alone,
    /// Of the lab's CA, with a key of 1,024 bits where it is by RSA.
    Short,
}

/// What a client sees of a manner.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Code of the greeting; none where no whole greeting comes.
    pub banner: Option<u16>,
    /// `starttls.outcome`.
    pub starttls: &'static str,
    /// `tls.version` where the handshake completes, or the server's first flight comes whole; none
    /// where it breaks or is not begun.
    pub version: Option<&'static str>,
    /// Why the conversation broke.
    pub error: Option<&'static str>,
}

/// A program that confirms a manner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `openssl s_client -starttls smtp`, with the lab's CA.
    OpenSsl,
    /// The same with old versions and every suite that it has, message by message.
    OldOpenSsl,
    /// `sslscan --starttls-smtp`, which has SSL 2.0 and 3.0.
    SslScan,
    /// `testssl --std`, which has hellos of weak suites only.
    TestSsl,
    /// Postfix's `posttls-finger`, which asks the lab's DNS for TLSA.
    Posttls,
    /// Python's smtplib, command by command.
    Smtplib,
}

/// How long a slow server waits before it greets.
pub const SLOW: Duration = Duration::from_secs(12);

const TLS13: Option<&str> = Some("TLS 1.3");

const fn works(version: Option<&'static str>) -> Seen {
    Seen {
        banner: Some(220),
        starttls: "accepted",
        version,
        error: None,
    }
}

const fn breaks(starttls: &'static str, error: &'static str) -> Seen {
    Seen {
        banner: Some(220),
        starttls,
        version: None,
        error: Some(error),
    }
}

const fn plain(starttls: &'static str) -> Seen {
    Seen {
        banner: Some(220),
        starttls,
        version: None,
        error: None,
    }
}

const fn turns_away(code: u16, error: &'static str) -> Seen {
    Seen {
        banner: Some(code),
        starttls: "not_attempted",
        version: None,
        error: Some(error),
    }
}

const fn no_greeting(error: &'static str) -> Seen {
    Seen {
        banner: None,
        starttls: "not_attempted",
        version: None,
        error: Some(error),
    }
}

const fn row(
    name: &'static str,
    server: smtp::Manner,
    seen: Seen,
    tool: Tool,
    word: &'static str,
) -> Manner {
    Manner {
        name,
        serves: Serves::Server(server),
        certificate: Certificate::Good,
        seen,
        confirmed: (tool, word),
    }
}

const fn with(certificate: Certificate, row: Manner) -> Manner {
    Manner { certificate, ..row }
}

use super::super::old_tls;
use smtp::Manner as M;

/// Every manner.
#[rustfmt::skip] // a table
pub const MANNERS: &[Manner] = &[
    row("healthy", M::Polite, works(TLS13), Tool::OpenSsl, "Verify return code: 0 (ok)"),
    row("tls12_only", M::Tls12Only, works(Some("TLS 1.2")), Tool::OpenSsl, "Protocol  : TLSv1.2"),
    with(Certificate::SelfSigned, row("self_signed", M::Polite, works(TLS13), Tool::OpenSsl, "self-signed certificate")),
    with(Certificate::Expired, row("expired", M::Polite, works(TLS13), Tool::OpenSsl, "certificate has expired")),
    with(Certificate::WrongName, row("wrong_name", M::Polite, works(TLS13), Tool::OpenSsl, "hostname mismatch")),
    row("dane_right", M::Polite, works(TLS13), Tool::Posttls, "Matched DANE EE"),
    row("dane_wrong", M::Polite, works(TLS13), Tool::Posttls, "no matching DANE TLSA records"),
    row("dane_ca", M::Polite, works(TLS13), Tool::Posttls, "Matched DANE TA"),
    row("no_starttls", M::NoStarttls, plain("not_offered"), Tool::Smtplib, "starttls offered: False"),
    row("starttls_454", M::AnswersStarttls(454), breaks("refused", "temp_reject"), Tool::Smtplib, "STARTTLS: 454"),
    row("starttls_501", M::AnswersStarttls(501), plain("refused"), Tool::Smtplib, "STARTTLS: 501"),
    row("stripped", M::Stripped, plain("stripped"), Tool::Smtplib, "XXXXXXXA"),
    row("injected", M::InjectsAfter220, Seen { starttls: "injected", ..works(TLS13) }, Tool::Smtplib, "behind the 220: b'250 INJECTED"),
    row("greets_421", M::Greets(421), turns_away(421, "temp_reject"), Tool::Smtplib, "greeting: 421"),
    row("greets_450", M::Greets(450), turns_away(450, "temp_reject"), Tool::Smtplib, "greeting: 450"),
    row("greets_554", M::Greets(554), turns_away(554, "blocked"), Tool::Smtplib, "greeting: 554"),
    row("closes", M::HangsUpAfterGreeting, breaks("not_attempted", "closed"), Tool::Smtplib, "SMTPServerDisconnected"),
    row("resets", M::Resets, no_greeting("reset"), Tool::Smtplib, "ConnectionResetError"),
    row("tls_alert", M::TlsAlert(40), breaks("accepted", "tls_alert"), Tool::OpenSsl, "alert handshake failure"),
    row("tls_garbage", M::StarttlsThenPlain, breaks("accepted", "protocol_error"), Tool::OpenSsl, "wrong version number"),
    row("tls_reset", M::TlsReset, breaks("accepted", "reset"), Tool::OpenSsl, "errno=104"),
    row("helo_only", M::HeloOnly, plain("not_offered"), Tool::Smtplib, "EHLO: 502"),
    row("too_large", M::EndlessBanner, no_greeting("too_large"), Tool::Smtplib, "Line too long"),
    row("many_lines", M::EndlessMultilineBanner, no_greeting("too_large"), Tool::Smtplib, "220-and one more thing"),
    row("greets_slowly", M::GreetsSlowly(SLOW), works(TLS13), Tool::Smtplib, "greeting: 220"),
    row("tarpit", M::DripsForever, no_greeting("greeting_timeout"), Tool::Smtplib, "bytes of no line"),
    row("silent", M::Silent, no_greeting("greeting_timeout"), Tool::Smtplib, "TimeoutError: timed out"),
    Manner {
        serves: Serves::Nobody,
        ..row("refused", M::Polite, no_greeting("refused"), Tool::Smtplib, "ConnectionRefusedError")
    },
    Manner {
        serves: Serves::Void,
        ..row("dead", M::Polite, no_greeting("timeout"), Tool::Smtplib, "connecting: TimeoutError")
    },
    with(Certificate::Alone, row("no_intermediate", M::Polite, works(TLS13), Tool::OpenSsl, "unable to get local issuer certificate")),
    row("classical", M::Speaks(&old_tls::CLASSICAL), works(TLS13), Tool::OpenSsl, "Verify return code: 0 (ok)"),
    row("legacy", M::Speaks(&old_tls::LEGACY), works(TLS13), Tool::OldOpenSsl, "server_version=0x302 (TLS 1.1)"),
    row("weak_suites", M::Speaks(&old_tls::WEAK_SUITES), works(TLS13), Tool::TestSsl, "Triple DES Ciphers / IDEA                     offered"),
    row("legacy_and_weak", M::Speaks(&old_tls::LEGACY_AND_WEAK), works(Some("TLS 1.2")), Tool::OldOpenSsl, "server_version=0x302 (TLS 1.1)"),
    row("rsa_only", M::Speaks(&old_tls::RSA_KEY_EXCHANGE_ONLY), works(Some("TLS 1.2")), Tool::OpenSsl, "Cipher is AES256-GCM-SHA384"),
    row("dhe_only", M::Speaks(&old_tls::DHE_ONLY), works(Some("TLS 1.2")), Tool::OldOpenSsl, "dh_p (len=128)"),
    with(Certificate::Short, row("tls10_only", M::Speaks(&old_tls::TLS10_ONLY), works(Some("TLS 1.0")), Tool::OldOpenSsl, "server_version=0x301 (TLS 1.0)")),
    row("ssl3", M::Speaks(&old_tls::SSL3), works(TLS13), Tool::SslScan, "SSLv3     enabled"),
    row("ssl2", M::Speaks(&old_tls::SSL2), works(Some("TLS 1.0")), Tool::SslScan, "SSLv2     enabled"),
    row("refuses_by_close", M::Speaks(&old_tls::REFUSES_BY_CLOSE), works(TLS13), Tool::OldOpenSsl, "unexpected eof"),
    row("refuses_by_reset", M::Speaks(&old_tls::REFUSES_BY_RESET), works(TLS13), Tool::OldOpenSsl, "errno=104"),
    row("extension_intolerant", M::Speaks(&old_tls::EXTENSION_INTOLERANT), works(Some("TLS 1.0")), Tool::OldOpenSsl, "description=handshake failure(40)"),
    row("silent_on_old_hello", M::Speaks(&old_tls::SILENT_ON_OLD_HELLO), works(TLS13), Tool::OldOpenSsl, "killed after 15 seconds"),
    row("dane_one_of_two", M::Speaks(&old_tls::SSL3), works(TLS13), Tool::Posttls, "Matched DANE EE"),
];

/// The place of a manner in the table.
///
/// # Panics
/// When the table has no such name.
pub fn place(name: &str) -> usize {
    let place = MANNERS.iter().position(|manner| manner.name == name);
    place.unwrap_or_else(|| panic!("no manner is called {name}"))
}
