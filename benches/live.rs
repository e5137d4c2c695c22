//! What a thousand pages cost that follow a running trial, and how long a page takes while 200 STARTTLS sessions a second
//! come in. Against the program as it is shipped, on a core of its own where the machine has two.
//!
//! The bars: less than one core and 64 MiB for the pages; an event with each of them within a second; a page under 50 ms
//! (p99). Figures are printed with the bar that they are measured by, and as shares of it.
//!
//! `LIVE_SHORT=1` is a tenth of all, in twenty seconds; there bars of time do not count.
#![expect(clippy::disallowed_methods, reason = "the clock: what is measured takes real time")]

#[path = "live_parts/mail.rs"]
mod mail;
#[path = "live_parts/pages.rs"]
mod pages;
#[path = "live_parts/streams.rs"]
mod streams;

// The world of the load tests.
#[path = "../tests/load/process.rs"]
#[allow(dead_code, reason = "the load tests ask for more")]
mod process;
#[path = "../tests/load/sender.rs"]
#[allow(dead_code, reason = "the load tests ask for more")]
mod sender;
#[path = "../tests/load/world.rs"]
#[allow(dead_code, reason = "the load tests ask for more")]
mod world;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit, setrlimit};

use process::{cpu, memory_bytes, mib};
use streams::Streams;
use world::World;

/// How many pages follow the trial, how many sessions a second come in, and for how long each part lasts.
const STREAMS: u32 = 1_000;
const SESSIONS_A_SECOND: u32 = 200;
const PART: Duration = Duration::from_secs(20);
/// How often something happens in the trial.
const EVENT_EVERY: Duration = Duration::from_secs(1);
/// The bars.
const MEMORY_MAX_MIB: f64 = 64.0;
const CORES_MAX: f64 = 1.0;
const EVENT_MAX: Duration = Duration::from_secs(1);
const PAGE_MAX: Duration = Duration::from_millis(50);

/// How it is played; the load tests' world asks for this.
struct Playing {
    core: Option<usize>,
    program: PathBuf,
    config: String,
    keep: bool,
    short: bool,
}

impl Playing {
    fn number(&self, full: u32) -> u32 {
        if self.short { full / 10 } else { full }
    }

    fn part(&self) -> Duration {
        if self.short { PART / 4 } else { PART }
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files)?;
    let pinned = process::pin(1);
    let playing = Playing {
        core: pinned.then_some(0),
        program: env!("CARGO_BIN_EXE_mailassay").into(),
        config: String::new(),
        keep: false,
        short: std::env::var_os("LIVE_SHORT").is_some(),
    };
    let world = World::new(&playing)?;
    let service = world.serving(&playing)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let met = runtime.block_on(play(&playing, &world, service.id()))?;
    if !met {
        println!("{}", service.tail());
    }
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn play(playing: &Playing, world: &World, service: u32) -> Result<bool, Box<dyn Error>> {
    let trial = mail::trial(world.places.smtp).await?;
    // The first page makes what all share.
    pages::get(world.places.site, &trial).await?;
    let before = memory_bytes(service, "VmRSS");
    let streams = Streams::open(world.places.site, &trial, playing.number(STREAMS)).await?;
    let (began, spent) = (Instant::now(), cpu(service));
    let mut slowest = Duration::ZERO;
    while began.elapsed() < playing.part() {
        let happens = Instant::now();
        mail::again(world.places.smtp).await?;
        slowest = slowest.max(streams.all_have_news(happens, EVENT_MAX * 10).await?);
        tokio::time::sleep(EVENT_EVERY.saturating_sub(happens.elapsed())).await;
    }
    let cores = (cpu(service) - spent).as_secs_f64() / began.elapsed().as_secs_f64();
    let memory = mib(memory_bytes(service, "VmRSS").saturating_sub(before));
    let mut met = streams.tell();
    drop(streams);
    met &= tell("memory of the streams", "MiB", memory, MEMORY_MAX_MIB, true);
    met &= tell("CPU while something happens each second", "cores", cores, CORES_MAX, true);
    met &= tell(
        "an event is on all pages after",
        "s",
        slowest.as_secs_f64(),
        EVENT_MAX.as_secs_f64(),
        !playing.short,
    );
    let sessions = mail::Sessions::begin(world.places.smtp, playing.number(SESSIONS_A_SECOND));
    let took = pages::measure(world.places.site, &trial, playing.part()).await?;
    met &= sessions.tell();
    met &= tell(
        "a page while sessions run, p99",
        "s",
        took.as_secs_f64(),
        PAGE_MAX.as_secs_f64(),
        !playing.short,
    );
    Ok(met)
}

/// Prints a figure; false if it counts and is beyond its bar.
fn tell(what: &str, unit: &str, figure: f64, bar: f64, counts: bool) -> bool {
    let met = figure < bar;
    let word = if met { "pass" } else { "FAIL" };
    println!("{what:<42} {figure:>8.3} {unit:<6} {:>6.2} of the bar  {word}", figure / bar);
    met || !counts
}
