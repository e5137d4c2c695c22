//! Secondaries: who may take zones over, by AXFR (RFC 5936) or IXFR (RFC 1995), signed by TSIG (RFC 8945) where a key
//! is set, and who is told of changes (RFC 1996).

mod catalog;
mod notify;
mod records;
mod settings;
mod stream;
mod tsig;
mod versions;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{LowerName, RData, Record, RecordType};
use parking_lot::Mutex;

use crate::sending::authority::zone::{Authority, Zones};
use crate::sending::history::Transport;
use crate::shared::time::Timestamp;

use catalog::Catalog;
use records::ZoneRecords;
pub use settings::{DomainName, Secondary, TsigAlgorithm, TsigKey};
use tsig::TsigKeys;
pub(super) use tsig::{Checked, Signing};
use versions::Versions;

/// How often it is looked whether a zone has changed. Zones change by the clock, by certificates and by settings, and
/// whoever changes them need not know of us.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Who takes zones over, and what they need to.
pub(super) struct Transfers {
    keys: TsigKeys,
    secondaries: Vec<Secondary>,
    catalog: Option<Catalog>,
    versions: Mutex<Versions>,
}

/// What a transfer, or a question for the catalog zone, is answered with.
pub(super) enum Given {
    /// These messages, one after the other.
    Messages(Vec<Vec<u8>>),
    /// It is none of that: whoever answers questions sees to it, or refuses.
    NotOurs,
    /// The catalog zone, which is not for whoever asks.
    CatalogRefused,
}

/// Who asks, and what.
struct Request<'a> {
    query: &'a Message,
    question: &'a Query,
    secondary: &'a Secondary,
    transport: Transport,
}

impl Transfers {
    pub(super) fn new(secondaries: &[Secondary], keys: &[TsigKey], catalog: Option<&DomainName>) -> Self {
        Self {
            keys: TsigKeys::new(keys),
            secondaries: secondaries.to_vec(),
            catalog: catalog.map(|name| Catalog::new(name.to_name())),
            versions: Mutex::default(),
        }
    }

    /// Whether the signature of a query, if it has one, is right.
    pub(super) fn check(&self, octets: &[u8], query: &Message, now: Timestamp) -> Checked {
        self.keys.check(octets, query, now)
    }

    /// Answers a transfer, or a question for the catalog zone.
    pub(super) fn give(
        &self,
        zones: &Arc<Zones>,
        query: &Message,
        (source, transport): (IpAddr, Transport),
        signing: Option<&mut Signing>,
    ) -> Given {
        let [question] = query.queries.as_slice() else { return Given::NotOurs };
        let name = LowerName::from(question.name());
        let catalog = self.catalog.as_ref().filter(|catalog| catalog.holds(&name));
        let transfer = matches!(question.query_type(), RecordType::AXFR | RecordType::IXFR);
        if catalog.is_none() && (!transfer || self.secondaries.is_empty()) {
            return Given::NotOurs;
        }
        let key = signing.as_deref().map(Signing::key);
        let mut allowed = self.secondaries.iter().filter(|secondary| secondary.is(source, key));
        let secondary = allowed.find(|secondary| catalog.is_some() || secondary.takes(&name));
        let Some(secondary) = secondary else {
            return if catalog.is_some() { Given::CatalogRefused } else { Given::NotOurs };
        };
        let request = Request { query, question, secondary, transport };
        let answer = match catalog {
            Some(catalog) => self.of_catalog(catalog, zones, &request),
            None => self.of_zone(zones, &name, &request),
        };
        let Some(records) = answer else {
            return if catalog.is_some() { Given::CatalogRefused } else { Given::NotOurs };
        };
        stream::messages(&response(query), records, signing).map_or(Given::NotOurs, Given::Messages)
    }

    /// The records that answer a transfer of a zone. None: there is no such zone, or not in this way.
    fn of_zone(&self, zones: &Arc<Zones>, apex: &LowerName, request: &Request<'_>) -> Option<Vec<Record>> {
        let current = ZoneRecords::of(zones.zone(apex)?);
        // What a secondary has is what it may ask for changes of.
        self.versions.lock().remember(zones);
        match (request.question.query_type(), request.transport) {
            (RecordType::IXFR, Transport::Udp) => Some(current.soa_alone()),
            (RecordType::IXFR, Transport::Tcp) => {
                let known = serial_known(request.query)?;
                if current.is_known_at(known) {
                    return Some(current.soa_alone());
                }
                let before = self.versions.lock().at(apex, known).filter(|_| !zones.are_shared());
                let before = before.as_ref().and_then(|zones| zones.zone(apex)).map(ZoneRecords::of);
                Some(before.and_then(|before| current.since(&before)).unwrap_or_else(|| current.whole()))
            }
            // RFC 5936 §4.2: not over UDP.
            (_, Transport::Udp) => None,
            (_, Transport::Tcp) => Some(current.whole()),
        }
    }

    /// The records of the catalog zone that a question is answered with.
    fn of_catalog(
        &self,
        catalog: &Catalog,
        zones: &Arc<Zones>,
        request: &Request<'_>,
    ) -> Option<Vec<Record>> {
        let records = catalog.records(zones, request.secondary);
        if !catalog.is_apex(request.question.name()) {
            return None;
        }
        let soa = records.first()?.clone();
        let known = serial_known(request.query).filter(|_| request.question.query_type() == RecordType::IXFR);
        let is_current = known.is_some_and(|known| known == soa_serial(&soa));
        match (request.question.query_type(), request.transport) {
            (RecordType::SOA, _) | (RecordType::IXFR, Transport::Udp) => Some(vec![soa]),
            (RecordType::IXFR, Transport::Tcp) if is_current => Some(vec![soa]),
            (RecordType::AXFR | RecordType::IXFR, Transport::Tcp) => {
                Some(records.into_iter().chain([soa]).collect())
            }
            _ => None,
        }
    }

    /// Tells secondaries of changes, for ever. `sources` are our own addresses: a
    /// secondary takes notice only of a server that it knows.
    pub(super) async fn announce(
        &self,
        authority: &Authority,
        clock: &(dyn Fn() -> Timestamp + Send + Sync),
        sources: &[SocketAddr],
    ) {
        if self.secondaries.is_empty() {
            return std::future::pending().await;
        }
        let mut herald = notify::Herald::open(sources, &self.secondaries).await;
        loop {
            let zones = authority.zones();
            let due = herald.due(self.serials(&zones), clock());
            herald.send(due, &self.keys, clock()).await;
            herald.hear(LOOK_EVERY).await;
        }
    }

    /// What each secondary is to be told of: the zone and its SOA.
    fn serials(&self, zones: &Arc<Zones>) -> Vec<notify::Change> {
        let mut changes = Vec::new();
        for (number, secondary) in self.secondaries.iter().enumerate() {
            let taken = zones.all().filter(|zone| secondary.takes(&zone.apex));
            let mut soas: Vec<Record> =
                taken.filter_map(|zone| ZoneRecords::of(zone).soa_alone().pop()).collect();
            if let Some(catalog) = &self.catalog {
                soas.extend(catalog.records(zones, secondary).into_iter().next());
            }
            for address in &secondary.notify {
                let told =
                    |soa: &Record| notify::Change { secondary: number, to: *address, soa: soa.clone() };
                changes.extend(soas.iter().map(told));
            }
        }
        changes
    }
}

/// The answer to a transfer, without its records.
fn response(query: &Message) -> Message {
    let mut reply = Message::new(query.metadata.id, MessageType::Response, query.metadata.op_code);
    reply.metadata.authoritative = true;
    reply.metadata.response_code = ResponseCode::NoError;
    reply.add_queries(query.queries.iter().cloned());
    if query.edns.is_some() {
        let mut edns = hickory_proto::op::Edns::new();
        edns.set_max_payload(super::answer::UDP_OCTETS_MAX).set_version(0);
        reply.set_edns(edns);
    }
    reply
}

/// The serial that a secondary has: an IXFR brings it in its authority section (RFC 1995 §3).
fn serial_known(query: &Message) -> Option<u32> {
    query.authorities.first().map(soa_serial)
}

/// The serial of a SOA record; zero of any other.
fn soa_serial(record: &Record) -> u32 {
    match &record.data {
        RData::SOA(soa) => soa.serial,
        _ => 0,
    }
}
