//! One page by HTTPS, or by HTTP in the clear: HTTP/1.1 (RFC 9112) over our own stream.
//!
//! Nothing is followed, decoded or kept open: a redirect is a status, an encoding is an error, and
//! the connection ends with the answer. Of a body that nobody wants, or with another status than 200,
//! nothing is read.

use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, HeaderName, LOCATION,
    STRICT_TRANSPORT_SECURITY, USER_AGENT,
};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::ceiling::Ceiling;
use super::connect::{connect, since};
use super::tls;
use crate::pace::Clearance;
use crate::table::codes::ErrorCode;
use crate::table::row::Moment;
use crate::table::rows::{Tcp, Tls};
use crate::text;
use crate::trace;

/// Bytes of the status line and the header fields; more is no protocol.
const HEAD: usize = 16 * 1024;
/// Bytes of a body (RFC 8461 3.3: 64 kilobytes).
pub const BODY: usize = 64 * 1024;
/// Bytes read in all, those of TLS included: a body in chunks of one byte, each in a record of its
/// own, takes half of it.
const ALL: usize = 4 * 1024 * 1024;
/// Bytes kept of a header field.
const FIELD: usize = 128;

/// How long each step may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the handshake.
    pub handshake: Duration,
    /// From the request to the end of the header.
    pub header: Duration,
    /// From the end of the header to the end of the body.
    pub body: Duration,
    /// For all of it, once connected. RFC 8461 3.3 suggests one minute.
    pub session: Duration,
    /// For the server's goodbye.
    pub goodbye: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(20),
            header: Duration::from_secs(30),
            body: Duration::from_secs(30),
            session: Duration::from_secs(60),
            goodbye: Duration::from_secs(1),
        }
    }
}

/// What to ask for.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Name of the server: for SNI and for the Host field.
    pub host: String,
    /// Path of the page.
    pub path: &'static str,
    /// Who asks (RFC 9110 10.1.5).
    pub user_agent: String,
    /// Whether the body of an answer with status 200 is wanted.
    pub wants_body: bool,
    /// How long to wait.
    pub patience: Patience,
}

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Exchange {
    /// Name of the server.
    pub host: String,
    /// When it began.
    pub observed_at: Moment,
    /// How long it took.
    pub elapsed_ms: u32,
    /// The connection.
    pub tcp: Tcp,
    /// The handshake.
    pub tls: Tls,
    /// The certificates sent, leaf first, in DER.
    pub chain: Vec<Vec<u8>>,
    /// Status of the answer.
    pub status: Option<u16>,
    /// Content-Type, escaped and cut.
    pub content_type: Option<String>,
    /// Content-Encoding, escaped and cut.
    pub content_encoding: Option<String>,
    /// Location, as it came (RFC 9110 10.2.2).
    pub location: Option<Vec<u8>>,
    /// Every field Strict-Transport-Security, as it came (RFC 6797 6.1).
    pub hsts: Vec<Vec<u8>>,
    /// The whole body of an answer with status 200; none where there is no such answer, or nobody
    /// wants it.
    pub body: Option<Vec<u8>>,
    /// Why there is no whole answer.
    pub error: Option<ErrorCode>,
}

/// Asks for one page: inside TLS by a client of it, else in the clear. None when the survey was asked
/// to stop before the connection was there.
pub async fn get(
    clearance: Clearance,
    plan: &Plan,
    client: Option<&tls::Client>,
) -> Option<Exchange> {
    let start = Instant::now();
    let mut seen = Exchange {
        host: plan.host.clone(),
        observed_at: Moment::now(),
        ..Exchange::default()
    };
    let (_open, stream) = connect(clearance, &mut seen.tcp).await?;
    match stream {
        Some(stream) => converse(&mut seen, stream, plan, client).await,
        None => seen.error = seen.tcp.error,
    }
    seen.elapsed_ms = since(start);
    Some(seen)
}

async fn converse(
    seen: &mut Exchange,
    stream: TcpStream,
    plan: &Plan,
    client: Option<&tls::Client>,
) {
    let end = Instant::now() + plan.patience.session;
    let by = |patience: Duration| end.min(Instant::now() + patience);
    let deadline = by(plan.patience.handshake);
    let stream = Ceiling::new(stream, ALL);
    let Some(client) = client else {
        return note(seen, stream, plan, end).await;
    };
    let handshake = client.handshake(stream, Some(&plan.host), deadline).await;
    seen.error = handshake.tls.error;
    seen.tls = handshake.tls;
    seen.chain = handshake.chain;
    if let Some(stream) = handshake.stream {
        note(seen, stream, plan, end).await;
    }
}

/// Asks on a stream, and takes note of what became of it.
async fn note(seen: &mut Exchange, stream: impl Stream, plan: &Plan, end: Instant) {
    let asked = ask(seen, stream, plan, end).await;
    seen.error = asked.err();
    trace::line(|| match (seen.status, seen.error) {
        (Some(status), None) => format!("< {status}"),
        (status, error) => format!("< {status:?} {error:?}"),
    });
}

/// What bytes go over, in the clear or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Sends the request and reads the answer. The connection is driven by the same task, so that
/// nothing of it is left when this returns.
async fn ask(
    seen: &mut Exchange,
    stream: impl Stream,
    plan: &Plan,
    end: Instant,
) -> Result<(), ErrorCode> {
    let request = request(plan)?;
    let mut builder = http1::Builder::new();
    let shake = builder.max_buf_size(HEAD).handshake(TokioIo::new(stream));
    let (mut sender, connection) = shake.await.map_err(|err| fault(&err))?;
    let mut connection = std::pin::pin!(connection);
    let talk = async {
        let deadline = end.min(Instant::now() + plan.patience.header);
        trace::line(|| format!("> GET {}", plan.path));
        let response = timeout_at(deadline, sender.send_request(request)).await;
        let response = response.map_err(|_| ErrorCode::Timeout)?;
        answer(seen, response.map_err(|err| fault(&err))?, plan, end).await
    };
    let mut talk = std::pin::pin!(talk);
    let said = tokio::select! {
        biased;
        said = &mut talk => said,
        // What the answer still wants is there already, or never comes.
        _ = &mut connection => return talk.await,
    };
    if said.is_ok() {
        let goodbye = end.min(Instant::now() + plan.patience.goodbye);
        let _ = timeout_at(goodbye, connection).await;
    }
    said
}

fn request(plan: &Plan) -> Result<Request<Empty<Bytes>>, ErrorCode> {
    Request::get(plan.path)
        .header(HOST, plan.host.as_str())
        .header(USER_AGENT, plan.user_agent.as_str())
        .header(CONNECTION, "close")
        .body(Empty::new())
        // A name that cannot stand in a header is none that could be resolved.
        .map_err(|_| ErrorCode::InternalError)
}

async fn answer(
    seen: &mut Exchange,
    response: Response<Incoming>,
    plan: &Plan,
    end: Instant,
) -> Result<(), ErrorCode> {
    let status = response.status();
    seen.status = Some(status.as_u16());
    seen.content_type = field(response.headers(), &CONTENT_TYPE);
    seen.content_encoding = field(response.headers(), &CONTENT_ENCODING);
    seen.location = all(response.headers(), &LOCATION).next();
    seen.hsts = all(response.headers(), &STRICT_TRANSPORT_SECURITY).collect();
    match status {
        StatusCode::OK if plan.wants_body => {}
        StatusCode::TOO_MANY_REQUESTS => return Err(ErrorCode::TempReject),
        _ => return Ok(()),
    }
    let encoding = seen.content_encoding.as_deref();
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        // None was asked for, and what is not decoded cannot burst.
        return Err(ErrorCode::ProtocolError);
    }
    let deadline = end.min(Instant::now() + plan.patience.body);
    let body = timeout_at(deadline, whole(response.into_body())).await;
    seen.body = Some(body.map_err(|_| ErrorCode::Timeout)??);
    Ok(())
}

/// The body, as far as it is not too large. What is dropped is not read.
async fn whole(mut body: Incoming) -> Result<Vec<u8>, ErrorCode> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|err| fault(&err))?;
        let data = frame.data_ref().map_or(&[][..], |data| data);
        if bytes.len() + data.len() > BODY {
            return Err(ErrorCode::TooLarge);
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}

/// The values of a field, as they came.
fn all(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = Vec<u8>> {
    let values = headers.get_all(name).into_iter();
    values.map(|value| value.as_bytes().to_vec())
}

fn field(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(text::escape(value.as_bytes(), FIELD).0)
}

/// Whose fault a broken exchange is.
fn fault(err: &hyper::Error) -> ErrorCode {
    let mut cause = std::error::Error::source(err);
    while let Some(inner) = cause {
        if let Some(inner) = inner.downcast_ref::<std::io::Error>() {
            return tls::broken(inner);
        }
        cause = inner.source();
    }
    if err.is_incomplete_message() || err.is_canceled() || err.is_closed() {
        ErrorCode::Closed
    } else {
        ErrorCode::ProtocolError
    }
}
