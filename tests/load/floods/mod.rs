//! The floods.

mod asking;
mod mailing;
mod slow;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) use asking::question;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::process::{cpu, database_bytes, give_way, memory_bytes, mib};
use super::second::SecondNetwork;
use super::sender::address;
use super::world::{Places, Service, World};
use super::{Play, Playing, told};

/// The most memory that the service may take, in bytes.
const MEMORY_BYTES_MAX: u64 = 300 * 1024 * 1024;
/// The networks of floods: 127.60.0.0/24 and following.
const FLOOD: u8 = 60;
/// How long the second network is watched at least.
const WATCHED: Duration = Duration::from_secs(5);

/// What a flood needs to know.
#[derive(Clone, Copy)]
struct Flood {
    places: Places,
    networks: u32,
    until: Instant,
    /// A divisor of all numbers.
    divisor: u32,
}

impl Flood {
    fn number(&self, full: u32) -> u32 {
        (full / self.divisor).max(1)
    }

    /// The `n`th address of the flood.
    fn address(&self, n: u32) -> IpAddr {
        address(FLOOD, self.networks, n)
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// What became of the parts of a flood, and how many.
#[derive(Debug, Default)]
struct Tally(BTreeMap<String, u32>);

impl Tally {
    fn add(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    fn merge(&mut self, other: Self) {
        for (what, count) in other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.iter().map(|(what, count)| format!("{count} {what}")).collect();
        f.write_str(&parts.join(", "))
    }
}

/// Runs `work` for each number up to `count`, so many at a time, until the flood is over.
async fn each<F>(flood: Flood, count: u32, at_once: u32, work: impl Fn(u32) -> F) -> Tally
where
    F: Future<Output = Tally> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(at_once as usize));
    let (mut working, mut tally) = (JoinSet::new(), Tally::default());
    for n in 0..count {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        if flood.is_over() {
            break;
        }
        let work = work(n);
        working.spawn(async move {
            let tally = work.await;
            drop(place);
            tally
        });
        while let Some(done) = working.try_join_next() {
            tally.merge(done.unwrap_or_default());
        }
    }
    while let Some(done) = working.join_next().await {
        tally.merge(done.unwrap_or_default());
    }
    tally
}

/// A service with its second network, for one flood or several.
pub(crate) struct Stage {
    world: World,
    second: SecondNetwork,
    service: Service,
}

impl Stage {
    pub(crate) fn new(playing: &Playing) -> Result<Self, Box<dyn Error>> {
        let world = World::new(playing)?;
        let service = world.serving(playing)?;
        let second = SecondNetwork::begin(world.places);
        Ok(Self { world, second, service })
    }

    /// Plays a flood, prints what it did, and gives whether the bars were met.
    pub(crate) fn play(&mut self, play: Play, playing: &Playing) -> Result<bool, Box<dyn Error>> {
        let Self { world, second, service } = self;
        let (cpu_before, grown_from) = (cpu(service.id()), database_bytes(&world.journal()));
        let began = Instant::now();
        let flood = Flood {
            places: world.places,
            networks: playing.networks,
            until: began + playing.time,
            divisor: playing.divisor,
        };
        second.counts();
        let thread = std::thread::spawn(move || -> std::io::Result<Tally> {
            give_way();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            Ok(runtime.block_on(flow(play, flood)))
        });
        let tally = thread.join().map_err(|_| "the flood panicked")??;
        let took = began.elapsed();
        std::thread::sleep(WATCHED.min(playing.time).saturating_sub(took));
        let seen = second.take();
        let runs = service.runs();
        let (peak, used) =
            (memory_bytes(service.id(), "VmHWM"), cpu(service.id()).saturating_sub(cpu_before));
        let grown = database_bytes(&world.journal()).saturating_sub(grown_from);
        let within = runs && peak < MEMORY_BYTES_MAX;
        println!("{play:?} in {:.1} s: {tally}", took.as_secs_f64());
        let served = seen.tell(playing);
        println!(
            "  service         peak {:.1} MiB, CPU {:.1} s, database + {:.1} MiB  {}",
            mib(peak),
            used.as_secs_f64(),
            mib(grown),
            told(within)
        );
        if !runs {
            println!("  the service ended by itself:\n{}", service.tail());
        }
        let (errors, warnings) = (service.logged("ERROR"), service.logged("WARN"));
        if errors + warnings > 0 {
            println!("  its log         {errors} errors, {warnings} warnings:\n{}", service.tail());
        }
        println!();
        Ok(served && within)
    }
}

async fn flow(play: Play, flood: Flood) -> Tally {
    match play {
        Play::Connections => slow::connections(flood).await,
        Play::SlowCommands => slow::commands(flood).await,
        Play::SlowMessages => slow::messages(flood).await,
        Play::Fetches => asking::fetches(flood).await,
        Play::Questions => asking::questions(flood).await,
        Play::Mails => mailing::of_one_source(flood, false).await,
        Play::Retries => mailing::of_one_source(flood, true).await,
        Play::Trials => mailing::trials(flood).await,
        Play::Restart => Tally::default(),
    }
}
