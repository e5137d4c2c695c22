//! 10,000 sessions that have said EHLO within TLS and say nothing more, beside a bare rustls server's: how fast they are
//! opened, what each holds, and how soon somebody new is greeted meanwhile.

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::held::LIMITS;
use super::peers::bare::Bare;
use super::sessions::{come_to_know, opened};
use super::turns::{Bar, Pair, most, rounds, tell};
use crate::Playing;
use crate::process::memory_bytes;
use crate::sender::{Failure, address, domain, greeted};
use crate::world::World;

/// How many there are, and how many of them are opened at a time.
const SESSIONS: u32 = 10_000;
const AT_ONCE: usize = 50;
/// The sources.
const SOURCES: u32 = 400;
/// Those who are new: 127.102.0.0/16.
const NEW: u8 = 102;
const NEW_COUNT: u32 = 50;
/// The bars.
const RATE_OF_BARE: f64 = 0.9;
const KIB_EACH: f64 = 20.0;
const GREETED_MS: f64 = 50.0;

pub(super) fn play(playing: &Playing) -> Result<bool, Box<dyn Error>> {
    // The sessions are to last as long as the bench.
    let playing = playing.with(&format!("{LIMITS}smtp.session_s = 3600\nsmtp.command_s = 3600\n"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let world = World::new(&playing)?;
    let service = world.serving(&playing)?;
    let bare = Bare::start(playing.core)?;
    runtime.block_on(come_to_know(world.places.smtp, SOURCES))?;
    let sessions = playing.number(SESSIONS);
    let a_turn = (sessions / playing.rounds).max(1);
    let mut open = Vec::new();
    let [before, bare_before] = [service.id(), bare.id()].map(|id| memory_bytes(id, "VmRSS"));
    let turn = |to: SocketAddr, round: u32| -> Result<(f64, Vec<_>), Box<dyn Error>> {
        let began = Instant::now();
        let opened = runtime.block_on(opening(to, round * a_turn, a_turn))?;
        Ok((f64::from(a_turn) / began.elapsed().as_secs_f64(), opened))
    };
    let mut ours = |round: u32| {
        let (rate, opened) = turn(world.places.smtp, round)?;
        open.extend(opened);
        Ok(rate)
    };
    // Each turn's sessions end with it, or this process would need twice as many open files as most systems allow.
    let mut bare_grown = 0;
    let mut peer = |round: u32| {
        let (rate, opened) = turn(bare.address, round)?;
        bare_grown = bare_grown.max(memory_bytes(bare.id(), "VmRSS").saturating_sub(bare_before));
        drop(opened);
        Ok(rate)
    };
    let mut pair = Pair::default();
    for round in rounds(playing.rounds, &mut [&mut ours, &mut peer])? {
        pair.add((round[0], round[1]));
    }
    let mut met = pair.tell("sessions opened a second", "bare rustls", "/s", Bar::AtLeast(RATE_OF_BARE));
    let greeting = runtime.block_on(greetings(world.places.smtp))?;
    met &= tell("somebody new is greeted, at worst", greeting, "ms", Bar::AtMost(GREETED_MS));
    std::thread::sleep(Duration::from_secs(1));
    let each = |grown: u64, sessions: u32| {
        u32::try_from(grown / 1024).map_or(f64::MAX, f64::from) / f64::from(sessions)
    };
    let grown = memory_bytes(service.id(), "VmRSS").saturating_sub(before);
    let (sessions, theirs) = (a_turn * playing.rounds, each(bare_grown, a_turn));
    println!("  {sessions} sessions at ours; the bare server held {theirs:.1} KiB for each of {a_turn}");
    met &= tell("an idle session holds", each(grown, sessions), "KiB", Bar::AtMost(KIB_EACH));
    drop(open);
    Ok(met)
}

/// Opens so many; gives what keeps them open.
async fn opening(to: SocketAddr, first: u32, count: u32) -> Result<Vec<Box<dyn Send>>, Box<dyn Error>> {
    let mut running: JoinSet<Result<Box<dyn Send>, Failure>> = JoinSet::new();
    let mut open = Vec::new();
    for n in first..first + count {
        if running.len() >= AT_ONCE {
            let done = running.join_next().await.ok_or("nobody opens a session")?;
            open.push(done?.map_err(|error| error.to_string())?);
        }
        running.spawn(async move {
            let mut client = opened(to, n % SOURCES).await?;
            client.ehlo(&format!("mail.{}", domain(n % SOURCES))).await?;
            Ok(Box::new(client) as Box<dyn Send>)
        });
    }
    while let Some(done) = running.join_next().await {
        open.push(done?.map_err(|error| error.to_string())?);
    }
    Ok(open)
}

/// The worst time until somebody new is greeted, in milliseconds.
async fn greetings(smtp: SocketAddr) -> Result<f64, Box<dyn Error>> {
    let mut took = Vec::new();
    for n in 0..NEW_COUNT {
        let began = Instant::now();
        let client = greeted(address(NEW, NEW_COUNT, n), smtp).await.map_err(|error| error.to_string())?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
        drop(client);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(most(took))
}
