//! `handshakes`: what a handshake costs, over and over with one server that is made for it.
//!
//! `cargo run --release --example handshakes -- full|weak|legacy|ssl3 ADDRESS:PORT COUNT AT-A-TIME`
//! connects, shakes hands (`full`) or sends a bare hello of that kind, and closes, so many times, on
//! one thread. A survey never does that: its budgets allow three connections. Prints
//! "COUNT SECONDS CPU-SECONDS".

use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mailcensus::probe::hello::{Hello, ask};
use mailcensus::probe::tls::Client;
use mailcensus::table::codes::TlsOutcome;
use mailcensus::table::tls_codes::{HelloKind, HelloOutcome};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// Clock ticks per second in /proc, on every Linux there is.
const TICKS: f64 = 100.0;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [kind, server, count, at_a_time] = args.as_slice() else {
        eprintln!("handshakes full|weak|legacy|ssl3 ADDRESS:PORT COUNT AT-A-TIME");
        return ExitCode::from(2);
    };
    let kind = match kind.as_str() {
        "full" => None,
        "weak" => Some(HelloKind::Weak),
        "legacy" => Some(HelloKind::Legacy),
        _ => Some(HelloKind::Ssl3),
    };
    let numbers = [count, at_a_time].map(|number| number.parse().expect("a number"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure(kind, server, numbers));
    ExitCode::SUCCESS
}

async fn measure(kind: Option<HelloKind>, server: &str, [count, at_a_time]: [u64; 2]) {
    let client = Arc::new(Client::default());
    let left = Arc::new(AtomicU64::new(count));
    let (start, before) = (Instant::now(), cpu());
    let workers = (0..at_a_time).map(|_| {
        let (client, left, server) = (client.clone(), left.clone(), server.to_owned());
        tokio::spawn(async move {
            let one = |left: u64| left.checked_sub(1);
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one)
                .is_ok()
            {
                once(&client, kind, &server).await;
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.expect("no panic");
    }
    let (elapsed, cpu) = (start.elapsed().as_secs_f64(), cpu() - before);
    println!("{count} {elapsed:.3} {cpu:.2}");
}

/// One connection; its answer must be one.
async fn once(client: &Client, kind: Option<HelloKind>, server: &str) {
    let mut stream = TcpStream::connect(server).await.expect("a server");
    let deadline = Instant::now() + Duration::from_secs(10);
    let name = Some("mail.example.net");
    match kind {
        None => {
            let shaken = client.handshake(stream, name, deadline).await;
            assert_eq!(
                shaken.tls.outcome,
                TlsOutcome::Completed,
                "{:?}",
                shaken.tls
            );
        }
        Some(kind) => {
            let answer = ask(&mut stream, &Hello::of(kind), name, deadline).await;
            assert_ne!(answer.outcome, HelloOutcome::Unknown, "{answer:?}");
        }
    }
}

/// Seconds of CPU that this process has used.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let (_, fields) = stat.rsplit_once(") ").expect("a name in parentheses");
    let ticks = fields.split(' ').skip(11).take(2);
    ticks
        .map(|ticks| ticks.parse::<f64>().expect("ticks"))
        .sum::<f64>()
        / TICKS
}
