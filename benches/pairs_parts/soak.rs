//! A mixed load for as long as is wanted: trials that end, the scans that follow, questions, pages, and one in twenty who is
//! hostile. What counts is whether memory and open files grow.
//!
//! Time is compressed: a trial lasts seconds, so that one minute brings as many ends as an hour would.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

use super::held::LIMITS;
use super::turns::{Bar, tell};
use crate::Playing;
use crate::process::{cpu, database_bytes, memory_bytes, mib};
use crate::sender::{Failure, address, connect, deliver, domain, greeted, look, mail};
use crate::world::{ORIGIN, Places, World};

/// How long it lasts, in minutes, if the environment does not say.
const MINUTES: &str = "SOAK_MINUTES";
const MINUTES_DEFAULT: u32 = 5;
/// A tenth of it is for caches and pools to fill; after that it counts.
const WARM_UP_PARTS: u32 = 10;
/// How often somebody comes; PAIRS_DIVISOR makes it more seldom, for a build without optimisation.
const EVERY: Duration = Duration::from_millis(25);
/// How often it is looked at memory.
const SAMPLE_EVERY: Duration = Duration::from_secs(2);
/// One in so many is hostile, and asks for a page or another.
const HOSTILE_IN: u32 = 20;
const PAGE_IN: u32 = 5;
const CHECK_IN: u32 = 50;
/// How many questions each turn asks.
const QUESTIONS: u32 = 10;
/// The sources: 127.110.0.0/16 and following.
const SECOND: u8 = 110;
const NETWORKS: u32 = 2_000;
/// A trial's time: nobody is waited for longer, and what was told leaves memory soon.
const PACE: &str = "patience_s = 20\ncase_patience_s = 20";
/// As much shorter than ten days as a trial's time is shorter than eight hours.
const JOURNAL: &str = "journal.past_kept_s = 600\n";
/// The bars.
const SLOPE_MIB_PER_H: f64 = 1.0;
const FILES_MORE: f64 = 10.0;

/// What was seen at a time.
struct Sample {
    hours: f64,
    memory_mib: f64,
    files: u32,
}

pub(super) fn play(playing: &Playing) -> Result<bool, Box<dyn Error>> {
    let minutes = match std::env::var(MINUTES) {
        Ok(text) => text.parse().map_err(|_| format!("{MINUTES}={text} is no number"))?,
        Err(_) => MINUTES_DEFAULT,
    };
    let playing = playing.with(&format!("{LIMITS}{JOURNAL}"));
    let world = World::new(&playing)?;
    world.change("patience_s = 28800", PACE)?;
    // Who sends here receives here, too, and is scanned when its trial ends.
    world.change("[scan]\nenabled = false", "[scan]\nenabled = true")?;
    let port = world.places.smtp.port();
    world.change("https_port", &format!("smtp_port = {port}\nhttps_port"))?;
    let service = world.serving(&playing)?;
    let lasts = Duration::from_secs(u64::from(minutes) * 60);
    let every = EVERY * playing.divisor;
    let places = world.places;
    let began = Instant::now();
    let coming = std::thread::spawn(move || -> std::io::Result<Came> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(runtime.block_on(come(places, lasts, every)))
    });
    let mut samples = Vec::new();
    while began.elapsed() < lasts {
        std::thread::sleep(SAMPLE_EVERY);
        let id = service.id();
        let files = std::fs::read_dir(format!("/proc/{id}/fd")).map(Iterator::count).unwrap_or_default();
        samples.push(Sample {
            hours: began.elapsed().as_secs_f64() / 3_600.0,
            // Its own, without the pages of the program's file, which come in as they are run for the first time.
            memory_mib: mib(memory_bytes(id, "RssAnon")),
            files: u32::try_from(files).unwrap_or(u32::MAX),
        });
    }
    let Came { came, failures } = coming.join().map_err(|_| "those who come panicked")??;
    let failed: u32 = failures.values().sum();
    let warm = samples.len() / WARM_UP_PARTS as usize;
    let counted = &samples[warm..];
    let (slope, error) = slope(counted);
    println!(
        "  {minutes} minutes: {came} came, {failed} failed; CPU {:.0} s, database {:.0} MiB",
        cpu(service.id()).as_secs_f64(),
        mib(database_bytes(&world.journal()))
    );
    failures.iter().for_each(|(why, count)| println!("  {count} failed: {why}"));
    for part in counted.chunks((counted.len() / 10).max(1)) {
        let Some(Sample { hours, memory_mib, files }) = part.last() else { continue };
        println!("  after {:>5.1} min {memory_mib:>8.1} MiB {files:>6} files", hours * 60.0);
    }
    println!("  the slope is known to {error:.1} MiB/h: the longer it lasts, the better");
    let third = counted.len() / 3;
    let most_files = |part: &[Sample]| part.iter().map(|sample| sample.files).max().unwrap_or_default();
    let (first, last) = (most_files(&counted[..third]), most_files(&counted[counted.len() - third..]));
    let mut met = tell("slope of memory", slope, "MiB/h", Bar::AtMost(SLOPE_MIB_PER_H));
    met &= tell(
        "open files, most at the end beyond the begin",
        f64::from(last) - f64::from(first),
        "",
        Bar::AtMost(FILES_MORE),
    );
    Ok(met & (failed * 50 < came))
}

/// The slope of memory by least squares, and its standard error.
fn slope(samples: &[Sample]) -> (f64, f64) {
    let count = samples.iter().map(|_| 1.0).sum::<f64>();
    let mean = |of: fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|sample| sample.hours), mean(|sample| sample.memory_mib));
    let spread: f64 = samples.iter().map(|sample| (sample.hours - mean_x).powi(2)).sum();
    let joint: f64 = samples.iter().map(|s| (s.hours - mean_x) * (s.memory_mib - mean_y)).sum();
    let slope = joint / spread;
    let rest: f64 =
        samples.iter().map(|s| (s.memory_mib - mean_y - slope * (s.hours - mean_x)).powi(2)).sum();
    (slope, (rest / (count - 2.0) / spread).sqrt())
}

/// How many came, and what failed.
#[derive(Default)]
struct Came {
    came: u32,
    failures: BTreeMap<String, u32>,
}

impl Came {
    fn add(&mut self, done: Result<Result<(), Failure>, tokio::task::JoinError>) {
        self.came += 1;
        let failure = match done {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        *self.failures.entry(failure).or_default() += 1;
    }
}

/// Lets them come.
async fn come(places: Places, lasts: Duration, every: Duration) -> Came {
    let began = Instant::now();
    let (mut running, mut came) = (JoinSet::new(), Came::default());
    let mut ticks = tokio::time::interval(every);
    for n in 0.. {
        if began.elapsed() > lasts {
            break;
        }
        ticks.tick().await;
        running.spawn(one(places, n));
        while let Some(done) = running.try_join_next() {
            came.add(done);
        }
    }
    running.shutdown().await;
    came
}

/// Whoever comes: a sender as a rule.
async fn one(places: Places, n: u32) -> Result<(), Failure> {
    let from = address(SECOND, NETWORKS, n);
    ask(places.dns, n)?;
    if n.is_multiple_of(HOSTILE_IN) {
        return hostile(places, from, n).await;
    }
    if n % CHECK_IN == 1 {
        return page(places.site, from, "/check").await;
    }
    if n % PAGE_IN == 1 {
        return page(places.site, from, "/").await;
    }
    // Comes without STARTTLS, mails, and comes again within it.
    look(from, places.smtp, n).await?;
    if n.is_multiple_of(2) {
        tokio::time::sleep(Duration::from_millis(2_300)).await;
        return deliver(from, places.smtp, n).await.map(drop);
    }
    let mut client = greeted(from, places.smtp).await?;
    client.ehlo(&format!("mail.{}", domain(n))).await?;
    mail(&mut client, n, 0).await?;
    client.quit().await?;
    Ok(())
}

/// Asks, and waits for no answer.
fn ask(dns: SocketAddr, n: u32) -> std::io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(dns)?;
    for question in 0..QUESTIONS {
        socket.send(&question_of(n, question))?;
    }
    Ok(())
}

/// MX of the tests' domain, or a name that there is not.
fn question_of(n: u32, question: u32) -> Vec<u8> {
    let name = if question.is_multiple_of(2) { format!("et.{ORIGIN}") } else { format!("n{n}.et.{ORIGIN}") };
    let mut octets = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    for label in name.split('.') {
        octets.push(u8::try_from(label.len()).unwrap_or(0));
        octets.extend(label.bytes());
    }
    octets.extend([0, 0, 15, 0, 1]);
    octets.extend([0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0]);
    octets
}

async fn page(site: SocketAddr, from: IpAddr, path: &str) -> Result<(), Failure> {
    let mut stream = connect(from, site).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    match answer.starts_with(b"HTTP/1.1 ") {
        true => Ok(()),
        false => Err("no page".into()),
    }
}

/// Whoever means no good: garbage, half a command, half a handshake, half a request, each left open for a moment.
async fn hostile(places: Places, from: IpAddr, n: u32) -> Result<(), Failure> {
    let (to, says): (_, &[u8]) = match n / HOSTILE_IN % 4 {
        0 => (places.smtp, &[0xff; 4_096]),
        1 => (
            places.smtp,
            b"EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<en@et.test.localhost>\r\nDATA\r\nhalf",
        ),
        2 => (places.policy_host, &[0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xff]),
        _ => (places.site, b"GET / HTTP/1.1\r\nX: "),
    };
    let mut stream = connect(from, to).await?;
    // It may be closed on them.
    let _ = stream.write_all(says).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    Ok(())
}
