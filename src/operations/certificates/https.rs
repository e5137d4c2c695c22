//! Requests to a CA: over TLS that leads to the given roots, within limits of time and size. Redirects are not followed.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use jiff::fmt::rfc2822;
use parking_lot::Mutex;

use super::failure::Unreachable;
use crate::shared::dial;
use crate::shared::dns::Lookup;
use crate::shared::time::{Timestamp, after};
use crate::shared::tls::client::{self, Roots};

/// How long one request may take, in seconds.
const REQUEST_S_MAX: u32 = 60;
/// The largest answer, in octets: a chain of certificates has some thousand.
const ANSWER_OCTETS_MAX: usize = 1 << 20;
/// The largest head of an answer, in octets.
const HEAD_OCTETS_MAX: usize = 65_536;
/// How many addresses of a CA are tried.
const ADDRESSES_MAX: usize = 4;
/// The longest wait that a CA may ask for, in seconds: a week.
const RETRY_AFTER_S_MAX: u32 = 604_800;

/// Asks a CA. Clones are the same.
#[derive(Clone)]
pub(super) struct Https(Arc<Inner>);

struct Inner {
    dial: dial::Settings,
    lookup: Arc<dyn Lookup>,
    roots: Roots,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// The host that the operator wrote down: it may be anywhere.
    configured: String,
    retry_after: Mutex<Option<Timestamp>>,
}

impl Https {
    /// Asks the CA whose directory is at `directory`.
    pub(super) fn new(
        directory: &str,
        dial: dial::Settings,
        lookup: Arc<dyn Lookup>,
        roots: Roots,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> Self {
        let configured = directory.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        let configured = configured.unwrap_or_default();
        Self(Arc::new(Inner { dial, lookup, roots, clock, configured, retry_after: Mutex::default() }))
    }

    /// When the CA wants to be asked again, as it said with its last refusal since this was asked for.
    pub(super) fn take_retry_after(&self) -> Option<Timestamp> {
        self.0.retry_after.lock().take()
    }
}

impl HttpClient for Https {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            let host = request.uri().host().unwrap_or_default().to_owned();
            let limit = Duration::from_secs(u64::from(REQUEST_S_MAX));
            let answered = tokio::time::timeout(limit, inner.ask(request)).await;
            let answered = answered.unwrap_or_else(|_| Err(format!("no answer within {REQUEST_S_MAX} s")));
            answered.map_err(|reason| Error::Other(Box::new(Unreachable(format!("{host}: {reason}")))))
        })
    }
}

impl Inner {
    async fn ask(&self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, String> {
        let (mut head, body) = request.into_parts();
        let uri = head.uri.clone();
        if uri.scheme_str() != Some("https") {
            return Err("its address does not begin with https://".to_owned());
        }
        let authority = uri.authority().ok_or("its address has no host")?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let stream = self.reach(host, authority.port_u16().unwrap_or(443)).await?;
        let connected = client::connect(stream, host, true, REQUEST_S_MAX).await.map_err(|e| e.reason)?;
        client::webpki(&connected.chain, host, &self.roots, (self.clock)()).map_err(|fault| {
            format!("{fault}; where it is a CA of your own, name its root as tls.acme.roots")
        })?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = path.parse().map_err(told)?;
        head.headers.insert(HOST, HeaderValue::from_str(authority.as_str()).map_err(told)?);
        let agent = concat!("mailassay/", env!("CARGO_PKG_VERSION"), " instant-acme");
        head.headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        let request = Request::from_parts(head, body);
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_OCTETS_MAX)
            .handshake(TokioIo::new(connected.stream))
            .await
            .map_err(told)?;
        let answering = async {
            let response = sender.send_request(request).await.map_err(told)?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_OCTETS_MAX).collect().await.map_err(told)?.to_bytes();
            Ok::<_, String>((head, body))
        };
        tokio::pin!(connection, answering);
        let mut closed = false;
        let (head, body) = loop {
            tokio::select! {
                answered = &mut answering => break answered?,
                // What its end means for the answer comes with the answer.
                _ = &mut connection, if !closed => closed = true,
            }
        };
        if matches!(head.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            let again = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            *self.retry_after.lock() = again.and_then(|again| again_at(again, (self.clock)()));
        }
        if head.status.is_server_error() && serde_json::from_slice::<serde_json::Value>(&body).is_err() {
            return Err(format!("it answers with status {}", head.status));
        }
        Ok(BytesResponse { parts: head, body: Box::new(body) })
    }

    async fn reach(&self, host: &str, port: u16) -> Result<tokio::net::TcpStream, String> {
        let addresses: Vec<IpAddr> = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => self.lookup.addresses(host).await.known()?.records().to_vec(),
        };
        let mut reasons = Vec::new();
        for address in addresses.into_iter().take(ADDRESSES_MAX) {
            let address = SocketAddr::new(address, port);
            let connected = match host == self.configured.trim_matches(['[', ']']) {
                true => self.dial.configured(address).await,
                false => self.dial.connect(address).await,
            };
            match connected {
                Ok(stream) => return Ok(stream),
                Err(error) => reasons.push(error.to_string()),
            }
        }
        Err(if reasons.is_empty() { "it has no address".to_owned() } else { reasons.join("; ") })
    }
}

fn told(error: impl ToString) -> String {
    error.to_string()
}

/// When to come again (RFC 9110 §10.2.3): after so many seconds, or at an instant. Not later than in a week.
fn again_at(value: &str, now: Timestamp) -> Option<Timestamp> {
    let value = value.trim();
    let at = match value.parse::<u32>() {
        Ok(seconds) => after(now, seconds),
        Err(_) => rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?,
    };
    Some(at.min(after(now, RETRY_AFTER_S_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_says_when_to_come_again_in_seconds_or_as_an_instant() {
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let at = |value| again_at(value, now).map(|at| at.to_string());
        assert_eq!(at("120").unwrap(), "2026-11-29T12:02:00Z");
        assert_eq!(at("Sun, 29 Nov 2026 13:00:00 GMT").unwrap(), "2026-11-29T13:00:00Z");
        assert_eq!(at("Sun, 29 Nov 2099 13:00:00 GMT").unwrap(), "2026-12-06T12:00:00Z", "a week at most");
        assert_eq!(at("soon"), None);
    }
}
