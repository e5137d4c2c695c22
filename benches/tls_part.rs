//! What the TLS part of one address costs, beside sslyze if it is installed.
//!
//! Not a microbenchmark: a real server is asked, at `TLS_PART_SERVER` (such as `127.0.0.1:2525`), whose certificate
//! may be for `TLS_PART_HOST`; without that variable nothing is done. Connections are counted by a forwarder that
//! both go through, so that neither has to be believed. `TLS_PART_FULL=1` enumerates everything.
#![expect(clippy::disallowed_methods, reason = "the clock: what is measured takes real time")]

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use mailassay::receiving::probe::Randomness;
use mailassay::receiving::scan::{Call, Calls, Next, Plan, PlanLimits, SessionLimits, Sessions};
use mailassay::shared::dial::{self, AddressRules};
use mailassay::shared::evidence::scan::{
    Depth, LookupResult, NotTried, Probe, Reach, Server, Session, Survey,
};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

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

/// Forwards each connection and counts it.
async fn forwarder(server: SocketAddr) -> std::io::Result<(u16, Arc<AtomicU32>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = listener.local_addr()?.port();
    let counted = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&counted);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                if let Ok(mut server) = TcpStream::connect(server).await {
                    // Or what is measured is delayed acknowledgements.
                    let _ = (client.set_nodelay(true), server.set_nodelay(true));
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    });
    Ok((port, counted))
}

/// All that the plan asks, one connection after the other.
async fn scan(port: u16, host: &str, depth: Depth) -> Server {
    let ip: std::net::IpAddr = Ipv4Addr::LOCALHOST.into();
    let rules = AddressRules { allowed: vec![ipnet::IpNet::from(ip)], ..AddressRules::default() };
    let sessions = Sessions {
        dial: dial::Settings { rules, smtp_port: port, ..dial::Settings::default() },
        limits: SessionLimits::default(),
        randomness: Randomness::new(rand::random),
    };
    let call = Call { ip, host: host.to_owned(), helo: "bench.example".to_owned(), intrusive: None };
    let plan = Plan::new(depth, PlanLimits::default());
    let mut server = Server {
        host: host.to_owned(),
        ip,
        at: jiff::Timestamp::now(),
        reach: Reach::NotTried { why: NotTried::NotAsked },
        session: Session::default(),
        handshake: None,
        probes: Vec::new(),
        stopped: None,
        earlier: None,
        unasked: Vec::new(),
        intrusive: None,
        ptr: LookupResult::not_asked("", "PTR"),
        probed_as: None,
        ptr_addresses: Vec::new(),
        connections: 0,
    };
    loop {
        match plan.next(&server) {
            Next::Session => {
                let first = sessions.first(&call).await;
                (server.reach, server.session, server.handshake) =
                    (first.reach, first.session, first.handshake);
            }
            Next::Ask { step, question } => {
                let answer = sessions.ask(&call, &question).await.answer;
                server.probes.push(Probe { step, question, answer });
            }
            Next::Done { stopped } => {
                server.stopped = stopped;
                return server;
            }
        }
        server.connections += 1;
    }
}
