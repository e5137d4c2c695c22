//! A whole scan: names, servers, networks, and the evidence made of them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use ipnet::IpNet;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::assemble::{self, fit};
use super::plan::Plan;
use super::ports::Ports;
use super::registry::Registry;
use super::session::Call;
use super::settings::Settings;
use super::shelf::Shelf;
use super::visit::{Admission, Admitted, Time, Tour, Visit, tour};
use crate::receiving::names::{Reverse, chosen_addresses};
use crate::receiving::networks::Found;
use crate::receiving::request::{Progress, Request, Step};
use crate::shared::dial::destination;
use crate::shared::dns::{Direct, Over, RecordType, Servers};
use crate::shared::evidence::scan::{
    Connections, Control, Cost, Cut, Depth, Evidence, LookupResult, MxHost, NotTried, Purpose, Reach,
    RootsUsed, Server, Session,
};

/// How many root servers are asked whether this host can look up anything: all thirteen, by both protocols.
const ROOT_SERVERS_ASKED_MAX: usize = 26;

/// Scans domains, within the limits and at the pace of its settings.
pub struct Scanner {
    settings: Arc<Settings>,
    ports: Ports,
    places: Semaphore,
    registry: Registry,
    /// Whether any connection to port 25 ever came up or was refused since the start.
    port_25: AtomicBool,
}

impl Scanner {
    /// A scanner, with nothing known yet.
    pub fn new(settings: Settings, ports: Ports) -> Self {
        let places = Semaphore::new(settings.scans_at_once_max.max(1));
        let settings = Arc::new(settings);
        let registry = Registry::new(Arc::clone(&settings), Arc::clone(&ports.clock));
        Self { settings, ports, places, registry, port_25: AtomicBool::new(false) }
    }

    /// The same, which also knows what stands on a shelf, and puts there what it sees.
    pub fn with_shelf(mut self, shelf: Arc<dyn Shelf>) -> Self {
        self.registry = self.registry.with_shelf(shelf);
        self
    }

    /// Gathers the evidence of a domain. Never fails: what could not be had is in the evidence, with its reason.
    pub async fn scan(&self, request: &Request, progress: &dyn Progress) -> Evidence {
        let _place = self.places.acquire().await;
        let (from, began) = ((self.ports.clock)(), Instant::now());
        let whole = Duration::from_secs(u64::from(self.settings.scan_s));
        let until = began + whole;
        let time = if self.settings.is_patient { Time::Each(whole) } else { Time::Until(until) };
        let (gathered, ipv6) = tokio::join!(self.ports.names.gather(request, progress), async {
            timeout_at(until, self.ports.names.has_ipv6(&self.ports.root_servers)).await.ok().flatten()
        });
        let mut evidence = Evidence::not_gathered(&request.domain, &request.helo, from);
        evidence.depth = request.depth;
        evidence.connections = request.connections;
        evidence.signatures.clone_from(&request.signatures);
        (evidence.names, evidence.mx, evidence.envelope) = (gathered.names, gathered.mx, gathered.envelope);
        evidence.cuts = gathered.cuts;
        let (mut visits, admissions) = self.visits(request, &mut evidence, ipv6, from);
        if request.connections == Connections::Allowed {
            progress.step(Step::Servers { addresses: visits.len() });
        }
        let ((), reverses, (found, registrar)) = tokio::join!(
            self.tour(request.depth, time, progress, &mut visits, admissions),
            self.reverse(&evidence, until, progress),
            self.networks(&evidence, until, progress)
        );
        evidence.control = Control { ipv6, port_25: self.port_25(&visits) };
        evidence.roots = match self.settings.world.mx_roots {
            Some(_) => RootsUsed::Own,
            None => RootsUsed::Public,
        };
        evidence.cost = cost(&visits, gathered.queries, gathered.others, &reverses, &found);
        (evidence.networks, evidence.registrar) = (found.networks, registrar.0);
        evidence.cost.others += registrar.1;
        assemble::servers(&mut evidence, visits, reverses, &self.ports.roots, (self.ports.clock)());
        evidence.to = (self.ports.clock)();
        evidence.cost.milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        fit(&mut evidence);
        evidence
    }

    /// A visit to each address of each host, and its admission.
    fn visits(
        &self,
        request: &Request,
        evidence: &mut Evidence,
        ipv6: Option<bool>,
        at: Timestamp,
    ) -> (Vec<Visit>, Vec<Admission<'static>>) {
        let (mut visits, mut admissions): (Vec<Visit>, Vec<Admission<'static>>) = Default::default();
        let mut cuts: Vec<Cut> = Vec::new();
        for mx in &evidence.mx {
            let (addresses, cut) = chosen_addresses(mx);
            cuts.extend(cut);
            for ip in addresses {
                let host = mx.host.clone();
                let intrusive = request.intrusive.then(|| request.domain.clone());
                let call = Call { ip, host: host.clone(), helo: request.helo.clone(), intrusive };
                admissions.push(match self.refused(request, ipv6, ip) {
                    Some(why) => Box::pin(async move { Admitted::Refused(why) }),
                    None => self.admission(request, call.clone()),
                });
                let plan = Plan::new(request.depth, self.settings.plan);
                let server = untried(host, ip, at);
                visits.push(Visit {
                    server,
                    certificates: Default::default(),
                    plan,
                    call,
                    known: false,
                    spent: Duration::ZERO,
                });
            }
        }
        evidence.cuts.extend(cuts);
        (visits, admissions)
    }

    /// What says when an address may be asked, and whether.
    fn admission(&self, request: &Request, call: Call) -> Admission<'static> {
        let (registry, calls) = (self.registry.clone(), Arc::clone(&self.ports.calls));
        let connects = request.connections == Connections::Allowed;
        let (depth, afresh, waits) = (request.depth, request.intrusive, self.settings.is_patient);
        Box::pin(async move {
            let admitted = registry.admit(call.ip, call.host.clone(), depth, connects, afresh).await;
            // The address as a whole: connections of many addresses by turns would end none of them for long.
            match admitted {
                Admitted::Asked(door) if waits => Admitted::Asked(Box::new((calls.visit(&call).await, door))),
                Admitted::Sharing(door, other) if waits => {
                    Admitted::Sharing(Box::new((calls.visit(&call).await, door)), other)
                }
                admitted => admitted,
            }
        })
    }

    /// Why an address is not called, whoever asks.
    fn refused(&self, request: &Request, ipv6: Option<bool>, ip: IpAddr) -> Option<NotTried> {
        let canonical = ip.to_canonical();
        let excluded = |net: &IpNet| net.contains(&ip) || net.contains(&destination(ip));
        if request.only.is_some_and(|only| only.to_canonical() != canonical) {
            Some(NotTried::NotAsked)
        } else if self.settings.exclude.iter().any(excluded) {
            Some(NotTried::Excluded)
        } else if ip.is_ipv6() && ipv6 == Some(false) {
            Some(NotTried::NoIpv6Here)
        } else {
            None
        }
    }

    async fn tour(
        &self,
        depth: Depth,
        time: Time,
        progress: &dyn Progress,
        visits: &mut [Visit],
        admissions: Vec<Admission<'static>>,
    ) {
        let route = Tour {
            calls: &*self.ports.calls,
            settings: &self.settings,
            time,
            progress,
            clock: &*self.ports.clock,
        };
        tour(&route, visits, admissions, &|visit| self.keep(visit, depth)).await;
    }

    /// Whether a root server answers, be it one of many: no means that this host can look up nothing. Where another program
    /// looks up for this one that is not known, and taken for yes.
    pub async fn has_dns(&self) -> bool {
        if matches!(self.settings.resolver.servers, Servers::Forwarder { .. }) {
            return true;
        }
        let asked = self.ports.root_servers.iter().take(ROOT_SERVERS_ASKED_MAX);
        let lookup = &self.ports.names.lookup;
        let answers =
            join_all(asked.map(|root| lookup.ask_server(*root, Over::Udp, ".", RecordType::SOA))).await;
        answers.iter().filter_map(Direct::answered).reduce(|any, answered| any || answered).unwrap_or(true)
    }

    fn keep(&self, visit: &Visit, depth: Depth) {
        match visit.server.reach {
            Reach::Reached | Reach::Refused => self.port_25.store(true, Ordering::Relaxed),
            // Who goes on tomorrow, or from another host, would take our fault for the server's.
            Reach::TimedOut if self.settings.is_patient && !self.port_25.load(Ordering::Relaxed) => return,
            _ => {}
        }
        self.registry.keep(visit, depth);
    }

    /// The names of each address that is looked at, once.
    async fn reverse(
        &self,
        evidence: &Evidence,
        until: Instant,
        progress: &dyn Progress,
    ) -> Vec<(IpAddr, Reverse)> {
        let addresses: BTreeSet<IpAddr> = evidence.mx.iter().flat_map(|mx| chosen_addresses(mx).0).collect();
        let asking = addresses.into_iter().map(|ip| async move {
            let reverse = timeout_at(until, self.ports.names.reverse(ip, progress)).await.ok()?;
            Some((ip, reverse))
        });
        join_all(asking).await.into_iter().flatten().collect()
    }

    async fn networks(
        &self,
        evidence: &Evidence,
        until: Instant,
        progress: &dyn Progress,
    ) -> (Found, (Option<String>, u32)) {
        progress.step(Step::Networks);
        let addresses = addresses_by_purpose(evidence);
        let asking = async {
            tokio::join!(self.ports.networks.of(&addresses), self.ports.networks.registrar(&evidence.domain))
        };
        match timeout_at(until, asking).await {
            Ok((found, (registrar, connections))) => (found, (registrar.ok().flatten(), connections)),
            Err(_) => (Found::default(), (None, 0)),
        }
    }

    /// Whether port 25 is open from here. One success since the start is enough: it is not this host then.
    fn port_25(&self, visits: &[Visit]) -> Option<bool> {
        // What a survey knows of servers may be of another host, or of another day.
        let is_ours = |visit: &&Visit| !(visit.known && self.settings.is_patient);
        let any = |is: fn(&Reach) -> bool| visits.iter().filter(is_ours).any(|visit| is(&visit.server.reach));
        if any(|reach| matches!(reach, Reach::Reached | Reach::Refused)) {
            self.port_25.store(true, Ordering::Relaxed);
            return Some(true);
        }
        let timed_out = any(|reach| matches!(reach, Reach::TimedOut));
        timed_out.then(|| self.port_25.load(Ordering::Relaxed))
    }
}

fn untried(host: String, ip: IpAddr, at: Timestamp) -> Server {
    Server {
        host,
        ip,
        at,
        reach: Reach::NotTried { why: NotTried::OutOfTime },
        session: Session::default(),
        earlier: None,
        handshake: None,
        probes: Vec::new(),
        stopped: None,
        unasked: Vec::new(),
        intrusive: None,
        ptr: LookupResult::not_asked(crate::shared::dns::reverse_name(ip), "PTR"),
        probed_as: None,
        ptr_addresses: Vec::new(),
        connections: 0,
    }
}

/// internet.nl's three groups: MX hosts, name servers of the domain, name servers of the zones of the MX hosts.
fn addresses_by_purpose(evidence: &Evidence) -> Vec<(IpAddr, Purpose)> {
    let of_hosts = evidence.mx.iter().flat_map(|mx| chosen_addresses(mx).0).map(|ip| (ip, Purpose::Mx));
    let of_domain = evidence.names.name_servers.iter().map(|server| (server, Purpose::NameServer));
    let zone_servers = |mx: &'_ MxHost| mx.name_servers.clone();
    let of_zones: Vec<_> = evidence.mx.iter().flat_map(zone_servers).collect();
    let of_zones = of_zones.iter().map(|server| (server, Purpose::MxNameServer));
    let servers = of_domain.chain(of_zones).flat_map(|(server, purpose)| {
        server.a.records().iter().chain(server.aaaa.records()).map(move |ip| (*ip, purpose))
    });
    let all: BTreeSet<(IpAddr, Purpose)> = of_hosts.chain(servers).collect();
    all.into_iter().collect()
}

fn cost(visits: &[Visit], queries: u32, others: u32, reverses: &[(IpAddr, Reverse)], found: &Found) -> Cost {
    Cost {
        // What another scan saw cost this one nothing.
        connections: visits.iter().filter(|visit| !visit.known).map(|visit| visit.server.connections).sum(),
        queries: queries + found.queries + reverses.iter().map(|(_, reverse)| reverse.queries).sum::<u32>(),
        others: others + found.connections,
        milliseconds: 0,
    }
}
