//! RDAP (RFC 9082, RFC 9083): one question over HTTPS, to a server that the bootstrap files name.

mod answer;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokio::time::timeout;

use crate::shared::dial::{self, FetchLimits, Get};
use crate::shared::evidence::FetchOutcome;

use super::bootstrap::{Bootstrap, FILE_OCTETS_MAX, FILES, Service};
use super::{BootstrapSource, Settings, Tools};

pub use answer::{Registered, network, registrar};

/// How many redirects are followed, and only to servers that the bootstrap files name.
const REDIRECTS_MAX: usize = 2;
/// The largest answer, in octets.
const ANSWER_OCTETS_MAX: usize = 256 * 1024;
/// How many answers are kept.
const KEPT_MAX: usize = 10_000;
/// How long a server is left alone that asked for it (429) or did not answer, in seconds.
const LEFT_ALONE_S: i64 = 60;
/// The media types (RFC 7480 §4.2).
const ACCEPT: &str = "application/rdap+json, application/json";

/// Asks RDAP servers and keeps their answers.
pub(super) struct Rdap {
    timeout: Duration,
    cache_s: i64,
    source: BootstrapSource,
    tools: Tools,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bootstrap: Option<(Arc<Bootstrap>, Timestamp)>,
    /// By what is registered: the whole range of an answer.
    networks: Vec<(Registered, Timestamp)>,
    registrars: HashMap<String, (Option<String>, Timestamp)>,
    left_alone: HashMap<String, Timestamp>,
}

/// An answer, or why there is none; and how many connections it cost.
type Asked<T> = (Result<T, String>, u32);

impl Rdap {
    pub(super) fn new(settings: &Settings, tools: Tools) -> Self {
        Self {
            timeout: Duration::from_secs(u64::from(settings.timeout_s)),
            cache_s: i64::from(settings.cache_s),
            source: settings.rdap_bootstrap.clone(),
            tools,
            state: Mutex::default(),
        }
    }

    /// The network of an address.
    pub(super) async fn network(&self, address: IpAddr) -> Asked<Registered> {
        let (address, now) = (address.to_canonical(), (self.tools.clock)());
        let within = |registered: &Registered| {
            registered.range.is_some_and(|(first, last)| (first..=last).contains(&address))
        };
        let kept =
            self.state.lock().networks.iter().find(|(known, until)| *until > now && within(known)).cloned();
        if let Some((known, _)) = kept {
            return (Ok(known), 0);
        }
        let (bootstrap, mut cost) = self.bootstrap(now).await;
        let Some(service) = bootstrap.of_address(address) else {
            return (Err(format!("RDAP: no server is known for {address}")), cost);
        };
        let asked = self.ask(&bootstrap, service, &format!("ip/{address}"), now).await;
        cost += asked.1;
        let read = asked.0.and_then(|body| {
            answer::network(&body).ok_or_else(|| format!("{}: it answered with no network", service.host))
        });
        if let Ok(registered) = &read
            && within(registered)
        {
            let until = self.until(now);
            let mut state = self.state.lock();
            state.networks.retain(|(_, until)| *until > now);
            if state.networks.len() < KEPT_MAX {
                state.networks.push((registered.clone(), until));
            }
        }
        (read, cost)
    }

    /// The registrar of the domain that `domain` belongs to by the public suffix list.
    pub(super) async fn registrar(&self, domain: &str) -> Asked<Option<String>> {
        let Some(domain) = psl::domain_str(domain) else {
            return (Err(format!("RDAP: {domain} is nobody's registered domain")), 0);
        };
        let now = (self.tools.clock)();
        let kept = self.state.lock().registrars.get(domain).filter(|(_, until)| *until > now).cloned();
        if let Some((registrar, _)) = kept {
            return (Ok(registrar), 0);
        }
        let (bootstrap, mut cost) = self.bootstrap(now).await;
        let Some(service) = bootstrap.of_domain(domain) else {
            return (Err(format!("RDAP: no server is known for {domain}")), cost);
        };
        let asked = self.ask(&bootstrap, service, &format!("domain/{domain}"), now).await;
        cost += asked.1;
        let read = asked.0.and_then(|body| {
            answer::registrar(&body).map_err(|reason| format!("{}: {reason}", service.host))
        });
        if let Ok(registrar) = &read {
            let until = self.until(now);
            let mut state = self.state.lock();
            state.registrars.retain(|_, (_, until)| *until > now);
            if state.registrars.len() < KEPT_MAX {
                state.registrars.insert(domain.to_owned(), (registrar.clone(), until));
            }
        }
        (read, cost)
    }

    /// One question, with its redirects, within the time of one.
    async fn ask(
        &self,
        bootstrap: &Bootstrap,
        service: &Service,
        path: &str,
        now: Timestamp,
    ) -> Asked<String> {
        let cost = std::sync::atomic::AtomicU32::new(0);
        let asking = async {
            let (mut host, mut path) = (service.host.clone(), format!("{}{path}", service.path));
            for _ in 0..=REDIRECTS_MAX {
                cost.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                match self.get(&host, &path, ANSWER_OCTETS_MAX, now).await {
                    FetchOutcome::Answered { status: 200, body, cut: false, .. } => return Ok(body),
                    FetchOutcome::Answered { status: 200, .. } => {
                        return Err(format!("{host}: its answer is too long"));
                    }
                    // RFC 7480 §5.2.
                    FetchOutcome::Answered { status: 301 | 302 | 303 | 307 | 308, location, .. } => {
                        let next = location.and_then(|url| place(&url));
                        let Some(next) = next.filter(|(host, _)| bootstrap.names(host)) else {
                            return Err(format!("{host}: it redirects to a server that is not known"));
                        };
                        (host, path) = next;
                    }
                    FetchOutcome::Answered { status: 429, .. } => {
                        self.leave_alone(&host, now);
                        return Err(format!("{host}: status 429, too many questions"));
                    }
                    FetchOutcome::Answered { status, .. } => return Err(format!("{host}: status {status}")),
                    FetchOutcome::Unreachable { reason } | FetchOutcome::TlsFailed { reason } => {
                        self.leave_alone(&host, now);
                        return Err(format!("{host}: {reason}"));
                    }
                    FetchOutcome::TimedOut => return Err(self.too_late(&host, now)),
                }
            }
            Err(format!("{host}: it redirects without end"))
        };
        let state = self.state.lock().left_alone.get(&service.host).copied();
        if state.is_some_and(|until| until > now) {
            return (Err(format!("{}: left alone for a minute after it did not answer", service.host)), 0);
        }
        let asked = timeout(self.timeout, asking).await;
        let asked = asked.unwrap_or_else(|_| Err(self.too_late(&service.host, now)));
        (asked, cost.into_inner())
    }

    async fn get(&self, host: &str, path: &str, body_octets: usize, now: Timestamp) -> FetchOutcome {
        let addresses = match self.tools.lookup.addresses(host).await.known() {
            Ok(addresses) => addresses,
            Err(reason) => return FetchOutcome::Unreachable { reason },
        };
        let limits =
            FetchLimits { total_s: u32::try_from(self.timeout.as_secs()).unwrap_or(u32::MAX), body_octets };
        let get = Get { host, path, accept: ACCEPT };
        dial::fetch(&self.tools.dial, get, addresses.records(), &self.tools.roots, limits, now).await.outcome
    }

    /// The bootstrap files; where they come from elsewhere and cannot be had, those of the program.
    async fn bootstrap(&self, now: Timestamp) -> (Arc<Bootstrap>, u32) {
        let known = self.state.lock().bootstrap.clone();
        if let Some((known, _)) = known.filter(|(_, until)| *until > now) {
            return (known, 0);
        }
        let (read, cost) = match &self.source {
            BootstrapSource::Embedded => (Ok(Bootstrap::embedded()), 0),
            BootstrapSource::Folder(folder) => (Bootstrap::read(folder), 0),
            BootstrapSource::Url(url) => self.fetched(url, now).await,
        };
        let (bootstrap, kept_s) = match read {
            Ok(bootstrap) => (bootstrap, self.cache_s),
            Err(reason) => {
                tracing::warn!(reason, "RDAP: no bootstrap files; those of the program are used");
                (Bootstrap::embedded(), LEFT_ALONE_S)
            }
        };
        let bootstrap = Arc::new(bootstrap);
        let until = now.checked_add(SignedDuration::from_secs(kept_s)).unwrap_or(Timestamp::MAX);
        self.state.lock().bootstrap = Some((Arc::clone(&bootstrap), until));
        (bootstrap, cost)
    }

    async fn fetched(&self, url: &str, now: Timestamp) -> (Result<Bootstrap, String>, u32) {
        let Some(service) = Service::of(url) else { return (Err(format!("{url} is no https URL")), 0) };
        let (mut texts, mut cost) = (Vec::new(), 0);
        for name in FILES {
            cost += 1;
            let path = format!("{}{name}", service.path);
            match timeout(self.timeout, self.get(&service.host, &path, FILE_OCTETS_MAX, now)).await {
                Ok(FetchOutcome::Answered { status: 200, body, cut: false, .. }) => texts.push(body),
                Ok(other) => {
                    let reason = format!("{url}{name}: {}", told(&other));
                    return (Err(reason.chars().take(200).collect()), cost);
                }
                Err(_) => return (Err(format!("{url}{name}: no answer in time")), cost),
            }
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        (Bootstrap::parse(&texts), cost)
    }

    fn too_late(&self, host: &str, now: Timestamp) -> String {
        self.leave_alone(host, now);
        format!("{host}: no answer within {} s", self.timeout.as_secs())
    }

    fn leave_alone(&self, host: &str, now: Timestamp) {
        let until = now.checked_add(SignedDuration::from_secs(LEFT_ALONE_S)).unwrap_or(Timestamp::MAX);
        let mut state = self.state.lock();
        state.left_alone.retain(|_, until| *until > now);
        state.left_alone.insert(host.to_owned(), until);
    }

    fn until(&self, now: Timestamp) -> Timestamp {
        now.checked_add(SignedDuration::from_secs(self.cache_s)).unwrap_or(Timestamp::MAX)
    }
}

/// Host and path of the URL that a redirect names.
fn place(url: &str) -> Option<(String, String)> {
    let Service { host, path } = Service::of(url)?;
    // A service's path ends in a slash; a question's does not.
    let slashed = url.ends_with('/');
    let path = if slashed { path } else { path.trim_end_matches('/').to_owned() };
    Some((host, path))
}
/// What came of a fetch that gave no list.
fn told(outcome: &FetchOutcome) -> String {
    match outcome {
        FetchOutcome::Answered { cut: true, .. } => "too large".to_owned(),
        FetchOutcome::Answered { status, .. } => format!("HTTP status {status}"),
        FetchOutcome::Unreachable { reason } => reason.clone(),
        FetchOutcome::TlsFailed { reason } => format!("TLS: {reason}"),
        FetchOutcome::TimedOut => "no answer in time".to_owned(),
    }
}
