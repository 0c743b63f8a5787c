//! What a check can come to, and how results of parts make one of the whole.

/// A result; of several parts the heaviest one decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    NotApplicable,
    Pass,
    Unknown,
    Fail,
}

impl Word {
    const ALL: [Self; 4] = [Self::NotApplicable, Self::Pass, Self::Unknown, Self::Fail];

    /// As it stands in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not_applicable",
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }
}

/// The results that a right survey can come to: what the servers do, and what somebody says who
/// cannot tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Results {
    first: Word,
    /// A bit for each word.
    may: u8,
}

pub const NOT_APPLICABLE: Results = Results::only(Word::NotApplicable);
pub const PASS: Results = Results::only(Word::Pass);
pub const UNKNOWN: Results = Results::only(Word::Unknown);
pub const FAIL: Results = Results::only(Word::Fail);

impl Results {
    const fn only(word: Word) -> Self {
        Self {
            first: word,
            may: 1 << word as u8,
        }
    }

    /// The same, where somebody may not be able to tell.
    pub const fn or_unknown(self) -> Self {
        Self {
            may: self.may | UNKNOWN.may,
            ..self
        }
    }

    /// What two make of each other, whatever each of them is.
    pub fn with(self, other: Self, made: impl Fn(Word, Word) -> Word) -> Self {
        let mut both = Self::only(made(self.first, other.first));
        for one in self.words() {
            for two in other.words() {
                both.may |= Self::only(made(one, two)).may;
            }
        }
        both
    }

    /// The first one, then the others.
    pub fn words(self) -> impl Iterator<Item = Word> {
        let others = Word::ALL
            .into_iter()
            .filter(move |word| *word != self.first && self.may & 1 << *word as u8 != 0);
        [self.first].into_iter().chain(others)
    }
}

/// All of them: one fail makes a fail, else one unknown an unknown, else one pass a pass.
pub fn every(parts: impl IntoIterator<Item = Results>) -> Results {
    parts
        .into_iter()
        .fold(NOT_APPLICABLE, |all, part| all.with(part, Word::max))
}

/// A pass or a fail.
pub fn told(is_so: bool) -> Results {
    if is_so { PASS } else { FAIL }
}
