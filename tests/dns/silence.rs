//! Whole surveys whose resolver is good for nothing for a while: they say so, wait, and lose nothing.
//! So do hosts that are asked without a survey. A survey whose domains are broken goes on, and says so
//! at the end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::ResponseCode;
use mailcensus::dns::Settings as DnsSettings;
use mailcensus::error::{Error, Result};
use mailcensus::pace::{Limits, Outlook};
use mailcensus::stop::Stop;
use mailcensus::survey::single::{self, Port};
use mailcensus::survey::{self, Ledger, Outcome, Screen, Settings, Stage, Watch};
use mailcensus::table::codes::Existence;
use mailcensus::table::row::Moment;
use mailcensus::table::rows::DomainRow;
use mailcensus::targets::Input;
use tokio::task::JoinHandle;

use super::resolvers::{judged, names};
use super::*;
use crate::lab::dns::{Manner, Reply, Resolver};
use crate::real::program::{assert_nothing_lost, rows};

const DOMAINS: usize = 300;

/// A screen that remembers.
#[derive(Default)]
struct Heard {
    notes: Mutex<Vec<String>>,
    done: Arc<Done>,
}

impl Heard {
    fn has(&self, words: &str) -> bool {
        let notes = self.notes.lock().unwrap();
        notes.iter().any(|note| note.contains(words))
    }
}

#[derive(Default)]
struct Done(Mutex<(usize, Outlook)>);

impl Screen for Heard {
    fn note(&self, text: &str) {
        self.notes.lock().unwrap().push(text.to_owned());
    }

    fn stage(&self, _: &'static str, _: &'static str, _: u64, _: u64) -> Arc<dyn Watch> {
        self.done.clone()
    }
}

impl Watch for Done {
    fn done(&self, _: &'static str, _: usize) {
        self.0.lock().unwrap().0 += 1;
    }

    fn outlook(&self, ahead: Outlook) {
        self.0.lock().unwrap().1 = ahead;
    }

    fn finish(&self) {}
}

/// Waits until something is so.
async fn until(what: impl Fn() -> bool) {
    let waiting = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    assert!(in_time.is_ok(), "it never came");
}

async fn resolver() -> Resolver {
    let bogus = Manner::ServfailThenCd(Some(9), nothing());
    judged(nothing().secure(), bogus, nothing()).await
}

fn settings(dir: &Path, resolver: &Resolver) -> Settings {
    let list = dir.join("list.txt");
    let lines: String = (0..DOMAINS).map(|n| format!("d{n}.cz\n")).collect();
    std::fs::write(&list, lines).unwrap();
    Settings {
        input: Input {
            lists: vec![list],
            ..Input::default()
        },
        out: dir.join("out"),
        stage: Some(Stage::Dns),
        dns: DnsSettings {
            resolvers: vec![resolver.address],
            rate: 100,
            patience: Duration::from_millis(300),
            tries: 1,
        },
        dns_in_flight: 50,
        preflight: names(),
        limits: Limits {
            open: 10,
            ..Limits::default()
        },
        lab: vec!["127.0.0.0/8".parse().unwrap()],
        seed: Some(1),
        ..Settings::default()
    }
}

/// A survey under way.
struct Running {
    screen: Arc<Heard>,
    survey: JoinHandle<Result<Outcome>>,
}

impl Running {
    fn start(settings: Settings) -> Self {
        let screen = Arc::new(Heard::default());
        let shown = screen.clone();
        let survey =
            tokio::spawn(async move { survey::run(&settings, &Stop::default(), shown).await });
        Self { screen, survey }
    }

    fn heard(&self, words: &str) -> bool {
        self.screen.has(words)
    }

    async fn has_begun(&self) {
        until(|| self.screen.done.0.lock().unwrap().0 >= 20).await;
    }

    /// The resolver answers like that, once the survey has begun, until this note tells of it.
    async fn outage(&self, resolver: &Resolver, manner: Manner, note: &str) {
        self.has_begun().await;
        resolver.answer_all(Some(manner));
        until(|| self.heard(note)).await;
        assert!(!self.heard("answer again, after "));
        resolver.answer_all(None);
        until(|| self.heard("the resolvers answer again, after ")).await;
    }

    async fn end(self) -> Outcome {
        let outcome = tokio::time::timeout(Duration::from_secs(60), self.survey).await;
        outcome
            .expect("it ends")
            .expect("no panic")
            .expect("no error")
    }
}

/// How many domains there are of each existence.
fn existences(out: &Path) -> BTreeMap<Existence, usize> {
    let mut found = BTreeMap::new();
    for row in rows::<DomainRow>(out) {
        *found.entry(row.existence).or_default() += 1;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_tells_of_a_silent_resolver_and_of_its_return() {
    let resolver = resolver().await;
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), &resolver);
    let out = settings.out.clone();
    let running = Running::start(settings);
    let note = " is silent; everybody waits";
    running.outage(&resolver, Manner::Silent, note).await;
    let screen = running.screen.clone();
    running.end().await;
    assert_nothing_lost(&out, DOMAINS);
    let log = std::fs::read_to_string(out.join("survey.log")).unwrap();
    let silent = log.find(" is silent; everybody waits").expect("in the log");
    let again = log
        .find(" note the resolvers answer again")
        .expect("in the log");
    assert!(silent < again, "{log}");
    let ahead = screen.done.0.lock().unwrap().1;
    assert!(ahead.left < DOMAINS as u64, "{ahead:?}");
    assert!(ahead.seconds > 0 || ahead.left < 100, "{ahead:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_resolver_that_is_cut_off_fails_to_find_out_is_asked_again() {
    let resolver = resolver().await;
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), &resolver);
    let out = settings.out.clone();
    let running = Running::start(settings);
    let note = format!(
        "{} fails also for names that work; everybody",
        resolver.address
    );
    let manner = Manner::Honest(servfail(22));
    running.outage(&resolver, manner, &note).await;
    running.end().await;
    assert_nothing_lost(&out, DOMAINS);
    let nobody = BTreeMap::from([(Existence::Nxdomain, DOMAINS)]);
    assert_eq!(existences(&out), nobody);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_resolvers_may_die_and_come_back() {
    let (stays, dies) = (resolver().await, resolver().await);
    for (manner, says) in [
        (Manner::Silent, "is silent"),
        (
            Manner::Honest(Reply::code(ResponseCode::Refused)),
            "fails also for names that work",
        ),
        (
            Manner::Honest(Reply::code(ResponseCode::ServFail)),
            "fails also for names that work",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(dir.path(), &stays);
        settings.dns.resolvers.push(dies.address);
        settings.dns.tries = 2;
        settings.dns.rate = 50;
        let out = settings.out.clone();
        let running = Running::start(settings);
        running.has_begun().await;
        dies.answer_all(Some(manner));
        let note = format!("{} {says}; the others are asked", dies.address);
        until(|| running.heard(&note)).await;
        assert!(!running.heard(&stays.address.to_string()));
        dies.answer_all(None);
        let back = format!("{} answers again", dies.address);
        until(|| running.heard(&back)).await;
        running.end().await;
        assert_nothing_lost(&out, DOMAINS);
        let nobody = BTreeMap::from([(Existence::Nxdomain, DOMAINS)]);
        assert_eq!(existences(&out), nobody);
        let log = std::fs::read_to_string(out.join("survey.log")).unwrap();
        assert_eq!(log.matches(&note).count(), 1, "{log}");
        assert_eq!(log.matches("waits").count(), 0, "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_domains_hold_nobody_up_and_are_told_of_at_the_end() {
    let resolver = resolver().await;
    for number in 0..DOMAINS / 2 {
        for kind in ["MX", "NS", "SOA", "A", "AAAA", "TXT", "CAA"] {
            let name = format!("d{number}.cz");
            resolver.says(&name, kind.parse().unwrap(), servfail(22));
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let mut settings = settings(dir.path(), &resolver);
    settings.stage = None;
    settings.dns.rate = 0;
    let out = settings.out.clone();
    let outcome = Running::start(settings).end().await;
    let log = std::fs::read_to_string(out.join("survey.log")).unwrap();
    assert!(!log.contains("waits"), "{log}");
    let half = DOMAINS / 2;
    let found = BTreeMap::from([(Existence::Nxdomain, half), (Existence::Failed, half)]);
    assert_eq!(existences(&out), found);
    let told = outcome.trouble.join("\n");
    assert!(
        told.contains("of 300 domains 150 could not be asked"),
        "{told}"
    );
}

/// Hosts that are asked without a survey, of a resolver that is silent as soon as it is believed.
async fn hosts_without_a_survey(
    resolver: &Resolver,
    dir: &Path,
    stop: &Stop,
) -> JoinHandle<Result<()>> {
    let screen = Arc::new(Heard::default());
    let settings = Settings {
        ledger: Some(Ledger {
            dir: dir.to_owned(),
            since: Moment::default(),
        }),
        ..settings(dir, resolver)
    };
    let host = |number| Port {
        host: format!("mx{number}.cz"),
        port: 25,
    };
    let ports: Vec<_> = (0..100).map(host).collect();
    let (stop, shown) = (stop.clone(), screen.clone());
    let asking =
        tokio::spawn(async move { single::ask(&settings, &ports, &stop, shown).await.map(drop) });
    until(|| resolver.log().iter().any(|line| line.contains("mx0.cz"))).await;
    resolver.answer_all(Some(Manner::Silent));
    until(|| screen.has("is silent")).await;
    asking
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_of_a_silent_resolver_wait_for_it() {
    let resolver = resolver().await;
    let dir = tempfile::tempdir().unwrap();
    let hosts = hosts_without_a_survey(&resolver, dir.path(), &Stop::default()).await;
    resolver.answer_all(None);
    let ended = tokio::time::timeout(Duration::from_secs(60), hosts).await;
    assert!(ended.expect("it ends").expect("no panic").is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_silent_resolver_can_be_stopped() {
    let resolver = resolver().await;
    let dir = tempfile::tempdir().unwrap();
    let stop = Stop::default();
    let hosts = hosts_without_a_survey(&resolver, dir.path(), &stop).await;
    stop.request(Error::Interrupted);
    let ended = tokio::time::timeout(Duration::from_secs(60), hosts).await;
    let ended = ended.expect("it ends").expect("no panic");
    assert!(matches!(ended, Err(Error::Interrupted)), "{ended:?}");
}
