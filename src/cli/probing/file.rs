//! The probe description file (RFC 9511 2.2), in the format of RFC 9116.

use super::Language;
use super::who::Who;
use crate::pace::Limits;

/// The file.
pub fn text(who: &Who, languages: &[Language]) -> String {
    let languages: Vec<_> = languages.iter().map(|language| language.code()).collect();
    format!(
        "# Who {ehlo} is, and what it asks of others (RFC 9511)\n\
         # by mailcensus\n\
         Canonical: {canonical}\n\
         Contact: {contact}\n\
         Expires: {expires}\n\
         Preferred-Languages: {languages}\n\
         Description: {description}\n",
        ehlo = who.ehlo,
        canonical = who.canonical(),
        contact = who.contact,
        expires = who.expires,
        languages = languages.join(", "),
        description = description(who),
    )
}

/// One line (RFC 9511 2.2).
fn description(who: &Who) -> String {
    let limits = Limits::default();
    format!(
        "Survey of the e-mail security of public domains, by mailcensus: at most {} SMTP connections in \
         {} minutes to a mail server, one at a time, for STARTTLS and its certificates, and requests for \
         MTA-STS policies; no mail is sent, no mailbox looked for, no login tried. How to be left alone: \
         {}",
        limits.in_window,
        limits.window.as_secs() / 60,
        who.url
    )
}
