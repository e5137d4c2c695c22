//! Ours and its peer in turn, on the same cores in the same minutes, so that whatever else the machine does meets both:
//! `docs/performance.md`.
//!
//!     cargo bench --bench pairs                    # all
//!     cargo bench --bench pairs -- held names       # some
//!
//! `PAIRS_ROUNDS=9` plays more rounds than 5, `PAIRS_DIVISOR=10` makes all numbers smaller, `PAIRS_PROGRAM=PATH` takes another
//! program than that of this build, such as an earlier one. A peer that is not installed is
//! said to be missing, and ours is measured alone.
#![expect(clippy::disallowed_methods, reason = "the clock: what is measured takes real time")]

#[path = "pairs_parts/mod.rs"]
mod parts;

#[path = "scan_parts/asking.rs"]
mod asking;
#[path = "live_parts/mail.rs"]
#[allow(dead_code, reason = "the bench of live pages has sessions beside")]
mod mail;
#[path = "live_parts/pages.rs"]
#[allow(dead_code, reason = "the bench of live pages measures by its own bars")]
mod pages;

// The world of the load tests.
#[path = "../tests/load/crowd.rs"]
#[allow(dead_code, reason = "the bench of growth asks for more")]
mod crowd;
#[path = "../tests/load/filled.rs"]
mod filled;
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

use parts::PART;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How it is played; the load tests' world asks for this.
#[derive(Clone)]
struct Playing {
    core: Option<usize>,
    program: PathBuf,
    config: String,
    keep: bool,
    rounds: u32,
    divisor: u32,
}

impl Playing {
    /// A number of the full play, made smaller as asked.
    fn number(&self, full: u32) -> u32 {
        (full / self.divisor).max(1)
    }

    /// The same with lines at the head of the configuration.
    fn with(&self, config: &str) -> Self {
        Self { config: config.to_owned(), ..self.clone() }
    }
}

/// How many files a process may need: 10,000 sessions on either side, twice.
const FILES: u64 = 65_536;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let had = getrlimit(Resource::Nofile);
    let more = Rlimit { current: Some(FILES), maximum: Some(FILES) };
    // Root may have more than there is by default; others have what they may.
    if setrlimit(Resource::Nofile, more).is_err() {
        setrlimit(Resource::Nofile, Rlimit { current: had.maximum, ..had })?;
    }
    if let Ok(part) = std::env::var(PART) {
        return parts::played(&part).map(|()| ExitCode::SUCCESS);
    }
    let number = |name: &str, default| match std::env::var(name) {
        Ok(text) => {
            text.parse::<u32>().map(|number| number.max(1)).map_err(|_| format!("{name}={text} is no number"))
        }
        Err(_) => Ok(default),
    };
    let playing = Playing {
        core: None,
        program: std::env::var_os("PAIRS_PROGRAM")
            .map_or_else(|| env!("CARGO_BIN_EXE_mailassay").into(), PathBuf::from),
        config: String::new(),
        keep: std::env::var_os("PAIRS_KEEP").is_some(),
        rounds: number("PAIRS_ROUNDS", 5)?,
        divisor: number("PAIRS_DIVISOR", 1)?,
    };
    // cargo adds `--bench`.
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    Ok(if parts::play(&playing, &wanted)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
