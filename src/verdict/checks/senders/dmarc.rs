//! DMARC, by the rules that a profile names: the tree walk of RFC 9989, or RFC 7489 with its public
//! suffix list and `pct`.

use super::{Asked, NOT_MEASURED, Record};
use crate::table::codes::{CheckResult, ErrorCode, Outcome};
use crate::table::record_codes::{DmarcPolicy, Inherited, ReportScheme};
use crate::table::rows::Finding;
use crate::verdict::case::{Case, fail, not_applicable, pass, unknown, word};
use crate::verdict::facts::{Domain, ReportTarget};
use crate::verdict::parameters::{Parameters, Ruleset};

/// The record that applies, by one of the rules.
pub struct Applied<'a> {
    asked: Asked,
    inherited: Inherited,
    p: Option<DmarcPolicy>,
    sp: Option<DmarcPolicy>,
    np: Option<DmarcPolicy>,
    effective: Option<DmarcPolicy>,
    targets: &'a [ReportTarget],
}

impl<'a> Applied<'a> {
    /// What applies to a domain.
    pub fn to(domain: &'a Domain, ruleset: Ruleset) -> Self {
        match ruleset {
            Ruleset::Rfc9989 => Self::by_walk(domain),
            Ruleset::Rfc7489 => Self::by_suffix(domain),
        }
    }

    fn by_walk(domain: &'a Domain) -> Self {
        let dmarc = &domain.dmarc;
        Self {
            asked: Asked {
                outcome: dmarc.outcome,
                error: dmarc.error,
                count: dmarc.count,
                valid: dmarc.valid,
                fault: dmarc.fault,
            },
            inherited: dmarc.inherited.unwrap_or(Inherited::Own),
            p: dmarc.p,
            sp: dmarc.sp,
            np: dmarc.np,
            effective: dmarc.effective_policy,
            targets: &dmarc.rua_targets,
        }
    }

    fn by_suffix(domain: &'a Domain) -> Self {
        let dmarc = &domain.dmarc;
        let found_at = dmarc.found_at_7489.as_deref();
        Self {
            asked: Asked {
                outcome: dmarc.outcome_7489,
                error: dmarc.error_7489,
                count: dmarc.count_7489,
                valid: dmarc.valid_7489,
                fault: dmarc.fault_7489,
            },
            inherited: match found_at.is_none_or(|name| name == domain.domain) {
                true => Inherited::Own,
                false => Inherited::Org,
            },
            p: dmarc.p_7489,
            sp: dmarc.sp_7489,
            // A tag of RFC 9989.
            np: None,
            effective: dmarc.effective_policy_7489,
            targets: &dmarc.rua_targets_7489,
        }
    }

    /// What is asked for mail of this very name.
    pub fn effective(&self) -> Option<DmarcPolicy> {
        self.effective
    }

    /// What the record asks for mail of subdomains.
    pub fn of_subdomains(&self) -> Option<DmarcPolicy> {
        self.sp.or(self.p)
    }

    /// What the record asks for mail of names that do not exist.
    fn of_strangers(&self) -> Option<DmarcPolicy> {
        self.np.or(self.of_subdomains())
    }

    /// Whether reports are asked for, wherever they go.
    pub fn wants_reports(&self) -> bool {
        !self.targets.is_empty()
    }
}

/// Passes when exactly one DMARC record applies and can be used; the reason says whose it is.
pub fn dmarc(case: &Case<'_>, parameters: &Parameters) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    let applied = Applied::to(case.domain, parameters.ruleset);
    match applied.asked.record() {
        Record::Usable => pass(applied.inherited.as_str()),
        Record::Unusable(why) => fail(why),
        Record::Open(why) => unknown(why),
    }
}

/// Passes when mail of this name that fails is at least to be quarantined.
pub fn dmarc_enforced(case: &Case<'_>, parameters: &Parameters) -> Finding {
    behind(case, parameters, |applied| {
        at_least(applied, DmarcPolicy::Quarantine)
    })
}

/// Passes when mail of this name that fails is to be rejected.
pub fn dmarc_reject(case: &Case<'_>, parameters: &Parameters) -> Finding {
    behind(case, parameters, |applied| {
        at_least(applied, DmarcPolicy::Reject)
    })
}

/// Passes when the policy is for all mail: no `pct` below 100 (RFC 7489 6.3), no `t=y` (RFC 9989 4.7).
pub fn dmarc_sampling(case: &Case<'_>, parameters: &Parameters) -> Finding {
    let dmarc = &case.domain.dmarc;
    behind(case, parameters, |_| match parameters.ruleset {
        Ruleset::Rfc9989 if dmarc.t == Some(true) => fail("testing"),
        Ruleset::Rfc9989 => pass("all_mail"),
        Ruleset::Rfc7489 => match dmarc.pct_7489 {
            Some(pct @ ..100) => fail(format!("pct:{pct}/100")),
            Some(_) => pass("all_mail"),
            None => unknown(NOT_MEASURED),
        },
    })
}

/// Passes when subdomains, and names that do not exist, are protected as the domain is (RFC 9989 4.7).
pub fn dmarc_subdomains(case: &Case<'_>, parameters: &Parameters) -> Finding {
    behind(case, parameters, |applied| {
        let weaker = |policy: Option<DmarcPolicy>| policy < applied.p;
        if weaker(applied.of_subdomains()) {
            fail("sp")
        } else if weaker(applied.of_strangers()) {
            fail("np")
        } else {
            pass("as_strict")
        }
    })
}

/// Passes when somebody who wants aggregate reports gets them by mail: inside the organisational
/// domain, or where the target authorises them (RFC 9990 4).
pub fn dmarc_reports(case: &Case<'_>, parameters: &Parameters) -> Finding {
    behind(case, parameters, |applied| {
        let targets = applied.targets.iter();
        let mut by_mail = targets
            .filter(|target| target.scheme == ReportScheme::Mailto)
            .peekable();
        if by_mail.peek().is_none() {
            return fail(without_mail(applied.targets));
        }
        let mut open = None;
        for target in by_mail {
            match (target.external, target.authorised) {
                (false, _) => return pass("inside"),
                (true, Outcome::Found) => return pass("authorised"),
                (true, Outcome::Absent) => {}
                (true, Outcome::Failed | Outcome::NotAttempted) => open = Some(target.error),
            }
        }
        open.map_or_else(|| fail("not_authorised"), open_target)
    })
}

fn open_target(error: Option<ErrorCode>) -> Finding {
    unknown(word(error))
}

fn without_mail(targets: &[ReportTarget]) -> &'static str {
    match targets {
        [] => "no_rua",
        all if all.iter().all(|one| one.scheme == ReportScheme::Https) => "https_only",
        _ => "no_mailto",
    }
}

fn at_least(applied: &Applied<'_>, wanted: DmarcPolicy) -> Finding {
    match applied.effective {
        Some(policy) if policy >= wanted => pass(policy.as_str()),
        Some(policy) => fail(policy.as_str()),
        None => unknown(NOT_MEASURED),
    }
}

/// A check of what the record says.
fn behind(
    case: &Case<'_>,
    parameters: &Parameters,
    judge: impl FnOnce(&Applied<'_>) -> Finding,
) -> Finding {
    let there = dmarc(case, parameters);
    match there.result {
        CheckResult::Pass => judge(&Applied::to(case.domain, parameters.ruleset)),
        CheckResult::Fail => not_applicable("no_dmarc"),
        CheckResult::NotApplicable | CheckResult::Unknown => there,
    }
}
