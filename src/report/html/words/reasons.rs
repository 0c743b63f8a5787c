//! Why a check failed, does not apply, or could not be measured, in plain words. Reasons without
//! words are shown as they are.

use crate::report::html::lang::Both;

/// The words of a reason.
pub fn reason(word: &str) -> Option<Both> {
    let found = REASONS.iter().find(|(known, ..)| *known == word);
    found.map(|(_, en, cs)| (*en, *cs))
}

const REASONS: &[(&str, &str, &str)] = &[("no_mail", "takes no mail", "nepřijímá poštu")];
