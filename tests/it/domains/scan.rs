//! The scan of a faked world: the scanner itself, to which the world answers through its ports, in virtual time.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use mailassay::receiving::names::{self, Names};
use mailassay::receiving::networks::{self, Networks, Tools};
use mailassay::receiving::request::{Request, Silent};
use mailassay::receiving::scan::{Answered, Call, Calling, Calls, First, Ports, Scanner, Settings};
use mailassay::shared::dial;
use mailassay::shared::dns::DirectLookup;
use mailassay::shared::evidence::Fetch;
use mailassay::shared::evidence::scan::{Evidence, NotTried, Question, Reach, Session};
use mailassay::shared::tls::client::Roots;

use super::certificates::root_pem;
use crate::scan_names::zone::Zone;

use super::server::Server;
use super::world::{ROOT_SERVER, World, now};

/// Everything that a scan of the world finds. What comes of the fetch of a policy and what is known of networks is
/// the world's to say.
pub(super) async fn scan(world: World) -> Evidence {
    let World { domain, depth, connections, intrusive, only, zone, signatures, .. } = world;
    let helo = "scan.example.org".to_owned();
    let request = Request { domain, envelope: None, signatures, connections, depth, intrusive, only, helo };
    let roots = Roots::from_pem(root_pem().as_bytes()).unwrap();
    let names = Names {
        lookup: Arc::new(zone) as Arc<dyn DirectLookup>,
        dial: dial::Settings::default(),
        roots: roots.clone(),
        clock: Arc::new(now),
        settings: names::Settings::default(),
    };
    let tools = Tools {
        // Nobody is asked about networks.
        lookup: Arc::new(Zone::default()),
        dial: dial::Settings::default(),
        roots: roots.clone(),
        clock: Arc::new(now),
    };
    let networks = Networks::new(networks::Settings::default(), tools);
    let calls = Arc::new(Servers { servers: world.servers, begun: Mutex::default() });
    let root_servers = vec![ROOT_SERVER.parse().unwrap()];
    let clock = Arc::new(now);
    let scanner =
        Scanner::new(Settings::default(), Ports { names, networks, calls, roots, root_servers, clock });
    let mut evidence = scanner.scan(&request, &Silent).await;
    if let (Some(fetch), Some(outcome)) = (&mut evidence.names.mta_sts.fetch, world.policy) {
        *fetch = Fetch { url: fetch.url.clone(), outcome };
    }
    evidence.networks = world.networks;
    evidence
}

/// The servers of a world, and how many connections each address had.
struct Servers {
    servers: Vec<Server>,
    begun: Mutex<BTreeMap<IpAddr, usize>>,
}

impl Servers {
    fn at(&self, ip: IpAddr) -> Option<&Server> {
        self.servers.iter().find(|server| server.host.ip.contains(&ip))
    }

    /// The number of the connection that begins, from 0.
    fn begin(&self, ip: IpAddr) -> usize {
        let mut begun = self.begun.lock().unwrap();
        let count = begun.entry(ip).or_default();
        *count += 1;
        *count - 1
    }
}

impl Calls for Servers {
    fn first<'a>(&'a self, call: &'a Call) -> Calling<'a, First> {
        Box::pin(async move {
            let nothing = |reach| First {
                reach,
                session: Session::default(),
                handshake: None,
                intrusive: None,
                chain: Vec::new(),
            };
            // As the real one, which calls nobody there (IANA's registry of special-purpose addresses).
            if call.ip.to_string().starts_with("10.") {
                return nothing(Reach::NotTried { why: NotTried::SpecialAddress });
            }
            let Some(server) = self.at(call.ip) else { return nothing(Reach::TimedOut) };
            if server.reach() != Reach::Reached {
                return nothing(server.reach());
            }
            let (session, handshake, chain) = server.session(self.begin(call.ip), &call.host);
            let intrusive = call.intrusive.as_ref().map(|_| server.intrusive());
            First { session, handshake, intrusive, chain, ..nothing(Reach::Reached) }
        })
    }

    fn ask<'a>(&'a self, call: &'a Call, question: &'a Question) -> Calling<'a, Answered> {
        Box::pin(async move {
            let server = self.at(call.ip).unwrap();
            let (answer, chain) = server.answer(self.begin(call.ip), question);
            Answered { answer, chain }
        })
    }
}
