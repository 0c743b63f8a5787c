//! Sending a hello, reading the answer, and taking leave.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::flight::Reading;
use super::{Answer, Hello};
use crate::pace::error_of;
use crate::table::codes::ErrorCode;
use crate::table::tls_codes::HelloOutcome;
use crate::tls_names::Version;
use crate::trace;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
/// Bytes read at a time.
const CHUNK: usize = 4 << 10;
/// Bytes of an answer that are read after it was understood.
const REST: usize = 64 << 10;

/// Warnings that we go, and that this is on purpose (RFC 5246 7.2, RFC 8446 6.1): user_canceled,
/// close_notify.
const WARNINGS: [[u8; 2]; 2] = [[1, 90], [1, 0]];

/// Sends a hello, with a server name if one is given, reads the first flight, and closes.
pub async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    hello: &Hello,
    sni: Option<&str>,
    deadline: Instant,
) -> Answer {
    let answer = converse(stream, hello, sni, deadline).await;
    trace::line(|| words(hello, sni, &answer));
    let until = deadline.min(Instant::now() + GOODBYE);
    // The answer is there; whether the goodbye arrives changes nothing.
    let _ = timeout_at(until, part(stream, &answer)).await;
    answer
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    hello: &Hello,
    sni: Option<&str>,
    deadline: Instant,
) -> Answer {
    let mut reading = Reading::new(hello);
    let bytes = hello.encode(sni);
    let send = async {
        stream.write_all(&bytes).await?;
        stream.flush().await
    };
    match timeout_at(deadline, send).await {
        Ok(Ok(())) => {}
        Ok(Err(err)) => return reading.end(error_of(&err)),
        Err(_) => return reading.end(ErrorCode::Timeout),
    }
    let mut buffer = [0; CHUNK];
    loop {
        let read = match timeout_at(deadline, stream.read(&mut buffer)).await {
            Ok(Ok(0)) => return reading.end(ErrorCode::Closed),
            Ok(Ok(read)) => read,
            Ok(Err(err)) => return reading.end(error_of(&err)),
            Err(_) => return reading.end(ErrorCode::Timeout),
        };
        if let Some(answer) = reading.feed(&buffer[..read]) {
            return answer;
        }
    }
}

/// Says goodbye to a server that is in the middle of a handshake, and lets it close first, so that it
/// is not reset.
async fn part<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    answer: &Answer,
) -> std::io::Result<()> {
    let version = answer.flight.as_ref().map(|flight| flight.version.as_str());
    let version = version.and_then(Version::of_name);
    if let Some(version) = version.filter(|version| *version != Version::Ssl2)
        && answer.outcome == HelloOutcome::Accepted
    {
        let [major, minor] = version.min(Version::Tls1_2).number().to_be_bytes();
        let records = WARNINGS.map(|[level, number]| [21, major, minor, 0, 2, level, number]);
        stream.write_all(&records.concat()).await?;
    }
    stream.shutdown().await?;
    let mut rest = 0;
    let mut buffer = [0; CHUNK];
    while rest < REST {
        match stream.read(&mut buffer).await? {
            0 => break,
            read => rest += read,
        }
    }
    Ok(())
}

/// A hello and its answer as one line of a trace.
fn words(hello: &Hello, sni: Option<&str>, answer: &Answer) -> String {
    let mut words = vec![format!(
        "hello {} up to {}, {}, {}",
        hello.kind.as_str(),
        hello.version.as_str(),
        match (hello.extensions, sni) {
            (true, Some(sni)) => format!("SNI {sni}"),
            (true, None) => "no SNI".to_owned(),
            (false, _) => "no extensions".to_owned(),
        },
        answer.outcome.as_str(),
    )];
    words.extend(answer.error.map(|error| error.as_str().to_owned()));
    words.extend(answer.alert.map(|alert| format!("alert {alert}")));
    if let Some(flight) = &answer.flight {
        words.extend([flight.version.clone(), flight.cipher.clone()]);
        let facts = [&flight.group, &flight.signature_scheme];
        words.extend(facts.into_iter().flatten().cloned());
        words.extend(flight.dh_bits.map(|bits| format!("DH {bits} bits")));
        words.push(format!("{} certificates", flight.chain.len()));
    }
    words.join(", ")
}
