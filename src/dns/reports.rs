//! Whether those outside an organisation want the reports that a DMARC record sends to them (RFC
//! 9990 4, RFC 7489 7.1): a record at `<domain>._report._dmarc.<host>` says so.

use futures_util::future::join_all;
use hickory_resolver::proto::rr::RecordType;

use super::answer;
use super::forward::Client;
use crate::records::dmarc::Uri;
use crate::records::version::Kind;
use crate::table::codes::{ErrorCode, Outcome};
use crate::table::rows::ReportTarget;

/// Targets of one record that are asked. One more is kept, to say that there are more.
const TARGETS: usize = 10;

/// Which hosts need not be asked.
#[derive(Debug, Clone, Copy)]
pub enum Inside<'a> {
    /// The organisational domain and what is below it; or why that is not known.
    Organisation(Result<&'a str, ErrorCode>),
    /// What has the same registrable domain (RFC 7489 3.2).
    Registrable,
}

/// Whether a question has no answer yet.
pub fn have_failed(targets: &[ReportTarget]) -> bool {
    // What was not asked because it was too much would be too much again.
    let is_passing = |target: &&ReportTarget| target.error != Some(ErrorCode::Budget);
    targets.iter().filter(is_passing).any(is_unknown)
}

fn is_unknown(target: &ReportTarget) -> bool {
    answer::has_failed(target.authorised, target.error)
}

/// Whether every external target wants reports; none where there is none, or that is not known.
pub fn all_authorised(targets: &[ReportTarget]) -> Option<bool> {
    let external = || targets.iter().filter(|target| target.external);
    let declines =
        |target: &ReportTarget| target.authorised == Outcome::Absent && target.error.is_none();
    match external().next() {
        None => None,
        Some(_) if external().any(declines) => Some(false),
        Some(_) => (!external().any(is_unknown)).then_some(true),
    }
}

/// The targets of the record at a name, each asked unless an earlier answer holds; and how many
/// queries that took.
pub async fn ask(
    client: &Client,
    found_at: Option<&str>,
    uris: &[Uri],
    inside: Inside<'_>,
    earlier: Option<&Vec<ReportTarget>>,
) -> (Vec<ReportTarget>, u32) {
    let Some(found_at) = found_at else {
        return (Vec::new(), 0);
    };
    let mut targets = targets_of(uris, found_at, inside);
    for (at, target) in targets.iter_mut().enumerate() {
        if !target.external {
            continue;
        }
        let is_same = |known: &&ReportTarget| {
            let answered = matches!(known.authorised, Outcome::Found | Outcome::Absent);
            known.host == target.host && answered && known.error.is_none()
        };
        if let Some(known) = earlier.and_then(|earlier| earlier.iter().find(is_same)) {
            target.authorised = known.authorised;
        } else if let Inside::Organisation(Err(why)) = inside {
            // Whether it must be asked at all is not known.
            (target.authorised, target.error) = (Outcome::Failed, Some(why));
        } else if at >= TARGETS {
            (target.authorised, target.error) = (Outcome::Failed, Some(ErrorCode::Budget));
        }
    }
    let open = targets.iter_mut().filter(|target| {
        let is_open = target.authorised == Outcome::NotAttempted;
        target.external && is_open
    });
    let queries = join_all(open.map(|target| ask_one(client, found_at, target))).await;
    (targets, queries.iter().sum())
}

fn targets_of(uris: &[Uri], found_at: &str, inside: Inside<'_>) -> Vec<ReportTarget> {
    let mut targets: Vec<ReportTarget> = Vec::new();
    for uri in uris {
        let Some(host) = &uri.host else {
            continue;
        };
        let is_same = |target: &ReportTarget| target.scheme == uri.scheme && target.host == *host;
        let external = inside.lacks(host, found_at);
        let is_kept = targets.len() < TARGETS || (targets.len() == TARGETS && external);
        if is_kept && !targets.iter().any(is_same) {
            targets.push(ReportTarget {
                scheme: uri.scheme,
                host: host.clone(),
                external,
                ..ReportTarget::default()
            });
        }
    }
    targets
}

async fn ask_one(client: &Client, found_at: &str, target: &mut ReportTarget) -> u32 {
    let question = format!("{found_at}._report._dmarc.{}", target.host);
    let (fact, queries) = client.ask_shared(&question, RecordType::TXT).await;
    target.error = fact.asked.error;
    target.authorised = match fact.asked.outcome {
        Outcome::Found if fact.texts(Kind::Dmarc).next().is_none() => Outcome::Absent,
        outcome => outcome,
    };
    queries
}

impl Inside<'_> {
    /// Whether a host is outside.
    fn lacks(self, host: &str, found_at: &str) -> bool {
        match self {
            Self::Organisation(org) => !is_below(host, org.unwrap_or(found_at)),
            Self::Registrable => {
                // A public suffix has no registrable domain, and so none in common with another.
                let own = psl::domain_str(found_at);
                host != found_at && (own.is_none() || psl::domain_str(host) != own)
            }
        }
    }
}

/// Whether a name is another one or below it.
fn is_below(name: &str, other: &str) -> bool {
    let above = name.strip_suffix(other);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}
