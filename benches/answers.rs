//! What an answer of a ruled zone costs, with labels that were never seen before, while mail comes in. Against the program
//! as it is shipped.
//!
//! The bar: 20,000 answers a second on two cores, with 5,000 fresh labels among them. Each label is asked for four times,
//! and each time another set has to be signed, so that nothing is remembered. Whoever asks here takes from the same cores:
//! what counts is how many answers the CPU time of the service, that of the mail included, makes on two of them. What came
//! in fact is printed beside.
//!
//! `ANSWERS_SHORT=1` is a fifth of the time; there the bar does not count, but that the answers come and are right does.
#![expect(clippy::disallowed_methods, reason = "the clock: what is measured takes real time")]

#[path = "live_parts/mail.rs"]
#[allow(dead_code, reason = "the bench of live pages follows a trial, too")]
mod mail;
// The world of the load tests.
#[path = "../tests/load/process.rs"]
#[allow(dead_code, reason = "the load tests ask for more")]
mod process;
#[path = "../tests/load/sender.rs"]
#[allow(dead_code, reason = "the load tests ask for more")]
mod sender;
#[path = "../tests/load/world.rs"]
#[allow(dead_code, reason = "the load tests ask for more")]
mod world;

use std::error::Error;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};

use process::{cpu, memory_bytes, mib};
use world::{ORIGIN, World};

/// How long it is asked, and how many sessions come in beside in a second.
const PART: Duration = Duration::from_secs(15);
const SESSIONS_A_SECOND: u32 = 50;
/// How many threads ask, and how many questions each has under way.
const THREADS: u32 = 2;
const UNDER_WAY: usize = 64;
/// How long an answer may take before it counts as lost.
const LOST_AFTER: Duration = Duration::from_secs(1);
/// The bars.
const ANSWERS_A_SECOND: f64 = 20_000.0;
const CORES: f64 = 2.0;
const MEMORY_MAX_MIB: f64 = 128.0;

/// How it is played; the load tests' world asks for this.
struct Playing {
    core: Option<usize>,
    program: PathBuf,
    config: String,
    keep: bool,
}

/// What one thread saw.
#[derive(Default)]
struct Seen {
    answers: u32,
    labels: u32,
    wrong: u32,
    lost: u32,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let short = std::env::var_os("ANSWERS_SHORT").is_some();
    let program = env!("CARGO_BIN_EXE_mailassay").into();
    let playing = Playing { core: None, program, config: String::new(), keep: false };
    let world = World::new(&playing)?;
    let entrances: Vec<String> = (1..=13).map(|n| format!("\"127.0.9.{n}\"")).collect();
    world.change("shared = [", &format!("cases = [{}]\nshared = [", entrances.join(", ")))?;
    let service = world.serving(&playing)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let sessions = runtime.block_on(async { mail::Sessions::begin(world.places.smtp, SESSIONS_A_SECOND) });
    let memory = memory_bytes(service.id(), "VmRSS");
    let (began, spent) = (Instant::now(), cpu(service.id()));
    let lasts = if short { PART / 5 } else { PART };
    let dns = world.places.dns;
    let threads = (0..THREADS).map(|thread| std::thread::spawn(move || ask(dns, thread, lasts)));
    let mut all = Seen::default();
    for thread in threads.collect::<Vec<_>>() {
        let seen = thread.join().map_err(|_| "a thread that asks panicked")??;
        all.answers += seen.answers;
        all.labels += seen.labels;
        all.wrong += seen.wrong;
        all.lost += seen.lost;
    }
    let (took, spent) = (began.elapsed().as_secs_f64(), (cpu(service.id()) - spent).as_secs_f64());
    let memory = mib(memory_bytes(service.id(), "VmRSS").saturating_sub(memory));
    let mut met = sessions.tell();
    let Seen { answers, labels, wrong, lost } = all;
    println!("{answers} answers for {labels} labels in {took:.1} s, {lost} lost, {wrong} wrong");
    println!(
        "{:.0} a second beside those who ask; the service used {:.2} cores",
        f64::from(answers) / took,
        spent / took
    );
    met &= answers > 0 && wrong == 0 && lost * 100 < answers;
    let on_two_cores = f64::from(answers) / spent * CORES;
    let word = |met| if met { "pass" } else { "FAIL" };
    println!(
        "{on_two_cores:.0} answers a second on two cores; the bar is {ANSWERS_A_SECOND:.0}  {}",
        word(on_two_cores > ANSWERS_A_SECOND)
    );
    println!("{memory:.1} MiB more; the bar is {MEMORY_MAX_MIB:.0}  {}", word(memory < MEMORY_MAX_MIB));
    met &= short || on_two_cores > ANSWERS_A_SECOND;
    met &= memory < MEMORY_MAX_MIB;
    if !met {
        println!("{}", service.tail());
    }
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks for names of one fresh label after the other.
fn ask(dns: SocketAddr, thread: u32, lasts: Duration) -> Result<Seen, std::io::Error> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(dns)?;
    socket.set_read_timeout(Some(LOST_AFTER))?;
    let mut seen = Seen::default();
    let began = Instant::now();
    let mut answer = [0; 4096];
    while began.elapsed() < lasts {
        let mut under_way = 0;
        while under_way < UNDER_WAY {
            seen.labels += 1;
            for octets in questions(&format!("b{thread}n{:08}", seen.labels)) {
                socket.send(&octets)?;
                under_way += 1;
            }
        }
        for _ in 0..under_way {
            let Ok(length) = socket.recv(&mut answer) else {
                seen.lost += 1;
                continue;
            };
            seen.answers += 1;
            // NOERROR, with two records or more: a set and its signature.
            let is_right = length > 12 && answer[3] & 0x0f == ResponseCode::NoError.low() && answer[7] >= 2;
            seen.wrong += u32::from(!is_right);
        }
    }
    Ok(seen)
}

/// What a sender with DANE asks about a trial's domain.
fn questions(label: &str) -> [Vec<u8>; 4] {
    [
        (format!("{label}.dane-mismatch.{ORIGIN}."), RecordType::MX),
        (format!("{label}.bad.dane-mismatch.{ORIGIN}."), RecordType::A),
        (format!("_25._tcp.{label}.bad.dane-mismatch.{ORIGIN}."), RecordType::TLSA),
        (format!("{label}.good.dane-mismatch.{ORIGIN}."), RecordType::A),
    ]
    .map(|(name, rtype)| {
        let mut question = Message::new(1, MessageType::Query, OpCode::Query);
        question.add_query(Query::query(Name::from_ascii(name).unwrap_or_default(), rtype));
        let mut edns = Edns::new();
        edns.set_max_payload(1232).set_version(0).set_dnssec_ok(true);
        question.set_edns(edns);
        question.to_vec().unwrap_or_default()
    })
}
