//! The checks from literals, every branch.

use super::checks::{dane_published, dnssec_domain, receives_mail, starttls};
use super::evidence::{Answered, Domain, Endpoint, Host};
use crate::table::codes::{CheckResult, ErrorCode, Existence, MxKind, Outcome, Security};
use crate::table::rows::{Finding, Mx};

fn domain(kind: Option<MxKind>, security: Security) -> Domain {
    let outcome = match kind {
        Some(MxKind::Explicit | MxKind::Null) => Outcome::Found,
        Some(_) => Outcome::Absent,
        None => Outcome::Failed,
    };
    Domain {
        domain: "example.cz".to_owned(),
        tld: "cz".to_owned(),
        weight: 1.0,
        existence: Existence::Exists,
        mx: Mx {
            kind,
            outcome,
            security,
            error: kind.is_none().then_some(ErrorCode::Servfail),
            ..Mx::default()
        },
        mail_operator: None,
    }
}

fn explicit() -> Domain {
    domain(Some(MxKind::Explicit), Security::Secure)
}

fn endpoint(starttls: Answered) -> Endpoint {
    let reached = !matches!(starttls, Answered::Unknown(_));
    let refused = starttls == Answered::Unknown(ErrorCode::Refused);
    let special = starttls == Answered::Unknown(ErrorCode::SpecialPurpose);
    Endpoint {
        reached,
        refused,
        special,
        starttls,
    }
}

const TIMEOUT: Answered = Answered::Unknown(ErrorCode::Timeout);
const REFUSED: Answered = Answered::Unknown(ErrorCode::Refused);
const SPECIAL: Answered = Answered::Unknown(ErrorCode::SpecialPurpose);

/// A host that has everything, and these servers.
fn host(servers: &[Answered]) -> Host {
    Host {
        addresses: Outcome::Found,
        incomplete: false,
        address_security: Security::Secure,
        tlsa: Outcome::Found,
        tlsa_security: Security::Secure,
        tlsa_usable: true,
        endpoints: servers.iter().map(|answer| endpoint(*answer)).collect(),
    }
}

fn without_address(outcome: Outcome) -> Host {
    Host {
        addresses: outcome,
        ..Host::default()
    }
}

#[track_caller]
fn is(finding: &Finding, result: CheckResult, reason: &str) {
    assert_eq!((finding.result, &*finding.reason), (result, reason));
}

fn named(hosts: &[Host]) -> Vec<(&str, Option<&Host>)> {
    hosts.iter().map(|host| ("mx", Some(host))).collect()
}

#[test]
fn who_takes_mail() {
    use CheckResult::{Fail, NotApplicable, Pass, Unknown};
    let check = |domain: &Domain, hosts: &[Host]| receives_mail(domain, &named(hosts));
    let implicit = domain(Some(MxKind::Implicit), Security::Secure);
    is(
        &check(&explicit(), &[host(&[TIMEOUT])]),
        Pass,
        "explicit_mx",
    );
    is(
        &check(&explicit(), &[host(&[SPECIAL])]),
        Fail,
        "mx_unusable",
    );
    is(&check(&explicit(), &[]), Fail, "mx_unusable");
    let nowhere = [without_address(Outcome::Absent)];
    is(&check(&explicit(), &nowhere), Fail, "mx_unusable");
    let lost = [without_address(Outcome::Failed)];
    is(&check(&explicit(), &lost), Unknown, "addresses_unknown");
    is(
        &receives_mail(&explicit(), &[("mx", None)]),
        Unknown,
        "addresses_unknown",
    );
    is(
        &check(&implicit, &[host(&[Answered::NotOffered])]),
        Pass,
        "implicit_mx",
    );
    is(
        &check(&implicit, &[host(&[REFUSED, REFUSED])]),
        Fail,
        "web_only",
    );
    is(
        &check(&implicit, &[host(&[REFUSED, TIMEOUT])]),
        Unknown,
        "implicit_mx_unreached",
    );
    is(
        &check(&domain(Some(MxKind::Null), Security::Secure), &[]),
        Fail,
        "null_mx",
    );
    is(
        &check(&domain(Some(MxKind::None), Security::Secure), &[]),
        Fail,
        "no_mx",
    );
    is(
        &check(&domain(None, Security::NotChecked), &[]),
        Unknown,
        "servfail",
    );
    let mut hiding = host(&[REFUSED]);
    hiding.incomplete = true;
    is(&check(&implicit, &[hiding]), Unknown, "addresses_unknown");
    let mut gone = explicit();
    gone.existence = Existence::Nxdomain;
    is(&check(&gone, &[]), NotApplicable, "nxdomain");
}

#[test]
fn starttls_is_about_every_server_that_was_reached() {
    use Answered::{Broken, Inconsistent, NotOffered, Refused, Unconfirmed, Vantage, Works};
    use CheckResult::{Fail, NotApplicable, Pass, Unknown};
    let check = |hosts: &[Host]| {
        let hosts = named(hosts);
        starttls(&explicit(), &hosts, &receives_mail(&explicit(), &hosts))
    };
    is(
        &check(&[host(&[Works]), host(&[Works])]),
        Pass,
        "starttls:2/2",
    );
    // An address that was not reached is left out where another one of its host was.
    is(&check(&[host(&[Works, TIMEOUT])]), Pass, "starttls:1/2");
    is(
        &check(&[host(&[Works]), host(&[TIMEOUT])]),
        Unknown,
        "timeout:1/2",
    );
    // What was seen decides, whatever else is unknown.
    is(
        &check(&[host(&[NotOffered]), host(&[TIMEOUT])]),
        Fail,
        "not_offered:1/2",
    );
    is(
        &check(&[host(&[Works]), host(&[Refused])]),
        Fail,
        "refused:2/2",
    );
    is(&check(&[host(&[Broken])]), Unknown, "handshake:1/1");
    is(&check(&[host(&[Vantage])]), Unknown, "vantage:1/1");
    is(
        &check(&[host(&[Works]), host(&[Inconsistent])]),
        Unknown,
        "inconsistent:2/2",
    );
    is(&check(&[host(&[Unconfirmed])]), Unknown, "unconfirmed:1/1");
    is(
        &check(&[host(&[Unconfirmed]), host(&[NotOffered])]),
        Fail,
        "not_offered:2/2",
    );
    let lost = without_address(Outcome::Failed);
    is(
        &check(&[host(&[Works]), lost]),
        Unknown,
        "addresses_unknown:1/1",
    );
    let nowhere = without_address(Outcome::Absent);
    is(&check(&[host(&[Works]), nowhere]), Pass, "starttls:1/1");
    is(&check(&[host(&[SPECIAL])]), NotApplicable, "no_mail");
    is(&check(&[host(&[Works, SPECIAL])]), Pass, "starttls:1/1");
}

#[test]
fn dnssec_is_the_status_of_the_mx_answer() {
    use CheckResult::{Fail, Pass, Unknown};
    let of = |kind, security| dnssec_domain(&domain(kind, security));
    is(
        &of(Some(MxKind::Explicit), Security::Secure),
        Pass,
        "secure",
    );
    is(&of(Some(MxKind::None), Security::Secure), Pass, "secure");
    is(
        &of(Some(MxKind::Explicit), Security::Insecure),
        Fail,
        "insecure",
    );
    is(&of(Some(MxKind::Explicit), Security::Bogus), Fail, "bogus");
    is(
        &of(Some(MxKind::Explicit), Security::NotChecked),
        Unknown,
        "not_checked",
    );
    is(&of(None, Security::NotChecked), Unknown, "servfail");
}

#[test]
fn dane_wants_the_whole_way_signed() {
    use CheckResult::{Fail, NotApplicable, Pass, Unknown};
    let check = |domain: &Domain, hosts: &[Host]| {
        let hosts = named(hosts);
        dane_published(domain, &hosts, &receives_mail(domain, &hosts))
    };
    let good = || host(&[Answered::Works]);
    let but = |change: fn(&mut Host)| {
        let mut host = good();
        change(&mut host);
        host
    };
    is(&check(&explicit(), &[good(), good()]), Pass, "tlsa:2/2");
    let insecure = domain(Some(MxKind::Explicit), Security::Insecure);
    is(&check(&insecure, &[good()]), Fail, "mx_insecure");
    let host_insecure = but(|host| host.address_security = Security::Insecure);
    is(
        &check(&explicit(), &[good(), host_insecure]),
        Fail,
        "host_insecure",
    );
    let none = but(|host| host.tlsa = Outcome::Absent);
    is(&check(&explicit(), &[good(), none]), Fail, "no_tlsa");
    let unusable = but(|host| host.tlsa_usable = false);
    is(&check(&explicit(), &[unusable]), Fail, "tlsa_unusable");
    let bogus = but(|host| host.tlsa_security = Security::Bogus);
    is(&check(&explicit(), &[bogus]), Fail, "tlsa_bogus");
    let plain = but(|host| host.tlsa_security = Security::Insecure);
    is(&check(&explicit(), &[plain]), Fail, "tlsa_insecure");
    let lost = but(|host| host.tlsa = Outcome::Failed);
    is(
        &check(&explicit(), &[good(), lost]),
        Unknown,
        "tlsa_unknown",
    );
    let half = but(|host| host.address_security = Security::NotChecked);
    is(&check(&explicit(), &[half]), Unknown, "not_checked");
    let elsewhere = without_address(Outcome::Absent);
    is(&check(&explicit(), &[good(), elsewhere]), Pass, "tlsa:1/2");
    let null = domain(Some(MxKind::Null), Security::Secure);
    is(&check(&null, &[]), NotApplicable, "no_mail");
}
