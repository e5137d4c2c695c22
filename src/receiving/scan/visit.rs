//! The visits of one scan: every address asked by its plan, at the pace of its network, until the time is over.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, sleep_until};

use crate::shared::evidence::scan::{Answer, NotTried, Probe, Question, Reach, Server, Session, Stopped};
use crate::shared::tls::fingerprint;

use super::fault::{limits, lost_again, no_starttls, passes, words};
use super::pace::{Pacer, Turn};
use super::plan::{Next, Plan};
use super::session::{Call, Calls, First};
use super::settings::Settings;
use super::shelf::{Certificates, Held};
use crate::receiving::request::{Progress, Step};

/// After which time without any connection that is told, in milliseconds.
const IDLE_AFTER_MS: u64 = 1_000;
/// How many octets of certificates are kept of one server.
const SERVER_CERTIFICATE_OCTETS_MAX: usize = 32 * 1024;
/// How many of all servers of a scan: many servers of one domain mostly have the same ones. What is beyond is not
/// examined, which the checks say.
const CERTIFICATE_OCTETS_MAX: usize = 128 * 1024;

/// An address, what it showed so far, and its plan.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) server: Server,
    pub(super) certificates: Certificates,
    pub(super) plan: Plan,
    pub(super) call: Call,
    /// Whether another scan saw it, and this one only knows.
    pub(super) known: bool,
    /// How long its connections took so far.
    pub(super) spent: Duration,
}

/// What ends when it is clear whether an address may be asked: another scan may be at it.
pub(super) type Admission<'a> = BoxFuture<'a, Admitted>;

/// How an address was admitted.
pub(super) enum Admitted {
    /// It may be asked.
    Asked(Held),
    /// It may be asked what hangs on its name; its answers to all other questions are known.
    Sharing(Held, Box<Server>),
    /// Another scan has just asked it.
    Known(Box<Server>, Certificates),
    /// It may not be asked.
    Refused(NotTried),
}

enum Event {
    Admitted(usize, Admitted),
    /// The connection for a step may be made.
    Turn(usize, Next, Held),
    First(usize, Box<First>),
    Asked(usize, Box<Probe>, Vec<CertificateDer<'static>>),
}

/// How long visits may take.
#[derive(Clone, Copy, Debug)]
pub(super) enum Time {
    /// All of them, until an instant.
    Until(Instant),
    /// Each, for its own connections. What it waits for its turn takes nothing of it.
    Each(Duration),
}

impl Time {
    fn end(self) -> Option<Instant> {
        match self {
            Self::Until(end) => Some(end),
            Self::Each(_) => None,
        }
    }

    /// What is left for a visit that spent so much.
    fn left(self, spent: Duration) -> Duration {
        match self {
            Self::Until(end) => end.saturating_duration_since(Instant::now()),
            Self::Each(all) => all.saturating_sub(spent),
        }
    }
}

/// How the visits go.
pub(super) struct Tour<'a> {
    pub(super) calls: &'a dyn Calls,
    pub(super) settings: &'a Settings,
    pub(super) time: Time,
    pub(super) progress: &'a dyn Progress,
    /// The time of day.
    pub(super) clock: &'a (dyn Fn() -> Timestamp + Send + Sync),
}

/// All visits. `done` hears of each that came to an end of its own.
pub(super) async fn tour<'a>(
    tour: &Tour<'a>,
    visits: &mut [Visit],
    admissions: Vec<Admission<'a>>,
    done: &(dyn Fn(&Visit) + Sync),
) {
    let addresses: Vec<IpAddr> = visits.iter().map(|visit| visit.call.ip).collect();
    let mut under_way = UnderWay {
        tour,
        visits,
        pace: Pacer::new(tour.settings, &addresses),
        began: Instant::now(),
        held: BTreeMap::new(),
        finished: BTreeSet::new(),
        entered: BTreeMap::new(),
        idle: None,
        done,
    };
    let mut events: FuturesUnordered<BoxFuture<'a, Event>> = FuturesUnordered::new();
    for (place, admission) in admissions.into_iter().enumerate() {
        events.push(Box::pin(async move { Event::Admitted(place, admission.await) }));
    }
    loop {
        let wake = match under_way.pace.turn(under_way.now_ms()) {
            Turn::Go(place) => {
                events.extend(under_way.start(place));
                continue;
            }
            Turn::Until(until_ms) => Some(under_way.began + Duration::from_millis(until_ms)),
            Turn::Busy => None,
            Turn::Done => break,
        };
        let wake = [wake, under_way.idle(), tour.time.end()].into_iter().flatten().min();
        tokio::select! {
            Some(event) = events.next(), if !events.is_empty() => match event {
                Event::Turn(place, next, held) => events.push(under_way.enter(place, next, held)),
                event => under_way.take(event),
            },
            () = awake(wake) => {}
        }
        if tour.time.end().is_some_and(|end| Instant::now() >= end) {
            break;
        }
    }
    under_way.out_of_time();
}

async fn awake(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

struct UnderWay<'t, 'a> {
    tour: &'t Tour<'a>,
    visits: &'t mut [Visit],
    pace: Pacer<'a>,
    began: Instant,
    /// What keeps other scans out, until the address is done.
    held: BTreeMap<usize, Held>,
    finished: BTreeSet<usize>,
    /// Whose connections are under way, and since when: not of those that wait for their turn.
    entered: BTreeMap<usize, Instant>,
    /// Since when there is none, and whether that was told.
    idle: Option<(Instant, bool)>,
    done: &'t (dyn Fn(&Visit) + Sync),
}

impl<'a> UnderWay<'_, 'a> {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Tells once that nothing is asked for a while; gives until when that is to be looked at again.
    fn idle(&mut self) -> Option<Instant> {
        if !self.entered.is_empty() {
            self.idle = None;
            return None;
        }
        let (since, told) = *self.idle.get_or_insert_with(|| (Instant::now(), false));
        let after = since + Duration::from_millis(IDLE_AFTER_MS);
        if told {
            return None;
        }
        if after > Instant::now() {
            return Some(after);
        }
        self.idle = Some((since, true));
        self.tour.progress.step(Step::Idle);
        None
    }

    /// The next connection of a visit; none: it is at its end.
    fn start(&mut self, place: usize) -> Option<BoxFuture<'a, Event>> {
        let visit = &mut self.visits[place];
        let next = match visit.plan.next(&visit.server) {
            // It stopped under another name, and is not asked on under this one.
            Next::Ask { .. } if visit.server.stopped.is_some() => {
                Next::Done { stopped: visit.server.stopped.clone() }
            }
            Next::Session | Next::Ask { .. } if self.tour.time.left(visit.spent).is_zero() => {
                Next::Done { stopped: Some(Stopped::OutOfTime) }
            }
            next => next,
        };
        if let Next::Done { stopped } = next {
            visit.stop(stopped);
            self.pace.ended(place);
            self.end(place);
            return None;
        }
        let (calls, call) = (self.tour.calls, visit.call.clone());
        Some(Box::pin(async move {
            let held = calls.turn(&call).await;
            Event::Turn(place, next, held)
        }))
    }

    /// Makes the connection whose turn has come.
    fn enter(&mut self, place: usize, next: Next, held: Held) -> BoxFuture<'a, Event> {
        let visit = &mut self.visits[place];
        visit.server.connections += 1;
        self.entered.insert(place, Instant::now());
        self.idle = None;
        let step = match &next {
            Next::Ask { step, .. } => step.clone(),
            _ => "session".to_owned(),
        };
        self.tour.progress.step(Step::Server {
            ip: visit.call.ip,
            step,
            connections: visit.server.connections,
            of: visit.plan.connections_max(),
        });
        let (calls, call) = (self.tour.calls, visit.call.clone());
        Box::pin(async move {
            let _held = held;
            match next {
                Next::Ask { step, question } => {
                    let asked = calls.ask(&call, &question).await;
                    Event::Asked(place, Box::new(Probe { step, question, answer: asked.answer }), asked.chain)
                }
                _ => Event::First(place, Box::new(calls.first(&call).await)),
            }
        })
    }

    /// Keeps the certificates of a chain, all or none.
    fn keep(&mut self, place: usize, chain: Vec<CertificateDer<'static>>) {
        let fresh: Certificates = chain.into_iter().map(|der| (fingerprint(&der), der)).collect();
        // Each certificate counts once, whoever sends it.
        let octets = |visits: &[Visit]| -> usize {
            let all = visits.iter().flat_map(|visit| &visit.certificates).chain(&fresh);
            all.map(|(sha256, der)| (sha256, der.len())).collect::<BTreeMap<_, _>>().values().sum()
        };
        if octets(&self.visits[place..=place]) <= SERVER_CERTIFICATE_OCTETS_MAX
            && octets(self.visits) <= CERTIFICATE_OCTETS_MAX
        {
            self.visits[place].certificates.extend(fresh);
        }
    }

    /// A visit came to an end of its own. What it showed is told before others may come.
    fn end(&mut self, place: usize) {
        (self.done)(&self.visits[place]);
        self.finish(place);
    }

    fn finish(&mut self, place: usize) {
        self.pace.done(place);
        self.finished.insert(place);
        self.held.remove(&place);
    }

    fn take(&mut self, event: Event) {
        if let Event::First(place, _) | Event::Asked(place, ..) = &event {
            self.visits[*place].server.at = (self.tour.clock)();
            let since = self.entered.remove(place);
            self.visits[*place].spent += since.map_or(Duration::ZERO, |since| since.elapsed());
        }
        match event {
            // Its network was closed while another scan was at it.
            Event::Admitted(place, Admitted::Asked(_)) if self.finished.contains(&place) => {}
            Event::Admitted(place, Admitted::Asked(held)) => {
                self.held.insert(place, held);
                self.pace.ready(place);
            }
            Event::Admitted(place, Admitted::Sharing(..)) if self.finished.contains(&place) => {}
            Event::Admitted(place, Admitted::Sharing(held, other)) => {
                let server = &mut self.visits[place].server;
                (server.probes, server.probed_as) = (other.probes, Some(other.host));
                server.stopped = other.stopped;
                self.held.insert(place, held);
                self.pace.ready(place);
            }
            Event::Admitted(place, Admitted::Known(server, certificates)) => {
                let visit = &mut self.visits[place];
                (visit.server, visit.certificates, visit.known) = (*server, certificates, true);
                self.finish(place);
            }
            Event::Admitted(place, Admitted::Refused(why)) => {
                self.visits[place].server.reach = Reach::NotTried { why };
                self.finish(place);
            }
            // Whoever hears it goes in at once.
            Event::Turn(..) => {}
            Event::First(place, first) => self.first(place, *first),
            Event::Asked(place, probe, chain) => {
                self.pace.ended(place);
                let visit = &mut self.visits[place];
                match &probe.answer {
                    // Nothing came of it but that the server takes no more for now.
                    Answer::NotPut { fault } if limits(fault, &probe.question) => {
                        let reason = words(fault);
                        self.limited(place, &reason);
                    }
                    // Where STARTTLS is offered at some connections only, the plan puts the question again.
                    Answer::NotPut { fault } if visit.unsteady(&probe.question) && no_starttls(fault) => {}
                    _ => {
                        visit.server.probes.push(*probe);
                        self.keep(place, chain);
                    }
                }
            }
        }
    }

    fn first(&mut self, place: usize, first: First) {
        self.pace.ended(place);
        let visit = &mut self.visits[place];
        let First { reach, mut session, handshake, intrusive, chain } = first;
        if visit.server.earlier.is_none() && visit.server.session.gives_no_starttls() {
            visit.server.earlier = Some(Box::new(std::mem::take(&mut visit.server.session)));
        }
        // That it could be reached is known by then.
        let second = visit.server.earlier.is_some();
        let reach = match reach {
            Reach::Reached => reach,
            lost if second => {
                session.fault = Some(lost_again(&lost));
                Reach::Reached
            }
            never => never,
        };
        if matches!(reach, Reach::NotTried { .. }) {
            // It was never called: no connection was made.
            visit.server.connections = 0;
        }
        let never = reach != Reach::Reached;
        visit.server.reach = reach;
        if let Some(fault) = session.fault.as_ref().filter(|fault| passes(fault)) {
            let reason = words(fault);
            // Kept for the case that nothing better comes.
            visit.server.session = session;
            if self.limited(place, &reason) {
                self.visits[place].server.session = Session::default();
            }
            return;
        }
        visit.server.session = session;
        visit.server.handshake = handshake;
        visit.server.intrusive = intrusive.or(visit.server.intrusive.take());
        self.keep(place, chain);
        if never {
            self.end(place);
        }
    }

    /// A server limits us. Whether it will be asked again.
    fn limited(&mut self, place: usize, reason: &str) -> bool {
        let now_ms = self.now_ms();
        let left = self.tour.time.left(self.visits[place].spent);
        let seconds = self.pace.limited(place, now_ms, reason);
        match seconds.filter(|seconds| Duration::from_secs(u64::from(*seconds)) < left) {
            Some(seconds) => {
                let ip = self.visits[place].call.ip;
                self.tour.progress.step(Step::Waiting { ip, seconds, why: reason.to_owned() });
                true
            }
            None => {
                self.pace.close(place, reason);
                for other in 0..self.visits.len() {
                    if self.pace.closed(other).is_some() && !self.finished.contains(&other) {
                        let reason = reason.to_owned();
                        self.visits[other].stop(Some(Stopped::Limited { reason }));
                        self.end(other);
                    }
                }
                false
            }
        }
    }

    fn out_of_time(&mut self) {
        for place in 0..self.visits.len() {
            if !self.finished.contains(&place) {
                let visit = &mut self.visits[place];
                if matches!(visit.server.reach, Reach::NotTried { .. }) {
                    // Its turn did not come: no connection came up.
                    visit.server.connections = 0;
                }
                visit.stop(Some(Stopped::OutOfTime));
            }
        }
    }
}

impl Visit {
    /// Whether STARTTLS is offered at some connections only, so that a question without it says nothing. With a command
    /// behind STARTTLS that command may be what is refused.
    fn unsteady(&self, question: &Question) -> bool {
        self.server.earlier.is_some() && !question.injects()
    }

    fn stop(&mut self, stopped: Option<Stopped>) {
        self.server.unasked = if stopped.is_some() { self.plan.unasked(&self.server) } else { Vec::new() };
        self.server.stopped = stopped;
    }
}
