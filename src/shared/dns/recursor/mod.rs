//! Asking from the root: an iteration of our own (RFC 1034 §5.3.3), which does not validate.
//!
//! It is our own because the recursor of hickory-resolver 0.26.3 takes the first error code, upward referral or
//! refusal of EDNS of one server for the answer of the zone (`name_server_pool.rs`, `_ => return Err(e)`), and has no
//! setting for that; and no other crate iterates and leaves the validation to another. What it has to be is small,
//! because the validator above asks for every set by itself: one name, one type, no aliases followed.
//!
//! - `round` asks the servers of one zone until one answers; `reply` reads what it says; `exchange` beside this
//!   folder sends and receives.
//! - `memory` knows delegations, addresses and how servers behaved, each for a time and within limits.
//! - `look` counts what a question costs others.
//!
//! Names are asked whole: minimising them (RFC 9156) is optional, and meets servers that deny empty non-terminals.

mod delegation;
mod look;
mod memory;
mod reply;
mod round;

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared};
use hickory_proto::op::Message;
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};
use ipnet::IpNet;
use parking_lot::Mutex;
use tokio::time::timeout;

use self::delegation::{Delegation, SERVER_ADDRESSES_MAX, address};
use self::look::{Allowance, Halt, Look};
use self::memory::Memory;
use self::reply::Reading;
use self::round::Patience;
use super::lookup::Asking;
use super::{Question, Upstream, failed};
use crate::shared::dial::AddressRules;
use crate::shared::evidence::scan::{DnsLimit, NameFailure};
use crate::shared::time::Timestamp;

/// How many referrals are followed for one question, each nearer to the name than the one before.
const REFERRALS_MAX: usize = 32;
/// How many aliases of a name server are followed: there should be none (RFC 2181 §10.3).
const SERVER_ALIASES_MAX: usize = 4;
/// How many questions are known to be under way, so that the same one waits for the first.
const FLIGHTS_MAX: usize = 512;
/// The labels of zones whose servers are asked for the way to a zone below by one question at a time: the root's and
/// those of top-level domains.
const GATED_LABELS_MAX: usize = 1;
/// How long the root's servers are kept at least, in seconds.
const ROOT_S_MIN: u32 = 60;

/// Where the iteration begins, and whom it may ask.
pub(super) struct Settings {
    /// The addresses of root servers, which are always asked.
    pub(super) hints: Vec<IpAddr>,
    /// The port of all servers.
    pub(super) port: u16,
    /// Which other servers may be asked: names of strangers must not send us to addresses of our own networks.
    pub(super) rules: AddressRules,
    /// Asked from the first of these that is of the server's family; else from where the system chooses.
    pub(super) from: Vec<IpAddr>,
    /// How long delegations and addresses are kept at most, in seconds.
    pub(super) ttl_max_s: u32,
}

pub(super) struct Recursor {
    hints: Vec<IpAddr>,
    port: u16,
    rules: AddressRules,
    from: Vec<IpAddr>,
    patience: Patience,
    memory: Memory,
    priming: tokio::sync::Mutex<()>,
    /// For each zone whose servers are being asked for at the root or a top-level domain, who may ask.
    gates: Mutex<HashMap<Name, Weak<tokio::sync::Mutex<()>>>>,
}

type Flight = Pin<Box<dyn Future<Output = Result<Vec<u8>, NameFailure>> + Send>>;

/// The iteration, of which those who ask the same at the same time share one.
pub(super) struct Flights {
    recursor: Arc<Recursor>,
    under_way: Mutex<HashMap<Question, WeakShared<Flight>>>,
}

impl Flights {
    pub(super) fn new(settings: Settings, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self::over(Recursor::new(settings, Patience::default(), clock))
    }

    fn over(recursor: Recursor) -> Self {
        Self { recursor: Arc::new(recursor), under_way: Mutex::default() }
    }

    /// The flight of this question that is under way, or a new one. It ends with the last who waits for it.
    fn join(&self, question: Question) -> Shared<Flight> {
        let mut under_way = self.under_way.lock();
        let flying = under_way.get(&question).and_then(WeakShared::upgrade);
        if let Some(flight) = flying.filter(|flight| flight.peek().is_none()) {
            return flight;
        }
        let (recursor, asked) = (Arc::clone(&self.recursor), question.clone());
        let flight: Flight = Box::pin(async move { recursor.answer(&asked).await });
        let flight = flight.shared();
        if under_way.len() >= FLIGHTS_MAX {
            under_way.retain(|_, flight| flight.upgrade().is_some());
        }
        if let Some(weak) = flight.downgrade().filter(|_| under_way.len() < FLIGHTS_MAX) {
            under_way.insert(question, weak);
        }
        flight
    }
}

impl Upstream for Flights {
    fn ask(&self, question: Question) -> Asking<'_, Result<Vec<u8>, NameFailure>> {
        Box::pin(async move { self.join(question).await })
    }

    fn demote_source(&self, question: &Question, times: usize) -> Vec<Question> {
        self.recursor.memory.demote_source(question, times)
    }
}

impl Recursor {
    fn new(settings: Settings, patience: Patience, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        let Settings { hints, port, mut rules, from, ttl_max_s } = settings;
        rules.allowed.extend(hints.iter().map(|hint| IpNet::from(*hint)));
        let memory = Memory::new(ttl_max_s, clock);
        let (priming, gates) = (tokio::sync::Mutex::default(), Mutex::default());
        Self { hints, port, rules, from, patience, memory, priming, gates }
    }

    async fn answer(&self, question: &Question) -> Result<Vec<u8>, NameFailure> {
        if let Some(failure) = self.memory.failure(question) {
            return Err(failure);
        }
        let allowance = Allowance::default();
        let limit = Duration::from_millis(self.patience.question_ms);
        let resolved = timeout(limit, self.resolve(question, &Look::new(&allowance))).await;
        let answer = match resolved {
            Ok(Ok(message)) => message.to_vec().map_err(|error| failed(error.to_string())),
            Ok(Err(halt)) => Err(halt.into()),
            Err(_) => Err(NameFailure::Timeout),
        };
        if let Err(failure) = &answer {
            self.memory.keep_failure(question, failure);
        }
        answer
    }

    /// Goes from the nearest zone that is known down to the one that answers.
    async fn resolve(&self, question: &Question, look: &Look<'_>) -> Result<Message, Halt> {
        let mut zone = match self.memory.nearest(question) {
            Some(zone) => zone,
            None => self.root(look).await?,
        };
        for _ in 0..REFERRALS_MAX {
            let gate = self.gate(&zone, question, look);
            let _first = match &gate {
                // Where the one before gets no answer soon, everybody asks.
                Some(gate) => timeout(Duration::from_millis(self.patience.next_ms), gate.lock()).await.ok(),
                None => None,
            };
            // Whoever went before us may have been told the way.
            if let Some(nearer) = self.memory.nearest(question).filter(|nearer| zone.is_above(nearer)) {
                zone = nearer;
                continue;
            }
            match self.round(&zone, question, look).await {
                Ok(Reading::Referral(delegation, ttl_s)) => {
                    zone = Arc::new(delegation);
                    self.memory.keep_delegation(&zone, ttl_s, 0);
                }
                Ok(Reading::Answer(message) | Reading::Weak(message)) => return Ok(message),
                Ok(Reading::Lame(reason) | Reading::Failing(reason)) => {
                    return Err(Halt::Failed { reason, silent: false });
                }
                Err(halt) => {
                    if matches!(halt, Halt::Failed { .. }) {
                        self.memory.drop_delegation(&zone.zone);
                    }
                    return Err(halt);
                }
            }
        }
        Err(Halt::Limit(DnsLimit::Referrals))
    }

    /// Lets one question at a time through to the root and to top-level domains for the servers of one zone below:
    /// a scan asks for very many names of a domain at once, which all have the same way. Not within a look for name
    /// servers, which might wait for itself.
    fn gate(
        &self,
        zone: &Delegation,
        question: &Question,
        look: &Look<'_>,
    ) -> Option<Arc<tokio::sync::Mutex<()>>> {
        let labels = zone.zone.iter().count();
        let below = question.name.trim_to(labels + 1);
        let is_way = labels <= GATED_LABELS_MAX && question.name.iter().count() > labels;
        let is_of_parent = question.rtype == RecordType::DS && question.name == below;
        if !is_way || is_of_parent || !look.hosts.is_empty() {
            return None;
        }
        let mut gates = self.gates.lock();
        if let Some(gate) = gates.get(&below).and_then(Weak::upgrade) {
            return Some(gate);
        }
        if gates.len() >= FLIGHTS_MAX {
            gates.retain(|_, gate| gate.strong_count() > 0);
        }
        let gate = Arc::new(tokio::sync::Mutex::default());
        if gates.len() < FLIGHTS_MAX {
            gates.insert(below, Arc::downgrade(&gate));
        }
        Some(gate)
    }

    /// The root's servers, as one of the hints names them (RFC 8109); and the hints, which are good for as long.
    async fn root(&self, look: &Look<'_>) -> Result<Arc<Delegation>, Halt> {
        let question = Question { name: Name::root(), rtype: RecordType::NS };
        // Everybody else waits for the first.
        let _first = self.priming.lock().await;
        if let Some(root) = self.memory.nearest(&question) {
            return Ok(root);
        }
        if let Some(NameFailure::NoRoot { reason }) = self.memory.failure(&question) {
            return Err(Halt::NoRoot(reason));
        }
        let mut root = Delegation::hints(&self.hints);
        let ttl_s = match self.round(&root, &question, look).await {
            Ok(Reading::Answer(message)) => {
                let named =
                    Delegation::read(&root.zone, &root.zone, message.answers.iter(), &message.additionals);
                let mut servers = named.map(|named| named.servers).unwrap_or_default();
                servers.retain(|server| !server.addresses.is_empty());
                let known: Vec<IpAddr> = servers.iter().flat_map(|server| server.addresses.clone()).collect();
                root.servers.retain(|hint| !hint.addresses.iter().all(|address| known.contains(address)));
                root.servers.splice(0..0, servers);
                message.answers.iter().map(|record| record.ttl).min().unwrap_or_default()
            }
            // Whoever does not say who they are may know others all the same.
            Ok(_) | Err(Halt::Failed { .. }) => 0,
            Err(halt) => {
                self.memory.keep_failure(&question, &halt.clone().into());
                return Err(halt);
            }
        };
        let root = Arc::new(root);
        self.memory.keep_delegation(&root, ttl_s, ROOT_S_MIN);
        Ok(root)
    }

    /// The addresses of a name server, of one family. None where they are being looked for already.
    fn addresses<'a>(
        &'a self,
        host: &'a Name,
        rtype: RecordType,
        look: &'a Look<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<IpAddr>, Halt>> + Send + 'a>> {
        Box::pin(async move {
            if let Some(addresses) = self.memory.host(host, rtype) {
                return Ok(addresses);
            }
            let mut name = host.clone();
            let mut ttl_s = u32::MAX;
            let circular = || Halt::Failed {
                reason: "its address would have to be asked for at itself".to_owned(),
                silent: false,
            };
            for _ in 0..=SERVER_ALIASES_MAX {
                let inside = look.inside(&name)?.ok_or_else(circular)?;
                let answer = self.resolve(&Question { name: name.clone(), rtype }, &inside).await?;
                let lives = answer.answers.iter().map(|record| record.ttl);
                ttl_s = lives.fold(ttl_s, u32::min);
                let owned = answer.answers.iter().filter(|record| record.name == name);
                let alias = owned.clone().find_map(|record| match &record.data {
                    RData::CNAME(CNAME(target)) => Some(target.to_lowercase()),
                    _ => None,
                });
                if let Some(target) = alias {
                    name = target;
                    continue;
                }
                let addresses: Vec<IpAddr> =
                    owned.filter_map(|record| address(&record.data)).take(SERVER_ADDRESSES_MAX).collect();
                self.memory.keep_host(host, rtype, &addresses, ttl_s);
                return Ok(addresses);
            }
            Err(Halt::Failed { reason: "it is an alias of an alias".to_owned(), silent: false })
        })
    }
}

#[cfg(test)]
mod tests;
