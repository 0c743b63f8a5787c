//! Webmail: what asking for it came to, by HTTPS and in the clear.

use serde::Deserialize;

use super::Evidence;
use crate::error::Result;
use crate::table::Store;
use crate::table::client_codes::WebAnswer;
use crate::table::codes::{ErrorCode, TcpOutcome};
use crate::table::record_codes::Fault;
use crate::table::rows::{TableName, WebAttempt, WebPort};
use crate::verdict::case::word;
use crate::verdict::web::{Port, Webmail};

const COLUMNS: [&str; 6] = [
    "domain",
    "http",
    "https",
    "hsts_count",
    "hsts_fault",
    "hsts_max_age",
];

#[derive(Deserialize)]
struct Row {
    domain: String,
    http: WebPort,
    https: WebPort,
    hsts_count: u16,
    hsts_fault: Option<Fault>,
    hsts_max_age: Option<u64>,
}

/// Which ports of somebody took a connection, over IPv4 and IPv6.
#[derive(Default)]
struct Taken {
    http: [bool; 2],
    https: [bool; 2],
}

/// Reads the table.
pub fn read(evidence: &mut Evidence, store: &Store) -> Result<()> {
    let mut taken = Taken::default();
    let mut closed = Vec::new();
    for batch in store.scan::<Row>(TableName::Webmail, &COLUMNS) {
        for row in batch? {
            for (port, taken) in [(&row.http, &mut taken.http), (&row.https, &mut taken.https)] {
                taken[is_ipv6(port)] |= port.tcp.outcome == TcpOutcome::Connected;
            }
            if [&row.http, &row.https].iter().any(|port| is_closed(port)) {
                let doubted = (is_ipv6(&row.http), is_ipv6(&row.https));
                closed.push((row.domain.clone(), doubted));
            }
            let webmail = webmail(&row);
            evidence.webmail.insert(row.domain, webmail);
        }
    }
    // Where nobody at all takes a connection to a port over IPv4, or IPv6, it is closed on our side
    // that way, and that it is says nothing.
    for (domain, (http, https)) in closed {
        if let Some(webmail) = evidence.webmail.get_mut(&domain) {
            doubt(&mut webmail.http, taken.http[http]);
            doubt(&mut webmail.https, taken.https[https]);
        }
    }
    Ok(())
}

fn is_ipv6(port: &WebPort) -> usize {
    usize::from(port.ip.as_deref().is_some_and(|ip| ip.contains(':')))
}

/// Whether somebody found it closed.
fn is_closed(port: &WebPort) -> bool {
    port.answer == WebAnswer::Closed
}

fn doubt(port: &mut Port, is_taken_elsewhere: bool) {
    if *port == Port::Closed && !is_taken_elsewhere {
        *port = Port::Open("vantage".into());
    }
}

fn webmail(row: &Row) -> Webmail {
    let hsts = || match (row.hsts_count, row.hsts_fault, row.hsts_max_age) {
        (0, ..) => "no_hsts".into(),
        (_, Some(fault), _) => format!("hsts_{fault}").into(),
        _ => "max_age_zero".into(),
    };
    let clear = || match (row.http.answer, row.http.status) {
        (WebAnswer::Redirect, _) => "redirect_not_https".into(),
        (_, status) => format!("http_{}", status.unwrap_or_default()).into(),
    };
    Webmail {
        http: port(
            &row.http,
            None,
            WebAttempt::is_https_only,
            "redirect",
            clear,
        ),
        https: port(
            &row.https,
            row.hsts_max_age,
            WebAttempt::has_hsts,
            "hsts",
            hsts,
        ),
    }
}

/// What all attempts at a port come to. A negative counts when a second attempt said it too.
fn port(
    port: &WebPort,
    hsts_max_age: Option<u64>,
    says: fn(&WebAttempt) -> Option<bool>,
    sound: &'static str,
    unsound: impl FnOnce() -> std::borrow::Cow<'static, str>,
) -> Port {
    let shown = WebAttempt {
        answer: port.answer,
        error: port.error,
        status: port.status,
        hsts_max_age,
        ..WebAttempt::default()
    };
    let answers = || port.attempts.iter().filter_map(says);
    let negatives = answers().filter(|answer| !answer).count();
    if negatives > 0 && answers().any(|answer| answer) {
        return Port::Open("inconsistent".into());
    }
    let closed = matches!(port.answer, WebAnswer::Closed | WebAnswer::NoAddress);
    if closed || port.error == Some(ErrorCode::SpecialPurpose) {
        return Port::Closed;
    }
    match (says(&shown), port.status) {
        (Some(true), _) => Port::Sound(sound),
        (Some(false), _) if negatives < 2 => Port::Open("unconfirmed".into()),
        (Some(false), _) => Port::Unsound(unsound()),
        (None, Some(status)) if port.error.is_none() => Port::Open(format!("http_{status}").into()),
        (None, _) => Port::Open(word(port.error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Said = (WebAnswer, Option<ErrorCode>, Option<u16>, Option<u64>);

    fn attempt((answer, error, status, hsts_max_age): Said) -> WebAttempt {
        WebAttempt {
            answer,
            error,
            status,
            hsts_max_age,
            ..WebAttempt::default()
        }
    }

    fn of(all: &[Said], says: fn(&WebAttempt) -> Option<bool>) -> Port {
        let (answer, error, status, hsts_max_age) = all[0];
        let shown = WebPort {
            answer,
            error,
            status,
            attempts: match all {
                [_] => Vec::new(),
                all => all.iter().map(|said| attempt(*said)).collect(),
            },
            ..WebPort::default()
        };
        port(&shown, hsts_max_age, says, "yes", || "no".into())
    }

    const PAGE: Said = (WebAnswer::Page, None, Some(200), None);
    const MOVED: Said = (WebAnswer::ToHttps, None, Some(301), None);
    const HSTS: Said = (WebAnswer::Page, None, Some(200), Some(1));
    const UNWELL: Said = (WebAnswer::Page, None, Some(503), None);
    const REFUSED: Said = (WebAnswer::Closed, Some(ErrorCode::Refused), None, None);
    const LATE: Said = (WebAnswer::Failed, Some(ErrorCode::Timeout), None, None);

    fn open(why: &'static str) -> Port {
        Port::Open(why.into())
    }

    #[test]
    fn in_the_clear_a_page_counts_that_came_twice() {
        let of = |all: &[Said]| of(all, WebAttempt::is_https_only);
        let no = || Port::Unsound("no".into());
        assert_eq!(of(&[MOVED]), Port::Sound("yes"));
        assert_eq!(of(&[REFUSED]), Port::Closed);
        assert_eq!(of(&[PAGE]), open("unconfirmed"));
        assert_eq!(of(&[PAGE, PAGE]), no());
        assert_eq!(of(&[PAGE, LATE, PAGE]), no());
        assert_eq!(of(&[PAGE, MOVED]), open("inconsistent"));
        assert_eq!(of(&[PAGE, REFUSED]), open("inconsistent"));
        assert_eq!(of(&[MOVED, LATE]), Port::Sound("yes"));
        let elsewhere = (WebAnswer::Redirect, None, Some(302), None);
        assert_eq!(of(&[elsewhere, elsewhere]), no());
    }

    #[test]
    fn what_says_nothing_is_unknown_however_often() {
        for says in [WebAttempt::is_https_only, WebAttempt::has_hsts] {
            assert_eq!(of(&[LATE, LATE], says), open("timeout"));
            assert_eq!(of(&[UNWELL, UNWELL], says), open("http_503"));
            let excluded = (
                WebAnswer::NotAttempted,
                Some(ErrorCode::Excluded),
                None,
                None,
            );
            assert_eq!(of(&[excluded], says), open("excluded"));
            let nowhere = (WebAnswer::NoAddress, None, None, None);
            assert_eq!(of(&[nowhere], says), Port::Closed);
        }
    }

    #[test]
    fn hsts_counts_at_once_and_its_absence_when_seen_twice() {
        let of = |all: &[Said]| of(all, WebAttempt::has_hsts);
        assert_eq!(of(&[HSTS]), Port::Sound("yes"));
        assert_eq!(of(&[PAGE]), open("unconfirmed"));
        assert_eq!(of(&[PAGE, PAGE]), Port::Unsound("no".into()));
        assert_eq!(of(&[PAGE, HSTS]), open("inconsistent"));
        let zero = (WebAnswer::Page, None, Some(200), Some(0));
        assert_eq!(of(&[zero, zero]), Port::Unsound("no".into()));
        assert_eq!(of(&[REFUSED, REFUSED]), Port::Closed);
    }
}
