//! Files of the operator that cannot be used: the complaint quotes them, and only shows.

use std::fs;
use std::path::Path;

use super::neutral;
use super::survey::DIR;
use super::texts::texts;
use crate::real::program::{MINE, run, survey_outside};
use crate::view::written::{MEASURED, mailcensus, write};

/// Every text that can be given in a file, in a name of a file that wants to act.
fn each(what: &str, try_it: impl Fn(&Path, &str) -> String) {
    let place = tempfile::tempdir().expect("a directory");
    for (number, text) in texts().iter().enumerate() {
        let path = place.path().join(format!("{DIR}{number}"));
        let said = try_it(&path, text);
        neutral::lines(what, &said);
        assert_eq!(said.lines().count(), 1, "{what}: {said}");
    }
}

#[test]
fn lists_of_whom_to_leave_alone() {
    each("exclusions", |path, text| {
        fs::write(path, format!("192.0.2.0/24\n{text} {text}\n")).expect("writes");
        let list = path.with_file_name("list.txt");
        fs::write(&list, "a.cz\n").expect("writes");
        let mut command = survey_outside(&list, &path.with_file_name("out"));
        run(command.arg("--exclude").arg(path)).expect(2).stderr
    });
}

#[test]
fn tables_of_operators() {
    each("operators", |path, text| {
        let name = toml::Value::String(text.repeat(60));
        fs::write(
            path,
            format!("[[operator]]\nname = {name}\nmx = [{name}]\n"),
        )
        .expect("writes");
        let list = path.with_file_name("list.txt");
        fs::write(&list, "a.cz\n").expect("writes");
        let mut command = survey_outside(&list, &path.with_file_name("out"));
        run(command.arg("--operator-table").arg(path))
            .expect(2)
            .stderr
    });
}

#[test]
fn profiles_and_their_exceptions() {
    let place = tempfile::tempdir().expect("a directory");
    let out = place.path().join("out");
    write(&out, &MEASURED);
    let out = out.to_str().expect("text");
    each("profiles", |path, text| {
        let name = toml::Value::String(text.to_owned());
        fs::write(path, MINE.replace("\"mine\"", &name.to_string())).expect("writes");
        mailcensus(&["profiles", path.to_str().expect("text")])
            .expect(2)
            .stderr
    });
    each("exceptions", |path, text| {
        let profile = path.with_file_name("mine.toml");
        fs::write(&profile, MINE).expect("writes");
        let quoted = text.replace('"', "\"\"");
        let rows = format!("domain,point,reason,until\na.cz,\"x{quoted}\",\"{quoted}\",\n");
        fs::write(path, rows).expect("writes");
        let (profile, path) = (
            profile.to_str().expect("text"),
            path.to_str().expect("text"),
        );
        let args = ["verdict", out, "--profile", profile, "--exceptions", path];
        mailcensus(&args).expect(2).stderr
    });
}
