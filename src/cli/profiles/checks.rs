//! The checks that points are made of.

use serde_json::{Map, Value, json};

use super::Page;
use crate::table::rows::CheckId;
use crate::verdict::Parameters;

/// Every check, in the order of the columns of `verdicts`.
pub fn page() -> Page {
    let mut page = Page::default();
    page.words(
        0,
        "The checks, in the order of the columns of `verdicts`, with the parameters that a profile may \
         set and what `verdicts` uses:",
    );
    page.gap();
    for check in CheckId::ALL {
        page.entry(0, check.as_str(), 22, check.doc());
        for (name, value) in Parameters::usual_values(*check) {
            page.words(22, &format!("{name} = {value}"));
        }
    }
    page
}

/// The same for programs.
pub fn json() -> Value {
    let check = |check: &CheckId| {
        let usual = Parameters::usual_values(*check).into_iter();
        let usual: Map<_, _> = usual
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        json!({
            "id": check.as_str(),
            "doc": check.doc(),
            "informational": check.is_informational(),
            "parameters": usual,
        })
    };
    json!({ "checks": CheckId::ALL.iter().map(check).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_there_with_its_parameters() {
        let text = page().into_text();
        let json = json();
        for (at, check) in CheckId::ALL.iter().enumerate() {
            assert!(text.contains(&format!("\n{check} ")), "{check}");
            assert_eq!(json["checks"][at]["id"], check.as_str());
        }
        assert!(text.contains("ruleset = \"9989\""), "{text}");
        assert!(text.contains("algorithms = [8,10,13,14,15,16]"), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
        let rollover = json["checks"].as_array().expect("a list").iter();
        let informational = rollover.filter(|check| check["informational"] == true);
        assert_eq!(informational.count(), 3);
    }
}
