//! Whether every mail host does as the primary one does.

use CheckId::MxUniform;

use super::*;

fn says(hosts: &[At]) -> String {
    with(hosts).says(MxUniform)
}

#[test]
fn hosts_that_do_the_same_are_uniform() {
    assert_eq!(
        says(&[mx1(&[works()]), mx2(&[works()])]),
        "pass uniform:2/2"
    );
    let none = server(Answered::NotOffered);
    assert_eq!(says(&[mx1(&[none]), mx2(&[none])]), "pass uniform:2/2");
}

#[test]
fn one_host_alone_has_nothing_to_be_compared_with() {
    assert_eq!(says(&[mx1(&[works()])]), "not_applicable single_mx");
    let absent = nowhere("mx2.example.cz", Outcome::Absent);
    assert_eq!(says(&[mx1(&[works()]), absent]), "not_applicable single_mx");
    let special = mx2(&[silent(ErrorCode::SpecialPurpose)]);
    assert_eq!(
        says(&[mx1(&[works()]), special]),
        "not_applicable single_mx"
    );
    let more = with(&[mx1(&[works()])]).but(|it| it.domain.mx.truncated = true);
    assert_eq!(more.says(MxUniform), "unknown mx_truncated");
    assert_eq!(takes_none().says(MxUniform), "not_applicable no_mail");
    assert_eq!(gone().says(MxUniform), "not_applicable nxdomain");
}

#[test]
fn the_first_check_that_differs_is_named() {
    let first = || mx1(&[works()]);
    let no = server(Answered::Refused);
    assert_eq!(says(&[first(), mx2(&[no])]), "fail starttls");
    let version = |version| mx2(&[only(Some(version))]);
    assert_eq!(says(&[first(), version(Version::Tls1_0)]), "fail tls_1_2");
    assert_eq!(says(&[first(), version(Version::Tls1_2)]), "fail tls_1_3");
    assert_eq!(says(&[version(Version::Tls1_2), first()]), "fail tls_1_3");
    let shows = |chain| [first(), mx2(&[works()]).showing(&[chain])];
    let unnamed = Chain {
        name_match: Some(NameMatch::None),
        ..chain()
    };
    assert_eq!(says(&shows(unnamed)), "fail cert_name");
    let old = Chain {
        dates: Dates::Expired,
        ..chain()
    };
    assert_eq!(says(&shows(old)), "fail cert_current");
    let other = Chain {
        trust: 1,
        keys: 1,
        ..chain()
    };
    let facts = with(&shows(other));
    let facts = facts.but(|it| it.lists.keys.push(vec![key()]));
    let untrusted = vec![("mozilla".to_owned(), Pkix::SelfSigned)];
    let facts = facts.but(|it| it.lists.trust.push(untrusted));
    assert_eq!(facts.says(MxUniform), "fail cert_trusted");
    let weak = Key {
        curve: Some("P-192".to_owned()),
        ..key()
    };
    let facts = facts.but(|it| {
        it.lists.trust[1] = it.lists.trust[0].clone();
        it.lists.keys[1] = vec![weak];
    });
    assert_eq!(facts.says(MxUniform), "fail cert_strong");
}

#[test]
fn what_is_not_known_of_one_host_leaves_it_open() {
    let first = || mx1(&[works()]);
    assert_eq!(says(&[first(), mx2(&[late()])]), "unknown starttls");
    assert_eq!(says(&[mx1(&[late()]), mx2(&[works()])]), "unknown starttls");
    let open = nowhere("mx2.example.cz", Outcome::Failed);
    assert_eq!(says(&[first(), open]), "unknown addresses_unknown");
    assert_eq!(says(&[first(), mx2(&[])]), "unknown not_asked");
    let unseen = mx2(&[works()]).showing(&[]);
    assert_eq!(says(&[first(), unseen]), "unknown cert_trusted");
    let third = host("mx3.example.cz", &[server(Answered::NotOffered)]);
    assert_eq!(says(&[first(), mx2(&[late()]), third]), "fail starttls");
    let more = with(&[first(), mx2(&[works()])]).but(|it| it.domain.mx.truncated = true);
    assert_eq!(more.says(MxUniform), "unknown mx_truncated");
}

#[test]
fn an_address_that_was_not_reached_changes_nothing() {
    let first = mx1(&[works(), late()]);
    assert_eq!(says(&[first, mx2(&[works()])]), "pass uniform:2/2");
}

#[test]
fn tlsa_records_are_there_or_not_or_not_known() {
    let first = || mx1(&[works()]);
    let none = || mx2(&[works()]).but(|host| host.tlsa = Outcome::Absent);
    assert_eq!(says(&[first(), none()]), "fail dane_published");
    assert_eq!(says(&[none(), first()]), "fail dane_published");
    let open = || mx2(&[works()]).but(|host| host.tlsa = Outcome::Failed);
    assert_eq!(says(&[first(), open()]), "unknown dane_published");
    assert_eq!(says(&[open(), first()]), "unknown dane_published");
    assert_eq!(says(&[none(), open()]), "unknown dane_published");
    let half = mx2(&[works()]).but(|host| host.security = Security::NotChecked);
    assert_eq!(says(&[first(), half]), "unknown dane_published");
    let third = host("mx3.example.cz", &[late()]);
    assert_eq!(says(&[first(), none(), third]), "fail dane_published");
}

#[test]
fn an_address_that_did_not_answer_may_be_as_the_others_are() {
    let old = || only(Some(Version::Tls1_2));
    let says =
        |primary: &[Server], other: &[Server]| with(&[mx1(primary), mx2(other)]).says(MxUniform);
    assert_eq!(says(&[old()], &[works()]), "fail tls_1_3");
    assert_eq!(says(&[old()], &[works(), late()]), "unknown tls_1_3");
    assert_eq!(says(&[old(), late()], &[works()]), "unknown tls_1_3");
    assert_eq!(says(&[works(), late()], &[works()]), "pass uniform:2/2");
}
