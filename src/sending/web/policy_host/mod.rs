//! The MTA-STS policy host (RFC 8461 §3.3): one file for each case that publishes a policy, over HTTPS.

mod policies;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use parking_lot::Mutex;
use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::sending::history::{Fact, FetchesLost, Lost, PolicyFetched, Recorder};
use crate::sending::identities::Identities;
use crate::sending::persona::Catalogue;
use crate::sending::trial::{CasePhases, Missing, Place, Places, Ration, Rationed, Said};
use crate::shared::evidence::Alert;
use crate::shared::time::Timestamp;
use crate::shared::tls::{accept, alert_of};

use super::Settings;
use super::listen::{http, listen};
use super::neighbour::{Neighbour, Visited};
use policies::{Policies, Served};

use crate::shared::policy::POLICY_PATH;

/// How much of a path or a user agent is noted, in octets.
const NOTED_OCTETS_MAX: usize = 200;

/// How many visits that are no fetch of a policy are noted in a minute: scans, of which further ones mean nothing.
const OTHER_VISITS_PER_MINUTE_MAX: u32 = 20;

/// How many of them from one network.
const OTHER_VISITS_PER_NETWORK_MINUTE_MAX: u32 = 10;

/// The policy host, for every case of the catalogue that publishes a policy.
pub struct PolicyHost {
    identities: Arc<Identities>,
    recorder: Arc<dyn Recorder>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    settings: Settings,
    places: Places,
    rations: Mutex<Rations>,
    policies: Policies,
    neighbour: Option<Neighbour>,
}

/// How many visits are noted.
#[derive(Debug)]
struct Rations {
    /// Of those that may be a sender's fetch of the policy.
    fetches: Ration,
    /// Of all others, which take nothing from those.
    others: Ration,
    said: Said,
}

/// A visit, as far as it is the same for all its requests.
#[derive(Clone)]
struct Visit {
    source: SocketAddr,
    sni: Option<String>,
}

impl PolicyHost {
    /// A policy host that shows the certificates of `identities`.
    pub fn new(
        catalogue: &Catalogue,
        identities: Arc<Identities>,
        recorder: Arc<dyn Recorder>,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        settings: Settings,
        phases: Arc<dyn CasePhases>,
    ) -> Self {
        let policies = Policies::new(catalogue, Arc::clone(&identities), phases);
        let (all, network) =
            (settings.visits_noted_per_minute_max, settings.visits_noted_per_network_minute_max);
        let rations = Mutex::new(Rations {
            fetches: Ration::new(60, all, network),
            others: Ration::new(60, OTHER_VISITS_PER_MINUTE_MAX, OTHER_VISITS_PER_NETWORK_MINUTE_MAX),
            said: Said::default(),
        });
        let places = settings.places();
        Self { identities, recorder, clock, settings, places, rations, policies, neighbour: None }
    }

    /// The same with another host on its sockets.
    pub fn beside(self, neighbour: Neighbour) -> Self {
        Self { neighbour: Some(neighbour), ..self }
    }

    /// Serves until `stop`.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let host = Arc::clone(&self);
        let stopping = stop.clone();
        let serve = move |stream, peer, place| Arc::clone(&host).visit(stream, peer, place, stopping.clone());
        listen(listener, &self.settings, &self.places, stop, serve).await;
    }

    async fn visit(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        place: Place,
        stop: CancellationToken,
    ) {
        let elsewhere = |sni: Option<&str>| {
            let neighbour = self.neighbour.as_ref().filter(|neighbour| sni == Some(&neighbour.name))?;
            Some((neighbour, (neighbour.config)()?))
        };
        // Without a policy there is no certificate to show, and nobody to be shown it but the neighbour's visitors.
        let Some(any) = self.config(None).or_else(|| (self.neighbour.as_ref()?.config)()) else { return };
        let choose = |hello: &crate::shared::evidence::ClientHello| {
            let sni = hello.sni.as_deref();
            elsewhere(sni).map(|(_, config)| config).or_else(|| self.config(sni)).unwrap_or(any)
        };
        let accepted = accept(stream, self.settings.head_timeout_s, choose).await;
        let Some(hello) = accepted.hello else { return };
        if let Some((neighbour, _)) = elsewhere(hello.sni.as_deref()) {
            if let Ok((_, stream)) = accepted.outcome {
                (neighbour.serve)(Visited { stream, peer, place, stop }).await;
            }
            return;
        }
        let visit = Visit { source: peer, sni: hello.sni };
        let stream = match accepted.outcome {
            Ok((_, stream)) => stream,
            Err(failure) => return self.note(&visit, None, failure.alert),
        };
        // A visitor judges our certificate after the handshake is done for us: until the first octet of a
        // request nobody has accepted it, and hyper would not tell an alert from an end.
        let mut stream = BufReader::new(stream);
        let first = tokio::time::timeout(self.head_time(), stream.fill_buf()).await;
        match first {
            Ok(Ok([])) | Err(_) => return self.note(&visit, None, None),
            Ok(Err(error)) => return self.note(&visit, None, alert_of(&error)),
            Ok(Ok(_)) => {}
        }
        let asked = Arc::new(AtomicBool::new(false));
        let service = {
            let (host, visit, asked) = (Arc::clone(&self), visit.clone(), Arc::clone(&asked));
            service_fn(move |request: Request<Incoming>| {
                asked.store(true, Ordering::Relaxed);
                let (response, delay_s) = host.answer(&visit, &request);
                async move {
                    if delay_s > 0 {
                        tokio::time::sleep(Duration::from_secs(u64::from(delay_s))).await;
                    }
                    Ok::<_, Infallible>(response)
                }
            })
        };
        http(stream, &self.settings, stop, service).await;
        if !asked.load(Ordering::Relaxed) {
            self.note(&visit, None, None);
        }
    }

    fn head_time(&self) -> Duration {
        Duration::from_secs(u64::from(self.settings.head_timeout_s))
    }

    fn config(&self, sni: Option<&str>) -> Option<Arc<ServerConfig>> {
        Some(self.identities.choose_policy_host(sni)?.config)
    }

    /// The answer, and how long it takes, in seconds.
    fn answer(&self, visit: &Visit, request: &Request<Incoming>) -> (Response<Full<Bytes>>, u32) {
        let Served { status, body, media_type, location, delay_s } = self.find(visit, request);
        self.note(visit, Some((request, status)), None);
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        // RFC 8461 §3.2: the media type is text/plain.
        headers.insert(CONTENT_TYPE, media_type.parse().expect("a header's value"));
        headers.insert("x-content-type-options", "nosniff".parse().expect("a header's value"));
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, "GET, HEAD".parse().expect("a header's value"));
        }
        if let Some(location) = location.and_then(|location| location.parse().ok()) {
            headers.insert(LOCATION, location);
        }
        (response, delay_s)
    }

    /// The policy by exact look-up of the host that was asked; never a path made from it.
    fn find(&self, visit: &Visit, request: &Request<Incoming>) -> Served {
        let refusal = Served::refusal;
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let Some(host) = host.or_else(|| request.uri().host()) else {
            return refusal(StatusCode::BAD_REQUEST);
        };
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if self.neighbour.as_ref().is_some_and(|neighbour| neighbour.name == host) {
            return refusal(StatusCode::MISDIRECTED_REQUEST);
        }
        if !self.policies.has(&host) {
            return refusal(StatusCode::NOT_FOUND);
        }
        // RFC 9110 §15.5.20: the certificate that was shown is another host's.
        if visit.sni.as_ref().is_some_and(|sni| *sni != host) {
            return refusal(StatusCode::MISDIRECTED_REQUEST);
        }
        match (request.method(), self.policies.at(&host, request.uri().path())) {
            (&Method::GET | &Method::HEAD, Some(served)) => served,
            (_, Some(_)) => refusal(StatusCode::METHOD_NOT_ALLOWED),
            (_, None) => refusal(StatusCode::NOT_FOUND),
        }
    }

    fn note(&self, visit: &Visit, asked: Option<(&Request<Incoming>, StatusCode)>, alert: Option<Alert>) {
        let now = (self.clock)();
        let path = asked.map(|(request, _)| request.uri().path());
        match self.take(visit, path, now) {
            Rationed::Noted => {}
            Rationed::Lost { say } => {
                if let Some(Missing { network, until }) = say {
                    let lost = FetchesLost { network, until, why: Lost::Dropped };
                    self.recorder.note(now, Fact::FetchesLost(lost));
                }
                return;
            }
        }
        let agent = |request: &Request<Incoming>| {
            Some(printable(&String::from_utf8_lossy(request.headers().get(USER_AGENT)?.as_bytes())))
        };
        let fetched = PolicyFetched {
            source: visit.source,
            sni: visit.sni.clone(),
            path: path.map(printable),
            status: asked.map(|(_, status)| status.as_u16()),
            user_agent: asked.and_then(|(request, _)| agent(request)),
            alert,
        };
        self.recorder.note(now, Fact::PolicyFetched(fetched));
    }

    /// Whether a visit is noted. One that cannot be a sender's fetch of the policy, by its SNI or its path, is no loss.
    fn take(&self, visit: &Visit, path: Option<&str>, now: Timestamp) -> Rationed {
        let of_policy_host = visit.sni.as_ref().is_some_and(|sni| self.policies.has(sni));
        let address = visit.source.ip();
        let mut rations = self.rations.lock();
        let Rations { fetches, others, said } = &mut *rations;
        if of_policy_host && path.is_none_or(|path| path == POLICY_PATH) {
            return fetches.take(address, now, said);
        }
        match others.take(address, now, &mut Said::default()) {
            Rationed::Noted => Rationed::Noted,
            Rationed::Lost { .. } => Rationed::Lost { say: None },
        }
    }
}

/// `text` without control characters, cut at 200 octets.
fn printable(text: &str) -> String {
    let mut kept = String::new();
    for character in text.chars().filter(|character| !character.is_control()) {
        if kept.len() + character.len_utf8() > NOTED_OCTETS_MAX {
            break;
        }
        kept.push(character);
    }
    kept
}
