//! Asking the service over its socket.

use std::path::Path;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::HOST;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

/// How long the service may take to answer, in seconds.
const ANSWER_S: u64 = 20;
/// How long its answer may be, in octets.
const ANSWER_OCTETS_MAX: usize = 4 << 20;

/// Why the service said nothing.
#[derive(Debug, thiserror::Error)]
pub(in crate::program::app::command) enum NotAsked {
    #[error("{0}")]
    Socket(#[from] std::io::Error),
    #[error("{0}")]
    Http(#[from] hyper::Error),
    #[error("{0}")]
    Request(#[from] hyper::http::Error),
    #[error("its answer breaks off or is too long: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error("it answered with status {0}")]
    Status(StatusCode),
    #[error("its answer is no text")]
    NoText,
    #[error("it did not answer within {ANSWER_S} s")]
    Silent,
}

/// What the service at `socket` says of itself, as JSON.
pub(super) async fn ask(socket: &Path) -> Result<String, NotAsked> {
    let request = Request::get("/status").header(HOST, "localhost").body(Full::default())?;
    in_time(socket, request).await
}

/// What the service at `socket` says to an order.
pub(in crate::program::app::command) async fn order(
    socket: &Path,
    path: &str,
    body: String,
) -> Result<String, NotAsked> {
    let request = Request::post(path).header(HOST, "localhost").body(Full::from(body))?;
    in_time(socket, request).await
}

async fn in_time(socket: &Path, request: Request<Full<Bytes>>) -> Result<String, NotAsked> {
    let asked = tokio::time::timeout(Duration::from_secs(ANSWER_S), asked(socket, request));
    asked.await.unwrap_or(Err(NotAsked::Silent))
}

async fn asked(socket: &Path, request: Request<Full<Bytes>>) -> Result<String, NotAsked> {
    let stream = UnixStream::connect(socket).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends when the sender is dropped.
    tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    if response.status() != StatusCode::OK {
        return Err(NotAsked::Status(response.status()));
    }
    let body =
        Limited::new(response.into_body(), ANSWER_OCTETS_MAX).collect().await.map_err(NotAsked::Body)?;
    String::from_utf8(body.to_bytes().into()).map_err(|_| NotAsked::NoText)
}
