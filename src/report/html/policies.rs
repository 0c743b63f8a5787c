//! What domains ask of others in their published policies, from the strictest to none.

use super::bar::Bar;
use super::share::Teller;
use crate::report::counts::Figures;
use crate::report::figures::Report;
use crate::table::rows::CheckId;

/// A policy and how many domains ask for what.
pub struct Policy {
    /// What it is called.
    pub name: &'static str,
    /// What it is for.
    pub says: &'static str,
    /// All domains by what they ask for.
    pub bar: Bar,
}

/// A part of a bar: its class, its name, and how many.
type Counted = (&'static str, &'static str, u64);

/// The policies that the survey measured.
pub fn policies(report: &Report, teller: Teller) -> Vec<Policy> {
    let texts = teller.lang.texts();
    let made = [
        (texts.dmarc, texts.dmarc_for, dmarc(report, teller)),
        (texts.spf, texts.spf_for, spf(report, teller)),
        (texts.mta_sts, texts.mta_sts_for, mta_sts(report, teller)),
    ];
    let made = made.into_iter().filter_map(|(name, says, counts)| {
        let counts = whole(report, teller, counts?);
        let bar = Bar::of(teller.lang, name, &counts);
        Some(Policy { name, says, bar })
    });
    made.collect()
}

/// The figures of a check; none where nothing measures who passes.
fn of(report: &Report, id: CheckId) -> Option<&Figures> {
    let is_measured = !report.not_measured.contains(&id.as_str());
    report.all.checks.get(id.as_str()).filter(|_| is_measured)
}

fn dmarc(report: &Report, teller: Teller) -> Option<Vec<Counted>> {
    let texts = teller.lang.texts();
    let record = &of(report, CheckId::Dmarc)?.tally;
    let enforced = &of(report, CheckId::DmarcEnforced)?.tally;
    let reject = &of(report, CheckId::DmarcReject)?.tally;
    Some(vec![
        ("p1", texts.dmarc_reject, reject.pass),
        (
            "p2",
            texts.dmarc_quarantine,
            enforced.pass.saturating_sub(reject.pass),
        ),
        ("p3", texts.dmarc_none, enforced.fail),
        ("fail", texts.no_record, record.fail),
        ("na", texts.not_applicable, record.not_applicable),
    ])
}

fn spf(report: &Report, teller: Teller) -> Option<Vec<Counted>> {
    let texts = teller.lang.texts();
    let record = &of(report, CheckId::Spf)?.tally;
    let restrictive = &of(report, CheckId::SpfRestrictive)?.tally;
    let hardfail = &of(report, CheckId::SpfHardfail)?.tally;
    // How a record ends is known, too, where `spf` fails or is unknown: of its includes, for instance.
    // Whom the end of the record does not concern, though the record does.
    let without = restrictive
        .not_applicable
        .saturating_sub(record.not_applicable);
    Some(vec![
        ("p1", texts.spf_hardfail, hardfail.pass),
        (
            "p2",
            texts.spf_softfail,
            restrictive.pass.saturating_sub(hardfail.pass),
        ),
        ("p3", texts.spf_open, restrictive.fail),
        ("fail", texts.no_record, without),
        ("na", texts.not_applicable, record.not_applicable),
    ])
}

fn mta_sts(report: &Report, teller: Teller) -> Option<Vec<Counted>> {
    let texts = teller.lang.texts();
    let policy = &of(report, CheckId::MtaSts)?.tally;
    let enforced = of(report, CheckId::MtaStsEnforced)?;
    let mut words = enforced.reasons.fail.iter();
    let testing = words.find(|(word, _)| *word == "testing");
    let testing = testing.map_or(0, |(_, domains)| domains);
    let enforced = &enforced.tally;
    let without = enforced
        .not_applicable
        .saturating_sub(policy.not_applicable);
    Some(vec![
        ("p1", texts.sts_enforce, enforced.pass),
        ("p2", texts.sts_testing, testing),
        (
            "p3",
            texts.sts_broken,
            enforced.fail.saturating_sub(testing),
        ),
        ("fail", texts.no_record, without),
        ("na", texts.not_applicable, policy.not_applicable),
    ])
}

/// All domains: of those that nothing is known of the policy is unknown.
fn whole(report: &Report, teller: Teller, mut counts: Vec<Counted>) -> Vec<Counted> {
    let known: u64 = counts.iter().map(|(.., domains)| domains).sum();
    let unknown = report.all.domains.saturating_sub(known);
    let last = counts.len() - 1;
    counts.insert(last, ("unknown", teller.lang.texts().unknown, unknown));
    counts
}
