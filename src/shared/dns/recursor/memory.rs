//! What is remembered between questions: delegations, addresses of name servers, how servers behaved, what failed.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use parking_lot::{Mutex, MutexGuard};

use super::delegation::Delegation;
use crate::shared::dns::Question;
use crate::shared::dns::ttl_table::TtlTable;
use crate::shared::evidence::scan::NameFailure;
use crate::shared::time::{Timestamp, after};

/// How many delegations are remembered.
const DELEGATIONS_KEPT_MAX: usize = 4096;
/// How much of delegations is remembered, in octets.
const DELEGATIONS_OCTETS_MAX: usize = 2 << 20;
/// How many name servers' addresses are remembered.
const HOSTS_KEPT_MAX: usize = 4096;
/// How many servers' behaviour is remembered, of each kind.
const SERVERS_KEPT_MAX: usize = 4096;
/// How many failures are remembered.
const FAILURES_KEPT_MAX: usize = 1024;

/// How long a server that was silent is asked after others only, in seconds.
const SILENT_S: u32 = 60;
/// The same for one that does not serve a zone, of this zone.
const LAME_S: u32 = 120;
/// How long a server is asked in another way than the usual one, in seconds.
const WAY_S: u32 = 60;
/// How long a failed question is not asked again, in seconds: RFC 9520 §3.2 demands that it be, for one second at
/// least.
const FAILURE_S: u32 = 5;
/// How long a server's time to answer is remembered, in seconds.
const ROUND_TRIP_S: u32 = 900;
/// How often a question is asked again at other servers of the zone, because its answer is bogus.
const BOGUS_RETRIES_MAX: usize = 2;
/// How long a zone is known whose answers are bogus wherever they come from, in seconds.
const BOGUS_S: u32 = 60;
/// For how many questions it is known who answered them.
const ANSWERED_KEPT_MAX: usize = 1024;
/// How long a host without addresses is taken to have none, in seconds.
const NO_ADDRESS_S: u32 = 60;
/// What a server is taken to need that was never asked, in milliseconds.
const ROUND_TRIP_UNKNOWN_MS: u32 = 200;

/// How a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// With EDNS, over UDP first.
    Usual,
    /// Without EDNS: it refuses it, or answers nothing that has it.
    Plain,
    /// Over TCP at once: over UDP nothing comes.
    Stream,
}

/// Everything that is remembered, each within limits.
pub(super) struct Memory {
    tables: Mutex<Tables>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ttl_max_s: u32,
}

struct Tables {
    delegations: TtlTable<Name, Arc<Delegation>>,
    hosts: TtlTable<(Name, RecordType), Vec<IpAddr>>,
    silent: TtlTable<IpAddr, ()>,
    lame: TtlTable<(IpAddr, Name), ()>,
    ways: TtlTable<IpAddr, Way>,
    round_trips_ms: TtlTable<IpAddr, u32>,
    failures: TtlTable<Question, NameFailure>,
    answered: TtlTable<Question, (IpAddr, Name)>,
    bogus: TtlTable<Name, ()>,
}

impl Memory {
    /// Remembers what others give a TTL for so long at most.
    pub(super) fn new(ttl_max_s: u32, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        let tables = Tables {
            delegations: TtlTable::new(DELEGATIONS_KEPT_MAX, DELEGATIONS_OCTETS_MAX),
            hosts: TtlTable::new(HOSTS_KEPT_MAX, usize::MAX),
            silent: TtlTable::new(SERVERS_KEPT_MAX, usize::MAX),
            lame: TtlTable::new(SERVERS_KEPT_MAX, usize::MAX),
            ways: TtlTable::new(SERVERS_KEPT_MAX, usize::MAX),
            round_trips_ms: TtlTable::new(SERVERS_KEPT_MAX, usize::MAX),
            failures: TtlTable::new(FAILURES_KEPT_MAX, usize::MAX),
            answered: TtlTable::new(ANSWERED_KEPT_MAX, usize::MAX),
            bogus: TtlTable::new(ANSWERED_KEPT_MAX, usize::MAX),
        };
        Self { tables: Mutex::new(tables), clock, ttl_max_s }
    }

    fn open(&self) -> (MutexGuard<'_, Tables>, Timestamp) {
        let now = (self.clock)();
        (self.tables.lock(), now)
    }

    /// The delegation nearest to a question's name. DS records are at the parent (RFC 4035 §3.1.4.1).
    pub(super) fn nearest(&self, question: &Question) -> Option<Arc<Delegation>> {
        let (tables, now) = self.open();
        let mut name = question.name.clone();
        if question.rtype == RecordType::DS && !name.is_root() {
            name = name.base_name();
        }
        loop {
            if let Some(delegation) = tables.delegations.get(&name, now) {
                return Some(delegation);
            }
            if name.is_root() {
                return None;
            }
            name = name.base_name();
        }
    }

    pub(super) fn keep_delegation(&self, delegation: &Arc<Delegation>, ttl_s: u32, ttl_s_min: u32) {
        let (mut tables, now) = self.open();
        let until = after(now, ttl_s.min(self.ttl_max_s).max(ttl_s_min));
        let octets = delegation.octets();
        tables.delegations.put(delegation.zone.clone(), Arc::clone(delegation), octets, until, now);
    }

    /// Forgets a delegation whose servers all fail: the parent may name others by now.
    pub(super) fn drop_delegation(&self, zone: &Name) {
        self.open().0.delegations.remove(zone);
    }

    pub(super) fn host(&self, name: &Name, rtype: RecordType) -> Option<Vec<IpAddr>> {
        let (tables, now) = self.open();
        tables.hosts.get(&(name.clone(), rtype), now)
    }

    pub(super) fn keep_host(&self, name: &Name, rtype: RecordType, addresses: &[IpAddr], ttl_s: u32) {
        let (mut tables, now) = self.open();
        let ttl_s = if addresses.is_empty() { NO_ADDRESS_S } else { ttl_s };
        let until = after(now, ttl_s.min(self.ttl_max_s));
        tables.hosts.put((name.clone(), rtype), addresses.to_vec(), 0, until, now);
    }

    pub(super) fn failure(&self, question: &Question) -> Option<NameFailure> {
        let (tables, now) = self.open();
        tables.failures.get(question, now)
    }

    pub(super) fn keep_failure(&self, question: &Question, failure: &NameFailure) {
        let (mut tables, now) = self.open();
        let until = after(now, FAILURE_S.min(self.ttl_max_s));
        tables.failures.put(question.clone(), failure.clone(), 0, until, now);
    }

    /// How a server is to be asked.
    pub(super) fn way(&self, server: IpAddr) -> Way {
        let (tables, now) = self.open();
        tables.ways.get(&server, now).unwrap_or(Way::Usual)
    }

    pub(super) fn note_way(&self, server: IpAddr, way: Way) {
        let (mut tables, now) = self.open();
        tables.ways.put(server, way, 0, after(now, WAY_S), now);
    }

    pub(super) fn note_silent(&self, server: IpAddr) {
        let (mut tables, now) = self.open();
        tables.silent.put(server, (), 0, after(now, SILENT_S), now);
    }

    pub(super) fn note_lame(&self, server: IpAddr, zone: &Name) {
        let (mut tables, now) = self.open();
        tables.lame.put((server, zone.clone()), (), 0, after(now, LAME_S), now);
    }

    /// That a server answered for a zone, and how long it took.
    pub(super) fn note_sound(&self, server: IpAddr, zone: &Name, took: Duration) {
        let (mut tables, now) = self.open();
        tables.silent.remove(&server);
        tables.lame.remove(&(server, zone.clone()));
        let took_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
        let before_ms = tables.round_trips_ms.get(&server, now).unwrap_or(took_ms);
        // As RFC 6298 §2 smooths it.
        let smoothed_ms = before_ms - before_ms / 8 + took_ms / 8;
        tables.round_trips_ms.put(server, smoothed_ms, 0, after(now, ROUND_TRIP_S), now);
    }

    /// That a server had not answered when another one had, which was asked later.
    pub(super) fn note_slow(&self, server: IpAddr, waited: Duration) {
        let (mut tables, now) = self.open();
        let waited_ms = u32::try_from(waited.as_millis()).unwrap_or(u32::MAX);
        let known_ms = tables.round_trips_ms.get(&server, now).unwrap_or(ROUND_TRIP_UNKNOWN_MS);
        tables.round_trips_ms.put(server, known_ms.max(waited_ms), 0, after(now, ROUND_TRIP_S), now);
    }

    /// Which server of which zone answered a question.
    pub(super) fn note_answered(&self, question: &Question, server: IpAddr, zone: &Name) {
        let (mut tables, now) = self.open();
        let until = after(now, self.ttl_max_s.max(1));
        tables.answered.put(question.clone(), (server, zone.clone()), 0, until, now);
    }

    /// Has whoever answered a question asked after others of its zone, if there are others and it is worth it. Gives
    /// the question, and those for the keys above it that the same server answered.
    pub(super) fn demote_source(&self, question: &Question, times: usize) -> Vec<Question> {
        let (mut tables, now) = self.open();
        let Some((server, zone)) = tables.answered.get(question, now) else { return Vec::new() };
        if tables.bogus.get(&zone, now).is_some() {
            return Vec::new();
        }
        let delegation = tables.delegations.get(&zone, now);
        let others = delegation.is_some_and(|delegation| {
            let known = delegation.addresses();
            known.iter().any(|other| *other != server) || (known.is_empty() && delegation.servers.len() > 1)
        });
        if !others || times >= BOGUS_RETRIES_MAX {
            tables.bogus.put(zone, (), 0, after(now, BOGUS_S), now);
            return Vec::new();
        }
        tables.lame.put((server, zone), (), 0, after(now, LAME_S), now);
        let labels = question.name.iter().count();
        let above = (0..=labels).map(|labels| question.name.trim_to(labels));
        let keys = above.flat_map(|name| {
            [RecordType::DNSKEY, RecordType::DS].map(|rtype| Question { name: name.clone(), rtype })
        });
        let keys = keys.filter(|keys| tables.answered.get(keys, now).is_some_and(|(by, _)| by == server));
        keys.chain([question.clone()]).collect()
    }

    /// Those to be asked, the best first, and those that were silent or lame a short time ago.
    pub(super) fn sorted(&self, zone: &Name, servers: Vec<IpAddr>) -> (Vec<IpAddr>, Vec<IpAddr>) {
        let (tables, now) = self.open();
        let is_bad = |server: &IpAddr| {
            tables.silent.get(server, now).is_some()
                || tables.lame.get(&(*server, zone.clone()), now).is_some()
        };
        let (bad, mut good): (Vec<IpAddr>, Vec<IpAddr>) = servers.into_iter().partition(is_bad);
        good.sort_by_key(|server| {
            let round_trip_ms = tables.round_trips_ms.get(server, now).unwrap_or(ROUND_TRIP_UNKNOWN_MS);
            (tables.ways.get(server, now).is_some(), round_trip_ms)
        });
        (good, bad)
    }
}
