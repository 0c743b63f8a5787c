//! Facts as words.

use crate::cli::json::moment;
use crate::table::codes::{Denial, ErrorCode, Outcome, Security};
use crate::table::row::{Code, Moment};
use crate::table::rows::{Asked, Ede};

/// What became of a question.
pub fn answer(
    outcome: Outcome,
    denial: Option<Denial>,
    error: Option<ErrorCode>,
    security: Security,
    ede: Option<&Ede>,
) -> String {
    let mut parts = vec![outcome.to_string()];
    if let Some(denial) = denial {
        parts.push(denial.to_string());
    }
    if let Some(error) = error {
        parts.push(error.to_string());
    }
    if matches!(outcome, Outcome::Found | Outcome::Absent) {
        parts.push(security.to_string());
    }
    if let Some(ede) = ede {
        let text = ede.text.as_deref().unwrap_or_default();
        parts.push(format!("EDE {} {text}", ede.code).trim_end().to_owned());
    }
    parts.join(", ")
}

/// What became of one question.
pub fn question(asked: &Asked) -> String {
    answer(
        asked.outcome,
        asked.denial,
        asked.error,
        asked.security,
        asked.ede.as_ref(),
    )
}

/// A moment for people.
pub fn when(at: Moment) -> String {
    match moment(at).as_deref().and_then(|text| text.get(..19)) {
        Some(text) if at != Moment::default() => format!("{} UTC", text.replace('T', " ")),
        _ => "-".to_owned(),
    }
}

/// The day of a moment, for people.
pub fn day(at: Moment) -> String {
    when(at).chars().take(10).collect()
}

/// The beginning of a long text.
pub fn cut(text: &str, letters: usize) -> String {
    let mut start: String = text.chars().take(letters).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

/// Something that may not be known.
pub fn or_dash<T: ToString>(of: Option<T>) -> String {
    of.map_or("-".to_owned(), |of| of.to_string())
}

/// A word of a closed vocabulary with what it means.
pub fn meaning(codes: &[Code], word: &str) -> String {
    let known = codes.iter().find(|code| code.word == word);
    format!("{word}: {}", known.map_or("", |code| code.meaning))
}

/// Yes, no, or nobody knows.
pub fn yes_no(of: Option<bool>) -> &'static str {
    match of {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_how_it_is_known() {
        use Security::{Insecure, NotChecked, Secure};
        let found = answer(Outcome::Found, None, None, Secure, None);
        assert_eq!(found, "found, secure");
        let none = answer(
            Outcome::Absent,
            Some(Denial::Nxdomain),
            None,
            Insecure,
            None,
        );
        assert_eq!(none, "absent, nxdomain, insecure");
        let ede = Ede {
            code: 22,
            text: Some("no servers".to_owned()),
        };
        let error = Some(ErrorCode::Servfail);
        let failed = answer(Outcome::Failed, None, error, NotChecked, Some(&ede));
        assert_eq!(failed, "failed, servfail, EDE 22 no servers");
    }

    #[test]
    fn a_moment_is_told_to_the_second() {
        assert_eq!(
            when(Moment(1_700_000_000_500_000)),
            "2023-11-14 22:13:20 UTC"
        );
        assert_eq!(when(Moment::default()), "-");
        assert_eq!(when(Moment(i64::MAX)), "-");
    }
}
