//! Webmail: is it served by HTTPS alone, and do browsers know (RFC 6797)?

use crate::table::codes::{CheckResult, Outcome};
use crate::table::rows::Finding;
use crate::verdict::case::{Case, fail, not_applicable, pass, unknown, word};
use crate::verdict::checks::NOT_MEASURED;
use crate::verdict::web::{Port, Webmail};

/// What there is not where no host of that name has a web server.
const NO_WEBMAIL: &str = "no_webmail";

/// Passes when `http://` redirects to `https://`, or nobody is there.
pub fn webmail_https(case: &Case<'_>) -> Finding {
    let webmail = match served(case) {
        Ok(webmail) => webmail,
        Err(finding) => return finding,
    };
    match (&webmail.http, &webmail.https) {
        // Nobody there in the clear, and whether there is by HTTPS is not known.
        (Port::Closed, Port::Open(why)) => unknown(why.clone()),
        (Port::Closed, _) => pass("closed"),
        (Port::Sound(word), _) => pass(*word),
        (Port::Unsound(why), _) => fail(why.clone()),
        (Port::Open(why), _) => unknown(why.clone()),
    }
}

/// Passes when `https://` answers with Strict-Transport-Security and a max-age above zero.
pub fn webmail_hsts(case: &Case<'_>) -> Finding {
    let webmail = match served(case) {
        Ok(webmail) => webmail,
        Err(finding) => return finding,
    };
    match (&webmail.https, &webmail.http) {
        (Port::Sound(word), _) => pass(*word),
        (Port::Unsound(why), _) => fail(why.clone()),
        (Port::Open(why), _) => unknown(why.clone()),
        // Whether anybody is there at all is not known.
        (Port::Closed, Port::Open(why)) => unknown(why.clone()),
        (Port::Closed, _) => fail("no_https"),
    }
}

/// How the webmail of a domain is served; the finding where there is none, or that is not known.
fn served<'a>(case: &Case<'a>) -> Result<&'a Webmail, Finding> {
    if let Some(finding) = case.existence() {
        return Err(finding);
    }
    let search = &case.domain.client_search.webmail;
    match search.outcome {
        Outcome::Found => {}
        Outcome::Absent => return Err(not_applicable(NO_WEBMAIL)),
        Outcome::Failed => return Err(unknown(word(search.error))),
        Outcome::NotAttempted => return Err(not_asked(case)),
    }
    match case.webmail {
        None => Err(unknown(NOT_MEASURED)),
        Some(webmail) => match (&webmail.http, &webmail.https) {
            (Port::Closed, Port::Closed) => Err(not_applicable(NO_WEBMAIL)),
            _ => Ok(webmail),
        },
    }
}

/// Nobody looks for the webmail of a domain that takes no mail, or without being told to.
fn not_asked(case: &Case<'_>) -> Finding {
    match (case.mail.result, case.domain.client_search.webmail.error) {
        (CheckResult::Fail | CheckResult::NotApplicable, _) => not_applicable("no_mail"),
        (_, Some(error)) => unknown(error.as_str()),
        (_, None) => unknown(NOT_MEASURED),
    }
}
