//! The API: what it answers is what its descriptions say, and what internet.nl's clients expect of a batch.

mod batch;
mod described;
mod keys;
mod single;

use std::collections::BTreeMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use mailassay::program::api::{self, Api, ApiKey, Parts, VerdictDocument, Verdicts};
use mailassay::program::providers::{self, Register};
use mailassay::sending::trial::TrialId;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::domain_checks::{World, now};

/// A trial that has ended, and one that runs.
const ENDED: &str = "abcdefghjkmnpqrstvwxyz2345";
const RUNNING: &str = "0123456789abcdefghjkmnpqrs";
pub(crate) const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

struct TwoTrials;

impl Verdicts for TwoTrials {
    fn verdict<'a>(
        &'a self,
        trial: &'a TrialId,
    ) -> Pin<Box<dyn Future<Output = VerdictDocument> + Send + 'a>> {
        let document = match trial.to_string().as_str() {
            ENDED => VerdictDocument::Whole(b"{\"state\": \"settled\"}\n".to_vec()),
            RUNNING => VerdictDocument::NotYet,
            _ => VerdictDocument::Unknown,
        };
        Box::pin(async move { document })
    }
}

/// An API that is served.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) key: ApiKey,
    _stop: DropGuard,
}

/// An API of a world, for those who have no use for it.
pub(crate) fn api_of(world: &World, settings: api::Settings) -> Arc<Api> {
    static DRAWN: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    let draw = || u128::from(DRAWN.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).to_be_bytes();
    let (archive, catalogue) = (Arc::clone(&world.archive), Arc::new(crate::web::catalogue()));
    let register = Arc::new(Register::new(archive, catalogue, providers::Settings::default()));
    Arc::new(Api::new(Parts {
        settings: api::Settings { site_url: "https://test.example.org".to_owned(), ..settings },
        archive: Arc::clone(&world.archive),
        domains: Arc::clone(&world.domains),
        verdicts: Arc::new(TwoTrials),
        providers: Some(register),
        clock: Arc::new(now),
        draw: Box::new(draw),
    }))
}

/// Serves the API of a world, whose worker runs, and gives `isp` a key for so many domains a day.
pub(crate) async fn serve(world: &World, settings: api::Settings, day_max: u32) -> Served {
    let api = api_of(world, settings);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let routes: axum::Router = api::routes(&api);
    let routes = routes.layer(axum::Extension(api::Client(HERE)));
    tokio::spawn(Arc::clone(&api).run(stop.clone()));
    let stopping = stop.clone();
    tokio::spawn(async move {
        stopping.run_until_cancelled(async { axum::serve(listener, routes).await }).await;
    });
    let key = ApiKey::new([7; 20]);
    world.archive.add_api_key("isp", &key.digest(), day_max, now()).await.unwrap();
    Served { address, key, _stop: stop.drop_guard() }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Served {
    /// Asks as anybody may.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        self.ask_with(method, path, "", body).await
    }

    /// Asks as `isp`.
    pub(crate) async fn ask_as_user(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let authorization = format!("Authorization: Bearer {}\r\n", self.key.secret());
        self.ask_with(method, path, &authorization, body).await
    }

    pub(crate) async fn ask_with(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: Option<&str>,
    ) -> Answer {
        let kind = match body {
            Some(_) if !headers.contains("Content-Type") => "Content-Type: application/json\r\n",
            _ => "",
        };
        let body = body.unwrap_or_default();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: test.example.org\r\n{headers}{kind}Content-Length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let answer = Answer { status, headers, text: text.to_owned() };
        described::is_as_described(method, path, &answer);
        answer
    }
}
