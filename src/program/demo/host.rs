//! A host of the demo: as much of SMTP as a scan wants to hear, and a policy over HTTPS.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::shared::tls::accept;

/// The longest line, in octets.
const LINE_OCTETS_MAX: u64 = 2_048;
/// How long a connection may last, in seconds.
const CONNECTION_S: u64 = 30;
/// How long a command may take to come, in seconds: a demo waits for nobody. rustls answers a renegotiation only with
/// the next line, so whoever tries one hears nothing before.
const COMMAND_S: u64 = 2;
/// How long a handshake may take, in seconds.
const HANDSHAKE_S: u32 = 2;

/// How a session in clear or in TLS ended.
enum Ended {
    Closed,
    /// After the answer to STARTTLS.
    Starttls,
}

/// Receives mail that never comes, as the MX host `name`.
pub(super) async fn mail(
    listener: TcpListener,
    name: String,
    tls: Option<Arc<ServerConfig>>,
    stop: CancellationToken,
) {
    let name: Arc<str> = name.into();
    each(listener, stop, move |mut stream| {
        let (name, tls) = (Arc::clone(&name), tls.clone());
        async move {
            stream.write_all(format!("220 {name} ESMTP\r\n").as_bytes()).await.ok()?;
            // What came in one segment with STARTTLS goes with the buffer (RFC 3207 §6).
            let Ended::Starttls = talk(&mut stream, &name, tls.is_some()).await? else { return Some(()) };
            let config = tls?;
            let (_, mut stream) = accept(stream, HANDSHAKE_S, |_| config).await.outcome.ok()?;
            talk(&mut stream, &name, false).await.map(drop)
        }
    })
    .await;
}

/// Serves a policy (RFC 8461 §3.3).
pub(super) async fn policy(
    listener: TcpListener,
    policy: String,
    config: Arc<ServerConfig>,
    stop: CancellationToken,
) {
    let answer: Arc<str> = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{policy}",
        policy.len()
    )
    .into();
    each(listener, stop, move |stream| {
        let (answer, config) = (Arc::clone(&answer), Arc::clone(&config));
        async move {
            let (_, stream) = accept(stream, HANDSHAKE_S, |_| config).await.outcome.ok()?;
            let mut stream = BufReader::new(stream);
            while !line(&mut stream).await?.is_empty() {}
            stream.write_all(answer.as_bytes()).await.ok()?;
            stream.shutdown().await.ok()
        }
    })
    .await;
}

/// Serves every connection until `stop`. What a visitor breaks off concerns nobody.
async fn each<F>(listener: TcpListener, stop: CancellationToken, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = Option<()>> + Send + 'static,
{
    let serving = TaskTracker::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else { continue };
        let (served, stop) = (serve(stream), stop.clone());
        serving.spawn(async move {
            let limit = Duration::from_secs(CONNECTION_S);
            let _over = stop.run_until_cancelled(tokio::time::timeout(limit, served)).await;
        });
    }
    serving.close();
    serving.wait().await;
}

/// A session up to STARTTLS or its end (RFC 5321 §4.1.1).
async fn talk(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    name: &str,
    starttls: bool,
) -> Option<Ended> {
    let mut stream = BufReader::new(stream);
    loop {
        let line = line(&mut stream).await?;
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let reply = match verb.as_str() {
            "EHLO" => {
                let offered = if starttls { "250-STARTTLS\r\n" } else { "" };
                format!("250-{name}\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n{offered}250 8BITMIME\r\n")
            }
            "STARTTLS" if starttls => "220 2.0.0 Ready\r\n".to_owned(),
            "HELO" | "MAIL" | "RSET" | "NOOP" => "250 2.0.0 Ok\r\n".to_owned(),
            "QUIT" => "221 2.0.0 Bye\r\n".to_owned(),
            _ => "502 5.5.1 This host plays a part in a demo\r\n".to_owned(),
        };
        stream.write_all(reply.as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        match verb.as_str() {
            "STARTTLS" if starttls => return Some(Ended::Starttls),
            "QUIT" => return Some(Ended::Closed),
            _ => {}
        }
    }
}

/// The next line without its end; none where the visitor is gone, dawdles, or goes on for ever.
async fn line(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut line = Vec::new();
    let mut stream = stream.take(LINE_OCTETS_MAX);
    let reading = stream.read_until(b'\n', &mut line);
    tokio::time::timeout(Duration::from_secs(COMMAND_S), reading).await.ok()?.ok()?;
    line.ends_with(b"\n").then(|| String::from_utf8_lossy(&line).trim_end().to_owned())
}
