//! What the TLS part of one address costs, beside sslyze if it is installed.
//!
//! Not a microbenchmark: a real server is asked, at `TLS_PART_SERVER` (such as `127.0.0.1:2525`), whose certificate
//! may be for `TLS_PART_HOST`; without that variable nothing is done. Connections are counted by a forwarder that
//! both go through, so that neither has to be believed. `TLS_PART_FULL=1` enumerates everything.
#![expect(clippy::disallowed_methods, reason = "the clock: what is measured takes real time")]

#[path = "scan_parts/asking.rs"]
mod asking;

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Instant;

use mailassay::shared::evidence::scan::{Depth, Server, Survey};

use asking::{forwarder, scan};

const ROUNDS: u32 = 3;

fn main() -> std::io::Result<()> {
    let Ok(server) = std::env::var("TLS_PART_SERVER") else {
        println!("TLS_PART_SERVER names no server (host:port): nothing is measured");
        return Ok(());
    };
    let server: SocketAddr = server.parse().map_err(std::io::Error::other)?;
    let host = std::env::var("TLS_PART_HOST").unwrap_or_else(|_| "mx.example".to_owned());
    let depth = if std::env::var_os("TLS_PART_FULL").is_some() { Depth::Full } else { Depth::Verdict };
    let runtime = tokio::runtime::Runtime::new()?;
    let (port, counted) = runtime.block_on(forwarder(server))?;
    println!("{:<10} {:>5} {:>11} {:>9}", "", "round", "connections", "seconds");
    for round in 1..=ROUNDS {
        let began = Instant::now();
        let seen = runtime.block_on(scan(port, &host, depth));
        line("mailassay", round, counted.swap(0, Ordering::Relaxed), began);
        if round == 1 {
            summary(&seen);
        }
        let began = Instant::now();
        // All that it has for a server, as without any choice.
        let arguments = ["--starttls", "smtp"];
        let sslyze = Command::new("sslyze")
            .args(arguments)
            .arg(format!("127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .status();
        match sslyze {
            Ok(_) => line("sslyze", round, counted.swap(0, Ordering::Relaxed), began),
            Err(error) => println!("sslyze: {error}"),
        }
    }
    Ok(())
}

fn line(who: &str, round: u32, connections: u32, began: Instant) {
    println!("{who:<10} {round:>5} {connections:>11} {:>9.3}", began.elapsed().as_secs_f64());
}

fn summary(server: &Server) {
    let survey = Survey::of(server);
    let versions: Vec<String> = survey.versions().map(|version| version.to_string()).collect();
    let steps: Vec<&str> = server.probes.iter().map(|probe| probe.step.as_str()).collect();
    println!(
        "  versions {versions:?}, suites {}, groups {:04x?}",
        survey.all_suites().len(),
        survey.all_groups()
    );
    println!("  stopped {:?}, steps {}", server.stopped, steps.join(" "));
}
