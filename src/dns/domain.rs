//! The questions about a domain, and the order in which they are asked.
//!
//! MX and NS come first: NXDOMAIN ends the questions, and so does a zone that answers neither. What
//! failed stays open in the row, so that asking again asks only that.

use hickory_resolver::proto::rr::{Name, RecordType};

use super::answer::{Answer, has_failed, is_open};
use super::clients::Search;
use super::denying::Denying;
use super::fact::Fact;
use super::forward::Client;
use super::name::name_of;
pub use super::sets::MX_LIMIT;
use super::sets::{delegation_of, mx_of};
use super::{bimi, caa, dkim, dmarc, excluded, policies, spf, zone};
use crate::table::codes::{Denial, ErrorCode, Existence, MxKind, Outcome};
use crate::table::row::Moment;
use crate::table::rows::{DomainRow, Mx, Spf, ZoneRow};

/// A domain and its zone while they are asked about.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Walk {
    /// What is known of the domain.
    pub row: DomainRow,
    /// What is known of its zone, if it is one.
    pub zone: Option<ZoneRow>,
    /// What was learned of the hosts that its mail clients use; none where nobody wants to know.
    clients: Option<Box<Search>>,
}

impl Walk {
    /// Nothing is known yet.
    pub fn new(domain: &str, unicode: String) -> Self {
        let row = DomainRow {
            domain: domain.to_owned(),
            domain_unicode: unicode,
            tld: domain.rsplit('.').next().unwrap_or(domain).to_owned(),
            registrable_domain: psl::domain_str(domain).map(str::to_owned),
            weight: 1.0,
            ..DomainRow::default()
        };
        Self {
            row,
            ..Self::default()
        }
    }

    /// The same, with the hosts that its mail clients use, where they are wanted.
    pub fn with_clients(mut self, are_wanted: bool) -> Self {
        self.clients = are_wanted.then(Box::default);
        self
    }

    /// The row of a domain that is not to be asked about. What an earlier attempt may have learned
    /// goes: its verdicts are to say `excluded`, and nothing else.
    pub fn excluded(mut self) -> Self {
        self.zone = None;
        excluded::forget(&mut self.row);
        self
    }

    /// Whether a question is worth asking once more.
    pub fn has_failed(&self) -> bool {
        let row = &self.row;
        has_failed(row.mx.outcome, row.mx.error)
            || has_failed(row.delegation.outcome, row.delegation.error)
            || row
                .policies()
                .into_iter()
                .any(|(outcome, error)| has_failed(outcome, error))
            || spf::has_failed(&row.spf)
            || dmarc::has_failed(&row.dmarc)
            || dkim::has_failed(&row.dkim)
            || has_failed(row.bimi.outcome, row.bimi.error)
            || has_failed(row.caa.outcome, row.caa.error)
            || (row.mx.outcome == Outcome::Absent && row.mx.kind.is_none())
            || self.zone.as_ref().is_some_and(zone::has_failed)
            || self.clients.as_ref().is_some_and(|one| one.has_failed())
    }

    /// Asks everything that has no answer yet.
    pub async fn ask(&mut self, client: &Client) {
        let Some(name) = name_of(&self.row.domain) else {
            return;
        };
        let start = tokio::time::Instant::now();
        if self.row.observed_at == Moment::default() {
            self.row.observed_at = Moment::now();
        }
        self.ask_all(client, &name).await;
        let elapsed = u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX);
        self.row.elapsed_ms = self.row.elapsed_ms.saturating_add(elapsed);
    }

    async fn ask_all(&mut self, client: &Client, name: &Name) {
        let was_gone = self.row.existence == Existence::Nxdomain;
        if was_gone {
            // Should it be there after all, its addresses are to be asked for.
            self.row.mx.kind = None;
        }
        let gone = self.ask_first(client, name, was_gone).await;
        let row = &mut self.row;
        let lost = |outcome| outcome == Outcome::Failed;
        if gone {
            row.existence = Existence::Nxdomain;
            row.mx.kind = Some(MxKind::None);
            return;
        }
        if lost(row.mx.outcome) && lost(row.delegation.outcome) {
            row.existence = Existence::Failed;
            return;
        }
        if row.delegation.outcome == Outcome::Found {
            row.zone = Some(row.domain.clone());
            let fresh = ZoneRow {
                zone: row.domain.clone(),
                ..ZoneRow::default()
            };
            let zone = self.zone.get_or_insert(fresh);
            let (queries, denying) =
                tokio::join!(zone::ask(client, zone), row_questions(client, name, row));
            denying.fill(zone);
            zone::exists(zone);
            row.queries += queries;
        } else {
            row_questions(client, name, row).await;
        }
        row.existence = existence(row);
        if let Some(search) = self.clients.as_mut() {
            ask_clients(client, search, row).await;
        }
    }

    /// MX and NS; says whether the name does not exist. Some servers answer NXDOMAIN for types they
    /// do not know: where one answer shows that the name is there, the other's NXDOMAIN says nothing.
    async fn ask_first(&mut self, client: &Client, name: &Name, was_gone: bool) -> bool {
        let row = &mut self.row;
        let wants_mx = is_open(row.mx.outcome, row.mx.error);
        let wants_ns = is_open(row.delegation.outcome, row.delegation.error);
        let (mx, ns) = tokio::join!(
            client.ask_if(name, RecordType::MX, wants_mx),
            client.ask_if(name, RecordType::NS, wants_ns),
        );
        // What an earlier answer said still holds.
        let mut says = [
            Says::earlier(row.mx.outcome, was_gone),
            Says::earlier(row.delegation.outcome, was_gone),
        ];
        if let Some(answer) = mx {
            row.queries += answer.queries;
            row.zone = row.zone.take().or_else(|| answer.zone());
            says[0] = Says::of(&answer);
            row.mx = mx_of(&answer);
        }
        if let Some(answer) = ns {
            row.queries += answer.queries;
            row.zone = answer.zone().or_else(|| row.zone.take());
            says[1] = Says::of(&answer);
            row.delegation = delegation_of(&answer, name);
        }
        if says.contains(&Says::There) {
            let wrong = |ede| Answer::failed(ErrorCode::ProtocolError, ede);
            if says[0] == Says::Gone {
                row.mx = mx_of(&wrong(row.mx.ede.take()));
            }
            if says[1] == Says::Gone {
                row.delegation = delegation_of(&wrong(row.delegation.ede.take()), name);
            }
            return false;
        }
        says.contains(&Says::Gone)
    }
}

/// What an answer says of the name itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Gone,
    There,
    Nothing,
}

impl Says {
    fn of(answer: &Answer) -> Self {
        match answer.outcome {
            _ if answer.is_nxdomain() => Self::Gone,
            Outcome::Found | Outcome::Absent => Self::There,
            Outcome::Failed | Outcome::NotAttempted => Self::Nothing,
        }
    }

    fn earlier(outcome: Outcome, was_gone: bool) -> Self {
        match outcome {
            Outcome::Absent if was_gone => Self::Gone,
            Outcome::Found | Outcome::Absent => Self::There,
            Outcome::Failed | Outcome::NotAttempted => Self::Nothing,
        }
    }
}

/// The records that carry policies, and the addresses where they decide how the domain takes mail.
/// Says how the zone of the domain denies, if it is one.
async fn row_questions(client: &Client, name: &Name, row: &mut DomainRow) -> Denying {
    let (domain, mx) = (row.domain.as_str(), &row.mx);
    let registrable = row.registrable_domain.as_deref();
    let is_there = is_shown(row);
    let ((kind, sent), spf, dmarc, mta_sts, tls_rpt) = tokio::join!(
        implicit(client, domain, mx, is_there),
        spf::ask(client, domain, name, mx, &mut row.spf),
        dmarc::ask(client, domain, registrable, &mut row.dmarc),
        policies::ask_mta_sts(client, domain, &mut row.mta_sts),
        policies::ask_tls_rpt(client, domain, &mut row.tls_rpt),
    );
    row.mx.kind = kind;
    row.queries += sent + spf + dmarc + mta_sts + tls_rpt;
    if is_there && row.spf.denial == Some(Denial::Nxdomain) && row.spf.error.is_none() {
        row.spf = Spf {
            outcome: Outcome::Failed,
            error: Some(ErrorCode::ProtocolError),
            ede: row.spf.ede.take(),
            ..Spf::default()
        };
    }
    match existence(row) {
        // Below a name without a delegation there may be keys all the same.
        Existence::Exists | Existence::Undelegated => later_questions(client, row).await,
        _ => Denying::default(),
    }
}

/// Whom the mail clients of a domain use, if it takes mail.
async fn ask_clients(client: &Client, search: &mut Search, row: &mut DomainRow) {
    let takes_mail = matches!(row.mx.kind, Some(MxKind::Explicit | MxKind::Implicit));
    if takes_mail {
        row.queries += search.ask(client, &row.domain, &row.mx).await;
        search.fill(row);
    }
}

/// What depends on the answers so far.
async fn later_questions(client: &Client, row: &mut DomainRow) -> Denying {
    let (domain, mx) = (row.domain.as_str(), &row.mx);
    let policy = row.dmarc.effective_policy;
    let ((dkim, denying), caa, bimi) = tokio::join!(
        dkim::ask(client, domain, (mx, &row.spf), &mut row.dkim),
        caa::ask(client, domain, mx, &mut row.caa),
        bimi::ask(client, domain, policy, &mut row.bimi),
    );
    row.queries += dkim + caa + bimi;
    denying
}

/// How the domain takes mail, where its addresses decide that; and how many queries that took. SPF
/// may need the same addresses.
async fn implicit(client: &Client, domain: &str, mx: &Mx, is_there: bool) -> (Option<MxKind>, u32) {
    if mx.outcome != Outcome::Absent || mx.kind.is_some() {
        return (mx.kind, 0);
    }
    let ((a, sent_a), (aaaa, sent_aaaa)) = tokio::join!(
        client.ask_shared(domain, RecordType::A),
        client.ask_shared(domain, RecordType::AAAA),
    );
    let outcome = |fact: &Fact| match is_there && fact.says_nxdomain() {
        true => Outcome::Failed,
        false => fact.asked.outcome,
    };
    let kind = match (outcome(&a), outcome(&aaaa)) {
        (Outcome::Found, _) | (_, Outcome::Found) => Some(MxKind::Implicit),
        (Outcome::Absent, Outcome::Absent) => Some(MxKind::None),
        _ => None,
    };
    (kind, sent_a + sent_aaaa)
}

/// Whether an answer shows that the name is there: NXDOMAIN for another type is wrong then, and
/// resolvers that keep it for the whole name (RFC 8020) deny what was never asked for. It is no absence.
fn is_shown(row: &DomainRow) -> bool {
    let (mx, ns) = (&row.mx, &row.delegation);
    let answers = [
        (mx.outcome, mx.denial, mx.error),
        (ns.outcome, ns.denial, ns.error),
    ];
    answers.into_iter().any(|answer| match answer {
        (Outcome::Found, ..) => true,
        (Outcome::Absent, denial, None) => denial != Some(Denial::Nxdomain),
        _ => false,
    })
}

fn existence(row: &DomainRow) -> Existence {
    // What does not validate is signed somewhere: the name is delegated.
    let bogus = [row.mx.error, row.delegation.error].contains(&Some(ErrorCode::Bogus));
    let something = bogus
        || row.delegation.outcome == Outcome::Found
        || row.mx.outcome == Outcome::Found
        || row.mx.kind == Some(MxKind::Implicit)
        || row.spf.denial == Some(Denial::OtherTxt)
        // A record of DMARC may be that of another name.
        || !row.dmarc.texts.is_empty()
        || [row.spf.outcome, row.mta_sts.outcome, row.tls_rpt.outcome].contains(&Outcome::Found);
    let open = row.mx.outcome == Outcome::Failed
        || row.delegation.outcome == Outcome::Failed
        || row.mx.kind.is_none();
    match (something, open) {
        (true, _) => Existence::Exists,
        (false, true) => Existence::Failed,
        (false, false) => Existence::Undelegated,
    }
}
