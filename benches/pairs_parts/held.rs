//! Held mail: 451 after the commit, 50 senders at once, each a trial of its own. With an empty journal, with one of 100,000
//! ended and 10,000 open trials, and Postfix, whose 250 comes after the same sync.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mailassay::shared::database::sqlite;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::peers::postfix::Postfix;
use super::turns::{Bar, Pair, median, most, rounds, tell};
use crate::Playing;
use crate::filled::filled;
use crate::process::{cpu, memory_bytes, mib};
use crate::sender::{Failure, address, domain, greeted, mail};
use crate::world::{ORIGIN, Service, World};

/// How many mails a turn has, and how many senders come at a time.
const MAILS: u32 = 1_000;
const AT_ONCE: usize = 50;
/// One in ten of them is open.
const TRIALS: u32 = 111_000;
/// A filled journal that is kept from one run to the next, within the hour.
const JOURNAL: &str = "PAIRS_JOURNAL";
/// The sources: 127.100.0.0/24 and following.
const SOURCES: u8 = 100;
const SOURCE_NETWORKS: u32 = 4_000;
/// The number of the first sender: none of the crowd in the journal.
const SENDERS_FROM: u32 = 1_000_000;
/// When a service that does nothing more does nothing: less than this of a second's CPU time.
const QUIET: Duration = Duration::from_millis(50);
const QUIET_MAX: Duration = Duration::from_secs(180);
/// Limits that are not what is measured.
pub(super) const LIMITS: &str = "smtp.links_max = 15000\nsmtp.links_per_address_max = 15000\n\
    smtp.links_per_network_max = 15000\nsmtp.links_per_network_hour_max = 0\ntrials.open_trials_max = 1000000\n\
    trials.open_trials_per_network_max = 100000\njournal.day_mib = 100000\n";
/// The bars.
const RATE_OF_EMPTY: f64 = 1.0 / 1.2;
const CPU_MS: f64 = 1.0;
const RATE_OF_POSTFIX: f64 = 3.0;
const START: Duration = Duration::from_secs(2);
const MEMORY_MIB: f64 = 150.0;

/// One turn of a server: mails a second, and CPU time of each in milliseconds.
type Turn = (f64, f64);

pub(super) fn play(playing: &Playing) -> Result<bool, Box<dyn Error>> {
    let playing = playing.with(LIMITS);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (empty, full) = (World::new(&playing)?, World::new(&playing)?);
    // Keys and certificates are there, as at any start but the first.
    drop(full.serving(&playing)?);
    remove_journal(&full.journal())?;
    runtime.block_on(put_filled(&full.journal(), playing.number(TRIALS)))?;
    let began = Instant::now();
    let mut full_service = full.start(&playing)?;
    full.until_greeted(&mut full_service)?;
    let mut met = tell(
        "start to greeting, full journal",
        began.elapsed().as_secs_f64(),
        "s",
        Bar::AtMost(START.as_secs_f64()),
    );
    until_quiet(&full_service);
    let peak = mib(memory_bytes(full_service.id(), "VmHWM"));
    met &= tell("memory, all open trials looked at (VmHWM)", peak, "MiB", Bar::AtMost(MEMORY_MIB));
    let empty_service = empty.serving(&playing)?;
    let postfix = Postfix::start(playing.core, &format!("et.{ORIGIN}"))?;
    let count = playing.number(MAILS);
    let mut next = SENDERS_FROM;
    let mut turn = |to: SocketAddr, id: Option<u32>, code: u16| -> Result<Turn, Box<dyn Error>> {
        let first = next;
        next += count;
        runtime.block_on(mails(to, id, (first, count), code))
    };
    let turn = std::cell::RefCell::new(&mut turn);
    let (to_empty, to_full) = (empty.places.smtp, full.places.smtp);
    let mut ours = |_| (turn.borrow_mut())(to_empty, Some(empty_service.id()), 451);
    let mut ours_full = |_| (turn.borrow_mut())(to_full, Some(full_service.id()), 451);
    let mut peer = |_| match &postfix {
        Some(postfix) => (turn.borrow_mut())(postfix.address, None, 250),
        None => Ok((f64::NAN, f64::NAN)),
    };
    // Once for nothing: caches, processes of Postfix.
    rounds(1, &mut [&mut ours, &mut ours_full, &mut peer])?;
    let measured = rounds(playing.rounds, &mut [&mut ours, &mut ours_full, &mut peer])?;
    let (mut growth, mut durable) = (Pair::default(), Pair::default());
    for round in &measured {
        growth.add((round[1].0, round[0].0));
        durable.add((round[1].0, round[2].0));
    }
    met &= growth.tell(
        "held mails a second, full journal",
        "with an empty one",
        "/s",
        Bar::AtLeast(RATE_OF_EMPTY),
    );
    met &= tell(
        "CPU of a held mail, full journal",
        median(measured.iter().map(|round| round[1].1)),
        "ms",
        Bar::AtMost(CPU_MS),
    );
    tell(
        "CPU of a held mail, empty journal",
        median(measured.iter().map(|round| round[0].1)),
        "ms",
        Bar::AtMost(CPU_MS),
    );
    if postfix.is_some() {
        met &= durable.tell(
            "durable mails a second, full journal",
            "Postfix",
            "/s",
            Bar::AtLeast(RATE_OF_POSTFIX),
        );
        println!("  Postfix at its best: {:.0} a second", most(measured.iter().map(|round| round[2].0)));
    }
    Ok(met)
}

/// Removes a journal with its write-ahead log, which would be taken for the next one's.
fn remove_journal(path: &Path) -> std::io::Result<()> {
    std::fs::remove_file(path)?;
    for beside in ["-wal", "-shm"] {
        match std::fs::remove_file(format!("{}{beside}", path.display())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// A filled journal: that of an earlier run, or a new one.
async fn put_filled(path: &Path, trials: u32) -> Result<(), Box<dyn Error>> {
    let kept = std::env::var_os(JOURNAL).map(std::path::PathBuf::from);
    if let Some(kept) = kept.as_ref().filter(|kept| kept.is_file()) {
        std::fs::copy(kept, path)?;
        return Ok(());
    }
    filled(path, trials).await?;
    if let Some(kept) = kept {
        // As one file: a part may still lie in the write-ahead log.
        sqlite::copy(path, &kept).await?;
    }
    Ok(())
}

/// Waits until a service has done what it does after a start.
pub(super) fn until_quiet(service: &Service) {
    let began = Instant::now();
    let mut before = cpu(service.id());
    while began.elapsed() < QUIET_MAX {
        std::thread::sleep(Duration::from_secs(1));
        let now = cpu(service.id());
        if now.saturating_sub(before) < QUIET {
            return;
        }
        before = now;
    }
    println!("  it was not quiet within {QUIET_MAX:?}");
}

/// So many mails, each of a sender of its own, each of which must be answered with `code`.
async fn mails(
    to: SocketAddr,
    id: Option<u32>,
    (first, count): (u32, u32),
    code: u16,
) -> Result<Turn, Box<dyn Error>> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut sending = JoinSet::new();
    let spent = id.map(cpu).unwrap_or_default();
    let began = Instant::now();
    for n in first..first + count {
        let place = Arc::clone(&places).acquire_owned().await?;
        sending.spawn(async move {
            let said = one(to, n).await;
            drop(place);
            said
        });
    }
    let mut wrong = 0;
    let mut why = String::new();
    while let Some(done) = sending.join_next().await {
        match done? {
            Ok(said) if said == code => {}
            Ok(said) => (wrong, why) = (wrong + 1, format!("answered with {said}")),
            Err(error) => (wrong, why) = (wrong + 1, error.to_string()),
        }
    }
    if wrong > 0 {
        return Err(format!("{wrong} of {count} mails to {to}: {why}").into());
    }
    let took = began.elapsed().as_secs_f64();
    let spent = id.map(cpu).unwrap_or_default().saturating_sub(spent).as_secs_f64();
    Ok((f64::from(count) / took, spent * 1e3 / f64::from(count)))
}

async fn one(to: SocketAddr, n: u32) -> Result<u16, Failure> {
    let mut client = greeted(address(SOURCES, SOURCE_NETWORKS, n), to).await?;
    client.ehlo(&format!("mail.{}", domain(n))).await?;
    let code = mail(&mut client, n, 0).await?;
    client.quit().await?;
    Ok(code)
}
