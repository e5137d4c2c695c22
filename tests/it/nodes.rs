//! Several nodes on one PostgreSQL: one order for all, nothing acknowledged is lost, and what one node does not finish the
//! other does.

mod away;
mod claims;
mod common;
mod killed;
mod leases;
mod order;
mod outage;
mod served;
mod silent;
mod turns;
mod unsure;

use std::sync::Arc;
use std::time::{Duration, Instant};

use mailassay::sending::history::{Fact, Irregularity, Observation, Queried, Recorder, Transport};
use mailassay::sending::journal::{Journal, Opened, Settings, Subscriber};
use mailassay::sending::trial::LinkId;
use mailassay::shared::database::postgres::Address;
use mailassay::shared::time::Timestamp;
use parking_lot::Mutex;

const SECRET: [u8; 32] = [7; 32];
/// How long something may take that takes some seconds on a machine that does nothing else.
const PATIENCE: Duration = Duration::from_secs(60);

/// Remembers what a node was told.
#[derive(Default)]
struct Told(Mutex<Vec<Observation>>);

impl Subscriber for Told {
    fn committed(&self, observation: &Observation) {
        self.0.lock().push(observation.clone());
    }
}

impl Told {
    fn seqs(&self) -> Vec<i64> {
        self.0.lock().iter().map(|observation| observation.seq.0).collect()
    }

    fn has(&self, fact: &Fact) -> bool {
        self.0.lock().iter().any(|observation| observation.fact == *fact)
    }

    fn links(&self) -> Vec<u64> {
        self.0.lock().iter().filter_map(|observation| Some(observation.fact.link()?.0)).collect()
    }
}

/// A node in this process.
struct Node {
    folder: tempfile::TempDir,
    journal: Arc<Journal>,
    told: Arc<Told>,
}

fn settings(folder: &tempfile::TempDir, address: &Address, name: &str) -> Settings {
    Settings {
        path: folder.path().join("journal.sqlite"),
        url: Some(address.clone()),
        node: name.parse().unwrap(),
        ..Settings::default()
    }
}

impl Node {
    async fn join(address: &Address, name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let opened = Opened::open(settings(&folder, address, name), || SECRET).await.unwrap();
        let told = Arc::new(Told::default());
        let journal = Arc::new(opened.start(vec![told.clone()]).await.unwrap());
        Self { folder, journal, told }
    }

    /// The settings of a node, in a folder of its own.
    fn settings_of(address: &Address, name: &str) -> (tempfile::TempDir, Settings) {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(&folder, address, name);
        (folder, settings)
    }

    /// A link that only this node has.
    fn link(&self, place: u64) -> LinkId {
        LinkId::of_node(self.journal.nodes().number(), place)
    }

    async fn commit(&self, place: u64) -> i64 {
        self.journal.commit(at(), irregular(self.link(place))).await.unwrap().0
    }
}

fn at() -> Timestamp {
    "2026-11-30T12:00:00.123456Z".parse().unwrap()
}

fn irregular(link: LinkId) -> Fact {
    Fact::Irregular { link, what: Irregularity::BareLf }
}

fn queried(name: &str) -> Fact {
    Fact::Queried(Queried {
        source: "192.0.2.53:5353".parse().unwrap(),
        transport: Transport::Udp,
        name: name.to_owned(),
        rtype: "MX".to_owned(),
        dnssec_ok: true,
        rcode: "NOERROR".to_owned(),
    })
}

/// Waits until something is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
