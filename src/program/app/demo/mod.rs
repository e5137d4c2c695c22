//! `mailassay demo`: starts the private world's service, lets the samples send while strangers scan it, and compares
//! verdicts with what the samples are.

mod cases;
mod error;
mod fill;
mod outcome;
mod progress;
mod show;
mod stage;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::program::demo::{Played, RETRY_MS, Sample, World, resolvers, strangers};
use crate::sending::history::SelfCheck;
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::Label;
use crate::shared::dns::Lookup;
use crate::shared::tls::client::Roots;

use super::clock::{Clock, system_clock};
use super::parts::{self, PartError};
use super::service::Service;

pub use error::DemoError;
pub use outcome::Worth;
pub use stage::{build, prepare};

use outcome::{collect, of_sample};
use progress::Display;

/// How long the self-check and the last verdict mails are waited for, in milliseconds, and how often they are
/// looked for.
const PATIENCE_MS: u64 = 30_000;
const GLANCE_MS: u64 = 50;

/// Plays the demo, and says what its verdicts are worth together. Verdict mails go to `out`; with `stay` the service
/// goes on until it is interrupted.
/// `operate` does what an operator would type behind `mailassay provider`.
pub async fn demo(
    (played, out): (Played, &Path),
    stay: bool,
    operate: impl AsyncFn(Vec<String>) -> Result<(), String>,
    new_secret: impl FnOnce() -> [u8; 32],
) -> Result<Worth, DemoError> {
    let clock = system_clock();
    let mut world = stage::build(out, played)?;
    let (settings, roots, trust_anchors) = stage::prepare(&mut world, &clock)?;
    let catalogue = Arc::new(parts::catalogue(&settings).map_err(PartError::from)?);
    let pace = settings.pace.clone();
    println!("{}", show::introduction(&world));
    let (others, closing) = (TaskTracker::new(), CancellationToken::new());
    for hosts in &world.hosts {
        hosts.serve(world.places, &others, &closing).await.map_err(DemoError::Hosts)?;
    }
    let service = Service::start(settings, Arc::clone(&clock), new_secret).await?;
    await_self_check(&service).await?;
    let scanning = closing.child_token();
    strangers(&world, &roots, clock(), &others, &scanning);
    let resolvers = resolvers(&world, &trust_anchors, &clock)?;
    let display = Display::new(&world.samples);
    let labels = match played {
        Played::Classic => BTreeMap::new(),
        Played::First => cases::labels(&world, &service, &catalogue, clock()).await?,
    };
    let cast = Cast {
        labels,
        world: &world,
        catalogue,
        service: &service,
        resolvers,
        roots,
        clock: Arc::clone(&clock),
        display: &display,
    };
    cast.send_all().await;
    scanning.cancel();
    display.finish();
    let outcomes = collect(&world, &service, &pace, &display, out).await?;
    let worth = match played {
        Played::Classic => {
            println!("{}", show::table(&outcomes));
            println!("{}", show::conclusion(&outcomes));
            outcomes.iter().map(outcome::SampleOutcome::told).max().unwrap_or(Worth::NotInTime)
        }
        Played::First => {
            let histories = service.histories().await;
            let of = |sample: &Sample| {
                let history = of_sample(&histories, sample);
                cases::CasesOutcome::of(&cast.catalogue, &pace, sample, history)
            };
            let outcomes: Vec<_> = world.samples.iter().map(of).collect();
            println!("{}", cases::table(&outcomes));
            println!("{}", cases::conclusion(&outcomes, out));
            outcomes.iter().map(cases::CasesOutcome::worth).max().unwrap_or(Worth::NotInTime)
        }
    };
    if stay {
        let checks = fill::checks(&world, &service, &clock).await;
        let published = fill::providers(&world, operate).await;
        println!("{}", show::pages(&world, &outcomes, &checks, &published));
        let _ = tokio::signal::ctrl_c().await;
    }
    service.stop().await;
    closing.cancel();
    others.close();
    others.wait().await;
    Ok(worth)
}

async fn await_self_check(service: &Service) -> Result<(), DemoError> {
    for _ in 0..PATIENCE_MS / GLANCE_MS {
        if let Some(checked) = service.self_checked() {
            for state in [checked.dns, checked.certificates, checked.policy_host] {
                if let SelfCheck::Red { reason } = state {
                    return Err(DemoError::Red(reason));
                }
            }
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(GLANCE_MS)).await;
    }
    Err(DemoError::Red(format!("no result within {} s", PATIENCE_MS / 1_000)))
}

/// Who plays, and with what.
struct Cast<'a> {
    world: &'a World,
    catalogue: Arc<Catalogue>,
    /// The labels of each sample's addresses, by its name.
    labels: BTreeMap<&'static str, BTreeMap<CaseId, Label>>,
    service: &'a Service,
    resolvers: BTreeMap<IpAddr, Arc<dyn Lookup>>,
    roots: Roots,
    clock: Clock,
    display: &'a Arc<Display>,
}

impl Cast<'_> {
    /// Lets all samples send, side by side where each has its own address, else one after another, until each has
    /// its verdict. A sample that never gets rid of its mail, as `dane-only` at a domain without TLSA records, is
    /// stopped then.
    async fn send_all(&self) {
        let samples = &self.world.samples;
        for group in samples.chunks(if self.world.has_addresses() { samples.len() } else { 1 }) {
            let sending: Vec<_> = group.iter().filter_map(|sample| self.send(sample)).collect();
            for _ in 0..PATIENCE_MS * group.len() as u64 / GLANCE_MS {
                let histories = self.service.histories().await;
                let answered = |sample: &Sample| {
                    of_sample(&histories, sample).is_some_and(|history| history.delivery.is_some())
                };
                if group.iter().all(answered) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(GLANCE_MS)).await;
            }
            // The acknowledgement of the second recipient is a moment behind the verdict.
            tokio::time::sleep(Duration::from_millis(RETRY_MS + GLANCE_MS)).await;
            for sending in sending {
                sending.abort();
                if let Some(error) = sending.await.err().filter(tokio::task::JoinError::is_panic) {
                    std::panic::resume_unwind(error.into_panic());
                }
            }
        }
    }

    fn send(&self, sample: &Sample) -> Option<tokio::task::JoinHandle<()>> {
        let lookup = Arc::clone(self.resolvers.get(&sample.resolver)?);
        let (sample, world, display) = (sample.clone(), self.world.clone(), Arc::clone(self.display));
        let (roots, clock) = (self.roots.clone(), Arc::clone(&self.clock));
        let labels = self.labels.get(sample.name).cloned().unwrap_or_default();
        let recipients = self.world.recipients(&self.catalogue, sample.language, &labels);
        Some(tokio::spawn(async move {
            sample.send((&world, &recipients), lookup, &roots, &clock, &*display).await
        }))
    }
}
