//! A whole survey whose resolver falls silent for a while: it says so, waits, and loses nothing.

use std::sync::{Arc, Mutex};

use hickory_resolver::proto::rr::RecordType;
use mailcensus::dns::Settings as DnsSettings;
use mailcensus::dns::preflight::Names;
use mailcensus::pace::{Limits, Outlook};
use mailcensus::stop::Stop;
use mailcensus::survey::{self, Screen, Settings, Stage, Watch};
use mailcensus::targets::Input;

use super::*;
use crate::lab::dns::{Manner, Resolver};
use crate::real::program::assert_nothing_lost;

const DOMAINS: usize = 300;

/// A screen that remembers.
#[derive(Default)]
struct Heard {
    notes: Mutex<Vec<String>>,
    done: Arc<Done>,
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
    let resolver = Resolver::start().await;
    resolver
        .says("secure.cz", RecordType::SOA, nothing().secure())
        .on(
            "bogus.cz",
            RecordType::SOA,
            Manner::ServfailThenCd(Some(9), nothing()),
        )
        .says("unsigned.cz", RecordType::SOA, nothing());
    resolver
}

fn settings(dir: &std::path::Path, resolver: &Resolver) -> Settings {
    let list = dir.join("list.txt");
    let names: String = (0..DOMAINS).map(|n| format!("d{n}.cz\n")).collect();
    std::fs::write(&list, names).unwrap();
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
        preflight: Names {
            secure: "secure.cz".to_owned(),
            bogus: "bogus.cz".to_owned(),
            unsigned: "unsigned.cz".to_owned(),
        },
        limits: Limits {
            open: 10,
            ..Limits::default()
        },
        lab: vec!["127.0.0.0/8".parse().unwrap()],
        seed: Some(1),
        ..Settings::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_tells_of_a_silent_resolver_and_of_its_return() {
    let resolver = resolver().await;
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), &resolver);
    let out = settings.out.clone();
    let screen = Arc::new(Heard::default());
    let shown = screen.clone();
    let running =
        tokio::spawn(async move { survey::run(&settings, &Stop::default(), shown).await });
    let heard = |words: &str| {
        screen
            .notes
            .lock()
            .unwrap()
            .iter()
            .any(|note| note.contains(words))
    };
    until(|| screen.done.0.lock().unwrap().0 >= 20).await;
    resolver.set_silent(true);
    until(|| heard("the resolvers are silent")).await;
    assert!(!heard("answer again, after "));
    resolver.set_silent(false);
    until(|| heard("the resolvers answer again, after ")).await;
    let outcome = tokio::time::timeout(Duration::from_secs(60), running).await;
    assert!(outcome.expect("it ends").expect("no panic").is_ok());
    assert_nothing_lost(&out, DOMAINS);
    let log = std::fs::read_to_string(out.join("survey.log")).unwrap();
    let silent = log
        .find(" note the resolvers are silent")
        .expect("in the log");
    let again = log
        .find(" note the resolvers answer again")
        .expect("in the log");
    assert!(silent < again, "{log}");
    let ahead = screen.done.0.lock().unwrap().1;
    assert!(ahead.left < DOMAINS as u64, "{ahead:?}");
    assert!(ahead.seconds > 0 || ahead.left < 100, "{ahead:?}");
}
