//! Those who ask: the policy host and DNS.

use std::net::SocketAddr;
use std::time::Duration;

use mailassay::shared::tls::client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;

use super::super::sender::{Failure, connect};
use super::super::world::ORIGIN;
use super::{Flood, Tally, each};

/// How many fetches one connection makes.
const FETCHES_PER_LINK: u32 = 10;
/// How many connections fetch at a time.
const FETCHERS: u32 = 60;
/// How many sockets ask DNS, and how many questions each has under way: a hundred in all, as with dnsperf.
const ASKERS: u32 = 10;
const UNDER_WAY: u32 = 10;
/// How long an answer is awaited.
const ANSWER: Duration = Duration::from_secs(2);

/// Fetches the policy.
pub(super) async fn fetches(flood: Flood) -> Tally {
    let links = flood.number(30_000) / FETCHES_PER_LINK;
    each(flood, links.max(1), FETCHERS, |n| async move {
        let mut tally = Tally::default();
        if let Err(error) = fetch(flood, n, &mut tally).await {
            tally.add(error.to_string());
        }
        tally
    })
    .await
}

async fn fetch(flood: Flood, n: u32, tally: &mut Tally) -> Result<(), Failure> {
    let host = format!("mta-sts.et.{ORIGIN}");
    let stream = connect(flood.address(n), flood.places.policy_host).await?;
    let mut stream = client::connect(stream, &host, true, 30).await?.stream;
    let request =
        format!("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {host}\r\nUser-Agent: load\r\n\r\n");
    let mut chunk = vec![0; 16_384];
    for _ in 0..FETCHES_PER_LINK {
        if flood.is_over() {
            break;
        }
        stream.write_all(request.as_bytes()).await?;
        let mut text = String::new();
        // The policy is small, and its answer has a Content-Length.
        while !is_whole(&text) {
            match stream.read(&mut chunk).await? {
                0 => {
                    tally.add("closed by the service");
                    return Ok(());
                }
                octets => text += &String::from_utf8_lossy(&chunk[..octets]),
            }
        }
        tally.add(format!("answered with {}", text.get(9..12).unwrap_or_default()));
    }
    Ok(())
}

/// Whether an answer is there with all of its body.
fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

/// Asks for names under the tests' domain, no two of them the same.
pub(super) async fn questions(flood: Flood) -> Tally {
    let each_asks = flood.number(100_000) / ASKERS;
    each(flood, ASKERS, ASKERS, |n| async move {
        let mut tally = Tally::default();
        match ask(flood, n, each_asks).await {
            Ok((asked, answered)) => {
                *tally.0.entry("answered".to_owned()).or_default() += answered;
                *tally.0.entry("unanswered".to_owned()).or_default() += asked - answered;
            }
            Err(error) => tally.add(error.to_string()),
        }
        tally
    })
    .await
}

/// Keeps so many questions under way; gives how many it asked, and how many were answered.
async fn ask(flood: Flood, asker: u32, count: u32) -> std::io::Result<(u32, u32)> {
    let socket = UdpSocket::bind(SocketAddr::new(flood.address(asker), 0)).await?;
    socket.connect(flood.places.dns).await?;
    let (mut asked, mut answered) = (0, 0);
    let mut answer = [0; 4_096];
    while asked < count && !flood.is_over() {
        let batch = UNDER_WAY.min(count - asked);
        for n in asked..asked + batch {
            socket.send(&question(asker, n)).await?;
        }
        asked += batch;
        let mut came = 0;
        while came < batch {
            match tokio::time::timeout(ANSWER, socket.recv(&mut answer)).await {
                Ok(received) => {
                    received?;
                    came += 1;
                }
                Err(_) => break,
            }
        }
        answered += came;
    }
    Ok((asked, answered))
}

/// A question on the wire: MX records, a host's address, or a name that there is not; with EDNS and the DO bit.
pub(crate) fn question(asker: u32, n: u32) -> Vec<u8> {
    let (name, rtype): (String, u16) = match n % 4 {
        0 => (format!("et.{ORIGIN}"), 15),
        1 => (format!("mx0{}.et.{ORIGIN}", 3 + n / 4 % 4), 1),
        2 => (format!("_mta-sts.et.{ORIGIN}"), 16),
        _ => (format!("n{n}-{asker}.et.{ORIGIN}"), 1),
    };
    let [.., high, low] = n.to_be_bytes();
    let mut octets = vec![high, low, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    for label in name.split('.') {
        octets.push(u8::try_from(label.len()).unwrap_or(0));
        octets.extend(label.bytes());
    }
    octets.push(0);
    octets.extend(rtype.to_be_bytes());
    octets.extend([0, 1]);
    // OPT of the root: 1232 octets, DO (RFC 6891 §6.1.2).
    octets.extend([0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0]);
    octets
}
