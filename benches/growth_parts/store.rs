//! The parts: a journal with many trials, one source with many links, one trial with many mails, and a restart.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use mailassay::sending::history::{Fact, Recorder};
use mailassay::sending::journal::{Journal, Opened, Settings};
use mailassay::sending::persona::{Catalogue, CatalogueFiles};
use mailassay::sending::trial::Pace;
use mailassay::sending::trials::{Attribution, Limits, Trials};
use mailassay::shared::time::{Timestamp, after};

use super::crowd::{Crowd, Sender, fill};
use super::measure::{Measured, memory_bytes, process_ns};
use super::operations::{Bench, SENDERS_FROM};

const ORIGIN: &str = "test.example";
const SECRET: [u8; 32] = [7; 32];
const FILE: &str = "journal.sqlite";

/// A journal with its store.
pub(crate) struct Opening {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) pace: Pace,
    pub(crate) journal: Journal,
    pub(crate) measured: Arc<Measured>,
}

async fn open(path: &Path) -> Result<Opening, Box<dyn Error>> {
    let catalogue = Arc::new(CatalogueFiles::embedded().catalogue(ORIGIN)?);
    let pace = Pace::default();
    let projection =
        Attribution::new(Arc::clone(&catalogue), pace.clone(), Limits::default(), SECRET.to_vec());
    let measured = Arc::new(Measured::new(Arc::new(Trials::new(projection))));
    let settings = Settings { path: path.to_owned(), ..Settings::default() };
    let opened = Opened::open(settings, || SECRET).await?;
    let journal = opened.start(vec![measured.clone()]).await?;
    measured.trials.begin();
    Ok(Opening { catalogue, pace, journal, measured })
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 365 * 56)
}

fn crowd() -> Crowd {
    Crowd::new(ORIGIN, SECRET, 1_000)
}

/// So many trials; `again` runs the restart in a process of its own.
pub(crate) async fn of_trials(
    count: u32,
    again: fn(&str) -> Result<String, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(FILE);
    let opening = open(&path).await?;
    let (mut crowd, now) = (crowd(), now());
    let began = Instant::now();
    fill(&mut crowd, (&opening.journal, &opening.measured.trials), (0, count), now).await?;
    eprintln!("{count} trials were made in {:.0} s", began.elapsed().as_secs_f64());
    put_off(&opening, now);
    println!("memory {}", memory_bytes("VmRSS"));
    let counts = opening.measured.trials.counts();
    println!("in-memory {}", counts.kept);
    println!("links {}", counts.links);
    println!("questions {}", counts.questions);
    let mut bench = Bench::new(&opening, &mut crowd, after(now, 1));
    bench.all(|round| Sender::new(SENDERS_FROM + round)).await?;
    bench.rare().await?;
    opening.journal.close().await;
    println!("database {}", std::fs::metadata(&path)?.len());
    print!("{}", again(&format!("reopen {}", path.display()))?);
    Ok(())
}

/// One source with so many links without a mail.
pub(crate) async fn of_links(count: u32) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let opening = open(&folder.path().join(FILE)).await?;
    let (mut crowd, now) = (crowd(), now());
    // With a resolver of its own.
    let sender = Sender::new(SENDERS_FROM + 1);
    for n in 0..count {
        let at = after(now, n);
        crowd.contact(&sender).into_iter().for_each(|fact| opening.journal.note(at, fact));
        settle(&opening, n, at).await?;
    }
    let now = after(now, count);
    put_off(&opening, now);
    println!("memory {}", memory_bytes("VmRSS"));
    Bench::new(&opening, &mut crowd, after(now, 1)).all(|_| sender.clone()).await
}

/// One trial with so many attempts at its mail.
pub(crate) async fn of_mails(count: u32) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let opening = open(&folder.path().join(FILE)).await?;
    let (mut crowd, now) = (crowd(), now());
    // With a resolver of its own.
    let sender = Sender::new(SENDERS_FROM + 1);
    for n in 0..count {
        let at = after(now, n);
        opening.journal.note(at, crowd.question(&sender, "et", "MX"));
        let mail = crowd.mail(&sender, 0, at);
        let received = Fact::Received(Box::new(mail.received));
        let facts = mail.before.into_iter().chain([received]).chain(mail.behind);
        facts.for_each(|fact| opening.journal.note(at, fact));
        settle(&opening, n, at).await?;
    }
    let now = after(now, count);
    put_off(&opening, now);
    println!("memory {}", memory_bytes("VmRSS"));
    let mut bench = Bench::new(&opening, &mut crowd, after(now, 1));
    bench.one_mail = true;
    bench.all(|_| sender.clone()).await
}

/// Opens a journal as a start of the service does.
pub(crate) async fn reopened(path: &Path) -> Result<(), Box<dyn Error>> {
    let (began, cpu_ns) = (Instant::now(), process_ns());
    let opening = open(path).await?;
    println!("restart-wall {}", began.elapsed().as_nanos());
    println!("restart {}", process_ns() - cpu_ns);
    println!("restart-memory {}", memory_bytes("VmRSS"));
    opening.journal.close().await;
    Ok(())
}

/// Waits for what is noted, now and then, so that the queue does not fill.
async fn settle(opening: &Opening, n: u32, at: Timestamp) -> Result<(), Box<dyn Error>> {
    if n.is_multiple_of(250) {
        opening.journal.forget_addresses(at, Vec::new()).await?;
    }
    Ok(())
}

/// All open trials were looked at, and none is due soon: what the desk leaves behind.
fn put_off(opening: &Opening, now: Timestamp) {
    let trials = &opening.measured.trials;
    for trial in trials.take(now) {
        match trials.has_ended(&trial) {
            true => trials.unschedule(&trial),
            false => trials.look_again(trial, after(now, opening.pace.patience_s)),
        }
    }
}
