//! What to do about the result of a check, in one sentence: `data/advice.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::table::codes::CheckResult;
use crate::table::rows::CheckId;

/// The text.
const TEXT: &str = include_str!("../../data/advice.toml");
/// What is to be done for whatever reason.
const USUAL: &str = "usual";

/// Sentences by the word of a reason.
type Sentences = BTreeMap<String, String>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advice {
    unknown: Sentences,
    fail: BTreeMap<String, Sentences>,
}

/// None of it where the file cannot be read, which a test rules out.
static ADVICE: LazyLock<Advice> = LazyLock::new(|| toml::from_str(TEXT).unwrap_or_default());

/// What to do about a result; none where nothing has to be done.
pub fn advice(check: CheckId, result: CheckResult, reason: &str) -> Option<&'static str> {
    let advice = &*ADVICE;
    match result {
        CheckResult::Fail => sentence(advice.fail.get(check.as_str())?, reason),
        CheckResult::Unknown => sentence(&advice.unknown, reason),
        CheckResult::Pass | CheckResult::NotApplicable => None,
    }
}

/// The sentence for the word of a reason, for what it begins with, or the usual one.
fn sentence<'a>(of: &'a Sentences, reason: &str) -> Option<&'a str> {
    let word = reason.split(':').next().unwrap_or_default();
    let begins = |key: &String| {
        let stem = key.strip_suffix('*');
        stem.is_some_and(|stem| word.starts_with(stem))
    };
    let by_beginning = || of.iter().find(|(key, _)| begins(key)).map(|(_, text)| text);
    let found = of.get(word).or_else(by_beginning).or_else(|| of.get(USUAL));
    found.map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read() -> Advice {
        toml::from_str(TEXT).expect("TOML")
    }

    #[test]
    fn every_check_has_advice_and_no_other() {
        let advice = read();
        let known: Vec<_> = CheckId::ALL.iter().map(|check| check.as_str()).collect();
        for check in &known {
            let usual = advice.fail.get(*check).and_then(|of| of.get(USUAL));
            assert!(usual.is_some(), "{check}: no usual advice");
        }
        for check in advice.fail.keys() {
            assert!(known.contains(&check.as_str()), "{check}: no such check");
        }
        assert!(advice.unknown.contains_key(USUAL));
    }

    #[test]
    fn advice_is_one_sentence_that_fits_on_a_page() {
        let advice = read();
        for (key, text) in advice.fail.values().flatten().chain(&advice.unknown) {
            assert!(text.ends_with('.'), "{key}: {text}");
            assert!(!text.contains(". "), "{key}: two sentences: {text}");
            assert!(text.chars().count() <= 160, "{key}: {text}");
            assert!(!text.chars().any(char::is_control), "{key}: {text:?}");
        }
    }

    #[test]
    fn the_reason_chooses_the_sentence() {
        use CheckResult::{Fail, NotApplicable, Pass, Unknown};
        let of = |reason| advice(CheckId::MtaSts, Fail, reason).unwrap_or_default();
        assert!(of("no_record").starts_with("Publish an MTA-STS record"));
        assert!(of("cert_self_signed").contains("certificate"));
        assert!(of("http_404").contains("status 200"));
        assert_eq!(of("something else"), of(""));
        let starttls = |result, reason| advice(CheckId::Starttls, result, reason);
        assert!(starttls(Unknown, "unconfirmed:1/1").is_some_and(|text| text.contains("--wait")));
        assert!(starttls(Fail, "not_offered:1/2").is_some_and(|text| text.contains("Turn on")));
        assert_eq!(starttls(Pass, "starttls:1/1"), None);
        assert_eq!(starttls(NotApplicable, "no_mail"), None);
    }
}
