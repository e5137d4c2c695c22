//! The door of a node that is to take nothing new: whoever knocks is told so, and goes to another host.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// How often it is tried to take a port over from the listener that ends, and how long to wait in between, in milliseconds.
const TAKEN_OVER_TRIES: u32 = 100;
const TAKEN_OVER_MS: u64 = 100;
/// How long telling may take, in seconds: a reply fits into what the system holds for a link that is new.
const TOLD_S: u64 = 1;

/// Tells all who come to `addresses`, until `stop`.
pub(super) async fn turn_away(addresses: Vec<SocketAddr>, host: &str, stop: &CancellationToken) {
    // RFC 3463: 4.3.2, the system is not accepting messages at the moment.
    let reply =
        format!("421 4.3.2 {host} is being taken out of service; try another host, or come again later\r\n");
    let doors = addresses.into_iter().map(|address| stand_at(address, &reply));
    stop.run_until_cancelled(futures_util::future::join_all(doors)).await;
}

async fn stand_at(address: SocketAddr, reply: &str) {
    for _ in 0..TAKEN_OVER_TRIES {
        match TcpListener::bind(address).await {
            Ok(door) => return tell_all(&door, reply).await,
            Err(_) => tokio::time::sleep(Duration::from_millis(TAKEN_OVER_MS)).await,
        }
    }
    tracing::warn!(%address, "whoever comes here finds nobody, while this node takes nothing new");
}

/// One after the other: nobody is waited for.
async fn tell_all(door: &TcpListener, reply: &str) {
    loop {
        match door.accept().await {
            Ok((link, _)) => {
                let _gone = tokio::time::timeout(Duration::from_secs(TOLD_S), tell(link, reply)).await;
            }
            // No descriptor is free, as a rule.
            Err(_) => tokio::time::sleep(Duration::from_millis(TAKEN_OVER_MS)).await,
        }
    }
}

async fn tell(mut link: TcpStream, reply: &str) -> std::io::Result<()> {
    link.write_all(reply.as_bytes()).await?;
    link.shutdown().await
}
