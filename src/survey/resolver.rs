//! The resolvers that are asked, and somebody who watches over them: nobody else ends a pause.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::settings::{Screen, Settings};
use crate::dns::{Client, Trouble, preflight};
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::text::duration;

/// How often resolvers that are all good for nothing are tried again, and how many times.
const RECOVERY: (Duration, u32) = (Duration::from_secs(5), 24);

/// Opens the resolvers, and watches over them from then on.
///
/// # Errors
/// When a socket cannot be opened.
pub async fn open(
    settings: &Settings,
    stop: &Stop,
    screen: Arc<dyn Screen>,
) -> Result<Arc<Client>> {
    let client = Client::open(settings.dns.clone()).await?;
    let resolvers = settings.dns.resolvers.clone();
    let watch = Watch {
        client: client.clone(),
        is_told: vec![false; resolvers.len()],
        resolvers,
        names: settings.preflight.clone(),
        stop: stop.clone(),
        screen,
    };
    tokio::spawn(watch.run());
    Ok(client)
}

struct Watch {
    client: Arc<Client>,
    resolvers: Vec<SocketAddr>,
    names: preflight::Names,
    stop: Stop,
    screen: Arc<dyn Screen>,
    /// Of which resolvers it was said that they are left out.
    is_told: Vec<bool>,
}

impl Watch {
    async fn run(mut self) {
        loop {
            tokio::select! {
                _ = self.client.health().trouble() => {
                    if !self.wait().await {
                        return;
                    }
                }
                () = self.client.rotation().news() => {}
                () = self.stop.requested() => return,
            }
            self.tell();
        }
    }

    /// While no resolver is good for anything, everybody waits; if it stays so, everything stops. Those
    /// that are bad while others are not are left out.
    async fn wait(&self) -> bool {
        let before = self.client.rotation().troubles();
        let since = Instant::now();
        let mut tries = 0;
        let found = loop {
            let found = preflight::troubles(&self.client, self.resolvers.len(), &self.names).await;
            if found.contains(&None) {
                break found;
            }
            if tries == 0 {
                self.screen.note(&begins(&self.resolvers, &found));
            }
            tries += 1;
            if tries >= RECOVERY.1 {
                self.stop.request(useless(&self.resolvers, &found));
                return false;
            }
            tokio::time::sleep(RECOVERY.0).await;
        };
        if tries > 0 {
            let after = duration(since.elapsed().as_secs());
            self.screen
                .note(&format!("the resolvers answer again, after {after}"));
        }
        let mut pairs = found.iter().zip(&before);
        let is_news = pairs.any(|(now, before)| now.is_some() && before.is_none());
        self.client.rotation().settle(&found);
        self.client.health().recovered(tries > 0 || is_news);
        true
    }

    /// Says who is left out while others are asked, and who is back.
    fn tell(&mut self) {
        let found = self.client.rotation().troubles();
        if found.iter().all(Option::is_some) {
            return;
        }
        for ((resolver, trouble), is_told) in
            self.resolvers.iter().zip(found).zip(&mut self.is_told)
        {
            match (trouble, *is_told) {
                (Some(trouble), false) => self.screen.note(&format!(
                    "{resolver} {}; the others are asked",
                    verb(trouble)
                )),
                (None, true) => self.screen.note(&format!("{resolver} answers again")),
                _ => {}
            }
            *is_told = trouble.is_some();
        }
    }
}

fn verb(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Silent => "is silent",
        Trouble::Failing => "fails also for names that work",
    }
}

fn begins(resolvers: &[SocketAddr], found: &[Option<Trouble>]) -> String {
    let each = each(resolvers, found);
    format!("{each}; everybody waits until a resolver is good for something again")
}

/// What is wrong with each of those that are bad.
fn each(resolvers: &[SocketAddr], found: &[Option<Trouble>]) -> String {
    let bad = resolvers.iter().zip(found);
    let bad = bad.filter_map(|(resolver, trouble)| {
        trouble.map(|trouble| format!("{resolver} {}", verb(trouble)))
    });
    bad.collect::<Vec<_>>().join(", ")
}

/// Those of one kind are named by their own: what is to be done differs.
fn useless(resolvers: &[SocketAddr], found: &[Option<Trouble>]) -> Error {
    let is_silent = found.contains(&Some(Trouble::Silent));
    let is_failing = found.contains(&Some(Trouble::Failing));
    let problem = match (is_silent, is_failing) {
        (true, true) => format!(
            "good for nothing ({}); mend them and run the same command again, nothing of this was \
             written down as an answer",
            each(resolvers, found)
        ),
        (_, false) => "stopped answering; mend it and run the same command again, nothing of this \
                       was written down as an answer"
            .to_owned(),
        (false, true) => {
            "fails also for names that work (SERVFAIL, REFUSED); is it online, and does \
                          it still answer us? Mend it and run the same command again"
                .to_owned()
        }
    };
    let list: Vec<_> = resolvers.iter().map(SocketAddr::to_string).collect();
    Error::Resolver {
        resolver: list.join(", "),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_good_for_nothing_is_named_and_why() {
        use Trouble::{Failing, Silent};
        let two = ["192.0.2.1:53", "192.0.2.2:53"].map(|text| text.parse().unwrap());
        let says = |found: [Option<Trouble>; 2]| useless(&two, &found).to_string();
        let silent = says([Some(Silent); 2]);
        assert!(
            silent.contains("192.0.2.1:53, 192.0.2.2:53: stopped"),
            "{silent}"
        );
        assert!(says([Some(Failing); 2]).contains("REFUSED"));
        let both = says([Some(Silent), Some(Failing)]);
        let each = "192.0.2.1:53 is silent, 192.0.2.2:53 fails also for names that work";
        assert!(both.contains(each), "{both}");
        let note = begins(&two, &[None, Some(Failing)]);
        assert!(note.starts_with("192.0.2.2:53 fails also"), "{note}");
    }
}
