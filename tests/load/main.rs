//! Floods, and a restart with a full journal, against the program as it is shipped: `tests/load/README.md`.
#![expect(clippy::disallowed_methods, reason = "the clock: what is measured takes real time")]

mod crowd;
mod filled;
mod floods;
mod process;
mod restart;
mod second;
mod sender;
mod world;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use rustix::process::{Resource, getrlimit, setrlimit};

/// What may be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Play {
    /// 5,000 connections that say nothing.
    Connections,
    /// Commands of which a letter comes each second.
    SlowCommands,
    /// 200 messages of the largest size, each sent over the whole time.
    SlowMessages,
    /// 30,000 fetches of the policy.
    Fetches,
    /// 100,000 questions to DNS.
    Questions,
    /// 20,000 mails of one source.
    Mails,
    /// 20,000 attempts at one mail.
    Retries,
    /// 10,000 trials of 10,000 sources.
    Trials,
    /// A start with 100,000 trials in the journal.
    Restart,
}

/// Floods and a restart, beside a second network that is to be served all the while.
#[derive(Parser, Debug)]
#[command(name = "load")]
struct Arguments {
    /// What to play; all, where nothing is named.
    plays: Vec<Play>,
    /// Small numbers and a minute in all; fails only where somebody is not served, or for memory.
    #[arg(long)]
    short: bool,
    /// How long one flood may last, in seconds. Default 60, with --short 3.
    #[arg(long)]
    seconds: Option<u64>,
    /// From how many networks (127.60.0.0/24 and following) a flood comes that has no network of its own.
    #[arg(long, default_value_t = 1)]
    networks: u32,
    /// A divisor of all numbers. Default 1, with --short 20.
    #[arg(long)]
    divisor: Option<u32>,
    /// The program. Default: the one of this build.
    #[arg(long, default_value = env!("CARGO_BIN_EXE_mailassay"))]
    program: PathBuf,
    /// Lines to be added to the configuration, such as 'smtp.links_max = 500' before its first table.
    #[arg(long, default_value = "")]
    config: String,
    /// Leaves the service's folder (its log, its journal) where it is, and says where.
    #[arg(long)]
    keep: bool,
}

/// The core of the service, and that of everybody else.
const SERVICE_CORE: usize = 0;
const OTHERS_CORE: usize = 1;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::parse();
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files)?;
    let pinned = process::pin(OTHERS_CORE);
    if !pinned {
        println!("there is one core: the service shares it with the flood, and latencies are not its own");
    }
    let playing = Playing {
        short: arguments.short,
        time: Duration::from_secs(arguments.seconds.unwrap_or(if arguments.short { 3 } else { 60 })),
        divisor: arguments.divisor.unwrap_or(if arguments.short { 20 } else { 1 }).max(1),
        networks: arguments.networks.clamp(1, 4_000),
        core: pinned.then_some(SERVICE_CORE),
        program: arguments.program,
        config: arguments.config,
        keep: arguments.keep,
    };
    let plays = match arguments.plays.is_empty() {
        true => Play::value_variants().to_vec(),
        false => arguments.plays,
    };
    let (mut passed, mut stage) = (true, None);
    for play in plays {
        passed &= match (play, stage.take()) {
            (Play::Restart, _) => restart::play(&playing)?,
            // Each flood has a service of its own, so that its memory is the flood's; but in short.
            (flood, former) => {
                let mut on = match former.filter(|_| playing.short) {
                    Some(former) => former,
                    None => floods::Stage::new(&playing)?,
                };
                let passed = on.play(flood, &playing)?;
                stage = Some(on);
                passed
            }
        };
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How everything is played.
struct Playing {
    short: bool,
    time: Duration,
    divisor: u32,
    networks: u32,
    core: Option<usize>,
    program: PathBuf,
    config: String,
    keep: bool,
}

impl Playing {
    /// A number of the full play, made smaller as asked.
    fn number(&self, full: u32) -> u32 {
        (full / self.divisor).max(1)
    }

    /// Whether bars of time count.
    fn counts_time(&self) -> bool {
        !self.short
    }
}

/// How a bar is told.
fn told(met: bool) -> &'static str {
    if met { "pass" } else { "FAIL" }
}
