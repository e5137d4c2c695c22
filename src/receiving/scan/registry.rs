//! What all scans share: what servers showed lately, who is being asked, and how often each was today.

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
use super::visit::{Admitted, Certificates, Visit};

/// How many addresses are counted in a day. Beyond it nothing new is connected to: 100 scans at once for a whole day
/// do not come near.
const COUNTED_MAX: usize = 1 << 20;
/// Above how many doors those that nobody holds are removed.
const DOORS_MAX: usize = 1024;
const DAY_S: i64 = 86_400;

/// Which evidence fits: the same address and name, asked as deeply.
type Key = (IpAddr, String, bool);

#[derive(Debug, Default)]
struct Shared {
    known: HashMap<Key, (Server, Certificates)>,
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
}

impl Registry {
    pub(super) fn new(settings: Arc<Settings>, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self { settings, clock, shared: Arc::default() }
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
        if !afresh && let Some((server, certificates)) = self.known(ip, &host, depth) {
            return Admitted::Known(Box::new(server), certificates);
        }
        if !connects {
            return Admitted::Refused(NotTried::NotVouchedFor);
        }
        // However an address is written, its host is asked once at a time and counted once.
        let held = self.door(destination(ip)).lock_owned().await;
        if !afresh && let Some((server, certificates)) = self.known(ip, &host, depth) {
            return Admitted::Known(Box::new(server), certificates);
        }
        match self.count(destination(ip)) {
            true => Admitted::Asked(Box::new(held)),
            false => Admitted::Refused(NotTried::TriedOften),
        }
    }

    fn known(&self, ip: IpAddr, host: &str, depth: Depth) -> Option<(Server, Certificates)> {
        let now = (self.clock)();
        let shared = self.shared.lock();
        let full = shared.known.get(&(ip, host.to_owned(), true));
        let own = shared.known.get(&(ip, host.to_owned(), false)).filter(|_| depth == Depth::Verdict);
        // Of two the younger.
        let fresh = |known: &&(Server, Certificates)| self.fresh(&known.0, now);
        full.into_iter().chain(own).filter(fresh).max_by_key(|(server, _)| server.at).cloned()
    }

    fn fresh(&self, server: &Server, now: Timestamp) -> bool {
        let age_s = now.as_second().saturating_sub(server.at.as_second());
        (0..i64::from(self.settings.cache_s)).contains(&age_s)
    }

    /// Keeps what a visit showed, for those that come within minutes.
    pub(super) fn keep(&self, visit: &Visit, depth: Depth) {
        // Another scan may have the time that this one had not, or come when its network is open again.
        let never = matches!(visit.server.reach, Reach::NotTried { .. });
        if never || visit.server.stopped == Some(Stopped::OutOfTime) || visit.call.intrusive.is_some() {
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
        let key = (visit.call.ip, visit.call.host.clone(), depth == Depth::Full);
        shared.known.insert(key, (visit.server.clone(), visit.certificates.clone()));
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
