//! What is compared.

mod held;
mod idle;
mod names;
mod pages;
mod peers;
mod scan;
mod sessions;
mod soak;
mod turns;

use std::error::Error;

use crate::{Playing, process};

/// What a process of this program is to be, in place of the bench: a peer.
pub(crate) const PART: &str = "PAIRS_PART";

/// The core of servers, and that of those who ask.
const SERVER_CORE: usize = 0;
const OTHERS_CORE: usize = 1;

type Play = fn(&Playing) -> Result<bool, Box<dyn Error>>;

/// What is played, by name, and whether servers have a core of their own.
const PLAYS: [(&str, bool, Play); 7] = [
    ("held", true, held::play),
    ("sessions", true, sessions::play),
    ("idle", true, idle::play),
    ("names", false, names::play),
    ("scan", false, scan::play),
    ("pages", true, pages::play),
    ("soak", true, soak::play),
];

/// Plays those that are named, all where none is; gives whether all bars were met.
pub(crate) fn play(playing: &Playing, wanted: &[String]) -> Result<bool, Box<dyn Error>> {
    if let Some(unknown) = wanted.iter().find(|name| PLAYS.iter().all(|(known, ..)| known != name)) {
        let known: Vec<&str> = PLAYS.iter().map(|(name, ..)| *name).collect();
        return Err(format!("there is no `{unknown}`; there are {}", known.join(", ")).into());
    }
    let mut met = true;
    for (name, apart, play) in PLAYS {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        println!("{name}");
        // On a thread of its own, since it keeps its core.
        let playing = playing.clone();
        let played = std::thread::spawn(move || {
            let core = (apart && process::pin(OTHERS_CORE)).then_some(SERVER_CORE);
            play(&Playing { core, ..playing }).map_err(|error| error.to_string())
        });
        met &= played.join().map_err(|_| format!("{name} panicked"))??;
        println!();
    }
    Ok(met)
}

/// What this process is in place of the bench.
pub(crate) fn played(part: &str) -> Result<(), Box<dyn Error>> {
    match part {
        "bare" => peers::bare::serve(),
        "hostile" => scan::scan_hostile(),
        other => Err(format!("{PART}: there is no `{other}`").into()),
    }
}
