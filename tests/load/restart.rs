//! A start with a full journal.

use std::error::Error;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use super::filled::filled;
use super::process::{cpu, database_bytes, memory_bytes, mib};
use super::second::SecondNetwork;
use super::world::World;
use super::{Playing, told};

/// How many trials are in the journal, one in ten of them open.
const TRIALS: u32 = 100_000;
/// Within what the service is to serve.
const SERVING_MAX: Duration = Duration::from_secs(2);
/// How much memory it may take, in bytes.
const MEMORY_BYTES_MAX: u64 = 150 * 1024 * 1024;
/// How long the second network is watched behind it.
const WATCHED: Duration = Duration::from_secs(10);

/// Plays it, and gives whether the bars were met.
pub(crate) fn play(playing: &Playing) -> Result<bool, Box<dyn Error>> {
    let world = World::new(playing)?;
    let trials = playing.number(if playing.short { TRIALS / 5 } else { TRIALS });
    // Keys and certificates are there, as at any start but the first; the journal is made anew.
    drop(world.serving(playing)?);
    std::fs::remove_file(world.journal())?;
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(filled(&world.journal(), trials))?;
    println!(
        "Restart: {trials} trials were made in {:.0} s, {:.0} MiB",
        began.elapsed().as_secs_f64(),
        mib(database_bytes(&world.journal()))
    );

    let began = Instant::now();
    let mut service = world.start(playing)?;
    world.until_greeted(&mut service)?;
    let greeted = began.elapsed();
    answered(&world)?;
    let answered = began.elapsed();
    let in_time = answered <= SERVING_MAX;
    println!(
        "  first greeting {:.2} s, first DNS answer {:.2} s after the start  {}",
        greeted.as_secs_f64(),
        answered.as_secs_f64(),
        told(in_time || !playing.counts_time())
    );
    // Now all open trials are looked at.
    let second = SecondNetwork::begin(world.places);
    second.counts();
    std::thread::sleep(if playing.short { playing.time } else { WATCHED });
    let (runs, peak, used) = (service.runs(), memory_bytes(service.id(), "VmHWM"), cpu(service.id()));
    let served = second.take().tell(playing);
    let within = runs && peak < MEMORY_BYTES_MAX;
    println!(
        "  service         peak {:.1} MiB, CPU {:.1} s since the start  {}",
        mib(peak),
        used.as_secs_f64(),
        told(within)
    );
    if !runs {
        println!("  the service ended by itself:\n{}", service.tail());
    }
    println!();
    Ok(served && within && (in_time || !playing.counts_time()))
}

/// Waits for an answer of DNS.
fn answered(world: &World) -> Result<(), Box<dyn Error>> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    socket.connect(world.places.dns)?;
    let question = super::floods::question(0, 0);
    let mut answer = [0; 4_096];
    for _ in 0..600 {
        // Before it is bound, the question is refused.
        let _ = socket.send(&question);
        if socket.recv(&mut answer).is_ok() {
            return Ok(());
        }
    }
    Err("DNS did not answer within a minute".into())
}
