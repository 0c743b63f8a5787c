//! The resolvers that are asked, and somebody who watches over them: nobody else ends a pause.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::settings::{Screen, Settings};
use crate::dns::{Client, Trouble, preflight};
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::text::duration;

/// How often a resolver that is good for nothing is tried again, and how many times.
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
    let names = settings.preflight.clone();
    tokio::spawn(watch(
        client.clone(),
        resolvers,
        names,
        stop.clone(),
        screen,
    ));
    Ok(client)
}

/// While the resolvers are silent, or cut off, everybody waits; if it stays so, everything stops.
async fn watch(
    client: Arc<Client>,
    resolvers: Vec<SocketAddr>,
    names: preflight::Names,
    stop: Stop,
    screen: Arc<dyn Screen>,
) {
    loop {
        let trouble = tokio::select! {
            trouble = client.health().trouble() => trouble,
            () = stop.requested() => return,
        };
        let since = Instant::now();
        let mut tries = 0;
        while !preflight::answers(&client, resolvers.len(), &names, trouble).await {
            if tries == 0 {
                screen.note(begins(trouble));
            }
            tries += 1;
            if tries >= RECOVERY.1 {
                stop.request(useless(&resolvers, trouble));
                return;
            }
            tokio::time::sleep(RECOVERY.0).await;
        }
        if tries > 0 {
            let after = duration(since.elapsed().as_secs());
            screen.note(&format!("the resolvers answer again, after {after}"));
        }
        client.health().recovered(tries > 0);
    }
}

fn begins(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Silent => "the resolvers are silent; everybody waits until they answer again",
        Trouble::Failing => {
            "a resolver fails also for names that work; everybody waits until it finds them again"
        }
    }
}

fn useless(resolvers: &[SocketAddr], trouble: Trouble) -> Error {
    let list: Vec<_> = resolvers.iter().map(SocketAddr::to_string).collect();
    let problem = match trouble {
        Trouble::Silent => {
            "stopped answering; mend it and run the same command again, nothing of this was written \
             down as an answer"
        }
        Trouble::Failing => {
            "fails also for names that work (SERVFAIL, REFUSED); is it online, and does it still \
             answer us? Mend it and run the same command again"
        }
    };
    Error::Resolver {
        resolver: list.join(", "),
        problem: problem.to_owned(),
    }
}
