//! Pages as a browser asks for them, one after the other on a connection of their own each.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::sender::connect;

/// How often one is asked for.
const EVERY: Duration = Duration::from_millis(20);

/// A page; gives how long it took, from the connection to the last octet.
pub(crate) async fn get(site: SocketAddr, path: &str) -> Result<Duration, Box<dyn Error>> {
    let began = Instant::now();
    let mut stream = connect(Ipv4Addr::new(127, 92, 0, 1).into(), site).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let took = began.elapsed();
    match answer.starts_with(b"HTTP/1.1 200") {
        true => Ok(took),
        false => Err(String::from_utf8_lossy(&answer).lines().next().unwrap_or("nothing").to_owned().into()),
    }
}

/// The time that 99 of 100 pages take at most; of the first page, the method and a trial's.
pub(crate) async fn measure(
    site: SocketAddr,
    trial: &str,
    lasting: Duration,
) -> Result<Duration, Box<dyn Error>> {
    let (began, mut took) = (Instant::now(), Vec::new());
    let mut ticks = tokio::time::interval(EVERY);
    for path in ["/", trial, "/method"].into_iter().cycle() {
        if began.elapsed() > lasting {
            break;
        }
        ticks.tick().await;
        took.push(get(site, path).await?);
    }
    took.sort();
    let place = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or(Duration::MAX);
    println!("{} pages, median {:.1} ms", took.len(), place(50).as_secs_f64() * 1e3);
    Ok(place(99))
}
