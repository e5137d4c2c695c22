//! All that a scan asks of one address, and whoever counts its connections.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use mailassay::receiving::probe::Randomness;
use mailassay::receiving::scan::{Call, Calls, Next, Plan, PlanLimits, SessionLimits, Sessions};
use mailassay::shared::dial::{self, AddressRules};
use mailassay::shared::evidence::scan::{Depth, LookupResult, NotTried, Probe, Reach, Server, Session};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Forwards each connection and counts it.
pub(crate) async fn forwarder(server: SocketAddr) -> std::io::Result<(u16, Arc<AtomicU32>)> {
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
pub(crate) async fn scan(port: u16, host: &str, depth: Depth) -> Server {
    let ip: IpAddr = Ipv4Addr::LOCALHOST.into();
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
