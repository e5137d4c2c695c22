//! The private world of the demo with its service, and those who send to it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mailassay::program::app::demo::{build, prepare};
use mailassay::program::app::{Clock, Service, system_clock};
use mailassay::program::archive::Archive;
use mailassay::program::demo::{Played, Sample, SampleProgress, World, resolvers};
use mailassay::program::reply;
use mailassay::program::rights::Objections;
use mailassay::program::site::Operator;
use mailassay::sending::authority::ZoneText;
use mailassay::sending::deliver::Delivery;
use mailassay::sending::history::History;
use mailassay::sending::persona::CatalogueFiles;
use mailassay::shared::dns::Lookup;
use mailassay::shared::tls::client::Roots;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::hostile;

/// The secret of the service's journal.
const SECRET: [u8; 32] = [7; 32];
/// Who of the samples sends here.
const SAMPLES: [&str; 2] = ["may", "dane"];
/// How long something is waited for, in milliseconds, and how often it is looked for.
const WAIT_MS: u64 = 120_000;
const GLANCE_MS: u64 = 50;

/// A running service with its world.
pub(crate) struct Stage {
    world: World,
    service: Service,
    resolvers: BTreeMap<IpAddr, Arc<dyn Lookup>>,
    roots: Roots,
    clock: Clock,
    others: TaskTracker,
    closing: CancellationToken,
}

/// Nobody watches the samples.
struct Unwatched;

impl SampleProgress for Unwatched {
    fn attempted(&self, _: &Sample, _: usize, _: &str) {}
    fn done(&self, _: &Sample, _: &[Delivery]) {}
}

impl Stage {
    pub(crate) async fn start(folder: &Path) -> Self {
        let clock = system_clock();
        let mut world = build(folder, Played::Classic).expect("a world");
        world.samples.retain(|sample| SAMPLES.contains(&sample.name));
        let (mut settings, roots, trust_anchors) = prepare(&mut world, &clock).expect("its keys");
        settings.notices.operator = Operator {
            name: Some("Example Association".to_owned()),
            address: vec!["Example Street 1".to_owned(), "12345 Example Town".to_owned()],
            ..Operator::default()
        };
        // What changed a second ago is to be seen.
        settings.scan.cache_s = 0;
        settings.zone.others.push(zone(hostile::DOMAIN, hostile::RECORDS));
        let (others, closing) = (TaskTracker::new(), CancellationToken::new());
        for hosts in &world.hosts {
            hosts.serve(world.places, &others, &closing).await.expect("a free place");
        }
        hostile::receive(world.places.smtp, &others, &closing).await;
        let resolvers = resolvers(&world, &trust_anchors, &clock).expect("resolvers");
        let service = Service::start(settings, Arc::clone(&clock), || SECRET).await.expect("a service");
        while service.self_checked().is_none() {
            tokio::time::sleep(Duration::from_millis(GLANCE_MS)).await;
        }
        Self { world, service, resolvers, roots, clock, others, closing }
    }

    /// The address of the site, without a slash at its end.
    pub(crate) fn site(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.world.places.site)
    }

    /// A command of the operator's: `mailassay provider …`.
    pub(crate) async fn provider(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_mailassay"));
        command.arg("provider").args(arguments).arg("--config").arg(self.world.configuration_file());
        let output = command.output().await.map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        if output.status.success() { Ok(said) } else { Err(format!("provider {arguments:?}: {said}")) }
    }

    /// The page on which an address objects to further mail, as its verdict mail would name it.
    pub(crate) async fn objection(&self, address: &str) -> String {
        let archive = Archive::open(&self.world.folder.join("no.sqlite")).await.expect("an archive");
        let objections = Objections::new(Arc::new(archive), SECRET, self.site());
        reply::Objections::page(&objections, address)
    }

    /// The world.
    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// Lets a sample send, until it is aborted.
    pub(crate) fn send(&self, name: &str) -> JoinHandle<()> {
        let sample = self.world.samples.iter().find(|sample| sample.name == name).expect("a sample").clone();
        let lookup = Arc::clone(&self.resolvers[&sample.resolver]);
        let (world, roots, clock) = (self.world.clone(), self.roots.clone(), Arc::clone(&self.clock));
        let catalogue =
            CatalogueFiles::embedded().catalogue(&world.settings().origin).expect("the files fit");
        let recipients = world.recipients(&catalogue, sample.language, &BTreeMap::new());
        tokio::spawn(async move {
            sample.send((&world, &recipients), lookup, &roots, &clock, &Unwatched).await;
        })
    }

    /// The first trial of a domain that is so.
    pub(crate) async fn trial(
        &self,
        domain: &str,
        is_so: impl Fn(&History) -> bool,
    ) -> Result<History, String> {
        let until = Instant::now() + Duration::from_millis(WAIT_MS);
        while Instant::now() < until {
            let of_domain =
                |history: &History| history.reverse_paths().iter().any(|path| path.domain == domain);
            let histories = self.service.histories().await;
            if let Some(history) = histories.into_iter().find(|history| of_domain(history) && is_so(history))
            {
                return Ok(history);
            }
            tokio::time::sleep(Duration::from_millis(GLANCE_MS)).await;
        }
        Err(format!("no such trial of {domain} within {WAIT_MS} ms"))
    }

    /// The address of a trial's page.
    pub(crate) fn page(&self, history: &History) -> String {
        format!("{}/r/{}", self.site(), history.id)
    }

    pub(crate) async fn stop(self) {
        self.service.stop().await;
        self.closing.cancel();
        self.others.close();
        self.others.wait().await;
    }
}

/// A zone beside those of the samples.
fn zone(apex: &str, records: &str) -> ZoneText {
    let here = Ipv4Addr::LOCALHOST;
    let head = format!("$TTL 60\n@ IN SOA ns hostmaster 1 3600 900 432000 1\n@ IN NS ns\nns IN A {here}\n");
    ZoneText { apex: apex.to_owned(), file: format!("the zone {apex}"), text: head + records, signed: true }
}
