//! `mailassay demo`: starts the private world's service, lets the samples send, and compares verdicts with what
//! the samples are.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::demo::{Hosts, Places, Played, Progress, RETRY_MS, Reception, SELECTOR, Sample, World, samples};
use crate::dns::ResolverError;
use crate::history::{History, SelfCheck, VerdictDelivery};
use crate::journal::Maildir;
use crate::mailauth::DkimKey;
use crate::persona::Catalogue;
use crate::tls::Identities;
use crate::tls::client::{Roots, RootsError};
use crate::trial::{Pace, Timestamp};
use crate::verdict::receiving::grade::{Grade, Letter, OWN, Receiving};
use crate::verdict::sending::{Judgement, judge};

use super::parts::{self, PartError};
use super::{Clock, Service, StartError, system_clock};

/// How long the self-check and the last verdict mails are waited for, in milliseconds, and how often they are
/// looked for.
const PATIENCE_MS: u64 = 30_000;
const GLANCE_MS: u64 = 50;

/// The file that tells a demo's folder from others.
const MARK: &str = "made-by-mailassay-demo.txt";

/// Why the demo cannot run.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// A file or folder cannot be written.
    #[error("{path}: {source}; name another folder with --out")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A part of the world cannot be made.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The service does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The private CA cannot be read back.
    #[error(transparent)]
    Roots(#[from] RootsError),
    /// A host at which a sample's domain receives cannot be had.
    #[error("a host of the samples: {0}; is another demo running?")]
    Hosts(io::Error),
    /// A sample cannot look up names.
    #[error(transparent)]
    Resolver(#[from] ResolverError),
    /// The world does not look as it should.
    #[error("the demo's own self-check is red: {0}")]
    Red(String),
}

/// What a sample's verdict was.
struct Outcome {
    sample: Sample,
    judgement: Option<Judgement>,
    contacts: usize,
    took_s: f64,
    mail: Option<PathBuf>,
    /// How its domain receives, and the grade that the scan gave.
    reception: Option<(Reception, Option<Letter>)>,
}

impl Outcome {
    fn is_right(&self) -> bool {
        let term = self.judgement.as_ref().and_then(Judgement::term);
        let graded = self.reception.is_none_or(|(reception, grade)| grade == Some(reception.grade));
        term == Some(self.sample.term) && self.mail.is_some() && graded
    }

    fn verdict(&self) -> String {
        match &self.judgement {
            Some(judgement) => {
                let terms: Vec<_> = judgement.candidates.iter().map(|term| term.name()).collect();
                if terms.is_empty() { "contradiction".to_owned() } else { terms.join(" or ") }
            }
            None => "no trial".to_owned(),
        }
    }
}

/// Plays the demo; true if every verdict is right. Verdict mails go to `out`; with `stay` the service goes on
/// until it is interrupted.
pub async fn play(out: &Path, stay: bool, new_secret: impl FnOnce() -> [u8; 32]) -> Result<bool, PlayError> {
    let clock = system_clock();
    let mut world = build(out)?;
    let (settings, roots, trust_anchors) = prepare(&mut world, &clock)?;
    let pace = settings.pace.clone();
    println!("{}", introduction(&world));
    let (receiving, closing) = (TaskTracker::new(), CancellationToken::new());
    for hosts in &world.hosts {
        hosts.serve(world.places, &receiving, &closing).await.map_err(PlayError::Hosts)?;
    }
    let service = Service::start(settings, Arc::clone(&clock), new_secret).await?;
    await_self_check(&service).await?;
    send_all(&world, &service, &trust_anchors, &roots, &clock).await?;
    let outcomes = collect(&world, &service, &pace, out).await?;
    println!("{}", table(&outcomes));
    let right = outcomes.iter().filter(|outcome| outcome.is_right()).count();
    let all_right = right == outcomes.len();
    let example = outcomes.iter().rev().find_map(|outcome| outcome.mail.as_ref());
    if all_right {
        println!("All {right} verdicts are right.");
    } else {
        println!("{} of {} verdicts are WRONG.", outcomes.len() - right, outcomes.len());
    }
    if let Some(example) = example {
        println!("Look at one: {}", example.display());
    }
    if stay {
        println!("The service stays, every verdict has a page; Ctrl-C ends it.");
        for history in service.histories() {
            println!("  http://127.0.0.1:{}/r/{}", world.places.site, history.id);
        }
        let _ = tokio::signal::ctrl_c().await;
    }
    service.stop().await;
    closing.cancel();
    receiving.close();
    receiving.wait().await;
    Ok(all_right)
}

/// A fresh world below `out`, with ports that are free and an address for each sample where the system has
/// more than one loopback address.
fn build(out: &Path) -> Result<World, PlayError> {
    let folder = out.join("world");
    let failed = |source| PlayError::File { path: folder.clone(), source };
    let mark = folder.join(MARK);
    if folder.exists() {
        // Only what an earlier demo made is removed.
        if !mark.exists() {
            return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, "is not of an earlier demo")));
        }
        std::fs::remove_dir_all(&folder).map_err(failed)?;
    }
    std::fs::create_dir_all(&folder).map_err(failed)?;
    std::fs::write(&mark, "Made by `mailassay demo`, and removed by the next.\n").map_err(failed)?;
    let own = std::net::TcpListener::bind((Ipv4Addr::new(127, 0, 1, 1), 0)).is_ok();
    let address = |n: u8| if own { Ipv4Addr::new(127, 0, 1, n) } else { Ipv4Addr::LOCALHOST };
    let places =
        Places { smtp: port(25_025), dns: port(53_053), policy_host: port(44_300), site: port(8_025) };
    Ok(World { folder, places, samples: samples(address), hosts: Vec::new() })
}

/// `wanted` if it is free on loopback for UDP and TCP, else any other.
fn port(wanted: u16) -> u16 {
    let free = |port: u16| {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let tcp = std::net::TcpListener::bind(address).ok()?;
        let found = tcp.local_addr().ok()?.port();
        std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, found)).ok()?;
        Some(found)
    };
    free(wanted).or_else(|| (0..16).find_map(|_| free(0))).unwrap_or(wanted)
}

/// Makes keys and CA before the service starts, since the samples must trust them and the self-check, too.
fn prepare(world: &mut World, clock: &Clock) -> Result<(crate::config::Settings, Roots, String), PlayError> {
    let now = clock();
    let mut settings = world.settings();
    let catalogue = Arc::new(parts::catalogue(&settings).map_err(PartError::from)?);
    let identities = parts::identities(&settings, &catalogue, now).map_err(PartError::from)?;
    let dkim = parts::dkim_key(&settings).map_err(PartError::from)?;
    world.hosts = hosts(world, &identities, now)?;
    settings.zone = world.zone();
    let authority =
        parts::authority(&settings, &catalogue, &identities, &dkim, now).map_err(PartError::from)?;
    let path = world.root_file();
    let root = identities.ca_root_pem().unwrap_or_default();
    std::fs::write(&path, root).map_err(|source| PlayError::File { path: path.clone(), source })?;
    let trust_anchors = authority.trust_anchors().join("\n");
    settings.resolver = world.resolver(Vec::new(), trust_anchors.clone());
    settings.scan.resolver = world.scan_resolver(trust_anchors.clone());
    Ok((settings, Roots::read(&path)?, trust_anchors))
}

/// The hosts at which the samples' own domains receive, where each can have an address of its own.
fn hosts(world: &World, identities: &Identities, now: Timestamp) -> Result<Vec<Hosts>, PlayError> {
    let mut hosts = Vec::new();
    for (sample, number) in world.samples.iter().zip(1..) {
        if sample.address == Ipv4Addr::LOCALHOST {
            continue;
        }
        let key = match Reception::of(sample.term).signs {
            true => {
                let path = world.folder.join("keys").join(format!("{}.pem", sample.domain()));
                let key = DkimKey::open(&path, &sample.domain(), SELECTOR).map_err(PartError::from)?;
                Some(Arc::new(key))
            }
            false => None,
        };
        hosts.push(Hosts::of(sample, number, identities, key, now).map_err(PartError::from)?);
    }
    Ok(hosts)
}

fn introduction(world: &World) -> String {
    let Places { smtp, dns, policy_host, site } = world.places;
    let origin = world.settings().origin;
    format!(
        "A private world on 127.0.0.1: DNS :{dns} (signed from the root), SMTP :{smtp}, policy host :{policy_host}, \
         site http://127.0.0.1:{site}\nMinutes are seconds here. {} sample senders mail en@ or de@ at et.{origin} \
         and ut.{origin}.\n",
        world.samples.len()
    )
}

async fn await_self_check(service: &Service) -> Result<(), PlayError> {
    for _ in 0..PATIENCE_MS / GLANCE_MS {
        if let Some(checked) = service.self_checked() {
            for state in [checked.dns, checked.certificates, checked.policy_host] {
                if let SelfCheck::Red { reason } = state {
                    return Err(PlayError::Red(reason));
                }
            }
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(GLANCE_MS)).await;
    }
    Err(PlayError::Red(format!("no result within {} s", PATIENCE_MS / 1_000)))
}

/// Lets all samples send, side by side where each has its own address, else one after another, until each has
/// its verdict. A sample that never gets rid of its mail, as `dane-only` at a domain without TLSA records, is
/// stopped then.
async fn send_all(
    world: &World,
    service: &Service,
    trust_anchors: &str,
    roots: &Roots,
    clock: &Clock,
) -> Result<(), ResolverError> {
    let display = Display::new(&world.samples);
    let send = |sample: &Sample| {
        let (sample, world, display) = (sample.clone(), world.clone(), Arc::clone(&display));
        let (trust_anchors, roots, clock) = (trust_anchors.to_owned(), roots.clone(), Arc::clone(clock));
        tokio::spawn(async move { sample.send(&world, &trust_anchors, &roots, &clock, &*display).await })
    };
    let one_by_one = world.samples.iter().any(|sample| sample.address == Ipv4Addr::LOCALHOST);
    let groups = world.samples.chunks(if one_by_one { 1 } else { world.samples.len() });
    for group in groups {
        let mut sending: Vec<_> = group.iter().map(|sample| (send(sample), sample)).collect();
        let glances = PATIENCE_MS * group.len() as u64 / GLANCE_MS;
        for _ in 0..glances {
            let histories = service.histories();
            let answered = |sample: &Sample| {
                of_sample(&histories, sample).is_some_and(|history| history.delivery.is_some())
            };
            if group.iter().all(answered) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(GLANCE_MS)).await;
        }
        // The acknowledgement of the second recipient is a moment behind the verdict.
        tokio::time::sleep(Duration::from_millis(RETRY_MS + GLANCE_MS)).await;
        for (sending, _) in sending.iter_mut().filter(|(sending, _)| !sending.is_finished()) {
            sending.abort();
        }
        for (sending, _) in sending {
            match sending.await {
                Ok(result) => result.map(drop)?,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => {}
            }
        }
    }
    display.finish();
    Ok(())
}

/// Compares, and takes each verdict mail into `out`.
async fn collect(
    world: &World,
    service: &Service,
    pace: &Pace,
    out: &Path,
) -> Result<Vec<Outcome>, PlayError> {
    let catalogue = parts::catalogue(&world.settings()).map_err(PartError::from)?;
    let histories = service.histories();
    let mut outcomes = Vec::new();
    for sample in &world.samples {
        let history = of_sample(&histories, sample);
        let mut outcome = outcome(&catalogue, pace, sample, history, world, out)?;
        if world.hosts_of(&sample.domain()).is_some() {
            let evidence = match history {
                Some(history) => service.evidence(history).await,
                None => None,
            };
            let grade = evidence.and_then(|evidence| letter(&Receiving::of(&evidence, evidence.to)));
            outcome.reception = Some((Reception::of(sample.term), grade));
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

fn letter(receiving: &Receiving<'_>) -> Option<Letter> {
    match &receiving.ratings.of(OWN)?.grade {
        Grade::Mailassay(own) => own.letter,
        _ => None,
    }
}

fn of_sample<'a>(histories: &'a [History], sample: &Sample) -> Option<&'a History> {
    let domain = sample.domain();
    histories.iter().find(|history| history.reverse_paths().iter().any(|path| path.domain == domain))
}

fn outcome(
    catalogue: &Catalogue,
    pace: &Pace,
    sample: &Sample,
    history: Option<&History>,
    world: &World,
    out: &Path,
) -> Result<Outcome, PlayError> {
    let judgement = history.map(|history| judge(catalogue, pace, history).overall);
    let ended =
        history.and_then(|history| Some((history.ended.as_ref()?.at, history.links.first()?.link.opened)));
    let took_s = ended.map_or(0.0, |(ended, began)| ended.duration_since(began).as_secs_f64());
    let contacts = history.map_or(0, |history| history.links.len());
    let sent = history.filter(|history| {
        matches!(history.delivery.as_ref().map(|noted| &noted.what), Some(VerdictDelivery::Sent { .. }))
    });
    let mut mail = None;
    if let Some(history) = sent {
        let folder = world.folder.join("verdicts");
        let file = |source| PlayError::File { path: folder.clone(), source };
        let maildir = Maildir::open(&folder).map_err(file)?;
        if let Some(found) = maildir.find(&format!("{}.verdict", history.id)).map_err(file)? {
            let name = out.join(format!("{}.eml", sample.term));
            std::fs::copy(found, &name).map_err(|source| PlayError::File { path: name.clone(), source })?;
            mail = Some(name);
        }
    }
    Ok(Outcome { sample: sample.clone(), judgement, contacts, took_s, mail, reception: None })
}

fn table(outcomes: &[Outcome]) -> String {
    let mut table = format!(
        "\n  {:<14}{:>9}  {:<14}{:<30}{:<7}{:>8}    {}\n",
        "sender was", "contacts", "verdict says", "receives with", "grade", "took", "mail"
    );
    for outcome in outcomes {
        let mark = if outcome.is_right() { '✔' } else { '✘' };
        let mail = outcome.mail.as_ref().map_or("none".to_owned(), |path| path.display().to_string());
        let _ = writeln!(
            table,
            "  {:<14}{:>9}  {:<14}{:<30}{:<7}{:>6.1} s  {mark} {mail}",
            outcome.sample.term,
            outcome.contacts,
            outcome.verdict(),
            outcome.reception.map_or("–".to_owned(), |(reception, _)| reception.words()),
            outcome.reception.map_or("–", |(_, grade)| grade.map_or("?", Letter::name)),
            outcome.took_s,
        );
    }
    table
}

/// What the samples do at the moment: moving lines on a terminal, else a line for each that is done.
struct Display {
    terminal: bool,
    bars: Vec<(crate::verdict::sending::Term, ProgressBar)>,
}

impl Display {
    fn new(samples: &[Sample]) -> Arc<Self> {
        let terminal = io::stderr().is_terminal();
        let lines = MultiProgress::new();
        let style = ProgressStyle::with_template("  {prefix:14} {spinner} {wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = |sample: &Sample| {
            let bar = lines.add(ProgressBar::new_spinner().with_style(style.clone()));
            bar.set_prefix(sample.term.name());
            (sample.term, bar)
        };
        let bars = if terminal { samples.iter().map(bar).collect() } else { Vec::new() };
        Arc::new(Self { terminal, bars })
    }

    fn bar(&self, sample: &Sample) -> Option<&ProgressBar> {
        self.bars.iter().find(|(term, _)| *term == sample.term).map(|(_, bar)| bar)
    }

    fn finish(&self) {
        self.bars.iter().for_each(|(_, bar)| bar.finish_and_clear());
    }
}

impl Progress for Display {
    fn attempted(&self, sample: &Sample, contacts: usize, last: &str) {
        if let Some(bar) = self.bar(sample) {
            bar.set_message(format!("{contacts:>3} contacts; {last}"));
            bar.tick();
        }
    }

    fn done(&self, sample: &Sample, played: &Played) {
        let said = format!("{} contacts in {:.1} s, then taken", played.contacts, played.took.as_secs_f64());
        match self.bar(sample) {
            Some(bar) => bar.finish_with_message(said),
            None if !self.terminal => println!("  {:<14} {said}", sample.term),
            None => {}
        }
    }
}
