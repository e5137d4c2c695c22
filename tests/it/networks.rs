//! Networks and routes: files that change, a zone of origins, Debian's stayrtr as a validator, and RDAP servers that
//! answer, redirect, refuse and dawdle.

mod rdap;
mod stayrtr;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use mailassay::receiving::networks::{Networks, Settings, Tools};
use mailassay::shared::dial;
use mailassay::shared::dns::{Asking, Lookup, RecordType, Response};
use mailassay::shared::evidence::Security;
use mailassay::shared::evidence::scan::{NameAnswer, NameFailure, Network, Purpose, Rpki};
use mailassay::shared::time::{Timestamp, after};
use mailassay::shared::tls::client::Roots;
use parking_lot::Mutex;

use crate::rdata;

/// DNS that knows what it is told, and remembers what it was asked.
#[derive(Default)]
struct Dns {
    txt: HashMap<String, String>,
    addresses: HashMap<String, IpAddr>,
    asked: Mutex<Vec<String>>,
}

impl Dns {
    fn asked(&self) -> Vec<String> {
        self.asked.lock().clone()
    }
}

impl Lookup for Dns {
    fn ask<'a>(&'a self, name: &'a str, rtype: RecordType) -> Asking<'a, Response> {
        self.asked.lock().push(name.to_owned());
        let record = match rtype {
            RecordType::TXT => self.txt.get(name).map(|text| rdata::text(text)),
            RecordType::A => self.addresses.get(name).map(|address| rdata::address(*address)),
            _ => None,
        };
        let records = record.map(|record| vec![record]);
        let mut response = rdata::response(name, rtype, Security::Insecure, records);
        if name.ends_with(".failing.example") {
            response.looked.answer = NameAnswer::Failed { failure: NameFailure::Timeout };
        }
        Box::pin(async { response })
    }
}

/// A source of networks with a clock that the test moves.
struct World {
    dns: Arc<Dns>,
    seconds: Arc<AtomicI64>,
    networks: Networks,
}

fn start() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

impl World {
    fn new(settings: Settings, dns: Dns) -> Self {
        Self::with(settings, dns, dial::Settings::default(), Roots::mozilla())
    }

    fn with(settings: Settings, dns: Dns, dial: dial::Settings, roots: Roots) -> Self {
        let (dns, seconds) = (Arc::new(dns), Arc::new(AtomicI64::new(0)));
        let clock = {
            let seconds = Arc::clone(&seconds);
            Arc::new(move || after(start(), seconds.load(Ordering::Relaxed).try_into().unwrap()))
        };
        let tools = Tools { lookup: dns.clone(), dial, roots, clock };
        Self { dns, seconds, networks: Networks::new(settings, tools) }
    }

    async fn of(&self, addresses: &[&str]) -> Vec<Network> {
        let addresses: Vec<_> =
            addresses.iter().map(|address| (address.parse().unwrap(), Purpose::Mx)).collect();
        self.networks.of(&addresses).await.networks
    }

    fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// Prefix, whether it is routed, and its origins.
type Brief = (Option<String>, Option<bool>, Vec<(u32, Option<Rpki>)>);

fn brief(network: &Network) -> Brief {
    let origins = network.origins.iter().map(|origin| (origin.asn, origin.rpki)).collect();
    (network.prefix.clone(), network.routed, origins)
}

fn write_routes(path: &Path, lines: &[(u32, &str)]) {
    let lines: Vec<_> = lines.iter().map(|(asn, prefix)| format!("{asn}\t{prefix}\t300\n")).collect();
    std::fs::write(path, lines.concat()).unwrap();
}

#[tokio::test]
async fn nobody_is_asked_by_default_and_nothing_is_missing() {
    let world = World::new(Settings::default(), Dns::default());
    let networks = world.of(&["8.8.8.8", "8.8.8.9", "2a00:1450::1"]).await;
    assert_eq!(networks.len(), 2, "neighbours are together: {networks:?}");
    for network in &networks {
        assert_eq!(brief(network), (None, None, Vec::new()));
        assert!(network.missing.is_empty() && network.name.is_none(), "{network:?}");
    }
    assert_eq!(world.networks.registrar("example.com").await, (Ok(None), 0));
    assert!(world.dns.asked().is_empty());
}

#[tokio::test]
async fn routes_are_read_again_when_their_file_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("routes");
    write_routes(&path, &[(64500, "8.8.8.0/24"), (64501, "9.9.0.0/16")]);
    let world = World::new(Settings { routes: vec![path.clone()], ..Settings::default() }, Dns::default());
    let networks = world.of(&["8.8.8.8", "9.9.9.9", "9.9.1.1", "7.7.7.7", "2a00:1450::1"]).await;
    let briefs: Vec<_> = networks.iter().map(brief).collect();
    assert_eq!(
        briefs,
        [
            (None, Some(false), Vec::new()),
            // No file has routes of IPv6.
            (None, None, Vec::new()),
            (Some("8.8.8.0/24".to_owned()), Some(true), vec![(64500, None)]),
            (Some("9.9.0.0/16".to_owned()), Some(true), vec![(64501, None)]),
        ]
    );
    assert_eq!(networks[3].addresses.len(), 2);

    write_routes(&path, &[(64502, "8.8.8.0/24"), (64503, "8.8.0.0/16")]);
    assert_eq!(brief(&world.of(&["8.8.8.8"]).await[0]).2, [(64500, None)], "not looked at yet");
    world.pass(61);
    // It is read behind; what was read before is used until then.
    let origin = async || brief(&world.of(&["8.8.8.8"]).await[0]).2;
    let mut seen = origin().await;
    for _ in 0..1_000 {
        if seen == [(64502, None)] {
            break;
        }
        tokio::task::yield_now().await;
        seen = origin().await;
    }
    assert_eq!(seen, [(64502, None)]);
}

#[tokio::test]
async fn a_zone_of_origins_fills_what_no_file_knows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("routes");
    write_routes(&path, &[(64500, "8.8.8.0/24")]);
    let record = "64504 | 2a00:1450::/32 | ZZ | ripencc | 2010-01-01".to_owned();
    let name = "0.0.0.0.0.0.0.0.0.5.4.1.0.0.a.2.origin6.asn.example".to_owned();
    let zone = |zone: &str| Settings {
        routes: vec![path.clone()],
        origin_zone: Some(zone.to_owned()),
        ..Settings::default()
    };
    let dns = || Dns { txt: HashMap::from([(name.clone(), record.clone())]), ..Dns::default() };
    let world = World::new(zone("asn.example"), dns());
    let networks = world.of(&["8.8.8.8", "2a00:1450::1", "2a01::1", "127.0.0.1", "fd00::1"]).await;
    let known: Vec<_> = networks.iter().filter_map(|network| network.prefix.clone()).collect();
    assert_eq!(known, ["2a00:1450::/32", "8.8.8.0/24"]);
    let unrouted = networks.iter().find(|network| network.routed == Some(false)).unwrap();
    assert_eq!(unrouted.addresses[0].0.to_string(), "2a01::1");
    let special: Vec<_> = networks.iter().flat_map(|network| network.missing.clone()).collect();
    assert_eq!(special, ["127.0.0.1 is loopback", "fd00::1 is private"]);
    assert_eq!(
        world.dns.asked().len(),
        2,
        "special addresses are nobody's business: {:?}",
        world.dns.asked()
    );

    let world = World::new(zone("failing.example"), dns());
    let network = world.of(&["2a00:1450::1"]).await.remove(0);
    assert_eq!(network.routed, None);
    assert!(network.missing[0].contains("no answer in time"), "{:?}", network.missing);
}

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
