//! The sender whose trial is followed, and the sessions that come in beside.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mailassay::shared::smtp::{Client, ClientSettings, Starttls};
use mailassay::shared::tls::client;
use tokio::task::JoinHandle;

use super::sender::{Failure, address, domain, greeted, message};
use super::world::ORIGIN;

/// The sender that is followed.
const FOLLOWED: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 88, 0, 1));
const NUMBER: u32 = 1;
/// The others: addresses of 127.91.0.0/16.
const SECOND: u8 = 91;
const NETWORKS: u32 = 200;
const HANDSHAKE_S: u32 = 10;

/// Opens the trial; gives the path of its page, which the answer to the mail names.
pub(crate) async fn trial(smtp: SocketAddr) -> Result<String, Box<dyn Error>> {
    let said = attempt(smtp).await.map_err(|error| error.to_string())?;
    let path = said.split_once("/r/").map(|(_, rest)| rest);
    let id = path.and_then(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next());
    Ok(format!("/r/{}", id.ok_or(format!("no page is named: {said}"))?))
}

/// The same mail again: something happens in its trial.
pub(crate) async fn again(smtp: SocketAddr) -> Result<(), Box<dyn Error>> {
    attempt(smtp).await.map(drop).map_err(|error| error.to_string().into())
}

async fn attempt(smtp: SocketAddr) -> Result<String, Failure> {
    let mut client = greeted(FOLLOWED, smtp).await?;
    client.ehlo(&format!("mail.{}", domain(NUMBER))).await?;
    client.mail(Some(&format!("somebody@{}", domain(NUMBER))), "").await?;
    client.rcpt(&format!("en@et.{ORIGIN}")).await?;
    let reply = client.data(message(NUMBER, 0).as_bytes()).await?;
    client.quit().await?;
    Ok(reply.lines.concat())
}

/// Sessions that come all the while.
pub(crate) struct Sessions {
    coming: JoinHandle<()>,
    counts: Arc<[AtomicU32; 2]>,
}

impl Sessions {
    /// So many a second, each from EHLO over STARTTLS to QUIT.
    pub(crate) fn begin(smtp: SocketAddr, a_second: u32) -> Self {
        let counts = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
        let counted = Arc::clone(&counts);
        let coming = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_secs(1) / a_second);
            for n in 0.. {
                ticks.tick().await;
                let counted = Arc::clone(&counted);
                tokio::spawn(async move {
                    // A source has its window first, in which no STARTTLS is offered: sources come again.
                    let came = session(smtp, n % 600).await;
                    counted[usize::from(came.is_err())].fetch_add(1, Ordering::Relaxed);
                });
            }
        });
        Self { coming, counts }
    }

    /// Prints how many there were; false if hardly any was served.
    pub(crate) fn tell(&self) -> bool {
        self.coming.abort();
        let [served, failed] = [0, 1].map(|n| self.counts[n].load(Ordering::Relaxed));
        println!("{served} sessions beside the pages, {failed} failed");
        failed * 100 < served
    }
}

async fn session(smtp: SocketAddr, n: u32) -> Result<(), Failure> {
    let mut client = greeted(address(SECOND, NETWORKS, n), smtp).await?;
    let name = format!("mail.{}", domain(1_000 + n));
    if !client.ehlo(&name).await?.starttls() {
        client.quit().await?;
        return Ok(());
    }
    let stream = match client.starttls().await? {
        Starttls::Go(stream) => stream,
        Starttls::Refused(_, reply) => return Err(format!("STARTTLS: {}", reply.code).into()),
    };
    let connected = client::connect(stream, &format!("mx04.et.{ORIGIN}"), true, HANDSHAKE_S).await?;
    let mut client = Client::in_tls(connected.stream, ClientSettings::default());
    client.ehlo(&name).await?;
    client.quit().await?;
    Ok(())
}
