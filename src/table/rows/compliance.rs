//! `compliance`: what a profile makes of the verdicts. One folder per profile.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::table::codes::{CheckResult, Level};
use crate::table::row::Date;

crate::row! {
    /// What one point of a profile makes of one domain.
    pub struct ComplianceRow {
        /// The domain.
        pub domain: String,
        /// The last label.
        pub tld: String,
        /// `tags` of `domains`.
        pub tags: Arc<BTreeMap<String, String>>,
        /// How many domains the domain stands for; 1 without sampling.
        pub weight: f64,
        /// The authority's own number of the point.
        pub point: Arc<str>,
        /// How much the text demands it.
        pub level: Level,
        /// When the domain has to meet it, by its tags; null where nothing says so.
        pub due: Option<Date>,
        /// fail if one of the checks fails; else unknown if one is; else pass if one passes; else
        /// not_applicable. unknown, too, for a point that cannot be seen from outside.
        pub result: CheckResult,
        /// The check that decides, and its reason: `starttls: not_offered:1/2`; `not_observable` for
        /// a point that cannot be seen from outside, `sends_no_mail` for one about senders where the
        /// domain says that it sends none.
        pub reason: Cow<'static, str>,
        /// For a failed point whose text allows exceptions: whether the list of exceptions justifies
        /// it (true), or it is still to be justified (false). Else null.
        pub justified: Option<bool>,
        /// The checks that show the point.
        pub checks: Vec<PointCheck>,
        /// Version of the profile.
        pub profile_version: Arc<str>,
    }
}

crate::row! {
    /// One check of a point.
    pub struct PointCheck {
        /// Name of the check.
        pub id: Cow<'static, str>,
        /// Parameters that the profile sets, as a JSON object; the others are as usual.
        pub parameters: Arc<str>,
        /// pass, fail, not_applicable or unknown.
        pub result: CheckResult,
        /// Why, machine-readable.
        pub reason: Cow<'static, str>,
    }
}
