//! Which scans wait and run, who shares them, and who may have one.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use crate::program::domains::budget::{Budget, client, network};
use crate::program::domains::id::CheckId;
use crate::program::domains::progress::{ScanProgress, Stage};
use crate::program::domains::settings::Settings;
use crate::shared::time::Timestamp;

use super::{Refused, State};

const HOUR_S: u32 = 3_600;
const DAY_S: u32 = 86_400;
/// When to ask again where too many wait, in seconds: by then some of them have ended.
const BUSY_S: u32 = 60;
/// How many links may share scans that wait or run.
const LINKS_MAX: usize = 4_096;

/// A scan that waits or runs.
pub(super) struct Flight {
    pub(super) domain: String,
    pub(super) stage: watch::Sender<Stage>,
}

/// All of them.
pub(super) struct Board {
    waiting_max: usize,
    table: Mutex<Table>,
    /// One waits.
    wake: Notify,
}

/// Who asks for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// Anybody.
    Stranger,
    /// The operator, or somebody with a key.
    Trusted,
}

/// Which part of a day's scans is kept from strangers.
const KEPT_PART: u32 = 4;

struct Table {
    waiting: VecDeque<Arc<Flight>>,
    /// Those that can be shared.
    by_domain: HashMap<String, Arc<Flight>>,
    links: HashMap<CheckId, Arc<Flight>>,
    clients: Budget<IpNet>,
    /// Of networks, so that nobody has as many budgets as addresses.
    networks: Budget<IpNet>,
    domains: Budget<String>,
    days: Budget<()>,
}

impl Board {
    pub(super) fn new(settings: &Settings) -> Self {
        let table = Table {
            waiting: VecDeque::new(),
            by_domain: HashMap::new(),
            links: HashMap::new(),
            clients: Budget::new(settings.per_client_hour_max, HOUR_S),
            networks: Budget::new(settings.per_network_hour_max, HOUR_S),
            domains: Budget::new(settings.per_domain_day_max, DAY_S),
            days: Budget::new(settings.per_day_max, DAY_S),
        };
        Self { waiting_max: settings.waiting_max, table: Mutex::new(table), wake: Notify::new() }
    }

    /// How many scans wait.
    pub(super) fn waiting(&self) -> usize {
        self.table.lock().waiting.len()
    }

    /// Counts a check for whoever asks from an address.
    pub(super) fn charge(&self, address: IpAddr, now: Timestamp) -> Result<(), Refused> {
        let (who, network, mut table) = (client(address), network(address), self.table.lock());
        let refused = |retry_after_s| Refused::Client { retry_after_s };
        // The network first: beyond its share its addresses take no room of the counts.
        table.networks.left(&network, now).map_err(refused)?;
        table.clients.left(&who, now).map_err(refused)?;
        table.networks.take(network);
        table.clients.take(who);
        Ok(())
    }

    /// What is left to whoever asks from an address.
    pub(super) fn quota(&self, address: IpAddr, now: Timestamp) -> (u32, u32) {
        self.table.lock().clients.rest(&client(address), now)
    }

    /// Whether a link could lead to a scan of the domain that waits or runs, or that may be begun.
    pub(super) fn may_join(&self, domain: &String, asker: Asker, now: Timestamp) -> Result<(), Refused> {
        let mut table = self.table.lock();
        if table.links.len() >= LINKS_MAX {
            return Err(Refused::Busy { retry_after_s: BUSY_S });
        }
        if table.by_domain.contains_key(domain) {
            return Ok(());
        }
        // Strangers do not use up what the operator and users with keys may need of a day.
        let kept = |part: u32| if asker == Asker::Trusted { 0 } else { part };
        let (of_domain, of_day) = (kept(table.domains.part(KEPT_PART)), kept(table.days.part(KEPT_PART)));
        table
            .domains
            .left_beside(domain, now, of_domain)
            .map_err(|retry_after_s| Refused::Domain { retry_after_s })?;
        table.days.left_beside(&(), now, of_day).map_err(|retry_after_s| Refused::Busy { retry_after_s })?;
        match table.waiting.len() >= self.waiting_max {
            true => Err(Refused::Busy { retry_after_s: BUSY_S }),
            false => Ok(()),
        }
    }

    /// Lets a link lead to the scan of the domain that waits or runs, or to a new one.
    pub(super) fn join(
        &self,
        id: CheckId,
        domain: &String,
        asker: Asker,
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.may_join(domain, asker, now)?;
        let mut table = self.table.lock();
        if let Some(flight) = table.by_domain.get(domain).map(Arc::clone) {
            table.links.insert(id, flight);
            return Ok(());
        }
        table.domains.take(domain.clone());
        table.days.take(());
        let flight = Arc::new(Flight { domain: domain.clone(), stage: watch::Sender::new(Stage::Waiting) });
        table.waiting.push_back(Arc::clone(&flight));
        table.by_domain.insert(domain.clone(), Arc::clone(&flight));
        table.links.insert(id, flight);
        self.wake.notify_one();
        Ok(())
    }

    /// The scan whose turn it is, as soon as one waits. It runs from now on.
    pub(super) async fn next(&self) -> Arc<Flight> {
        loop {
            let next = self.table.lock().waiting.pop_front();
            if let Some(flight) = next {
                flight.stage.send_replace(Stage::Running(ScanProgress::default()));
                return flight;
            }
            self.wake.notified().await;
        }
    }

    /// Nobody new shares a scan. Gives the links that lead to it.
    pub(super) fn close(&self, flight: &Arc<Flight>) -> Vec<CheckId> {
        let mut table = self.table.lock();
        if table.by_domain.get(&flight.domain).is_some_and(|known| Arc::ptr_eq(known, flight)) {
            table.by_domain.remove(&flight.domain);
        }
        let of_flight = table.links.iter().filter(|(_, known)| Arc::ptr_eq(known, flight));
        of_flight.map(|(id, _)| *id).collect()
    }

    /// A scan has ended: what came of it, the archive knows.
    pub(super) fn land(&self, flight: &Arc<Flight>) {
        self.close(flight);
        self.table.lock().links.retain(|_, known| !Arc::ptr_eq(known, flight));
        flight.stage.send_replace(Stage::Ended);
    }

    /// A link leads to nothing from now on.
    pub(super) fn leave(&self, id: &CheckId) {
        self.table.lock().links.remove(id);
    }

    pub(super) fn follow(&self, id: &CheckId) -> Option<watch::Receiver<Stage>> {
        Some(self.table.lock().links.get(id)?.stage.subscribe())
    }

    pub(super) fn state(&self, id: &CheckId) -> Option<State> {
        let table = self.table.lock();
        let flight = table.links.get(id)?;
        let domain = flight.domain.clone();
        let stage = flight.stage.borrow().clone();
        Some(match stage {
            Stage::Waiting => {
                let ahead = table.waiting.iter().take_while(|other| !Arc::ptr_eq(other, flight)).count();
                State::Queued { domain, ahead }
            }
            Stage::Running(progress) => State::Running { domain, progress },
            Stage::Ended => return None,
        })
    }
}
