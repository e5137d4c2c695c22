//! What a result's page costs, and how long that of a trial with 500 connections takes.

use std::error::Error;
use std::time::{Duration, Instant};

use mailassay::sending::trial::{LinkId, TrialId};

use super::held::{LIMITS, until_quiet};
use super::turns::{Bar, most, tell};
use crate::Playing;
use crate::filled::{FIRST_LINK, SECRET, filled};
use crate::mail;
use crate::pages::get;
use crate::process::cpu;
use crate::world::World;

/// How many results are looked at, each once, of a crowd of ended trials.
const RESULTS: u32 = 300;
/// How many trials there are for that; nine in ten have ended.
const TRIALS: u32 = 1_000;
/// How many connections the long trial has, and how often its page is looked at, each time behind another one.
const CONNECTIONS: u32 = 500;
const LOOKS: u32 = 20;
/// How long behind an event a page is surely made anew.
const MADE_ANEW: Duration = Duration::from_millis(350);
/// The bars.
const RESULT_CPU_MS: f64 = 5.0;
const LONG_MS: f64 = 50.0;

pub(super) fn play(playing: &Playing) -> Result<bool, Box<dyn Error>> {
    let playing = playing.with(LIMITS);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let each = runtime.block_on(results(&playing))?;
    let mut met = tell("CPU of a result's page, each another", each, "ms", Bar::AtMost(RESULT_CPU_MS));
    let worst = runtime.block_on(long_trial(&playing))?;
    let what = format!("page of a trial with {} connections, worst", playing.number(CONNECTIONS));
    met &= tell(&what, worst, "ms", Bar::AtMost(LONG_MS));
    Ok(met)
}

/// CPU time of each result's page, in milliseconds.
async fn results(playing: &Playing) -> Result<f64, Box<dyn Error>> {
    let world = World::new(playing)?;
    drop(world.serving(playing)?);
    std::fs::remove_file(world.journal())?;
    filled(&world.journal(), TRIALS).await?;
    let service = world.serving(playing)?;
    until_quiet(&service);
    let results = playing.number(RESULTS);
    let spent = cpu(service.id());
    for n in 0..results {
        // Each of the crowd has two links, and the second carries its mail.
        let trial = TrialId::new(&SECRET, LinkId(FIRST_LINK + u64::from(n + 1) * 2), 0);
        get(world.places.site, &format!("/r/{}", trial.as_str())).await?;
    }
    Ok((cpu(service.id()) - spent).as_secs_f64() * 1e3 / f64::from(results))
}

/// The worst time of the page of a trial with many connections, in milliseconds.
async fn long_trial(playing: &Playing) -> Result<f64, Box<dyn Error>> {
    let world = World::new(playing)?;
    let _service = world.serving(playing)?;
    let trial = mail::trial(world.places.smtp).await?;
    for _ in 1..playing.number(CONNECTIONS) {
        mail::again(world.places.smtp).await?;
    }
    let mut took = Vec::new();
    for _ in 0..LOOKS {
        // The page is made anew behind each event, and once in a while for all who look.
        mail::again(world.places.smtp).await?;
        tokio::time::sleep(MADE_ANEW).await;
        let began = Instant::now();
        get(world.places.site, &trial).await?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(most(took))
}
