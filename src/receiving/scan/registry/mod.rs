//! What all scans share: what servers showed lately, who is being asked, and how often each was today.

mod shared;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::Mutex as Door;

use crate::shared::dial::destination;
use crate::shared::evidence::scan::{Depth, NotTried, Reach, Server, Stopped};

use super::pace::limiter_group;
use super::settings::Settings;
use super::shelf::{Held, Seen, Shelf};
use super::visit::{Admitted, Visit};

use shared::{Holds, holds, without_chains};

/// How many addresses are counted in a day. Beyond it nothing new is connected to: 100 scans at once for a whole day
/// do not come near.
const COUNTED_MAX: usize = 1 << 20;
/// Above how many doors those that nobody holds are removed.
const DOORS_MAX: usize = 1024;
const DAY_S: i64 = 86_400;
/// How far the clock of another process that shares the shelf may be ahead of ours, in seconds.
const SKEW_S: i64 = 60;

/// Which evidence fits: the same address and name, asked as deeply.
type Key = (IpAddr, String, bool);

#[derive(Debug, Default)]
struct Shared {
    known: HashMap<Key, Seen>,
    doors: HashMap<IpAddr, Arc<Door<()>>>,
    day: i64,
    addresses: HashMap<IpAddr, u32>,
    networks: BTreeMap<IpNet, u32>,
}

#[derive(Clone)]
pub(super) struct Registry {
    settings: Arc<Settings>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    shared: Arc<Mutex<Shared>>,
    shelf: Option<Arc<dyn Shelf>>,
}

/// What is known of an address under a name.
#[derive(Default)]
struct Known {
    /// All that a scan would see.
    whole: Option<Seen>,
    /// The answers that do not hang on the name, under another one.
    probes: Option<Server>,
}

impl Registry {
    pub(super) fn new(settings: Arc<Settings>, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self { settings, clock, shared: Arc::default(), shelf: None }
    }

    pub(super) fn with_shelf(self, shelf: Arc<dyn Shelf>) -> Self {
        Self { shelf: Some(shelf), ..self }
    }

    /// Waits until no other scan asks the address, then says whether this one may. `connects`: whether it may at
    /// all, or only know what others saw; `afresh`: what they saw is not enough.
    pub(super) async fn admit(
        self,
        ip: IpAddr,
        host: String,
        depth: Depth,
        connects: bool,
        afresh: bool,
    ) -> Admitted {
        if !afresh && let Some((server, certificates)) = self.known(ip, &host, depth).await.whole {
            return Admitted::Known(Box::new(server), certificates);
        }
        if !connects {
            return Admitted::Refused(NotTried::NotVouchedFor);
        }
        // However an address is written, its host is asked once at a time and counted once.
        let held = self.hold(destination(ip)).await;
        if !afresh {
            let known = self.known(ip, &host, depth).await;
            if let Some((server, certificates)) = known.whole {
                return Admitted::Known(Box::new(server), certificates);
            }
            // One connection more: the day's share is of whole scans.
            if let Some(other) = known.probes {
                return Admitted::Sharing(held, Box::new(other));
            }
        }
        match self.count(destination(ip)) {
            true => Admitted::Asked(held),
            false => Admitted::Refused(NotTried::TriedOften),
        }
    }

    /// What is known of an address under a name: from memory, else from the shelf.
    async fn known(&self, ip: IpAddr, host: &str, depth: Depth) -> Known {
        let known = self.sorted(self.remembered(ip, host, depth), host);
        let Some(shelf) = self.shelf.as_ref().filter(|_| known.whole.is_none()) else { return known };
        let shelved = self.sorted(shelf.seen(ip, host, depth).await, host);
        Known { whole: shelved.whole, probes: known.probes.or(shelved.probes) }
    }

    fn remembered(&self, ip: IpAddr, host: &str, depth: Depth) -> Vec<Seen> {
        let shared = self.shared.lock();
        let at = |name: &str, full: bool| shared.known.get(&(ip, name.to_owned(), full));
        let own = at(host, false).filter(|_| depth == Depth::Verdict);
        // Of two the younger.
        let exact = at(host, true).into_iter().chain(own).max_by_key(|(server, _)| server.at);
        let others = shared.known.iter().filter(|((other, name, full), (server, _))| {
            let fits = *full || depth == Depth::Verdict;
            self.settings.shares_addresses
                && *other == ip
                && name != host
                && fits
                && server.probed_as.is_none()
        });
        exact.into_iter().chain(others.map(|(_, seen)| seen)).cloned().collect()
    }

    /// What of it is fresh, and holds for a name.
    fn sorted(&self, seen: Vec<Seen>, host: &str) -> Known {
        let now = (self.clock)();
        let mut known = Known::default();
        for (mut server, certificates) in seen.into_iter().filter(|(server, _)| self.fresh(server, now)) {
            if server.host == host {
                known.whole = Some((server, certificates));
                return known;
            }
            if !self.settings.shares_addresses || server.probed_as.is_some() {
                continue;
            }
            match holds(&server, &certificates, host) {
                Holds::Whole if known.whole.is_none() => {
                    let name = std::mem::replace(&mut server.host, host.to_owned());
                    server.probed_as = Some(name);
                    known.whole = Some((server, certificates));
                }
                Holds::Probes if known.probes.is_none() => {
                    without_chains(&mut server);
                    known.probes = Some(server);
                }
                _ => {}
            }
        }
        known
    }

    fn fresh(&self, server: &Server, now: Timestamp) -> bool {
        let age_s = now.as_second().saturating_sub(server.at.as_second());
        (-SKEW_S..i64::from(self.settings.cache_s)).contains(&age_s)
    }

    /// Keeps what a visit showed, for those that come within minutes.
    pub(super) fn keep(&self, visit: &Visit, depth: Depth) {
        // Another scan may have the time that this one had not, or come when its network is open again. Who had all the time
        // for one address would find no more the next time.
        let never = matches!(visit.server.reach, Reach::NotTried { .. });
        let hurried = visit.server.stopped == Some(Stopped::OutOfTime) && !self.settings.is_patient;
        if never || hurried || visit.call.intrusive.is_some() {
            return;
        }
        let now = (self.clock)();
        let mut shared = self.shared.lock();
        shared.known.retain(|_, (server, _)| self.fresh(server, now));
        if shared.known.len() >= self.settings.cached_max {
            let oldest = shared.known.iter().min_by_key(|(_, (server, _))| server.at);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                shared.known.remove(&key);
            }
        }
        if let Some(shelf) = &self.shelf {
            shelf.keep((visit.server.clone(), visit.certificates.clone()), depth);
        }
        let key = (visit.call.ip, visit.call.host.clone(), depth == Depth::Full);
        shared.known.insert(key, (visit.server.clone(), visit.certificates.clone()));
    }

    /// Keeps others from an address: first those of this process, of whom one then waits for those of others.
    async fn hold(&self, ip: IpAddr) -> Held {
        let here = self.door(ip).lock_owned().await;
        match &self.shelf {
            Some(shelf) => Box::new((shelf.door(ip).await, here)),
            None => Box::new(here),
        }
    }

    fn door(&self, ip: IpAddr) -> Arc<Door<()>> {
        let mut shared = self.shared.lock();
        if shared.doors.len() >= DOORS_MAX {
            shared.doors.retain(|_, door| Arc::strong_count(door) > 1);
        }
        Arc::clone(shared.doors.entry(ip).or_default())
    }

    /// Counts a scan that connects to the address; not, if it had its share of the day (UTC).
    fn count(&self, ip: IpAddr) -> bool {
        let day = (self.clock)().as_second().div_euclid(DAY_S);
        let mut shared = self.shared.lock();
        if shared.day != day {
            shared.day = day;
            shared.addresses.clear();
            shared.networks.clear();
        }
        let group = limiter_group(ip);
        let address = shared.addresses.get(&ip).copied().unwrap_or(0);
        let network = shared.networks.get(&group).copied().unwrap_or(0);
        if address >= self.settings.per_address_day_max
            || network >= self.settings.per_network_day_max
            || shared.addresses.len() >= COUNTED_MAX
        {
            return false;
        }
        shared.addresses.insert(ip, address + 1);
        shared.networks.insert(group, network + 1);
        true
    }
}
