//! The reference sender plays every model and every habit against the real service on loopback, many side by side,
//! and nobody may be told what he does not practise.
//!
//! Each player has a network of its own (127.x.y.0/24), a resolver of its own, and begins and retries when chance,
//! which is a hash here, says so: so each meets the MX hosts in another order. Every other service is scanned by strangers.
//!
//! A test binary of its own, so that nothing else runs beside it: a starved sender meets nothing.
#![allow(clippy::unwrap_used)]

mod account;
mod players;
mod service;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use mailassay::sending::trial::Settle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use account::seen;
use players::{Player, early, patient};
use service::Stage;

/// Who has not begun by then does not play, in seconds: on two busy cores all is over within three minutes.
const BEGIN_S: u64 = 140;
/// How many play at one service. It looks at all that it has noted whenever something happens.
const GROUP_MAX: usize = 24;
/// How many may be lied about when they play among all others, and not when they play alone.
const STARVED_MAX: usize = 3;
/// How many play at once in all: more would starve each other on two cores.
const AT_ONCE_MAX: usize = 48;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_told_what_he_does_not_practise() {
    let began = Instant::now();
    let places = Arc::new(Semaphore::new(AT_ONCE_MAX));
    let mut playing = JoinSet::new();
    for (settle, players) in [(Settle::Patience, patient()), (Settle::Early, early())] {
        for (n, group) in players.chunks(GROUP_MAX).map(<[Player]>::to_vec).enumerate() {
            let places = Arc::clone(&places);
            playing.spawn(async move {
                let noisy = n % 2 == 0;
                let stage = Stage::start(settle, noisy).await;
                stage.play(&group, &places, began + Duration::from_secs(BEGIN_S)).await;
                (stage, noisy, group)
            });
        }
    }
    let (mut said, mut again, mut players, mut judged, mut determined) = (String::new(), Vec::new(), 0, 0, 0);
    while let Some(played) = playing.join_next().await {
        let (stage, noisy, group) = played.unwrap();
        players += group.len();
        for player in &group {
            // Who refuses everything, or comes too late, has no trial.
            let Some((judgement, _)) = stage.judgement(player) else { continue };
            judged += 1;
            determined += usize::from(judgement.term().is_some());
            if lies(&stage, player, &mut said) > 0 {
                again.push((stage.settle, noisy, player.clone()));
            }
        }
        stage.stop().await;
    }
    // Among so many others a sender is starved now and then, and its attempts run into each other. Chance is a hash here, so
    // what the judge gets wrong it gets wrong again.
    let (first, mut lies_again) = (again.len(), 0);
    for (settle, noisy, player) in again {
        let stage = Stage::start(settle, noisy).await;
        let until = Instant::now() + Duration::from_secs(BEGIN_S);
        stage.play(std::slice::from_ref(&player), &places, until).await;
        said += "again, alone:\n";
        lies_again += lies(&stage, &player, &mut said);
        stage.stop().await;
    }
    let took_s = began.elapsed().as_secs();
    println!(
        "{said}{players} players, {judged} judged, {determined} with one term, {first} lied about, \
         {lies_again} lies when they played again alone, {took_s} s"
    );
    assert_eq!(lies_again, 0, "\n{said}");
    assert!(first <= STARVED_MAX, "{first} were lied about at first: that is more than chance\n{said}");
    assert!(
        judged * 2 > players,
        "only {judged} of {players} players were judged: is the machine very busy?"
    );
}

/// How many lies a player is told, which are added to `said` with what was seen of it.
fn lies(stage: &Stage, player: &Player, said: &mut String) -> usize {
    let Some((judgement, history)) = stage.judgement(player) else { return 0 };
    let told = player.lies(&judgement);
    for lie in &told {
        let _ = writeln!(said, "{:?} {player}: {lie}", stage.settle);
    }
    if !told.is_empty() {
        *said += &seen(&judgement, &history);
    }
    told.len()
}
