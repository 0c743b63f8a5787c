//! `report --html` in a real browser: the page asks nobody for anything, and everybody can read and
//! use it (scripts/audit-page says what is looked at).

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::real::program::{MAILCENSUS, run, run_within};
use crate::real::shared::copy;

/// How long an audit may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Makes a page with everything a page can have, and audits it.
fn of_real_servers(lang: &str) {
    let out = copy(&format!("page-{lang}"));
    let judged = ["--profile", "nukib-2021"];
    run(Command::new(MAILCENSUS)
        .arg("verdict")
        .arg(&out)
        .args(judged))
    .expect(0);
    let page = out.with_file_name("page.html");
    let mut command = Command::new(MAILCENSUS);
    command.arg("report").arg(&out).args(judged);
    // Against itself: nothing changed, and everything of a comparison is there.
    command.arg("--against").arg(&out);
    command.args(["--by", "mail_operator", "--lang", lang]);
    run(command.arg("--html").arg(&page)).expect(0);
    audit(&page);
}

fn audit(page: &Path) {
    let told = looked_at(page, 0);
    assert!(told.ends_with("every check is ok\n"), "{told}");
}

/// What is said of a page that a browser looked at.
pub fn looked_at(page: &Path, code: i32) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/audit-page");
    let audit = run_within(Command::new(script).arg(page), PATIENCE);
    audit.expect(code).stdout
}

#[test]
fn a_page_in_english_stands_up_to_a_browser() {
    of_real_servers("en");
}

#[test]
fn a_page_in_czech_stands_up_to_a_browser() {
    of_real_servers("cs");
}
