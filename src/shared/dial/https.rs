//! A GET over HTTPS: no redirect is followed (RFC 8461 §3.3), every fact is kept, all within limits.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::net::TcpStream;

use crate::shared::evidence::{Fetch, FetchOutcome};
use crate::shared::tls::client::{self, ClientStream, Roots};

use super::Settings;

/// The limits of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// All of it, in seconds; default 60 (RFC 8461 §3.3 suggests one minute).
    pub total_s: u32,
    /// How much of the body is kept, in octets; default 65 536 (RFC 8461 §3.3 allows a limit of 64 KiB).
    pub body_octets: usize,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self { total_s: 60, body_octets: 65_536 }
    }
}

/// How many addresses of a host are tried.
const ADDRESSES_MAX: usize = 4;
/// How much of the answer's head is read, in octets.
const HEAD_OCTETS_MAX: usize = 16_384;

/// What is to be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Get<'a> {
    /// The host, whose certificate must name it.
    pub host: &'a str,
    /// The path, with its query.
    pub path: &'a str,
    /// The media type that is asked for.
    pub accept: &'a str,
}

/// GETs `https://<host><path>`, as text, from the first of `addresses` that takes a connection. The certificate must
/// lead to one of `roots` at `now` and name the host. Whatever goes wrong is the outcome, not an error.
pub async fn https_get(
    dial: &Settings,
    host: &str,
    path: &str,
    addresses: &[IpAddr],
    roots: &Roots,
    limits: FetchLimits,
    now: Timestamp,
) -> Fetch {
    let get = Get { host, path, accept: "text/plain" };
    fetch(dial, get, addresses, roots, limits, now).await
}

/// As [`https_get`], with a media type of the caller's.
pub async fn fetch(
    dial: &Settings,
    get: Get<'_>,
    addresses: &[IpAddr],
    roots: &Roots,
    limits: FetchLimits,
    now: Timestamp,
) -> Fetch {
    let Get { host, path, .. } = get;
    let fetching = async {
        let stream = reach(dial, addresses).await?;
        let stream = secure(stream, host, roots, limits, now).await?;
        answer(stream, get, limits).await
    };
    let total = Duration::from_secs(u64::from(limits.total_s));
    let outcome = match tokio::time::timeout(total, fetching).await {
        Ok(Ok(outcome) | Err(outcome)) => outcome,
        Err(_) => FetchOutcome::TimedOut,
    };
    Fetch { url: format!("https://{host}{path}"), outcome }
}

/// What time a host says it is: the Date of its answer (RFC 9110 §6.6.1). Its certificate is not checked, since whether
/// that holds depends on the clock that is in question.
///
/// # Errors
///
/// Why it is not known, in words.
pub async fn date(
    dial: &Settings,
    get: Get<'_>,
    addresses: &[IpAddr],
    total_s: u32,
) -> Result<Timestamp, String> {
    let asking = async {
        let stream = reach(dial, addresses).await.map_err(|outcome| why(&outcome))?;
        let connected = client::connect(stream, get.host, true, total_s).await;
        let stream = connected.map_err(|failure| failure.reason)?.stream;
        let (head, _) = exchange(stream, get, async |response: Response<_>| Ok(response.into_parts()))
            .await
            .map_err(|outcome| why(&outcome))?;
        let said = head.headers.get(header::DATE).and_then(|value| value.to_str().ok());
        let said = said.ok_or_else(|| "its answer has no date".to_owned())?;
        rfc2822::DateTimeParser::new().parse_timestamp(said).map_err(|error| error.to_string())
    };
    let limit = Duration::from_secs(u64::from(total_s));
    tokio::time::timeout(limit, asking).await.unwrap_or_else(|_| Err(format!("no answer within {total_s} s")))
}

fn why(outcome: &FetchOutcome) -> String {
    match outcome {
        FetchOutcome::Unreachable { reason } | FetchOutcome::TlsFailed { reason } => reason.clone(),
        FetchOutcome::TimedOut => "no answer in time".to_owned(),
        FetchOutcome::Answered { status, .. } => format!("status {status}"),
    }
}

fn unreachable(reason: impl ToString) -> FetchOutcome {
    FetchOutcome::Unreachable { reason: reason.to_string() }
}

async fn reach(dial: &Settings, addresses: &[IpAddr]) -> Result<TcpStream, FetchOutcome> {
    let mut reasons = Vec::new();
    for address in addresses.iter().take(ADDRESSES_MAX) {
        match dial.connect(SocketAddr::new(*address, dial.https_port)).await {
            Ok(stream) => return Ok(stream),
            Err(error) => reasons.push(error.to_string()),
        }
    }
    Err(unreachable(if reasons.is_empty() {
        "the host has no address".to_owned()
    } else {
        reasons.join("; ")
    }))
}

async fn secure(
    stream: TcpStream,
    host: &str,
    roots: &Roots,
    limits: FetchLimits,
    now: Timestamp,
) -> Result<Box<ClientStream<TcpStream>>, FetchOutcome> {
    let failed = |reason: String| FetchOutcome::TlsFailed { reason };
    let connected = client::connect(stream, host, true, limits.total_s).await;
    let connected = connected.map_err(|failure| failed(failure.reason))?;
    client::webpki(&connected.chain, host, roots, now).map_err(|fault| failed(fault.to_string()))?;
    Ok(connected.stream)
}

async fn answer(
    stream: Box<ClientStream<TcpStream>>,
    get: Get<'_>,
    limits: FetchLimits,
) -> Result<FetchOutcome, FetchOutcome> {
    exchange(stream, get, async |response| read(response, limits.body_octets).await).await
}

/// Asks, and reads the answer by `read` while the connection is driven.
async fn exchange<T>(
    stream: Box<ClientStream<TcpStream>>,
    Get { host, path, accept }: Get<'_>,
    read: impl AsyncFnOnce(Response<hyper::body::Incoming>) -> Result<T, FetchOutcome>,
) -> Result<T, FetchOutcome> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_OCTETS_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(unreachable)?;
    let request = Request::get(path)
        .header(header::HOST, host)
        .header(header::USER_AGENT, concat!("mailassay/", env!("CARGO_PKG_VERSION")))
        .header(header::ACCEPT, accept)
        .body(Empty::<Bytes>::new())
        .map_err(unreachable)?;
    let answering = async {
        let response = sender.send_request(request).await.map_err(unreachable)?;
        read(response).await
    };
    tokio::pin!(connection);
    tokio::pin!(answering);
    let mut closed = false;
    loop {
        tokio::select! {
            answered = &mut answering => return answered,
            // The connection's end does not matter as such: what it means for the answer comes with the answer.
            _ = &mut connection, if !closed => closed = true,
        }
    }
}

async fn read(
    response: Response<hyper::body::Incoming>,
    octets_max: usize,
) -> Result<FetchOutcome, FetchOutcome> {
    let (head, mut incoming) = response.into_parts();
    let field = |name| head.headers.get(name).map(|value| value.as_bytes().escape_ascii().to_string());
    let (content_type, location) = (field(header::CONTENT_TYPE), field(header::LOCATION));
    let (mut body, mut cut) = (Vec::new(), false);
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(unreachable)?;
        let Some(data) = frame.data_ref() else { continue };
        let room = octets_max - body.len();
        body.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            cut = true;
            break;
        }
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(FetchOutcome::Answered { status: head.status.as_u16(), content_type, body, cut, location })
}
