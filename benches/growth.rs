//! What a contact, a mail, a question and a fetch cost, and how that grows with all that ever came.
//!
//! Prints CPU time, never the wall's, so that a busy machine does little harm: of the store's own work (the thread's
//! time within it), and of all of the process, which is the journal's work, too. Each figure is the median of many; the
//! factor beside it is against the empty journal. Every size is measured in a process of its own. A fixed piece of work
//! stands in the first line: its factor is the machine's, whose caches others use, too. Every second sender asks DNS
//! through one of 16 big resolvers, whose questions are everybody's: the histories of these stand apart, and grow up to
//! the limit on questions (`trials.trial_questions_max`).
//!
//! `GROWTH_TRIALS_MAX=1000` leaves out larger sizes; 100,000 trials need some minutes and 2 GB of disk in `TMPDIR`.
//! With `GROWTH_RATIO_MAX=1.2` it fails where the store's own work grows by more; without, it only prints.
#![expect(clippy::disallowed_methods, reason = "the clock: what is measured takes real time")]

#[path = "growth_parts/measure.rs"]
mod measure;
#[path = "growth_parts/operations.rs"]
mod operations;
#[path = "growth_parts/store.rs"]
mod store;
#[path = "growth_parts/table.rs"]
mod table;

// The restart of `tests/load` fills a journal with the same.
#[path = "../tests/load/crowd.rs"]
mod crowd;

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use table::{Column, Figures, Held};

/// The sizes, in trials.
const SIZES: [u32; 4] = [0, 1_000, 10_000, 100_000];
/// How many links one source makes, and how many mails one trial has, where that is measured.
const MANY: u32 = 5_000;
/// What a process of this program is to measure.
const PART: &str = "GROWTH_PART";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    match std::env::var(PART) {
        Ok(part) => measured(&part).map(|()| ExitCode::SUCCESS),
        Err(_) => all(),
    }
}

/// Measures one part in this process, and prints its figures for the one that asked.
fn measured(part: &str) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (kind, of) = part.split_once(' ').unwrap_or((part, ""));
    match kind {
        "trials" => runtime.block_on(store::of_trials(of.parse()?, again)),
        "links" => runtime.block_on(store::of_links(of.parse()?)),
        "mails" => runtime.block_on(store::of_mails(of.parse()?)),
        "reopen" => runtime.block_on(store::reopened(Path::new(of))),
        other => Err(format!("{PART}: there is no part `{other}`").into()),
    }
}

/// Runs this program for one part; gives what it printed.
fn again(part: &str) -> Result<String, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .env(PART, part)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)?),
        false => Err(format!("{part}: {}", output.status).into()),
    }
}

fn all() -> Result<ExitCode, Box<dyn Error>> {
    let most: u32 = number("GROWTH_TRIALS_MAX")?.unwrap_or(u32::MAX);
    let ratio_max: Option<f64> = number("GROWTH_RATIO_MAX")?;
    println!("CPU time, median; the factor is against the empty journal; {}\n", commit());
    let mut columns: Vec<Column> = Vec::new();
    for size in SIZES.into_iter().filter(|size| *size <= most) {
        let figures = Figures::read(&again(&format!("trials {size}"))?)?;
        columns.push(Column { title: table::grouped(size), figures });
    }
    table::print("trials, 9 in 10 told and put away", &columns);
    let many = MANY.min(most);
    let empty = columns.remove(0);
    let title = |what: &str| format!("{} {what}", table::grouped(many));
    let links = Column { title: title("links"), figures: Figures::read(&again(&format!("links {many}"))?)? };
    let mails = Column { title: title("mails"), figures: Figures::read(&again(&format!("mails {many}"))?)? };
    let single = [Column { title: "0".to_owned(), figures: empty.figures.clone() }, links, mails];
    table::print("links of one source; mails of one trial", &single);
    columns.insert(0, empty);
    let Some(ratio_max) = ratio_max else { return Ok(ExitCode::SUCCESS) };
    // What a further contact costs may not grow with one source or one trial either (U2).
    let beyond = [
        table::beyond(&columns, Held::WithTrials, ratio_max),
        table::beyond(&single, Held::Everywhere, ratio_max),
    ]
    .concat();
    beyond.iter().for_each(|line| println!("beyond {ratio_max}: {line}"));
    Ok(if beyond.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The number that a variable of the environment holds.
fn number<T: std::str::FromStr>(name: &str) -> Result<Option<T>, String> {
    let Ok(text) = std::env::var(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| format!("{name}={text} is no number"))
}

/// What was measured.
fn commit() -> String {
    let git = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let text = git.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    format!("commit {}", text.trim())
}
