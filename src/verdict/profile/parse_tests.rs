//! Profiles that are right, and every way that they can be wrong.

use super::*;

const HEAD: &str = "name = \"mine\"\nversion = \"3\"\ntitle = \"Mine\"\nstatus = \"informal\"\n";
const POINT: &str = "[[point]]\nid = \"1\"\nlevel = \"must\"\ntitle = \"STARTTLS\"\n\
                     observable = \"partial\"\nwhy = \"Sending servers are not seen.\"\n";

fn read(text: &str) -> Result<Profile> {
    parse("mine.toml", text)
}

#[track_caller]
fn refused(text: &str, words: &str) {
    let err = read(text).expect_err("refused").to_string();
    assert!(err.contains(words), "{err}");
}

#[test]
fn a_profile_says_what_is_wanted_of_whom_by_when() {
    let text = format!(
        "{HEAD}issued = 2021-10-11\n[groups]\ntag = \"group\"\n[[groups.group]]\nid = \"a\"\n\
         title = \"A\"\n{POINT}justifiable = true\nprerequisite = \"mta_sts\"\n\
         checks = [{{ id = \"starttls\" }}, {{ id = \"cert_trusted\", stores = [\"mozilla\", \"ms\"] }}]\n\
         due = [{{ group = \"a\", months = 14, after = \"designated_at\" }}]\n"
    );
    let profile = read(&text).expect("a profile");
    assert_eq!((&*profile.version, profile.points.len()), ("3", 1));
    let point = profile.point("1").expect("a point");
    assert_eq!(point.level, Level::Must);
    let prerequisite = point.prerequisite.as_ref().map(|wanted| wanted.check);
    assert_eq!(prerequisite, Some(CheckId::MtaSts));
    let checks: Vec<_> = point
        .checks
        .iter()
        .map(|one| (one.check, &*one.set))
        .collect();
    let set = "{\"stores\":[\"mozilla\",\"ms\"]}";
    assert_eq!(
        checks,
        [(CheckId::Starttls, "{}"), (CheckId::CertTrusted, set)]
    );
    assert_eq!(point.checks[1].parameters.stores, ["mozilla", "ms"]);
    let tag = "designated_at".to_owned();
    assert_eq!(point.due[0].when, When::After { tag, months: 14 });
    assert!(profile.sha256.starts_with("sha256:"));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let checks = "checks = [{ id = \"starttls\" }]\n";
    let whole = format!("{HEAD}{POINT}{checks}");
    assert!(read(&whole).is_ok());
    for (wrong, words) in [
        (
            whole.replace("starttls", "startls"),
            "line 11: there is no check startls; is starttls meant?",
        ),
        (
            whole.replace("starttls", "zzz"),
            "line 11: there is no check zzz; `mailcensus profiles",
        ),
        (
            whole.replace("{ id = \"starttls\" }", "{}"),
            "line 11: a check without id",
        ),
        (
            whole.replace(
                "{ id = \"starttls\" }",
                "{ id = \"starttls\", stores = [] }",
            ),
            "line 11: check starttls has no parameter stores",
        ),
        (
            format!("{whole}{POINT}{checks}"),
            "line 13: the point 1 is there twice",
        ),
        (
            whole.replace("name = \"mine\"", "name = \"../mine\""),
            "line 1: the name",
        ),
        (
            whole.replace("version = \"3\"", "version = \"\""),
            "line 2: ",
        ),
        (
            whole.replace("partial", "no"),
            "line 6: point 1 cannot be seen from outside, and names",
        ),
        (whole.replace(checks, ""), "line 6: point 1 names no check"),
        (
            whole.replace("Sending servers are not seen.", ""),
            "line 6: point 1 does not say why",
        ),
        (whole.replace("must", "shall"), "line 7: "),
        (
            whole.replace("title = \"Mine\"", "titel = \"Mine\""),
            "line 3: ",
        ),
        (
            format!("{whole}due = [{{ group = \"a\", months = 1 }}]\n"),
            "line 12: there is no group a",
        ),
        (
            whole.replace("status", "issued = 2021-10-11T10:00:00Z\nstatus"),
            "line 4: ",
        ),
        (
            HEAD.to_owned() + "point = []\n",
            "line 1: the profile has no point",
        ),
        (
            whole.replace("title = \"STARTTLS\"", "title = \"\""),
            "line 6: point 1 has no title",
        ),
        ("nonsense".to_owned(), "line 1: "),
    ] {
        refused(&wrong, words);
    }
    let groups = "[groups]\ntag = \"group\"\n[[groups.group]]\nid = \"a\"\ntitle = \"A\"\n";
    let text = format!("{HEAD}{groups}{POINT}{checks}due = [{{ group = \"a\" }}]\n");
    refused(
        &text,
        "line 17: a deadline is a date, or up to 1200 months after a tag",
    );
    refused(
        &format!("{HEAD}{groups}[[groups.group]]\nid = \"a\"\ntitle = \"\"\n{POINT}"),
        "twice",
    );
    let deadline = |due: &str| format!("{HEAD}{groups}{POINT}{checks}due = [{due}]\n");
    for wrong in [
        "{ group = \"a\", date = 2022-01-01, months = 3, after = \"since\" }",
        "{ group = \"a\", months = 3 }",
        "{ group = \"a\", months = 3, after = \"\" }",
        "{ group = \"a\", months = 1201, after = \"since\" }",
    ] {
        refused(&deadline(wrong), "line 17: a deadline is a date");
    }
    let day = "{ group = \"a\", date = 2022-01-01 }";
    refused(
        &deadline(&format!("{day}, {day}")),
        "line 17: the group a has two deadlines",
    );
    refused(
        &format!("{whole}prerequisite = \"mta_st\"\n"),
        "is mta_sts meant?",
    );
    refused(&text.replace("tag = \"group\"", "tag = \"\""), "line 6: ");
}
