//! The real program, killed under load: nothing that was acknowledged is lost, and no verdict goes out twice.
//!
//! Senders at addresses of 127.1.0.0/16 send mail for tests and to the operator. After a number of acknowledgements that a
//! seed draws the service is killed with SIGKILL and started again. `MAILASSAY_KILL_ROUNDS` says how often,
//! `MAILASSAY_KILL_SEED` with which seed; `tests/load/kill` does so with a release build.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use mailassay::history::{Ending, Fact, Observation, VerdictDelivery};
use mailassay::journal::{Follower, Reader, lock};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpSocket;
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::Notify;

use super::commands::local;

/// How many senders there are.
const SENDERS: u64 = 12;
/// After how many acknowledgements a service is killed, at most.
const ACKNOWLEDGED_MAX: u64 = 150;
/// How often the journal is looked at, each half second, until all verdicts are told.
const LOOKS_MAX: usize = 240;

/// SplitMix64 (Steele, Lea and Flood 2014): the same seed gives the same rounds.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.0;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (drawn ^ (drawn >> 31)) % limit
    }
}

/// A configuration whose trials end soon, and whose senders SPF vouches for.
pub(super) fn quick(folder: &Path) -> PathBuf {
    let config = local(folder);
    let zone = "$TTL 60\n@ IN SOA ns1 hostmaster 1 3600 900 432000 60\n@ IN NS ns1\nns1 IN A 127.0.0.1\n\
                @ IN TXT \"v=spf1 ip4:127.0.0.0/8 -all\"\n";
    fs::write(folder.join("senders.zone"), zone).unwrap();
    let text = fs::read_to_string(&config).unwrap();
    let text =
        text.replace("window_s = 20", "window_s = 1").replace("patience_s = 600", "patience_s = 3").replace(
            "\n[reply]\n",
            "\n[reply]\nper_domain_day_max = 1000000\nper_day_max = 1000000\npoll_ms = 20\n",
        );
    let more = "\n[trials]\nopen_trials_per_domain_max = 100000\nopen_trials_max = 100000\n\
                [[zone.other]]\napex = \"senders.test\"\nfile = \"senders.zone\"\nsigned = false\n";
    let text = text.replace("\n[scan.world]\n", "\n[scan]\nenabled = false\n[scan.world]\n");
    fs::write(&config, format!("{text}{more}")).unwrap();
    config
}

pub(super) struct Service {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    smtp: SocketAddr,
}

impl Service {
    /// Starts it, and waits until it serves.
    pub(super) async fn start(config: &Path, environment: &[(&str, &str)]) -> Self {
        let program =
            std::env::var("MAILASSAY_KILL_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_mailassay").to_owned());
        let mut command = Command::new(program);
        command
            .args(["serve", "--config"])
            .arg(config)
            .env_remove("RUST_LOG")
            .envs(environment.iter().copied());
        let mut child = command.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        let smtp = mailassay::config::load(config).unwrap().listen.smtp[0];
        let mut service = Self { child, log, smtp };
        service.log_to("serving").await;
        service
    }

    /// Reads its log up to the line that has `word`.
    pub(super) async fn log_to(&mut self, word: &str) -> String {
        let mut read = Vec::new();
        while let Some(line) = self.log.next_line().await.unwrap() {
            if line.contains(word) {
                return line;
            }
            read.push(line);
        }
        panic!("no {word} in its log: {read:#?}");
    }

    async fn kill(mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
    }

    /// Ends it in order.
    pub(super) async fn stop(mut self) {
        let id = self.child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.log_to("stopped").await;
        assert_eq!(self.child.wait().await.unwrap().code(), Some(0));
    }
}

/// What senders were told.
#[derive(Default)]
struct Told {
    next: AtomicU64,
    /// The numbers of mails that were held, and of those to the operator that were taken.
    held: Mutex<BTreeSet<u64>>,
    delivered: Mutex<BTreeSet<u64>>,
    acknowledged: AtomicU64,
    more: Notify,
    over: AtomicBool,
}

/// Sends one mail from an address of its own; its reply at the dot, none where the link broke.
async fn send(smtp: SocketAddr, from: Ipv4Addr, number: u64, to: &str) -> Option<String> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind((from, 0).into()).ok()?;
    let link = socket.connect(smtp).await.ok()?;
    let (read, mut write) = link.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut commands = vec![
        String::new(),
        format!("EHLO host{number}.senders.test"),
        format!("MAIL FROM:<u{number}@senders.test>"),
        format!("RCPT TO:<{to}>"),
        "DATA".to_owned(),
        format!(
            "From: u{number}@senders.test\r\nMessage-ID: <{number}@senders.test>\r\n\r\nMail {number}.\r\n."
        ),
    ]
    .into_iter();
    let mut reply = String::new();
    for command in &mut commands {
        if !command.is_empty() {
            write.write_all(format!("{command}\r\n").as_bytes()).await.ok()?;
        }
        loop {
            reply = lines.next_line().await.ok()??;
            if reply.as_bytes().get(3) == Some(&b' ') {
                break;
            }
        }
        if !reply.starts_with(['2', '3']) {
            break;
        }
    }
    // Whoever is killed now has answered.
    let _ = write.write_all(b"QUIT\r\n").await;
    (commands.len() == 0).then_some(reply)
}

impl Told {
    /// Sends until the service is gone or it is enough.
    async fn sender(self: Arc<Self>, smtp: SocketAddr, mut draw: Draw) {
        while !self.over.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let [third, fourth] =
                [draw.below(256), 1 + draw.below(254)].map(|part| u8::try_from(part).unwrap());
            let from = Ipv4Addr::new(127, 1, third, fourth);
            let operator = draw.below(4) == 0;
            let to = if operator { "postmaster@test.localhost" } else { "en@et.test.localhost" };
            let Some(reply) = send(smtp, from, number, to).await else { continue };
            let into = match (operator, &reply[..4]) {
                (true, "250 ") => &self.delivered,
                (false, "451 ") if reply.contains("held on purpose") => &self.held,
                _ => panic!("{to}: {reply}"),
            };
            lock(into).insert(number);
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
            self.more.notify_one();
        }
    }

    /// One service's life: until `acknowledged` more mails were, and a moment.
    async fn round(self: &Arc<Self>, service: &Service, draw: &mut Draw, acknowledged: u64) {
        self.over.store(false, Ordering::Relaxed);
        let until = self.acknowledged.load(Ordering::Relaxed) + acknowledged;
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| tokio::spawn(Arc::clone(self).sender(service.smtp, Draw(draw.below(u64::MAX)))))
            .collect();
        while self.acknowledged.load(Ordering::Relaxed) < until {
            self.more.notified().await;
        }
        self.over.store(true, Ordering::Relaxed);
        // Whoever sends at this moment finds a service that is killed.
        for sender in senders {
            let ended = sender.now_or_never();
            assert!(ended.is_none_or(|ended| ended.is_ok()), "a sender was told what it should not be");
        }
    }
}

/// What the journal holds.
#[derive(Default)]
struct Held {
    mails: Mutex<BTreeSet<String>>,
    ends: Mutex<BTreeMap<String, usize>>,
    verdicts: Mutex<BTreeMap<String, Vec<VerdictDelivery>>>,
}

impl Follower for Held {
    fn committed(&self, observation: &Observation) {
        match &observation.fact {
            Fact::Received(received) => {
                if let Ending::Complete(message) = &received.ending {
                    lock(&self.mails).extend(message.message_id.clone());
                }
            }
            Fact::TrialEnded(ended) => *lock(&self.ends).entry(ended.trial.to_string()).or_default() += 1,
            Fact::VerdictHandled(handled) => {
                lock(&self.verdicts)
                    .entry(handled.trial.to_string())
                    .or_default()
                    .push(handled.delivery.clone());
            }
            _ => {}
        }
    }
}

async fn held(config: &Path) -> Held {
    let path = mailassay::config::load(config).unwrap().journal.path;
    let held = Held::default();
    Reader::open(&path).await.unwrap().replay(&held).await.unwrap();
    held
}

/// The texts of the mails in a maildir.
fn mails(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("new")).unwrap();
    files.map(|file| String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned()).collect()
}

/// Waits until the trial of every mail in the journal has had its verdict sent or withheld, and gives what the journal holds
/// then: each mail is a trial of its own.
async fn until_all_are_told(config: &Path) -> Held {
    let mut looks = 0;
    loop {
        let held = held(config).await;
        let (told, trials) = (lock(&held.verdicts).len(), lock(&held.mails).len());
        if told >= trials {
            return held;
        }
        looks += 1;
        assert!(
            looks < LOOKS_MAX,
            "of {trials} trials {} ended and {told} were told",
            lock(&held.ends).len()
        );
        // Time passes in the service: trials end when their patience does.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_no_verdict_goes_out_twice() {
    let (rounds, seed) = (number("MAILASSAY_KILL_ROUNDS", 4), number("MAILASSAY_KILL_SEED", 1));
    let folder = tempfile::tempdir().unwrap();
    let config = quick(folder.path());
    let (told, mut draw, mut slowest) = (Arc::new(Told::default()), Draw(seed), Duration::ZERO);
    for round in 0..rounds {
        let began = Instant::now();
        let service = Service::start(&config, &[]).await;
        // The first one makes its keys.
        slowest = if round == 0 { slowest } else { slowest.max(began.elapsed()) };
        // Now and then before anything came.
        let acknowledged = draw.below(ACKNOWLEDGED_MAX + 10).saturating_sub(10);
        told.round(&service, &mut draw, acknowledged).await;
        service.kill().await;
    }
    let service = Service::start(&config, &[]).await;
    let (owed, delivered) = (lock(&told.held).clone(), lock(&told.delivered).clone());
    until_all_are_told(&config).await;
    service.stop().await;
    let held = held(&config).await;
    let mail_of_operator = mails(&config.with_file_name("operator-mail")).concat();
    let lost: Vec<_> = delivered
        .iter()
        .filter(|number| !mail_of_operator.contains(&format!("\r\nMail {number}.\r\n")))
        .collect();
    assert!(lost.is_empty(), "operator's mail is lost: {lost:?}");
    let noted = lock(&held.mails);
    let lost: Vec<_> =
        owed.iter().filter(|number| !noted.contains(&format!("{number}@senders.test"))).collect();
    assert!(lost.is_empty(), "held mail is lost: {lost:?}");
    let twice = |counts: Vec<usize>| counts.into_iter().filter(|count| *count != 1).count();
    assert_eq!(twice(lock(&held.ends).values().copied().collect()), 0, "a trial ended twice");
    assert_eq!(twice(lock(&held.verdicts).values().map(Vec::len).collect()), 0, "a verdict was told twice");
    // Some may be withheld, where SPF was asked of a service that was being killed; whatever is sent is there, once.
    let is_sent = |told: &Vec<VerdictDelivery>| matches!(told[..], [VerdictDelivery::Sent { .. }]);
    let sent = lock(&held.verdicts).values().filter(|told| is_sent(told)).count();
    let letters = mails(&config.with_file_name("verdicts"));
    assert_eq!(letters.len(), sent, "what was sent is there, and nothing else is");
    assert!(sent * 2 > owed.len(), "{sent} of {} were sent: SPF vouches for them", owed.len());
    println!(
        "{rounds} rounds with seed {seed}: {} mails held, {} taken for the operator, 0 lost; {} verdicts told, {sent} of them mailed, none twice; \
         slowest start {slowest:?}",
        owed.len(),
        delivered.len(),
        lock(&held.verdicts).len(),
    );
}
