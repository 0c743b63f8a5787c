//! Whether mail clients may log in before TLS, by what they are told: [`before_tls`].

use super::imap::Status;
use super::pop3;
use crate::table::codes::Protocol;
use crate::table::rows::Ehlo;

/// Whether the clear-text port of a protocol lets clients log in before TLS, by its greeting and its
/// capabilities in clear text. None where TLS begins with the first byte, where nobody logs in, and
/// where there is no list of capabilities.
pub fn before_tls(protocol: Protocol, greeting: Option<&str>, capabilities: &Ehlo) -> Option<bool> {
    let greeting = greeting.unwrap_or_default();
    let list = &capabilities.capabilities;
    let is_there = match (capabilities.code, capabilities.error) {
        (_, Some(_)) => None,
        (None, None) if list.is_empty() => None,
        (None | Some(250), None) => Some(()),
        // A server that knows no EHLO knows no extensions (RFC 5321 3.2).
        (Some(500 | 502), None) => Some(()),
        (Some(_), None) => None,
    };
    match protocol {
        Protocol::Submission => is_there.map(|()| list.iter().any(|line| is_auth(line))),
        Protocol::Imap if is_preauth(greeting) => Some(true),
        Protocol::Imap => is_there.map(|()| {
            let is_disabled = list.iter().any(|word| word == "LOGINDISABLED");
            !is_disabled || list.iter().any(|word| word.starts_with("AUTH="))
        }),
        Protocol::Pop3 if pop3::has_apop(greeting) => Some(true),
        Protocol::Pop3 => is_there.map(|()| list.iter().any(|line| is_user_or_sasl(line))),
        Protocol::Smtp | Protocol::Submissions | Protocol::Imaps | Protocol::Pop3s => None,
    }
}

/// `AUTH PLAIN`, and as servers write it for clients older than the standard, `AUTH=PLAIN`.
fn is_auth(line: &str) -> bool {
    let keyword = line.split(' ').next().unwrap_or_default();
    keyword == "AUTH" || keyword.starts_with("AUTH=")
}

fn is_preauth(greeting: &str) -> bool {
    let word = greeting.split(' ').next().unwrap_or_default();
    word.eq_ignore_ascii_case(Status::PREAUTH)
}

/// `SASL` without a mechanism says that there is none now.
fn is_user_or_sasl(line: &str) -> bool {
    line == "USER" || line.split_once(' ').is_some_and(|(tag, _)| tag == "SASL")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::codes::ErrorCode;

    fn of(protocol: Protocol, greeting: &str, list: &[&str]) -> Option<bool> {
        let ehlo = Ehlo {
            capabilities: list.iter().map(|line| (*line).to_owned()).collect(),
            ..Ehlo::default()
        };
        before_tls(protocol, Some(greeting), &ehlo)
    }

    #[test]
    fn imap_wants_logindisabled_and_no_mechanism() {
        let of = |greeting: &str, list: &[&str]| of(Protocol::Imap, greeting, list);
        let ok = "OK ready";
        assert_eq!(
            of(ok, &["IMAP4REV1", "STARTTLS", "LOGINDISABLED"]),
            Some(false)
        );
        assert_eq!(of(ok, &["IMAP4REV1", "STARTTLS"]), Some(true));
        assert_eq!(of(ok, &["LOGINDISABLED", "AUTH=CRAM-MD5"]), Some(true));
        assert_eq!(of(ok, &[]), None);
        assert_eq!(of("PREAUTH hello", &["LOGINDISABLED"]), Some(true));
    }

    #[test]
    fn pop3_wants_no_user_no_mechanism_and_no_apop() {
        let of = |greeting: &str, list: &[&str]| of(Protocol::Pop3, greeting, list);
        let ok = "+OK ready";
        assert_eq!(of(ok, &["CAPA", "STLS", "SASL"]), Some(false));
        assert_eq!(of(ok, &["SASL PLAIN"]), Some(true));
        assert_eq!(of(ok, &["UIDL", "USER"]), Some(true));
        assert_eq!(of("+OK <1.2@mail>", &["UIDL"]), Some(true));
        assert_eq!(of(ok, &[]), None);
    }

    #[test]
    fn submission_wants_no_auth() {
        let of = |code, list: &[&str]| {
            let ehlo = Ehlo {
                code,
                capabilities: list.iter().map(|line| (*line).to_owned()).collect(),
                error: code.is_none().then_some(ErrorCode::Timeout),
            };
            before_tls(Protocol::Submission, None, &ehlo)
        };
        assert_eq!(of(Some(250), &["STARTTLS"]), Some(false));
        assert_eq!(of(Some(250), &[]), Some(false));
        assert_eq!(of(Some(250), &["AUTH LOGIN PLAIN"]), Some(true));
        assert_eq!(of(Some(250), &["AUTH=LOGIN"]), Some(true));
        assert_eq!(of(Some(502), &[]), Some(false));
        assert_eq!(of(Some(421), &[]), None);
        assert_eq!(of(None, &[]), None);
    }

    #[test]
    fn other_ports_are_not_asked() {
        for protocol in [Protocol::Smtp, Protocol::Imaps, Protocol::Pop3s] {
            assert_eq!(of(protocol, "", &["AUTH", "USER"]), None);
        }
    }
}
