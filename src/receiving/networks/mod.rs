//! Networks and routes: who announces the addresses that mail to a domain depends on, whether RPKI allows it, and
//! whose they are.
//!
//! Routes come from files of the operator's or from a DNS zone, validity from a validator of the operator's, names
//! from RDAP. Each is asked only where a setting says so, at most for seconds, and what none of them says is missing
//! with its reason: nothing here holds up a verdict.

mod bootstrap;
mod origin;
mod rdap;
mod roa;
mod routes;
mod rtr;
mod settings;
mod tables;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::shared::dial;
use crate::shared::dns::Lookup;
use crate::shared::evidence::scan::{Network, Origin, Purpose};
use crate::shared::tls::client::Roots;

pub use bootstrap::Bootstrap;
pub use rdap::{Registered, network as rdap_network, registrar as rdap_registrar};
pub use roa::{Vrp, Vrps};
pub use routes::{Routes, RoutesError};
pub use rtr::{Fetched, RtrError, fetch as rtr_fetch};
pub use settings::{BootstrapSource, Settings};

use rdap::Rdap;
use tables::Tables;

/// What is needed to ask.
#[derive(Clone)]
pub struct Tools {
    /// Look-ups, for the origin zone and the addresses of RDAP servers.
    pub lookup: Arc<dyn Lookup>,
    pub dial: dial::Settings,
    /// Whose certificates RDAP servers must have.
    pub roots: Roots,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// What was found, and at which cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The networks, by prefix.
    pub networks: Vec<Network>,
    /// HTTPS connections.
    pub connections: u32,
    pub queries: u32,
}

/// A source of networks.
pub struct Networks(Arc<Inner>);

struct Inner {
    settings: Settings,
    tools: Tools,
    tables: Tables,
    rdap: Option<Rdap>,
}

/// How many networks are asked about at the same time.
const QUESTIONS_AT_ONCE: usize = 4;
/// How many reasons a network keeps.
const REASONS_MAX: usize = 4;

/// What tables and the origin zone say of an address.
#[derive(Clone, Debug, Default)]
struct Routed {
    prefix: Option<IpNet>,
    routed: Option<bool>,
    origins: Vec<u32>,
    missing: Vec<String>,
    queries: u32,
}

impl Networks {
    /// A source that asks as `settings` say.
    pub fn new(settings: Settings, tools: Tools) -> Self {
        let tables = Tables::new(&settings, &tools);
        let rdap = settings.rdap.then(|| Rdap::new(&settings, tools.clone()));
        Self(Arc::new(Inner { settings, tools, tables, rdap }))
    }

    /// The networks of `addresses`, each address in one.
    pub async fn of(&self, addresses: &[(IpAddr, Purpose)]) -> Found {
        let inner = &self.0;
        let until = Instant::now() + Duration::from_secs(u64::from(inner.settings.all_s));
        let mut found = Found::default();
        let mut groups: BTreeMap<_, (Routed, Vec<(IpAddr, Purpose)>)> = BTreeMap::new();
        for (address, purpose) in addresses {
            let routed = inner.routed(*address, until).await;
            found.queries += routed.queries;
            // Where no route is known, neighbours are taken for one network.
            let place = (routed.prefix, routed.prefix.unwrap_or_else(|| neighbours(*address)));
            let (_, members) = groups.entry(place).or_insert_with(|| (routed, Vec::new()));
            if !members.contains(&(*address, *purpose)) {
                members.push((*address, *purpose));
            }
        }
        let mut waiting = groups.into_values();
        let mut under_way = JoinSet::new();
        loop {
            while under_way.len() < QUESTIONS_AT_ONCE
                && let Some((routed, members)) = waiting.next()
            {
                let inner = Arc::clone(inner);
                under_way.spawn(async move { inner.network(routed, members, until).await });
            }
            match under_way.join_next().await {
                None => break,
                Some(Ok((network, connections))) => {
                    found.connections += connections;
                    found.networks.push(network);
                }
                // A panic is reported where it happens; the other networks stand.
                Some(Err(_)) => {}
            }
        }
        found.networks.sort_by(|a, b| (&a.prefix, &a.addresses).cmp(&(&b.prefix, &b.addresses)));
        found
    }

    /// The registrar of the domain that `domain` belongs to, and how many connections the question cost; an error is
    /// the reason why it is not known.
    pub async fn registrar(&self, domain: &str) -> (Result<Option<String>, String>, u32) {
        match &self.0.rdap {
            Some(rdap) => rdap.registrar(domain).await,
            None => (Ok(None), 0),
        }
    }
}

impl Inner {
    /// Whether an address may be asked about at all.
    fn special(&self, address: IpAddr) -> Option<String> {
        self.tools.dial.rules.check(address).err().map(|special| format!("{address} is {special}"))
    }

    async fn routed(&self, address: IpAddr, until: Instant) -> Routed {
        if let Some(why) = self.special(address) {
            return Routed { missing: vec![why], ..Routed::default() };
        }
        let mut missing = Vec::new();
        let table = timeout_at(until, self.tables.route(address)).await;
        match table.unwrap_or_else(|_| Some(Err("routes: no time was left".to_owned()))) {
            Some(Ok(Some((prefix, origins)))) => {
                return Routed { prefix: Some(prefix), routed: Some(true), origins, ..Routed::default() };
            }
            Some(Ok(None)) => return Routed { routed: Some(false), ..Routed::default() },
            Some(Err(reason)) => missing.push(reason),
            None => {}
        }
        let Some(zone) = &self.settings.origin_zone else { return Routed { missing, ..Routed::default() } };
        let limit = until.min(Instant::now() + Duration::from_secs(u64::from(self.settings.timeout_s)));
        let asked = timeout_at(limit, origin::ask(&*self.tools.lookup, zone, address)).await;
        match asked.unwrap_or_else(|_| Err(format!("{zone}: no answer in time"))) {
            Ok(Some((prefix, origins))) => {
                let prefix = Some(prefix);
                Routed { prefix, routed: Some(true), origins, missing: Vec::new(), queries: 1 }
            }
            Ok(None) => Routed { routed: Some(false), queries: 1, ..Routed::default() },
            Err(reason) => {
                missing.push(reason);
                Routed { missing, queries: 1, ..Routed::default() }
            }
        }
    }

    /// Validity and names of a network, and how many connections that cost.
    async fn network(
        &self,
        routed: Routed,
        addresses: Vec<(IpAddr, Purpose)>,
        until: Instant,
    ) -> (Network, u32) {
        let Routed { prefix, routed, origins, mut missing, .. } = routed;
        let mut network = Network {
            prefix: prefix.map(|prefix| prefix.to_string()),
            routed,
            origins: origins.into_iter().map(|asn| Origin { asn, rpki: None }).collect(),
            name: None,
            organisation: None,
            country: None,
            addresses,
            failed: false,
            missing: Vec::new(),
        };
        match self.tables.vrps().await {
            Some(Ok(vrps)) => {
                for origin in &mut network.origins {
                    origin.rpki = prefix.map(|prefix| vrps.validity(prefix, origin.asn));
                }
            }
            Some(Err(reason)) => missing.push(reason),
            None => {}
        }
        let mut connections = 0;
        // So far only those said something that the routes and their validity come from.
        network.failed = !missing.is_empty();
        let first = network.addresses.first().map(|(address, _)| *address);
        if let (Some(rdap), Some(address)) = (&self.rdap, first)
            && self.special(address).is_none()
        {
            let asked = timeout_at(until, rdap.network(address)).await;
            let (answer, cost) = asked.unwrap_or_else(|_| (Err("RDAP: no time was left".to_owned()), 1));
            connections = cost;
            match answer {
                Ok(Registered { name, organisation, country, .. }) => {
                    (network.name, network.organisation, network.country) = (name, organisation, country);
                }
                Err(reason) => missing.push(reason),
            }
        }
        missing.truncate(REASONS_MAX);
        network.missing = missing;
        (network, connections)
    }
}

/// The /24 or /48 of an address: longer prefixes are not routed.
fn neighbours(address: IpAddr) -> IpNet {
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { 24 } else { 48 };
    IpNet::new(address, bits).map_or_else(|_| address.into(), |net| net.trunc())
}

/// What a server wrote, as it may be kept: printable, cut.
fn kept(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect::<String>().trim().to_owned()
}
