//! The sockets. The two loops are ours: `hickory_server::Server` cannot limit TCP connections, in all or by
//! address, and answers what it cannot parse before any handler of ours sees it, so that FORMERR escapes rate
//! limiting. Nothing else of that crate was wanted, since its zones are broken at delegations, and so it is no
//! dependency.

mod answer;
mod counters;
mod edns;
mod kept;
mod noted;
mod rations;
mod respond;
mod rrl;
mod settings;
mod sockets;
mod transfer;

use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use parking_lot::Mutex;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::zone::{Authority, Zones};
use crate::sending::history::{Fact, Lost, QueriesLost, Recorder, Transport};
use crate::sending::trial::{Missing, Places, PlacesMax, Rationed};
use crate::shared::time::{Timestamp, after};
pub(in crate::sending::authority) use answer::told;
use answer::{Answer, Asked, Incoming, Refusal, answer};
pub use counters::Counters;
use counters::count;
use edns::{Agent, Asker, Cookies, Extensions, Presented, Report};
pub use edns::{CookieSecret, report_zone};
use kept::{Keeping, KeptAnswers, Plain, keeping};
use noted::queried;
use rations::Rations;
pub use rrl::RateSettings;
use rrl::{Fate, Limiter};
pub use settings::ServerSettings;
pub use sockets::Sockets;
use transfer::{Checked, Given, Transfers};
pub use transfer::{DomainName, Secondary, TsigAlgorithm, TsigKey};

/// The authoritative server.
pub struct Server {
    authority: Arc<Authority>,
    recorder: Arc<dyn Recorder>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    settings: ServerSettings,
    limiter: Mutex<Limiter>,
    rations: Mutex<Rations>,
    places: Places,
    counters: Counters,
    extensions: Extensions,
    transfers: Transfers,
    /// Until when no further report is said in the log.
    reports_said: Mutex<Timestamp>,
}

/// How many tasks answer from one socket: one signs while another reads.
const UDP_READERS: usize = 2;
/// How often a report is said in the log, in seconds: strangers write them.
const REPORT_SAID_S: u32 = 60;

impl Server {
    /// A server of `authority` that notes queries for names under its origin.
    pub fn new(
        authority: Arc<Authority>,
        recorder: Arc<dyn Recorder>,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        settings: ServerSettings,
    ) -> Self {
        let limiter = Mutex::new(Limiter::new(settings.rate.clone()));
        let rations = Mutex::new(Rations::new(&settings));
        let places = Places::new(PlacesMax {
            all: settings.tcp_connections_max,
            per_address: settings.tcp_connections_per_address_max,
            per_network: settings.tcp_connections_per_network_max,
        });
        let agent = settings.report_agent.as_ref().map(|domain| Agent::new(domain.to_name()));
        Self {
            transfers: Transfers::new(&settings.secondary, &settings.tsig, settings.catalog.as_ref()),
            extensions: Extensions { cookies: None, agent },
            counters: Counters::default(),
            reports_said: Mutex::new(Timestamp::MIN),
            authority,
            recorder,
            clock,
            settings,
            limiter,
            rations,
            places,
        }
    }

    /// The same server, that gives cookies (RFC 7873) whose secrets follow from this one.
    #[must_use]
    pub fn with_cookies(mut self, secret: CookieSecret) -> Self {
        self.extensions.cookies = Some(Cookies::new(secret));
        self
    }

    /// What was counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Serves, and keeps the zones fresh, until `stop`.
    pub async fn serve(self: Arc<Self>, sockets: Sockets, stop: CancellationToken) {
        let mut tasks = JoinSet::new();
        let sources = sockets.addresses().unwrap_or_default();
        for (udp, tcp) in sockets.0 {
            self.widen(&udp);
            let udp = Arc::new(udp);
            for _ in 0..UDP_READERS {
                tasks.spawn(Arc::clone(&self).serve_udp(Arc::clone(&udp)));
            }
            tasks.spawn(Arc::clone(&self).serve_tcp(tcp));
        }
        let fresh = self.authority.keep_fresh(Arc::clone(&self.clock));
        let announced = self.transfers.announce(&self.authority, &*self.clock, &sources);
        tokio::select! {
            () = stop.cancelled() => {}
            () = fresh => {}
            () = announced => {}
            // None of them ends by itself: who panics takes the server along, so that somebody hears of it.
            Some(Err(died)) = tasks.join_next() => {
                if let Ok(panic) = died.try_into_panic() {
                    resume_unwind(panic);
                }
            }
        }
    }

    /// What the kernel keeps by itself holds some 200 questions: less than come while a thread is away.
    fn widen(&self, socket: &UdpSocket) {
        if let Err(error) = SockRef::from(socket).set_recv_buffer_size(self.settings.udp_queue_octets_max) {
            tracing::warn!(%error, "the queue of DNS questions stays as short as the system makes it");
        }
    }

    async fn serve_udp(self: Arc<Self>, socket: Arc<UdpSocket>) {
        let mut datagram = vec![0; usize::from(u16::MAX)];
        let mut kept = KeptAnswers::default();
        loop {
            let (length, source) = match socket.recv_from(&mut datagram).await {
                Ok(received) => received,
                Err(error) => {
                    pause(&error).await;
                    continue;
                }
            };
            // Port 0 cannot be answered.
            if let Some(octets) = self.handle_datagram(&datagram[..length], source, &mut kept)
                && source.port() != 0
                && let Err(error) = socket.send_to(&octets, source).await
            {
                tracing::debug!(%error, %source, "a DNS answer was not sent");
            }
        }
    }

    async fn serve_tcp(self: Arc<Self>, listener: TcpListener) {
        let mut links = JoinSet::new();
        loop {
            while links.try_join_next().is_some() {}
            let (stream, source) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    pause(&error).await;
                    continue;
                }
            };
            let Some(place) = self.places.enter(source.ip()) else { continue };
            let server = Arc::clone(&self);
            links.spawn(async move {
                match AssertUnwindSafe(server.serve_link(stream, source)).catch_unwind().await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::debug!(%error, %source, "a DNS link over TCP ended"),
                    Err(_) => tracing::error!(
                        %source,
                        "a DNS link over TCP panicked and ended alone; please report this with the lines above"
                    ),
                }
                drop(place);
            });
        }
    }

    /// RFC 1035 §4.2.2: each message behind its length in two octets.
    async fn serve_link(&self, mut stream: TcpStream, source: SocketAddr) -> io::Result<()> {
        let idle = Duration::from_secs(u64::from(self.settings.tcp_idle_s));
        for _ in 0..self.settings.tcp_queries_max {
            let query = timeout(idle, async {
                let length = stream.read_u16().await?;
                let mut query = vec![0; usize::from(length)];
                stream.read_exact(&mut query).await.map(|_| query)
            });
            let (zones, now) = (self.authority.zones(), (self.clock)());
            let asker = self.asker(Transport::Tcp, source, now);
            let answered = self.caught(&zones, &query.await??, &asker, source);
            let Some((octets, more)) = answered.and_then(|answer| self.send(&zones, answer, source, &asker))
            else {
                break;
            };
            for octets in std::iter::once(octets).chain(more) {
                let mut framed =
                    u16::try_from(octets.len()).map_err(io::Error::other)?.to_be_bytes().to_vec();
                framed.extend(octets);
                timeout(idle, stream.write_all(&framed)).await??;
            }
        }
        stream.shutdown().await
    }

    fn asker(&self, transport: Transport, source: SocketAddr, now: Timestamp) -> Asker<'_> {
        Asker { transport, address: Some(source.ip()), now, extensions: &self.extensions }
    }

    /// The octets to send back over UDP, if any.
    fn handle_datagram(&self, octets: &[u8], source: SocketAddr, kept: &mut KeptAnswers) -> Option<Vec<u8>> {
        let zones = self.authority.zones();
        let asker = self.asker(Transport::Udp, source, (self.clock)());
        let plain = Plain::read(octets);
        if let Some(plain) = &plain
            && let Some(answered) = self.again(&zones, plain, &asker, source, kept)
        {
            return answered;
        }
        let answer = self.caught(&zones, octets, &asker, source)?;
        if let Some(plain) = plain
            && let Some(keeping) = keeping(&zones, &answer)
        {
            let bare = match keeping {
                _ if plain.is_bare() => Some(answer.clone()),
                Keeping::OfName => self.caught(&zones, &plain.bare(), &asker, source),
                // Names that are not there are not worth a second answer.
                Keeping::Other => None,
            };
            if let Some(bare) = bare {
                kept.put(&zones, &plain, keeping, bare);
            }
        }
        self.send(&zones, answer, source, &asker).map(|(octets, _)| octets)
    }

    /// Answers with what was encoded before: none where it was not; what to send, if anything, where it was.
    fn again(
        &self,
        zones: &Arc<Zones>,
        plain: &Plain<'_>,
        asker: &Asker<'_>,
        source: SocketAddr,
        kept: &mut KeptAnswers,
    ) -> Option<Option<Vec<u8>>> {
        let presented = plain.edns().map_or(Presented::None, |edns| asker.presented(Some(&edns)));
        if presented == Presented::Malformed {
            return None;
        }
        let kept = kept.get(zones, plain)?;
        let cookie = asker.fresh(presented);
        let octets = kept.whole(plain, cookie.as_deref())?;
        let fate = match presented.proves() {
            true => Fate::Sent,
            false => self.limiter.lock().fate(source.ip(), &kept.class, asker.now),
        };
        if fate != Fate::Sent {
            count(&self.counters.limited);
            let truncated = (fate == Fate::Truncated).then(|| kept.truncated(plain, cookie.as_deref()));
            return Some(truncated.flatten());
        }
        count(&self.counters.answered);
        if kept.is_observed
            && self.is_noted(source, asker.now)
            && let Some(asked) = kept.asked(plain)
        {
            self.recorder.note(asker.now, Fact::Queried(queried(asked, source, Transport::Udp)));
        }
        Some(Some(octets))
    }

    /// Answers what came in. A fault in reading one query must not silence the server for all.
    fn caught(
        &self,
        zones: &Arc<Zones>,
        octets: &[u8],
        asker: &Asker<'_>,
        source: SocketAddr,
    ) -> Option<Answer> {
        let answered = catch_unwind(AssertUnwindSafe(|| self.answer(zones, octets, asker)));
        answered.unwrap_or_else(|_| {
            tracing::error!(%source, "a DNS question was not answered: its reader panicked; please report this with the lines above");
            None
        })
    }

    /// The octets to send back, if any, and what follows them over TCP; the question is noted.
    fn send(
        &self,
        zones: &Zones,
        answer: Answer,
        source: SocketAddr,
        asker: &Asker<'_>,
    ) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
        let (transport, now) = (asker.transport, asker.now);
        let Answer { octets, truncated, more, asked, is_proved, is_silent } = answer;
        // Whoever came over TCP, or shows a cookie of ours, is where it says.
        let fate = if transport == Transport::Tcp || is_proved {
            Fate::Sent
        } else {
            let class = asked.as_ref().map(|asked| asked.class.clone()).unwrap_or_default();
            self.limiter.lock().fate(source.ip(), &class, now)
        };
        if fate != Fate::Sent {
            count(&self.counters.limited);
            return (fate == Fate::Truncated).then_some((truncated, Vec::new()));
        }
        count(&self.counters.answered);
        if let Some(report) = asked.as_ref().and_then(|asked| asked.report.as_ref()) {
            self.say(report, source, now);
        }
        if let Some(asked) = asked.filter(|asked| zones.observes(&asked.name)) {
            self.note(asked, source, transport, now);
        }
        (!is_silent).then_some((octets, more))
    }

    /// Answers what came in: a question, or a transfer.
    fn answer(&self, zones: &Arc<Zones>, octets: &[u8], asker: &Asker<'_>) -> Option<Answer> {
        let query = match answer::read(octets) {
            Incoming::Nothing => return None,
            Incoming::Unreadable(answer) => return Some(*answer),
            Incoming::Query(query) => query,
        };
        let mut signing = match self.transfers.check(octets, &query, asker.now) {
            Checked::Unsigned => None,
            Checked::Signed(signing) => Some(signing),
            Checked::Refused(octets) => return octets.map(Answer::plain),
        };
        let from = (asker.address?, asker.transport);
        let refused = match self.transfers.give(zones, &query, from, signing.as_mut()) {
            Given::Messages(messages) => {
                count(&self.counters.transfers);
                let mut messages = messages.into_iter();
                let first = messages.next()?;
                return Some(Answer { more: messages.collect(), ..Answer::plain(first) });
            }
            Given::CatalogRefused => Some(Refusal::CATALOG),
            Given::NotOurs => None,
        };
        let mut answer = answer(zones, &query, asker, refused)?;
        if let Some(mut signing) = signing {
            // Each of the two is the only answer there will be.
            answer.truncated = signing.clone().sign(answer.truncated)?;
            answer.octets = signing.sign(answer.octets)?;
            let octets_max = query.edns.as_ref().map_or(512, |edns| usize::from(edns.max_payload().max(512)));
            if asker.transport == Transport::Udp && answer.octets.len() > octets_max {
                answer.octets.clone_from(&answer.truncated);
            }
        }
        Some(answer)
    }

    /// Says what a resolver reports, now and then: it is for the operator, who would not know else.
    fn say(&self, report: &Report, source: SocketAddr, now: Timestamp) {
        count(&self.counters.reports);
        let mut said = self.reports_said.lock();
        if *said <= now {
            *said = after(now, REPORT_SAID_S);
            let reports = self.counters.reports();
            tracing::warn!(
                resolver = %source.ip(), reports,
                "a resolver could not use an answer of this server (RFC 9567): {report}; ask another one, and look at `mailassay config check`"
            );
        }
    }

    fn note(&self, asked: Asked, source: SocketAddr, transport: Transport, now: Timestamp) {
        if self.is_noted(source, now) {
            self.recorder.note(now, Fact::Queried(queried(asked, source, transport)));
        }
    }

    /// Counts a question, and gives whether it is to be noted. Where it is not, that is counted, and said once.
    fn is_noted(&self, source: SocketAddr, now: Timestamp) -> bool {
        let Rationed::Lost { say } = self.rations.lock().take(source.ip(), now) else { return true };
        count(&self.counters.unnoted);
        if let Some(Missing { network, until }) = say {
            let lost = QueriesLost { network, until, why: Lost::Dropped };
            self.recorder.note(now, Fact::QueriesLost(lost));
        }
        false
    }
}

/// Waits a little after an error that may come again at once, such as too many open files.
async fn pause(error: &io::Error) {
    tracing::warn!(%error, "a DNS socket failed; it is tried again");
    tokio::time::sleep(Duration::from_millis(50)).await;
}
