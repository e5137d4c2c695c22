//! What a hundred scans of hostile servers cost in memory: a process of its own, so that nothing else is measured.
#![allow(clippy::unwrap_used)]
#![expect(clippy::disallowed_methods, reason = "the clock: tests run beside programs that run by it")]
#![cfg(target_os = "linux")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hickory_proto::rr::Name;
use hickory_proto::rr::rdata::{MX, PTR, TXT};
use mailassay::receiving::names::{self, Names};
use mailassay::receiving::networks::{self, Networks, Tools};
use mailassay::receiving::probe::{Limits, Randomness};
use mailassay::receiving::request::{Request, Silent};
use mailassay::receiving::scan::{Ports, Scanner, SessionLimits, Sessions, Settings};
use mailassay::shared::dial::{self, AddressRules};
use mailassay::shared::dns::{Asking, Direct, DirectLookup, Lookup, Over, RData, RecordType, Response};
use mailassay::shared::evidence::scan::{Evidence, LookupResult, NameAnswer};
use mailassay::shared::tls::client::Roots;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// How many scans may run, and how many are asked for.
const SCANS: usize = 100;
const ASKED_FOR: usize = 110;
/// How much more than the idle process they may take, in KiB.
const MORE_KIB_MAX: usize = 64 * 1024;

/// Names of `dNNN.example`: three MX hosts with four addresses each, all in networks of their own, and long texts.
struct HostileNames;

impl HostileNames {
    fn records(name: &str, rtype: RecordType) -> Vec<RData> {
        let dot = |name: String| Name::from_ascii(name + ".").unwrap();
        let (host, domain) = name.split_once(".d").unwrap_or(("", name.trim_start_matches('d')));
        let number = |text: &str| text.split('.').next().and_then(|text| text.parse::<u8>().ok());
        match (rtype, number(domain), number(host.trim_start_matches("mx"))) {
            (RecordType::MX, Some(_), _) if host.is_empty() => {
                (0..3).map(|mx| RData::MX(MX::new(mx, dot(format!("mx{mx}.{name}"))))).collect()
            }
            (RecordType::A, Some(domain), Some(mx)) => {
                let address = |at: u8| RData::A(Ipv4Addr::new(127, domain + 1, mx * 4 + at, 1).into());
                (0..4).map(address).collect()
            }
            (RecordType::TXT, ..) => vec![RData::TXT(TXT::new(vec!["v=spf1 \u{1}".repeat(250)])); 25],
            (RecordType::PTR, ..) => vec![RData::PTR(PTR(dot(format!("{}.example", "long".repeat(15))))); 64],
            _ => Vec::new(),
        }
    }
}

impl Lookup for HostileNames {
    fn ask<'a>(&'a self, name: &'a str, rtype: RecordType) -> Asking<'a, Response> {
        let records = Self::records(name, rtype);
        let mut looked = LookupResult::not_asked(name, rtype.to_string());
        looked.answer = if records.is_empty() { NameAnswer::NoData } else { NameAnswer::Records { records } };
        Box::pin(async move { Response { looked, zone: Some("example".to_owned()) } })
    }
}

impl DirectLookup for HostileNames {
    fn ask_server<'a>(&'a self, _: IpAddr, _: Over, _: &'a str, _: RecordType) -> Asking<'a, Direct> {
        Box::pin(async { Direct::Silent("silent".to_owned()) })
    }
}

/// A line of a reply that goes on, of 2000 octets.
static LINE: [u8; 2000] = {
    let mut line = [b'x'; 2000];
    (line[0], line[1], line[2], line[3]) = (b'2', b'5', b'0', b'-');
    (line[1998], line[1999]) = (b'\r', b'\n');
    line
};
static ZEROES: [u8; 1024] = [0; 1024];
/// How large a certificate is, of which each connection shows another, in octets: just within what a message may have.
const CERTIFICATE_OCTETS: usize = 20_000;

/// Every way to be a burden, by turns; `count` counts connections over all servers.
async fn hostile(mut stream: TcpStream, count: usize) -> std::io::Result<()> {
    let mut heard = [0; 2048];
    if count % 7 == 5 {
        // A greeting without end.
        loop {
            stream.write_all(b"220-").await?;
            stream.write_all(&LINE[4..]).await?;
        }
    }
    stream.write_all(b"220 hostile.example\r\n").await?;
    loop {
        let read = stream.read(&mut heard).await?;
        match &heard[..read] {
            [] => return Ok(()),
            [b'E', b'H', ..] => {
                for _ in 0..30 {
                    stream.write_all(&LINE).await?;
                }
                stream.write_all(b"250 STARTTLS\r\n").await?;
            }
            [b'S', b'T', ..] => break stream.write_all(b"220 go\r\n").await?,
            _ => stream.write_all(b"250 ok\r\n").await?,
        }
    }
    let read = stream.read(&mut heard).await?;
    if read < 80 || heard[0] != 22 {
        return drip(stream).await;
    }
    // The first suite before TLS 1.3 that is offered, behind the session identifier and the length.
    let mut offered = heard[..read].iter().skip(46 + usize::from(heard[43])).copied();
    let mut pair = || Some([offered.next()?, offered.next()?]);
    let suite = std::iter::from_fn(&mut pair).find(|suite| suite[0] != 0x13).unwrap_or([0xc0, 0x2f]);
    match count % 7 {
        // Records without end, of a message that is promised.
        3 => loop {
            stream.write_all(&[22, 3, 3, 4, 0, 2, 0xff, 0xff]).await?;
            stream.write_all(&ZEROES[..1021]).await?;
        },
        4 => loop {
            stream.write_all(&[22, 3, 3, 4, 0]).await?;
            stream.write_all(&ZEROES).await?;
        },
        _ => certificate(&mut stream, suite, count).await?,
    }
    drip(stream).await
}

/// A ServerHello, and a certificate that no other connection shows.
async fn certificate(stream: &mut TcpStream, suite: [u8; 2], count: usize) -> std::io::Result<()> {
    let mut hello = vec![22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, suite[0], suite[1], 0]);
    stream.write_all(&hello).await?;
    let three = |length: usize| u32::try_from(length).unwrap().to_be_bytes()[1..].to_vec();
    let length = CERTIFICATE_OCTETS;
    let mut begin = [vec![11], three(length + 6), three(length + 3), three(length)].concat();
    begin.extend(count.to_be_bytes());
    let mut left = length - 8;
    let record =
        |length: usize| [22, 3, 3, u8::try_from(length >> 8).unwrap(), u8::try_from(length & 255).unwrap()];
    stream.write_all(&record(begin.len())).await?;
    stream.write_all(&begin).await?;
    while left > 0 {
        let piece = left.min(ZEROES.len());
        stream.write_all(&record(piece)).await?;
        stream.write_all(&ZEROES[..piece]).await?;
        left -= piece;
    }
    Ok(())
}

/// An octet of a record now and then.
async fn drip(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(&[22, 3, 3, 4, 0]).await?;
    loop {
        sleep(Duration::from_millis(300)).await;
        stream.write_all(&[0]).await?;
    }
}

async fn serve(listener: TcpListener, connections: Arc<AtomicUsize>) {
    while let Ok((stream, peer)) = listener.accept().await {
        if peer.ip().is_loopback() {
            let count = connections.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(hostile(stream, count));
        }
    }
}

/// The memory of this process that is resident, in KiB.
fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

fn scanner(smtp: u16) -> Scanner {
    let clock: Arc<dyn Fn() -> jiff::Timestamp + Send + Sync> = Arc::new(jiff::Timestamp::now);
    let dial = dial::Settings {
        rules: AddressRules { allowed: vec!["127.0.0.0/8".parse().unwrap()], own: Vec::new() },
        smtp_port: smtp,
        ..dial::Settings::default()
    };
    let (names, roots) = (Arc::new(HostileNames), Roots::mozilla());
    let tools =
        Tools { lookup: names.clone(), dial: dial.clone(), roots: roots.clone(), clock: Arc::clone(&clock) };
    let networks = Networks::new(networks::Settings::default(), tools);
    let names = Names {
        lookup: names,
        dial: dial.clone(),
        roots: roots.clone(),
        clock: Arc::clone(&clock),
        settings: names::Settings::default(),
    };
    // As by default, in little time: what is held does not depend on how long a server may dribble.
    let tls = Limits { timeout_s: 2, silence_timeout_s: 1, ..Limits::default() };
    let limits = SessionLimits {
        greeting_s: 1,
        command_s: 1,
        handshake_s: 2,
        session_s: 3,
        tls,
        ..SessionLimits::default()
    };
    let calls = Arc::new(Sessions { dial, limits, randomness: Randomness::new(|| [7; 32]) });
    let settings = Settings { scan_s: 12, scans_at_once_max: SCANS, ..Settings::default() };
    Scanner::new(settings, Ports { names, networks, calls, roots, root_servers: Vec::new(), clock })
}

async fn scan(scanner: Arc<Scanner>, number: usize) -> Evidence {
    let request = Request::of(format!("d{number}.example"), "scanner.example".to_owned());
    scanner.scan(&request, &Silent).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_scans_of_hostile_servers_stay_small() {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    let scanner = Arc::new(scanner(listener.local_addr().unwrap().port()));
    let connections = Arc::new(AtomicUsize::new(0));
    tokio::spawn(serve(listener, Arc::clone(&connections)));
    let idle = resident_kib();
    let mut scans: Vec<_> =
        (0..ASKED_FOR).map(|number| tokio::spawn(scan(Arc::clone(&scanner), number))).collect();
    let (mut largest, mut with_certificates, mut cut) = (idle, 0, 0);
    while !scans.is_empty() {
        sleep(Duration::from_millis(20)).await;
        largest = largest.max(resident_kib());
        for done in scans.extract_if(.., |scan| scan.is_finished()).collect::<Vec<_>>() {
            let evidence = done.await.unwrap();
            let written = serde_json::to_string(&evidence).unwrap().len();
            assert!(written <= Evidence::WRITTEN_OCTETS_MAX, "{written}");
            with_certificates += usize::from(!evidence.certificates.is_empty());
            cut += usize::from(!evidence.cuts.is_empty());
        }
    }
    let more = largest - idle;
    let made = connections.load(Ordering::Relaxed);
    println!("{made} connections; {idle} KiB idle, {more} KiB more at most");
    assert!(made > 10 * SCANS, "{made} connections");
    assert!(with_certificates > ASKED_FOR / 2 && cut == ASKED_FOR, "{with_certificates} {cut}");
    assert!(more < MORE_KIB_MAX, "{more} KiB above {idle} KiB");
}
