//! What the DNS says of the domain itself.

use super::Page;
use super::facts::Facts;
use super::record::record;
use super::senders::{dkim, dmarc, spf};
use super::words::{answer, meaning, when, yes_no};
use crate::table::codes::Class;
use crate::table::rows::DomainRow;
use crate::text::count;

/// Where the words about a fact begin.
pub const BESIDE: usize = 18;

/// Name, existence, class.
pub fn head(page: &mut Page, facts: &Facts) {
    let row = &facts.domain;
    match row.domain_unicode.is_empty() || row.domain_unicode == row.domain {
        true => page.words(0, &row.domain),
        false => page.words(0, &format!("{} ({})", row.domain, row.domain_unicode)),
    }
    if let Some(stage) = facts.unfinished {
        let words =
            format!("The survey is not finished: stage {stage} is not. This is what is there.");
        page.words(0, &words);
    }
    let mut fact = |label: &str, words: &str| page.entry(2, label, BESIDE, words);
    fact("existence", row.existence.as_str());
    if let Some(verdict) = &facts.verdict {
        fact("class", &meaning(Class::CODES, verdict.class.as_str()));
        fact("non-sending", yes_no(verdict.non_sending));
    }
    if let Some(operator) = &row.mail_operator {
        fact("mail operator", operator);
    }
    let observed = format!(
        "{}, {} queries",
        when(row.observed_at),
        count(row.queries.into())
    );
    fact("observed", &observed);
    delegation(page, row);
    list(page, row);
}

fn delegation(page: &mut Page, row: &DomainRow) {
    let of = &row.delegation;
    let said = answer(
        of.outcome,
        of.denial,
        of.error,
        of.security,
        of.ede.as_ref(),
    );
    let servers = of.nameservers.join(", ");
    page.entry(2, "NS", BESIDE, said.as_str());
    page.words(BESIDE, &servers);
    if let Some(zone) = &row.zone {
        page.entry(2, "zone", BESIDE, zone);
    }
}

/// What the list says of it.
fn list(page: &mut Page, row: &DomainRow) {
    if let Some(rank) = row.rank {
        page.entry(2, "rank", BESIDE, &rank.to_string());
    }
    if let Some(stratum) = &row.stratum {
        let domains = if row.weight == 1.0 {
            "domain"
        } else {
            "domains"
        };
        let words = format!("{stratum}, stands for {} {domains}", row.weight);
        page.entry(2, "stratum", BESIDE, &words);
    }
    for (at, (tag, value)) in row.tags.iter().enumerate() {
        let label = if at == 0 { "tags" } else { "" };
        page.entry(2, label, BESIDE, &format!("{tag} = {value}"));
    }
}

/// MX records.
pub fn mx(page: &mut Page, row: &DomainRow) {
    let mx = &row.mx;
    page.gap();
    let said = answer(
        mx.outcome,
        mx.denial,
        mx.error,
        mx.security,
        mx.ede.as_ref(),
    );
    let kind = mx.kind.map_or("unknown", |kind| kind.as_str());
    page.entry(0, "MX", BESIDE, &format!("{said}; {kind}"));
    for record in &mx.records {
        page.words(BESIDE, &format!("{:>5} {}", record.preference, record.host));
    }
    if mx.truncated {
        page.words(BESIDE, "further records were left out");
    }
}

/// Records that carry policies.
pub fn policies(page: &mut Page, row: &DomainRow) {
    page.gap();
    spf(page, &row.spf);
    dmarc(page, &row.dmarc);
    dkim(page, &row.dkim);
    record(page, "MTA-STS", &row.mta_sts);
    record(page, "TLS-RPT", &row.tls_rpt);
}
