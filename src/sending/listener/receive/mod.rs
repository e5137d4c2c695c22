//! The listener: sockets, limits on links, an orderly stop.

use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::sending::history::{Fact, Recorder};
use crate::sending::identities::Identities;
use crate::sending::persona::{Addresses, Catalogue};
use crate::sending::trial::{CasePhases, LinkId, Places, PlacesMax};

use super::port::Desk;
use super::rules::{Rules, Settings};
use crate::shared::smtp::reply::Reply;

mod budget;
mod contacts;
mod lines;
mod link;
mod shared;
mod withheld;

use budget::Budget;
use contacts::{Contacts, LOST_TOLD_EVERY_S};
use link::Link;
use shared::Shared;
use withheld::Withheld;

pub use shared::Clock;

/// How long a link that is turned away may take to read why, in milliseconds.
const TURNED_AWAY_MS: u64 = 1000;
/// How long accepting pauses after it failed, which it does where files run out, in milliseconds.
const ACCEPT_PAUSE_MS: u64 = 100;

/// What a listener is made of.
pub struct Parts {
    pub settings: Settings,
    /// The served domains and hosts.
    pub catalogue: Arc<Catalogue>,
    /// Which addresses belong to one persona alone.
    pub addresses: Addresses,
    /// What is shown in TLS.
    pub identities: Arc<Identities>,
    /// Who decides on offers and dots.
    pub desk: Arc<dyn Desk>,
    /// Where facts go.
    pub recorder: Arc<dyn Recorder>,
    pub clock: Clock,
    /// The first link's identity; those that follow count up.
    pub first_link: LinkId,
    /// Whoever knows how far trials of ruled cases are.
    pub phases: Arc<dyn CasePhases>,
}

/// The SMTP listener.
pub struct Listener {
    shared: Arc<Shared>,
    places: Places,
    contacts: Contacts,
    /// How many tasks there may be that serve links or turn them away; beyond it links are closed without a word.
    tasks_max: usize,
    next_link: AtomicU64,
}

impl Listener {
    /// A listener that does not listen yet.
    pub fn new(parts: Parts) -> Self {
        let Parts { settings, catalogue, addresses, identities, desk, recorder, clock, .. } = parts;
        let (first_link, phases) = (parts.first_link, parts.phases);
        // The limit in all is the one on handshakes in flight, too. A lower one on these would let links that stall in their
        // handshake, which cost nothing, lock out senders that do not.
        let places = Places::new(PlacesMax {
            all: settings.links_max as usize,
            per_address: settings.links_per_address_max as usize,
            per_network: settings.links_per_network_max as usize,
        });
        let contacts = Contacts::new(&settings);
        let tasks_max = (settings.links_max as usize).saturating_mul(2);
        let budget = Arc::new(Budget::new(&settings));
        let rules = Rules { settings, catalogue, phases };
        let withheld = Withheld::default();
        let shared = Shared { rules, addresses, identities, desk, recorder, clock, budget, withheld };
        let next_link = AtomicU64::new(first_link.0);
        Self { shared: Arc::new(shared), places, contacts, tasks_max, next_link }
    }

    /// Serves `sockets` until `stop` is cancelled. Then no link is accepted, each gets 421 at its next
    /// command, and those that are left after `drain_s` are closed.
    pub async fn serve(&self, sockets: Vec<TcpListener>, stop: CancellationToken) {
        let links = TaskTracker::new();
        let cut = CancellationToken::new();
        let accepting = sockets.into_iter().map(|socket| self.accept(socket, &links, &stop, &cut));
        let mut accepting: Vec<_> = accepting.map(Box::pin).collect();
        // Each of them ends when `stop` is cancelled, and not before.
        let accepting = std::future::poll_fn(|cx| {
            accepting.retain_mut(|socket| socket.as_mut().poll(cx).is_pending());
            match accepting.is_empty() {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        });
        tokio::join!(accepting, self.tell_turned_away(&stop));
        links.close();
        let drain = Duration::from_secs(u64::from(self.shared.rules.settings.drain_s));
        if tokio::time::timeout(drain, links.wait()).await.is_err() {
            tracing::info!(links = links.len(), "closing the SMTP links that did not end in time");
            cut.cancel();
            links.wait().await;
        }
    }

    /// Records how many links were turned away, every so often until `stop`, and then once more.
    async fn tell_turned_away(&self, stop: &CancellationToken) {
        let every = Duration::from_secs(u64::from(LOST_TOLD_EVERY_S));
        loop {
            let goes_on = stop.run_until_cancelled(tokio::time::sleep(every)).await.is_some();
            let now = (self.shared.clock)();
            for lost in self.contacts.untold(now) {
                self.shared.recorder.note(now, Fact::ContactsLost(lost));
            }
            if !goes_on {
                return;
            }
        }
    }

    async fn accept(
        &self,
        socket: TcpListener,
        links: &TaskTracker,
        stop: &CancellationToken,
        cut: &CancellationToken,
    ) {
        while let Some(accepted) = stop.run_until_cancelled(socket.accept()).await {
            match accepted {
                Ok((tcp, source)) => self.admit(tcp, source, links, stop, cut),
                Err(error) if is_of_one_link(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept SMTP links; is the limit of open files too low?");
                    tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                }
            }
        }
    }

    fn admit(
        &self,
        tcp: TcpStream,
        source: SocketAddr,
        links: &TaskTracker,
        stop: &CancellationToken,
        cut: &CancellationToken,
    ) {
        let now = (self.shared.clock)();
        let permit = self.places.enter(source.ip());
        // Whoever finds no place does not use up what his network has in an hour.
        let reply = match permit {
            None => Some("Too many connections, try again soon"),
            Some(_) if self.contacts.enter(source.ip(), now) => None,
            Some(_) => Some("Too many connections from your network in this hour, try again later"),
        };
        let (Some(permit), None) = (permit, reply) else {
            tracing::debug!(%source, "an SMTP link too many");
            if let Some(lost) = self.contacts.turned_away(source.ip(), now) {
                self.shared.recorder.note(now, Fact::ContactsLost(lost));
            }
            let reply = self.shared.rules.test_reply(421, "4.7.0", reply.unwrap_or_default());
            // Who floods is not waited for by more tasks than there may be links.
            if links.len() < self.tasks_max {
                links.spawn(turn_away(tcp, reply));
            }
            return;
        };
        let id = LinkId(self.next_link.fetch_add(1, Ordering::Relaxed));
        let Ok(mut link) = Link::new(self.shared.clone(), id, &tcp, source, stop.clone()) else { return };
        let cut = cut.clone();
        links.spawn(async move {
            let done = {
                // Pinned here: whoever is handed a future by value holds it twice, and each idle link as much more.
                let running = std::pin::pin!(link.run(tcp));
                AssertUnwindSafe(cut.run_until_cancelled(running)).catch_unwind().await
            };
            match done {
                Ok(Some(())) => {}
                Ok(None) => link.cut(),
                Err(_) => {
                    tracing::error!(
                        %source,
                        "an SMTP link panicked and ended alone; please report this together with the lines above"
                    );
                    // What it cut short is our fault, not its sender's.
                    link.cut();
                }
            }
            drop(permit);
        });
    }
}

/// Says why before anything else, and leaves.
async fn turn_away(mut tcp: TcpStream, reply: Reply) {
    let farewell = async {
        tcp.write_all(&reply.to_wire()).await?;
        tcp.shutdown().await
    };
    // Whoever does not read it has gone already.
    let _ = tokio::time::timeout(Duration::from_millis(TURNED_AWAY_MS), farewell).await;
}

/// Whether accepting failed because of the one link alone.
fn is_of_one_link(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}
