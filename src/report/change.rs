//! What became of a check between two surveys of a domain.
//!
//! A check that cannot be measured says nothing of the domain: whatever becomes unknown is neither
//! lost nor gained.

use serde::Serialize;

use crate::table::codes::CheckResult;

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It failed and passes.
    Adopted,
    /// It passed and fails.
    Regressed,
    /// It was known and is not.
    BecameUnknown,
    /// It was not known and is.
    BecameKnown,
    /// It did not concern the domain and does.
    BecameApplicable,
    /// It concerned the domain and does not.
    BecameNotApplicable,
    /// The result is the same, whatever the reason.
    Unchanged,
}

impl Change {
    /// What became of a result.
    pub fn of(before: CheckResult, after: CheckResult) -> Self {
        use CheckResult::{Fail, NotApplicable, Pass, Unknown};
        match (before, after) {
            _ if before == after => Self::Unchanged,
            (_, Unknown) => Self::BecameUnknown,
            (Unknown, _) => Self::BecameKnown,
            (_, NotApplicable) => Self::BecameNotApplicable,
            (NotApplicable, _) => Self::BecameApplicable,
            (Fail, _) => Self::Adopted,
            (Pass, _) => Self::Regressed,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adopted => "adopted",
            Self::Regressed => "regressed",
            Self::BecameUnknown => "became_unknown",
            Self::BecameKnown => "became_known",
            Self::BecameApplicable => "became_applicable",
            Self::BecameNotApplicable => "became_not_applicable",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Domains by what became of a check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// fail → pass.
    pub adopted: u64,
    /// pass → fail.
    pub regressed: u64,
    /// pass, fail or not_applicable → unknown.
    pub became_unknown: u64,
    /// unknown → pass, fail or not_applicable.
    pub became_known: u64,
    /// not_applicable → pass or fail.
    pub became_applicable: u64,
    /// pass or fail → not_applicable.
    pub became_not_applicable: u64,
    /// The same result.
    pub unchanged: u64,
}

impl Changes {
    /// Counts a domain.
    pub fn add(&mut self, change: Change) {
        let count = match change {
            Change::Adopted => &mut self.adopted,
            Change::Regressed => &mut self.regressed,
            Change::BecameUnknown => &mut self.became_unknown,
            Change::BecameKnown => &mut self.became_known,
            Change::BecameApplicable => &mut self.became_applicable,
            Change::BecameNotApplicable => &mut self.became_not_applicable,
            Change::Unchanged => &mut self.unchanged,
        };
        *count += 1;
    }

    /// The counts in the order of the columns.
    pub fn counts(&self) -> [u64; 7] {
        [
            self.adopted,
            self.regressed,
            self.became_unknown,
            self.became_known,
            self.became_applicable,
            self.became_not_applicable,
            self.unchanged,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_results_has_one_name() {
        use CheckResult::{Fail, NotApplicable, Pass, Unknown};
        let table = [
            (Pass, Pass, "unchanged"),
            (Pass, Fail, "regressed"),
            (Pass, NotApplicable, "became_not_applicable"),
            (Pass, Unknown, "became_unknown"),
            (Fail, Pass, "adopted"),
            (Fail, Fail, "unchanged"),
            (Fail, NotApplicable, "became_not_applicable"),
            (Fail, Unknown, "became_unknown"),
            (NotApplicable, Pass, "became_applicable"),
            (NotApplicable, Fail, "became_applicable"),
            (NotApplicable, NotApplicable, "unchanged"),
            (NotApplicable, Unknown, "became_unknown"),
            (Unknown, Pass, "became_known"),
            (Unknown, Fail, "became_known"),
            (Unknown, NotApplicable, "became_known"),
            (Unknown, Unknown, "unchanged"),
        ];
        let mut changes = Changes::default();
        for (before, after, name) in table {
            let change = Change::of(before, after);
            assert_eq!(change.as_str(), name, "{before} {after}");
            changes.add(change);
        }
        assert_eq!(changes.counts(), [1, 1, 3, 3, 2, 2, 4]);
    }
}
