//! Pages asked for from web servers that misbehave: what is recorded, and how long it took.

mod answers;
mod clear;
mod pacing;

use std::net::SocketAddr;
use std::time::Duration;

use mailcensus::probe::https::{Exchange, Patience, Plan, get};
use mailcensus::probe::tls;

use crate::lab::https::{Authority, Flaw, Manner, Server};
use crate::smtp::{BOUND, LONG, SHORT, admitted};

/// The host that is asked.
const HOST: &str = "mta-sts.example.cz";

pub(super) fn long() -> Patience {
    Patience {
        handshake: LONG,
        header: LONG,
        body: LONG,
        session: LONG,
        goodbye: LONG,
    }
}

fn plan(patience: Patience) -> Plan {
    Plan {
        host: HOST.to_owned(),
        path: "/.well-known/mta-sts.txt",
        user_agent: "census/1 (+https://census.example/)".to_owned(),
        wants_body: true,
        patience,
    }
}

async fn server(manner: &Manner) -> Server {
    let acceptor = Authority::new().acceptor(HOST, Flaw::None);
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    Server::start(address, acceptor, std::slice::from_ref(manner)).await
}

/// One page by way of the queues.
async fn get_from(address: SocketAddr, patience: Patience) -> (Exchange, Duration) {
    let (plan, client) = (plan(patience), tls::Client::default());
    admitted(address, async |clearance| {
        get(clearance, &plan, Some(&client)).await
    })
    .await
}

/// The same in the clear, without the body.
async fn get_in_the_clear(address: SocketAddr, patience: Patience) -> (Exchange, Duration) {
    let plan = Plan {
        path: "/",
        wants_body: false,
        ..plan(patience)
    };
    admitted(address, async |clearance| get(clearance, &plan, None).await).await
}

/// An exchange in one line.
fn told(seen: &Exchange) -> String {
    let or_dash = |of: Option<String>| of.unwrap_or("-".to_owned());
    format!(
        "tcp {} tls {} status {} body {} error {}",
        seen.tcp.outcome,
        seen.tls.outcome,
        or_dash(seen.status.map(|status| status.to_string())),
        or_dash(seen.body.as_ref().map(|body| body.len().to_string())),
        or_dash(seen.error.map(|error| error.to_string())),
    )
}
