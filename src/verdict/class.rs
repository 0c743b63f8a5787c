//! What kind of domain it is: every domain is in one class.

use super::case::Case;
use crate::table::codes::{CheckResult, Class, Existence, MxKind};

/// The class of a domain.
pub fn class(case: &Case<'_>) -> Class {
    match case.domain.existence {
        Existence::Nxdomain => return Class::Nonexistent,
        Existence::Undelegated => return Class::Undelegated,
        Existence::Failed => return Class::Unknown,
        Existence::Exists => {}
    }
    match (case.domain.mx.kind, case.mail.result) {
        (None, _) | (Some(MxKind::Explicit), CheckResult::Unknown) => Class::Unknown,
        (Some(MxKind::Null), _) => Class::NullMx,
        (Some(MxKind::None), _) => Class::NoMail,
        (Some(MxKind::Explicit), CheckResult::Pass) => Class::ExplicitMx,
        (Some(MxKind::Explicit), _) => Class::MxUnusable,
        (Some(MxKind::Implicit), CheckResult::Pass) => Class::ImplicitMx,
        (Some(MxKind::Implicit), CheckResult::Unknown) => Class::ImplicitUnknown,
        (Some(MxKind::Implicit), _) => Class::WebOnly,
    }
}
