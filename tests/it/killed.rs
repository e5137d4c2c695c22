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
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use mailassay::sending::history::{Ending, Fact, Observation, VerdictDelivery};
use mailassay::sending::journal::{Reader, Subscriber};
use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, UdpSocket};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::commands::local;

/// How many senders there are.
const SENDERS: u64 = 12;
/// After how many acknowledgements a service is killed, at most.
const ACKNOWLEDGED_MAX: u64 = 150;
/// How often the journal is looked at in vain, each half second, before it is clear that a verdict is lost. On a
/// busy machine a debug build looks at many trials for some seconds, and then, by its share, at none for ten times as long.
const LOOKS_MAX: usize = 600;
/// How long a line of the log may take to come, in seconds: a debug build on a busy machine.
const LINE_S_MAX: u64 = 120;

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
    let more = "\n[trials]\nopen_trials_per_domain_max = 100000\nopen_trials_per_network_max = 100000\nopen_trials_max = 100000\n\
                [[zone.other]]\napex = \"senders.test\"\nfile = \"senders.zone\"\nsigned = false\n";
    let text = text.replace("\n[scan.world]\n", "\n[scan]\nenabled = false\n[scan.world]\n");
    fs::write(&config, format!("{text}{more}")).unwrap();
    config
}

/// The program that is killed: of this build, or the one that the environment names.
pub(super) fn program() -> String {
    std::env::var("MAILASSAY_KILL_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_mailassay").to_owned())
}

pub(super) struct Service {
    pub(super) child: Child,
    /// The lines of its log. They are taken from it at once: who cannot write its log stands still.
    log: UnboundedReceiver<String>,
    /// Those that were read so far.
    pub(super) seen: Vec<String>,
    pub(super) smtp: SocketAddr,
}

impl Service {
    /// Starts it, and waits until it serves.
    pub(super) async fn start(config: &Path, environment: &[(&str, &str)]) -> Self {
        Self::run(Command::new(program()), config, environment).await
    }

    /// Starts it in a mount namespace of its own, where `disk` is one of 4 MiB.
    pub(super) async fn start_on_small_disk(config: &Path, disk: &Path) -> Self {
        let mut command = Command::new("unshare");
        let mount = "mount -t tmpfs -o size=4m,mode=700 none \"$0\" && exec \"$@\"";
        command.args(["-m", "sh", "-c", mount]).arg(disk).arg(program());
        Self::run(command, config, &[]).await
    }

    pub(super) async fn run(mut command: Command, config: &Path, environment: &[(&str, &str)]) -> Self {
        command
            .args(["serve", "--config"])
            .arg(config)
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1")
            .envs(environment.iter().copied());
        let mut child = command.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (told, log) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                // Whoever has read enough is gone.
                let _ = told.send(line);
            }
        });
        let smtp = mailassay::program::config::load(config).unwrap().listen.smtp[0];
        let mut service = Self { child, log, seen: Vec::new(), smtp };
        service.log_to("serving").await;
        service
    }

    /// Reads its log up to the next line that has `word`.
    pub(super) async fn log_to(&mut self, word: &str) -> String {
        let limit = Duration::from_secs(LINE_S_MAX);
        while let Ok(Some(line)) = tokio::time::timeout(limit, self.log.recv()).await {
            self.seen.push(line.clone());
            if line.contains(word) {
                return line;
            }
        }
        panic!("no `{word}` in its log: {:#?}", self.seen);
    }

    /// Ends it as `kill -9` does.
    pub(super) async fn kill(mut self) {
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
}

/// Sends one mail from an address of its own; its reply at the dot, none where the link broke.
pub(super) async fn send(smtp: SocketAddr, from: Ipv4Addr, number: u64, to: &str) -> Option<String> {
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
    async fn sender(self: Arc<Self>, smtp: SocketAddr, over: Arc<AtomicBool>, mut draw: Draw) {
        while !over.load(Ordering::Relaxed) {
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
            into.lock().insert(number);
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
            self.more.notify_one();
        }
    }

    /// One service's life: until `acknowledged` more mails were, and a moment.
    async fn round(self: &Arc<Self>, service: &Service, draw: &mut Draw, acknowledged: u64) {
        let over = Arc::new(AtomicBool::new(false));
        let until = self.acknowledged.load(Ordering::Relaxed) + acknowledged;
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                let sender =
                    Arc::clone(self).sender(service.smtp, Arc::clone(&over), Draw(draw.below(u64::MAX)));
                tokio::spawn(sender)
            })
            .collect();
        while self.acknowledged.load(Ordering::Relaxed) < until {
            self.more.notified().await;
        }
        over.store(true, Ordering::Relaxed);
        // Whoever sends at this moment finds a service that is killed.
        for sender in senders {
            let ended = sender.now_or_never();
            assert!(ended.is_none_or(|ended| ended.is_ok()), "a sender was told what it should not be");
        }
    }
}

/// What the journal holds.
#[derive(Default)]
pub(super) struct Held {
    pub(super) mails: Mutex<BTreeSet<String>>,
    ends: Mutex<BTreeMap<String, usize>>,
    pub(super) verdicts: Mutex<BTreeMap<String, Vec<VerdictDelivery>>>,
}

impl Subscriber for Held {
    fn committed(&self, observation: &Observation) {
        match &observation.fact {
            Fact::Received(received) => {
                if let Ending::Complete(message) = &received.ending {
                    self.mails.lock().extend(message.message_id.clone());
                }
            }
            Fact::TrialEnded(ended) => *self.ends.lock().entry(ended.trial.to_string()).or_default() += 1,
            Fact::VerdictHandled(handled) => {
                self.verdicts
                    .lock()
                    .entry(handled.trial.to_string())
                    .or_default()
                    .push(handled.delivery.clone());
            }
            _ => {}
        }
    }
}

async fn held(config: &Path) -> Held {
    let path = mailassay::program::config::load(config).unwrap().journal.path;
    let held = Held::default();
    Reader::open(&path).await.unwrap().replay(&held).await.unwrap();
    held
}

/// The texts of the mails in a maildir.
fn mails(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("new")).unwrap();
    files.map(|file| String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned()).collect()
}

/// Waits until so many trials were told.
async fn until_told(config: &Path, trials: usize) {
    let mut looks = 0;
    while held(config).await.verdicts.lock().len() < trials {
        looks += 1;
        assert!(looks < LOOKS_MAX, "{trials} trials were not told");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Waits until the trial of every mail in the journal has had its verdict sent or withheld, and gives what the journal holds
/// then: each mail is a trial of its own.
pub(super) async fn until_all_are_told(config: &Path) -> Held {
    let (mut before, mut looks) = (0, 0);
    loop {
        let held = held(config).await;
        let (told, trials) = (held.verdicts.lock().len(), held.mails.lock().len());
        if told >= trials {
            return held;
        }
        looks = if told > before { 0 } else { looks + 1 };
        before = told;
        assert!(
            looks < LOOKS_MAX,
            "of {trials} trials {} ended and {told} were told; see {}",
            held.ends.lock().len(),
            config.display()
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
    let mut folder = tempfile::tempdir().unwrap();
    folder.disable_cleanup(std::env::var_os("MAILASSAY_KILL_KEEP").is_some());
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
    let (owed, delivered) = (told.held.lock().clone(), told.delivered.lock().clone());
    until_all_are_told(&config).await;
    service.stop().await;
    let held = held(&config).await;
    let mail_of_operator = mails(&config.with_file_name("operator-mail")).concat();
    let lost: Vec<_> = delivered
        .iter()
        .filter(|number| !mail_of_operator.contains(&format!("\r\nMail {number}.\r\n")))
        .collect();
    assert!(lost.is_empty(), "operator's mail is lost: {lost:?}");
    let noted = held.mails.lock();
    let lost: Vec<_> =
        owed.iter().filter(|number| !noted.contains(&format!("{number}@senders.test"))).collect();
    assert!(lost.is_empty(), "held mail is lost: {lost:?}");
    let twice = |counts: Vec<usize>| counts.into_iter().filter(|count| *count != 1).count();
    assert_eq!(twice(held.ends.lock().values().copied().collect()), 0, "a trial ended twice");
    assert_eq!(twice(held.verdicts.lock().values().map(Vec::len).collect()), 0, "a verdict was told twice");
    // Some may be withheld, where SPF was asked of a service that was being killed; whatever is sent is there, once.
    let is_sent = |told: &Vec<VerdictDelivery>| matches!(told[..], [VerdictDelivery::Sent { .. }]);
    let sent = held.verdicts.lock().values().filter(|told| is_sent(told)).count();
    let letters = mails(&config.with_file_name("verdicts"));
    assert_eq!(letters.len(), sent, "what was sent is there, and nothing else is");
    assert!(sent * 2 > owed.len(), "{sent} of {} were sent: SPF vouches for them", owed.len());
    println!(
        "{rounds} rounds with seed {seed}: {} mails held, {} taken for the operator, 0 lost; {} verdicts told, {sent} of them mailed, none twice; \
         slowest start {slowest:?}",
        owed.len(),
        delivered.len(),
        held.verdicts.lock().len(),
    );
}

/// Sends mails for tests, which are held.
pub(super) async fn send_held(smtp: SocketAddr, numbers: std::ops::Range<u64>) {
    for number in numbers {
        let from = Ipv4Addr::new(127, 1, 1, u8::try_from(number).unwrap());
        let reply = send(smtp, from, number, "en@et.test.localhost").await.expect("it serves");
        assert!(reply.starts_with("451 4.7.1 "), "{reply}");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_by_a_day_loses_no_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let config = quick(folder.path());
    let clock = folder.path().join("clock");
    let set = |seconds: i64| {
        // Whole at once: the service reads it at any time.
        fs::write(clock.with_extension("new"), seconds.to_string()).unwrap();
        fs::rename(clock.with_extension("new"), &clock).unwrap();
    };
    set(0);
    let service = Service::start(&config, &[("MAILASSAY_CLOCK_FILE", clock.to_str().unwrap())]).await;
    send_held(service.smtp, 1..6).await;
    set(86_400);
    send_held(service.smtp, 6..11).await;
    until_told(&config, 5).await;
    // Those of a day that is yet to come wait for it, and stop nobody else.
    set(0);
    send_held(service.smtp, 11..16).await;
    until_told(&config, 10).await;
    set(86_400);
    send_held(service.smtp, 16..17).await;
    let held = until_all_are_told(&config).await;
    service.stop().await;
    let told: Vec<usize> = held.verdicts.lock().values().map(Vec::len).collect();
    assert_eq!(told, [1; 16]);
}

/// Whether this process may make a mount of its own.
pub(super) fn may_mount() -> bool {
    let mut tried = std::process::Command::new("unshare");
    let tried = tried.args(["-m", "mount", "-t", "tmpfs", "none", "/mnt"]);
    let may = tried.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    assert!(
        may || std::env::var_os("MAILASSAY_REQUIRE_PEERS").is_none(),
        "a small disk needs root and `unshare`"
    );
    if !may {
        eprintln!("skipped: a small disk needs root and `unshare`");
    }
    may
}

#[tokio::test]
async fn a_full_disk_refuses_and_all_comes_back_by_itself() {
    if !may_mount() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let config = quick(folder.path());
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let text = fs::read_to_string(&config).unwrap();
    let text = text.replace("\"mailassay.sqlite\"", "\"disk/mailassay.sqlite\"");
    fs::write(&config, text.replace("\"operator-mail\"", "\"disk/operator-mail\"")).unwrap();
    let mut service = Service::start_on_small_disk(&config, &disk).await;
    // The disk as the service sees it.
    let seen = PathBuf::from(format!("/proc/{}/root{}", service.child.id().unwrap(), disk.display()));
    let filler = seen.join("filler");
    let mail = async |number: u64, to| {
        let from = Ipv4Addr::new(127, 1, 2, u8::try_from(1 + number % 250).unwrap());
        send(service.smtp, from, number, to).await.expect("it serves")
    };
    let (test, operator) = ("en@et.test.localhost", "postmaster@test.localhost");
    assert!(mail(0, test).await.starts_with("451 4.7.1 "));
    let mut file = fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &[0; 4_096]).is_ok() {}
    // The log of the database may have some room left.
    let mut held = BTreeSet::from([0]);
    let mut number = 1;
    let refused = loop {
        let reply = mail(number, test).await;
        if !reply.starts_with("451 4.7.1 ") {
            break reply;
        }
        held.insert(number);
        number += 1;
        assert!(number < 2_000, "a full disk takes everything");
    };
    assert!(refused.starts_with("452 4.3.1 "), "{refused}");
    let refused = mail(9_000, operator).await;
    assert!(refused.starts_with("451 4.3.0 "), "{refused}");
    drop(file);
    fs::remove_file(&filler).unwrap();
    assert!(mail(9_001, operator).await.starts_with("250 "), "nobody has started it again");
    // What was held back is written before the first that is new, or by itself.
    loop {
        number += 1;
        let reply = mail(number, test).await;
        if reply.starts_with("451 4.7.1 ") {
            held.insert(number);
            break;
        }
        assert!(reply.starts_with("452 4.3.1 "), "{reply}");
    }
    let told = service.log_to("cannot be written").await;
    assert!(told.contains("free some space on the disk"), "{told}");
    service.log_to("the journal is written again").await;
    // Nobody writes now; the disk goes with the service.
    for name in ["mailassay.sqlite", "mailassay.sqlite-wal"] {
        fs::copy(seen.join(name), folder.path().join(name)).unwrap();
    }
    let left = Held::default();
    Reader::open(&folder.path().join("mailassay.sqlite")).await.unwrap().replay(&left).await.unwrap();
    let noted = left.mails.lock().clone();
    let lost: Vec<_> = held.iter().filter(|one| !noted.contains(&format!("{one}@senders.test"))).collect();
    assert!(lost.is_empty(), "held mail is lost: {lost:?}");
    service.stop().await;
}

#[tokio::test]
async fn a_read_only_disk_is_told_with_what_to_do() {
    if !may_mount() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let config = quick(folder.path());
    Service::start(&config, &[]).await.stop().await;
    let mut command = Command::new("unshare");
    let mount = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"";
    command.args(["-m", "sh", "-c", mount]).arg(folder.path()).arg(program());
    let ended = command.args(["serve", "--config"]).arg(&config).output().await.unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{told}");
    assert!(told.contains("; the service must be able to write there"), "{told}");
    // It was read-only for that one alone.
    Service::start(&config, &[]).await.stop().await;
}

/// Hands questions over UDP on to a server, and its answers back.
pub(super) async fn hand_on(from: SocketAddr, to: SocketAddr) {
    let socket = Arc::new(UdpSocket::bind(from).await.unwrap());
    let mut question = vec![0; 4_096];
    loop {
        let (length, source) = socket.recv_from(&mut question).await.unwrap();
        let (question, socket) = (question[..length].to_vec(), Arc::clone(&socket));
        tokio::spawn(async move {
            let asked = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            asked.send_to(&question, to).await.unwrap();
            let mut answer = vec![0; 65_535];
            let length = asked.recv(&mut answer).await.unwrap();
            socket.send_to(&answer[..length], source).await.unwrap();
        });
    }
}

#[tokio::test]
async fn a_resolver_that_is_gone_is_told_and_stops_no_test() {
    let folder = tempfile::tempdir().unwrap();
    let config = quick(folder.path());
    let text = fs::read_to_string(&config).unwrap();
    let dns = mailassay::program::config::load(&config).unwrap().listen.dns[0];
    let gone: SocketAddr = format!("127.0.0.1:{}", super::commands::free_port()).parse().unwrap();
    let text = text.replace(&format!("servers = [\"{dns}\"]"), &format!("servers = [\"{gone}\"]"));
    fs::write(&config, text.replace("\n[self_check]\n", "\n[self_check]\nevery_s = 1\n")).unwrap();
    let mut service = Service::start(&config, &[]).await;
    send_held(service.smtp, 1..3).await;
    let told = service.log_to("self-check: red").await;
    assert!(told.contains("port 53") || told.contains("`resolver`"), "{told}");
    let _answers = tokio::spawn(hand_on(gone, dns));
    service.log_to("self-check: as a sender should see it part=\"dns\"").await;
    // Nobody vouches for a sender whose SPF could not be looked up: its verdict is on its page.
    let held = until_all_are_told(&config).await;
    assert_eq!(held.verdicts.lock().len(), 2);
    service.stop().await;
}
