//! Which record applies to a domain: a second reading of RFC 9989 4.10 and of RFC 7489 6.6.3.

use super::record::Dmarc;

/// What stands at `_dmarc` of a name.
#[derive(Debug, Clone, Default)]
pub struct Step {
    pub name: String,
    /// The records of the kind.
    pub records: Vec<Dmarc>,
}

/// What comes of it.
#[derive(Debug, Clone, Default)]
pub struct Applies {
    /// The record that applies, and where it stands.
    pub record: Option<(Dmarc, String)>,
    /// own, org, psd.
    pub inherited: Option<&'static str>,
    /// How many stand there; without one that applies, how many stand where it should.
    pub count: u16,
    pub org_domain: Option<String>,
    /// Words for why none can be used though some are there.
    pub fault: &'static [&'static str],
}

impl Step {
    /// The one record that counts: several are all discarded (RFC 9989 4.10), and with a tag that is
    /// there twice it is no list of tags (RFC 6376 3.2).
    fn only(&self) -> Option<&Dmarc> {
        match self.records.as_slice() {
            [one] if one.fault != ["duplicate"] => Some(one),
            _ => None,
        }
    }
}

impl Applies {
    /// The record, where it can be used.
    pub fn usable(&self) -> Option<&Dmarc> {
        let record = self.record.as_ref().map(|(record, _)| record);
        record.filter(|_| self.fault.is_empty())
    }

    /// Whether it is the domain's own.
    pub fn is_own(&self) -> bool {
        self.inherited == Some("own")
    }

    fn of(step: &Step, inherited: &'static str) -> Self {
        let record = step.records[0].clone();
        Self {
            fault: record.fault,
            record: Some((record, step.name.clone())),
            inherited: Some(inherited),
            count: 1,
            org_domain: None,
        }
    }

    fn none(step: &Step) -> Self {
        let several: &[&str] = &["several_records"];
        Self {
            count: step.records.len() as u16,
            fault: match step.records.as_slice() {
                [] => &[],
                [one] => one.fault,
                _ => several,
            },
            ..Self::default()
        }
    }
}

/// By the tree walk: the domain first, then what is above it.
pub fn by_walk(steps: &[Step]) -> Applies {
    let ends = |step: &Step, word| step.only().is_some_and(|one| one.psd == Some(word));
    // It ends at the first record that says what the name is.
    let last = steps
        .iter()
        .position(|step| ends(step, "y") || ends(step, "n"));
    let seen = &steps[..last.map_or(steps.len(), |last| last + 1)];
    let mut with = (0..seen.len()).filter(|at| seen[*at].only().is_some());
    let top = with.next_back().or(Some(0)).filter(|_| !seen.is_empty());
    let top = top.unwrap_or(0);
    // A public suffix is not the organisational domain, but the name below it (4.10.2).
    let is_public = top > 0 && ends(&seen[top], "y");
    let org = if is_public { top - 1 } else { top };
    let applies = if seen[0].only().is_some() {
        Applies::of(&seen[0], "own")
    } else if seen[org].only().is_some() {
        Applies::of(&seen[org], "org")
    } else if is_public {
        Applies::of(&seen[top], "psd")
    } else {
        Applies::none(&seen[0])
    };
    Applies {
        org_domain: Some(steps[org].name.clone()),
        ..applies
    }
}

/// By the public suffix list: the domain, and its organisational domain where that is another one.
pub fn by_suffix(own: &Step, org: Option<&Step>) -> Applies {
    let asked = match (own.records.is_empty(), org) {
        (true, Some(org)) => org,
        _ => own,
    };
    let is_own = std::ptr::eq(asked, own);
    let applies = match asked.records.as_slice() {
        [one] => Applies {
            fault: one.fault_7489,
            ..Applies::of(asked, if is_own { "own" } else { "org" })
        },
        // 6.6.3 5: with several of them it ends here.
        _ => Applies::none(asked),
    };
    Applies {
        org_domain: Some(org.unwrap_or(own).name.clone()),
        ..applies
    }
}
