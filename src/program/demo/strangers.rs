//! Strangers: the scan that every public address is under all the time, from networks that send no mail. Nothing of
//! it may change a verdict.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::shared::dial::{FetchLimits, https_get};
use crate::shared::smtp::{Client, ClientSettings, Starttls};
use crate::shared::time::Timestamp;
use crate::shared::tls::client::{self, Roots};

use super::world::World;

/// How long a stranger waits before the next one comes, in milliseconds.
const PAUSE_MS: u64 = 400;
/// From how many networks they come.
const NETWORKS: u8 = 16;
/// How long one of them may take, in seconds.
const VISIT_S: u64 = 5;
const HANDSHAKE_S: u32 = 2;
/// What scanners ask every web server for.
const PATHS: [&str; 5] =
    ["/", "/robots.txt", "/.well-known/security.txt", "/.git/config", "/.well-known/mta-sts.txt.bak"];

/// What a stranger does.
#[derive(Clone, Copy, Debug)]
enum Visit {
    /// TLS to the policy host without SNI, and no request in it.
    TlsWithoutSni,
    /// A page of the policy host that is no policy, by its name.
    OtherPath,
    /// The policy's TXT record, and no other question: no MX, no address.
    PolicyRecord,
    /// A name that nobody uses.
    RandomName,
    EhloQuit,
    /// STARTTLS, and the connection is closed.
    StarttlsClose,
}

impl Visit {
    const ALL: [Self; 6] = [
        Self::TlsWithoutSni,
        Self::OtherPath,
        Self::PolicyRecord,
        Self::RandomName,
        Self::EhloQuit,
        Self::StarttlsClose,
    ];
}

/// Lets strangers come and go until `stop`: one kind of visit a task, each from another network than the
/// last. None where the system has a single loopback address, which is the samples', too.
pub fn strangers(
    world: &World,
    roots: &Roots,
    now: Timestamp,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    for (kind, visit) in (0..).zip(Visit::ALL).filter(|_| world.has_addresses()) {
        let (world, roots, stop) = (world.clone(), roots.clone(), stop.clone());
        tasks.spawn(async move {
            let coming = async {
                for number in 0_u32.. {
                    let stranger = Stranger { world: &world, roots: &roots, kind, number, now };
                    // What comes of it concerns nobody.
                    let _ = tokio::time::timeout(Duration::from_secs(VISIT_S), stranger.visits(visit)).await;
                    tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
                }
            };
            stop.run_until_cancelled(coming).await;
        });
    }
}

struct Stranger<'a> {
    world: &'a World,
    roots: &'a Roots,
    kind: u8,
    number: u32,
    now: Timestamp,
}

impl Stranger<'_> {
    /// Where it comes from: another network than the last one. Each comes again, when STARTTLS is offered to it.
    fn address(&self) -> IpAddr {
        let [.., last] = self.number.to_be_bytes();
        Ipv4Addr::new(127, 9, last % NETWORKS, 10 + self.kind).into()
    }

    async fn visits(&self, visit: Visit) -> Option<()> {
        let dial = self.world.dial(vec![self.address()]);
        let (places, origin) = (self.world.places, self.world.settings().origin);
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        let policy_host = format!("mta-sts.et.{origin}");
        match visit {
            Visit::TlsWithoutSni => {
                let stream = dial.connect(SocketAddr::new(here, places.policy_host)).await.ok()?;
                client::connect(stream, &policy_host, false, HANDSHAKE_S).await.ok().map(drop)
            }
            Visit::OtherPath => {
                let path = PATHS.get(self.number as usize % PATHS.len())?;
                let limits = FetchLimits::default();
                https_get(&dial, &policy_host, path, &[here], self.roots, limits, self.now).await;
                Some(())
            }
            Visit::PolicyRecord => self.asks(&format!("_mta-sts.et.{origin}")).await,
            Visit::RandomName => self.asks(&format!("r{}.et.{origin}", self.number)).await,
            Visit::EhloQuit | Visit::StarttlsClose => {
                let stream = dial.smtp(here).await.ok()?;
                let (mut session, _) = Client::connected(stream, ClientSettings::default()).await.ok()?;
                session.ehlo("scanner.example").await.ok()?;
                if let Visit::EhloQuit = visit {
                    return session.quit().await.ok().map(drop);
                }
                match session.starttls().await.ok()? {
                    Starttls::Go(stream) => drop(stream),
                    Starttls::Refused(session, _) => drop(session),
                }
                Some(())
            }
        }
    }

    /// Asks for the TXT records of `name`, as a script does: one question, and no look at the answer.
    async fn asks(&self, name: &str) -> Option<()> {
        let socket = UdpSocket::bind(SocketAddr::new(self.address(), 0)).await.ok()?;
        let server = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), self.world.places.dns);
        socket.send_to(&question(name)?, server).await.ok()?;
        socket.recv(&mut [0; 512]).await.ok().map(drop)
    }
}

/// A query for TXT records (RFC 1035 §4.1).
fn question(name: &str) -> Option<Vec<u8>> {
    // Identity, no flags, one question.
    let mut query = vec![0x4d, 0x61, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        query.push(u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length))?);
        query.extend(label.bytes());
    }
    // The root, TXT, IN.
    query.extend([0, 0, 16, 0, 1]);
    Some(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_what_dns_wants() {
        let query = question("_mta-sts.example").expect("fits");
        assert_eq!(query.get(12..), Some(&b"\x08_mta-sts\x07example\0\0\x10\0\x01"[..]));
        assert_eq!((question("a..b"), question(&"a".repeat(64))), (None, None));
    }
}
