//! Questions to DNS with the DO bit, over UDP: ours and NSD with the same zones, as ours signed them. dnsperf asks, from the
//! same two cores.

use std::error::Error;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::peers::is_here;
use super::peers::nsd::Nsd;
use super::turns::{Bar, Pair, median, rounds, tell};
use crate::Playing;
use crate::process::cpu;
use crate::world::World;

/// How long a turn lasts, in seconds.
const TURN_S: u32 = 5;
/// One name in so many is nowhere.
const NOWHERE_EVERY: usize = 10;
/// How many questions are under way: as many as make nobody wait, and as no queue is too short for.
const UNDER_WAY: u32 = 64;
/// The bars.
const RATE_OF_NSD: f64 = 0.7;

/// What dnsperf saw in a turn.
struct Seen {
    rate: f64,
    lost: f64,
    /// Of the server, for a thousand answers, in milliseconds.
    cpu_ms: f64,
}

pub(super) fn play(playing: &Playing) -> Result<bool, Box<dyn Error>> {
    if !is_here("dnsperf") {
        println!("  there is no dnsperf: `apt-get install dnsperf`");
        return Ok(true);
    }
    // Questions to the site's zones are noted, as always.
    let world = World::new(playing)?;
    let service = world.serving(playing)?;
    let folder = world.journal().parent().map(Path::to_owned).ok_or("a journal without a folder")?;
    let printed = Command::new(&playing.program)
        .args(["zone", "print", "--config"])
        .arg(folder.join("config.toml"))
        .output()?;
    if !printed.status.success() {
        return Err(String::from_utf8_lossy(&printed.stderr).into_owned().into());
    }
    let zones = String::from_utf8(printed.stdout)?;
    let questions = folder.join("questions");
    let count = write_questions(&zones, &questions)?;
    println!("  {count} questions, each again and again, {UNDER_WAY} under way");
    let nsd = Nsd::start(&zones)?;
    let mut ours = |_| asked(world.places.dns, &questions, &|| cpu(service.id()));
    let mut peer = |_| match &nsd {
        Some(nsd) => asked(nsd.address, &questions, &|| nsd.cpu()),
        None => Ok(Seen { rate: f64::NAN, lost: 0.0, cpu_ms: f64::NAN }),
    };
    let (mut rates, mut costs) = (Pair::default(), Pair::default());
    let measured = rounds(playing.rounds, &mut [&mut ours, &mut peer])?;
    for round in &measured {
        rates.add((round[0].rate, round[1].rate));
        costs.add((round[0].cpu_ms, round[1].cpu_ms));
    }
    let mut met = rates.tell("answers a second", "NSD", "/s", Bar::AtLeast(RATE_OF_NSD));
    // dnsperf's share dilutes the first: this is of the servers alone.
    costs.tell("CPU of a thousand answers", "NSD", "ms", Bar::AtMost(1.0 / RATE_OF_NSD));
    println!("  lost by NSD: {:.0} in the median round", median(measured.iter().map(|round| round[1].lost)));
    met &= tell(
        "lost by ours, all rounds",
        measured.iter().map(|round| round[0].lost).sum(),
        "",
        Bar::AtMost(0.0),
    );
    Ok(met)
}

/// Writes what is asked: every set of the zones, and names that there are not.
fn write_questions(zones: &str, path: &Path) -> Result<usize, Box<dyn Error>> {
    let mut text = String::new();
    let mut sets: Vec<(&str, &str)> = Vec::new();
    for line in zones.lines().filter(|line| !line.starts_with(';')) {
        let mut fields = line.split('\t');
        let (Some(owner), Some(rtype)) = (fields.next(), fields.nth(2)) else { continue };
        if !matches!(rtype, "RRSIG" | "NSEC" | "DNSKEY") && sets.last() != Some(&(owner, rtype)) {
            sets.push((owner, rtype));
        }
    }
    for (n, (owner, rtype)) in sets.iter().enumerate() {
        writeln!(text, "{owner} {rtype}")?;
        if n % NOWHERE_EVERY == 0 {
            writeln!(text, "nowhere{n}.{owner} A")?;
        }
    }
    std::fs::write(path, &text)?;
    Ok(text.lines().count())
}

fn asked(to: SocketAddr, questions: &Path, cpu: &dyn Fn() -> Duration) -> Result<Seen, Box<dyn Error>> {
    let before = cpu();
    let output = Command::new("dnsperf")
        .args(["-s", "127.0.0.1", "-p", &to.port().to_string(), "-e", "-D", "-c", "4", "-T", "1", "-t", "1"])
        .args(["-q", &UNDER_WAY.to_string(), "-l", &TURN_S.to_string(), "-d"])
        .arg(questions)
        .output()?;
    let spent = cpu().saturating_sub(before);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let figure = |name: &str| -> Result<f64, Box<dyn Error>> {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
        let text = line.and_then(|rest| rest.split_whitespace().next());
        Ok(text.ok_or_else(|| format!("dnsperf did not tell `{name}`: {said}"))?.parse()?)
    };
    let completed = figure("Queries completed:")?;
    Ok(Seen {
        rate: figure("Queries per second:")?,
        lost: figure("Queries lost:")?,
        cpu_ms: spent.as_secs_f64() * 1e6 / completed,
    })
}
