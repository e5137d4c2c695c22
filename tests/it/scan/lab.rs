//! A world for whole scans, in virtual time: names of text, and servers that are models with limits.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mailassay::receiving::names::{self, Names};
use mailassay::receiving::networks::{self, Networks, Tools};
use mailassay::receiving::request::{Progress, Request, Step};
use mailassay::receiving::scan::{Answered, Call, Calling, Calls, First, Ports, Scanner, Settings};
use mailassay::shared::dial;
use mailassay::shared::dns::DirectLookup;
use mailassay::shared::evidence::scan::{Answer, Question, Reach, Session, SessionFault, SmtpReply, Stage};
use mailassay::shared::time::Timestamp;
use mailassay::shared::tls::client::Roots;
use tokio::time::{Instant, sleep};

use super::simulated::Model;
use crate::scan_names::zone::Zone;

/// What a server allows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allows {
    /// Connections at the same time.
    pub(crate) at_once: Option<usize>,
    /// Connections within a minute.
    pub(crate) a_minute: Option<usize>,
    /// Connections ever.
    pub(crate) ever: Option<usize>,
}

/// Which questions a server does not let come to TLS, and how.
pub(crate) type Bar = (fn(&Question) -> bool, SessionFault);

/// A server at one or more addresses, which limits all of them together.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) model: Model,
    pub(crate) allows: Allows,
    /// What a connection takes.
    pub(crate) latency: Duration,
    /// Which questions it does not let through, and how.
    pub(crate) bars: Option<Bar>,
    /// No connection comes up.
    pub(crate) dead: bool,
    /// From which connection on, counted from 0, STARTTLS is announced.
    pub(crate) starttls_from: usize,
    pub(crate) begun: Mutex<Vec<Instant>>,
    pub(crate) open: Mutex<usize>,
}

impl Host {
    pub(crate) fn new(model: Model) -> Self {
        Self {
            model,
            allows: Allows::default(),
            latency: Duration::from_millis(100),
            bars: None,
            dead: false,
            starttls_from: 0,
            begun: Mutex::default(),
            open: Mutex::default(),
        }
    }

    /// Whether a connection is let in.
    fn enter(&self) -> bool {
        let now = Instant::now();
        let mut begun = self.begun.lock().unwrap();
        let lately = begun.iter().filter(|at| now - **at < Duration::from_secs(60)).count();
        let total = begun.len();
        begun.push(now);
        let mut open = self.open.lock().unwrap();
        *open += 1;
        let within = |limit: Option<usize>, count: usize| limit.is_none_or(|limit| count < limit);
        within(self.allows.at_once, *open - 1)
            && within(self.allows.a_minute, lately)
            && within(self.allows.ever, total)
    }

    fn leave(&self) {
        *self.open.lock().unwrap() -= 1;
    }
}

/// A connection, for the record.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) ip: IpAddr,
    pub(crate) from: Instant,
    pub(crate) to: Instant,
}

/// The servers by address, and all connections made.
#[derive(Debug, Default)]
pub(crate) struct Lab {
    pub(crate) hosts: BTreeMap<IpAddr, Arc<Host>>,
    pub(crate) made: Mutex<Vec<Made>>,
}

fn limited() -> SessionFault {
    let reply = SmtpReply { code: 421, lines: vec!["4.7.0 too many connections".into()] };
    SessionFault::Reply { stage: Stage::Greeting, reply }
}

impl Lab {
    async fn connection<T>(&self, ip: IpAddr, seen: impl FnOnce(&Host, bool) -> T) -> T {
        let host = &self.hosts[&ip];
        let from = Instant::now();
        let let_in = host.enter();
        sleep(host.latency).await;
        host.leave();
        self.made.lock().unwrap().push(Made { ip, from, to: Instant::now() });
        seen(host, let_in)
    }
}

impl Calls for Lab {
    fn first<'a>(&'a self, call: &'a Call) -> Calling<'a, First> {
        Box::pin(self.connection(call.ip, |host, let_in| {
            let mut first = First {
                reach: if host.dead { Reach::TimedOut } else { Reach::Reached },
                session: Session::default(),
                handshake: None,
                intrusive: None,
                chain: vec![],
            };
            let reply = |code| Some(SmtpReply { code, lines: vec!["mx.example".into(), "STARTTLS".into()] });
            match (host.dead, let_in) {
                (true, _) => {}
                (false, false) => {
                    first.session.greeting = reply(421);
                    first.session.fault = Some(limited());
                }
                (false, true) if host.begun.lock().unwrap().len() <= host.starttls_from => {
                    first.session.greeting = reply(220);
                    first.session.ehlo = Some(SmtpReply { code: 250, lines: vec!["mx.example".into()] });
                }
                (false, true) => {
                    first.session.greeting = reply(220);
                    first.session.ehlo = reply(250);
                    first.session.mail_in_clear = reply(250);
                    first.session.starttls = reply(220);
                    first.handshake = Some(host.model.handshake());
                }
            }
            first
        }))
    }

    fn ask<'a>(&'a self, call: &'a Call, question: &'a Question) -> Calling<'a, Answered> {
        Box::pin(self.connection(call.ip, |host, let_in| {
            let answer = match &host.bars {
                _ if !let_in => Answer::NotPut { fault: limited() },
                Some((bars, fault)) if bars(question) => Answer::NotPut { fault: fault.clone() },
                _ => host.model.answer(question),
            };
            Answered { answer, chain: vec![] }
        }))
    }
}

/// Virtual time as time of day.
fn clock() -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    let began = Instant::now();
    let midnight: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
    Arc::new(move || midnight + jiff::SignedDuration::try_from(began.elapsed()).unwrap())
}

/// A scanner of the world.
pub(crate) fn scanner(zone: &str, lab: &Arc<Lab>, settings: Settings) -> Scanner {
    Scanner::new(settings, ports(zone, Arc::clone(lab) as _))
}

/// What a scanner asks such a world through.
pub(crate) fn ports(zone: &str, calls: Arc<dyn Calls>) -> Ports {
    let clock = clock();
    let names = Names {
        lookup: Arc::new(Zone::read(zone)) as Arc<dyn DirectLookup>,
        dial: dial::Settings::default(),
        roots: Roots::mozilla(),
        clock: Arc::clone(&clock),
        settings: names::Settings::default(),
    };
    let tools = Tools {
        // Nobody is asked about networks.
        lookup: Arc::new(Zone::default()),
        dial: dial::Settings::default(),
        roots: Roots::mozilla(),
        clock: Arc::clone(&clock),
    };
    let networks = Networks::new(networks::Settings::default(), tools);
    let (roots, root_servers) = (Roots::mozilla(), Vec::new());
    Ports { names, networks, calls, roots, root_servers, clock }
}

pub(crate) fn request(domain: &str) -> Request {
    Request::of(domain.to_owned(), "scanner.example".to_owned())
}

/// Remembers the waits.
#[derive(Debug, Default)]
pub(crate) struct Waits(pub(crate) Mutex<Vec<u32>>);

impl Progress for Waits {
    fn step(&self, step: Step) {
        if let Step::Waiting { seconds, .. } = step {
            self.0.lock().unwrap().push(seconds);
        }
    }
}
