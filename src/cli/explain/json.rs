//! The page for programs: the rows, their keys named like the columns.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dane::records;
use super::facts::{ClientHosts, Facts, MailHost, Points, Seen};
use super::summary;
use crate::cli::json::row;
use crate::error::Result;
use crate::table::manifest::Manifest;
use crate::table::rows::{CertificateRow, CheckId, Tlsa};
use crate::verdict::advice;

/// Certificates by SHA-256.
type Known = BTreeMap<String, CertificateRow>;

/// All of a domain as one object.
///
/// # Errors
/// When it cannot be JSON, which is a fault in this program.
pub fn object(manifest: &Manifest, facts: &Facts) -> Result<Value> {
    let certificates = facts.certificates.values().map(|one| {
        let mut shown = row(one)?;
        // It was not read.
        if let Value::Object(fields) = &mut shown {
            fields.remove("der");
        }
        Ok(shown)
    });
    Ok(json!({
        "schema_version": manifest.schema_version,
        "survey": manifest.survey,
        "finished": facts.unfinished.is_none(),
        "unfinished_stage": facts.unfinished.map(|stage| stage.as_str()),
        "notes": facts.notes,
        "domain": row(&facts.domain)?,
        "hosts": list(&facts.hosts, |one| host(one, &facts.certificates))?,
        "client_hosts": list(&facts.clients, client)?,
        "policy": facts.policy.as_ref().map(row).transpose()?,
        "policy_host": facts.policy_host.as_ref().map(row).transpose()?,
        "webmail": facts.webmail.as_ref().map(row).transpose()?,
        "certificates": certificates.collect::<Result<Vec<_>>>()?,
        "zones": list(&facts.zones, row)?,
        "class": facts.verdict.as_ref().map(|verdict| verdict.class.as_str()),
        "non_sending": facts.verdict.as_ref().and_then(|verdict| verdict.non_sending),
        "endpoints": facts.verdict.as_ref().map(|verdict| verdict.endpoints),
        "endpoints_reached": facts.verdict.as_ref().map(|verdict| verdict.endpoints_reached),
        "checks": checks(facts),
        "profiles": list(&facts.profiles, points)?,
    }))
}

fn list<T>(of: &[T], each: impl Fn(&T) -> Result<Value>) -> Result<Value> {
    of.iter().map(each).collect()
}

/// A host that nothing is known of has only its name.
fn host(host: &MailHost, known: &Known) -> Result<Value> {
    let mut shown = match &host.row {
        Some(known) => row(known)?,
        None => json!({ "host": host.name }),
    };
    shown["preference"] = json!(host.preference);
    let tlsa = host.row.as_ref().map(|row| &row.tlsa);
    shown["endpoints"] = list(&host.endpoints, |seen| {
        let mut shown = endpoint(seen)?;
        shown["summary"] = json!(summary::server(seen, tlsa, known));
        shown["dane"] = tlsa.map_or(Value::Null, |tlsa| dane(tlsa, seen, known));
        Ok(shown)
    })?;
    Ok(shown)
}

/// What each TLSA record comes to at an address, in their order.
fn dane(tlsa: &Tlsa, seen: &Seen, known: &Known) -> Value {
    let said = records(tlsa, &seen.row.chains, known);
    let said = said.into_iter();
    said.map(|says| json!({ "result": says.code, "reason": says.words }))
        .collect()
}

fn client(client: &ClientHosts) -> Result<Value> {
    let host = &client.host;
    let mut shown = match &host.row {
        Some(known) => row(known)?,
        None => json!({ "host": host.name }),
    };
    shown["endpoints"] = list(&host.endpoints, endpoint)?;
    shown["services"] = list(&client.services, row)?;
    Ok(shown)
}

fn endpoint(seen: &Seen) -> Result<Value> {
    let mut shown = row(&seen.row)?;
    shown["leans_on"] = match &seen.speaker {
        Some(speaker) => row(speaker)?,
        None => Value::Null,
    };
    Ok(shown)
}

fn checks(facts: &Facts) -> Value {
    let Some(verdict) = &facts.verdict else {
        return Value::Null;
    };
    let check = |check: &CheckId| {
        let finding = verdict.finding(*check);
        json!({
            "id": check.as_str(),
            "result": finding.result.as_str(),
            "reason": finding.reason,
            "informational": check.is_informational(),
            "advice": advice(*check, finding.result, &finding.reason),
        })
    };
    CheckId::ALL.iter().map(check).collect()
}

fn points(points: &Points) -> Result<Value> {
    let known = points.profile.as_ref();
    let titled = |one: &crate::table::rows::ComplianceRow| {
        let mut shown = row(one)?;
        let title = known.and_then(|profile| profile.point(&one.point));
        shown["title"] = json!(title.map(|point| &point.title));
        for (at, check) in one.checks.iter().enumerate() {
            let id = CheckId::named(&check.id);
            let sentence = id.and_then(|id| advice(id, check.result, &check.reason));
            shown["checks"][at]["advice"] = json!(sentence);
        }
        Ok(shown)
    };
    Ok(json!({
        "name": points.name,
        "version": points.record.version,
        "judged_at": points.record.judged_at,
        "title": known.map(|profile| &profile.title),
        "points": list(&points.rows, titled)?,
    }))
}
