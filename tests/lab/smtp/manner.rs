//! The ways of mail servers: [`Manner`].

use std::time::Duration;

use super::super::old_tls::Repertoire;

/// How a server behaves. What is not said is done as [`Manner::Polite`] does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Greets, offers STARTTLS, speaks TLS 1.3, says goodbye.
    Polite,
    /// Greets after a while.
    GreetsSlowly(Duration),
    /// Accepts the connection and says nothing.
    Silent,
    /// Sends one byte of a line that never ends every 20 ms.
    DripsForever,
    /// Closes instead of greeting.
    HangsUp,
    /// Closes in the middle of the greeting.
    HangsUpInGreeting,
    /// Greets and closes instead of answering EHLO.
    HangsUpAfterGreeting,
    /// Resets the connection instead of greeting.
    Resets,
    /// Sends one line without an end, as fast as it is read.
    EndlessBanner,
    /// Sends lines of a greeting without an end, as fast as they are read.
    EndlessMultilineBanner,
    /// Greets with a line of 600 bytes.
    LongLine,
    /// Greets with this code.
    Greets(u16),
    /// Greets with bytes that act on terminals.
    BinaryBanner,
    /// Speaks SSH.
    NotSmtp,
    /// Greets with two codes in one reply.
    MixedCodes,
    /// Answers EHLO with this code.
    AnswersEhlo(u16),
    /// Knows HELO only (RFC 821).
    HeloOnly,
    /// Greets and never answers EHLO.
    SilentAfterGreeting,
    /// Answers EHLO with lines without an end, as fast as they are read.
    EndlessEhlo,
    /// Has no STARTTLS.
    NoStarttls,
    /// Sits behind a box that overwrites STARTTLS.
    Stripped,
    /// Writes its extensions in lower case.
    LowerCase,
    /// Answers STARTTLS with this code.
    AnswersStarttls(u16),
    /// Closes instead of answering STARTTLS.
    HangsUpOnStarttls,
    /// Never answers STARTTLS.
    SilentOnStarttls,
    /// Answers STARTTLS with 220 and goes on in clear text.
    StarttlsThenPlain,
    /// Sends more clear text in the same segment as the 220, then shakes hands.
    InjectsAfter220,
    /// Answers STARTTLS with 220 and says nothing more.
    StarttlsThenSilence,
    /// Answers the ClientHello with the alert of this number.
    TlsAlert(u8),
    /// Resets the connection once it has the ClientHello.
    TlsReset,
    /// Closes the connection once it has the ClientHello.
    TlsHangsUp,
    /// Has this repertoire of versions, suites and certificates.
    Speaks(&'static Repertoire),
    /// Has another server behind it that does the TLS.
    Forwards(std::net::SocketAddr),
    /// Speaks no TLS newer than 1.2.
    Tls12Only,
    /// Sends this many certificates.
    HugeChain(usize),
    /// Completes the handshake and says nothing more.
    HandshakeThenSilence,
    /// Completes the handshake and closes.
    HandshakeThenHangsUp,
    /// Never answers QUIT.
    SilentOnQuit,
}
