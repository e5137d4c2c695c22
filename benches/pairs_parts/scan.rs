//! A scan of a hardened Postfix beside sslyze's, and what a hundred scans of hostile servers hold.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Instant;

use mailassay::shared::evidence::scan::Depth;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::PART;
use super::peers::is_here;
use super::peers::postfix::Postfix;
use super::turns::{Bar, Pair, rounds, tell};
use crate::Playing;
use crate::asking::{forwarder, scan};
use crate::process::{memory_bytes, mib};

/// The name of the host that is scanned.
const HOST: &str = "mx.bench.example";
/// Where sslyze is, if not in PATH.
const SSLYZE: &str = "PAIRS_SSLYZE";
/// How many hostile servers are scanned at a time.
const HOSTILE: u32 = 100;
/// How much a hostile server says at most, in octets: far more than anybody reads.
const HOSTILE_OCTETS: usize = 64 << 20;
/// The bars.
const TIME_OF_SSLYZE: f64 = 1.0 / 20.0;
const MEMORY_MIB: f64 = 64.0;

pub(super) fn play(playing: &Playing) -> Result<bool, Box<dyn Error>> {
    Ok(beside_sslyze(playing)? & hostile()?)
}

fn beside_sslyze(playing: &Playing) -> Result<bool, Box<dyn Error>> {
    let Some(postfix) = Postfix::hardened(HOST)? else { return Ok(true) };
    let sslyze = std::env::var_os(SSLYZE).map(PathBuf::from);
    let sslyze = sslyze.or_else(|| is_here("sslyze").then(|| "sslyze".into()));
    if sslyze.is_none() {
        println!("  there is no sslyze: docs/performance.md says how to install it");
    }
    let runtime = tokio::runtime::Runtime::new()?;
    // Both go through it, so that neither has to be believed.
    let (port, counted) = runtime.block_on(forwarder(postfix.address))?;
    let mut ours = |_| {
        let began = Instant::now();
        let server = runtime.block_on(scan(port, HOST, Depth::Full));
        match server.stopped {
            None => Ok((began.elapsed().as_secs_f64(), counted.swap(0, Ordering::Relaxed))),
            Some(stopped) => Err(format!("the scan stopped: {stopped:?}").into()),
        }
    };
    let mut peer = |_| {
        let Some(sslyze) = &sslyze else { return Ok((f64::NAN, 0)) };
        let began = Instant::now();
        let status = Command::new(sslyze)
            .args(["--starttls", "smtp", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        // Its code says whether the server is as Mozilla wants it.
        let _ = status;
        Ok((began.elapsed().as_secs_f64(), counted.swap(0, Ordering::Relaxed)))
    };
    let mut pair = Pair::default();
    let mut connections = (0, 0);
    for round in rounds(playing.rounds, &mut [&mut ours, &mut peer])? {
        pair.add((round[0].0, round[1].0));
        connections = (round[0].1, round[1].1);
    }
    println!("  {} connections, sslyze {}", connections.0, connections.1);
    Ok(pair.tell("scan of a hardened Postfix", "sslyze", "s", Bar::AtMost(TIME_OF_SSLYZE)))
}

/// Scans in a process of their own, whose memory is theirs alone.
fn hostile() -> Result<bool, Box<dyn Error>> {
    let output =
        Command::new(std::env::current_exe()?).env(PART, "hostile").stderr(Stdio::inherit()).output()?;
    let grown: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(tell("100 scans of hostile servers, at a time", grown, "MiB", Bar::AtMost(MEMORY_MIB)))
}

/// Does so in this process, and prints by how many MiB it grew.
pub(super) fn scan_hostile() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let mut ports = Vec::new();
        for kind in 0..KINDS {
            ports.push(hostile_server(kind).await?);
        }
        let before = memory_bytes(std::process::id(), "VmHWM");
        let mut scans = JoinSet::new();
        for n in 0..HOSTILE {
            let port = ports[n as usize % ports.len()].port();
            scans.spawn(async move { scan(port, HOST, Depth::Verdict).await });
        }
        while let Some(done) = scans.join_next().await {
            done?;
        }
        let grown = memory_bytes(std::process::id(), "VmHWM").saturating_sub(before);
        println!("{:.1}", mib(grown));
        Ok(())
    })
}

/// How many kinds of hostile servers there are.
const KINDS: u32 = 5;

/// A server that answers everybody in one hostile way.
async fn hostile_server(kind: u32) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                // Whoever has enough goes.
                let _ = be_hostile(stream, kind).await;
            });
        }
    });
    Ok(address)
}

async fn be_hostile(mut stream: TcpStream, kind: u32) -> std::io::Result<()> {
    match kind {
        // A greeting without end, in lines and in one line.
        0 => flood(&mut stream, b"220-more\r\n").await,
        1 => flood(&mut stream, b"220 more and more ").await,
        // Extensions without end.
        2 => {
            stream.write_all(b"220 mx ESMTP\r\n").await?;
            await_line(&mut stream).await?;
            flood(&mut stream, b"250-EXTENSION\r\n").await
        }
        // Behind STARTTLS records without end: handshake messages that are announced to be long, and garbage.
        _ => {
            stream.write_all(b"220 mx ESMTP\r\n").await?;
            await_line(&mut stream).await?;
            stream.write_all(b"250-mx\r\n250 STARTTLS\r\n").await?;
            await_line(&mut stream).await?;
            stream.write_all(b"220 go\r\n").await?;
            let mut record = vec![0x16, 3, 3, 0x40, 0, if kind == 3 { 11 } else { 0xee }, 0xff, 0xff, 0xff];
            record.resize(5 + 0x4000, 0);
            flood(&mut stream, &record).await
        }
    }
}

async fn await_line(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut octets = [0; 512];
    stream.read(&mut octets).await.map(|_| ())
}

async fn flood(stream: &mut TcpStream, what: &[u8]) -> std::io::Result<()> {
    let part = what.repeat(8_192_usize.div_ceil(what.len()));
    for _ in 0..HOSTILE_OCTETS / part.len() {
        stream.write_all(&part).await?;
    }
    Ok(())
}
