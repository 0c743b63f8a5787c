//! `--metrics`: scraped over TCP where it was built in, explained where it was not.

use crate::real::lab::lab;

#[cfg(not(feature = "metrics"))]
#[test]
fn without_the_feature_it_says_what_to_build() {
    let out = lab().scratch("metrics").join("out");
    let mut command = crate::real::program::survey(&out);
    command.args(["--metrics", "127.0.0.1:9109"]);
    let ran = crate::real::program::run(&mut command).expect(2);
    assert!(ran.stderr.contains("--features metrics"), "{}", ran.stderr);
    assert!(!out.exists(), "nothing was begun");
}

#[cfg(feature = "metrics")]
mod scraped {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::real::program::{bare_survey, run};
    use crate::real::victim::Victim;

    const ADDRESS: &str = "127.0.0.1:9109";

    /// What the server says now; empty while nobody listens.
    fn scrape() -> String {
        let script = "exec 3<>/dev/tcp/127.0.0.1/9109 || exit 0
            printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
            cat <&3";
        let mut command = lab().inside("bash");
        run(command.args(["-c", script])).expect(0).stdout
    }

    /// The value of a sample.
    fn value(text: &str, sample: &str) -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(sample))?;
        line.trim().parse().ok()
    }

    #[test]
    fn counters_are_served_while_the_survey_runs() {
        let out = lab().scratch("metrics").join("out");
        let mut command = bare_survey(&lab().list(), &out);
        command.args(["--metrics", ADDRESS, "--stage", "dns", "--dns-rate", "60"]);
        command.args(["--resolver", lab().env("RESOLVER")]);
        let mut victim = Victim::start(&mut command, &out, 0);
        let mut text = String::new();
        let some = |_: &Path| {
            text = scrape();
            value(&text, "mailcensus_done{stage=\"dns\"}").is_some_and(|done| done >= 5.0)
                && text.contains("mailcensus_outlook_seconds")
        };
        assert!(
            victim.wait_until(some),
            "it ended before five domains were done"
        );
        let sample = |name: &str| value(&text, name).unwrap_or_else(|| panic!("{name} in {text}"));
        assert!(text.starts_with("HTTP/1.0 200"), "{text}");
        assert_eq!(sample("mailcensus_build_info{version=\"0.1.0\"}"), 1.0);
        assert_eq!(sample("mailcensus_stage{stage=\"dns\"}"), 1.0);
        assert_eq!(sample("mailcensus_total{stage=\"dns\"}"), 81.0);
        assert_eq!(sample("mailcensus_operators_paused"), 0.0);
        assert!(sample("mailcensus_in_flight{stage=\"dns\"}") > 0.0);
        assert!(sample("mailcensus_outlook_seconds{stage=\"dns\"}") > 0.0);
        let exists = "mailcensus_outcomes_total{stage=\"dns\",outcome=\"exists\"}";
        let done = sample("mailcensus_done{stage=\"dns\"}");
        assert!((1.0..=done).contains(&sample(exists)), "{text}");
        assert_eq!(victim.end_within(Duration::from_secs(120)), Some(0));
    }

    #[test]
    fn an_address_that_is_taken_ends_it_before_it_begins() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
        let address = taken.local_addr().expect("bound").to_string();
        let dir = tempfile::tempdir().expect("a directory");
        let list = dir.path().join("list.txt");
        std::fs::write(&list, "example.cz\n").expect("writes");
        let out = dir.path().join("out");
        let mut command = crate::real::program::survey_outside(&list, &out);
        let ran = run(command.args(["--metrics", &address])).expect(2);
        assert!(ran.stderr.contains("cannot listen there"), "{}", ran.stderr);
        assert!(!out.exists(), "nothing was begun");
    }
}
